"""What stands right of the chat: insights and goals, asked about, read, dismissed and deleted."""

from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from core.clock import utc_now
from storage.database import Database
from storage.models import Insight, new_id
from tests.browser.axe import violations
from tests.browser.chatting import expect_answer
from tests.browser.conftest import Call, NewBrowser
from tests.browser.small_pages import read_one_by_one
from tests.browser.test_connections import GOOD, import_file

TITLES = ["A quiet week on Spotify", "Your reels do better on Thursdays"]


def panel(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


@pytest.fixture
def page(new_page: NewBrowser, call: Call, database_url: str) -> Page:
    """Return the page of a new creator who is told two insights."""
    page = new_page("new")
    user_id = UUID(page.context.request.get("/api/me").json()["id"])

    async def tell() -> None:
        database = Database(database_url)
        async with database.user_session(user_id) as session:
            session.add_all([insight(user_id, title) for title in TITLES])
        await database.close()

    call(tell)
    return page


def insight(user_id: UUID, title: str) -> Insight:
    fields: dict[str, Any] = {"type": "growth", "priority": "high", "local_date": utc_now().date()}
    return Insight(
        id=new_id(),
        user_id=user_id,
        title=title,
        finding=title,
        message="It is 12 % above the four weeks before.",
        action_items=[{"text": "Post the next one on a Thursday evening."}],
        **fields,
    )


def test_an_insight_is_read_dismissed_and_taken_back(page: Page) -> None:
    page.goto("/")
    insights = panel(page, "Insights")
    told = insights.get_by_role("article", name=TITLES[1])
    expect(told.get_by_role("img", name="Important")).to_be_visible()
    expect(told.get_by_role("listitem")).to_have_text("Post the next one on a Thursday evening.")
    told.get_by_role("button", name="Mark as read").click()
    expect(told.get_by_role("button", name="Mark as read")).to_have_count(0)

    told.get_by_role("button", name="Dismiss").click()
    expect(told).to_have_count(0)
    assert violations(page) == []
    page.get_by_role("button", name="Undo").click()
    expect(told).to_be_visible()
    told.get_by_role("button", name="Dismiss").click()
    other = page.context.new_page()
    other.goto("/")
    expect(panel(other, "Insights").get_by_role("article")).to_have_count(2)
    page.goto("about:blank")  # whoever leaves has thought again
    expect(panel(other, "Insights").get_by_role("article")).to_have_count(1)
    expect(panel(other, "Insights").get_by_role("article", name=TITLES[0])).to_be_visible()


def test_insights_are_read_on_page_by_page_and_asked_about(page: Page) -> None:
    read_one_by_one(page, "/api/insights")
    page.goto("/")
    articles = panel(page, "Insights").get_by_role("article")
    expect(articles).to_have_count(1)
    page.get_by_role("button", name="Show more").click()
    expect(articles).to_have_count(2)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)
    articles.first.get_by_role("button", name="Ask about this").click()
    expect(page.get_by_role("log")).to_contain_text("Tell me more about this")


def test_one_can_look_for_insights_at_once(new_page: NewBrowser) -> None:
    page = new_page("new")
    page.goto("/connections")
    import_file(page, GOOD)
    expect(page.get_by_role("status").filter(has_text="2 new days")).to_be_visible()
    page.goto("/")
    insights = panel(page, "Insights")
    insights.get_by_role("button", name="Look now").click()
    expect(insights.get_by_role("status")).to_contain_text("nothing stands out today")


def test_a_deleted_goal_can_be_taken_back_until_it_is_gone(new_page: NewBrowser) -> None:
    page, other = new_page(), new_page()
    title = "400000 followers on Instagram"
    body = {"metric": "followers", "platform": "instagram", "target_value": 400_000, "title": title}
    assert page.context.request.post("/api/goals", data=body).ok
    page.goto("/")
    other.goto("/")
    goal = panel(page, "Goals").get_by_role("article", name=title)
    expect(panel(other, "Goals").get_by_role("article", name=title)).to_be_visible()
    goal.get_by_role("button", name=f"Delete: {title}").click()
    expect(goal).to_have_count(0)
    assert violations(page) == []
    page.get_by_role("button", name="Undo").click()
    expect(goal).to_be_visible()
    expect(panel(other, "Goals").get_by_role("article", name=title)).to_be_visible()

    goal.get_by_role("button", name=f"Delete: {title}").click()
    page.get_by_role("alert").get_by_role("button", name="Close").click()
    expect(panel(other, "Goals").get_by_role("article", name=title)).to_have_count(0)
    expect(goal).to_have_count(0)


def test_a_goal_is_asked_about(new_page: NewBrowser) -> None:
    page = new_page()
    page.goto("/")
    goal = panel(page, "Goals").get_by_role("article", name="25,000 followers on Instagram")
    expect(goal.get_by_role("progressbar")).to_be_visible()
    goal.get_by_role("button", name="Ask about this").click()
    expect_answer(page, "25,000")
