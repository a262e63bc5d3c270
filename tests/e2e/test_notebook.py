"""The notebook, run from its first cell to its last, while a server uses the same data folder."""

import base64
import os
import sys
from pathlib import Path
from typing import Any

import httpx
import nbformat
import pytest
from nbclient import NotebookClient

from tests.e2e.test_server import data_dir, read_greeting, started

__all__ = ["data_dir"]

REPOSITORY = Path(__file__).parents[2]
NOTEBOOK = REPOSITORY / "notebooks" / "agents.ipynb"


def read_notebook() -> Any:
    return nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]


def texts(cell: Any) -> str:
    """Return all that a cell has printed or shown as text."""
    return "".join(
        output.get("text", "") or output.get("data", {}).get("text/markdown", "")
        for output in cell.outputs
    )


def images(cell: Any) -> list[bytes]:
    return [
        base64.b64decode(output["data"]["image/png"])
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]


@pytest.mark.timeout(180)
@pytest.mark.enable_socket
def test_every_cell_runs_beside_a_server_on_the_same_data_folder(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with started(data_dir) as server:
        address = next(
            line.split()[-1] for line in read_greeting(server).splitlines() if "http://" in line
        )
        monkeypatch.setenv("DATA_DIR", str(data_dir))
        monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
        monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        notebook = read_notebook()
        NotebookClient(notebook, timeout=90, kernel_name="python3").execute()
        assert httpx.get(f"{address.rstrip('/')}/healthz").status_code == 200
    opened, streamed, behind, plotted, agents, approvals, _ = [
        cell for cell in notebook.cells if cell.cell_type == "code"
    ]
    assert "offline" in texts(opened)
    assert "followers" in texts(streamed)
    assert "followers gained, Instagram" in texts(behind)
    assert " is  f" in texts(behind)
    (plot,) = images(plotted)
    assert plot.startswith(b"\x89PNG")
    for pair in ("career → career", "planner → planner", "auto → content_strategist"):
        assert pair in texts(agents)
    assert "Set the goal “40,000 followers on Instagram”?" in texts(approvals)
    assert "nothing was changed" in texts(approvals)


def test_it_is_kept_without_outputs() -> None:
    notebook = read_notebook()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
