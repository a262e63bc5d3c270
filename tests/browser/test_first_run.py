"""From the registration to the first plan, as a new creator goes: on a desk, and on a phone."""

import datetime as dt
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.clock import utc_now
from tests.browser.chatting import expect_answer
from tests.browser.conftest import PHONE, NewBrowser
from tests.browser.test_connections import HEADER, import_file
from tests.conftest import PASSWORD, new_email

DAYS = 60
OFFER = re.compile(r"say “(Set a goal of ([\d,]+) followers [^”]+)”")
DEVICES: dict[str, dict[str, Any]] = {"desk": {}, "phone": PHONE}


def numbers() -> str:
    """Return an account's followers to the day before yesterday, ten more each day."""
    last = utc_now().date() - dt.timedelta(days=2)
    days = [last - dt.timedelta(days=back) for back in reversed(range(DAYS))]
    rows = [
        f"instagram,mara,{day},followers,{1000 + 10 * number}" for number, day in enumerate(days)
    ]
    return HEADER + "\n".join(rows) + "\n"


def expect_to_fit(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def register(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Create an account").click()
    page.get_by_label("E-mail").fill(new_email())
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()


@pytest.mark.parametrize("options", DEVICES.values(), ids=DEVICES)
def test_a_new_creator_gets_from_the_registration_to_a_plan(
    new_page: NewBrowser, options: dict[str, Any]
) -> None:
    page = new_page(None, **options)
    register(page)
    steps = page.get_by_role("region", name="First steps")
    expect(steps).to_contain_text("0 of 4 done")
    expect_to_fit(page)

    steps.get_by_role("link", name="Tell what you make").click()
    brand = page.get_by_role("form", name="Your brand")
    brand.get_by_label("What you make").fill("quiet indie folk")
    brand.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your brand is saved.")).to_be_visible()
    expect_to_fit(page)

    page.goto("/")
    expect(steps).to_contain_text("1 of 4 done")
    steps.get_by_role("link", name="Import your numbers").click()
    import_file(page, numbers())
    expect(page.get_by_role("status").filter(has_text=f"{DAYS} new days")).to_be_visible()
    expect(steps).to_contain_text("2 of 4 done")
    expect_to_fit(page)

    steps.get_by_role("button", name="Set a goal").click()
    answer = expect_answer(page, OFFER)
    offer = OFFER.search(answer.inner_text())
    assert offer
    sentence, target = offer.groups()
    set_it = page.get_by_role("group", name="Ask next").get_by_role("button", name=sentence)
    expect(set_it).to_be_visible()
    expect_to_fit(page)
    set_it.click()
    page.get_by_role("button", name="Approve", exact=True).click()
    expect_answer(page, re.compile(f"{target} followers.* is set.*so you are on track", re.DOTALL))
    expect_to_fit(page)

    page.goto("/")
    expect(steps).to_contain_text("3 of 4 done")
    steps.get_by_role("link", name="Get a first plan").click()
    page.get_by_role("button", name="Next").click()
    page.get_by_label("What do you want to reach?").fill("A first thousand listeners")
    page.get_by_role("button", name="Next").click()
    expect_to_fit(page)
    page.get_by_role("button", name="Make the plan").click()
    expect(page).to_have_url(re.compile("/plans/[0-9a-f-]{36}$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("A first thousand listeners")
    expect_to_fit(page)

    page.goto("/")
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    expect(steps).to_have_count(0)
