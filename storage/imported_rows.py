"""Rows on their way into the database: copied into temporary tables and merged from there.

However many there are, the process holds one batch of them.
"""

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple, cast
from uuid import UUID

import psycopg
from sqlalchemy import (
    CTE,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    MetaData,
    Table,
    TableValuedAlias,
    Text,
    Uuid,
    column,
    delete,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, Insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.schema import CreateTable, DropTable

_TEMPORARY: Any = {"prefixes": ["TEMPORARY"], "postgresql_on_commit": "DROP"}
_metadata = MetaData()


class ImportedValue(NamedTuple):
    """A metric of one day; `line` is where it comes from, `account` a number of the importer's.

    Without a metric it is a day of which nothing is known.
    """

    line: int
    account: int
    date: dt.date
    metric: str | None
    value: int | None
    status: str


class ImportedPost(NamedTuple):
    """A post; null is unknown. Of `posted_at` the time may be made up (`is_day_only`)."""

    line: int
    account: int
    id: UUID
    post_id: str
    posted_at: dt.datetime
    is_day_only: bool
    post_type: str | None
    caption: str | None
    permalink: str | None
    likes: int | None
    comments: int | None
    shares: int | None
    saves: int | None
    views: int | None


# The columns are in the order of the fields above.
IMPORTED_VALUES = Table(
    "imported_values",
    _metadata,
    Column("line", Integer),
    Column("account", Integer),
    Column("date", Date),
    Column("metric", Text),
    Column("value", BigInteger),
    Column("status", Text),
    **_TEMPORARY,
)
IMPORTED_POSTS = Table(
    "imported_posts",
    _metadata,
    Column("line", Integer),
    Column("account", Integer),
    Column("id", Uuid),
    Column("post_id", Text),
    Column("posted_at", DateTime(timezone=True)),
    Column("is_day_only", Boolean),
    Column("post_type", Text),
    Column("caption", Text),
    Column("permalink", Text),
    Column("likes", BigInteger),
    Column("comments", BigInteger),
    Column("shares", BigInteger),
    Column("saves", BigInteger),
    Column("views", BigInteger),
    **_TEMPORARY,
)


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A line that contradicts an earlier one about the same thing."""

    line: int
    first_line: int


@asynccontextmanager
async def imported_rows(session: AsyncSession) -> AsyncIterator[None]:
    """Make the temporary tables for the block; a transaction that fails takes them with it."""
    for table in (IMPORTED_VALUES, IMPORTED_POSTS):
        await session.execute(CreateTable(table))
    yield
    for table in (IMPORTED_VALUES, IMPORTED_POSTS):
        await session.execute(DropTable(table))


async def copy_rows(session: AsyncSession, rows: Iterable[ImportedValue | ImportedPost]) -> None:
    """Add rows to the temporary tables."""
    values: list[ImportedValue] = []
    posts: list[ImportedPost] = []
    for row in rows:
        if isinstance(row, ImportedValue):
            values.append(row)
        else:
            posts.append(row)
    connection = await (await session.connection()).get_raw_connection()
    driver = cast("psycopg.AsyncConnection", connection.driver_connection)
    for table, found in ((IMPORTED_VALUES, values), (IMPORTED_POSTS, posts)):
        if found:
            async with (
                driver.cursor() as cursor,
                cursor.copy(f"COPY {table.name} FROM STDIN") as copy,
            ):
                for row in found:
                    await copy.write_row(row)


async def analyze_rows(session: AsyncSession) -> None:
    """Tell the planner how many rows there are; nobody else does for a temporary table."""
    await session.execute(text("ANALYZE imported_values, imported_posts"))


async def find_value_conflicts(
    session: AsyncSession, connections: Sequence[UUID], *, limit: int
) -> tuple[list[Conflict], int]:
    """Return the first lines that give another value for an earlier line's metric, and how many."""
    row = IMPORTED_VALUES.c
    return await _find_conflicts(
        session, IMPORTED_VALUES, connections, [row.date, row.metric], [row.value], limit
    )


async def find_post_conflicts(
    session: AsyncSession, connections: Sequence[UUID], *, limit: int
) -> tuple[list[Conflict], int]:
    """Return the first lines that say something else of an earlier line's post, and how many."""
    said = [each for each in IMPORTED_POSTS.c if each.key not in ("line", "account", "id")]
    return await _find_conflicts(
        session, IMPORTED_POSTS, connections, [IMPORTED_POSTS.c.post_id], said, limit
    )


async def _find_conflicts(
    session: AsyncSession,
    table: Table,
    connections: Sequence[UUID],
    key: Sequence[ColumnElement[Any]],
    said: Sequence[ColumnElement[Any]],
    limit: int,
) -> tuple[list[Conflict], int]:
    """Look for conflicts, and take their lines out of the table."""
    accounts = numbered_connections(connections)
    window: dict[str, Any] = {
        "partition_by": [accounts.c.connection_id, *key],
        "order_by": table.c.line,
    }
    compared = (
        select(
            table.c.line,
            func.first_value(table.c.line).over(**window).label("first_line"),
            or_(
                *(each.is_distinct_from(func.first_value(each).over(**window)) for each in said)
            ).label("is_conflict"),
        )
        .join(accounts, accounts.c.account == table.c.account)
        .subquery()
    )
    conflicts = (
        select(compared.c.line, func.min(compared.c.first_line).label("first_line"))
        .where(compared.c.is_conflict)
        .group_by(compared.c.line)
        .cte("conflicts")
    )
    gone = delete(table).where(table.c.line == conflicts.c.line).returning(table.c.line).cte("gone")
    total = select(func.count()).select_from(conflicts).scalar_subquery().label("total")
    statement = select(conflicts.c.line, conflicts.c.first_line, total).add_cte(gone)
    rows = (await session.execute(statement.order_by(conflicts.c.line).limit(limit))).all()
    found = [Conflict(line=row.line, first_line=row.first_line) for row in rows]
    return found, rows[0].total if rows else 0


def numbered_connections(connections: Sequence[UUID]) -> TableValuedAlias:
    """Return connections as a table: `account` counts them from 1, `connection_id` names them."""
    return (
        func.unnest(literal(list(connections), ARRAY(Uuid())))
        .table_valued(column("connection_id", Uuid()), with_ordinality="account", name="accounts")
        .render_derived()
    )


@dataclass(frozen=True, kw_only=True)
class WrittenRows:
    """How many days or posts were given, and how many rows that inserted and changed."""

    given: int
    inserted: int
    updated: int


async def merge_rows(
    session: AsyncSession,
    given: CTE,
    statement: Insert,
    *,
    key: Sequence[str],
    names: Iterable[str],
    stamp: str,
) -> WrittenRows:
    """Insert the given rows; those whose key is taken correct the row that is there.

    Only the columns `names` are corrected, and `stamp` is when; a row that would stay the same is
    not written.
    """
    table = statement.table
    new = {name: statement.excluded[name] for name in names}
    written = (
        statement.on_conflict_do_update(
            index_elements=key,
            set_=new | {stamp: func.now()},
            where=or_(*(table.c[name].is_distinct_from(value) for name, value in new.items())),
        )
        # A row version that replaces another carries the lock of its conflict in xmax.
        .returning((literal_column(f"{table.name}.xmax") == literal_column("0")).label("is_new"))
        .cte("written")
    )
    counts = select(
        select(func.count()).select_from(given).scalar_subquery().label("given"),
        func.count().filter(written.c.is_new).label("inserted"),
        func.count().filter(~written.c.is_new).label("updated"),
    ).select_from(written)
    found = (await session.execute(counts)).one()
    return WrittenRows(given=found.given, inserted=found.inserted, updated=found.updated)
