"""Jobs, their attempts, and the queue of background tasks.

Revision ID: 0007
Revises: 0006

The queue's tables are those of procrastinate 3.10; a later version that changes them needs a
migration here with what its release notes say.
"""

from typing import Any, cast

import sqlalchemy as sa
from alembic import op
from procrastinate import App, PsycopgConnector
from sqlalchemy.dialects import postgresql

from storage.migrations.security import APP_ROLE, SERVICE_ROLE, secure_table

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

DEFER = "procrastinate_defer_jobs_v1(procrastinate_job_to_defer_v1[])"
NOW = sa.text("now()")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("progress", sa.Integer(), server_default="0", nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("input", postgresql.JSONB(), nullable=False),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt_limit", sa.Integer(), nullable=False),
        sa.Column("model_tokens", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'completed', 'failed', 'cancelled')",
            name="ck_jobs_status",
        ),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name="ck_jobs_progress"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_jobs_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("user_id", "id", name="uq_jobs_user_id_id"),
    )
    op.create_index(
        "ix_jobs_open",
        "jobs",
        ["id"],
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    op.create_table(
        "job_attempts",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="running", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('running', 'completed', 'failed', 'cancelled', 'interrupted', 'lost')",
            name="ck_job_attempts_status",
        ),
        sa.ForeignKeyConstraint(
            ["user_id", "job_id"],
            ["jobs.user_id", "jobs.id"],
            name="fk_job_attempts_user_id_job_id_jobs",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("job_id", "number", name="pk_job_attempts"),
    )
    for table in ("jobs", "job_attempts"):
        secure_table(table)
    _create_queue()


def downgrade() -> None:
    op.execute("DROP TABLE procrastinate_events, procrastinate_periodic_defers")
    op.execute("DROP TABLE procrastinate_jobs, procrastinate_workers CASCADE")
    for name in _list_functions():
        op.execute(f"DROP FUNCTION {name}")
    for name in ("job_to_defer_v1", "job_event_type", "job_status"):
        op.execute(f"DROP TYPE procrastinate_{name}")
    op.drop_table("job_attempts")
    op.drop_table("jobs")


def _create_queue() -> None:
    """Create the queue: the app may put tasks into it, the service does them."""
    schema = App(connector=PsycopgConnector()).schema_manager.get_schema()
    cast("Any", op.get_bind().connection.driver_connection).execute(schema)
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {SERVICE_ROLE}")
    for table in ("events", "jobs", "periodic_defers", "workers"):
        rights = "SELECT, INSERT, UPDATE, DELETE"
        op.execute(f"GRANT {rights} ON procrastinate_{table} TO {SERVICE_ROLE}")
    for name in _list_functions():
        op.execute(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO {SERVICE_ROLE}")
    # It runs as the owner of the tables, on which the app itself has no right.
    op.execute(f"ALTER FUNCTION {DEFER} SECURITY DEFINER SET search_path = public, pg_temp")
    op.execute(f"GRANT EXECUTE ON FUNCTION {DEFER} TO {APP_ROLE}")


def _list_functions() -> list[str]:
    functions = sa.text(
        "SELECT oid::regprocedure::text FROM pg_proc"
        " WHERE starts_with(proname, 'procrastinate_') AND pronamespace = 'public'::regnamespace"
    )
    return list(op.get_bind().execute(functions).scalars())
