"""Files of configuration items as people have them: encodings, delimiters, Excel, and what is refused."""

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook

from verifications import reading
from verifications.reading import Unreadable, read

TABLE = "名称,序列号\n北京核心交换机,SN-001\n上海接入交换机,SN-002\n"


def workbook(*rows: list[Any]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def code_of(raw: bytes, **how: Any) -> str:
    with pytest.raises(Unreadable) as refused:
        read(raw, **how)
    return refused.value.code


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (TABLE.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + TABLE.encode(), "utf-8"),
        (TABLE.encode("gbk"), "gb18030"),
        (TABLE.encode("utf-16"), "utf-16"),
    ],
    ids=["UTF-8", "with a mark", "GBK", "UTF-16"],
)
def test_chinese_is_read_in_the_encodings_spreadsheets_write(raw: bytes, encoding: str) -> None:
    sheet = read(raw)
    assert sheet.columns == ("名称", "序列号")
    assert [line.cells for line in sheet.lines] == [
        ("北京核心交换机", "SN-001"),
        ("上海接入交换机", "SN-002"),
    ]
    assert sheet.encoding == encoding


def test_an_encoding_that_was_chosen_is_used_or_refused_with_the_line() -> None:
    raw = TABLE.replace("北京", "臺北").encode("big5hkscs", "replace")
    assert read(raw, encoding="big5hkscs").lines[0].cells[0].startswith("臺北")
    with pytest.raises(Unreadable) as refused:
        read(TABLE.encode("gbk"), encoding="utf-8")
    assert (refused.value.code, refused.value.params["line"]) == ("not_this_encoding", 1)


def test_bytes_of_no_encoding_are_refused_with_the_line_they_begin_in() -> None:
    with pytest.raises(Unreadable) as refused:
        read(b"name,serial\nrouter,1\n\xff\xff\xff,2\n")
    assert (refused.value.code, refused.value.params["line"]) == ("encoding", 3)


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_the_heading(sign: str) -> None:
    sheet = read(f'name{sign}site\n"a{sign}b"{sign}Beijing\n'.encode())
    assert sheet.columns == ("name", "site")
    assert sheet.lines[0].cells == (f"a{sign}b", "Beijing")


def test_lines_keep_the_number_they_have_in_the_file() -> None:
    sheet = read(b'name,note\n\n"two\nlines",x\n,\nlast,y\n')
    assert [(line.number, line.cells[0]) for line in sheet.lines] == [(3, "two\nlines"), (6, "last")]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b"name,site\n", "only_heading"),
        (b"name,Name\nx,y\n", "column_twice"),
        (b"\xd0\xcf\x11\xe0 old", "old_excel"),
        (b"\x89PNG\x00\x00", "binary"),
        (b'name\n"never closed\n', "broken_line"),
        (b"PK\x03\x04 nothing", "broken_excel"),
    ],
)
def test_what_is_no_table_is_refused_by_what_it_is(raw: bytes, code: str) -> None:
    assert code_of(raw) == code


def test_too_large_too_long_and_too_wide_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_SIZE", 50)
    assert code_of(b"x" * 51) == "too_large"
    monkeypatch.undo()
    monkeypatch.setattr(reading, "MAX_LINES", 2)
    assert code_of(b"name\na\nb\nc\n") == "too_many_lines"
    assert code_of(",".join(f"c{n}" for n in range(101)).encode()) == "too_many_columns"


def test_an_archive_that_unpacks_to_a_flood_is_refused_before_it_is_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 500_000)
    monkeypatch.setattr(reading, "MAX_UNPACKED", 100_000)
    assert code_of(out.getvalue()) == "too_large"
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("word/document.xml", b"<x/>")
    assert code_of(other.getvalue()) == "not_a_table"


def test_cells_of_a_workbook_are_read_as_people_typed_them() -> None:
    raw = workbook(["name", "u", "price", "bought", "core"], ["路由器", 42.0, 12.5, date(2026, 3, 2), True])
    assert read(raw).lines[0].cells == ("路由器", "42", "12.5", "2026-03-02", "true")


def test_formulas_are_refused_at_their_cell_in_both_kinds_of_file() -> None:
    sheet = read(workbook(["name", "serial"], ["a", "=A1&1"], ["b", "x"]))
    assert [(f.code, f.column) for f in sheet.lines[0].faults] == [("formula", 1)]
    assert not sheet.lines[1].faults
    sheet = read(b'name,serial\na,=1+1\nb,"=""00123"""\nc,-5\n')
    assert [f.code for f in sheet.lines[0].faults] == ["formula"]
    assert [line.cells[1] for line in sheet.lines[1:]] == ["00123", "-5"]
    assert not sheet.lines[1].faults


def test_more_cells_than_columns_and_control_signs_are_faults_of_the_line() -> None:
    sheet = read(b"name,site\na,b,c\nx\x07y,b\nok\n")
    assert [f.code for line in sheet.lines for f in line.faults] == ["more_cells", "control_characters"]
    assert sheet.lines[2].cells == ("ok", "")
