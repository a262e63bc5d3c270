"""What an import stores, changes and leaves alone."""

import asyncio
import datetime as dt
import io
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text

from domain.imports import BadRow, BadRowsError, ImportResult, import_upload
from storage.connections import list_connections
from storage.database import Database
from storage.metrics import lock_metrics
from storage.models import PlatformConnection, User
from tests.conftest import new_email

HEADER = "platform,account,date,metric,value\n"
TODAY = dt.date(2026, 3, 31)


class Importer:
    """A user of their own, whose days can be imported and looked at."""

    def __init__(self, database: Database, user_id: UUID) -> None:
        self.database = database
        self.user_id = user_id

    async def load(self, *rows: str, today: dt.date = TODAY, partial: bool = False) -> ImportResult:
        source = io.BytesIO((HEADER + "\n".join(rows)).encode())
        async with self.database.user_session(self.user_id) as session:
            return await import_upload(
                session, self.user_id, source, today=today, timezone="UTC", partial=partial
            )

    async def followers(self, account: str = "mira") -> dict[str, tuple[int | None, int | None]]:
        """Return count and change by day of the month."""
        return {
            f"{row['date']:%d}": (row["follower_count"], row["follower_change_24h"])
            for row in await self.rows()
            if row["username"] == account
        }

    async def rows(self) -> Sequence[dict[str, Any]]:
        """Return every stored day, with the transaction that wrote it."""
        async with self.database.user_session(self.user_id) as session:
            found = await session.execute(
                text(
                    "SELECT d.xmin::text, c.username, d.* FROM daily_metrics d "
                    "JOIN platform_connections c ON c.id = d.connection_id "
                    "ORDER BY c.platform, c.username, d.date"
                )
            )
            return [dict(row) for row in found.mappings()]

    async def connections(self) -> Sequence[PlatformConnection]:
        async with self.database.user_session(self.user_id) as session:
            return await list_connections(session)


async def new_importer(database: Database) -> Importer:
    async with database.service_session() as session:
        user = User(email=new_email())
        session.add(user)
        await session.flush()
    return Importer(database, user.id)


@pytest.fixture
async def mira(database: Database) -> Importer:
    return await new_importer(database)


def counts(result: ImportResult) -> tuple[int, int, int, int]:
    return (
        result.days_inserted,
        result.days_updated,
        result.days_unchanged,
        result.connections_created,
    )


def days(metric: str, **values: int | str) -> list[str]:
    """Return rows of Mira's Instagram account in March 2026, given as d01=…"""
    return [f"instagram,mira,2026-03-{day[1:]},{metric},{value}" for day, value in values.items()]


# --- follower changes ---


async def test_the_first_day_has_no_change_and_the_next_ones_do(mira: Importer) -> None:
    await mira.load(*days("followers", d01=1000, d02=1010, d03=990))
    assert await mira.followers() == {"01": (1000, None), "02": (1010, 10), "03": (990, -20)}


async def test_the_day_after_a_gap_has_no_change(mira: Importer) -> None:
    await mira.load(*days("followers", d01=1000, d03=1030, d04=1040))
    assert await mira.followers() == {"01": (1000, None), "03": (1030, None), "04": (1040, 10)}


async def test_a_day_of_unknown_count_and_the_day_after_have_no_change(mira: Importer) -> None:
    await mira.load(*days("followers", d01=1000, d02="", d03=1030, d04=1030))
    assert await mira.followers() == {
        "01": (1000, None),
        "02": (None, None),
        "03": (1030, None),
        "04": (1030, 0),
    }


async def test_a_day_that_fills_a_gap_gives_the_day_after_its_change(mira: Importer) -> None:
    await mira.load(*days("followers", d01=1000, d03=1030))
    assert counts(await mira.load(*days("followers", d02=1010))) == (1, 0, 0, 0)
    assert await mira.followers() == {"01": (1000, None), "02": (1010, 10), "03": (1030, 20)}


