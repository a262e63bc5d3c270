"""What is read from the exports of YouTube Studio and Spotify for Artists.

The files have the form that the two services give them, with invented numbers.
"""

import datetime as dt
import io
import zipfile
from typing import Any

import pytest

from domain.imports import AccountNeededError, BadFileError, FileFormat, ImportFile
from domain.imports.youtube_export import SUBSCRIBERS_NOTE
from storage.imported_rows import ImportedPost, ImportedValue
from storage.models import Platform

TODAY = dt.date(2026, 3, 31)
VIDEOS = (
    "Content,Video title,Video publish time,Duration,Comments added,Average view duration,Shares,"
    "Likes,Views,Watch time (hours),Subscribers,Estimated revenue (USD),Impressions,"
    "Impressions click-through rate (%)\n"
    "Total,,,,42,0:01:48,106,802,17709,532.7518,408,26.577,201679,4.01\n"
    'bowl-_00001,"Throw a bowl, slowly","Dec 25, 2025",603,10,0:01:42,9,52,633,18.0724,7,,11958,2\n'
    ' -glaze00002,Glaze day,"Mar 2, 2026",662,7,0:02:18,12,-1,1025,39.5269,13,,8762,5.98\n'
    "private0003,Not out yet,,59,0,0:00:53,0,0,4,0.0596,0,,0,\n"
)
DAYS = (
    "Date,Views,Watch time (hours),Subscribers,Average view duration,Likes\n"
    "Total,290,11.75,3,0:02:25,9\n"
    "2026-03-03,160,6.25,-2,0:02:20,10\n"
    "2026-03-02,130,5.508333,5,0:02:32,-1\n"
    "2026-03-01,0,0,0,,0\n"
)
TIMELINE = "date,listeners,streams,followers\n2026-03-01,210,480,1500\n2026-03-02,190,401,\n"


def opened(content: str | bytes, **options: Any) -> ImportFile:
    source = io.BytesIO(content.encode() if isinstance(content, str) else content)
    given: dict[str, Any] = {"today": TODAY, "timezone": "UTC", "account": "Mira"}
    return ImportFile(source, **(given | options))


def values(file: ImportFile) -> list[tuple[str, str | None, int | None]]:
    return [
        (found.date.isoformat(), found.metric, found.value)
        for found in file.rows()
        if isinstance(found, ImportedValue)
    ]


def posts(file: ImportFile) -> list[ImportedPost]:
    return [found for found in file.rows() if isinstance(found, ImportedPost)]


def zipped(**members: str | bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name.replace('_', ' ')}.csv", content)
    return buffer.getvalue()


def refusal(content: str | bytes) -> str:
    with pytest.raises(BadFileError) as caught:
        list(opened(content).rows())
    return caught.value.detail


# --- YouTube, by content ---


def test_each_video_is_a_post_and_the_total_is_none() -> None:
    file = opened(VIDEOS, timezone="America/New_York")
    bowl, glaze = posts(file)
    assert (file.format, file.row_count, file.errors) == (FileFormat.YOUTUBE_VIDEOS, 3, [])
    assert list(file.accounts.values()) == ["Mira"]
    assert bowl._asdict() == {
        "line": 3,
        "account": 1,
        "id": bowl.id,
        "post_id": "bowl-_00001",
        "posted_at": dt.datetime(2025, 12, 25, 5, tzinfo=dt.UTC),  # midnight in New York
        "is_day_only": True,
        "post_type": None,
        "caption": "Throw a bowl, slowly",
        "permalink": "https://www.youtube.com/watch?v=bowl-_00001",
        "likes": 52,
        "comments": 10,
        "shares": 9,
        "saves": None,
        "views": 633,
    }
    # An id that begins with a dash comes after a space; likes below 0 are no count.
    assert (glaze.post_id, glaze.likes, glaze.views) == ("-glaze00002", None, 1025)
    assert file.notes == [
        "1 video without a publish time (private, unlisted or scheduled): left out.",
        'The counts are those of the period chosen in Studio; they are right if it was "Lifetime".',
    ]


