"""Settings: the address, its verification by the link of a mail, keys and the password."""

import re

from playwright.sync_api import expect

from core.settings import Settings
from tests.browser.axe import violations
from tests.browser.conftest import Complaints, NewBrowser
from tests.browser.test_mail import wait_for_mail
from tests.conftest import PASSWORD
from tests.mail_server import text_of

PHONE = {"width": 390, "height": 844}


def verification_link(settings: Settings) -> str:
    """Return where the link of the mail leads that comes after registering, without the host."""
    letter = wait_for_mail(settings.data_dir / "mail", "Confirm your address for Dream Suite")
    found = re.search(r"https?://[^/\s]+(/verify-email\S+)", text_of(letter))
    assert found
    return found[1]


def test_an_address_is_verified_by_the_mail_that_is_sent_again(
    new_page: NewBrowser, settings: Settings
) -> None:
    page = new_page("new", viewport=PHONE)
    page.goto("/settings/notifications")
    page.get_by_role("link", name="address is verified").click()
    section = page.get_by_role("region", name="Your e-mail")
    expect(section).to_contain_text("Not verified")
    assert violations(page) == []
    section.get_by_role("button", name="Send it again").click()
    expect(section.get_by_role("status")).to_contain_text("is on its way")

    tab = page.context.new_page()
    tab.goto(verification_link(settings))
    assert violations(tab) == []
    tab.get_by_role("button", name="Yes, it is mine").click()
    expect(tab.get_by_role("status")).to_contain_text("Your address is verified")
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('visibilitychange'))")
    expect(section.get_by_text("Verified", exact=True)).to_be_visible()
    expect(section.get_by_role("button")).to_have_count(0)


def test_the_link_of_a_mail_works_once_and_says_how_to_go_on(
    new_page: NewBrowser, settings: Settings, complaints: Complaints
) -> None:
    page = new_page("new")
    page.goto("/")
    link = verification_link(settings)
    page.goto(link)
    page.get_by_role("button", name="Yes, it is mine").click()
    page.get_by_role("link", name="To Dream Suite").click()
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    complaints.allow("400")
    page.goto(link)
    page.get_by_role("button", name="Yes, it is mine").click()
    expect(page.get_by_role("status")).to_contain_text("This link was used already")
    assert violations(page) == []
    page.get_by_role("link", name="Ask for a new mail in your settings").click()
    expect(page.get_by_role("region", name="Your e-mail")).to_contain_text("Verified")


def test_a_key_is_made_shown_once_and_revoked(new_page: NewBrowser) -> None:
    page = new_page("new", viewport=PHONE)
    page.goto("/settings/api-keys")
    page.get_by_label("Name of a new key").fill("My website")
    page.get_by_role("button", name="Make a key").click()
    key = page.get_by_role("status").get_by_text(re.compile("^ds_")).inner_text()
    mine = {"Authorization": f"Bearer {key}"}
    request = page.context.request
    assert request.get("/api/me", headers=mine).ok
    page.reload()
    keys = page.get_by_role("region", name="Your API keys")
    expect(keys.get_by_role("listitem")).to_contain_text("My website")
    expect(page.get_by_text(key)).to_have_count(0)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    keys.get_by_role("button", name="Revoke My website").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(keys).to_contain_text("None yet")
    assert request.get("/api/me", headers=mine).status == 401


def test_a_brand_is_saved_and_a_password_changed(new_page: NewBrowser) -> None:
    page = new_page("new")
    page.goto("/settings/profile")
    page.get_by_label("What you make").fill("quiet indie folk")
    page.get_by_role("form", name="Your brand").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your brand is saved.")).to_be_visible()
    form = page.get_by_role("form", name="Password")
    form.get_by_role("textbox", name="The one you have").fill(PASSWORD)
    form.get_by_role("textbox", name="A new one").fill("another long password")
    form.get_by_role("button", name="Change").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("What you make")).to_have_value("quiet indie folk")
