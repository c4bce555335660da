"""Which promises apply to a record: choosing among loaded rows. PURE.

The rows are anything with the named attributes; models and test doubles serve alike.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol, TypeVar

DEFAULT_MATRIX: Mapping[str, int] = {
    "11": 1, "12": 2, "13": 3,
    "21": 2, "22": 3, "23": 4,
    "31": 3, "32": 4, "33": 4,
}  # fmt: skip


class AgreementRow(Protocol):
    @property
    def customer_id(self) -> int | None: ...
    @property
    def parent_id(self) -> int | None: ...


class VersionRow(Protocol):
    @property
    def number(self) -> int: ...
    @property
    def effective_from(self) -> datetime: ...
    @property
    def effective_until(self) -> datetime | None: ...
    @property
    def agreement(self) -> AgreementRow: ...


class TargetRow(Protocol):
    @property
    def metric(self) -> str: ...
    @property
    def service_id(self) -> int | str | None: ...
    @property
    def priority(self) -> int | None: ...
    @property
    def ticket_kind(self) -> str | None: ...


class Tracked(Protocol):
    """What a clock must know of the record it runs on."""

    pk: int
    kind: str
    customer_id: int
    service_id: int | None
    team_id: int | None
    priority: int
    phase: str
    waiting_for: str
    opened_at: datetime


V = TypeVar("V", bound=VersionRow)
T = TypeVar("T", bound=TargetRow)


def in_force(version: VersionRow, at: datetime) -> bool:
    """True when ``at`` lies in the half-open span of the version."""
    return version.effective_from <= at and (version.effective_until is None or at < version.effective_until)


def general(version: VersionRow) -> int | None:
    """The layer of a version for whoever asks about a customer as a whole: lower layers do not count."""
    return 0 if version.agreement.parent_id is None else None


def choose_version(
    versions: Iterable[V],
    *,
    customer_id: int,
    at: datetime,
    layer: Callable[[V], int | None] = general,
) -> V | None:
    """The customer's own agreement in force at ``at``; else the default commitment; else None.

    ``layer``: how exactly a version fits, the higher the more; None: it is not for this ticket. Of two
    editions in one layer the one that began later counts, then the higher number.
    """
    fitting = [
        (v.agreement.customer_id is not None, rank, v.effective_from, v.number, v)
        for v in versions
        if v.agreement.customer_id in (customer_id, None) and in_force(v, at)
        for rank in [layer(v)]
        if rank is not None
    ]
    return max(fitting, key=lambda found: found[:4])[4] if fitting else None


def choose_targets(
    targets: Iterable[T], *, kind: str, service_id: int | str | None, priority: int
) -> dict[str, T]:
    """For each metric the most exact target of those for all tickets and those for this kind of ticket.

    One for the kind before one for all kinds; then service and priority, service, priority, general.
    """
    best: dict[str, T] = {}
    for target in targets:
        if target.ticket_kind and target.ticket_kind != kind:
            continue
        if target.service_id not in (None, service_id) or target.priority not in (None, priority):
            continue
        held = best.get(target.metric)
        if held is None or _exactness(target) > _exactness(held):
            best[target.metric] = target
    return best


def _exactness(target: TargetRow) -> tuple[bool, bool, bool]:
    return (bool(target.ticket_kind), target.service_id is not None, target.priority is not None)


def priority_of(matrix: Mapping[str, int], *, impact: int, urgency: int) -> int:
    """The priority (1 is highest) of impact and urgency (1 high, 2 medium, 3 low) by a matrix."""
    return matrix[f"{impact}{urgency}"]
