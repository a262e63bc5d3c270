"""Notifications: told once per cause, read, counted and dismissed, and only as their user wants."""

import asyncio
import datetime as dt
from typing import Any

import pytest

from core.clock import utc_now
from domain.jobs import JobLimitReachedError
from domain.notifications import Notice, notify, notify_job_end, tell_limit_reached
from storage.database import Database
from storage.models import Job, NotificationType, new_id
from storage.notifications import delete_expired
from tests.conftest import Creator, SignUp
from tests.e2e.test_events import following, wait_for
from tests.integration.test_accounts import code
from tests.integration.test_jobs_api import ONBOARDING

PATH = "/api/notifications"
HOUR = dt.timedelta(hours=1)


def notice(cause: str = "a", **fields: Any) -> Notice:
    usual = {"type": NotificationType.MILESTONE, "title": cause.title(), "message": "Well done."}
    return Notice(cause=cause, **(usual | fields))


async def tell(database: Database, creator: Creator, *notices: Notice) -> list[bool]:
    async with database.user_session(creator.user_id) as session:
        return [await notify(session, creator.user_id, each) for each in notices]


async def listed(creator: Creator, **params: Any) -> list[dict[str, Any]]:
    response = await creator.get(PATH, params=params)
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json()["items"]
    return items


async def titles(creator: Creator, **params: Any) -> list[str]:
    return sorted(item["title"] for item in await listed(creator, **params))


async def unread(creator: Creator) -> int:
    count: int = (await creator.get(f"{PATH}/unread")).json()["unread"]
    return count


async def test_a_cause_is_told_once_also_by_many_at_once(
    creator: Creator, database: Database
) -> None:
    told = await asyncio.gather(*(tell(database, creator, notice()) for _ in range(5)))
    assert sorted(told) == [[False]] * 4 + [[True]]
    assert await titles(creator) == ["A"]


async def test_notifications_are_found_by_type_and_whether_they_were_read(
    creator: Creator, database: Database
) -> None:
    await tell(database, creator, notice("a"), notice("b", type=NotificationType.PLAN_READY))
    first = (await listed(creator, type="milestone"))[0]
    marked = await creator.post(f"{PATH}/{first['id']}/read")
    assert marked.json() == first | {"is_read": True}
    assert await titles(creator) == ["A", "B"]
    assert await titles(creator, unread=True) == ["B"]
    assert await titles(creator, unread=False) == ["A"]
    assert await unread(creator) == 1
    assert (await creator.post(f"{PATH}/read")).json() == {"unread": 0}
    assert (await unread(creator), await titles(creator, unread=True)) == (0, [])


async def test_what_is_dismissed_leaves_the_list_and_is_not_told_again(
    creator: Creator, database: Database
) -> None:
    await tell(database, creator, notice())
    [found] = await listed(creator)
    for _ in range(2):
        answer = (await creator.post(f"{PATH}/{found['id']}/dismiss")).json()
        assert (answer["is_dismissed"], answer["is_read"]) == (True, True)
    assert await tell(database, creator, notice()) == [False]
    assert (await listed(creator), await unread(creator)) == ([], 0)


async def test_what_has_expired_is_not_listed_and_then_forgotten(
    creator: Creator, database: Database
) -> None:
    past = notice("old", expires_at=utc_now() - HOUR)
    await tell(database, creator, past, notice("new"))
    assert (await titles(creator), await unread(creator)) == (["New"], 1)
    async with database.service_session() as session:
        await delete_expired(session, utc_now())
    assert await tell(database, creator, past) == [True]


async def test_a_notification_is_pushed_as_it_comes_and_as_it_is_read(
    creator: Creator, database: Database
) -> None:
    async with following(creator) as events:
        await tell(database, creator, notice())
        told = await wait_for(events, "notification")
        await creator.post(f"{PATH}/{told}/read")
        assert await wait_for(events, "notification") == told


async def test_who_wants_no_notifications_of_a_type_gets_none(
    creator: Creator, database: Database
) -> None:
    changed = await creator.patch(
        "/api/me", json={"notifications": {"milestone": {"in_app": False}}}
    )
    assert changed.json()["notifications"]["milestone"] == {"in_app": False, "by_mail": None}
    plan = notice("b", type=NotificationType.PLAN_READY)
    assert await tell(database, creator, notice("a"), plan) == [False, True]


async def test_preferences_are_changed_one_by_one(creator: Creator) -> None:
    before = (await creator.get("/api/me")).json()["notifications"]
    assert set(before) == set(NotificationType)
    assert before["insight"] == {"in_app": True, "by_mail": True}
    await creator.patch("/api/me", json={"notifications": {"insight": {"by_mail": False}}})
    await creator.patch("/api/me", json={"notifications": {"insight": {"in_app": False}}})
    await creator.patch("/api/me", json={"locale": "pt"})
    after = (await creator.get("/api/me")).json()["notifications"]
    assert after == before | {"insight": {"in_app": False, "by_mail": False}}


