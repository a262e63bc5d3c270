"""What is read from a CSV file, and what is said about the rest."""

import datetime as dt
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import metric_file
from domain.metric_file import BadFileError, BadRow, MetricFile, parse_metric_file
from storage.models import Metric, Platform

TODAY = dt.date(2026, 3, 31)
HEADER = "platform,account,date,metric,value\n"


def parse(text: str | bytes) -> MetricFile:
    content = text.encode() if isinstance(text, str) else text
    return parse_metric_file(content, today=TODAY)


def values(file: MetricFile) -> list[tuple[Platform, str, str, Metric, int | None]]:
    return [
        (key.platform, file.accounts[key], date.isoformat(), metric, value)
        for (key, date), named in file.days.items()
        for metric, value in named.items()
    ]


def refusal(text: str | bytes) -> str:
    with pytest.raises(BadFileError) as caught:
        parse(text)
    return caught.value.detail


def bad_row(row: str) -> BadRow:
    """Return what is wrong with the only row of a file."""
    file = parse(HEADER + row)
    assert (file.rows, file.error_count, file.days) == (1, 1, {})
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
    assert list(file.accounts.values()) == ['mira, "the maker"']


def test_spellings_of_one_account_are_one_account() -> None:
    file = parse(
        HEADER
        + "instagram,Mira Cafe\u0301,2026-03-01,reach,1\n"
        + "instagram,@mira café,2026-03-02,reach,2\n"
        + "facebook,Mira Café,2026-03-01,reach,3\n"
    )
    assert [(key.platform, name) for key, name in file.accounts.items()] == [
        ("instagram", "Mira Café"),
        ("facebook", "Mira Café"),
    ]


@pytest.mark.parametrize(("alias", "metric"), metric_file.METRIC_ALIASES.items())
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
        (b"", "The file is empty; its first line names the columns: platform,account,"),
        (b"\xef\xbb\xbf\n \n", "The file is empty"),
        (HEADER.encode(), "The file has a header but no rows."),
        (HEADER.encode() + b"instagram,caf\xe9", "The file is not UTF-8 text (line 2)"),
        (HEADER.encode("utf-16"), "The file has NUL bytes"),
        (HEADER.encode() + b"\n" * 9_000 + b"\xc3\x28", "The file is not UTF-8 text (line 9002)"),
        (HEADER.encode() + b"a\xc3", "The file is not UTF-8 text (line 2)"),
        (b"platform,account,date,metric\n", "The header lacks value; the first line names"),
        (b"instagram,mira,2026-03-01,reach,1\n", "The header lacks platform, account, date,"),
        (b"platform,account,date,metric,value,note\n", 'no others: remove "note".'),
        (b"platform,account,date,metric,value,\n", 'no others: remove "".'),
        (b"platform,account,date,metric,value,date\n", "The header names a column twice"),
        (b'"platform,account,date,metric,value\n', "The header cannot be read: A quotation mark"),
        (b"platform;account,date,metric,value\n", "The header lacks platform, account"),
    ],
)
def test_what_is_no_table_of_metrics_is_refused_with_a_sentence(
    content: bytes, sentence: str
) -> None:
    assert sentence in refusal(content)


def test_a_file_with_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metric_file, "MAX_ROWS", 2)
    row = "instagram,mira,2026-03-01,reach,1\n"
    assert parse(HEADER + row * 2).rows == 2
    assert refusal(HEADER + row * 3) == "The file has more than 2 rows; import it in parts."


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


def test_a_row_may_repeat_a_value_but_not_contradict_it() -> None:
    file = parse(
        HEADER
        + "youtube,mira,2026-03-01,followers,10\n"
        + "youtube,@Mira,2026-03-01,subscribers,10\n"
        + "youtube,mira,2026-03-01,followers,11\n"
        + "youtube,mira,2026-03-01,followers,\n"
    )
    assert values(file) == [("youtube", "mira", "2026-03-01", "followers", 10)]
    assert file.errors == [
        BadRow(
            line=line,
            column="value",
            reason="Line 2 has another value for the same day and metric.",
        )
        for line in (4, 5)
    ]


def test_at_most_a_hundred_bad_rows_are_reported_and_all_are_counted() -> None:
    file = parse(HEADER + "instagram,mira,today,reach,1\n" * 250)
    assert file.rows == file.error_count == 250
    assert [error.line for error in file.errors] == list(range(2, 102))


CELLS = st.sampled_from(
    ["platform", "instagram", "@a", "2026-03-01", "reach", "5", "", '"', ",", ";", "\n", "\r", "\0"]
)


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
        assert sum(len(named) for named in file.days.values()) <= file.rows - file.error_count


@given(st.integers(0, 10**12), st.dates(dt.date(2005, 1, 1), TODAY), st.text(max_size=90))
def test_every_valid_row_comes_back_as_it_was_written(
    value: int, date: dt.date, suffix: str
) -> None:
    account = "m" + "".join(c for c in suffix if c.isprintable()).replace('"', '""')
    file = parse(HEADER + f'spotify,"{account}",{date},streams,{value}')
    assert file.errors == []
    assert values(file)[0][2:] == (date.isoformat(), "streams", value)
