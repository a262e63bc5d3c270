"""Topics: the hashtags and words of captions, and how their posts do."""

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from domain.content import relative_values
from domain.posts import Post
from domain.significance import standouts

MIN_POSTS = 3
MAX_TOPICS = 200
MIN_LETTERS = 3
_TOKEN = re.compile(r"https?://\S+|@\w+|(?P<tag>#\w+)|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)")
# Words that tell nothing of a topic, in English and German.
_STOP_WORDS = frozenset(
    [
        "the",
        "and",
        "for",
        "with",
        "you",
        "your",
        "this",
        "that",
        "from",
        "are",
        "was",
        "were",
        "have",
        "has",
        "had",
        "not",
        "but",
        "all",
        "can",
        "will",
        "just",
        "what",
        "when",
        "where",
        "who",
        "how",
        "why",
        "our",
        "out",
        "one",
        "two",
        "get",
        "got",
        "about",
        "into",
        "over",
        "more",
        "most",
        "some",
        "any",
        "its",
        "it's",
        "i'm",
        "i've",
        "been",
        "being",
        "did",
        "does",
        "doing",
        "done",
        "than",
        "then",
        "there",
        "they",
        "them",
        "their",
        "these",
        "those",
        "too",
        "very",
        "new",
        "now",
        "here",
        "his",
        "her",
        "him",
        "she",
        "our",
        "ours",
        "let",
        "let's",
        "like",
        "make",
        "made",
        "much",
        "many",
        "also",
        "only",
        "own",
        "off",
        "per",
        "via",
        "see",
        "say",
        "says",
        "said",
        "way",
        "who's",
        "don't",
        "didn't",
        "can't",
        "won't",
        "isn't",
        "der",
        "die",
        "das",
        "und",
        "ist",
        "ich",
        "wir",
        "ihr",
        "sie",
        "ein",
        "eine",
        "einen",
        "einem",
        "mit",
        "für",
        "auf",
        "nicht",
        "von",
        "zu",
        "den",
        "dem",
        "des",
        "im",
        "in",
        "am",
        "an",
        "es",
        "du",
        "so",
        "wie",
        "was",
        "wo",
        "wer",
        "auch",
        "noch",
        "nur",
        "aber",
        "oder",
        "als",
        "bei",
        "aus",
        "nach",
        "zum",
        "zur",
        "mein",
        "dein",
        "sein",
    ]
)


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A hashtag or a word, and the median of how many times the usual its posts earned."""

    name: str
    posts: int
    relative: float
    stands_out: bool = False


def list_topics(posts: Sequence[Post]) -> list[Topic]:
    """Return the topics of at least `MIN_POSTS` posts, those that stand out first, then the best.

    A post counts once for each topic. Engagement is compared within platform and type.
    """
    known, values = relative_values(posts)
    places: dict[str, list[int]] = {}
    for place, post in enumerate(known):
        for name in sorted(set(find_topics(post.row.caption or ""))):
            places.setdefault(name, []).append(place)
    common = sorted(
        (name for name, found in places.items() if len(found) >= MIN_POSTS),
        key=lambda name: (-len(places[name]), name),
    )
    groups = {name: places[name] for name in common[:MAX_TOPICS]}
    clear = standouts(values, groups) if len(groups) > 1 else {}
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
    """Yield the hashtags, with their sign, and the telling words of a caption, case folded."""
    for match in _TOKEN.finditer(unicodedata.normalize("NFC", caption)):
        if match["tag"]:
            yield match["tag"].casefold()
        elif match["word"]:
            word = match["word"].casefold().replace("’", "'")
            if len(word) >= MIN_LETTERS and word not in _STOP_WORDS:
                yield word
