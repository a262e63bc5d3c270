"""What a model hands in instead of good insights: none of it is told, and none costs the others."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from core.metrics import REGISTRY
from domain.insights.candidates import Detector
from domain.jobs import create_job
from graph.insights import UnusableInsightsError, generate_insights
from graph.suite import Suite
from jobs.execution import execute
from jobs.insights import HANDLER, INSIGHTS, InsightsInput
from storage.jobs import get_job
from storage.metrics import DayValues, write_days
from storage.models import (
    DayStatus,
    Insight,
    Job,
    JobStatus,
    Metric,
    PlatformConnection,
    User,
    new_id,
)
from storage.users import delete_user, get_user
from tests.conftest import SignUp
from tests.insight_model import with_model

NOW = dt.datetime(2026, 11, 21, 5, 10, tzinfo=dt.UTC)
TODAY = NOW.date()


@pytest.fixture
async def silent(suite: Suite, sign_up: SignUp) -> User:
    """Return a creator with two accounts that have been silent for a while: two findings."""
    creator = await sign_up()
    async with suite.database.service_session() as session:
        for platform, days in (("youtube", 6), ("facebook", 9)):
            account = PlatformConnection(
                id=new_id(), user_id=creator.user_id, platform=platform, platform_account="luna",
                username="luna", source="oauth",
            )  # fmt: skip
            session.add(account)
            await session.flush()
            day = DayValues(
                connection_id=account.id,
                date=TODAY - dt.timedelta(days=days),
                status=DayStatus.FINAL,
                values={Metric.FOLLOWERS: 900},
            )
            await write_days(session, [day])
        return await get_user(session, creator.user_id)


async def stored(suite: Suite, user: User) -> Sequence[Insight]:
    async with suite.database.user_session(user.id) as session:
        return (await session.scalars(select(Insight).order_by(Insight.id.desc()))).all()


def counted() -> Counter[str]:
    """Return what Prometheus is told of findings about connections."""
    found: Counter[str] = Counter()
    for outcome in ("kept", "rewritten", "dropped"):
        labels = {"detector": Detector.CONNECTION, "outcome": outcome}
        found[outcome] = int(REGISTRY.get_sample_value("dreamsuite_insights_total", labels) or 0)
    return found


async def ask_for_job(suite: Suite, user: User, day: dt.date = TODAY) -> Job:
    async with suite.database.user_session(user.id) as session:
        return await create_job(
            session, user.id, INSIGHTS, InsightsInput(date=day), job_id=new_id(),
            timezone="UTC", now=NOW,
        )  # fmt: skip


# --- grounding ---


async def test_a_number_without_a_source_is_written_again(suite: Suite, silent: User) -> None:
    def spoil(entry: dict[str, Any], turn: int) -> None:
        if turn == 1 and entry["finding"] == 1:
            entry["message"] = "You gained 987,654 followers."

    asking, chat = with_model(suite, spoil)
    morning = await generate_insights(asking, silent.id, TODAY)
    assert morning.rewritten == 1
    assert morning.dropped == []
    [first, second] = chat.asked
    assert [finding["number"] for finding in second["findings"]] == [1]
    assert "987,654" in second["faults"]["1"][0]
    assert second["written"][0]["message"] == "You gained 987,654 followers."
    assert len(morning.kept) == len(first["findings"])


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("title", "987,654 more"),
        ("message", "It is {{f99}}."),
        ("action_items", ["Post 987,654 reels."]),
    ],
)
async def test_what_stays_without_a_source_is_dropped_and_counted(
    suite: Suite, silent: User, field: str, text: str | list[str]
) -> None:
    def spoil(entry: dict[str, Any], turn: int) -> None:
        if entry["finding"] == 1:
            entry[field] = text

    asking, chat = with_model(suite, spoil)
    morning = await generate_insights(asking, silent.id, TODAY)
    assert (len(chat.asked), morning.rewritten, len(morning.dropped)) == (2, 1, 1)
    kept = {row.finding for row in await stored(suite, silent)}
    assert kept == set(morning.kept)
    assert kept.isdisjoint(morning.dropped)


async def test_a_priority_outside_of_the_rule_is_not_taken(suite: Suite, silent: User) -> None:
    def spoil(entry: dict[str, Any], turn: int) -> None:
        entry["priority"] = "low"

    asking, _ = with_model(suite, spoil)
    morning = await generate_insights(asking, silent.id, TODAY)
    assert morning.insights
    assert all(insight.priority != "low" for insight in morning.insights)


# --- what a model may hand in instead ---


async def test_a_text_under_another_findings_number_is_not_told(suite: Suite, silent: User) -> None:
    async def swap(form: dict[str, Any]) -> dict[str, Any]:
        numbers = [entry["finding"] for entry in form["insights"]]
        for entry, number in zip(form["insights"], numbers[1:] + numbers[:1], strict=True):
            entry["finding"] = number
        return form

    asking, chat = with_model(suite, spoil_form=swap)
    morning = await generate_insights(asking, silent.id, TODAY)
    assert len(chat.asked[0]["findings"]) > 1
    assert morning.kept == []
    assert len(morning.dropped) == len(chat.asked[0]["findings"])


@pytest.mark.parametrize(
    ("field", "text", "fault"),
    [
        ("title", "x" * 91, "the title has 91 characters; 90 are the most"),
        ("message", " ", "the message is empty"),
        ("action_items", ["Go."] * 4, "there are more than 3 action items"),
    ],
)
async def test_an_entry_of_the_wrong_length_costs_no_other(
    suite: Suite, silent: User, field: str, text: str | list[str], fault: str
) -> None:
    def spoil(entry: dict[str, Any], turn: int) -> None:
        if entry["finding"] == 1:
            entry[field] = text

    asking, chat = with_model(suite, spoil)
    before = counted()
    morning = await generate_insights(asking, silent.id, TODAY)
    assert chat.asked[1]["faults"] == {"1": [fault]}
    assert len(morning.dropped) == 1
    assert len(morning.kept) == len(chat.asked[0]["findings"]) - 1 > 0
    assert counted() - before == Counter(rewritten=1, dropped=1, kept=len(morning.kept))


async def test_entries_that_are_too_many_or_lack_a_priority_are_taken_once(
    suite: Suite, silent: User
) -> None:
    async def repeat(form: dict[str, Any]) -> dict[str, Any]:
        entries = [
            {name: value for name, value in entry.items() if name != "priority"}
            for entry in form["insights"]
        ]
        return {"insights": [*entries * 9, *({**entry, "finding": 77} for entry in entries)]}

    asking, chat = with_model(suite, spoil_form=repeat)
    morning = await generate_insights(asking, silent.id, TODAY)
    suggested = [finding["suggested"] for finding in chat.asked[0]["findings"]]
    assert sorted(row.priority for row in morning.insights) == sorted(suggested)
    assert len(chat.asked) == 1


async def test_text_that_postgresql_cannot_hold_is_stored_without_it(
    suite: Suite, silent: User
) -> None:
    def spoil(entry: dict[str, Any], turn: int) -> None:
        entry["title"] = f"Look\x00 at\ud800\nthis {entry['finding'] * 'x'}"

    asking, _ = with_model(suite, spoil)
    morning = await generate_insights(asking, silent.id, TODAY)
    assert morning.insights
    assert all(row.title.startswith("Look at this x") for row in morning.insights)


async def test_a_form_of_no_use_fails_the_job_and_leaves_nothing(
    suite: Suite, silent: User
) -> None:
    async def refuse(form: dict[str, Any]) -> dict[str, Any]:
        return {"insights": "none today"}

    asking, chat = with_model(suite, spoil_form=refuse)
    job = await ask_for_job(asking, silent)
    await execute(asking, {INSIGHTS.name: HANDLER}, job.id, "w1")
    async with suite.database.user_session(silent.id) as session:
        done: Job = await get_job(session, job.id)
    assert (done.status, done.error) == (JobStatus.FAILED, UnusableInsightsError().detail)
    assert len(chat.asked) == 2
    assert await stored(suite, silent) == []


async def test_a_user_who_is_deleted_meanwhile_is_told_nothing_and_it_is_no_error(
    suite: Suite, silent: User, caplog: pytest.LogCaptureFixture
) -> None:
    async def leave(form: dict[str, Any]) -> dict[str, Any]:
        async with suite.database.service_session() as session:
            await delete_user(session, silent.id)
        return form

    asking, chat = with_model(suite, spoil_form=leave)
    job = await ask_for_job(asking, silent)
    await execute(asking, {INSIGHTS.name: HANDLER}, job.id, "w1")
    assert len(chat.asked) == 1
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
    async with suite.database.service_session() as session:
        assert await session.get(Job, job.id) is None
