"""A database full of creators, made inside of PostgreSQL, for benchmarks to read."""

import hashlib
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from storage.embedded import running_server
from storage.embedded_cluster import cluster_folder
from storage.models import new_id
from storage.provision import OWNER, prepare_embedded

DATABASE = "benchmark"
PLATFORMS = ("instagram", "facebook", "youtube", "spotify")

USERS = """
    INSERT INTO users (id, email)
    SELECT gen_random_uuid(), n || '@example.com' FROM generate_series(1, {creators}) AS n
"""
ACCOUNTS = """
    INSERT INTO platform_connections
        (id, user_id, platform, platform_account, username, source, connected_at)
    SELECT gen_random_uuid(), users.id, platform, split_part(email, '@', 1),
        split_part(email, '@', 1), 'import', now() - interval '2 years'
    FROM users, unnest(ARRAY['instagram', 'facebook', 'youtube', 'spotify']) AS platform
"""
# Day by day, as they come in: a creator's rows are spread over the whole table.
DAYS = """
    INSERT INTO daily_metrics (connection_id, date, user_id, platform, follower_count,
        follower_change_24h, engagement_total, content_count, reach, views, watch_time_minutes,
        metrics, status)
    SELECT account.id, day, account.user_id, account.platform,
        10000 + 10 * (day - date '{first}') + seed % 7, 10,
        CASE WHEN platform <> 'spotify' THEN 200 + seed % 100 END,
        CASE WHEN platform <> 'spotify' THEN seed % 3 END,
        CASE WHEN platform IN ('instagram', 'facebook') THEN 3000 + seed % 900 END,
        CASE WHEN platform <> 'spotify' THEN 5000 + seed % 1500 END,
        CASE WHEN platform = 'youtube' THEN 900 + seed % 300 END,
        CASE platform
            WHEN 'spotify' THEN jsonb_build_object('streams', 400 + seed % 90, 'listeners', 150)
            ELSE jsonb_build_object('likes', 150 + seed % 80, 'comments', 20 + seed % 9)
        END,
        CASE WHEN day > date '{last}' - 2 THEN 'preliminary' ELSE 'final' END
    FROM (
        SELECT day::date, connection.*,
            abs(hashtext(connection.id::text || day::text)) AS seed
        FROM generate_series(date '{first}', date '{last}', interval '1 day') AS day,
            platform_connections AS connection
    ) AS account
"""
POSTS = """
    INSERT INTO content_posts (id, user_id, connection_id, platform, platform_post_id, post_type,
        caption, likes, comments, shares, views, posted_at)
    SELECT gen_random_uuid(), user_id, id, platform, n::text,
        CASE n % 3 WHEN 0 THEN 'reel' WHEN 1 THEN 'photo' ELSE 'carousel' END,
        'Post number ' || n, 100 + seed % 300, seed % 40, seed % 15, 2000 + seed % 3000,
        date '{last}' - (n * 4) + make_interval(hours => 8 + seed % 14, mins => 5)
    FROM (
        SELECT n, connection.*, abs(hashtext(connection.id::text || n::text)) AS seed
        FROM generate_series(1, 90) AS n, platform_connections AS connection
        WHERE platform <> 'spotify'
    ) AS account
"""

AUDIENCES = """
    INSERT INTO audience_snapshots (connection_id, dimension, date, user_id, shares)
    SELECT id, dimension, day, user_id, '{{"DE": 41.5, "AT": 12}}'
    FROM generate_series(date '{first}', date '{last}', interval '1 month') AS day,
        unnest(ARRAY['age', 'gender', 'country', 'city']) AS dimension, platform_connections
"""


@contextmanager
def database_of_creators(creators: int, *, first: str, last: str) -> Iterator[tuple[str, str]]:
    """Yield the URLs of the app and of the owner for a new database that goes away again.

    Each creator has four accounts with every day from `first` to `last`, and a year of posts.
    """
    folder = Path(tempfile.mkdtemp(prefix="dream-benchmark-"))
    try:
        with running_server(folder / "data") as server:
            app_url = prepare_embedded(server, database=DATABASE)
            owner_url = server.url(user=OWNER, database=DATABASE)
            _forget_after_a_power_cut(owner_url)
            fill(owner_url, creators, first=first, last=last)
            yield app_url, owner_url
    finally:
        for each in {cluster_folder(folder / "data"), folder}:
            shutil.rmtree(each, ignore_errors=True)


def fill(owner_url: str, creators: int, *, first: str, last: str) -> None:
    """Make creators with accounts, days and posts, then VACUUM ANALYZE."""
    engine = create_engine(owner_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        # No triggers: they check foreign keys, and renew the version of each user.
        for setting in ("session_replication_role = replica", "synchronous_commit = off"):
            connection.execute(text(f"SET {setting}"))
        for statement in (USERS, ACCOUNTS, DAYS, POSTS, AUDIENCES):
            values = statement.format(creators=creators, first=first, last=last)
            connection.execute(text(values))
        connection.execute(text("INSERT INTO analytics_versions SELECT id FROM users"))
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def sign_in(owner_url: str) -> dict[UUID, str]:
    """Return a token of each creator, in no order."""
    engine = create_engine(owner_url, poolclass=NullPool)
    with engine.begin() as connection:
        users = list(connection.execute(text("SELECT id FROM users ORDER BY email")).scalars())
        random.Random(1).shuffle(users)  # noqa: S311 - not a secret
        tokens = {user: f"benchmark-{user}" for user in users}
        insert = text(
            "INSERT INTO sessions (id, user_id, token_hash, expires_at) "
            "VALUES (:id, :user, :hash, now() + interval '1 day')"
        )
        rows = [
            {"id": new_id(), "user": user, "hash": hashlib.sha256(token.encode()).digest()}
            for user, token in tokens.items()
        ]
        connection.execute(insert, rows)
    return tokens


def _forget_after_a_power_cut(owner_url: str) -> None:
    engine = create_engine(owner_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync = off", "full_page_writes = off", "max_wal_size = '4GB'"):
            connection.execute(text(f"ALTER SYSTEM SET {setting}"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()
