"""Who may see a row: the roles and policies that migrations put on each new table.

`dream_app` sees its own user's rows, `dream_service` (jobs, admin, authentication) sees all.
Both are roles that a login role takes per transaction (`storage/database.py`); the owner of the
tables is neither, and forced row-level security shows it nothing.
"""

from alembic import op

APP_ROLE = "dream_app"
SERVICE_ROLE = "dream_service"

# An uncorrelated subquery runs once per statement instead of once per row, and nullif() turns
# the empty setting that a reused connection keeps into null instead of a cast error.
CURRENT_USER_ID = "(SELECT nullif(current_setting('app.user_id', true), '')::uuid)"


def create_roles() -> None:
    """Create the two roles, which all databases of a server share, unless they exist."""
    for role in (APP_ROLE, SERVICE_ROLE):
        op.execute(
            f"""
            DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
                    CREATE ROLE {role} NOLOGIN;
                END IF;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END $$
            """
        )


def secure_table(table: str, *, owner_column: str = "user_id") -> None:
    """Show `dream_app` only the rows whose `owner_column` is its user, `dream_service` all."""
    hide_table(table)
    is_own = f"({owner_column} = {CURRENT_USER_ID})"
    op.execute(f"CREATE POLICY own ON {table} TO {APP_ROLE} USING {is_own} WITH CHECK {is_own}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP_ROLE}")


def hide_table(table: str) -> None:
    """Show a table to `dream_service` alone."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY service ON {table} TO {SERVICE_ROLE} USING (true) WITH CHECK (true)")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {SERVICE_ROLE}")
