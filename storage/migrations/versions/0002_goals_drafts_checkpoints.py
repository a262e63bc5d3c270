"""Milestones of goals, drafts, brand, summaries, and the checkpoints of waiting runs.

Revision ID: 0002
Revises: 0001
"""

from typing import Any, cast

import sqlalchemy as sa
from alembic import op
from langgraph.checkpoint.postgres import PostgresSaver
from sqlalchemy.dialects import postgresql

from storage.migrations.security import hide_table, secure_table

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CHECKPOINT_TABLES = ("checkpoints", "checkpoint_blobs", "checkpoint_writes")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("users", sa.Column("brand", postgresql.JSONB(), nullable=True))
    op.execute("GRANT UPDATE (brand) ON users TO dream_app")
    op.add_column("conversations", sa.Column("summary", postgresql.JSONB(), nullable=True))
    op.create_unique_constraint("uq_goals_user_id_id", "goals", ["user_id", "id"])
    op.create_table(
        "goal_milestones",
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("reached_on", sa.Date(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("percent IN (25, 50, 75, 100)", name="ck_goal_milestones_percent"),
        sa.ForeignKeyConstraint(
            ["user_id", "goal_id"],
            ["goals.user_id", "goals.id"],
            name="fk_goal_milestones_user_id_goal_id_goals",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("goal_id", "percent", name="pk_goal_milestones"),
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("post_type", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("caption", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "platform IN ('instagram', 'facebook', 'youtube', 'spotify')",
            name="ck_drafts_platform",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_drafts_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
    )
    op.create_index("ix_drafts_user_id_updated_at", "drafts", ["user_id", "updated_at"])
    for table in ("goal_milestones", "drafts"):
        secure_table(table)

    with op.get_context().autocommit_block():  # it creates its indexes concurrently
        PostgresSaver(cast("Any", op.get_bind().connection.driver_connection)).setup()
    # A row knows its run only as text: nobody but the service reads these tables.
    for table in CHECKPOINT_TABLES:
        hide_table(table)


def downgrade() -> None:
    for table in (*CHECKPOINT_TABLES, "checkpoint_migrations", "drafts", "goal_milestones"):
        op.drop_table(table)
    op.drop_constraint("uq_goals_user_id_id", "goals")
    op.drop_column("conversations", "summary")
    op.drop_column("users", "brand")
