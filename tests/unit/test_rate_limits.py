"""The sliding window: never far too many, and who waits as long as told gets through."""

import time
from random import Random

import pytest

from api.rate_limits import Counters, Quota, RateLimitedError, RateLimits

LIMIT = 20


@pytest.mark.parametrize("seed", range(5))
async def test_who_waits_as_told_gets_through(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    now = 1_000_000.0 + seed * 7.3
    monkeypatch.setattr(time, "time", lambda: now)
    random = Random(seed)
    limits = RateLimits(Counters(), {"reads": LIMIT})
    passed: list[float] = []
    for _ in range(400):
        if not await passes(limits):
            waited = await wait_seconds(limits)
            assert 1 <= waited <= 61
            now += waited
            assert await passes(limits)
        passed.append(now)
        now += random.choice((0, 0, 0, 0.5, 3))
    for start in passed:  # as if those of the minute before had come evenly
        assert sum(start <= moment < start + 60 for moment in passed) <= 2 * LIMIT


async def passes(limits: RateLimits) -> bool:
    quotas: list[Quota] = []
    try:
        await limits.count("reads", "one", quotas)
    except RateLimitedError:
        return False
    return 0 <= quotas[0].remaining < LIMIT


async def wait_seconds(limits: RateLimits) -> int:
    with pytest.raises(RateLimitedError) as refusal:
        await limits.count("reads", "one", [])
    return refusal.value.retry_after
