"""The tools about change, trends, forecasts and shares: what the model is told, from storage."""

import datetime as dt
from collections.abc import Sequence
from io import BytesIO
from uuid import UUID

import pytest
from langchain_core.tools import BaseTool

from core.errors import RetryableToolError
from domain.imports import ImportFile, import_file
from storage.database import Database
from tests.conftest import create_user
from tests.tool_calls import call, new_context, values
from tools.context import RunContext
from tools.metrics import find_unusual_days
from tools.results import ToolResult
from tools.trends import compare_periods, concentration, find_trends, forecast_metric

TODAY = dt.date(2026, 4, 10)
YESTERDAY = dt.date(2026, 4, 9)
MARCH = {"start": "2026-03-01", "end": "2026-03-31"}


class Numbers:
    """A new creator, and what is imported for them."""

    def __init__(self, database: Database, user_id: UUID) -> None:
        self.database = database
        self.user_id = user_id

    @property
    def context(self) -> RunContext:
        return new_context(self.database, self.user_id, TODAY)

    async def add(
        self, place: str, metric: str, counts: Sequence[int | None], *, end: dt.date = YESTERDAY
    ) -> None:
        """Import one value a day, up to a day; null is unknown."""
        first = end - dt.timedelta(days=len(counts) - 1)
        rows = [
            f"{place},{first + dt.timedelta(days=n)},{metric},{'' if value is None else value}"
            for n, value in enumerate(counts)
        ]
        content = "\n".join(("platform,account,date,metric,value", *rows))
        file = ImportFile(BytesIO(content.encode()), today=TODAY, timezone="UTC")
        async with self.database.user_session(self.user_id) as session:
            await import_file(session, self.user_id, file)


@pytest.fixture
async def numbers(database: Database) -> Numbers:
    user = await create_user(database)
    return Numbers(database, user.id)


def check_rows(result: ToolResult) -> None:
    """Check that each row's figures exist and are of the row's place."""
    figures = {figure.id: figure for figure in result.figures}
    for row in result.rows:
        for number in row["figures"]:
            assert figures[number].platform == row["platform"]
            assert figures[number].account == row["account"]


async def test_views_are_compared_with_the_days_before(numbers: Numbers) -> None:
    await numbers.add("instagram,ida", "views", [10] * 31 + [15] * 31, end=dt.date(2026, 3, 31))
    result = await call(compare_periods, numbers.context, metric="views", **MARCH)
    assert values(result, "change_of_views") == {"instagram": 155}
    assert values(result, "change_of_views_percent") == {"instagram": 50}
    assert [(f.value, f.start, f.end) for f in result.figures if f.metric == "views"] == [
        (465, dt.date(2026, 3, 1), dt.date(2026, 3, 31)),
        (310, dt.date(2026, 1, 29), dt.date(2026, 2, 28)),
    ]
    assert result.notes == ["2026-03-01 to 2026-03-31 against 2026-01-29 to 2026-02-28"]
    assert [row["kind"] for row in result.rows] == ["total"]
    check_rows(result)


async def test_followers_are_compared_by_gain_and_by_level(numbers: Numbers) -> None:
    levels = [1_000 + 2 * n for n in range(32)] + [1_062 + 4 * n for n in range(1, 32)]
    await numbers.add("instagram,ida", "followers", levels, end=dt.date(2026, 3, 31))
    result = await call(
        compare_periods,
        numbers.context,
        metric="followers",
        previous_start="2026-02-01",
        previous_end="2026-02-28",
        **MARCH,
    )
    # 124 in 31 days against 56 in 28 days: so many a day.
    assert values(result, "change_of_follower_change_per_day") == {"instagram": 2}
    assert values(result, "change_of_followers") == {"instagram": 124}
    assert [row["kind"] for row in result.rows] == ["per_day", "level"]
    assert result.notes == [
        "the numbers are averages per known day, because the periods differ in length",
        "2026-03-01 to 2026-03-31 against 2026-02-01 to 2026-02-28",
    ]
    check_rows(result)


async def test_half_known_months_give_null_and_never_a_wrong_number(numbers: Numbers) -> None:
    await numbers.add("youtube,ida", "views", [10] * 31 + [9] * 8, end=dt.date(2026, 3, 8))
    result = await call(compare_periods, numbers.context, metric="views", **MARCH)
    assert values(result, "change_of_views") == {"youtube": None}
    statuses = {figure.metric: figure.status for figure in result.figures}
    assert statuses["change_of_views_percent"] == "unavailable"
    assert result.notes[0] == (
        "youtube ida: 2026-03-01 to 2026-03-31, too many days are unknown to compare"
    )