@pytest.mark.parametrize(
    ("text", "moment", "is_day_only"),
    [
        ('"Jan 01, 2020"', "2020-01-01T00:00", True),
        ('"September 9, 2025"', "2025-09-09T00:00", True),
        ("2025-09-09", "2025-09-09T00:00", True),
        ("2025-07-20 13:18:00", "2025-07-20T13:18", False),
    ],
)
def test_a_publish_time_is_a_day_or_a_moment(text: str, moment: str, is_day_only: bool) -> None:
    (found,) = posts(
        opened(f"Content,Video title,Video publish time\nabcdefghijk,A,{text}\n", timezone="UTC")
    )
    expected = dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC)
    assert (found.posted_at, found.is_day_only) == (expected, is_day_only)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ('playlist,A,"Jan 1, 2020",5', "content"),
        ('abcdefghijk,A,"Jab 1, 2020",5', "video publish time"),
        ('abcdefghijk,A,"Feb 30, 2020",5', "video publish time"),
        ('abcdefghijk,A,"1 janv. 2020",5', "video publish time"),
        ('abcdefghijk,A,"Apr 2, 2026",5', "video publish time"),
        ('abcdefghijk,A,"Jan 1, 2020","1,5"', "views"),
    ],
)
def test_a_bad_video_is_reported(row: str, column: str) -> None:
    file = opened(f"Content,Video title,Video publish time,Views\n{row}\n")
    assert posts(file) == []
    assert [(error.line, error.column) for error in file.errors] == [(2, column)]


# --- YouTube, by date ---


def test_each_day_has_its_counts_and_watch_time_in_minutes() -> None:
    file = opened(DAYS)
    assert values(file) == [
        ("2026-03-03", "views", 160),
        ("2026-03-03", "likes", 10),
        ("2026-03-03", "watch_time_minutes", 375),
        ("2026-03-02", "views", 130),
        ("2026-03-02", "watch_time_minutes", 330),
        ("2026-03-01", "views", 0),
        ("2026-03-01", "likes", 0),
        ("2026-03-01", "watch_time_minutes", 0),
    ]
    assert (file.format, file.row_count) == (FileFormat.YOUTUBE_DAYS, 3)


def test_subscribers_who_came_and_went_are_never_a_count_of_followers() -> None:
    file = opened("Date,Subscribers\n2026-03-01,5\n2026-03-02,7\n")
    assert values(file) == []
    assert file.notes == [SUBSCRIBERS_NOTE]


@pytest.mark.parametrize("dates", [("2026-03-01", "2026-03-08"), ("2026-03-01", "2026-02-01")])
def test_weeks_and_months_are_refused(dates: tuple[str, str]) -> None:
    assert 'choose "Daily"' in refusal("Date,Views\n" + "".join(f"{day},1\n" for day in dates))


def test_a_single_day_is_read() -> None:
    assert values(opened("Date,Views\nTotal,1\n2026-03-01,1\n")) == [("2026-03-01", "views", 1)]


# --- YouTube's zip ---


def test_the_zip_gives_the_videos_and_the_days_of_its_chart() -> None:
    totals = "Date,Views\n2025-12-01,5\n2025-12-02,6\n"
    file = opened(zipped(Table_data=VIDEOS, Chart_data="Date,Content\n", Totals=totals))
    rows = list(file.rows())
    assert [row.views for row in rows if isinstance(row, ImportedPost)] == [633, 1025]
    assert [row.value for row in rows if isinstance(row, ImportedValue)] == [5, 6]
    assert (file.row_count, file.format) == (5, FileFormat.YOUTUBE_VIDEOS)
    assert file.notes == [
        "1 video without a publish time (private, unlisted or scheduled): left out."
    ]


@pytest.mark.parametrize("step", [1, 7])
def test_counts_of_a_video_from_before_the_exports_period_are_left_out(step: int) -> None:
    totals = f"Date,Likes\n2026-03-01,5\n2026-03-{1 + step:02},6\n"
    file = opened(zipped(Table_data=VIDEOS, Totals=totals))
    bowl, glaze = posts(file)
    assert (bowl.caption, bowl.views, bowl.likes, bowl.comments) == (
        "Throw a bowl, slowly", None, None, None,
    )  # fmt: skip
    assert glaze.views == 1025
    assert "1 video from before 2026-03-01, when the export begins" in file.notes[1]


