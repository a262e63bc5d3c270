"""A tenth of `make soak`."""

from pathlib import Path

import pytest

from tests.chaos.soak import soak

RUNS = 50
SEED = 1


@pytest.mark.timeout(300)  # on a busy machine
async def test_nothing_is_lost_though_everything_breaks_down(tmp_path: Path) -> None:
    report = await soak(tmp_path, runs=RUNS, seed=SEED)
    assert sum(report.statuses.values()) == RUNS
