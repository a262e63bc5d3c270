"""Requests for figures: the period they are about, and what else their tools take."""

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import replace

from agents.offline.answers.wording import date_text
from agents.offline.creator import Creator
from agents.offline.dates.moments import Calendar, PeriodError
from agents.offline.dates.periods import find_periods
from agents.offline.dates.spans import ONE_DAY, Span, Unit, rolling, unit_span
from agents.offline.questions.audience import find_dimensions
from agents.offline.questions.cues import GROWTH
from agents.offline.questions.vocabulary import find_metrics, find_platforms
from agents.offline.requests import cues
from agents.offline.requests.amounts import find_count
from agents.offline.requests.future import find_future
from agents.offline.requests.goals import aimed_metric
from agents.offline.requests.kinds import find_form
from agents.offline.requests.request import Kind, Request
from domain.analytics.forecast import MAX_HORIZON_DAYS
from storage.models import Metric

FORECAST_DAYS = 30
_PAIR = 2
RECENT_DAYS = {
    Kind.BEST_TIMES: 180,
    Kind.FORMATS: 180,
    Kind.TOPICS: 180,
    Kind.PLAN: 180,
    Kind.PERIODS: 28,
    Kind.AUDIENCE: 28,  # as the chart of it has
}
MANY_RECENT_DAYS = 90
# "on Tuesdays" is no period to look for the best hour in.
MIN_DAYS_FOR_TIMES = 7
# What may name days to come: "the best time this weekend", "if it vanished tomorrow".
_AHEAD = {
    Kind.PLAN,
    Kind.BEST_TIMES,
    Kind.CONCENTRATION,
    Kind.TOPICS,
    Kind.FORMATS,
    Kind.NEXT_STEPS,
}
_SETS_AGAINST = re.compile(
    r"\b(?:compar\w*|vs|versus|against|relative|differ\w*|than|over"
    r"|improv\w*|change\w*|better|worse|more|fewer|less|or|minus|next to"
    r"|(?:up|down)(?! with))\b"
)
_COUNTS_POSTS = re.compile(r"\b(?:how (?:many|much|often)|number|amount|frequen\w+|count|trend)\b")
# "are likes up from last month?": compared with the present one.
_UP_FROM = re.compile(r"\b(?:up|down|higher|lower|changed?) from\b")
# "fewer comments lately than in spring".
_RECENTLY = re.compile(r"\b(?:lately|recently|nowadays|these days|now)\b.*\b(?:than|as)\b")
_SPAN = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|q[1-4]|the (?:first|second|third|fourth) quarter|spring|summer|autumn|winter|week \d{1,2})"
)
_FROM_TO = re.compile(
    rf"\bfrom (?P<one>{_SPAN}) to (?P<other>{_SPAN})\b"
    rf"|\b(?:chang|differ|compar)\w*\b.*\bbetween (?P<first>{_SPAN}) and (?P<second>{_SPAN})\b"
)


def read_figures(request: Request, creator: Creator, calendar: Calendar) -> Request:
    if request.kind is Kind.FORECAST:
        return _forecast(request, creator)
    if request.kind is Kind.LIST_DRAFTS:
        return replace(request, platforms=(), account=None)
    rest = _without_periods(request, calendar)
    return _with_period(with_options(request, rest), creator, calendar)


def find_pair(text: str, calendar: Calendar, tools: Collection[str]) -> Kind | None:
    """Return the kind of a text that sets one number of two periods against each other."""
    if "compare_periods" not in tools or not find_metrics(text, ()):
        return None
    if _move(text, calendar):
        return Kind.PERIODS
    if not _SETS_AGAINST.search(text):
        return None
    periods = find_periods(text, calendar)
    is_present = len(periods.spans) == 1 and _UP_FROM.search(text) and periods.spans[0].unit
    has_two = (
        len(periods.spans) == _PAIR or is_present or (periods.spans and _RECENTLY.search(text))
    )
    names_one = len(find_metrics(periods.rest, find_platforms(text))) == 1
    return Kind.PERIODS if has_two and names_one else None


def _move(text: str, calendar: Calendar) -> tuple[Span, ...]:
    """Return the two months of "go up from August to September"; none if it says nothing such."""
    match = _FROM_TO.search(text)
    if match is None or not GROWTH.search(text):
        return ()
    named = [match["one"] or match["first"], match["other"] or match["second"]]
    spans = [find_periods(name, calendar).spans for name in named]
    return tuple(span for found in spans for span in found)


