"""Histories of tickets as values for the what-if replay, with the verdicts of their live clocks. Reads only.

What a ticket was at each act is told by its log: moves and milestones, edits of priority, impact, urgency and
service, replies of agents, alarms. Queries per batch do not depend on its size.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import BooleanField, Case, JSONField, Q, Value, When
from django.db.models.fields.json import KT, KeyTransform

from accounts.access import STAFF_ROLES, Role
from accounts.models import User
from catalog.models import Service
from records.began import began_of
from records.kinds import TICKETS, Process, process_of
from records.lifecycle import Phase
from records.models import Activity, Record
from sla import policy
from sla.keys import key_of
from sla.models import Agreement, AgreementVersion, CalendarVersion, Clock, ClockEvent, Metric, Target
from sla.replay import Act, Edition, History, Verdict

# Acts by which a metric's event has happened, and the column that keeps when it did; the log keeps only when
# it was written down.
MILESTONES: Mapping[str, tuple[str, str]] = {
    "arrive": (Metric.ON_SITE.value, "on_site_at"),
    "restore": (Metric.RESTORATION.value, "restored_at"),
    "resolve": (Metric.RESTORATION.value, "restored_at"),
    "close": (Metric.CLOSURE.value, "closed_at"),
}
UNDONE: Mapping[str, str] = {"reopen": Metric.RESTORATION.value}
CODED = ("priority", "impact", "urgency")
ALARMS = ("sla.warned", "sla.breached")
RETIMED = "sla.retimed"
APPOINTED = ("sla.appointed", "sla.unappointed")


class Past(NamedTuple):
    """A ticket's history, and how its live clocks stand."""

    record_id: int
    history: History
    before: list[Verdict]


class _Entry(NamedTuple):
    """What is read of an entry of the log."""

    record_id: int
    verb: str
    at: datetime
    actor_id: int
    into: str | None
    reason: str | None
    changes: dict[str, list[Any]] | None
    answers: bool
    edition: str | None
    due: str | None


class _Row(NamedTuple):
    """What is read of a record."""

    pk: int
    kind: str
    customer_id: int
    opened_at: datetime
    priority: int
    impact: int
    urgency: int
    service_id: int | None


