"""What an import of posts stores, changes and leaves alone."""

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from domain.imports import (
    AccountNeededError,
    BadFileError,
    BadRowsError,
    ImportResult,
    import_upload,
)
from storage.connections import list_connections
from storage.database import Database
from storage.models import ContentPost, PlatformConnection, User, new_id
from tests.conftest import new_email

TODAY = dt.date(2026, 3, 31)
HEADER = (
    "platform,account,post_id,posted_at,type,caption,permalink,likes,comments,shares,saves,views\n"
)
FIRST = "instagram,mira,p1,2026-03-01T18:30,reel,One,https://a/p1,10,1,0,2,900\n"
SECOND = "instagram,mira,p2,2026-03-02T18:30,photo,Two,,20,2,,,\n"
VIDEOS = "Content,Video title,Video publish time,Views,Likes\nTotal,,,900,\n"


class Importer:
    """A user of their own in Berlin, whose posts can be imported and looked at."""

    def __init__(self, database: Database, user_id: UUID) -> None:
        self.database = database
        self.user_id = user_id

    async def load(self, content: str, **options: Any) -> ImportResult:
        async with self.database.user_session(self.user_id) as session:
            return await import_upload(
                session,
                self.user_id,
                io.BytesIO(content.encode()),
                today=TODAY,
                timezone="Europe/Berlin",
                **options,
            )

    async def posts(self) -> Sequence[dict[str, Any]]:
        """Return every stored post, with the transaction that wrote it."""
        async with self.database.user_session(self.user_id) as session:
            found = await session.execute(
                text(
                    "SELECT p.xmin::text, c.username, p.* FROM content_posts p "
                    "JOIN platform_connections c ON c.id = p.connection_id "
                    "ORDER BY p.posted_at, p.platform_post_id"
                )
            )
            return [dict(row) for row in found.mappings()]

    async def add_account(self, platform: str, name: str) -> UUID:
        connection = PlatformConnection(
            id=new_id(),
            user_id=self.user_id,
            platform=platform,
            platform_account=f"id of {name}",
            username=name,
            source="oauth",
        )
        async with self.database.user_session(self.user_id) as session:
            session.add(connection)
        return connection.id

    async def add_post(self, connection_id: UUID, post_id: str, **values: Any) -> None:
        async with self.database.user_session(self.user_id) as session:
            session.add(
                ContentPost(
                    user_id=self.user_id,
                    connection_id=connection_id,
                    platform_post_id=post_id,
                    **values,
                )
            )


async def new_importer(database: Database) -> Importer:
    async with database.service_session() as session:
        user = User(email=new_email())
        session.add(user)
        await session.flush()
    return Importer(database, user.id)


@pytest.fixture
async def mira(database: Database) -> Importer:
    return await new_importer(database)


def counts(result: ImportResult) -> tuple[int, int, int]:
    return result.posts_inserted, result.posts_updated, result.posts_unchanged


async def test_posts_are_stored_with_all_that_the_file_says(mira: Importer) -> None:
    caption = 'Glaze day, "at last"\n\n☕ \\n \\N 👩‍🎨'
    quoted = '"' + caption.replace('"', '""') + '"'
    result = await mira.load(HEADER + FIRST.replace("One", quoted) + SECOND)
    assert (result.format, result.rows, counts(result)) == ("posts", 2, (2, 0, 0))
    assert (result.connections_created, result.days_inserted) == (1, 0)
    first, second = await mira.posts()
    stored = {name: first[name] for name in ("username", "platform", "platform_post_id")}
    assert stored == {"username": "mira", "platform": "instagram", "platform_post_id": "p1"}
    assert first["caption"] == caption
    # 18:30 in Berlin, before and after the clocks change on 29 March.
    assert first["posted_at"] == dt.datetime(2026, 3, 1, 17, 30, tzinfo=dt.UTC)
    numbers = ("likes", "comments", "shares", "saves", "views", "plays", "reach")
    assert [first[name] for name in numbers] == [10, 1, 0, 2, 900, None, None]
    assert [second[name] for name in numbers] == [20, 2, None, None, None, None, None]
    assert (first["post_type"], first["permalink"]) == ("reel", "https://a/p1")
    assert (second["permalink"], second["user_id"]) == (None, mira.user_id)


async def test_the_same_file_twice_changes_nothing(mira: Importer) -> None:
    await mira.load(HEADER + FIRST + SECOND)
    before = await mira.posts()
    assert counts(await mira.load(HEADER + SECOND + FIRST)) == (0, 0, 2)
    assert await mira.posts() == before


async def test_one_corrected_post_changes_one_row(mira: Importer) -> None:
    await mira.load(HEADER + FIRST + SECOND)
    before = await mira.posts()
    result = await mira.load(HEADER + FIRST.replace(",900", ",950") + SECOND)
    assert counts(result) == (0, 1, 1)
    after = await mira.posts()
    assert after[1] == before[1]
    changed = {name for name in after[0] if after[0][name] != before[0][name]}
    assert changed == {"xmin", "views", "last_updated_at"}
    assert after[0]["views"] == 950


async def test_what_is_empty_never_makes_a_known_value_unknown(mira: Importer) -> None:
    await mira.load(HEADER + FIRST)
    before = await mira.posts()
    assert counts(await mira.load(HEADER + "instagram,mira,p1,2026-03-01T18:30,,,,,,,,\n")) == (
        0, 0, 1,
    )  # fmt: skip
    assert await mira.posts() == before


