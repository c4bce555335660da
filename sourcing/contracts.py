"""The contracts with a supplier: how long they hold, what rests on them, what to be warned of (SUP-11)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from agreements.models import Edition
from sla import coverage
from sla.models import Agreement, AgreementVersion, CalendarVersion
from sla.queries import knows_what_is_behind
from suppliers.models import Supplier

WARN_DAYS = (30, 60, 90)
IN_FORCE, TO_COME, ENDED, NONE_YET = "in_force", "to_come", "ended", "none_yet"
STATES = {
    IN_FORCE: (_("In force"), "good"),
    TO_COME: (_("To come"), "accent"),
    ENDED: (_("Ended"), "quiet"),
    NONE_YET: (_("No version signed"), "neutral"),
}


@dataclass(frozen=True)
class Rest:
    """An agreement in force that rests on a contract. ``is_longer``: it outlives the contract."""

    agreement: Agreement
    until: datetime | None
    is_longer: bool


@dataclass(frozen=True)
class Contract:
    """A UC as of an instant. ``until``: the end of the last version that follows on; None: open-ended.

    ``warn_days`` is the smallest of WARN_DAYS within which it ends; ``zone`` where its days are counted;
    ``number`` its newest edition's.
    """

    agreement: Agreement
    version: AgreementVersion | None
    versions: Sequence[AgreementVersion]
    state: str
    until: datetime | None
    days_left: int | None
    warn_days: int | None
    rests: Sequence[Rest]
    zone: ZoneInfo
    number: str = ""

    @property
    def too_short(self) -> list[Rest]:
        """The agreements that hold longer than the contract they rest on."""
        return [rest for rest in self.rests if rest.is_longer]


def suppliers(actor: Actor) -> QuerySet[Supplier]:
    """Suppliers are known to those who may read what we agree with them."""
    return Supplier.objects.all() if knows_what_is_behind(actor) else Supplier.objects.none()


def listed(actor: Actor, words: str, *, everybody: bool) -> QuerySet[Supplier]:
    """The suppliers of the list, by name: those worked with, or everybody."""
    rows = suppliers(actor).select_related("responsible").order_by("name_en", "pk")
    if words:
        rows = rows.filter(
            Q(name_en__icontains=words) | Q(name_zh__icontains=words) | Q(code__icontains=words)
        )
    if not everybody:
        # candidates are worked on; who was switched off is not
        rows = rows.filter(Q(is_active=True) | Q(admission=Supplier.Admission.CANDIDATE))
    return rows


def load(of: Iterable[Supplier], now: datetime) -> dict[int, list[Contract]]:
    """The contracts of each supplier by its id, those in force first. A fixed number of queries."""
    rows = list(
        Agreement.objects.filter(kind=Agreement.Kind.UC, supplier__in=[s.pk for s in of])
        .select_related("supplier")
        .order_by("code")
    )
    everything = AgreementVersion.objects.select_related("agreement__customer", "agreement__supplier")
    found = coverage.load(everything.order_by("effective_from", "number"), now)
    by_agreement: dict[int, list[AgreementVersion]] = defaultdict(list)
    for version in found.versions:
        by_agreement[version.agreement_id].append(version)
    numbers = dict(
        Edition.objects.filter(agreement__in=rows)
        .order_by("edition_number")
        .values_list("agreement", "number")
    )
    zones = _zones()
    contracts: dict[int, list[Contract]] = defaultdict(list)
    for row in rows:
        made = _contract(row, by_agreement, found, zones, now, numbers.get(row.pk, ""))
        contracts[row.supplier_id or 0].append(made)
    order = list(STATES)
    return {pk: sorted(own, key=lambda c: order.index(c.state)) for pk, own in contracts.items()}


def _contract(
    row: Agreement,
    by_agreement: dict[int, list[AgreementVersion]],
    found: coverage.Coverage,
    zones: dict[int, ZoneInfo],
    now: datetime,
    number: str,
) -> Contract:
    versions = by_agreement[row.pk]
    running = next((v for v in found.in_force if v.agreement_id == row.pk), None)
    version = running or (versions[-1] if versions else None)
    until = end_of(row, versions, version)
    state = NONE_YET
    if version:
        state = IN_FORCE if running else TO_COME if version.effective_from > now else ENDED
    left = (until - now).days if until and until > now else None
    return Contract(
        agreement=row,
        version=version,
        versions=versions[::-1],
        state=state,
        until=until,
        days_left=left,
        warn_days=next((n for n in WARN_DAYS if left is not None and left < n), None),
        rests=_rests(row, until, by_agreement, found) if version else (),
        zone=zones.get(versions[-1].calendar_id if versions else 0, ZoneInfo(settings.TIME_ZONE)),
        number=number,
    )


def _zones() -> dict[int, ZoneInfo]:
    """The zone of each calendar's newest version; one query."""
    newest = CalendarVersion.objects.order_by("calendar_id", "-number").distinct("calendar_id")
    return {row.calendar_id: ZoneInfo(row.definition["timezone"]) for row in newest}


def end_of(
    row: Agreement, versions: Sequence[AgreementVersion], version: AgreementVersion | None
) -> datetime | None:
    """When an agreement ends: with the last of the versions that follow each other without a gap."""
    end = version.effective_until if version else None
    for later in versions:
        follows = version and later.effective_from > version.effective_from
        if end and follows and later.effective_from <= end:
            end = later.effective_until
    ends = [each for each in (end, row.ended_at) if each]
    return min(ends) if ends else None


def _rests(
    row: Agreement,
    until: datetime | None,
    by_agreement: dict[int, list[AgreementVersion]],
    found: coverage.Coverage,
) -> list[Rest]:
    above = {v.pk: v for v in found.sla}
    resting = {
        above[s.version_id].agreement_id: above[s.version_id]
        for s in found.supports
        if s.agreement_id == row.pk and s.version_id in above
    }
    rests = []
    for version in resting.values():
        own = version.agreement
        end = end_of(own, by_agreement[own.pk], version)
        rests.append(Rest(own, end, until is not None and (end is None or end > until)))
    return sorted(rests, key=lambda rest: rest.agreement.code)
