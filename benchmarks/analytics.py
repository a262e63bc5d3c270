"""How long the analytics overview takes, among 1,000 creators with a year on four platforms.

The baseline is the one statement that it reads with, prepared, on one connection of psycopg.
"""

import asyncio
import datetime as dt
import http.client
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cache, partial
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Dialect, create_engine, make_url, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.pool import NullPool

from api.analytics import MAIN_METRICS, OTHER_METRICS
from benchmarks.creators import database_of_creators, sign_in
from benchmarks.processes import serving_suite
from benchmarks.tables import measure, print_machine, print_table
from domain.analytics.overview import report_overview
from domain.analytics.periods import past_or_recent_period
from storage.account_days import select_account_days
from storage.database import Database

CREATORS = 1_000
CALLS = 200
METRICS = (*MAIN_METRICS, *OTHER_METRICS)
OVERVIEW = "/api/analytics/overview"


def main() -> None:
    """Measure and print."""
    print_machine()
    begun = time.perf_counter()
    today = dt.datetime.now(dt.UTC).date()
    first = today - dt.timedelta(days=365)
    with (
        database_of_creators(CREATORS, first=str(first), last=str(today)) as (app_url, owner_url),
        ExitStack() as stack,
    ):
        tokens = sign_in(owner_url)
        users = list(tokens)
        rows = count_rows(owner_url)
        print(
            f"{rows:,} days of {CREATORS:,} creators, made in {time.perf_counter() - begun:.0f} s\n"
        )
        server = stack.enter_context(serving_suite(app_url, CHAT_MODEL="offline"))
        loop = stack.enter_context(asyncio.Runner())
        database = Database(app_url)
        stack.callback(lambda: loop.run(database.close()))
        connection = stack.enter_context(psycopg.connect(libpq_url(app_url)))
        client = Client(server.port, tokens)
        ways: dict[str, Callable[[int], object]] = {
            "its statement, prepared": partial(run_statement, connection, users, today),
            "the domain function": lambda n: loop.run(
                overview(database, users[n % CREATORS], today)
            ),
            "over HTTP": lambda n: client.get(users[n % CREATORS], OVERVIEW, 200),
            "over HTTP, compared": lambda n: client.get(
                users[n % CREATORS], f"{OVERVIEW}?compare=previous_period", 200
            ),
            "over HTTP, 304": lambda n: client.get(users[n % 20], OVERVIEW, 304),
            "over HTTP, `GET /api/me`": lambda n: client.get(users[n % CREATORS], "/api/me", 200),
            "over HTTP, suggestions": lambda n: client.get(
                users[n % CREATORS], "/api/suggestions", 200
            ),
        }
        print_table(measure(ways, calls=CALLS))


def run_statement(
    connection: psycopg.Connection, users: Sequence[UUID], today: dt.date, number: int
) -> None:
    """Read what the overview reads, with nothing around it."""
    period = past_or_recent_period(None, None, today=today)
    first = period.start - dt.timedelta(days=1)
    identity = "SELECT set_config('role', 'dream_app', true), set_config('app.user_id', %s, true)"
    with connection.transaction():
        connection.execute(identity, [str(users[number % len(users)])], prepare=True)
        sql, parameters = statement()
        parameters = parameters | {"start": first, "end": period.end}
        found = connection.execute(sql, parameters, prepare=True).fetchall()
    if len(found) != 4:  # noqa: PLR2004 - the creator's accounts
        raise RuntimeError(f"{len(found)} accounts")


@cache
def statement() -> tuple[bytes, dict[str, Any]]:
    """Return the SQL of the overview's statement, and the parameters that never change."""
    query = select_account_days(METRICS, of_platform=False, of_account=False)
    dialect: Dialect = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
    compiled = query.compile(dialect=dialect)
    return str(compiled).encode(), dict(compiled.params)


async def overview(database: Database, user: UUID, today: dt.date) -> None:
    """Do what the route does, without HTTP."""
    async with database.user_session(user) as session:
        found = await report_overview(
            session,
            MAIN_METRICS,
            past_or_recent_period(None, None, today=today),
            if_known=OTHER_METRICS,
        )
    if len(found.metrics) != len(METRICS):
        raise RuntimeError(f"{len(found.metrics)} metrics")


class Client:
    """One connection that is kept alive, and remembers the tags of what it got."""

    def __init__(self, port: int, tokens: dict[UUID, str]) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.tokens = tokens
        self.tags: dict[tuple[UUID, str], str] = {}

    def get(self, user: UUID, path: str, status: int) -> None:
        """Get a path as a user; to be answered 304 it is got before, once."""
        headers = {"Authorization": f"Bearer {self.tokens[user]}"}
        if status == http.client.NOT_MODIFIED:
            if (user, path) not in self.tags:
                self.get(user, path, http.client.OK)
            headers["If-None-Match"] = self.tags[user, path]
        try:
            self.connection.request("GET", path, headers=headers)
            response = self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError):  # it was idle for too long
            self.connection.close()
            self.connection.request("GET", path, headers=headers)
            response = self.connection.getresponse()
        body = response.read()
        if response.status != status:
            raise RuntimeError(f"{path}: {response.status} {body[:200]!r}")
        if "ETag" in response.headers:
            self.tags[user, path] = response.headers["ETag"]


def count_rows(owner_url: str) -> int:
    """Return how many days there are."""
    with create_engine(owner_url, poolclass=NullPool).connect() as connection:
        count: int = connection.execute(text("SELECT count(*) FROM daily_metrics")).scalar_one()
        return count


def libpq_url(url: str) -> str:
    """Return an SQLAlchemy URL as psycopg takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


if __name__ == "__main__":
    main()
