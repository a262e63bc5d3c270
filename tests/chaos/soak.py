"""The chaos run: creators who come and go, servers and a database that break down, and no loss."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from traceback import extract_tb

from pydantic import SecretStr

from core.clock import utc_now
from graph.rescue import EVENT_RETENTION, Rescuer
from graph.suite import open_suite
from tests.chaos import checks
from tests.chaos.checks import Stored
from tests.chaos.plan import make_plan
from tests.chaos.turns import Outcome, live
from tests.chaos.world import World, open_world
from tests.conftest import SealedModelSettings, SealedSettings
from tests.openai_server import Call

_LEFT_BEHIND = """
    SELECT questions.text, runs.status, runs.created_at, runs.finished_at
    FROM {table} LEFT JOIN runs ON runs.id::text = thread_id
    LEFT JOIN chat_messages questions ON questions.id = runs.question_id
"""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What happened, in figures."""

    statuses: Counter[str]
    faults: Counter[str]
    readers: int
    connections: int
    surplus: int
    stops: list[float]
    seconds: float

    def __str__(self) -> str:
        lines = [
            f"{sum(self.statuses.values())} runs in {self.seconds:.0f} s: {_list(self.statuses)}",
            f"faults: {_list(self.faults)}",
            f"{self.readers} readers came {self.connections} times",
            f"events of a lost run that were seen and not stored: {self.surplus} at most",
        ]
        if self.stops:
            p50, p95 = (quantile(self.stops, part) for part in (0.5, 0.95))
            lines.append(
                f"{len(self.stops)} undisturbed stops ended the model's call after "
                f"{p50:.3f} s (p50), {p95:.3f} s (p95), {max(self.stops):.3f} s (max)"
            )
        return "\n".join(lines)


async def soak(folder: Path, *, runs: int, seed: int) -> Report:
    """Let it all happen in this folder, which has to be empty, and check that nothing is lost."""
    plans = make_plan(runs, seed)
    async with open_world(folder) as world:
        began = time.monotonic()
        outcomes = await live(world, plans)
        seconds = time.monotonic() - began
        stored = await checks.load(world)
        report = await _check(world, outcomes, stored, seconds)
        checks.check_goals(world, outcomes)
        checks.check_usage(world, outcomes)
        await checks.check_quiet(world)
        await checks.check_pools(world)
        await check_nothing_stays(world)
        await checks.check_servers_end(world)
    return report


async def _check(
    world: World, outcomes: Sequence[Outcome], stored: dict[str, list[Stored]], seconds: float
) -> Report:
    calls = defaultdict[str, list[Call]](list)
    for call in await world.model.calls():
        calls[call.question].append(call)
    stops, complaints = [], []
    for outcome in outcomes:
        question = outcome.plan.question
        try:
            checks.check_run(world, outcome, stored[question], calls[question])
            stops.append(checks.stop_seconds(world, outcome, calls[question]))
        except AssertionError as error:
            place = extract_tb(error.__traceback__)[-1]
            complaints.append(f"{question} {error} ({place.name}: {place.line})")
    assert not complaints, "\n".join(complaints)
    readers = [reader for outcome in outcomes for reader in outcome.readers]
    runs = [(outcome, stored[outcome.plan.question][0]) for outcome in outcomes]
    return Report(
        statuses=Counter(each.run["status"] for _, each in runs),
        faults=Counter(fault.name for fault in world.faults),
        readers=len(readers),
        connections=sum(reader.connections for reader in readers),
        surplus=max(checks.surplus_of(outcome, each) for outcome, each in runs),
        stops=[seconds for seconds in stops if seconds is not None],
        seconds=seconds,
    )


async def check_nothing_stays(world: World) -> None:
    """When the time of the events has passed, nothing is left but the conversations."""
    url = world.postgres.app_url
    settings = SealedSettings(
        database_url=SecretStr(url), chat=SealedModelSettings(model="offline")
    )
    async with open_suite(settings, url, clock=lambda: utc_now() + EVENT_RETENTION) as suite:
        await Rescuer(suite).prune()
    assert not await asyncio.to_thread(world.postgres.query, "SELECT * FROM run_events")
    for table in ("checkpoints", "checkpoint_blobs", "checkpoint_writes"):
        rows = await asyncio.to_thread(world.postgres.query, _LEFT_BEHIND.format(table=table))
        assert not rows, f"left in {table}: {rows}"


def quantile(values: Sequence[float], part: float) -> float:
    return sorted(values)[min(int(part * len(values)), len(values) - 1)]


def _list(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())
