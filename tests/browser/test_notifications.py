"""The drawer of what a creator is told, and what they want to be told."""

import re

from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import NewBrowser
from tests.browser.test_plans import make_plan


def test_a_finished_plan_is_told_at_once_read_and_dismissed(new_page: NewBrowser) -> None:
    page, other = new_page(), new_page(color_scheme="dark")
    other.goto("/settings")
    make_plan(page, "Told at once")
    bell = other.get_by_role("button", name=re.compile(r"Notifications, \d+ unread"))
    bell.click()
    drawer = other.get_by_role("dialog", name="Notifications")
    told = drawer.get_by_role("article").first
    expect(told).to_contain_text("Told at once")
    assert violations(other) == []
    told.get_by_role("button", name=re.compile("^Mark as read")).click()
    expect(told).not_to_contain_text("new")
    told.get_by_role("button", name=re.compile("^Dismiss")).click()
    expect(drawer).not_to_contain_text("Told at once")
    other.keyboard.press("Escape")
    expect(drawer).to_have_count(0)


def test_what_one_is_told_is_chosen_and_stays(new_page: NewBrowser) -> None:
    page = new_page("new", viewport={"width": 390, "height": 844})
    page.goto("/settings/notifications")
    mail = page.get_by_role("checkbox", name="A plan is ready: by mail")
    expect(mail).to_be_checked()
    mail.click()
    expect(mail).not_to_be_checked()
    expect(mail).to_be_enabled()
    page.reload()
    expect(mail).not_to_be_checked()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
