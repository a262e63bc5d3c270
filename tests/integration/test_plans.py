"""Plans as jobs on a real database: made, resumed, kept, edited and exported."""

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import pytest
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from pydantic import Field
from sqlalchemy import text

from agents.models import Model
from agents.offline.model import OfflineChatModel
from agents.plans.catalog import PLAN_TEMPLATES
from core.settings import Settings
from domain.demo import DEMO_EMAIL, seed_demo
from domain.jobs import cancel_job, create_job, retry_job
from domain.plans.exports import export_csv, export_ics
from domain.plans.inputs import ContentCalendarInput, OnboardingInput, PlatformNotConnectedError
from domain.plans.plan import Plan
from domain.plans.stored import (
    InvalidPlanError,
    PlanChangedError,
    create_plan,
    delete_plan,
    edit_plan,
    get_plan,
    list_plans,
    list_versions,
)
from graph.suite import Suite, open_suite
from jobs.execution import Handler, execute
from jobs.handlers import HANDLERS
from storage.checkpoints import TABLES
from storage.jobs import get_job, list_attempts
from storage.models import Job, JobStatus, Platform, User, new_id
from storage.plans import PlanNotFoundError
from storage.queue import QUEUES
from storage.users import find_user
from tests.conftest import Postgres, create_user
from tests.e2e.waiting import eventually
from tests.unit.plans.test_rules import plan as sample

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
CALENDAR = HANDLERS["content_calendar"]
ASKED = ContentCalendarInput(
    goal="Reach 25,000 followers on Instagram",
    start=dt.date(2026, 11, 23),
    end=dt.date(2026, 12, 20),
    platforms=(Platform.INSTAGRAM, Platform.YOUTUBE),
    posts_per_week=4,
)


class CountingModel(OfflineChatModel):
    """The offline model, which counts its calls, and stops at one of them."""

    calls: list[str] = Field(default_factory=list)
    stop_at: str = ""
    stopped: asyncio.Event = Field(default_factory=asyncio.Event)

    async def _agenerate(
        self, messages: list[BaseMessage], *args: Any, **kwargs: Any
    ) -> ChatResult:
        [tool] = kwargs["tools"]
        week = json.loads(messages[-1].text.splitlines()[-1]).get("week", "")
        call = f"{tool['function']['name']} {week}".strip()
        self.calls.append(call)
        if call == self.stop_at:
            self.stopped.set()
            await asyncio.Event().wait()
        return self._generate(messages, **kwargs)


@pytest.fixture(scope="module")
def database_name(postgres: Postgres) -> Iterator[str]:
    """Return a database that the module's tests share: the demo creator is in it."""
    with postgres.temporary_database() as name:
        yield name


@pytest.fixture
async def suite(settings: Settings, database_url: str) -> AsyncIterator[Suite]:
    async with open_suite(settings, database_url, clock=lambda: NOW) as suite:
        await seed_demo(suite.database, lambda: NOW)
        yield suite


@pytest.fixture
async def demo(suite: Suite) -> User:
    async with suite.database.service_session() as session:
        user = await find_user(session, DEMO_EMAIL)
    assert user
    return user


@pytest.fixture
async def nobody(suite: Suite) -> User:
    """Return a user without accounts, posts or numbers."""
    return await create_user(suite.database, timezone="Asia/Kolkata")


async def submit(
    suite: Suite,
    user: User,
    asked: ContentCalendarInput | OnboardingInput = ASKED,
    handler: Handler = CALENDAR,
    now: dt.datetime = NOW,
) -> UUID:
    async with suite.database.user_session(user.id) as session:
        job = await create_job(
            session,
            user.id,
            handler.kind,
            asked,
            job_id=new_id(),
            timezone="UTC",
            now=now,
        )
    return job.id


async def load(suite: Suite, job_id: UUID) -> Job:
    async with suite.database.service_session() as session:
        return await get_job(session, job_id)


