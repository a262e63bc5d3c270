"""Searching conversations by the words of their titles and messages, in any language.

Words are compared without case and accents, by their beginnings. Scripts that set no spaces
between words (Chinese, Japanese, Thai …) are taken in pairs of characters, so that any part of a
sentence is found. The words of a conversation are kept (`storage/search.py`) and read anew before
a search when something has been said since: what writes messages needs to know nothing of it.
"""

import asyncio
import re
import unicodedata
from collections.abc import Iterable, Iterator
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from storage.search import Stale, list_stale, list_texts, write_words

MAX_WORD = 64
MAX_WORDS_BYTES = 400_000  # of one conversation; PostgreSQL takes a megabyte
BATCH = 100

_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]+"
)
# "24,310" and "24310" are one number.
_GROUPING = re.compile(r"(?<=\d)[.,’'\u00a0\u202f](?=\d{3}(?!\d))")


async def refresh_words(session: AsyncSession, user_id: UUID) -> None:
    """Read the words of the user's conversations that have changed since they were read."""
    while stale := await list_stale(session, limit=BATCH):
        texts = await list_texts(session, [each.conversation_id for each in stale])
        words = await asyncio.to_thread(_words_of_each, stale, texts)
        await write_words(session, user_id, stale, words)


def find_words(text: str) -> Iterator[str]:
    """Yield the words by which a text is found."""
    for is_unspaced, piece in _pieces(text):
        if is_unspaced:
            yield from (piece[place : place + 2] for place in range(len(piece)))
        else:
            yield piece


def build_query(text: str) -> str | None:
    """Return a tsquery for all words of a search, each by its beginning; null if it has none."""
    terms: list[str] = []
    for is_unspaced, piece in _pieces(text):
        if is_unspaced and len(piece) > 1:
            terms += [f"'{piece[place : place + 2]}'" for place in range(len(piece) - 1)]
        else:
            terms.append(f"'{piece}':*")
    return " & ".join(dict.fromkeys(terms)) or None


def _pieces(text: str) -> Iterator[tuple[bool, str]]:
    """Yield runs of letters and digits, and whether they are of a script without spaces."""
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(each for each in decomposed if not unicodedata.combining(each)).casefold()
    plain = _GROUPING.sub("", unicodedata.normalize("NFC", bare))
    for word in _WORD.findall(plain):
        end = 0
        for run in _UNSPACED.finditer(word):
            if run.start() > end:
                yield False, word[end : run.start()][:MAX_WORD]
            yield True, run[0]
            end = run.end()
        if end < len(word):
            yield False, word[end:][:MAX_WORD]


def _words_of_each(stale: Iterable[Stale], texts: dict[UUID, list[str]]) -> list[list[str]]:
    return [_words_of(each.title, *texts.get(each.conversation_id, ())) for each in stale]


def _words_of(*texts: str) -> list[str]:
    """Return the different words of texts, the first ones if there are too many."""
    found: dict[str, None] = {}
    size = 0
    for text in texts:
        for word in find_words(text):
            if word not in found:
                size += len(word.encode()) + 8
                if size > MAX_WORDS_BYTES:
                    return list(found)
                found[word] = None
    return list(found)
