"""The charts of the demo creator's numbers, and the states of those of a new creator."""

import csv
import datetime as dt
import re
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from playwright.sync_api import Locator, Page, Route, expect

from storage.audience import write_snapshots
from storage.connections import list_connections
from storage.database import Database
from storage.models import AudienceDimension, AudienceSnapshot
from tests.browser.axe import violations
from tests.browser.chatting import expect_answer
from tests.browser.conftest import Call, Complaints, NewBrowser

CHARTS = (
    "Follower growth",
    "Engagement",
    "Platforms compared",
    "Engagement rate of posts",
    "Top posts",
    "Best times",
    "Goal pace",
)


def chart(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True)


def show_table(page: Page, title: str) -> Locator:
    """Switch the chart to its table; return its rows."""
    chart(page, title).get_by_role("button", name="show as a table").click()
    return chart(page, title).get_by_role("table").get_by_role("row")


def take_csv(page: Page, title: str) -> list[list[str]]:
    with page.expect_download() as download:
        chart(page, title).get_by_role("button", name="CSV of what is seen").click()
    return list(csv.reader(download.value.path().read_text().splitlines()))


def test_each_chart_can_be_read_as_a_table_and_taken_along(page: Page) -> None:
    page.goto("/analytics")
    for title in CHARTS:
        rows = show_table(page, title)
        expect(rows.nth(1)).to_be_visible()
        assert len(take_csv(page, title)) == rows.count()
    assert violations(page) == []


def test_each_number_is_that_of_the_api_and_of_the_chat(page: Page) -> None:
    params: dict[str, Any] = {
        "start": "2026-03-02", "end": "2026-03-29", "platform": "instagram",
    }  # fmt: skip
    page.goto("/analytics?from=2026-03-02&to=2026-03-29&platform=instagram")
    place = page.url

    def ask_api(name: str, **more: str) -> Any:
        answer = page.context.request.get(f"/api/analytics/{name}", params=params | more)
        assert answer.ok
        return answer.json()

    def last_cells(title: str) -> list[str]:
        return show_table(page, title).last.get_by_role("cell").all_inner_texts()

    def expect_in_chat(title: str, *numbers: str) -> None:
        page.get_by_role("button", name=f"Ask about this: {title}", exact=True).click()
        for number in numbers:
            expect_answer(page, number)
        page.goto(place)

    numbers = {each["metric"]: each["total"] for each in ask_api("overview")["metrics"]}
    change = numbers["followers"]["growth"]["change"]["value"]
    percent = f"+{in_tenths(numbers['followers']['growth']['percent']['value'])}%"
    expect(chart(page, "Follower growth")).to_contain_text(f"+{change:,} ({percent})")
    assert last_cells("Follower growth")[1] == f"{change:,}"
    expect_in_chat("Follower growth", f"{change:,}", percent)

    engagement = f"{numbers['engagement']['value']['value']:,}"
    expect(page.get_by_role("region", name="Main numbers")).to_contain_text(engagement)
    expect(chart(page, "Engagement")).to_contain_text(f"{engagement} in all")
    expect_in_chat("Engagement", engagement)

    [rate] = ask_api("engagement")["rates"]
    expect(chart(page, "Engagement rate of posts")).to_contain_text(f"{rate['rate']['value']}%")
    expect_in_chat("Engagement rate of posts", f"{in_tenths(rate['rate']['value'])}%")

    best = f"{ask_api('content')['items'][0]['value']['value']:,}"
    expect(chart(page, "Top posts").get_by_role("row").first).to_contain_text(best)
    expect_in_chat("Top posts", best)

    times = ask_api("times", start="2025-03-30")["best"]
    expect(chart(page, "Best times")).to_contain_text(times["name"])
    assert show_table(page, "Best times").nth(1).get_by_role("cell").all_inner_texts() == [
        times["name"], str(times["posts"]["value"]), str(times["relative"]["value"]),
    ]  # fmt: skip
    expect_in_chat("Best times", times["name"], f"{times['relative']['value']} times")


def in_tenths(value: float) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)