async def made(suite: Suite, user: User, job_id: UUID) -> tuple[UUID, Plan]:
    job = await load(suite, job_id)
    assert job.status == JobStatus.COMPLETED, job.error
    assert job.result
    plan_id = UUID(job.result["plan_id"])
    async with suite.database.user_session(user.id) as session:
        return plan_id, (await get_plan(session, plan_id)).plan


async def count_checkpoints(suite: Suite, job_id: UUID) -> int:
    async with suite.database.service_session() as session:
        counts = [
            await session.scalar(
                text(f"SELECT count(*) FROM {table} WHERE thread_id LIKE :thread"),  # noqa: S608
                {"thread": f"{job_id}%"},
            )
            for table in TABLES
        ]
    return sum(counts)


def with_model(suite: Suite, chat: CountingModel) -> Suite:
    async def close() -> None:
        pass

    model = Model(name="offline", chat=chat, close=close, is_metered=False)
    return Suite(**{**vars(suite), "plan_model": model})


# --- made ---


def test_each_template_is_a_kind_of_job_in_a_queue_that_workers_know() -> None:
    assert set(PLAN_TEMPLATES) <= set(HANDLERS)
    for name in PLAN_TEMPLATES:
        assert HANDLERS[name].kind.name == name
        assert HANDLERS[name].kind.queue in QUEUES


async def test_a_calendar_is_made_from_the_creators_own_figures(suite: Suite, demo: User) -> None:
    job_id = await submit(suite, demo)
    await execute(suite, HANDLERS, job_id, "w")
    _, plan = await made(suite, demo, job_id)
    assert len(plan.items) == 16
    assert plan.model == "offline"
    assert (plan.timezone, plan.template) == ("Europe/Berlin", "content_calendar")
    assert all(item.figure for item in plan.items)
    assert {figure.id for figure in plan.figures} >= {item.figure for item in plan.items}
    titles = [goal.title for goal in plan.goals]
    assert titles[0] == ASKED.goal
    assert "10,000 subscribers on YouTube" in titles
    assert any("left out" in note for note in plan.notes)  # trends
    job = await load(suite, job_id)
    assert (job.progress, job.model_tokens) == (100, 0)
    assert await count_checkpoints(suite, job_id) == 0


async def test_an_onboarding_plan_needs_no_connection(suite: Suite, nobody: User) -> None:
    asked = OnboardingInput(
        goal="Be found by people who cook for one",
        platforms=(Platform.INSTAGRAM,),
        posts_per_week=3,
        niche="cooking for one",
        hours_per_week=4,
        start=dt.date(2026, 11, 23),
        weeks=2,
    )
    job_id = await submit(suite, nobody, asked, HANDLERS["onboarding"])
    await execute(suite, HANDLERS, job_id, "w")
    _, plan = await made(suite, nobody, job_id)
    assert [item.figure for item in plan.items] == [None] * 6
    assert all(item.no_figure_reason for item in plan.items)
    assert plan.routine
    assert plan.metrics
    assert plan.timezone == "Asia/Kolkata"


async def test_a_platform_that_is_not_connected_is_refused_by_its_field(
    suite: Suite, nobody: User
) -> None:
    with pytest.raises(PlatformNotConnectedError, match="platforms: ") as error:
        await submit(suite, nobody)
    assert error.value.fields["field"] == "platforms"


