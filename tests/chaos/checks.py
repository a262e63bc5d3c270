"""What has to be true after a chaos run."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import orjson

from graph import chunks
from graph.transcript import Transcript
from storage.provision import LOGIN
from tests.chaos.plan import RunPlan
from tests.chaos.readers import Reader
from tests.chaos.turns import Outcome
from tests.chaos.world import POOL_SIZE, World
from tests.e2e.waiting import eventually
from tests.openai_server import Call

STOP_SECONDS = 0.5  # how long the model may go on after a stop
# What a server may log while its database is away.
EXPECTED_ERROR = "the database does not answer"

_RUNS = """
    SELECT runs.*, extract(epoch FROM runs.created_at)::float AS began,
        extract(epoch FROM runs.finished_at)::float AS ended, questions.text AS question
    FROM runs JOIN chat_messages questions ON questions.id = runs.question_id
"""
_ANSWERS = "SELECT run_id, text, parts FROM chat_messages WHERE role = 'assistant'"
_EVENTS = "SELECT * FROM run_events ORDER BY run_id, first_seq"

_GOALS = "SELECT target_value FROM goals"

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What the database has of a run."""

    run: Row
    answer: Row | None
    rows: list[Row]

    @property
    def events(self) -> list[bytes]:
        """The chunks, the first one first."""
        return [line for row in self.rows for line in row["chunks"].encode().split(b"\n")]


async def load(world: World) -> dict[str, list[Stored]]:
    """Return the stored runs of each question."""
    runs, answers, events = await asyncio.to_thread(
        lambda: [world.postgres.query(query) for query in (_RUNS, _ANSWERS, _EVENTS)]
    )
    by_run = {answer["run_id"]: answer for answer in answers}
    assert len(by_run) == len(answers), "a run has two answers"
    rows = defaultdict[Any, list[Row]](list)
    for row in events:
        rows[row["run_id"]].append(row)
    found = defaultdict[str, list[Stored]](list)
    for run in runs:
        stored = Stored(run=run, answer=by_run.get(run["id"]), rows=rows[run["id"]])
        found[run["question"]].append(stored)
    return found


def check_run(
    world: World, outcome: Outcome, found: Sequence[Stored], calls: Sequence[Call]
) -> None:
    """Check one question, all the way from the model to its readers."""
    assert len(found) == 1, f"{len(found)} runs answer it"
    [stored] = found
    assert str(stored.run["id"]) == outcome.asker.run_id
    _check_end(world, outcome, stored)
    _check_answer(outcome.plan, stored, calls)
    _check_events(stored)
    _check_readers(outcome, stored)


def _check_end(world: World, outcome: Outcome, stored: Stored) -> None:
    run = stored.run
    assert run["finished_at"], "it is still open"
    is_left = outcome.plan.decision and not outcome.is_decided
    allowed = {
        "completed": True,
        "lost": world.lost_a_server(run["began"], run["ended"]),
        "stopped": outcome.stop or is_left,
    }
    assert allowed.get(run["status"]), f"it is {run['status']}: {run['error_code']}"
    if outcome.stop and outcome.stop.run_id:  # null when the first try did it, but did not answer
        assert outcome.stop.run_id == str(run["id"]), "the stop ended another run"


def _check_answer(plan: RunPlan, stored: Stored, calls: Sequence[Call]) -> None:
    """What is stored is what the model said, as far as it was heard."""
    text = stored.answer["text"] if stored.answer else ""
    sent = chunks.PARAGRAPH.join(call.said for call in calls)
    assert len(calls) <= len(plan.texts), "the model was asked again"
    assert sent.startswith(text), f"stored {text!r} of {sent!r}"
    if stored.run["status"] == "completed":
        assert text == sent, "some of it was not stored"
    assert Transcript(map(orjson.loads, stored.events)).text == text, "it was told otherwise"


def _check_events(stored: Stored) -> None:
    assert stored.rows[0]["first_seq"] == 1
    for row, after in pairwise(stored.rows):
        assert after["first_seq"] == row["last_seq"] + 1, "stored events have a gap, or overlap"
    for row in stored.rows:
        assert row["last_seq"] - row["first_seq"] == row["chunks"].count("\n")
    assert stored.rows[-1]["is_last"]
    assert orjson.loads(stored.events[-1])["type"] == "finish"


def _check_readers(outcome: Outcome, stored: Stored) -> None:
    surplus: dict[int, bytes] = {}
    for reader in outcome.readers:
        assert reader.refusal is None, reader.refusal
        if reader.events:
            _check_reader(reader, stored, surplus)
        else:
            assert reader.nothing_at
            assert stored.run["ended"] <= reader.nothing_at, "it was told that nothing goes on"


