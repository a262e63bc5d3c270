"""The events of runs, for readers on every replica, and stops asked for on any.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.security import secure_table

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "runs",
        sa.Column("stop_requested", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column(
        "runs", sa.Column("resumed_after", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("runs", sa.Column("lost_after", sa.Integer(), nullable=True))
    op.create_index(
        "ix_runs_running", "runs", ["id"], postgresql_where=sa.text("status = 'running'")
    )
    op.create_table(
        "run_events",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("first_seq", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("is_last", sa.Boolean(), nullable=False),
        sa.Column("chunks", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id", "run_id"],
            ["runs.user_id", "runs.id"],
            name="fk_run_events_user_id_run_id_runs",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("run_id", "first_seq", name="pk_run_events"),
    )
    secure_table("run_events")


def downgrade() -> None:
    op.drop_table("run_events")
    op.drop_index("ix_runs_running", "runs")
    for column in ("lost_after", "resumed_after", "stop_requested"):
        op.drop_column("runs", column)
