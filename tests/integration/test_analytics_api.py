"""`GET /api/analytics/…`: numbers worked out by hand, over HTTP, against the real database."""

import datetime as dt
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import delete, update

from api.analytics_models import AudienceOut, ContentOut, EngagementOut, NumbersOut, TimesOut
from api.app import create_app
from core.settings import Settings
from storage.account_days import list_account_days
from storage.audience import write_snapshots
from storage.connections import list_connections
from storage.database import Database
from storage.models import (
    AudienceSnapshot,
    ContentPost,
    DailyMetric,
    Metric,
    PlatformConnection,
)
from tests.analytics import NOON, TODAY, load_days, load_posts, read
from tests.conftest import Creator, SignUp

MARCH = {"start": "2026-03-01", "end": "2026-03-31"}
ROUTES = ("overview", "growth", "engagement", "content", "times", "audience")


@pytest.fixture
def now() -> list[dt.datetime]:
    """Return the moment that the server believes in; replace it to let time pass."""
    return [NOON]


@pytest.fixture
def app(settings: Settings, database_url: str, now: list[dt.datetime]) -> FastAPI:
    return create_app(settings, database_url, clock=lambda: now[0])


async def live_in(creator: Creator, timezone: str) -> None:
    response = await creator.patch("/api/me", json={"timezone": timezone})
    assert response.status_code == 200


