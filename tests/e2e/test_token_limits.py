"""The model tokens of a creator's day: what counts, what is refused, and what ends midway."""

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from agents.catalog import AGENTS, AUTO
from api.app import create_app
from core.clock import utc_now
from core.settings import Settings
from domain.tiers import TIERS
from domain.usage import ANSWER_TOKENS, PROMPT_TOKENS, estimate_tokens
from graph.history import MAX_HISTORY_CHARACTERS
from storage.database import Database
from storage.models import DailyUsage, Run, Tier
from storage.usage import add_usage
from tests.conftest import Creator, SealedModelSettings, SignUp
from tests.e2e.scripted_model import (
    Reply,
    ScriptedModel,
    breaks,
    calls,
    fails,
    gate,
    in_turn,
    says,
)
from tests.e2e.servers import second_server
from tests.e2e.streams import AnswerStream, Refused, ask, asking, question, resume
from tests.e2e.trees import load_tree
from tests.e2e.waiting import eventually
from tests.tiers import put_on_tier

LIMIT = TIERS[Tier.FREE].model_tokens_a_day
FIRST = PROMPT_TOKENS + ANSWER_TOKENS  # what a short question sets aside, and a little more
NUMBERS = f"""\
platform,account,date,metric,value
instagram,luna,{utc_now().date() - dt.timedelta(days=1)},followers,1000
instagram,luna,{utc_now().date()},followers,1040
"""
GOAL = {"metric": "followers", "target_value": 2000, "platform": "instagram"}

Usage = Callable[[Creator], Awaitable[DailyUsage]]


class Ticking:
    """A clock that a test can put forward."""

    def __init__(self) -> None:
        self.ahead = dt.timedelta()

    def __call__(self) -> dt.datetime:
        return utc_now() + self.ahead


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings)


@pytest.fixture
def app(settings: Settings, database_url: str, clock: Ticking) -> FastAPI:
    return create_app(settings, database_url, clock=clock)


@pytest.fixture
async def creator(sign_up: SignUp) -> Creator:
    creator = await sign_up()
    headers = {"Content-Type": "text/csv"}
    response = await creator.post("/api/metrics/import", content=NUMBERS, headers=headers)
    assert response.status_code == 200, response.text
    return creator


@pytest.fixture
def used(database: Database) -> Usage:
    """Return a function that reads what a creator has used today."""

    async def used(creator: Creator) -> DailyUsage:
        async with database.user_session(creator.user_id) as session:
            return await session.get_one(DailyUsage, (creator.user_id, today()))

    return used


def today() -> dt.date:
    return utc_now().date()


async def use(database: Database, creator: Creator, tokens: int) -> None:
    """Let so many tokens of the creator's day be used."""
    async with database.user_session(creator.user_id) as session:
        await add_usage(session, creator.user_id, today(), model_tokens=tokens)


async def code_of(creator: Creator, text: str | None = "Hi", **fields: object) -> str | None:
    """Ask, and return the code of the refusal if there was one."""
    try:
        await ask(creator, text, **fields)
    except Refused as refused:
        return refused.code
    return None


def error_of(answer: AnswerStream) -> str:
    code: str = answer.of_type("error")[0]["code"]
    return code


# --- what counts ---


async def test_the_reported_tokens_of_all_calls_count_once(
    creator: Creator, model: ScriptedModel, used: Usage
) -> None:
    await model.follow(says(calls("list_connections"), tokens=20), says("None.", tokens=31))
    for _ in range(2):  # the second time it is the same request
        await ask(creator, question("Which accounts?", "q1"), id="c")
    usage = await used(creator)
    assert (usage.model_tokens, usage.estimated_tokens) == (51, 0)
    assert (usage.reserved_tokens, usage.runs) == (0, 1)


async def test_the_router_counts(creator: Creator, model: ScriptedModel, used: Usage) -> None:
    route = says(calls("choose_agent", {"agent": "career"}), tokens=7)
    await model.follow(route, to="tool choose_agent")
    await model.follow(says("Hello.", tokens=15))
    await ask(creator, "Hi", agent=AUTO.name)
    assert (await used(creator)).model_tokens == 22