async def test_a_period_that_is_over_when_its_turn_comes_fails_with_a_sentence(
    suite: Suite, demo: User
) -> None:
    past = ASKED.model_copy(update={"start": dt.date(2026, 1, 1), "end": dt.date(2026, 1, 31)})
    job_id = await submit(suite, demo, past, now=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    await execute(suite, HANDLERS, job_id, "w")
    job = await load(suite, job_id)
    assert (job.status, job.attempts) == (JobStatus.FAILED, 1)
    assert job.error == "end: the period is over; today is 2026-11-21."


# --- resumed ---


async def test_a_plan_goes_on_where_it_stopped(suite: Suite, demo: User) -> None:
    """Weeks 1, 2 and 4 were written when it stopped in week 3: only that one is written again."""
    job_id = await submit(suite, demo)
    first = CountingModel(stop_at="plan_calendar 3")
    attempt = asyncio.create_task(execute(with_model(suite, first), HANDLERS, job_id, "one"))
    async with asyncio.timeout(30):
        await first.stopped.wait()

    async def are_the_others_kept() -> bool:
        async with suite.database.service_session() as session:
            statement = text(
                "SELECT count(*) FROM checkpoint_writes"
                " WHERE thread_id LIKE :thread AND channel = 'parts'"
                " AND task_path LIKE '%push%'"
            )
            kept = await session.scalar(statement, {"thread": f"{job_id}%"})
        return bool(kept == 3)

    await eventually(are_the_others_kept)
    attempt.cancel()
    await asyncio.wait([attempt])
    second = CountingModel()
    await execute(with_model(suite, second), HANDLERS, job_id, "two")
    _, plan = await made(suite, demo, job_id)
    weeks = [f"plan_calendar {number}" for number in (1, 2, 3, 4)]
    assert sorted(first.calls) == sorted(["plan_strategy", *weeks])
    assert second.calls == ["plan_calendar 3"]
    other = await submit(suite, demo)
    await execute(suite, HANDLERS, other, "w")
    assert (await made(suite, demo, other))[1] == plan


async def test_a_finished_plan_is_not_made_again(suite: Suite, demo: User) -> None:
    """The worker was lost between the last node and the end of the job."""
    job_id = await submit(suite, demo)
    model = CountingModel()
    used = with_model(suite, model)
    async with suite.database.service_session() as session:
        await session.execute(text("LOCK TABLE plans IN SHARE MODE"))
        attempt = asyncio.create_task(execute(used, HANDLERS, job_id, "one"))

        async def is_checked() -> bool:
            return (await load(suite, job_id)).stage == "check"

        await eventually(is_checked)
        await asyncio.sleep(0.5)  # now it waits for the table
        attempt.cancel()
        await asyncio.wait([attempt])
    calls = list(model.calls)
    await execute(used, HANDLERS, job_id, "two")
    _, plan = await made(suite, demo, job_id)
    assert len(plan.items) == 16
    assert model.calls == calls


async def test_a_cancelled_plan_is_stored_by_nobody(suite: Suite, demo: User) -> None:
    job_id = await submit(suite, demo)
    model = CountingModel(stop_at="plan_strategy")
    attempt = asyncio.create_task(execute(with_model(suite, model), HANDLERS, job_id, "one"))
    async with asyncio.timeout(30):
        await model.stopped.wait()
    async with suite.database.user_session(demo.id) as session:
        await cancel_job(session, job_id, NOW)
    attempt.cancel()
    await asyncio.wait([attempt])
    async with suite.database.user_session(demo.id) as session:
        assert not [row for row in await list_plans(session, limit=100) if row.job_id == job_id]
        kinds = {name: handler.kind for name, handler in HANDLERS.items()}
        await retry_job(session, job_id, kinds)
    await execute(suite, HANDLERS, job_id, "two")
    await made(suite, demo, job_id)
    async with suite.database.service_session() as session:
        assert len(await list_attempts(session, job_id)) == 2


# --- kept ---


async def store(suite: Suite, user: User, **fields: object) -> UUID:
    plan_id = new_id()
    async with suite.database.user_session(user.id) as session:
        job = Job(id=new_id(), user_id=user.id, kind="content_calendar", input={}, attempt_limit=1)
        session.add(job)
        await session.flush()
        plan = sample().model_copy(update=fields)
        await create_plan(session, user.id, job.id, plan, plan_id=plan_id)
    return plan_id


async def test_an_edit_makes_a_version_and_keeps_the_old_one(suite: Suite, nobody: User) -> None:
    plan_id = await store(suite, nobody)
    async with suite.database.user_session(nobody.id) as session:
        old = await get_plan(session, plan_id)
        items = [item.model_dump(mode="json") for item in old.plan.items]
        items[0] |= {"time": "19:30", "hook": "99 tips"}  # the creator may write what they like
        new = await edit_plan(session, plan_id, {"title": "Mine", "items": items})
    async with suite.database.user_session(nobody.id) as session:
        read = await get_plan(session, new.row.id)
        assert (read.row.version, read.row.parent_id, read.row.title) == (2, plan_id, "Mine")
        assert read.plan.items[0].hook == "99 tips"
        assert (await get_plan(session, plan_id)).plan == old.plan
        assert [row.id for row in await list_plans(session, limit=10)] == [new.row.id]
        versions = await list_versions(session, plan_id)
        assert [row.version for row in versions] == [2, 1]
        with pytest.raises(PlanChangedError):
            await edit_plan(session, plan_id, {"title": "Late"})
        await edit_plan(session, new.row.id, {"title": "Third"})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"items": [{"date": "never"}]}, "items"),
        ({"title": ""}, "title"),
        ({"figures": []}, "figures"),
        ({"goal": "Another"}, "goal"),
        ({"user_id": "me"}, "user_id"),
    ],
)
async def test_what_a_plan_cannot_be_is_named_by_its_field(
    suite: Suite, nobody: User, changes: dict[str, object], field: str
) -> None:
    plan_id = await store(suite, nobody)
    async with suite.database.user_session(nobody.id) as session:
        with pytest.raises(InvalidPlanError) as error:
            await edit_plan(session, plan_id, changes)
    assert error.value.fields["field"] == field


