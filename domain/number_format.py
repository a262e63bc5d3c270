"""Numbers as a creator's locale writes them.

Separators, grouping and the place of the percent sign follow the decimal and percent patterns of
the Unicode CLDR (cldr-numbers, `decimalFormats` and `percentFormats`), with Latin digits. The
minus is U+2212, which the check of numbers reads.
"""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from domain.figures import Figure

NBSP, NARROW = "\u00a0", "\u202f"
MINUS = "−"
_GROUP = 3
_SMALL_PERCENT = Decimal("0.1")


class NumberStyle(NamedTuple):
    """How a language writes numbers."""

    group: str = ","
    decimal: str = "."
    percent: str = "{}%"
    is_indian: bool = False
    groups_from: int = 4  # digits of the whole part


_COMMA = NumberStyle()
_DOT = NumberStyle(group=".", decimal=",")
_DOT_SPACED = NumberStyle(group=".", decimal=",", percent=f"{{}}{NBSP}%")
_SPACE = NumberStyle(group=NBSP, decimal=",", percent=f"{{}}{NBSP}%")
_INDIAN = NumberStyle(is_indian=True)
_STYLES = {
    **dict.fromkeys(("en", "ja", "zh", "ko", "th", "he", "ga", "ms"), _COMMA),
    **dict.fromkeys(("nl", "it", "id", "el", "pt", "vi"), _DOT),
    **dict.fromkeys(("de", "da", "ro", "hr", "sl", "ca"), _DOT_SPACED),
    **dict.fromkeys(("sv", "nb", "nn", "no", "fi", "cs", "sk", "ru"), _SPACE),
    **dict.fromkeys(("uk", "hu", "bg"), _SPACE._replace(percent="{}%")),
    "es": _DOT_SPACED._replace(groups_from=5),
    "pl": _SPACE._replace(percent="{}%", groups_from=5),
    "fr": NumberStyle(group=NARROW, decimal=",", percent=f"{{}}{NARROW}%"),
    "tr": _DOT._replace(percent="%{}"),
    "hi": _INDIAN,
    "en-in": _INDIAN,
    "pt-pt": _SPACE._replace(percent="{}%", groups_from=5),
    "de-ch": NumberStyle(group="’", decimal="."),
    "de-at": _SPACE,
    "es-mx": _COMMA,
    "es-us": _COMMA,
}
_UNKNOWN = {
    "de": "unbekannt",
    "fr": "inconnu",
    "es": "desconocido",
    "it": "sconosciuto",
    "pt": "desconhecido",
    "nl": "onbekend",
    "sv": "okänt",
    "da": "ukendt",
    "nb": "ukjent",
    "nn": "ukjent",
    "no": "ukjent",
    "fi": "tuntematon",
    "pl": "nieznane",
    "tr": "bilinmiyor",
    "ja": "不明",
    "zh": "未知",
    "ko": "알 수 없음",
    "hi": "अज्ञात",
}


def format_figure(figure: Figure, locale: str, *, with_unit: bool = True) -> str:
    """Return a figure's value for a sentence or a table cell.

    Percents carry their sign unless `with_unit` is false; minutes and days are bare numbers; an
    unknown value is the word for it.
    """
    language = _language(locale)
    if figure.value is None:
        return _UNKNOWN.get(language[0], "unknown")
    style = next((_STYLES[name] for name in (language[1], language[0]) if name in _STYLES), _COMMA)
    value = Decimal(str(figure.value))
    is_percent = figure.unit == "percent"
    text = _format(_round(value, is_percent=is_percent), style)
    if is_percent and with_unit:
        text = style.percent.format(text)
    return f"{MINUS}{text}" if value < 0 and any(digit in text for digit in "123456789") else text


def _language(locale: str) -> tuple[str, str]:
    """Return language, and language and region: ("de", "de-ch") of "de_CH.UTF-8"."""
    parts = locale.replace("_", "-").split(".")[0].lower().split("-")
    region = next((part for part in parts[1:] if len(part) == 2), "")  # noqa: PLR2004 - ISO 3166
    return parts[0], f"{parts[0]}-{region}"


def _round(value: Decimal, *, is_percent: bool) -> Decimal:
    """Round to one decimal, and a percent below a tenth to two; whole numbers show none."""
    if value == value.to_integral_value():
        return value.to_integral_value()
    places = Decimal("0.01") if is_percent and abs(value) < _SMALL_PERCENT else Decimal("0.1")
    return value.quantize(places, ROUND_HALF_EVEN)


def _format(value: Decimal, style: NumberStyle) -> str:
    whole, _, fraction = f"{abs(value):f}".partition(".")
    grouped = _grouped(whole, style) if len(whole) >= style.groups_from else whole
    return grouped + (style.decimal + fraction if fraction else "")


def _grouped(whole: str, style: NumberStyle) -> str:
    head, groups = whole[:-_GROUP], [whole[-_GROUP:]]
    size = 2 if style.is_indian else _GROUP
    while head:
        head, group = head[:-size], head[-size:]
        groups.insert(0, group)
    return style.group.join(groups)
