"""Getting in, getting out, and being asked again."""

import datetime as dt
import secrets
from uuid import UUID

from playwright.sync_api import Page, expect

from core.clock import utc_now
from domain.accounts import hash_token
from storage.database import Database
from storage.mail_tokens import create_token
from storage.models import MailKind
from tests.browser.axe import violations
from tests.browser.chatting import ask, expect_answer, field
from tests.browser.conftest import Call, Complaints, NewBrowser
from tests.conftest import PASSWORD, new_email


def test_the_demo_is_one_click_away(new_page: NewBrowser) -> None:
    page = new_page(None)
    page.goto("/")
    page.get_by_role("button", name="Try the demo").click()
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    expect(page.get_by_role("region", name="Platforms")).to_contain_text("idawrenfeld")
    expect(page.get_by_role("region", name="Goals")).to_contain_text("25,000 followers")


def test_one_registers_leaves_and_signs_in_again(
    new_page: NewBrowser, complaints: Complaints
) -> None:
    page, email = new_page(None), new_email()
    page.goto("/")
    page.get_by_role("button", name="Create an account").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("region", name="Platforms")).to_contain_text("No numbers yet")

    page.get_by_role("button", name="Your account").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("textbox", name="Password").fill("something else")
    complaints.allow("401")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("password")

    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(field(page)).to_be_visible()


def test_after_its_session_has_ended_one_goes_on_where_one_was(
    new_page: NewBrowser, complaints: Complaints
) -> None:
    page = new_page()
    page.goto("/")
    ask(page, "How did I grow last month?")
    expect_answer(page, "You gained")
    place = page.url
    field(page).fill("And this month?")

    complaints.allow("401")
    page.context.request.post("/api/auth/logout")
    expect(page.get_by_role("status")).to_contain_text("Your session has ended")
    page.get_by_role("button", name="Try the demo").click()

    expect_answer(page, "You gained")
    assert page.url == place
    expect(field(page)).to_have_value("And this month?")


def test_a_forgotten_password_is_replaced_by_the_link_of_a_mail(
    new_page: NewBrowser, call: Call, database_url: str, complaints: Complaints
) -> None:
    page, email = new_page(None), new_email()
    body = {"email": email, "password": PASSWORD}
    user_id = page.context.request.post("/api/auth/register", data=body).json()["user"]["id"]
    page.context.clear_cookies()
    page.goto("/")
    page.get_by_role("link", name="Forgotten your password?").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("status")).to_contain_text("a mail is on its way")

    new_password = "another long password"
    link = f"/reset-password?token={call(create_reset_token, database_url, UUID(user_id))}"
    page.goto(link)
    assert violations(page) == []
    page.get_by_role("textbox", name="New password").fill(new_password)
    page.get_by_role("button", name="Save it").click()
    expect(page.get_by_role("status")).to_contain_text("Sign in with your new password")

    complaints.allow("400")
    page.goto(link)
    expect(page.get_by_role("status")).to_contain_text("This link was used already, or is too old")
    page.get_by_role("link", name="Ask for a new link").click()
    expect(page.get_by_role("button", name="Send the link")).to_be_visible()
    page.get_by_role("link", name="To the sign-in").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("textbox", name="Password").fill(new_password)
    page.get_by_role("button", name="Sign in").click()
    expect(field(page)).to_be_visible()


async def create_reset_token(database_url: str, user_id: UUID) -> str:
    """Return the token that the link of a mail would carry."""
    database, token = Database(database_url), secrets.token_urlsafe(32)
    async with database.service_session() as session:
        await create_token(
            session,
            user_id,
            MailKind.RESET_PASSWORD,
            token_hash=hash_token(token),
            expires_at=utc_now() + dt.timedelta(hours=1),
        )
    await database.close()
    return token


def test_no_token_can_be_read_by_scripts(page: Page) -> None:
    page.goto("/")
    expect(field(page)).to_be_visible()
    assert page.evaluate("document.cookie") == ""
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    cookies = {cookie.get("name"): cookie for cookie in page.context.cookies()}
    token = cookies["ds_session"].get("value")
    assert token
    assert token not in stored