def metric_of(answer: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (metric for metric in answer["metrics"] if metric["metric"] == name)
    assert isinstance(found, dict)
    return found


def platform_of(metric: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (place for place in metric["platforms"] if place["platform"] == name)
    assert isinstance(found, dict)
    return found


def figures_in(answer: Any) -> list[dict[str, Any]]:
    """Return all figures of an answer, wherever they are."""
    if isinstance(answer, list):
        return [figure for each in answer for figure in figures_in(each)]
    if not isinstance(answer, dict):
        return []
    if "observations" in answer:
        return [answer]
    return [figure for each in answer.values() for figure in figures_in(each)]


# --- numbers ---


async def test_a_total_is_the_sum_of_its_platforms(sign_up: SignUp) -> None:
    ida = await sign_up()
    await load_days(ida, "instagram,ida", "views", [10] * 31)
    await load_days(ida, "youtube,ida", "views", [5] * 31)
    views = metric_of(await read(ida, "overview", **MARCH), "views")
    assert (views["label"], views["unit"], views["is_level"]) == ("views", "count", False)
    assert views["total"]["value"] == {
        "id": views["total"]["value"]["id"],
        "label": "views, all platforms",
        "value": 465,
        "unit": "count",
        "metric": "views",
        "platform": None,
        "account": None,
        "from": "2026-03-01",
        "to": "2026-03-31",
        "status": "final",
        "observations": 62,
    }
    assert [place["value"]["value"] for place in views["platforms"]] == [310, 155]
    assert views["total"]["series"]["values"] == [15] * 31
    assert views["notes"] == []


async def test_growth_starts_from_the_close_of_the_day_before(sign_up: SignUp) -> None:
    ida = await sign_up()
    await load_days(ida, "instagram,ida", "followers", [990 + 10 * n for n in range(32)])
    answer = await read(ida, "growth", **MARCH)
    total = metric_of(answer, "followers")["total"]
    growth = {name: figure["value"] for name, figure in total["growth"].items()}
    assert growth == {"change": 310, "percent": 31.31, "start": 990, "end": 1300}
    assert total["growth"]["start"]["from"] == "2026-02-28"
    assert (total["value"]["value"], total["value"]["to"]) == (1300, "2026-03-31")
    assert total["series"]["values"][:2] == [1000, 1010]
    assert total["series"]["changes"] == [10] * 31
    assert answer["dates"][0], answer["dates"][-1] == ("2026-03-01", "2026-03-31")


async def test_a_gap_is_null_and_never_zero(sign_up: SignUp) -> None:
    ida = await sign_up()
    await load_days(ida, "instagram,ida", "followers", [100, None, 0, 105, 106])
    await load_days(ida, "instagram,ida", "views", [7, None, 0, 3, 4])
    answer = await read(ida, "overview", start="2026-03-26", end="2026-03-31")
    followers = metric_of(answer, "followers")["total"]["series"]
    assert answer["dates"][:3] == ["2026-03-26", "2026-03-27", "2026-03-28"]
    assert followers["values"] == [None, 100, None, 0, 105, 106]
    assert followers["changes"] == [None, None, None, None, 105, 1]
    views = metric_of(answer, "views")
    assert views["total"]["series"]["values"] == [None, 7, None, 0, 3, 4]
    assert (views["total"]["value"]["value"], views["total"]["value"]["status"]) == (14, "partial")
    assert "instagram ida: 1 of 5 days are unknown" in views["notes"]


async def test_a_sum_is_null_on_days_when_one_account_is_unknown(sign_up: SignUp) -> None:
    ida = await sign_up()
    await load_days(ida, "instagram,ida", "views", [1, 2, 3])
    await load_days(ida, "youtube,ida", "views", [10, None, 30])
    views = metric_of(await read(ida, "overview", start="2026-03-29", end="2026-03-31"), "views")
    assert views["total"]["series"]["values"] == [11, None, 33]
    assert platform_of(views, "instagram")["series"]["values"] == [1, 2, 3]


async def test_an_account_that_begins_later_does_not_hide_the_days_before(sign_up: SignUp) -> None:
    ida = await sign_up()
    await load_days(ida, "instagram,ida", "views", [1, 2, 3])
    await load_days(ida, "youtube,ida", "views", [30])
    await load_days(ida, "instagram,ida", "followers", [100, 101, 102])
    await load_days(ida, "youtube,ida", "followers", [50])
    answer = await read(ida, "overview", start="2026-03-29", end="2026-03-31")
    assert metric_of(answer, "views")["total"]["series"]["values"] == [1, 2, 33]
    # A level that jumps when an account is connected would pass for growth.
    followers = metric_of(answer, "followers")["total"]["series"]
    assert followers["values"] == [None, None, 152]
    assert followers["changes"] == [None, None, None]


async def test_several_accounts_of_a_platform_are_told_apart(sign_up: SignUp) -> None:
    ida = await sign_up()
    await load_days(ida, "instagram,ida", "views", [1, 2])
    await load_days(ida, "instagram,side", "views", [10, 20])
    period = {"start": "2026-03-30", "end": "2026-03-31"}
    (instagram,) = metric_of(await read(ida, "overview", **period), "views")["platforms"]
    assert instagram["value"]["value"] == 33
    assert [(each["account"], each["value"]["value"]) for each in instagram["accounts"]] == [
        ("ida", 3),
        ("side", 30),
    ]
    views = metric_of(await read(ida, "overview", account="side", **period), "views")
    assert (views["total"]["account"], views["total"]["value"]["value"]) == ("side", 30)
    assert [place["account"] for place in views["platforms"]] == ["side"]


async def test_people_who_may_overlap_have_no_total(sign_up: SignUp) -> None:
    ida = await sign_up()
    await load_days(ida, "instagram,ida", "reach", [10] * 31)
    await load_days(ida, "facebook,ida", "reach", [10] * 31)
    reach = metric_of(await read(ida, "overview", **MARCH), "reach")
    assert (reach["is_unique"], reach["total"]) == (True, None)
    assert [place["value"]["value"] for place in reach["platforms"]] == [310, 310]


async def test_a_platform_without_a_metric_is_null_and_unavailable(sign_up: SignUp) -> None:
    ida = await sign_up()
    await load_days(ida, "instagram,ida", "views", [10] * 31)
    await load_days(ida, "spotify,ida", "streams", [10] * 31)
    answer = await read(ida, "overview", **MARCH)
    views = metric_of(answer, "views")
    spotify = platform_of(views, "spotify")
    value = spotify["value"]
    assert (value["value"], value["status"], value["observations"]) == (None, "unavailable", 0)
    assert spotify["series"]["values"] == [None] * 31
    assert views["notes"] == ["spotify ida: no views are known"]
    assert views["total"]["value"]["value"] == 310
    assert [metric["metric"] for metric in answer["metrics"]][-1] == "streams"


async def test_one_platform_can_be_asked_for_also_without_an_account(sign_up: SignUp) -> None:
    ida = await sign_up()
    await load_days(ida, "instagram,ida", "views", [10] * 31)
    await load_days(ida, "youtube,ida", "views", [1] * 31)
    views = metric_of(await read(ida, "overview", platform="youtube", **MARCH), "views")
    assert (views["total"]["platform"], views["total"]["value"]["value"]) == ("youtube", 31)
    views = metric_of(await read(ida, "overview", platform="facebook", **MARCH), "views")
    assert (views["total"], views["platforms"]) == (None, [])


async def test_days_that_are_still_counted_are_named(sign_up: SignUp) -> None:
    ida = await sign_up()
    await load_days(ida, "youtube,ida", "views", [10] * 4, end=dt.date(2026, 4, 10))
    period = {"start": "2026-04-07", "end": "2026-04-10"}
    (views,) = metric_of(await read(ida, "overview", **period), "views")["platforms"]
    assert (views["value"]["value"], views["value"]["status"]) == (40, "preliminary")
    assert views["series"]["preliminary"] == ["2026-04-10"]


async def test_the_previous_period_comes_with_its_own_days(sign_up: SignUp) -> None:
    ida = await sign_up()
    await load_days(ida, "instagram,ida", "views", [10] * 31 + [15] * 31)
    await load_days(ida, "instagram,ida", "followers", [1_000 + n for n in range(63)])
    answer = await read(ida, "overview", compare="previous_period", **MARCH)
    assert answer["previous"] == {"start": "2026-01-29", "end": "2026-02-28", "days": 31}
    assert (answer["previous_dates"][0], len(answer["previous_dates"])) == ("2026-01-29", 31)
    views = metric_of(answer, "views")["total"]
    compared = {
        name: each["value"] for name, each in views["compared"].items() if name != "is_per_day"
    }
    assert compared == {"now": 465, "before": 310, "change": 155, "percent": 50}
    assert views["series"]["previous"] == [10] * 31
    followers = metric_of(answer, "followers")["total"]
    assert followers["compared"]["change"]["value"] == 0  # 31 won in each period
    assert followers["compared_level"]["change"]["value"] == 31
    plain = await read(ida, "overview", **MARCH)
    assert (plain["previous"], plain["previous_dates"]) == (None, None)
    assert metric_of(plain, "views")["total"]["compared"] is None


async def test_every_figure_has_its_source(sign_up: SignUp) -> None:
    ida = await sign_up()
    await load_days(ida, "instagram,ida", "views", [10] * 31)
    await load_posts(ida, "instagram,ida,1,2026-03-05T18:00,reel,40,2,1000")
    for route in ROUTES:
        for figure in figures_in(await read(ida, route, compare="previous_period", **MARCH)):
            assert figure["metric"]
            assert "2025" < figure["from"] <= figure["to"] <= "2026-03-31"
            assert (figure["status"] == "unavailable") == (figure["value"] is None)
            assert figure["value"] is None or figure["observations"] or not figure["value"]


# --- the days ---


@pytest.mark.parametrize(
    ("timezone", "moment", "end"),
    [
        ("UTC", NOON, "2026-04-09"),
        ("Pacific/Auckland", NOON, "2026-04-10"),  # midnight has just passed there
        ("America/Los_Angeles", NOON.replace(hour=6), "2026-04-08"),  # still 9 April there
    ],
)
async def test_the_last_28_complete_days_are_those_of_the_creator(
    sign_up: SignUp, now: list[dt.datetime], timezone: str, moment: dt.datetime, end: str
) -> None:
    ida = await sign_up()
    await live_in(ida, timezone)
    now[0] = moment
    for route in ROUTES:
        answer = await read(ida, route)
        start = dt.date.fromisoformat(end) - dt.timedelta(days=27)
        assert answer["period"] == {"start": str(start), "end": end, "days": 28}
        assert answer["timezone"] == timezone


@pytest.mark.parametrize(
    ("parameters", "start", "end"),
    [
        ({"end": "2026-03-31"}, "2026-03-04", "2026-03-31"),
        ({"start": "2026-04-01"}, "2026-04-01", "2026-04-09"),
        ({"start": "2026-04-10"}, "2026-04-10", "2026-04-10"),
        ({"start": "2026-04-01", "end": "2027-01-01"}, "2026-04-01", "2026-04-10"),
        ({"end": "2027-01-01"}, "2026-03-14", "2026-04-10"),
    ],
)
async def test_half_a_period_is_completed_and_ends_today_at_the_latest(
    sign_up: SignUp, parameters: dict[str, str], start: str, end: str
) -> None:
    answer = await read(await sign_up(), "overview", **parameters)
    assert (answer["period"]["start"], answer["period"]["end"]) == (start, end)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("parameters", "status", "code"),
    [
        ({"start": "2026-03-31", "end": "2026-03-01"}, 400, "invalid_period"),
        ({"start": "2026-04-11"}, 400, "invalid_period"),
        ({"start": "1999-01-01"}, 400, "invalid_period"),
        ({"end": "1999-01-01"}, 400, "invalid_period"),
        ({"end": "0001-01-02"}, 400, "invalid_period"),
        ({"start": "2020-01-01", "end": "2026-03-01"}, 400, "invalid_period"),
        ({"start": "yesterday"}, 422, "validation_failed"),
        ({"platform": "myspace"}, 422, "validation_failed"),
        ({"compare": "last_year"}, 422, "validation_failed"),
        ({"account": "nobody"}, 404, "account_not_found"),
    ],
)
async def test_bad_parameters_are_a_problem_that_says_why(
    sign_up: SignUp, route: str, parameters: dict[str, str], status: int, code: str
) -> None:
    ida = await sign_up()
    await load_days(ida, "instagram,ida", "views", [1])
    response = await ida.get(f"/api/analytics/{route}", params=parameters)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("parameters", "field", "told"),
    [
        ({"start": "2026-03-31", "end": "2026-03-01"}, "end", "Got 2026-03-31 to 2026-03-01"),
        ({"start": "2026-04-11"}, "start", "2026-04-11 is in the future"),
        ({"start": "1999-01-01"}, "start", "got 1999-01-01"),
        ({"end": "1999-01-01"}, "end", "got 1999-01-01"),
    ],
)
async def test_a_period_that_cannot_be_is_told_by_its_field(
    sign_up: SignUp, parameters: dict[str, str], field: str, told: str
) -> None:
    response = await (await sign_up()).get("/api/analytics/overview", params=parameters)
    assert response.json()["field"] == field
    assert told in response.json()["detail"]


