"""Rows that tell every process when they change: whose, what kind of thing, and which.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# What the rows of each table are called. Keys and sessions are both a way to be signed in.
KINDS = {
    "ai_insights": "insight",
    "api_keys": "session",
    "conversations": "conversation",
    "drafts": "draft",
    "goals": "goal",
    "jobs": "job",
    "platform_connections": "connection",
    "sessions": "session",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # The channel is `storage.changes.CHANGES_CHANNEL`. The same payload twice is told once.
    op.execute(
        """
        CREATE FUNCTION tell_change() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            changed record := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        BEGIN
            PERFORM pg_notify('changes', concat_ws(' ', changed.user_id, TG_ARGV[0], changed.id));
            RETURN NULL;
        END
        $$
        """
    )
    for table, kind in KINDS.items():
        # A key's or session's use is nothing to tell.
        events = "DELETE" if kind == "session" else "INSERT OR UPDATE OR DELETE"
        op.execute(
            f"CREATE TRIGGER tell_change AFTER {events} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION tell_change('{kind}')"
        )


def downgrade() -> None:
    for table in KINDS:
        op.execute(f"DROP TRIGGER tell_change ON {table}")
    op.execute("DROP FUNCTION tell_change()")
