"""What its sentence says of a number: whose it is, of which days and things, and up or down."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from copy import copy

from domain.grounding.dates_in_text import Days
from domain.grounding.mentions import ALL, Mention, Mentions, Value, attached, counted_noun
from domain.grounding.number_words import Unit
from domain.grounding.numerals import Numeral, with_unit
from domain.grounding.ranks import Rank
from domain.grounding.sources import Per, Source
from domain.grounding.subjects import Direction, Subject
from domain.grounding.wording import (
    BREAK,
    BY_BEFORE,
    CHANGE_AFTER,
    CHANGE_BEFORE,
    COMPARED_DAYS,
    COUNTED_FROM,
    DAYS_BEFORE,
    END_BEFORE,
    FOLLOWING_DAYS,
    FROM_BEFORE,
    GROWING_BEFORE,
    HEDGING,
    INSTEAD_BEFORE,
    LEFT_AFTER,
    MOVING,
    NEXT_BEFORE,
    NOW_AFTER,
    NOW_BEFORE,
    OF_AUDIENCE,
    OF_THE_WAY,
    OTHER_DAYS,
    OTHERS_BEFORE,
    PAIR_AFTER,
    PARTITIVE,
    PER_AFTER,
    PER_BEFORE,
    PER_WORDS,
    START_BEFORE,
    THAN_BEFORE,
    TO_BEFORE,
    USUAL_BEFORE,
    WHOLE_AFTER,
    WINNING_BEFORE,
    WON_BEFORE,
)

_WINDOW = 60
_ADJACENT = 3
_MAX_SENTENCE = 200
_MAX_DAYS = 8
_HEDGE = 20
_CLAUSE = re.compile(r";|\b(?:and|but|yet|while|whereas)\b|, (?:on |your )?$", re.IGNORECASE)
_ENDS_CLAUSE = re.compile(r"[*_]*(?:[.,;)]|\s*$)")
_SHARED = ("%", "pp", "x")


class Reading:
    """One number in its passage, and what the passage says of it."""

    def __init__(
        self,
        numeral: Numeral,
        start: int,
        subject: Subject,
        context: Subject,
        *,
        is_cell: bool = False,
        recent: AbstractSet[str] = frozenset(),
        previous: tuple[Numeral, Source | None] | None = None,
        rank: Rank | None = None,
    ) -> None:
        """Read what the subject's text says of a number that starts there.

        `recent` are the places that the sentences before it named, `previous` is the number
        before it in the same passage and the figure that it is, `rank` the place that it takes.
        """
        self.recent = recent
        self.rank = rank
        self.numeral = numeral
        self.start = start
        self.subject = subject
        self.context = context
        self.is_cell = is_cell
        text, end = subject.text, start + len(numeral.text)
        before, after = text[max(0, start - _WINDOW) : start], text[end : end + _WINDOW]
        self._read_flags(before, after)
        self._read_places(end, is_whole=WHOLE_AFTER.match(after) is not None)
        is_other = NEXT_BEFORE.search(before) or INSTEAD_BEFORE.search(before)
        self._read_days(end, is_free=bool(DAYS_BEFORE.match(after) or is_other))
        noun = counted_noun(text, end)
        self.metrics = {noun} if noun else self._speaks_of(subject.metrics, context.metrics, end)
        self.aspects = self._find_aspects(end)
        self.per = _find_per(before, after)
        self.direction = self._find_direction(start, end)
        self._previous = previous
        self._range_start = previous if previous and self._ends_range(previous[0]) else None
        self.is_wrong_way = self._goes_the_wrong_way()

    def _read_flags(self, before: str, after: str) -> None:
        self._is_in_pair = PAIR_AFTER.match(after) is not None
        self.is_partitive = PARTITIVE.search(before) is not None
        self.is_usual = bool(USUAL_BEFORE.search(before))
        self.is_end = bool(END_BEFORE.search(before))
        self.is_start = bool(START_BEFORE.search(before))
        self._is_of_others = bool(OTHERS_BEFORE.search(before))
        self.is_left = bool(LEFT_AFTER.match(after))
        self.is_now = bool(NOW_BEFORE.search(before) or NOW_AFTER.match(after))
        self.is_change = bool(CHANGE_BEFORE.search(before) or CHANGE_AFTER.match(after))
        self.is_more = bool(CHANGE_AFTER.match(after))
        self.is_progress = bool(OF_THE_WAY.match(after))
        self.is_of_audience = bool(OF_AUDIENCE.match(after))
        self.is_won = bool(WON_BEFORE.search(before))
        self.is_of_winning = bool(WINNING_BEFORE.search(before))
        self.is_of_growing = GROWING_BEFORE.search(before) is not None
        self.is_by = bool(BY_BEFORE.search(before))
        self.is_from = bool(FROM_BEFORE.search(before))
        self.is_level = bool(TO_BEFORE.search(before))

    def _read_places(self, end: int, *, is_whole: bool) -> None:
        """Set the number's places, those that the passage names, and those that it leaves out."""
        own = self._outside(self.subject.places)
        first = own.starts[0] if own.values == {ALL} else 0
        if any(mark in self.subject.text[end:first] for mark in ",;:"):
            own = Mentions(())  # "4,655, more than the others combined"
        self.named_places = own.values | self.context.places.values
        places = self._speaks_of(own, self.context.places, end)
        if places == {ALL}:
            # "YouTube grew by 73 a week, or 56 % in total": of all, or of what was named before.
            places = places | {mention.value for mention in own.found if mention.start < self.start}
        is_apart = places and not attached(self.subject.text, own, end)
        is_whole = is_whole or self.is_partitive or bool(is_apart)
        self.places = places | {ALL} if places and is_whole else places

    def _read_days(self, end: int, *, is_free: bool) -> None:
        self.compared_days = self._days_after(COMPARED_DAYS)
        self.days = set[Days]()
        if not (is_free or self.is_partitive or self.is_now or self._is_of_others):
            days = self._speaks_of(self._outside(self.subject.days), self.context.days, end)
            later = self._days_after(FOLLOWING_DAYS, self.start)
            self.days = days - self.compared_days - later - self._days_after(OTHER_DAYS)

    def with_implied_units(self) -> Iterator["Reading"]:
        """Yield it with the unit of the number before it ("6 % and 8"), or of its heading."""
        text, end = self.subject.text, self.start + len(self.numeral.text)
        if self.numeral.unit:
            return
        units: list[Unit] = []
        if self._previous and self._previous[0].unit in _SHARED and _ENDS_CLAUSE.match(text, end):
            units.append(self._previous[0].unit)
        if self.subject.is_in_hours or self.context.is_in_hours:
            units.append("h")
        for unit in units:
            reading = copy(self)
            reading.numeral = with_unit(self.numeral, unit)
            yield reading

    @property
    def speaks_of_future(self) -> bool:
        """Whether the passage or what stands above it speaks of what may come."""
        return self.subject.is_of_future or self.context.is_of_future

    @property
    def speaks_of_range(self) -> bool:
        """Whether the passage or what stands above it speaks of a range."""
        return self.subject.is_of_range or self.context.is_of_range

    @property
    def speaks_of_usual(self) -> bool:
        """Whether the passage or what stands above it speaks of what is usual."""
        return self.subject.is_of_usual or self.context.is_of_usual

    @property
    def named_days(self) -> set[Days]:
        """All days that the passage names."""
        return self.subject.days.values | self.context.days.values

    def _outside(self, mentions: Mentions[Value]) -> Mentions[Value]:
        """Return the mentions without those in a parenthesis that has a number of its own."""
        asides = self.subject.asides
        if not asides or any(left <= self.start < right for left, right in asides):
            return mentions
        return Mentions(
            mention
            for mention in mentions.found
            if not any(left <= mention.start < right for left, right in asides)
        )

    def _speaks_of(self, own: Mentions[Value], above: Mentions[Value], end: int) -> set[Value]:
        if not own.found or _CLAUSE.search(self.subject.text, end, max(end, own.starts[0])):
            return above.values
        if self.is_partitive or self._is_in_pair:
            return own.values
        found = attached(self.subject.text, own, end)
        if found and self._is_compared(found):
            return own.values
        return {mention.value for mention in found} or own.values

    def _find_aspects(self, end: int) -> dict[str, set[str]]:
        """Return what else is named, by dimension."""
        above, own = self.context.dimensions, self.subject.dimensions
        found = {name: above[name].values for name in above.keys() - own.keys()}
        for name, mentions in own.items():
            looks_ahead = name not in ("pace", "statistic")
            near = attached(self.subject.text, mentions, end, looks_ahead=looks_ahead)
            is_wide = self.is_partitive or self._is_in_pair or (near and self._is_compared(near))
            found[name] = mentions.values if is_wide else {mention.value for mention in near}
        return found

    def _days_after(self, words: re.Pattern[str], start: int = 0) -> set[Days]:
        """Return the days after these words, which begin after `start`, and before no number."""
        text = self.subject.text
        return {
            mention.value
            for mention in self.subject.days.found[:_MAX_DAYS]
            if words.search(text[max(start, mention.start - _WINDOW) : mention.start])
            and not (mention.end <= self.start <= mention.end + _ADJACENT)
        }

    def _is_compared(self, found: Sequence[Mention[Value]]) -> bool:
        """Tell whether the number may be of the other: "YouTube grew faster than Facebook: 9 %"."""
        text, first, last = self.subject.text, found[0], found[-1]
        between = text[last.end : max(last.end, self.start)][:_MAX_SENTENCE]
        return bool(BREAK.search(between)) and bool(
            THAN_BEFORE.search(text[max(0, first.start - _ADJACENT * 4) : first.start])
        )

    def _find_direction(self, start: int, end: int) -> Direction:
        """Return the direction of the nearest word of rise or fall in the same clause."""
        words, text = self.subject.directions, self.subject.text
        place = bisect_left(words.starts, start)
        after = words.found[place] if place < len(words.found) else None
        if place and HEDGING.match(text[max(words.starts[place - 1], start - _HEDGE) : start]):
            place -= 1
        before = words.found[place - 1] if place else None
        is_base = after and COUNTED_FROM.match(text, after.start)
        if (
            after
            and (is_base or after.start - end <= _ADJACENT)
            and _is_near(text[end : after.start])
        ):
            return after.value
        if before and _is_near(text[before.end : start]):
            return before.value
        if after and _is_near(text[end : after.start]):
            return after.value
        above = self.context.directions.values if self.is_cell else set()
        return next(iter(above)) if len(above) == 1 else 0

    @property
    def last_direction(self) -> Direction:
        """The direction of the sentence so far: "up 58 %, YouTube's 18 %"."""
        words = self.subject.directions
        place = bisect_left(words.starts, self.start)
        return self.direction or (words.found[place - 1].value if place else 0)

    def comes_after(self, source: Source) -> bool:
        """Tell whether in "from 12 to 15", or "to 15 from 12", the first is of the later days."""
        other = self._range_start[1] if self._range_start else None
        if other is None or other.metric != source.metric or other.place != source.place:
            return False
        return source.end > other.end if self.is_from else source.end < other.end

    def _ends_range(self, previous: Numeral) -> bool:
        """Tell whether it is one end of a range and the number before it the other."""
        text = self.subject.text
        first = self.start - (self.numeral.span[0] - previous.span[0])
        before = text[max(0, first - _WINDOW) : first]
        between = text[first + len(previous.text) : self.start]
        is_to = self.is_level and FROM_BEFORE.search(before)
        return bool(is_to or (self.is_from and TO_BEFORE.search(before))) and _is_near(between)

    def _goes_the_wrong_way(self) -> bool:
        """Tell whether it is said to rise from a number to a smaller one, or to fall to more."""
        value = self.numeral.value
        if self._range_start is None or value is None:
            return False
        base = self._range_start[0].value or 0
        if self.is_from:
            base, value = value, base
        moves = list(MOVING.finditer(self.subject.text, max(0, self.start - _WINDOW), self.start))
        return bool(moves) and (value > base if moves[-1]["down"] else value < base)


def _find_per(before: str, after: str) -> Per:
    match = PER_AFTER.match(after) or PER_BEFORE.search(before)
    return PER_WORDS[match[match.lastgroup or 0].lower()] if match else ""


def _is_near(between: str) -> bool:
    return len(between) < _WINDOW and not BREAK.search(between)
