"""Growth and drops: a number that moves over a year, or another pace in the last four weeks.

A pace has to hold without the two most extreme of its weeks as well: over those at most the echo
of a single day goes on.
"""

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean
from typing import Literal, TypeVar

from domain.analytics.metrics import MEANINGS
from domain.analytics.series import platform_name
from domain.analytics.trends import mann_kendall_p, mean_differs_p
from domain.figures import Figure, FigureBook, Unit
from domain.insights.candidates import Candidate, Detector, claim_confidence
from domain.insights.chances import normal_p, shift_p, with_memory
from domain.insights.evidence import AccountSeries, Evidence
from domain.insights.rules import RULES

WEEK = 7
YEAR_WEEKS = 52
MIN_TREND_WEEKS = 16
END_WEEKS = 4
# The last four weeks are compared with up to half a year before them.
LATE_WEEKS, BEFORE_WEEKS, MIN_BEFORE_WEEKS = 4, 26, 12
ECHO_WEEKS = 2
# Less than this is no news, however sure it is.
LEAST_TREND = math.log(1.05)
LEAST_PACE = math.log(1.2)
# A change of the pace of followers has to amount to this share of them within the four weeks.
LEAST_SHARE_OF_LEVEL = 0.005
TESTS_OF_SERIES = 2

Kind = Literal["trend", "pace"]
Value = TypeVar("Value", int, float)
# How the pace of followers has changed.
Turn = Literal["faster", "slower", "gaining_again", "losing", "losing_less", "losing_more"]


@dataclass(frozen=True, kw_only=True)
class Movement:
    """How a series has moved: averages of its weeks (or levels), and the days they are of.

    `size` is the logarithm of the ratio, or what stands in for it where followers were lost.
    """

    series: AccountSeries
    kind: Kind
    p: float
    before: float
    now: float
    size: float
    before_days: tuple[dt.date, dt.date]
    now_days: tuple[dt.date, dt.date]

    @property
    def is_up(self) -> bool:
        """Tell whether it is growth."""
        return self.now > self.before

    @property
    def place(self) -> tuple[str, str]:
        """Platform and account."""
        return self.series.platform, self.series.account


def find_movements(evidence: Evidence) -> Iterator[Candidate]:
    """Yield one candidate for each account and direction, of the metric that moved most."""
    chance = RULES[Detector.GROWTH].chance + RULES[Detector.DROP].chance
    limit = chance / max(TESTS_OF_SERIES * len(evidence.current), 1)
    found: dict[tuple[tuple[str, str], bool], list[Movement]] = {}
    for series in evidence.current:
        for movement in _movements(series, limit):
            found.setdefault((movement.place, movement.is_up), []).append(movement)
    for alike in found.values():
        alike.sort(key=lambda each: (-abs(each.size), each.p))
        yield _candidate(alike, limit)


def _movements(series: AccountSeries, limit: float) -> Iterator[Movement]:
    weeks = dict(list(series.weeks.items())[-YEAR_WEEKS:])
    trend, pace = (
        each if each is not None and each.p <= limit else None
        for each in (_trend(series, weeks, limit), _pace(series, weeks))
    )
    if trend and pace and trend.is_up != pace.is_up:
        trend = None  # that it has turned lately is the news
    yield from filter(None, (trend, pace))


def _trend(series: AccountSeries, weeks: Mapping[dt.date, int], limit: float) -> Movement | None:
    """Return how far a year took it; null where it is too little to speak of."""
    if len(weeks) < MIN_TREND_WEEKS:
        return None
    ends, counts = list(weeks), list(weeks.values())
    if series.is_level:
        start = ends[0] - dt.timedelta(days=WEEK)
        before, now = float(series.values[start]), float(series.values[ends[-1]])
        days = (start, start), (ends[-1], ends[-1])
        agrees = fmean(counts) * (now - before) > 0
    else:
        before, now = fmean(counts[:END_WEEKS]), fmean(counts[-END_WEEKS:])
        days = week_span(ends[:END_WEEKS]), week_span(ends[-END_WEEKS:])
        agrees = True
    size = _log_ratio(before, now)
    if not agrees or abs(size) < LEAST_TREND:
        return None
    p = _trend_p(counts, now - before, limit, is_level=series.is_level)
    return Movement(
        series=series, kind="trend", p=p, before=before, now=now, size=size,
        before_days=days[0], now_days=days[1],
    )  # fmt: skip


def _trend_p(counts: Sequence[int], move: float, limit: float, *, is_level: bool) -> float:
    if is_level:
        return with_memory(mean_differs_p(counts))
    size = len(counts)
    score = sum((after > before) - (after < before) for before, after in combinations(counts, 2))
    plain = normal_p(score / math.sqrt(size * (size - 1) * (2 * size + 5) / 18))
    if score * move <= 0 or plain > limit:
        return 1.0  # the corrections below only ever make it larger, and take their time
    return with_memory(mann_kendall_p(counts))


