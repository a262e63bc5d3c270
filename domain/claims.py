"""What a number's sentence claims of it: whose it is, of which days, and up or down."""

import datetime as dt
import re
from bisect import bisect_left
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from domain.dates_in_text import Days
from domain.derivations import DerivationKind, Result, Source
from domain.mentions import (
    ALL,
    Mention,
    Mentions,
    Value,
    attached,
    counted_noun,
)
from domain.numerals import Numeral
from domain.subjects import Direction, Subject
from domain.wording import (
    BREAK,
    BY_BEFORE,
    CHANGE_AFTER,
    CHANGE_BEFORE,
    COMPARED_DAYS,
    COUNTED_FROM,
    DAYS_BEFORE,
    FROM_BEFORE,
    NEXT_BEFORE,
    OF_AUDIENCE,
    OF_THE_WAY,
    OTHER_DAYS,
    PAIR_AFTER,
    PAIR_BEFORE,
    PARTITIVE,
    THAN_BEFORE,
    TO_BEFORE,
    WHOLE_AFTER,
    WINNING_BEFORE,
    WON_BEFORE,
)

_WINDOW = 60
_ADJACENT = 3
_MAX_SENTENCE = 200
_MAX_DAYS = 8


class Claim:
    """One number in its passage, and which figures it may be."""

    def __init__(
        self,
        numeral: Numeral,
        start: int,
        subject: Subject,
        context: Subject,
        *,
        is_cell: bool = False,
        recent: AbstractSet[str] = frozenset(),
    ) -> None:
        """Read what the subject's text says of a number that starts there.

        `recent` are the places that the sentences before it named.
        """
        self._recent = recent
        self._numeral = numeral
        self._start = start
        self._subject = subject
        self._context = context
        self._book = subject.book
        self._is_cell = is_cell
        text, end = subject.text, start + len(numeral.text)
        before, after = text[max(0, start - _WINDOW) : start], text[end : end + _WINDOW]
        self._is_partitive = PARTITIVE.search(before) is not None
        self._is_in_pair = bool(PAIR_BEFORE.search(before) or PAIR_AFTER.match(after))
        places = self._speaks_of(subject.places, context.places, end)
        is_apart = places and not attached(text, subject.places, end)
        is_whole = self._is_partitive or is_apart or WHOLE_AFTER.match(after)
        self._places = places | {ALL} if places and is_whole else places
        days = self._speaks_of(subject.days, context.days, end)
        is_free = self._is_partitive or DAYS_BEFORE.match(after) or NEXT_BEFORE.search(before)
        self._compared_days = self._days_after(COMPARED_DAYS)
        self._days = set() if is_free else days - self._compared_days - self._days_after(OTHER_DAYS)
        self._formats = self._speaks_of(subject.formats, context.formats, end)
        noun = counted_noun(text, end)
        self._metrics = {noun} if noun else self._speaks_of(subject.metrics, context.metrics, end)
        self._is_change = bool(CHANGE_BEFORE.search(before) or CHANGE_AFTER.match(after))
        self._is_progress = bool(OF_THE_WAY.match(after))
        self._is_of_audience = bool(OF_AUDIENCE.match(after))
        self._is_won = bool(WON_BEFORE.search(before))
        self._is_of_winning = bool(WINNING_BEFORE.search(before))
        self._is_by = bool(BY_BEFORE.search(before))
        self._is_from = bool(FROM_BEFORE.search(before))
        self._is_level = bool(TO_BEFORE.search(before))
        self._direction = self._find_direction(start, end)

    def _speaks_of(self, own: Mentions[Value], above: Mentions[Value], end: int) -> set[Value]:
        if not own.found:
            return above.values
        if self._is_partitive or self._is_in_pair:
            return own.values
        found = attached(self._subject.text, own, end)
        if found and self._is_compared(found):
            return own.values
        return {mention.value for mention in found} or own.values

    def _days_after(self, words: re.Pattern[str]) -> set[Days]:
        """Return the days that stand after these words, unless their own number follows."""
        text = self._subject.text
        return {
            mention.value
            for mention in self._subject.days.found[:_MAX_DAYS]
            if words.search(text[max(0, mention.start - _WINDOW) : mention.start])
            and not (mention.end <= self._start <= mention.end + _ADJACENT)
        }

    def _is_compared(self, found: Sequence[Mention[Value]]) -> bool:
        """Tell whether the number may be of the other: "YouTube grew faster than Facebook: 9 %"."""
        text, first, last = self._subject.text, found[0], found[-1]
        between = text[last.end : max(last.end, self._start)][:_MAX_SENTENCE]
        return bool(BREAK.search(between)) and bool(
            THAN_BEFORE.search(text[max(0, first.start - _ADJACENT * 4) : first.start])
        )

    def _find_direction(self, start: int, end: int) -> Direction:
        """Return the direction of the nearest word of rise or fall in the same clause."""
        words, text = self._subject.directions, self._subject.text
        place = bisect_left(words.starts, start)
        after = words.found[place] if place < len(words.found) else None
        before = words.found[place - 1] if place else None
        if after and after.start - end <= _ADJACENT and _is_near(text[end : after.start]):
            return after.value
        if before and _is_near(text[before.end : start]):
            return before.value
        if after and _is_near(text[end : after.start]):
            return after.value
        above = self._context.directions.values if self._is_cell else set()
        return next(iter(above)) if len(above) == 1 else 0

    def accepts(self, source: Source) -> bool:
        """Tell whether the number may be this very figure."""
        return (
            self._is_of_metric(source)
            and self._is_of_place(source)
            and self._is_of_days(source)
            and self._has_form_of(source)
        )

    def _is_of_metric(self, source: Source) -> bool:
        if self._formats and source.formats and self._formats.isdisjoint(source.formats):
            return False
        if not self._metrics or source.family is None:
            return "minute" not in self._metrics or source.unit == "minutes"
        if "minute" in self._metrics and source.unit == "minutes":
            return True
        is_rate = source.family == "engagement_rate" and "engagement" in self._metrics
        return source.family in self._metrics or is_rate

    def _is_of_place(self, source: Source) -> bool:
        places = self._places
        if not places:
            return True
        if source.platform is None:
            named = len(places - {ALL})
            return ALL in places or named > 1 or source.kind not in self._book.placed
        if source.account and f"@{source.account}" in places:
            return True
        is_whole = (
            source.account is None
            or (source.family, source.platform, source.unit) not in self._book.whole
        )
        if source.platform in places:
            return is_whole
        return places == {ALL} and is_whole and source.kind not in self._book.summed

    def _is_of_days(self, source: Source) -> bool:
        if not self._days:
            return True
        if self._is_from and source.start == source.end:
            # "in March, from 990": the level at the close of the day before.
            day = source.start + dt.timedelta(days=1)
            return any(days.covers(day, day) for days in self._days) or self._is_on_days(source)
        return self._is_on_days(source)

    def _is_on_days(self, source: Source) -> bool:
        if source.family is None:
            # A goal's dates are its start and its end.
            ends = ((source.start, source.start), (source.end, source.end), source.days)
            return any(days.covers(*end) for days in self._days for end in ends)
        if source.family == "follower" and not source.is_signed:
            # A level is that of its last day.
            return any(
                days.covers(source.end, source.end) or days.covers(*source.days)
                for days in self._days
            )
        return any(days.covers(*source.days) for days in self._days)

    def _has_form_of(self, source: Source) -> bool:
        """Tell whether a change is said as a change, its way up or down, and a level as a level."""
        if not source.is_signed:
            if self._is_won and source.family == "follower":
                return False
            return not (self._is_change and not source.is_pace)
        return self._has_sign(source.value)

    def _has_sign(self, value: float) -> bool:
        if self._numeral.sign or not value:
            return True  # it is written, and compared with the value
        if self._is_from or self._is_level:
            return True  # "the loss went from 198 to 213"
        if self._direction:
            return (value > 0) == (self._direction > 0)
        return value > 0 or not self._is_cell

    def accepts_result(self, result: Result) -> bool:
        """Tell whether the sentence speaks of this arithmetic, over these figures."""
        kinds = self._subject.kinds | (self._context.kinds if self._context.text else set())
        return (
            result.kind in kinds
            and not self._is_progress
            and any(self._is_of_metric(source) for source in result.sources)
            and self._names_places(result)
            and self._names_days(result)
            and self._names_formats(result)
            and self._has_form_of_result(result)
        )

    def _names_places(self, result: Result) -> bool:
        if len({source.place for source in result.sources}) == 1:
            one = result.sources[0]
            return self._is_of_place(one) and (bool(self._places) or self._is_understood(one))
        named = self._subject.places.values | self._context.places.values
        if result.is_group and (not named or ALL in named):
            return named <= {ALL} or any(map(self._is_of_place, result.sources))
        if not named:
            is_over_time = len(self._subject.days.values) > 1
            return not is_over_time and all(map(self._is_understood, result.sources))
        return all(
            _is_named(source, named, result.kind) or source.formats & self._subject.formats.values
            for source in result.sources
        )

    def _is_understood(self, source: Source) -> bool:
        """Tell whether a sentence without a place means this one: the total, or one just named."""
        is_total = source.platform is None or source.kind not in self._book.summed
        return is_total or source.platform in self._recent or f"@{source.account}" in self._recent

    def _names_days(self, result: Result) -> bool:
        spans = {source.days for source in result.sources}
        if not self._days:
            days = self._compared_days
            return not days or any(one.covers(*span) for one in days for span in spans)
        if len(spans) == 1:
            return self._is_of_days(result.sources[0])
        earlier, later = result.sources[0], result.sources[-1]
        if all(source.start == source.end for source in result.sources) and not result.is_group:
            # Between two levels lies the time in which they changed.
            if any(days.covers(earlier.end, later.end) for days in self._days):
                return True
        elif not (self._subject.looks_back or result.kind == "share" or self._is_of_days(later)):
            return False
        if not any(map(self._is_of_days, result.sources)):
            return False
        named = self._subject.days.values | self._context.days.values
        return (len(named) == 1 and earlier.start < earlier.end) or all(
            any(days.covers(*source.days) for days in named) for source in result.sources
        )

    def _names_formats(self, result: Result) -> bool:
        named = self._subject.formats.values | self._context.formats.values
        if not named or len({source.subject for source in result.sources}) == 1:
            return True
        return all(not source.formats or named & source.formats for source in result.sources)

    def _has_form_of_result(self, result: Result) -> bool:
        if result.kind in ("sum", "mean"):
            return not result.sources[0].is_signed or self._has_sign(result.value)
        is_comparing = self._subject.is_comparing or self._context.is_comparing
        is_over_time = len({source.days for source in result.sources}) > 1
        if result.is_reversed and is_over_time and not is_comparing and result.kind != "share":
            return False
        if result.kind in ("ratio", "share"):
            return self._has_form_of_part(result)
        if self._is_level or not (self._direction or self._numeral.sign or is_comparing):
            return False
        # "You gained 50" is never how much more was gained than before.
        is_signed = result.sources[0].is_signed
        is_of_changes = is_signed and result.kind == "difference" and not self._is_by
        if not is_comparing and (is_of_changes or not is_over_time):
            return False
        return self._has_sign(result.value) and self._is_counted_from_base(result)

    def _has_form_of_part(self, result: Result) -> bool:
        """Tell whether a share or a multiple is of what was won, or of how many there are."""
        one, other = result.sources
        if self._is_of_audience:
            return not one.is_signed and one.place != other.place
        return not self._is_of_winning or one.family != "follower" or one.is_signed

    def _is_counted_from_base(self, result: Result) -> bool:
        """Tell whether it is counted from what "than" names, if it names one of the two.

        Of two losses the greater is "more", and so the order says nothing.
        """
        one, other = result.sources
        base, value = (other, one) if result.is_reversed else (one, other)
        if base.value < 0 and value.value < 0:
            return True
        matches = list(COUNTED_FROM.finditer(self._subject.text))
        if not matches:
            return True
        after = (match.end() for match in matches if match.start() > self._start)
        start = next(after, matches[-1].end())
        if base.place != value.place:
            places = (m.value for m in self._subject.places.found if m.start >= start)
            named = {next(places, "")}
            return _is_named(base, named, "difference") or not _is_named(value, named, "difference")
        days = next((m.value for m in self._subject.days.found if m.start >= start), None)
        return not days or days.covers(*base.days) or not days.covers(*value.days)


def _is_near(between: str) -> bool:
    return len(between) < _WINDOW and not BREAK.search(between)


def _is_named(source: Source, named: AbstractSet[str], kind: DerivationKind) -> bool:
    if source.account and f"@{source.account}" in named:
        return True
    if source.platform is None:
        return ALL in named or kind == "share"
    return source.platform in named and source.account is None
