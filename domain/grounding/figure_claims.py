"""Whether a number of a sentence may be this very figure."""

import datetime as dt

from domain.grounding.audience import is_of_part
from domain.grounding.mentions import ALL
from domain.grounding.ranks import is_ranked
from domain.grounding.readings import Reading
from domain.grounding.sources import MAX_LAG_DAYS, PER_DAYS, Source

_ONE_DAY = dt.timedelta(days=1)
_LAG = dt.timedelta(days=MAX_LAG_DAYS)


class FigureClaim:
    """One number as its passage reads it, and which figures it may be."""

    def __init__(self, reading: Reading) -> None:
        """Take what the passage says."""
        self.reading = reading
        self.book = reading.subject.book

    def accepts(self, source: Source) -> bool:
        """Tell whether the number may be this very figure."""
        return (
            not self.reading.is_wrong_way
            and (not source.is_audience or is_of_part(self.reading, source))
            and self.is_of_metric(source)
            and self.is_of_aspects(source)
            and self.is_of_place(source)
            and self.is_of_days(source)
            and self.is_per(source)
            and self._has_form_of(source)
            and not self.reading.comes_after(source)
            and not (self.reading.is_usual and self._has_a_usual(source))
            and (self.reading.speaks_of_usual or not source.is_usual)
            and (self.reading.speaks_of_range or not source.is_bound)
            and not (self.reading.is_start and self.is_last_level(source))
        )

    def accepts_in_place(self, source: Source) -> bool:
        """Tell whether the number may be this very figure, at its place."""
        return self.accepts(source) and self.is_in_place(source)

    def is_in_place(self, source: Source) -> bool:
        """Tell whether it takes the place that order words give it: "third", "the most"."""
        rank = self.reading.rank
        return rank is None or is_ranked(source, rank, self.book.sources)

    def is_of_metric(self, source: Source) -> bool:
        metrics = self.reading.metrics
        if not metrics or source.family is None:
            return "minute" not in metrics or source.unit == "minutes"
        if "minute" in metrics and source.unit == "minutes":
            return True
        is_rate = source.family == "engagement_rate" and metrics != {"follower"}
        return source.family in metrics or is_rate

    def is_of_aspects(self, source: Source) -> bool:
        return all(
            not values or not (own := source.aspects_of(name)) or own & values
            for name, values in self.reading.aspects.items()
        )

    def is_of_place(self, source: Source) -> bool:
        """Tell whether its place is named; where none is, the total is meant, if there is one."""
        reading = self.reading
        left_out = reading.subject.excluded
        if left_out and (source.platform is None or source.platform in left_out):
            return False
        places = reading.places
        if not places or (source.is_post and places == {ALL}):
            is_named = reading.subject.places.found or places or reading.recent
            is_part = source.platform and source.unit == "count" and not source.is_forecast
            return bool(is_named) or not is_part or source.metric not in self.book.totals
        return self._is_of_one(source, places)

    def _is_of_one(self, source: Source, places: set[str]) -> bool:
        if source.platform is None:
            named = len(places - {ALL})
            return ALL in places or named > 1 or source.kind not in self.book.placed
        if source.account and f"@{source.account}" in places:
            return True
        is_whole = (
            source.account is None
            or (source.family, source.platform, source.unit) not in self.book.whole
        )
        if source.platform in places:
            return is_whole
        return places == {ALL} and is_whole and source.kind not in self.book.summed

    def is_of_days(self, source: Source) -> bool:
        reading = self.reading
        if reading.is_now:
            return source.end >= self.book.last_day(source) - _LAG
        if not reading.days:
            return True
        if reading.is_from and len(reading.named_days) > 1:
            return any(days.covers(*source.days) for days in reading.named_days)
        if reading.is_from and self._is_just_before(source):
            return True
        if reading.is_from and source.start == source.end:
            # "in March, from 990": the level at the close of the day before.
            day = source.start + _ONE_DAY
            return any(days.covers(day, day) for days in reading.days) or self._is_on_days(source)
        return self._is_on_days(source)

    def _is_just_before(self, source: Source) -> bool:
        """Tell whether a figure is of the days before those that are named."""
        spans = (span for days in self.reading.days for span in days.spans)
        return any(span.start - source.end == _ONE_DAY for span in spans)

    def _is_on_days(self, source: Source) -> bool:
        named = self.reading.days
        if source.family is None and "goal" in source.metric:
            # A goal's dates are its start and its end.
            ends = ((source.start, source.start), (source.end, source.end), source.days)
            return any(days.covers(*end) for days in named for end in ends)
        is_change = source.metric.startswith("change_of_")  # of the later days of two
        if is_change or (source.is_level and self.reading.is_end):
            spans = [span for days in named for span in days.spans]
            if any(span.end - _LAG <= source.end <= span.end for span in spans):
                return True
            if not is_change:
                return False
        if source.is_level or source.is_forecast:
            # A level is that of its last day, and so is what is expected until then.
            return any(
                days.covers(source.end, source.end) or days.covers(*source.days) for days in named
            )
        return any(days.covers(*source.days) for days in named)

    def is_per(self, source: Source) -> bool:
        """Tell whether "a day" is said of what is counted by the day."""
        per = self.reading.per
        if not per or source.unit not in ("count", "minutes"):
            return True
        if source.per:
            return source.per == per
        if per not in PER_DAYS:
            return "post" in source.metric or bool(source.aspects)
        length = (source.end - source.start).days + (not source.is_signed)
        return not source.is_level and abs(max(length, 1) - PER_DAYS[per]) <= (per == "month") * 2

    def _has_form_of(self, source: Source) -> bool:
        """Tell whether a change is said as a change, its way up or down, and a level as a level."""
        if not source.is_signed:
            if self.reading.is_won and source.is_level:
                return False
            return not self.reading.is_change or bool(source.per)
        return self.has_sign(source.value)

    def is_last_level(self, source: Source) -> bool:
        """Tell whether it is how many there are at last."""
        return source.is_level and source.end >= self.book.last_day(source)

    def _has_a_usual(self, source: Source) -> bool:
        """Tell whether another figure says what is usual where this one says what was."""
        usual = self.book.usual
        return not usual.isdisjoint({source.metric, source.metric.removeprefix("weekly_")})

    def has_sign(self, value: float) -> bool:
        reading = self.reading
        if reading.numeral.sign or not value:
            return True  # it is written, and compared with the value
        if reading.is_from or reading.is_level:
            return True  # "the loss went from 198 to 213"
        if reading.direction:
            return (value > 0) == (reading.direction > 0)
        return value > 0 or not reading.is_cell