def test_the_time_before_stands_beside_it_with_its_own_days(page: Page) -> None:
    page.goto("/analytics?from=2026-03-02&to=2026-03-15&compare=1")
    query: dict[str, Any] = {"start": "2026-02-16", "end": "2026-03-01"}
    before = page.context.request.get("/api/analytics/growth", params=query).json()
    gained = before["metrics"][0]["total"]["growth"]["change"]["value"]
    rows = show_table(page, "Follower growth")
    expect(rows.first).to_have_text("DayAll platformsDay beforeThe time before")
    last = rows.last.get_by_role("cell").all_inner_texts()
    assert last[0] == "15 Mar 2026"
    assert last[2:] == ["1 Mar 2026", f"{gained:,}"]
    page.get_by_role("button", name="Ask about this: Follower growth").click()
    expect_answer(page, f"{gained:,}")


def test_who_the_audience_is_is_shown_once_it_is_known(
    new_page: NewBrowser, call: Call, database_url: str
) -> None:
    page = new_page("new")
    numbers = "platform,account,date,metric,value\ninstagram,mara,2026-03-31,followers,1000\n"
    csv_type = {"Content-Type": "text/csv"}
    assert page.context.request.post("/api/metrics/import", data=numbers, headers=csv_type).ok
    user_id = UUID(page.context.request.get("/api/me").json()["id"])
    call(tell_audience, database_url, user_id)
    page.goto("/analytics?from=2026-03-01&to=2026-03-31&compare=1")
    audience = chart(page, "Audience")
    expect(audience).to_contain_text("as known on 31 Mar 2026")
    expect(audience.get_by_role("listitem").first).to_contain_text("25–34")
    page.get_by_role("combobox", name="Part of the audience").click()
    page.get_by_role("option", name="Instagram: country").click()
    expect(audience.get_by_role("listitem").first).to_have_text(
        re.compile("^Germany41.5% *\\+1.5 points since before$")
    )
    rows = show_table(page, "Audience")
    expect(rows).to_have_count(1 + len(COUNTRIES))
    expect(rows.last.get_by_role("cell")).to_have_text(["Norway", "1%", "not known"])
    assert violations(page) == []


def test_the_audience_of_the_demo_is_told_in_the_chat_as_its_chart_shows_it(page: Page) -> None:
    page.goto("/analytics")
    audience = chart(page, "Audience")
    expect(audience).to_contain_text("idawrenfeld, as known on")
    [part] = [
        each
        for each in page.context.request.get("/api/analytics/audience").json()["items"]
        if (each["platform"], each["dimension"]) == ("instagram", "age")
    ]
    largest = part["shares"][0]
    share = f"{in_tenths(largest['percent']['value'])}%"
    expect(audience.get_by_role("listitem").first).to_contain_text(largest["label"])
    expect(audience.get_by_role("listitem").first).to_contain_text(
        f"{largest['percent']['value']}%"
    )
    page.get_by_role("button", name="Ask about this: Audience").click()
    answer = expect_answer(page, f"{share} of your followers are {largest['label']} years old")
    expect(answer).to_contain_text("Facebook (idawrenfeldmusic) did not tell who its audience is")
    expect(answer.get_by_title("Where it comes from").first).to_have_text(share)
    expect(answer.locator("[data-unbacked]")).to_have_count(0)
    expect(answer).to_contain_text("Your audience")
    expect(answer).to_contain_text("Audience by age, Instagram (idawrenfeld)")
    assert violations(page) == []


COUNTRIES = {"DE": 41.5, "AT": 20, "CH": 15, "FR": 8, "GB": 5, "US": 4, "NL": 3, "PL": 2.5, "NO": 1}


