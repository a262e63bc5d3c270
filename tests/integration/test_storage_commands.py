"""`python -m storage`, and that an export has all of a user's data."""

import asyncio
import datetime as dt
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import LargeBinary, create_engine, text
from sqlalchemy.exc import NoResultFound
from sqlalchemy.pool import NullPool

from domain.demo import DEMO_EMAIL, DEMO_PASSWORD
from storage.database import Database
from storage.embedded_cluster import cluster_folder
from storage.export import (
    EXPORTED_TABLES,
    WITHHELD_TABLES,
    exported_columns,
    stream_export,
)
from storage.models import (
    ApiKey,
    AudienceSnapshot,
    Base,
    ChatMessage,
    ContentPost,
    Conversation,
    DailyMetric,
    DailyUsage,
    Draft,
    Goal,
    GoalMilestone,
    Insight,
    Job,
    MessageFeedback,
    Notification,
    Password,
    PlanVersion,
    PlatformConnection,
    Run,
    User,
    UserSession,
    new_id,
)
from storage.users import get_user
from tests.conftest import Postgres, new_email

REPOSITORY = Path(__file__).parents[2]
MOMENT = dt.datetime(2026, 3, 31, 9, 30, tzinfo=dt.UTC)
GOOD_ROW = "instagram,mira,2026-03-01,followers,10000\n"
FILE = "platform,account,date,metric,value\n" + GOOD_ROW
BAD_FILE = FILE + 'instagram,mira,2026-03-02,followers,"10,025"\n'


