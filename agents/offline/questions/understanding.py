"""From what a creator typed to what is asked: a topic, metrics, platforms and periods."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from agents.offline.answers.wording import date_text, escape
from agents.offline.creator import Account, Creator
from agents.offline.dates.moments import MONTHS, Calendar, PeriodError
from agents.offline.dates.periods import Periods, find_periods
from agents.offline.dates.relative import all_time
from agents.offline.dates.spans import ONE_DAY, Span, Unit, rolling, unit_span
from agents.offline.questions.cues import (
    ACCOUNTS,
    ALL_TIME_TOTAL,
    PERIOD_COMPARED,
    POSTS_DO,
    THAN_LAST,
    THAN_THEN,
    UNREAD_PERIOD,
    WHY,
)
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
from domain.analytics.periods import MAX_PERIOD_DAYS
from storage.models import Metric, Platform

RECENT_DAYS, RECENT_DAYS_FOR_UNUSUAL = 28, 90
_SLASHED_DATE = re.compile(r"(?<!\S)(?P<one>\d{1,2})/(?P<two>\d{1,2})(?:/\d{2,4})?(?!\S)")
# "more than 10,000", "my 2 accounts", "top 5": numbers that are no dates.
_ASKED_NUMBER = re.compile(
    r"\b(?:more than|less than|fewer than|under|below|over|above|at least|reach(?:ed)?|hit"
    r"|pass(?:ed)?|cross(?:ed)?|top|have|gain(?:ed)?|got?|all|my)(?: the)? \d[\d.,]*[km]?(?!\S)"
)
_UNREAD_NUMBER = re.compile(r"(?<!\S)(?:\d\S*|[ckq]?w ?\d+)(?!\S)")
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
        periods = find_periods(plain, calendar_of(creator), previous.spans if previous else ())
    except PeriodError as error:
        return refusal(find_refusal(plain) or str(error))
    if reply := _find_refusal(periods, creator):
        return reply
    mentions = _mentions(periods.rest, periods.spans, named.account)
    question = follow_up(mentions, previous) or _question(mentions)
    if question is None:
        return NOT_UNDERSTOOD
    question = replace(question, remarks=tuple(_remarks(plain, creator)))
    return _checked(_completed(question, creator), creator)


def calendar_of(creator: Creator) -> Calendar:
    """Return the calendar that the creator's words are read against."""
    return Calendar(
        today=creator.today,
        first_date=creator.first_date(),
        is_month_first=(creator.locale or "").lower().startswith(MONTH_FIRST_LOCALES),
    )


def _remarks(text: str, creator: Creator) -> Iterator[str]:
    """Yield how dates like 03/04/2026 were read, which mean another day elsewhere."""
    for match in _SLASHED_DATE.finditer(text):
        if match["one"] != match["two"] and max(int(match["one"]), int(match["two"])) <= MONTHS:
            day = find_periods(match[0], calendar_of(creator)).spans[0].start
            order = "month" if calendar_of(creator).is_month_first else "day"
            yield f"I read the date as {date_text(day)}, the {order} first."


def _refuse_stranger(text: str, creator: Creator) -> Reply | None:
    stranger = find_stranger(text)
    return not_ours(stranger, creator.platforms()) if stranger else None


def _find_refusal(periods: Periods, creator: Creator) -> Reply | None:
    if others := find_other_platforms(periods.rest):
        return not_supported(others, creator.platforms())
    if reason := find_refusal(periods.rest):
        return refusal(reason)
    if unread := _UNREAD_NUMBER.search(_ASKED_NUMBER.sub(" ", periods.rest)):
        return refusal(f"I can't read “{escape(unread[0])}” as a date. {UNREAD.text}")
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
    if topic is Topic.COMPARISON and _compares_accounts(mentions):
        topic = Topic.GROWTH
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
        resumes=_after_why(topic, mentions),
    )


def _compares_accounts(mentions: Mentions) -> bool:
    """Tell "my two Instagram accounts" from platforms."""
    return len(mentions.platforms) == 1 and ACCOUNTS.search(mentions.text) is not None


def _after_why(topic: Topic, mentions: Mentions) -> Topic | None:
    """Return what "why did I lose followers?" is about, for the questions that follow it."""
    if topic is not Topic.UNUSUAL or not WHY.search(mentions.text):
        return None
    about_followers = not mentions.metrics or Metric.FOLLOWERS in mentions.metrics
    return Topic.GROWTH if about_followers else Topic.TOTAL


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
    spans = question.spans
    if question.topic is Topic.UNUSUAL and len(spans) > 1:
        spans = (Span(start=min(s.start for s in spans), end=max(s.end for s in spans)),)
    if not spans and question.topic is Topic.TOTAL and ALL_TIME_TOTAL.search(question.text):
        spans = (all_time(calendar_of(creator)),)
    is_recent = is_now or not spans
    if is_recent:
        days = RECENT_DAYS_FOR_UNUSUAL if question.topic is Topic.UNUSUAL else RECENT_DAYS
        spans = (rolling(creator.last_date(platforms), days, Unit.DAY),)
        if question.topic is Topic.LEVEL:
            first_day = min([spans[0].start, *_last_days(creator, platforms)])
            spans = (replace(spans[0], start=first_day),)
    return replace(
        question,
        platforms=platforms,
        spans=tuple(
            _not_too_long(span, creator) for span in _with_present(question, spans, creator)
        ),
        is_recent=is_recent,
    )


def _last_days(creator: Creator, platforms: Sequence[Platform]) -> list[dt.date]:
    """Return the last known day of each account, so that a count of now finds them all."""
    return [
        account.last_date
        for account in creator.accounts
        if account.last_date and (not platforms or account.platform in platforms)
    ]


def _with_present(
    question: Question, spans: tuple[Span, ...], creator: Creator
) -> tuple[Span, ...]:
    """Add the period that a comparison leaves out: "than last month", "this month than last"."""
    unit = spans[0].unit
    if len(spans) > 1 or unit is None:
        return spans
    if question.topic is Topic.GROWTH and spans[0].days == 1 and THAN_THEN.search(question.text):
        return (Span(start=spans[0].start, end=creator.today),)
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
