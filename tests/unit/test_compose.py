"""That compose.yaml starts the suite's commands with settings that there are."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # its types are a package of their own

from tests.unit.test_settings import environment_names

ROOT = Path(__file__).parents[2]
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]


@pytest.mark.parametrize("name", ["api", "worker", "migrate"])
def test_every_variable_of_a_service_is_a_setting(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= environment_names()
    assert SERVICES[name]["build"] == "."


def test_jobs_are_the_worker_s() -> None:
    assert SERVICES["api"]["environment"]["RUN_JOBS"] == "false"
    assert "command" not in SERVICES["api"]  # the image's
    assert SERVICES["worker"]["command"] == "python -m jobs"
    assert SERVICES["migrate"]["command"] == "python -m storage migrate"


def test_the_app_does_not_get_the_superuser_s_password() -> None:
    for name in ("api", "worker"):
        assert "POSTGRES_PASSWORD" not in str(SERVICES[name])


def test_what_is_stopped_has_the_time_to_finish() -> None:
    for name in ("api", "worker"):
        seconds = re.fullmatch(r"(\d+)s", SERVICES[name]["stop_grace_period"])
        assert seconds
        assert int(seconds[1]) >= 20 + 10 + 15  # STOP_SECONDS, grace, and what comes after
