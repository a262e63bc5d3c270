"""How often a job was asked for again, and the day on which it was asked for first.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("jobs", sa.Column("retries", sa.Integer(), server_default="0", nullable=False))
    # Null for jobs of the release before: they are counted by when they were made.
    op.add_column("jobs", sa.Column("usage_date", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("jobs", "usage_date")
    op.drop_column("jobs", "retries")
