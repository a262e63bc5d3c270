"""Questions worth asking now, each for a reason that is in the creator's own data.

Nothing is asked of which nothing is known, and the same data on the same day give the same
questions. What is asked about has to be known; whether it is significant is for the answer to say.
"""

import datetime as dt
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from domain.analytics.best_times import MIN_POSTS, posts_by_cell
from domain.analytics.comparison import Comparison, period_before
from domain.analytics.content import MIN_POSTS_OF_FORM
from domain.analytics.growth import Period
from domain.analytics.metrics import MEANINGS
from domain.analytics.overview import Overview, report_overview
from domain.analytics.periods import DEFAULT_DAYS, past_or_recent_period
from domain.analytics.posts import Post, list_posts, settled
from domain.analytics.series import platform_name
from storage.models import Goal, Metric

AgentName = Literal["career", "content_strategist", "goal_tracker", "planner"]
Reason = Literal[
    "goal", "change", "growth", "outlook", "top_post", "best_form", "best_time", "plan"
]

MAX_SUGGESTIONS = 6
MAX_OF_A_REASON = 2
# A smaller change over four weeks is no news.
LEAST_CHANGE_PERCENT = 10.0
# How far forms and times are looked for, and how much is needed to look ahead.
CONTENT_DAYS = 180
OUTLOOK_DAYS = 90
CHANGING = (Metric.FOLLOWERS, Metric.VIEWS, Metric.ENGAGEMENT)


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A question, the agent it is for, and what of the data is the reason for it."""

    question: str
    agent: AgentName
    reason: Reason
    metric: Metric | None = None
    platform: str | None = None
    start: dt.date
    end: dt.date


async def suggest_questions(
    session: AsyncSession, goals: Sequence[Goal], *, today: dt.date, timezone: str
) -> list[Suggestion]:
    """Return at most six questions, the most pressing first; `goals` are the active ones."""
    found = await list_questions(session, goals, today=today, timezone=timezone)
    return found[:MAX_SUGGESTIONS]


async def list_questions(
    session: AsyncSession,
    goals: Sequence[Goal],
    *,
    today: dt.date,
    timezone: str,
    period: Period | None = None,
    platform: str | None = None,
) -> list[Suggestion]:
    """Return all questions that have an answer, the most pressing first.

    They are about the last four weeks or the period, and about the platform if there is one.
    """
    recent = past_or_recent_period(None, None, today=today)
    period = period or recent
    overview = await report_overview(session, CHANGING, period, period_before(period))
    span = Period(start=today - dt.timedelta(days=CONTENT_DAYS), end=recent.end)
    read = Period(start=min(span.start, period.start), end=recent.end)
    posts = [
        post
        for post in settled(await list_posts(session, read, timezone), today)
        if platform in (None, post.row.platform)
    ]
    sources = [
        _about_goals([goal for goal in goals if platform in (None, goal.platform)], today),
        _about_changes(overview, period, platform),
        _about_posts(posts, period, span),
        _about_growth(overview, period, recent, platform),
    ]
    # One of each kind first, so that no kind takes all the room.
    found: list[Suggestion] = []
    while more := [each for source in sources for each in islice(source, 1)]:
        found += more
    return found


def _about_goals(goals: Sequence[Goal], today: dt.date) -> Iterator[Suggestion]:
    """Yield the active goals that are due first."""
    by_due = sorted(goals, key=lambda goal: (goal.due_date or dt.date.max, goal.created_at))
    for goal in by_due[:MAX_OF_A_REASON]:
        yield Suggestion(
            question=f"Am I on track for my goal “{goal.title}”?",
            agent="goal_tracker",
            reason="goal",
            metric=Metric(goal.metric),
            platform=goal.platform,
            start=goal.start_date,
            end=today,
        )


def _about_changes(
    overview: Overview, period: Period, platform: str | None
) -> Iterator[Suggestion]:
    """Yield what changed most, in percent, against the equally long period before."""
    changes = [
        (found.metric, part)
        for found in overview.metrics
        if found.comparison
        for part in found.comparison.comparisons
        if part.place.account is None and part.place.platform and _is_news(part)
        if platform in (None, part.place.platform)
    ]
    changes.sort(key=lambda change: (-abs(change[1].percent or 0), str(change[1].place), change[0]))
    for metric, part in changes[:MAX_OF_A_REASON]:
        what = "follower growth" if MEANINGS[metric].is_stock else MEANINGS[metric].label
        yield Suggestion(
            question=f"How did my {what} on {platform_name(part.place.platform)} "
            f"{_during(period)} compare with the {period.days} days before?",
            agent="career",
            reason="change",
            metric=metric,
            platform=part.place.platform,
            start=period.start,
            end=period.end,
        )


def _is_news(part: Comparison) -> bool:
    # A percentage of a handful is large by chance.
    counts = (abs(part.now.value or 0), abs(part.before.value or 0))
    is_large = part.percent is not None and abs(part.percent) >= LEAST_CHANGE_PERCENT
    return is_large and max(counts) >= 1 / (LEAST_CHANGE_PERCENT / 100)


def _about_growth(
    overview: Overview, period: Period, recent: Period, platform: str | None
) -> Iterator[Suggestion]:
    """Yield who grew fastest where several grew, and where the largest platform is heading."""
    followers = overview.metrics[0]
    growth = followers.growth.platforms if followers.growth else []
    if sum(part.percent is not None for part in growth) > 1:
        yield Suggestion(
            question=f"Which platform grew fastest {_during(period)}?",
            agent="career",
            reason="growth",
            metric=Metric.FOLLOWERS,
            start=period.start,
            end=period.end,
        )
    known = [part for part in growth if part.end is not None and platform in (None, part.platform)]
    for part in sorted(known, key=lambda part: (-(part.end or 0), str(part.platform))):
        spans = [
            each.known[Metric.FOLLOWERS]
            for each in overview.accounts
            if each.platform == part.platform and Metric.FOLLOWERS in each.known
        ]
        first, last = min(start for start, _ in spans), max(end for _, end in spans)
        if last >= recent.start and (recent.end - first).days >= OUTLOOK_DAYS:
            yield Suggestion(
                question=f"How many followers will I have on {platform_name(part.platform)} in "
                f"{OUTLOOK_DAYS} days?",
                agent="career",
                reason="outlook",
                metric=Metric.FOLLOWERS,
                platform=part.platform,
                start=first,
                end=recent.end,
            )
            return


def _about_posts(posts: Sequence[Post], period: Period, span: Period) -> Iterator[Suggestion]:
    """Yield what there are enough posts for, about the platform with the most of them."""
    rated = [post for post in posts if post.engagement is not None]
    known = [post for post in rated if post.date >= span.start]
    if not known:
        return
    counts = Counter(post.row.platform for post in known)
    platform = min(counts, key=lambda name: (-counts[name], name))
    own = [post for post in known if post.row.platform == platform]
    name = platform_name(platform)
    forms = Counter(post.form[1] for post in own)
    questions: list[tuple[bool, str, AgentName, Reason, Period]] = [
        (
            sum(period.start <= post.date <= period.end for post in rated) > 1,
            f"Which of my posts {_during(period)} did best?",
            "content_strategist",
            "top_post",
            period,
        ),
        (
            sum(count >= MIN_POSTS_OF_FORM for count in forms.values()) > 1,
            f"Which kind of post works best on {name}?",
            "content_strategist",
            "best_form",
            span,
        ),
        (
            sum(len(cell) >= MIN_POSTS for cell in posts_by_cell(own).values()) > 1,
            f"When should I post on {name}?",
            "content_strategist",
            "best_time",
            span,
        ),
        (
            len(own) >= DEFAULT_DAYS // 7,
            f"What should I post next week on {name}?",
            "planner",
            "plan",
            span,
        ),
    ]
    for is_known, question, agent, reason, days in questions:
        if is_known:
            yield Suggestion(
                question=question,
                agent=agent,
                reason=reason,
                platform=None if reason == "top_post" else platform,
                start=days.start,
                end=days.end,
            )


def _during(period: Period) -> str:
    """Return the period as "from 3 March to 30 March 2026", a whole month as "in March 2026"."""
    first, last = period.start, period.end
    _, days = monthrange(first.year, first.month)
    if (first.day, last) == (1, first.replace(day=days)):
        return f"in {first:%B} {first.year}"
    year = f" {first.year}" if first.year != last.year else ""
    return f"from {first.day} {first:%B}{year} to {last.day} {last:%B} {last.year}"
