"""Every list that has pages stays whole while rows come and go; by the table of routes."""

import datetime as dt
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from itertools import count as numbers
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import delete, select, update

from core.clock import utc_now
from storage.database import Database
from storage.models import (
    ApiKey,
    Base,
    Conversation,
    Goal,
    Insight,
    Job,
    JobStatus,
    Notification,
    PlanVersion,
    new_id,
)
from tests.conftest import Creator, SignUp
from tests.integration.test_accounts import code
from tests.routes import Route, answer_of, list_operations, parameters_of

START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
COUNT = 6
_numbers = numbers()


def _id_at(moment: dt.datetime) -> UUID:
    """Return a new id as it would have been made at this moment (UUIDv7): lists may go by it."""
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | next(_numbers))


@dataclass(frozen=True, kw_only=True)
class Listing:
    """How to fill a list: its rows, and the column that orders them, the newest first."""

    table: type[Base]
    moment: str
    build: Callable[[UUID], dict[str, Any]]
    of_job: bool = False  # whether each row needs a job

    def rows(self, user_id: UUID, number: int) -> list[Base]:
        """Return a row that comes before those of lower numbers, behind what it needs."""
        moment = START + dt.timedelta(minutes=number)
        fields = self.build(user_id) | {self.moment: moment}
        if not self.of_job:
            return [self.table(id=_id_at(moment), user_id=user_id, **fields)]
        job = Job(id=_id_at(moment), user_id=user_id, kind="x", input={}, attempt_limit=1)
        return [job, self.table(id=_id_at(moment), user_id=user_id, job_id=job.id, **fields)]


LISTINGS: dict[Route, Listing] = {
    ("GET", "/api/api-keys"): Listing(
        table=ApiKey,
        moment="created_at",
        build=lambda _: {"name": "x", "prefix": "ds_x", "key_hash": new_id().bytes},
    ),
    ("GET", "/api/conversations"): Listing(
        table=Conversation, moment="updated_at", build=lambda _: {"title": "x"}
    ),
    ("GET", "/api/insights"): Listing(
        table=Insight,
        moment="generated_at",
        build=lambda _: {
            "type": "growth", "priority": "low", "title": "x", "message": "x",
            "local_date": START.date(), "finding": str(new_id()),
        },
    ),
    ("GET", "/api/jobs"): Listing(
        table=Job,
        moment="created_at",
        build=lambda _: {
            "kind": "onboarding", "status": JobStatus.FAILED, "input": {}, "attempt_limit": 1,
        },
    ),
    ("GET", "/api/notifications"): Listing(
        table=Notification,
        moment="created_at",
        build=lambda _: {
            "type": "insight", "title": "x", "message": "x", "cause": str(new_id()),
            "expires_at": utc_now() + dt.timedelta(days=1),
        },
    ),
    ("GET", "/api/goals"): Listing(
        table=Goal,
        moment="created_at",
        build=lambda _: {
            "title": "x", "metric": "followers", "start_value": 1, "target_value": 2,
            "start_date": START.date(),
        },
    ),
    ("GET", "/api/plans"): Listing(
        table=PlanVersion,
        moment="created_at",
        of_job=True,
        build=lambda _: {
            "version": 1, "title": "x", "body": {
                "template": "x", "goal": "x", "start": "2026-12-01", "end": "2026-12-31",
                "platforms": ["instagram"], "items": [],
            },
        },
    ),
}  # fmt: skip
# Lists without pages, and why they stay short.
WHOLE = {
    ("GET", "/api/agents"): "there are five",
    ("GET", "/api/connections"): "a tier has so many accounts at most",
    ("GET", "/api/analytics/audience"): "so many accounts, by four dimensions",
    ("GET", "/api/suggestions"): "there are six at most",
    ("GET", "/api/messages/{message_id}/follow-ups"): "there are three at most",
    ("GET", "/api/plans/{plan_id}"): "a plan's posts are no list of rows",
    ("GET", "/api/plans/{plan_id}/versions"): "the last hundred",
}
# Lists that are ordered by what their rows have earned, and the test of their pages.
RANKED = {("GET", "/api/analytics/content"): "test_posts_are_ranked_and_read_page_by_page"}
# Lists of everybody's rows, and the test of their pages.
OF_ALL = {
    ("GET", "/api/admin/jobs"): "test_everybodys_jobs_are_listed_page_by_page",
    ("GET", "/api/admin/deliveries"): "test_deliveries_are_listed_page_by_page",
}

every_list = pytest.mark.parametrize("route", LISTINGS, ids=" ".join)


def test_every_list_has_pages_or_says_here_why_not(app: FastAPI) -> None:
    gets = {route: it for route, it in list_operations(app).items() if route[0] == "GET"}
    lists = {
        route for route, it in gets.items() if "items" in answer_of(app, it).get("properties", {})
    }
    with_pages = {route for route, it in gets.items() if "cursor" in parameters_of(it)}
    assert with_pages == set(LISTINGS) | set(RANKED) | set(OF_ALL)
    assert lists == with_pages | set(WHOLE)