@pytest.mark.parametrize("model", [NumbersOut, EngagementOut, ContentOut, TimesOut, AudienceOut])
def test_the_examples_of_the_schema_are_answers(model: type[BaseModel]) -> None:
    examples = model.model_json_schema(mode="serialization")["examples"]
    assert examples
    for example in examples:
        found = model.model_validate(example).model_dump(mode="json", by_alias=True)
        assert found == example


# --- posts ---


async def test_posts_are_ranked_and_read_page_by_page(sign_up: SignUp) -> None:
    ida = await sign_up()
    likes = enumerate([40, 90, 10, 40, 70])
    await load_posts(
        ida, *(f"instagram,ida,{n},2026-03-0{n + 1}T18:00,reel,{v},0,1000" for n, v in likes)
    )
    seen: list[tuple[str, int]] = []
    cursor: dict[str, str] = {}
    pages = 0
    while True:
        page = await read(ida, "content", limit=2, **MARCH, **cursor)
        seen += [(post["post_id"], post["value"]["value"]) for post in page["items"]]
        assert (page["forms"] is None) == (pages > 0)
        pages += 1
        if not page["next"]:
            break
        cursor = {"cursor": page["next"]}
    # Of equal ones the newest comes first.
    assert seen == [("1", 90), ("4", 70), ("3", 40), ("0", 40), ("2", 10)]
    assert pages == 3
    worst = await read(ida, "content", order="worst", limit=1, **MARCH)
    assert worst["items"][0]["post_id"] == "2"


