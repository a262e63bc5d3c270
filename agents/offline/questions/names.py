"""Accounts that a question names: the creator's own, or somebody else's."""

import re
from dataclasses import dataclass

from agents.offline.creator import Account, Creator
from agents.offline.questions.ordinary import is_listed, is_ordinary, unknown_words
from agents.offline.questions.words import MAX_CHARACTERS, normalise

_HANDLE = re.compile(r"(?<![\w.])@([\w.-]*\w)")
_OWNER = re.compile(r"\b([^\W\d_][\w.-]{0,63})['\u2019]s\b")
_SOMEBODY_HAS = re.compile(r"\b(?:does|has|did) (?P<name>[^\W\d_]+)\b")
# "Is Dua Lipa growing?", "bigger than Adele".
_NAME = r"(?P<name>[A-Z][^\W\d_]+(?: [A-Z][^\W\d_]+)*)"
_SUBJECT = re.compile(
    rf"\b(?:is|are|was|will|can|how is|how are|how\W?s|[Dd]oes|[Dd]id|[Hh]as|[Ii]s|[Aa]re|[Hh]ow is"
    rf"|[Hh]ow\W?s|than|vs\.?|versus|against) (?:[Tt]he )?{_NAME}"
)
_LOWER_SUBJECT = re.compile(r"^(?:is|are|was|will|how is|how are) (?P<name>[^\W\d_]+ [^\W\d_]+)\b")
MIN_CHARACTERS = 4


@dataclass(frozen=True, kw_only=True)
class NamedAccount:
    """The creator's own account that was named, and the question without its name."""

    account: Account | None
    text: str


def find_account(text: str, creator: Creator) -> NamedAccount:
    """Return the creator's account that the text names, the longest name first."""
    for account in sorted(creator.accounts, key=lambda account: -len(account.account)):
        name = account.account.removeprefix("@")
        if not name or (not _is_telling(name) and f"@{name}".lower() not in text.lower()):
            continue
        pattern = re.compile(
            rf"(?<![\w.@])@?{re.escape(name)}(?:['\u2019]s)?(?![.-]*\w)", re.IGNORECASE
        )
        if pattern.search(text):
            return NamedAccount(account=account, text=pattern.sub(" ", text))
    return NamedAccount(account=None, text=text)


def find_stranger(text: str) -> str | None:
    """Return whose account is asked about, once the creator's own name is taken out."""
    if handle := _HANDLE.search(text):
        return f"@{handle[1]}"
    found = _OWNER.finditer(text[:MAX_CHARACTERS])
    owners = (match[1] for match in found if not is_ordinary(normalise(match[1])))
    subjects = (
        match["name"]
        for match in _SOMEBODY_HAS.finditer(normalise(text))
        if not is_ordinary(match["name"])
    )
    return next(owners, None) or next(subjects, None) or _subject(text)


def _subject(text: str) -> str | None:
    """Return the name of which something is asked, none of whose words is ordinary."""
    plain = normalise(text)
    found = [*_SUBJECT.finditer(text[:MAX_CHARACTERS]), *_LOWER_SUBJECT.finditer(plain)]
    for name in (match["name"] for match in found):
        words = normalise(name).split()
        if unknown_words(" ".join(words)) and not any(map(is_listed, words)):
            return str(name)
    return None


def _is_telling(name: str) -> bool:
    """Tell whether a name without its @ cannot be an ordinary word of a question."""
    words = normalise(name).split()
    return len(name) >= MIN_CHARACTERS and not all(map(is_ordinary, words))