async def test_a_count_that_becomes_unknown_takes_both_changes_away(mira: Importer) -> None:
    await mira.load(*days("followers", d01=1000, d02=1010, d03=1030))
    await mira.load(*days("followers", d02=""))
    assert await mira.followers() == {"01": (1000, None), "02": (None, None), "03": (1030, None)}


async def test_a_day_that_only_another_metric_knows_has_no_change(mira: Importer) -> None:
    await mira.load(*days("followers", d01=1000, d03=1030), *days("reach", d02=5, d03=6))
    assert await mira.followers() == {"01": (1000, None), "02": (None, None), "03": (1030, None)}


async def test_a_corrected_day_changes_its_row_and_both_neighbouring_changes(
    mira: Importer,
) -> None:
    await mira.load(*days("followers", d01=1000, d02=1010, d03=1030, d04=1060, d05=1100))
    before = await mira.rows()
    assert counts(await mira.load(*days("followers", d03=1040))) == (0, 1, 0, 0)
    after = await mira.rows()
    assert await mira.followers() == {
        "01": (1000, None),
        "02": (1010, 10),
        "03": (1040, 30),
        "04": (1060, 20),
        "05": (1100, 40),
    }
    assert [after[i] for i in (0, 1, 4)] == [before[i] for i in (0, 1, 4)]
    assert after[2]["collected_at"] > before[2]["collected_at"]
    changed = {name for name in after[3] if after[3][name] != before[3][name]}
    assert changed == {"xmin", "follower_change_24h"}


async def test_corrections_far_apart_leave_the_days_between_as_they_were(mira: Importer) -> None:
    counted = {f"d{day:02}": 1000 + day**2 for day in range(1, 10)}
    await mira.load(*days("followers", **counted))
    before = await mira.rows()
    assert counts(await mira.load(*days("followers", d02=1, d08=2))) == (0, 2, 0, 0)
    after = await mira.rows()
    assert [n for n in range(9) if after[n] != before[n]] == [1, 2, 7, 8]


async def test_two_accounts_on_one_platform_keep_their_own_changes(mira: Importer) -> None:
    result = await mira.load(
        "instagram,mira,2026-03-01,followers,1000",
        "instagram,second,2026-03-02,followers,50",
        "instagram,mira,2026-03-02,followers,1010",
        "instagram,second,2026-03-03,followers,53",
    )
    assert counts(result) == (4, 0, 0, 2)
    assert await mira.followers("mira") == {"01": (1000, None), "02": (1010, 10)}
    assert await mira.followers("second") == {"02": (50, None), "03": (53, 3)}


async def test_changes_reach_across_the_end_of_a_month(mira: Importer) -> None:
    await mira.load(
        "youtube,mira,2024-02-29,subscribers,7", "youtube,mira,2024-03-01,subscribers,9"
    )
    assert await mira.followers() == {"29": (7, None), "01": (9, 2)}


# --- what changes, and what does not ---


async def test_the_same_file_twice_changes_nothing(mira: Importer) -> None:
    rows = (
        *days("followers", d01=1000, d02=1010, d03="", d04=1030),
        *days("likes", d01=5, d02="", d03=7),
        *days("engagement", d31=12),
    )
    assert counts(await mira.load(*rows)) == (5, 0, 0, 1)
    before = await mira.rows()
    assert counts(await mira.load(*reversed(rows))) == (0, 0, 5, 0)
    assert await mira.rows() == before


async def test_an_import_touches_only_the_metrics_that_the_file_names_for_a_day(
    mira: Importer,
) -> None:
    await mira.load(
        *days("followers", d01=1000), *days("likes", d01=5), *days("saves", d01=2, d02=3)
    )
    result = await mira.load(*days("reach", d01=900), *days("likes", d01=6), *days("views", d02=8))
    assert counts(result) == (0, 2, 0, 0)
    first, second = await mira.rows()
    assert (first["follower_count"], first["reach"], first["views"]) == (1000, 900, None)
    assert first["metrics"] == {"likes": 6, "saves": 2}
    assert (second["views"], second["metrics"]) == (8, {"saves": 3})