async def tell_audience(database_url: str, user_id: UUID) -> None:
    """Let the user's account know its audience by country, on two days, and by age."""
    told = [
        (AudienceDimension.COUNTRY, dt.date(2026, 2, 15), {"DE": 40.0}),
        (AudienceDimension.COUNTRY, dt.date(2026, 3, 31), COUNTRIES),
        (AudienceDimension.AGE, dt.date(2026, 3, 31), {"25-34": 61.0, "18-24": 39.0}),
    ]
    database = Database(database_url)
    async with database.user_session(user_id) as session:
        [connection] = await list_connections(session)
        await write_snapshots(
            session,
            [
                AudienceSnapshot(
                    connection_id=connection.id,
                    user_id=user_id,
                    dimension=dimension,
                    date=date,
                    shares=shares,
                )
                for dimension, date, shares in told
            ],
        )
    await database.close()


def test_what_is_not_known_is_a_gap_and_never_0(page: Page) -> None:
    page.goto("/analytics")
    rows = show_table(page, "Platforms compared")
    spotify = rows.filter(has_text="Spotify").get_by_role("cell")
    expect(spotify.nth(5)).to_have_text("not known")  # it has no views
    line = next(line for line in take_csv(page, "Platforms compared") if line[0] == "Spotify")
    assert line[5] == ""
    assert line[1] != ""


def test_period_platform_and_comparison_are_kept_in_the_address(page: Page) -> None:
    page.goto("/analytics")
    page.get_by_text("7 days", exact=True).click()
    page.get_by_role("combobox", name="Platform").click()
    page.get_by_role("option", name="Instagram").click()
    page.get_by_role("switch", name="Compare with the time before").press("Space")
    expect(page.get_by_role("region", name="Main numbers")).to_contain_text("than before")
    asked = parse_qs(urlsplit(page.url).query)
    assert asked == {"days": ["7"], "platform": ["instagram"], "compare": ["1"]}

    page.reload()
    expect(page.get_by_role("radio", name="7 days")).to_be_checked()
    rows = show_table(page, "Follower growth")
    expect(rows).to_have_count(8)
    expect(rows.first).to_have_text(re.compile("Instagram.*Day before.*The time before"))


def test_days_are_picked_in_a_calendar(page: Page) -> None:
    page.goto("/analytics?from=2026-01-05&to=2026-01-11")
    page.get_by_role("button", name=re.compile("^Pick the days")).click()
    calendar = page.get_by_role("dialog")
    calendar.get_by_role("button", name="12 January 2026").click()
    calendar.get_by_role("button", name="14 January 2026").click()
    expect(page.get_by_text("12 Jan – 14 Jan 2026").first).to_be_visible()
    assert "from=2026-01-12&to=2026-01-14" in page.url


def test_a_chart_is_asked_about_in_the_chat(page: Page) -> None:
    page.goto("/analytics")
    page.get_by_role("button", name="Ask about this: Follower growth").click()
    expect_answer(page, re.compile(r"gained|grew"))
    assert "/chat/" in page.url


def test_a_creator_without_numbers_is_told_what_to_do(new_page: NewBrowser) -> None:
    page = new_page("new")
    page.goto("/analytics")
    expect(page.get_by_text("There are no numbers yet.")).to_be_visible()
    assert violations(page) == []


def test_a_chart_that_cannot_be_read_says_so_and_is_tried_again(
    page: Page, complaints: Complaints
) -> None:
    complaints.allow("500")
    broken = re.compile("/api/analytics/audience")

    def fail(route: Route) -> None:
        route.fulfill(status=500, json={"detail": "It could not be read."})

    page.route(broken, fail)
    page.goto("/analytics")
    audience = chart(page, "Audience")
    expect(audience.get_by_role("alert")).to_contain_text("It could not be read.")
    page.unroute(broken)
    audience.get_by_role("button", name="Try again").click()
    expect(audience).to_contain_text("idawrenfeld, as known on")


def test_the_page_fits_a_phone_and_has_no_barrier_in_the_dark(new_page: NewBrowser) -> None:
    for options in ({"viewport": {"width": 390, "height": 844}}, {"color_scheme": "dark"}):
        page = new_page(**options)
        page.goto("/analytics?compare=1")
        for title in CHARTS:
            expect(chart(page, title).get_by_role("button", name="show as a table")).to_be_visible()
        expect(chart(page, "Follower growth").locator("svg.recharts-surface").first).to_be_visible()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
