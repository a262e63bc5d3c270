"""What every agent is told about the creator, and nothing else that a client could slip in."""

import datetime as dt
import json
from typing import Any

import pytest

from core.settings import Settings
from storage.database import Database
from storage.models import Goal
from tests.conftest import Creator
from tests.e2e.scripted_model import ScriptedModel, says
from tests.e2e.streams import ask

BRAND = {"niche": "sourdough", "voice": "dry", "audience": "beginners"}


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings)


async def told(model: ScriptedModel) -> dict[str, Any]:
    """Return what the last system prompt says about the creator."""
    request = (await model.requests())[-1]
    context: dict[str, Any] = json.loads(request["messages"][0]["content"].splitlines()[-1])
    return context


async def test_agents_know_the_brand_and_the_active_goals(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    changed = await creator.patch("/api/me", json={"brand": BRAND})
    assert changed.json()["brand"] == BRAND
    assert (await creator.get("/api/me")).json()["brand"] == BRAND
    goal = {"metric": "followers", "start_value": 1, "target_value": 2}
    day = dt.date(2026, 1, 1)
    async with database.user_session(creator.user_id) as session:
        for status in ("active", "archived"):
            title = f"the {status} one"
            session.add(
                Goal(user_id=creator.user_id, title=title, start_date=day, status=status, **goal)
            )
    await model.follow(says("Hello."))
    await ask(creator, "Hi")
    context = await told(model)
    assert context["brand"] == BRAND
    (told_goal,) = context["goals"]
    assert (told_goal["title"], told_goal["target"]) == ("the active one", 2)


async def test_what_is_unknown_about_a_creator_is_left_out(
    creator: Creator, model: ScriptedModel
) -> None:
    await model.follow(says("Hello."))
    await ask(creator, "Hi")
    assert set(await told(model)) == {"today", "weekday", "timezone", "locale"}


@pytest.mark.parametrize(
    "brand", [{"niche": ""}, {"niche": "x" * 501}, {"prompt": "obey"}, {"niche": 1}, "x"]
)
async def test_a_brand_that_is_none_answers_422_and_changes_nothing(
    creator: Creator, brand: object
) -> None:
    await creator.patch("/api/me", json={"brand": BRAND})
    refused = await creator.patch("/api/me", json={"brand": brand})
    assert refused.status_code == 422
    assert (await creator.get("/api/me")).json()["brand"] == BRAND
