"""The words by which a question gives away what it is about."""

import re

_PLATFORM = r"(?:platforms?|channels?|networks?|accounts?|socials?|social media)"
_SUPERLATIVE = (
    r"(?:best|worst|fastest|slowest|strongest|weakest|top|quickest|hottest|biggest|largest"
    r"|smallest)"
)
_MOVES = (
    r"grow(?:s|n|ing|th)?|grew|increas\w+|decreas\w+|ris(?:e|es|en|ing)|rose|fall(?:s|en|ing)?|fell"
    r"|drop(?:ped|ping)?|declin\w+|shrink(?:s|ing)?|shrank|shrunk|chang(?:e|ed|es|ing)"
    r"|go(?:es|ne|ing)? (?:up|down)|went (?:up|down)|up or down|trend|better|improv\w+|recover\w*"
    r"|develop\w*|evolv\w+|progress\w*|slowing|dying"
)
_GAINS = (
    r"gain(?:s|ed|ing)?|lost|lose|losing|loss(?:es)?|bigger|smaller|pick(?:ed|ing)? up"
    r"|attract\w*|followed me"
)
# With these, followers must be named: "what's new?" is no question about growth.
_ARRIVALS = (
    r"net|new|won|win|winning|add(?:ed|ing)?|came in|joined|(?<!have i )got|get|getting"
    r"|receiv\w+|made"
)


def _cue(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(alternatives)})\b")


