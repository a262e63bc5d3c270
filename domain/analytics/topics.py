"""Topics: the hashtags, words and pairs of words in captions, and how their posts do."""

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from domain.analytics.posts import Post, relative_logs
from domain.analytics.significance import standouts

MIN_POSTS = 3
MAX_TOPICS = 200
MIN_LETTERS = 3
# Longer ones are no words, and would be quoted to the model.
MAX_LETTERS = 40
_TOKEN = re.compile(r"https?://\S+|@\w+|(?P<tag>#\w+)|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)")
# Words of English and German that tell nothing of a topic.
_STOP_WORDS = frozenset(
    """
    the and for with you your this that from are was were have has had not but all can will just
    what when where who how why our ours out one two get got about into over more most some any
    its it's i'm i've been being did does doing done than then there they them their these those
    too very new now here his her him she let let's like make made much many also only own off per
    via see say says said way who's don't didn't can't won't isn't
    der die das und ist ich wir ihr sie ein eine einen einem einer mit für auf nicht von den dem
    des wie was wer auch noch nur aber oder als bei aus nach zum zur mein meine dein deine sein
    seine sind war hat habe haben wird werden vor euch uns mich dich mir dir kann schon
    """.split()  # noqa: SIM905 - a hundred words in quotes would fill a page
)


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A hashtag, a word or two, and the median of how many times the usual its posts earned."""

    name: str
    posts: int
    relative: float
    stands_out: bool = False


def list_topics(posts: Sequence[Post]) -> list[Topic]:
    """Return the topics of at least `MIN_POSTS` posts, those that stand out first, then the best.

    A post counts once for each topic. Of topics that are in the very same posts only the most
    telling one is kept. Engagement is compared within account and type.
    """
    known, values = relative_logs(posts)
    places: dict[str, list[int]] = {}
    for place, post in enumerate(known):
        for name in set(find_topics(post.row.caption or "")):
            places.setdefault(name, []).append(place)
    common = {name: found for name, found in places.items() if len(found) >= MIN_POSTS}
    distinct = _drop_synonyms(common)
    chosen = sorted(distinct, key=lambda name: (-len(distinct[name]), name))[:MAX_TOPICS]
    groups = {name: distinct[name] for name in chosen}
    clear = standouts(values, groups)
    topics = [
        Topic(
            name=name,
            posts=len(found),
            relative=math.exp(median(values[place] for place in found)),
            stands_out=name in clear,
        )
        for name, found in groups.items()
    ]
    return sorted(topics, key=lambda topic: (not topic.stands_out, -topic.relative, topic.name))


def find_topics(caption: str) -> Iterator[str]:
    """Yield the hashtags, with their sign, and the telling words and pairs of words of a caption.

    All are case folded and in Unicode's compatible form (UAX 15, NFKC), so that letters of a fancy
    font are letters. A pair is two telling words with only a space between them.
    """
    text = unicodedata.normalize("NFKC", caption)
    before, end = "", 0
    for match in _TOKEN.finditer(text):
        name = _fold(match)
        if name:
            yield name
        word = name if match["word"] else ""
        if word and before not in ("", word) and text[end : match.start()].isspace():
            yield f"{before} {word}"
        before, end = word, match.end()


def _fold(match: re.Match[str]) -> str:
    """Return the topic that a token is; empty if it tells nothing."""
    name = (match["tag"] or match["word"] or "").casefold().replace("’", "'")
    is_telling = MIN_LETTERS <= len(name) <= MAX_LETTERS and name not in _STOP_WORDS
    return name if is_telling else ""


def _drop_synonyms(places: dict[str, list[int]]) -> dict[str, list[int]]:
    """Return one topic for each set of posts: a pair before a hashtag before a word."""
    kept: dict[tuple[int, ...], str] = {}
    for name in sorted(places, key=lambda name: (" " in name, name.startswith("#"), name)):
        kept[tuple(places[name])] = name
    return {name: places[name] for name in kept.values()}