async def test_a_page_goes_on_where_its_post_was_also_when_it_is_gone(
    sign_up: SignUp, database: Database
) -> None:
    ida = await sign_up()
    rows = [f"instagram,ida,{n},2026-03-0{n + 1}T18:00,reel,{90 - n},0,1000" for n in range(4)]
    await load_posts(ida, *rows)
    page = await read(ida, "content", limit=2, **MARCH)
    await load_posts(ida, rows[1].replace(",89,", ",5,"))
    page = await read(ida, "content", limit=5, cursor=page["next"], **MARCH)
    assert [post["post_id"] for post in page["items"]] == ["2", "3", "1"]


@pytest.mark.parametrize(
    "cursor", ["x", "eHg=", "ZW5nYWdlbWVudHxiZXN0fDF8MjAyNi0wMy0wMXxubw==", "é"]
)
async def test_a_cursor_of_another_list_is_refused(sign_up: SignUp, cursor: str) -> None:
    response = await (await sign_up()).get("/api/analytics/content", params={"cursor": cursor})
    assert (response.status_code, response.json()["code"]) == (400, "invalid_cursor")


async def test_a_cursor_is_for_one_ranking(sign_up: SignUp) -> None:
    ida = await sign_up()
    await load_posts(
        ida,
        "instagram,ida,1,2026-03-01T18:00,reel,9,0,10",
        "instagram,ida,2,2026-03-02T18:00,reel,8,0,10",
    )
    page = await read(ida, "content", limit=1, **MARCH)
    parameters = {"cursor": page["next"], "rank_by": "likes", **MARCH}
    response = await ida.get("/api/analytics/content", params=parameters)
    assert response.json()["code"] == "invalid_cursor"