async def test_an_empty_value_makes_a_known_one_unknown_and_zero_stays_zero(
    mira: Importer,
) -> None:
    await mira.load(*days("reach", d01=9, d02=0), *days("streams", d01=4, d02=0))
    await mira.load(*days("reach", d01=""), *days("streams", d01=""))
    first, second = await mira.rows()
    assert (first["reach"], first["metrics"]) == (None, {})
    assert (second["reach"], second["metrics"]) == (0, {"streams": 0})


async def test_every_metric_is_stored_where_it_belongs(mira: Importer) -> None:
    named = {
        "followers": "follower_count",
        "engagement": "engagement_total",
        "posts": "content_count",
        "reach": "reach",
        "views": "views",
        "watch_time_minutes": "watch_time_minutes",
    }
    others = ("likes", "comments", "shares", "saves", "streams", "listeners")
    numbers = {metric: number for number, metric in enumerate((*named, *others), start=1)}
    await mira.load(*(row for metric, n in numbers.items() for row in days(metric, d01=n)))
    (row,) = await mira.rows()
    assert {metric: row[column] for metric, column in named.items()} | row["metrics"] == numbers
    assert (row["platform"], row["user_id"]) == ("instagram", mira.user_id)


async def test_today_is_preliminary_until_a_later_import_names_it_again(mira: Importer) -> None:
    await mira.load(*days("reach", d30=1, d31=2))
    assert [row["status"] for row in await mira.rows()] == ["final", "preliminary"]
    tomorrow = TODAY + dt.timedelta(days=1)
    result = await mira.load(*days("reach", d30=1, d31=2), today=tomorrow)
    assert counts(result) == (0, 1, 1, 0)
    assert [row["status"] for row in await mira.rows()] == ["final", "final"]


async def test_a_large_file_takes_few_statements(mira: Importer) -> None:
    start = dt.date(2019, 1, 1)
    rows = [
        f"youtube,mira,{start + dt.timedelta(days=number)},{metric},{number}"
        for number in range(2_500)
        for metric in ("followers", "views", "likes", "comments")
    ]
    statements: list[str] = []
    engine = mira.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert counts(await mira.load(*rows)) == (2_500, 0, 0, 1)
    assert len(statements) <= 20
    assert sum(row["follower_change_24h"] == 1 for row in await mira.rows()) == 2_499


# --- bad rows ---


async def test_one_bad_row_refuses_the_whole_file(mira: Importer) -> None:
    with pytest.raises(BadRowsError) as caught:
        await mira.load(*days("reach", d01=1, d02="many"))
    assert caught.value.fields == {
        "rows": 2,
        "errors": [{"line": 3, "column": "value", "reason": '"many" is not a whole number.'}],
        "error_count": 1,
    }
    assert await mira.rows() == []
    assert await mira.connections() == []


async def test_a_partial_import_stores_the_valid_rows_and_reports_the_others(
    mira: Importer,
) -> None:
    result = await mira.load(
        *days("reach", d01=1, d02="many"), "instagram,other,2026-03-01,reach,x", partial=True
    )
    assert (result.rows, result.error_count) == (3, 2)
    assert [(error.line, error.column) for error in result.errors] == [(3, "value"), (4, "value")]
    assert counts(result) == (1, 0, 0, 1)
    assert [row["reach"] for row in await mira.rows()] == [1]


async def test_a_row_may_repeat_a_value_but_not_contradict_it(mira: Importer) -> None:
    rows = (
        "youtube,mira,2026-03-01,followers,10",
        "youtube,@Mira,2026-03-01,subscribers,10",
        "youtube,mira,2026-03-01,followers,11",
        "youtube,mira,2026-03-01,followers,",
        "youtube,mira,2026-03-02,followers,x",
    )
    reason = "Line 2 has another value for the same day and metric."
    expected = [BadRow(line=line, column="value", reason=reason) for line in (4, 5)]
    with pytest.raises(BadRowsError) as caught:
        await mira.load(*rows[:4])
    assert caught.value.file.errors == expected
    assert await mira.connections() == []
    result = await mira.load(*rows, partial=True)
    assert (result.errors[:2], result.error_count) == (expected, 3)
    assert await mira.followers() == {"01": (10, None)}


