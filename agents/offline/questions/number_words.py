"""Numbers in words as digits: "fifty thousand", "half a million", "the fifteenth of May"."""

import re

_SMALL_NAMES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
)
_TEN_NAMES = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINAL_NAMES = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"
    " fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_SMALL, _TENS, _ORDINALS = _SMALL_NAMES.split(), _TEN_NAMES.split(), _ORDINAL_NAMES.split()
_VALUES = {word: number for number, word in enumerate(_SMALL)}
_VALUES |= {word: 10 * number for number, word in enumerate(_TENS, 2)}
_SCALES = {"hundred": 100, "thousand": 1_000, "grand": 1_000, "million": 1_000_000}
_MONTHS = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|jan"
    r"|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b"
)
_UNIT = "|".join(_VALUES)
_SCALE = "|".join(_SCALES)
# Small numbers stay words, which rules read where they count something: "the last three weeks".
_LARGE = re.compile(
    rf"\b(?:(?P<half>half an?|a quarter|(?:\d+|{_UNIT}) and a half) )?"
    rf"(?P<lead>\d+(?:[.,]\d+)? |(?:an? )?(?:(?:{_UNIT})(?: - | ))*)"
    rf"(?P<scales>(?:{_SCALE})(?:(?: and| -)? (?:{_UNIT}|{_SCALE})\b)*)\b"
    rf"|\b(?P<tens>{'|'.join(_TENS)})(?:(?: -)? (?P<ones>{'|'.join(_SMALL[1:10])}))?\b"
    rf"|\b(?P<teen>{'|'.join(_SMALL[13:])})\b"
)
_DAY_OF_MONTH = re.compile(
    rf"\b(?:the (?P<the>{'|'.join(_ORDINALS)})(?: of)?|(?P<bare>{'|'.join(_ORDINALS)}) of)"
    rf" (?={_MONTHS})"
)


def with_digits(text: str) -> str:
    """Return normalised text with its large numbers, and its days of a month, in digits."""
    text = _DAY_OF_MONTH.sub(
        lambda match: f"{_ORDINALS.index(match['the'] or match['bare']) + 1} ", text
    )
    return _LARGE.sub(_digits, text)


def _digits(match: re.Match[str]) -> str:
    words = match[0].replace("-", " ").split()
    if half := match["half"]:
        words = words[len(half.split()) :]
        first = half.split()[0]
        start = {"half": 0.5, "a": 0.25}.get(first) or _value(first) + 0.5
        return str(round(_total(words, start)))
    return str(round(_total(words, 0.0)))


def _total(words: list[str], current: float) -> float:
    """Return what "two hundred and fifty thousand" comes to, `current` being said before it."""
    total = 0.0
    for word in words:
        scale = _SCALES.get(word)
        if scale is None:
            current += _value(word)
        elif scale == _SCALES["hundred"]:
            current = (current or 1) * scale
        else:
            total, current = total + (current or 1) * scale, 0.0
    return total + current


def _value(word: str) -> float:
    if word in {"a", "an", "and"}:
        return 0.0
    return float(_VALUES[word]) if word in _VALUES else float(word.replace(",", "."))
