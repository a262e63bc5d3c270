"""What a plan rests on, read from the creator's posts, goals and numbers."""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain.analytics.growth import (
    Growth,
    Measurement,
    Period,
    Report,
    report_growth,
    report_metric,
)
from domain.analytics.posts import Post, list_posts, settled
from domain.goals import goal_title
from domain.milestones import record_milestones
from domain.plans.evidence import (
    Evidence,
    GoalEvidence,
    MetricEvidence,
    OfferedTime,
)
from domain.plans.inputs import PlanInput
from domain.plans.texts import without_references
from domain.plans.times import TimeChoice, choose_times
from domain.progress import Progress
from storage.models import Metric, Platform
from tools.content_figures import Scope
from tools.figures import PLATFORM_NAMES, growth_figures, measurement_figures
from tools.goal_figures import progress_figures
from tools.plan_posts import (
    KeptFigures,
    form_evidence,
    list_top_posts,
    offered_times,
    topic_evidence,
)

HISTORY_DAYS = 365
RECENT_DAYS = 91
MONTH_DAYS = 28
MAX_GOALS = 5
WATCHED = (Metric.VIEWS, Metric.ENGAGEMENT, Metric.STREAMS)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is read of a creator, before anything is concluded from it."""

    today: dt.date
    timezone: str
    locale: str
    brand: Mapping[str, Any] = field(default_factory=dict)
    posts: Sequence[Post] = ()
    goals: Sequence[Progress] = ()
    growth: Report[Growth] = field(default_factory=Report)
    measured: Mapping[Metric, Report[Measurement]] = field(default_factory=dict)

    @property
    def month(self) -> Period:
        """The last four weeks, without today."""
        return _month(self.today)


async def read_facts(
    session: AsyncSession,
    *,
    today: dt.date,
    timezone: str,
    locale: str,
    brand: Mapping[str, Any] | None,
) -> Facts:
    """Read the creator's last year; milestones that were reached are recorded."""
    history = Period(start=today - dt.timedelta(days=HISTORY_DAYS - 1), end=today)
    month = _month(today)
    return Facts(
        today=today,
        timezone=timezone,
        locale=locale,
        brand=brand or {},
        posts=await list_posts(session, history, timezone),
        goals=await record_milestones(session, today),
        growth=await report_growth(session, month),
        measured={metric: await report_metric(session, metric, month) for metric in WATCHED},
    )


def _month(today: dt.date) -> Period:
    return Period(start=today - dt.timedelta(days=MONTH_DAYS), end=today - dt.timedelta(days=1))


async def conclude(facts: Facts, asked: PlanInput) -> Evidence:
    """Return the evidence for a plan; it takes a moment, so a thread does it."""
    return await asyncio.to_thread(build_evidence, facts, asked)


def build_evidence(facts: Facts, asked: PlanInput) -> Evidence:
    """Return the evidence for a plan on the asked platforms."""
    posts = [
        post for post in settled(facts.posts, facts.today) if post.row.platform in asked.platforms
    ]
    kept = KeptFigures()
    scope = Scope(
        book=kept.scratch,
        start=posts[0].date if posts else facts.today,
        end=posts[-1].date if posts else facts.today,
        platform=None,
        account=None,
    )
    notes: list[str] = []
    times: list[OfferedTime] = []
    for platform in asked.platforms:
        own = [post for post in posts if post.row.platform == platform]
        offered = choose_times(own, platform, asked.posts_per_week)
        times += offered_times(kept, scope, platform, offered)
        notes += _note_missing(platform, own, offered)
    topics = topic_evidence(kept, scope, posts)
    recent = facts.today - dt.timedelta(days=RECENT_DAYS)
    counts = Counter(Platform(post.row.platform) for post in posts if post.date > recent)
    return Evidence(
        today=facts.today,
        timezone=facts.timezone,
        locale=facts.locale,
        brand=dict(facts.brand),
        rhythm={each: 7 * count / RECENT_DAYS for each, count in counts.items()},
        times=times,
        forms=form_evidence(kept, scope, posts),
        topics=topics,
        top_posts=list_top_posts(kept, posts, topics, facts.today),
        goals=_goals(kept, facts),
        metrics=_metrics(kept, facts, asked.platforms),
        notes=notes,
        figures=kept.figures,
    )


def _note_missing(
    platform: Platform, posts: Sequence[Post], offered: Sequence[TimeChoice]
) -> list[str]:
    name = PLATFORM_NAMES[platform]
    if not posts:
        return [f"{name}: no posts are stored, so nothing on {name} rests on figures."]
    if all(choice.basis != "cell" for choice in offered):
        return [f"{name}: no weekday and hour has enough posts yet, so its times are trials."]
    return []


def _goals(kept: KeptFigures, facts: Facts) -> list[GoalEvidence]:
    goals = []
    for progress in facts.goals[:MAX_GOALS]:
        goal = progress.goal
        platform = Platform(goal.platform) if goal.platform else None
        usual = goal_title(Metric(goal.metric), goal.target_value, platform)
        figures = {
            figure.label.partition(" of “")[0]: kept.keep(figure)
            for figure in progress_figures(kept.scratch, progress, facts.today)
            if figure.value is not None
        }
        goals.append(
            GoalEvidence(
                title=without_references(goal.title).strip() or usual,
                metric=goal.metric,
                platform=platform,
                due=goal.due_date,
                is_on_track=progress.is_on_track,
                current=figures.get("current value"),
                left=figures.get("left to go"),
                pace=figures.get("recent pace per day"),
                needed=figures.get("needed pace per day"),
            )
        )
    return goals


def _metrics(
    kept: KeptFigures, facts: Facts, platforms: Sequence[Platform]
) -> list[MetricEvidence]:
    found = []
    for growth in facts.growth.platforms:
        if growth.platform and growth.platform in platforms and growth.change is not None:
            own = growth_figures(kept.scratch, Report(platforms=[growth]), facts.month)
            change, level = own[0], own[-1]
            found.append(
                MetricEvidence(
                    metric=Metric.FOLLOWERS,
                    platform=Platform(growth.platform),
                    figure=kept.keep(level),
                    change=kept.keep(change),
                )
            )
    for metric, report in facts.measured.items():
        for part in report.platforms:
            if part.platform and part.platform in platforms and part.value is not None:
                [figure] = measurement_figures(kept.scratch, metric, Report(platforms=[part]))
                platform = Platform(part.platform)
                found.append(
                    MetricEvidence(metric=metric, platform=platform, figure=kept.keep(figure))
                )
    return found
