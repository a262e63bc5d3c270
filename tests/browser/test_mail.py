"""Mails as their readers see them: each can be read, and its link opens what it is about."""

import time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from playwright.sync_api import Page, expect

from core.settings import Settings
from domain.notifications import notify_job_end
from storage.database import Database
from storage.jobs import get_job
from storage.models import JobStatus
from tests.browser.axe import violations
from tests.browser.conftest import Call, NewBrowser
from tests.engine_world import ASKED
from tests.mail_server import html_of

PATIENCE_SECONDS = 30


def wait_for_mail(folder: Path, subject: str) -> EmailMessage:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        for path in folder.glob("*.eml"):
            message = message_from_bytes(path.read_bytes(), policy=default)
            assert isinstance(message, EmailMessage)
            if message["Subject"] == subject:
                return message
        assert time.monotonic() < deadline, f"no mail “{subject}” came"
        time.sleep(0.05)


def read(new_page: NewBrowser, message: EmailMessage) -> str:
    """Look at a mail on a phone, by day and by night; return where its button leads."""
    for scheme in ("light", "dark"):
        page: Page = new_page(None, viewport={"width": 360, "height": 640}, color_scheme=scheme)
        page.set_content(html_of(message))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert violations(page) == []
        link = page.locator("a.button").get_attribute("href")
        page.close()
    address = urlsplit(link or "")
    return f"{address.path}?{address.query}" if address.query else address.path


def test_mails_can_be_read_and_lead_where_they_say(
    new_page: NewBrowser, settings: Settings, database_url: str, call: Call
) -> None:
    folder, page = settings.data_dir / "mail", new_page("new")
    question = wait_for_mail(folder, "Confirm your address for Dream Suite")
    page.goto(read(new_page, question))
    assert violations(page) == []
    page.get_by_role("button", name="Yes, it is mine").click()
    expect(page.get_by_role("status")).to_have_text("Your address is verified.")
    page.get_by_role("link", name="Dream Suite").click()

    asked = {"kind": "onboarding", "input": ASKED}
    job_id = UUID(page.request.post("/api/jobs", data=asked).json()["id"])
    page.goto(read(new_page, wait_for_mail(folder, "Your plan is ready")))
    expect(page.get_by_role("heading", level=1)).to_contain_text(ASKED["goal"])

    async def fail() -> None:
        database = Database(database_url)
        async with database.service_session() as session:
            job = await get_job(session, job_id)
            job.status, job.error, job.attempts = JobStatus.FAILED, "No model answered.", 2
            await session.flush()
            await notify_job_end(session, job_id)
        await database.close()

    call(fail)
    page.goto(read(new_page, wait_for_mail(folder, "Your plan could not be made")))
    expect(page.get_by_role("alert")).to_contain_text("No model answered.")
