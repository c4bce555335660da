"""Reading a ServiceNow audit log: what is taken, and how everything else is refused. No database."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from incidents import lifecycle
from incidents.importing import servicenow
from incidents.importing.events import FileError, Reading
from incidents.importing.replay import path

FILE = Path(__file__).parent.parent / "data" / "servicenow_first_60.csv"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LINES = FILE.read_bytes().splitlines()
HEADER = LINES[0].decode().split(",")
FIRST = [line for line in LINES if line.startswith(b"INC0000045,")]


def table(*lines: bytes) -> bytes:
    return b"\n".join([LINES[0], *lines]) + b"\n"


def with_value(line: bytes, column: str, value: str) -> bytes:
    cells = line.decode().split(",")
    cells[HEADER.index(column)] = value
    return ",".join(cells).encode()


def read(*lines: bytes) -> Reading:
    return servicenow.read(table(*lines), now=NOW)


def test_all_rows_of_the_sample_become_updates_in_order_of_time() -> None:
    reading = servicenow.read(FILE.read_bytes(), now=NOW)
    assert len(reading.stories) == 60
    assert sum(len(s.updates) for s in reading.stories) == 374 == len(LINES) - 1
    assert (reading.problems, reading.rejected) == ([], 0)
    for story in reading.stories:
        times = [u.at for u in story.updates]
        assert times == sorted(times)
        assert story.opened_at <= times[0]


def test_question_marks_are_unknown_and_times_are_utc() -> None:
    story = read(*FIRST).stories[0]
    assert story.updates[0].at == datetime(2016, 2, 29, 1, 23, tzinfo=UTC)
    assert story.updates[0].assignee == ""
    assert story.updates[0].item == ""
    assert (story.opened_by, story.caller) == ("Opened by 8", "Caller 2403")
    assert (story.updates[0].impact, story.updates[0].priority) == (2, 3)


def test_a_row_before_opened_at_moves_the_opening() -> None:
    early = with_value(FIRST[0], "sys_updated_at", "28-02-2016 23:00")
    story = read(early, *FIRST[1:]).stories[0]
    assert story.opened_at == datetime(2016, 2, 28, 23, 0, tzinfo=UTC)
    assert story.told_opened_at == "29-02-2016 01:16"


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("sys_updated_at", "2016-02-29 08:53", "write it as 29-02-2016 01:23"),
        ("sys_updated_at", "31-02-2016 08:53", "is not a time"),
        ("sys_updated_at", "?", "is not a time"),
        ("sys_updated_at", "29-02-2099 08:53", "is not a time"),
        ("sys_updated_at", "28-02-2099 08:53", "in the future"),
        ("incident_state", "Exploded", "write one of New, Active"),
        ("priority", "urgent", "write it as 2 - High"),
        ("impact", "4 - Low", "rank from 1 to 3"),
        ("category", "x\0y", "NUL"),
        ("category", "x" * 101, "at most 100"),
        ("number", "?", "every row names its incident"),
    ],
)
def test_a_bad_value_rejects_its_incident_and_no_other(column: str, value: str, says: str) -> None:
    others = [line for line in LINES if line.startswith(b"INC0000047,")]
    reading = read(FIRST[0], with_value(FIRST[1], column, value), *FIRST[2:], *others)
    problem = reading.problems[0]
    assert (problem.line, problem.field) == (3, column)
    assert says in problem.reason
    assert "INC0000047" in [s.number for s in reading.stories]
    assert reading.rejected == 1
    if column != "number":
        assert [s.number for s in reading.stories] == ["INC0000047"]


@pytest.mark.parametrize(
    "broken",
    [
        b"INC0000045,New",
        FIRST[1] + b",one,two",
        FIRST[1].replace(b"Caller 2403", b'"Caller 2403'),
    ],
)
def test_a_line_with_other_columns_or_an_open_quote_costs_its_incident_only(broken: bytes) -> None:
    others = [line for line in LINES if line.startswith(b"INC0000047,")]
    reading = read(FIRST[0], broken, *FIRST[2:], *others)
    assert [(p.line, p.field) for p in reading.problems] == [(3, "row")]
    assert [s.number for s in reading.stories] == ["INC0000047"]
    assert reading.rejected == 1


def test_an_unreadable_final_value_is_reported_and_rejects_nothing() -> None:
    lines = [with_value(line, "resolved_at", "soon") for line in FIRST]
    reading = read(*lines)
    assert len(reading.stories) == 1
    assert reading.rejected == 0
    assert [(p.field, p.rejects) for p in reading.problems] == [("resolved_at", False)]
    assert reading.stories[0].final["resolved_at"] == "soon"


def test_an_incident_that_goes_on_after_closing_is_rejected() -> None:
    after = with_value(with_value(FIRST[3], "incident_state", "Active"), "sys_updated_at", "06-03-2016 12:00")
    reading = read(*FIRST, after)
    assert reading.stories == []
    assert reading.problems[0].field == "incident_state"
    assert "after Closed" in reading.problems[0].reason


def test_the_unknown_state_is_no_state() -> None:
    reading = read(with_value(FIRST[0], "incident_state", "-100"), *FIRST[1:])
    assert reading.stories[0].updates[0].state == ""


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"a,b,c\n1,2,3\n", "does not name the columns number"),
        (LINES[0].replace(b",priority,", b",prio,") + b"\n", "does not name the columns priority"),
        (LINES[0] + b",number\n", "more than once"),
        ("\ufeff".encode("utf-16") + b"\xff\xfe", "is not UTF-8"),
        (table(FIRST[0].replace(b"Phone", b"T\xe9l")), "line 2 is not UTF-8"),
        (b'"number\n', "not CSV"),
    ],
)
def test_what_is_no_such_file_is_refused_as_a_whole(content: bytes, says: str) -> None:
    with pytest.raises(FileError, match=says):
        servicenow.read(content, now=NOW)


def test_a_byte_order_mark_and_windows_lines_are_taken() -> None:
    reading = servicenow.read(b"\xef\xbb\xbf" + b"\r\n".join([LINES[0], *FIRST]), now=NOW)
    assert len(reading.stories[0].updates) == len(FIRST)


@pytest.mark.parametrize("wanted", sorted(lifecycle.LIFECYCLE.states() - {lifecycle.CANCELLED}))
@pytest.mark.parametrize("state", sorted(lifecycle.LIFECYCLE.states() - {lifecycle.CANCELLED}))
@pytest.mark.parametrize("is_reopened", [True, False])
def test_every_path_is_legal_and_leads_where_the_row_says(state: str, wanted: str, is_reopened: bool) -> None:
    if state == lifecycle.CLOSED and wanted not in (lifecycle.CLOSED, lifecycle.NEW):
        return  # refused by the reader
    reached = state
    for move in path(state, wanted, is_reopened=is_reopened):
        reached = lifecycle.LIFECYCLE.next_state(reached, move)
    if wanted != lifecycle.NEW:
        assert reached == wanted or (state == wanted and reached == state)
    else:
        assert reached in {lifecycle.NEW, lifecycle.IN_PROGRESS, state}
