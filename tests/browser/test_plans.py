"""A plan from the wish to the calendar, changed, exported, deleted; and the jobs behind it."""

import datetime as dt
import re

from playwright.sync_api import Page, Route, expect

from core.clock import utc_now
from tests.browser.axe import violations
from tests.browser.conftest import PATIENCE_MS, PHONE, Complaints, NewBrowser
from tests.browser.small_pages import read_one_by_one

NEXT_WEEKS = {
    "start": str(utc_now().date() + dt.timedelta(days=7)),
    "weeks": 2,
    "posts_per_week": 3,
    "hours_per_week": 5,
}


def begin_plan(page: Page, goal: str) -> None:
    """Fill in the form up to its last step."""
    page.goto("/plans/new")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("What do you want to reach?").fill(goal)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("plans are left today")).to_be_visible()


def make_plan(page: Page, goal: str) -> None:
    begin_plan(page, goal)
    page.get_by_role("button", name="Make the plan").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(goal, timeout=PATIENCE_MS)
    expect(page).to_have_url(re.compile("/plans/[0-9a-f-]{36}$"))


def test_a_plan_is_wished_for_made_changed_and_deleted(page: Page) -> None:
    make_plan(page, "Songs before breakfast")
    expect(page.locator("[data-event-id]").first).to_be_visible()
    assert violations(page) == []

    page.get_by_text("List", exact=True).click()
    page.get_by_role("button", name=re.compile("^Edit: ")).first.click()
    page.get_by_label("First words").fill("A kettle, a song")
    assert violations(page) == []
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text("Version 2", exact=True)).to_be_visible()
    page.get_by_text("List", exact=True).click()
    expect(page.get_by_role("article", name="A kettle, a song")).to_be_visible()

    page.get_by_role("button", name="More", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="As a calendar").click()
    assert "A kettle\\, a song" in download.value.path().read_text().replace("\r\n ", "")

    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Versions").click()
    page.get_by_role("button", name="Show version 1").click()
    expect(page.get_by_text("This is version 1, and there is a newer one")).to_be_visible()
    page.get_by_role("button", name="Go on with this one").click()
    expect(page.get_by_text("Version 3", exact=True)).to_be_visible()

    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_role("heading", name="Plans", level=1)).to_be_visible()
    plan = page.get_by_role("article", name="Songs before breakfast")
    expect(plan).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    plan.get_by_role("link").click()

    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(plan).to_have_count(0)
    with page.expect_response(lambda response: response.request.method == "DELETE"):
        page.get_by_role("alert").get_by_role("button", name="Close").click()
    expect(page.get_by_role("region", name="Your plans")).to_be_visible()
    page.reload()
    expect(page.get_by_role("region", name="Jobs").get_by_role("article")).not_to_have_count(0)
    expect(plan).to_have_count(0)


def edit_first_post(page: Page, words: str) -> None:
    """Open the first post of a plan, and write its first words without saving them."""
    page.get_by_text("List", exact=True).click()
    page.get_by_role("button", name=re.compile("^Edit: ")).first.click()
    page.get_by_label("First words").fill(words)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save as a new version").click()


def test_a_post_that_two_browsers_edit_keeps_what_both_wrote(new_page: NewBrowser) -> None:
    page, other = new_page(), new_page()
    make_plan(page, "Two hands on one plan")
    other.goto(page.url)
    edit_first_post(page, "Mine")
    edit_first_post(other, "Theirs")
    save(other)
    expect(other.get_by_text("Version 2", exact=True)).to_be_visible()

    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text(
        "yours is put beside the others"
    )
    assert violations(page) == []
    save(page)
    expect(page.get_by_text("Version 3", exact=True)).to_be_visible()
    page.get_by_text("List", exact=True).click()
    for words in ("Mine", "Theirs"):
        expect(page.get_by_role("article", name=words, exact=True)).to_be_visible()


