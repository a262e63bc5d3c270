"""What a visit costs, and that a page stands still as it comes."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Response, expect

from tests.browser.chatting import field
from tests.browser.conftest import NewBrowser
from tests.browser.pages import PAGES

MAX_SCRIPT_BYTES = 300_000
# The charts come after the rest of the analytics: recharts is 116 kB, and makes them 337 kB.
CHARTS = "/assets/lines-"
AWAITED = ".mantine-Skeleton-root, [aria-busy=true], [aria-label=Loading]"


@pytest.mark.parametrize(
    "name",
    ["welcome", "answer", "analytics", "plans", "plan", "new-plan", "connections", "profile"],
)
def test_a_first_visit_loads_little(new_page: NewBrowser, name: str) -> None:
    known = new_page()
    PAGES[name].show(known)
    page = new_page()
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))  # noqa: PLW0108  # playwright sets attributes on it
    page.goto(known.url, wait_until="networkidle")
    expect(page.get_by_role("main")).to_be_visible()
    expect(page.locator(AWAITED)).to_have_count(0)
    scripts = {urlsplit(each.url).path: each for each in responses if ".js" in each.url}
    assert scripts
    assert all(each.headers["content-encoding"] == "gzip" for each in scripts.values())
    sizes = {path: int(each.headers["content-length"]) for path, each in scripts.items()}
    at_first = [size for path, size in sizes.items() if not path.startswith(CHARTS)]
    assert sum(at_first) < MAX_SCRIPT_BYTES, sizes


def test_a_second_visit_takes_its_files_from_the_cache(new_page: NewBrowser) -> None:
    page = new_page()
    page.goto("/")
    expect(field(page)).to_be_visible()
    page.goto("/settings")
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    cached = page.evaluate(
        "performance.getEntriesByType('resource')"
        ".filter(({name}) => name.includes('/assets/index'))"
        ".map(({transferSize}) => transferSize)"
    )
    assert cached
    assert set(cached) == {0}


WATCH_SHIFTS = """
window.moved = [];
new PerformanceObserver(list => {
  for (const {value, hadRecentInput, sources} of list.getEntries())
    if (!hadRecentInput)
      window.moved.push({value, what: sources.map(({node}) => node?.textContent?.slice(0, 60))});
}).observe({type: "layout-shift", buffered: true});
"""
# What Core Web Vitals call a good cumulative layout shift, a share of the window.
MAX_SHIFT = 0.1


@pytest.mark.parametrize("path", ["/", "/analytics", "/plans", "/connections", "/settings"])
def test_a_page_stands_still_while_its_parts_come(new_page: NewBrowser, path: str) -> None:
    page = new_page()
    page.add_init_script(WATCH_SHIFTS)
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(AWAITED)).to_have_count(0)
    page.evaluate("() => new Promise(requestAnimationFrame)")
    moved = page.evaluate("window.moved")
    assert sum(each["value"] for each in moved) < MAX_SHIFT, moved


def test_there_is_no_empty_page_while_the_app_comes(new_page: NewBrowser) -> None:
    page = new_page()
    page.route("**/assets/*.js", lambda _: None)  # it is on its way
    page.goto("/", wait_until="commit")
    expect(page.get_by_role("img", name="Dream Suite is opening")).to_be_visible()
