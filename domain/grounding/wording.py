"""Words that tell what a sentence does with a number: rise and fall, comparison, arithmetic.

Every pattern is searched in one sentence, or in the few words beside a number.
"""

import re

from domain.grounding.derivations import DerivationKind
from domain.grounding.sources import Per

# "over its forecast", never "over the period".
_BASE = r"(?= (?:the|its|their|your) (?:usual|typical|normal|forecast|goal|target|needed))"
_PAST = rf"(?:over|under){_BASE}"
_UP = (
    r"gain(?:ed|s|ing)?|grew|grow(?:n|s|ing|th)?|rose|ris(?:e|en|es|ing)|increas(?:e|ed|es|ing)|up"
    r"|add(?:ed|s|ing)|won|win(?:s|ning)?|climb(?:ed|s)|jump(?:ed|s)?|improved?|surged?|soared"
    r"|more|higher|better|beat(?:s|en)?|leads?|new|plus|ahead|above|attracted|joined|picked up"
    rf"|over{_BASE}|accelerated|sped up"
    r"|wuchs|gewann|gagné|ganaste|subió"
)
_DOWN = (
    r"lost|los(?:e|es|ing|s)|fell|fall(?:en|s|ing)?|drop(?:ped|s|ping)?|declin(?:e|ed|es|ing)"
    r"|decreas(?:e|ed|es|ing)|down|shrank|shrunk|shrink(?:s|ing)?|fewer|less|lower|dipped"
    r"|minus(?! \w+['’])|slid|slipped|shed|worse|trail(?:s|ed)?|below|behind|short of"
    rf"|under{_BASE}|slow(?:ed|s|ing)?|eased|cooled|weakened"
    r"|verlor(?:en)?|verloren|fiel|perdu|perdiste|bajó|perso|perdeu"
)
# These compare two things in either order; the others say what happened in the order of time.
COMPARING = re.compile(
    rf"\b(?:{_PAST}|more|fewer|less|higher|lower|better|worse|than|ahead|behind|above|below|beats?"
    r"|leads?|trail\w*|outnumber\w*|gap|difference|apart|wide|width|spans?|lie|bigger|larger"
    r"|smaller|as many|times|twice|half|against|plus"
    r"|short of|give or take|either way|short by)\b|±",
    re.IGNORECASE,
)
LOOKING_BACK = re.compile(
    r"\b(?:compared|versus|vs|after|from|before|earlier|previous)\b", re.IGNORECASE
)
DIRECTION = re.compile(rf"\b(?:(?P<up>{_UP})|(?P<down>{_DOWN}))\b", re.IGNORECASE)
_HEDGE = (
    r"(?:(?:about|around|roughly|almost|nearly|over|just|under|some|well|more than|another)\s+)"
    r"{0,2}"
)
# The number is how much something changed: "rose by 50", "up 12 %", "lost 50", "50 more".
CHANGE_BEFORE = re.compile(
    rf"\b(?:by|lost|loses?|losing|shed|up|down|grew|rose|fell|dropped|increased|decreased|declined"
    rf"|shrank|climbed)\s+{_HEDGE}[*_~+−-]*(?:an? )?$",
    re.IGNORECASE,
)
WON_BEFORE = re.compile(rf"\b(?:gain(?:ed|s)?|won)\s+{_HEDGE}[*_~+−-]*$", re.IGNORECASE)
CHANGE_AFTER = re.compile(r"[*_]*\s+(?:more|fewer|less|higher|lower)\b", re.IGNORECASE)
# "of your 1,639 new followers, …": a whole, of which the sentence names the parts.
# Not "a rate of 6 %", "a total of 12", which name the number itself.
_MEASURES = (
    "rate rates total growth gain loss increase decrease drop rise change average median peak pace"
    " target reach"
)
PARTITIVE = re.compile(
    "".join(rf"(?<!{word} )" for word in _MEASURES.split())
    + r"\bof (?:your |the |all |these |those |this )?[*_]*$",
    re.IGNORECASE,
)
# "228k views, of which Instagram had 158k": the whole again.
WHOLE_AFTER = re.compile(
    r"[^.;\d]{0,40}\b(?:of which|of whom|of them|of those)\b|[*_]* (?:net|on balance)\b",
    re.IGNORECASE,
)
# "1,058 the month before": of days that have no name in the text.
DAYS_BEFORE = re.compile(
    r"[^.;,\d]{0,40}\b(?:before|earlier|previously|previous|prior|preceding|later"
    r"|(?:day|week|month) after|since(?=[.,;!]|$))\b",
    re.IGNORECASE,
)
# "up 18 % on September", "compared with March": days to compare with, not of the number.
COMPARED_DAYS = re.compile(
    r"(?:\b(?:points?|more|fewer|less|higher|lower|up|down|increase|rise)\b"
    r"[^,.;\d]{0,25}(?:[\d.,]+(?: ?%| [a-z]+)?)?"
    r" (?:on|over|than|above|below|against|versus|vs|from)"
    r"|\bcompared (?:to|with)"
    r"|\bas (?:many|much|large|big|high|often)\b[^,.;\d]{0,30}\bas(?: (?:on|at|during|of))?"
    r"|\btimes (?:the|its|what)\b[^,.;\d]{0,30}\b(?:of|on|from|at))"
    r"(?: (?:at|in|on|during|by))?(?: the (?:end|start|beginning) of)? (?:in )?[*_]*$",
    re.IGNORECASE,
)
# "218 a day, after 259 in the week of 2 November": days of the number that follows.
FOLLOWING_DAYS = re.compile(
    r"\b(?:after|against|versus|vs\.?|from|compared (?:to|with)) [^.;,\d]{0,12}[\d.,]*\d(?![.,]?\d)"
    r"[^,.;\d]{0,25}$",
    re.IGNORECASE,
)
# "whose data ends on 18 November", "you get there on 22 December": days of something else.
OTHER_DAYS = re.compile(
    r"\b(?:(?:data|numbers|figures) (?:only )?(?:ends?|stops?|goes?|runs?|reach(?:es)?)"
    r"|(?:get|be|are|arrive) there) (?:on|at|with|to|until|through|by|in|around)? ?[*_]*$",
    re.IGNORECASE,
)
# "on the next day 163"
NEXT_BEFORE = re.compile(
    r"\b(?:the next|the following|next day|the day after)\b[^.;\d]{0,20}$", re.IGNORECASE
)
# "instead of 1,577": of what it is compared with.
INSTEAD_BEFORE = re.compile(
    r"\b(?:instead of|rather than|compared (?:with|to)|against|versus|vs\.?|up from|down from)"
    rf" (?:the |your )?{_HEDGE}[*_~]*$",
    re.IGNORECASE,
)
# "You started with 48,199": not the count where it ended.
START_BEFORE = re.compile(
    r"\b(?:start(?:ed|ing)?|began|begun|opened)\b[^.;,\d]{0,30}\b(?:with|at|from|on)"
    rf" {_HEDGE}[*_~]*$",
    re.IGNORECASE,
)
# "ended the week of 9 November with 24,018": the count of the last day.
END_BEFORE = re.compile(
    rf"\b(?:ended|finished|closed)\b[^.;,]{{0,40}}\b(?:with|at|on) {_HEDGE}[*_~]*$", re.IGNORECASE
)
# "224 more than in the four weeks before": counted from what was earlier.
EARLIER = re.compile(
    r"[^.;,\d]{0,40}\b(?:before|previous|prior|preceding|earlier|last)\b", re.IGNORECASE
)
USUAL = re.compile(
    r"\b(?:usual|typical|normal|average|ordinary|baseline|expect|other|otherwise|around)\w*\b",
    re.IGNORECASE,
)
# "fallen by more than a quarter": no rise.
HEDGING = re.compile(
    r"(?:(?:more|less|fewer) than|above|below|plus or minus)[\s*_~]*$", re.IGNORECASE
)
HOURS = re.compile(r"\bhours\b", re.IGNORECASE)
FUTURE = re.compile(
    r"\b(?:forecast\w*|expect\w*|project\w*|predict\w*|likely|will|should|would|could|may|might|by"
    r"|until|next|coming|range|even|end|ahead|\w+'ll|goal|target|give or take|\w+'d)\b",
    re.IGNORECASE,
)
RANGE = re.compile(
    r"\b(?:range|rang\w+|between|from|to|low\w*|high\w*|upper|best|worst|least|most|above|below"
    r"|more|less|interval|optimistic\w*|pessimistic\w*|cautious\w*|conservative\w*|top|bottom"
    r"|minimum|maximum|min|max|even|probab\w*|likely)\b|[–—-]\s?\d",
    re.IGNORECASE,
)
# "This is nine times as many as YouTube": of what the sentence before it named.
POINTING_BACK = re.compile(r"[\s*_>-]*(?:that|this|it|they|these|which|so|i\.e\.)\b", re.IGNORECASE)
# "above the usual", "below where it is now", "under its forecast": what is counted from.
USUAL_AFTER = re.compile(r"\b(?:usual|typical|normal|average|baseline)(?:ly)?\b", re.IGNORECASE)
EXPECTED = re.compile(r"\b(?:forecast|expected|projected)\b", re.IGNORECASE)
# "the usual 41,300", "a typical day has 30".
USUAL_BEFORE = re.compile(r"\b(?:usual|typical|normal)(?:ly)?\b[^.,;:|\d]{0,40}$", re.IGNORECASE)
# "the rest of the week stayed between": of none that was named before.
OTHERS_BEFORE = re.compile(
    r"\b(?:the rest|the others|all others?|other (?:platforms|accounts|posts|days|weeks|months|two"
    r"|three|four)|the remaining|elsewhere)\b"
    r"[^.;:|]{0,50}$",
    re.IGNORECASE,
)
# "Views: 289k (September: 183k)": an aside.
ASIDE = re.compile(r"\((?=[^()]{0,80}[A-Za-z])[^()]{1,80}\)")
NEXT = re.compile(
    r"\b(?:the next|the following|next day|(?:the )?day (?:after|before))\b", re.IGNORECASE
)
# "232 more than on YouTube", "50 ahead of April": what follows is what the number is counted from.
COUNTED_FROM = re.compile(
    rf"\b(?:than|compared (?:to|with)|ahead of|behind|short of|above|below|{_PAST}|beat(?:s|en)?"
    r"|leads?|trail(?:s|ed)?)\b"
    r"(?! (?:on |in |your |by )?[*_]*\d)",
    re.IGNORECASE,
)
# "grew five times as fast": of how it grew, not of how many there are.
GROWING_BEFORE = re.compile(r"\b(?:grew|grow(?:s|n|ing|th)?)\b[^.;,\d]{0,40}$", re.IGNORECASE)
# "gained five times as many followers": of what was won.
WINNING_BEFORE = re.compile(r"\b(?:gain(?:ed|s)?|won|lost|added)\b[^.;,\d]{0,40}$", re.IGNORECASE)
# "three quarters of the way": how far a goal is, which no other two numbers tell.
OF_THE_WAY = re.compile(r"[*_]* of the way\b", re.IGNORECASE)
# "a third of your audience": of all there are, not of those that were won.
OF_AUDIENCE = re.compile(
    r"[*_]* of your (?:whole |total |entire )?(?:audience|followers|subscribers|fans)\b"
    r"(?! (?:gain|growth|gained|won)\b)",
    re.IGNORECASE,
)
# "289 against 57": two numbers of two things that were named before.
PAIR_AFTER = re.compile(
    r"[*_]*(?: [a-z]{1,20}){0,3} (?:against|versus|vs\.?) [*_]*\d", re.IGNORECASE
)
FROM_BEFORE = re.compile(rf"\bfrom\s+{_HEDGE}[*_~]*$", re.IGNORECASE)
BY_BEFORE = re.compile(rf"\bby\s+{_HEDGE}[*_~]*$", re.IGNORECASE)
TO_BEFORE = re.compile(rf"\bto\s+{_HEDGE}[*_~]*$", re.IGNORECASE)
# "Without Instagram", "all platforms except Facebook": a place that is left out.
EXCLUDING = re.compile(
    r"\b(?:without|excluding|except(?: for)?|apart from|aside from|other than|leaving out"
    r"|not counting|outside(?: of)?|minus)\s+[*_]*$",
    re.IGNORECASE,
)
# "minus Facebook's 241": a place that is counted.
OWN_NUMBER = re.compile(r"['’]s? [*_]*\d", re.IGNORECASE)
# "the remaining 15.6 %", "all the others": what is left of a whole.
REST = re.compile(
    r"\b(?:rest|remain\w*|others?|left|leav\w+|else\w*|without|excluding|except|apart from"
    r"|lies? ahead|to go|missing|short|lacks?|away|still|outside)\b",
    re.IGNORECASE,
)
# "you are now at 24,140", "only 9,450 lately": of the last days that are known.
_NOW = r"(?:now|currently|today|lately|recently|at the moment|these days|by now|to date)"
NOW = re.compile(rf"\b(?:{_NOW}|current|last known)\b", re.IGNORECASE)
_NEAR = r"(?:(?!\b(?:and|but|to|than)\b)[^.,;:|\d]){0,30}"
NOW_BEFORE = re.compile(rf"\b{_NOW}\b{_NEAR}$", re.IGNORECASE)
NOW_AFTER = re.compile(rf"{_NEAR}\b{_NOW}\b", re.IGNORECASE)
# "12 a day", "14 likes for every comment", "9,338 daily views"; "a daily average of 12".
PER_WORDS: dict[str, Per] = {
    "day": "day",
    "dai": "day",
    "week": "week",
    "month": "month",
    "post": "post",
    "upload": "post",
    "comment": "comment",
    "like": "like",
    "share": "share",
    "save": "save",
    "view": "view",
}
_EACH = r"\b(?:per|each|every|(?:average|typical|normal|usual))(?: (?:Instagram|Facebook|YouTube))?"
_TIME = r"\s?(?P<per>day|week|month|post|upload)\b|\b(?P<adverb>dai|week|month)ly\b"
_METRIC = r"\b(?:per|for (?:each|every|one)) (?P<metric>comment|like|share|save|view)\b"
PER = re.compile(rf"(?:{_EACH}|\ban?|/){_TIME}|{_METRIC}", re.IGNORECASE)
PER_AFTER = re.compile(
    rf"(?:(?!\bthan\b)[^.,;:|\d]){{0,30}}?(?:(?:{_EACH}|\ban?|/){_TIME}|{_METRIC})",
    re.IGNORECASE,
)
PER_BEFORE = re.compile(
    rf"(?:{_EACH}{_TIME}|{_METRIC}):?(?:(?!\b(?:and|but|add|sum|total|com)\w*\b)[^.;:|\d]){{0,50}}$",
    re.IGNORECASE,
)
# "your top three posts", "the two best"
TOP = re.compile(
    r"\b(?:top|best|worst|weakest|strongest|first)[ -]"
    r"(?P<count>\d{1,2}|two|three|four|five|six|seven|eight|nine|ten)\b",
    re.IGNORECASE,
)
# "42 days left": until a day that lies ahead.
LEFT_AFTER = re.compile(
    r"[ -](?:more )?days? (?:left|to go|remain(?:ing|s)?|until|till)\b", re.IGNORECASE
)
# "rose from 12 to 15": verbs that say which way a number went.
MOVING = re.compile(
    r"\b(?:(?P<up>grew|rose|risen|increased|climbed|jumped|improved|surged|soared|accelerated"
    r"|picked up|up)|(?P<down>fell|fallen|dropped|declined|decreased|shrank|shrunk|dipped|slid"
    r"|slipped|slowed|eased|cooled|sank|down))\b",
    re.IGNORECASE,
)
_MISSING = r"missing|miss|come|need(?:s|ed)?|short|lack(?:s|ing)?|left|to go|remain\w*|away"
_VERSUS = r"versus|vs|compared|previous"
_KIND_WORDS: dict[DerivationKind, str] = {
    "sum": (
        r"total|together|combined|overall|between them|jointly"
        r"|in all|altogether|sum|across|both|net|on balance|insgesamt|zusammen"
        r"|au total|en total"
    ),
    "difference": (
        rf"{_UP}|{_DOWN}|than|gap|differ(?:ence|s)?|apart|beats?|change|points|{_MISSING}|{_VERSUS}"
        r"|give or take|plus or minus|either way|wide|width|spans?|lie"
    ),
    "percent_change": rf"{_UP}|{_DOWN}|than|change|beats?|above|over|{_VERSUS}",
    "share": r"of|shares?|account(?:s|ed)? for|ma[dk]es? up|c[ao]mes? from|brings?|brought",
    "mean": (
        r"averag\w*|mean|per|each|every|a day|a week|a month|daily|weekly|monthly|typical(?:ly)?"
        r"|durchschnitt\w*|en moyenne|media"
    ),
}
KINDS = {
    kind: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for kind, words in _KIND_WORDS.items()
}
THAN_BEFORE = re.compile(r"\bthan (?:on |your )?[*_]*$", re.IGNORECASE)
BREAK = re.compile(
    rf"[;:|\n]|[,.] (?!(?:so )?(?:by|or)\b|{_HEDGE}[*_~]*$)"
    r"|\b(?:and|but|yet|leaves?|while|whereas)\b",
    re.IGNORECASE,
)
