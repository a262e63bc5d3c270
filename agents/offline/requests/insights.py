"""Questions about what the suite has found by itself, and about one insight of it."""

import re

# What the app asks for whoever presses “Ask about this” beside an insight.
_ABOUT_ONE = re.compile(
    r"^\s*tell me more about this:\s*(?P<title>\S.*)", re.IGNORECASE | re.DOTALL
)

_FOUND = "(?:find|found|notice|noticed|discover|discovered|spot|spotted|see|seen)"
_NEW = "(?:new|interesting|noteworthy|important|remarkable|worth knowing|worth telling)"
_KNOW = "(?:know|hear|see|look at|be aware of|look out for|pay attention to)"
_ANYTHING = "(?:(?:is|was) there |do you have |got )?(?:anything|something)(?: else)?"
_PLACE = "(?:instagram|insta|ig|facebook|fb|you ?tube|yt|spotify)(?: (?:account|channel|page))?"
_ANY = "(?:(?:any|some|my|the|your|all|more|new|latest|recent|current|daily|morning) )*"
_SHOW = (
    "(?:(?:is there|are there|do (?:i|you) have|have you got|have you|got|what are|which|read|tell"
    "|show|give|list)(?: me)? )?"
)
_SUBJECTS = (
    f"{_SHOW}(?:today )?{_ANY}insights?(?: {_FOUND})?",
    f"(?:what |which )?{_ANY}insights? (?:do (?:i|you) have|are there|(?:did|have) you {_FOUND})",
    f"what (?:should|must|do|ought) i (?:need to |have to |to )?{_KNOW}(?: about)?",
    f"{_ANYTHING}(?: {_NEW})?(?: that)? i (?:should|must|(?:need|have|ought) to) {_KNOW}",
    f"{_ANYTHING}(?: {_NEW})? (?:to report|to tell me|to know|(?:that )?you (?:have )?{_FOUND})",
    f"{_ANYTHING} {_NEW}",
    f"(?:what (?:did|have|has)|(?:show|tell) me what) (?:you|the suite) {_FOUND}",
    f"(?:did|have) you {_FOUND} (?:out )?(?:anything|something)(?: {_NEW})?",
    "what is (?:new|noteworthy|worth knowing|important)|what did i miss|catch me up",
    "what stands out (?:this morning|right now)",
    f"{_SHOW}(?:today )?{_ANY}(?:briefing|digest)|brief me|(?:any )?news",
)
_TAILS = (
    "out|about me|for me|for today|by yourself|today|this morning|right now|now|lately|recently",
    "of late|at the moment|overnight|please|so far|then",
    "(?:in|from|about|on) my (?:numbers|accounts)",
    f"(?:on|about|for|from) (?:my )?{_PLACE}",
)
_ASKS = re.compile(
    "^(?:(?:so|and|ok|okay|hey|hi|hello|good morning|please|can you|could you) )*"
    f"(?:{'|'.join(_SUBJECTS)})(?: (?:{'|'.join(_TAILS)}))*$"
)


def asks_for_insights(text: str) -> bool:
    """Tell whether normalised text asks what has been found, of no other days than these."""
    return _ASKS.match(text) is not None


def find_named_insight(typed: str) -> str | None:
    """Return the title of the insight that a text asks more about, as it was typed."""
    named = _ABOUT_ONE.match(typed)
    return " ".join(named["title"].split()) if named else None
