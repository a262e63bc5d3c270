"""Numbers in words that claim something: "ten posts", "doubled", "three times as many", "half of".

Words in idle use are no claims: "one of them", "two ideas", "half an hour", "the last quarter".
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

# "part" is a share in words ("a third of"), "x" a ratio, "h" hours, "pp" percentage points.
Unit = Literal["", "%", "pp", "x", "h", "part"]

Hedge = Literal["about", "over", "under", ""]
# How much of itself a rounded number may be off.
MAX_HEDGED: dict[Hedge, float] = {"about": 0.05, "over": 0.2, "under": 0.15}
_HEDGE_LENGTH = 24
_HEDGE = re.compile(
    r"(?:(?P<over>\b(?:over|more than|above|at least|past|passed|topped|exceed(?:s|ed)|crossed"
    r"|upwards of|north of|beyond|surpass(?:es|ed)|no (?:fewer|less) than|a good|well into))"
    r"|(?P<under>\b(?:almost|nearly|under|less than|fewer than|below|not quite|shy of"
    r"|(?<!add )(?<!adds )(?<!added )up to|short of|at most|no more than|approaching|barely))"
    r"|(?P<about>\b(?:about|around|roughly|approximately|approx\.|some|circa|ca\.|close to"
    r"|somewhere (?:between|from)|in the region of|on the order of|usual|typical|normal"
    r"|an estimated|near|give or take|plus or minus)|[~≈±]))"
    r"[ \u00a0]?[*_+−-]{0,4}$",
    re.IGNORECASE,
)
_HEDGE_AFTER = re.compile(
    r"[*_]{0,3}(?:(?P<over>\+)(?!\w)|-?ish\b|[ ,](?:or so|give or take|or thereabouts)\b)",
    re.IGNORECASE,
)
_SMALL = (
    *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = {"a": 1, "an": 1, "one": 1} | {word: n for n, word in enumerate(_SMALL, 2)}
_VALUES |= {word: 10 * n for n, word in enumerate(_TENS, 2)}
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_PARTS = {
    "half": 50.0,
    "third": 100 / 3,
    "thirds": 200 / 3,
    "quarter": 25.0,
    "quarters": 75.0,
    "fifth": 20.0,
    "tenth": 10.0,
}
# What each group of the pattern below means; the first that matched.
_KINDS: dict[str, Unit] = {
    "half": "",
    "ratio": "x",
    "odds": "part",
    "number": "",
    "percent": "%",
    "count": "",
    "multiple": "x",
    "part": "part",
    "share": "part",
}
_MULTIPLES = {
    "doubl": 2.0,
    "twice": 2.0,
    "tripl": 3.0,
    "trebl": 3.0,
    "quadrup": 4.0,
    "halv": 0.5,
}
# How far a word may be from what it says: "doubled" is said of 1.9 times.
_LOOSE = 0.1
_COUNTED = (
    r"(?:(?!(?:days|weeks|months|years|best|worst|top|weakest|strongest|most|latest)\b)"
    r"[a-z-]{1,20} ){0,2}"
    r"(?:followers?|subscribers?|subs|fans|people|views|likes|comments|"
    r"shares|saves|streams|plays|listeners|engagements?|interactions|posts|reels|videos|"
    r"carousels?|photos|stories|shorts|uploads|songs|tracks|minutes of)\b"
)
_NUMBER = rf"(?:(?:{'|'.join(_TENS)})(?:-(?:one|{'|'.join(_SMALL[:8])}))?|{'|'.join(_SMALL)})"
_PATTERN = re.compile(
    r"\b(?:(?P<half>half)(?= an? (?P<scale>thousand|million|billion)\b)"
    rf"|(?P<ratio>{_NUMBER})(?=(?:-fold|fold| to one"
    r"| times (?:as|more|higher|bigger|larger|the|what|that|your|\w{1,20}['’]s"
    r"|an?(?! (?:day|week|month|year)\b)))\b)"
    rf"|(?P<odds>(?:one|{_NUMBER}) (?:in|out of) (?:every )?(?:{_NUMBER}))(?= [a-z]|[.,;)])"
    rf"|(?P<number>{_NUMBER}|one|(?<!half )an?)(?= (?P<big>hundred|thousand|million|billion)\b)"
    rf"|(?P<percent>{_NUMBER})(?= percent\b)"
    r"|(?<!top )(?<!all )(?<!other )(?<!these )(?<!those )(?<!best )"
    rf"(?P<count>{_NUMBER})(?= {_COUNTED}| of (?:(?:the|your|all) )?\d)"
    r"|(?P<multiple>doubled(?! down)|doubling|doubles?(?= (?:the|your|that|what|its)\b)|twice"
    r"(?= (?:as|the|what|that|your|its)\b)|tripled|tripling|triples?(?= the\b)|trebled"
    r"|quadrupled|halved|halving)"
    r"|(?:an?|one|two|three|best) (?P<part>thirds?|quarters?|fifth|tenth)"
    r"(?= (?:of|more|fewer|less|higher|lower|this|since|over|within|compared|between|from|on|in)\b"
    r"|[.,;:!)]|$)"
    r"|(?P<share>half)(?= of (?!the (?:year|month|week|day|hour|time)\b)| (?:your|as)\b"
    r"| the (?:way|views|followers|likes)\b))\b",
    re.IGNORECASE,
)


class NumberWord(NamedTuple):
    """A number in words, the half-width of what it may mean, and its unit."""

    text: str
    span: tuple[int, int]
    value: float
    margin: float
    unit: Unit


def find_number_words(text: str) -> Iterator[NumberWord]:
    """Yield the claims in words, in order."""
    for match in _PATTERN.finditer(text):
        value, unit = _meaning(match)
        is_loose = unit in ("x", "part")
        margin = value * _LOOSE if is_loose else 0.5
        yield NumberWord(match[0], match.span(), value, margin, unit)


def hedge_before(text: str, start: int) -> Hedge:
    """Return how the words just before a number round it."""
    match = _HEDGE.search(text[max(0, start - _HEDGE_LENGTH) : start])
    kinds: tuple[Hedge, ...] = ("about", "over", "under")
    return next((kind for kind in kinds if match and match[kind]), "")


def hedge_after(text: str, end: int) -> Hedge:
    """Return how the words just after a number round it."""
    match = _HEDGE_AFTER.match(text, end)
    return ("over" if match["over"] else "about") if match else ""


def _meaning(match: re.Match[str]) -> tuple[float, Unit]:
    word = match[0].lower()
    kind = next(kind for kind in _KINDS if match[kind])
    if kind == "multiple":
        return next(value for stem, value in _MULTIPLES.items() if word.startswith(stem)), "x"
    if kind in ("part", "share"):
        return _PARTS[match[kind].lower()], "part"
    if kind == "odds":
        part, whole = (read_count(count) for count in (word.split()[0], word.split()[-1]))
        return 100 * part / whole, "part"
    scale = _SCALES.get((match["scale"] or match["big"] or "").lower(), 1)
    value = 0.5 if kind == "half" else read_count(word)
    return value * scale, _KINDS[kind]


def read_count(word: str) -> int:
    """Return a number in words or digits."""
    return int(word) if word.isdigit() else sum(_VALUES[part] for part in word.lower().split("-"))
