"""What the offline model says of insights that the career agent's tool lists."""

from typing import Any

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from agents.career import CAREER
from agents.offline.model import OfflineChatModel
from domain.figures import FigureBook
from tests.offline_conversation import TODAY, answered, calls, creator, system
from tools.results import ToolResult

VIRAL = {
    "title": "An unusually good day on Instagram",
    "message": "Instagram (luna_sings) had {{f1}} views on 19 November 2026; {{f2}} is usual.",
    "actions": ["Find the post behind it, and follow it up."],
    "of": str(TODAY), "platform": "instagram",
}  # fmt: skip
BEST_TIME = {
    "title": "Posts on Thursdays at 18:00 do best",
    "message": "Your {{f3}} posts at 18:00 earned most. [More](http://evil.example)",
    "actions": [], "of": "2026-11-16", "platform": "youtube",
}  # fmt: skip


def result(*insights: dict[str, Any]) -> ToolResult:
    book = FigureBook()
    rows = []
    for insight in insights:
        count = insight["message"].count("{{")
        figures = [
            book.add(
                "a number", 10 * place + 10, metric="views", platform=insight["platform"],
                start=TODAY, end=TODAY, observations=1,
            )
            for place in range(count)
        ]  # fmt: skip
        rows.append(insight | {"figures": [figure.id for figure in figures]})
    return ToolResult(figures=book.figures, rows=rows)


def say(question: str, *insights: dict[str, Any]) -> str:
    model = OfflineChatModel().bind_tools(list(CAREER.tools))
    messages: list[AnyMessage] = [system(creator()), HumanMessage(question)]
    asked = model.invoke(messages)
    assert isinstance(asked, AIMessage)
    assert calls(asked) == [("list_insights", {})]
    return str(
        model.invoke([*messages, *answered([("list_insights", {}, result(*insights))])]).text
    )


def test_what_stands_out_today_comes_before_what_still_holds() -> None:
    text = say("Any insights today?", VIRAL, BEST_TIME)
    today, viral, before, best = text.replace("\n\n", "\n").splitlines()
    assert today == "This is what stands out today:"
    assert viral == (
        "- **An unusually good day on Instagram**: Instagram \\(luna\\_sings\\) had {{f1}} views "
        "on 19 November 2026; {{f2}} is usual."
    )
    assert before == "From the days before, this still holds:"
    assert best.startswith("- **Posts on Thursdays at 18:00 do best**: Your {{f3}} posts at 18:00")


def test_what_was_found_holds_no_link_of_its_own() -> None:
    assert "](" not in say("What did you find?", BEST_TIME)


@pytest.mark.parametrize(
    ("insights", "text"),
    [((), "I have found nothing by myself lately"), ((BEST_TIME,), "Nothing new today.")],
)
def test_a_morning_without_news_is_called_so(insights: tuple[Any, ...], text: str) -> None:
    assert say("What should I know this morning?", *insights).startswith(text)


def test_of_one_platform_only_its_own_are_told() -> None:
    text = say("Anything new on Instagram?", VIRAL, BEST_TIME)
    assert "An unusually good day" in text
    assert "Thursdays" not in text


def test_who_asks_about_one_is_told_that_one_and_what_to_do() -> None:
    text = say("Tell me more about this: An unusually good day on Instagram", VIRAL, BEST_TIME)
    assert text.startswith("**An unusually good day on Instagram** (20 November 2026)")
    assert "What you can do:\n- Find the post behind it, and follow it up." in text
    assert "Thursdays" not in text


def test_one_that_has_gone_is_not_made_up() -> None:
    text = say("Tell me more about this: Your views on Instagram grew", VIRAL)
    assert text == "That one does not hold any more."
