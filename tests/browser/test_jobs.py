"""What waits in the background: cancelled by its owner, tried again by an administrator."""

import pytest
from playwright.sync_api import Page, expect

from core.settings import Settings
from tests.browser.conftest import NewBrowser
from tests.browser.small_pages import read_one_by_one
from tests.browser.test_plans import NEXT_WEEKS


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Return settings of a server that leaves jobs to others."""
    return settings.model_copy(update={"run_jobs": False})


def queue_job(page: Page) -> str:
    """Ask for a plan; returns the job's id."""
    wishes = {"goal": "First listeners", "niche": "folk", "platforms": ["instagram"]}
    body = {"kind": "onboarding", "input": wishes | NEXT_WEEKS}
    answer = page.context.request.post("/api/jobs", data=body)
    assert answer.ok, answer.text()
    return str(answer.json()["id"])


def test_a_job_is_cancelled_and_begun_again_in_the_list(new_page: NewBrowser) -> None:
    page = new_page("new")
    queue_job(page)
    page.goto("/plans")
    jobs = page.get_by_role("region", name="Jobs")
    jobs.get_by_role("button", name="Cancel").click()
    expect(jobs.get_by_role("article")).to_contain_text("Cancelled")
    page.reload()
    jobs.get_by_role("button", name="Try again").click()
    expect(jobs.get_by_role("article")).to_contain_text("Waiting")


def test_an_administrator_tries_somebodys_job_again(new_page: NewBrowser) -> None:
    owner, page = new_page("new"), new_page("admin")
    job_id = queue_job(owner)
    assert owner.context.request.post(f"/api/jobs/{job_id}/cancel").ok
    owner.goto(f"/jobs/{job_id}")
    expect(owner.get_by_text("You cancelled it.")).to_be_visible()

    page.goto("/admin")
    page.get_by_role("radio", name="Cancelled").click()
    job = page.get_by_role("article", name=f"Your first plan {job_id}")
    job.get_by_role("button", name="Try again").click()
    expect(job).to_have_count(0)
    page.get_by_role("radio", name="Waiting").click()
    expect(job).to_be_visible()
    expect(owner.get_by_text("It begins in a moment.")).to_be_visible()


def test_an_administrator_reads_jobs_page_by_page(new_page: NewBrowser) -> None:
    page = new_page("admin")
    for _ in range(2):
        queue_job(page)
    read_one_by_one(page, "/api/admin/jobs")
    page.goto("/admin")
    page.get_by_role("radio", name="Waiting").click()
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_role("button", name="Show more").click()
    expect(page.get_by_role("article")).to_have_count(2)