async def test_posts_without_the_asked_value_are_counted_and_not_ranked(sign_up: SignUp) -> None:
    ida = await sign_up()
    await load_posts(
        ida,
        "instagram,ida,1,2026-03-01T18:00,reel,9,0,100",
        "instagram,ida,2,2026-03-02T18:00,reel,8,0,",
    )
    page = await read(ida, "content", rank_by="views", **MARCH)
    assert [post["value"]["value"] for post in page["items"]] == [100]
    assert page["posts"] == 2
    assert page["notes"] == ["one post is not ranked, since views is unknown"]


async def test_a_post_belongs_to_the_day_on_the_creators_clock(sign_up: SignUp) -> None:
    ida = await sign_up()
    await live_in(ida, "Pacific/Auckland")
    # 00:30 on 1 March in Auckland is still February in UTC.
    await load_posts(ida, "instagram,ida,1,2026-02-28T11:30Z,reel,9,0,100")
    page = await read(ida, "content", **MARCH)
    assert [post["posted_at"] for post in page["items"]] == ["2026-03-01T00:30:00+13:00"]
    await live_in(ida, "UTC")
    assert (await read(ida, "content", **MARCH))["items"] == []


async def test_cells_have_the_posts_behind_them_and_a_rank_from_three_on(sign_up: SignUp) -> None:
    ida = await sign_up()
    mondays, tuesdays = (2, 9, 16), (3, 10)
    await load_posts(
        ida,
        *(f"instagram,ida,m{day},2026-03-{day:02}T18:10,reel,{50 + day},0,100" for day in mondays),
        *(f"instagram,ida,t{day},2026-03-{day:02}T09:00,reel,500,0,100" for day in tuesdays),
        "instagram,ida,x,2026-03-04T00:00,reel,5,0,100",
    )
    answer = await read(ida, "times", **MARCH)
    cells = {(cell["weekday"], cell["hour"]): cell for cell in answer["cells"]}
    assert len(cells) == 168
    monday, tuesday = cells[0, 18], cells[1, 9]
    assert (monday["posts"], monday["rank"]) == (3, 1)
    assert [post["post_id"] for post in monday["behind"]] == ["m16", "m9", "m2"]
    assert monday["relative"]["observations"] == 3
    assert (tuesday["posts"], tuesday["rank"], tuesday["relative"]) == (2, None, None)
    assert cells[6, 3] == {
        "weekday": 6, "hour": 3, "posts": 0, "rank": None, "relative": None,
        "stands_out": False, "behind": [],
    }  # fmt: skip
    assert answer["best"] is None
    assert "one post is in no cell: only the day is known" in answer["notes"]


async def test_hours_are_those_of_the_creator(sign_up: SignUp) -> None:
    ida = await sign_up()
    await live_in(ida, "Asia/Kolkata")
    # In Kolkata, 22:30 UTC on Sunday is 04:00 on Monday.
    await load_posts(ida, "instagram,ida,1,2026-03-01T22:30Z,reel,9,0,100")
    cells = (await read(ida, "times", **MARCH))["cells"]
    assert [(each["weekday"], each["hour"]) for each in cells if each["posts"]] == [(0, 4)]


