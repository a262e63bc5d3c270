"""The accounts that files name."""

import re
import unicodedata
from dataclasses import dataclass

from domain.imports.table import BadFileError, BadRowError
from storage.models import Platform

MAX_ACCOUNT_CHARACTERS = 100
MAX_ACCOUNTS = 1_000

_CONTROL_CATEGORIES = frozenset(("Cc", "Cs", "Zl", "Zp"))
# Joiners belong to names in Persian, Hindi or emoji; they make no name another one.
_JOINERS = re.compile("[\u200c\u200d\ufe0e\ufe0f]")
# Blank, though Unicode counts them among letters, marks and symbols.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_MAX_SPELLINGS = 4_096


@dataclass(frozen=True, kw_only=True)
class AccountKey:
    """An account, however its name is capitalised."""

    platform: Platform
    name: str


def account_key(platform: Platform, name: str) -> AccountKey:
    """Return what two spellings of one account's name have in common."""
    plain = "".join(c for c in name if unicodedata.category(c) != "Cf")
    plain = " ".join(_JOINERS.sub("", plain).split())
    return AccountKey(platform=platform, name=unicodedata.normalize("NFC", plain).casefold())


def parse_account(text: str) -> str:
    """Return an account's name as it is shown. Raises BadRowError."""
    # Two spellings of one letter (é, e + accent) would otherwise be two accounts.
    name = unicodedata.normalize("NFC", text.strip().removeprefix("@").strip())
    if not name:
        raise BadRowError("account", "The account is empty.")
    if len(name) > MAX_ACCOUNT_CHARACTERS:
        raise BadRowError(
            "account", f"The account is longer than {MAX_ACCOUNT_CHARACTERS} characters."
        )
    if name.isascii() and name.isprintable():
        return name
    for character in name:
        category = unicodedata.category(character)
        if category in _CONTROL_CATEGORIES:
            raise BadRowError("account", "The account has a control character in it.")
        if character in _BLANKS or (category == "Cf" and not _JOINERS.match(character)):
            raise BadRowError(
                "account",
                f"The account has an invisible character in it (U+{ord(character):04X}); "
                "type the name anew.",
            )
    if not _JOINERS.sub("", name).strip():
        raise BadRowError("account", "The account is empty.")
    return "".join(" " if unicodedata.category(c) == "Zs" else c for c in name)


class Accounts:
    """The accounts of a file, numbered from 1 in the order in which they come."""

    def __init__(self) -> None:
        self.names: dict[AccountKey, str] = {}
        self._numbers: dict[AccountKey, int] = {}
        self._spellings: dict[tuple[Platform, str], tuple[AccountKey, str]] = {}

    def number(self, platform: Platform, text: str) -> int:
        """Return the number of an account. Raises BadRowError, and BadFileError for too many."""
        if (platform, text) not in self._spellings:
            if len(self._spellings) >= _MAX_SPELLINGS:
                self._spellings.clear()
            name = parse_account(text)
            self._spellings[platform, text] = account_key(platform, name), name
        key, name = self._spellings[platform, text]
        number = self._numbers.setdefault(key, len(self._numbers) + 1)
        if number > MAX_ACCOUNTS:
            raise BadFileError(f"The file names more than {MAX_ACCOUNTS:,} accounts.")
        self.names.setdefault(key, name)
        return number

    def check(self, platform: Platform, text: str) -> None:
        """Refuse what is no account's name, without giving it a number."""
        if (platform, text) not in self._spellings:
            parse_account(text)
