"""A job that an answer has begun: its card tells live how far it is, and can cancel it."""

import pytest
from playwright.sync_api import Locator, Page, expect

from core.settings import Settings
from domain.demo.seed import DEMO_EMAIL
from storage.database import Database
from storage.jobs import list_jobs
from storage.models import Job
from storage.users import find_user
from tests.browser.chatting import ask, expect_answer
from tests.browser.conftest import Call
from tests.e2e.test_plan_chat import begin

QUESTION = "Make a content plan for December for Instagram, 4 posts a week, goal: more followers"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Return settings of a server that leaves jobs to others."""
    return settings.model_copy(update={"run_jobs": False})


@pytest.fixture
def card(page: Page) -> Locator:
    """Have a plan made, as far as its card."""
    page.goto("/")
    ask(page, QUESTION)
    page.get_by_role("button", name="Approve", exact=True).click()
    expect_answer(page, "plan")
    card = page.get_by_role("group", name="Content calendar")
    expect(card).to_contain_text("It begins in a moment.")
    return card


async def newest_job(database_url: str) -> tuple[Database, Job]:
    database = Database(database_url)
    async with database.service_session() as session:
        user = await find_user(session, DEMO_EMAIL)
    assert user is not None
    async with database.user_session(user.id) as session:
        return database, (await list_jobs(session, limit=1))[0]


def test_a_job_tells_how_far_it_is_while_one_looks(
    card: Locator, page: Page, call: Call, database_url: str
) -> None:
    database, job = call(newest_job, database_url)
    worker = call(begin, database, job)
    call(worker.report, 40)
    expect(card).to_contain_text("Writing your posts. · 40%")
    expect(card.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "40")
    call(worker.report, 70)
    expect(card.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "70")
    page.reload()
    expect(card).to_contain_text("70%")
    call(database.close)


def test_a_job_is_cancelled_on_its_card(card: Locator, page: Page) -> None:
    card.get_by_role("button", name="Cancel").click()
    expect(card).to_contain_text("Cancelled.")
    expect(card.get_by_role("progressbar")).to_have_count(0)
    expect(card.get_by_role("button", name="Cancel")).to_have_count(0)
    page.reload()
    expect(card).to_contain_text("Cancelled.")
