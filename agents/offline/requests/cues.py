"""The words by which a request gives away which tool it is for; all of normalised text."""

import re

POST = (
    r"(?:posts?|uploads?|videos?|reels?|shorts?|clips?|photos?|pictures?|pics?|carousels?"
    r"|stor(?:y|ies)|songs?|tracks?|content|pieces?|things?|stuff|lives?|links?|bangers?|hits?"
    r"|winners?|duds?)"
)
_PLATFORM = r"(?:instagram|insta|ig|facebook|fb|you ?tube|yt|spotify|platform|account|channel)"
_POSTING = r"(?:post|posting|publish|publishing|upload|uploading|share|release|drop|go live)"
_GOAL = r"(?:goals?|targets?|milestones?|objectives?)"

POST_TYPES: dict[str, str] = {
    "reel": r"reels?",
    "carousel": r"carousels?|slide ?shows?",
    "photo": r"photos?|pictures?|images?",
    "story": r"stor(?:y|ies)(?! ?tell)",
    "short": r"shorts?",
    "video": r"videos?",
    "track": r"songs?|tracks?|singles|(?:new|last|latest|my|a) single(?! \w*(?:best|worst|most))",
    "link": r"links?",
    "post": r"text posts?|status(?:es)?|(?:vs|or|than|against) texts?|^texts?",
}
RANKED_BY: dict[str, str] = {
    "engagement_rate": r"engagement rates?|by rate",
    "views": r"view(?:s|ed)?|watched|seen|played|plays|streamed|streams",
    "likes": r"likes?|liked|hearts",
    "comments": r"comments?|commented|discussed|talked about",
    "shares": r"shares?|shared|reshared|reposted",
    "saves": r"saves?|saved|bookmark(?:s|ed)",
}


def _cue(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(alternatives)})\b")