@dataclass
class Loader:
    """Loads batch by batch; keeps what all batches share."""

    def load(self, ids: Sequence[int]) -> list[Past]:
        """The histories of these tickets, by id."""
        columns = ("pk", "kind", "customer", "opened_at", *CODED, "service")
        rows = [_Row(*row) for row in Record.objects.filter(pk__in=ids).order_by("pk").values_list(*columns)]
        logs, stops, instants = self._logs(ids), _stops(ids), _columns(rows)
        clocks, began = self._clocks(ids), began_of(rows)
        found = []
        for row in rows:
            live = clocks.get(row.pk, [])
            matrix = self._matrix(row, live)
            told = _Told(row, logs.get(row.pk, []), instants.get(row.pk, {}), stops.get(row.pk, {}), self)
            waived = frozenset((c.metric, c.cycle) for c in live if c.waived_at)
            began_at = self._began(row, live, began)
            history = History(row.opened_at, matrix, told.acts(), waived, row.kind, began_at)
            found.append(Past(row.pk, history, [self._verdict(clock) for clock in live]))
        return found

    @staticmethod
    def _began(row: _Row, live: Sequence["_Clock"], began: Mapping[int, datetime]) -> datetime | None:
        """What a clock went by stays, whatever was written into the column since."""
        counted = min((clock.started_at for clock in live), default=row.opened_at)
        return counted if counted < row.opened_at else began.get(row.pk)

    # --- what all batches share ---

    @cached_property
    def services(self) -> dict[int, str]:
        """Codes of services by id."""
        return dict(Service.objects.values_list("pk", "code"))

    @cached_property
    def programs(self) -> frozenset[int]:
        """Accounts whose replies answer nothing: automation (K-2)."""
        rows = User.objects.filter(grants__role__in=[Role.INTEGRATION, Role.SYSTEM])
        return frozenset(rows.exclude(grants__role__in=STAFF_ROLES).values_list("pk", flat=True))

    @cached_property
    def versions(self) -> list[AgreementVersion]:
        """All versions of agreements with customers."""
        rows = AgreementVersion.objects.filter(agreement__kind=Agreement.Kind.SLA)
        return list(rows.select_related("agreement"))

    @cached_property
    def matrices(self) -> dict[int, Mapping[str, int]]:
        return {version.pk: version.matrix for version in self.versions}

    @cached_property
    def keys(self) -> dict[int, str]:
        """What the targets of these versions are called in their terms, by id."""
        rows = Target.objects.filter(version__agreement__kind=Agreement.Kind.SLA)
        return {
            pk: key_of(metric, self.services.get(service or 0), priority, kind)
            for pk, metric, service, priority, kind in rows.values_list(
                "pk", "metric", "service", "priority", "ticket_kind"
            )
        }

    @cached_property
    def editions(self) -> dict[int, Edition]:
        """The editions of calendars that open clocks were moved to, by id."""
        rows = CalendarVersion.objects.filter(retiming__isnull=False).select_related("calendar")
        return {v.pk: Edition(v.calendar.code, v.effective_from, v.hours) for v in rows}

    # --- one batch ---

    def _logs(self, ids: Sequence[int]) -> dict[int, list[_Entry]]:
        relevant = Q(verb__in=[*_verbs(), *ALARMS, RETIMED, *APPOINTED]) | Q(verb="record.replied")
        relevant |= Q(verb="record.edited", data__changes__has_any_keys=[*CODED, "service"])
        rows = Activity.objects.filter(relevant, record__in=ids).order_by("id")
        by_record: dict[int, list[_Entry]] = defaultdict(list)
        for row in rows.values_list(
            "record", "verb", "at", "actor", KT("data__into"), KT("data__reason__code"),
            Case(
                When(verb="record.edited", then=KeyTransform("changes", "data")),
                default=None, output_field=JSONField(),
            ),
            Case(
                When(verb="record.replied", text__regex=r"\S", then=Value(True)),
                default=Value(False), output_field=BooleanField(),
            ),
            KT("data__version"), KT("data__due"),
        ):  # fmt: skip
            by_record[row[0]].append(_Entry(*row))
        return by_record

    def _clocks(self, ids: Sequence[int]) -> dict[int, list["_Clock"]]:
        rows = Clock.objects.filter(record__in=ids)
        columns = (
            "record", "metric", "cycle", "agreement_version", "target", "state", "spent", "target_seconds",
            "breached_at", "waived_at", "started_at",
        )  # fmt: skip
        by_record: dict[int, list[_Clock]] = defaultdict(list)
        for record, *values in rows.order_by("pk").values_list(*columns):
            by_record[record].append(_Clock(*values))
        return by_record

    def _matrix(self, row: _Row, clocks: Sequence["_Clock"]) -> Mapping[str, int]:
        """The matrix of the version the ticket is pinned to, or would have been."""
        if clocks:
            return self.matrices[clocks[0].version]
        at = row.opened_at
        lasting = [v for v in self.versions if v.agreement.ended_at is None or v.agreement.ended_at > at]
        version = policy.choose_version(lasting, customer_id=row.customer_id, at=at)
        return version.matrix if version else policy.DEFAULT_MATRIX

    def _verdict(self, clock: "_Clock") -> Verdict:
        name = (self.keys[clock.target], clock.metric, clock.cycle)
        if clock.waived_at:
            return Verdict(*name, "excluded")
        if clock.breached_at:
            # of a clock that still runs, `spent` is not the whole
            is_over = clock.state == Clock.State.STOPPED
            late = max(0, clock.spent - (clock.target_seconds or 0)) if is_over else None
            return Verdict(*name, "missed", clock.breached_at, late)
        if clock.state == Clock.State.CANCELLED:
            return Verdict(*name, "excluded")
        return Verdict(*name, "met" if clock.state == Clock.State.STOPPED else "pending")


class _Clock(NamedTuple):
    """What is read of a live clock."""

    metric: str
    cycle: int
    version: int
    target: int
    state: str
    spent: int
    target_seconds: int | None
    breached_at: datetime | None
    waived_at: datetime | None
    started_at: datetime


def _verbs() -> list[str]:
    """The moves and milestones of every kind of ticket, as the log names them."""
    return [f"{kind}.{act}" for kind in TICKETS for act in {*process_of(kind).lifecycle.moves, *MILESTONES}]


def _columns(rows: Iterable[_Row]) -> dict[int, dict[str, datetime]]:
    """By record and metric the instant its column holds; one query for each kind of ticket."""
    found: dict[int, dict[str, datetime]] = {}
    for kind in {row.kind for row in rows}:
        columns = _kept(process_of(kind))
        ids = [row.pk for row in rows if row.kind == kind]
        read = process_of(kind).model._default_manager.filter(pk__in=ids).values_list("pk", *columns.values())
        for pk, *instants in read:
            found[pk] = {metric: at for metric, at in zip(columns, instants, strict=True) if at}
    return found


def _kept(process: Process) -> dict[str, str]:
    """The columns of milestones that this kind of ticket has, by metric."""
    known = {field.name for field in process.model._meta.get_fields()}
    return {metric: column for metric, column in MILESTONES.values() if column in known}


