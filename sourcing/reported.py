"""The reports of suppliers: which are expected and late, what they claim beside our own figures (SUP-05)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from reviews.inputs import span as days_of
from reviews.inputs import zone_of_agreement
from servicereports import schedule
from sla.models import Agreement, AgreementVersion
from sla.terms import MeasureTerm, ReportTerm, TargetTerm
from sla.terms_rows import terms_of
from sourcing import figures
from sourcing.contracts import Contract
from sourcing.models import Claim, SupplierReport

MOST = 12  # periods back
UNASKED = "service_level"  # what a report is called where the contract promises none
EXACT = Decimal("0.01")


@dataclass(frozen=True)
class Expected:
    """A report of one period. ``due_on`` None: the contract promises none, but one may be recorded."""

    contract: Agreement
    kind: str
    first: date
    last: date
    due_on: date | None
    report: SupplierReport | None
    today: date

    @property
    def is_overdue(self) -> bool:
        return self.report is None and self.due_on is not None and self.due_on < self.today

    @property
    def days_late(self) -> int:
        """How many days after its day it came, or has not come so far; 0 in time."""
        if self.due_on is None:
            return 0
        end = self.report.received_on if self.report else self.today
        return max(0, (end - self.due_on).days)


def expected(contracts: Iterable[Contract], now: datetime) -> list[Expected]:
    """The reports of the last twelve periods of each contract, the newest first; one query."""
    listed = [contract for contract in contracts if contract.version]
    rows = SupplierReport.objects.filter(agreement__in=[c.agreement.pk for c in listed])
    there = {
        (r.agreement_id, r.kind, r.period_from, r.period_until): r for r in rows.select_related("document")
    }
    found = []
    for contract in listed:
        if contract.version is None:
            continue
        zone = contract.zone
        today = timezone.localdate(now, zone)
        began = min(timezone.localdate(v.effective_from, zone) for v in contract.versions)
        ended = timezone.localdate(contract.until, zone) if contract.until else None
        for term in asked_for(contract.version):
            for first, last in _periods(term.period, began, ended, today):
                key = (contract.agreement.pk, term.kind, first, last)
                due = schedule.due_on(last, term.due_day) if term.due_day else None
                found.append(Expected(contract.agreement, term.kind, first, last, due, there.get(key), today))
    return sorted(found, key=lambda e: (e.first, e.contract.code, e.kind), reverse=True)


def asked_for(version: AgreementVersion) -> Sequence[ReportTerm]:
    """The reports a contract promises; a monthly one without a day where it promises none."""
    return terms_of(version).reports or (ReportTerm(kind=UNASKED, period="month", due_day=0),)


def _periods(period: str, began: date, ended: date | None, today: date) -> list[schedule.Span]:
    """The latest periods that have ended and that the contract was in force in, the newest first."""
    found: list[schedule.Span] = []
    span = schedule.last_ended(today, period)
    while span[1] >= began and len(found) < MOST:
        if ended is None or span[0] < ended:
            found.append(span)
        span = schedule.span_of(span[0] - timedelta(days=1), period)
    return found


# --- claimed beside ours -------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """A target of the contract: what the report claims, what we measured, and whether that differs."""

    term: TargetTerm | MeasureTerm
    claimed: Decimal | None
    handled: int | None
    ours: Decimal | None
    counted: int | None

    @property
    def difference(self) -> Decimal | None:
        """Claimed less ours; None where either is missing."""
        return None if self.claimed is None or self.ours is None else self.claimed - self.ours

    @property
    def differs(self) -> bool:
        """Worth asking the supplier about: another share, another number, or a claim about nothing."""
        if self.difference is not None and abs(self.difference) >= EXACT:
            return True
        if self.handled is not None and self.counted is not None and self.handled != self.counted:
            return True
        return bool(self.handled or self.claimed) and self.counted == 0


def version_at(contract: Agreement, at: datetime) -> AgreementVersion | None:
    """The version in force at an instant, else the newest before it, else the first."""
    rows = AgreementVersion.objects.filter(agreement=contract).select_related("agreement", "calendar")
    before = rows.filter(effective_from__lt=at).order_by("-effective_from", "-number").first()
    return before or rows.order_by("effective_from", "number").first()


def promises(contract: Agreement, last: date) -> Sequence[TargetTerm | MeasureTerm]:
    """What the contract promised at the end of a period."""
    _start, end = days_of(last, last, zone_of_agreement(contract))
    version = version_at(contract, end)
    return terms_of(version).promises if version else ()


def compare(contract: Agreement, first: date, last: date, claims: Iterable[Claim]) -> list[Compared]:
    """Each target of the contract with the claim of a report and our own figure of the same days.

    Measures of a service, such as availability, have no figure of tickets: ``ours`` is None.
    """
    start, end = days_of(first, last, zone_of_agreement(contract))
    ours = figures.by_target(contract, start, end)
    claimed = {claim.key: claim for claim in claims}
    return [_compared(term, claimed.get(term.key), ours) for term in promises(contract, last)]


def _compared(
    term: TargetTerm | MeasureTerm, claim: Claim | None, ours: Mapping[str, figures.Kept]
) -> Compared:
    value, handled = (claim.value, claim.handled) if claim else (None, None)
    if isinstance(term, MeasureTerm):
        return Compared(term, value, handled, None, None)
    kept = ours.get(term.key, figures.Kept(0, 0))
    percent = None if kept.percent is None else Decimal(str(kept.percent))
    return Compared(term, value, handled, percent, kept.decided)
