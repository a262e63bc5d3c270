"""What the offline model cannot do, and what it offers instead; said plainly, never guessed."""

import re
from dataclasses import dataclass

from agents.offline.questions.audience import ASKS, UNTOLD

_CONTENT = (
    r"(?:posts?|uploads?|videos?|reels?|songs?|tracks?|content|photos?|pictures?|shorts?|clips?)"
)
_SUPERLATIVE = (
    r"(?:top|best|worst|biggest|most (?:\w+ )?(?:liked|viewed|popular|shared|watched|streamed"
    r"|played"
    r"|commented|saved|successful|engaging))"
)
_ASKED_TO = (
    r"(?:please |can you |could you |would you |will you |i (?:want|would like) (?:you )?to )"
)
_ACTIONS = (
    r"(?:post(?! counts?\b| numbers?\b)|publish|upload(?! counts?\b)|schedule|delete|erase|remove|"
    r"disconnect|connect|link (?:my|the|up)|import|export|download|cancel|change (?:my|the)|set|"
    r"buy|send|reply|answer|write|draft|create|generate|compose|make|translate|draw|paint|sing"
    r"|edit|"
    r"design|unfollow|block|reset|invite|book|order|call|open|run|execute)"
)
_A_REPORT = (
    r"(?: me)?(?: an?| the| my)? ?(?:\w+ )?(?:report|summary|overview|comparison|recap|ranking)"
)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What a question that cannot be answered looks like, and the answer it gets."""

    asks: str
    answer: str


REFUSALS: tuple[Refusal, ...] = (
    Refusal(
        asks=r"ignore (?:all|any|your|previous|the|my)\b|system prompt|your (?:instructions"
        r"|prompt)|jailbreak|pretend|act as|you are now|developer mode|override",
        answer="I keep to what I am here for: answering questions about your own numbers. Ask me, "
        "for example, “How did I grow last month?”",
    ),
    Refusal(
        asks=r"all users|other (?:users?|creators?|people|artists?|musicians?|bands?)"
        r"|(?<!my )(?<!the )other (?:accounts?|channels?)"
        r"|(?:does|has|is) (?:she|he)\b"
        r"|(?:she|he) (?:has|have|got)|competitors?|somebody|someone"
        r"|another (?:user|creator|person|artist|account|channel)"
        r"|everyone else|(?:his|her|their) (?:followers|numbers|account|growth|views)",
        answer="I can only see the accounts that you connected yourself, nobody else's. Ask me "
        "about your own, for example “Compare my platforms this year”.",
    ),
    Refusal(
        asks=rf"^{_ASKED_TO}*{_ACTIONS}\b(?!{_A_REPORT}\b)",
        answer="I can't do that: I only read your numbers and explain them, I don't write, "
        "publish or change anything. Ask me, for example, “How did I grow last month?” or “Any "
        "unusual days this year?”",
    ),
    Refusal(
        asks=r"how (?:do|can|could|to) (?:i )?(?:import|upload|add|load) (?:\w+ ){0,2}(?:data"
        r"|numbers|metrics|csv|files?|history)|csv",
        answer="Import a CSV file with the columns `platform,account,date,metric,value`, one "
        "number per line; the same file twice changes nothing. After that, ask me about any day "
        "in it.",
    ),
    Refusal(
        asks=r"weight|kilos?|diet|jokes?|poems?|haiku|lyrics|weather|recipes?|horoscope"
        r"|stock price|crypto|bitcoin|captions?|scripts?|e ?-? ?mail|essay",
        answer="That is not something I can help with. I answer questions about your own numbers: "
        "followers, views, engagement and more, for any period. Try “How did I grow last month?”",
    ),
    Refusal(
        asks=r"goals?|targets?|milestones?",
        answer="I can't work with goals yet. I can tell you where you stand and how fast you have "
        "been growing: try “How many followers do I have?” or “Growth this year”.",
    ),
    Refusal(
        asks=r"when did i (?:first )?(?:reach|hit|pass|cross|get to|break)",
        answer="I can't search for the day on which you passed a number yet. I can tell you your "
        "follower count on any day: try “How many followers did I have on 1 June?”",
    ),
    Refusal(
        asks=r"will|wont|going to (?:be|have|get|grow|reach|hit)|forecasts?|predict\w*"
        r"|projections?|in the future|future|expect(?:ed)?|how long (?:until|till|before|to reach"
        r"|does it)|when (?:do|can|might|would|could) i (?:reach|hit|get to|pass|have)"
        r"|am i on track|on pace",
        answer="I can't look ahead: I have no forecast, and I won't guess. I can show you how it "
        "has gone so far: try “What was my growth this year?”",
    ),
    Refusal(
        asks=r"should i(?! know)|how (?:can|could|should|do|to|would) (?:i |we )?(?:get|grow|gain"
        r"|increase|improve|boost|make|reach|earn|go viral|attract|win|become|keep)|tips?"
        r"|advi[cs]e|recommend\w*|suggest\w*|ideas?|strateg\w+|help me (?:grow|get|gain|become)"
        r"|what (?:to|can i) (?:post|do)|inspire|inspiration|motivate|^(?:grow|boost|increase"
        r"|improve) (?:my|me)",
        answer="I don't give advice, because I would only be guessing. What I can do is show you "
        "what your numbers say: try “Which platform grows fastest?” or “Any unusual days this "
        "year?”",
    ),
    Refusal(
        asks=r"best (?:time|hour|moment|slot|weekday)s?|best days? (?:to|for (?:post|publish"
        r"|upload)\w*)|posting times?|what time(?! range)|which (?:hour|time|weekday)s?"
        r"|time of day|hourly|per hour|hours? of the day|when (?:to|do i|is (?:the|it) best"
        r"|are my \w+ (?:active"
        r"|online))|weekdays?|most active",
        answer="I don't know the times of day yet, so I can't say when posting works best. I can "
        "find days that stand out: try “Any unusual days in engagement this year?”",
    ),
    Refusal(
        asks=rf"{_SUPERLATIVE}(?: \w+)? {_CONTENT}|(?:which|what) (?:of my )?{_CONTENT}"
        rf"|when did i last|my (?:last|latest|newest|previous|first) {_CONTENT}|(?:this|that|each"
        rf"|every) {_CONTENT}",
        answer="I can't look at single posts yet, only at daily numbers per account. I can find "
        "the days on which something stood out: try “Any unusual days in engagement this year?”",
    ),
    Refusal(
        asks=r"reels?|stories|story|carousels?|shorts|live ?streams?|photos?|pictures?|formats?"
        r"|post types?",
        answer="I can't tell formats apart yet: my numbers are for all posts of an account "
        "together. Ask for the whole account, for example “Engagement on Instagram last month”.",
    ),
    Refusal(
        asks=r"hashtags?|keywords?|topics?|trending|trends (?:in|on)|niche",
        answer="I don't know anything about hashtags or topics yet. I can tell you how your "
        "numbers moved: try “How did my engagement change last month?”",
    ),
    Refusal(
        asks=rf"{UNTOLD}|{ASKS}|how old (?:is|are)(?! (?:my|the|your) (?:data|numbers))"
        r"|where (?:is|are|do|does) my (?:\w+ )*(?:from|live|located|based)"
        r"|where (?:are|do) (?:most|many|all) of my (?:\w+ )*(?:live|located|based)",
        answer="I don't know that of your audience: of age, gender, country and city I know what "
        "your platforms tell. Try “Who is my audience?” or “Where do my followers live?”",
    ),
    Refusal(
        asks=r"who (?:is|are) my"
        r"|(?<!people )who (?:has |have )?(?:un)?(?:follow|lik|view|watch|comment|shar|sav"
        r"|listen)\w*"
        r"|unfollow\w*|unsubscrib\w*|names? of|list (?:of )?(?:my )?(?:followers|subscribers|fans"
        r"|listeners)",
        answer="I only know counts, not people: I can't see who followed or unfollowed you. I can "
        "tell you the net change: try “Did I lose followers last week?”",
    ),
    Refusal(
        asks=r"money|pays?|revenues?|earn\w*|incomes?|paid|payouts?|rpm|cpm|moneti\w+|royalt\w+"
        r"|sponsor\w*|profits?|dollars?|euros?|sales?|merch|tickets?|ads?|advert\w*|organic"
        r"|boosted|budget",
        answer="I don't know anything about money or advertising: only audience and activity are "
        "in my data. Ask me, for example, for your views or streams last month.",
    ),
    Refusal(
        asks=r"(?:engagement|conversion|completion|skip|save|like|share|retention|bounce"
        r"|open) rates?|ctr|retention|view duration|ratios?|correlat\w+|click ?-? ?through",
        answer="I don't calculate rates yet. I can give you the numbers behind them: try "
        "“Engagement last month” or “Reach last month”. The growth rate of your followers I do "
        "know.",
    ),
    Refusal(
        asks=r"monthly listeners?",
        answer="Spotify's “monthly listeners” are not in my data. I know the listeners of each "
        "day: try “Listeners on Spotify yesterday” or “Streams last month”.",
    ),
    Refusal(
        asks=r"averages?|mean|median|typical|on average|per (?:day|week|month|post|video|follower"
        r"|song)|a day(?! (?:in|on|when|where|that))|daily|weekly|monthly|day by day|week by week"
        r"|month by month|by (?:day|week"
        r"|month)|each (?:day|week|month)|every (?:day|week|month)|charts?|graphs?|plots?"
        r"|diagrams?|curves?",
        answer="I can't split a period into days or work out averages yet. I can give you the "
        "total of any period: try “Views last week”.",
    ),
    Refusal(
        asks=r"except|excluding|exclude|without|apart from|other than|not counting|minus"
        r"|(?<!did )(?<!does )(?<!do )(?<!is )(?<!has )(?<!was )(?<!can )not (?:on |from )?"
        r"(?:instagram|insta|ig|facebook|fb|you ?tube|yt|spotify)",
        answer="I can't leave something out of a total yet. Ask for each platform by its name, or "
        "for all of them together.",
    ),
    Refusal(
        asks=r"(?:best|worst|strongest|weakest|biggest|slowest|fastest|record"
        r"|busiest) (?:\w+ )?(?:day|week|month|quarter|year)s?|(?:which|what) (?:day|date|week"
        r"|month|quarter|year)s?\b(?!.*\b(?:unusual|stand|stood|odd|strange|weird|special"
        r"|exceptional|notable|remarkable|extraordinary|abnormal|irregular|out of|explod\w*"
        r"|jump\w*|spik\w*|crash\w*|drop\w*|lost|off|low|high|(?:than"
        r"|as) usual))|when did i (?:\w+ )*(?:most|fastest|least|slowest)",
        answer="I can't search for your best or worst day yet. I can find the days that stand out "
        "from the weeks around them: try “Any unusual days this year?”",
    ),
    Refusal(
        asks=r"impressions?|clicks?|visits?|visitors?|dms?|messages?|inbox|mentions?|tagged"
        r"|playlists?|dislikes?|sentiment|virality|notifications?|shazams?|downloads?|superchats?"
        r"|donations?|members|memberships?|ranks? (?:in|on)|chart positions?|reposts?|retweets?",
        answer="That is not in my data. I know followers, engagement, posts, reach, views, watch "
        "time, likes, comments, shares, saves, streams and listeners: ask me for any of these.",
    ),
)
# Whatever else such a text asks.
GUARDS = 2
_COMPILED = tuple((re.compile(rf"\b(?:{r.asks})\b"), r.answer) for r in REFUSALS)


def find_guard(text: str) -> str | None:
    """Return the answer to normalised text that wants other people's numbers or other rules."""
    guards = _COMPILED[:GUARDS]
    return next((answer for pattern, answer in guards if pattern.search(text)), None)


def find_refusal(text: str) -> str | None:
    """Return why normalised text cannot be answered, and what can; None if nothing stands out."""
    return next((answer for pattern, answer in _COMPILED if pattern.search(text)), None)
