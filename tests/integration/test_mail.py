"""Mail: once per cause, to those who want it, through a real mail server or into files."""

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select, text

from api.app import create_app
from core.clock import utc_now
from core.settings import Settings
from domain.mail import queue_mail
from domain.mail_letters import Occasion, write_letter
from domain.notifications import notify_job_end, tell_insights
from graph.suite import Suite, open_suite
from jobs.mail import OVERDUE, deliver, send_overdue
from jobs.tasks import WorkContext
from jobs.worker import working
from platforms.mail import Letter, SmtpServer, build_message
from storage.models import Insight, Job, Mail, MailKind, MailStatus, User, new_id
from storage.queue import defer_job
from tests.conftest import PASSWORD, Creator, Postgres, new_client, serving
from tests.e2e.waiting import eventually
from tests.integration.test_accounts import code, log_in
from tests.integration.test_notifications import listed
from tests.mail_server import MailServer, html_of, receiving, text_of

NEW_PASSWORD = "another good password"
DAY = dt.date(2026, 3, 2)


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with receiving() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, server: MailServer) -> Settings:
    return settings.model_copy(
        update={
            "mail_url": SecretStr(server.url),
            "mail_from": "Dream Suite <suite@example.com>",
            "public_url": "https://suite.example.com",
        }
    )


@pytest.fixture
async def creator(sign_up: Any, suite: Suite) -> Creator:
    """Return somebody whose address is verified."""
    creator: Creator = await sign_up()
    async with suite.database.service_session() as session:
        user = await session.get_one(User, creator.user_id)
        user.email_verified_at = utc_now()
    return creator


async def mails_of(suite: Suite, creator: Creator, kind: str | None = None) -> list[Mail]:
    async with suite.database.service_session() as session:
        statement = select(Mail).where(Mail.user_id == creator.user_id).order_by(Mail.id)
        found = (await session.scalars(statement)).all()
    return [mail for mail in found if kind in (None, mail.kind)]


async def send_all(suite: Suite, creator: Creator) -> list[Mail]:
    """Try every queued mail of somebody once, whether it is due or not."""
    async with suite.database.service_session() as session:
        for mail in (await session.scalars(select(Mail))).all():
            mail.due_at = utc_now() - dt.timedelta(seconds=1)
    for mail in await mails_of(suite, creator):
        await deliver(suite, mail.id)
    return await mails_of(suite, creator)


async def add_insights(suite: Suite, creator: Creator, *titles: str, **fields: Any) -> None:
    usual = {"type": "growth", "priority": "low", "message": "412 more than in the week before."}
    async with suite.database.service_session() as session:
        for title in titles:
            row = usual | {"title": title, "finding": title, "local_date": DAY} | fields
            session.add(Insight(id=new_id(), user_id=creator.user_id, **row))
        await tell_insights(session, creator.user_id, DAY, titles)


def link_in(text: str, path: str) -> str:
    """Return the token of a link in a mail."""
    [url] = set(re.findall(rf"https://suite\.example\.com{path}\?\S+", text))
    token: str = parse_qs(urlsplit(url).query)["token"][0]
    return token


# --- once per cause ---


async def test_the_digest_of_a_day_is_one_mail_however_often_its_job_runs(
    suite: Suite, creator: Creator, server: MailServer
) -> None:
    await add_insights(suite, creator, "Your best week", action_items=[{"text": "Post a reel."}])
    await add_insights(suite, creator, "A drop in reach", priority="urgent")
    async with working(suite, {}):

        async def is_sent() -> bool:
            return bool(server.sent_to(creator.email))

        await eventually(is_sent)
    for _ in range(2):
        await send_all(suite, creator)
    [message] = server.sent_to(creator.email)
    assert message["Subject"] == "A drop in reach – and 1 more"
    told = text_of(message)
    assert "Monday, 2 March 2026" in told
    assert told.index("A drop in reach") < told.index("Your best week") < told.index("Post a reel.")
    [digest] = await mails_of(suite, creator, "digest")
    assert (digest.status, digest.attempts) == ("sent", 1)
    assert digest.sent_at is not None
    assert message["Message-ID"] == f"<{digest.id}@example.com>"


