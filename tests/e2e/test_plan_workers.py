"""Plans whose workers are killed, frozen and doubled: one plan, and no stage twice."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select, text

from core.settings import Settings
from graph.suite import Suite
from jobs.execution import execute
from jobs.handlers import HANDLERS
from storage.checkpoints import TABLES
from storage.jobs import list_attempts
from storage.models import Job, JobAttempt, JobStatus, PlanVersion, User
from tests.conftest import SealedModelSettings
from tests.e2e.plans import GOOD, STRATEGY, TRENDS, asked, load, new_user, plan_of, submit, writes
from tests.e2e.scripted_model import ScriptedModel, calls, gate, in_turn, says
from tests.e2e.waiting import eventually

REPOSITORY = Path(__file__).parents[2]
STAGES = ["plan_trends", "plan_strategy", "plan_calendar"]


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    plan = SealedModelSettings(
        model="openai:scripted", base_url=model.base_url, api_key=SecretStr("t"), max_retries=0
    )
    return settings.model_copy(update={"plan": plan, "trends": plan})


@pytest.fixture
async def user(suite: Suite) -> User:
    return await new_user(suite)


@contextmanager
def worker(suite: Suite, model: ScriptedModel, folder: Path, name: str) -> Iterator[None]:
    """Run a worker in a process of its own, which writes its log to NAME.log."""
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(REPOSITORY),
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": suite.database.url,
        "JOB_STALL_SECONDS": "2",
        "STOP_SECONDS": "0",
        **{
            f"{role}_{key}": value
            for role in ("PLAN", "TRENDS")
            for key, value in (
                ("MODEL", "openai:scripted"),
                ("BASE_URL", model.base_url),
                ("API_KEY", "t"),
            )
        },
    }
    with (folder / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jobs"],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert process.stdout
            assert process.stdout.readline().startswith("Working on ")
            yield
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.communicate(timeout=30)


async def write_until_the_calendar(model: ScriptedModel, *calendars: dict[str, Any]) -> None:
    await model.follow(writes("trends", TRENDS), to="tool plan_trends")
    await model.follow(writes("strategy", STRATEGY), to="tool plan_strategy")
    await model.follow(in_turn(*calendars), to="tool plan_calendar")


async def wait_for(model: ScriptedModel, stages: Sequence[str]) -> None:
    async def were_asked_for() -> bool:
        return await asked(model) == [*stages]

    await eventually(were_asked_for)


async def wait_completed(suite: Suite, job_id: UUID) -> Job:
    async def is_there() -> bool:
        return (await load(suite, job_id)).status == JobStatus.COMPLETED

    await eventually(is_there)
    return await load(suite, job_id)


async def attempts(suite: Suite, job_id: UUID) -> Sequence[JobAttempt]:
    async with suite.database.service_session() as session:
        return await list_attempts(session, job_id)


async def pid_at_work(suite: Suite, job_id: UUID) -> int:
    return int((await attempts(suite, job_id))[-1].worker.rpartition(":")[2])


async def count_plans(suite: Suite, user: User) -> int:
    async with suite.database.user_session(user.id) as session:
        return await session.scalar(select(func.count()).select_from(PlanVersion)) or 0


async def count_checkpoints(suite: Suite) -> int:
    async with suite.database.service_session() as session:
        counts = [
            await session.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608  # our tables
            for table in TABLES
        ]
    return sum(count or 0 for count in counts)


def read_logs(folder: Path) -> str:
    return "".join(path.read_text() for path in folder.glob("*.log"))


async def test_another_worker_finishes_the_plan_of_a_killed_one_and_asks_for_no_stage_again(
    suite: Suite, user: User, model: ScriptedModel, tmp_path: Path
) -> None:
    never = says(gate("never"), calls("plan_calendar", GOOD))
    await write_until_the_calendar(model, never, writes("calendar", GOOD))
    with worker(suite, model, tmp_path, "one"), worker(suite, model, tmp_path, "other"):
        job_id = await submit(suite, user)
        await wait_for(model, STAGES)
        killed = await pid_at_work(suite, job_id)
        os.kill(killed, signal.SIGKILL)
        job = await wait_completed(suite, job_id)
        assert await pid_at_work(suite, job_id) != killed
    assert len((await plan_of(suite, job)).items) == 2
    assert await asked(model) == [*STAGES, "plan_calendar"]
    assert [each.status for each in await attempts(suite, job_id)] == ["lost", "completed"]
    assert await count_plans(suite, user) == 1
    assert await count_checkpoints(suite) == 0


async def test_a_frozen_worker_writes_neither_plan_nor_checkpoint_when_it_thaws(
    suite: Suite, user: User, model: ScriptedModel, tmp_path: Path
) -> None:
    late = says(gate("late"), calls("plan_calendar", GOOD))
    await write_until_the_calendar(model, late, writes("calendar", GOOD))
    with worker(suite, model, tmp_path, "one"), worker(suite, model, tmp_path, "other"):
        job_id = await submit(suite, user)
        await wait_for(model, STAGES)
        frozen = await pid_at_work(suite, job_id)
        os.kill(frozen, signal.SIGSTOP)
        job = await wait_completed(suite, job_id)
        await model.open("late")
        os.kill(frozen, signal.SIGCONT)

        async def has_noticed() -> bool:
            return "attempt 1 has no say any more" in read_logs(tmp_path)

        await eventually(has_noticed)
    assert await asked(model) == [*STAGES, "plan_calendar"]
    assert (await load(suite, job_id)).result == job.result
    assert [each.status for each in await attempts(suite, job_id)] == ["lost", "completed"]
    assert await count_plans(suite, user) == 1
    assert await count_checkpoints(suite) == 0


async def test_a_plan_made_twice_at_the_same_moment_is_made_once(
    suite: Suite, user: User, model: ScriptedModel
) -> None:
    await write_until_the_calendar(model, writes("calendar", GOOD))
    both = says(gate("both"), calls("plan_trends", TRENDS))
    await model.follow(both, to="tool plan_trends")
    job_id = await submit(suite, user)
    running = []
    for number, name in enumerate(("one", "other"), 1):
        running.append(asyncio.create_task(execute(suite, HANDLERS, job_id, name)))
        await wait_for(model, ["plan_trends"] * number)
    await model.open("both")
    await asyncio.gather(*running)
    job = await load(suite, job_id)
    assert len((await plan_of(suite, job)).items) == 2
    assert await asked(model) == ["plan_trends", *STAGES]
    assert await count_plans(suite, user) == 1
    assert await count_checkpoints(suite) == 0
    assert [each.status for each in await attempts(suite, job_id)] == ["lost", "completed"]


async def test_a_replaced_attempt_that_fails_leaves_the_newer_ones_checkpoints_alone(
    suite: Suite, user: User, model: ScriptedModel
) -> None:
    """A model that writes nothing of use ends a plan for good, unless it is another's by now."""
    useless = says(gate("late"), "I would rather not.")
    slow = says(gate("slow"), calls("plan_calendar", GOOD))
    await write_until_the_calendar(model, useless, slow, says("Still not."))
    job_id = await submit(suite, user)
    first = asyncio.create_task(execute(suite, HANDLERS, job_id, "one"))
    await wait_for(model, STAGES)
    second = asyncio.create_task(execute(suite, HANDLERS, job_id, "other"))
    await wait_for(model, [*STAGES, "plan_calendar"])
    kept = await count_checkpoints(suite)
    await model.open("late")
    await first
    assert await count_checkpoints(suite) == kept
    await model.open("slow")
    await second
    assert len((await plan_of(suite, await load(suite, job_id))).items) == 2
    assert await count_checkpoints(suite) == 0
