"""Every setting, read once from the environment and an optional `.env` file.

Docs: the table in README.md; `tests/unit/test_settings.py` keeps the two in step.
"""

import re
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from core.engine_settings import Engine, EngineSettings
from core.logging import LogFormat
from core.model_settings import ModelSettings, PlanModelSettings, TrendsModelSettings

# Requests per minute: of one address in all, and of one user by what they ask for.
ADDRESS_CLASS = "address"
RATE_LIMITS = {
    ADDRESS_CLASS: 3000,
    "reads": 600,
    "writes": 120,
    "questions": 30,
    "imports": 20,
}


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class InvalidSettingsError(Exception):
    """A setting has no usable value; the message names it and never shows the value."""


class Settings(BaseSettings):
    """The suite's settings; field names are the environment variables in lower case."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    workers: int = Field(
        1, ge=1, description="Processes that serve, each with pool, metrics and jobs of its own."
    )
    data_dir: Path = Field(
        Path(".data"), description="Folder of the embedded PostgreSQL server's data."
    )
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL to use instead of the embedded server (15 or newer)."
    )
    migration_database_url: SecretStr | None = Field(
        None, description="The same database as the role that owns the tables; for migrations."
    )
    database_pool_size: int = Field(10, ge=1, description="Database connections per process.")
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        ("localhost", "127.0.0.1", "[::1]"),
        description="Host headers that are answered, separated by commas.",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Reverse proxies whose X-Forwarded-For and -Proto headers are believed: "
        "addresses or networks, separated by commas, or `*` for all.",
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Other origins whose pages may call with a bearer token, such as "
        "https://app.example.com, separated by commas.",
    )
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^/?#@\s]+$",
        description="Where people reach the suite, such as https://suite.example.com; links in "
        "mails begin with it, and engines call back there. Unset: HOST and PORT.",
    )
    mail_url: SecretStr | None = Field(
        None,
        description="Mail server, as `smtps://user:password@host:465` or "
        "`smtp://user:password@host:587`; or `files`. Unset: files, with the embedded database.",
    )
    mail_from: str = Field(
        "Dream Suite <suite@localhost>",
        pattern=r"^([^<>@\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$",
        description="Whom mails come from.",
    )
    mail_timeout_seconds: float = Field(
        30, gt=0, description="Longest time that the mail server may take for one mail."
    )
    cookie_secure: bool | None = Field(
        None, description="Send the session cookie over HTTPS only. Unset: unless on loopback."
    )
    session_days: int = Field(30, ge=1, description="Days until a sign-in expires.")
    login_attempts: int = Field(
        10,
        ge=1,
        description="Wrong passwords per address and e-mail in five minutes; "
        "per address, ten times as many, and as many new accounts.",
    )
    rate_limits: str = Field(
        "",
        description="`on`, `off`, or requests per minute by class, separated by commas: "
        "`questions=60,reads=1000`; other classes keep theirs. Unset: on, unless on loopback.",
    )
    rate_limit_url: SecretStr | None = Field(
        None, description="Redis in which replicas count requests together. Unset: in memory."
    )
    max_body_bytes: int = Field(1_000_000, ge=1, description="Largest request body.")
    max_import_bytes: int = Field(32_000_000, ge=1, description="Largest import file.")
    run_timeout_seconds: float = Field(300, gt=0, description="Longest time one answer may take.")
    stop_seconds: float = Field(
        20, ge=0, description="How long running answers may go on when the server is told to stop."
    )
    lease_seconds: float = Field(
        20, gt=0, description="How long a server is silent before others end its answers."
    )
    run_jobs: bool = Field(
        True,
        description="Whether the server also does background jobs; else run `python -m jobs`.",
    )
    job_concurrency: int = Field(4, ge=1, description="Jobs that a worker does at once.")
    job_stall_seconds: float = Field(
        60,
        gt=0,
        description="How long a worker may give no sign of life before others do its jobs.",
    )
    insights_schedule: bool = Field(
        True, description="Whether workers make each creator's insights every morning."
    )
    insights_hour: int = Field(
        6, ge=0, le=23, description="From which hour on, by the creator's own clocks."
    )
    cron_secret: SecretStr | None = Field(
        None, min_length=16, description="What `/api/cron` asks of an outside scheduler."
    )
    run_model_calls: int = Field(8, ge=1, description="Model calls per answer.")
    run_tool_calls: int = Field(12, ge=1, description="Tool calls per answer.")
    tool_timeout_seconds: float = Field(
        30,
        gt=0,
        description="Longest time one tool call may take, waiting for the database included.",
    )
    grounding: Literal["check", "strict"] = Field(
        "check",
        description="`check` marks numbers without a source; `strict` holds back each sentence "
        "until its numbers are checked, and leaves out those without a source.",
    )
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    log_format: LogFormat = Field("text", description="`text` for people, `json` for machines.")
    metrics_token: SecretStr | None = Field(
        None, description="What `GET /metrics` asks of everybody but loopback."
    )
    otel_exporter_otlp_endpoint: str | None = Field(
        None,
        pattern="^https?://",
        description="OTLP/HTTP collector that traces are sent to; needs the extra `otel`.",
    )
    drain_seconds: float = Field(
        0,
        ge=0,
        description="How long to go on serving after SIGTERM, while /readyz answers 503.",
    )
    engines: EngineSettings = Field(default_factory=EngineSettings)
    chat: ModelSettings = Field(default_factory=ModelSettings)
    plan: ModelSettings = Field(default_factory=PlanModelSettings)
    trends: ModelSettings = Field(default_factory=TrendsModelSettings)

    @model_validator(mode="before")
    @classmethod
    def _split_lists(cls, values: dict[str, object]) -> dict[str, object]:
        for name in ("allowed_hosts", "trusted_proxies", "cors_origins"):
            value = values.get(name)
            if isinstance(value, str):
                values[name] = tuple(each.strip() for each in value.split(",") if each.strip())
        return values

    @field_validator("trusted_proxies")
    @classmethod
    def _check_networks(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        if proxies != ("*",):
            try:
                for proxy in proxies:
                    ip_network(proxy)
            except ValueError as error:
                raise ValueError(
                    "use addresses and networks such as 10.0.0.0/8, or `*` alone"
                ) from error
        return proxies

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not re.fullmatch(r"https?://[^/*?#@\s]+", origin):
                raise ValueError("use origins such as https://app.example.com, without a path")
        return origins

    @field_validator("rate_limits")
    @classmethod
    def _check_rate_limits(cls, text: str) -> str:
        if text not in ("", "on", "off"):
            _parse_rate_limits(text)
        return text

    @field_validator("rate_limit_url")
    @classmethod
    def _check_rate_limit_url(cls, url: SecretStr | None) -> SecretStr | None:
        if url and not re.match(r"rediss?://[^/]+:\d+(/|$)", url.get_secret_value()):
            raise ValueError("use an address like redis://:password@host:6379/0")
        return url

    @field_validator("mail_url")
    @classmethod
    def _check_mail_url(cls, url: SecretStr | None) -> SecretStr | None:
        pattern = r"files|smtps?://([^/@\s]+@)?[^/@\s:]+(:\d{1,5})?/?"
        if url and not re.fullmatch(pattern, url.get_secret_value()):
            raise ValueError("use an address like smtps://user:password@host:465, or `files`")
        return url

    @model_validator(mode="after")
    def _check_mail(self) -> Self:
        is_sent = self.mail_url and self.mail_url.get_secret_value() != "files"
        if is_sent and not (self.public_url and {"mail_from"} <= self.model_fields_set):
            raise ValueError("MAIL_URL needs PUBLIC_URL, which links begin with, and MAIL_FROM")
        return self

    @model_validator(mode="after")
    def _refuse_migrations_without_database(self) -> Self:
        if self.migration_database_url and not self.database_url:
            raise ValueError("MIGRATION_DATABASE_URL needs DATABASE_URL as well")
        return self

    @model_validator(mode="after")
    def _refuse_engines_that_cannot_answer(self) -> Self:
        outside = set(self.engines.by_kind.values()) - {Engine.WORKER}
        if outside and not self.public_url:
            raise ValueError("JOB_ENGINES names engines that have to reach PUBLIC_URL")
        return self

    @property
    def is_embedded(self) -> bool:
        """Whether the suite brings its own PostgreSQL server."""
        return self.database_url is None

    @property
    def base_url(self) -> str:
        """Where links lead, without a slash at the end."""
        return self.public_url or self.local_url(self.port)

    def local_url(self, port: int) -> str:
        """Return where a browser on this machine finds the server."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104  # compared
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return _is_loopback(self.host)

    @property
    def has_demo(self) -> bool:
        """Whether the demo creator exists: never where somebody else could sign in as it."""
        return self.is_embedded and self.is_loopback

    @property
    def has_mail(self) -> bool:
        """Whether mails are sent, or written into files."""
        return self.mail_url is not None or self.is_embedded

    @property
    def requests_per_minute(self) -> dict[str, int]:
        """The limits that hold, by class; none where they are off."""
        match self.rate_limits:
            case "off":
                return {}
            case "on":
                return RATE_LIMITS
            case "":
                return {} if self.is_loopback else RATE_LIMITS
            case given:
                return RATE_LIMITS | _parse_rate_limits(given)

    @property
    def is_cookie_secure(self) -> bool:
        """Whether the session cookie is for HTTPS only."""
        return not self.is_loopback if self.cookie_secure is None else self.cookie_secure


def _parse_rate_limits(text: str) -> dict[str, int]:
    """Return requests per minute by class, of `questions=60,reads=1000`."""
    found = {}
    for part in text.split(","):
        name, _, count = (each.strip() for each in part.partition("="))
        if name not in RATE_LIMITS or not re.fullmatch("[1-9][0-9]{0,8}", count):
            raise ValueError(
                f"use `on`, `off`, or numbers for {', '.join(RATE_LIMITS)}, as in `questions=60`"
            )
        found[name] = int(count)
    return found


def _tell(error: Mapping[str, Any]) -> str:
    if error["type"] == "too_short":  # pydantic speaks of the items of a secret
        return f"use {error['ctx']['min_length']} characters or more"
    told: str = error["msg"]
    return told.removeprefix("Value error, ")


def read_settings() -> Settings:
    """Read the settings for a command. Raises `InvalidSettingsError`."""
    try:
        return Settings()
    except ValidationError as error:
        found = [(".".join(map(str, each["loc"])).upper(), _tell(each)) for each in error.errors()]
        raise InvalidSettingsError(
            "; ".join(f"{name}: {message}" if name else message for name, message in found)
        ) from None
    except SettingsError as error:
        raise InvalidSettingsError(str(error)) from None
