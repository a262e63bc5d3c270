"""`GET /api/messages/{id}/follow-ups`: questions that lead on from an answer."""

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI

from api.app import create_app
from core.settings import Settings
from domain.demo import seed_demo
from domain.demo.seed import DEMO_EMAIL, DEMO_PASSWORD
from storage.database import Database
from tests.analytics import NOON
from tests.conftest import Creator, SignUp
from tests.e2e.streams import AnswerStream, ask, resume
from tests.integration.test_accounts import code

Question = dict[str, Any]

QUESTIONS = {
    "How did I grow last month?": "career",
    "Which platform grew fastest this year?": "career",
    "How did my views on YouTube in February compare with January?": "career",
    "Were there unusual days last month?": "career",
    "How many followers will I have on YouTube in 90 days?": "career",
    "How many views did I have last week?": "career",
    "Which of my posts last month did best?": "content_strategist",
    "When should I post on Instagram?": "content_strategist",
    "Which kind of post works best on Facebook?": "content_strategist",
    "Am I on track for my goals?": "goal_tracker",
}


@pytest.fixture
def app(settings: Settings, database_url: str) -> FastAPI:
    return create_app(settings, database_url, clock=lambda: NOON)


@pytest.fixture
async def demo(sign_up: SignUp, database: Database) -> Creator:
    """Return the demo creator."""
    creator = await sign_up()
    await seed_demo(database, lambda: NOON)
    body = {"email": DEMO_EMAIL, "password": DEMO_PASSWORD}
    token = (await creator.post("/api/auth/login", json=body)).json()["token"]
    creator.headers["Authorization"] = f"Bearer {token}"
    return creator


async def follow_ups(creator: Creator, answer: AnswerStream) -> list[Question]:
    response = await creator.get(f"/api/messages/{answer.chunks[0]['messageId']}/follow-ups")
    assert response.status_code == 200, response.text
    items: list[Question] = response.json()["items"]
    return items


@pytest.mark.parametrize("question", QUESTIONS)
async def test_each_follow_up_is_answered_with_figures(demo: Creator, question: str) -> None:
    first = await ask(demo, question, id="first", agent=QUESTIONS[question])
    found = await follow_ups(demo, first)
    assert 1 <= len(found) <= 3
    for each in found:
        assert len(each["question"]) < 120
        answer = await ask(demo, each["question"], id=str(uuid4()), agent=each["agent"])
        outputs = [each["output"] for each in answer.of_type("tool-output-available")]
        assert any(output.get("figures") for output in outputs), each["question"]
        (grounding,) = answer.of_type("data-grounding")
        assert grounding["data"]["status"] != "ungrounded", each["question"]


async def test_follow_ups_are_about_what_the_answer_looked_at(demo: Creator) -> None:
    answer = await ask(demo, "How did I grow on YouTube last month?", agent="career")
    found = await follow_ups(demo, answer)
    assert {each["platform"] for each in found} <= {"youtube", None}
    assert "in March 2026" in " ".join(each["question"] for each in found)


async def test_what_was_asked_already_is_not_suggested_again(demo: Creator) -> None:
    question, agent = "When should I post on Instagram?", "content_strategist"
    for _ in range(3):
        answer = await ask(demo, question, id="one", agent=agent)
        found = await follow_ups(demo, answer)
        assert question not in [each["question"] for each in found]
        question, agent = found[0]["question"], found[0]["agent"]
    stored = (await demo.get("/api/conversations/one")).json()["messages"]
    asked = [part["text"] for each in stored if each["role"] == "user" for part in each["parts"]]
    assert len(set(asked)) == 3


async def test_what_has_no_data_leads_nowhere(sign_up: SignUp) -> None:
    creator = await sign_up()
    for question in ("Hello!", "How did I grow last month?"):
        assert await follow_ups(creator, await ask(creator, question)) == []


async def test_a_question_and_another_users_answer_lead_nowhere(
    demo: Creator, sign_up: SignUp
) -> None:
    answer = await ask(demo, "How did I grow last month?", id="mine")
    question, _ = (await demo.get("/api/conversations/mine")).json()["messages"]
    path = "/api/messages/{}/follow-ups"
    other = await sign_up()
    mine = answer.chunks[0]["messageId"]
    assert code(await other.get(path.format(mine))) == (404, "message_not_found")
    assert code(await demo.get(path.format(question["id"]))) == (400, "not_an_answer")


async def test_the_days_of_a_month_are_named_by_it(demo: Creator) -> None:
    start, end = dt.date(2026, 2, 1), dt.date(2026, 2, 28)
    answer = await ask(demo, f"How did I grow from {start} to {end}?", agent="career")
    best = next(each for each in await follow_ups(demo, answer) if each["reason"] == "top_post")
    assert best["question"] == "Which of my posts in February 2026 did best?"
    assert (best["start"], best["end"]) == (str(start), str(end))


async def test_after_goals_that_would_fit_come_the_sentences_that_set_them(demo: Creator) -> None:
    answer = await ask(demo, "Which goal would fit my pace?", id="goals", agent="auto")
    offers = [each for each in await follow_ups(demo, answer) if each["reason"] == "goal"]
    assert [each["platform"] for each in offers] == ["facebook", "spotify"]
    for offer in offers:
        assert f"say “{offer['question']}”" in answer.text
    waiting = await ask(demo, offers[1]["question"], id="goals", agent=offers[1]["agent"])
    [request] = waiting.of_type("tool-approval-request")
    decision = {"id": request["approvalId"], "type": "approve"}
    done = await resume(demo, waiting.response.headers["X-Run-Id"], decision)
    assert "is set" in done.text
    [goal] = [
        each
        for each in (await demo.get("/api/goals")).json()["items"]
        if each["platform"] == "spotify"
    ]
    assert str(offers[1]["end"]) == goal["due_date"]
    assert f"{goal['target_value']:,} followers on Spotify" in offers[1]["question"]
