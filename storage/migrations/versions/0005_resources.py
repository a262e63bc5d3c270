"""API keys, idempotency keys, feedback, insights, pinned conversations and their words.

Revision ID: 0005
Revises: 0004
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from storage.migrations.security import secure_table

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (
    "api_keys",
    "idempotency_keys",
    "ai_insights",
    "conversation_words",
    "message_feedback",
)


def _moment(name: str, *, has_default: bool = True) -> sa.Column[Any]:
    default = sa.text("now()") if has_default else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=False)


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"], ["users.id"], name=f"fk_{table}_user_id_users", ondelete="CASCADE"
    )


def _of_conversation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id", "conversation_id"],
        ["conversations.user_id", "conversations.id"],
        name=f"fk_{table}_user_id_conversation_id_conversations",
        ondelete="CASCADE",
    )


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        _moment("created_at"),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        _of_user("api_keys"),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("key_hash", name="uq_api_keys_key_hash"),
    )
    op.create_index("ix_api_keys_user_id_created_at", "api_keys", ["user_id", "created_at"])
    op.create_table(
        "idempotency_keys",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        _moment("created_at", has_default=False),
        _of_user("idempotency_keys"),
        sa.PrimaryKeyConstraint("user_id", "route", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])
    op.create_table(
        "ai_insights",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("action_items", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("data_sources", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("grounding", postgresql.JSONB(), nullable=True),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("is_read", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("is_dismissed", sa.Boolean(), server_default=sa.false(), nullable=False),
        _moment("generated_at"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "type IN ('growth', 'content', 'strategy', 'trend', 'goal')",
            name="ck_ai_insights_type",
        ),
        sa.CheckConstraint(
            "priority IN ('low', 'medium', 'high', 'urgent')", name="ck_ai_insights_priority"
        ),
        _of_user("ai_insights"),
        sa.PrimaryKeyConstraint("id", name="pk_ai_insights"),
        sa.UniqueConstraint(
            "user_id", "local_date", "finding", name="uq_ai_insights_user_id_local_date_finding"
        ),
    )
    op.create_index(
        "ix_ai_insights_user_id_generated_at_id", "ai_insights", ["user_id", "generated_at", "id"]
    )
    op.add_column(
        "conversations",
        sa.Column("pinned", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.create_index(
        "ix_conversations_user_id_pinned_updated_at_id",
        "conversations",
        ["user_id", "pinned", "updated_at", "id"],
    )
    op.drop_index("ix_conversations_user_id_updated_at", "conversations")
    op.create_table(
        "conversation_words",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("head_id", sa.Uuid(), nullable=True),
        _moment("updated_at", has_default=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        _of_conversation("conversation_words"),
        sa.PrimaryKeyConstraint("user_id", "conversation_id", name="pk_conversation_words"),
    )
    op.create_table(
        "message_feedback",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("rating", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        _moment("created_at"),
        _moment("updated_at"),
        sa.CheckConstraint("rating IN ('up', 'down')", name="ck_message_feedback_rating"),
        _of_conversation("message_feedback"),
        sa.ForeignKeyConstraint(
            ["conversation_id", "message_id"],
            ["chat_messages.conversation_id", "chat_messages.id"],
            name="fk_message_feedback_conversation_id_message_id_chat_messages",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "message_id", name="pk_message_feedback"),
    )
    op.create_index("ix_message_feedback_conversation_id", "message_feedback", ["conversation_id"])
    for table in TABLES:
        secure_table(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.create_index(
        "ix_conversations_user_id_updated_at", "conversations", ["user_id", "updated_at"]
    )
    op.drop_index("ix_conversations_user_id_pinned_updated_at_id", "conversations")
    op.drop_column("conversations", "pinned")