async def test_plans_are_listed_page_by_page_the_last_changed_first(
    suite: Suite, nobody: User
) -> None:
    ids = [await store(suite, nobody, title=f"Plan {number}") for number in range(5)]
    async with suite.database.user_session(nobody.id) as session:
        newest = (await edit_plan(session, ids[1], {"title": "Changed"})).row.id
        expected = [newest, ids[4], ids[3], ids[2], ids[0]]
        found: list[UUID] = []
        before: tuple[dt.datetime, UUID] | None = None
        while page := await list_plans(session, limit=2, before=before):
            found += [row.id for row in page]
            before = (page[-1].created_at, page[-1].id)
    assert found == expected


async def test_a_deleted_plan_is_gone_with_all_its_versions(suite: Suite, nobody: User) -> None:
    plan_id = await store(suite, nobody)
    async with suite.database.user_session(nobody.id) as session:
        newer = (await edit_plan(session, plan_id, {"title": "Second"})).row.id
        await delete_plan(session, plan_id)
    async with suite.database.user_session(nobody.id) as session:
        for each in (plan_id, newer):
            with pytest.raises(PlanNotFoundError):
                await get_plan(session, each)


async def test_another_users_plan_does_not_exist(suite: Suite, nobody: User, demo: User) -> None:
    plan_id = await store(suite, nobody)
    async with suite.database.user_session(demo.id) as session:
        for act in (get_plan, delete_plan, list_versions):
            with pytest.raises(PlanNotFoundError):
                await act(session, plan_id)
        with pytest.raises(PlanNotFoundError):
            await edit_plan(session, plan_id, {"title": "Yours"})
        assert plan_id not in [row.id for row in await list_plans(session, limit=100)]


async def test_a_made_plan_can_be_exported(suite: Suite, demo: User) -> None:
    job_id = await submit(suite, demo)
    await execute(suite, HANDLERS, job_id, "w")
    _, plan = await made(suite, demo, job_id)
    assert export_csv(plan).count("Europe/Berlin") == 16
    assert export_ics(plan, job_id, version=1, now=NOW).count(b"BEGIN:VEVENT") == 16


async def test_a_deleted_account_leaves_no_plan_behind(suite: Suite, nobody: User) -> None:
    await store(suite, nobody)
    async with suite.database.service_session() as session:
        await session.execute(text("DELETE FROM users WHERE id = :user"), {"user": nobody.id})
        left = await session.scalar(
            text("SELECT count(*) FROM plans WHERE user_id = :user"), {"user": nobody.id}
        )
    assert left == 0
