"""When a morning has come: by the creator's own clocks, also where they jump."""

import datetime as dt

import pytest

from domain.schedules import find_mornings, has_struck

UTC = dt.UTC
BERLIN, LORD_HOWE = "Europe/Berlin", "Australia/Lord_Howe"


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("timezone", "moment", "day"),
    [
        ("UTC", "2026-11-21T05:59:59+00:00", None),
        ("UTC", "2026-11-21T06:00:00+00:00", "2026-11-21"),
        ("UTC", "2026-11-21T23:59:59+00:00", "2026-11-21"),
        ("UTC", "2026-11-22T00:00:00+00:00", None),
        # +13:45 in summer: it is tomorrow there before it is today in most places.
        ("Pacific/Chatham", "2026-11-20T16:14:59+00:00", None),
        ("Pacific/Chatham", "2026-11-20T16:15:00+00:00", "2026-11-21"),
        ("Pacific/Kiritimati", "2026-11-20T16:00:00+00:00", "2026-11-21"),
        ("Pacific/Pago_Pago", "2026-11-21T17:00:00+00:00", "2026-11-21"),
        ("Asia/Kathmandu", "2026-11-21T00:14:59+00:00", None),
        ("Asia/Kathmandu", "2026-11-21T00:15:00+00:00", "2026-11-21"),
    ],
)
def test_a_morning_is_that_of_the_creators_own_clocks(
    timezone: str, moment: str, day: str | None
) -> None:
    expected = {timezone: dt.date.fromisoformat(day)} if day else {}
    assert find_mornings(at(moment), 6, [timezone]) == expected


def test_an_hour_that_is_skipped_strikes_when_the_clocks_go_on() -> None:
    """On 29 March 2026 clocks in Berlin go from 1:59 to 3:00."""
    assert not has_struck(at("2026-03-29T00:59:59+00:00"), 2, BERLIN)
    assert has_struck(at("2026-03-29T01:00:00+00:00"), 2, BERLIN)


def test_an_hour_that_comes_twice_strikes_once_and_stays_struck() -> None:
    """On 25 October 2026 clocks in Berlin go from 2:59 back to 2:00."""
    assert not has_struck(at("2026-10-24T23:59:59+00:00"), 2, BERLIN)
    for minute in range(0, 180, 5):
        assert has_struck(at("2026-10-25T00:00:00+00:00") + dt.timedelta(minutes=minute), 2, BERLIN)


def test_clocks_that_go_back_by_half_an_hour_do_not_take_an_hour_back() -> None:
    """On 5 April 2026 clocks on Lord Howe Island go from 1:59 back to 1:30."""
    struck = at("2026-04-05T01:00:00+11:00")
    assert not has_struck(struck - dt.timedelta(seconds=1), 1, LORD_HOWE)
    assert all(has_struck(struck + dt.timedelta(minutes=each), 1, LORD_HOWE) for each in range(180))


@pytest.mark.parametrize("timezone", [BERLIN, LORD_HOWE, "Pacific/Chatham", "America/St_Johns"])
@pytest.mark.parametrize("hour", [0, 1, 2, 3, 6, 23])
def test_every_day_of_a_year_has_one_morning_that_stays(timezone: str, hour: int) -> None:
    """Ticks of a year, in order, see each day's morning come once."""
    moment, end = at("2026-01-01T00:00:00+00:00"), at("2027-01-01T00:00:00+00:00")
    seen: list[dt.date | None] = []
    while moment < end:
        found = find_mornings(moment, hour, [timezone]).get(timezone)
        if not seen or found != seen[-1]:
            seen.append(found)
        moment += dt.timedelta(minutes=15)
    mornings = [day for day in seen if day]
    days = (mornings[-1] - mornings[0]).days + 1
    assert mornings == [mornings[0] + dt.timedelta(days=number) for number in range(days)]
    assert days >= 365
