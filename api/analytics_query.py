"""What all analytics routes take: the days, the accounts, and what to compare with."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Query

from api.deps import CurrentUserDep, SuiteDep
from core.clock import local_date
from domain.analytics.comparison import period_before
from domain.analytics.growth import Period
from domain.analytics.periods import past_or_recent_period
from storage.models import Platform

START = "First day, as the platforms count days. Default: 27 days before `end`."
END = "Last day, included; a coming one means today. Default: yesterday in your time zone."
COMPARE = "`previous_period` adds the equally long period that ends right before `start`."


@dataclass(frozen=True, kw_only=True)
class AnalyticsQuery:
    """What was asked for; `today` and `timezone` are the creator's."""

    period: Period
    before: Period | None
    platform: Platform | None
    account: str | None
    today: dt.date
    timezone: str


def get_query(
    user: CurrentUserDep,
    suite: SuiteDep,
    start: Annotated[dt.date | None, Query(description=START, examples=["2026-03-01"])] = None,
    end: Annotated[dt.date | None, Query(description=END, examples=["2026-03-31"])] = None,
    platform: Annotated[Platform | None, Query(description="Only this platform.")] = None,
    account: Annotated[
        str | None, Query(max_length=200, description="Only the account of this name.")
    ] = None,
    compare: Annotated[Literal["previous_period"] | None, Query(description=COMPARE)] = None,
) -> AnalyticsQuery:
    """Return what was asked for; raises InvalidPeriodError."""
    today = local_date(suite.clock(), user.timezone)
    period = past_or_recent_period(start, end, today=today)
    return AnalyticsQuery(
        period=period,
        before=period_before(period) if compare else None,
        platform=platform,
        account=account,
        today=today,
        timezone=user.timezone,
    )


AnalyticsQueryDep = Annotated[AnalyticsQuery, Depends(get_query)]
