"""Daily jobs: one per user, kind and local day, and the batches in which schedules ask for them.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.security import hide_table

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
COUNTS = ("queued", "already", "skipped")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "job_batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), server_default="0", nullable=False) for name in COUNTS),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("trigger IN ('schedule', 'cron')", name="ck_job_batches_trigger"),
        sa.PrimaryKeyConstraint("id", name="pk_job_batches"),
    )
    hide_table("job_batches")
    op.add_column("jobs", sa.Column("local_date", sa.Date(), nullable=True))
    op.add_column("jobs", sa.Column("batch_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "fk_jobs_batch_id_job_batches",
        "jobs",
        "job_batches",
        ["batch_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index(
        "uq_jobs_daily",
        "jobs",
        ["user_id", "kind", "local_date"],
        unique=True,
        postgresql_where=sa.text("local_date IS NOT NULL"),
    )
    op.create_index(
        "ix_jobs_batch_id",
        "jobs",
        ["batch_id"],
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    op.add_column(
        "users",
        sa.Column(
            "insights_date", sa.Date(), server_default=sa.text("CURRENT_DATE"), nullable=False
        ),
    )
    op.create_index("ix_users_timezone_insights_date", "users", ["timezone", "insights_date"])


def downgrade() -> None:
    op.drop_column("users", "insights_date")
    op.drop_column("jobs", "batch_id")
    op.drop_column("jobs", "local_date")
    op.drop_table("job_batches")
