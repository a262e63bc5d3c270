"""Plans asked for in a chat: approved once, made by one job, and followed in the answer."""

from typing import Any
from uuid import UUID

import anyio
import pytest

from core.clock import utc_now
from core.settings import Settings
from storage.database import Database
from storage.jobs import Fence, begin_attempt, end_job, list_jobs, report
from storage.models import AttemptStatus, Job, JobStatus, new_id
from tests.conftest import Creator, SignUp
from tests.e2e.scripted_model import ScriptedModel, calls, gate, says
from tests.e2e.servers import second_server
from tests.e2e.streams import AnswerStream, Chunk, Refused, ask, question, resume, resuming
from tests.e2e.test_approvals import APPROVE, NUMBERS, run_of
from tests.e2e.waiting import PATIENCE_SECONDS

PLAN: dict[str, Any] = {
    "kind": "content_calendar",
    "goal": "more followers",
    "platforms": ["instagram"],
    "posts_per_week": 4,
    "start": "2099-12-01",
    "end": "2099-12-31",
}


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings)


@pytest.fixture
async def creator(sign_up: SignUp) -> Creator:
    creator = await sign_up()
    headers = {"Content-Type": "text/csv"}
    await creator.post("/api/metrics/import", content=NUMBERS, headers=headers)
    return creator


async def ask_for_plan(creator: Creator, model: ScriptedModel, *replies: Any) -> AnswerStream:
    """Ask for a plan in the conversation `plans`; the run waits for approval."""
    await model.follow(says("Let me ask.", calls("create_plan_job", PLAN)), *replies)
    waiting = await ask(creator, question("A plan!", "q1"), id="plans", agent="planner")
    assert waiting.finish["status"] == "waiting"
    return waiting


async def jobs_of(database: Database, creator: Creator) -> list[Job]:
    async with database.user_session(creator.user_id) as session:
        return list(await list_jobs(session, limit=10))


class Worker:
    """Does a job as a worker does, step by step."""

    def __init__(self, database: Database, fence: Fence) -> None:
        self.database, self.fence = database, fence

    async def report(self, progress: int) -> None:
        async with self.database.service_session() as session:
            message = "Writing your posts."
            await report(session, self.fence, stage="calendar", progress=progress, message=message)

    async def finish(self, plan_id: UUID) -> None:
        async with self.database.service_session() as session:
            await end_job(
                session, self.fence, JobStatus.COMPLETED, utc_now(),
                attempt=AttemptStatus.COMPLETED, progress=100, result={"plan_id": str(plan_id)},
            )  # fmt: skip


async def begin(database: Database, job: Job) -> Worker:
    async with database.service_session() as session:
        begun = await begin_attempt(session, job.id, [job.kind], "w", utc_now())
        assert begun
        fence = Fence(user_id=job.user_id, job_id=job.id, attempt=begun.attempts)
    return Worker(database, fence)


async def stored_parts(creator: Creator) -> list[Chunk]:
    """Return the parts of the answer, as a client loads it."""
    messages = (await creator.get("/api/conversations/plans")).json()["messages"]
    parts: list[Chunk] = messages[-1]["parts"]
    return parts


async def stored_job(creator: Creator) -> Chunk:
    [part] = [part for part in await stored_parts(creator) if part["type"] == "data-job"]
    data: Chunk = part["data"]
    return data


