"""Reading a ServiceNow audit log: a CSV with one row per update of an incident, one line each. PURE.

Times are DD-MM-YYYY HH:MM, read as UTC; `?` means unknown. Rows of an incident are put in order of time;
rows of one minute keep the order of the file. A row whose number, time, state or priority cannot be read
makes the whole incident unusable: half a history would give wrong clocks, and could not be completed later.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from incidents import lifecycle
from incidents.importing.events import FileError, Problem, Reading, Story, Update

SOURCE, SYSTEM = "servicenow", "ServiceNow"
UNKNOWN = frozenset({"?", ""})

# state word -> (our state, what it waits for)
STATES: Mapping[str, tuple[str, str]] = {
    "New": (lifecycle.NEW, ""),
    "Active": (lifecycle.IN_PROGRESS, ""),
    "Awaiting User Info": (lifecycle.ON_HOLD, "customer"),
    "Awaiting Problem": (lifecycle.ON_HOLD, "problem"),
    "Awaiting Vendor": (lifecycle.ON_HOLD, "supplier"),
    "Awaiting Evidence": (lifecycle.ON_HOLD, "evidence"),
    "Resolved": (lifecycle.RESOLVED, ""),
    "Closed": (lifecycle.CLOSED, ""),
    "-100": ("", ""),
}
FACTS = {"category": "category", "subcategory": "subcategory", "u_symptom": "symptom", "location": "site"}
# No place in our incident: a change of these is kept in the log of its row.
OTHER = ("knowledge", "u_priority_confirmation", "notify", "problem_id", "rfc", "vendor", "caused_by")
FINAL = ("resolved_at", "closed_at", "resolved_by", "closed_code", "made_sla")
PEOPLE = ("caller_id", "opened_by", "sys_updated_by", "assigned_to", "assignment_group")
REQUIRED = (
    "number", "incident_state", "reopen_count", "made_sla", "caller_id", "opened_by", "opened_at",
    "sys_updated_by", "sys_updated_at", "location", "category", "subcategory", "u_symptom", "cmdb_ci",
    "impact", "urgency", "priority", "assignment_group", "assigned_to", "closed_code", "resolved_by",
    "resolved_at", "closed_at", *OTHER,
)  # fmt: skip
LONGEST = 100
TIME = "%d-%m-%Y %H:%M"
_RANKED = re.compile(r"([1-4]) - .+")


class _Bad(Exception):
    """A row that cannot be used, or only without one value."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


def read(content: bytes, *, now: datetime) -> Reading:
    """The incidents of a file. FileError if it is no such file; rows after ``now`` are refused."""
    header, rows = _table(content)
    reading = Reading()
    groups: dict[str, list[tuple[int, dict[str, str]]]] = {}
    broken: dict[str, None] = {}
    for line, text in rows:
        try:
            row = _row(header, text)
        except _Bad as bad:
            reading.problems.append(Problem(line, bad.column, str(bad)))
            broken[_number_of_broken(header, text) or f"line {line}"] = None
            continue
        groups.setdefault(row["number"], []).append((line, row))
    for number, numbered in groups.items():
        story = None if number in broken else _story(number, numbered, reading.problems, now)
        if story:
            reading.stories.append(story)
        else:
            broken[number] = None
    reading.problems.sort(key=lambda problem: problem.line)
    reading.rejected = len(broken)
    return reading


# --- the table -------------------------------------------------------------------------------


