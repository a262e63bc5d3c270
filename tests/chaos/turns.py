"""Conversations as their creators have them: question by question, with all that is planned."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.plan import Action, Following, RunPlan, Visit
from tests.chaos.readers import Client, Progress, Reader
from tests.chaos.world import World
from tests.conftest import PASSWORD, new_email
from tests.e2e.streams import question

NUMBERS = "platform,account,date,metric,value\ninstagram,luna,2026-01-02,followers,1000\n"
RUN_SECONDS = 90  # in which every answer has to end, whatever happens


@dataclass(kw_only=True)
class Stop:
    """A stop that was asked for: when, and when it was answered, on the monotonic clock."""

    asked: float
    answered: float
    run_id: str | None


@dataclass(kw_only=True)
class Outcome:
    """What came of a run, as its creator saw it."""

    plan: RunPlan
    asker: Reader
    followers: list[Reader] = field(default_factory=list)
    stop: Stop | None = None
    is_decided: bool = False

    @property
    def readers(self) -> list[Reader]:
        return [self.asker, *self.followers]


async def live(world: World, plans: Sequence[RunPlan]) -> list[Outcome]:
    """Let all creators have their conversations; return what came of each run."""
    await world.model.follow_all({plan.question: plan.replies for plan in plans})
    conversations = defaultdict[int, dict[str, list[RunPlan]]](lambda: defaultdict(list))
    for plan in plans:
        conversations[plan.creator][plan.conversation].append(plan)
    clients = {creator: await sign_up(world) for creator in conversations}
    await asyncio.to_thread(world.postgres.execute, "UPDATE users SET tier = 'business'")
    async with asyncio.TaskGroup() as breakdowns, asyncio.TaskGroup() as tasks:
        talks = [
            tasks.create_task(_converse(clients[creator], breakdowns, turns))
            for creator, own in conversations.items()
            for turns in own.values()
        ]
    return [outcome for talk in talks for outcome in talk.result()]


async def sign_up(world: World) -> Client:
    """Return the client of a new creator, who has numbers."""
    client = Client(world=world)
    account = {"email": new_email(), "password": PASSWORD}
    client.token = (await client.request(0, "POST", "/api/auth/register", account))["token"]
    url = f"{world.servers[0].url}/api/metrics/import"
    headers = client.headers | {"Content-Type": "text/csv"}
    (await world.http.post(url, content=NUMBERS, headers=headers)).raise_for_status()
    return client


async def _converse(
    client: Client, breakdowns: asyncio.TaskGroup, plans: Sequence[RunPlan]
) -> list[Outcome]:
    outcomes = []
    for plan in plans:
        async with asyncio.timeout(RUN_SECONDS):
            outcomes.append(await _Turn(client, breakdowns, plan).take())
    # A run that still waits for a decision gets none.
    await client.request(0, "POST", f"/api/chat/{plans[-1].conversation}/stop")
    return outcomes


class _Turn:
    """One question, and everything that happens while it is answered."""

    def __init__(self, client: Client, breakdowns: asyncio.TaskGroup, plan: RunPlan) -> None:
        self._client = client
        self._breakdowns = breakdowns
        self._plan = plan
        self._progress = Progress()
        asked = question(plan.question, f"q{plan.number}")
        body = {"message": asked, "id": plan.conversation}
        if plan.decision:
            body["agent"] = "goal_tracker"
        self._outcome = Outcome(plan=plan, asker=self._reader("/api/chat", body))

    async def take(self) -> Outcome:
        plan, asker = self._plan, self._outcome.asker
        async with asyncio.TaskGroup() as tasks:
            for following in plan.followings:
                tasks.create_task(self._follow(following))
            if plan.stop:
                tasks.create_task(self._stop(plan.stop))
            if plan.fault:
                tasks.create_task(self._break_down(plan.fault))
            tasks.create_task(self._ask(plan.visits))
        is_waiting = asker.finish and asker.finish["status"] == "waiting"
        is_left = self._outcome.stop or (plan.decision and plan.decision.name == "leave")
        if plan.decision and is_waiting and not is_left:
            await self._decide(plan.decision)
        return self._outcome

    async def _ask(self, visits: Sequence[Visit]) -> None:
        await self._outcome.asker.read(visits)
        await self._progress.end()

    async def _follow(self, following: Following) -> None:
        if await self._progress.reach(following.after):
            reader = self._reader()
            self._outcome.followers.append(reader)
            await reader.read(following.visits)

    async def _stop(self, stop: Action) -> None:
        if await self._progress.reach(stop.after):
            asked = time.monotonic()
            path = f"/api/chat/{self._plan.conversation}/stop"
            answer = await self._client.request(stop.server, "POST", path)
            answered = time.monotonic()
            self._outcome.stop = Stop(asked=asked, answered=answered, run_id=answer["run_id"])

    async def _break_down(self, fault: Action) -> None:
        await self._progress.reach(fault.after)
        self._breakdowns.create_task(self._client.world.break_down(fault))

    async def _decide(self, decision: Action) -> None:
        """Decide, and let all who read before read on."""
        asker = self._outcome.asker
        self._outcome.is_decided = True
        decisions = [{"id": f"call_{self._plan.number}", "type": decision.name}]
        asker.opening = (f"/api/runs/{asker.run_id}/resume", {"decisions": decisions})
        visits = [Visit(server=decision.server, events=15)]
        told = len(asker.events)
        self._progress = asker.progress = Progress()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._ask(visits))
            if await self._progress.reach(told + 1):
                for follower in self._outcome.followers:
                    if follower.events:
                        tasks.create_task(follower.read(visits))

    def _reader(self, path: str = "", body: dict[str, Any] | None = None) -> Reader:
        return Reader(
            client=self._client,
            conversation=self._plan.conversation,
            progress=self._progress,
            opening=(path, body) if body else None,
        )
