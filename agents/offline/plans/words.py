"""Words from outside, made fit to stand in a plan's texts."""

from domain.plans.texts import one_line, without_references


def plain(text: str, limit: int) -> str:
    """Return a text in one line, and without references to figures."""
    return one_line(without_references(text), limit)


def capital(text: str) -> str:
    """Return the text with a capital at its start."""
    return text[:1].upper() + text[1:]
