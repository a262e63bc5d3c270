"""Asking which goal would fit: from a creator's numbers to the goal that waits for approval."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

import pytest
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langchain_core.runnables import Runnable

from agents.catalog import AGENTS
from agents.offline.model import OfflineChatModel
from core.errors import RetryableToolError
from domain.grounding.verdict import check_numbers
from storage.database import Database
from storage.metrics import list_coverage
from tests.integration.test_goals_tools import TODAY, Agent, new_agent
from tests.offline_conversation import answered, system
from tests.tool_calls import by_row, call, new_context
from tools.goal_suggestions import suggest_goal
from tools.goals import goal_progress
from tools.results import ToolResult

QUESTION = "Which goal would fit my pace?"
DUE = dt.date(2026, 5, 10)
SENTENCE = re.compile(r"say “([^”]+)”")
READ = {tool.name: tool for tool in (suggest_goal, goal_progress)}


async def add(
    agent: Agent, place: str, values: Sequence[int], metric: str = "followers", ago: int = 0
) -> None:
    """Import one value a day, the last of them for so many days ago."""
    last = TODAY - dt.timedelta(days=ago)
    days = [last - dt.timedelta(days=back) for back in reversed(range(len(values)))]
    rows = [f"{place},{day},{metric},{value}" for day, value in zip(days, values, strict=True)]
    await agent.add(*rows)


def growing(last: int, step: int, count: int = 31) -> list[int]:
    return [last - step * back for back in reversed(range(count))]


class Chat:
    """A conversation with the offline goal tracker, whose tools read a creator's numbers."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.messages: list[AnyMessage] = []
        self.context = new_context(agent.database, agent.user_id, TODAY)

    async def ask(self, text: str) -> str:
        """Return the answer, each number of which has to be a figure."""
        self.context = new_context(self.agent.database, self.agent.user_id, TODAY)
        asked = await self.calls(text)
        results = [
            (name, args, await call(READ[name], self.context, **args)) for name, args in asked
        ]
        self.messages += answered(results)
        answer = self._model().invoke([await self._system(), *self.messages])
        self.messages.append(answer)
        verdict = check_numbers(answer.text, self.context.figures.figures, text)
        assert [n.text for n in verdict.numbers if not n.is_backed] == [], answer.text
        return answer.text

    async def calls(self, text: str) -> list[tuple[str, dict[str, Any]]]:
        """Say something and return what the model calls."""
        self.messages.append(HumanMessage(text))
        reply = self._model().invoke([await self._system(), *self.messages])
        assert reply.tool_calls, reply.text
        return [(one["name"], one["args"]) for one in reply.tool_calls]

    def _model(self) -> Runnable[LanguageModelInput, AIMessage]:
        return OfflineChatModel().bind_tools(list(AGENTS["goal_tracker"].tools))

    async def _system(self) -> AnyMessage:
        async with self.agent.database.user_session(self.agent.user_id) as session:
            accounts = await list_coverage(session)
        goals = await self.agent.goals()
        return system(
            {
                "today": str(TODAY),
                "accounts": [
                    {
                        "platform": each.platform,
                        "account": each.account,
                        "first_date": str(each.first_date),
                        "last_date": str(each.last_date),
                    }
                    for each in accounts
                ],
                "goals": [
                    {"id": str(g.id), "title": g.title, "metric": g.metric, "platform": g.platform}
                    for g in goals
                ],
            }
        )


@pytest.fixture
async def agent(database: Database) -> Agent:
    return await new_agent(database)


async def suggested(agent: Agent, **args: Any) -> ToolResult:
    return await call(suggest_goal, new_context(agent.database, agent.user_id, TODAY), **args)


# --- the tool ---


async def test_it_tells_level_pace_what_is_expected_and_what_fits(agent: Agent) -> None:
    await add(agent, "instagram,ida", growing(1000, 10))
    result = await suggested(agent)
    assert [(figure.label, figure.value, figure.status) for figure in result.figures] == [
        ("last known followers, Instagram", 1000, "final"),
        ("recent pace of followers per day, Instagram", 10, "final"),
        ("expected followers at this pace, Instagram", 1300, "forecast"),
        ("fitting goal of followers, Instagram", 1300, "forecast"),
    ]
    [row] = result.rows
    assert (row["has_goal"], row["due_date"], row["obstacle"]) == (False, str(DUE), None)


async def test_the_largest_account_comes_first(agent: Agent) -> None:
    await add(agent, "facebook,ida", growing(500, 1))
    await add(agent, "instagram,ida", growing(1000, 1))
    result = await suggested(agent)
    assert [row["platform"] for row in result.rows] == ["instagram", "facebook"]


async def test_an_account_with_a_goal_on_that_metric_has_one_already(agent: Agent) -> None:
    await add(agent, "instagram,ida", growing(1000, 10))
    await add(agent, "instagram,ida", [50] * 31, "views")
    await agent.set_goal()
    assert [row["has_goal"] for row in (await suggested(agent)).rows] == [True]
    assert [row["has_goal"] for row in (await suggested(agent, metric="views")).rows] == [False]


async def test_a_goal_on_all_accounts_is_no_goal_of_one_of_several(agent: Agent) -> None:
    await add(agent, "instagram,ida", growing(1000, 10))
    await add(agent, "facebook,ida", growing(500, 1))
    await agent.set_goal(platform=None)
    assert [row["has_goal"] for row in (await suggested(agent)).rows] == [False, False]


async def test_too_few_days_are_told_and_give_no_number(agent: Agent) -> None:
    await add(agent, "instagram,ida", growing(1000, 10, count=5))
    result = await suggested(agent)
    assert by_row(result, "goal_followers") == [None]
    assert result.notes == [
        "Instagram: no suggestion, because it takes more than a week of known days"
    ]


