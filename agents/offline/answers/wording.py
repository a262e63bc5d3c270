"""How answers write dates, numbers, names and tables."""

import datetime as dt
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from agents.offline.dates.spans import Span, Unit, month_end

MINUS = "−"
MAX_NAME_CHARACTERS = 60
# What Markdown or HTML would read as more than a letter; names come from outside.
_MARKUP = re.compile(r"([\\`*_\[\]<>|~#!&():@{}])")


def date_text(day: dt.date) -> str:
    """Return "15 May 2026"."""
    return f"{day.day} {day:%B %Y}"


def span_text(span: Span) -> str:
    """Return the days as they stand in a heading: "1–31 March 2026", "15 May 2026"."""
    start, end = span.start, span.end
    if start == end:
        return date_text(start)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{date_text(end)}"
    if start.year == end.year:
        return f"{start.day} {start:%B} – {date_text(end)}"
    return f"{date_text(start)} – {date_text(end)}"


def when(span: Span) -> str:
    """Return the days as they stand in a sentence: "in March 2026", "on 15 May 2026"."""
    start, end = span.start, span.end
    if start == end:
        return f"on {date_text(start)}"
    if span.unit is Unit.YEAR and end == dt.date(end.year, 12, 31):
        return f"in {end.year}"
    if span.unit is Unit.MONTH and end == month_end(end.year, end.month):
        return f"in {start:%B %Y}"
    if start.year == end.year:
        return f"from {start.day} {start:%B} to {date_text(end)}"
    return f"from {date_text(start)} to {date_text(end)}"


def number(value: float) -> str:
    """Return a whole number with thousands separators, or one decimal where it has some."""
    exact = Decimal(str(value))
    shown = exact if exact == exact.to_integral_value() else _rounded(exact, "0.1")
    return f"{shown:,f}".removesuffix(".0").replace("-", MINUS)


def signed(value: float) -> str:
    """Return a change: always with its sign."""
    return f"+{number(value)}" if value > 0 else number(value)


def percent(value: float) -> str:
    """Return a change in percent with one decimal; with two where one would say nothing."""
    exact = Decimal(str(value))
    shown = _rounded(exact, "0.1") or _rounded(exact, "0.01")
    return f"{'+' if shown > 0 else ''}{shown:,f}%".replace("-", MINUS)


def escape(name: str, *, limit: int = MAX_NAME_CHARACTERS) -> str:
    """Return a text from outside as plain text: one line, no Markdown, no link, not endless."""
    plain = " ".join(name.split())
    if len(plain) > limit:
        plain = f"{plain[:limit]}…"
    return _MARKUP.sub(r"\\\1", plain).replace("www.", "www\\.")


def listing(names: Sequence[str], last: str = "and") -> str:
    """Return "A", "A and B", "A, B and C"."""
    if len(names) < 2:  # noqa: PLR2004 — a list needs two
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def by_order(values: tuple[float, float], more: str, less: str, same: str) -> str:
    """Return the words for how the first value stands to the second."""
    one, other = values
    if one == other:
        return same
    return more if one > other else less


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, names: int = 1) -> str:
    """Return a Markdown table; its first columns are names, the numbers are set to the right."""
    lines = [heads, ["---"] * names + ["---:"] * (len(heads) - names), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _rounded(value: Decimal, step: str) -> Decimal:
    return value.quantize(Decimal(step), rounding=ROUND_HALF_EVEN)