@pytest.mark.parametrize(
    ("timezone", "greeting"),
    [("Europe/Lisbon", "Good morning"), ("Asia/Tokyo", "Worth knowing today")],
)
async def test_a_digest_says_good_morning_where_it_is_morning(
    suite: Suite, creator: Creator, timezone: str, greeting: str
) -> None:
    """It may be asked for at any hour, and an outside scheduler asks for all at the same moment."""
    await creator.patch("/api/me", json={"timezone": timezone})
    await add_insights(suite, creator, "Up")
    [digest] = await mails_of(suite, creator, "digest")
    async with suite.database.service_session() as session:
        user = await session.get_one(User, creator.user_id)
        now = dt.datetime(2026, 3, 2, 7, tzinfo=dt.UTC)
        occasion = Occasion(session=session, mail=digest, user=user, base_url="x:", now=now)
        letter = await write_letter(occasion)
    assert letter
    assert letter.text.startswith(greeting)
    assert greeting in letter.html


async def test_many_workers_at_once_send_a_mail_once(
    suite: Suite, creator: Creator, server: MailServer
) -> None:
    await add_insights(suite, creator, "Up")
    [digest] = await mails_of(suite, creator, "digest")
    await asyncio.gather(*(deliver(suite, digest.id) for _ in range(5)))
    assert len(server.sent_to(creator.email)) == 1


async def test_what_is_undone_is_not_mailed(suite: Suite, creator: Creator) -> None:
    class UndoneError(Exception):
        pass

    async def queue_and_undo() -> None:
        async with suite.database.service_session() as session:
            await queue_mail(session, creator.user_id, MailKind.PASSWORD_CHANGED, cause="x")
            raise UndoneError

    with pytest.raises(UndoneError):
        await queue_and_undo()
    assert await mails_of(suite, creator, "password_changed") == []


# --- trouble ---


async def test_a_mail_that_could_not_be_sent_is_tried_again(
    suite: Suite, creator: Creator, server: MailServer
) -> None:
    await add_insights(suite, creator, "Up")
    server.answers = ["451 Try again later"]
    [failed] = [mail for mail in await send_all(suite, creator) if mail.kind == "digest"]
    assert (failed.status, failed.attempts) == ("queued", 1)
    assert failed.due_at > utc_now()
    assert "Try again later" in str(failed.error)
    [sent] = [mail for mail in await send_all(suite, creator) if mail.kind == "digest"]
    assert (sent.status, sent.attempts, sent.error) == ("sent", 2, None)
    assert len(server.sent_to(creator.email)) == 1


async def test_a_mail_server_that_is_away_or_silent_costs_an_attempt_only(
    settings: Settings, database_url: str, creator: Creator, server: MailServer, suite: Suite
) -> None:
    await add_insights(suite, creator, "Up")
    server.gate.clear()
    short = settings.model_copy(update={"mail_timeout_seconds": 0.3})
    away = settings.model_copy(update={"mail_url": SecretStr("smtp://127.0.0.1:1")})
    for trouble in (short, away):
        async with open_suite(trouble, database_url) as troubled:
            [mail] = [mail for mail in await send_all(troubled, creator) if mail.kind == "digest"]
            assert (mail.status, bool(mail.error)) == ("queued", True)
    server.gate.set()
    server.received.clear()
    await send_all(suite, creator)
    assert len(server.sent_to(creator.email)) == 1


async def test_a_server_that_takes_a_mail_and_hangs_up_gets_the_same_one_again(
    suite: Suite, creator: Creator, server: MailServer
) -> None:
    await add_insights(suite, creator, "Up")
    server.drops = True
    [mail] = [mail for mail in await send_all(suite, creator) if mail.kind == "digest"]
    assert (mail.status, mail.attempts) == ("queued", 1)
    server.drops = False
    [mail] = [mail for mail in await send_all(suite, creator) if mail.kind == "digest"]
    assert (mail.status, mail.attempts) == ("sent", 2)
    first, second = server.sent_to(creator.email)
    assert first["Message-ID"] == second["Message-ID"]


