"""Golden cases: numbers worked out by hand, against the real database."""

import datetime as dt
from io import BytesIO
from uuid import UUID

import pytest

from domain.analytics.anomalies import report_unusual_times
from domain.analytics.growth import (
    Growth,
    InvalidPeriodError,
    Measurement,
    Period,
    Report,
    report_growth,
    report_metric,
)
from domain.imports import ImportFile, import_file
from storage.database import Database
from storage.models import Metric
from tests.conftest import create_user

TODAY = dt.date(2026, 4, 10)
MARCH = Period(start=dt.date(2026, 3, 1), end=dt.date(2026, 3, 31))


class Numbers:
    """A new creator, and what is imported for them."""

    def __init__(self, database: Database, user_id: UUID) -> None:
        self.database = database
        self.user_id = user_id

    async def add(self, *rows: str) -> None:
        content = "\n".join(("platform,account,date,metric,value", *rows))
        file = ImportFile(BytesIO(content.encode()), today=TODAY, timezone="UTC")
        async with self.database.user_session(self.user_id) as session:
            await import_file(session, self.user_id, file)


@pytest.fixture
async def numbers(database: Database) -> Numbers:
    user = await create_user(database)
    return Numbers(database, user.id)


def day(month: int, day_of_month: int) -> dt.date:
    return dt.date(2026, month, day_of_month)


async def growth(
    numbers: Numbers, period: Period = MARCH, account: str | None = None
) -> Report[Growth]:
    async with numbers.database.user_session(numbers.user_id) as session:
        return await report_growth(session, period, account=account)


async def metric(numbers: Numbers, name: Metric, period: Period = MARCH) -> Report[Measurement]:
    async with numbers.database.user_session(numbers.user_id) as session:
        return await report_metric(session, name, period)


async def test_growth_starts_from_the_close_of_the_day_before(numbers: Numbers) -> None:
    await numbers.add(
        "instagram,ida,2026-02-28,followers,990",
        "instagram,ida,2026-03-01,followers,1000",
        "instagram,ida,2026-03-31,followers,1310",
        "instagram,ida,2026-04-01,followers,1400",
    )
    [instagram] = (await growth(numbers)).platforms
    assert (instagram.start_date, instagram.start) == (day(2, 28), 990)
    assert (instagram.end_date, instagram.end) == (day(3, 31), 1310)
    assert instagram.change == 320
    assert instagram.percent == pytest.approx(100 * 320 / 990)


async def test_adjacent_periods_add_up(numbers: Numbers) -> None:
    await numbers.add(
        *(f"youtube,ida,2026-03-{n:02},followers,{1000 + n * n}" for n in range(1, 32))
    )
    first = await growth(numbers, Period(start=day(3, 2), end=day(3, 15)))
    second = await growth(numbers, Period(start=day(3, 16), end=day(3, 31)))
    whole = await growth(numbers, Period(start=day(3, 2), end=day(3, 31)))
    parts = [report.platforms[0].change or 0 for report in (first, second)]
    assert sum(parts) == whole.platforms[0].change == 31 * 31 - 1


async def test_growth_from_the_first_day_starts_at_the_first_known_count(numbers: Numbers) -> None:
    await numbers.add(
        "instagram,ida,2026-03-10,followers,100", "instagram,ida,2026-03-31,followers,130"
    )
    report = await growth(numbers)
    assert report.platforms[0].change == 30
    assert report.notes == [
        "instagram ida: counted from 2026-03-10, the first known day in the period"
    ]


async def test_a_single_known_day_has_no_growth(numbers: Numbers) -> None:
    await numbers.add("instagram,ida,2026-03-10,followers,100")
    report = await growth(numbers)
    assert report.platforms[0].change is None
    assert report.platforms[0].percent is None
    assert report.notes == [
        "instagram ida: only one day of the period is known, so growth is unknown"
    ]


async def test_a_gap_at_the_start_is_not_bridged_with_an_older_count(numbers: Numbers) -> None:
    await numbers.add(
        "instagram,ida,2026-02-20,followers,50",
        "instagram,ida,2026-03-05,followers,100",
        "instagram,ida,2026-03-31,followers,130",
    )
    [instagram] = (await growth(numbers)).platforms
    assert (instagram.start_date, instagram.change) == (day(3, 5), 30)