def with_options(request: Request, text: str) -> Request:
    """Read what else the tool takes: the kind of post, the order, how many, which number."""
    kind = request.kind
    if kind in {Kind.TOP_CONTENT, Kind.BEST_TIMES}:
        forms = [name for name in cues.POST_TYPES if find_form(text, name)]
        request = request.with_options(post_type=forms[0] if len(forms) == 1 else None)
    if kind is Kind.AUDIENCE:
        asked = find_dimensions(text)
        return request.with_options(dimension=asked[0].value if len(asked) == 1 else None)
    if kind is Kind.TOP_CONTENT:
        ranked = [
            name for name, words in cues.RANKED_BY.items() if re.search(rf"\b(?:{words})\b", text)
        ]
        request = request.with_options(
            rank_by=ranked[0] if ranked else None,
            order="worst" if cues.WORST.search(text) else None,
            limit=_limit(text),
        )
    if kind in {Kind.PERIODS, Kind.TRENDS, Kind.CONCENTRATION}:
        metrics = find_metrics(text, request.platforms)
        followers = kind is not Kind.CONCENTRATION
        default = Metric.FOLLOWERS if kind is Kind.PERIODS else None
        named = metrics[0] if metrics else default
        if kind is Kind.TRENDS and named is Metric.POSTS and not _COUNTS_POSTS.search(text):
            named = None  # "are my videos dying?" is not about how many there are
        if named is not Metric.FOLLOWERS or kind is Kind.PERIODS or not followers:
            request = request.with_options(metric=named.value if named else None)
    return request


def _limit(text: str) -> int | None:
    count = find_count(text)
    if count is not None:
        return min(max(count, 1), 10)
    is_one = re.search(
        r"\b(?:post|video|reel|short|photo|picture|carousel|story|song|track|upload)\b", text
    )
    return 1 if is_one else None


def _with_period(request: Request, creator: Creator, calendar: Calendar) -> Request:
    spans = _spans(request, calendar)
    is_recent = not spans
    if is_recent:
        days = RECENT_DAYS.get(request.kind, MANY_RECENT_DAYS)
        spans = (rolling(creator.last_date(request.platforms), days, Unit.DAY),)
    request = replace(request, span=spans[0], is_recent=is_recent)
    if request.kind is Kind.PERIODS:
        return _compared(request, spans, creator)
    return request


def _without_periods(request: Request, calendar: Calendar) -> str:
    try:
        return find_periods(request.text, calendar).rest
    except PeriodError:
        if request.kind in _AHEAD:
            return request.text
        raise


def _spans(request: Request, calendar: Calendar) -> tuple[Span, ...]:
    """Return the periods to look back at: those of a plan are still to come."""
    if request.kind is Kind.PLAN:
        return ()
    if request.kind is Kind.PERIODS and (months := _move(request.text, calendar)):
        return months
    try:
        spans = find_periods(request.text, calendar).spans
    except PeriodError:
        if request.kind in _AHEAD:
            return ()
        raise
    if request.kind is Kind.BEST_TIMES:
        return tuple(span for span in spans if span.days >= MIN_DAYS_FOR_TIMES)
    is_joined = len(spans) > 1 and spans[1].start - spans[0].end == ONE_DAY
    if is_joined and request.kind is not Kind.PERIODS:
        return (Span(start=spans[0].start, end=spans[1].end),)
    return spans


def _compared(request: Request, spans: tuple[Span, ...], creator: Creator) -> Request:
    """Let the later period be compared with the earlier; with the one before if one is named."""
    if len(spans) == 1 and _RECENTLY.search(request.text) and not request.is_recent:
        now = rolling(creator.last_date(request.platforms), RECENT_DAYS[Kind.PERIODS], Unit.DAY)
        spans = (now, *spans)
    elif len(spans) == 1 and _UP_FROM.search(request.text) and (unit := spans[0].unit):
        present = unit_span(unit, creator.today).until(creator.today)
        spans = (present, *spans) if present.start > spans[0].end else spans
    if len(spans) > 1:
        later, earlier = sorted(spans[:2], key=lambda span: span.start, reverse=True)
    elif request.is_recent and (unit := _unit_of(request.text)):
        later = unit_span(unit, unit_span(unit, creator.today).start - ONE_DAY)
        earlier = later.previous()
    else:
        return request
    return replace(request, span=later, is_recent=False).with_options(
        previous_start=earlier.start.isoformat(), previous_end=earlier.end.isoformat()
    )


def _unit_of(text: str) -> Unit | None:
    match = re.search(r"\b(month|week|quarter|year|mom|wow|yoy|qoq)\b", text)
    if match is None:
        return None
    short = {"mom": "month", "wow": "week", "yoy": "year", "qoq": "quarter"}
    return Unit(short.get(match[1], match[1]))


def _forecast(request: Request, creator: Creator) -> Request:
    until, rest = find_future(request.text, creator.today)
    until = until or creator.today + dt.timedelta(days=FORECAST_DAYS)
    last = creator.today + dt.timedelta(days=MAX_HORIZON_DAYS)
    if until > last:
        request = replace(request, remarks=(f"I look ahead to {date_text(last)} at most.",))
    metrics = aimed_metric(rest, request.platforms)
    return replace(request, text=rest).with_options(
        metric=metrics.value, until=min(until, last).isoformat()
    )
