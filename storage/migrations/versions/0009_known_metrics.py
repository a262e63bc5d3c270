"""Which metrics each day knows, in the index: first and last known days without the days.

Revision ID: 0009
Revises: 0008

Rewrites daily_metrics while nobody reads it: some ten seconds per million days.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# One bit for each metric, as `storage.models.KNOWN_BITS` has them.
KNOWN_METRICS = """
    (follower_count IS NOT NULL)::integer
    | ((engagement_total IS NOT NULL)::integer << 1)
    | ((content_count IS NOT NULL)::integer << 2)
    | ((reach IS NOT NULL)::integer << 3)
    | ((views IS NOT NULL)::integer << 4)
    | ((watch_time_minutes IS NOT NULL)::integer << 5)
    | (((metrics ->> 'likes'::text) IS NOT NULL)::integer << 6)
    | (((metrics ->> 'comments'::text) IS NOT NULL)::integer << 7)
    | (((metrics ->> 'shares'::text) IS NOT NULL)::integer << 8)
    | (((metrics ->> 'saves'::text) IS NOT NULL)::integer << 9)
    | (((metrics ->> 'streams'::text) IS NOT NULL)::integer << 10)
    | (((metrics ->> 'listeners'::text) IS NOT NULL)::integer << 11)
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_daily_metrics_user_id_date", "daily_metrics")
    op.execute(
        "ALTER TABLE daily_metrics ADD COLUMN known_metrics integer NOT NULL "
        f"GENERATED ALWAYS AS ({KNOWN_METRICS}) STORED"
    )
    op.create_index(
        "ix_daily_metrics_user_id_date",
        "daily_metrics",
        ["user_id", "date"],
        postgresql_include=["connection_id", "known_metrics"],
    )


def downgrade() -> None:
    op.drop_index("ix_daily_metrics_user_id_date", "daily_metrics")
    op.drop_column("daily_metrics", "known_metrics")
    op.create_index("ix_daily_metrics_user_id_date", "daily_metrics", ["user_id", "date"])