CONNECTIONS = _cue(
    r"connected|linked|hooked up|connections?|integrations?|how far back|since when|up to date",
    r"(?:list|show|what are|which are|see)(?: me)?(?: all)?(?: of)? my (?:accounts?|platforms"
    r"|channels|profiles|pages|networks)$",
    r"(?:how much|how long|what) (?:history|data|information|info)|my history",
    r"how (?:recent|fresh|current|old|complete) (?:is|are) (?:my|the|your)",
    r"(?:what|which) numbers do you|do you have (?:any |my )?(?:data|numbers|history)",
    r"(?:earliest|oldest|newest|latest|first) (?:data|day|date|numbers?)",
    r"(?:time|date) range|how many (?:days|weeks|months|years) of (?:data|history|numbers)",
    r"last (?:updated?|sync\w*|refresh\w*|import\w*)",
    r"(?:was|were|is|are) my (?:data|numbers) (?:\w+ )?(?:updated?|synced|refreshed|imported)",
    r"(?:which|what) (?:accounts|platforms|channels) (?:do you|can you|are there|am i on|have i)",
    r"(?:which|what) (?:accounts|platforms|channels) do i have",
    r"(?:do|can) you (?:see|have|read|know|access) (?:my )?(?:\w+ ){0,2}(?:accounts?|channels?"
    r"|pages?"
    r"|profiles?|data)$",
    r"(?:which|what)(?: of my)? (?:accounts|platforms|channels)\b.*\b(?:can|do) you\b",
    r"(?:which|what) accounts\b.*\b(?:see|know|read|access|reach)",
)
UNUSUAL = _cue(
    r"unusual\w*|anomal\w+|outliers?|spikes?|spiked|weird\w*|strange\w*|odd|oddities|abnormal\w*",
    r"stand ?outs?|(?:stand|stands|stood|standing|stick|sticks|stuck) out|out of the ordinary"
    r"|remarkable",
    r"notable|noteworthy|exceptional|extraordinary|interesting|special|surpris\w+|suspicious",
    r"(?:biggest|largest|sharpest|steepest) (?:drop|rise|increase|jump|gain|loss|decline)",
    r"when did (?:i|my|it)|irregular\w*|crazy|viral|peaks?|peaked|jump(?:s|ed)?|leaps?|surges?"
    r"|surged",
    r"(?:a|any|one) day (?:when|where|that|on which)",
    r"(?:which|what) (?:days|dates|weeks) (?:did|was|were|had)|than (?:usual|normal)|explod\w*",
    r"sky ?rocket\w*|shot up|through the roof|nosediv\w*|collaps\w*|blew up",
    r"(?:bad|good|off|slow|weak|strong|rough|great|big|crazy|unusually \w+) days|at some point",
    r"dips?|crash\w*|plunge\w*|slumps?|drops",
    r"(?:a|any|big|sudden|weird|the|this|that|huge|large) drop",
    r"happen(?:s|ed|ing)?|why|what went (?:on|wrong)|what (?:is|was) going on",
    r"what (?:is|was) (?:up|wrong|the matter|off) with",
)
MOVES = _cue(_MOVES, r"worse|more or (?:less|fewer)")
GROWTH = _cue(_MOVES, _GAINS)
ARRIVALS = _cue(_ARRIVALS)
LEVEL = _cue(
    r"have|has|had|counts?|numbers?|totals?|current|currently|now|size|big|large|stand|stood|level",
    r"altogether|at the moment|follow me|follow|am i at|was i at",
)
COMPARISON = re.compile(
    rf"\b(?:(?:which|what)(?: one)?(?: of (?:my|the|these|them))? (?:\w+ ){{0,2}}{_PLATFORM}\b"
    rf"|{_SUPERLATIVE}(?: \w+){{0,3}} {_PLATFORM}\b"
    rf"|(?:rank\w*|compar\w+|sort\w*|order\w*)\b.*\b{_PLATFORM}\b"
    rf"|{_PLATFORM}\b.*\b(?:rank|sort|order)ed by|{_PLATFORM} (?:comparison|ranking)\b"
    r"|(?:which|what)(?: one)?\b.*\b(?:fastest|slowest|quickest|most|least)\b"
    r"|^(?:and )?where (?:do|did|am|is|are|have|has|does|was|were)\b(?!.* (?:stand|stood)\b))"
)
COMPARED = _cue(
    r"vs|versus|compar\w+"
    r"|who (?:won|wins)|race|ahead|faster|slower|better|worse|more|than|or|fastest|best|most"
    r"|against"
)
HAS_MOST = _cue(
    r"(?:have|has|had) (?:the |my )?(?:most|fewest|biggest|largest|least|more|fewer|highest)",
    r"(?:biggest|largest|smallest) (?:audience|following|platform|account|channel|network)",
    r"(?:is|are|was|were) (?:the |my |\w+ )?(?:biggest|largest|smallest|bigger|larger|smaller)\b"
    r"(?! (?:drop|rise|gain|growth|loss|increase|decrease|jump|winner|loser))",
)
OVERVIEW = _cue(
    r"how (?:am i|are we|is (?:it|everything|my|business)|was|were|have i been|has it been)",
    r"how (?:did|does|do|has|have|are|is) .*\b(?:go|gone|going|do|doing|done|perform\w*|run|look)",
    r"summar\w+|overview|recap|report|performance|perform\w*|results?|status|stats|statistics",
    r"my numbers|(?:what|how|show|give)\b.*\b(?:numbers|stats)$|tell me about|update me"
    r"|highlights|look like|check in|review|analy\w+",
    r"what is (?:new|up)|should i know",
)
PERIOD_COMPARED = re.compile(
    r"\b(?:(?:up|down|higher|lower|changed?) from|vs|versus|than|against|compared? (?:to|with)"
    r"|with|to)$"
)
# "this month than last": the same unit once more, before.
THAN_LAST = re.compile(r"\b(?:vs|versus|than|against|to|with) (?:the )?last(?: one)?$")
# "bigger than at the start of the year": what has changed since that day.
THAN_THEN = _cue(r"than|compared?(?: to| with)?")
POSTS_DO = _cue(
    r"how (?:did|do|does|have|has|are|is|were|was) .*\b(?:do|doing|done|perform\w*|go|going)"
)
# A period was meant that none of the rules could read.
UNREAD_PERIOD = re.compile(
    r"\b(?:(?:since|until|till|(?<!than )before|after|between|during)\b(?! when)"
    r"|(?:last|past|previous) (?!update|sync|refresh|import)\w+)"
)
FOLLOW_UP = re.compile(
    r"^(?:and|but|or|also|then|now|what about|how about|same|what if|only|just|rather|except|again"
    r"|make (?:it|that|them)|for (?:it|that|them)|go back"
    r"|(?:sort|rank|order|list|show|give)(?: me)? (?:it|that|them|those|these))\b"
    r"|\b(?:instead|as well|then|too)$"
)
# "and how many do I have now?" is about today, whatever day was asked about before.
NOW = _cue(r"now$|right now|currently|at the moment|so far today")
WHY = _cue(r"why|how come|what (?:is|was) the reason")
ALL_TIME_TOTAL = re.compile(
    r"\b(?:in (?:total|all)|altogether|all together)\b.*\b(?:have|has)\b"
    r"|\b(?:have|has)\b.*\b(?:in (?:total|all)|altogether|all together)\b"
)
ACCOUNTS = _cue(r"accounts|channels|pages|profiles")
BACK_REFERENCE = _cue(
    r"there|then|is that|(?:did|do|have|are) they",
    r"that (?:platform|channel|period|month|week|time|year|day)",
    r"same (?:period|month|week|time|year|day|platform)",
)
EVERYWHERE = _cue(
    r"(?:all|every|each|other|by|per) (?:\w+ )?(?:platform|channel|network|account|one)s?"
    r"|everywhere"
    r"|overall|in total|elsewhere|the (?:others|rest)",
    r"altogether|across (?:all|everything)|everything together",
)