async def test_a_mail_server_may_be_away_for_days(
    suite: Suite, creator: Creator, server: MailServer
) -> None:
    await add_insights(suite, creator, "Up")
    async with suite.database.service_session() as session:
        for mail in (await session.scalars(select(Mail))).all():
            mail.attempts = 100
    server.answers = ["451 Try again later", "451 Try again later"]
    [mail] = [mail for mail in await send_all(suite, creator) if mail.kind == "digest"]
    assert (mail.status, mail.attempts) == ("queued", 101)
    wait = mail.due_at - utc_now()
    assert dt.timedelta(minutes=50) < wait <= dt.timedelta(hours=1)


async def test_what_the_server_will_never_take_is_given_up(
    suite: Suite, creator: Creator, server: MailServer
) -> None:
    await add_insights(suite, creator, "Up")
    server.answers = ["550 No such mailbox"]
    for _ in range(2):
        [mail] = [mail for mail in await send_all(suite, creator) if mail.kind == "digest"]
    assert (mail.status, mail.attempts) == (MailStatus.REFUSED, 1)
    assert server.sent_to(creator.email) == []


async def test_a_mail_whose_task_is_lost_is_found(
    suite: Suite, creator: Creator, server: MailServer
) -> None:
    async with suite.database.service_session() as session:
        session.add(
            Mail(
                user_id=creator.user_id, kind="password_changed", cause="x", about={},
                due_at=utc_now() - 2 * OVERDUE, expires_at=utc_now() + OVERDUE,
            )
        )  # fmt: skip
    work = WorkContext(resources=suite, handlers={}, worker="test")
    context: Any = type("Context", (), {"additional_context": {"work": work}})
    await send_overdue(context, 0)
    async with working(suite, {}):

        async def is_sent() -> bool:
            return bool(server.sent_to(creator.email))

        await eventually(is_sent)


async def test_a_mail_that_waits_for_a_worker_is_not_lost(suite: Suite, creator: Creator) -> None:
    await add_insights(suite, creator, "Up")
    count = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'send_mail'")
    async with suite.database.service_session() as session:
        waiting = await session.scalar(count)
    work = WorkContext(
        resources=replace(suite, clock=lambda: utc_now() + 2 * OVERDUE), handlers={}, worker="test"
    )
    context: Any = type("Context", (), {"additional_context": {"work": work}})
    await send_overdue(context, 0)
    async with suite.database.service_session() as session:
        assert await session.scalar(count) == waiting


async def test_workers_do_jobs_before_mails_that_nobody_waits_for(
    suite: Suite, creator: Creator, api: httpx.AsyncClient, server: MailServer
) -> None:
    await send_all(suite, creator)  # the verification
    await add_insights(suite, creator, "Up")
    server.answers = ["451 Try again later"]
    await send_all(suite, creator)
    async with suite.database.service_session() as session:
        # All that was tried is due now.
        await session.execute(text("DELETE FROM procrastinate_jobs WHERE scheduled_at IS NULL"))
        await session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now()"))
        for mail in (await session.scalars(select(Mail))).all():
            mail.due_at = utc_now()
        await tell_insights(session, creator.user_id, DAY + dt.timedelta(days=1), ["Up"])
        await defer_job(session, new_id(), queue="insights")
        await defer_job(session, new_id(), queue="plans")
    await api.post("/api/auth/forgot-password", json={"email": creator.email})
    order = text(
        "SELECT coalesce(mails.kind || ' ' || mails.attempts, queue_name) FROM procrastinate_jobs"
        " LEFT JOIN mails ON mails.id::text = args->>'mail_id'"
        " WHERE procrastinate_jobs.status = 'todo' ORDER BY priority DESC, procrastinate_jobs.id"
    )
    async with suite.database.service_session() as session:
        found = (await session.scalars(order)).all()
    assert found == ["plans", "reset_password 0", "digest 0", "insights", "digest 1"]


async def test_what_comes_too_late_is_not_sent(
    suite: Suite, creator: Creator, server: MailServer
) -> None:
    await add_insights(suite, creator, "Up")
    async with suite.database.service_session() as session:
        for mail in (await session.scalars(select(Mail))).all():
            mail.expires_at = utc_now()
    assert {mail.status for mail in await send_all(suite, creator)} == {"dropped"}
    assert server.received == []


async def test_without_a_mail_server_nothing_is_sent_and_nothing_waits(
    settings: Settings, database_url: str, creator: Creator
) -> None:
    mute = settings.model_copy(update={"mail_url": None})
    async with open_suite(mute, database_url) as suite:
        await add_insights(suite, creator, "Up")
        assert {mail.status for mail in await send_all(suite, creator)} == {"dropped"}


