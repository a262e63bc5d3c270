"""Who a creator's audience is, and a version of all that analytics reads, renewed by triggers.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from storage.migrations.security import secure_table

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Runs as whoever writes. A deleted user's rows are deleted after the user, whose version then
# must not come back: EXISTS.
RENEW_VERSION = """
    CREATE FUNCTION renew_analytics_version() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_LEVEL = 'ROW' THEN
            INSERT INTO analytics_versions (user_id) VALUES (NEW.user_id)
            ON CONFLICT (user_id) DO UPDATE SET version = gen_random_uuid();
        ELSE
            INSERT INTO analytics_versions (user_id)
            SELECT DISTINCT user_id FROM changed
            WHERE EXISTS (SELECT FROM users WHERE users.id = changed.user_id)
            ORDER BY user_id
            ON CONFLICT (user_id) DO UPDATE SET version = gen_random_uuid();
        END IF;
        RETURN NULL;
    END $$
"""
RENEW_ON = """
    CREATE TRIGGER renew_analytics_version_on_{event} AFTER {event} ON {table}
    REFERENCING {rows} TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION renew_analytics_version()
"""
# What a synchronisation notes about an account is not shown.
RENEW_ON_RENAME = """
    CREATE TRIGGER renew_analytics_version_on_update AFTER UPDATE ON platform_connections
    FOR EACH ROW WHEN (
        (OLD.platform, OLD.username, OLD.source) IS DISTINCT FROM
        (NEW.platform, NEW.username, NEW.source)
    ) EXECUTE FUNCTION renew_analytics_version()
"""
TABLES = ("platform_connections", "daily_metrics", "content_posts", "audience_snapshots")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "audience_snapshots",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("shares", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column(
            "collected_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "dimension IN ('age', 'gender', 'country', 'city')",
            name=op.f("ck_audience_snapshots_dimension"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id", "connection_id"],
            ["platform_connections.user_id", "platform_connections.id"],
            name="fk_audience_snapshots_connection",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", "dimension", "date", name="pk_audience_snapshots"),
    )
    secure_table("audience_snapshots")
    op.create_table(
        "analytics_versions",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "version", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name="fk_analytics_versions_user_id_users",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name="pk_analytics_versions"),
    )
    secure_table("analytics_versions")
    op.execute(RENEW_VERSION)
    for table in TABLES:
        events = {"INSERT": "NEW", "UPDATE": "NEW", "DELETE": "OLD"}
        if table == "platform_connections":
            del events["UPDATE"]
            op.execute(RENEW_ON_RENAME)
        for event, rows in events.items():
            op.execute(RENEW_ON.format(event=event, table=table, rows=rows))


def downgrade() -> None:
    for table in TABLES:
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER renew_analytics_version_on_{event} ON {table}")
    op.execute("DROP FUNCTION renew_analytics_version")
    op.drop_table("analytics_versions")
    op.drop_table("audience_snapshots")
