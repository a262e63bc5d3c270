"""Alembic's revisions, run by `python -m storage migrate`."""
