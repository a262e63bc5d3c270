"""What `GET /api/limits` tells: tier, what is used, and when it begins anew."""

import datetime as dt
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from core.clock import local_midnight
from core.settings import Settings
from domain.tiers import TIERS
from storage.database import Database
from storage.usage import add_usage
from tests.conftest import Creator, SignUp
from tests.tiers import put_on_tier

# Half past ten in the evening of 28 March in Lisbon, where clocks go forward that night.
NOW = dt.datetime(2026, 3, 28, 22, 30, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 28)
NUMBERS = """\
platform,account,date,metric,value
instagram,mira.makes,2026-03-01,followers,1000
instagram,mira.paints,2026-03-01,followers,50
youtube,mira,2026-03-01,followers,7
"""


@pytest.fixture
def app(settings: Settings, database_url: str) -> FastAPI:
    return create_app(settings, database_url, clock=lambda: NOW)


@pytest.fixture
async def creator(sign_up: SignUp) -> Creator:
    creator = await sign_up()
    await move(creator, "Europe/Lisbon")
    return creator


async def move(creator: Creator, timezone: str) -> None:
    response = await creator.patch("/api/me", json={"timezone": timezone})
    assert response.status_code == 200, response.text


async def use(database: Database, user_id: UUID, date: dt.date, **counts: int) -> None:
    async with database.user_session(user_id) as session:
        await add_usage(session, user_id, date, **counts)


async def read_limits(client: httpx.AsyncClient) -> dict[str, Any]:
    response = await client.get("/api/limits")
    assert response.status_code == 200, response.text
    limits: dict[str, Any] = response.json()
    return limits


async def test_a_new_creator_has_the_limits_of_the_free_tier(creator: Creator) -> None:
    midnight = "2026-03-29T00:00:00Z"
    account = {"used": 0, "limit": 1, "resets_at": None}
    assert await read_limits(creator) == {
        "tier": "free",
        "model_tokens": {"used": 0, "limit": 100_000, "resets_at": midnight},
        "plans": {"used": 0, "limit": 2, "resets_at": midnight},
        "jobs": {"used": 0, "limit": 10, "resets_at": midnight},
        "accounts": dict.fromkeys(("instagram", "facebook", "youtube", "spotify"), account),
        "answer": {"model_calls": 8, "tool_calls": 12, "seconds": 300.0},
    }


async def test_a_tier_counts_from_the_next_request_on(creator: Creator, database: Database) -> None:
    for tier, included in TIERS.items():
        await put_on_tier(database, creator.user_id, tier)
        limits = await read_limits(creator)
        assert limits["tier"] == tier
        assert limits["model_tokens"]["limit"] == included.model_tokens_a_day
        assert limits["accounts"]["spotify"]["limit"] == included.accounts_per_platform


async def test_what_answers_under_way_have_set_aside_counts_as_used(
    creator: Creator, database: Database
) -> None:
    await use(database, creator.user_id, TODAY, model_tokens=300, reserved_tokens=40, runs=2)
    await use(database, creator.user_id, TODAY, model_tokens=5)
    assert (await read_limits(creator))["model_tokens"]["used"] == 345


async def test_another_day_and_another_creator_count_apart(
    creator: Creator, database: Database, sign_up: SignUp
) -> None:
    other = await sign_up()
    await use(database, other.user_id, TODAY, model_tokens=300)
    await use(database, creator.user_id, TODAY - dt.timedelta(days=1), model_tokens=70)
    assert (await read_limits(creator))["model_tokens"]["used"] == 0
    assert (await read_limits(other))["model_tokens"]["used"] == 300


async def test_the_day_is_that_of_the_creators_time_zone(
    creator: Creator, database: Database
) -> None:
    await use(database, creator.user_id, TODAY, model_tokens=300)
    await move(creator, "Asia/Tokyo")  # where the 29th has begun
    tokens = (await read_limits(creator))["model_tokens"]
    assert (tokens["used"], tokens["resets_at"]) == (0, "2026-03-30T00:00:00+09:00")


async def test_accounts_are_counted_on_each_platform(creator: Creator) -> None:
    response = await creator.post(
        "/api/metrics/import", content=NUMBERS, headers={"Content-Type": "text/csv"}
    )
    assert response.status_code == 200, response.text
    accounts = (await read_limits(creator))["accounts"]
    assert {platform: each["used"] for platform, each in accounts.items()} == {
        "instagram": 2, "facebook": 0, "youtube": 1, "spotify": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("day", "timezone", "midnight"),
    [
        ("2026-03-30", "Europe/Lisbon", "2026-03-30T00:00:00+01:00"),
        ("2026-04-24", "Africa/Cairo", "2026-04-24T01:00:00+03:00"),  # there is no midnight
        ("2026-11-01", "America/Havana", "2026-11-01T00:00:00-04:00"),  # there are two
    ],
)
def test_a_day_begins_with_the_first_moment_that_its_clocks_show(
    day: str, timezone: str, midnight: str
) -> None:
    assert local_midnight(dt.date.fromisoformat(day), timezone).isoformat() == midnight