async def test_a_post_known_from_elsewhere_is_updated(mira: Importer) -> None:
    account = await mira.add_account("instagram", "Mira")
    moment = dt.datetime(2026, 3, 1, 17, 30, 12, tzinfo=dt.UTC)
    await mira.add_post(
        account, "p1", platform="instagram", posted_at=moment, likes=3, reach=700, caption="Old"
    )
    result = await mira.load(HEADER + FIRST + SECOND)
    assert (counts(result), result.connections_created) == ((1, 1, 0), 0)
    first, _ = await mira.posts()
    assert (first["likes"], first["reach"], first["caption"]) == (10, 700, "One")
    assert first["posted_at"] == dt.datetime(2026, 3, 1, 17, 30, tzinfo=dt.UTC)


async def test_posts_of_two_accounts_may_have_the_same_id(mira: Importer) -> None:
    result = await mira.load(HEADER + FIRST + FIRST.replace("mira", "second"))
    assert counts(result) == (2, 0, 0)
    assert {row["username"] for row in await mira.posts()} == {"mira", "second"}


async def test_another_users_post_of_the_same_id_is_untouched(mira: Importer) -> None:
    other = await new_importer(mira.database)
    await other.load(HEADER + FIRST)
    before = await other.posts()
    assert counts(await mira.load(HEADER + FIRST.replace(",900", ",1"))) == (1, 0, 0)
    assert await other.posts() == before


async def test_one_bad_row_refuses_the_whole_file_unless_it_is_partial(mira: Importer) -> None:
    content = HEADER + FIRST + SECOND.replace(",20,", ",-20,")
    with pytest.raises(BadRowsError) as caught:
        await mira.load(content)
    assert caught.value.fields["errors"] == [
        {"line": 3, "column": "likes", "reason": '"-20" is below 0.'}
    ]
    assert await mira.posts() == []
    result = await mira.load(content, partial=True)
    assert (counts(result), result.error_count) == ((1, 0, 0), 1)


async def test_a_post_may_be_repeated_but_not_contradicted(mira: Importer) -> None:
    content = HEADER + FIRST + FIRST + FIRST.replace(",900", ",901")
    with pytest.raises(BadRowsError) as caught:
        await mira.load(content)
    assert caught.value.fields["errors"] == [
        {"line": 4, "column": "post_id", "reason": "Line 2 says something else of the same post."}
    ]
    assert counts(await mira.load(content, partial=True)) == (1, 0, 0)
    assert [row["views"] for row in await mira.posts()] == [900]


async def test_what_shows_after_good_rows_still_leaves_nothing(mira: Importer) -> None:
    rows = "".join(FIRST.replace("p1", f"p{number}") for number in range(5_000))
    with pytest.raises(BadFileError):
        await mira.load(HEADER + rows + 'instagram,mira,"p', partial=True)
    assert await mira.posts() == []
    async with mira.database.user_session(mira.user_id) as session:
        assert await list_connections(session) == []


# --- YouTube's export ---


async def test_a_studio_export_goes_to_the_only_youtube_account(mira: Importer) -> None:
    await mira.add_account("youtube", "Mira Makes")
    await mira.add_account("spotify", "Mira")
    result = await mira.load(VIDEOS + 'abcdefghijk,Throw a bowl,"Mar 1, 2026",900,5\n')
    assert (result.format, counts(result), result.connections_created) == (
        "youtube_videos", (1, 0, 0), 0,
    )  # fmt: skip
    (post,) = await mira.posts()
    assert (post["username"], post["views"], post["likes"]) == ("Mira Makes", 900, 5)


async def test_a_studio_export_of_nobody_is_refused_until_the_account_is_named(
    mira: Importer,
) -> None:
    content = VIDEOS + 'abcdefghijk,Throw a bowl,"Mar 1, 2026",900,5\n'
    with pytest.raises(AccountNeededError):
        await mira.load(content)
    result = await mira.load(content, account="@Mira Makes")
    assert (counts(result), result.connections_created) == ((1, 0, 0), 1)
    assert [row["username"] for row in await mira.posts()] == ["Mira Makes"]


async def test_a_day_never_replaces_the_time_of_day_that_is_known(mira: Importer) -> None:
    account = await mira.add_account("youtube", "Mira Makes")
    exact = dt.datetime(2026, 3, 1, 23, 40, tzinfo=dt.UTC)  # 2 March in Berlin
    await mira.add_post(
        account, "abcdefghijk", platform="youtube", posted_at=exact, post_type="short", saves=4
    )
    content = VIDEOS + 'abcdefghijk,Throw a bowl,"Mar 1, 2026",900,5\n'
    assert counts(await mira.load(content)) == (0, 1, 0)
    (post,) = await mira.posts()
    assert (post["posted_at"], post["post_type"], post["saves"]) == (exact, "short", 4)
    assert (post["caption"], post["views"]) == ("Throw a bowl", 900)
    assert counts(await mira.load(content)) == (0, 0, 1)
    await mira.load(content.replace("Mar 1,", "Mar 9,"))
    (post,) = await mira.posts()
    assert post["posted_at"] == dt.datetime(2026, 3, 8, 23, tzinfo=dt.UTC)