def storage(
    folder: Path, *arguments: str, database_url: str = "", **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder of its own, with no other settings than these."""
    if database_url:
        settings["DATABASE_URL"] = database_url
    return subprocess.run(
        [sys.executable, "-m", "storage", *arguments],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(REPOSITORY),
            "DATA_DIR": str(folder / "data"),
            "TMPDIR": str(folder),
            "LOG_LEVEL": "WARNING",
        }
        | settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def add_user(database: Database, email: str | None = None) -> User:
    async with database.service_session() as session:
        user = User(email=email or new_email())
        session.add(user)
    return user


async def export(database: Database, user: User) -> Any:
    async with database.user_session(user.id) as session:
        pieces = [piece async for piece in stream_export(session, user.id, now=MOMENT)]
    return json.loads(b"".join(pieces))


async def add_everything(database: Database, user: User) -> None:
    """Store one row in every table for a user."""
    groups = (*account_rows(user.id), *chat_rows(user.id), *work_rows(user.id))
    async with database.service_session() as session:
        for group in groups:
            session.add_all(group)
            await session.flush()


def account_rows(user_id: UUID) -> list[list[Base]]:
    """Return rows of who somebody is, of an account and its numbers, each behind those it needs."""
    ids: dict[str, Any] = {"user_id": user_id, "connection_id": new_id()}
    goal, day = new_id(), dt.date(2026, 3, 1)
    return [
        [
            Password(user_id=user_id, hash="argon2-secret"),
            UserSession(user_id=user_id, token_hash=os.urandom(32), expires_at=MOMENT),
            ApiKey(user_id=user_id, name="Mine", prefix="ds_", key_hash=os.urandom(32)),
            PlatformConnection(
                id=ids["connection_id"], user_id=user_id, platform="instagram",
                platform_account="mira", username="mira", source="import",
            ),
        ],
        [
            DailyMetric(
                **ids, date=day, platform="instagram", follower_count=10**15, metrics={"likes": 7}
            ),
            ContentPost(
                **ids, platform="instagram", platform_post_id="1", caption="Ünïcode ☃",
                posted_at=MOMENT,
            ),
            AudienceSnapshot(**ids, date=day, dimension="country", shares={"DE": 40}),
            Goal(
                **ids, id=goal, title="25 k", metric="followers", start_value=1, target_value=2,
                start_date=dt.date(2026, 1, 1),
            ),
        ],
        [
            GoalMilestone(
                goal_id=goal, user_id=user_id, percent=25, reached_on=dt.date(2026, 2, 1), value=1
            )
        ],
    ]  # fmt: skip


def chat_rows(user_id: UUID) -> list[list[Base]]:
    """Return rows of a question, its answer and what was thought of it."""
    chat: dict[str, Any] = {"user_id": user_id, "conversation_id": new_id()}
    question, answer, run = (new_id() for _ in range(3))
    return [
        [Conversation(id=chat["conversation_id"], user_id=user_id, title="Growth")],
        [
            ChatMessage(
                id=question, **chat, role="user", text="How did I grow?",
                parts=[{"type": "text", "text": "How did I grow?", "big": 10**30}],
            )
        ],
        [
            Run(
                id=run, **chat, question_id=question, agent="career", owner=new_id(),
                lease_until=MOMENT, status="completed",
            )
        ],
        [
            ChatMessage(
                id=answer, **chat, parent_id=question, run_id=run, role="assistant",
                text="By 5.", parts=[], grounding={"status": "grounded"},
            )
        ],
        [MessageFeedback(**chat, message_id=answer, rating="up")],
    ]  # fmt: skip


def work_rows(user_id: UUID) -> list[list[Base]]:
    """Return rows of what the suite made, and of what it told."""
    job = new_id()
    return [
        [
            Draft(user_id=user_id, platform="instagram", caption="Soon"),
            Job(id=job, user_id=user_id, kind="plan", input={"goal": "grow"}, attempt_limit=3),
            DailyUsage(user_id=user_id, date=dt.date(2026, 3, 1), model_tokens=7),
            Insight(
                user_id=user_id, type="growth", priority="low", title="Up", message="Up by 5.",
                local_date=dt.date(2026, 3, 1), finding="up",
            ),
            Notification(
                user_id=user_id, type="insight", title="x", message="x", cause="x",
                expires_at=MOMENT,
            ),
        ],
        [PlanVersion(user_id=user_id, job_id=job, version=1, title="Mine", body={})],
    ]  # fmt: skip


# --- the export ---


def test_every_table_of_a_user_is_exported_or_withheld_on_purpose() -> None:
    tables = set(Base.metadata.tables)
    assert tables == {"users"} | set(EXPORTED_TABLES) | WITHHELD_TABLES
    assert not set(EXPORTED_TABLES) & WITHHELD_TABLES


def test_no_exported_column_can_hold_a_secret() -> None:
    columns = [
        column
        for name in ("users", *EXPORTED_TABLES)
        for column in exported_columns(Base.metadata.tables[name])
    ]
    assert not [column for column in columns if isinstance(column.type, LargeBinary)]
    secret = ("hash", "secret", "password", "_key", "token", "encrypted")
    assert not [column.name for column in columns if column.name.endswith(secret)]


async def test_an_export_has_every_row_of_its_user_and_no_secret(database: Database) -> None:
    user = await add_user(database)
    await add_everything(database, user)
    found = await export(database, user)
    assert (found["format"], found["version"]) == ("dream-suite-export", 1)
    assert found["exported_at"] == "2026-03-31T09:30:00Z"
    assert found["profile"]["email"] == user.email
    lists = {name: len(rows) for name, rows in found.items() if isinstance(rows, list)}
    assert lists == dict.fromkeys(EXPORTED_TABLES, 1) | {"chat_messages": 2}
    assert "secret" not in json.dumps(found)
    assert found["content_posts"][0]["caption"] == "Ünïcode ☃"
    assert found["chat_messages"][0]["parts"][0]["big"] == 10**30
    (day,) = found["daily_metrics"]
    assert (day["date"], day["follower_count"], day["reach"]) == ("2026-03-01", 10**15, None)
    assert day["metrics"] == {"likes": 7}
    assert dt.datetime.fromisoformat(found["goals"][0]["created_at"]).tzinfo is not None


async def test_an_export_has_nothing_of_another_user(database: Database) -> None:
    mira, other = await add_user(database), await add_user(database)
    await add_everything(database, other)
    found = await export(database, mira)
    assert all(found[name] == [] for name in EXPORTED_TABLES)
    async with database.user_session(mira.id) as session:
        with pytest.raises(NoResultFound):
            [piece async for piece in stream_export(session, other.id, now=MOMENT)]


# --- the commands ---


def test_seed_import_and_export_work_on_the_embedded_server_out_of_the_box(
    tmp_path: Path,
) -> None:
    (tmp_path / "march.csv").write_text(FILE)
    try:
        too_early = storage(tmp_path, "import", "march.csv")
        assert (too_early.returncode, too_early.stdout) == (1, "")
        assert "Create it with `python -m storage seed`." in too_early.stderr

        seeded = storage(tmp_path, "seed")
        assert (seeded.returncode, seeded.stderr) == (0, "")
        assert DEMO_EMAIL in seeded.stdout
        assert DEMO_PASSWORD in seeded.stdout

        imported = storage(tmp_path, "import", "march.csv")
        assert (imported.returncode, imported.stderr) == (0, "")
        assert "days inserted" in imported.stdout

        exported = storage(tmp_path, "export", "--out", "all.json")
        assert (exported.returncode, exported.stdout, exported.stderr) == (0, "", "")
        found = json.loads((tmp_path / "all.json").read_text())
        assert found["profile"]["email"] == DEMO_EMAIL
        assert "mira" in {account["username"] for account in found["platform_connections"]}
        assert stat.S_IMODE((tmp_path / "all.json").stat().st_mode) == 0o600
        assert {path.name for path in tmp_path.iterdir()} == {"march.csv", "all.json", "data"}
    finally:
        shutil.rmtree(cluster_folder(tmp_path / "data"), ignore_errors=True)


async def test_bad_rows_are_listed_and_refuse_the_file_unless_it_is_partial(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    user = await add_user(database)
    (tmp_path / "bad.csv").write_text(BAD_FILE)
    command = ("import", "bad.csv", "--user", user.email.upper())

    refused = await asyncio.to_thread(storage, tmp_path, *command, database_url=database_url)
    assert refused.returncode == 1
    assert "│ 3    │ value  │" in refused.stdout
    assert "nothing was stored" in refused.stderr
    assert (await export(database, user))["platform_connections"] == []

    partial = await asyncio.to_thread(
        storage, tmp_path, *command, "--partial", database_url=database_url
    )
    assert partial.returncode == 0
    assert "│ 3    │ value  │" in partial.stdout
    (day,) = (await export(database, user))["daily_metrics"]
    assert (day["date"], day["follower_count"]) == ("2026-03-01", 10_000)


async def test_a_tier_is_set_for_the_account_that_is_named_and_no_other(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    user, other = await add_user(database), await add_user(database)
    command = ("set-tier", user.email.upper(), "pro")
    done = await asyncio.to_thread(storage, tmp_path, *command, database_url=database_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{user.email} is on the tier pro.\n"
    assert (await export(database, user))["profile"]["tier"] == "pro"
    assert (await export(database, other))["profile"]["tier"] == "free"

    command = ("set-tier", new_email(), "pro")
    nobody = await asyncio.to_thread(storage, tmp_path, *command, database_url=database_url)
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert "There is no account with the e-mail" in nobody.stderr


async def test_an_account_is_made_an_administrator_and_no_other(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    user, other = await add_user(database), await add_user(database)
    for role in ("admin", "user"):
        command = ("set-role", user.email.upper(), role)
        done = await asyncio.to_thread(storage, tmp_path, *command, database_url=database_url)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"{user.email} has the role {role}.\n"
        async with database.service_session() as session:
            roles = [(await get_user(session, each.id)).role for each in (user, other)]
        assert roles == [role, "user"]


async def test_an_export_of_a_platform_is_imported_for_the_account_that_is_named(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    user = await add_user(database)
    (tmp_path / "table.csv").write_text("Date,Views,Subscribers\n2026-03-01,5,1\n2026-03-02,6,2\n")
    command = ("import", "table.csv", "--user", user.email)

    refused = await asyncio.to_thread(storage, tmp_path, *command, database_url=database_url)
    assert refused.returncode == 1
    assert "Name the youtube account with `account`" in refused.stderr

    imported = await asyncio.to_thread(
        storage, tmp_path, *command, "--account", "Mira", database_url=database_url
    )
    assert (imported.returncode, imported.stderr) == (0, "")
    assert "Subscribers were not stored" in imported.stdout
    found = await export(database, user)
    assert [account["username"] for account in found["platform_connections"]] == ["Mira"]
    assert [(day["views"], day["follower_count"]) for day in found["daily_metrics"]] == [
        (5, None),
        (6, None),
    ]


def test_an_export_that_fails_leaves_the_older_file_as_it_was(
    database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "all.json").write_text("older")
    command = ("export", "--user", new_email(), "--out", "all.json")
    failed = storage(tmp_path, *command, database_url=database_url)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "There is no account with the e-mail" in failed.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["all.json"]
    assert (tmp_path / "all.json").read_text() == "older"


def test_an_operators_database_is_used_only_after_it_was_migrated(
    postgres: Postgres, tmp_path: Path
) -> None:
    with postgres.temporary_database("template1") as name:
        urls = {"database_url": postgres.app_url(name)}
        early = storage(tmp_path, "export", "--user", "a@example.com", **urls)
        assert (early.returncode, early.stdout) == (1, "")
        assert "run `python -m storage migrate` first" in early.stderr

        urls["MIGRATION_DATABASE_URL"] = postgres.owner_url(name)
        assert storage(tmp_path, "migrate", **urls).returncode == 0

        ready = storage(tmp_path, "export", "--user", "a@example.com", **urls)
        assert "There is no account with the e-mail a@example.com." in ready.stderr


def test_the_release_before_works_on_what_a_newer_one_has_migrated(
    postgres: Postgres, tmp_path: Path
) -> None:
    with postgres.temporary_database() as name:
        urls = {"database_url": postgres.app_url(name)}
        engine = create_engine(postgres.owner_url(name), poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        urls["MIGRATION_DATABASE_URL"] = postgres.owner_url(name)
        assert storage(tmp_path, "migrate", **urls).returncode == 0
        ready = storage(tmp_path, "export", "--user", "a@example.com", **urls)
        assert "There is no account with the e-mail a@example.com." in ready.stderr
        with engine.connect() as connection:
            found = connection.scalar(text("SELECT version_num FROM alembic_version"))
        assert found == "9999"


def test_check_compares_the_models_with_a_server_that_it_removes_again(tmp_path: Path) -> None:
    checked = storage(tmp_path, "check", LOG_LEVEL="INFO")
    assert checked.returncode == 0
    assert "No new upgrade operations detected." in checked.stdout
    (pgdata,) = re.findall(r"PostgreSQL started on (\S+)", checked.stderr)
    assert not Path(pgdata).parent.exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "settings", "sentence"),
    [
        (["import", "missing.csv"], {}, "cannot read missing.csv: No such file"),
        (["import", "large.csv"], {"MAX_IMPORT_BYTES": "3"}, "larger than MAX_IMPORT_BYTES=3"),
        (["export"], {"DATABASE_URL": "postgresql://nowhere"}, "--user EMAIL is required"),
        (["export", "--out", "no/such/file"], {}, "cannot write to no/such"),
        (["restore", "missing.dump"], {}, "cannot read missing.dump: No such file"),
        (["backup", "x"], {"DATABASE_URL": "postgresql://nowhere"}, "use pg_dump and pg_restore"),
        (["set-tier", "a@example.com", "gold"], {}, "invalid choice: 'gold'"),
        (["set-role", "a@example.com", "owner"], {}, "invalid choice: 'owner'"),
        (["seed"], {"HOST": "192.0.2.1"}, "on a loopback address only"),
        (["migrate"], {"PORT": "many"}, "bad settings: PORT: Input should be a valid integer"),
    ],
)
def test_wrong_usage_ends_with_two_and_says_what_is_wrong(
    tmp_path: Path, arguments: list[str], settings: dict[str, str], sentence: str
) -> None:
    (tmp_path / "large.csv").write_text(FILE)
    found = storage(tmp_path, *arguments, **settings)
    assert (found.returncode, found.stdout) == (2, "")
    assert sentence in found.stderr
    assert "Tier." not in found.stderr  # names of our own code
