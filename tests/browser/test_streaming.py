"""Answers as they come, with a model that says what the test wants, when it wants."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from core.settings import Settings
from tests.browser.chatting import answers, ask, expect_answer, field, shifts, watch_shifts
from tests.browser.conftest import Call, Complaints, NewBrowser
from tests.e2e.scripted_model import ScriptedModel, breaks, calls, gate, says

STORED = re.compile("/api/conversations/")


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings)


@pytest.fixture
def page(new_page: NewBrowser) -> Page:
    """Return a page of a new user, whose conversations nobody else knows.

    One agent answers everything: `auto` would ask the model who should.
    """
    page = new_page("new")
    page.add_init_script("localStorage.setItem('agent', 'career')")
    page.goto("/")
    return page


def test_an_answer_comes_in_pieces(page: Page, model: ScriptedModel, call: Call) -> None:
    call(model.follow, says("One, **two", gate("more"), "**, three."))
    ask(page, "Count")
    answer = answers(page).last
    expect(answer).to_contain_text("One, two")
    expect(answer.locator("strong")).to_have_text("two")  # closed, though it is not yet
    expect(answer).to_have_attribute("aria-busy", "true")
    assert page.url.split("/")[-2] == "chat"
    call(model.open, "more")
    expect_answer(page, "One, two, three.")
    expect(answer).to_have_attribute("aria-busy", "false")


def test_nothing_moves_while_an_answer_comes(page: Page, model: ScriptedModel, call: Call) -> None:
    call(
        model.follow,
        says(
            "Let me look.", gate("1"), calls("list_connections", {}), calls("list_goals", {}, "2")
        ),
        says("A **list", gate("2"), "**:\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1", gate("3")),
    )
    watch_shifts(page)
    ask(page, "Talk")
    answer = answers(page).last
    expect(answer).to_contain_text("Let me look.")
    call(model.open, "1")
    expect(answer).to_contain_text("A list")
    call(model.open, "2")
    expect(answer.get_by_role("listitem")).to_have_count(2)
    call(model.open, "3")
    expect_answer(page, "A list")
    expect(answer.get_by_role("table")).to_be_visible()
    assert shifts(page) == []


@pytest.mark.parametrize("way", ["button", "Escape"])
def test_stopping_keeps_what_was_said(
    page: Page, model: ScriptedModel, call: Call, way: str
) -> None:
    call(model.follow, says("As far as here", gate("never"), " and no further."))
    ask(page, "Talk")
    expect(answers(page).last).to_contain_text("As far as here")
    if way == "button":
        page.get_by_role("button", name="Stop").click()
    else:
        field(page).press("Escape")
    answer = expect_answer(page, "As far as here")
    expect(answer).to_contain_text("Stopped")
    page.reload()
    expect(expect_answer(page, "As far as here")).not_to_contain_text("no further")


def test_a_page_that_is_loaded_anew_goes_on_with_the_answer(
    page: Page, model: ScriptedModel, call: Call
) -> None:
    call(model.follow, says("Before the reload, ", gate("more"), "and after it."))
    ask(page, "Talk")
    expect(answers(page).last).to_contain_text("Before the reload")
    page.reload()
    expect(answers(page).last).to_contain_text("Before the reload")
    call(model.open, "more")
    expect_answer(page, "Before the reload, and after it.")
    expect(answers(page)).to_have_count(1)


def test_a_question_that_does_not_get_through_is_given_back(
    page: Page, model: ScriptedModel, call: Call, complaints: Complaints
) -> None:
    call(model.follow, says("Hello."))
    ask(page, "Hello?")
    expect_answer(page, "Hello.")
    complaints.allow("ERR_CONNECTION_RESET", "/api/chat")
    page.route("**/api/chat", lambda route: route.abort("connectionreset"))
    ask(page, "Are you there?")
    expect(field(page)).to_have_value("Are you there?")
    expect(page.get_by_role("alert")).to_contain_text("did not get through")
    expect(page.get_by_role("article", name="Your question")).to_have_count(1)

    page.unroute("**/api/chat")
    field(page).press("Enter")
    expect_answer(page, "Hello.")
    expect(answers(page)).to_have_count(2)


def test_a_conversation_that_does_not_exist_says_so(page: Page, complaints: Complaints) -> None:
    complaints.allow("404")
    page.goto("/chat/none")
    expect(page.get_by_role("alert")).to_contain_text("does not exist")


def test_a_failed_answer_says_why_and_can_be_tried_again(
    page: Page, model: ScriptedModel, call: Call
) -> None:
    call(model.follow, says("It goes wrong", breaks("out of order")))
    ask(page, "Talk")
    alert = page.get_by_role("alert")
    expect(alert).to_be_visible()
    expect(answers(page).last).to_contain_text("It goes wrong")
    call(model.follow, says("It goes well."))
    alert.get_by_role("button", name="Try again").click()
    expect_answer(page, "It goes well.")
    expect(alert).to_have_count(0)


def test_an_edited_question_is_asked_again_and_both_versions_stay(
    page: Page, model: ScriptedModel, call: Call
) -> None:
    call(model.follow_all, {"Old?": [says("Old.")], "New?": [says("New.")]})
    ask(page, "Old?")
    expect_answer(page, "Old.")
    question = page.get_by_role("article", name="Your question")
    question.hover()
    question.get_by_role("button", name="Edit").click()
    page.get_by_role("textbox", name="Question", exact=True).fill("New?")
    page.get_by_role("button", name="Ask again").click()
    expect_answer(page, "New.")
    expect(question).to_contain_text("New?")

    question.hover()
    expect(question).to_contain_text("2 of 2")
    question.get_by_role("button", name="Previous version").click()
    expect_answer(page, "Old.")
    expect(question).to_contain_text("1 of 2")
    page.reload()
    expect_answer(page, "Old.")


def test_another_answer_stands_beside_the_first(
    page: Page, model: ScriptedModel, call: Call
) -> None:
    call(model.follow, says("First."))
    ask(page, "Say it")
    expect_answer(page, "First.")
    call(model.follow, says("Second."))
    page.get_by_role("button", name="Regenerate").click()
    answer = expect_answer(page, "Second.")
    expect(answers(page)).to_have_count(1)
    expect(answer).to_contain_text("2 of 2")
    answer.get_by_role("button", name="Previous version").click()
    expect_answer(page, "First.")


def test_a_number_without_a_source_is_marked(page: Page, model: ScriptedModel, call: Call) -> None:
    call(model.follow, says("🎉 You gained 4,711 followers."))
    ask(page, "How did I grow?")
    answer = expect_answer(page, "You gained 4,711")
    number = answer.get_by_role("button", name="4,711 (no source)")
    expect(number).to_contain_text("4,711")
    number.click()
    expect(page.get_by_role("dialog")).to_contain_text("Do not rely on it")


def test_what_is_open_stays_open_when_the_stored_answer_comes(
    page: Page, model: ScriptedModel, call: Call
) -> None:
    held: list[Route] = []
    page.route(STORED, lambda route: held.append(route))  # noqa: PLW0108  # playwright sets attributes on it
    call(model.follow, says("You gained 4,711 followers."))
    with page.expect_request(STORED):
        ask(page, "How did I grow?")
        answer = expect_answer(page, "You gained 4,711")
    good = answer.get_by_role("button", name="Good answer")
    with page.expect_response(re.compile("/feedback")):
        good.click()  # what is stored tells of the rating, so it is seen when it has come
    answer.get_by_role("button", name="4,711 (no source)").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    held.pop().continue_()
    expect(good).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_no_html_of_an_answer_is_run_or_loaded(
    page: Page, model: ScriptedModel, call: Call
) -> None:
    call(
        model.follow,
        says(
            '<img src="/x" onerror="document.title=1"><script>document.title=2</script> '
            "![pixel](https://evil.example/p.png) [here](javascript:document.title=3) done"
        ),
    )
    ask(page, "Do it")
    answer = expect_answer(page, "done")
    expect(answer.locator("img, script")).to_have_count(0)
    expect(answer.get_by_role("link")).to_have_count(0)
    expect(answer).to_contain_text("<script>document.title=")
    assert page.title() == "Dream Suite"


def test_a_reader_above_is_not_pulled_down(page: Page, model: ScriptedModel, call: Call) -> None:
    lines = "".join(f"{line}. line\n\n" for line in ("a", "b", "c", "d") * 15)
    call(model.follow, says(lines, gate("more"), "The end."))
    ask(page, "A long story")
    thread = page.get_by_label("Conversation", exact=True)
    expect(answers(page).last.get_by_text("line")).to_have_count(60)
    thread.hover()
    page.mouse.wheel(0, -100_000)
    latest = page.get_by_role("button", name="Jump to latest")
    expect(latest).to_be_visible()
    call(model.open, "more")
    expect(answers(page).last).to_contain_text("The end.")
    assert thread.evaluate("element => element.scrollTop") == 0
    latest.click()
    expect(latest).to_have_count(0)
