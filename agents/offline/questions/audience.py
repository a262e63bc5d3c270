"""The words by which a question asks who the audience is."""

import re

from domain.countries import COUNTRIES
from storage.models import AudienceDimension

AGE, GENDER = AudienceDimension.AGE, AudienceDimension.GENDER
COUNTRY, CITY = AudienceDimension.COUNTRY, AudienceDimension.CITY
_PEOPLE = (
    r"(?:audience|followers?|listeners?|fans?|fan ?base|viewers?|subscribers?|subs|following"
    r"|people|community)"
)
_IS = r"(?:is|are|was|were)"
_WHOLE = (
    rf"who (?:{_IS}|makes? up) (?:actually |exactly )?my (?:\w+ )?{_PEOPLE}(?! account)"
    rf"|demographics?|who {_IS} (?:the people )?(?:following|listening to|watching) me"
    rf"|(?:what kind|what sort|which kind) of {_PEOPLE}"
    r"|(?:describe|know about) my (?:audience|fans|followers|listeners)"
    r"|audience (?:profile|breakdown|make ?up)"
)
_WORDS = {
    AGE: (
        rf"how (?:old|young) {_IS} (?:\w+ ){{0,3}}{_PEOPLE}|average age"
        r"|age (?:groups?|ranges?|brackets?|split|distribution|breakdown)"
        rf"|{_IS} my (?:\w+ )?{_PEOPLE} (?:\w+ )?(?:young|old|younger|older)"
    ),
    GENDER: r"genders?|sex|(?:fe)?males?|(?:wo)?m[ae]n|girls|boys",
    COUNTRY: r"countr(?:y|ies)|nationalit\w+",
    CITY: r"cit(?:y|ies)|towns?",
}
_NAMES = "|".join(re.escape(name.lower()) for name in COUNTRIES.values())
# These ask for an audience only beside a word for people.
_WEAK_WORDS = {
    AGE: r"ages?(?! ago)|teen(?:ager)?s?",
    COUNTRY: rf"usa|uk|america\w*|europe\w*|abroad|{_NAMES}",
}
_LIVING = (
    rf"where\b(?: \w+){{0,6}}? {_PEOPLE}(?: \w+){{0,3}} (?:from|live|living|located|based|at home"
    r"|listen\w*|watch\w*)"
)
# What no platform tells of an audience; what it earns is refused with all that is about money.
UNTOLD = (
    r"interests?|hobb(?:y|ies)|languages?|educat\w+|occupations?|religio\w+|married|politic\w*"
    r"|ethnic\w*|devices?"
)
ASKS = "|".join((_WHOLE, *_WORDS.values(), *_WEAK_WORDS.values(), _LIVING))


def _cue(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b")


_UNTOLD = _cue(UNTOLD, r"incomes?|earn\w*|salar(?:y|ies)|rich|wealthy|money")
_STRONG = _cue(_WHOLE, *_WORDS.values(), _LIVING)
_WEAK = _cue(*_WEAK_WORDS.values())
_OF_PEOPLE = _cue(_PEOPLE)
_IS_LIVING = _cue(_LIVING)
_DIMENSIONS = {name: _cue(*filter(None, (_WORDS[name], _WEAK_WORDS.get(name)))) for name in _WORDS}
_MEANING = _cue(r"what (?:does|do|would|could) (?:that|this|it) mean|mean for")


def asks_for_audience(text: str) -> bool:
    """Tell whether normalised text asks for what platforms tell of an audience."""
    if _UNTOLD.search(text):
        return False
    is_weak = _WEAK.search(text) and _OF_PEOPLE.search(text)
    return bool(_STRONG.search(text) or is_weak)


def find_dimensions(text: str) -> tuple[AudienceDimension, ...]:
    """Return by what the audience is asked for; nothing where all of it is."""
    found = tuple(name for name, cue in _DIMENSIONS.items() if cue.search(text))
    return found or ((COUNTRY, CITY) if _IS_LIVING.search(text) else ())


def asks_for_meaning(text: str) -> bool:
    """Tell whether it is asked what that means for posts."""
    return _MEANING.search(text) is not None
