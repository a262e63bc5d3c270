"""A conversation of many messages: all of them are there, and none of them is in the way."""

from playwright.sync_api import Page, expect

from tests.browser.chatting import answers, field

TURNS = 30
# Times as long; it was fifteen when each letter drew all messages anew.
MOST = 4
WORDS = "How did I grow last month?"
TRIES = 3


def script_seconds(page: Page) -> float:
    """Return how long scripts of a page take while words are written into it."""
    browser = page.context.new_cdp_session(page)
    browser.send("Performance.enable")

    def seconds() -> float:
        metrics = browser.send("Performance.getMetrics")["metrics"]
        return float(next(each["value"] for each in metrics if each["name"] == "ScriptDuration"))

    before = seconds()
    field(page).press_sequentially(WORDS)
    expect(field(page)).to_have_value(WORDS)
    taken = seconds() - before
    field(page).clear()
    return taken


def test_a_long_conversation_is_whole_and_as_quick_to_write_in_as_a_new_one(page: Page) -> None:
    page.goto("/")
    field(page).focus()
    new = min(script_seconds(page) for _ in range(TRIES))
    for number in range(TURNS):
        body = {"id": "long", "message": f"Which platform grew fastest? ({number})"}
        assert page.context.request.post("/api/chat", data=body).ok
    page.goto("/chat/long")
    # The end is there first, and stays in sight when the beginning comes above it.
    expect(answers(page)).to_have_count(TURNS)
    questions = page.get_by_role("article", name="Your question")
    expect(questions.first).to_contain_text("(0)")
    expect(questions.last).to_be_in_viewport()
    assert any(script_seconds(page) < MOST * new for _ in range(TRIES))
