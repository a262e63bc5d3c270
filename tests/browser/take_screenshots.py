"""`make screenshots`: every page as a creator sees it, into `docs/screenshots/`."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chatting import answers, ask, expect_answer
from tests.browser.conftest import NewBrowser
from tests.browser.test_accessibility import PAGES, PHONE

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"


def take(page: Page, name: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    page.wait_for_load_state("networkidle" if "sign" in name else "load")
    page.screenshot(path=FOLDER / f"{name}.png")


def chat(page: Page) -> None:
    """Show an answer from its beginning, with the source of a number."""
    page.goto("/")
    ask(page, "How did I grow last month?")
    expect_answer(page, "You gained")
    expect(page.get_by_role("region", name="Platforms")).to_contain_text("%")
    number = answers(page).last.get_by_role("button", name=re.compile("^[0-9,]+$")).first
    number.click()
    expect(page.get_by_role("dialog")).to_be_visible()


SHOWN = PAGES | {"chat": chat}
LEFT_OUT = {"answer", "reset-password"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [name for name in SHOWN if name not in LEFT_OUT])
def test_take(new_page: NewBrowser, name: str, scheme: str) -> None:
    page = new_page(color_scheme=scheme)
    SHOWN[name](page)
    take(page, f"{name}-{scheme}")


@pytest.mark.parametrize("name", ["welcome", "chat"])
def test_take_on_a_phone(new_page: NewBrowser, name: str) -> None:
    page = new_page(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    if name == "welcome":
        SHOWN[name](page)
    else:
        page.goto("/")
        ask(page, "How did I grow last month?")
        expect_answer(page, "You gained")
    take(page, f"{name}-phone")
