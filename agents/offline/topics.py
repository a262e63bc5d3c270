"""What a question is about, told from the words that give it away."""

import re
from collections.abc import Sequence
from enum import StrEnum

from agents.offline.spans import Span
from storage.models import Metric, Platform


class Topic(StrEnum):
    """What is asked."""

    GROWTH = "growth"
    LEVEL = "level"
    TOTAL = "total"
    TREND = "trend"
    COMPARISON = "comparison"
    UNUSUAL = "unusual"
    OVERVIEW = "overview"
    CONNECTIONS = "connections"


_PLATFORM = r"(?:platforms?|channels?|networks?|accounts?|socials?|social media)"
_SUPERLATIVE = (
    r"(?:best|worst|fastest|slowest|strongest|weakest|top|quickest|hottest|biggest|largest"
    r"|smallest)"
)

CONNECTIONS = re.compile(
    r"\b(?:connected|linked|hooked up|connections?|integrations?"
    r"|(?:list|show|what are|which are|see)(?: me)?(?: all)?(?: of)? my accounts?$"
    r"|how far back|(?:how much|how long|what) (?:history|data|information|info)|my history"
    r"|since when|how (?:recent|fresh|current|old|complete) (?:is|are)|up to date"
    r"|(?:what|which) numbers do you|do you have (?:any |my )?(?:data|numbers|history)"
    r"|last (?:updated?|sync\w*|refresh\w*|import\w*)|(?:was|were) my (?:data|numbers)"
    r"|(?:which|what) (?:accounts|platforms|channels) (?:do you|are there|am i on|have i|do i have))\b"
)
UNUSUAL = re.compile(
    r"\b(?:unusual\w*|anomal\w+|outliers?|spikes?|spiked|weird\w*|strange\w*|odd|oddities|abnormal\w*"
    r"|(?:stand|stands|stood|standing|stick|sticks|stuck) out|out of the ordinary|remarkable|notable"
    r"|noteworthy|exceptional|extraordinary|interesting|special|surpris\w+|suspicious|irregular\w*"
    r"|crazy|viral|peaks?|peaked|jumps?|leaps?|surges?|surged|dips?|crash\w*|plunge\w*|slumps?|drops"
    r"|(?:a|any|big|sudden|weird|the|this|that|huge|large) drop|happened|happening|happen|why"
    r"|what went (?:on|wrong)|what (?:is|was) going on)\b"
)
GROWTH = re.compile(
    r"\b(?:grow|grew|grown|growing|grows|growth|gain|gained|gaining|gains|lost|lose|losing|loss"
    r"|losses|net|new|pick up|picked up|picking up|won|win|winning|add|added|adding|attract\w*"
    r"|came in|joined|increas\w+|decreas\w+|ris(?:e|es|en|ing)|rose|fall|falls|fallen|falling|fell"
    r"|drop|dropped|dropping|declin\w+|shrink|shrinking|shrank|shrunk|changed?|changes|changing"
    r"|go(?:es|ne|ing)? (?:up|down)|went (?:up|down)|bigger|smaller|followed me|progress\w*"
    r"|develop\w*|evolv\w+|trend|(?<!have i )got|get|getting|receiv\w+|made|better|improv\w+|recover\w*)\b"
)
TREND = re.compile(
    r"\b(?:grow|grew|grown|growing|grows|growth|increas\w+|decreas\w+|ris(?:e|es|en|ing)|rose|fall"
    r"|falls|fallen|falling|fell|drop|dropped|dropping|declin\w+|shrink|shrinking|shrank|shrunk"
    r"|changed?|changes|changing|go(?:es|ne|ing)? (?:up|down)|went (?:up|down)|trend|better|worse"
    r"|improv\w+|recover\w*|develop\w*|evolv\w+|more or (?:less|fewer)|up or down)\b"
)
LEVEL = re.compile(
    r"\b(?:have|has|had|count|counts|number|numbers|total|totals|current|currently|now|size|big"
    r"|large|stand|stood|level|altogether|at the moment|follow me|follow|am i at|was i at)\b"
)
COMPARISON = re.compile(
    rf"\b(?:(?:which|what)(?: one)?(?: of (?:my|the|these|them))? (?:\w+ ){{0,2}}{_PLATFORM}\b"
    rf"|{_SUPERLATIVE}(?: \w+){{0,3}} {_PLATFORM}\b"
    rf"|(?:rank\w*|compar\w+)\b.*\b{_PLATFORM}\b|{_PLATFORM} (?:comparison|ranking)\b"
    r"|(?:which|what)(?: one)?\b.*\b(?:fastest|slowest|quickest|most|least)\b"
    r"|^(?:and )?where (?:do|did|am|is|are|have|has|does|was|were)\b(?!.* (?:stand|stood)\b))"
)
COMPARED = re.compile(
    r"\b(?:vs|versus|compar\w+|faster|slower|better|worse|more|than|or|fastest|best|most|against)\b"
)
HAS_MOST = re.compile(
    r"\b(?:have|has|had) (?:the |my )?(?:most|fewest|biggest|largest|least|more|fewer|highest)\b"
    r"|\b(?:biggest|largest|smallest) (?:audience|following|platform|account|channel|network)\b"
)
OVERVIEW = re.compile(
    r"\b(?:how (?:am i|are we|is (?:it|everything|my|business)|was|were|have i been|has it been)"
    r"|how (?:did|does|do|has|have|are|is) .*\b(?:go|gone|going|do|doing|done|perform\w*|run|look)"
    r"|summar\w+|overview|recap|report|performance|perform\w*|results?|status|stats|statistics"
    r"|my numbers|tell me about|update me|highlights|look like|check in|review|analy\w+)\b"
)
PERIOD_COMPARED = re.compile(r"\b(?:vs|versus|than|against|compared? (?:to|with)|with|to)$")
# A period was meant that none of the rules could read.
UNREAD_PERIOD = re.compile(
    r"\b(?:since|until|till|(?<!than )before|after|between|during)\b(?! when)"
)
FOLLOW_UP = re.compile(r"^(?:and|but|or|also|then|now|what about|how about|same|what if)\b")
BACK_REFERENCE = re.compile(
    r"\b(?:there|then|is that|(?:did|do|have|are) they|that (?:platform|channel|period|month|week|time|year|day)"
    r"|same (?:period|month|week|time|year|day|platform))\b"
)
EVERYWHERE = re.compile(
    r"\b(?:all (?:\w+ )?(?:platforms|channels|networks|accounts)|everywhere|overall|in total"
    r"|altogether|across (?:all|everything)|everything together)\b"
)


