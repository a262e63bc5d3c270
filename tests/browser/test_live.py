"""One subscription tells all panels what has changed; while it is down they ask by themselves."""

from collections import Counter
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import Complaints, NewBrowser

PANELS = (
    "/api/conversations",
    "/api/connections",
    "/api/analytics/overview",
    "/api/insights",
    "/api/goals",
    "/api/notifications/unread",
)


def count_requests(page: Page) -> Counter[str]:
    """Count from now on, by path."""
    counted: Counter[str] = Counter()

    def count(request: Request) -> None:
        counted[urlsplit(request.url).path] += 1

    page.on("request", count)
    return counted


def test_one_subscription_serves_all_pages(page: Page) -> None:
    counted = count_requests(page)
    page.goto("/")
    expect(page.get_by_role("region", name="Goals")).to_contain_text("25,000 followers")
    for name in ("Analytics", "Plans", "Connections", "Chat"):
        page.get_by_role("navigation", name="Pages").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("img", name="Live updates are down")).to_have_count(0)
    assert counted["/api/events"] == 1


def test_every_panel_asks_by_itself_while_the_subscription_is_down(
    page: Page, complaints: Complaints
) -> None:
    complaints.allow("net::ERR_")
    page.route("**/api/events", lambda route: route.abort("connectionreset"))
    counted = count_requests(page)
    page.goto("/")
    expect(page.get_by_role("img", name="Live updates are down")).to_be_visible()
    expect(page.get_by_role("region", name="Goals")).to_contain_text("25,000 followers")
    counted.clear()
    for path in PANELS:
        if not counted[path]:
            page.wait_for_event("request", lambda request, path=path: path in request.url)
    page.unroute("**/api/events")
    expect(page.get_by_role("img", name="Live updates are down")).to_have_count(0)
    expect(page.get_by_role("region", name="Goals")).to_contain_text("25,000 followers")


def test_a_change_elsewhere_is_shown_in_a_panel_without_asking(new_page: NewBrowser) -> None:
    page = new_page()
    page.goto("/")
    goals = page.get_by_role("region", name="Goals")
    expect(goals).to_contain_text("25,000 followers")
    expect(page.get_by_role("img", name="Live updates are down")).to_have_count(0)
    counted = count_requests(page)
    goal = {
        "metric": "followers",
        "platform": "facebook",
        "target_value": 91_000,
        "due_date": "2029-06-30",
    }
    answer = page.context.request.post("/api/goals", data=goal)
    assert answer.ok, answer.text()
    expect(goals).to_contain_text("91,000")
    assert counted["/api/goals"] == 1
    assert counted["/api/insights"] == 0
