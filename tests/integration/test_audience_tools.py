"""The audience tool on the real database: what the model is told about who follows a creator."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

import pytest
from fastapi import FastAPI

from api.app import create_app
from core.errors import RetryableToolError
from core.settings import Settings
from storage.audience import write_snapshots
from storage.connections import list_connections
from storage.database import Database
from storage.models import AudienceSnapshot
from tests.analytics import NOON, TODAY, load_days, read
from tests.conftest import Creator, SignUp
from tests.tool_calls import call, call_message, new_context
from tools.audience import get_audience
from tools.results import MAX_CHARACTERS, ToolResult

MARCH = {"start": "2026-03-01", "end": "2026-03-31"}
Shares = Mapping[str, float]


@pytest.fixture
def app(settings: Settings, database_url: str) -> FastAPI:
    return create_app(settings, database_url, clock=lambda: NOON)


async def tell(
    database: Database, creator: Creator, date: str, shares: Mapping[tuple[str, str], Shares]
) -> None:
    """Let platforms tell shares by platform and dimension."""
    async with database.user_session(creator.user_id) as session:
        ids: dict[str, UUID] = {row.platform: row.id for row in await list_connections(session)}
        await write_snapshots(
            session,
            [
                AudienceSnapshot(
                    connection_id=ids[platform],
                    user_id=creator.user_id,
                    date=dt.date.fromisoformat(date),
                    dimension=dimension,
                    shares=dict(told),
                )
                for (platform, dimension), told in shares.items()
            ],
        )


async def ask(database: Database, creator: Creator, **args: str) -> ToolResult:
    context = new_context(database, creator.user_id, TODAY)
    return await call(get_audience, context, **(MARCH | args))


def shares_of(result: ToolResult) -> list[tuple[str, list[float | None]]]:
    known = {figure.id: figure for figure in result.figures}
    return [(row["name"], [known[n].value for n in row["figures"]]) for row in result.rows]


async def a_creator(sign_up: SignUp) -> Creator:
    ida = await sign_up()
    for platform in ("instagram", "facebook"):
        await load_days(ida, f"{platform},ida", "views", [1])
    return ida


async def test_the_last_shares_of_the_period_come_with_those_before_and_their_days(
    sign_up: SignUp, database: Database
) -> None:
    ida = await a_creator(sign_up)
    country = ("instagram", "country")
    await tell(database, ida, "2026-02-10", {country: {"DE": 50}})
    await tell(database, ida, "2026-03-03", {country: {"DE": 1}})
    await tell(database, ida, "2026-03-30", {country: {"AT": 12, "DE": 41.5}})
    result = await ask(database, ida, platform="instagram")
    assert shares_of(result) == [("DE", [41.5, 50]), ("AT", [12, None])]
    now, before, _, unknown = result.figures
    assert now.label == "share of country Germany, Instagram (ida)"
    assert (now.unit, now.metric, now.account) == ("percent", "audience_share_by_country", "ida")
    assert (now.start, now.end, now.observations) == (dt.date(2026, 3, 30),) * 2 + (1,)
    assert before.end == dt.date(2026, 2, 10)
    assert (unknown.status, unknown.observations) == ("unavailable", 0)


async def test_a_platform_that_told_nothing_is_named(sign_up: SignUp, database: Database) -> None:
    ida = await a_creator(sign_up)
    await tell(database, ida, "2026-03-30", {("instagram", "gender"): {"female": 60}})
    told = await ask(database, ida)
    assert "Facebook (ida) did not tell who its audience is in these days" in told.notes
    result = await ask(database, ida, dimension="age")
    assert (result.figures, result.rows) == ([], [])
    assert result.notes == [
        f"{name} (ida) did not tell its audience by age in these days"
        for name in ("Facebook", "Instagram")
    ]
    nowhere = await ask(database, ida, account="nobody")
    assert nowhere.notes == ["no such account is connected"]


async def test_one_dimension_is_told_to_ten_shares_and_all_of_them_to_three(
    sign_up: SignUp, database: Database
) -> None:
    ida = await a_creator(sign_up)
    cities = {f"City {number:02}": 5 - number / 10 for number in range(14)}
    ages = {"18-24": 50, "25-34": 20}
    told: dict[tuple[str, str], Shares] = {
        ("instagram", "city"): cities,
        ("instagram", "age"): ages,
    }
    await tell(database, ida, "2026-03-30", told)
    result = await ask(database, ida, dimension="city")
    assert [name for name, _ in shares_of(result)] == list(cities)[:10]
    assert "Instagram (ida), city: the largest 10 of 14 shares" in result.notes
    everything = await ask(database, ida)
    assert [name for name, _ in shares_of(everything)] == [*ages, *list(cities)[:3]]


async def test_whatever_is_told_the_model_is_never_given_too_much(
    sign_up: SignUp, database: Database
) -> None:
    ida = await sign_up()
    names = [f"{number:02} {'Llanfair' * 20}" for number in range(45)]
    for number in range(8):
        await load_days(ida, f"instagram,ida {number}", "views", [1])
    async with database.user_session(ida.user_id) as session:
        rows = [
            AudienceSnapshot(
                connection_id=row.id,
                user_id=ida.user_id,
                date=dt.date(2026, 3, 30),
                dimension=dimension,
                shares=dict.fromkeys(names, 2.0),
            )
            for row in await list_connections(session)
            for dimension in ("city", "country", "age")
        ]
        await write_snapshots(session, rows)
    context = new_context(database, ida.user_id, TODAY)
    message = await call_message(get_audience, context, dict(MARCH))
    assert len(message.text) <= MAX_CHARACTERS
    notes = ToolResult.model_validate_json(message.text).notes
    assert any("name one" in note or "left out" in note for note in notes)


async def test_charts_and_the_tool_have_the_same_figures(
    sign_up: SignUp, database: Database
) -> None:
    ida = await a_creator(sign_up)
    for date, share in (("2026-02-10", 38.5), ("2026-03-30", 41.5)):
        countries: Shares = {"DE": share, "AT": 12}
        told = {("instagram", "country"): countries, ("facebook", "age"): {"65+": share}}
        await tell(database, ida, date, told)
    answer = await read(ida, "audience", compare="previous_period", **MARCH)
    charted = [
        figure
        for part in answer["items"]
        for share in part["shares"]
        for figure in (share["percent"], share["previous"])
    ]
    result = await ask(database, ida)
    told_to_model = [figure.model_dump(mode="json", by_alias=True) for figure in result.figures]
    assert len(charted) == 6
    assert told_to_model == charted


async def test_another_users_audience_is_invisible(sign_up: SignUp, database: Database) -> None:
    ida, other = await a_creator(sign_up), await a_creator(sign_up)
    await tell(database, other, "2026-03-30", {("instagram", "country"): {"DE": 41.5}})
    assert (await ask(database, ida)).figures == []


async def test_a_period_that_has_not_begun_is_refused(sign_up: SignUp, database: Database) -> None:
    ida = await a_creator(sign_up)
    with pytest.raises(RetryableToolError):
        await ask(database, ida, start="2026-05-01", end="2026-05-28")
