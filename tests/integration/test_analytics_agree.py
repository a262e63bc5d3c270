"""Charts and agents agree: the same question has the same figures over HTTP and from the tools."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pytest
from fastapi import FastAPI
from langchain_core.tools import BaseTool

from api.app import create_app
from core.settings import Settings
from domain.analytics.growth import Period
from domain.analytics.overview import account_period
from storage.account_days import list_account_days
from storage.database import Database
from storage.metrics import list_account_periods
from storage.models import Metric
from tests.analytics import NOON, TODAY, a_creator_with_gaps, read
from tests.conftest import Creator, SignUp
from tests.tool_calls import call, new_context
from tools.content import best_times, engagement_rates, format_performance, top_content
from tools.metrics import get_metrics, growth_summary
from tools.trends import compare_periods

PERIODS = [
    {"start": "2026-03-01", "end": "2026-03-31"},  # with gaps, and an account that begins
    {"start": "2026-03-14", "end": "2026-04-10"},  # to a day that is still counted
    {"start": "2026-01-01", "end": "2026-01-31"},  # before some accounts
    {"start": "2025-01-01", "end": "2025-01-31"},  # before all of them
]
Figures = set[tuple[Any, ...]]


@pytest.fixture
def app(settings: Settings, database_url: str) -> FastAPI:
    return create_app(settings, database_url, clock=lambda: NOON)


async def ask(database: Database, creator: Creator, tool: BaseTool, **args: Any) -> Figures:
    result = await call(tool, new_context(database, creator.user_id, TODAY), **args)
    return facts(each.model_dump(mode="json", by_alias=True) for each in result.figures)


def facts(figures: Iterable[dict[str, Any]]) -> Figures:
    """Return all that figures say; their ids are only those of one answer."""
    return {tuple(value for key, value in each.items() if key != "id") for each in figures}


def places_of(metric: dict[str, Any]) -> list[dict[str, Any]]:
    places = [metric["total"]] if metric["total"] else []
    for platform in metric["platforms"]:
        places += [platform, *platform.get("accounts", [])]
    return places


def known(places: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out the places that only the dashboard shows, as unknown."""
    return [place for place in places if place["value"]["observations"] or place["value"]["value"]]


@pytest.mark.parametrize("period", PERIODS)
async def test_values_are_those_of_get_metrics(
    sign_up: SignUp, database: Database, period: dict[str, str]
) -> None:
    ida = await a_creator_with_gaps(sign_up)
    answer = await read(ida, "overview", **period)
    seen = 0
    for metric in answer["metrics"]:
        told = await ask(database, ida, get_metrics, metric=metric["metric"], **period)
        shown = facts(place["value"] for place in places_of(metric))
        assert told <= shown
        for extra in shown - told:  # the places of which nothing is known
            assert None in extra
            assert "unavailable" in extra
        seen += len(told)
    assert seen or period["start"].startswith("2025")


@pytest.mark.parametrize("period", PERIODS)
async def test_growth_is_that_of_growth_summary(
    sign_up: SignUp, database: Database, period: dict[str, str]
) -> None:
    ida = await a_creator_with_gaps(sign_up)
    (followers,) = (await read(ida, "growth", **period))["metrics"]
    growth = [place["growth"] for place in places_of(followers) if place["growth"]]
    shown = facts(figure for each in growth for figure in each.values())
    assert shown == await ask(database, ida, growth_summary, **period)


@pytest.mark.parametrize("period", PERIODS)
async def test_changes_are_those_of_compare_periods(
    sign_up: SignUp, database: Database, period: dict[str, str]
) -> None:
    ida = await a_creator_with_gaps(sign_up)
    answer = await read(ida, "overview", compare="previous_period", **period)
    for metric in answer["metrics"]:
        compared = [
            place[name]
            for place in places_of(metric)
            for name in ("compared", "compared_level")
            if place[name]
        ]
        shown = facts(
            figure for each in compared for name, figure in each.items() if name != "is_per_day"
        )
        told = await ask(database, ida, compare_periods, metric=metric["metric"], **period)
        assert shown == told, metric["metric"]


async def test_one_account_has_the_same_numbers_from_both(
    sign_up: SignUp, database: Database
) -> None:
    ida = await a_creator_with_gaps(sign_up)
    asked = {"platform": "instagram", "account": "side"} | PERIODS[1]
    answer = await read(ida, "overview", compare="previous_period", **asked)
    for metric in answer["metrics"]:
        told = await ask(database, ida, get_metrics, metric=metric["metric"], **asked)
        assert facts(place["value"] for place in known(places_of(metric))) == told


@pytest.mark.parametrize("order", ["best", "worst"])
async def test_posts_are_those_of_top_content(
    sign_up: SignUp, database: Database, order: str
) -> None:
    ida = await a_creator_with_gaps(sign_up)
    asked = {"order": order, "limit": 10} | PERIODS[1]
    page = await read(ida, "content", **asked)
    shown = [figure for post in page["items"] for figure in (post["value"], *post["figures"])]
    told = await ask(database, ida, top_content, **asked)
    if order == "best":
        shown.append(page["share_of_top"])
    assert facts(shown) == told


async def test_forms_rates_and_times_are_those_of_the_tools(
    sign_up: SignUp, database: Database
) -> None:
    ida = await a_creator_with_gaps(sign_up)
    period = {"start": "2026-02-01", "end": "2026-04-10"}
    forms = (await read(ida, "content", **period))["forms"]
    shown = facts(figure for form in forms for figure in form.values() if isinstance(figure, dict))
    assert shown
    assert shown <= await ask(database, ida, format_performance, **period)
    rates = (await read(ida, "engagement", **period))["rates"]
    shown = facts(rate[name] for rate in rates for name in ("rate", "posts", "left_out"))
    assert shown
    assert shown <= await ask(database, ida, engagement_rates, **period)
    cells = (await read(ida, "times", **period))["cells"]
    ranked = sorted((cell for cell in cells if cell["rank"]), key=lambda cell: cell["rank"])
    told = await ask(database, ida, best_times, **period)
    assert len(ranked) > 8
    assert facts(cell["relative"] for cell in ranked[:8]) <= told


async def test_one_reading_of_all_days_is_as_good_as_one_per_metric(
    sign_up: SignUp, database: Database
) -> None:
    ida = await a_creator_with_gaps(sign_up, seed=11)
    periods = [
        Period(start=dt.date.fromisoformat(each["start"]), end=dt.date.fromisoformat(each["end"]))
        for each in PERIODS
    ]
    async with database.user_session(ida.user_id) as session:
        first, last = dt.date(2024, 1, 1), TODAY
        accounts = await list_account_days(session, list(Metric), first, last)
        for metric in Metric:
            for period in periods:
                rows = await list_account_periods(session, metric, period.start, period.end)
                assert [account_period(each, metric, period) for each in accounts] == rows
