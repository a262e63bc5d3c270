"""What a first visit costs, and whom it asks."""

from urllib.parse import urlsplit

from playwright.sync_api import Response, expect

from tests.browser.chatting import ask, expect_answer, field
from tests.browser.conftest import NewBrowser

MAX_SCRIPT_BYTES = 300_000


def test_a_first_visit_loads_little_and_only_from_the_server(
    new_page: NewBrowser, url: str
) -> None:
    page = new_page()
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))  # noqa: PLW0108  # playwright sets attributes on it
    page.goto("/")
    expect(field(page)).to_be_visible()
    scripts = [each for each in responses if urlsplit(each.url).path.endswith(".js")]
    assert scripts
    assert all(each.headers["content-encoding"] == "gzip" for each in scripts)
    assert sum(int(each.headers["content-length"]) for each in scripts) < MAX_SCRIPT_BYTES

    ask(page, "How did I grow last month?")
    expect_answer(page, "You gained")
    assert {urlsplit(each.url).netloc for each in responses} == {urlsplit(url).netloc}


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
