"""Words from outside, made fit to stand in a plan's texts."""

import re

from domain.plans.texts import one_line

_BRACES = re.compile(r"[{}]+")


def plain(text: str, limit: int) -> str:
    """Return a text in one line, and without braces, which would be references to figures."""
    return one_line(_BRACES.sub("", text), limit)


def capital(text: str) -> str:
    """Return the text with a capital at its start."""
    return text[:1].upper() + text[1:]
