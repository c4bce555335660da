"""How the supplier of a procurement is chosen: directly with a reason, or by a tender among a shortlist.

A tender is planned before offers come: whom we invite, until when, and by which criteria of which weight we
compare (SUP-06). Only active suppliers whose admission holds take part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from records import log as records_log
from records.files import Upload
from records.services import refuse, save
from sourcing import purchase_lifecycle as lifecycle
from sourcing import scoring, services
from sourcing.models import Criterion, Mark, Offer, Purchase
from sourcing.purchases import LARGEST, begun
from suppliers.models import Supplier

LEAST_INVITED = 2
MOST_CRITERIA = 12
SELECTING = frozenset({lifecycle.SELECTING})


class Weighed(NamedTuple):
    """A criterion as it is entered."""

    name_en: str
    name_zh: str
    weight: int


@dataclass(frozen=True)
class Compared:
    """An offer with its points by criterion (by id) and its score; None until all are given."""

    offer: Offer
    points: Mapping[int, int]
    score: float | None
    is_best: bool


def eligible(today: date) -> QuerySet[Supplier]:
    """Who may be invited or chosen: active, and admitted for longer than today."""
    holds = Q(admitted_until=None) | Q(admitted_until__gte=today)
    return Supplier.objects.filter(holds, is_active=True).order_by("name_en", "pk")


def _check_eligible(field: str, suppliers: Sequence[Supplier], now: datetime) -> None:
    if any(not each.may_contract(timezone.localdate(now)) for each in suppliers):
        raise refuse(field, _("Only active suppliers whose admission holds can be chosen."))


def choose_directly(
    purchase: Purchase, *, supplier: Supplier, reason: str, actor: Actor, now: datetime
) -> Purchase:
    """Choose a supplier without a tender, with the reason."""
    if not reason.strip():
        raise refuse("reason", _("Say why this supplier, and why without a tender."), "required")
    _check_eligible("supplier", [supplier], now)
    with transaction.atomic():
        current = begun(purchase, "run_purchase", SELECTING, actor, now)
        if current.offers.exists():
            raise refuse("supplier", _("A tender is under way; choose one of its offers."))
        return _choose(current, Purchase.Method.DIRECT, supplier, reason, actor, now)


def _choose(
    current: Purchase, method: str, supplier: Supplier, reason: str, actor: Actor, now: datetime
) -> Purchase:
    current.method, current.supplier, current.selection_reason = method, supplier, reason.strip()
    current.selected_by_id, current.selected_at = actor.user_id, now
    columns = ["method", "supplier", "selection_reason", "selected_by", "selected_at"]
    save(current, columns, now=now)
    records_log.write(
        current, "procurement.supplier_chosen", actor=actor, at=now, text=reason.strip(),
        supplier=supplier.label, method=records_log.bilingual(Purchase.Method(method).label),
    )  # fmt: skip
    return current


def plan(
    purchase: Purchase,
    *,
    invited: Sequence[Supplier],
    criteria: Sequence[Weighed],
    until: date,
    actor: Actor,
    now: datetime,
) -> Purchase:
    """Plan a tender, or plan it anew while no offer has come."""
    _check_plan(invited, criteria, until, now)
    with transaction.atomic():
        current = begun(purchase, "run_purchase", SELECTING, actor, now)
        if current.supplier_id:
            raise refuse("invited", _("The supplier is chosen already."))
        if current.offers.exclude(recorded_at=None).exists():
            words = _("Offers have come; by what they are compared cannot change any more.")
            raise refuse("criteria", words)
        current.offers.all().delete()
        current.criteria.all().delete()
        Criterion.objects.bulk_create(
            Criterion(purchase=current, position=n, **each._asdict()) for n, each in enumerate(criteria, 1)
        )
        Offer.objects.bulk_create(Offer(purchase=current, supplier=each) for each in invited)
        current.method, current.offers_until = Purchase.Method.TENDER, until
        save(current, ["method", "offers_until"], now=now)
        names = [each.label for each in invited]
        records_log.write(
            current, "procurement.tender_planned", actor=actor, at=now, day=until.isoformat(),
            suppliers={"en": ", ".join(n["en"] for n in names), "zh": "、".join(n["zh"] for n in names)},
        )  # fmt: skip
    return current


def _check_plan(invited: Sequence[Supplier], criteria: Sequence[Weighed], until: date, now: datetime) -> None:
    if len({each.pk for each in invited}) < LEAST_INVITED:
        message = _("Invite at least %(n)s suppliers; with fewer, choose one directly and say why.")
        raise refuse("invited", message % {"n": LEAST_INVITED})
    _check_eligible("invited", invited, now)
    if until < timezone.localdate(now):
        raise refuse("until", _("This day has passed."))
    if not 1 <= len(criteria) <= MOST_CRITERIA:
        raise refuse("criteria", _("Name from 1 to %(n)s criteria.") % {"n": MOST_CRITERIA})
    if any(not c.name_en.strip() or not 1 <= c.weight <= 100 for c in criteria):
        raise refuse("criteria", _("Every criterion has a name and a weight from 1 to 100."))
    if sum(c.weight for c in criteria) != 100:
        raise refuse("criteria", _("The weights are 100 in all."))


def record_offer(
    offer: Offer,
    *,
    price: Decimal,
    received_on: date,
    points: Mapping[int, int],
    actor: Actor,
    now: datetime,
    note: str = "",
    upload: Upload | None = None,
) -> Offer:
    """Write down an offer that came: its price, and points of 100 for each criterion, by the criterion's id.

    Written again it corrects, until a supplier is chosen.
    """
    if not 0 <= price <= LARGEST:
        raise refuse("price", _("Give an amount that is not negative and not out of all reason."))
    if received_on > timezone.localdate(now):
        raise refuse("received_on", _("This lies in the future."))
    with transaction.atomic():
        current = begun(offer.purchase, "run_purchase", SELECTING, actor, now)
        if current.supplier_id:
            raise refuse("price", _("The supplier is chosen already."))
        _check_points(current, points)
        found = Offer.objects.select_for_update(of=("self",)).select_related("supplier").get(pk=offer.pk)
        if current.offers_until and received_on > current.offers_until:
            raise refuse("received_on", _("This came after the last day for offers."))
        if upload:
            title = f"{current.number} {upload.name}"[: services.MOST_TITLE]
            found.document = services.add_document(
                found.supplier, upload=upload, title=title, actor=actor, now=now
            )
        found.price, found.received_on, found.note = price, received_on, note.strip()
        found.recorded_by_id, found.recorded_at = actor.user_id, now
        found.save()
        for criterion, value in points.items():
            Mark.objects.update_or_create(offer=found, criterion_id=criterion, defaults={"points": value})
        save(current, [], now=now)
        records_log.write(
            current, "procurement.offer_recorded", actor=actor, at=now, supplier=found.supplier.label,
            price=f"{current.currency} {price:,.2f}",
        )  # fmt: skip
    return found


def _check_points(purchase: Purchase, points: Mapping[int, int]) -> None:
    known = set(purchase.criteria.values_list("pk", flat=True))
    if set(points) - known:
        raise refuse("points", _("There is no such criterion."))
    if any(not 0 <= value <= 100 for value in points.values()):
        raise refuse("points", _("Give points from 0 to 100."))


def compared(purchase: Purchase) -> list[Compared]:
    """The invited suppliers with their offers, the best score first, those without last; three queries."""
    weights = dict(purchase.criteria.values_list("pk", "weight"))
    offers = purchase.offers.select_related("supplier", "document").prefetch_related("marks")
    rows = []
    for offer in offers.order_by("pk"):
        points = {mark.criterion_id: mark.points for mark in offer.marks.all()}
        score = scoring.weighted(points, weights) if offer.price is not None else None
        rows.append((offer, points, score))
    best = max((score for _offer, _points, score in rows if score is not None), default=None)
    found = [Compared(o, p, s, s is not None and s == best) for o, p, s in rows]
    return sorted(found, key=lambda c: (c.score is None, -(c.score or 0), c.offer.pk))


def choose_offer(purchase: Purchase, *, offer: Offer, reason: str, actor: Actor, now: datetime) -> Purchase:
    """Decide the tender, with the reasons, above all where it is not the offer with the best score."""
    if not reason.strip():
        raise refuse("reason", _("Say by what you decide."), "required")
    with transaction.atomic():
        current = begun(purchase, "run_purchase", SELECTING, actor, now)
        rows = {row.offer.pk: row for row in compared(current)}
        chosen = rows.get(offer.pk)
        if chosen is None:
            raise refuse("offer", _("There is no such offer."))
        if chosen.score is None:
            raise refuse("offer", _("This offer has no price yet, or is not judged by every criterion."))
        pending = current.offers.filter(recorded_at=None).exists()
        if pending and current.offers_until and timezone.localdate(now) <= current.offers_until:
            raise refuse("offer", _("Others may still offer until the last day of the tender."))
        _check_eligible("offer", [chosen.offer.supplier], now)
        return _choose(current, Purchase.Method.TENDER, chosen.offer.supplier, reason, actor, now)