def test_the_zip_of_a_table_by_date_gives_its_days_once() -> None:
    totals = "Date,Views\n2026-03-01,0\n2026-03-02,130\n"
    file = opened(zipped(Table_data=DAYS, Totals=totals))
    assert values(file) == values(opened(DAYS))


def test_a_bad_row_of_a_zip_says_which_file_it_is_in() -> None:
    table = "Content,Video title,Video publish time,Views\nabcdefghijk,A,soon,5\n"
    totals = "Date,Views\n2026-03-01,1\n2026-03-02,-\n"
    file = opened(zipped(Table_data=table, Totals=totals.replace(",-", ",x")))
    list(file.rows())
    assert [(error.line, error.reason.split(": ")[0]) for error in file.errors] == [
        (2, "Table data.csv"),
        (3, "Totals.csv"),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04 and nothing more", "The zip cannot be read"),
        (zipped(Table_data=VIDEOS)[:300], "The zip cannot be read"),
        (zipped(Tabellendaten=VIDEOS), "set Studio's language to English"),
        (zipped(Table_data=b"caf\xe9"), "Table data.csv is not UTF-8"),
        (zipped(Table_data="Content,Geography\n"), "of no format"),
        (zipped(**{f"n{number}": "" for number in range(21)}), "more than 20 files"),
        (zipped(Table_data=b"0" * 32_000_001), "larger than 32,000,000 bytes"),
        (zipped(Table_data="Date,Content,Video title,Video publish time\n"), "Chart data.csv"),
    ],
)
def test_what_is_no_zip_of_studios_is_refused_with_a_sentence(
    content: bytes, sentence: str
) -> None:
    assert sentence in refusal(content)


def test_a_zip_that_is_damaged_inside_is_refused() -> None:
    content = bytearray(zipped(Table_data=VIDEOS))
    start = content.index(b"Table data.csv") + len(b"Table data.csv")
    content[start + 60 : start + 80] = bytes(20)
    assert "The zip cannot be read" in refusal(bytes(content))


def test_a_large_zip_is_refused_before_its_directory_is_read() -> None:
    assert "larger than 4,000,000 bytes" in refusal(b"PK\x03\x04" + bytes(4_000_000))


# --- Spotify ---


def test_each_day_of_the_timeline_has_listeners_streams_and_followers() -> None:
    file = opened(TIMELINE)
    assert values(file) == [
        ("2026-03-01", "listeners", 210),
        ("2026-03-01", "streams", 480),
        ("2026-03-01", "followers", 1500),
        ("2026-03-02", "listeners", 190),
        ("2026-03-02", "streams", 401),
    ]
    assert (file.format, file.notes) == (FileFormat.SPOTIFY_TIMELINE, [])


def test_further_columns_of_the_timeline_are_ignored() -> None:
    timeline = "date,listeners,streams,followers,playlist adds\n2026-03-01,1,2,3,4\n"
    assert [value for _, _, value in values(opened(timeline))] == [1, 2, 3]


@pytest.mark.parametrize("header", ["date,streams", "date,listeners,streams"])
def test_the_timeline_of_one_song_is_refused(header: str) -> None:
    assert "timeline of one song" in refusal(f"{header}\n2026-03-01,1\n")


# --- whose numbers ---


@pytest.mark.parametrize(
    ("content", "platform"), [(VIDEOS, Platform.YOUTUBE), (TIMELINE, Platform.SPOTIFY)]
)
def test_a_file_without_an_account_is_of_the_creators_only_one(
    content: str, platform: Platform
) -> None:
    file = opened(content, account=None, known_accounts={platform: ["Mira Makes"]})
    list(file.rows())
    assert [(key.platform, name) for key, name in file.accounts.items()] == [
        (platform, "Mira Makes")
    ]


@pytest.mark.parametrize("names", [[], ["Mira", "Second"]])
def test_without_exactly_one_account_the_creator_is_asked(names: list[str]) -> None:
    with pytest.raises(AccountNeededError) as caught:
        opened(DAYS, account=None, known_accounts={Platform.YOUTUBE: names})
    assert caught.value.fields == {"platform": "youtube", "accounts": names}


@pytest.mark.parametrize("account", ["a" * 101, "mi\u200bra", "mi\udcffra", "@"])
def test_an_account_that_is_no_name_is_refused(account: str) -> None:
    with pytest.raises(AccountNeededError):
        opened(DAYS, account=account)
