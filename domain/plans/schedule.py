"""The schedule of a plan: how many posts go where, when, and in which form.

It is computed rather than written by a model, so that dates, times and load hold; a model may
move posts among the offered times.
"""

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from domain.analytics.content import MIN_POSTS_OF_FORM
from domain.plans.evidence import Evidence, FormEvidence, OfferedTime
from domain.plans.inputs import PlanInput
from domain.plans.times import is_on_clock
from domain.plans.weeks import Week, list_weeks
from storage.models import Platform

# Two posts of a platform on one day are to be this far apart, where there is a choice.
APART = dt.timedelta(hours=3)
# How much more often the best form goes out than the creator's own mix has it, and the others.
FORM_FACTORS = (2.0, 1.2, 0.8, 0.5)
CUSTOMARY_FORMS: dict[Platform, dict[str, float]] = {
    Platform.INSTAGRAM: {"reel": 3, "carousel": 2, "photo": 1},
    Platform.FACEBOOK: {"video": 2, "post": 1},
    Platform.YOUTUBE: {"short": 3, "video": 1},
    Platform.SPOTIFY: {"artist pick": 2, "canvas": 1, "playlist": 1},
}
# Who makes one form only gets so much of others, beside it, to try.
TRIED_FORMS = 0.5
# What a creator makes once in a while; nobody fills a calendar with it.
RARE_FORMS = {"track", "album", "episode"}
# What goes out in passing, without a plan.
PASSING_FORMS = {"story"}

Choice = TypeVar("Choice")


class PlanSlot(BaseModel):
    """A post that is to be written: where and when it goes out, and in which form."""

    model_config = ConfigDict(frozen=True)

    number: int
    week: int
    date: dt.date
    time: dt.time
    platform: Platform
    format: str
    time_figure: str | None = None
    form_figure: str | None = None


def build_slots(asked: PlanInput, evidence: Evidence) -> list[PlanSlot]:
    """Return the posts of the period, in order of time."""
    period = asked.period
    weights = _platform_weights(asked, evidence)
    forms = {platform: _FormMix(platform, evidence) for platform in asked.platforms}
    schedule = _Schedule(evidence.times, ZoneInfo(evidence.timezone))
    credit: dict[Platform, float] = defaultdict(float)
    slots: list[PlanSlot] = []
    for week in list_weeks(period.start, period.end, asked.posts_per_week):
        platforms = [_next(weights, credit) for _ in range(week.posts)]
        placed = schedule.place(week, platforms)
        dealt = _deal_forms(placed, forms)
        for (moment, time), form in zip(placed, dealt, strict=True):
            slots.append(
                PlanSlot(
                    number=len(slots),
                    week=week.number,
                    date=moment.date(),
                    time=time.time,
                    platform=time.platform,
                    format=form.form,
                    time_figure=time.figure,
                    form_figure=form.figure,
                )
            )
    return slots


def deal_pillars(
    loads: Mapping[int, int], themes: Mapping[int, str | None], pillars: Sequence[str]
) -> list[str]:
    """Return the pillar of each post, in order: every second one is that of its week's theme.

    The others take turns, so that no pillar is silent for long. `loads` are the posts of each
    week by its number, and `themes` the pillars of those that have one. Needs a pillar.
    """
    dealt: list[str] = []
    turn = 0
    for number, posts in loads.items():
        main = themes.get(number) or pillars[(number - 1) % len(pillars)]
        others = [pillar for pillar in pillars if pillar != main] or [main]
        for place in range(posts):
            if place % 2 == 0:
                dealt.append(main)
                continue
            dealt.append(others[turn % len(others)])
            turn += 1
    return dealt


def _platform_weights(asked: PlanInput, evidence: Evidence) -> dict[Platform, float]:
    """Return how the posts are spread: by the creator's own rhythm, and by what the goal names."""
    total = sum(evidence.rhythm.get(platform, 0) for platform in asked.platforms)
    weights = {}
    for platform in asked.platforms:
        weight = 1.0
        if total:
            weight += 2 * evidence.rhythm.get(platform, 0) / total
        if platform.value in asked.goal.casefold():
            weight += 1.5
        # Music comes out when it is ready, not by the week.
        weights[platform] = weight * (0.4 if platform is Platform.SPOTIFY else 1)
    return weights


def _next(weights: Mapping[Choice, float], credit: dict[Choice, float]) -> Choice:
    """Return the choice that is furthest behind its share (smooth weighted round robin)."""
    for choice, weight in weights.items():
        credit[choice] += weight
    chosen = max(weights, key=lambda choice: credit[choice])
    credit[chosen] -= sum(weights.values())
    return chosen


