"""What is read from a CSV file, and what is said about the rest."""

import datetime as dt
import io
from contextlib import suppress
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.imports import BadFileError, BadRow, ImportFile
from domain.imports.metric_rows import METRIC_ALIASES
from storage.imported_rows import ImportedValue
from storage.models import Metric, Platform

TODAY = dt.date(2026, 3, 31)
HEADER = "platform,account,date,metric,value\n"


@dataclass(frozen=True, kw_only=True)
class ReadFile:
    """A file that was read to its end."""

    rows: int
    values: list[ImportedValue]
    accounts: list[tuple[Platform, str]]
    errors: list[BadRow]
    error_count: int


def parse(text: str | bytes) -> ReadFile:
    content = text.encode() if isinstance(text, str) else text
    file = ImportFile(io.BytesIO(content), today=TODAY, timezone="UTC")
    values = [row for row in file.rows() if isinstance(row, ImportedValue)]
    return ReadFile(
        rows=file.row_count,
        values=values,
        accounts=[(key.platform, name) for key, name in file.accounts.items()],
        errors=file.errors,
        error_count=file.error_count,
    )


def values(file: ReadFile) -> list[tuple[Platform, str, str, str | None, int | None]]:
    return [
        (*file.accounts[row.account - 1], row.date.isoformat(), row.metric, row.value)
        for row in file.values
    ]


def refusal(text: str | bytes) -> str:
    with pytest.raises(BadFileError) as caught:
        parse(text)
    return caught.value.detail


def bad_row(row: str) -> BadRow:
    """Return what is wrong with the only row of a file."""
    file = parse(HEADER + row)
    assert (file.rows, file.error_count, file.values) == (1, 1, [])
    return file.errors[0]


def bad_value(value: str) -> str:
    found = bad_row(f'instagram,mira,2026-03-01,reach,"{value}"')
    assert found.column == "value"
    return found.reason


def test_a_plain_file_is_read_whole() -> None:
    file = parse(
        HEADER
        + "instagram,mira,2026-03-01,followers,10000\n"
        + "instagram,mira,2026-03-01,likes,0\n"
        + "youtube,Mira Makes,2026-03-02,views,\n"
    )
    assert file.rows == 3
    assert file.errors == []
    assert values(file) == [
        ("instagram", "mira", "2026-03-01", "followers", 10_000),
        ("instagram", "mira", "2026-03-01", "likes", 0),
        ("youtube", "Mira Makes", "2026-03-02", "views", None),
    ]


def test_columns_may_stand_in_any_order_between_semicolons_after_a_byte_order_mark() -> None:
    file = parse("\ufeff Value ;metric;DATE;account;platform\r\n5;posts;2026-03-01;mira;Facebook")
    assert values(file) == [("facebook", "mira", "2026-03-01", "posts", 5)]


def test_names_are_read_in_any_case_and_without_the_spaces_around_them() -> None:
    file = parse(HEADER + " Instagram , @mira , 2026-03-01 , Followers , 7 ")
    assert values(file) == [("instagram", "mira", "2026-03-01", "followers", 7)]


@pytest.mark.parametrize("quoted", ['"mira, ""the maker"""', ' "mira, ""the maker"""'])
def test_quoted_values_may_have_delimiters_and_quotation_marks(quoted: str) -> None:
    file = parse(HEADER + f"instagram,{quoted},2026-03-01,reach,1")
    assert file.accounts == [("instagram", 'mira, "the maker"')]


def test_spellings_of_one_account_are_one_account() -> None:
    file = parse(
        HEADER
        + "instagram,Mira Cafe\u0301,2026-03-01,reach,1\n"
        + "instagram,@mira café,2026-03-02,reach,2\n"
        + "facebook,Mira Café,2026-03-01,reach,3\n"
    )
    assert file.accounts == [("instagram", "Mira Café"), ("facebook", "Mira Café")]
    assert [row.account for row in file.values] == [1, 1, 2]


@pytest.mark.parametrize(
    "spelling", ["\u00a0Mira\u2003Makes ", "mira makes", "MIRA  MAKES", "Mira Makes\ufe0f"]
)
def test_spaces_of_any_kind_and_joiners_make_no_other_account(spelling: str) -> None:
    file = parse(
        HEADER + f"instagram,Mira Makes,2026-03-01,reach,1\nInstagram,{spelling},2026-03-02,reach,2"
    )
    assert file.accounts == [("instagram", "Mira Makes")]


def test_a_name_may_be_joined_as_its_script_or_emoji_needs_it() -> None:
    names = ["👩\u200d🎨 Mira", "मैं हिन्दी क्\u200dष"]
    rows = "".join(f"youtube,{name},2026-03-01,views,1\n" for name in names)
    assert [name for _, name in parse(HEADER + rows).accounts] == names


@pytest.mark.parametrize(("alias", "metric"), METRIC_ALIASES.items())
def test_an_alias_names_its_metric(alias: str, metric: Metric) -> None:
    assert values(parse(HEADER + f"youtube,mira,2026-03-01,{alias},3"))[0][3] is metric


