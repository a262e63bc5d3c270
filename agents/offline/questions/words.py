"""What was typed, as plain lower-case words: misspellings and short forms put right."""

import re
import unicodedata
from functools import lru_cache

from agents.offline.questions.number_words import with_digits

MAX_CHARACTERS = 2_000

_TOKEN = re.compile(
    r"""@[\w.-]*\w                                  # a handle
    | \d{4}[-/]\d{1,2}[-/]\d{1,2}(?!\d)             # 2026-05-15
    | \d{4}-?w\d{1,2}(?:-\d)?(?!\w)               # 2026-w40
    | \d{4}-\d{2}(?![\d-])                          # 2026-05
    | \d{1,2}\.\s?\d{1,2}\.(?:\s?\d{4}|\d{2})?(?!\d)  # 15.5. and 15.05.2026
    | \d{1,2}/\d{1,2}(?:/(?:\d{4}|\d{2}))?(?!\d)    # 5/15
    | \d+(?:[.,]\d+)*(?:st|nd|rd|th|[km%])?(?!\w)   # 12,000 and 3rd and 10k
    | [^\W_]+(?:'[^\W\d_]+)*                        # a word
    | -""",
    re.VERBOSE,
)
# "monthly... i mean listeners": the word before is taken back.
_CORRECTED = re.compile(r"\w+(?:,|\.\.+|…| -)? (?:(?:no|sorry|or|wait),? )*i meant?,? (?=\S)")
# "unfollowed... ok net change": all before the dots is taken back.
_TAKEN_BACK = re.compile(
    r"^.*(?:\.\.\.?|\u2026) ?(?:(?:no|or|ok|well|sorry),? )?"
    r"(?:never ?mind|scratch that|forget (?:it|that)|actually|rather|no|nah|ok),?(?: just)? "
    r"(?=\w+ \w+)",
    re.DOTALL,
)
# Quotation marks that stand for an apostrophe; dashes of all lengths.
_TYPOGRAPHY = str.maketrans(dict.fromkeys("\u2019\u2018\u02bc\u00b4`", "'") | {"&": " and "})
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212~", "-"))

_SHORT_FORMS = {
    "what's": "what is",
    "how's": "how is",
    "where's": "where is",
    "who's": "who is",
    "when's": "when is",
    "that's": "that is",
    "there's": "there is",
    "it's": "it is",
    "let's": "let us",
    "i'm": "i am",
    "i've": "i have",
    "i'd": "i would",
    "i'll": "i will",
    "can't": "can not",
    "won't": "will not",
    "shan't": "shall not",
    "whats": "what is",
    "hows": "how is",
    "whens": "when is",
    "wheres": "where is",
    "im": "i am",
    "ive": "i have",
    "dont": "do not",
    "didnt": "did not",
    "cant": "can not",
    "isnt": "is not",
    "u": "you",
    "ur": "your",
    "pls": "please",
    "plz": "please",
    "thx": "thanks",
    "abt": "about",
    "ppl": "people",
    "mnth": "month",
    "mth": "month",
    "wk": "week",
    "yr": "year",
    "avg": "average",
    "gonna": "going to",
    "wanna": "want to",
    "gotta": "have to",
    "lemme": "let me",
    "gimme": "give me",
    "rn": "right now",
    "atm": "at the moment",
    "tmrw": "tomorrow",
    "tmr": "tomorrow",
    "tomoz": "tomorrow",
    "yday": "yesterday",
    "yesterdays": "yesterday",
    "b4": "before",
    "til": "till",
    "eoy": "the end of the year",
    "eom": "the end of the month",
    "wknd": "weekend",
    "mins": "minutes",
    "hrs": "hours",
    "fav": "favourite",
    "fave": "favourite",
    "faves": "favourites",
    "vid": "video",
    "vids": "videos",
    "pic": "photo",
    "pics": "photos",
    "folks": "people",
    "peeps": "people",
    "bout": "about",
    "cuz": "because",
    "coz": "because",
    "r": "are",
}

