"""Run the migrations on the connection that `storage/migrate.py` opened."""

from typing import cast

from alembic import context
from sqlalchemy import Connection

from storage.models import Base


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out the tables of LangGraph's checkpointer and of the queue, which have no model."""
    return kind != "table" or not (name or "").startswith(("checkpoint", "procrastinate"))


connection = cast("Connection", context.config.attributes["connection"])
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    compare_server_default=True,
    include_name=is_ours,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