def test_what_is_saved_too_late_is_put_into_the_newest_version(
    page: Page, complaints: Complaints
) -> None:
    make_plan(page, "Saved too late")
    old = page.context.request.get(page.url.replace("/plans/", "/api/plans/"))
    was_refused: list[bool] = []

    def answer(route: Route) -> None:
        """Tell nothing of the newer version until it is in the way."""
        if route.request.method == "GET" and not was_refused:
            return route.fulfill(response=old)
        was_refused.append(True)
        return route.continue_()

    page.route(old.url, answer)
    edit_first_post(page, "In time after all")
    assert page.context.request.patch(old.url, data={"title": "Another title"}).ok
    complaints.allow("409")
    save(page)
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("Nothing of it is lost")
    expect(page.get_by_label("First words")).to_have_value("In time after all")
    save(page)
    expect(page.get_by_text("Version 3", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Another title")).to_be_visible()
    page.get_by_text("List", exact=True).click()
    posts = page.get_by_role("button", name=re.compile("^Edit: "))
    expect(posts).to_have_count(len(old.json()["items"]))
    expect(page.get_by_role("article", name="In time after all")).to_be_visible()


def test_what_one_writes_outlives_a_plan_that_is_deleted_in_another_place(
    page: Page, complaints: Complaints
) -> None:
    make_plan(page, "Gone tomorrow")
    edit_first_post(page, "Words that took an hour")
    complaints.allow("404")
    assert page.context.request.delete(page.url.replace("/plans/", "/api/plans/")).ok
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("Copy what you want")
    expect(page.get_by_label("First words")).to_have_value("Words that took an hour")
    expect(page.get_by_role("button", name="Save as a new version")).to_be_disabled()
    assert violations(page) == []
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("alert")).to_contain_text("This plan was deleted meanwhile")
    expect(page.get_by_role("button", name="More")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()


def test_what_is_wrong_is_said_beside_its_field(page: Page, complaints: Complaints) -> None:
    page.goto("/plans/new")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_label("What do you want to reach?")).to_have_accessible_description(
        "Write at least two characters."
    )
    assert violations(page) == []
    begin_plan(page, "More listeners")
    page.get_by_label("Last day").fill("2031-01-01")
    complaints.allow("422")
    page.get_by_role("button", name="Make the plan").click()
    expect(page.get_by_label("Last day")).to_have_accessible_description(
        re.compile("at most 92 days")
    )


def test_a_new_creator_gets_a_first_plan_without_numbers(new_page: NewBrowser) -> None:
    page = new_page("new")
    page.goto("/plans/new")
    expect(page.get_by_role("radio", name="Content calendar")).to_be_disabled()
    page.get_by_role("button", name="Next").click()
    page.get_by_label("What do you want to reach?").fill("A first thousand listeners")
    page.get_by_label("What do you make?").fill("quiet indie folk")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("checkbox", name="Instagram").check()
    page.get_by_role("button", name="Make the plan").click()
    expect(page).to_have_url(re.compile("/plans/[0-9a-f-]{36}$"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_plans_and_jobs_are_listed_without_barriers(new_page: NewBrowser) -> None:
    page = new_page()
    make_plan(page, "A quiet winter")
    for options in ({"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}):
        other = new_page(**options)
        other.goto("/plans")
        expect(other.get_by_role("article", name=re.compile("A quiet winter"))).to_be_visible()
        expect(other.get_by_role("region", name="Jobs")).to_contain_text("Done")
        assert violations(other) == []
        assert other.evaluate("document.documentElement.scrollWidth <= innerWidth")
        other.goto(page.url)
        expect(other.get_by_role("region", name="Weeks")).to_be_visible()
        assert violations(other) == []
        assert other.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_a_phone_the_posts_of_a_day_stand_below_the_month(new_page: NewBrowser) -> None:
    page = new_page(**PHONE)
    make_plan(page, "Read on the way")
    page.get_by_text("Calendar", exact=True).click()
    page.get_by_role("button", name="The next month").click()
    page.get_by_role("button", name="The month before").click()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name=re.compile(r"^\d\d:\d\d \w+: ")).first.click()
    expect(page.get_by_label("First words")).to_be_visible()


def test_plans_and_jobs_are_read_on_page_by_page(new_page: NewBrowser) -> None:
    page = new_page("new")
    wishes = {"goal": "First listeners", "niche": "folk", "platforms": ["instagram"]}
    for _ in range(2):
        body = {"kind": "onboarding", "input": wishes | NEXT_WEEKS}
        assert page.context.request.post("/api/jobs", data=body).ok
    for path in ("/api/plans", "/api/jobs"):
        read_one_by_one(page, path)
    page.goto("/plans")
    for name in ("Your plans", "Jobs"):
        part = page.get_by_role("region", name=name)
        part.get_by_role("button", name="Show more").click()
        expect(part.get_by_role("article")).to_have_count(2)
        expect(part.get_by_role("button", name="Show more")).to_have_count(0)


def test_a_failed_job_says_why_and_can_be_tried_again(page: Page) -> None:
    job = {
        "id": "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10",
        "kind": "content_calendar",
        "title": "Content calendar",
        "status": "failed",
        "stage": "calendar",
        "progress": 60,
        "message": None,
        "error": "The model gave no plan that holds. Try again.",
        "error_code": "plan_failed",
        "created_at": "2026-11-20T09:15:00Z",
        "started_at": "2026-11-20T09:15:02Z",
        "completed_at": "2026-11-20T09:16:02Z",
    }
    asked: list[str] = []

    def answer(route: Route) -> None:
        route.fulfill(json={"items": [job], "next": None})

    def retry(route: Route) -> None:
        asked.append(route.request.method)
        route.fulfill(json=job | {"input": {}, "result": None, "attempts": []})

    page.route(re.compile(r"/api/jobs\?"), answer)
    page.route(re.compile("/retry$"), retry)
    page.goto("/plans")
    card = page.get_by_role("article", name="Content calendar, failed")
    expect(card).to_contain_text("The model gave no plan that holds.")
    with page.expect_response(re.compile("/retry$")):
        card.get_by_role("button", name="Try again").click()
    assert asked == ["POST"]
