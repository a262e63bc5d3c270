"""axe-core, run in the page."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


IS_STILL = """() => Promise.race([
  Promise.allSettled(document.getAnimations().map(({finished}) => finished)).then(() => true),
  new Promise(resolve => setTimeout(resolve, 5000, false)),
])"""


def is_still(page: Page) -> bool:
    """Wait for what moves in the page, but not for what never ends."""
    found: bool = page.evaluate(IS_STILL)
    return found


def violations(page: Page) -> list[str]:
    """Return what breaks WCAG 2.2, level A or AA, and where."""
    assert is_still(page)
    page.evaluate(AXE.read_text())  # allowed under the page's policy, unlike a script element
    found: list[dict[str, Any]] = page.evaluate(
        "tags => axe.run(document, {runOnly: tags}).then(({violations}) => violations)", STANDARDS
    )
    return [f"{each['id']}: {node['target']}" for each in found for node in each["nodes"]]
