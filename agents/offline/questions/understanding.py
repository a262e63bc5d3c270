"""From what a creator typed to what is asked: a topic, metrics, platforms and periods."""

from dataclasses import replace

from agents.offline.creator import Account, Creator
from agents.offline.dates.moments import Calendar, PeriodError
from agents.offline.dates.periods import Periods, find_periods
from agents.offline.dates.spans import ONE_DAY, Span, Unit, rolling, unit_span
from agents.offline.questions.cues import PERIOD_COMPARED, POSTS_DO, THAN_LAST, UNREAD_PERIOD
from agents.offline.questions.follow_ups import follow_up
from agents.offline.questions.names import find_account, find_stranger
from agents.offline.questions.ordinary import unknown_words
from agents.offline.questions.question import Mentions, Question
from agents.offline.questions.refusals import find_refusal
from agents.offline.questions.replies import (
    NOT_UNDERSTOOD,
    NOTHING_CONNECTED,
    UNREAD,
    Reply,
    find_small_talk,
    not_connected,
    not_ours,
    not_supported,
    refusal,
    without_politeness,
)
from agents.offline.questions.topics import Topic, find_topic
from agents.offline.questions.vocabulary import (
    find_metrics,
    find_other_platforms,
    find_platforms,
    implied_platforms,
)
from agents.offline.questions.words import normalise
from storage.models import Metric, Platform
from tools.results import MAX_PERIOD_DAYS

RECENT_DAYS, RECENT_DAYS_FOR_UNUSUAL = 28, 90
MONTH_FIRST_LOCALES = ("en-us", "en_us")


def understand(text: str, creator: Creator, previous: Question | None = None) -> Question | Reply:
    """Return the question in a text, or the reply to one that needs no figures.

    `previous` is what the creator asked before: "and on YouTube?" keeps its topic and period.
    """
    named = find_account(text, creator)
    if reply := find_small_talk(normalise(text)) or _refuse_stranger(named.text, creator):
        return reply
    plain = without_politeness(normalise(named.text))
    try:
        periods = find_periods(plain, _calendar(creator), previous.spans if previous else ())
    except PeriodError as error:
        return refusal(find_refusal(plain) or str(error))
    if reply := _find_refusal(periods, creator):
        return reply
    mentions = _mentions(periods.rest, periods.spans, named.account)
    question = follow_up(mentions, previous) or _question(mentions)
    return _checked(_completed(question, creator), creator) if question else NOT_UNDERSTOOD


def _calendar(creator: Creator) -> Calendar:
    return Calendar(
        today=creator.today,
        first_date=creator.first_date(),
        is_month_first=(creator.locale or "").lower().startswith(MONTH_FIRST_LOCALES),
    )


def _refuse_stranger(text: str, creator: Creator) -> Reply | None:
    stranger = find_stranger(text)
    return not_ours(stranger, creator.platforms()) if stranger else None


def _find_refusal(periods: Periods, creator: Creator) -> Reply | None:
    if others := find_other_platforms(periods.rest):
        return not_supported(others, creator.platforms())
    if reason := find_refusal(periods.rest):
        return refusal(reason)
    is_unread = not periods.spans and UNREAD_PERIOD.search(periods.rest)
    return UNREAD if is_unread else None


def _mentions(text: str, spans: tuple[Span, ...], account: Account | None) -> Mentions:
    platforms = find_platforms(text)
    return Mentions(
        text=text,
        metrics=find_metrics(text, platforms),
        platforms=platforms,
        account=account,
        spans=spans,
    )


def _question(mentions: Mentions) -> Question | None:
    if mentions.metrics == (Metric.POSTS,) and POSTS_DO.search(mentions.text):
        mentions = replace(mentions, metrics=())  # how they did is more than how many they are
    topic = find_topic(mentions.text, mentions.metrics, mentions.platforms, mentions.spans)
    unknown = unknown_words(mentions.text)
    if topic is None and not mentions.is_empty() and not unknown:
        topic = Topic.OVERVIEW
    if topic is None:
        return None
    return Question(
        topic=topic,
        text=mentions.text,
        metrics=mentions.metrics,
        platforms=mentions.platforms,
        account=mentions.account_name,
        spans=mentions.spans,
        unknown_words=tuple(unknown),
    )


def _completed(question: Question, creator: Creator) -> Question:
    """Fill in what a question leaves open: the platform of a word, and the most recent weeks."""
    connected = creator.platforms()
    platforms = question.platforms or tuple(
        platform
        for platform in implied_platforms(question.text, question.metrics)
        if platform in connected
    )
    if question.account and not platforms:
        owners = {a.platform for a in creator.accounts if a.account == question.account}
        platforms = tuple(p for p in Platform if {p.value} == owners)
    is_now = question.topic is Topic.LEVEL and question.spans == (
        unit_span(Unit.DAY, creator.today),
    )
    is_recent = is_now or not question.spans
    spans = question.spans
    if is_recent:
        days = RECENT_DAYS_FOR_UNUSUAL if question.topic is Topic.UNUSUAL else RECENT_DAYS
        spans = (rolling(creator.last_date(platforms), days, Unit.DAY),)
    return replace(
        question,
        platforms=platforms,
        spans=tuple(
            _not_too_long(span, creator) for span in _with_present(question, spans, creator)
        ),
        is_recent=is_recent,
    )


def _with_present(
    question: Question, spans: tuple[Span, ...], creator: Creator
) -> tuple[Span, ...]:
    """Add the period that a comparison leaves out: "than last month", "this month than last"."""
    unit = spans[0].unit
    if len(spans) > 1 or unit is None:
        return spans
    if THAN_LAST.search(question.text):
        return (*spans, unit_span(unit, spans[0].start - ONE_DAY))
    present = unit_span(unit, creator.today).until(creator.today)
    if PERIOD_COMPARED.search(question.text) and present.start > spans[0].end:
        return (present, *spans)
    return spans


def _not_too_long(span: Span, creator: Creator) -> Span:
    first = creator.first_date()
    if span.days <= MAX_PERIOD_DAYS or first is None:
        return span
    return replace(span, start=min(max(span.start, first), span.end), unit=None)


def _checked(question: Question, creator: Creator) -> Question | Reply:
    if question.topic is Topic.CONNECTIONS:
        return question
    connected = creator.platforms()
    if not connected:
        return NOTHING_CONNECTED
    missing = [platform for platform in question.platforms if platform not in connected]
    return not_connected(missing, connected) if missing else question