WORST = _cue(
    r"fewest",
    r"hardly|barely|nobody|no ?one",
    r"worst|flop(?:s|ped|ping)?|least (?!one)|lowest|weakest|bottom|under ?perform\w*|poorest",
    r"(?:did|does|do|perform\w*|went|work(?:s|ed)?) (?:so |really |very )?(?:badly|poorly|bad)",
    r"(?:did|does|do|has|have|is|was) not (?:work|perform|do|land|go)\w*|fail(?:s|ed|ures?)?",
    r"tank(?:s|ed)?|bomb(?:s|ed)?|dead weight|losers?|duds?|disappoint\w*|skip(?:ped)?|regret\w*"
    r"|wasted?|should not have",
)
TOP_CONTENT = _cue(
    rf"(?:top|best|worst|strongest|weakest|greatest|biggest|lowest|highest|poorest|bottom)"
    rf"(?: \w+){{0,3}} {POST}",
    rf"(?:most|least)(?: \w+)? {POST}",
    rf"(?:which|what)(?: of (?:my|the|these|those))?(?: (?!about\b)\w+)? {POST}(?! (?:of posts?"
    rf"|types?"
    rf"|formats?))"
    r"(?: (?:did|do|does|got|get|gets|has|have|had|were|was|are|is|went|go|goes|perform\w*|work\w*"
    r"|flop\w*|bring|brought|brings|earned|earn|made|tank\w*|bombed|fail\w*|landed))?",
    rf"{POST}(?: that)?(?: \w+)? (?:flopped|tanked|bombed|under ?perform\w*|over ?perform\w*"
    rf"|went viral|did best|did worst|worked best|performed best|performed worst)",
    r"what (?:(?:did|does|has|have|is|was|really|just|not|totally|completely) )*(?:work|land|flop"
    r"|tank"
    r"|perform|bomb|resonat|fail|suck)(?:s|ed|ing|e)?\b(?! for)",
    r"what (?:went|did|does|goes)(?: \w+)? (?:well|badly|wrong|best|worst|right)",
    rf"{POST}\b.*\b(?:ranked|sorted|ordered) by|highlights|flops|hits and misses|winners"
    rf"|top performers?|best performers?",
    r"went viral|go(?:es|ne)? viral",
    rf"{POST}\b.*\b(?:flop(?:s|ped)?|tank(?:s|ed)?|bombed|fail(?:s|ed)?|viral|under ?perform\w*)",
    rf"(?:last|latest|newest|recent|most recent) {POST}",
    rf"{POST}\b.*\b(?:highest|lowest|best|worst|most|least|strongest|weakest)",
)
FORMATS = _cue(
    r"formats?|(?:post|content|media) types?|types? of (?:my )?(?:posts?|content|media|uploads?)",
    r"kinds? of (?:my )?(?:posts?|content|media|uploads?)|what (?:kind|type|sort) of (?:posts?"
    r"|content|thing|stuff)",
)
BEST_TIMES = _cue(
    rf"best days? for (?:a |my |the )?(?:new |next )?{POST}",
    r"when (?:should|do|can|must)\b.*\b(?:go (?:online|up|live|out)|be posted|online)",
    r"(?:mornings?|noons?|evenings?|nights?|weekends?|weekdays?) or (?:the |on )?(?:mornings?"
    r"|noons?|evenings?|nights?|weekends?|weekdays?)",
    rf"best (?:posting |upload |publishing )?(?:time|hour|moment|slot|weekday|day and time)s?"
    rf"(?! to (?!{_POSTING}|put|reach|be|get|go)\w+)",
    rf"(?:best|right|good|ideal|perfect|optimal) days?(?: and \w+)? (?:to|for) (?:{_POSTING}"
    rf"|posts?)",
    r"(?:best|right|good|ideal|perfect|optimal|worst) (?:time|hour|moment|slot|window|weekday)s?",
    rf"when (?:should|do|can|shall|would|could|must|is|are) (?:i|we|it|my"
    rf"|the)\b.*\b(?:{_POSTING}|posts?|videos?|reels?|uploads?|audience|followers|online"
    rf"|active|best|work)",
    r"(?:prime|golden|rush|peak) (?:time|hour)s?|sweet spot",
    r"when (?:are|is|do|does)\b.*\b(?:online|active|awake|engag\w+|around|scroll\w*)",
    rf"{POST} when$|best days? (?:for|on|to) (?:my )?{_PLATFORM}",
    rf"when (?:to|i|we) (?:{_POSTING}|put)(?! about)|posting times?|(?:what|which) (?:time|hour"
    rf"|weekday"
    rf"|day of the week|days? of the week|time of (?:the )?day|day and (?:time"
    rf"|hour))s?(?! (?:range|zone))",
    rf"(?:what|which) days?\b.*\b(?:{_POSTING}|posts? (?:do|work|perform)|works?|perform|engag\w+)",
    r"time of (?:the )?day|hours? of the day|morning or (?:the )?evening"
    r"|weekends? or weekdays?|weekdays? or weekends?|heat ?map|times? work|timing|schedule posts",
    rf"(?:better|best) to {_POSTING}\b.*\b(?:morning|evening|noon|night|weekend|weekday|monday"
    rf"|tuesday|wednesday|thursday|friday|saturday|sunday)s?",
)
TOPICS = _cue(
    r"(?:posts?|videos?|reels?|captions?) about|(?:talk|writ|sing|speak|post|film)(?:e|ing)?"
    r" (?:more |less |often )?about",
    r"(?:posts?|videos?|reels?|content) be about|about what|what .* (?:posts?|videos?"
    r"|reels?) about",
    r"hash ?tags?|tags|topics?|themes?|keywords?|subjects?|words?(?= (?:in|work|do|perform|bring"
    r"|get|make|pull|draw))",
    rf"what (?:should|could|can|do|shall) i (?:talk|write|sing|make {POST}|speak"
    rf"|film) (?:about|on)",
    r"caption words|what (?:do )?(?:my )?(?:\w+ )?(?:audience|people|viewers|followers|fans"
    r"|subscribers"
    r"|listeners) (?:like|want"
    r"|love|care|enjoy)\w* (?:to (?:see|hear)|about|most)?",
)
ENGAGEMENT_RATES = _cue(
    r"eng rates?",
    r"percent\w*\b.*\b(?:engages?|interacts?|reacts?)\b",
    r"(?:do|does|how (?:much|often|strongly|actively|well))\b.*\b(?:engage|interact|react)s?",
    r"engagement rates?|rates? of engagement|interaction rates?|engagement percent\w*",
    r"how (?:engaged|engaging)|engagement per (?:view|post|follower)|e ?r\b(?= )",
)
SAVE_DRAFT = _cue(
    r"(?:keep|save|store|note|park|hold on to|write down|remember)\b.*\bfor (?:later|another day)",
    r"(?:save|keep|store|note|put|add|remember|write down)\b.*\bdrafts?",
    r"(?:save|keep|store) (?:this|that|the|a|my|it)\b.*\b(?:captions?|ideas?|text|post)",
    r"draft (?:this|a|an|the|me|it|post|caption|for)|as (?:a|my|an?) (?:\w+ )?draft"
    r"|new (?:\w+ ){0,3}draft\b",
    r"make (?:it |this |that )?a (?:\w+ )?draft",
)
KEEPS = re.compile(
    r"^(?:can|could|would|will|you|i|want|to|just|now)?(?: (?:you|i|want|to|just))*\s*"
    r"\b(?:save|keep|store|stash|note|park|jot|add|put|remember|file|hold|write)\b"
    r"|^(?:a |new )?draft\b|\b(?:save|keep|store|stash|note|park|jot|put|remember) (?:it|this"
    r"|that|down|the following)\b"
)
SENDS = re.compile(r"^(?:please )?(?:send|post|publish|upload|delete|e ?mail|share)\b")
LIST_DRAFTS = _cue(
    r"have (?:any |some |more )?drafts",
    r"not (?:yet )?published(?: yet)?|unpublished",
    r"(?:captions?|posts?|texts?|ideas?) (?:that )?(?:i|ive|i have) (?:saved?|kept|stored?|noted?)",
    r"(?:unfinished|unpublished|half ?written) (?:captions?|posts?|texts?|ideas?)",
    r"what (?:did i|have i|i) (?:save|saved|keep|kept|note|noted)|any drafts?",
    r"(?:list|show|see|view|open|get|read|find|what|which|any|all|how many|where)\b.*\bdrafts?",
    r"(?:my|saved|current|the|open) drafts?|drafts? (?:list|folder|do|have|are|is)|^drafts",
    r"(?<!most )(?<!least )(?:saved|kept|stored) (?:captions?|posts?|texts?|ideas?)",
)
_AHEAD = (
    r"(?:reach|hit|get to|pass|have|cross|be|grow|get|gain|lose|end|make|see|keep|land|look|double)"
)
FORECAST = _cue(
    r"how (?:many|much|big|high)\b.*\bwill\b|prognosis|(?:can|could|do) (?:i|we) count on"
    r"|guess\w*|reckon|anticipat\w*|likely to (?:see"
    r"|get|have|be|reach|hit)"
    r"|(?:would|will|could)\b.*\bfrom now",
    r"if (?:nothing|things|it all) (?:changes?|stays?|goes)\b.*",
    r"forecast\w*|predict\w*|projections?|project(?:ed)?|extrapolat\w*|outlook|estimat\w+",
    rf"will (?:i|we)\b.*\b{_AHEAD}|will (?:my|the) \w+|(?:will|wo) not (?:i|my|we)",
    rf"(?:i|we|my|followers|views|subscribers) (?:\w+ )?will\b.*\b{_AHEAD}",
    rf"going to {_AHEAD}|(?:what|how|where) (?:will|would) (?:my|the|i|it|they|that)\b",
    r"(?:where|how many|how much)\b.*\b(?:expect\w*|end up|be at|land|likely)|expect(?:ed)?",
    r"when (?:do|can|might|would|could|will) (?:i|we|my)\b.*\b(?:reach|hit|get to|pass|have|cross)",
    r"how long (?:until|till|before|to reach|does it|will it)|at this (?:rate|pace|speed)",
    r"look ahead|in the future|where (?:will|would) (?:i|we)",
    r"(?:if|when) (?:it|this|things?) (?:goes|go|keeps?|continues?)(?: going)?(?: on)? like this",
)
PERIODS = _cue(
    r"(?:month|week|quarter|year|day) (?:over|on|by|after|to) (?:month|week|quarter|year"
    r"|day)(?! date)",
    r"(?:mom|wow|yoy|qoq)(?= |$)",
    r"(?:compar\w*|vs|versus|against|than|relative|up on|down on|change\w*|differ\w*"
    r"|between)\b.*\b(?:previous|preceding|prior|before|earlier|last period|one before"
    r"|time before)",
    r"(?:previous|preceding|prior) (?:period|month|week|quarter|year|(?:\d+|thirty|seven) days)",
)
TRENDS = _cue(
    r"going (?:up|down)|up or (?:going )?down(?!.*\b(?:vs|than|against|compared|from)\b)",
    r"movement|trajector\w*|los(?:e|es|ing|t) (?:interest|steam|momentum|touch)|tendenc\w+"
    r"|on (?:its|the|their|a) (?:way|path) (?:up|down)|(?:down|up)hill"
    r"|climb\w*|sliding"
    r"|slipping|flat(?: or| and)|or flat|shrinking\b|over time",
    r"(?:which|what) way (?:are|is|do|does|did|have|has)|directions?|on the (?:rise|decline|up)",
    r"(?:rising|growing|increasing|gaining|climbing)(?: \w+)? or (?:\w+ )?(?:falling|down"
    r"|shrinking|declining|losing|dropping|decreasing)",
    r"(?:falling|shrinking|declining|losing) or (?:\w+ )?\w+ing",
    r"trends?|trend ?lines?|trending (?:up|down|upwards?|downwards?)|(?:is|are|am"
    r"|my)\b.*\btrending",
    r"(?:clear|steady|steadily|consistent\w*|real|lasting|long ?term) (?:growth|decline"
    r"|direction|growing|declining|falling|rising|up|down)",
    r"(?:which|what|any|is|are)\b.*\b(?:declin\w+|dying|slowing(?: down)?|losing steam|fading"
    r"|stagnat\w+|plateau\w*|flat ?lin\w+)",
    r"heading|momentum|going anywhere|long (?:run|term)|(?:general|overall) development",
    r"declining|plateau\w*|stagnat\w+",
)
CONCENTRATION = _cue(
    r"balanced?|evenly|spread out|disappear\w*|vanish\w*|went away|in trouble (?:if|without)",
    rf"(?:if|without|suppose|imagine|in case)\b.*\b{_PLATFORM}\b.*\b(?:gone|shuts?|shut down"
    r"|bann?ed|delet\w+|die[sd]?|lost|block\w*|hack\w*|clos\w+|went down|crash\w*|collaps\w+)",
    rf"(?:if|without|suppose|imagine|would|could)\b.*\b(?:lost|lose|losing|bann?ed|delete"
    rf"|without)\b.*{_PLATFORM}",
    r"percent of (?:my|all|the)\b|makes? up|accounts? for|contribut\w*",
    r"(?:part|role|chunk|bit) (?:does|do|is)\b.*\b(?:play|make|of|in)|lopsided|uneven\w*"
    r"|one ?sided|(?:part|portion|proportion|slice|piece) of (?:my|the|all"
    r"|total)",
    r"(?:half|majority|third|quarter|most) of (?:my|all|the)(?= (?:engagement|views|reach|likes"
    r"|streams"
    r"|comments|shares|saves|audience|followers|listeners))",
    r"concentrat\w*|depend\w*|rel(?:y|ies|ying|iant|iance)|diversif\w*|eggs\b.*\bbasket"
    r"|all my eggs|dominat\w*",
    r"shares? of (?:my|the|total|all)\b|what (?:share|part|portion|proportion|fraction"
    r"|percentage)\b",
    r"how much of (?:my|the|all)\b.*\b(?:comes?|from|is|on|due)|(?:mix|split|spread"
    r"|distribut\w*|breakdown|balance)\b.*\b(?:platforms?|channels?|between|across|among|over|by)",
    r"(?:one|single) platform|(?:too|over)(?: |-)?(?:dependent|reliant|focus\w*)|where (?:does"
    r"|do) my .* come from",
)
MILESTONE = _cue(r"milestones?")
LIST_GOALS = _cue(
    r"every goal|goals? i (?:ever )?(?:set|have|had|made|put)",
    rf"(?:what|which|list|show|see|all|any|how many|view)\b.*\b{_GOAL}",
    rf"^(?:my )?(?:\w+ )?{_GOAL}$|{_GOAL} (?:do|have|did) i",
)
GOAL = _cue(_GOAL)
GOAL_PROGRESS = _cue(
    r"status|update|next steps?",
    r"progress|on track|on pace|how far|how close|how near|behind|ahead of|pace|keep(?:ing)? up",
    r"danger|risk|trouble|realistic|achievable|feasible|possible|at all|shaky|safe|likely|worried",
    r"on schedule|on course|off track|projection|get there|there yet|in time|tracking|so far",
    r"how (?:is|are|am|do|does|many|much)|doing|going|coming along|missing|left|remain\w*|need\w*",
    r"stand|status of|percent\w*|closest|halfway|still to go|to go|when (?:do|will|can|am)",
    r"(?:will|do|can|am) i (?:\w+ )?(?:make|reach|hit|get|achieve|going)",
)
ON_TRACK = _cue(r"on (?:track|pace|schedule|course)", r"(?:behind|ahead of) schedule")
NEEDS_NO_GOAL = _cue(
    r"progress (?:on|with|towards?) \d\w*|lacking|on the (?:road|way) to",
    r"on track|on pace|am i (?:ahead|behind|close|far)|how far (?:am i|off|along|to go|away|from)",
    r"(?:how much|what is|whats) (?:longer|left|missing|remaining)|until \d|till \d",
    r"how close am i|milestones?|targets?|(?:missing|left|remaining|to go|short|away) (?:to"
    r"|till|until|from|for|of)",
    r"(?:still|do i) need\b.*\b(?:to|for|per|a day|every)|halfway|what is missing",
)
_SETS = r"(?:set|create|add|track|define|establish|start|open|make|give|put)"
CREATE_GOAL = _cue(
    r"track \d[\w.,]*",
    r"\d[\w.,]*\b.*\bas (?:a|my) (?:new )?(?:goal|target)|make it (?:a|my) (?:goal|target)",
    r"^(?:my |new |a )*(?:goal|target|challenge)\b(?!.*\b(?:progress|status|how|far)\b).*\d\w*",
    r"^goal (?:called|named)|(?:goal|target|challenge|objective"
    r"|aim)(?: is)?(?: now)? (?:of )?\d[\d.,]*",
    rf"{_SETS}(?: up)?(?: me| us)?(?: a| an| another| one"
    rf"| the following)?(?: \w+){{0,3}} (?:goal|target|objective)",
    r"(?:a |another )?new (?:goal|target)|(?:need|want|like) (?:a|an|another) (?:\w+ )?(?:goal"
    r"|target)",
    r"(?:my|the) (?:next |new |\w+ )?(?:goal|target) (?:is|should be|will be|would be)",
    r"(?:i|we) (?:want|would like|wanna|aim|plan|hope|need|intend|am aiming|am trying"
    r"|dream)(?: to| of| for| at)*"
    r" (?:to |be |reach|reaching|hit|hitting|get|getting|have|having|grow|growing|gain|make"
    r"|pass|cross|go|\d[\w.,]*)",
    r"target \d|(?:make|call) \d[\w.,]*\b.*\b(?:goal|target)|that is (?:the|my) (?:goal|target)",
    r"(?:i am|we are|am) (?:going|aiming|shooting|pushing) for \d[\w.,]*",
    r"(?:help me|let us|let me|lets) (?:to )?(?:reach|hit|get to|grow to|aim for|aim at|track"
    r"|go for)",
    r"^(?:aim|go|goal|target|shoot|aiming|shooting)(?: for| at| of| is)? \d[\w.,]*",
)
_FITS = (
    r"(?:realistic|good|fit(?:s|ting)?|suit(?:s|able|ed)?|match(?:es)?|right(?! now)|sensible"
    r"|reasonable|achievable|attainable|doable|feasible|makes? sense|healthy|decent)"
)
_AIMS_FOR = (
    r"(?:set|take|pick|choose|pursue|chase|try|define|(?<=should i )have"
    r"|(?:aim|go|shoot|strive) (?:for|at))"
)
SUGGEST_GOAL = _cue(
    rf"(?:which|what)(?: \w+){{0,3}} {_GOAL}(?: \w+){{0,2}} (?:would|could|might|will|does|do"
    rf"|is|are)(?: be)?(?: \w+)? {_FITS}",
    rf"(?:which|what)(?: \w+){{0,3}} {_GOAL} (?:fits?|suits?|match(?:es)?|makes? sense)",
    rf"(?:which|what)(?: \w+){{0,3}} {_GOAL} (?:should|could|can|shall|might|would|do) (?:i|we|you)"
    rf" (?:\w+ )?(?:{_AIMS_FOR}|suggest|recommend|propose|advise)",
    rf"(?:what|how (?:high|big|large|ambitious)) (?:should|could|would|might|shall) (?:my|our|the)"
    rf"(?: \w+){{0,3}} {_GOAL}(?: \w+){{0,5}} be",
    rf"(?:what|which) (?:would|could|might|is|are) (?:be )?(?:an?|some|{_FITS})(?: \w+){{0,2}}"
    rf" {_GOAL}",
    r"(?:what|how (?:many|much|high))\b.*\b(?:should|can|could) (?:i|we) (?:\w+ )?"
    r"(?:aim|shoot|strive) (?:for|at)",
    rf"(?:suggest|recommend|propose|find|pick|choose|come up with|think of|help me with)"
    rf"(?: me| us)?(?: an?| some| my| the| another)(?: \w+){{0,3}} {_GOAL}",
    rf"(?:suggest|recommend|propose)(?: me| us)? {_GOAL}",
    rf"help (?:me|us) (?:to )?(?:set|find|pick|choose|define)(?: \w+){{1,4}} {_GOAL}",
    rf"{_GOAL} (?:suggestions?|ideas?|recommendations?|proposals?)"
    rf"|(?:suggestions?|ideas?|recommendations?|proposals?) for (?:\w+ ){{0,3}}{_GOAL}",
    rf"(?:give|get|set|make|need|want)(?: me| us)? an?(?: \w+)? {_FITS}(?: \w+)? {_GOAL}",
)
A_GOAL = _cue(r"(?:an?|another)(?: \w+)? (?:goal|target|objective)")
ASKS = re.compile(
    r"^(?:and |but |so )?(?:can i (?!set|have|create|add|make a|change|get a)|how|when|what|which"
    r"|where|why|will|am|is|are|do|does|did|have|has)\b"
)
UPDATE_GOAL = _cue(
    rf"(?:new|different|other|another|later|earlier|better) (?:due )?(?:date|deadline|number|day"
    rf"|title"
    rf"|name)\b.*\b{_GOAL}",
    rf"(?:need|have|get|want|give (?:me|it|us)|take)\b.*\b(?:until|till)\b.*\b{_GOAL}",
    rf"(?:make|set|put|change) (?:the|my)(?: \w+){{0,3}} {_GOAL} (?:to )?\d[\w.,]*",
    r"make it \d[\w.,]*|(?:lower|raise|reduce|increase|change|set|push|bring) it\b.*\b(?:to|by)",
    rf"(?:more|extra|additional|another|less|fewer) (?:days?|weeks?|months?)\b.*\b(?:{_GOAL}"
    rf"|deadline)",
    rf"(?:{_GOAL}|deadline)\b.*\b(?:needs|gets) (?:a )?(?:new|another)|extend\b.*\bdeadline",
    rf"(?:shelve|hide|park|retire|ditch|skip|pause|get rid of|throw away)\b.*\b{_GOAL}",
    rf"(?:change|(?<!an )(?<!status )(?<!quick )update|move|raise|lower|increase|decrease"
    rf"|reduce|extend|postpone|push|shift"
    rf"|archive|delete|remove|drop|cancel|close|rename|adjust|edit|bump|delay|reset|scrap"
    rf"|forget|abandon|give up|put off|bring forward|modify|correct|set back|shorten|end|stop"
    rf"|reactivate|reopen|restore|call|name (?=the|my)|kill|bin|cut|double|halve|up (?=the|my))\b"
    rf".*\b(?:{_GOAL}|deadline|due date)",
    rf"(?:set|make|put|give|have) (?:the|my|that|this|its)\b.*\b(?:{_GOAL}|deadline"
    rf"|due date)\b.*\b(?:to|at|until|for|a)\b",
    rf"(?:{_GOAL}|deadline|due date) (?:can|could|may|will|shall) (?:wait|be |end|run|go)",
    rf"{_GOAL} (?:deadline|due date|date)\b.*\d\w*|add \d\S* (?:\w+ )?to\b.*\b{_GOAL}",
    r"(?:more|another|extra) (?:days?|weeks?|months?) (?:for|until|to)\b.*\d\w*",
    rf"(?:my|the)(?: \w+){{0,3}} {_GOAL}\b.*\bnew (?:target|date|deadline|number)",
    rf"(?:{_GOAL}|deadline|due date) (?:should|must|to|needs? to|is now|has to) (?:be |move "
    rf"|change |end |now )?",
    rf"(?:more|less) time\b.*\b{_GOAL}|not (?:want|need"
    rf"|interested)\b.*\b{_GOAL}\b.*\b(?:any ?more|longer)",
)
# "I'm done with the goal, close it": what is changed is named before.
CHANGES_IT = _cue(
    r"(?:change|move|raise|lower|increase|decrease|reduce|extend|postpone|push|shift|archive|delete"
    r"|remove|drop|cancel|close|rename|adjust|bump|delay|scrap|forget|abandon|end|stop|shelve|hide"
    r"|park|retire|ditch|pause|kill|bin|cut|double|halve|set|make|put|give) (?:it|that|this|them)\b"
    rf"(?! (?:a|as|my|the) (?:\w+ )?{_GOAL})",
    r"(?:done|finished|through) with|(?:give|get) me (?:until|till|\w+ more)",
)
RENAME = _cue(r"rename|call(?: it| the| my)?|retitle|(?:new )?name(?: it| my| the)?")
TITLED = _cue(r"called|named|titled|title")
GOAL_STATUS = _cue(
    r"ticked off|in the archive|put away|(?:gave|given|giving) up(?: on)?|abandoned|cancelled"
    r"|shelved|scrapped|retired",
    r"(?:already )?(?:achieved|completed|accomplished|finished) (?:goals?|targets?)",
    r"(?:goals?|targets?) (?:\w+ ){0,3}(?:achieved|completed|accomplished|finished|missed|archived"
    r"|reached)",
    r"(?:archived|missed|reached|old|past|closed|active|open|failed) (?:goals?|targets?)",
    r"goals? archive|archive of goals?",
)
ABOUT_POSTS = _cue(r"posts?|uploads?|uploading|posting|publish\w*|content|captions?")
# What to make next, before anything is said about how the last ones did.
IDEAS = _cue(
    rf"what (?:\w+ ){{0,4}}(?:should|shall|can|could|do|would|to|might) (?:i |we )?(?:\w+ ){{0,2}}"
    rf"{_POSTING}(?! more| less)\b",
    r"what (?:could|would|can|should|might) be (?:a|my)",
    rf"what to {_POSTING}(?! more| less)|what (?:should|could|will) (?:my|the|our)\b.*\bbe$",
    rf"ideas|(?<!good )(?<!bad )(?<!great )(?<!smart )(?<!clever )idea|inspir\w*|inspo"
    rf"|nothing to {_POSTING}|stuck|no clue"
    r"|run(?:ning)? out of|out of (?:ideas|topics)|brain ?storm\w*",
    r"(?:suggest\w*|propos\w*|recommend\w*)\b.*\b(?:posts?|content|reels?|videos?)",
)
ABOUT = _cue(r"about|subjects?|topics?|themes?|words?|captions?|into")
CAPTIONS = _cue(r"captions?|wording|keywords?|phrases?")
LIKED = _cue(
    r"lik(?:e|es|ed)|love[sd]?|into|care|work\w*|perform\w*|resonat\w*|interest\w*|better|best|land"
)
WORTH = _cue(
    r"bad|hurts?|harm\w*|idea|smart|worth|bother\w*|pay(?:s|ing)? off|keep|stop|effort|prefer\w*"
    r"|waste|enough"
    r"|too many|work\w*"
    r"|perform\w*|better|do well|well|use|useful|point|help\w*|should i|sense"
)
MOMENTS = _cue(
    r"mornings?|evenings?|noons?|nights?|hours?|slots?|early|late|(?<!waste of )times?|weekends?"
    r"|weekdays?"
    r"|\d{1,2} ?(?:am|pm)",
    r"mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?|oclock|peak",
)
REACTIONS = _cue(
    r"engag\w*|react\w*|interact\w*|respon\w*|online|awake|scroll\w*|active|go live|around"
)
RATES = _cue(r"rates?|percent\w*|share|ratio|per view|of those who")
RANKS = _cue(
    r"rank\w*|most|least|best|worst|top|number one|\d|hardly|barely|nobody|poor\w*|highest|lowest",
    r"favou?rites?|popular|success\w*|viral|blew up|big hit|biggest|well|badly|ever|hits?"
    r"|strong\w*|weak\w*|beat|won|winner",
)
AIMS = _cue(
    r"still (?:need|missing|lack)|do i need|working (?:towards?|on|for)|chasing|pursuing|progress"
    r"|there yet|get there|make it|(?:will"
    r"|can|do|am) i (?:manage|succeed)|how near"
    r"|realistic"
    r"|pace|aim(?:s|ing|ed)?|needed|daily|in time|coming along|left to|how far(?! back)"
    r"|how close|short of"
)
STRONG_CREATE = _cue(
    r"as (?:a |my )?(?:new )?(?:goal|target)|help me (?:to )?(?:get|reach|hit|grow)",
    r"make it (?:a|my) (?:goal|target)",
)
PAST = _cue(r"did|gained|grew|lost|was|were|had|have i|has been|got")
AHEAD = _cue(
    r"in (?:\d{1,3}|two|three|four|five|six|a few) (?:days|weeks|months)(?: time)?(?=$| (?:how|what"
    r"|where))|from now"
    r"|tomorrow",
    r"by (?:the )?(?:end of|year end|new year|next|christmas|spring|summer)",
    r"(?:next|coming|upcoming) (?:\w+ )?(?:days?|weeks?|months?|quarter|year|fortnight)",
)
AMOUNT_AHEAD = _cue(r"how (?:many|much)\b.*\b(?:by|until|in \d+|next|at the end)")
ARCHIVE = _cue(
    r"kill|bin|(?:done|finished|through) with|shelve|hide|park|retire|ditch|archive|delete|remove"
    r"|drop|cancel|close|scrap|forget|abandon|give up|end|stop|get rid of"
    r"|(?:any ?more|longer)"
)
# What nobody here can do, whatever else the words say.
OUTSIDE = _cue(
    r"database|sql|select|drop table",
    r"bedtime|fairy tale|pizza|restaurants?|hotels?|flights?|movies?|cook\w*|camera|laptop",
    r"(?:reply|respond|answer) to|(?:^|can you |could you |please )(?:dm|message|follow"
    r"|unfollow|publish|upload) ",
    r"does (?:she|he)|(?:she|he) (?:has|have|got)|(?:her|his) (?:followers|numbers|account)",
    r"weather|rain\w*|jokes?|e ?-?mail|by mail|mail (?:it|this|the|my)|send (?:it|this|the|my)",
    r"where (?:do|are|is)\b.*\b(?:live|living|located|based)",
    r"weight|kilos?|pounds|diet|remind me(?! (?:what|of|how|which|where))|wake me|alarm",
    rf"(?:delete|erase|remove) (?:my|the|this|that|all)\b(?!.*\b(?:{_GOAL}|deadline|drafts?))",
    r"(?:^|can you |could you |please )(?:edit|cut|mix|master|design|record|trim|film) (?:my|the"
    r"|this|a) ",
    r"python|script|capital of|recipes?|translate|times \d+",
)
PLAN = _cue(
    r"plan(?!s? (?:do|did|does))|content (?:plan|calendar)|calendar|schedule|road ?map|agenda"
    r"|itinerary",
    rf"what (?:should|shall|can|could|do|would|to) (?:i|we)?\s?(?:\w+ )?{_POSTING}"
    rf"|what to {_POSTING}",
    r"(?:post|content|video|reel) ideas|ideas for (?:posts?|content|videos?|reels?|next|the"
    r"|this)|ideas",
    r"next (?:week|month)s? (?:posts?|content)|fill my|map out|time ?table|structure my",
    r"(?:\d|one|two|three|four|five|a few) (?:posts?|uploads?|videos?|reels?) (?:a|per|each) week",
)
NEXT_STEPS = _cue(
    r"what (?:should|shall|can|could|would|do|must) (?:i|we|you) (?:\w+ )?(?:do|focus|work"
    r"|improve|change|try|prioriti[sz]e|concentrate|advise|suggest|recommend|fix|next)",
    r"what (?:is )?(?:next|now)\b(?! (?:week|month|year))|next steps?|what to (?:do|focus|improve"
    r"|change|try|work)|priorit\w+"
    r"|advi[cs]e|(?:recommend|suggest)\w*(?! (?:me )?(?:a|an|some) (?!\w*(?:post|time|form"
    r"|topic|idea|plan)))|tips?|strateg\w+",
    r"how (?:can|could|should|do|to|would) (?:i |we )?(?:get|grow|gain|increase|improve|boost"
    r"|reach|attract|win)",
    r"where (?:should|shall|do|can) i (?:focus|put|invest|start|spend)|help me (?:grow|get"
    r"|gain|improve)",
)
