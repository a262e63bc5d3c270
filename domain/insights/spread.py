"""Concentration: one platform has lately come to bring more than all the others together.

That some platform is the largest is no news, and true of nearly everybody. News is when one of
them has clearly gained a share in the last four weeks, and has more than half only now.
"""

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

from domain.analytics.concentration import DOMINANT_PERCENT, percents_of
from domain.analytics.metrics import MEANINGS
from domain.analytics.series import platform_name
from domain.analytics.trends import weekly_totals
from domain.figures import FigureBook
from domain.insights.candidates import Candidate, Detector, claim_confidence
from domain.insights.chances import shift_p
from domain.insights.evidence import Evidence
from domain.insights.growth import (
    BEFORE_WEEKS,
    ECHO_WEEKS,
    LATE_WEEKS,
    MIN_BEFORE_WEEKS,
    WEEK,
    week_span,
    without_extremes,
)
from domain.insights.rules import RULES
from storage.models import Metric

EXAMINED = (Metric.ENGAGEMENT, Metric.VIEWS)
LEAST_GAIN = 10.0


def find_concentration(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the platform that has taken over; at most one, of the first metric that tells."""
    for metric in EXAMINED:
        if candidate := next(_of_metric(evidence, metric), None):
            yield candidate
            return


def _of_metric(evidence: Evidence, metric: Metric) -> Iterator[Candidate]:
    totals = _platform_totals(evidence, metric)
    if len(totals) < 2:  # noqa: PLR2004 - one platform has no share
        return
    ends = sorted(set.intersection(*(set(weeks) for weeks in totals.values())))
    early, late = ends[:-LATE_WEEKS][-BEFORE_WEEKS:], ends[-LATE_WEEKS:]
    if len(early) < MIN_BEFORE_WEEKS:
        return
    limit = RULES[Detector.CONCENTRATION].chance / (len(EXAMINED) * len(totals))
    then = percents_of({name: sum(weeks[end] for end in early) for name, weeks in totals.items()})
    now = percents_of({name: sum(weeks[end] for end in late) for name, weeks in totals.items()})
    for name in totals:
        gained = now.get(name, 0) - then.get(name, 0)
        has_taken_over = then.get(name, 0) <= DOMINANT_PERCENT < now.get(name, 0)
        if not has_taken_over or gained < LEAST_GAIN:
            continue
        odds = {end: _log_odds(totals, name, end) for end in ends}
        past = [odds[end] for end in early]
        lately = without_extremes([odds[end] for end in late], ECHO_WEEKS, is_high=True)
        smallest = fmean(min(weeks[end] for weeks in totals.values()) for end in early)
        p = shift_p(past, lately, least_spread=math.sqrt(2 / (smallest + 1)))
        if p > limit or fmean(lately) <= fmean(past):
            continue
        yield _candidate(
            name,
            metric,
            {"now": (now[name], late), "before": (then[name], early)},
            claim_confidence(p, limit),
        )


Shares = Mapping[str, tuple[float, Sequence[dt.date]]]


def _candidate(platform: str, metric: Metric, shares: Shares, confidence: float) -> Candidate:
    book = FigureBook()
    figures = {
        name: book.add(
            f"share of {MEANINGS[metric].label}, {platform_name(platform)}",
            percent,
            metric=f"share_of_{metric}",
            unit="percent",
            platform=platform,
            start=week_span(weeks)[0],
            end=week_span(weeks)[1],
            observations=WEEK * len(weeks),
        )
        for name, (percent, weeks) in shares.items()
    }
    return Candidate(
        detector=Detector.CONCENTRATION,
        finding=f"{Detector.CONCENTRATION}:{platform}",
        effect=min((shares["now"][0] - shares["before"][0]) / DOMINANT_PERCENT, 1),
        confidence=confidence,
        facts={
            "platform": platform,
            "metric": metric.value,
            **{name: figure.id for name, figure in figures.items()},
        },
        figures=[*figures.values()],
    )


Totals = Mapping[str, Mapping[dt.date, int]]


def _platform_totals(evidence: Evidence, metric: Metric) -> Totals:
    """Return the weekly totals of each platform over weeks that end on the same day."""
    series = [each for each in evidence.current if each.metric is metric]
    if not series:
        return {}
    end = min(max(each.values) for each in series)
    totals: dict[str, dict[dt.date, int]] = {}
    for each in series:
        is_last = max(each.values) == end
        known = {day: count for day, count in each.values.items() if day <= end}
        weeks = each.weeks if is_last else weekly_totals(known)
        so_far = totals.setdefault(each.platform, dict.fromkeys(weeks, 0))
        totals[each.platform] = {
            day: so_far[day] + count for day, count in weeks.items() if day in so_far
        }
    return totals


def _log_odds(totals: Totals, name: str, end: dt.date) -> float:
    rest = sum(weeks[end] for other, weeks in totals.items() if other != name)
    return math.log((totals[name][end] + 1) / (rest + 1))