# --- who wants what ---


async def test_an_address_that_is_not_verified_gets_nothing_but_the_question(
    api: httpx.AsyncClient, suite: Suite, sign_up: Any, server: MailServer
) -> None:
    creator: Creator = await sign_up()
    await add_insights(suite, creator, "Up")
    await send_all(suite, creator)
    [question] = server.sent_to(creator.email)
    assert question["Subject"] == "Confirm your address for Dream Suite"
    token = link_in(text_of(question), "/verify-email")
    assert (await creator.get("/api/me")).json()["is_email_verified"] is False
    for status in (204, 400):
        used = await api.post("/api/auth/verify-email", json={"token": token})
        assert used.status_code == status
    assert (await creator.get("/api/me")).json()["is_email_verified"] is True
    again = await creator.post("/api/me/verify-email")
    assert again.status_code == 202
    assert len(await mails_of(suite, creator, "verify_email")) == 1


async def test_who_wants_no_mail_of_a_type_gets_none(suite: Suite, creator: Creator) -> None:
    await creator.patch("/api/me", json={"notifications": {"insight": {"by_mail": False}}})
    await add_insights(suite, creator, "Up")
    assert await mails_of(suite, creator, "digest") == []
    listed = (await creator.get("/api/notifications")).json()["items"]
    assert [each["title"] for each in listed] == ["A new insight"]


async def test_unsubscribing_needs_no_sign_in_and_takes_one_press(
    api: httpx.AsyncClient, suite: Suite, creator: Creator, server: MailServer
) -> None:
    await add_insights(suite, creator, "Up")
    await send_all(suite, creator)
    [message] = [each for each in server.sent_to(creator.email) if each["Subject"] == "Up"]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = message["List-Unsubscribe"].strip("<>")
    assert url in text_of(message)
    path = url.removeprefix("https://suite.example.com")
    page = await api.get(path)
    assert page.status_code == 200
    assert f'<form method="post" action="{path}">' in page.text
    assert creator.email in page.text
    wants = (await creator.get("/api/me")).json()["notifications"]["insight"]
    assert wants == {"in_app": True, "by_mail": True}, "looking changes nothing"
    for _ in range(2):
        done = await api.post(path, data={"List-Unsubscribe": "One-Click"})
        assert (done.status_code, "no more mails" in done.text) == (200, True)
    wants = (await creator.get("/api/me")).json()["notifications"]
    assert wants["insight"] == {"in_app": True, "by_mail": False}
    assert wants["plan_ready"] == {"in_app": True, "by_mail": True}


async def test_who_unsubscribes_before_a_mail_is_sent_does_not_get_it(
    suite: Suite, creator: Creator, server: MailServer
) -> None:
    await add_insights(suite, creator, "Up")
    await creator.patch("/api/me", json={"notifications": {"insight": {"by_mail": False}}})
    [digest] = [mail for mail in await send_all(suite, creator) if mail.kind == "digest"]
    assert digest.status == "dropped"


@pytest.mark.parametrize(
    "change",
    [
        lambda token: "",
        lambda token: "x.y.z",
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token.replace(".insight.", ".plan_ready."),
        lambda token: f"{new_id().hex}{token[32:]}",
        lambda token: token[:-1] + "é",
    ],
)
async def test_a_forged_unsubscribe_link_does_nothing(
    api: httpx.AsyncClient, suite: Suite, creator: Creator, server: MailServer, change: Any
) -> None:
    await add_insights(suite, creator, "Up")
    await send_all(suite, creator)
    [message] = [each for each in server.sent_to(creator.email) if each["Subject"] == "Up"]
    token = change(link_in(text_of(message), "/api/unsubscribe"))
    for method in ("GET", "POST"):
        refused = await api.request(method, "/api/unsubscribe", params={"token": token})
        assert refused.status_code == 400
        assert creator.email not in refused.text
    wants = (await creator.get("/api/me")).json()["notifications"]
    assert all(each["by_mail"] is not False for each in wants.values())


# --- jobs ---