async def test_a_null_day_is_skipped_and_never_zero(numbers: Numbers) -> None:
    await numbers.add(
        "instagram,ida,2026-02-28,followers,100",
        "instagram,ida,2026-03-30,followers,130",
        "instagram,ida,2026-03-31,followers,",
    )
    report = await growth(numbers)
    assert (report.platforms[0].end_date, report.platforms[0].change) == (day(3, 30), 30)
    assert report.notes == [
        "instagram ida: counted to 2026-03-30, the last known day in the period"
    ]


async def test_growth_from_nothing_has_no_percent(numbers: Numbers) -> None:
    await numbers.add(
        "instagram,ida,2026-02-28,followers,0", "instagram,ida,2026-03-31,followers,10"
    )
    [instagram] = (await growth(numbers)).platforms
    assert instagram.change == 10
    assert instagram.percent is None


async def test_a_second_account_is_no_growth_when_it_appears(numbers: Numbers) -> None:
    await numbers.add(
        "instagram,ida,2026-02-28,followers,100",
        "instagram,ida,2026-03-31,followers,120",
        "instagram,side,2026-03-20,followers,5000",
        "instagram,side,2026-03-31,followers,5003",
    )
    report = await growth(numbers)
    assert [account.change for account in report.accounts] == [20, 3]
    [instagram] = report.platforms
    assert (instagram.start, instagram.end, instagram.change) == (5100, 5123, 23)


async def test_a_platform_is_unknown_when_one_of_its_accounts_is(numbers: Numbers) -> None:
    await numbers.add(
        "instagram,ida,2026-02-28,followers,100",
        "instagram,ida,2026-03-31,followers,120",
        "instagram,side,2026-02-01,followers,5000",
    )
    report = await growth(numbers)
    assert report.platforms[0].change is None
    assert report.notes == [
        "instagram side: no data in this period; the last known day is 2026-02-01"
    ]
    total = (await metric(numbers, Metric.FOLLOWERS)).platforms[0]
    assert total.value is None


async def test_one_account_asked_for_has_no_platform_sum(numbers: Numbers) -> None:
    await numbers.add(
        "instagram,ida,2026-02-28,followers,100",
        "instagram,ida,2026-03-31,followers,120",
        "instagram,side,2026-02-28,followers,1",
        "instagram,side,2026-03-31,followers,2",
    )
    report = await growth(numbers, account="side")
    assert [part.change for part in report.parts()] == [1]
    assert report.platforms == []


async def test_totals_sum_days_accounts_and_platforms(numbers: Numbers) -> None:
    await numbers.add(
        "instagram,ida,2026-03-30,views,10",
        "instagram,ida,2026-03-31,views,5",
        "instagram,side,2026-03-30,views,1",
        "instagram,side,2026-03-31,views,2",
        "youtube,ida,2026-03-30,views,100",
        "youtube,ida,2026-03-31,views,200",
        "youtube,ida,2026-04-01,views,1000",
    )
    report = await metric(numbers, Metric.VIEWS, Period(start=day(3, 30), end=day(3, 31)))
    assert [part.value for part in report.accounts] == [15, 3, 300]
    assert [part.value for part in report.platforms] == [18, 300]
    assert report.total
    assert report.total.value == 318
    assert report.notes == []


async def test_a_total_says_how_many_days_are_missing(numbers: Numbers) -> None:
    await numbers.add(
        "youtube,ida,2026-02-01,views,7",
        "youtube,ida,2026-03-01,views,10",
        "youtube,ida,2026-03-02,views,",
        "youtube,ida,2026-03-03,views,0",
    )
    report = await metric(numbers, Metric.VIEWS, Period(start=day(3, 1), end=day(3, 4)))
    [youtube] = report.platforms
    assert (youtube.value, youtube.observations, youtube.missing_days) == (10, 2, 2)
    assert report.notes == ["youtube ida: 2 of 4 days are unknown"]


async def test_days_before_the_first_one_are_not_missing(numbers: Numbers) -> None:
    await numbers.add("youtube,ida,2026-03-30,views,10", "youtube,ida,2026-03-31,views,10")
    report = await metric(numbers, Metric.VIEWS)
    [youtube] = report.platforms
    assert (youtube.value, youtube.missing_days, youtube.start) == (20, 0, day(3, 30))
    assert report.notes == ["youtube ida: counted from 2026-03-30, the first day with data"]


async def test_reach_is_not_summed_over_platforms(numbers: Numbers) -> None:
    await numbers.add("instagram,ida,2026-03-30,reach,10", "facebook,ida,2026-03-30,reach,10")
    assert (await metric(numbers, Metric.REACH)).total is None