async def test_the_notes_of_a_long_conversation_count(
    creator: Creator, model: ScriptedModel, used: Usage
) -> None:
    await model.follow(says("x" * (MAX_HISTORY_CHARACTERS // 2), tokens=15))
    for _ in range(2):
        await ask(creator, "Tell me more", id="c")
    notes = says(calls("keep_notes", {"topics": ["x"]}), tokens=7)
    await model.follow(notes, to="tool keep_notes")
    await model.follow(says("Enough.", tokens=15), to="Enough?")
    await ask(creator, "Enough?", id="c")
    assert (await used(creator)).model_tokens == 3 * 15 + 7


async def test_both_legs_of_a_run_that_waited_count_as_one_run(
    creator: Creator, model: ScriptedModel, used: Usage
) -> None:
    await model.follow(says(calls("create_goal", GOAL), tokens=20), says("Set.", tokens=31))
    waiting = await ask(creator, "Set a goal", agent="goal_tracker")
    assert waiting.finish["status"] == "waiting"
    usage = await used(creator)
    assert (usage.model_tokens, usage.reserved_tokens) == (20, 0), "nothing is set aside meanwhile"
    run_id = waiting.response.headers["X-Run-Id"]
    await resume(creator, run_id, {"id": "call_1", "type": "approve"})
    usage = await used(creator)
    assert (usage.model_tokens, usage.reserved_tokens, usage.runs) == (51, 0, 1)


async def test_a_model_that_reports_nothing_is_estimated_on_the_high_side(
    creator: Creator, model: ScriptedModel, used: Usage
) -> None:
    text = "You gained fifty followers in March. " * 30
    await model.follow(says(text, tokens=None))
    await ask(creator, "How did I grow?")
    usage = await used(creator)
    request = (await model.requests())[-1]
    sent = len(json.dumps([request["messages"], request["tools"]])) + len(text)
    assert usage.model_tokens == usage.estimated_tokens
    assert sent / 3 < usage.model_tokens < sent / 2, "English has four characters to a token"


async def test_a_stopped_answer_counts_what_was_sent_and_received(
    creator: Creator, model: ScriptedModel, used: Usage
) -> None:
    await model.follow(says("One, " * 200, gate("never"), tokens=15))
    async with asking(creator, "Count", id="c") as answer:
        await answer.read_until("One, " * 200)
        assert (await used(creator)).reserved_tokens > estimate_tokens(1_000)
        await creator.post("/api/chat/c/stop")
    usage = await used(creator)
    assert usage.estimated_tokens == usage.model_tokens > estimate_tokens(1_000)
    assert (usage.reserved_tokens, usage.runs) == (0, 1)


async def test_a_call_that_breaks_off_counts_beside_those_that_were_reported(
    creator: Creator, model: ScriptedModel, used: Usage
) -> None:
    await model.follow(says(calls("list_connections"), tokens=20), says("You ", breaks("no more")))
    answer = await ask(creator, "Which accounts?")
    assert answer.finish["status"] == "failed"
    usage = await used(creator)
    assert usage.model_tokens == usage.estimated_tokens + 20
    assert usage.estimated_tokens > 1_000
    assert usage.reserved_tokens == 0


async def test_an_answer_that_takes_too_long_counts(
    creator: Creator, model: ScriptedModel, used: Usage, settings: Settings, database_url: str
) -> None:
    await model.follow(says("One, ", gate("never")))
    limited = settings.model_copy(update={"run_timeout_seconds": 1.5})
    async with second_server(limited, database_url, creator) as client:
        answer = await ask(client, "Count")
    assert error_of(answer) == "run_timeout"
    usage = await used(creator)
    assert usage.estimated_tokens == usage.model_tokens > 1_000
    assert usage.reserved_tokens == 0


async def test_a_call_that_was_refused_or_never_arrived_costs_nothing(
    creator: Creator, model: ScriptedModel, used: Usage, settings: Settings, database_url: str
) -> None:
    await model.follow(fails(500))
    assert error_of(await ask(creator, "Hi")) == "model_failed"
    nowhere = settings.chat.model_copy(update={"base_url": "http://127.0.0.1:1/v1"})
    away = settings.model_copy(update={"chat": nowhere})
    async with second_server(away, database_url, creator) as client:
        assert error_of(await ask(client, "Hi")) == "model_unreachable"
    usage = await used(creator)
    assert (usage.model_tokens, usage.reserved_tokens, usage.runs) == (0, 0, 2)


@pytest.mark.parametrize(
    ("fault", "is_free"), [({"silent": True}, False), (fails(500), True)], ids=["silence", "500"]
)
async def test_a_try_before_the_answer_counts_unless_it_was_refused(
    creator: Creator,
    model: ScriptedModel,
    used: Usage,
    settings: Settings,
    database_url: str,
    fault: Reply,
    is_free: bool,
) -> None:
    await model.follow(in_turn(fault, says("Hello.", tokens=15)))
    chat = settings.chat.model_copy(update={"timeout_seconds": 0.5, "max_retries": 1})
    patient = settings.model_copy(update={"chat": chat})
    async with second_server(patient, database_url, creator) as client:
        assert (await ask(client, "Hi")).text == "Hello."
    usage = await used(creator)
    assert usage.model_tokens == 15 + usage.estimated_tokens
    assert (usage.estimated_tokens == 0) is is_free
    assert is_free or usage.estimated_tokens > 1_000


@pytest.mark.parametrize("agent", AGENTS)
async def test_the_first_call_of_an_agent_stays_within_what_is_set_aside(
    creator: Creator, model: ScriptedModel, used: Usage, agent: str
) -> None:
    await model.follow(says("Hello.", tokens=None))
    await ask(creator, "Hi", agent=agent)
    assert (await used(creator)).estimated_tokens < PROMPT_TOKENS


async def test_the_offline_model_costs_nothing_and_is_never_refused(
    creator: Creator, settings: Settings, database: Database, database_url: str, used: Usage
) -> None:
    await use(database, creator, LIMIT)
    offline = settings.model_copy(update={"chat": SealedModelSettings(model="offline")})
    async with second_server(offline, database_url, creator) as client:
        assert (await ask(client, "help")).finish["status"] == "completed"
    usage = await used(creator)
    assert (usage.model_tokens, usage.reserved_tokens, usage.runs) == (LIMIT, 0, 1)


# --- what is refused ---


async def test_a_question_beyond_the_days_tokens_is_refused_and_nothing_is_stored(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    await creator.patch("/api/me", json={"timezone": "Asia/Tokyo"})
    now = utc_now().astimezone(dt.timezone(dt.timedelta(hours=9)))
    async with database.user_session(creator.user_id) as session:
        await add_usage(session, creator.user_id, now.date(), model_tokens=LIMIT + 5)
    response = await creator.post("/api/chat", json={"message": "Hi", "id": "c"})
    problem = response.json()
    midnight = dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(), now.tzinfo)
    seconds = (midnight - now).total_seconds()
    assert response.status_code == 429
    assert response.headers["Content-Type"] == "application/problem+json"
    assert problem == {
        "type": "urn:dreamsuite:problem:token_limit_reached",
        "title": "Token limit reached",
        "status": 429,
        "code": "token_limit_reached",
        "detail": "All 100,000 model tokens of your day are used or set aside for answers. "
        f"There are new ones from 00:00 on {midnight.day} {midnight:%B %Y} (Asia/Tokyo).",
        "limit": LIMIT,
        "used": LIMIT + 5,
        "resets_at": midnight.isoformat(),
        "retry_after": pytest.approx(seconds, abs=10),
    }
    assert response.headers["Retry-After"] == str(problem["retry_after"])
    assert (await creator.get("/api/conversations")).json()["items"] == []
    assert await model.requests() == []


async def test_what_is_left_must_be_enough_to_begin(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    await model.follow(says("Hello."))
    await use(database, creator, LIMIT - FIRST)
    assert await code_of(creator) is None
    await use(database, creator, FIRST - PROMPT_TOKENS)
    response = await creator.post("/api/chat", json={"message": "Hi"})
    problem = response.json()
    assert problem["used"] == LIMIT - PROMPT_TOKENS + 15 < LIMIT
    assert "and what is left is not enough for this one" in problem["detail"]


async def test_a_refused_question_leaves_the_conversation_as_it_was(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    await model.follow(says("Hello."), to="Hi")
    await model.follow(says(calls("create_goal", GOAL)), to="Set a goal")
    await ask(creator, question("Hi", "q1"), id="c")
    waiting = await ask(creator, "Set a goal", agent="goal_tracker", id="c")
    before = await load_tree(database, creator.user_id, "c")
    await use(database, creator, LIMIT)
    assert await code_of(creator, "And now?", id="c") == "token_limit_reached"
    again = {"id": "c", "trigger": "regenerate-message"}
    assert await code_of(creator, None, **again) == "token_limit_reached"
    body = {"decisions": [{"id": "call_1", "type": "approve"}]}
    run_id = waiting.response.headers["X-Run-Id"]
    response = await creator.post(f"/api/runs/{run_id}/resume", json=body)
    assert (response.status_code, response.json()["code"]) == (429, "token_limit_reached")
    after = await load_tree(database, creator.user_id, "c")
    assert (after.edges, after.statuses) == (before.edges, before.statuses)
    assert after.statuses[-1] == ("waiting", None)
    assert (await ask(creator, question("Hi", "q1"), id="c")).text == "Hello.", "it is answered"


async def test_other_creators_are_not_affected(
    creator: Creator, sign_up: SignUp, model: ScriptedModel, database: Database
) -> None:
    await model.follow(says("Hello."))
    await use(database, creator, LIMIT)
    assert await code_of(creator) == "token_limit_reached"
    assert await code_of(await sign_up()) is None


async def test_a_higher_tier_counts_at_once(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    await model.follow(says("Hello."))
    await use(database, creator, LIMIT)
    assert await code_of(creator) == "token_limit_reached"
    await put_on_tier(database, creator.user_id, Tier.PRO)
    assert await code_of(creator) is None


async def test_the_tokens_begin_anew_at_the_creators_midnight(
    creator: Creator, model: ScriptedModel, database: Database, clock: Ticking
) -> None:
    await model.follow(says("Hello."))
    await creator.patch("/api/me", json={"timezone": "America/Los_Angeles"})
    limits = (await creator.get("/api/limits")).json()["model_tokens"]
    midnight = dt.datetime.fromisoformat(limits["resets_at"])
    async with database.user_session(creator.user_id) as session:
        day = midnight.date() - dt.timedelta(days=1)
        await add_usage(session, creator.user_id, day, model_tokens=LIMIT)
    clock.ahead = midnight - utc_now() - dt.timedelta(minutes=1)
    assert await code_of(creator) == "token_limit_reached"
    clock.ahead += dt.timedelta(minutes=2)
    assert await code_of(creator) is None
    limits = (await creator.get("/api/limits")).json()["model_tokens"]
    assert limits["used"] == 15
    assert dt.datetime.fromisoformat(limits["resets_at"]) > midnight


async def test_parallel_questions_cannot_take_more_than_the_day_has(
    creator: Creator, model: ScriptedModel, database: Database, used: Usage
) -> None:
    await model.follow(says("One, ", gate("all"), "two.", tokens=100))
    free = 3 * FIRST + PROMPT_TOKENS  # for three answers, and not for a fourth
    await use(database, creator, LIMIT - free)

    asked = [asyncio.create_task(code_of(creator, f"Count {n}")) for n in range(12)]

    async def are_decided() -> bool:
        return sum(task.done() for task in asked) == 9

    await eventually(are_decided)
    usage = await used(creator)
    assert 3 * PROMPT_TOKENS < usage.reserved_tokens <= free
    assert usage.runs == 3
    limits = (await creator.get("/api/limits")).json()["model_tokens"]
    assert limits["used"] == usage.model_tokens + usage.reserved_tokens <= LIMIT
    await model.open("all")
    codes = await asyncio.gather(*asked)
    assert sorted(map(str, codes)) == ["None"] * 3 + ["token_limit_reached"] * 9
    usage = await used(creator)
    assert (usage.model_tokens, usage.reserved_tokens) == (LIMIT - free + 300, 0)
    assert (await model.stats())["started"] == 3


# --- what ends midway ---


async def test_an_answer_that_uses_up_the_day_is_cut_off_and_kept(
    creator: Creator, model: ScriptedModel, database: Database, used: Usage
) -> None:
    await use(database, creator, LIMIT - FIRST - 500)
    await model.follow(says("One, ", "two, " * 4_000, gate("never"), "three."))
    answer = await ask(creator, "Count", id="c")
    error = answer.of_type("error")[0]
    assert error["code"] == "token_limit_reached"
    assert (
        "what is left is not enough for this one. There are new ones from 00:00"
        in (error["errorText"])
    )
    assert (answer.finish["status"], answer.chunks[-1]["finishReason"]) == ("failed", "error")
    await eventually(model.was_aborted)
    tree = await load_tree(database, creator.user_id, "c")
    assert tree.statuses == [("failed", "token_limit_reached")]
    assert tree.path == ["Count", answer.text]
    assert answer.text.startswith("One, two, ")
    usage = await used(creator)
    assert usage.reserved_tokens == 0
    assert usage.model_tokens > LIMIT - FIRST, "what was received counts"


async def test_a_call_that_the_day_has_no_tokens_for_is_not_made(
    creator: Creator, model: ScriptedModel, database: Database, used: Usage
) -> None:
    await use(database, creator, LIMIT - FIRST)
    call = calls("list_connections")
    await model.follow(says("A look.", call, tokens=FIRST - 1_000), says("None."))
    answer = await ask(creator, "Which accounts?", id="c")
    assert error_of(answer) == "token_limit_reached"
    assert answer.text == "A look."
    assert len(answer.of_type("tool-output-available")) == 1
    assert len(await model.requests()) == 1
    usage = await used(creator)
    assert (usage.model_tokens, usage.reserved_tokens) == (LIMIT - 1_000, 0)
    assert usage.estimated_tokens == 0


async def test_an_answer_takes_more_of_the_day_while_there_is_some(
    creator: Creator, model: ScriptedModel, used: Usage
) -> None:
    await model.follow(says("One, " * 10_000, gate("half"), "two.", tokens=12_345))
    async with asking(creator, "Count") as answer:
        await answer.read_until("One, " * 10_000)

        async def are_set_aside() -> bool:
            return (await used(creator)).reserved_tokens > estimate_tokens(50_000)

        await eventually(are_set_aside)
        await model.open("half")
        await answer.read_all()
    assert answer.finish["status"] == "completed"
    usage = await used(creator)
    assert (usage.model_tokens, usage.reserved_tokens) == (12_345, 0)


async def test_an_answer_is_stopped_while_its_tokens_are_being_set_aside(
    creator: Creator, model: ScriptedModel, database: Database, used: Usage, owner_url: str
) -> None:
    await model.follow(says("One, ", gate("more"), "two, " * 4_000, gate("never")))
    async with asking(creator, "Count", id="c") as answer:
        await answer.read_until("One, ")
        async with locked_day(owner_url, creator) as day:
            await model.open("more")
            await eventually(day.is_waited_for)
            stopping = asyncio.create_task(creator.post("/api/chat/c/stop"))
            await eventually(model.was_aborted)
        await stopping
        await answer.read_all()
    assert answer.finish["status"] == "stopped"
    usage = await used(creator)
    assert usage.reserved_tokens == 0
    assert usage.model_tokens == usage.estimated_tokens > 1_000


async def test_an_answer_outlives_a_database_that_is_away_while_tokens_are_set_aside(
    creator: Creator, model: ScriptedModel, used: Usage, owner_url: str
) -> None:
    await model.follow(says("One, ", gate("more"), "two, " * 4_000, "three.", tokens=15))
    async with asking(creator, "Count", id="c") as answer:
        await answer.read_until("One, ")
        async with locked_day(owner_url, creator) as day:
            await model.open("more")
            await eventually(day.cut_off)
        await answer.read_all()
    assert answer.finish["status"] == "completed"
    assert answer.text.endswith("three.")
    usage = await used(creator)
    assert (usage.model_tokens, usage.reserved_tokens) == (15, 0)


@dataclass(frozen=True)
class LockedDay:
    """A creator's day that nobody else can change; `connection` is the superuser's."""

    connection: AsyncConnection

    async def is_waited_for(self) -> bool:
        return await self._count("pid") > 0

    async def cut_off(self) -> bool:
        """Cut the connection that waits for the day; tell whether there was one."""
        return await self._count("pg_terminate_backend(pid)") > 0

    async def _count(self, what: str) -> int:
        await self.connection.execute(text("SELECT pg_stat_clear_snapshot()"))
        blocked = "pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        query = f"SELECT {what} FROM pg_stat_activity WHERE {blocked}"  # noqa: S608  # fixed
        return len((await self.connection.execute(text(query))).all())


@asynccontextmanager
async def locked_day(owner_url: str, creator: Creator) -> AsyncIterator[LockedDay]:
    """Lock the creator's day for the length of the block."""
    engine = create_async_engine(owner_url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.execute(
            text("SELECT FROM daily_usage WHERE user_id = :id FOR UPDATE"), {"id": creator.user_id}
        )
        yield LockedDay(connection)


async def test_what_a_lost_run_had_set_aside_counts_as_used(
    creator: Creator, model: ScriptedModel, database: Database, used: Usage, clock: Ticking
) -> None:
    await model.follow(says("One, ", gate("never")), to="Count")
    await model.follow(says("Hello.", tokens=15))
    async with asking(creator, "Count", id="c") as answer:
        await answer.read_until("One, ")
        reserved = (await used(creator)).reserved_tokens
        await end_leases(database, creator)
        assert (await ask(creator, "Hi", id="c")).text == "Hello."
        await answer.read_all()  # it is told, and counts nothing again
    assert answer.finish["status"] == "lost"
    usage = await used(creator)
    assert (usage.model_tokens, usage.estimated_tokens) == (reserved + 15, reserved)
    assert (usage.reserved_tokens, usage.runs) == (0, 2)


async def test_deleting_a_conversation_leaves_no_tokens_set_aside(
    creator: Creator, model: ScriptedModel, used: Usage, owner_url: str
) -> None:
    await model.follow(says("Hello.", tokens=15), to="Hi")
    await model.follow(says("One, ", gate("never")))
    await ask(creator, "Hi", id="c")
    engine = create_async_engine(owner_url, poolclass=NullPool)
    async with engine.begin() as connection:
        lock = "SELECT FROM conversations WHERE user_id = :id FOR UPDATE"
        await connection.execute(text(lock), {"id": creator.user_id})
        locked = LockedDay(connection)
        asking = asyncio.create_task(ask(creator, "Count", id="c"))
        await eventually(locked.is_waited_for)
        deleting = asyncio.create_task(creator.delete("/api/conversations/c"))
        await asyncio.sleep(0.5)  # it waits too, behind the question
    assert (await deleting).status_code == 204
    assert (await asking).finish["status"] == "stopped"
    usage = await used(creator)
    assert usage.reserved_tokens == 0
    assert usage.runs == 2


async def end_leases(database: Database, creator: Creator) -> None:
    """Let the creator's run look like one whose process is gone."""
    past = utc_now() - dt.timedelta(minutes=1)
    async with database.user_session(creator.user_id) as session:
        await session.execute(update(Run).values(lease_until=past))