def test_empty_lines_are_ignored_and_still_counted() -> None:
    file = parse(
        "\n\r\n" + HEADER + "\n  \ninstagram,mira,2026-03-01,reach,1\n\ntiktok,a,b,c,d\n\n"
    )
    assert file.rows == 2
    assert [error.line for error in file.errors] == [8]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_each_kind_of_line_break_counts_once(newline: str) -> None:
    text = HEADER + "instagram,mira,2026-03-01,reach,1\ntiktok,mira,2026-03-01,reach,1\n"
    assert parse(text.replace("\n", newline)).errors[0].line == 3


def test_characters_that_only_some_programs_break_lines_at_do_not_count() -> None:
    text = HEADER + "instagram,a\x0bb\x85c,2026-03-01,reach,1\ntiktok,mira,2026-03-01,reach,1\n"
    assert [error.line for error in parse(text).errors] == [2, 3]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty; its first line names the columns."),
        (b"\xef\xbb\xbf\n \n", "The file is empty"),
        (HEADER.encode(), "The file has a header but no rows."),
        (HEADER.encode() + b"instagram,caf\xe9", "The file is not UTF-8 text (line 2)"),
        (HEADER.encode("utf-16"), "The file has NUL bytes"),
        (HEADER.encode() + b"\n" * 9_000 + b"\xc3\x28", "The file is not UTF-8 text (line 9002)"),
        (HEADER.encode() + b"a\xc3", "The file is not UTF-8 text (line 2)"),
        (b"platform,account,date,metric\n", "The header lacks value; the first line names"),
        (b"instagram,mira,2026-03-01,reach,1\n", "The header is of no format that can be read."),
        (b"platform,account,date,metric,value,note\n", 'no others: remove "note".'),
        (b"platform,account,date,metric,value,\n", 'no others: remove "".'),
        (b"platform,account,date,metric,value,date\n", "The header names a column twice"),
        (b'"platform,account,date,metric,value\n', "The header cannot be read: A quotation mark"),
        (b"platform;account,date,metric,value\n", "The header lacks platform, account"),
        (b"Datum,Aufrufe,Wiedergabezeit (Stunden)\n", "set its language to English"),
    ],
)
def test_what_is_no_table_of_metrics_is_refused_with_a_sentence(
    content: bytes, sentence: str
) -> None:
    assert sentence in refusal(content)


def test_a_file_with_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.imports.file.MAX_ROWS", 2)
    row = "instagram,mira,2026-03-01,reach,1\n"
    assert parse(HEADER + row * 2).rows == 2
    assert refusal(HEADER + row * 3) == "The file has more than 2 rows; import it in parts."


def test_a_file_of_empty_lines_is_not_read_for_long() -> None:
    assert refusal(HEADER + "\n" * 2_000_000) == "The file has more than 2,000,000 lines."


def test_a_line_without_an_end_is_one_bad_row() -> None:
    file = parse(HEADER + "x" * 3_000_000 + "\ninstagram,mira,2026-03-01,reach,1\n")
    assert (file.rows, [error.line for error in file.errors]) == (2, [2])
    assert values(file) == [("instagram", "mira", "2026-03-01", "reach", 1)]


def test_a_file_with_too_many_accounts_is_refused() -> None:
    rows = [f"spotify,mira {number},2026-03-01,streams,1\n" for number in range(1_001)]
    assert parse(HEADER + "".join(rows[:1_000])).error_count == 0
    assert refusal(HEADER + "".join(rows)) == "The file names more than 1,000 accounts."


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("tiktok,mira,2026-03-01,reach,1", "platform", '"tiktok" is not one of instagram,'),
        ("instagram,@,2026-03-01,reach,1", "account", "The account is empty."),
        (f"instagram,{'m' * 101},2026-03-01,reach,1", "account", "longer than 100 characters"),
        ("instagram,mi\tra,2026-03-01,reach,1", "account", "has a control character"),
        (
            "instagram,mi\u200bra,2026-03-01,reach,1",
            "account",
            "invisible character in it (U+200B)",
        ),
        (
            "instagram,mira\u202e,2026-03-01,reach,1",
            "account",
            "invisible character in it (U+202E)",
        ),
        (
            "instagram,\ufeffmira,2026-03-01,reach,1",
            "account",
            "invisible character in it (U+FEFF)",
        ),
        (
            "instagram,mi\u00adra,2026-03-01,reach,1",
            "account",
            "invisible character in it (U+00AD)",
        ),
        ("instagram,\u200d,2026-03-01,reach,1", "account", "The account is empty."),
        ("instagram,mira,2026-02-29,reach,1", "date", '"2026-02-29" is not a date like'),
        ("instagram,mira,20260301,reach,1", "date", '"20260301" is not a date like'),
        ("instagram,mira,2026-W09-1,reach,1", "date", '"2026-W09-1" is not a date like'),
        ("instagram,mira,01/03/2026,reach,1", "date", '"01/03/2026" is not a date like'),
        ("instagram,mira,2004-12-31,reach,1", "date", "2004-12-31 is before 2005-01-01."),
        ("instagram,mira,2026-04-01,reach,1", "date", "2026-04-01 is in the future"),
        ("instagram,mira,2026-03-01,plays,1", "metric", '"plays" is not one of followers,'),
        ("instagram,mira,2026-03-01,reach", None, "has 4 values instead of 5."),
        ("instagram,mira,2026-03-01,reach,1,234", None, "has 6 values instead of 5 (numbers"),
        ('instagram,"mira,2026-03-01,reach,1', None, "A quotation mark is not closed"),
        ('instagram,"mira"x,2026-03-01,reach,1', None, "A quotation mark is not closed"),
        (f"instagram,mira,2026-03-01,reach,{' ' * 1000}1", None, "longer than 1,000 characters"),
    ],
)
def test_a_bad_row_is_reported_with_its_column_and_reason(
    row: str, column: str | None, reason: str
) -> None:
    found = bad_row(row)
    assert (found.line, found.column) == (2, column)
    assert reason in found.reason