# The words that the rules depend on; a typo of one of them is put right.
_VOCABULARY = """
    january february march april june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday
    yesterday today tomorrow week weeks weekend month months quarter quarters year years days
    since until between during before after previous current beginning recent recently
    follower followers following followed subscriber subscribers audience growth growing grown
    engagement engagements interaction interactions posts posted publish published upload uploads
    uploaded videos reach reached views viewed watch watched minutes likes comments shares shared
    saves saved streams streamed listener listeners plays played impressions
    instagram facebook youtube spotify tiktok twitter twitch
    platform platforms channel channels account accounts network networks
    compare compared comparison fastest slowest strongest weakest ranking
    unusual anomaly anomalies spike spikes strange weird outlier outliers happened
    connected connection connections linked history summary overview performance
    gained losing fewer increase increased decrease decreased changed percentage
    which where please thanks weather revenue demographics hashtag hashtags forecast predict
    formats carousel carousels milestone milestones deadline schedule calendar concentration
    dependent progress trend trends times
"""
# Ordinary words that one slip of the finger would turn into one of those.
_NOT_TYPOS = """
    stories story stores points parts ports costs lives lines linked lists listen listens react
    reacts teach mouth match marsh weeds glowing steams spices content contents moments
    commands saving sharing viewers viewer player players watches reaches growths compete
    quartet publisher publishing uploading posting commented comment commenting share
    video chance changes change trending there their these those friends
    follow follows growth grows stream streaming listening streamer minute interact predict
    predicts connect connects record records yesterdays weekly monthly yearly quarterly daily
    marches earlier plans place places pleased dating unusually
"""
_KNOWN = frozenset(_VOCABULARY.split())
_KNOWN_AS_THEY_ARE = _KNOWN.union(_NOT_TYPOS.split())
_FUZZY_LENGTH, _TWO_SLIPS_LENGTH = 5, 9


def normalise(text: str) -> str:
    """Return lower-case words, numbers, dates, handles and dashes, one space between each."""
    plain = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]).lower()
    plain = plain.translate(_TYPOGRAPHY).translate(_DASHES)
    # "year-to-date" is three words; "jan-mar" and "1-15" are spans.
    plain = re.sub(r"(?<=\d)\.\.+(?=\d)", " - ", plain)
    plain = re.sub(r"(?<!\d)%", " percent ", plain)
    plain = re.sub(r"(?<=[a-z]{4})-(?=to|over|on|by|date|year|month|week)|(?<=\bto)-", " ", plain)
    plain = _CORRECTED.sub(" ", _TAKEN_BACK.sub("", plain))
    plain = re.sub(r",? i meant?\W*$", "", plain)
    words = (_plain_word(token) for token in _TOKEN.findall(plain))
    return with_digits(" ".join(" ".join(words).split()))


def _plain_word(token: str) -> str:
    if token in _SHORT_FORMS:
        return _SHORT_FORMS[token]
    if token[0].isdigit() or token[0] in "@-":
        return token.replace(" ", "")
    if token.endswith("n't"):
        return f"{token[:-3]} not"
    return _without_typo(re.sub(r"'(?:s|re|ve|ll|d)?$", "", token).replace("'", ""))


@lru_cache(maxsize=4096)
def _without_typo(word: str) -> str:
    if len(word) < _FUZZY_LENGTH or word in _KNOWN_AS_THEY_ARE:
        return word
    allowed = 1 if len(word) < _TWO_SLIPS_LENGTH else 2
    near = [
        (slips, known)
        for known in sorted(_KNOWN)
        if known[0] == word[0] and abs(len(known) - len(word)) <= allowed
        if (slips := _slips(word, known)) <= allowed
    ]
    return min(near)[1] if near else word


def _slips(one: str, other: str) -> int:
    """Return the edits between two words, two swapped neighbours being one.

    Optimal string alignment distance: Damerau (1964), in the form of Boytsov (2011), section 2.
    """
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, wanted in enumerate(other, 1):
            cost = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]
