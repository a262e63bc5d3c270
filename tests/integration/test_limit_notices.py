"""A limit that a tool of the chat runs into is told beside the answer, once a day."""

import pytest

from graph.local import LocalCreator
from graph.preparation import Asker
from graph.suite import Suite
from storage.models import PlatformConnection
from tests.conftest import Creator, SignUp
from tests.integration.test_jobs_api import ONBOARDING
from tests.integration.test_notifications import listed

QUESTION = (
    "Create a content calendar for {} on Instagram with 4 posts a week, the goal is more followers"
)
TOO_LONG = "from 1 December 2026 to 30 November 2027"


@pytest.fixture
async def creator(suite: Suite, sign_up: SignUp) -> Creator:
    """Return somebody with an account, and no plan of the day left."""
    creator = await sign_up()
    async with suite.database.user_session(creator.user_id) as session:
        session.add(
            PlatformConnection(
                user_id=creator.user_id, platform="instagram", platform_account="luna",
                username="luna", source="import",
            )
        )  # fmt: skip
    for _ in range(2):
        assert (await creator.post("/api/jobs", json=ONBOARDING)).status_code == 202
    return creator


async def test_a_plan_that_the_day_has_none_left_for_is_told_once(
    suite: Suite, creator: Creator
) -> None:
    asker = Asker(user_id=creator.user_id, timezone="UTC", locale="en", brand=None)
    asking = LocalCreator(suite=suite, asker=asker)
    for _ in range(2):
        answer = await asking.ask(QUESTION.format("next month"), agent="planner")
        assert [call["tool"] for call in answer.tool_calls] == ["create_plan_job"]
        assert answer.approvals == []
    [told] = await listed(creator)
    assert (told["type"], told["title"]) == (
        "tier_limit_reached",
        "A limit of your day is reached",
    )
    refused = await creator.post("/api/jobs", json=ONBOARDING)
    assert told["message"] == refused.json()["detail"]
    assert len(await listed(creator)) == 1


async def test_what_a_tool_refuses_for_another_reason_is_told_in_the_answer_only(
    suite: Suite, creator: Creator
) -> None:
    asker = Asker(user_id=creator.user_id, timezone="UTC", locale="en", brand=None)
    asking = LocalCreator(suite=suite, asker=asker)
    answer = await asking.ask(QUESTION.format(TOO_LONG), agent="planner")
    assert [call["tool"] for call in answer.tool_calls] == ["create_plan_job"]
    assert "tier_limit_reached" not in [each["type"] for each in await listed(creator)]