@pytest.mark.parametrize("due", [TODAY, TODAY + dt.timedelta(days=181)])
async def test_a_date_that_no_pace_tells_about_is_refused(agent: Agent, due: dt.date) -> None:
    await add(agent, "instagram,ida", growing(1000, 10))
    with pytest.raises(RetryableToolError, match=r"up to 2026-10-07"):
        await suggested(agent, due_date=due.isoformat())


async def test_no_one_elses_numbers_are_looked_at(agent: Agent, database: Database) -> None:
    await add(agent, "instagram,ida", growing(1000, 10))
    with pytest.raises(RetryableToolError, match="no such account"):
        await suggested(await new_agent(database))


# --- the conversation ---


async def approval_of(agent: Agent, chat: Chat, sentence: str) -> dict[str, Any]:
    """Say a sentence and return what the creator is asked to approve."""
    [(tool, args)] = await chat.calls(sentence)
    assert tool == "create_goal"
    question = await agent.ask(tool, **args)
    approved: dict[str, Any] = question["input"]
    return approved


async def test_the_offered_sentence_leads_to_the_approval_of_that_goal(agent: Agent) -> None:
    await add(agent, "instagram,ida", growing(1000, 10))
    chat = Chat(agent)
    answer = await chat.ask(QUESTION)
    assert answer == (
        "**Instagram**: you have 1,000 followers and gain 10 a day at your recent pace. By 10 May "
        "2026 that leads to **1,300** followers. For a goal that fits, say “Set a goal of 1,300 "
        "followers on Instagram by 10 May 2026”."
    )
    [sentence] = SENTENCE.findall(answer)
    assert await approval_of(agent, chat, sentence) == {
        "metric": "followers",
        "platform": "instagram",
        "target_value": 1300,
        "due_date": str(DUE),
    }
    told = await agent.decide(type="approve")
    assert told.rows[0]["is_on_track"] is True


METRICS = ("views", "reach", "watch_time_minutes", "likes", "posts", "engagement", "listeners")


@pytest.mark.parametrize("metric", METRICS)
async def test_a_goal_on_any_number_can_be_set_as_offered(agent: Agent, metric: str) -> None:
    await add(agent, "instagram,ida", [1200] * 31, metric)
    chat = Chat(agent)
    answer = await chat.ask(f"Suggest a goal for my {metric.replace('_', ' ')} by 30 April")
    [sentence] = SENTENCE.findall(answer)
    wanted = await approval_of(agent, chat, sentence)
    assert (wanted["metric"], wanted["due_date"]) == (metric, "2026-04-30")
    assert wanted["target_value"] == 24_000


async def test_each_of_two_accounts_of_a_platform_gets_its_own(agent: Agent) -> None:
    await add(agent, "youtube,ida sings", growing(1000, 10))
    await add(agent, "youtube,@ida.live", growing(500, 0))
    chat = Chat(agent)
    answer = await chat.ask("What goal should I set?")
    wanted = [
        await approval_of(agent, chat, sentence.replace("\\", ""))
        for sentence in SENTENCE.findall(answer)
    ]
    assert [(one["account"], one["target_value"]) for one in wanted] == [
        ("ida sings", 1300),
        ("ida.live", 505),
    ]


async def test_who_loses_followers_is_told_so(agent: Agent) -> None:
    await add(agent, "facebook,ida", growing(1000, -2))
    answer = await Chat(agent).ask("Find me a realistic goal")
    assert "lose 2 a day" in answer
    assert "no higher number; for a first step up, say “Set a goal of 1,010 followers" in answer


async def test_too_few_days_are_told_with_what_to_do(agent: Agent) -> None:
    await add(agent, "instagram,ida", growing(1000, 10, count=5))
    answer = await Chat(agent).ask("Suggest a goal")
    assert answer.startswith(
        "**Instagram**: I can't tell your pace yet, because it takes more than a week of known "
        f"days.\n\nImport more days under Connections, then ask “{QUESTION}” again."
    )


async def test_goals_that_are_set_are_told_beside_what_fits_the_rest(agent: Agent) -> None:
    await add(agent, "instagram,ida", growing(1000, 10))
    await add(agent, "facebook,ida", growing(500, 1))
    await agent.set_goal(due_date=DUE.isoformat())
    answer = await Chat(agent).ask(QUESTION)
    assert answer.startswith("**Facebook**: you have 500 followers")
    assert "Instagram has a goal on followers already:\n\n**2,000 followers on Inst" in answer
    assert "You need 33.3 a day by 10 May 2026, so you are behind." in answer


async def test_who_has_a_goal_everywhere_is_offered_another_number(agent: Agent) -> None:
    await add(agent, "instagram,ida", growing(1000, 10))
    await add(agent, "instagram,ida", [50] * 31, "views")
    await agent.set_goal()
    chat = Chat(agent)
    answer = await chat.ask(QUESTION)
    assert answer.startswith("Instagram has a goal on followers already:")
    other = "Suggest a goal for my views on Instagram"
    assert f"ask “{other}”" in answer
    assert "Set a goal of 1,500 views on Instagram by 10 May 2026" in await chat.ask(other)


async def test_a_follow_up_keeps_asking_for_a_goal(agent: Agent) -> None:
    await add(agent, "instagram,ida", growing(1000, 10))
    await add(agent, "youtube,ida", growing(500, 1))
    chat = Chat(agent)
    await chat.ask("Suggest a goal for Instagram")
    assert "Set a goal of 530 subscribers on YouTube by" in await chat.ask("and on YouTube?")
    assert "by 30 April 2026" in await chat.ask("and by the end of April?")
