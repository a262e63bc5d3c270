"""The chat, answered by the offline model from the demo creator's numbers."""

import re

from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.chatting import (
    answers,
    ask,
    conversation_in_list,
    expect_answer,
    field,
    shifts,
    watch_shifts,
)
from tests.browser.conftest import Complaints, NewBrowser


def test_a_suggestion_is_answered_and_each_number_tells_its_source(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name=re.compile("^Which platform grew fastest")).click()
    answer = expect_answer(page, "YouTube")
    expect(answer).to_have_accessible_name("Career’s answer")

    answer.get_by_role("button", name=re.compile("^[+]?[0-9.]+%$")).first.click()
    expect(page.get_by_role("dialog")).to_contain_text("follower growth, YouTube")
    page.keyboard.press("Escape")

    answer.get_by_role("button", name=re.compile("Comparison of platforms|Growth")).first.click()
    expect(answer.get_by_role("columnheader", name="Value")).to_be_visible()


def test_the_agent_that_is_picked_answers(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Who answers: Auto").click()
    page.get_by_role("menuitemradio", name=re.compile("Goal tracker")).click()
    ask(page, "How far are my goals?")
    expect(expect_answer(page, "25,000")).to_have_accessible_name("Goal tracker’s answer")
    page.reload()
    expect(page.get_by_role("button", name="Who answers: Goal tracker")).to_be_visible()


def test_what_was_found_is_drawn_and_nothing_moves(page: Page) -> None:
    page.goto("/")
    expect(field(page)).to_be_visible()
    watch_shifts(page)
    ask(page, "Which platform grew fastest this year?")
    answer = expect_answer(page, "YouTube")
    chart = answer.get_by_role("table", name="Follower growth")
    expect(chart.get_by_role("rowheader")).to_have_text(
        ["YouTube", "Instagram", "Spotify", "Facebook"]
    )
    expect(chart.get_by_role("row").first.get_by_role("cell").last).to_have_text(re.compile("%$"))
    expect(page.get_by_role("group", name="Ask next").get_by_role("button")).to_have_count(3)
    assert shifts(page) == []


def test_an_answer_leads_on_to_questions_about_the_same_days(page: Page) -> None:
    page.goto("/")
    ask(page, "How did I grow last month?")
    expect_answer(page, "You gained")
    following = page.get_by_role("group", name="Ask next")
    asked = following.get_by_role("button", name=re.compile("^Which of my posts in "))
    question = asked.inner_text()
    asked.click()
    expect(page.get_by_role("article", name="Your question").last).to_contain_text(question)
    expect(expect_answer(page, "best post")).to_have_accessible_name("Content strategist’s answer")
    expect(following).to_be_visible()
    expect(asked).to_have_count(0)
    page.reload()
    expect(following).to_be_visible()


def test_a_goal_is_set_only_with_approval_and_is_there_at_once(new_page: NewBrowser) -> None:
    page = new_page()
    page.goto("/")
    ask(page, "Set a goal of 60000 followers on Instagram by 2029-06-30")
    approval = page.get_by_role("group", name="Your approval is needed")
    expect(approval).to_contain_text("60,000 followers on Instagram")
    goals = page.get_by_role("region", name="Goals")
    expect(goals).not_to_contain_text("60,000")

    page.reload()  # it waits as long as one likes
    approval.get_by_role("button", name="Approve").click()
    expect_answer(page, "60,000")
    expect(goals).to_contain_text("60,000 followers on Instagram")


def test_a_rejected_goal_is_not_set(page: Page) -> None:
    page.goto("/")
    ask(page, "Set a goal of 70000 followers on Instagram by 2029-06-30")
    page.get_by_role("button", name="Reject").click()
    expect(expect_answer(page, re.compile("nothing", re.IGNORECASE))).to_contain_text(
        "not approved"
    )
    expect(page.get_by_role("region", name="Goals")).not_to_contain_text("70,000")


def test_a_goal_is_edited_before_it_is_approved(page: Page, complaints: Complaints) -> None:
    complaints.allow("400")  # the first edit is refused
    page.goto("/")
    ask(page, "Set a goal of 61000 followers on Instagram by 2029-06-30")
    approval = page.get_by_role("group", name="Your approval is needed")
    approval.get_by_role("button", name="Edit").click()
    form = approval.get_by_role("form", name="Edit before you approve")
    assert violations(page) == []
    form.get_by_role("textbox", name="Target value").fill("62000")
    form.get_by_role("textbox", name="Due date").fill("2020-01-31")
    form.get_by_role("button", name="Approve as edited").click()
    due = form.get_by_role("textbox", name="Due date")
    expect(due).to_have_accessible_description(re.compile("has to be after today"))
    expect(page.get_by_role("region", name="Goals")).not_to_contain_text("62,000")

    due.fill("2029-12-31")
    form.get_by_role("button", name="Approve as edited").click()
    expect_answer(page, "62,000")
    goals = page.get_by_role("region", name="Goals")
    expect(goals).to_contain_text("62,000 followers on Instagram")
    expect(goals).not_to_contain_text("61,000")


def test_an_edit_can_be_left_and_the_goal_rejected(page: Page) -> None:
    page.goto("/")
    ask(page, "Set a goal of 63000 followers on Instagram by 2029-06-30")
    approval = page.get_by_role("group", name="Your approval is needed")
    approval.get_by_role("button", name="Edit").click()
    approval.get_by_role("textbox", name="Target value").fill("64000")
    approval.get_by_role("button", name="Do not edit").click()
    expect(approval).to_contain_text("63,000")
    approval.get_by_role("button", name="Reject").click()
    expect_answer(page, "not approved")
    expect(page.get_by_role("region", name="Goals")).not_to_contain_text("4,000 followers")


def test_a_rating_stays_and_can_be_taken_back(page: Page) -> None:
    page.goto("/")
    ask(page, "When should I post on Instagram?")
    expect_answer(page, "Thursday")
    good = page.get_by_role("button", name="Good answer")
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(good).to_have_attribute("aria-pressed", "true")
    good.click()
    expect(good).to_have_attribute("aria-pressed", "false")


def test_an_answer_is_copied(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/")
    ask(page, "How did I grow last month?")
    answer = expect_answer(page, "You gained")
    answer.get_by_role("button", name="Copy").click()
    expect(answer.get_by_role("button", name="Copied")).to_be_visible()
    copied: str = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("You gained")
    assert "| Instagram |" in copied


def test_a_question_asked_after_the_session_has_expired_is_kept(
    page: Page, complaints: Complaints
) -> None:
    page.goto("/")
    ask(page, "How did I grow last month?")
    expect_answer(page, "You gained")
    follow_ups = page.get_by_role("group", name="Ask next")
    expect(follow_ups.get_by_role("button").first).to_be_visible()  # the last request is answered
    complaints.allow("401")
    page.context.clear_cookies()
    ask(page, "And this month?")
    expect(page.get_by_role("status")).to_contain_text("Your session has ended")
    page.get_by_role("button", name="Try the demo").click()
    expect_answer(page, "You gained")
    expect(field(page)).to_have_value("And this month?")
    expect(answers(page)).to_have_count(1)


def test_a_question_on_its_way_when_another_request_ends_the_session_is_kept(
    page: Page, complaints: Complaints
) -> None:
    page.goto("/")
    ask(page, "How did I grow last month?")
    expect_answer(page, "You gained")
    page.route("**/api/chat", lambda _: None)  # it never gets there
    ask(page, "And this month?")
    complaints.allow("401")
    page.context.clear_cookies()
    page.get_by_role("button", name=re.compile("^Notifications")).click()
    expect(page.get_by_role("status")).to_contain_text("Your session has ended")
    page.get_by_role("button", name="Try the demo").click()
    expect_answer(page, "You gained")
    expect(field(page)).to_have_value("And this month?")


def test_a_slow_network_shows_the_question_at_once_and_the_answer_in_time(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("button", name=re.compile("^Which platform grew"))).to_be_visible()
    network = page.context.new_cdp_session(page)
    slow = {
        "offline": False,
        "latency": 1500,
        "downloadThroughput": 40_000,
        "uploadThroughput": 8_000,
    }
    network.send("Network.emulateNetworkConditions", slow)
    ask(page, "How did I grow last month?")
    expect(page.get_by_role("article", name="Your question")).to_be_visible()
    expect(page.get_by_text("Choosing who answers")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect_answer(page, "You gained")
    expect(answers(page)).to_have_count(1)


def test_conversations_are_found_renamed_pinned_exported_and_deleted(new_page: NewBrowser) -> None:
    page = new_page("new")
    page.goto("/")
    for question in ("What do you know about me?", "Which accounts do I have?"):
        page.get_by_role("link", name="New chat").click()
        ask(page, question)
        expect_answer(page, re.compile(r"\w"))
    first = conversation_in_list(page, "What do you know")
    second = conversation_in_list(page, "Which accounts")

    page.get_by_role("textbox", name="Search conversations").fill("accounts do")
    expect(first).to_have_count(0)
    expect(second).to_have_count(1)
    page.get_by_role("button", name="Clear the search").click()

    first.get_by_role("button", name=re.compile("^More")).click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_role("textbox", name="Title").fill("About me")
    page.keyboard.press("Enter")
    renamed = conversation_in_list(page, "About me")
    expect(renamed).to_be_visible()

    renamed.get_by_role("button", name=re.compile("^More")).click()
    page.get_by_role("menuitem", name="Pin").click()
    expect(renamed.get_by_role("img", name="Pinned")).to_be_visible()

    renamed.get_by_role("button", name=re.compile("^More")).click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Export").click()
    assert "What do you know about me?" in download.value.path().read_text()

    second.get_by_role("button", name=re.compile("^More")).click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(second).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(second).to_be_visible()
    second.get_by_role("link").click()
    expect_answer(page, re.compile(r"\w"))

    second.get_by_role("button", name=re.compile("^More")).click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(second).to_have_count(0)
    page.reload()  # leaving the page deletes at once
    expect(renamed).to_be_visible()
    expect(second).to_have_count(0)
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()


def test_what_one_browser_says_the_other_shows_at_once(new_page: NewBrowser) -> None:
    one, other = new_page(), new_page()
    one.goto("/")
    ask(one, "How did I grow last month?")
    expect_answer(one, "You gained")
    other.goto(one.url)
    expect_answer(other, "You gained")
    ask(other, "When should I post on Instagram?")
    expect_answer(other, "Thursday")
    expect_answer(one, "Thursday")
    expect(answers(one)).to_have_count(2)


def test_enter_sends_and_shift_enter_does_not(page: Page) -> None:
    page.goto("/")
    field(page).press_sequentially("How did I grow")
    field(page).press("Shift+Enter")
    field(page).press_sequentially("last month?")
    expect(field(page)).to_have_value("How did I grow\nlast month?")
    # An input method takes Enter for itself.
    field(page).dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    expect(answers(page)).to_have_count(0)
    field(page).press("Enter")
    expect_answer(page, "You gained")
    expect(field(page)).to_have_value("")
    expect(field(page)).to_be_focused()


def test_the_palette_finds_pages_and_conversations(page: Page) -> None:
    page.goto("/")
    ask(page, "Compare my platforms over the last month")
    expect_answer(page, re.compile(r"\w"))
    page.keyboard.press("Control+k")
    search = page.get_by_role("textbox", name="Search", exact=True)
    search.fill("api keys")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your API keys")).to_be_visible()

    page.keyboard.press("Control+k")
    search.fill("compare platforms")
    page.get_by_role("button", name="Compare my platforms").first.click()
    expect(page.get_by_role("article", name="Your question")).to_contain_text(
        "Compare my platforms"
    )
