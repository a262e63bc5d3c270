"""What a plan rests on, read from the creator's posts, goals and numbers."""

import asyncio
import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain.analytics.content import compare_forms, rank_posts
from domain.analytics.growth import (
    Growth,
    Measurement,
    Period,
    Report,
    report_growth,
    report_metric,
)
from domain.analytics.posts import Post, list_posts, settled
from domain.analytics.topics import find_topics, list_topics
from domain.figures import Figure, FigureBook
from domain.milestones import record_milestones
from domain.plans.evidence import (
    Evidence,
    FormEvidence,
    GoalEvidence,
    MetricEvidence,
    OfferedTime,
    TopicEvidence,
    TopPost,
)
from domain.plans.hashtags import in_words
from domain.plans.inputs import PlanInput
from domain.plans.texts import one_line
from domain.plans.times import TimeChoice, choose_times
from domain.progress import Progress
from storage.models import Metric, Platform
from tools.content_figures import Scope, form_figures, post_figures, slot_figures, topic_figures
from tools.figures import PLATFORM_NAMES, growth_figures, measurement_figures
from tools.goal_figures import progress_figures

HISTORY_DAYS = 365
RECENT_DAYS = 91
MONTH_DAYS = 28
MAX_TOPICS = 16
MAX_TOP_POSTS = 5  # of each platform,
TOP_SHARE = 4  # and of every four posts the best at most
MAX_GOALS = 5
MAX_CAPTION = 140
MAX_WORDS = 600
# Topics belong together that share so many captions, and so many times what chance would give.
MIN_TOGETHER = 3
MIN_LIFT = 1.5
WATCHED = (Metric.VIEWS, Metric.ENGAGEMENT, Metric.STREAMS)
QUOTED_WORDS = 9
QUOTED_LETTERS = 70
_MARKS = re.compile(r"[#@]\w+|https?://\S+")
_SENTENCE = re.compile(r"[^.!?…]+")
_QUOTES = re.compile(r"[“”\"«»{}]")
_WORD = re.compile(r"(?<![\w#@])[^\W\d_]{3,}")


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
    kept = _Kept()
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
        times += _times(kept, _of(scope, platform), platform, offered)
        notes += _note_missing(platform, own, offered)
    topics = _topics(kept, scope, posts)
    recent = facts.today - dt.timedelta(days=RECENT_DAYS)
    counts = Counter(Platform(post.row.platform) for post in posts if post.date > recent)
    return Evidence(
        today=facts.today,
        timezone=facts.timezone,
        locale=facts.locale,
        brand=dict(facts.brand),
        rhythm={each: 7 * count / RECENT_DAYS for each, count in counts.items()},
        times=times,
        forms=_forms(kept, scope, posts),
        topics=topics,
        top_posts=_top_posts(kept, posts, topics, facts.today),
        goals=_goals(kept, facts),
        metrics=_metrics(kept, facts, asked.platforms),
        notes=notes,
        figures=kept.figures,
    )


class _Kept:
    """The figures that a plan may name; what is measured beside them is left in `scratch`."""

    def __init__(self) -> None:
        self.scratch = FigureBook()
        self.figures: list[Figure] = []

    def keep(self, figure: Figure) -> str:
        """Return the id under which the figure is kept."""
        name = f"f{len(self.figures) + 1}"
        self.figures.append(figure.model_copy(update={"id": name}))
        return name


def _of(scope: Scope, platform: Platform) -> Scope:
    return Scope(book=scope.book, start=scope.start, end=scope.end, platform=platform, account=None)


def _times(
    kept: _Kept, scope: Scope, platform: Platform, choices: Sequence[TimeChoice]
) -> list[OfferedTime]:
    """Write down what speaks for each time; an hour of any weekday is one figure for all."""
    slots = dict.fromkeys(choice.slot for choice in choices if choice.slot)
    figures = {slot: [kept.keep(each) for each in slot_figures(scope, slot)] for slot in slots}
    offered = []
    for choice in choices:
        slot = choice.slot
        posts, relative = figures[slot] if slot else (None, None)
        offered.append(
            OfferedTime(
                platform=platform,
                weekday=choice.weekday,
                time=dt.time(choice.hour),
                basis=choice.basis,
                relative=slot.relative if slot else None,
                stands_out=slot.stands_out if slot else False,
                posts_figure=posts,
                figure=relative,
            )
        )
    return offered


def _note_missing(
    platform: Platform, posts: Sequence[Post], offered: Sequence[TimeChoice]
) -> list[str]:
    name = PLATFORM_NAMES[platform]
    if not posts:
        return [f"{name}: no posts are stored, so nothing on {name} rests on figures."]
    if all(choice.basis != "cell" for choice in offered):
        return [f"{name}: no weekday and hour has enough posts yet, so its times are trials."]
    return []


def _forms(kept: _Kept, scope: Scope, posts: Sequence[Post]) -> list[FormEvidence]:
    found = []
    for form in sorted(compare_forms(posts), key=lambda each: not each.stands_out):
        figure = None
        if form.median_engagement is not None:
            own = form_figures(scope, form)
            figure = kept.keep(
                next(each for each in own if each.metric == "form_median_engagement")
            )
        found.append(
            FormEvidence(
                platform=Platform(form.platform),
                form=form.post_type,
                posts=form.posts,
                stands_out=form.stands_out,
                figure=figure,
            )
        )
    return found