async def test_the_end_of_a_plan_is_mailed_with_a_link(
    suite: Suite, creator: Creator, server: MailServer
) -> None:
    plan_id = new_id()
    result = {"title": "A <month> of & reels", "posts": 24, "plan_id": str(plan_id)}
    await end_job(suite, creator, kind="onboarding", status="completed", result=result)
    [message] = server.sent_to(creator.email)[-1:]
    assert message["Subject"] == "Your plan is ready"
    assert "“A <month> of & reels” is ready. It has 24 posts." in text_of(message)
    assert "A &lt;month&gt; of &amp; reels" in html_of(message)
    assert f"https://suite.example.com/plans/{plan_id}" in text_of(message)


async def test_a_failed_job_is_mailed_with_what_went_wrong(
    suite: Suite, creator: Creator, server: MailServer
) -> None:
    job_id = await end_job(
        suite, creator, kind="onboarding", status="failed", error="No model answered."
    )
    [message] = server.sent_to(creator.email)[-1:]
    assert message["Subject"] == "Your plan could not be made"
    assert "No model answered." in text_of(message)
    assert f"https://suite.example.com/jobs/{job_id}" in text_of(message)


async def test_the_job_of_a_morning_tells_what_it_found_and_nothing_else(
    suite: Suite, creator: Creator, server: MailServer
) -> None:
    day: dict[str, Any] = {"kind": "insights", "input": {"date": str(DAY)}}
    await end_job(suite, creator, status="failed", error="No model answered.", **day)
    await end_job(suite, creator, status="completed", **day)
    assert (server.sent_to(creator.email), await listed(creator)) == ([], [])
    async with suite.database.service_session() as session:
        for title, priority in (("A small rise", "low"), ("A drop", "urgent")):
            session.add(
                Insight(
                    user_id=creator.user_id, type="growth", priority=priority, title=title,
                    message="x", finding=title, local_date=DAY,
                )
            )  # fmt: skip
    for _ in range(2):
        await end_job(suite, creator, status="completed", **day)
    [message] = server.sent_to(creator.email)
    assert message["Subject"] == "A drop – and 1 more"
    [told] = await listed(creator)
    assert (told["type"], told["title"], told["message"]) == ("insight", "2 new insights", "A drop")


async def end_job(suite: Suite, creator: Creator, **fields: Any) -> UUID:
    job = Job(id=new_id(), user_id=creator.user_id, attempt_limit=1, **({"input": {}} | fields))
    async with suite.database.service_session() as session:
        session.add(job)
        await session.flush()
        await notify_job_end(session, job.id)
    await send_all(suite, creator)
    return job.id


# --- passwords ---


async def forgotten_token(
    api: httpx.AsyncClient, suite: Suite, creator: Creator, server: MailServer
) -> str:
    asked = await api.post("/api/auth/forgot-password", json={"email": creator.email.upper()})
    assert (asked.status_code, asked.content) == (202, b"")
    await send_all(suite, creator)
    [message] = [
        each for each in server.sent_to(creator.email) if "new password" in each["Subject"]
    ]
    return link_in(text_of(message), "/reset-password")


async def test_a_forgotten_password_is_set_anew_by_mail(
    api: httpx.AsyncClient, suite: Suite, creator: Creator, server: MailServer
) -> None:
    phone = (await log_in(api, creator.email)).json()["token"]
    api.cookies.clear()
    token = await forgotten_token(api, suite, creator, server)
    body = {"token": token, "password": NEW_PASSWORD}
    assert (await api.post("/api/auth/reset-password", json=body)).status_code == 204
    again = await api.post("/api/auth/reset-password", json=body)
    assert code(again) == (400, "invalid_token")
    for ended in (creator.token, phone):
        bearer = {"Authorization": f"Bearer {ended}"}
        assert (await api.get("/api/me", headers=bearer)).status_code == 401
    assert code(await log_in(api, creator.email)) == (401, "wrong_credentials")
    assert (await log_in(api, creator.email, NEW_PASSWORD)).status_code == 200
    await send_all(suite, creator)
    assert server.sent_to(creator.email)[-1]["Subject"] == "Your password was changed"