class Filled:
    """A creator with rows in a list."""

    def __init__(self, creator: Creator, database: Database, route: Route) -> None:
        self.creator, self.database, self.path = creator, database, route[1]
        self.listing = LISTINGS[route]
        self.count = 0

    async def add(self, count: int = 1) -> list[str]:
        """Add rows; returns their ids, the newest first."""
        rows: list[Base] = []
        async with self.database.user_session(self.creator.user_id) as session:
            for number in range(self.count, self.count + count):
                *needed, row = self.listing.rows(self.creator.user_id, number)
                session.add_all(needed)
                await session.flush()
                session.add(row)
                rows.append(row)
            self.count += count
            await session.flush()
            return [str(getattr(row, "id")) for row in reversed(rows)]  # noqa: B009  # of any table

    async def remove(self, row_id: str) -> None:
        table: Any = self.listing.table
        async with self.database.user_session(self.creator.user_id) as session:
            await session.execute(delete(table).where(table.id == UUID(row_id)))

    async def align(self) -> None:
        """Give all rows the same moment."""
        async with self.database.user_session(self.creator.user_id) as session:
            await session.execute(update(self.listing.table).values({self.listing.moment: START}))

    async def page(self, limit: int, cursor: str | None = None) -> tuple[list[str], str | None]:
        params = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        response = await self.creator.get(self.path, params=params)
        assert response.status_code == 200, response.text
        answer = response.json()
        return [item["id"] for item in answer["items"]], answer["next"]

    async def pages(self, limit: int, cursor: str | None = None) -> AsyncIterator[list[str]]:
        """Yield page after page, to the end."""
        while True:
            ids, cursor = await self.page(limit, cursor)
            yield ids
            if cursor is None:
                return


@pytest.fixture
async def filled(sign_up: SignUp, database: Database, route: Route) -> Filled:
    return Filled(await sign_up(), database, route)


@every_list
async def test_an_empty_list_is_an_empty_page(filled: Filled) -> None:
    assert await filled.page(1) == ([], None)


@every_list
@pytest.mark.parametrize("limit", [1, 2, 3, COUNT, COUNT + 1])
async def test_pages_have_every_row_once_and_in_order(filled: Filled, limit: int) -> None:
    ids = await filled.add(COUNT)
    pages = [page async for page in filled.pages(limit)]
    assert [row for page in pages for row in page] == ids
    assert all(len(page) == limit for page in pages[:-1])


@every_list
async def test_rows_of_the_same_moment_come_once_too(filled: Filled) -> None:
    ids = await filled.add(COUNT)
    await filled.align()
    found = [row async for page in filled.pages(1) for row in page]
    assert sorted(found) == sorted(ids)


@every_list
async def test_rows_that_come_and_go_while_paging_move_no_other(filled: Filled) -> None:
    ids = await filled.add(COUNT)
    first, cursor = await filled.page(2)
    await filled.add(2)
    for gone in (ids[0], first[-1], ids[4]):  # one that was seen, the cursor's own, one to come
        await filled.remove(gone)
    rest = [row async for page in filled.pages(2, cursor) for row in page]
    assert first + rest == [ids[0], ids[1], ids[2], ids[3], ids[5]]


@every_list
async def test_a_cursor_of_another_user_shows_ones_own_rows(
    filled: Filled, sign_up: SignUp, database: Database, route: Route
) -> None:
    await filled.add(COUNT)
    _, cursor = await filled.page(3)
    other = Filled(await sign_up(), database, route)
    own = await other.add(COUNT)
    assert await other.page(100, cursor) == (own[3:], None)


def encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode()


BROKEN = [
    "",
    "x",
    "é",
    encoded("null"),
    encoded("[]"),
    encoded('["2026-03-01T12:00:00Z"]'),
    encoded('["2026-03-01T12:00:00", "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10"]'),
    encoded('["9999999-03-01T12:00:00Z", "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10"]'),
    encoded('["2026-03-01T12:00:00Z", "no id"]'),
    encoded("\0"),
    encoded('[false, "2026-03-01T12:00:00", "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10"]'),
]


@every_list
async def test_what_is_no_cursor_is_refused(filled: Filled, route: Route) -> None:
    for cursor in BROKEN:
        response = await filled.creator.get(route[1], params={"cursor": cursor})
        assert code(response) == (400, "invalid_cursor"), cursor


@every_list
@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "1e9"])
async def test_a_page_has_1_to_100_rows(filled: Filled, route: Route, limit: str) -> None:
    response: httpx.Response = await filled.creator.get(route[1], params={"limit": limit})
    assert code(response) == (422, "validation_failed")


async def test_the_lists_of_the_table_show_its_rows(sign_up: SignUp, database: Database) -> None:
    creator = await sign_up()
    for route, listing in LISTINGS.items():
        added = await Filled(creator, database, route).add()
        async with database.user_session(creator.user_id) as session:
            rows = (await session.scalars(select(listing.table))).all()
        assert [str(getattr(row, "id")) for row in rows] == added  # noqa: B009  # of any table