def _topics(kept: _Kept, scope: Scope, posts: Sequence[Post]) -> list[TopicEvidence]:
    """Return what did at least as well as usual: what stands out, then hashtags, then words."""
    found = [topic for topic in list_topics(posts) if topic.relative >= 1]
    kinds = sorted(
        found,
        key=lambda topic: (
            not topic.stands_out,
            not topic.name.startswith("#"),
            " " not in topic.name,
        ),
    )
    topics = []
    names = [topic.name for topic in kinds[:MAX_TOPICS]]
    related, words = _relate(names, posts), _vocabulary(posts)
    labels = {name: in_words(name, words) for name in names}
    for topic in kinds[:MAX_TOPICS]:
        own = [kept.keep(figure) for figure in topic_figures(scope, topic)]
        topics.append(
            TopicEvidence(
                name=topic.name,
                label=labels[topic.name],
                related=[labels[name] for name in related[topic.name]],
                posts=topic.posts,
                relative=topic.relative,
                stands_out=topic.stands_out,
                posts_figure=own[0],
                figure=own[1],
            )
        )
    return topics


def _relate(names: Sequence[str], posts: Sequence[Post]) -> dict[str, list[str]]:
    """Return for each topic those that share its captions more often than chance would have it."""
    found = [set(find_topics(post.row.caption or "")) & set(names) for post in posts]
    alone = Counter(name for each in found for name in each)
    together = Counter(pair for each in found for pair in permutations(sorted(each), 2))

    def lift(name: str, other: str) -> float:
        return together[name, other] * len(posts) / (alone[name] * alone[other])

    return {
        name: sorted(
            (
                other
                for other in names
                if together[name, other] >= MIN_TOGETHER and lift(name, other) >= MIN_LIFT
            ),
            key=lambda other: (-lift(name, other), other),
        )
        for name in names
    }


def _top_posts(
    kept: _Kept, posts: Sequence[Post], topics: Sequence[TopicEvidence], today: dt.date
) -> list[TopPost]:
    """Return the posts of each platform that earned most; of equal captions only the best."""
    ranked = [post for post in rank_posts(posts, "engagement", "best") if post.engagement]
    most = {
        platform: min(count // TOP_SHARE, MAX_TOP_POSTS)
        for platform, count in Counter(post.row.platform for post in ranked).items()
    }
    labels = {topic.name: topic.label for topic in topics}
    taken: Counter[str] = Counter()
    captions: set[str] = set()
    top = []
    for post in ranked:
        caption = " ".join((post.row.caption or "").split())
        platform = post.row.platform
        if not caption or caption in captions or taken[platform] >= most[platform]:
            continue
        captions.add(caption)
        taken[platform] += 1
        figure = post_figures(kept.scratch, post, "engagement", today=today)[0]
        top.append(
            TopPost(
                platform=Platform(platform),
                form=post.form[1],
                date=post.date,
                caption=f"{caption[:MAX_CAPTION]}…" if len(caption) > MAX_CAPTION else caption,
                quote=_first_words(caption),
                topics=list(
                    dict.fromkeys(labels[name] for name in find_topics(caption) if name in labels)
                ),
                figure=kept.keep(figure),
            )
        )
    return top


def _first_words(caption: str) -> str:
    """Return how a post is quoted: a few words of its first sentence."""
    sentence = _SENTENCE.search(_MARKS.sub("", caption))
    words = _QUOTES.sub("", sentence[0] if sentence else "").split()
    quote = " ".join(words[:QUOTED_WORDS]).strip(" ,;:–-(#@")
    if not quote or len(words) <= QUOTED_WORDS:
        return one_line(quote, QUOTED_LETTERS)
    return f"{one_line(quote, QUOTED_LETTERS).rstrip('…')} …"


def _goals(kept: _Kept, facts: Facts) -> list[GoalEvidence]:
    goals = []
    for progress in facts.goals[:MAX_GOALS]:
        goal = progress.goal
        figures = {
            figure.label.partition(" of “")[0]: kept.keep(figure)
            for figure in progress_figures(kept.scratch, progress, facts.today)
            if figure.value is not None
        }
        goals.append(
            GoalEvidence(
                title=goal.title,
                metric=goal.metric,
                platform=Platform(goal.platform) if goal.platform else None,
                due=goal.due_date,
                is_on_track=progress.is_on_track,
                current=figures.get("current value"),
                left=figures.get("left to go"),
                pace=figures.get("recent pace per day"),
                needed=figures.get("needed pace per day"),
            )
        )
    return goals


def _metrics(kept: _Kept, facts: Facts, platforms: Sequence[Platform]) -> list[MetricEvidence]:
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


def _vocabulary(posts: Sequence[Post]) -> list[str]:
    """Return the words of the captions without hashtags, the most frequent first."""
    words = Counter(
        word for post in posts for word in _WORD.findall((post.row.caption or "").casefold())
    )
    return [word for word, _ in words.most_common(MAX_WORDS)]