def _stops(ids: Sequence[int]) -> dict[int, dict[str, list[datetime]]]:
    """When live clocks of milestones were stopped: what a column held before it was overwritten."""
    rows = ClockEvent.objects.filter(
        clock__record__in=ids,
        clock__support=None,
        clock__metric__in=[Metric.ON_SITE, Metric.RESTORATION],
        type=ClockEvent.Type.STOP,
    ).order_by("pk")
    found: dict[int, dict[str, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    for record, metric, at in rows.values_list("clock__record", "clock__metric", "at"):
        found[record][metric].append(at)
    return found


class _Told:
    """One ticket's log, told forward from what the ticket was at its opening."""

    def __init__(
        self,
        row: _Row,
        entries: Sequence[_Entry],
        instants: Mapping[str, datetime],
        stops: Mapping[str, Sequence[datetime]],
        shared: Loader,
    ) -> None:
        self.row, self.entries, self.shared = row, entries, shared
        self.instants, self.stops = instants, stops
        self.process = process_of(row.kind)
        self.state = self.process.lifecycle.initial
        self.phase = str(self.process.lifecycle.phases[self.state])
        self.waiting_for = ""
        self.facts = self._at_the_opening()
        self.reached: dict[str, datetime] = {}

    def acts(self) -> list[Act]:
        found = [self._act(self.row.opened_at, "matched")]
        happened = self._happened()
        for n, entry in enumerate(self.entries):
            if entry.verb in ALARMS:
                found.append(self._act(entry.at, "noticed"))
            elif entry.verb == RETIMED:
                edition = self.shared.editions.get(int(entry.edition or 0))
                found.append(self._act(entry.at, "retimed")._replace(edition=edition))
            elif entry.verb in APPOINTED:
                due = datetime.fromisoformat(entry.due) if entry.due else None
                found.append(self._act(entry.at, "appointed")._replace(appointed=due))
            elif entry.verb == "record.replied":
                if entry.answers and entry.actor_id not in self.shared.programs:
                    found.append(self._act(entry.at, "answered"))
            else:
                self._take(entry, happened.get(n))
                found.append(self._act(entry.at, "matched"))
        return found

    def _act(self, at: datetime, kind: Any) -> Act:
        priority, impact, urgency, service = self.facts
        return Act(
            at, kind, self.phase, self.waiting_for, priority, impact, urgency,
            self.shared.services.get(service or 0), self.state in self.process.lifecycle.withdrawn,
            self.reached,
        )  # fmt: skip

    def _at_the_opening(self) -> list[Any]:
        row = self.row
        facts = [row.priority, row.impact, row.urgency, row.service_id]
        for entry in reversed(self.entries):
            if entry.changes:
                _apply(facts, entry.changes, side=0)
        return facts

    def _take(self, entry: _Entry, happened: tuple[str, datetime] | None) -> None:
        if entry.changes is not None:
            _apply(self.facts, entry.changes, side=1)
            return
        action = entry.verb.rpartition(".")[2]
        if happened:
            self.reached = self.reached | {happened[0]: happened[1]}
        if action in UNDONE:
            self.reached = {metric: at for metric, at in self.reached.items() if metric != UNDONE[action]}
        if entry.into is not None:
            self.state = entry.into
            self.phase = str(self.process.lifecycle.phases[entry.into])
            self.waiting_for = (entry.reason or "") if self.phase == Phase.WAITING else ""

    def _happened(self) -> dict[int, tuple[str, datetime]]:
        """By place in the log, which metric's event had happened, and when."""
        # who came is kept in the log where the process has no column for it
        kept = {*_kept(self.process), Metric.ON_SITE.value}
        rounds: dict[str, list[list[int]]] = {metric: [[]] for metric in kept}
        for n, entry in enumerate(self.entries):
            action = entry.verb.rpartition(".")[2]
            metric = MILESTONES.get(action, ("", ""))[0]
            if metric in rounds:
                rounds[metric][-1].append(n)
            if UNDONE.get(action) in rounds:
                rounds[UNDONE[action]].append([])
        return {
            n: (metric, at)
            for metric, listed in rounds.items()
            for n, at in self._instants(metric, listed).items()
        }

    def _instants(self, metric: str, rounds: Sequence[Sequence[int]]) -> dict[int, datetime]:
        """When the event of each act happened. ``rounds``: places of its acts, parted where it was undone.

        The column speaks of the last round, and of its last act. What it held before is known from the stop
        of the live clock if there was one; else an act tells of the instant it was written down.
        """
        found: dict[int, datetime] = {}
        stops, since = deque(self.stops.get(metric, ())), self.row.opened_at
        for places in rounds:
            column = self.instants.get(metric) if places is rounds[-1] else None
            for n in places:
                written = self.entries[n].at
                known = column if column and column <= written else None
                if n == places[0] and not (known and len(places) == 1):
                    while stops and stops[0] < since:
                        stops.popleft()
                    known = stops.popleft() if stops and stops[0] <= written else known
                found[n] = known or written
            since = self.entries[places[-1]].at if places else since
        return found


def _apply(facts: list[Any], changes: Mapping[str, Sequence[Any]], *, side: int) -> None:
    """Set facts to the old (0) or new (1) values of an edit."""
    for place, name in enumerate(CODED):
        if name in changes:
            value = changes[name][side]
            facts[place] = value["code"] if isinstance(value, dict) else value
    if "service" in changes:
        value = changes["service"][side]
        facts[3] = value and value["id"]
