"""Plans tell every process when they change, as other rows do.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # A version is never changed.
    op.execute(
        "CREATE TRIGGER tell_change AFTER INSERT OR DELETE ON plans"
        " FOR EACH ROW EXECUTE FUNCTION tell_change('plan')"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER tell_change ON plans")
