"""Yes or no: "do I have more than 10,000 followers?"."""

import re

_THRESHOLD = re.compile(
    r"\b(?:(?P<below>less than|fewer than|under|below)|more than|over|above|at least|reach(?:ed)?"
    r"|hit|pass(?:ed)?|cross(?:ed)?)(?: the)? (?P<number>\d+(?:[.,]\d+)*)"
    r" ?(?P<scale>k|thousand|m|mio|million|bn|billion)?\b"
)
_SCALES = {
    "k": 1e3, "thousand": 1e3, "m": 1e6, "mio": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9,
}  # fmt: skip


def yes_or_no(text: str, value: float) -> str | None:
    """Return the answer to whether a value is beyond the number asked about, if one was."""
    match = _THRESHOLD.search(text)
    if not match:
        return None
    limit = _number(match["number"]) * _SCALES.get(match["scale"], 1)
    is_strict = "than" in match[0] or "over" in match[0] or "above" in match[0]
    beyond = value > limit if is_strict else value >= limit
    return "Yes" if (value < limit if match["below"] else beyond) else "No"


def _number(digits: str) -> float:
    """Return 10000 for "10,000" and "10.000", 1.5 for "1.5" and "1,5"."""
    *whole, last = re.split(r"[.,]", digits)
    is_grouped = not whole or len(last) == len("000")
    return float("".join([*whole, last])) if is_grouped else float(f"{''.join(whole)}.{last}")
