"""What each user has used per local day, their tier, and what runs set aside of it.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.security import secure_table

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("users", sa.Column("tier", sa.Text(), server_default="free", nullable=False))
    op.create_check_constraint("ck_users_tier", "users", "tier IN ('free', 'pro', 'business')")
    op.add_column("runs", sa.Column("usage_date", sa.Date(), nullable=True))
    op.add_column(
        "runs", sa.Column("reserved_tokens", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.create_table(
        "daily_usage",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("model_tokens", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("estimated_tokens", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reserved_tokens", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("runs", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_daily_usage_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "date", name="pk_daily_usage"),
    )
    secure_table("daily_usage")


def downgrade() -> None:
    op.drop_table("daily_usage")
    for column in ("reserved_tokens", "usage_date"):
        op.drop_column("runs", column)
    op.drop_constraint("ck_users_tier", "users")
    op.drop_column("users", "tier")
