"""Every page passes axe's WCAG 2.2 rules, in light and dark, and fits on a phone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.chatting import expect_answer
from tests.browser.conftest import PHONE, Complaints, NewBrowser
from tests.browser.pages import PAGES
from tests.conftest import Postgres


@pytest.fixture(scope="module")
def database_name(postgres: Postgres, demo_template: str) -> Iterator[str]:
    """Return a database that the pages share: a plan is made once for all."""
    with postgres.temporary_database(demo_template) as name:
        yield name


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_used_by_everybody(
    new_page: NewBrowser, complaints: Complaints, name: str
) -> None:
    shown = PAGES[name]
    complaints.allow(*shown.complaints)
    page = new_page(shown.user)
    shown.show(page)
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    if page.locator("#root").count():  # the server's own pages ask the browser itself
        expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    assert violations(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_on_a_phone(new_page: NewBrowser, complaints: Complaints, name: str) -> None:
    shown = PAGES[name]
    complaints.allow(*shown.complaints)
    page = new_page(shown.user, **PHONE)
    shown.show(page)
    assert page.evaluate("document.documentElement.scrollWidth") == page.evaluate("screen.width")
    assert violations(page) == []


def test_the_sides_of_the_chat_are_drawers_on_a_phone(new_page: NewBrowser) -> None:
    page = new_page(**PHONE)
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
