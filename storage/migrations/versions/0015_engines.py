"""Outside engines: who has a job, what was sent to them, and what they sent back.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from storage.migrations.security import secure_table

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
ENGINES = "engine IN ('worker', 'webhook', 'qstash')"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("jobs", sa.Column("engine", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("external_id", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("answer_due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint("ck_jobs_engine", "jobs", ENGINES)
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(ENGINES, name="ck_webhook_deliveries_engine"),
        sa.CheckConstraint(
            "status IN ('pending', 'delivered', 'failed', 'silent')",
            name="ck_webhook_deliveries_status",
        ),
        _of_a_job("webhook_deliveries"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
    )
    op.create_table(
        "inbound_deliveries",
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint(ENGINES, name="ck_inbound_deliveries_engine"),
        _of_a_job("inbound_deliveries"),
        sa.PrimaryKeyConstraint("engine", "message_id", name="pk_inbound_deliveries"),
    )
    for table in ("webhook_deliveries", "inbound_deliveries"):
        op.create_index(f"ix_{table}_user_id_job_id", table, ["user_id", "job_id"])
        secure_table(table)


def downgrade() -> None:
    op.drop_table("inbound_deliveries")
    op.drop_table("webhook_deliveries")
    op.drop_constraint("ck_jobs_engine", "jobs")
    for column in ("answer_due_at", "external_id", "engine"):
        op.drop_column("jobs", column)


def _of_a_job(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id", "job_id"],
        ["jobs.user_id", "jobs.id"],
        name=f"fk_{table}_user_id_job_id_jobs",
        ondelete="CASCADE",
    )
