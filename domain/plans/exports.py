"""Plans as files: a table for spreadsheets, and a calendar that others can subscribe to."""

import csv
import datetime as dt
import io
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vText

from domain.figures import Figure
from domain.number_format import format_figure
from domain.plans.plan import Plan, PlanItem
from storage.models import Platform

COLUMNS = (
    "date",
    "time",
    "timezone",
    "platform",
    "format",
    "pillar",
    "hook",
    "caption",
    "call_to_action",
    "figure",
    "value",
    "why",
)
# How long a post is shown in a calendar; it goes out when it begins.
SHOWN = dt.timedelta(minutes=30)
# What spreadsheets would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # noqa: RUF001  # wide, as in Japan
_NAMES = {
    Platform.INSTAGRAM: "Instagram",
    Platform.FACEBOOK: "Facebook",
    Platform.YOUTUBE: "YouTube",
    Platform.SPOTIFY: "Spotify",
}


def export_csv(plan: Plan) -> str:
    """Return the posts as CSV (RFC 4180), one row each, in order of time.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    figures = {figure.id: figure for figure in plan.figures}
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for item in _in_order(plan):
        figure = figures.get(item.figure or "")
        row = (
            item.date.isoformat(),
            f"{item.time:%H:%M}",
            plan.timezone,
            item.platform.value,
            item.format,
            item.pillar or "",
            item.hook,
            item.caption,
            item.call_to_action,
            figure.label if figure else "",
            "" if figure is None else figure.value,
            _reason(item),
        )
        writer.writerow([_safe(cell) if isinstance(cell, str) else cell for cell in row])
    return file.getvalue()


def export_ics(plan: Plan, job_id: UUID, *, version: int, now: dt.datetime) -> bytes:
    """Return the posts as a calendar (RFC 5545), one event each, on the creator's clock.

    A post keeps its UID in later versions as long as it keeps its place among those of its day
    and platform, and `SEQUENCE` grows: calendars replace what they have.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Dream Suite//Plans//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", vText(plan.title))
    calendar.add("x-wr-timezone", plan.timezone)
    zone = ZoneInfo(plan.timezone)
    figures = {figure.id: figure for figure in plan.figures}
    places: dict[tuple[dt.date, Platform], int] = {}
    for item in _in_order(plan):
        key = (item.date, item.platform)
        places[key] = places.get(key, 0) + 1
        start = _moment(item, zone)
        event = Event()
        event.add("uid", f"{job_id}-{item.date:%Y%m%d}-{item.platform}-{places[key]}@dream-suite")
        event.add("sequence", version - 1)
        event.add("dtstamp", now)
        event.add("dtstart", start)
        event.add("dtend", (start.astimezone(dt.UTC) + SHOWN).astimezone(zone))
        event.add("summary", f"{_NAMES[item.platform]} {item.format}: {item.hook}")
        event.add("description", _description(item, figures.get(item.figure or "")))
        event.add("categories", [_NAMES[item.platform], *([item.pillar] if item.pillar else [])])
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    calendar.add_missing_timezones()
    exported: bytes = calendar.to_ical()
    return exported


def _in_order(plan: Plan) -> list[PlanItem]:
    return sorted(plan.items, key=lambda item: (item.date, item.time, item.platform))


def _moment(item: PlanItem, zone: ZoneInfo) -> dt.datetime:
    """Return when a post goes out; where clocks skip its time, it is as much later."""
    moment = dt.datetime.combine(item.date, item.time, zone)
    return moment.astimezone(dt.UTC).astimezone(zone)


def _description(item: PlanItem, figure: Figure | None) -> str:
    parts = [item.caption, item.call_to_action, _reason(item)]
    if figure:
        parts.append(f"{figure.label}: {format_figure(figure, 'en')}")
    return "\n\n".join(parts)


def _reason(item: PlanItem) -> str:
    return " ".join(part for part in (item.why, item.no_figure_reason) if part)


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
