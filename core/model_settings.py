"""Which model has which role, and how it is reached."""

import re
from functools import cached_property
from typing import ClassVar, Self

from pydantic import (
    AliasChoices,
    AliasGenerator,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

OFFLINE = "offline"


def _of_role(*roles: str) -> AliasGenerator:
    """Name a model's settings after its role; what is not set is as it is for the next role.

    Address and key of all roles may be set together.
    """

    def name(field: str) -> AliasChoices:
        common = ("OPENAI",) if field in {"base_url", "api_key"} else ()
        return AliasChoices(*(f"{role}_{field.upper()}" for role in (*roles, *common)))

    return AliasGenerator(validation_alias=name)


class ModelSettings(BaseSettings):
    """Which model answers in the chat, and within which bounds. Other roles have such a group."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        alias_generator=_of_role("CHAT"),
    )
    role: ClassVar[str] = "CHAT"
    default: ClassVar[str] = "openai:gpt-4.1-mini"

    model: str = Field(
        "",
        description="`openai:NAME` for any OpenAI-compatible server, or `offline`. "
        "Empty: `openai:gpt-4.1-mini` when a key or base URL is set, else `offline`.",
    )
    base_url: str | None = Field(None, description="Where the OpenAI-compatible server answers.")
    api_key: SecretStr | None = Field(None, description="Its key.")
    temperature: float = Field(0.7, ge=0, le=2)
    timeout_seconds: float = Field(
        60, gt=0, description="Longest silence of the model before the call is given up."
    )
    max_retries: int = Field(2, ge=0)

    @field_validator("model")
    @classmethod
    def _check_provider(cls, model: str) -> str:
        if model in ("", OFFLINE) or re.fullmatch(r"openai:.+", model):
            return model
        raise ValueError(f"use `openai:NAME` for any OpenAI-compatible server, or `{OFFLINE}`")

    @model_validator(mode="after")
    def _check_reachable(self) -> Self:
        if self.spec != OFFLINE and not self.api_key and not self.base_url:
            raise ValueError(
                f"{self.role}_MODEL is {self.model}, which needs {self.role}_API_KEY (or "
                f"OPENAI_API_KEY), or {self.role}_BASE_URL for a server that takes no key"
            )
        return self

    @cached_property
    def spec(self) -> str:
        """Return `provider:name`, or `offline` when nothing else is configured."""
        if self.model:
            return self.model
        return self.default if self.api_key or self.base_url else OFFLINE


class PlanModelSettings(ModelSettings):
    """Which model writes plans; what is not set is as in the chat."""

    model_config = SettingsConfigDict(alias_generator=_of_role("PLAN", "CHAT"))
    role: ClassVar[str] = "PLAN"


class TrendsModelSettings(ModelSettings):
    """Which model knows what is talked about; it has to search the web, so none is by default."""

    model_config = SettingsConfigDict(alias_generator=_of_role("TRENDS"))
    role: ClassVar[str] = "TRENDS"
    default: ClassVar[str] = OFFLINE
