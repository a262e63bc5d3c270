"""`GET /api/suggestions`: questions that the creator's own data have an answer to."""

import datetime as dt
from typing import Any

import pytest
from fastapi import FastAPI

from agents.catalog import AGENTS
from api.app import create_app
from core.settings import Settings
from domain.demo import seed_demo
from domain.demo.seed import DEMO_EMAIL, DEMO_PASSWORD
from storage.database import Database
from tests.analytics import NOON, a_creator_with_gaps, load_days, load_posts
from tests.conftest import Creator, SignUp
from tests.e2e.streams import ask, question


@pytest.fixture
def now() -> list[dt.datetime]:
    return [NOON]


@pytest.fixture
def app(settings: Settings, database_url: str, now: list[dt.datetime]) -> FastAPI:
    return create_app(settings, database_url, clock=lambda: now[0])


async def suggested(creator: Creator) -> list[dict[str, Any]]:
    response = await creator.get("/api/suggestions")
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json()["items"]
    return items


async def set_goal(creator: Creator, **fields: Any) -> None:
    body = {"metric": "followers", "target_value": 5_000, "platform": "youtube"} | fields
    response = await creator.post("/api/goals", json=body)
    assert response.status_code == 201, response.text


async def test_a_new_creator_is_suggested_nothing(sign_up: SignUp) -> None:
    assert await suggested(await sign_up()) == []


async def test_questions_come_from_what_the_creator_has(sign_up: SignUp) -> None:
    ida = await a_creator_with_gaps(sign_up)
    await set_goal(ida, title="5k on YouTube")
    found = await suggested(ida)
    assert [(each["reason"], each["agent"], each["platform"]) for each in found] == [
        ("goal", "goal_tracker", "youtube"),
        ("top_post", "content_strategist", None),
        ("growth", "career", None),
        ("best_form", "content_strategist", "instagram"),
        ("outlook", "career", "instagram"),
        ("best_time", "content_strategist", "instagram"),
    ]
    assert found[0]["question"] == "Am I on track for my goal “5k on YouTube”?"
    assert found[1]["question"] == ("Which of my posts from 13 March to 9 April 2026 did best?")
    assert {each["agent"] for each in found} <= AGENTS.keys()


async def test_a_change_is_suggested_when_it_is_large(sign_up: SignUp) -> None:
    ida = await sign_up()
    await load_days(ida, "youtube,ida", "views", [100] * 28 + [105] * 28, end=dt.date(2026, 4, 9))
    assert await suggested(ida) == []
    await load_days(ida, "youtube,ida", "views", [150] * 28, end=dt.date(2026, 4, 9))
    (found,) = await suggested(ida)
    assert found == {
        "question": "How did my views on YouTube from 13 March to 9 April 2026 compare with the "
        "28 days before?",
        "agent": "career",
        "reason": "change",
        "metric": "views",
        "platform": "youtube",
        "start": "2026-03-13",
        "end": "2026-04-09",
    }


async def test_nothing_is_asked_of_what_is_not_known(sign_up: SignUp) -> None:
    ida = await sign_up()
    await load_days(ida, "spotify,ida", "streams", [100] * 28 + [300] * 28)
    assert await suggested(ida) == []
    # Posts of which nobody knows how they did, and too few to compare.
    await load_posts(ida, "instagram,ida,1,2026-04-01T18:00,reel,,,")
    assert await suggested(ida) == []
    await load_posts(ida, "instagram,ida,2,2026-04-01T18:00,reel,5,1,100")
    assert await suggested(ida) == []


async def test_a_few_of_something_are_no_large_change(sign_up: SignUp) -> None:
    ida = await sign_up()
    await load_days(ida, "youtube,ida", "views", [0] * 55 + [3], end=dt.date(2026, 4, 9))
    assert await suggested(ida) == []


async def test_goals_that_are_due_first_come_first(sign_up: SignUp) -> None:
    ida = await a_creator_with_gaps(sign_up)
    await set_goal(ida, title="Some day")
    await set_goal(ida, title="In autumn", due_date="2026-10-01")
    await set_goal(ida, title="In May", due_date="2026-05-01")
    goals = [each["question"] for each in await suggested(ida) if each["reason"] == "goal"]
    assert goals == [
        "Am I on track for my goal “In May”?", "Am I on track for my goal “In autumn”?",
    ]  # fmt: skip


async def test_another_users_data_suggest_nothing(sign_up: SignUp) -> None:
    ida, other = await sign_up(), await a_creator_with_gaps(sign_up)
    await set_goal(other)
    assert await suggested(ida) == []


async def test_the_same_data_on_the_same_day_suggest_the_same(
    sign_up: SignUp, now: list[dt.datetime]
) -> None:
    ida = await a_creator_with_gaps(sign_up)
    first = await ida.get("/api/suggestions")
    headers = {"If-None-Match": first.headers["etag"]}
    now[0] += dt.timedelta(hours=1)
    assert (await ida.get("/api/suggestions")).content == first.content
    assert (await ida.get("/api/suggestions", headers=headers)).status_code == 304
    await set_goal(ida)
    assert (await ida.get("/api/suggestions", headers=headers)).status_code == 200
    now[0] += dt.timedelta(days=1)
    assert (await ida.get("/api/suggestions")).headers["etag"] != first.headers["etag"]


async def test_the_offline_model_answers_each_suggestion_with_figures(
    sign_up: SignUp, database: Database
) -> None:
    creator = await sign_up()
    await seed_demo(database, lambda: NOON)
    body = {"email": DEMO_EMAIL, "password": DEMO_PASSWORD}
    token = (await creator.post("/api/auth/login", json=body)).json()["token"]
    creator.headers["Authorization"] = f"Bearer {token}"
    found = await suggested(creator)
    assert {each["reason"] for each in found} >= {"goal", "change", "top_post", "growth"}
    for number, each in enumerate(found):
        answer = await ask(
            creator, question(each["question"], f"m{number}"), id=f"c{number}", agent=each["agent"]
        )
        outputs = answer.of_type("tool-output-available")
        assert any(output["output"].get("figures") for output in outputs), each["question"]
        (grounding,) = answer.of_type("data-grounding")
        assert grounding["data"]["status"] == "grounded", each["question"]
