"""Where numbers come from: the accounts, imports with their bad rows, and the first steps."""

import re

from playwright.sync_api import FilePayload, Page, Route, expect

from tests.browser.axe import violations
from tests.browser.conftest import Complaints, NewBrowser

HEADER = "platform,account,date,metric,value\n"
GOOD = (
    HEADER + "instagram,mara,2026-03-01,followers,1000\ninstagram,mara,2026-03-02,followers,1010\n"
)
BAD = GOOD + "instagram,mara,2026-03-40,followers,1020\n"


def csv_file(text: str) -> FilePayload:
    return {"name": "numbers.csv", "mimeType": "text/csv", "buffer": text.encode()}


def import_file(page: Page, text: str) -> None:
    form = page.get_by_role("form", name="Import a file")
    form.locator("input[type=file]").set_input_files(csv_file(text))
    form.get_by_role("button", name="Import", exact=True).click()


def test_a_file_with_a_bad_row_names_its_line_and_then_its_good_rows_are_taken(
    new_page: NewBrowser, complaints: Complaints
) -> None:
    page = new_page("new")
    page.goto("/connections")
    expect(page.get_by_role("region", name="First steps")).to_be_visible()
    complaints.allow("422")
    import_file(page, BAD)
    refused = page.get_by_role("table", name="Refused rows")
    expect(refused.get_by_role("row").nth(1)).to_contain_text("4date")
    expect(page.get_by_role("region", name="Your accounts")).to_contain_text("No account yet")
    assert violations(page) == []

    page.get_by_label("Take the good rows even if others are bad").check()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="2 new days")).to_be_visible()
    expect(page.get_by_role("region", name="Your accounts")).to_contain_text("mara")
    expect(page.get_by_role("region", name="First steps")).to_contain_text("1 of 4 done")


def test_the_first_steps_lead_on_and_can_be_skipped(new_page: NewBrowser) -> None:
    page = new_page("new")
    page.goto("/")
    steps = page.get_by_role("region", name="First steps")
    expect(steps.get_by_role("link")).to_have_text(
        ["Tell what you make", "Import your numbers", "Get a first plan"]
    )
    expect(steps).to_contain_text("Once there are numbers")
    assert violations(page) == []
    steps.get_by_role("button", name="Skip").click()
    expect(steps).to_have_count(0)
    page.reload()
    expect(page.get_by_role("region", name="Platforms")).to_contain_text("No numbers yet")
    expect(steps).to_have_count(0)


def test_accounts_show_source_state_and_freshness(new_page: NewBrowser) -> None:
    for options in ({"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}):
        page = new_page(**options)
        page.goto("/connections")
        account = page.get_by_role("article", name="idawrenfeldmusic, YouTube")
        expect(account).to_contain_text("from imported files")
        expect(account).to_contain_text("Fresh")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_where_no_platform_can_be_connected_each_leads_to_the_import(page: Page) -> None:
    page.goto("/connections")
    platforms = page.get_by_role("region", name="Platforms")
    expect(platforms).to_contain_text("This server cannot fetch numbers from the platforms itself")
    expect(platforms.get_by_role("button", name=re.compile("^Import a file of"))).to_have_count(4)
    expect(page.get_by_role("link", name=re.compile("onnect: "))).to_have_count(0)
    platforms.get_by_role("button", name="Import a file of Spotify").click()
    expect(page.get_by_label(re.compile("^File"))).to_be_focused()


def test_a_platform_that_can_be_connected_offers_it(page: Page) -> None:
    def answer(route: Route) -> None:
        told = route.fetch().json()
        ways = {"can_connect": True, "reason": None}
        for each in told["platforms"]:
            each.update(ways, connect_url=f"/elsewhere/{each['platform']}")
        for each in told["items"]:
            if each["platform"] == "youtube":
                each.update(source="oauth", status="needs_reconnect")
        route.fulfill(json=told)

    page.route(re.compile("/api/connections$"), answer)
    page.goto("/connections")
    connect = page.get_by_role("link", name="Connect: Instagram")
    expect(connect).to_have_attribute("href", "/elsewhere/instagram")
    account = page.get_by_role("article", name="idawrenfeldmusic, YouTube")
    expect(account).to_contain_text("Sign-in has ended")
    reconnect = account.get_by_role("link", name="Reconnect idawrenfeldmusic")
    expect(reconnect).to_have_attribute("href", "/elsewhere/youtube")
    assert violations(page) == []
