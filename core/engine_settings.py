"""Which jobs are done by outside engines, and how these are reached."""

import base64
import datetime as dt
import re
from enum import StrEnum
from functools import cached_property
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET_PREFIX = "whsec_"  # noqa: S105  # no secret itself
KEY_BYTES = range(24, 65)


class Engine(StrEnum):
    """Who does the jobs of a kind; `docs/engines` tells how."""

    WORKER = "worker"
    WEBHOOK = "webhook"
    QSTASH = "qstash"


class EngineSettings(BaseSettings):
    """Outside engines; field names are the environment variables in lower case."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    job_engines: str = Field(
        "", description="Kinds of jobs that an outside engine does: `content_calendar=webhook`."
    )
    engine_silence_minutes: float = Field(
        30, gt=0, description="How long an engine may say nothing about a job that it has."
    )
    webhook_engine_url: str | None = Field(
        None, pattern="^https?://", description="Where jobs are sent; `{kind}` stands for theirs."
    )
    webhook_signing_secret: SecretStr | None = Field(
        None, description="`whsec_…`, which signs both ways; several, separated by commas."
    )
    webhook_secret: SecretStr | None = Field(
        None, description="What is sent as X-Webhook-Secret, for engines that check no signature."
    )
    callback_secret: SecretStr | None = Field(
        None, min_length=16, description="What such an engine sends back as X-Callback-Secret."
    )
    qstash_url: str = Field(
        "https://qstash.upstash.io", pattern="^https?://", description="Where QStash answers."
    )
    qstash_token: SecretStr | None = Field(None, description="What messages are published with.")
    qstash_current_signing_key: SecretStr | None = Field(
        None, description="What QStash signs its deliveries with."
    )
    qstash_next_signing_key: SecretStr | None = Field(
        None, description="What it signs with after the next rotation."
    )

    @field_validator("job_engines")
    @classmethod
    def _check_engines(cls, text: str) -> str:
        _parse_engines(text)
        return text

    @field_validator("webhook_signing_secret")
    @classmethod
    def _check_secrets(cls, secrets: SecretStr | None) -> SecretStr | None:
        _read_keys(secrets)
        return secrets

    @field_validator("webhook_secret", "callback_secret", "qstash_token")
    @classmethod
    def _check_header(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and not re.fullmatch("[!-~]+( +[!-~]+)*", secret.get_secret_value()):
            raise ValueError("use letters, digits and signs of ASCII: it is sent as a header")
        return secret

    @model_validator(mode="after")
    def _refuse_engines_that_cannot_work(self) -> Self:
        engines = set(self.by_kind.values())
        if Engine.WEBHOOK in engines:
            self._require("webhook", "webhook_engine_url")
            if not self.webhook_signing_secret:
                for name in ("webhook_secret", "callback_secret"):
                    self._require("webhook without WEBHOOK_SIGNING_SECRET", name)
        if Engine.QSTASH in engines:
            for name in ("token", "current_signing_key", "next_signing_key"):
                self._require("qstash", f"qstash_{name}")
        return self

    @cached_property
    def by_kind(self) -> dict[str, Engine]:
        """The kinds of jobs that have an engine named."""
        return _parse_engines(self.job_engines)

    @property
    def silence(self) -> dt.timedelta:
        """How long an engine may say nothing."""
        return dt.timedelta(minutes=self.engine_silence_minutes)

    @cached_property
    def signing_keys(self) -> list[bytes]:
        """The keys that sign and verify, the newest first."""
        return _read_keys(self.webhook_signing_secret)

    @property
    def qstash_keys(self) -> list[str]:
        """The keys of QStash, the current one first."""
        keys = (self.qstash_current_signing_key, self.qstash_next_signing_key)
        return [key.get_secret_value() for key in keys if key]

    def _require(self, what: str, name: str) -> None:
        if not getattr(self, name):
            raise ValueError(f"JOB_ENGINES names {what}, which needs {name.upper()}")


def _parse_engines(text: str) -> dict[str, Engine]:
    """Return the engines of `content_calendar=webhook,onboarding=qstash`, by kind."""
    engines = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        kind, _, engine = (each.strip() for each in part.partition("="))
        if not re.fullmatch("[a-z_]+", kind) or engine not in set(Engine):
            raise ValueError(
                f"use kinds of jobs and {', '.join(Engine)}, as in `content_calendar=webhook`"
            )
        engines[kind] = Engine(engine)
    return engines


def read_key(secret: str) -> bytes:
    """Return the key behind `whsec_…` (Standard Webhooks 1.0.0). Raises ValueError."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith(SECRET_PREFIX) or len(key) not in KEY_BYTES:
        raise ValueError("use `whsec_` and the base64 of 24 to 64 random bytes")
    return key


def _read_keys(secrets: SecretStr | None) -> list[bytes]:
    given = secrets.get_secret_value().split(",") if secrets else []
    return [read_key(each.strip()) for each in given if each.strip()]
