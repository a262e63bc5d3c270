"""Everybody's jobs, for administrators alone."""

from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import NewBrowser
from tests.browser.test_plans import make_plan


def test_only_administrators_see_everybodys_jobs(new_page: NewBrowser) -> None:
    creator = new_page()
    make_plan(creator, "Seen by the administrator")
    creator.goto("/admin")
    expect(creator.get_by_role("heading", name="There is nothing here")).to_be_visible()

    page = new_page("admin")
    page.goto("/admin")
    expect(page.get_by_text("No job has failed.")).to_be_visible()
    page.get_by_role("radio", name="Done").click()
    job = page.get_by_role("article").first
    expect(job).to_contain_text("Content calendar")
    job.get_by_role("button", name="Details").click()
    expect(job.get_by_role("region", name="Attempts")).to_contain_text("completed")
    assert violations(page) == []