async def test_engagement_rates_are_ratios_of_sums(sign_up: SignUp) -> None:
    ida = await sign_up()
    await load_posts(
        ida,
        "instagram,ida,1,2026-03-01T18:00,reel,10,0,100",
        "instagram,ida,2,2026-03-02T18:00,reel,10,0,900",
    )
    (rate,) = (await read(ida, "engagement", **MARCH))["rates"]
    assert (rate["platform"], rate["rate"]["value"], rate["posts"]["value"]) == ("instagram", 2, 2)


# --- the audience ---


async def tell_audience(
    database: Database, creator: Creator, date: dt.date, **shares: float
) -> None:
    async with database.user_session(creator.user_id) as session:
        (connection,) = await list_connections(session)
        snapshot = AudienceSnapshot(
            connection_id=connection.id,
            user_id=creator.user_id,
            date=date,
            dimension="country",
            shares=shares,
        )
        await write_snapshots(session, [snapshot])


async def test_an_audience_is_empty_until_a_platform_tells(sign_up: SignUp) -> None:
    answer = await read(await sign_up(), "audience", **MARCH)
    assert answer["items"] == []
    assert answer["notes"] == ["nothing is known of your audience in this period"]


async def test_the_last_audience_of_the_period_is_told_with_the_one_before(
    sign_up: SignUp, database: Database
) -> None:
    ida = await sign_up()
    await load_days(ida, "instagram,ida", "views", [1])
    await tell_audience(database, ida, dt.date(2026, 2, 10), DE=50.0)
    await tell_audience(database, ida, dt.date(2026, 3, 3), DE=1)
    await tell_audience(database, ida, dt.date(2026, 3, 30), AT=12, DE=41.5)
    answer = await read(ida, "audience", compare="previous_period", **MARCH)
    (part,) = answer["items"]
    assert (part["platform"], part["account"], part["dimension"]) == ("instagram", "ida", "country")
    assert (part["date"], part["previous_date"]) == ("2026-03-30", "2026-02-10")
    shares = [
        (share["name"], share["percent"]["value"], share["previous"]["value"])
        for share in part["shares"]
    ]
    assert shares == [("DE", 41.5, 50), ("AT", 12, None)]
    assert [share["label"] for share in part["shares"]] == ["Germany", "Austria"]
    assert part["shares"][0]["percent"]["from"] == "2026-03-30"


# --- whose numbers ---


@pytest.mark.parametrize("route", ROUTES)
async def test_a_new_creator_gets_an_answer_without_numbers(sign_up: SignUp, route: str) -> None:
    answer = await read(await sign_up(), route, compare="previous_period")
    assert figures_in(answer) == []
    for metric in answer.get("metrics", []):
        assert (metric["total"], metric["platforms"]) == (None, [])
    assert answer.get("items", []) == []


async def test_another_users_numbers_are_invisible(sign_up: SignUp, database: Database) -> None:
    ida, other = await sign_up(), await sign_up()
    await load_days(other, "instagram,ida", "views", [1] * 31)
    await load_posts(other, "instagram,ida,1,2026-03-05T18:00,reel,40,2,1000")
    await tell_audience(database, other, dt.date(2026, 3, 1), DE=50)
    for route in ROUTES:
        assert figures_in(await read(ida, route, **MARCH)) == []
        parameters = {"account": "ida"} | MARCH
        response = await ida.get(f"/api/analytics/{route}", params=parameters)
        assert (response.status_code, response.json()["code"]) == (404, "account_not_found")


@pytest.mark.parametrize("route", ROUTES)
async def test_nobody_is_answered_without_signing_in(sign_up: SignUp, route: str) -> None:
    ida = await sign_up()
    del ida.headers["Authorization"]
    response = await ida.get(f"/api/analytics/{route}")
    assert response.status_code == 401


# --- entity tags ---


async def etag(creator: Creator, route: str = "overview", **parameters: str) -> str:
    response = await creator.get(f"/api/analytics/{route}", params=parameters or MARCH)
    assert response.status_code == 200
    return response.headers["etag"]