async def test_a_contradiction_shows_also_between_two_names_of_one_account(mira: Importer) -> None:
    async with mira.database.user_session(mira.user_id) as session:
        session.add(
            PlatformConnection(
                user_id=mira.user_id,
                platform="youtube",
                platform_account="UC123",
                username="Mira",
                source="oauth",
            )
        )
    result = await mira.load(
        "youtube,mira,2026-03-01,views,1", "youtube,uc123,2026-03-01,views,2", partial=True
    )
    assert [error.line for error in result.errors] == [3]
    assert [row["views"] for row in await mira.rows()] == [1]


async def test_of_many_contradictions_the_first_hundred_are_reported(mira: Importer) -> None:
    rows = [row for n in range(150) for row in days("reach", d01=n)]
    result = await mira.load(*rows, partial=True)
    assert result.error_count == 149
    assert [error.line for error in result.errors] == list(range(3, 103))


# --- accounts ---


async def test_an_import_creates_the_accounts_that_are_missing(mira: Importer) -> None:
    await mira.load("spotify,@Mira Makes,2026-03-01,streams,5")
    (account,) = await mira.connections()
    assert (account.platform, account.source, account.status) == ("spotify", "import", "active")
    assert account.username == account.platform_account == "Mira Makes"
    assert account.last_synced_at is None


async def test_an_account_is_found_again_in_any_case_on_its_platform_only(mira: Importer) -> None:
    await mira.load("instagram,Mira Éditions,2026-03-01,reach,1")
    result = await mira.load(
        "instagram,MIRA ÉDITIONS,2026-03-02,reach,2", "facebook,mira éditions,2026-03-02,reach,3"
    )
    assert counts(result) == (2, 0, 0, 1)
    assert [(account.platform, account.username) for account in await mira.connections()] == [
        ("instagram", "Mira Éditions"),
        ("facebook", "mira éditions"),
    ]


async def test_numbers_go_to_the_signed_in_account_of_that_name(mira: Importer) -> None:
    async with mira.database.user_session(mira.user_id) as session:
        session.add(
            PlatformConnection(
                user_id=mira.user_id,
                platform="youtube",
                platform_account="UC123",
                username="Mira",
                source="oauth",
            )
        )
    result = await mira.load("youtube,mira,2026-03-01,views,1", "youtube,uc123,2026-03-02,views,2")
    assert counts(result) == (2, 0, 0, 0)


async def test_another_users_account_of_the_same_name_is_untouched(mira: Importer) -> None:
    other = await new_importer(mira.database)
    await other.load(*days("followers", d01=1, d02=2))
    before = await other.rows()
    result = await mira.load(*days("followers", d01=1000, d02=1010))
    assert counts(result) == (2, 0, 0, 1)
    assert await other.rows() == before
    assert await mira.followers() == {"01": (1000, None), "02": (1010, 10)}


# --- at the same time ---


async def test_imports_of_one_user_at_once_neither_fail_nor_mix(mira: Importer) -> None:
    files = [
        (
            *days("followers", d01=n, d02=n + 10, d03=n + 30),
            f"instagram,{'MIRA' if n % 2 else 'mira'},2026-03-04,followers,{n + 60}",
        )
        for n in range(6)
    ]
    results = await asyncio.gather(
        *(mira.load(*(reversed(rows) if n % 2 else rows)) for n, rows in enumerate(files))
    )
    assert sum(result.connections_created for result in results) == 1
    assert sum(result.days_inserted for result in results) == 4
    assert sum(result.days_updated for result in results) == 20
    assert [row["follower_change_24h"] for row in await mira.rows()] == [None, 10, 20, 30]


async def test_one_users_import_does_not_wait_for_anothers(mira: Importer) -> None:
    other = await new_importer(mira.database)
    async with other.database.user_session(other.user_id) as session:
        await lock_metrics(session, other.user_id)
        result = await asyncio.wait_for(mira.load(*days("reach", d01=1)), timeout=10)
    assert result.days_inserted == 1