async def test_the_pages_of_the_mail_set_a_password_without_a_script(
    api: httpx.AsyncClient, suite: Suite, creator: Creator, server: MailServer
) -> None:
    page = await api.get("/reset-password")
    assert FormOf(page.text).action == "/forgot-password"
    asked = await api.post("/forgot-password", data={"email": creator.email})
    nobody = await api.post("/forgot-password", data={"email": "nobody@example.com\0"})
    assert (asked.status_code, asked.text) == (nobody.status_code, nobody.text)
    await send_all(suite, creator)
    token = link_in(text_of(server.sent_to(creator.email)[-1]), "/reset-password")
    page = await api.get("/reset-password", params={"token": token})
    form = FormOf(page.text)
    assert (form.action, form.fields["token"]) == ("/reset-password", token)
    short = await api.post(form.action, data=form.fields | {"password": "short"})
    assert (short.status_code, "8 to 128" in short.text) == (400, True)
    done = await api.post(form.action, data=form.fields | {"password": NEW_PASSWORD})
    assert (done.status_code, "Done" in done.text) == (200, True)
    late = await api.post(form.action, data=form.fields | {"password": NEW_PASSWORD})
    assert (late.status_code, "used already" in late.text) == (400, True)
    page = await api.get("/reset-password", params={"token": token})
    assert (page.status_code, page.text) == (400, late.text)
    assert (await log_in(api, creator.email, NEW_PASSWORD)).status_code == 200