class _FormMix:
    """Deals out the forms of a platform: the creator's own mix, tilted to what does best."""

    def __init__(self, platform: Platform, evidence: Evidence) -> None:
        known = [form for form in evidence.forms if form.platform == platform]
        enough = [form for form in known if form.posts >= MIN_POSTS_OF_FORM and form.figure]
        usual = [form for form in enough if form.form not in RARE_FORMS | PASSING_FORMS]
        weights: dict[FormEvidence, float] = {
            form: form.posts * FORM_FACTORS[min(rank, len(FORM_FACTORS) - 1)]
            for rank, form in enumerate(usual)
        }
        if not weights:
            rare = [form for form in enough if form.form in RARE_FORMS]
            weights = dict.fromkeys(rare, min(evidence.rhythm.get(platform, 0), 1.0))
            customary = CUSTOMARY_FORMS[platform]
            weights |= {
                FormEvidence(platform=platform, form=name, posts=0): weight
                for name, weight in customary.items()
            }
        elif len(weights) == 1:
            [(known_form, weight)] = weights.items()
            trials = [name for name in CUSTOMARY_FORMS[platform] if name != known_form.form]
            weights |= {
                FormEvidence(platform=platform, form=name, posts=0): weight
                * TRIED_FORMS
                / len(trials)
                for name in trials
            }
        self._weights = {form: weight for form, weight in weights.items() if weight}
        self._credit: dict[FormEvidence, float] = defaultdict(float)

    def take(self, count: int) -> list[FormEvidence]:
        """Return so many forms, the best first."""
        order = list(self._weights)
        return sorted((_next(self._weights, self._credit) for _ in range(count)), key=order.index)


def _deal_forms(
    placed: Sequence[tuple[dt.datetime, OfferedTime]], forms: Mapping[Platform, _FormMix]
) -> list[FormEvidence]:
    """Return the form of each post; of a week's posts the best times get the best forms."""
    dealt: dict[int, FormEvidence] = {}
    for platform, mix in forms.items():
        own = [n for n, (_, time) in enumerate(placed) if time.platform == platform]
        best_first = sorted(
            own, key=lambda n: (not placed[n][1].stands_out, -(placed[n][1].relative or 0), n)
        )
        dealt |= dict(zip(best_first, mix.take(len(own)), strict=True))
    return [dealt[n] for n in range(len(placed))]


class _Schedule:
    """Places the posts of one week after the other, and remembers which hours were tried."""

    def __init__(self, times: Sequence[OfferedTime], zone: ZoneInfo) -> None:
        self._zone = zone
        self._times: dict[tuple[Platform, int], list[OfferedTime]] = defaultdict(list)
        for time in times:
            self._times[time.platform, time.weekday].append(time)
        self._tried: Counter[tuple[Platform, dt.time]] = Counter()

    def place(
        self, week: Week, platforms: Sequence[Platform]
    ) -> list[tuple[dt.datetime, OfferedTime]]:
        """Return when each post of a week goes out: at what stands out, then spread over days."""
        most_a_day = math.ceil(week.posts / len(week.days))
        placed: list[tuple[dt.datetime, OfferedTime]] = []
        for platform in platforms:
            taken = {moment for moment, time in placed if time.platform == platform}
            moments = [
                (dt.datetime.combine(day, time.time), time)  # the creator's clock
                for day in week.days
                for time in self._times[platform, day.weekday()]
            ]
            offers = [
                offer
                for offer in moments
                if offer[0] not in taken and is_on_clock(offer[0], self._zone)
            ]
            chosen = min(offers, key=lambda offer: self._cost(offer, placed, most_a_day))
            self._tried[platform, chosen[1].time] += 1
            placed.append(chosen)
        return sorted(placed, key=lambda each: (each[0], each[1].platform))

    def _cost(
        self,
        offer: tuple[dt.datetime, OfferedTime],
        placed: Sequence[tuple[dt.datetime, OfferedTime]],
        most_a_day: int,
    ) -> tuple[int, bool, int, bool, bool, int, int, int, float]:
        """Return what speaks against a time, what matters most first; of equal ones the first."""
        moment, time = offer
        that_day = [other for other, _ in placed if other.date() == moment.date()]
        own = [other for other, each in placed if each.platform == time.platform]
        return (
            sum(other.date() == moment.date() for other in own),
            not time.stands_out,
            _rank(time),
            len(that_day) >= most_a_day,
            any(abs(moment - other) < APART for other in own),
            sum(_is_next_day(moment, other) for other in own),
            sum(_is_next_day(moment, other) for other, _ in placed),
            # What is only a trial takes turns, so that something is learned.
            0 if time.basis == "cell" else self._tried[time.platform, time.time],
            -(time.relative or 0),
        )


def _is_next_day(moment: dt.datetime, other: dt.datetime) -> bool:
    return abs((other.date() - moment.date()).days) == 1


def _rank(time: OfferedTime) -> int:
    """Return what is to be preferred: what did at least as well as usual, then trials."""
    if time.relative is not None and time.relative < 1:
        return 2
    return 0 if time.basis == "cell" else 1