def _table(content: bytes) -> tuple[list[str], list[tuple[int, str]]]:
    """The column names, and each further line with its number."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileError(f"line {line} is not UTF-8; save the file as CSV in UTF-8") from None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not text.strip():
        raise FileError(f"the file is empty; its first line must name the columns {', '.join(REQUIRED)}")
    try:
        header = [name.strip() for name in _cells(lines[0])]
    except csv.Error as error:
        raise FileError(f"the first line is not CSV: {error}") from None
    if missing := [name for name in REQUIRED if name not in header]:
        raise FileError(f"the first line does not name the columns {', '.join(missing)}")
    if len(set(header)) != len(header):
        twice = sorted({name for name in header if header.count(name) > 1})
        raise FileError(f"the first line names {', '.join(twice)} more than once")
    return header, [(n, line) for n, line in enumerate(lines[1:], 2) if line.strip()]


def _cells(line: str) -> list[str]:
    """One line on its own, so that a quotation mark left open costs that line and no other."""
    return next(csv.reader([line], strict=True))


def _row(header: Sequence[str], text: str) -> dict[str, str]:
    try:
        cells = _cells(text)
    except csv.Error as error:
        raise _Bad("row", f"is not CSV ({error}); is a quotation mark left open?") from None
    if len(cells) != len(header):
        raise _Bad("row", f"has {len(cells)} columns; the first line names {len(header)}")
    row = {name: " ".join(cell.split()) for name, cell in zip(header, cells, strict=True)}
    for name in REQUIRED:
        if "\0" in row[name]:
            raise _Bad(name, "holds a NUL character; remove it")
        if len(row[name]) > LONGEST:
            raise _Bad(name, f"has {len(row[name])} characters; at most {LONGEST} are taken")
    if row["number"] in UNKNOWN:
        raise _Bad("number", "is missing; every row names its incident, such as INC0000045")
    return row


def _number_of_broken(header: Sequence[str], text: str) -> str:
    """The incident a broken row belongs to, if that much can be read."""
    cells = text.split(",")
    place = header.index("number")
    number = cells[place].strip() if place < len(cells) else ""
    return number if re.fullmatch(r"[A-Za-z]{2,5}[0-9]{1,12}", number) else ""


# --- one incident ----------------------------------------------------------------------------


def _story(
    number: str, rows: Sequence[tuple[int, dict[str, str]]], problems: list[Problem], now: datetime
) -> Story | None:
    """The incident's story; None if a row of it cannot be used. Adds to ``problems``."""
    updates: list[Update] = []
    for line, row in rows:
        try:
            updates.append(_update(line, row, now))
        except _Bad as bad:
            problems.append(Problem(line, bad.column, str(bad)))
    line, first = rows[0]
    try:
        opened = None if first["opened_at"] in UNKNOWN else _time(first, "opened_at", now)
    except _Bad as bad:
        problems.append(Problem(line, bad.column, str(bad)))
        return None
    if len(updates) < len(rows):
        return None
    updates.sort(key=lambda update: update.at)
    if after := _after_closing(updates):
        problems.append(after)
        return None
    # A row may lie before opened_at: what is worked on is open.
    began = min(opened, updates[0].at) if opened else updates[0].at
    return Story(
        source=SOURCE,
        system=SYSTEM,
        number=number,
        opened_at=began,
        told_opened_at=first["opened_at"],
        opened_by=_known(first["opened_by"]),
        caller=_known(first["caller_id"]),
        updates=tuple(updates),
        final={name: rows[-1][1][name] for name in FINAL} | _checked_final(rows[-1], problems),
    )


def _after_closing(updates: Sequence[Update]) -> Problem | None:
    closed = False
    for update in updates:
        if closed and update.state not in ("", lifecycle.CLOSED, lifecycle.NEW):
            reason = f"is {update.told_state} after Closed; a closed incident stays closed here"
            return Problem(update.line, "incident_state", reason)
        closed = closed or update.state == lifecycle.CLOSED
    return None


def _checked_final(numbered: tuple[int, dict[str, str]], problems: list[Problem]) -> dict[str, str]:
    """The final times in ISO form. What cannot be read is reported and kept as it is: no clock needs it."""
    line, row = numbered
    found = {}
    for name in ("resolved_at", "closed_at"):
        try:
            if row[name] not in UNKNOWN:
                found[name] = _time(row, name, None).isoformat()
        except _Bad as bad:
            problems.append(Problem(line, name, f"{bad}; the incident is imported without it", False))
    return found


def _update(line: int, row: dict[str, str], now: datetime) -> Update:
    told = row["incident_state"]
    if told not in STATES and told not in UNKNOWN:
        raise _Bad("incident_state", f"{told!r} is not a state; write one of {', '.join(STATES)}")
    state, waiting_for = STATES.get(told, ("", ""))
    reopened = row["reopen_count"]
    return Update(
        line=line,
        at=_time(row, "sys_updated_at", now),
        by=_known(row["sys_updated_by"]),
        told_state=told,
        state=state,
        waiting_for=waiting_for,
        impact=_ranked(row, "impact", 3),
        urgency=_ranked(row, "urgency", 3),
        priority=_ranked(row, "priority", 4),
        priority_words=row["priority"],
        team=_known(row["assignment_group"]),
        assignee=_known(row["assigned_to"]),
        facts={ours: _known(row[theirs]) for theirs, ours in FACTS.items()},
        item=_known(row["cmdb_ci"]),
        times_reopened=int(reopened) if reopened.isascii() and reopened.isdigit() else 0,
        outcome=_known(row["closed_code"]),
        other={name: row[name] for name in OTHER},
    )


def _known(value: str) -> str:
    return "" if value in UNKNOWN else value


def _time(row: Mapping[str, str], name: str, now: datetime | None) -> datetime:
    value = row[name]
    try:
        at = datetime.strptime(value, TIME).replace(tzinfo=UTC)
    except ValueError:
        raise _Bad(name, f"{value!r} is not a time; write it as 29-02-2016 01:23") from None
    if at.year < 1970 or (now and at > now):
        where = "in the future" if now and at > now else "before 1970"
        raise _Bad(name, f"{value} lies {where}; give the time it really happened")
    return at


def _ranked(row: Mapping[str, str], name: str, most: int) -> int | None:
    """The rank in front of a word: 2 for "2 - Medium"; None if unknown."""
    value = row[name]
    if value in UNKNOWN:
        return None
    matched = _RANKED.fullmatch(value)
    if not matched or int(matched[1]) > most:
        example = "2 - High" if most == 4 else "2 - Medium"
        raise _Bad(name, f"{value!r} is not a rank from 1 to {most}; write it as {example}")
    return int(matched[1])
