"""What a creator asks a plan for, and what cannot be planned."""

import datetime as dt
from abc import abstractmethod
from typing import Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import InvalidError
from domain.analytics.growth import Period
from domain.plans.plan import Day
from storage.connections import list_connections
from storage.models import Platform

MAX_DAYS = 92
MAX_POSTS_PER_WEEK = 21
MAX_WEEKS = 12

ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=500)]
PostsPerWeek = Annotated[int, Field(ge=1, le=MAX_POSTS_PER_WEEK)]
Platforms = Annotated[tuple[Platform, ...], Field(min_length=1, max_length=len(Platform))]


class PlatformNotConnectedError(InvalidError):
    """A plan rests on your own figures: connect the platform first, or leave it out."""

    code = "platform_not_connected"


class PeriodOverError(InvalidError):
    """The first day is over: plan days to come."""

    code = "period_over"


class PlanInput(BaseModel):
    """What every plan needs; a template may ask for more."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    # Whether its platforms have to be connected: a plan for them rests on figures.
    needs_connections: ClassVar[bool] = True

    goal: Text
    platforms: Platforms
    posts_per_week: PostsPerWeek

    @field_validator("platforms")
    @classmethod
    def _once_each(cls, platforms: tuple[Platform, ...]) -> tuple[Platform, ...]:
        return tuple(dict.fromkeys(platforms))

    @field_validator("*", mode="before")
    @classmethod
    def _without_nul(cls, value: Any) -> Any:
        return value.replace("\0", "") if isinstance(value, str) else value

    @property
    @abstractmethod
    def period(self) -> Period:
        """The days that are planned."""

    @property
    def form(self) -> dict[str, Any]:
        """What else was asked for, in the creator's own words."""
        return {}


class ContentCalendarInput(PlanInput):
    """A content calendar: the days from start to end, both included."""

    start: Day
    end: Day

    @field_validator("end")
    @classmethod
    def _after_start(cls, end: dt.date, info: ValidationInfo) -> dt.date:
        start = info.data.get("start")
        if start and end <= start:
            raise ValueError("the end must be after the start")
        if start and (end - start).days >= MAX_DAYS:
            raise ValueError(f"at most {MAX_DAYS} days can be planned at once")
        return end

    @property
    def period(self) -> Period:
        """The days that were asked for."""
        return Period(start=self.start, end=self.end)


class OnboardingInput(PlanInput):
    """The form that a new creator fills in, who may not have connected anything yet."""

    needs_connections = False

    niche: ShortText
    audience: ShortText | None = None
    voice: ShortText | None = None
    challenges: Text | None = None
    hours_per_week: int = Field(ge=1, le=60, description="Time for content, all of it.")
    start: Day
    weeks: int = Field(4, ge=1, le=MAX_WEEKS)

    @property
    def period(self) -> Period:
        """The weeks that were asked for."""
        last = self.start + dt.timedelta(weeks=self.weeks, days=-1)
        return Period(start=self.start, end=last)

    @property
    def form(self) -> dict[str, Any]:
        """What the creator said of themselves."""
        fields = {"niche", "audience", "voice", "challenges", "hours_per_week"}
        return self.model_dump(mode="json", include=fields, exclude_none=True)


async def check_input(session: AsyncSession, asked: PlanInput, today: dt.date) -> None:
    """Raise what the schema cannot tell: PeriodOverError, PlatformNotConnectedError."""
    if asked.period.start < today:
        raise PeriodOverError(
            f"start: {asked.period.start} is over; today is {today}. Plan days to come.",
            field="start",
        )
    if not asked.needs_connections:
        return
    connected = {connection.platform for connection in await list_connections(session)}
    missing = [platform for platform in asked.platforms if platform not in connected]
    if missing:
        names = ", ".join(missing)
        is_one = len(missing) == 1
        told = f"{names} is not connected" if is_one else f"{names} are not connected"
        hint = "Connect it first, or leave it out." if is_one else "Connect or leave them out."
        raise PlatformNotConnectedError(f"platforms: {told}. {hint}", field="platforms")
