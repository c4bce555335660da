"""What is promised to whom, and where a promise is missing, twice there, or stands on nothing (SLM-59).

Agreements are few beside tickets: all versions in force are read at once, whatever the number of customers
shown, and the rest is choosing among loaded rows by the very rules that start the clocks (sla.policy).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from accounts.models import Organisation
from catalog.models import Service
from sla import policy
from sla.models import Agreement, AgreementVersion, Metric, Target, Underpinning
from sla.terms import Terms
from sla.terms_rows import terms_of

CORE = (Metric.FIRST_RESPONSE.value, Metric.RESOLUTION.value)
"""What a customer expects a promise about for every service and priority."""

PRIORITIES = (1, 2, 3, 4)
SOON = timedelta(days=60)


@dataclass(frozen=True)
class Cell:
    """One service and priority of a customer: the metrics promised, and those of CORE that are not."""

    promised: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """A service of a customer over the four priorities. ``agreement`` None: nothing at all applies."""

    service: Service
    agreement: Agreement | None
    cells: tuple[Cell, ...]

    @property
    def is_default(self) -> bool:
        return self.agreement is not None and self.agreement.customer_id is None


@dataclass(frozen=True)
class Finding:
    """Something to act on. ``detail`` names the target or the date it is about, ``words`` says more."""

    agreement: Agreement
    detail: str = ""
    until: datetime | None = None
    other: Agreement | None = None
    words: str = ""


@dataclass
class Coverage:
    """All agreements as of an instant, ready for questions. ``at`` is UTC."""

    at: datetime
    versions: Sequence[AgreementVersion]
    targets: Mapping[int, Sequence[Target]]
    supports: Sequence[Underpinning] = field(default_factory=list)

    @cached_property
    def in_force(self) -> list[AgreementVersion]:
        """The version that counts of each agreement in force, by kind and code."""
        newest: dict[int, AgreementVersion] = {}
        for version in self.versions:
            ended = version.agreement.ended_at
            if not policy.in_force(version, self.at) or (ended and ended <= self.at):
                continue
            held = newest.get(version.agreement_id)
            if held is None or (held.effective_from, held.number) < (version.effective_from, version.number):
                newest[version.agreement_id] = version
        return sorted(newest.values(), key=lambda v: (v.agreement.kind, v.agreement.code))

    @cached_property
    def sla(self) -> list[AgreementVersion]:
        return [v for v in self.in_force if v.agreement.kind == Agreement.Kind.SLA]

    @cached_property
    def terms(self) -> dict[int, Terms]:
        """The terms of each version in force by its id."""
        return {v.pk: terms_of(v) for v in self.in_force if v.terms}

    def lines(self, customer: Organisation, services: Iterable[Service]) -> list[Line]:
        """The grid of one customer: a line per service, a cell per priority."""
        version = policy.choose_version(self.sla, customer_id=customer.pk, at=self.at)
        if version is None:
            nothing = (Cell((), CORE),) * len(PRIORITIES)
            return [Line(service, None, nothing) for service in services]
        return [self._line(service, self._layer(version, service)) for service in services]

    def _layer(self, version: AgreementVersion, service: Service) -> AgreementVersion:
        """The lower agreement that is for this service of everybody, if there is one."""
        lower = [
            each
            for each in self.sla
            if each.agreement.parent_id == version.agreement_id
            and service.code in each.terms.get("services", [])
            and not each.agreement.people.exists()
        ]
        return max(lower, key=lambda each: (each.effective_from, each.number), default=version)

    def _line(self, service: Service, version: AgreementVersion) -> Line:
        rows = self.targets.get(version.pk, ())
        return Line(service, version.agreement, tuple(_cell(rows, service.pk, p) for p in PRIORITIES))

    # --- findings ---------------------------------------------------------------------------

    def duplicates(self) -> list[Finding]:
        """Customers with more than one agreement in force: all but the one that counts."""
        own: dict[int, list[AgreementVersion]] = defaultdict(list)
        for version in self.sla:
            if version.agreement.customer_id and version.agreement.parent_id is None:
                own[version.agreement.customer_id].append(version)
        found = []
        for customer, versions in own.items():
            counts = policy.choose_version(versions, customer_id=customer, at=self.at)
            found += [
                Finding(v.agreement, other=counts.agreement if counts else None)
                for v in versions
                if v is not counts
            ]
        return found

    def expired(self) -> list[Finding]:
        """Agreements with customers whose last version has run out, without being ended as such."""
        running = {v.agreement_id for v in self.in_force}
        last: dict[int, AgreementVersion] = {}
        for version in self.versions:
            begun = version.effective_from <= self.at and version.agreement.ended_at is None
            if begun and version.agreement_id not in running:
                last[version.agreement_id] = version
        return [Finding(v.agreement, until=v.effective_until) for v in last.values()]

    def expiring(self) -> list[Finding]:
        """Agreements in force that end within 60 days and have no later version."""
        found = []
        for version in self.in_force:
            end = version.effective_until
            later = any(
                v.agreement_id == version.agreement_id and v.effective_from > version.effective_from
                for v in self.versions
            )
            if end and end <= self.at + SOON and not later:
                found.append(Finding(version.agreement, until=end))
        return found

    def without_support(self) -> list[Finding]:
        """Targets of customers' agreements behind which no OLA or UC stands."""
        supported = {(s.version_id, s.target_key) for s in self.supports}
        found = []
        for version in self.sla:
            if version.agreement.customer_id is None:
                continue
            terms = self.terms.get(version.pk)
            if terms is None:
                keys = [t.key for t in self.targets.get(version.pk, ())]
            else:
                keys = [t.key for t in terms.promises if not t.underpinned_by]
            found += [
                Finding(version.agreement, detail=key) for key in keys if (version.pk, key) not in supported
            ]
        return found

    def without_method(self) -> list[Finding]:
        """Targets of which the agreement does not say how they are measured."""
        return [
            Finding(version.agreement, detail=term.key)
            for version in self.in_force
            if version.pk in self.terms
            for term in self.terms[version.pk].promises
            if not (term.method.en or term.method.zh)
        ]

    def ends_too_early(self) -> list[Finding]:
        """OLAs and UCs that end before an SLA resting on them does (SUP-11)."""
        running = {v.agreement_id: v for v in self.in_force}
        sla = {v.pk: v for v in self.sla}
        found: dict[tuple[int, int], Finding] = {}
        for support in self.supports:
            above, below = sla.get(support.version_id), running.get(support.agreement_id)
            if above is None:
                continue
            end = below.effective_until if below else self.at
            if end and (above.effective_until is None or end < above.effective_until):
                key = (support.agreement_id, above.agreement_id)
                found[key] = Finding(support.agreement, until=end, other=above.agreement)
        return list(found.values())

    def uncovered(self, services: Iterable[Service]) -> list[Service]:
        """Services that no customer's agreement in force speaks of."""
        covered: set[str] = set()
        for version in self.sla:
            if version.agreement.customer_id is None:
                continue
            terms = self.terms.get(version.pk)
            if terms is None or not terms.services:
                return []  # an agreement without a list covers whatever the catalogue holds
            covered |= set(terms.services)
        return [service for service in services if service.code not in covered]


