"""Cutting an answer into passages: sentences, list items, rows and cells; and holding them back.

A passage ends where its claim is complete: at the end of a sentence, of a list item, of a row.
Abbreviations and decimals end nothing.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|approx|etc|vs|incl|dr|mr|mrs|ca|z\.b|bzw|p\.ej|jan|feb|mar|apr|jun|jul"
    r"|aug|sept?|oct|nov|dec|[a-z]))\.$",
    re.IGNORECASE,
)
# A full stop, perhaps with closing marks, and white space after it.
_END = re.compile(r"[.!?…]['\"”’)\]*_]{0,6}(?=\s)|[\u3002\uff01\uff1f]|\n")
_HEADING = re.compile(r"[ \t]*#{1,6}\s")
_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,3}[.)])\s")
_RULE_ROW = re.compile(r"[\s|:-]+")
_LIST_MARK = re.compile(r"(?:^|\n)[ \t]*\d{1,3}\.$")
_CELL_END = re.compile(r"(?<!\\)\|")
_LOOK_BACK = 10
MAX_CONTEXT = 300


class Passage(NamedTuple):
    """A piece of text, and what stands above or beside it that says what it is about."""

    start: int
    end: int
    context: str
    is_cell: bool


def sentence_ends(text: str, start: int = 0) -> Iterator[int]:
    """Yield where sentences and lines end, their closing marks included."""
    for match in _END.finditer(text, start):
        before = text[max(0, match.start() - _LOOK_BACK) : match.start() + 1]
        if not _is_no_end(before, match[0][0]):
            yield match.end()


def _is_no_end(before: str, mark: str) -> bool:
    """Tell whether a full stop belongs to an abbreviation or to the mark of a list item."""
    return mark == "." and bool(_ABBREVIATION.search(before) or _LIST_MARK.search(before))


def is_heading(line: str) -> bool:
    """Tell whether a line is a Markdown heading."""
    return _HEADING.match(line) is not None


def is_label(line: str) -> bool:
    """Tell whether a line says what the list below it is about."""
    return line.strip().rstrip("*_").endswith(":")


def split_passages(text: str) -> Iterator[Passage]:
    """Yield all passages in order; a list item knows its heading, a cell its column and row."""
    title, label, header, position = "", "", list[str](), 0
    for line in text.splitlines(keepends=True):
        start, position = position, position + len(line)
        stripped = line.strip()
        if stripped.startswith("|"):
            if not _RULE_ROW.fullmatch(stripped):
                yield from _cells(line, start, header, title)
                header = header or [cell for _, _, cell in _cut(line)]
            continue
        header, context = [], f"{title}{label}"
        if is_heading(line):
            context = title = stripped[:MAX_CONTEXT]
            label = ""
        elif is_label(line):
            context, label = title, f"\n{stripped[:MAX_CONTEXT]}"
        elif stripped and not _ITEM.match(line):
            context, label = title, ""
        place = 0
        for end in (*sentence_ends(line), len(line)):
            if line[place:end].strip():
                yield Passage(start + place, start + end, context, False)
            place = end


def _cells(line: str, start: int, header: list[str], title: str) -> Iterator[Passage]:
    cells = list(_cut(line))
    labels = " · ".join(cell for _, _, cell in cells[:3])[: MAX_CONTEXT // 2]
    for column, (left, right, cell) in enumerate(cells):
        if cell:
            column_title = header[column] if column < len(header) else ""
            context = f"{column_title[:100]} · {labels} · {title[:50]}" if header else ""
            yield Passage(start + left, start + right, context, bool(header))


def _cut(line: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and text of a row's cells."""
    left = line.index("|") + 1
    for match in _CELL_END.finditer(line, left):
        yield left, match.start(), line[left : match.start()].strip()
        left = match.end()
    if rest := line[left:].strip():
        yield left, len(line), rest