def find_topic(
    text: str, metrics: Sequence[Metric], platforms: Sequence[Platform], spans: Sequence[Span]
) -> Topic | None:
    """Return the topic of normalised text without its periods, or None if nothing tells it."""
    if CONNECTIONS.search(text) and not metrics:
        return Topic.CONNECTIONS
    if len(spans) < 2 and _compares_platforms(text, platforms):  # noqa: PLR2004 — two periods
        return Topic.COMPARISON
    if UNUSUAL.search(text) and (metrics or platforms or _tells_something(text)):
        return Topic.UNUSUAL
    if not metrics or Metric.FOLLOWERS in metrics:
        return _follower_topic(text, metrics, spans)
    is_trend = TREND.search(text) and len(spans) < 2  # noqa: PLR2004 — two are given
    return Topic.TREND if is_trend else Topic.TOTAL


def _follower_topic(text: str, metrics: Sequence[Metric], spans: Sequence[Span]) -> Topic | None:
    if GROWTH.search(text):
        return Topic.GROWTH
    if metrics:
        is_flow = any(span.days > 1 for span in spans) and not LEVEL.search(text)
        return Topic.GROWTH if is_flow else Topic.LEVEL
    return Topic.OVERVIEW if OVERVIEW.search(text) else None


def _compares_platforms(text: str, platforms: Sequence[Platform]) -> bool:
    if COMPARISON.search(text):
        return True
    return len(platforms) > 1 and COMPARED.search(text) is not None


def _tells_something(text: str) -> bool:
    """Tell whether "why" is asked about something of the suite's."""
    without_why = re.sub(r"\bwhy\b", "", text)
    return any(cue.search(without_why) for cue in (UNUSUAL, GROWTH, OVERVIEW))
