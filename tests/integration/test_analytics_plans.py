"""No analytics answer reads a whole table: the plans of its statements, among many creators.

The planner sees enough rows and fresh statistics, and no setting forbids it anything.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import NullPool

from api.app import create_app
from benchmarks.creators import fill
from core.settings import Settings
from graph.suite import Suite
from storage.database import Database
from tests.conftest import Postgres, SignUp

CREATORS = 120
ROUTES = (
    "analytics/overview?start=2026-03-01&end=2026-03-31&compare=previous_period",
    "analytics/overview?start=2026-03-01&end=2026-03-31&platform=youtube",
    "analytics/overview?start=2026-03-01&end=2026-03-31&platform=youtube&account=7",
    "analytics/growth?start=2025-06-01&end=2026-05-31",
    "analytics/engagement?start=2026-03-01&end=2026-03-31",
    "analytics/content?start=2026-03-01&end=2026-03-31",
    "analytics/content?start=2026-03-01&end=2026-03-31&platform=youtube&post_type=reel",
    "analytics/times?start=2025-12-01&end=2026-05-31",
    "analytics/audience?start=2026-03-01&end=2026-03-31&compare=previous_period",
    "analytics/audience?start=2026-03-01&end=2026-03-31&platform=youtube",
    "suggestions",
)
FACTS = {"daily_metrics", "content_posts", "audience_snapshots"}


@pytest.fixture(scope="module")
def database_name(postgres: Postgres) -> Iterator[str]:
    """Return a database of its own, with many creators."""
    with postgres.temporary_database() as name:
        fill(postgres.owner_url(name), CREATORS, first="2025-06-01", last="2026-05-31")
        yield name


@pytest.fixture
def app(settings: Settings, database_url: str) -> FastAPI:
    noon = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
    return create_app(settings, database_url, clock=lambda: noon)


def scans(plan: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield kind and table of each scan in a plan."""
    if "Relation Name" in plan:
        yield plan["Node Type"], plan["Relation Name"]
    for below in plan.get("Plans", ()):
        yield from scans(below)


@pytest.mark.parametrize("route", ROUTES)
async def test_no_statement_scans_a_whole_table(
    sign_up: SignUp, app: FastAPI, database: Database, owner_url: str, route: str
) -> None:
    ida = await sign_up()
    take_over_accounts(owner_url, str(ida.user_id))
    suite: Suite = app.state.suite
    statements: list[tuple[str, Any]] = []

    def note(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    engine = suite.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    response = await ida.get(f"/api/{route}")
    event.remove(engine, "before_cursor_execute", note)
    assert response.status_code == 200, response.text
    assert len(response.content) > 300
    found = [each for each in statements if any(table in each[0] for table in FACTS)]
    assert found
    async with database.user_session(ida.user_id) as session:
        connection = await session.connection()
        for statement, parameters in found:
            explain = f"EXPLAIN (FORMAT JSON) {statement}"
            plans = [(await connection.exec_driver_sql(explain, parameters)).scalar_one()]
            explain = f"EXPLAIN (FORMAT JSON, GENERIC_PLAN) {numbered(statement)}"
            plans.append((await connection.exec_driver_sql(explain)).scalar_one())
            for (plan,) in plans:
                whole = [table for kind, table in scans(plan["Plan"]) if kind == "Seq Scan"]
                assert not FACTS & set(whole), plan


def take_over_accounts(owner_url: str, user_id: str) -> None:
    """Give a user the accounts of one of the creators, with all that is known of them."""
    engine = create_engine(owner_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        accounts = text(
            "UPDATE platform_connections SET user_id = :to, username = '7', platform_account = '7' "
            "WHERE user_id = (SELECT id FROM users WHERE email ~ '^[0-9]+@' AND EXISTS (SELECT "
            "FROM platform_connections AS own WHERE own.user_id = users.id) LIMIT 1)"
        )
        connection.execute(accounts, {"to": user_id})
        for table in FACTS:
            own = "SELECT id FROM platform_connections WHERE user_id = :to"
            rows = f"UPDATE {table} SET user_id = :to WHERE connection_id IN ({own})"  # noqa: S608
            connection.execute(text(rows), {"to": user_id})


def numbered(statement: str) -> str:
    """Return a statement with $1, $2, … in place of its parameters, as it is when prepared."""
    numbers: dict[str, int] = {}
    return re.sub(
        r"%\((\w+)\)s",
        lambda match: f"${numbers.setdefault(match[1], len(numbers) + 1)}",
        statement,
    )
