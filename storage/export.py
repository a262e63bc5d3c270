"""All of one user's data, as JSON."""

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import LargeBinary, Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Base

FORMAT = "dream-suite-export"
VERSION = 1
ROWS_PER_FETCH = 500

# In the order of the file: what a row points at comes before it.
EXPORTED_TABLES = (
    "api_keys",
    "daily_usage",
    "platform_connections",
    "daily_metrics",
    "content_posts",
    "audience_snapshots",
    "goals",
    "goal_milestones",
    "drafts",
    "ai_insights",
    "conversations",
    "chat_messages",
    "runs",
    "message_feedback",
    "jobs",
    "plans",
    "notifications",
)
# What proves who somebody is stays here, and so does what the rest says for good: events, kept
# answers, words to search, versions, mails, attempts at jobs, and what engines were told and said.
# A batch of jobs is nobody's own. `users` is the export's `profile`.
WITHHELD_TABLES = frozenset(
    {
        "passwords",
        "sessions",
        "run_events",
        "idempotency_keys",
        "conversation_words",
        "analytics_versions",
        "job_attempts",
        "mails",
        "mail_tokens",
        "webhook_deliveries",
        "inbound_deliveries",
        "job_batches",
    }
)


async def stream_export(
    session: AsyncSession, user_id: UUID, *, now: dt.datetime
) -> AsyncIterator[bytes]:
    """Yield the pieces of one JSON object; only a few rows are in memory at a time.

    It has `format`, `version`, `exported_at`, `profile`, and a list of rows for each table of
    EXPORTED_TABLES, by primary key. Dates and times are ISO 8601. `session` is the user's own.
    """
    users = _table("users")
    profile = await session.execute(select(*exported_columns(users)).where(users.c.id == user_id))
    yield _members(
        format=FORMAT, version=VERSION, exported_at=now, profile=dict(profile.mappings().one())
    )
    for name in EXPORTED_TABLES:
        table = _table(name)
        rows = await session.stream(
            select(*exported_columns(table))
            .where(table.c.user_id == user_id)
            .order_by(*table.primary_key)
            .execution_options(yield_per=ROWS_PER_FETCH)
        )
        yield b',\n"%b": [' % name.encode()
        separator = b"\n"
        async for row in rows.mappings():
            yield separator + to_json(dict(row))
            separator = b",\n"
        yield b"]"
    yield b"}\n"


def exported_columns(table: Table) -> list[Any]:
    """Return the columns to export: hashes and encrypted tokens are bytes, and stay here."""
    return [column for column in table.columns if not isinstance(column.type, LargeBinary)]


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def _members(**members: object) -> bytes:
    """Return the first members of an object that is still open."""
    return to_json(members)[:-1]
