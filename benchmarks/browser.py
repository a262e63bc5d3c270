"""How soon the app is seen and how fast it answers its user, in Chromium.

The baseline is a page of the same server that needs no script: the one for a forgotten password.
Each page is opened by a browser that has nothing in its cache.
"""

import datetime as dt
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from playwright.sync_api import Browser, Page, expect, sync_playwright

from api.deps import SESSION_COOKIE
from benchmarks.creators import database_of_creators, sign_in
from benchmarks.processes import serving_suite
from benchmarks.tables import ROUNDS, print_machine

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]  # as root there is no sandbox
VIEWPORT = {"width": 1440, "height": 900}
PATIENCE_MS = 60_000
BARE = "a page without a script"

# Long tasks beyond 50 ms block (W3C Long Tasks); what moves by itself shifts (Layout Instability);
# an interaction lasts from the key or the click to what is painted of it (Event Timing).
WATCH = """
window.watched = {blocked: 0, shifted: 0, answered: 0, largest: 0};
const watch = (type, note, more) => new PerformanceObserver(list =>
  list.getEntries().forEach(note)).observe({type, buffered: true, ...more});
watch('longtask', ({duration}) => { watched.blocked += duration - 50; });
watch('layout-shift', ({value, hadRecentInput}) => {
  if (!hadRecentInput) watched.shifted += value;
});
watch('largest-contentful-paint', ({startTime}) => { watched.largest = startTime; });
watch('event', ({duration, interactionId}) => {
  if (interactionId) watched.answered = Math.max(watched.answered, duration);
}, {durationThreshold: 16});
"""
READ = """() => new Promise(done => requestIdleCallback(() => {
  const [first] = performance.getEntriesByName('first-contentful-paint');
  done({first: first.startTime, ...watched});
}))"""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A page as its user saw it; shifts are shares of the window (Core Web Vitals' CLS)."""

    first_paint_ms: float
    largest_paint_ms: float
    blocked_ms: float
    shifted: float
    answered_ms: float


def main() -> None:
    """Measure and print."""
    print_machine()
    expect.set_options(timeout=PATIENCE_MS)
    first = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=365)
    ways: dict[str, Callable[[Page], None]] = {
        BARE: use_bare_page,
        "the chat": use_chat,
        "analytics": use_analytics,
    }
    seen: dict[str, list[Seen]] = {name: [] for name in ways}
    with (
        database_of_creators(1, first=str(first), last=str(dt.datetime.now(dt.UTC).date())) as (
            app_url,
            owner_url,
        ),
        serving_suite(app_url, CHAT_MODEL="offline") as server,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS) as browser,
    ):
        [token] = sign_in(owner_url).values()
        url = f"http://127.0.0.1:{server.port}"
        for round_number in range(ROUNDS + 1):
            for name, use in ways.items():
                found = visit(browser, url, token, use)
                if round_number:  # the first one fills the server's caches
                    seen[name].append(found)
    print_seen(seen)


def visit(browser: Browser, url: str, token: str, use: Callable[[Page], None]) -> Seen:
    """Use the app in a new browser, signed in."""
    context = browser.new_context(base_url=url, viewport=VIEWPORT, locale="en-GB")  # type: ignore[arg-type]  # a plain dict
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": url}])
    context.add_init_script(WATCH)
    page = context.new_page()
    use(page)
    found = page.evaluate(READ)
    context.close()
    return Seen(
        first_paint_ms=found["first"],
        largest_paint_ms=found["largest"],
        blocked_ms=found["blocked"],
        shifted=found["shifted"],
        answered_ms=found["answered"],
    )


def use_bare_page(page: Page) -> None:
    """Open it and write into its field."""
    page.goto("/reset-password")
    page.get_by_role("textbox").first.press_sequentially("a word")


def use_chat(page: Page) -> None:
    """Open it, write, use the palette, ask, and read the answer as it comes."""
    page.goto("/")
    expect(page.get_by_role("region", name="Platforms")).to_contain_text("%")
    field = page.get_by_role("textbox", name="Your question")
    field.press_sequentially("How did I grow ")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    field.press_sequentially("last month?")
    field.press("Enter")
    expect(page.get_by_role("article", name=re.compile("’s answer$"))).to_contain_text("You")
    expect(page.get_by_role("button", name="Regenerate")).to_be_enabled()


def use_analytics(page: Page) -> None:
    """Open it, draw a chart anew, and read one as a table."""
    page.goto("/analytics?compare=1")
    growth = page.get_by_role("region", name="Follower growth")
    expect(growth.locator("svg.recharts-surface").first).to_be_visible()
    expect(page.get_by_role("region", name="Best times").get_by_role("img")).to_be_visible()
    growth.get_by_text("Count", exact=True).click()
    growth.get_by_role("button", name="show as a table").click()
    expect(growth.get_by_role("table")).to_be_visible()


def print_seen(seen: dict[str, list[Seen]]) -> None:
    """Print a Markdown table of medians, with ratios to the bare page."""

    def row(what: str, of: Callable[[Seen], float], form: str = ",.0f", unit: str = " ms") -> None:
        medians = {name: median(map(of, found)) for name, found in seen.items()}
        cells = [f"{value:{form}}{unit}" for value in medians.values()]
        print(f"| {what} | {' | '.join(cells)} | {' | '.join(_ratios(medians))} |", flush=True)

    names: Sequence[str] = list(seen)
    ratios = [f"{name}, to the baseline" for name in names if name != BARE]
    print(f"| what | {' | '.join([*names, *ratios])} |")
    print(f"|---|{'---:|' * (len(names) + len(ratios))}")
    row("first contentful paint", lambda each: each.first_paint_ms)
    row("largest contentful paint", lambda each: each.largest_paint_ms)
    row("total blocking time", lambda each: each.blocked_ms)
    row("layout shift", lambda each: each.shifted, ".3f", "")
    row("slowest interaction", lambda each: each.answered_ms)


def _ratios(medians: dict[str, float]) -> list[str]:
    base = medians[BARE]
    others = [value for name, value in medians.items() if name != BARE]
    return [f"{value / base:.1f} ×" if base else "–" for value in others]


if __name__ == "__main__":
    main()
