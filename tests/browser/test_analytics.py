"""The charts of the demo creator's numbers, and the states of those of a new creator."""

import csv
import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.axe import violations
from tests.browser.chatting import expect_answer
from tests.browser.conftest import Complaints, NewBrowser

CHARTS = (
    "Follower growth",
    "Engagement",
    "Platforms compared",
    "Engagement rate of posts",
    "Top posts",
    "Best times",
    "Goal pace",
)


def chart(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True)


def show_table(page: Page, title: str) -> Locator:
    """Switch the chart to its table; return its rows."""
    chart(page, title).get_by_role("button", name="show as a table").click()
    return chart(page, title).get_by_role("table").get_by_role("row")


def take_csv(page: Page, title: str) -> list[list[str]]:
    with page.expect_download() as download:
        chart(page, title).get_by_role("button", name="CSV of what is seen").click()
    return list(csv.reader(download.value.path().read_text().splitlines()))


def test_each_chart_can_be_read_as_a_table_and_taken_along(page: Page) -> None:
    page.goto("/analytics")
    for title in CHARTS:
        rows = show_table(page, title)
        expect(rows.nth(1)).to_be_visible()
        assert len(take_csv(page, title)) == rows.count()
    assert violations(page) == []


def test_what_is_not_known_is_a_gap_and_never_0(page: Page) -> None:
    page.goto("/analytics")
    rows = show_table(page, "Platforms compared")
    spotify = rows.filter(has_text="Spotify").get_by_role("cell")
    expect(spotify.nth(5)).to_have_text("not known")  # it has no views
    line = next(line for line in take_csv(page, "Platforms compared") if line[0] == "Spotify")
    assert line[5] == ""
    assert line[1] != ""


def test_period_platform_and_comparison_are_kept_in_the_address(page: Page) -> None:
    page.goto("/analytics")
    page.get_by_text("7 days", exact=True).click()
    page.get_by_role("combobox", name="Platform").click()
    page.get_by_role("option", name="Instagram").click()
    page.get_by_role("switch", name="Compare with the time before").press("Space")
    expect(page.get_by_role("region", name="Main numbers")).to_contain_text("than before")
    asked = parse_qs(urlsplit(page.url).query)
    assert asked == {"days": ["7"], "platform": ["instagram"], "compare": ["1"]}

    page.reload()
    expect(page.get_by_role("radio", name="7 days")).to_be_checked()
    rows = show_table(page, "Follower growth")
    expect(rows).to_have_count(8)
    expect(rows.first).to_have_text(re.compile("Instagram.*The time before"))


def test_days_are_picked_in_a_calendar(page: Page) -> None:
    page.goto("/analytics?from=2026-01-05&to=2026-01-11")
    page.get_by_role("button", name=re.compile("^Pick the days")).click()
    calendar = page.get_by_role("dialog")
    calendar.get_by_role("button", name="12 January 2026").click()
    calendar.get_by_role("button", name="14 January 2026").click()
    expect(page.get_by_text("12 Jan – 14 Jan 2026").first).to_be_visible()
    assert "from=2026-01-12&to=2026-01-14" in page.url


def test_a_chart_is_asked_about_in_the_chat(page: Page) -> None:
    page.goto("/analytics")
    page.get_by_role("button", name="Ask about this: Follower growth").click()
    expect_answer(page, re.compile(r"gained|grew"))
    assert "/chat/" in page.url


def test_a_creator_without_numbers_is_told_what_to_do(new_page: NewBrowser) -> None:
    page = new_page("new")
    page.goto("/analytics")
    expect(page.get_by_text("There are no numbers yet.")).to_be_visible()
    assert violations(page) == []


def test_a_chart_that_cannot_be_read_says_so_and_is_tried_again(
    page: Page, complaints: Complaints
) -> None:
    complaints.allow("500")
    broken = re.compile("/api/analytics/audience")

    def fail(route: Route) -> None:
        route.fulfill(status=500, json={"detail": "It could not be read."})

    page.route(broken, fail)
    page.goto("/analytics")
    audience = chart(page, "Audience")
    expect(audience.get_by_role("alert")).to_contain_text("It could not be read.")
    page.unroute(broken)
    audience.get_by_role("button", name="Try again").click()
    expect(audience).to_contain_text("have not told who your audience is")


def test_the_page_fits_a_phone_and_has_no_barrier_in_the_dark(new_page: NewBrowser) -> None:
    for options in ({"viewport": {"width": 390, "height": 844}}, {"color_scheme": "dark"}):
        page = new_page(**options)
        page.goto("/analytics?compare=1")
        for title in CHARTS:
            expect(chart(page, title).get_by_role("button", name="show as a table")).to_be_visible()
        expect(chart(page, "Follower growth").locator("svg.recharts-surface").first).to_be_visible()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
