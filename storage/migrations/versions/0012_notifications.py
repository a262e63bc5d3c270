"""Notifications, and how each user wants to be told.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from storage.migrations.security import APP_ROLE, secure_table

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TYPES = (
    "job_completed", "job_failed", "plan_ready", "insight", "milestone", "reconnect",
    "sync_failed", "tier_limit_reached", "low_credits", "credits_expiring", "post_skipped",
    "post_failed",
)  # fmt: skip
FALSE = sa.text("false")
NOW = sa.text("now()")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("users", sa.Column("notification_preferences", postgresql.JSONB(), nullable=True))
    allowed = ", ".join(f"'{name}'" for name in TYPES)
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("is_read", sa.Boolean(), server_default=FALSE, nullable=False),
        sa.Column("is_dismissed", sa.Boolean(), server_default=FALSE, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"type IN ({allowed})", name="ck_notifications_type"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_notifications_user_id_users", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id", "job_id"],
            ["jobs.user_id", "jobs.id"],
            name="fk_notifications_user_id_job_id_jobs",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
        sa.UniqueConstraint("user_id", "cause", name="uq_notifications_user_id_cause"),
    )
    op.create_index(
        "ix_notifications_user_id_created_at_id", "notifications", ["user_id", "created_at", "id"]
    )
    op.create_index("ix_notifications_expires_at", "notifications", ["expires_at"])
    secure_table("notifications")
    op.execute(f"GRANT UPDATE (notification_preferences) ON users TO {APP_ROLE}")
    op.execute(
        "CREATE TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON notifications"
        " FOR EACH ROW EXECUTE FUNCTION tell_change('notification')"
    )


def downgrade() -> None:
    op.drop_table("notifications")
    op.drop_column("users", "notification_preferences")
