"""What runs, models and tools leave in the metrics."""

import secrets

import httpx
import pytest

from core.settings import Settings
from tests.conftest import Creator
from tests.e2e.scripted_model import ScriptedModel, calls, fails, gate, in_turn, says
from tests.e2e.servers import second_server
from tests.e2e.streams import ask, asking, resume
from tests.e2e.test_approvals import APPROVE, GOAL, NUMBERS
from tests.e2e.waiting import eventually
from tests.metrics import scrape

PERIOD = {"start": "2026-01-01", "end": "2026-01-31"}


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings)


async def test_answers_are_counted_with_their_agent_seconds_and_tokens(
    api: httpx.AsyncClient, creator: Creator, model: ScriptedModel
) -> None:
    await model.follow(says("Hello.", tokens=15))
    before = await scrape(api)
    await ask(creator, "Hi", agent="career")
    await ask(creator, "Hi", agent="career")
    await ask(creator, "Hi", agent="planner")
    found = await scrape(api, since=before)
    assert found.get("runs_total", status="completed", agent="career") == 2
    assert found.get("runs_total", status="completed", agent="planner") == 1
    assert found.get("run_seconds_count", agent="career") == 2
    assert found.get("time_to_first_token_seconds_count", agent="career") == 2
    assert found.get("tokens_total", model="scripted", agent="career") == 30
    assert found.get("model_call_seconds_count", model="scripted", outcome="ok") == 3


async def test_the_call_that_chooses_an_agent_is_counted_with_the_agent_it_chose(
    api: httpx.AsyncClient, creator: Creator, model: ScriptedModel
) -> None:
    chosen = says(calls("choose_agent", {"agent": "planner"}), tokens=10)
    await model.follow(chosen, to="tool choose_agent")
    await model.follow(says("Hello.", tokens=15))
    before = await scrape(api)
    await ask(creator, "Plan my week", agent="auto")
    found = await scrape(api, since=before)
    assert found.get("model_call_seconds_count", model="scripted", outcome="ok") == 2
    assert found.get("runs_total", status="completed", agent="planner") == 1
    assert found.get("tokens_total", model="scripted", agent="planner") == 25


async def test_an_open_answer_and_its_stream_are_counted_while_they_last(
    api: httpx.AsyncClient, creator: Creator, model: ScriptedModel
) -> None:
    await model.follow(says("One, ", gate("on"), "two."))
    before = await scrape(api)
    async with asking(creator, "Count") as answer:
        await answer.read_until("One, ")
        found = await scrape(api, since=before)
        assert found.get("open_runs", state="answering") == 1
        assert found.get("open_streams") == 1
        await model.open("on")
        await answer.read_all()

    async def is_over() -> bool:
        found = await scrape(api, since=before)
        states = [found.get("open_runs", state=state) for state in ("answering", "storing")]
        return [*states, found.get("open_streams")] == [0, 0, 0]

    await eventually(is_over)


async def test_a_reader_who_leaves_ends_a_stream_and_no_run(
    api: httpx.AsyncClient, creator: Creator, model: ScriptedModel
) -> None:
    await model.follow(says("One, ", gate("on"), "two."))
    before = await scrape(api)
    async with asking(creator, "Count", id="c") as answer:
        await answer.read_until("One, ")

    async def has_left() -> bool:
        return (await scrape(api, since=before)).get("open_streams") == 0

    await eventually(has_left)
    assert (await scrape(api, since=before)).get("open_runs", state="answering") == 1
    await creator.post("/api/chat/c/stop")
    found = await scrape(api, since=before)
    assert found.get("runs_total", status="stopped", agent="career") == 1
    assert found.get("model_call_seconds_count", model="scripted", outcome="cancelled") == 1


async def test_tools_are_timed_by_name_and_outcome(
    api: httpx.AsyncClient, creator: Creator, model: ScriptedModel
) -> None:
    await model.follow(
        says(calls("list_connections", call_id="1"), calls("growth_summary", PERIOD, "2")),
        says(calls("growth_summary", {"start": "soon", "end": "later"}, "3")),
        says(calls(f"made_up_{secrets.token_hex(4)}", call_id="4")),
        says("There is nothing."),
    )
    before = await scrape(api)
    await ask(creator, "How did I grow?", agent="career")
    found = await scrape(api, since=before)
    assert found.get("tool_seconds_count", tool="list_connections", outcome="ok") == 1
    assert found.get("tool_seconds_count", tool="growth_summary", outcome="ok") == 1
    assert found.get("tool_seconds_count", tool="growth_summary", outcome="refused") == 1
    assert found.get("tool_seconds_count", tool="unknown", outcome="refused") == 1
    assert not [name for name, labels in found.series if "made_up" in str(labels)]


async def test_a_model_that_fails_is_an_upstream_error_by_code(
    api: httpx.AsyncClient, creator: Creator, model: ScriptedModel
) -> None:
    await model.follow(fails(500))
    before = await scrape(api)
    code = (await ask(creator, "Hi", agent="career")).of_type("error")[0]["code"]
    found = await scrape(api, since=before)
    assert found.get("runs_total", status="failed", agent="career") == 1
    assert found.get("run_errors_total", code=code) == 1
    assert found.get("upstream_errors_total", code=code) == 1
    assert found.get("model_call_seconds_count", model="scripted", outcome="failed") == 1


async def test_a_call_that_is_tried_again_is_counted_though_the_answer_is_good(
    settings: Settings, database_url: str, creator: Creator, model: ScriptedModel
) -> None:
    chat = settings.chat.model_copy(update={"max_retries": 1})
    await model.follow(in_turn(fails(500), says("Hello.")))
    async with second_server(
        settings.model_copy(update={"chat": chat}), database_url, creator
    ) as client:
        before = await scrape(client)
        await ask(client, "Hi", agent="career")
        found = await scrape(client, since=before)
    assert found.get("model_retries_total", code="model_failed") == 1
    assert found.get("runs_total", status="completed", agent="career") == 1


async def test_a_run_that_waits_for_an_approval_is_counted_as_waiting_and_again_at_its_end(
    api: httpx.AsyncClient, creator: Creator, model: ScriptedModel
) -> None:
    headers = {"Content-Type": "text/csv"}
    await creator.post("/api/metrics/import", content=NUMBERS, headers=headers)
    await model.follow(says(calls("create_goal", GOAL), tokens=20), says("Done.", tokens=30))
    before = await scrape(api)
    answer = await ask(creator, "2,000!", agent="goal_tracker")
    waiting = await scrape(api, since=before)
    assert waiting.get("runs_total", status="waiting", agent="goal_tracker") == 1
    assert waiting.get("tool_seconds_count", tool="create_goal", outcome="paused") == 1
    await resume(creator, answer.response.headers["X-Run-Id"], APPROVE)
    found = await scrape(api, since=before)
    assert found.get("runs_total", status="completed", agent="goal_tracker") == 1
    assert found.get("tool_seconds_count", tool="create_goal", outcome="ok") == 1
    assert found.get("tokens_total", model="scripted", agent="goal_tracker") == 50
