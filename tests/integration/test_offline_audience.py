"""Who the audience is, as the offline agents tell of the demo creator: from her stored shares."""

import datetime as dt
from collections.abc import Sequence

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from agents.catalog import AGENTS
from agents.offline.model import OfflineChatModel
from domain.demo import DEMO_EMAIL, seed_demo
from domain.demo.audience import AUDIENCES
from domain.grounding.verdict import Verdict, check_numbers
from storage.database import Database
from storage.users import find_user
from tests.offline_conversation import TODAY, answered, creator, system
from tests.tool_calls import call, new_context
from tools.results import ToolResult

NOON = dt.datetime.combine(TODAY, dt.time(12), tzinfo=dt.UTC)
ACCOUNTS = [(platform.value, each.account) for platform, each in AUDIENCES.items()]
CARD = "Who is my audience, and what does that mean for what I post?"


class Asked:
    """A question, the arguments of the calls that it led to, and the answer with its check."""

    def __init__(self, args: Sequence[dict[str, str]], text: str, verdict: Verdict) -> None:
        self.args, self.text, self.verdict = args, text, verdict


async def ask(
    database: Database,
    question: str,
    agent: str = "content_strategist",
    before: Sequence[AnyMessage] = (),
) -> Asked:
    """Ask an agent about the demo creator, with its own tools on the real database."""
    tools = {tool.name: tool for tool in AGENTS[agent].tools}
    model = OfflineChatModel().bind_tools(list(tools.values()))
    messages: list[AnyMessage] = [system(creator(ACCOUNTS)), *before, HumanMessage(question)]
    wanted = model.invoke(messages)
    async with database.service_session() as session:
        user = await find_user(session, DEMO_EMAIL)
    assert user
    context = new_context(database, user.id, TODAY)
    results: list[tuple[str, dict[str, str], ToolResult]] = []
    for each in wanted.tool_calls:
        result = await call(tools[each["name"]], context, **each["args"])
        results.append((each["name"], each["args"], result))
    assert {name for name, _, _ in results} <= {"get_audience"}
    text = (model.invoke([*messages, *answered(results)]) if results else wanted).text
    figures = [figure for _, _, result in results for figure in result.figures]
    verdict = check_numbers(text, figures, question, today=TODAY)
    return Asked([args for _, args, _ in results], text, verdict)


@pytest.fixture
async def demo(database: Database) -> Database:
    await seed_demo(database, lambda: NOON)
    return database


@pytest.mark.parametrize("agent", ["content_strategist", "career", "planner"])
async def test_who_the_audience_is_is_told_by_platform_and_day_with_what_is_not_known(
    demo: Database, agent: str
) -> None:
    asked = await ask(demo, "Who is my audience?", agent)
    assert asked.args == [{"start": "2026-10-24", "end": "2026-11-20"}]
    assert asked.verdict.status == "grounded"
    assert asked.text.startswith(
        "- On Instagram, as of 18 November 2026, 41.2% of your followers are 25–34 years old, "
        "63.6% are women, 56.5% live in Germany and 15.9% live in Berlin.\n- On Spotify, "
    )
    assert "The rest is unknown, or in smaller shares." in asked.text
    assert "did not tell who its audience is in these days" in asked.text
    assert asked.text.count("Facebook") == 1


async def test_the_cards_question_is_answered_with_what_it_means_for_posts(demo: Database) -> None:
    asked = await ask(demo, CARD)
    assert asked.verdict.status == "grounded"
    assert "On YouTube, as of 18 November 2026, 36.2% of your viewers are 25–34" in asked.text
    assert "Write with people of 25–34 in mind, your largest age group on Instagram." in asked.text
    assert "Post by the clock of Germany, where your largest share lives." in asked.text


AGES = """\
On Instagram, as of 18 November 2026, 41.2% of your followers are 25–34 years old, 26.7% are 18–24 \
years old and 17.0% are 35–44 years old.

| Age | 18 November 2026 | 21 October 2026 |
| --- | ---: | ---: |
| 25–34 | 41.2% | 41.5% |
"""
COUNTRIES = """\
On Spotify, as of 18 November 2026, 51.3% of your listeners live in Germany, 8.0% live in Austria"""
GENDERS = """\
- On Instagram, as of 18 November 2026, 63.6% of your followers are women and 31.3% are men.
- On Spotify, """
PLACES = """\
- On Instagram, as of 18 November 2026, 56.5% of your followers live in Germany and 15.9% live in \
Berlin.
- On Spotify, """
NOTHING = """\
Your platforms did not tell who your audience is from 24 October to 20 November 2026.

"""
NO_CITIES = (
    f"{NOTHING}YouTube \\(idawrenfeldmusic\\) did not tell its audience by city in these days."
)


@pytest.mark.parametrize(
    ("question", "named", "expected"),
    [
        ("How old are my followers on Instagram?", "instagram age", AGES),
        ("Which country listens most on Spotify?", "spotify country", COUNTRIES),
        ("How many of my fans are women?", "gender", GENDERS),
        ("Where do my listeners live?", "", PLACES),
        ("what cities are my subscribers from", "youtube city", NO_CITIES),
        ("How old are my followers on Facebook?", "facebook age", NOTHING),
        ("demographics on youtube please", "youtube", "On YouTube, as of 18 November 2026, 36.2% "),
        ("How many listeners on Spotify live in Austria?", "spotify country", COUNTRIES),
    ],
)
async def test_a_part_of_it_is_told_where_it_is_asked_for(
    demo: Database, question: str, named: str, expected: str
) -> None:
    asked = await ask(demo, question)
    (args,) = asked.args
    assert " ".join(args.get(name, "") for name in ("platform", "dimension")).strip() == named
    assert asked.text.startswith(expected)
    assert asked.verdict.status in {"grounded", "no_numbers"}
    assert (asked.verdict.status == "no_numbers") == expected.startswith(NOTHING)


async def test_another_time_is_told_as_it_was_then(demo: Database) -> None:
    asked = await ask(demo, "How old were my followers on Instagram in June 2026?")
    assert [args["start"] for args in asked.args] == ["2026-06-01"]
    assert "On Instagram, as of 3 June 2026, " in asked.text
    assert "You named no period" not in asked.text
    assert asked.verdict.status == "grounded"


async def test_a_follow_up_keeps_the_dimension_or_the_platform(demo: Database) -> None:
    before: list[AnyMessage] = [
        HumanMessage("How old are my followers on Instagram?"),
        AIMessage("An answer."),
    ]
    (args,) = (await ask(demo, "and on Spotify?", "content_strategist", before)).args
    assert (args["platform"], args["dimension"]) == ("spotify", "age")
    (args,) = (await ask(demo, "and in which countries?", "content_strategist", before)).args
    assert (args["platform"], args["dimension"]) == ("instagram", "country")


@pytest.mark.parametrize(
    "question",
    [
        "What are the interests of my audience?",
        "What languages do my followers speak?",
        "How much do my female followers earn?",
        "Are my listeners in Germany married?",
    ],
)
async def test_what_no_platform_tells_is_still_not_known(demo: Database, question: str) -> None:
    asked = await ask(demo, question)
    assert (asked.args, asked.verdict.status) == ([], "no_numbers")
    assert "I don't know" in asked.text


async def test_the_goal_tracker_says_whom_to_ask(demo: Database) -> None:
    asked = await ask(demo, "Who is my audience?", "goal_tracker")
    assert asked.args == []
    assert "content strategist" in asked.text
