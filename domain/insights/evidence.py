"""What detectors look at: everything that is known of a creator, read once."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.analytics.growth import Period
from domain.analytics.metrics import MEANINGS
from domain.analytics.posts import Post, list_posts, settled
from domain.analytics.trends import weekly_changes, weekly_totals
from domain.insights.rules import MEMORY_DAYS, is_told
from domain.milestones import track_goals
from domain.progress import Progress
from storage.goals import list_goals, list_milestones
from storage.insights import AccountDays, list_account_days, list_told
from storage.metrics import Coverage, list_coverage
from storage.models import GoalMilestone, GoalStatus, Metric

# Likes, comments and the like are parts of engagement, and posts are the creator's own doing.
WATCHED = (
    Metric.FOLLOWERS,
    Metric.ENGAGEMENT,
    Metric.VIEWS,
    Metric.REACH,
    Metric.WATCH_TIME_MINUTES,
    Metric.STREAMS,
    Metric.LISTENERS,
)
HISTORY_DAYS = 53 * 7
# Numbers that stop earlier than this say nothing about now.
MAX_AGE_DAYS = 7
FOLLOWED = (GoalStatus.ACTIVE, GoalStatus.REACHED)


@dataclass(frozen=True, kw_only=True)
class AccountSeries:
    """An account's values of a metric on the days that are known to their end."""

    platform: str
    account: str
    metric: Metric
    values: Mapping[dt.date, int]

    @property
    def is_level(self) -> bool:
        """Tell whether it is a level, of which only changes can be examined."""
        return MEANINGS[self.metric].is_stock

    @cached_property
    def weeks(self) -> Mapping[dt.date, int]:
        """Return the weeks by their last day: totals, or the changes of a level."""
        return weekly_changes(self.values) if self.is_level else weekly_totals(self.values)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known on the morning of `today`.

    `posts` are settled, and those of the last year. `goals` are the active and the reached ones.
    `told` is when each finding was told last.
    """

    today: dt.date
    series: Sequence[AccountSeries] = ()
    posts: Sequence[Post] = ()
    goals: Sequence[Progress] = ()
    milestones: Mapping[UUID, Sequence[GoalMilestone]] = field(default_factory=dict)
    accounts: Sequence[Coverage] = ()
    told: Mapping[str, dt.date] = field(default_factory=dict)

    def is_told(self, findings: Iterable[str]) -> bool:
        """Tell whether one of these, which all hold, has been told lately."""
        return any(is_told(finding, self.told, self.today) for finding in findings)

    @cached_property
    def current(self) -> Sequence[AccountSeries]:
        """Return the series that reach up to now."""
        oldest = self.today - dt.timedelta(days=MAX_AGE_DAYS)
        return [each for each in self.series if each.values and max(each.values) >= oldest]


async def read_evidence(session: AsyncSession, *, today: dt.date, timezone: str) -> Evidence:
    """Read it all, and record what goals have reached by now."""
    since = today - dt.timedelta(days=HISTORY_DAYS)
    accounts = await list_account_days(session, WATCHED, since, today)
    posts = await list_posts(session, Period(start=since, end=today), timezone)
    goals = [goal for goal in await list_goals(session, is_locked=True) if goal.status in FOLLOWED]
    tracked = await track_goals(session, today, goals)
    return Evidence(
        today=today,
        series=[series for account in accounts for series in _series_of(account)],
        posts=settled(posts, today),
        goals=tracked,
        milestones=await list_milestones(session, [goal.id for goal in goals]) if goals else {},
        accounts=await list_coverage(session),
        told=await list_told(session, today - dt.timedelta(days=MEMORY_DAYS)),
    )


def _series_of(account: AccountDays) -> Iterator[AccountSeries]:
    """Yield the series of the metrics of which anything is known."""
    for metric, values in account.values.items():
        known = {
            date: value
            for date, value in zip(account.dates, values, strict=True)
            if value is not None
        }
        if known:
            yield AccountSeries(
                platform=account.platform, account=account.account, metric=metric, values=known
            )