@pytest.mark.parametrize(
    "character", ["\u200b", "\u202e", "\ufeff", "\u00ad", "\u2066", "\u3164", "\u2800"]
)
def test_an_account_with_an_invisible_character_is_refused(character: str) -> None:
    found = bad_row(f"instagram,mi{character}ra,2026-03-01,reach,1")
    assert found.column == "account"
    assert f"an invisible character in it (U+{ord(character):04X})" in found.reason


@pytest.mark.parametrize("value", ["1,234", "1.234", "1 234", "1'234", "1_234", "1\u202f234"])
def test_a_value_with_separators_is_refused_and_told_how_to_write_it(value: str) -> None:
    assert bad_value(value).endswith("has separators in it; if it is a whole number, write 1234.")


@pytest.mark.parametrize("value", ["1.5", "1e3", "+1", "0x10", "n/a", "١٢", "1,23", "-1.5", "½"])
def test_a_value_that_is_not_a_whole_number_is_refused(value: str) -> None:
    assert bad_value(value) == f'"{value}" is not a whole number.'


def test_a_value_below_zero_is_refused() -> None:
    assert bad_value("-1") == '"-1" is below 0.'


def test_the_largest_value_is_ten_to_the_fifteenth() -> None:
    file = parse(HEADER + "youtube,mira,2026-03-01,views,0001000000000000")
    assert values(file)[0][4] == 10**12
    assert bad_value("1000000000001") == '"1000000000001" is more than 1000000000000.'
    assert "is more than" in bad_value("9" * 900)


def test_the_first_and_the_last_possible_day_are_read() -> None:
    file = parse(HEADER + "youtube,a,2005-01-01,views,1\nyoutube,a,2026-03-31,views,1\n")
    assert [date for _, _, date, _, _ in values(file)] == ["2005-01-01", "2026-03-31"]


def test_a_reason_is_short_and_safe_to_print() -> None:
    reason = bad_row(f"\x1b[31m{'x' * 200},mira,2026-03-01,reach,1").reason
    assert reason.startswith('"?[31m' + "x" * 35 + '…" is not one of')


def test_a_quotation_mark_that_is_never_closed_spoils_its_own_row_only() -> None:
    file = parse(
        HEADER
        + "instagram,mira,2026-03-01,reach,1\n"
        + 'instagram,"mira,2026-03-02,reach,2\n'
        + "instagram,mira,2026-03-03,reach,3\n"
    )
    assert [error.line for error in file.errors] == [3]
    assert [date for _, _, date, _, _ in values(file)] == ["2026-03-01", "2026-03-03"]


def test_at_most_a_hundred_bad_rows_are_reported_and_all_are_counted() -> None:
    file = parse(HEADER + "instagram,mira,today,reach,1\n" * 250)
    assert file.rows == file.error_count == 250
    assert [error.line for error in file.errors] == list(range(2, 102))


CELLS = st.sampled_from(
    ["platform", "instagram", "@a", "2026-03-01", "reach", "5", "", '"', ",", ";", "\n", "\r", "\0"]
)


BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # printable, says Unicode
ANY_BYTES = st.one_of(st.binary(), st.lists(CELLS).map(lambda cells: ",".join(cells).encode()))


@given(ANY_BYTES)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(BadFileError):
        parse(content)


@given(ANY_BYTES)
def test_any_bytes_after_a_header_are_rows_or_bad_rows_or_refused(content: bytes) -> None:
    with suppress(BadFileError):
        file = parse(HEADER.encode() + content)
        assert file.error_count <= file.rows
        assert len(file.values) == file.rows - file.error_count


@given(st.integers(0, 10**12), st.dates(dt.date(2005, 1, 1), TODAY), st.text(max_size=90))
def test_every_valid_row_comes_back_as_it_was_written(
    value: int, date: dt.date, suffix: str
) -> None:
    name = "".join(c for c in suffix if c.isprintable() and c not in BLANKS)
    account = "m" + name.replace('"', '""')
    file = parse(HEADER + f'spotify,"{account}",{date},streams,{value}')
    assert file.errors == []
    assert values(file)[0][2:] == (date.isoformat(), "streams", value)