async def test_a_level_is_the_last_known_one_and_sums_take_the_last_common_day(
    numbers: Numbers,
) -> None:
    await numbers.add(
        "instagram,ida,2026-03-29,followers,100",
        "instagram,ida,2026-03-31,followers,120",
        "spotify,ida,2026-03-29,followers,40",
        "spotify,ida,2026-03-30,followers,41",
    )
    report = await metric(numbers, Metric.FOLLOWERS)
    assert [(part.value, part.end) for part in report.platforms] == [
        (120, day(3, 31)),
        (41, day(3, 30)),
    ]
    assert report.total
    assert (report.total.value, report.total.end) == (140, day(3, 29))


async def test_metrics_without_a_column_of_their_own_are_read_too(numbers: Numbers) -> None:
    await numbers.add("spotify,ida,2026-03-30,streams,10", "spotify,ida,2026-03-31,streams,11")
    assert (await metric(numbers, Metric.STREAMS)).platforms[0].value == 21
    assert (await metric(numbers, Metric.VIEWS)).platforms == []


async def test_a_preliminary_day_makes_the_figure_preliminary(numbers: Numbers) -> None:
    await numbers.add(
        "instagram,ida,2026-04-09,views,10",
        "instagram,ida,2026-04-10,views,3",
    )
    report = await metric(numbers, Metric.VIEWS, Period(start=day(4, 9), end=day(4, 10)))
    assert report.platforms[0].is_preliminary
    earlier = await metric(numbers, Metric.VIEWS, Period(start=day(4, 9), end=day(4, 9)))
    assert not earlier.platforms[0].is_preliminary


async def test_an_account_that_never_reported_a_metric_is_named(numbers: Numbers) -> None:
    await numbers.add("instagram,ida,2026-03-30,likes,10", "facebook,ida,2026-03-30,views,10")
    report = await metric(numbers, Metric.LIKES, Period(start=day(3, 30), end=day(3, 30)))
    assert [part.value for part in report.platforms] == [10]
    assert report.notes == ["facebook ida: no likes are known"]


async def test_levels_without_a_common_day_have_no_sum_and_say_why(numbers: Numbers) -> None:
    await numbers.add(
        "instagram,ida,2026-03-29,followers,100", "spotify,ida,2026-03-30,followers,40"
    )
    report = await metric(numbers, Metric.FOLLOWERS)
    assert report.total
    assert report.total.value is None
    assert report.notes[-1] == (
        "all platforms: no sum, because the accounts have no known day in common in the period"
    )


async def test_a_level_of_a_preliminary_day_is_preliminary(numbers: Numbers) -> None:
    await numbers.add(
        "instagram,ida,2026-04-09,followers,10", "instagram,ida,2026-04-10,followers,11"
    )
    today = Period(start=TODAY, end=TODAY)
    assert (await metric(numbers, Metric.FOLLOWERS, today)).platforms[0].is_preliminary
    yesterday = Period(start=day(4, 9), end=day(4, 9))
    assert not (await metric(numbers, Metric.FOLLOWERS, yesterday)).platforms[0].is_preliminary


async def test_nothing_imported_is_an_empty_report(numbers: Numbers) -> None:
    assert (await growth(numbers)).parts() == []
    assert (await metric(numbers, Metric.VIEWS)).parts() == []


async def test_a_spike_is_unusual_and_its_neighbours_are_not(numbers: Numbers) -> None:
    views = [100 + (n * 7) % 13 for n in range(1, 32)]
    views[14] = 900
    await numbers.add(
        *(f"youtube,ida,2026-03-{n:02},views,{value}" for n, value in enumerate(views, 1))
    )
    async with numbers.database.user_session(numbers.user_id) as session:
        [spike] = (await report_unusual_times(session, Metric.VIEWS, MARCH)).days
    assert (spike.date, spike.value, spike.neighbours) == (day(3, 15), 900, 30)
    assert spike.typical == 106.5


async def test_unusual_followers_are_unusual_changes(numbers: Numbers) -> None:
    count = 1000
    rows = []
    for n in range(1, 32):
        count += 300 if n == 20 else 5 + n % 3
        rows.append(f"instagram,ida,2026-03-{n:02},followers,{count}")
    await numbers.add(*rows)
    async with numbers.database.user_session(numbers.user_id) as session:
        [jump] = (await report_unusual_times(session, Metric.FOLLOWERS, MARCH)).days
    assert (jump.date, jump.value) == (day(3, 20), 300)


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(InvalidPeriodError):
        Period(start=day(3, 2), end=day(3, 1))
