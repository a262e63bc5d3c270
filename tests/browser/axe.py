"""axe-core, run in the page."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def violations(page: Page) -> list[str]:
    """Return what breaks WCAG 2.2, level A or AA, and where."""
    page.evaluate(AXE.read_text())  # allowed under the page's policy, unlike a script element
    found: list[dict[str, Any]] = page.evaluate(
        "tags => axe.run(document, {runOnly: tags}).then(({violations}) => violations)", STANDARDS
    )
    return [f"{each['id']}: {node['target']}" for each in found for node in each["nodes"]]
