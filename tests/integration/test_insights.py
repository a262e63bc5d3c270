"""Insights over HTTP: listing, reading and dismissing what a later step writes."""

import datetime as dt
from typing import Any

import pytest

from core.clock import utc_now
from storage.database import Database
from storage.models import Insight, new_id
from tests.conftest import Creator
from tests.integration.test_accounts import code

PATH = "/api/insights"
NOW = utc_now()
FIGURE = {
    "id": "f1", "label": "followers", "value": 412, "unit": "count", "metric": "followers",
    "platform": "instagram", "account": "mira", "from": "2026-02-23", "to": "2026-03-01",
    "status": "final", "observations": 7,
}  # fmt: skip
NUMBER = {
    "text": "412", "span": [0, 3], "value": 412.0, "figure": "f1", "derivation": None,
    "is_from_question": False,
}  # fmt: skip


async def add(database: Database, creator: Creator, title: str, **fields: Any) -> str:
    """Store an insight; the first is the newest."""
    row = {"type": "growth", "priority": "low", "message": "x", "local_date": NOW.date()} | fields
    insight = Insight(id=new_id(), user_id=creator.user_id, title=title, finding=title, **row)
    async with database.user_session(creator.user_id) as session:
        session.add(insight)
    return str(insight.id)


async def titles(creator: Creator, **params: Any) -> list[str]:
    response = await creator.get(PATH, params=params)
    assert response.status_code == 200, response.text
    return sorted(item["title"] for item in response.json()["items"])


async def test_an_insight_is_told_with_its_figures(creator: Creator, database: Database) -> None:
    grounding = {"status": "grounded", "numbers": [NUMBER]}
    insight_id = await add(
        database, creator, "Up", message="412", action_items=[{"text": "Go on."}],
        data_sources=[FIGURE], grounding=grounding, generated_at=NOW,
    )  # fmt: skip
    [told] = (await creator.get(PATH)).json()["items"]
    assert told == {
        "id": insight_id, "type": "growth", "priority": "low", "title": "Up", "message": "412",
        "action_items": [{"text": "Go on."}], "data_sources": [FIGURE], "grounding": grounding,
        "local_date": str(NOW.date()), "is_read": False, "is_dismissed": False,
        "generated_at": NOW.isoformat().replace("+00:00", "Z"), "expires_at": None,
    }  # fmt: skip


async def test_insights_are_found_by_type_priority_and_whether_they_were_read(
    creator: Creator, database: Database
) -> None:
    await add(database, creator, "a")
    await add(database, creator, "b", type="goal", priority="urgent")
    await add(database, creator, "c", type="goal", is_read=True)
    assert await titles(creator) == ["a", "b", "c"]
    assert await titles(creator, type="goal") == ["b", "c"]
    assert await titles(creator, priority="urgent") == ["b"]
    assert await titles(creator, unread=True) == ["a", "b"]
    assert await titles(creator, unread=False) == ["c"]
    assert await titles(creator, type="goal", unread=True, priority="low") == []
    assert code(await creator.get(PATH, params={"type": "fame"})) == (422, "validation_failed")


async def test_expired_insights_are_not_listed(creator: Creator, database: Database) -> None:
    hour = dt.timedelta(hours=1)
    await add(database, creator, "old", expires_at=NOW - hour)
    await add(database, creator, "new", expires_at=NOW + hour)
    assert await titles(creator) == ["new"]


async def test_an_insight_can_be_read_and_dismissed(creator: Creator, database: Database) -> None:
    insight_id = await add(database, creator, "a")
    for _ in range(2):
        read = (await creator.post(f"{PATH}/{insight_id}/read")).json()
        assert (read["is_read"], read["is_dismissed"]) == (True, False)
    assert await titles(creator) == ["a"]
    for _ in range(2):
        dismissed = (await creator.post(f"{PATH}/{insight_id}/dismiss")).json()
        assert (dismissed["is_read"], dismissed["is_dismissed"]) == (True, True)
    assert await titles(creator) == []
    assert code(await creator.post(f"{PATH}/{new_id()}/read")) == (404, "insight_not_found")


async def test_a_finding_is_kept_once_a_day(creator: Creator, database: Database) -> None:
    await add(database, creator, "a")
    await add(database, creator, "a", local_date=NOW.date() - dt.timedelta(days=1))
    with pytest.raises(Exception, match="uq_ai_insights_user_id_local_date_finding"):
        await add(database, creator, "a")