class FormOf(HTMLParser):
    """The form of a page: where it goes, and what its fields hold."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.action = given["action"] or ""
        if tag == "input":
            self.fields[given["name"] or ""] = given.get("value") or ""


async def test_of_two_resets_at_once_one_wins(
    api: httpx.AsyncClient, suite: Suite, creator: Creator, server: MailServer
) -> None:
    token = await forgotten_token(api, suite, creator, server)
    answers = await asyncio.gather(
        *(
            api.post("/api/auth/reset-password", json={"token": token, "password": f"password {n}"})
            for n in range(4)
        )
    )
    assert sorted(each.status_code for each in answers) == [204, 400, 400, 400]


async def test_a_token_is_for_what_its_mail_says(
    api: httpx.AsyncClient, suite: Suite, creator: Creator, server: MailServer
) -> None:
    token = await forgotten_token(api, suite, creator, server)
    verified = await api.post("/api/auth/verify-email", json={"token": token})
    assert code(verified) == (400, "invalid_token")


async def test_a_reset_link_is_good_for_an_hour(
    settings: Settings, database_url: str, api: httpx.AsyncClient, suite: Suite,
    creator: Creator, server: MailServer,
) -> None:  # fmt: skip
    token = await forgotten_token(api, suite, creator, server)

    def later() -> dt.datetime:
        return utc_now() + dt.timedelta(hours=1, seconds=1)

    app = create_app(settings, database_url, clock=later)
    async with serving(app) as url, new_client(url) as client:
        body = {"token": token, "password": NEW_PASSWORD}
        late = await client.post("/api/auth/reset-password", json=body)
    assert code(late) == (400, "invalid_token")


async def test_nobody_learns_who_has_an_account(
    api: httpx.AsyncClient, suite: Suite, creator: Creator
) -> None:
    answers = []
    for email in (creator.email, "nobody@example.com", "no address"):
        answer = await api.post("/api/auth/forgot-password", json={"email": email})
        headers = {
            name: value
            for name, value in answer.headers.items()
            if name not in {"date", "x-request-id"}
        }
        answers.append((answer.status_code, answer.content, headers))
    assert answers == [answers[0]] * 3


async def test_asking_again_and_again_fills_no_inbox_and_is_stopped(
    api: httpx.AsyncClient, suite: Suite, creator: Creator, settings: Settings
) -> None:
    body = {"email": creator.email}
    answers = await asyncio.gather(
        *(api.post("/api/auth/forgot-password", json=body) for _ in range(101))
    )
    statuses = [each.status_code for each in answers]
    assert (statuses.count(202), statuses.count(429)) == (10 * settings.login_attempts, 1)
    assert len(await mails_of(suite, creator, "reset_password")) <= 2  # the bucket may turn over


async def test_changing_the_password_ends_other_sign_ins(
    api: httpx.AsyncClient, suite: Suite, creator: Creator
) -> None:
    phone = (await log_in(api, creator.email)).json()["token"]
    api.cookies.clear()
    key = (await creator.post("/api/api-keys", json={"name": "x"})).json()["key"]
    wrong = {"password": "not the password", "new_password": NEW_PASSWORD}
    assert code(await creator.post("/api/me/password", json=wrong)) == (403, "wrong_password")
    short = {"password": PASSWORD, "new_password": "short"}
    assert code(await creator.post("/api/me/password", json=short)) == (422, "validation_failed")
    body = {"password": PASSWORD, "new_password": NEW_PASSWORD}
    bearer = {"Authorization": f"Bearer {key}"}
    by_key = await api.post("/api/me/password", json=body, headers=bearer)
    assert code(by_key) == (403, "sign_in_required")
    assert (await creator.post("/api/me/password", json=body)).status_code == 204
    for token, status in ((creator.token, 200), (phone, 401), (key, 200)):
        bearer = {"Authorization": f"Bearer {token}"}
        assert (await api.get("/api/me", headers=bearer)).status_code == status
    assert (await log_in(api, creator.email, NEW_PASSWORD)).status_code == 200
    assert len(await mails_of(suite, creator, "password_changed")) == 1


async def test_no_secret_waits_in_the_database(
    api: httpx.AsyncClient, suite: Suite, creator: Creator, server: MailServer, postgres: Postgres,
    database_url: str,
) -> None:  # fmt: skip
    token = await forgotten_token(api, suite, creator, server)
    async with suite.database.service_session() as session:
        for table in ("mails", "mail_tokens", "procrastinate_jobs"):
            rows = await session.execute(text(f"SELECT whole::text FROM {table} whole"))  # noqa: S608  # three names
            assert token not in "".join(rows.scalars())


# --- files ---


async def test_without_a_mail_server_the_embedded_suite_writes_files(
    settings: Settings, database_url: str, creator: Creator, tmp_path: Path
) -> None:
    files = settings.model_copy(update={"mail_url": SecretStr("files"), "data_dir": tmp_path})
    async with open_suite(files, database_url) as suite:
        await add_insights(
            suite, creator, "Ünïcode ☃ in a subject that is long enough to be folded"
        )
        for _ in range(2):
            await send_all(suite, creator)
    paths = sorted((tmp_path / "mail").glob("*.eml"))
    messages = [message_from_bytes(path.read_bytes(), policy=default) for path in paths]
    assert len(messages) == 1  # however often it was sent
    [digest] = [each for each in messages if each["Subject"].startswith("Ünïcode ☃")]
    assert digest["Subject"].endswith("to be folded")
    assert digest["From"] == "Dream Suite <suite@example.com>"
    assert digest["To"] == creator.email
    assert digest.defects == []
    assert "412 more" in text_of(digest)
    html = html_of(digest)
    assert "<img" not in html
    assert re.findall(r'(?:src|href)="(https?://[^"/]+)', html) == ["https://suite.example.com"] * 3


# --- what a mail is made of ---


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("mira@exämple.com", "mira@xn--exmple-cua.com"),
        ("ünï@exämple.com", "ünï@xn--exmple-cua.com"),
        ("mira@straße.de", "mira@xn--strae-oqa.de"),  # strasse.de may be somebody else's
        ('"a, b"@example.com', '"a, b"@example.com'),
    ],
)
async def test_addresses_of_all_the_world_get_their_mail(
    server: MailServer, address: str, told: str
) -> None:
    letter = Letter(name="1", to=address, subject="x", text="x", html="x", created_at=utc_now())
    route = SmtpServer.from_url(server.url, timeout_seconds=10)
    await route.send(letter, "Süite <suite@example.com>")
    [message] = server.received
    assert message["To"] == told
    assert message["From"] == "Süite <suite@example.com>"


@pytest.mark.parametrize("nasty", ["A\r\nBcc: x@example.com", "A\nB", "A\u2028B", "A\0B", "A\x85B"])
def test_no_text_becomes_a_header_of_its_own(nasty: str) -> None:
    letter = Letter(
        name="1", to="mira@example.com", subject=nasty, text="x", html="x", created_at=utc_now()
    )
    raw = build_message(letter, "Suite <suite@example.com>").as_bytes()
    message = message_from_bytes(raw, policy=default)
    assert message["Bcc"] is None
    assert message["Subject"].startswith("A B")
    assert raw.count(b"Subject:") == 1
