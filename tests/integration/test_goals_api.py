"""Goals over HTTP, by the rules of the chat."""

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.app import create_app
from core.settings import Settings
from domain.goals import MAX_ACTIVE_GOALS
from tests.conftest import new_client, new_email, serving
from tests.integration.test_accounts import code, register

PATH = "/api/goals"
TODAY = dt.date(2026, 4, 10)
NOW = dt.datetime(2026, 4, 10, 12, tzinfo=dt.UTC)
TARGET: dict[str, Any] = {"metric": "followers", "platform": "instagram", "target_value": 10_400}


async def import_followers(creator: httpx.AsyncClient, *values: int, account: str = "mira") -> None:
    """Import levels of Instagram; the last is that of yesterday."""
    rows = [
        f"instagram,{account},{TODAY - dt.timedelta(days=len(values) - n)},followers,{value}"
        for n, value in enumerate(values)
    ]
    content = "\n".join(("platform,account,date,metric,value", *rows))
    headers = {"Content-Type": "text/csv"}
    response = await creator.post("/api/metrics/import", content=content, headers=headers)
    assert response.status_code == 200, response.text


async def create(creator: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    response = await creator.post(PATH, json=TARGET | fields)
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json()
    return created


@pytest.fixture
async def creator(settings: Settings, database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Return a creator whose followers grew by ten a day, to 10,000 yesterday."""
    app = create_app(settings, database_url, clock=lambda: NOW)
    async with serving(app) as url, new_client(url) as client:
        await register(client, new_email())
        await import_followers(client, *range(9_700, 10_001, 10))
        yield client


async def test_a_new_goal_starts_from_the_last_known_level(creator: httpx.AsyncClient) -> None:
    goal = await create(creator, due_date="2026-06-01")
    assert (goal["start_value"], goal["start_date"]) == (10_000, "2026-04-10")
    assert (goal["title"], goal["account"]) == ("10,400 followers on Instagram", "mira")
    assert (goal["status"], goal["milestones"]) == ("active", [])
    progress = goal["progress"]
    assert (progress["current"], progress["as_of"]) == (10_000, "2026-04-09")
    assert (progress["percent"], progress["remaining"]) == (0.0, 400)
    assert (progress["pace"], progress["pace_days"]) == (10.0, 28)
    assert progress["needed_pace"] == pytest.approx(400 / 53, abs=0.05)
    assert (progress["expected_on"], progress["is_on_track"]) == ("2026-05-19", True)
    assert (await creator.get(f"{PATH}/{goal['id']}")).json() == goal
    assert (await creator.get(PATH)).json() == {"items": [goal], "next": None}


async def test_milestones_are_recorded_as_the_numbers_grow(creator: httpx.AsyncClient) -> None:
    goal = await create(creator)
    now = NOW + dt.timedelta(days=3)
    rows = "platform,account,date,metric,value\ninstagram,mira,2026-04-10,followers,10210\n"
    assert now.date() > TODAY
    await creator.post("/api/metrics/import", content=rows, headers={"Content-Type": "text/csv"})
    found = (await creator.get(f"{PATH}/{goal['id']}")).json()
    assert [each["percent"] for each in found["milestones"]] == [25, 50]
    assert found["milestones"][0] == {"percent": 25, "reached_on": "2026-04-10", "value": 10_210}
    assert found["progress"]["percent"] == 52.5


WRONG: dict[str, dict[str, Any]] = {
    "a due date that has passed": {"due_date": "2026-04-10"},
    "a due date too far away": {"due_date": "2040-01-01"},
    "the number that it stands at": {"target_value": 10_000},
    "an account that is not there": {"account": "somebody"},
    "a platform that is not there": {"platform": "youtube"},
    "a metric that is not known": {"metric": "listeners"},
}


@pytest.mark.parametrize("case", WRONG)
async def test_a_goal_that_makes_no_sense_is_refused(creator: httpx.AsyncClient, case: str) -> None:
    response = await creator.post(PATH, json=TARGET | WRONG[case])
    assert code(response) == (400, "invalid_goal")
    assert (await creator.get(PATH)).json()["items"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        TARGET | {"metric": "fame"},
        TARGET | {"target_value": -1},
        TARGET | {"target_value": 10**12 + 1},
        TARGET | {"target_value": 1.5},
        TARGET | {"title": "x" * 121},
        TARGET | {"due_date": "soon"},
        TARGET | {"platform": "myspace"},
    ],
)
async def test_a_goal_that_does_not_fit_the_schema_is_refused(
    creator: httpx.AsyncClient, body: dict[str, Any]
) -> None:
    assert code(await creator.post(PATH, json=body)) == (422, "validation_failed")


async def test_a_goal_can_be_changed(creator: httpx.AsyncClient) -> None:
    goal = await create(creator)
    change = {"target_value": 20_000, "due_date": "2026-12-31"}
    changed = (await creator.patch(f"{PATH}/{goal['id']}", json=change)).json()
    assert changed["title"] == "20,000 followers on Instagram"
    assert (changed["target_value"], changed["due_date"]) == (20_000, "2026-12-31")
    named = (await creator.patch(f"{PATH}/{goal['id']}", json={"title": " My  dream "})).json()
    assert named == changed | {"title": "My dream"}
    same = (await creator.patch(f"{PATH}/{goal['id']}", json={"title": None})).json()
    assert same == named


@pytest.mark.parametrize(
    "change", [{"due_date": "2026-04-01"}, {"title": "  "}, {"target_value": 10_000}]
)
async def test_a_change_that_makes_no_sense_is_refused(
    creator: httpx.AsyncClient, change: dict[str, Any]
) -> None:
    goal = await create(creator)
    response = await creator.patch(f"{PATH}/{goal['id']}", json=change)
    assert code(response) == (400, "invalid_goal")
    assert (await creator.get(f"{PATH}/{goal['id']}")).json() == goal


async def test_a_goal_can_be_closed_and_opened_again(creator: httpx.AsyncClient) -> None:
    goal = await create(creator)
    path = f"{PATH}/{goal['id']}"
    assert (await creator.patch(path, json={"status": "archived"})).json()["status"] == "archived"
    assert (await creator.get(PATH, params={"status": "active"})).json()["items"] == []
    archived = (await creator.get(PATH, params={"status": "archived"})).json()["items"]
    assert [each["id"] for each in archived] == [goal["id"]]
    assert (await creator.patch(path, json={"status": "active"})).json() == goal
    refused = await creator.patch(path, json={"status": "reached"})
    assert code(refused) == (422, "validation_failed")


async def test_a_deleted_goal_is_gone(creator: httpx.AsyncClient) -> None:
    goal = await create(creator)
    path = f"{PATH}/{goal['id']}"
    assert (await creator.delete(path)).status_code == 204
    for response in (
        await creator.delete(path),
        await creator.get(path),
        await creator.patch(path, json={"title": "x"}),
    ):
        assert code(response) == (404, "goal_not_found")


async def test_there_are_only_so_many_active_goals(creator: httpx.AsyncClient) -> None:
    goals = [await create(creator, target_value=10_001 + n) for n in range(MAX_ACTIVE_GOALS)]
    refused = await creator.post(PATH, json=TARGET)
    assert code(refused) == (409, "too_many_goals")
    await creator.patch(f"{PATH}/{goals[0]['id']}", json={"status": "archived"})
    await create(creator)
    reopened = await creator.patch(f"{PATH}/{goals[0]['id']}", json={"status": "active"})
    assert code(reopened) == (409, "too_many_goals")
