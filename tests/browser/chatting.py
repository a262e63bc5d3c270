"""What a reader does and sees in the chat."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect


def field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Your question")


def ask(page: Page, text: str) -> None:
    """Ask as one does: write, and press Enter."""
    field(page).fill(text)
    field(page).press("Enter")


def answers(page: Page) -> Locator:
    return page.get_by_role("article", name=re.compile("’s answer$"))


def expect_answer(page: Page, text: str | re.Pattern[str]) -> Locator:
    """Wait until the last answer has the text and is whole."""
    answer = answers(page).last
    expect(answer).to_contain_text(text)
    expect(answer.get_by_role("button", name="Regenerate")).to_be_enabled()
    return answer


WATCH_SHIFTS = """
window.shifts = [];
new PerformanceObserver(list => {
  for (const entry of list.getEntries())
    for (const {node, previousRect, currentRect} of entry.sources)
      if (node?.parentElement?.closest("[aria-label=Conversation]"))
        window.shifts.push({
          value: entry.value, text: node.textContent.slice(0, 80),
          from: previousRect.y, to: currentRect.y,
        });
}).observe({type: "layout-shift", buffered: true});
"""


def watch_shifts(page: Page) -> None:
    """Take down from now on what moves in the conversation without being scrolled."""
    page.evaluate(WATCH_SHIFTS)


def shifts(page: Page) -> list[dict[str, Any]]:
    """Return what has moved: by how much of the window, what, from where and to where."""
    page.evaluate("() => new Promise(requestAnimationFrame)")
    found: list[dict[str, Any]] = page.evaluate("window.shifts")
    return found


def conversation_in_list(page: Page, title: str) -> Locator:
    """Return the entry of the list at the left."""
    entries = page.get_by_role("list", name="Conversations").get_by_role("listitem")
    return entries.filter(has_text=title)
