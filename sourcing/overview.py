"""All suppliers side by side: their figures of some days, and their contracts. Few queries, however many."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, QuerySet, Sum

from accounts.access import Actor
from agreements import keepers
from agreements.models import Keeper
from reports.period import Period
from reviews import lifecycle
from reviews.models import Review
from sla.models import Breach, Clock, Holding
from sourcing import contracts, figures, shown
from sourcing.models import Defect, Document
from suppliers.models import Supplier


def periods(step: str, now: datetime) -> list[Period]:
    """What may be looked at: the present month, quarter or year and those before it."""
    zone = ZoneInfo(settings.TIME_ZONE)
    return figures.spans(now.astimezone(zone).date(), zone, step)


def rows(suppliers: QuerySet[Supplier], days: tuple[date, date], *, now: datetime) -> list[dict[str, Any]]:
    """Each active supplier's figures of some days, with the addresses of the lists; by its own zone."""
    found = list(suppliers.filter(is_active=True).order_by("name_en", "pk"))
    zones = _zones(found, now)
    scores = _scores(found, days)
    made = []
    for zone in sorted(set(zones.values()), key=str):
        own = [s for s in found if zones[s.pk] == zone]
        period = Period(*days, zone)
        counted = _counted(own, period, now)
        for supplier in own:
            row = shown.month_row(supplier, counted[supplier.pk])
            made.append({**row, "supplier": supplier, "score": scores.get(supplier.pk)})
    return sorted(made, key=lambda row: (row["supplier"].name_en, row["supplier"].pk))


def _zones(found: Sequence[Supplier], now: datetime) -> dict[int, ZoneInfo]:
    """Where each supplier's days are counted, as figures.zone_of says, for all of them at once."""
    usual = ZoneInfo(settings.TIME_ZONE)
    held = contracts.load(found, now)
    zones = {}
    for supplier in found:
        signed = [c for c in held.get(supplier.pk, []) if c.version]
        first = min(signed, key=lambda c: c.agreement.pk, default=None)
        zones[supplier.pk] = first.zone if first else usual
    return zones


def _scores(found: Sequence[Supplier], days: tuple[date, date]) -> dict[int, int]:
    """The score of the review whose period ended in these days; of several the last."""
    rows = Review.objects.filter(
        supplier__in=found, score__isnull=False, period_until__gte=days[0], period_until__lte=days[1]
    ).exclude(state=lifecycle.CANCELLED)
    return dict(rows.order_by("period_until", "pk").values_list("supplier", "score"))


def _counted(own: Sequence[Supplier], period: Period, now: datetime) -> dict[int, figures.Figures]:
    clocks = Clock.every.filter(
        support__supplier__in=own, decided_at__gte=period.start, decided_at__lt=period.end, waived_at=None
    )
    kept = clocks.order_by().values("support__supplier").annotate(**figures.OUTCOME_COUNTS)
    outcomes: dict[int, Any] = {row["support__supplier"]: row for row in kept}
    held = Holding.objects.filter(
        figures.within(period.start, period.end), supplier__in=own, party=Holding.Party.SUPPLIER
    )
    times = held.order_by().values("supplier").annotate(
        time=Sum(figures.overlap(period.start, period.end, now)), n=Count("record", distinct=True)
    )  # fmt: skip
    hands = {row["supplier"]: row for row in times}
    missed = Breach.objects.filter(
        agreement__supplier__in=own, clock__support=None, at__gte=period.start, at__lt=period.end
    )
    breaches = Counter(missed.values_list("agreement__supplier", flat=True))
    raised = Defect.objects.filter(supplier__in=own, raised_at__gte=period.start, raised_at__lt=period.end)
    problems = Counter(raised.values_list("supplier", flat=True))
    made = {}
    for supplier in own:
        hand, kept_row = hands.get(supplier.pk), outcomes.get(supplier.pk, {})
        seconds = int(hand["time"].total_seconds()) if hand and hand["time"] else 0
        made[supplier.pk] = figures.Figures(
            period, seconds, hand["n"] if hand else 0, kept_row.get("met", 0), kept_row.get("missed", 0),
            breaches[supplier.pk], problems[supplier.pk],
        )  # fmt: skip
    return made


# --- contracts ------------------------------------------------------------------------------------


def all_contracts(actor: Actor, state: str, now: datetime) -> list[dict[str, Any]]:
    """The contracts with all suppliers the actor knows; in one state, or ending soon."""
    found: list[Supplier] = list(contracts.suppliers(actor).select_related("responsible"))
    return contract_rows(found, now=now, state=state)


def contract_rows(found: Iterable[Supplier], *, now: datetime, state: str = "") -> list[dict[str, Any]]:
    """Every contract with validity, who answers for it, and its files; those ending first stand first."""
    listed = list(found)
    held = [c for own in contracts.load(listed, now).values() for c in own]
    if state == "ending":
        held = [c for c in held if c.warn_days]
    elif state:
        held = [c for c in held if c.state == state]
    ids = [c.agreement.pk for c in held]
    files = Document.objects.filter(agreement__in=ids, removed_at=None)
    counted = Counter(files.values_list("agreement", flat=True))
    owners = _owners(ids)
    by_pk = {each.pk: each for each in listed}
    rows = []
    for contract in held:
        supplier = by_pk[contract.agreement.supplier_id or 0]
        owner = owners.get(contract.agreement.pk) or supplier.responsible
        rows.append(
            {
                **shown.contract_row(contract), "supplier": supplier, "responsible": owner,
                "files": counted[contract.agreement.pk],
            }
        )  # fmt: skip
    far = datetime.max.replace(tzinfo=now.tzinfo)
    order = list(contracts.STATES)
    return sorted(rows, key=lambda r: (order.index(r["contract"].state), r["contract"].until or far))


def _owners(ids: Sequence[int]) -> dict[int, Any]:
    """Who answers for each agreement, the one named last."""
    rows = keepers.present().filter(agreement__in=ids, part=Keeper.Part.OWNER).order_by("pk")
    found: dict[int, Any] = defaultdict(lambda: None)
    for row in rows:
        found[row.agreement_id or 0] = row.person
    return found
