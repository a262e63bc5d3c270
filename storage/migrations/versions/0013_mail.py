"""Mails to send, the tokens of their links, and which addresses are known to be their users'.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from storage.migrations.security import hide_table, secure_table

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KINDS = "'digest', 'plan_ready', 'job_failed', 'verify_email', 'reset_password', 'password_changed'"
NOW = sa.text("now()")
NEW_KEY = sa.text("uuid_send(gen_random_uuid())")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "users", sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "users", sa.Column("mail_key", sa.LargeBinary(), server_default=NEW_KEY, nullable=False)
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("about", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"kind IN ({KINDS})", name="ck_mails_kind"),
        sa.CheckConstraint(
            "status IN ('queued', 'sent', 'refused', 'dropped')", name="ck_mails_status"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_mails_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sa.UniqueConstraint("user_id", "cause", name="uq_mails_user_id_cause"),
    )
    op.create_index(
        "ix_mails_queued", "mails", ["due_at"], postgresql_where=sa.text("status = 'queued'")
    )
    secure_table("mails")
    op.create_table(
        "mail_tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('verify_email', 'reset_password')", name="ck_mail_tokens_kind"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_mail_tokens_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_mail_tokens"),
    )
    op.create_index("ix_mail_tokens_user_id", "mail_tokens", ["user_id"])
    hide_table("mail_tokens")


def downgrade() -> None:
    op.drop_table("mail_tokens")
    op.drop_table("mails")
    op.drop_column("users", "mail_key")
    op.drop_column("users", "email_verified_at")
