"""A plan from the first word to the last change, in one chat, without any language model."""

import datetime as dt
from typing import Any

from graph.suite import Suite
from jobs.execution import execute
from jobs.handlers import HANDLERS
from storage.jobs import list_jobs
from tests.conftest import SignUp
from tests.e2e.streams import AnswerStream, ask, resume
from tests.e2e.test_approvals import NUMBERS, run_of


def grounding(answer: AnswerStream) -> str:
    status: str = answer.of_type("data-grounding")[-1]["data"]["status"]
    return status


async def test_a_plan_is_asked_for_made_followed_and_changed_in_one_chat(
    suite: Suite, sign_up: SignUp
) -> None:
    creator = await sign_up()
    headers = {"Content-Type": "text/csv"}
    await creator.post("/api/metrics/import", content=NUMBERS, headers=headers)

    async def say(text: str) -> AnswerStream:
        return await ask(creator, text, id="plans", agent="auto")

    first = await say("make me a content plan for next month, goal: more followers")
    assert first.text == (
        "Before I start on the plan: on which platforms and how many posts a week?"
    )
    waiting = await say("Instagram, 4 posts a week")
    [request] = waiting.of_type("tool-approval-request")
    decision = {"id": request["approvalId"], "type": "approve"}
    made = await resume(creator, run_of(waiting), decision)
    assert made.of_type("data-job")[0]["data"]["status"] == "queued"
    assert made.text.startswith("Your plan is being made in the background")

    async with suite.database.user_session(creator.user_id) as session:
        [job] = await list_jobs(session, limit=10)
    assert "waiting for its turn" in (await say("how far is my plan?")).text
    await execute(suite, HANDLERS, job.id, "w")
    ready = await say("how far is my plan?")
    assert "is ready, with **" in ready.text
    assert grounding(ready) == "grounded"

    async def plan() -> dict[str, Any]:
        [newest] = (await creator.get("/api/plans")).json()["items"]
        found: dict[str, Any] = (await creator.get(f"/api/plans/{newest['id']}")).json()
        return found

    before = await plan()
    days = {item["date"] for item in before["items"]}
    start = dt.date.fromisoformat(before["start"])
    free = next(
        str(start + dt.timedelta(days=n))
        for n in range(28)
        if str(start + dt.timedelta(days=n)) not in days
    )
    moved = await say(f"move the post of {before['items'][0]['date']} to {free}")
    assert moved.text.startswith("Done, as a new version of the plan")
    assert grounding(moved) != "ungrounded"
    renamed = await say("rename the plan to “Calm days”")
    assert grounding(renamed) != "ungrounded"
    after = await plan()
    assert (after["version"], after["title"]) == (3, "Calm days")
    assert {item["date"] for item in after["items"]} == days - {before["items"][0]["date"]} | {free}
    refused = await say("move the post of 2020-01-05 to 2020-01-06")
    assert "Done" not in refused.text
    assert (await plan())["version"] == 3
