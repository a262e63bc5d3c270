"""Every page passes axe's WCAG 2.2 rules, in light and dark, and fits on a phone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.chatting import ask, expect_answer, field
from tests.browser.conftest import NewBrowser

PHONE = {"width": 390, "height": 844}


def sign_in(page: Page) -> None:
    page.context.clear_cookies()
    page.goto("/")
    expect(page.get_by_role("button", name="Try the demo")).to_be_visible()


def welcome(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("button", name=re.compile("Which platform grew"))).to_be_visible()


def answer(page: Page) -> None:
    page.goto("/")
    ask(page, "How did I grow last month?")
    found = expect_answer(page, "You gained")
    found.get_by_role("button", name="Growth").first.click()
    found.get_by_role("button", name=re.compile("^[0-9,]+$")).last.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def approval(page: Page) -> None:
    page.goto("/")
    ask(page, "Set a goal of 80000 followers on Instagram by 2029-06-30")
    expect(page.get_by_role("button", name="Approve")).to_be_visible()


def palette(page: Page) -> None:
    page.goto("/")
    expect(field(page)).to_be_visible()
    page.get_by_role("button", name="Search", exact=True).or_(
        page.get_by_role("button", name=re.compile("^Search Ctrl"))
    ).first.click()
    expect(page.get_by_role("button", name="New chat").last).to_be_visible()


def settings_page(section: str, heading: str) -> Callable[[Page], None]:
    def show(page: Page) -> None:
        page.goto(f"/settings/{section}")
        expect(page.get_by_text(heading, exact=True).first).to_be_visible()

    return show


def reset_password(page: Page) -> None:
    page.goto("/reset-password?token=of-a-mail")
    expect(page.get_by_role("textbox", name="New password")).to_be_visible()


PAGES = {
    "sign-in": sign_in,
    "reset-password": reset_password,
    "welcome": welcome,
    "answer": answer,
    "approval": approval,
    "palette": palette,
    "profile": settings_page("profile", "Today’s use"),
    "preferences": settings_page("preferences", "Colours"),
    "api-keys": settings_page("api-keys", "Your API keys"),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_used_by_everybody(new_page: NewBrowser, name: str, scheme: str) -> None:
    page = new_page(color_scheme=scheme)
    PAGES[name](page)
    assert violations(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_on_a_phone(new_page: NewBrowser, name: str) -> None:
    page = new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    PAGES[name](page)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width == PHONE["width"]
    assert violations(page) == []


def test_the_sides_of_the_chat_are_drawers_on_a_phone(new_page: NewBrowser) -> None:
    page = new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto("/")
    page.get_by_role("button", name="Open the menu").click()
    drawer = page.get_by_role("dialog", name="Dream Suite")
    expect(drawer.get_by_role("region", name="Platforms")).to_contain_text("idawrenfeld")
    assert violations(page) == []
    drawer.get_by_role("button", name="Close").click()
    expect(drawer).to_have_count(0)

    page.get_by_role("button", name="Insights and goals").click()
    drawer = page.get_by_role("dialog", name="Today")
    drawer.get_by_role("button", name="Ask about this").last.click()
    expect_answer(page, re.compile(r"\d"))
    expect(drawer).to_have_count(0)
