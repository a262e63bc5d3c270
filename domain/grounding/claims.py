"""Whether what arithmetic makes of figures is what a sentence says of a number."""

import datetime as dt
import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from operator import attrgetter

from domain.grounding.aspects import dimension
from domain.grounding.audience import is_of_parts
from domain.grounding.dates_in_text import Days
from domain.grounding.derivations import MANNERS, DerivationKind, Result, topic
from domain.grounding.figure_claims import FigureClaim
from domain.grounding.mentions import ALL, Mentions, Value
from domain.grounding.sources import MAX_LAG_DAYS, Source
from domain.grounding.wording import COUNTED_FROM, EARLIER, EXPECTED, NEXT, NOW, USUAL_AFTER

# What a figure is, the words for it or for what it is not, and whether they are for what it is.
_STATES: tuple[tuple[Callable[[Source], bool], re.Pattern[str], bool], ...] = (
    (attrgetter("is_usual"), USUAL_AFTER, True),
    (attrgetter("is_forecast"), NOW, False),
    (attrgetter("is_bound"), EXPECTED, False),
)
_ONE_DAY = dt.timedelta(days=1)


class Claim(FigureClaim):
    """One number as its passage reads it, and which arithmetic over which figures it may be."""

    def accepts_result(self, result: Result) -> bool:
        """Tell whether the sentence speaks of this arithmetic, over these figures."""
        reading = self.reading
        return (
            not (reading.is_progress or reading.is_wrong_way)
            and (not result.sources[0].is_audience or is_of_parts(reading, result.sources))
            and not (reading.is_start and any(map(self.is_last_level, result.sources)))
            and (reading.speaks_of_future or not any(one.is_forecast for one in result.sources))
            and self._names_kind(result)
            and self._is_of_metrics(result)
            and self._names_places(result)
            and self._names_days(result)
            and self._names_topics(result)
            and self._has_form_of_result(result)
        )

    def _is_of_metrics(self, result: Result) -> bool:
        is_of_several = len({source.family for source in result.sources}) > 1
        if is_of_several and "engagement" in self.reading.metrics:
            return True  # likes, comments and all together
        return any(map(self.is_of_metric, result.sources))

    def _has_kind(self, kind: DerivationKind) -> bool:
        reading = self.reading
        return kind in reading.subject.kinds or kind in reading.context.kinds

    def _names_kind(self, result: Result) -> bool:
        """Tell whether its words speak of this arithmetic; what adds up needs no word for it."""
        if self.reading.numeral.unit == "h" and result.sources[0].unit != "minutes":
            return False
        per = self.reading.per
        is_rate = len(result.sources) == 1 or result.is_per_one
        is_other_rate = result.unit == "" and result.per != per
        if per and not result.per and result.kind == "difference":
            is_other_rate = not all(map(self.is_per, result.sources))
        if is_other_rate and (per or (is_rate and result.per not in self.reading.subject.rates)):
            return False
        if result.scope == "rest" and len(result.sources) == 1:
            return self.reading.subject.is_of_rest
        if result.kind == "share" and self.reading.is_more:
            return False  # "65 % more"
        return result.kind == "sum" or self._has_kind(result.kind)

    def _names_places(self, result: Result) -> bool:
        reading = self.reading
        if len({source.place for source in result.sources}) == 1:
            one = result.sources[0]
            if result.is_rest_of_share:
                return True
            is_understood = any(map(self._is_understood, result.sources))
            return self.is_of_place(one) and (bool(reading.places) or is_understood)
        if left_out := reading.subject.excluded:
            is_named = all(_is_named(s, reading.named_places, "sum") for s in result.sources)
            is_rest = result.scope == "rest" and (is_named or not reading.places - {ALL})
            return is_rest and all(source.platform not in left_out for source in result.sources)
        if result.kind in ("sum", "mean") or result.is_group:
            return self._names_all_places(result)
        return self._names_both_places(result)

    def _names_both_places(self, result: Result) -> bool:
        """Tell whether a comparison is of two places that are named or understood."""
        reading, named = self.reading, self.reading.named_places
        if not named:
            is_over_time = len(reading.subject.days.values) > 1
            return not is_over_time and all(map(self._is_understood, result.sources))
        if reading.subject.points_back and not reading.recent:
            return any(_is_named(source, named, result.kind) for source in result.sources)
        named = named | reading.recent if reading.subject.points_back else named
        return all(
            _is_named(source, named, result.kind) or topic(source) & reading.subject.aspects.values
            for source in result.sources
        )

    def _names_all_places(self, result: Result) -> bool:
        """Tell whether a sum is of the places that are named together, or of all."""
        places, named = self.reading.places, self.reading.named_places
        if result.scope == "all" and (not places or ALL in places):
            return True
        if all(_is_named(source, places, result.kind) for source in result.sources):
            return True
        if self.reading.subject.is_of_rest and result.scope == "rest":
            return not any(_is_named(source, named, result.kind) for source in result.sources)
        is_said = self._has_kind("sum" if result.kind == "sum" else "mean")
        return is_said and all(_is_named(source, named, result.kind) for source in result.sources)

    def _is_understood(self, source: Source) -> bool:
        """Tell whether a sentence without a place means this one: the only one, or just named."""
        if source.platform is None or source.metric not in self.book.totals:
            return True
        recent = self.reading.recent
        return source.platform in recent or f"@{source.account}" in recent

    def _names_days(self, result: Result) -> bool:
        reading = self.reading
        spans = {source.days for source in result.sources}
        is_of_places = len({source.place for source in result.sources}) > 1 or result.is_per_one
        if reading.is_now and not self.is_of_days(result.sources[-1]):
            return False
        if result.kind in ("sum", "mean") and len(spans) > 1 and not is_of_places:
            return self._fills_days(result)
        if not reading.days:
            if result.scope == "all" and result.kind == "share":
                return False  # of all days, and none is named
            days = reading.compared_days
            return not days or any(one.covers(*span) for one in days for span in spans)
        if len(spans) == 1 or (is_of_places and result.kind in ("sum", "mean")):
            return self.is_of_days(result.sources[0])
        return self._reaches_on(result) or self._names_both_days(result)

    def _reaches_on(self, result: Result) -> bool:
        """Tell whether it leads to a goal's target, which is of no day, or on "since July"."""
        first = result.sources[0].days
        return any(
            source.is_level and source.start < source.end for source in result.sources
        ) or any(days.reach == "since" and days.covers(*first) for days in self.reading.days)

    def _names_both_days(self, result: Result) -> bool:
        """Tell whether one number's days are named, and no others than the other's."""
        reading = self.reading
        earlier, later = result.sources[0], result.sources[-1]
        is_one_named = any(map(self.is_of_days, result.sources))
        if earlier.start < earlier.end and len(reading.named_days) > 1:
            return all(map(self._is_named_day, result.sources))
        if all(source.start == source.end for source in result.sources) and not result.is_group:
            # Between two levels lies the time in which they changed.
            if any(days.covers(earlier.end, later.end) for days in reading.days):
                return True
            if earlier.is_level and not reading.subject.is_comparing:
                return False
            is_beside = later.start - earlier.end == _ONE_DAY and NEXT.search(reading.subject.text)
            if reading.subject.is_comparing and (earlier.is_post or is_beside):
                return is_one_named
        elif not (reading.subject.looks_back or result.kind == "share" or self.is_of_days(later)):
            return False
        named = reading.named_days
        is_other_unnamed = len(named) == 1 and earlier.start < earlier.end
        return is_one_named and (is_other_unnamed or all(map(self._is_named_day, result.sources)))

    def _is_named_day(self, source: Source) -> bool:
        return any(days.covers(*source.days) for days in self.reading.named_days)

    def _fills_days(self, result: Result) -> bool:
        """Tell whether a sum over days is of just the days that are named, or of all."""
        if not self.reading.days:
            is_rest = result.scope == "rest" and self.reading.subject.is_of_rest
            is_first = result.sources[0].is_post and self.reading.subject.first == len(
                result.sources
            )
            return result.scope == "all" or is_rest or is_first
        is_said = self._has_kind(result.kind)
        chosen = self.reading.named_days if is_said else self.reading.days
        first = min(source.start for source in result.sources)
        last = max(source.end for source in result.sources)
        is_inside = all(
            any(one.covers(*source.days) for one in chosen) for source in result.sources
        )
        return is_inside and (result.sources[0].is_post or _meets(chosen, first, last))

    def _names_topics(self, result: Result) -> bool:
        """Tell whether figures about several things are about those that are named."""
        names = {dimension(aspect) for source in result.sources for aspect in source.aspects}
        return all(self._names_topic(result, name) for name in names)

    def _names_topic(self, result: Result, name: str) -> bool:
        reading = self.reading
        near = reading.aspects.get(name, set())
        own = [source.aspects_of(name) for source in result.sources]
        if all(aspects == own[0] for aspects in own):
            return not near or bool(near & own[0])
        if name in MANNERS or (result.scope == "all" and (reading.is_partitive or not near)):
            return True
        if result.kind not in ("sum", "mean") or self._has_kind("sum"):
            near = reading.subject.aspects_of(name) | reading.context.aspects_of(name)
        if not near:
            return (
                own[0] == set() or result.sources[0].is_post or result.scope not in ("some", "rest")
            )
        return all(not aspects or aspects & near for aspects in own)

    def _has_form_of_result(self, result: Result) -> bool:
        reading, first = self.reading, result.sources[0]
        if result.kind in ("sum", "mean"):
            return not first.is_signed or self.has_sign(result.value)
        if len(result.sources) == 1 or result.is_group:
            return result.kind != "percent_change" or self.has_sign(result.value)
        is_comparing = reading.subject.is_comparing or reading.context.is_comparing
        is_over_time = len({source.days for source in result.sources}) > 1
        if result.kind in ("ratio", "share"):
            is_back = result.is_reversed and is_over_time and not is_comparing
            return self._has_form_of_part(result) and not (is_back and result.kind == "ratio")
        # "You gained 50" is never how much more was gained than before.
        is_of_changes = first.is_signed and result.kind == "difference" and not reading.is_by
        if not is_comparing and (is_of_changes or not is_over_time or result.is_reversed):
            return False
        direction = reading.last_direction
        has_sign = direction or reading.numeral.sign or reading.subject.is_of_rest
        is_said = bool(has_sign or is_comparing) and not reading.is_level
        is_this_way = reading.direction or result.value * direction >= 0
        return (
            is_said
            and bool(is_this_way)
            and self.has_sign(result.value)
            and self._is_counted_from_base(result)
        )

    def _has_form_of_part(self, result: Result) -> bool:
        """Tell whether a share or a multiple is of what was won, or of how many there are."""
        one, other = result.sources
        if self.reading.is_of_audience:
            return not one.is_signed and one.place != other.place
        is_of_growth = self.reading.is_of_winning
        if result.kind == "ratio":
            is_of_growth = is_of_growth or self.reading.is_of_growing
        return not (is_of_growth and one.is_level)

    def _is_counted_from_base(self, result: Result) -> bool:
        """Tell whether it is counted from what "than" names, if it names one of the two.

        Of two losses the greater is "more", and so the order says nothing.
        """
        one, other = result.sources
        base, value = (other, one) if result.is_reversed else (one, other)
        if base.value < 0 and value.value < 0:
            return True
        reading = self.reading
        matches = list(COUNTED_FROM.finditer(reading.subject.text))
        if not matches:
            return True
        after = (match.end() for match in matches if match.start() > reading.start)
        start = next(after, matches[-1].end())
        subject = reading.subject
        if EARLIER.match(subject.text, start) and base.place == value.place:
            is_later = base.days != value.days and not any(
                m.start >= start for m in subject.days.found
            )
            return not (is_later and result.is_reversed)
        for is_so, words, is_base in _STATES:
            if is_so(base) != is_so(value) and words.search(subject.text, start):
                return is_so(base) == is_base
        return not (
            _is_of_second(subject.places, start, base, value, _is_of_place)
            or _is_of_second(subject.days, start, base, value, _is_of_days)
            or _is_of_second(subject.aspects, start, base, value, _is_about)
        )


