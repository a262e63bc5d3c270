"""What the creator's posts tell a plan: what did well, when, and the best of them."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

from domain.analytics.content import compare_forms, rank_posts
from domain.analytics.posts import Post
from domain.analytics.topics import find_topics, list_topics
from domain.figures import Figure, FigureBook
from domain.plans.evidence import FormEvidence, OfferedTime, TopicEvidence, TopPost
from domain.plans.hashtags import in_words
from domain.plans.texts import one_line
from domain.plans.times import TimeChoice
from storage.models import Platform
from tools.content_figures import Scope, form_figures, post_figures, slot_figures, topic_figures

MAX_TOPICS = 16
MAX_TOP_POSTS = 5  # of each platform,
TOP_SHARE = 4  # and of every four posts the best at most
MAX_CAPTION = 140
MAX_WORDS = 600
# Topics belong together that share so many captions, and so many times what chance would give.
MIN_TOGETHER = 3
MIN_LIFT = 1.5
QUOTED_WORDS = 9
QUOTED_LETTERS = 70
_MARKS = re.compile(r"[#@]\w+|https?://\S+")
_SENTENCE = re.compile(r"(?:[^.!?…]|\.(?=\d))+")
_EDGES = re.compile(r"^(?:[ ,;:(#@]|[–-](?!\d))+|[ ,;:(#@–-]+$")
_LETTERS = re.compile(r"[^\W\d_]{2}")
_QUOTES = re.compile(r"[“”\"«»{}]")
_WORD = re.compile(r"(?<![\w#@])[^\W\d_]{3,}")


class KeptFigures:
    """The figures that a plan may name; what is measured beside them is left in `scratch`."""

    def __init__(self) -> None:
        self.scratch = FigureBook()
        self.figures: list[Figure] = []

    def keep(self, figure: Figure) -> str:
        """Return the id under which the figure is kept."""
        name = f"f{len(self.figures) + 1}"
        self.figures.append(figure.model_copy(update={"id": name}))
        return name


def offered_times(
    kept: KeptFigures, scope: Scope, platform: Platform, choices: Sequence[TimeChoice]
) -> list[OfferedTime]:
    """Write down what speaks for each time; an hour of any weekday is one figure for all."""
    scope = replace(scope, platform=platform)
    slots = dict.fromkeys(choice.slot for choice in choices if choice.slot)
    figures = {slot: [kept.keep(each) for each in slot_figures(scope, slot)] for slot in slots}
    offered = []
    for choice in choices:
        slot = choice.slot
        posts, relative = figures[slot] if slot else (None, None)
        offered.append(
            OfferedTime(
                platform=platform,
                weekday=choice.weekday,
                time=dt.time(choice.hour),
                basis=choice.basis,
                relative=slot.relative if slot else None,
                stands_out=slot.stands_out if slot else False,
                posts_figure=posts,
                figure=relative,
            )
        )
    return offered


def form_evidence(kept: KeptFigures, scope: Scope, posts: Sequence[Post]) -> list[FormEvidence]:
    """Return how each form of post does, those that stand out first."""
    found = []
    for form in sorted(compare_forms(posts), key=lambda each: not each.stands_out):
        figure = None
        if form.median_engagement is not None:
            own = form_figures(scope, form)
            figure = kept.keep(
                next(each for each in own if each.metric == "form_median_engagement")
            )
        found.append(
            FormEvidence(
                platform=Platform(form.platform),
                form=form.post_type,
                posts=form.posts,
                stands_out=form.stands_out,
                figure=figure,
            )
        )
    return found


def topic_evidence(kept: KeptFigures, scope: Scope, posts: Sequence[Post]) -> list[TopicEvidence]:
    """Return what did at least as well as usual: what stands out, then hashtags, then words."""
    found = [topic for topic in list_topics(posts) if topic.relative >= 1]
    kinds = sorted(
        found,
        key=lambda topic: (
            not topic.stands_out,
            not topic.name.startswith("#"),
            " " not in topic.name,
        ),
    )
    topics = []
    names = [topic.name for topic in kinds[:MAX_TOPICS]]
    related, words = _relate(names, posts), _vocabulary(posts)
    labels = {name: in_words(name, words) for name in names}
    for topic in kinds[:MAX_TOPICS]:
        own = [kept.keep(figure) for figure in topic_figures(scope, topic)]
        topics.append(
            TopicEvidence(
                name=topic.name,
                label=labels[topic.name],
                related=[labels[name] for name in related[topic.name]],
                posts=topic.posts,
                relative=topic.relative,
                stands_out=topic.stands_out,
                posts_figure=own[0],
                figure=own[1],
            )
        )
    return topics


def _relate(names: Sequence[str], posts: Sequence[Post]) -> dict[str, list[str]]:
    """Return for each topic those that share its captions more often than chance would have it."""
    found = [set(find_topics(post.row.caption or "")) & set(names) for post in posts]
    alone = Counter(name for each in found for name in each)
    together = Counter(pair for each in found for pair in permutations(sorted(each), 2))

    def lift(name: str, other: str) -> float:
        return together[name, other] * len(posts) / (alone[name] * alone[other])

    return {
        name: sorted(
            (
                other
                for other in names
                if together[name, other] >= MIN_TOGETHER and lift(name, other) >= MIN_LIFT
            ),
            key=lambda other: (-lift(name, other), other),
        )
        for name in names
    }


def list_top_posts(
    kept: KeptFigures, posts: Sequence[Post], topics: Sequence[TopicEvidence], today: dt.date
) -> list[TopPost]:
    """Return the posts of each platform that earned most; of equal captions only the best."""
    ranked = [post for post in rank_posts(posts, "engagement", "best") if post.engagement]
    most = {
        platform: min(count // TOP_SHARE, MAX_TOP_POSTS)
        for platform, count in Counter(post.row.platform for post in ranked).items()
    }
    labels = {topic.name: topic.label for topic in topics}
    taken: Counter[str] = Counter()
    captions: set[str] = set()
    top = []
    for post in ranked:
        caption = " ".join((post.row.caption or "").split())
        platform = post.row.platform
        if not caption or caption in captions or taken[platform] >= most[platform]:
            continue
        captions.add(caption)
        taken[platform] += 1
        figure = post_figures(kept.scratch, post, "engagement", today=today)[0]
        top.append(
            TopPost(
                platform=Platform(platform),
                form=post.form[1],
                date=post.date,
                caption=f"{caption[:MAX_CAPTION]}…" if len(caption) > MAX_CAPTION else caption,
                quote=_first_words(caption),
                topics=list(
                    dict.fromkeys(labels[name] for name in find_topics(caption) if name in labels)
                ),
                figure=kept.keep(figure),
            )
        )
    return top


def _first_words(caption: str) -> str:
    """Return how a post is quoted: a few words of its first sentence, its numbers whole.

    A number alone is no quote: it would be read as a claim.
    """
    sentence = _SENTENCE.search(_MARKS.sub("", caption))
    words = _QUOTES.sub("", sentence[0] if sentence else "").split()
    quote = _EDGES.sub("", " ".join(words[:QUOTED_WORDS]))
    if any(map(str.isnumeric, quote)) and not _LETTERS.search(quote):
        return ""
    if not quote or len(words) <= QUOTED_WORDS:
        return one_line(quote, QUOTED_LETTERS)
    return f"{one_line(quote, QUOTED_LETTERS).rstrip('…')} …"


def _vocabulary(posts: Sequence[Post]) -> list[str]:
    """Return the words of the captions without hashtags, the most frequent first."""
    words = Counter(
        word for post in posts for word in _WORD.findall((post.row.caption or "").casefold())
    )
    return [word for word, _ in words.most_common(MAX_WORDS)]
