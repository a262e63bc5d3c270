"""Who sees which row: row-level security, grants, composite keys, and their migrations."""

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, fields
from secrets import token_hex
from uuid import UUID

import pytest
from sqlalchemy import (
    Connection,
    Executable,
    Table,
    create_engine,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.pool import NullPool

from storage.database import Database
from storage.migrate import check, is_current, migrate
from storage.models import (
    ApiKey,
    AudienceSnapshot,
    Base,
    ChatMessage,
    ContentPost,
    Conversation,
    ConversationWords,
    DailyMetric,
    DailyUsage,
    Draft,
    Goal,
    GoalMilestone,
    IdempotencyKey,
    InboundDelivery,
    Insight,
    Job,
    JobAttempt,
    Mail,
    MailToken,
    MessageFeedback,
    Notification,
    Password,
    PlanVersion,
    PlatformConnection,
    Run,
    RunEvents,
    User,
    UserSession,
    WebhookDelivery,
    new_id,
)
from tests.conftest import Postgres

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
DAY = NOW.date()
NEXT = DAY + dt.timedelta(days=1)

# Tables that `dream_app` has no right to at all.
HIDDEN_TABLES = {
    "alembic_version",  # the schema's revision, nobody's data
    "checkpoint_blobs",  # waiting runs, known by their id as text: dream_service resumes them
    "checkpoint_migrations",  # the revision of the three others
    "checkpoint_writes",
    "checkpoints",
    "job_batches",  # what a schedule asked for, of all users: dream_service does it
    "procrastinate_events",  # the queue: the app puts tasks into it by a function, and
    "procrastinate_jobs",  # dream_service does them
    "procrastinate_periodic_defers",
    "procrastinate_workers",
    "mail_tokens",  # hashes of what links in mails carry: read where they lead, by dream_service
    "passwords",  # argon2 hashes: read while signing in, by dream_service
    "sessions",  # token hashes: read to find out who a user is, by dream_service
}
OWNER_COLUMNS = {"users": "id"}
# Tables whose rows are about no user.
OF_NOBODY = {"job_batches"}


def owner_column(table: str) -> str:
    return OWNER_COLUMNS.get(table, "user_id")


@pytest.fixture
def superuser(owner_url: str) -> Iterator[Connection]:
    """Return a connection that row-level security does not bind."""
    with create_engine(owner_url, poolclass=NullPool).connect() as connection:
        yield connection


# --- the catalogue ---


def list_tables(superuser: Connection) -> set[str]:
    statement = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = %s"
    return set(superuser.execute(text(statement % "'public'::regnamespace")).scalars())


def list_granted_tables(superuser: Connection) -> set[str]:
    """Return the tables on which dream_app, or everybody, has any right, be it on one column."""
    statement = """
        SELECT table_name FROM information_schema.table_privileges
        WHERE table_schema = 'public' AND grantee IN ('dream_app', 'PUBLIC')
        UNION SELECT table_name FROM information_schema.column_privileges
        WHERE table_schema = 'public' AND grantee IN ('dream_app', 'PUBLIC')
    """
    return set(superuser.execute(text(statement)).scalars())


def test_the_catalogue_has_every_table_of_the_models(superuser: Connection) -> None:
    others = {
        name
        for name in HIDDEN_TABLES
        if name.startswith(("alembic", "checkpoint", "procrastinate"))
    }
    assert list_tables(superuser) - others == set(Base.metadata.tables)


def test_a_table_is_for_the_app_or_on_the_list_of_hidden_tables(superuser: Connection) -> None:
    tables = list_tables(superuser)
    assert tables - list_granted_tables(superuser) == HIDDEN_TABLES
    assert tables >= HIDDEN_TABLES


def test_every_table_of_the_app_forces_row_level_security_by_its_owner(
    superuser: Connection,
) -> None:
    statement = text("""
        SELECT relrowsecurity AND relforcerowsecurity
            AND (SELECT attnotnull AND atttypid = 'uuid'::regtype FROM pg_attribute
                 WHERE attrelid = oid AND attname = :owner)
        FROM pg_class WHERE oid = :table ::regclass
    """)
    for table in list_granted_tables(superuser):
        parameters = {"table": table, "owner": owner_column(table)}
        assert superuser.scalar(statement, parameters) is True, table


def test_the_apps_only_policy_compares_the_owner_with_the_user(superuser: Connection) -> None:
    statement = text("""
        SELECT tablename, permissive, cmd, qual, with_check FROM pg_policies
        WHERE schemaname = 'public' AND roles && ARRAY['dream_app', 'public']::name[]
    """)
    policies = {row.tablename: row for row in superuser.execute(statement)}
    assert set(policies) == list_granted_tables(superuser)
    for table, policy in policies.items():
        assert policy.cmd == "ALL"
        assert policy.qual == policy.with_check
        assert policy.qual.startswith(f"({owner_column(table)} = ( SELECT (NULLIF(current_setting(")


def test_the_roles_have_no_powers_of_their_own(superuser: Connection) -> None:
    statement = text("""
        SELECT rolname FROM pg_roles
        WHERE rolname IN ('dream', 'dream_app', 'dream_service')
            AND NOT (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)
    """)
    assert len(list(superuser.execute(statement))) == 3


# --- rows ---


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The ids of a user's rows; one in every table of the app."""

    user: UUID
    connection: UUID
    conversation: UUID
    question: UUID
    run: UUID
    job: UUID
    plan: UUID


async def create_rows(session: AsyncSession) -> Rows:
    """Give a new user a row in every table."""
    rows = Rows(**{each.name: new_id() for each in fields(Rows)})
    session.add(User(id=rows.user, email=f"{token_hex(6)}@example.com"))
    await session.flush()
    session.add(Password(user_id=rows.user, hash="x"))
    session.add(UserSession(user_id=rows.user, token_hash=rows.user.bytes, expires_at=NOW))
    session.add(
        MailToken(
            token_hash=rows.user.bytes, user_id=rows.user, kind="verify_email", expires_at=NOW
        )
    )
    session.add(
        Mail(user_id=rows.user, kind="digest", cause="x", about={}, due_at=NOW, expires_at=NOW)
    )
    session.add(new_connection(rows.user, rows.connection))
    session.add(Conversation(id=rows.conversation, user_id=rows.user, title="Growth"))
    await session.flush()
    session.add(new_metric(rows.user, rows.connection))
    session.add(new_post(rows.user, rows.connection))
    session.add(new_audience(rows.user, rows.connection))
    session.add(goal := new_goal(rows.user, rows.connection))
    session.add(Draft(user_id=rows.user, platform="youtube", caption="Soon"))
    session.add(DailyUsage(user_id=rows.user, date=DAY))
    session.add(ApiKey(user_id=rows.user, name="Mine", prefix="ds_", key_hash=rows.user.bytes))
    session.add(
        IdempotencyKey(
            user_id=rows.user, route="POST /", key="1", body_hash=b"", status=201, answer=b"",
            created_at=NOW,
        )
    )  # fmt: skip
    session.add(
        Insight(
            user_id=rows.user, type="growth", priority="low", title="Up", message="Up.",
            local_date=DAY, finding="up",
        )
    )  # fmt: skip
    session.add(new_words(rows.user, rows.conversation))
    await session.flush()
    session.add(
        GoalMilestone(goal_id=goal.id, percent=25, user_id=rows.user, reached_on=DAY, value=1)
    )
    session.add(new_message(rows.user, rows.conversation, id=rows.question))
    await session.flush()
    session.add(new_run(rows.user, rows.conversation, rows.question, id=rows.run))
    await session.flush()
    session.add(new_events(rows.user, rows.run))
    session.add(new_feedback(rows.user, rows.conversation, rows.question))
    session.add(Job(id=rows.job, user_id=rows.user, kind="plan", input={}, attempt_limit=3))
    await session.flush()
    session.add(new_attempt(rows.user, rows.job))
    session.add(new_plan(rows.user, rows.job, id=rows.plan))
    session.add(new_notification(rows.user, rows.job))
    session.add(new_delivery(rows.user, rows.job))
    session.add(new_inbound(rows.user, rows.job))
    await session.flush()
    return rows


def new_connection(user: UUID, id: UUID | None = None) -> PlatformConnection:  # noqa: A002  # as the column
    return PlatformConnection(
        id=id or new_id(),
        user_id=user,
        platform="youtube",
        platform_account=token_hex(4),
        username="mara",
        source="import",
    )


def new_metric(user: UUID, connection: UUID, date: dt.date = DAY) -> DailyMetric:
    return DailyMetric(user_id=user, connection_id=connection, platform="youtube", date=date)


def new_post(user: UUID, connection: UUID) -> ContentPost:
    return ContentPost(
        user_id=user,
        connection_id=connection,
        platform="youtube",
        platform_post_id=token_hex(4),
        posted_at=NOW,
    )


def new_audience(user: UUID, connection: UUID, date: dt.date = DAY) -> AudienceSnapshot:
    return AudienceSnapshot(
        user_id=user, connection_id=connection, date=date, dimension="country", shares={"DE": 40}
    )


def new_goal(user: UUID, connection: UUID) -> Goal:
    return Goal(
        user_id=user,
        connection_id=connection,
        title="More",
        metric="followers",
        start_value=1,
        target_value=2,
        start_date=DAY,
    )


def new_message(user: UUID, conversation: UUID, **fields: UUID) -> ChatMessage:
    return ChatMessage(
        user_id=user, conversation_id=conversation, role="user", parts=[], text="Hi", **fields
    )


def new_run(user: UUID, conversation: UUID, question: UUID, **fields: UUID) -> Run:
    return Run(
        user_id=user,
        conversation_id=conversation,
        question_id=question,
        agent="career",
        owner=new_id(),
        lease_until=NOW,
        status="completed",
        **fields,
    )


def new_attempt(user: UUID, job: UUID, number: int = 1) -> JobAttempt:
    return JobAttempt(user_id=user, job_id=job, number=number, worker="w")


def new_delivery(user: UUID, job: UUID) -> WebhookDelivery:
    return WebhookDelivery(user_id=user, job_id=job, attempt=1, engine="webhook")


def new_inbound(user: UUID, job: UUID) -> InboundDelivery:
    return InboundDelivery(
        engine="webhook", message_id=token_hex(8), user_id=user, job_id=job, attempt=1
    )


def new_plan(user: UUID, job: UUID, version: int = 1, **fields: UUID) -> PlanVersion:
    return PlanVersion(user_id=user, job_id=job, version=version, title="A plan", body={}, **fields)


def new_notification(user: UUID, job: UUID, cause: str = "x") -> Notification:
    return Notification(
        user_id=user, type="plan_ready", title="x", message="x", cause=cause, job_id=job,
        expires_at=NOW,
    )  # fmt: skip


def new_events(user: UUID, run: UUID, seq: int = 1) -> RunEvents:
    return RunEvents(
        user_id=user, run_id=run, first_seq=seq, last_seq=seq, is_last=False, chunks="{}"
    )


def new_words(user: UUID, conversation: UUID) -> ConversationWords:
    return ConversationWords(
        user_id=user, conversation_id=conversation, title="Growth", updated_at=NOW, words="'growth'"
    )


def new_feedback(user: UUID, conversation: UUID, message: UUID) -> MessageFeedback:
    return MessageFeedback(
        user_id=user, conversation_id=conversation, message_id=message, rating="up"
    )


@pytest.fixture
async def ours(database: Database) -> Rows:
    async with database.service_session() as session:
        return await create_rows(session)


@pytest.fixture
async def theirs(database: Database) -> Rows:
    async with database.service_session() as session:
        return await create_rows(session)


def tables_of_users() -> list[Table]:
    return [table for name, table in Base.metadata.tables.items() if name not in OF_NOBODY]


def app_tables() -> list[Table]:
    return [table for name, table in Base.metadata.tables.items() if name not in HIDDEN_TABLES]


async def test_a_user_sees_the_own_row_of_every_table_and_no_other(
    database: Database, ours: Rows, theirs: Rows
) -> None:
    async with database.user_session(ours.user) as session:
        for table in app_tables():
            owners = await session.scalars(select(table.c[owner_column(table.name)]))
            assert owners.all() == [ours.user], table.name


async def test_a_user_can_neither_change_nor_delete_the_rows_of_another(
    database: Database, superuser: Connection, ours: Rows, theirs: Rows
) -> None:
    async with database.user_session(ours.user) as session:
        for table in app_tables():
            owner = table.c[owner_column(table.name)]
            if table.name == "users":
                change = update(table).values(locale="fr")
            else:
                change = update(table).values({owner: owner})
            changed = await session.execute(change.where(owner == theirs.user).returning(owner))
            assert changed.all() == [], table.name
            if table.name != "users":  # no right to delete at all
                await session.execute(delete(table).where(owner == theirs.user))
    for table in app_tables():
        owner = table.c[owner_column(table.name)]
        found = superuser.execute(select(table).where(owner == theirs.user)).all()
        assert len(found) == 1, table.name


async def test_a_user_cannot_add_a_row_in_the_name_of_another(
    database: Database, ours: Rows, theirs: Rows
) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.user_session(ours.user) as session:
            session.add(new_connection(theirs.user))


async def test_a_user_cannot_give_a_row_away(database: Database, ours: Rows, theirs: Rows) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.user_session(ours.user) as session:
            await session.execute(update(Goal).values(user_id=theirs.user, connection_id=None))


async def test_a_service_session_sees_everybody(
    database: Database, ours: Rows, theirs: Rows
) -> None:
    async with database.service_session() as session:
        for table in tables_of_users():
            owners = await session.scalars(select(table.c[owner_column(table.name)]))
            assert {ours.user, theirs.user} <= set(owners), table.name


POINTING_ELSEWHERE: dict[str, Callable[[Rows, Rows], Base]] = {
    "a day at their account": lambda ours, theirs: new_metric(ours.user, theirs.connection, NEXT),
    "a post at their account": lambda ours, theirs: new_post(ours.user, theirs.connection),
    "an audience of their account": lambda ours, theirs: new_audience(
        ours.user, theirs.connection, NEXT
    ),
    "a goal at their account": lambda ours, theirs: new_goal(ours.user, theirs.connection),
    "a message in their conversation": lambda ours, theirs: new_message(
        ours.user, theirs.conversation
    ),
    "a message after their message": lambda ours, theirs: new_message(
        ours.user, ours.conversation, parent_id=theirs.question
    ),
    "a message of their run": lambda ours, theirs: new_message(
        ours.user, ours.conversation, run_id=theirs.run
    ),
    "an attempt at their job": lambda ours, theirs: new_attempt(ours.user, theirs.job, 2),
    "a delivery of their job": lambda ours, theirs: new_delivery(ours.user, theirs.job),
    "a message about their job": lambda ours, theirs: new_inbound(ours.user, theirs.job),
    "a plan of their job": lambda ours, theirs: new_plan(ours.user, theirs.job, 2),
    "a notification of their job": lambda ours, theirs: new_notification(
        ours.user, theirs.job, "y"
    ),
    "a version of their plan": lambda ours, theirs: new_plan(
        ours.user, ours.job, 3, parent_id=theirs.plan
    ),
    "events of their run": lambda ours, theirs: new_events(ours.user, theirs.run, 2),
    "a run in their conversation": lambda ours, theirs: new_run(
        ours.user, theirs.conversation, theirs.question
    ),
    "a run for their question": lambda ours, theirs: new_run(
        ours.user, ours.conversation, theirs.question
    ),
    "words of their conversation": lambda ours, theirs: new_words(ours.user, theirs.conversation),
    "feedback on a message of their conversation": lambda ours, theirs: new_feedback(
        ours.user, theirs.conversation, theirs.question
    ),
    "feedback on their message": lambda ours, theirs: new_feedback(
        ours.user, ours.conversation, theirs.question
    ),
    "a conversation that ends in their message": lambda ours, theirs: Conversation(
        user_id=ours.user, title="Growth", head_id=theirs.question
    ),
}


@pytest.mark.parametrize("case", POINTING_ELSEWHERE)
async def test_no_row_can_point_at_another_users_parent(
    database: Database, ours: Rows, theirs: Rows, case: str
) -> None:
    with pytest.raises(IntegrityError, match="foreign key"):
        async with database.user_session(ours.user) as session:
            session.add(POINTING_ELSEWHERE[case](ours, theirs))


async def test_the_same_rows_can_point_at_the_own_parents(database: Database, ours: Rows) -> None:
    async with database.user_session(ours.user) as session:
        for case, build in POINTING_ELSEWHERE.items():
            if case != "a conversation that ends in their message":
                await session.merge(build(ours, ours))
        await session.flush()
        await session.execute(update(Conversation).values(head_id=ours.question))


async def test_deleting_a_user_deletes_every_row_of_theirs(
    database: Database, superuser: Connection, ours: Rows
) -> None:
    async with database.service_session() as session:
        await session.execute(
            update(Conversation)
            .values(head_id=ours.question)
            .where(Conversation.id == ours.conversation)
        )
        await session.execute(delete(User).where(User.id == ours.user))
    for table in tables_of_users():
        owner = table.c[owner_column(table.name)]
        assert superuser.execute(select(table).where(owner == ours.user)).all() == [], table.name


# --- roles ---


def test_the_login_role_alone_sees_nothing(database_url: str) -> None:
    with create_engine(database_url, poolclass=NullPool).connect() as connection:
        for table in Base.metadata.tables.values():
            with pytest.raises(DBAPIError, match="permission denied"):
                connection.execute(select(table))
            connection.rollback()


async def test_the_app_role_without_a_user_sees_no_rows(database: Database, ours: Rows) -> None:
    async with database.engine.connect() as connection:
        await connection.execute(text("SET LOCAL ROLE dream_app"))
        for table in app_tables():
            assert (await connection.execute(select(table))).all() == [], table.name


async def test_neither_user_nor_role_stay_behind_on_a_pooled_connection(
    database_url: str, ours: Rows
) -> None:
    state = text("SELECT pg_backend_pid(), current_user, current_setting('app.user_id', true)")
    async with AsyncExitStack() as stack:
        database = Database(database_url, pool_size=1)
        stack.push_async_callback(database.close)
        async with database.user_session(ours.user) as session:
            backend, role, user = (await session.execute(state)).one()
        assert (role, user) == ("dream_app", str(ours.user))
        with pytest.raises(ZeroDivisionError):
            async with database.user_session(ours.user):
                raise ZeroDivisionError
        async with database.engine.connect() as connection:
            assert (await connection.execute(state)).one() == (backend, "dream", "")
            # The empty setting must mean nobody, not an error.
            await connection.execute(text("SET LOCAL ROLE dream_app"))
            assert (await connection.execute(select(User))).all() == []


FORBIDDEN: dict[str, Executable] = {
    "read passwords": select(Password),
    "read sessions": select(UserSession),
    "write passwords": update(Password).values(hash="x"),
    "open sessions": insert(UserSession).values(token_hash=b"x", expires_at=NOW),
    "promote themselves": update(User).values(role="admin"),
    "change the tier": update(User).values(tier="business"),
    "change the e-mail": update(User).values(email="x@example.com"),
    "change the id": update(User).values(id=new_id()),
    "add users": insert(User).values(email="x@example.com"),
    "delete users": delete(User),
    "read the revision": text("SELECT * FROM alembic_version"),
    "make tables": text("CREATE TABLE loot (id int)"),
    "empty a table": text("TRUNCATE goals"),
    "become the server's superuser": text("SET ROLE postgres"),
}


@pytest.mark.parametrize("case", FORBIDDEN)
async def test_a_user_session_cannot(database: Database, ours: Rows, case: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.user_session(ours.user) as session:
            await session.execute(FORBIDDEN[case])


async def test_a_user_session_can_change_time_zone_and_locale(
    database: Database, ours: Rows
) -> None:
    async with database.user_session(ours.user) as session:
        await session.execute(update(User).values(timezone="Europe/Lisbon", locale="pt"))
    async with database.user_session(ours.user) as session:
        user = (await session.scalars(select(User))).one()
    assert (user.timezone, user.locale) == ("Europe/Lisbon", "pt")


# --- migrations ---


def test_an_empty_database_becomes_what_the_models_say(postgres: Postgres) -> None:
    with postgres.temporary_database("template1") as name:
        owner_url, app_url = postgres.owner_url(name), postgres.app_url(name)
        migrate(owner_url, app_url=app_url)
        check(owner_url)
        assert is_current(app_url)


def test_migrating_again_changes_nothing(postgres: Postgres) -> None:
    with postgres.temporary_database("template1") as name:
        owner_url, app_url = postgres.owner_url(name), postgres.app_url(name)
        migrate(owner_url, app_url=app_url)
        migrate(owner_url, app_url=app_url)
        check(owner_url)


def test_simultaneous_migrations_take_turns(postgres: Postgres) -> None:
    with postgres.temporary_database("template1") as name, ThreadPoolExecutor(3) as replicas:
        owner_url, app_url = postgres.owner_url(name), postgres.app_url(name)
        started = [replicas.submit(migrate, owner_url, app_url=app_url) for _ in range(3)]
        for migration in started:
            migration.result()
        assert is_current(app_url)


def test_a_database_without_tables_is_not_current(postgres: Postgres) -> None:
    with postgres.temporary_database("template1") as name:
        assert not is_current(postgres.owner_url(name))