async def test_what_is_never_mailed_cannot_be_ordered(creator: Creator) -> None:
    for notifications, told in (
        ({"milestone": {"by_mail": True}}, (400, "never_mailed")),
        ({"fame": {"in_app": True}}, (422, "validation_failed")),
        ({"insight": {"by_sms": True}}, (422, "validation_failed")),
    ):
        response = await creator.patch(
            "/api/me", json={"locale": "pt", "notifications": notifications}
        )
        assert code(response) == told
        if told[1] == "never_mailed":
            assert response.json()["field"] == "notifications.milestone.by_mail"
    assert (await creator.get("/api/me")).json()["locale"] == "en"


async def test_a_reached_milestone_is_told_once_and_only_the_farthest(creator: Creator) -> None:
    today = utc_now().date()

    async def import_followers(count: int, day: dt.date = today) -> None:
        rows = f"platform,account,date,metric,value\ninstagram,mira,{day},followers,{count}\n"
        await creator.post(
            "/api/metrics/import", content=rows, headers={"Content-Type": "text/csv"}
        )

    await import_followers(1000, today - dt.timedelta(days=1))
    goal = {"metric": "followers", "target_value": 1100, "title": "Fill a hall"}
    assert (await creator.post("/api/goals", json=goal)).status_code == 201
    assert await listed(creator) == []
    for _ in range(2):
        await import_followers(1060)
        await creator.get("/api/goals")
    [told] = await listed(creator)
    assert (told["type"], told["title"]) == ("milestone", "50% of the way")
    assert told["message"] == "You are 50% of the way to your goal “Fill a hall”."
    await import_followers(1100)
    assert await titles(creator) == ["50% of the way", "Goal reached"]


@pytest.mark.parametrize(
    ("fields", "kind", "message"),
    [
        (
            {"kind": "onboarding", "status": "completed", "result": {"title": "May", "posts": 1}},
            "plan_ready",
            "“May” has 1 post.",
        ),
        ({"kind": "quick", "status": "completed"}, "job_completed", "It is ready for you."),
        (
            {"kind": "quick", "status": "failed", "error": "Too long."},
            "job_failed",
            "Too long.",
        ),
    ],
)
async def test_the_end_of_a_job_is_told_once_and_again_after_another_try(
    creator: Creator, database: Database, fields: dict[str, Any], kind: str, message: str
) -> None:
    job = Job(id=new_id(), user_id=creator.user_id, input={}, attempts=1, attempt_limit=3, **fields)
    async with database.service_session() as session:
        session.add(job)
        await session.flush()
        for _ in range(2):
            await notify_job_end(session, job.id)
    [told] = await listed(creator)
    assert (told["type"], told["message"], told["job_id"]) == (kind, message, str(job.id))
    async with database.service_session() as session:
        session.add(job)
        job.attempts = 2
        await session.flush()
        await notify_job_end(session, job.id)
    assert len(await listed(creator)) == 2


@pytest.mark.parametrize("status", ["queued", "running", "cancelled"])
async def test_a_job_that_goes_on_or_was_cancelled_is_not_told(
    creator: Creator, database: Database, status: str
) -> None:
    job = Job(
        id=new_id(), user_id=creator.user_id, kind="x", status=status, input={}, attempt_limit=1
    )
    async with database.service_session() as session:
        session.add(job)
        await session.flush()
        await notify_job_end(session, job.id)
    assert await listed(creator) == []


async def test_a_limit_is_told_once_a_day(creator: Creator, database: Database) -> None:
    midnight = utc_now() + HOUR
    for limit, resets_at in ((2, midnight), (2, midnight), (10, midnight), (2, midnight + HOUR)):
        error = JobLimitReachedError(
            "Used up.", retry_after=1, limit=limit, used=limit, resets_at=resets_at
        )
        async with database.user_session(creator.user_id) as session:
            await tell_limit_reached(session, creator.user_id, error)
    assert [each["message"] for each in await listed(creator)] == ["Used up."] * 3


async def test_a_refused_job_is_told_beside_the_answer(creator: Creator) -> None:
    answers = [await creator.post("/api/jobs", json=ONBOARDING) for _ in range(4)]
    refused = [each for each in answers if each.status_code == 429]
    assert len(refused) == 2, [each.text for each in answers]
    [told] = await listed(creator)
    assert told["type"] == "tier_limit_reached"
    assert told["message"] == refused[0].json()["detail"]
    resets_at = dt.datetime.fromisoformat(refused[0].json()["resets_at"])
    assert dt.datetime.fromisoformat(told["expires_at"]) == resets_at


async def test_rows_of_others_are_never_marked(
    creator: Creator, sign_up: SignUp, database: Database
) -> None:
    other = await sign_up()
    await tell(database, other, notice())
    await creator.post(f"{PATH}/read")
    assert await unread(other) == 1
