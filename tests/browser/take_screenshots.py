"""`make screenshots`: every page as a creator sees it, into `docs/screenshots/`."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Complaints, NewBrowser
from tests.browser.pages import PAGES
from tests.conftest import Postgres

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
VARIANTS: dict[str, dict[str, Any]] = {
    "dark": {"color_scheme": "dark"},
    "phone": PHONE | {"device_scale_factor": 2},
}
LONG = {"analytics": 2400, "connections": 1150, "import": 1500}
ALSO = {
    "dark": ("welcome", "answer", "analytics", "plan"),
    "phone": ("welcome", "answer", "analytics", "plan"),
}
QUALITY = 65
MAX_BYTES = 150_000

PICTURES = [(name, None) for name in PAGES if name != "nothing"] + [
    (name, variant) for variant, names in ALSO.items() for name in names
]


@pytest.fixture(scope="module")
def database_name(postgres: Postgres, demo_template: str) -> Iterator[str]:
    """Return a database that the pages share: a plan is made once for all."""
    with postgres.temporary_database(demo_template) as name:
        yield name


@pytest.mark.parametrize(("name", "variant"), PICTURES)
def test_take(new_page: NewBrowser, complaints: Complaints, name: str, variant: str | None) -> None:
    shown = PAGES[name]
    complaints.allow(*shown.complaints)
    page = new_page(shown.user, **VARIANTS.get(variant or "", {}))
    shown.show(page)
    if name in LONG and variant != "phone":
        page.set_viewport_size({"width": 1440, "height": LONG[name]})
    picture = take(page)
    assert len(picture) < MAX_BYTES
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}{f'-{variant}' if variant else ''}.webp").write_bytes(picture)


def take(page: Page) -> bytes:
    """Take a picture once nothing is on its way any more; Playwright itself knows no WebP."""
    page.evaluate("Promise.all(document.getAnimations().map(({finished}) => finished))")
    expect(page.locator(".mantine-Skeleton-root, [aria-busy=true]")).to_have_count(0)
    browser = page.context.new_cdp_session(page)
    options = {"format": "webp", "quality": QUALITY}
    return base64.b64decode(browser.send("Page.captureScreenshot", options)["data"])