def _cell(rows: Sequence[Target], service: int, priority: int) -> Cell:
    chosen = policy.choose_targets(rows, kind="incident", service_id=service, priority=priority)
    promised = tuple(metric for metric in Metric.values if metric in chosen)
    return Cell(promised, tuple(metric for metric in CORE if metric not in chosen))


@dataclass(frozen=True)
class Extra:
    """A kind of finding that an app above knows of: its key, title, meaning, and where the rows come from."""

    key: str
    title: Any
    text: Any
    rows: Callable[[Coverage], list[Finding]]


_EXTRAS: dict[str, Extra] = {}


def add(extra: Extra) -> None:
    """Show findings of an app above on the page. Called from AppConfig.ready(); safe to repeat."""
    _EXTRAS[extra.key] = extra


def extras() -> list[Extra]:
    """What was added, in the order of being added."""
    return list(_EXTRAS.values())


def load(versions: Iterable[AgreementVersion], at: datetime) -> Coverage:
    """The versions given (with their agreements), their targets and what stands behind them; two queries."""
    listed = list(versions)
    ids = [v.pk for v in listed]
    targets: dict[int, list[Target]] = defaultdict(list)
    for target in Target.objects.filter(version__in=ids).select_related("service"):
        targets[target.version_id].append(target)
    supports = Underpinning.objects.filter(version__in=ids).select_related("agreement")
    return Coverage(at, listed, targets, list(supports))