@pytest.mark.parametrize(
    "earlier",
    [
        {"previous_start": "2026-02-01"},
        {"previous_start": "2026-02-20", "previous_end": "2026-03-01"},
    ],
)
async def test_an_earlier_period_has_two_ends_and_is_earlier(
    numbers: Numbers, earlier: dict[str, str]
) -> None:
    with pytest.raises(RetryableToolError):
        await call(compare_periods, numbers.context, metric="views", **MARCH, **earlier)


async def test_a_clear_trend_is_told_and_an_unclear_one_is_named(numbers: Numbers) -> None:
    await numbers.add("facebook,ida", "followers", [5_000 - 3 * n for n in range(85)])
    await numbers.add("instagram,ida", "followers", [900 + n // 7 % 2 * 2 for n in range(85)])
    result = await call(find_trends, numbers.context, start="2026-01-15", end="2026-04-10")
    assert values(result, "trend_of_followers")["facebook"] == -21
    assert values(result, "trend_of_followers_percent")["facebook"] == pytest.approx(-5.04)
    assert {row["platform"]: row["trend"] for row in result.rows} == {
        None: "down",
        "facebook": "down",
        "instagram": "none",
    }
    assert "instagram: no clear trend" in result.notes
    ends = [f for f in result.figures if f.metric == "followers" and f.platform == "facebook"]
    assert [(f.value, f.start, f.end) for f in ends] == [
        (5_000, dt.date(2026, 1, 15), dt.date(2026, 1, 15)),
        (4_748, dt.date(2026, 4, 9), dt.date(2026, 4, 9)),
    ]
    check_rows(result)


async def test_weekly_totals_of_a_trend_are_averages_of_its_ends(numbers: Numbers) -> None:
    await numbers.add("youtube,ida", "views", [100 + n // 7 * 10 for n in range(84)])
    result = await call(
        find_trends, numbers.context, start="2026-01-16", end="2026-04-09", metric="views"
    )
    ends = [f for f in result.figures if f.metric == "average_weekly_views"]
    assert [(f.value, f.start, f.end) for f in ends] == [
        (7 * 115, dt.date(2026, 1, 16), dt.date(2026, 2, 12)),
        (7 * 195, dt.date(2026, 3, 13), dt.date(2026, 4, 9)),
    ]
    assert values(result, "trend_of_views") == {"youtube": 70}


async def test_days_that_are_still_counted_make_no_trend_and_no_forecast(numbers: Numbers) -> None:
    await numbers.add("youtube,ida", "views", [100] * 84 + [1], end=TODAY)
    result = await call(forecast_metric, numbers.context, metric="views", until="2026-04-17")
    assert values(result, "forecast_views") == {"youtube": 700}
    result = await call(
        find_trends, numbers.context, start="2026-01-16", end="2026-04-10", metric="views"
    )
    assert result.rows[0]["end"] == "2026-04-09"


async def test_too_few_weeks_have_no_trend_and_say_so(numbers: Numbers) -> None:
    await numbers.add("instagram,ida", "views", [100] * 20)
    result = await call(
        find_trends, numbers.context, start="2026-03-01", end="2026-04-10", metric="views"
    )
    assert result.figures == []
    assert result.notes == [
        "instagram: too few fully known weeks for a trend",
        "no trend is clear",
    ]


async def test_a_forecast_is_marked_as_one_and_knows_its_days(numbers: Numbers) -> None:
    await numbers.add("instagram,ida", "followers", [1_000 + 2 * n for n in range(100)])
    await numbers.add("youtube,ida", "followers", [500 + n for n in range(100)])
    result = await call(forecast_metric, numbers.context, metric="followers", until="2026-04-19")
    assert values(result, "forecast_followers") == {
        None: 1_198 + 599 + 30,
        "instagram": 1_198 + 20,
        "youtube": 599 + 10,
    }
    assert values(result, "forecast_followers_low")["youtube"] == 609
    assert values(result, "forecast_follower_change") == {None: 30, "instagram": 20, "youtube": 10}
    assert values(result, "followers")["instagram"] == 1_198
    assert values(result, "forecast_interval_percent") == {None: 80}
    ahead = [figure for figure in result.figures if figure.metric.startswith("forecast_followers")]
    assert {figure.status for figure in ahead} == {"forecast"}
    assert {(figure.start, figure.end) for figure in ahead} == {
        (dt.date(2026, 4, 19), dt.date(2026, 4, 19))
    }
    assert {figure.observations for figure in ahead} == {100}
    check_rows(result)


async def test_a_total_is_forecast_from_tomorrow_on(numbers: Numbers) -> None:
    await numbers.add("instagram,ida", "views", [70] * 100)
    result = await call(forecast_metric, numbers.context, metric="views", until="2026-04-20")
    assert values(result, "forecast_views") == {"instagram": 700}
    assert (result.figures[0].start, result.figures[0].end) == (
        dt.date(2026, 4, 11),
        dt.date(2026, 4, 20),
    )


async def test_without_enough_history_a_forecast_is_null_and_says_why(numbers: Numbers) -> None:
    await numbers.add("instagram,ida", "views", [70] * 30)
    result = await call(forecast_metric, numbers.context, metric="views", until="2026-04-20")
    assert {figure.value for figure in result.figures} == {None}
    assert {figure.status for figure in result.figures} == {"unavailable"}
    assert result.notes == [
        "instagram: no forecast, because there is too little history: it begins on 2026-03-11"
    ]


@pytest.mark.parametrize("until", ["2026-04-10", "2026-10-08"])
async def test_a_forecast_is_from_tomorrow_to_half_a_year_ahead(
    numbers: Numbers, until: str
) -> None:
    with pytest.raises(RetryableToolError, match="today is 2026-04-10"):
        await call(forecast_metric, numbers.context, metric="views", until=until)


async def test_shares_of_platforms_add_up_and_name_who_dominates(numbers: Numbers) -> None:
    end = dt.date(2026, 3, 31)
    await numbers.add("instagram,ida", "engagement", [20] * 31, end=end)
    await numbers.add("instagram,side", "engagement", [40] * 31, end=end)
    await numbers.add("youtube,ida", "engagement", [40] * 31, end=end)
    result = await call(concentration, numbers.context, **MARCH)
    assert values(result, "share_of_engagement") == {"instagram": 60, "youtube": 40}
    assert values(result, "concentration_index") == {None: 5_200}
    assert [row["dominates"] for row in result.rows] == [True, False]
    assert result.notes == ["instagram dominates: it has more than half"]
    check_rows(result)


async def test_people_who_may_overlap_have_no_shares(numbers: Numbers) -> None:
    await numbers.add("instagram,ida", "reach", [20] * 40)
    result = await call(concentration, numbers.context, metric="reach", **MARCH)
    assert result.figures == []
    assert result.notes[0].startswith("People are counted once on each platform")


async def test_an_unusual_week_is_told_as_a_week(numbers: Numbers) -> None:
    counts = [100 + n % 5 for n in range(180)]
    counts[90:97] = [4] * 7
    await numbers.add("instagram,ida", "views", counts)
    result = await call(
        find_unusual_days, numbers.context, metric="views", start="2025-12-01", end="2026-04-09"
    )
    first = YESTERDAY - dt.timedelta(days=179 - 90)
    assert values(result, "weekly_views") == {"instagram": 28}
    assert values(result, "usual_weekly_views") == {"instagram": 714}
    [week] = result.rows
    assert (week["kind"], week["direction"]) == ("week", "low")
    assert (week["start"], week["end"]) == (str(first), str(first + dt.timedelta(days=6)))
    assert result.notes == ["no day was unusual"]
    check_rows(result)


async def test_unusual_days_of_one_account_only(numbers: Numbers) -> None:
    for account in ("ida", "side"):
        await numbers.add(f"instagram,{account}", "views", [100] * 40 + [9_000] + [100] * 20)
    march = {"metric": "views", **MARCH}
    both = await call(find_unusual_days, numbers.context, **march)
    one = await call(find_unusual_days, numbers.context, account="side", **march)
    assert {row["account"] for row in both.rows} == {"ida", "side"}
    assert {row["account"] for row in one.rows} == {"side"}
    assert [(row["kind"], row["direction"]) for row in one.rows] == [("day", "high")]


@pytest.mark.parametrize("tool", [compare_periods, find_trends, concentration, find_unusual_days])
async def test_a_creator_without_numbers_is_told_so(numbers: Numbers, tool: BaseTool) -> None:
    result = await call(tool, numbers.context, metric="views", **MARCH)
    assert result.figures == []
    assert result.notes
