"""Plans as files: what is written can be read back, with the right time everywhere."""

import csv
import datetime as dt
import io
from uuid import UUID
from zoneinfo import ZoneInfo

import icalendar
import pytest

from domain.plans.exports import COLUMNS, export_csv, export_ics
from domain.plans.plan import Plan
from tests.unit.plans.test_rules import FIGURE, OTHER, item, plan

JOB = UUID(int=7)
NOW = dt.datetime(2026, 12, 1, 8, tzinfo=dt.UTC)
TRICKY = 'He said: "sing, please" – \n\nlyrics; 100 %\\n and 🎶'


def events(exported: bytes) -> list[icalendar.Event]:
    calendar = icalendar.Calendar.from_ical(exported)
    assert isinstance(calendar, icalendar.Calendar)
    assert not calendar.errors
    return list(calendar.events)


def around(date: str, zone: str, time: str = "18:00") -> Plan:
    return plan(item(date=date, time=time)).model_copy(update={"timezone": zone})


def test_the_table_reads_back_as_the_plan() -> None:
    found = plan(OTHER, item(caption=TRICKY, pillar=None))
    rows = list(csv.DictReader(io.StringIO(export_csv(found), newline="")))
    assert list(rows[0]) == list(COLUMNS)
    assert [row["date"] for row in rows] == ["2026-12-08", "2026-12-10"]
    first, second = rows
    assert first["caption"] == TRICKY
    assert (first["time"], first["timezone"]) == ("18:00", "Europe/Berlin")
    assert (first["figure"], first["value"]) == ("times the usual engagement, Tuesday 18:00", "2.1")
    assert (second["figure"], second["value"]) == ("", "")
    assert second["why"] == "A trial. No topic has enough posts."


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@cmd", "\tx"])
def test_a_cell_is_never_a_formula(text: str) -> None:
    found = plan(item()).model_copy(deep=True)
    found.items[0].hook = text
    [row] = csv.DictReader(io.StringIO(export_csv(found), newline=""))
    assert row["hook"] == f"'{text}"


def test_a_number_below_zero_stays_a_number() -> None:
    found = plan(item(), figures=[FIGURE.model_copy(update={"value": -0.5})])
    [row] = csv.DictReader(io.StringIO(export_csv(found), newline=""))
    assert row["value"] == "-0.5"


def test_the_calendar_reads_back_as_the_plan() -> None:
    [first, second] = events(export_ics(plan(item(caption=TRICKY), OTHER), JOB, version=1, now=NOW))
    assert first["SUMMARY"] == "Instagram reel: The step nobody films"
    assert str(first["DESCRIPTION"]).startswith(TRICKY)
    assert first.start == dt.datetime(2026, 12, 8, 18, tzinfo=ZoneInfo("Europe/Berlin"))
    assert first["UID"] != second["UID"]
    assert str(first["SEQUENCE"]) == "0"


@pytest.mark.parametrize(
    ("date", "zone", "time", "utc"),
    [
        ("2026-03-28", "Europe/Berlin", "18:00", "2026-03-28T17:00"),
        ("2026-03-29", "Europe/Berlin", "18:00", "2026-03-29T16:00"),  # clocks went forward
        ("2026-10-24", "Europe/Berlin", "18:00", "2026-10-24T16:00"),
        ("2026-10-25", "Europe/Berlin", "18:00", "2026-10-25T17:00"),  # and back
        ("2026-03-29", "Europe/Berlin", "02:00", "2026-03-29T01:00"),  # skipped: an hour later
        ("2026-11-01", "America/New_York", "18:00", "2026-11-01T23:00"),
        ("2026-07-01", "Asia/Kolkata", "09:00", "2026-07-01T03:30"),
        ("2026-07-01", "Australia/Lord_Howe", "09:00", "2026-06-30T22:30"),
        ("2026-12-01", "Australia/Lord_Howe", "09:00", "2026-11-30T22:00"),
        ("2026-07-01", "UTC", "09:00", "2026-07-01T09:00"),
    ],
)
def test_a_post_is_at_the_right_moment_also_where_clocks_change(
    date: str, zone: str, time: str, utc: str
) -> None:
    exported = export_ics(around(date, zone, time), JOB, version=1, now=NOW)
    [event] = events(exported)
    moment = event.start
    assert isinstance(moment, dt.datetime)
    assert moment.astimezone(dt.UTC).isoformat(timespec="minutes") == f"{utc}+00:00"
    has_zone = b"BEGIN:VTIMEZONE" in exported
    assert has_zone is (zone != "UTC")


def test_a_later_version_replaces_the_events_of_the_first() -> None:
    [first] = events(export_ics(plan(item()), JOB, version=1, now=NOW))
    [second] = events(export_ics(plan(item(hook="Another one")), JOB, version=2, now=NOW))
    assert first["UID"] == second["UID"]
    assert (int(str(first["SEQUENCE"])), int(str(second["SEQUENCE"]))) == (0, 1)


def test_an_address_or_line_in_a_text_starts_nothing_new() -> None:
    evil = "Nice\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:Forged"
    found = plan(item(caption=evil))
    assert len(events(export_ics(found, JOB, version=1, now=NOW))) == 1