def _check_reader(reader: Reader, stored: Stored, surplus: dict[int, bytes]) -> None:
    """A reader saw what is stored, each event once and in order.

    Of a lost run it may have seen more than was stored, but nobody else saw anything else there,
    and the ending came behind what was stored.
    """
    lost_after = stored.run["lost_after"]
    told = len(stored.events)
    before = [event for event in reader.events if not event.is_lost]
    ending = reader.events[len(before) :]
    assert {event.key for event in reader.events} == {stored.run["id"].hex[-8:]}
    assert all(event.is_lost for event in ending)
    assert [event.seq for event in before] == list(range(1, len(before) + 1)), "there is a gap"
    if lost_after is None:
        assert not ending
        assert len(before) == told, "the end is missing"
    else:
        assert len(before) >= lost_after
        assert [event.seq for event in ending] == list(range(lost_after + 1, told + 1))
    for event in reader.events:
        if event.is_lost or lost_after is None or event.seq <= lost_after:
            assert event.data == stored.events[event.seq - 1], "readers saw different events"
        else:
            assert surplus.setdefault(event.seq, event.data) == event.data
    assert reader.finish


def surplus_of(outcome: Outcome, stored: Stored) -> int:
    """Return how many events of a lost run were seen that are not stored."""
    lost_after: int | None = stored.run["lost_after"]
    if lost_after is None:
        return 0
    seen = [event.seq for reader in outcome.readers for event in reader.events if not event.is_lost]
    return max([*seen, lost_after]) - lost_after


def stop_seconds(world: World, outcome: Outcome, calls: Sequence[Call]) -> float | None:
    """Return how long the model went on after a stop that nothing disturbed; check all stops."""
    stop = outcome.stop
    if stop is None or stop.run_id is None or not calls:
        return None
    assert calls[-1].ended, "it still runs"
    assert calls[-1].ended < stop.answered + STOP_SECONDS, "it ran on after the stop was answered"
    if calls[-1].ended < stop.asked or not world.was_quiet(stop.asked, calls[-1].ended):
        return None
    return calls[-1].ended - stop.asked


async def check_pools(world: World) -> None:
    """No connection is lost: every one of both pools can work at the same time."""
    urls = [f"{server.url}/api/me" for server in world.servers]
    postgres = world.postgres
    waiting = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'sessions'::regclass"
    headers = {"Authorization": "Bearer nobody"}
    with postgres.connect() as owner:
        owner.execute("LOCK sessions IN ACCESS EXCLUSIVE MODE")
        asked = [
            asyncio.create_task(world.http.get(url, headers=headers))
            for url in urls * (2 * POOL_SIZE)
        ]

        async def are_all_used() -> bool:
            return len(postgres.query(waiting)) == POOL_SIZE * len(world.servers)

        await eventually(are_all_used)
    assert Counter([(await each).status_code for each in asked]) == {401: len(asked)}


async def check_quiet(world: World) -> None:
    """Nothing is left going on."""
    calls = await world.model.calls()
    assert all(call.ended for call in calls), "a call of the model is still open"
    assert await world.model.is_idle()

    async def is_no_transaction_open() -> bool:
        found = "SELECT FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
        return not world.postgres.query(found)

    await eventually(is_no_transaction_open)


def check_usage(world: World, outcomes: Sequence[Outcome]) -> None:
    """Each question was counted once, and no tokens stay set aside."""
    counted = "SELECT sum(runs) AS runs, sum(reserved_tokens) AS reserved FROM daily_usage"
    [usage] = world.postgres.query(counted)
    assert (usage["runs"], usage["reserved"]) == (len(outcomes), 0)


def check_goals(world: World, outcomes: Sequence[Outcome]) -> None:
    """What was approved was done once, and nothing else."""
    set_goals = Counter(row["target_value"] for row in world.postgres.query(_GOALS))
    for outcome in outcomes:
        times = set_goals.pop(outcome.plan.goal["target_value"], 0)
        decision = outcome.plan.decision
        is_approved = outcome.is_decided and decision and decision.name == "approve"
        assert times <= bool(is_approved), f"{outcome.plan.question} set its goal {times} times"
    assert not set_goals


async def check_servers_end(world: World) -> None:
    """Told to end, both servers do, and leave no connection behind."""
    assert [await server.end() for server in world.servers] == [0, 0]
    left = "SELECT query FROM pg_stat_activity WHERE usename = %s"
    assert world.postgres.query(left, LOGIN) == []
    for server in world.servers:
        lines = server.log.read_text().splitlines()
        errors = [line for line in lines if " ERROR " in line and EXPECTED_ERROR not in line]
        assert not errors, "\n".join(errors)