def _pace(series: AccountSeries, weeks: Mapping[dt.date, int]) -> Movement | None:
    """Return how the last four weeks differ from those before; null if that is no news."""
    ends, counts = list(weeks), list(weeks.values())
    last = ends[-LATE_WEEKS:]
    earlier = ends[:-LATE_WEEKS][-BEFORE_WEEKS:]
    is_whole = len(last) == LATE_WEEKS and week_span(last)[0] == last[-1] - dt.timedelta(
        days=WEEK * LATE_WEEKS - 1
    )
    if not is_whole or len(earlier) < MIN_BEFORE_WEEKS or last[-1] != max(series.values):
        return None
    past = counts[:-LATE_WEEKS][-BEFORE_WEEKS:]
    before, now = fmean(past), fmean(counts[-LATE_WEEKS:])
    lately = without_extremes(counts[-LATE_WEEKS:], ECHO_WEEKS, is_high=now > before)
    calm = fmean(lately)
    if series.is_level:
        level = series.values[last[-1]]
        if abs(calm - before) * LATE_WEEKS < LEAST_SHARE_OF_LEVEL * level:
            return None
        size = _signed_size(before, calm)
    else:
        size = _log_ratio(before, calm)
    if abs(size) < LEAST_PACE or (calm > before) != (now > before):
        return None
    if series.is_level:
        p = shift_p(past, lately, least_spread=max(1.0, math.sqrt(abs(before))))
    else:
        p = shift_p(
            [math.log1p(count) for count in past],
            [math.log1p(count) for count in lately],
            least_spread=1 / math.sqrt(before + 1),
        )
    return Movement(
        series=series, kind="pace", p=p, before=before, now=now, size=size,
        before_days=week_span(earlier), now_days=week_span(last),
    )  # fmt: skip


def week_span(ends: Sequence[dt.date]) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of weeks that are known by their last."""
    return ends[0] - dt.timedelta(days=WEEK - 1), ends[-1]


def without_extremes(values: Sequence[Value], count: int, *, is_high: bool) -> list[Value]:
    """Return values, of which the most extreme ones are only like the next most extreme one."""
    ordered = sorted(values, reverse=is_high)
    return [ordered[count]] * count + ordered[count:]


def _log_ratio(before: float, now: float) -> float:
    return math.log((now + 1) / (before + 1))


def _signed_size(before: float, now: float) -> float:
    """Return the logarithm of a ratio; a doubling at most where the sign is another."""
    if before > 0 and now > 0:
        return _log_ratio(before, now)
    return math.copysign(math.log(2), now - before)


def _candidate(alike: Sequence[Movement], limit: float) -> Candidate:
    lead = alike[0]
    series, detector = lead.series, Detector.GROWTH if lead.is_up else Detector.DROP
    others = dict.fromkeys(
        MEANINGS[each.series.metric].label
        for each in alike[1:]
        if each.kind == lead.kind and each.series.metric != series.metric
    )
    figures, names = _figures(lead)
    return Candidate(
        detector=detector,
        finding=f"{detector}:{series.platform}:{series.account}:{lead.kind}",
        effect=min(abs(lead.size) / math.log(2), 1),
        confidence=claim_confidence(min(each.p for each in alike), limit),
        facts={
            "platform": series.platform,
            "account": series.account,
            "metric": series.metric.value,
            "kind": lead.kind,
            "direction": "up" if lead.is_up else "down",
            "turn": _turn(lead) or "",
            "also": ", ".join(others),
            "since": str(lead.before_days[0]),
            **names,
        },
        figures=figures,
    )


def _turn(lead: Movement) -> Turn | None:
    """Return what became of the pace of followers; null for a trend, and for all that counts."""
    if lead.kind == "trend" or not lead.series.is_level:
        return None
    match lead.before < 0, lead.now < 0:
        case True, True:
            return "losing_less" if lead.is_up else "losing_more"
        case True, False:
            return "gaining_again"
        case False, True:
            return "losing"
    return "faster" if lead.is_up else "slower"


def _figures(lead: Movement) -> tuple[list[Figure], dict[str, str]]:
    series, meaning = lead.series, MEANINGS[lead.series.metric]
    is_level = meaning.is_stock and lead.kind == "trend"
    if is_level:
        key, label = series.metric.value, meaning.label
    elif meaning.is_stock:
        key, label = "average_weekly_follower_change", "followers gained in an average week"
    else:
        key = f"average_weekly_{series.metric}"
        label = f"{meaning.label} in an average week"
    where = f"{platform_name(series.platform)} ({series.account})"
    whole = (lead.before_days[0], lead.now_days[1])
    percent = 100 * (lead.now - lead.before) / lead.before if lead.before > 0 else None
    values: dict[str, tuple[str, float | None, str, Unit, tuple[dt.date, dt.date]]] = {
        "now": (f"{label} lately, {where}", lead.now, key, meaning.unit, lead.now_days),
        "before": (f"{label} before, {where}", lead.before, key, meaning.unit, lead.before_days),
        "percent": (
            f"change of {label}, {where}", percent, f"change_of_{key}_percent", "percent", whole
        ),
    }  # fmt: skip
    book, names, figures = FigureBook(), {}, []
    for name, (text, value, metric, unit, days) in values.items():
        if value is None:
            continue
        figure = book.add(
            text,
            round(value, 1) if unit == "percent" else round(value),
            metric=metric,
            unit=unit,
            platform=series.platform,
            account=series.account,
            start=days[0],
            end=days[1],
            observations=sum(days[0] <= day <= days[1] for day in series.values),
        )
        figures.append(figure)
        names[name] = figure.id
    return figures, names
