"""Anomalies: a day that has just ended, or the last seven, unlike all of those before."""

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from domain.analytics.anomalies import changes
from domain.analytics.metrics import MEANINGS
from domain.analytics.series import platform_name
from domain.figures import Figure, FigureBook
from domain.insights.candidates import Candidate, Detector, claim_confidence
from domain.insights.chances import shift_p
from domain.insights.days import find_day
from domain.insights.evidence import AccountSeries, Evidence
from domain.insights.growth import without_extremes
from domain.insights.rules import RULES

# Numbers come up to two days late.
LATE_DAYS = 3
WEEK = 7
BEFORE_WEEKS, MIN_BEFORE_WEEKS = 26, 12
TESTS_OF_SERIES = LATE_DAYS + 1
Direction = Literal["up", "down", "lost"]

# Less than half as much again, or a fifth less, is no news.
LEAST_SIZE = math.log(1.5)
LEAST_FALL = math.log(1.25)


@dataclass(frozen=True, kw_only=True)
class Surprise:
    """A day or a week of a series, what is usual there, and the chance that it is noise."""

    series: AccountSeries
    span: Literal["day", "week"]
    start: dt.date
    end: dt.date
    value: float
    usual: float
    p: float
    observations: int

    @property
    def is_up(self) -> bool:
        """Tell whether it is more than usual."""
        return self.value > self.usual

    @property
    def direction(self) -> Direction:
        """Tell which way it goes; followers that left are another thing than a quiet day."""
        if self.is_up:
            return "up"
        return "lost" if self.value < 0 else "down"

    @property
    def size(self) -> float:
        """Return the logarithm of how many times the usual it is; without a sign."""
        return _size(self.value, self.usual)


def find_surprises(evidence: Evidence) -> Iterator[Candidate]:
    """Yield one candidate for each account and direction; a day leads, of the surest metric.

    Days that follow on each other, and their week, are one story: no day has a name of its own.
    """
    limit = RULES[Detector.ANOMALY].chance / max(TESTS_OF_SERIES * len(evidence.current), 1)
    found: dict[tuple[str, str, Direction], list[Surprise]] = {}
    for series in evidence.current:
        for surprise in _surprises(series, evidence.today):
            if surprise.p <= limit:
                key = (series.platform, series.account, surprise.direction)
                found.setdefault(key, []).append(surprise)
    for alike in found.values():
        yield _candidate(sorted(alike, key=_order), limit)


def _size(value: float, usual: float) -> float:
    if value < 0 or usual < 0:
        return math.log(2)  # followers lost: a ratio would mean nothing
    return abs(math.log((value + 1) / (usual + 1)))


def _is_news(value: float, usual: float) -> bool:
    """Tell whether it is far enough from the usual to be told, were it no noise."""
    return _size(value, usual) >= (LEAST_SIZE if value > usual else LEAST_FALL)


def _order(surprise: Surprise) -> tuple[bool, float, float]:
    """Put days first, since an unusual week is often only their echo."""
    return surprise.span == "week", surprise.p, -surprise.size


def _surprises(series: AccountSeries, today: dt.date) -> Iterator[Surprise]:
    since = today - dt.timedelta(days=70)
    recent = {day: value for day, value in series.values.items() if day >= since}
    daily = changes(recent) if series.is_level else recent
    for step in range(1, LATE_DAYS + 1):
        day = find_day(daily, today - dt.timedelta(days=step))
        if day and _is_news(day.value, day.usual):
            yield Surprise(
                series=series,
                span="day",
                start=day.date,
                end=day.date,
                value=day.value,
                usual=day.usual,
                p=day.chance(is_signed=series.is_level),
                observations=len(day.before),
            )
    if week := _last_week(series, daily):
        yield week


def _last_week(series: AccountSeries, daily: Mapping[dt.date, int]) -> Surprise | None:
    """Return the last seven known days, judged without the most extreme of them."""
    weeks, end = series.weeks, max(series.values)
    past = [count for day, count in weeks.items() if day < end][-BEFORE_WEEKS:]
    if end not in weeks or len(past) < MIN_BEFORE_WEEKS:
        return None
    usual = fmean(past)
    if not _is_news(weeks[end], usual):
        return None
    calm = _without_extreme(daily, end, is_high=weeks[end] > usual)
    if (calm > usual) != (weeks[end] > usual):
        return None
    if series.is_level:
        p = shift_p(past, [calm], least_spread=max(1.0, math.sqrt(abs(usual))))
    else:
        logs = [math.log1p(count) for count in past]
        p = shift_p(logs, [math.log1p(calm)], least_spread=1 / math.sqrt(usual + 1))
    return Surprise(
        series=series,
        span="week",
        start=end - dt.timedelta(days=WEEK - 1),
        end=end,
        value=weeks[end],
        usual=usual,
        p=p,
        observations=WEEK * len(past),
    )


def _without_extreme(daily: Mapping[dt.date, int], end: dt.date, *, is_high: bool) -> int:
    """Return the week's total, were its most extreme day like the next most extreme one."""
    days = (end - dt.timedelta(days=step) for step in range(WEEK))
    return sum(without_extremes([daily.get(day, 0) for day in days], 1, is_high=is_high))


def _candidate(alike: Sequence[Surprise], limit: float) -> Candidate:
    lead = alike[0]
    series = lead.series
    others = dict.fromkeys(
        MEANINGS[each.series.metric].label
        for each in alike[1:]
        if each.span == lead.span and each.end == lead.end
    )
    figures = _figures(lead)
    return Candidate(
        detector=Detector.ANOMALY,
        finding=f"{Detector.ANOMALY}:{series.platform}:{series.account}:{lead.direction}",
        effect=min(lead.size / math.log(4), 1),
        confidence=claim_confidence(lead.p, limit),
        facts={
            "platform": series.platform,
            "account": series.account,
            "metric": series.metric.value,
            "span": lead.span,
            "start": str(lead.start),
            "end": str(lead.end),
            "direction": lead.direction,
            "also": ", ".join(others),
            **{name: figure.id for name, figure in figures.items()},
        },
        figures=list(figures.values()),
    )


def _figures(lead: Surprise) -> dict[str, Figure]:
    series, meaning = lead.series, MEANINGS[lead.series.metric]
    label = "followers gained" if meaning.is_stock else meaning.label
    key = "follower_change" if meaning.is_stock else series.metric.value
    where = f"{platform_name(series.platform)} ({series.account})"
    if lead.span == "week":
        label, key = f"{label} in a week", f"weekly_{key}"
    found = {
        "value": (f"{label}, {where}", lead.value, key),
        "usual": (f"usual {label}, {where}", lead.usual, f"usual_{key}"),
    }
    book = FigureBook()
    figures = {
        name: book.add(
            text,
            round(value),
            metric=metric,
            unit=meaning.unit,
            platform=series.platform,
            account=series.account,
            start=lead.start,
            end=lead.end,
            observations=lead.observations if name == "usual" else (lead.end - lead.start).days + 1,
        )
        for name, (text, value, metric) in found.items()
    }
    if lead.usual >= 1 and lead.value > 0:
        figures["times"] = book.add(
            f"times the usual {label}, {where}",
            round(lead.value / lead.usual, 1),
            metric=f"relative_{key}",
            platform=series.platform,
            account=series.account,
            start=lead.start,
            end=lead.end,
            observations=lead.observations,
        )
    return figures
