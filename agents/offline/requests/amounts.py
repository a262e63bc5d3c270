"""Numbers that are no dates: the target of a goal, and how many of something."""

import re

from agents.offline.dates.moments import NUMBERS

_SCALES = {"k": 1_000, "m": 1_000_000, "mio": 1_000_000}
_AMOUNT = re.compile(
    r"(?<![\w.,/-])(?P<digits>\d{1,3}(?:[,.]\d{3})+|\d+(?:[.,]\d+)?)"
    r" ?(?P<scale>k|m|mio)?(?![\w/-])(?! ?(?:%|percent\b|days?\b|weeks?\b"
    r"|months?\b|years?\b|a week\b|per\b))"
)
_COUNTS = {
    word: NUMBERS[word] for word in ["one", "two", "three", "four", "five", "six", "seven", "ten"]
}
_COUNT = re.compile(
    rf"\b(?:top|best|worst|last|bottom|show me|give me|my|the)"
    rf"(?: (?:top|best|worst|bottom|most \w+|least \w+))*"
    rf" (?P<count>\d{{1,2}}|{'|'.join(_COUNTS)})\b"
    r"(?! (?:days?|weeks?|months?|years?|platforms?|accounts?|goals?)\b)"
)
_COUNTED = re.compile(
    rf"\b(?P<count>\d{{1,2}}|{'|'.join(_COUNTS)}) (?:of (?:them|these|those)\b|(?:\w+ )?(?:posts"
    rf"|videos|reels|shorts|photos"
    r"|pictures|carousels|stories|songs|tracks|uploads)\b)"
)
_YEARS = range(2005, 2101)


def find_amounts(text: str) -> list[int]:
    """Return the whole amounts of normalised text without its periods, in order."""
    found = []
    for match in _AMOUNT.finditer(text):
        digits, scale = match["digits"], _SCALES.get(match["scale"] or "", 1)
        if re.fullmatch(r"\d{1,3}(?:[,.]\d{3})+", digits):
            number = float(re.sub(r"[,.]", "", digits))
        else:
            number = float(digits.replace(",", "."))
        found.append(round(number * scale))
    return found


def find_target(text: str) -> int | None:
    """Return the amount that a goal is to reach: the last one that is no year."""
    amounts = [amount for amount in find_amounts(text) if amount not in _YEARS]
    return amounts[-1] if amounts else None


def find_count(text: str) -> int | None:
    """Return how many of something are asked for: "top 3", "five best"."""
    match = (
        _COUNT.search(text)
        or _COUNTED.search(text)
        or re.search(
            rf"\b(?P<count>\d{{1,2}}|{'|'.join(_COUNTS)}) (?:best|worst|top|most|least|strongest"
            r"|weakest|biggest)\b",
            text,
        )
    )
    if match is None:
        return None
    return _COUNTS.get(match["count"]) or int(match["count"])