@pytest.mark.parametrize("route", ROUTES)
async def test_who_has_the_answer_gets_304(sign_up: SignUp, route: str) -> None:
    ida = await sign_up()
    await load_days(ida, "instagram,ida", "views", [1])
    first = await ida.get(f"/api/analytics/{route}", params=MARCH)
    assert first.headers["cache-control"] == "private, no-cache"
    assert {"Authorization", "Cookie"} <= set(first.headers["vary"].split(", "))
    tag = first.headers["etag"]
    for known in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        headers = {"If-None-Match": known}
        response = await ida.get(f"/api/analytics/{route}", params=MARCH, headers=headers)
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == tag
        assert response.headers["cache-control"] == "private, no-cache"
    headers = {"If-None-Match": '"other"'}
    response = await ida.get(f"/api/analytics/{route}", params=MARCH, headers=headers)
    assert (response.status_code, response.content) == (200, first.content)


async def test_a_tag_changes_with_the_data_and_only_then(
    sign_up: SignUp, database: Database
) -> None:
    ida, other = await sign_up(), await sign_up()
    tags = [await etag(ida)]

    async def changed() -> bool:
        tags.append(await etag(ida))
        return tags[-1] not in tags[:-1]

    await load_days(ida, "instagram,ida", "views", [1, 2])
    assert await changed()
    await load_days(ida, "instagram,ida", "views", [1, 2])
    assert not await changed()  # the same file again changes nothing
    await load_days(other, "instagram,ida", "views", [5])
    assert not await changed()
    await ida.patch("/api/me", json={"locale": "de"})
    assert not await changed()
    await load_days(ida, "instagram,ida", "views", [1, 3])
    assert await changed()
    post = "instagram,ida,1,2026-03-05T18:00,reel,40,2,1000"
    await load_posts(ida, post)
    assert await changed()
    await load_posts(ida, post)
    assert not await changed()
    await load_posts(ida, post.replace("1000", "1001"))
    assert await changed()
    await tell_audience(database, ida, dt.date(2026, 3, 1), DE=50)
    assert await changed()
    await tell_audience(database, ida, dt.date(2026, 3, 1), DE=50)
    assert not await changed()


async def test_a_tag_is_of_one_question_one_day_one_zone_and_one_creator(
    sign_up: SignUp, now: list[dt.datetime]
) -> None:
    ida = await sign_up()
    tags = {
        await etag(ida),
        await etag(ida, "growth"),
        await etag(ida, start="2026-03-02", end="2026-03-31"),
        await etag(ida, compare="previous_period", **MARCH),
        await etag(await sign_up()),
    }
    await live_in(ida, "Europe/Berlin")
    tags.add(await etag(ida))
    now[0] += dt.timedelta(days=1)
    tags.add(await etag(ida))
    assert len(tags) == 7
    now[0] += dt.timedelta(minutes=1)
    assert await etag(ida) in tags


async def test_a_tag_changes_with_what_is_deleted_or_renamed_and_not_with_notes(
    sign_up: SignUp, database: Database
) -> None:
    ida = await sign_up()
    await load_days(ida, "instagram,ida", "views", [1, 2])
    await load_posts(ida, "instagram,ida,1,2026-03-05T18:00,reel,40,2,1000")
    await tell_audience(database, ida, dt.date(2026, 3, 1), DE=50)
    changes = {
        update(PlatformConnection).values(last_synced_at=NOON): False,
        update(PlatformConnection).values(username="ida.wrenfeld"): True,
        delete(ContentPost): True,
        delete(DailyMetric).where(DailyMetric.date < dt.date(2020, 1, 1)): False,
        delete(DailyMetric).where(DailyMetric.date == dt.date(2026, 3, 30)): True,
        delete(AudienceSnapshot): True,
        delete(PlatformConnection): True,
    }
    for change, is_news in changes.items():
        before = await etag(ida)
        async with database.user_session(ida.user_id) as session:
            await session.execute(change)
        assert (await etag(ida) != before) is is_news, str(change)


@pytest.mark.parametrize("metric", list(Metric))
async def test_each_metric_is_known_from_its_own_days(
    sign_up: SignUp, database: Database, metric: Metric
) -> None:
    ida = await sign_up()
    await load_days(ida, "instagram,ida", metric, [None, 0, 5])
    async with database.user_session(ida.user_id) as session:
        (account,) = await list_account_days(session, [metric], TODAY, TODAY)
    assert account.known == {metric: (dt.date(2026, 3, 30), dt.date(2026, 3, 31))}
