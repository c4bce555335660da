"""An incident's history as values, whatever system it comes from. PURE.

State words are our own (``incidents.lifecycle``); instants are UTC. None or "" means that the file does not
say.
"""

from dataclasses import dataclass, field
from datetime import datetime


class FileError(Exception):
    """The file as a whole cannot be read; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one row, and what would be right. ``rejects``: its incident is not imported."""

    line: int
    field: str
    reason: str
    rejects: bool = True

    def __str__(self) -> str:
        return f"line {self.line}, field {self.field}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Update:
    """One row: what the incident looked like after somebody saved it.

    ``told_state`` is the file's own word for the state; ``other`` holds the columns that have no place in
    our incident, kept for the log; ``outcome`` is the file's code for how it was solved.
    """

    line: int
    at: datetime
    by: str
    told_state: str
    state: str
    waiting_for: str
    impact: int | None
    urgency: int | None
    priority: int | None
    priority_words: str
    team: str
    assignee: str
    facts: dict[str, str]
    item: str
    times_reopened: int
    outcome: str
    other: dict[str, str]


@dataclass(frozen=True, slots=True)
class Story:
    """All that happened to one incident, oldest first. ``final`` is what the file says it came to."""

    source: str
    system: str
    number: str
    opened_at: datetime
    told_opened_at: str
    opened_by: str
    caller: str
    updates: tuple[Update, ...]
    final: dict[str, str]


@dataclass(slots=True)
class Reading:
    """What a file holds: stories that can be replayed, problems, and how many incidents were given up.

    A bad row that names no incident counts as one of its own.
    """

    stories: list[Story] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rejected: int = 0
