"""The frame without a mouse."""

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.axe import is_still
from tests.browser.chatting import field
from tests.browser.conftest import NewBrowser


def test_the_first_key_leads_past_the_header(page: Page) -> None:
    page.goto("/connections")
    expect(page).to_have_title("Connections · Dream Suite")
    expect(page.get_by_role("heading", name="Connections")).to_be_visible()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.get_by_role("main").evaluate("main => main.contains(document.activeElement)")


def test_the_focus_goes_through_the_header_as_it_is_read(page: Page) -> None:
    page.goto("/analytics")
    expect(page.get_by_role("button", name=re.compile("^Notifications"))).to_be_visible()
    named = []
    for _ in range(10):
        page.keyboard.press("Tab")
        named.append(
            page.evaluate(
                "() => document.activeElement.ariaLabel ?? document.activeElement.innerText.trim()"
            )
        )
    words = ["Skip", "Dream", "Chat", "Analytics", "Plans", "Connections", "Search"]
    words += ["Notifications", "Use dark", "Your account"]
    assert [name.startswith(word) for name, word in zip(named, words, strict=True)] == [True] * 10


def test_the_palette_opens_and_closes_by_keys_and_gives_the_focus_back(page: Page) -> None:
    page.goto("/")
    expect(field(page)).to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("textbox", name="Search", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(field(page)).to_be_focused()
    page.keyboard.press("Control+k")
    page.get_by_role("textbox", name="Search", exact=True).fill("analytics")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Analytics", level=1)).to_be_visible()


def test_the_drawer_of_a_phone_keeps_the_focus_and_gives_it_back(new_page: NewBrowser) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    page.goto("/analytics")
    menu = page.get_by_role("button", name="Open the menu")
    menu.press("Enter")
    drawer = page.get_by_role("dialog", name="Dream Suite")
    expect(drawer).to_be_visible()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert drawer.evaluate("drawer => drawer.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(menu).to_be_focused()


def test_the_palette_gives_the_focus_back_though_its_code_came_late(page: Page) -> None:
    held: list[Route] = []
    page.route("**/assets/palette-*.js", lambda route: held.append(route))  # noqa: PLW0108  # playwright sets attributes on it
    page.goto("/")
    expect(field(page)).to_be_focused()
    with page.expect_request("**/assets/palette-*.js"):
        page.keyboard.press("Control+k")
    held.pop().continue_()
    expect(page.get_by_role("textbox", name="Search", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(field(page)).to_be_focused()


def test_nothing_moves_for_whom_movement_disturbs(page: Page) -> None:
    page.route("**/api/goals*", lambda _: None)  # so that what stands for them stays
    page.goto("/")
    expect(page.locator(".mantine-Skeleton-root").first).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert is_still(page)
