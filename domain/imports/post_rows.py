"""Posts as the suite writes them: one row per post."""

import re

from domain.imports.cells import clean_text, parse_moment, parse_platform
from domain.imports.rows import Cells, Reading, count_of
from domain.imports.table import BadRowError, Table, shown
from storage.imported_rows import ImportedPost
from storage.models import new_id

COLUMNS = (
    "platform", "account", "post_id", "posted_at", "type", "caption", "permalink",
    "likes", "comments", "shares", "saves", "views",
)  # fmt: skip
MAX_CAPTION_CHARACTERS = 10_000
MAX_PERMALINK_CHARACTERS = 2_000

_POST_ID = re.compile(r"[!-~]{1,200}")  # ASCII without spaces
_TYPE = re.compile(r"[a-z0-9][a-z0-9_ -]{0,29}")
_PERMALINK = re.compile(r"https?://[^\s/\\]+(?:[/?#]\S*)?", re.IGNORECASE)


class PostReader:
    """Reads one post per row."""

    are_multiline = True

    def __init__(self, table: Table, reading: Reading) -> None:
        """Raise BadFileError when the columns are others."""
        table.require(*COLUMNS)
        self._reading = reading

    def read(self, line: int, cells: Cells) -> list[ImportedPost]:
        """Return the post of a row."""
        accounts = self._reading.accounts
        platform = parse_platform(cells["platform"])
        accounts.check(platform, cells["account"])
        zone, today = self._reading.zone, self._reading.today
        post = ImportedPost(
            line=line,
            account=0,
            id=new_id(),
            post_id=_parse_post_id(cells["post_id"].strip()),
            posted_at=parse_moment(cells["posted_at"], zone, today, column="posted_at"),
            is_day_only=False,
            post_type=_parse_type(cells["type"].strip().lower()),
            caption=parse_caption(cells["caption"], column="caption"),
            permalink=_parse_permalink(cells["permalink"].strip()),
            likes=count_of(cells, "likes"),
            comments=count_of(cells, "comments"),
            shares=count_of(cells, "shares"),
            saves=count_of(cells, "saves"),
            views=count_of(cells, "views"),
        )
        return [post._replace(account=accounts.number(platform, cells["account"]))]

    def finish(self) -> list[str]:
        """Return no notes."""
        return []


def parse_caption(text: str, *, column: str) -> str | None:
    """Return a caption, null when it is empty."""
    caption = clean_text(text)
    if len(caption) > MAX_CAPTION_CHARACTERS:
        raise BadRowError(
            column, f"The {column} is longer than {MAX_CAPTION_CHARACTERS:,} characters."
        )
    return caption or None


def _parse_post_id(text: str) -> str:
    if not text:
        raise BadRowError("post_id", "The post has no id.")
    if not _POST_ID.fullmatch(text):
        raise BadRowError(
            "post_id",
            f"{shown(text)} is not an id: 1 to 200 ASCII letters, digits and signs, no spaces.",
        )
    return text


def _parse_type(text: str) -> str | None:
    if text and not _TYPE.fullmatch(text):
        raise BadRowError("type", f"{shown(text)} is not a type like reel, photo or video.")
    return text or None


def _parse_permalink(text: str) -> str | None:
    if len(text) > MAX_PERMALINK_CHARACTERS:
        raise BadRowError(
            "permalink", f"The permalink is longer than {MAX_PERMALINK_CHARACTERS:,} characters."
        )
    if text and not (_PERMALINK.fullmatch(text) and text.isprintable()):
        raise BadRowError("permalink", f"{shown(text)} is not an address like https://….")
    return text or None
