"""Run the migrations on the connection that `storage/migrate.py` opened."""

from typing import cast

from alembic import context
from sqlalchemy import Connection

from storage.models import Base

connection = cast("Connection", context.config.attributes["connection"])
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    compare_server_default=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
