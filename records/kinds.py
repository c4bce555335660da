"""The kinds of work there are, and what each process registers about itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from records.lifecycle import Lifecycle
    from records.models import Record


class Kind(StrEnum):
    """A kind of record; its value is the prefix of its activity verbs."""

    INCIDENT = "incident"
    REQUEST = "request"
    AGREEMENT = "agreement"
    ACTION = "action"
    IMPROVEMENT = "improvement"
    REVIEW = "review"
    REQUIREMENT = "requirement"
    REPORT = "report"
    ARTICLE = "article"
    COMPLAINT = "complaint"
    SURVEY = "survey"
    ANNOUNCEMENT = "announcement"
    MAJOR = "major"
    ASSESSMENT = "assessment"
    RELATION = "relation"
    PROBLEM = "problem"
    KNOWN_ERROR = "known_error"
    CHANGE = "change"
    BOARD = "board"
    RELEASE = "release"
    TRANSITION = "transition"
    ITEM_AUDIT = "item_audit"
    PROCUREMENT = "procurement"
    PROCESS_REPORT = "process_report"


PREFIXES = {
    Kind.INCIDENT: "INC",
    Kind.REQUEST: "REQ",
    Kind.AGREEMENT: "AGR",
    Kind.ACTION: "ACT",
    Kind.IMPROVEMENT: "SIP",
    Kind.REVIEW: "REV",
    Kind.REQUIREMENT: "SLR",
    Kind.REPORT: "RPT",
    Kind.COMPLAINT: "CMP",
    Kind.SURVEY: "SUR",
    Kind.ARTICLE: "KB",
    Kind.ANNOUNCEMENT: "ANN",
    Kind.MAJOR: "MAJ",
    Kind.ASSESSMENT: "DSA",
    Kind.RELATION: "CRR",
    Kind.PROBLEM: "PRB",
    Kind.KNOWN_ERROR: "KE",
    Kind.CHANGE: "CHG",
    Kind.BOARD: "CAB",
    Kind.RELEASE: "REL",
    Kind.TRANSITION: "TRN",
    Kind.ITEM_AUDIT: "CIA",
    Kind.PROCUREMENT: "PUR",
    Kind.PROCESS_REPORT: "PRR",
}
# What a customer asks of us: it has clocks, stands in the desk's queue and shows in the portal.
TICKETS = (Kind.INCIDENT.value, Kind.REQUEST.value)
# What customers see of the provider's own work: those among them who take part (Watch).
SHARED = (Kind.REVIEW.value, Kind.REQUIREMENT.value, Kind.COMPLAINT.value, Kind.SURVEY.value)


@dataclass(frozen=True)
class Process:
    """What the kernel must know of a process; registered once, when the process's app is ready."""

    kind: Kind
    model: "type[Record]"
    lifecycle: "Lifecycle"
    labels: Any  # the states as TextChoices: value -> translated word
    detail_url: str  # URL name of the agents' page, taking the number
    moves: dict[str, Any] = field(default_factory=dict)  # move -> translated button text
    reasons: dict[str, Any] = field(default_factory=dict)  # reason for waiting -> translated words
    editable: frozenset[str] = frozenset()  # fields edit() may change, of Record and of the process
    resumed_by_reply: frozenset[str] = frozenset()  # reasons for waiting that a customer's reply ends
    is_ticket: bool = True
    customer_url: str = "portal:detail"  # URL name of the customers' page, taking the number
    # role of a customer -> the states in which it sees its organisation's records of this kind
    shown_to: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # metrics of the clocks whose event has happened to a record, and when (sla.following.follow)
    reached: "Callable[[Any], Mapping[str, datetime]]" = lambda record: {}
    # who a record waits for that waits for a supplier
    supplier_of: "Callable[[Any], int | None]" = lambda record: None
    on_breach: "Callable[..., None] | None" = None  # (record, *, metric, actor, now)
    # where records of one kind go different ways (standard, normal, emergency change): the way of a row of
    # ``model``, one of ``ways``; ``lifecycle`` is then all ways together (Lifecycle.joined)
    way_of: "Callable[[Any], Lifecycle] | None" = None
    ways: "tuple[Lifecycle, ...]" = ()

    def lifecycle_of(self, record: "Record") -> "Lifecycle":
        """What may happen to this record; ``record`` is a row of the process's own model."""
        return self.way_of(record) if self.way_of else self.lifecycle


_PROCESSES: dict[str, Process] = {}


def register(process: Process) -> None:
    """Make a process known to the kernel. Called from AppConfig.ready(); safe to repeat."""
    if process.is_ticket != (process.kind.value in TICKETS):
        raise ValueError(f"{process.kind.value} is a ticket in TICKETS or in its process, and not in both")
    _PROCESSES[process.kind.value] = process


def process_of(kind: str) -> Process:
    """The process that owns records of this kind. KeyError for a kind nobody registered."""
    return _PROCESSES[kind]


def processes() -> list[Process]:
    """All registered processes."""
    return list(_PROCESSES.values())


def ticket_reasons() -> dict[str, Any]:
    """What tickets of any kind may wait for, in words; an agreement says which of it pauses the clocks."""
    found: dict[str, Any] = {}
    for kind in TICKETS:
        found |= process_of(kind).reasons
    return found
