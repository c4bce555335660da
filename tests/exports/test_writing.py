"""Tables as files: what a spreadsheet finds in them, and what it never runs."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from exports import cells, csv_table, sheet_table
from exports.columns import Column
from exports.writing import csv_lines, write_csv, write_xlsx

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 20, 4, 0, 0, tzinfo=UTC)


def sheet_of(path: Path) -> Any:
    return load_workbook(path).active


COLUMNS = (
    Column("title", "Title", lambda row: row["title"]),
    Column("count", "Count", lambda row: row["count"], "number"),
    Column("at", "Opened", lambda row: row["at"], "moment"),
    Column("day", "Day", lambda row: row["day"], "date"),
    Column("took", "Took", lambda row: row["took"], "duration"),
    Column("ok", "Kept", lambda row: row["ok"], "flag"),
)
ROW: dict[str, Any] = {
    "title": "打印机 “没有” 反应, again",
    "count": Decimal("12.50"),
    "at": NOON,
    "day": date(2026, 11, 21),
    "took": timedelta(hours=123, minutes=4, seconds=5),
    "ok": True,
}
NOTHING: dict[str, Any] = dict.fromkeys(ROW)


def as_csv(path: Path, rows: list[dict[str, Any]], language: str = "en") -> list[list[str]]:
    write_csv(path, COLUMNS, rows, language=language, zone=SHANGHAI)
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def texts(*values: str) -> list[dict[str, Any]]:
    return [{**NOTHING, "title": value} for value in values]


@pytest.mark.req("RPT-13")
def test_a_csv_says_its_zone_and_keeps_numbers_dates_and_chinese(tmp_path: Path) -> None:
    found = as_csv(tmp_path / "a.csv", [ROW, NOTHING])
    assert found[0] == ["Title", "Count", "Opened (Asia/Shanghai)", "Day", "Took", "Kept"]
    assert found[1] == [ROW["title"], "12.50", "2026-11-20 12:00:00", "2026-11-21", "123:04:05", "yes"]
    assert found[2] == [""] * 6
    raw = (tmp_path / "a.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == 3
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv"]


DANGEROUS = (
    "=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1+1", "\u3000=1",
    "\u00a0@x", "\u200b=1", "\ufeff=1", "＝1+1", "＋1", "－1+2", "＠SUM(1)", "-", "+86 10 12",
)  # fmt: skip


@pytest.mark.req("RPT-13")
@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_is_a_formula_in_either_kind_of_file(text: str, tmp_path: Path) -> None:
    found = as_csv(tmp_path / "a.csv", texts(text))
    assert found[1][0] == "'" + text
    write_xlsx(tmp_path / "a.xlsx", COLUMNS, texts(text), language="en", zone=SHANGHAI)
    square = sheet_of(tmp_path / "a.xlsx")["A2"]
    assert square.data_type == "s"
    assert square.value == text.replace("\r", "\n")
    assert square.quotePrefix


@pytest.mark.parametrize("text", ["-5", "-5.25", "12", "a=b", "x@y.cn", "a-b", "漏斗=1"])
def test_what_is_harmless_stays_as_it_is(text: str, tmp_path: Path) -> None:
    assert as_csv(tmp_path / "a.csv", texts(text))[1][0] == text


@given(st.text(max_size=60))
def test_every_text_comes_back_as_itself_or_behind_an_apostrophe(text: str) -> None:
    line = csv_table.lines(COLUMNS[:1], texts(text), UTC, 0).decode()
    back = next(csv.reader(io.StringIO(line, newline=""))) if line != "\r\n" else [""]
    plain = cells.words(text)
    assert back[0] in (plain, f"'{plain}")
    assert not cells.is_dangerous(back[0])


@pytest.mark.req("RPT-13")
def test_a_text_with_semicolons_is_quoted_so_that_no_formula_hides_behind_one() -> None:
    assert csv_table.lines(COLUMNS[:1], texts("a;=1+1"), UTC, 0) == b'"a;=1+1"\r\n'


@pytest.mark.req("RPT-13")
def test_a_workbook_has_real_dates_and_numbers_a_frozen_head_and_filters(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    rows = [
        ROW,
        {**NOTHING, "took": timedelta(seconds=-90), "count": 10**16, "at": datetime(1850, 1, 1, tzinfo=UTC)},
    ]
    assert write_xlsx(path, COLUMNS, rows, language="en", zone=SHANGHAI, name="Queue: all/open & <new>") == 2
    sheet = sheet_of(path)
    assert sheet.title == "Queue all open & <new>"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:F3"
    assert [c.value for c in sheet[1]][2] == "Opened (Asia/Shanghai)"
    title, count, at, day, took, kept = sheet[2]
    assert title.value == ROW["title"]
    assert count.value == 12.5
    assert at.value == datetime(2026, 11, 20, 12, 0)  # noqa: DTZ001
    assert at.number_format.replace("\\", "") == "yyyy-mm-dd hh:mm:ss"
    assert day.value == datetime(2026, 11, 21)  # noqa: DTZ001
    assert took.value == timedelta(hours=123, minutes=4, seconds=5)
    assert kept.value == "yes"
    late = sheet[3]
    assert late[1].value == str(10**16)  # Excel would round it
    assert late[2].value.startswith("1850-01-01")
    assert late[4].value == "-0:01:30"
    assert late[0].value is None
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.xlsx"]


def test_words_follow_the_language_and_a_label_may_be_lazy(tmp_path: Path) -> None:
    from django.utils.translation import gettext_lazy

    columns = [Column("state", gettext_lazy("State"), lambda row: gettext_lazy("New"))]
    write_csv(tmp_path / "a.csv", columns, [1], language="zh-hans", zone=SHANGHAI)
    assert (tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()[0] == '"状态"'


def test_letters_excel_would_read_as_codes_and_control_characters_come_back_unchanged_or_not(
    tmp_path: Path,
) -> None:
    write_xlsx(tmp_path / "a.xlsx", COLUMNS, texts("_x0041_ \x00\x1b<&>\ud800"), language="en", zone=SHANGHAI)
    assert sheet_of(tmp_path / "a.xlsx")["A2"].value in ("_x0041_ <&>", "_x005F_x0041_ <&>")


def test_a_cell_holds_what_excel_can(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", COLUMNS, texts("😀" * 40_000), language="en", zone=SHANGHAI)
    value = sheet_of(tmp_path / "a.xlsx")["A2"].value
    assert len(value.encode("utf-16-le")) // 2 <= cells.LONGEST
    assert value.endswith("😀…")


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_table, "MOST_ROWS", 2)
    with pytest.raises(ValueError, match="more than 2"):
        write_xlsx(tmp_path / "a.xlsx", COLUMNS, [NOTHING] * 3, language="en", zone=SHANGHAI)
    assert not (tmp_path / "a.xlsx").exists()


def test_the_columns_of_a_sheet_have_their_names() -> None:
    assert [sheet_table.letters(n) for n in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip


def test_a_streamed_table_is_the_same_as_the_file(tmp_path: Path) -> None:
    rows = [{**ROW, "count": n} for n in range(2500)]
    write_csv(tmp_path / "a.csv", COLUMNS, rows, language="en", zone=SHANGHAI)
    assert (
        b"".join(csv_lines(COLUMNS, rows, language="en", zone=SHANGHAI)) == (tmp_path / "a.csv").read_bytes()
    )
