"""`make eval` on the offline model, over a part of the question set."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.timeout(120)
def test_the_evaluation_prints_a_table_per_agent_and_passes_offline(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "tests.evals", "--limit", "60", "--check", "--price", "0.4"],
        cwd=REPOSITORY,
        env={"PATH": os.defpath, "COLUMNS": "120", "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    rows = {line.split("│")[1].strip() for line in result.stdout.splitlines() if "│" in line}
    assert {"career", "content_strategist", "goal_tracker", "planner", "auto", "all"} <= rows
    assert "offline: 60 questions" in result.stdout