async def test_an_approved_plan_is_one_job_which_the_answer_shows(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    waiting = await ask_for_plan(creator, model, says("It is being made."))
    [request] = waiting.of_type("tool-approval-request")
    assert request["approvalDescriptor"]["input"] == PLAN
    assert await jobs_of(database, creator) == []
    rest = await resume(creator, run_of(waiting), APPROVE)
    [job] = await jobs_of(database, creator)
    assert rest.types[:4] == [
        "start", "tool-approval-response", "tool-output-available", "data-job",
    ]  # fmt: skip
    [shown] = rest.of_type("data-job")
    assert shown["id"] == str(job.id)
    assert shown["data"] == {
        "job_id": str(job.id), "kind": "content_calendar", "title": "Content calendar",
        "status": "queued", "stage": None, "progress": 0, "message": None, "plan_id": None,
    }  # fmt: skip
    assert rest.text == "It is being made."
    assert await stored_job(creator) == shown["data"]


async def test_a_plan_is_edited_before_it_is_approved(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    waiting = await ask_for_plan(creator, model, says("It is being made."))
    decision: Chunk = {"id": "call_1", "type": "edit"}
    for field, wrong in {
        "posts_per_week": 50, "end": "2099-12-01", "platforms": ["myspace"], "kind": "novel",
    }.items():  # fmt: skip
        with pytest.raises(Refused) as refused:
            await resume(creator, run_of(waiting), decision | {"input": PLAN | {field: wrong}})
        assert refused.value.code == "invalid_edit"
        [error] = refused.value.problem["errors"]
        assert error["field"].startswith(f"input.{field}")
    edited = PLAN | {"posts_per_week": 2}
    await resume(creator, run_of(waiting), decision | {"input": edited})
    [job] = await jobs_of(database, creator)
    assert job.input["posts_per_week"] == 2


async def test_approving_again_and_again_makes_one_plan(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    waiting = await ask_for_plan(creator, model, says("It is being made."))
    answers: list[AnswerStream] = []

    async def approve() -> None:
        answers.append(await resume(creator, run_of(waiting), APPROVE))

    async with anyio.create_task_group() as hands:
        for _ in range(4):
            hands.start_soon(approve)
    assert {answer.text for answer in answers} == {"It is being made."}
    assert len(await jobs_of(database, creator)) == 1


async def test_an_approval_survives_a_restart(
    creator: Creator,
    model: ScriptedModel,
    settings: Settings,
    database_url: str,
    database: Database,
) -> None:
    waiting = await ask_for_plan(creator, model, says("It is being made."))
    async with second_server(settings, database_url, creator) as elsewhere:
        rest = await resume(elsewhere, run_of(waiting), APPROVE)
    assert len(rest.of_type("data-job")) == 1
    await resume(creator, run_of(waiting), APPROVE)
    assert len(await jobs_of(database, creator)) == 1


async def test_a_declined_plan_is_no_job(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    waiting = await ask_for_plan(creator, model, says("All right."))
    decision = {"id": "call_1", "type": "reject", "reason": "Later."}
    rest = await resume(creator, run_of(waiting), decision)
    assert rest.of_type("data-job") == []
    assert await jobs_of(database, creator) == []


async def test_a_used_up_day_is_told_to_the_model(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    async with database.user_session(creator.user_id) as session:
        session.add_all(
            Job(id=new_id(), user_id=creator.user_id, kind="onboarding", input={}, attempt_limit=1)
            for _ in range(2)
        )
    await model.follow(says(calls("create_plan_job", PLAN)), says("Tomorrow, then."))
    answer = await ask(creator, "A plan!", agent="planner")
    [failed] = answer.of_type("tool-output-error")
    assert failed["errorText"].startswith("All 2 plans of your day are used.")
    assert answer.text == "Tomorrow, then."


async def test_progress_comes_into_the_open_answer_and_later_into_what_is_loaded(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    waiting = await ask_for_plan(creator, model, says("It is ", gate("more"), "being made."))
    async with resuming(creator, run_of(waiting), APPROVE) as rest:
        await rest.read_until("It is ")
        [job] = await jobs_of(database, creator)
        worker = await begin(database, job)
        await worker.report(40)
        with anyio.fail_after(PATIENCE_SECONDS):
            while rest.of_type("data-job")[-1]["data"]["progress"] != 40:
                assert await rest._read_chunk()  # noqa: SLF001  # chunk by chunk
        await model.open("more")
        await rest.read_all()
    told = rest.of_type("data-job")
    assert {chunk["id"] for chunk in told} == {str(job.id)}
    assert told[-1]["data"]["message"] == "Writing your posts."
    assert rest.text == "It is being made."
    assert (await stored_job(creator))["progress"] == 40
    await worker.report(70)
    assert (await stored_job(creator))["progress"] == 70
    plan_id = new_id()
    await worker.finish(plan_id)
    shown = await stored_job(creator)
    assert (shown["status"], shown["progress"], shown["plan_id"]) == (
        "completed",
        100,
        str(plan_id),
    )


async def test_a_job_that_is_not_kept_any_more_is_unknown(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    waiting = await ask_for_plan(creator, model, says("It is being made."))
    await resume(creator, run_of(waiting), APPROVE)
    async with database.user_session(creator.user_id) as session:
        [job] = await list_jobs(session, limit=1)
        await session.delete(job)
    shown = await stored_job(creator)
    assert (shown["title"], shown["status"], shown["progress"]) == ("Content calendar", None, None)