def _meets(named: AbstractSet[Days], first: dt.date, last: dt.date) -> bool:
    """Tell whether days from the first to the last fill what is named; the last may lag behind."""
    begins = ends = False
    for days in named:
        for span in days.spans:
            begins |= first in (span.start, span.start - _ONE_DAY)
            ends |= days.reach == "since" or 0 <= (span.end - last).days <= MAX_LAG_DAYS
    return begins and ends


def _is_of_second(
    mentions: Mentions[Value],
    start: int,
    one: Source,
    other: Source,
    is_of: Callable[[Source, Value], bool],
) -> bool:
    """Tell whether the first mention after a place that tells two figures apart is of the other."""
    for mention in mentions.found:
        of_one, of_other = is_of(one, mention.value), is_of(other, mention.value)
        if mention.start >= start and of_one != of_other:
            return of_other
    return False


def _is_of_place(source: Source, place: str) -> bool:
    return _is_named(source, {place}, "difference")


def _is_of_days(source: Source, days: Days) -> bool:
    return days.covers(*source.days)


def _is_about(source: Source, aspect: str) -> bool:
    return aspect in source.aspects


def _is_named(source: Source, named: AbstractSet[str], kind: DerivationKind) -> bool:
    if source.account and f"@{source.account}" in named:
        return True
    if source.platform is None:
        return ALL in named or kind == "share"
    return source.platform in named and source.account is None
