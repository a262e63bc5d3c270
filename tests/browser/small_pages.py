"""Lists whose pages are so small that a few rows make several."""

import re

from playwright.sync_api import Page, Route


def read_one_by_one(page: Page, path: str) -> None:
    """Let the browser get one row of the list at a time, by the server's own cursors."""

    def narrow(route: Route) -> None:
        route.continue_(url=re.sub(r"\blimit=\d+", "limit=1", route.request.url))

    page.route(re.compile(rf"{path}\?.*\blimit="), narrow)
