"""What a page does when the network breaks, and when the server is another one afterwards."""

from collections.abc import Iterator

import pytest
from anyio.from_thread import BlockingPortal
from playwright.sync_api import Page, expect

from api.app import create_app
from core.settings import Settings
from tests.browser.chatting import answers, ask, expect_answer, field
from tests.browser.conftest import Call, Complaints, NewBrowser
from tests.browser.relay import Relay, relaying
from tests.conftest import serving
from tests.e2e.scripted_model import ScriptedModel, gate, says


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings).model_copy(update={"stop_seconds": 0.0})


@pytest.fixture
def relay(url: str, portal: BlockingPortal) -> Iterator[Relay]:
    with portal.wrap_async_context_manager(relaying(url)) as relay:
        yield relay


@pytest.fixture
def page(new_page: NewBrowser, relay: Relay, complaints: Complaints) -> Page:
    """Return a page of a new user, who comes over the relay."""
    complaints.allow("net::ERR_")
    page = new_page("new", base_url=relay.url)
    page.add_init_script("localStorage.setItem('agent', 'career')")
    page.goto("/")
    return page


def test_an_answer_is_followed_to_its_end_after_a_break(
    page: Page, relay: Relay, model: ScriptedModel, call: Call
) -> None:
    call(model.follow, says("Before the break, ", gate("more"), "and after it."))
    ask(page, "Talk")
    expect(answers(page).last).to_contain_text("Before the break")
    call(relay.break_down)
    expect(page.get_by_text("Connecting again")).to_be_visible()
    call(model.open, "more")
    call(relay.mend)
    expect_answer(page, "Before the break, and after it.")
    expect(answers(page)).to_have_count(1)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_an_answer_that_ended_meanwhile_is_there_after_a_break(
    page: Page, relay: Relay, model: ScriptedModel, call: Call
) -> None:
    call(model.follow, says("The beginning, ", gate("more"), "and the end."))
    ask(page, "Talk")
    expect(answers(page).last).to_contain_text("The beginning")
    call(relay.break_down)
    call(model.open, "more")
    expect(page.get_by_text("Connecting again")).to_be_visible()
    call(relay.mend)
    expect_answer(page, "The beginning, and the end.")


def test_a_question_asked_without_a_network_is_given_back(
    page: Page, relay: Relay, model: ScriptedModel, call: Call, complaints: Complaints
) -> None:
    complaints.allow("404")  # nobody knows the conversation whose first question got lost
    expect(field(page)).to_be_visible()
    call(model.follow, says("Hello."))
    call(relay.break_down)
    ask(page, "Are you there?")
    expect(page.get_by_text("Connecting again")).to_be_visible()
    call(relay.mend)
    expect(field(page)).to_have_value("Are you there?")
    expect(page.get_by_role("alert")).to_contain_text("Send it again")
    field(page).press("Enter")
    expect_answer(page, "Hello.")


def test_numbers_are_polled_until_changes_are_told_again(
    page: Page, relay: Relay, model: ScriptedModel, call: Call
) -> None:
    call(model.follow, says("Hello."))
    expect(page.get_by_role("img", name="Live updates are down")).to_have_count(0)
    page.route("**/api/events", lambda route: route.abort("connectionreset"))
    call(relay.break_down)
    call(relay.mend)
    expect(page.get_by_role("img", name="Live updates are down")).to_be_visible()
    with page.expect_response("**/api/goals*"):
        pass
    page.unroute("**/api/events")
    expect(page.get_by_role("img", name="Live updates are down")).to_have_count(0)


def test_an_answer_is_followed_and_stopped_through_another_server(
    page: Page,
    relay: Relay,
    model: ScriptedModel,
    call: Call,
    settings: Settings,
    database_url: str,
    portal: BlockingPortal,
) -> None:
    call(model.follow, says("The beginning", gate("never")))
    ask(page, "Talk")
    expect(answers(page).last).to_contain_text("The beginning")
    call(relay.break_down)
    other = serving(create_app(settings, database_url))
    with portal.wrap_async_context_manager(other) as other_url:
        call(relay.mend, other_url)
        expect(answers(page).last).to_contain_text("The beginning")
        page.get_by_role("button", name="Stop").click()
        expect(expect_answer(page, "The beginning")).to_contain_text("Stopped")
        call(relay.break_down)
