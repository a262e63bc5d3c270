"""Numbers of one passage that lean on each other: a whole on its parts, some on all there were."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from domain.grounding.claims import Claim
from domain.grounding.mentions import counted_noun
from domain.grounding.numerals import Numeral
from domain.grounding.sources import Source

# Parts follow: "35 posts: 18 on Instagram and …".
_PARTS_FOLLOW = re.compile(r"[^.;\d]{0,60}(?::|\bmade up of\b|\binto\b|\()")
_MAX_NEAR = 12
_SOME_OF = re.compile(r"[*_]* of (?:(?:the|all|your|these) ){0,2}[*_]*", re.IGNORECASE)


class Told(NamedTuple):
    """A number of a passage and what backs it by itself: a figure, or several that are added up."""

    numeral: Numeral
    claim: Claim
    figure: str | None
    added: Sequence[str]

    @property
    def end(self) -> int:
        """Where it ends in its passage."""
        return self.claim.reading.start + len(self.numeral.text)

    @property
    def counts_posts(self) -> bool:
        """Whether it is said to be a number of posts."""
        return counted_noun(self.claim.reading.subject.text, self.end) == "posts"


def read_together(
    told: Sequence[Told], by_id: Mapping[str, Source]
) -> Iterator[tuple[int, str | None]]:
    """Yield which numbers are backed by another figure, or by none, as they stand together."""
    cited = [by_id.get(one.figure or "") for one in told]
    for place, one in enumerate(told):
        near = cited[max(0, place - _MAX_NEAR) : place + _MAX_NEAR]
        if one.added and _lacks_a_part(one, cited[place + 1 : place + _MAX_NEAR]):
            yield place, None
        if one.figure or not one.counts_posts:
            continue
        rest_on = (source for source in near if source and source.posts == one.numeral.value)
        if figure := next(rest_on, None):
            yield place, figure.id
        elif listed := _listed(one, by_id):
            yield place, listed
        elif place and _is_whole_of(one, told[place - 1]):
            yield from _some_of_all(place, told[place - 1], one, by_id)


def _listed(number: Told, by_id: Mapping[str, Source]) -> str | None:
    """Return a figure of the posts of a list, if the number is how many there are."""
    posts = [source for source in by_id.values() if source.is_post]
    posts = [source for source in posts if source.metric == posts[0].metric]
    posts = [source for source in posts if number.claim.is_of_aspects(source)]
    return posts[0].id if posts and len(posts) == number.numeral.value else None


def _lacks_a_part(whole: Told, later: Sequence[Source | None]) -> bool:
    """Tell whether a whole is no sum of all the parts that are told after it."""
    text = whole.claim.reading.subject.text
    if not _PARTS_FOLLOW.match(text, whole.end):
        return False
    first = later[0] if later else None
    parts = [part for part in later if part and first and part.metric == first.metric]
    is_list = len(parts) > 1 and any(part.id in whole.added for part in parts)
    return is_list and any(part.id not in whole.added for part in parts)


def _is_whole_of(whole: Told, some: Told) -> bool:
    text = whole.claim.reading.subject.text
    return _SOME_OF.fullmatch(text, some.end, whole.claim.reading.start) is not None


def _some_of_all(
    place: int, some: Told, whole: Told, by_id: Mapping[str, Source]
) -> Iterator[tuple[int, str | None]]:
    """Yield the figure behind "8 of the 351 posts", which were counted or left out."""
    for source in by_id.values():
        is_of_whole = source.metric == "posts_counted" and source.posts == whole.numeral.value
        if is_of_whole and whole.claim.is_of_days(source) and whole.claim.is_of_place(source):
            rest = (source.posts or 0) - source.value
            is_some = some.numeral.value in (source.value, rest)
            yield place - 1, source.id if is_some else None
            yield place, source.id
            if is_some:
                return
