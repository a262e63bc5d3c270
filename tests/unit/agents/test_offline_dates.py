"""Periods in words: 20 November 2026 is a Friday."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.offline.dates.moments import Calendar, PeriodError
from agents.offline.dates.periods import find_periods
from agents.offline.dates.spans import Span, Unit, unit_span
from agents.offline.questions.words import normalise

TODAY = dt.date(2026, 11, 20)
FIRST = dt.date(2025, 11, 20)
CALENDAR = Calendar(today=TODAY, first_date=FIRST)
AMERICAN = Calendar(today=TODAY, first_date=FIRST, is_month_first=True)


def periods(text: str, calendar: Calendar = CALENDAR) -> list[str]:
    """Return the periods as "start..end", a single day as itself."""
    found = find_periods(normalise(text), calendar).spans
    return [str(s.start) if s.days == 1 else f"{s.start}..{s.end}" for s in found]


ONE_PERIOD = {
    # seasons, and what came before the last
    "since summer": "2026-06-01..2026-11-20",
    "in the summer": "2026-06-01..2026-08-31",
    "last winter": "2025-12-01..2026-02-28",
    "last summer": "2026-06-01..2026-08-31",
    "this spring": "2026-03-01..2026-05-31",
    "the week before last": "2026-11-02..2026-11-08",
    "the weekend before last": "2026-11-07..2026-11-08",
    "the month before last": "2026-09-01..2026-09-30",
    "spring last year": "2025-03-01..2025-05-31",
    # holidays
    "at easter": "2026-04-05..2026-04-06",
    "since easter monday": "2026-04-06..2026-11-20",
    "on black friday": "2025-11-28",
    "over christmas last year": "2025-12-24..2025-12-26",
    "on valentine's day": "2026-02-14",
    "on new year's eve": "2025-12-31",
    # parts of a month
    "the third week of October": "2026-10-15..2026-10-21",
    "the second weekend of October": "2026-10-10..2026-10-11",
    "on the last friday of October": "2026-10-30",
    "for the whole month of July": "2026-07-01..2026-07-31",
    "since my birthday, 14 June": "2026-06-14..2026-11-20",
    "my weekly report": "2026-11-09..2026-11-15",
    # dates
    "on 2026-05-15": "2026-05-15",
    "on 15 May": "2026-05-15",
    "on May 15": "2026-05-15",
    "on the 15th of May": "2026-05-15",
    "May 15th, 2025": "2025-05-15",
    "15 May 2025": "2025-05-15",
    "15 may last year": "2025-05-15",
    "15.05.2026": "2026-05-15",
    "on 15.5.": "2026-05-15",
    "on 15.05": "2026-05-15",
    "15.05.26": "2026-05-15",
    "2026/05/15": "2026-05-15",
    "5/15": "2026-05-15",
    "15/5": "2026-05-15",
    "5/15/2026": "2026-05-15",
    "3/4": "2026-04-03",
    "3/4/25": "2025-04-03",
    "on 15 December": "2025-12-15",
    "on 20 November": "2026-11-20",
    "on 21 November": "2025-11-21",
    "on 29 February": "2024-02-29",
    "on the 15th": "2026-11-15",
    "on the 25th": "2026-10-25",
    "on the 31st": "2026-10-31",
    "yesterday": "2026-11-19",
    "the day before yesterday": "2026-11-18",
    "today": "2026-11-20",
    "last night": "2026-11-19",
    "two days ago": "2026-11-18",
    "3 weeks ago": "2026-10-30",
    "a month ago": "2026-10-20",
    "a year ago": "2025-11-20",
    "on Tuesday": "2026-11-17",
    "last Tuesday": "2026-11-17",
    "on Friday": "2026-11-20",
    "last Friday": "2026-11-13",
    "on fri": "2026-11-20",
    "last mon": "2026-11-16",
    "Tuesday last week": "2026-11-10",
    "at the end of June": "2026-06-30",
    "at the beginning of the year": "2026-01-01",
    "start of last month": "2026-10-01",
    "new year": "2026-01-01",
    "the last day of May": "2026-05-31",
    # months, quarters, years
    "in March": "2026-03-01..2026-03-31",
    "March": "2026-03-01..2026-03-31",
    "in mar": "2026-03-01..2026-03-31",
    "in March 2025": "2025-03-01..2025-03-31",
    "March last year": "2025-03-01..2025-03-31",
    "in december": "2025-12-01..2025-12-31",
    "in November": "2026-11-01..2026-11-20",
    "last October": "2026-10-01..2026-10-31",
    "last November": "2025-11-01..2025-11-30",
    "2026-05": "2026-05-01..2026-05-31",
    "in may": "2026-05-01..2026-05-31",
    "Q2": "2026-04-01..2026-06-30",
    "q4": "2026-10-01..2026-11-20",
    "Q4 2025": "2025-10-01..2025-12-31",
    "2025 Q3": "2025-07-01..2025-09-30",
    "the first quarter": "2026-01-01..2026-03-31",
    "second quarter of 2026": "2026-04-01..2026-06-30",
    "H1": "2026-01-01..2026-06-30",
    "the second half of 2025": "2025-07-01..2025-12-31",
    "the first half of the year": "2026-01-01..2026-06-30",
    "in 2025": "2025-01-01..2025-12-31",
    "my growth 2026": "2026-01-01..2026-11-20",
    "2025": "2025-01-01..2025-12-31",
    "the first half of June": "2026-06-01..2026-06-15",
    "early June": "2026-06-01..2026-06-10",
    "mid-June": "2026-06-11..2026-06-20",
    "late June": "2026-06-21..2026-06-30",
    "the first week of March": "2026-03-01..2026-03-07",
    "the last 10 days of May": "2026-05-22..2026-05-31",
    "the first three weeks of October": "2026-10-01..2026-10-21",
    "the week of 21 July": "2026-07-20..2026-07-26",
    "week 42": "2026-10-12..2026-10-18",
    # relative
    "this week": "2026-11-16..2026-11-20",
    "last week": "2026-11-09..2026-11-15",
    "this month": "2026-11-01..2026-11-20",
    "last month": "2026-10-01..2026-10-31",
    "the previous month": "2026-10-01..2026-10-31",
    "last full month": "2026-10-01..2026-10-31",
    "this quarter": "2026-10-01..2026-11-20",
    "last quarter": "2026-07-01..2026-09-30",
    "this year": "2026-01-01..2026-11-20",
    "so far this year": "2026-01-01..2026-11-20",
    "last year": "2025-01-01..2025-12-31",
    "year to date": "2026-01-01..2026-11-20",
    "year-to-date": "2026-01-01..2026-11-20",
    "ytd": "2026-01-01..2026-11-20",
    "mtd": "2026-11-01..2026-11-20",
    "last 7 days": "2026-11-14..2026-11-20",
    "the last 30 days": "2026-10-22..2026-11-20",
    "past 3 months": "2026-08-21..2026-11-20",
    "in the last two weeks": "2026-11-07..2026-11-20",
    "the last couple of weeks": "2026-11-07..2026-11-20",
    "the past year": "2025-11-21..2026-11-20",
    "the past week": "2026-11-14..2026-11-20",
    "over the past month": "2026-10-21..2026-11-20",
    "last fortnight": "2026-11-07..2026-11-20",
    "last 24 hours": "2026-11-20",
    "over 3 months": "2026-08-21..2026-11-20",
    "30-day growth": "2026-10-22..2026-11-20",
    "last weekend": "2026-11-14..2026-11-15",
    "over the weekend": "2026-11-14..2026-11-15",
    "all time": "2025-11-20..2026-11-20",
    "since the beginning": "2025-11-20..2026-11-20",
    # ranges
    "between 2026-03-01 and 2026-03-31": "2026-03-01..2026-03-31",
    "from 2026-03-01 to 2026-03-31": "2026-03-01..2026-03-31",
    "2026-03-01 - 2026-03-31": "2026-03-01..2026-03-31",
    "2026-03-01–2026-03-31": "2026-03-01..2026-03-31",
    "2026-03-01..2026-03-31": "2026-03-01..2026-03-31",
    "2026-03-01 until 2026-03-31": "2026-03-01..2026-03-31",
    "from 1 May to 15 June": "2026-05-01..2026-06-15",
    "May 1st through June 15th": "2026-05-01..2026-06-15",
    "from 3 March to 5 April 2025": "2025-03-03..2025-04-05",
    "from 20 December to 5 January": "2025-12-20..2026-01-05",
    "from 20 December 2025 to 5 January": "2025-12-20..2026-01-05",
    "between March and May": "2026-03-01..2026-05-31",
    "Jan-Mar": "2026-01-01..2026-03-31",
    "from November to January": "2025-11-01..2026-01-31",
    "from September to December": "2026-09-01..2026-11-20",
    "between 1 November and 30 November": "2026-11-01..2026-11-20",
    "1-15 October": "2026-10-01..2026-10-15",
    "between 5 and 12 October": "2026-10-05..2026-10-12",
    "from the 5th to the 12th of October": "2026-10-05..2026-10-12",
    "October 1 to 15": "2026-10-01..2026-10-15",
    "Oct 1-15": "2026-10-01..2026-10-15",
    "October 1 - October 15": "2026-10-01..2026-10-15",
    "01.10.2026 - 15.10.2026": "2026-10-01..2026-10-15",
    "1.10. - 15.10.": "2026-10-01..2026-10-15",
    "from June to now": "2026-06-01..2026-11-20",
    "from 1 June until yesterday": "2026-06-01..2026-11-19",
    "from the start of June to the end of August": "2026-06-01..2026-08-31",
    "2026-11-01 to 2026-12-31": "2026-11-01..2026-11-20",
    # open ends
    "since June": "2026-06-01..2026-11-20",
    "since 2026-06-01": "2026-06-01..2026-11-20",
    "since 1 June": "2026-06-01..2026-11-20",
    "since last Tuesday": "2026-11-17..2026-11-20",
    "since yesterday": "2026-11-19..2026-11-20",
    "since December": "2025-12-01..2026-11-20",
    "since the start of the year": "2026-01-01..2026-11-20",
    "since last month": "2026-10-01..2026-11-20",
    "since 2025": "2025-01-01..2026-11-20",
    "from June on": "2026-06-01..2026-11-20",
    "starting 1 June": "2026-06-01..2026-11-20",
    "after 15 May": "2026-05-16..2026-11-20",
    "until 15 March": "2025-11-20..2026-03-15",
    "before March": "2025-11-20..2026-02-28",
    "this time last year": "2025-11-20",
}


@pytest.mark.parametrize(("text", "expected"), ONE_PERIOD.items())
def test_an_expression_names_its_days(text: str, expected: str) -> None:
    assert periods(text) == [expected]
    assert periods(f"How did it go {text}?") == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5/6", "2026-05-06"),
        ("15/5", "2026-05-15"),
        ("10/5 to 10/12", "2026-10-05..2026-10-12"),
    ],
)
def test_an_american_writes_the_month_first(text: str, expected: str) -> None:
    assert periods(text, AMERICAN) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in August or in October", ["2026-08-01..2026-08-31", "2026-10-01..2026-10-31"]),
        ("in May and June", ["2026-05-01..2026-05-31", "2026-06-01..2026-06-30"]),
        ("compare March to April", ["2026-03-01..2026-03-31", "2026-04-01..2026-04-30"]),
        (
            "compare the second quarter to the first",
            ["2026-04-01..2026-06-30", "2026-01-01..2026-03-31"],
        ),
        (
            "first half of October vs the second half",
            ["2026-10-01..2026-10-15", "2026-10-16..2026-10-31"],
        ),
        ("year on year, views in October", ["2026-10-01..2026-10-31", "2025-10-01..2025-10-31"]),
        ("this week vs last week", ["2026-11-16..2026-11-20", "2026-11-09..2026-11-15"]),
        ("2025 vs 2026", ["2025-01-01..2025-12-31", "2026-01-01..2026-11-20"]),
        ("on 5 and 12 October", ["2026-10-05", "2026-10-12"]),
        (
            "last month compared to the month before",
            ["2026-10-01..2026-10-31", "2026-09-01..2026-09-30"],
        ),
        (
            "this month against the same period last year",
            ["2026-11-01..2026-11-20", "2025-11-01..2025-11-20"],
        ),
    ],
)
def test_a_comparison_names_two_periods(text: str, expected: list[str]) -> None:
    assert periods(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "how may I grow",
        "did I get 2000 likes",
        "my top 5 posts",
        "did I gain 2,500 followers",
        "was it worth 3.5 hours",
        "the second one",
        "I sat down",
    ],
)
def test_a_number_or_a_word_alone_is_no_period(text: str) -> None:
    assert periods(text) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("on 31 February", "does not exist"),
        ("on 29 February 2025", "does not exist"),
        ("on 2026-13-01", "does not exist"),
        ("on 32.01.2026", "does not exist"),
        ("from 25 to 31 June", "does not exist"),
        ("between 2026-05-01 and 2026-03-01", "ends before it starts"),
        ("from 12 to 5 October", "ends before it starts"),
        ("from 12 October to 5 October", "ends before it starts"),
        ("next month", "still to come"),
        ("tomorrow", "still to come"),
        ("in 2030", "still to come"),
        ("since 2027-01-01", "still to come"),
        ("at the end of the year", "still to come"),
        ("over the next 3 weeks", "still to come"),
        ("last ramadan", "don't know which days"),
        ("after today", "still to come"),
    ],
)
def test_what_is_no_usable_period_is_said(text: str, reason: str) -> None:
    with pytest.raises(PeriodError, match=reason):
        periods(text)


def test_the_rest_of_the_question_has_no_words_of_the_period() -> None:
    found = find_periods(normalise("How many likes did I get between 1 and 5 May?"), CALENDAR)
    assert found.rest == "how many likes did i get"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("last month", "2026-09-01..2026-09-30"),
        ("this month", "2026-10-01..2026-10-20"),
        ("this week", "2026-11-09..2026-11-13"),
        ("last quarter", "2026-04-01..2026-06-30"),
        ("last 7 days", "2026-11-07..2026-11-13"),
        ("yesterday", "2026-11-18..2026-11-18"),
        ("2026-05-01 to 2026-05-10", "2026-04-21..2026-04-30"),
    ],
)
def test_the_period_before_is_as_far_into_its_own_unit(text: str, expected: str) -> None:
    (span,) = find_periods(normalise(text), CALENDAR).spans
    before = span.previous()
    assert f"{before.start}..{before.end}" == expected


@given(
    day=st.dates(min_value=dt.date(2000, 1, 1), max_value=dt.date(2099, 12, 31)),
    unit=st.sampled_from(Unit),
)
def test_units_touch_and_never_overlap(day: dt.date, unit: Unit) -> None:
    span = unit_span(unit, day)
    assert span.start <= day <= span.end
    assert span.previous() == unit_span(unit, span.start - dt.timedelta(days=1))


def test_a_weekend_of_a_day_that_has_none_is_the_day() -> None:
    (span,) = find_periods(normalise("the second weekend of 2026-05-13"), CALENDAR).spans
    assert (span.start, span.end) == (dt.date(2026, 5, 13), dt.date(2026, 5, 13))


@given(
    today=st.dates(min_value=dt.date(2001, 1, 1), max_value=dt.date(2099, 12, 31)),
    text=st.lists(st.sampled_from([*ONE_PERIOD, "and", "-", "to", "0", "31", "until"]), max_size=4),
)
def test_every_period_found_has_begun_and_ends_by_today(today: dt.date, text: list[str]) -> None:
    try:
        spans: tuple[Span, ...] = find_periods(
            normalise(" ".join(text)), Calendar(today=today)
        ).spans
    except PeriodError:
        return
    assert all(span.start <= span.end <= today for span in spans)
