"""What is told by itself, once each: admissions and contracts that end, and rejected goods not settled.

A contract made as an edition tells of its end by the days its terms name (agreements.renewal). Contracts
without an edition, and those that end before what rests on them, become actions here.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.services import system_actor
from actions import services as actions
from actions.models import Action
from records import log as records_log
from records.models import Record
from sourcing import admission, contracts
from sourcing.models import Delivery
from sourcing.purchases import waiting
from sourcing.rating import responsible_for
from suppliers.models import Supplier

_ADMISSION_ENDS = _("Admission of %(name)s ends on %(day)s: renew what proves it")
_ADMISSION_LAPSED = _("Admission of %(name)s lapsed on %(day)s: no new contract until it is renewed")
_CONTRACT_ENDS = _("Contract %(name)s ends within %(days)s days, on %(day)s")
_CONTRACT_SHORT = _("Contract %(name)s ends on %(day)s, before %(agreement)s, which rests on it")
WITHIN = timedelta(days=14)


def tell(*, now: datetime) -> int:
    """All of it; answers how many actions were opened and people reminded. Safe to repeat."""
    return _admissions(now) + _contracts(now) + _goods(now)


def _open(words: object, key: str, supplier: Supplier, now: datetime, **named: object) -> int:
    """An action for who answers for the supplier, once per key. ``named`` may hold labels."""
    if Action.objects.filter(key=key).exists():
        return 0
    texts = records_log.bilingual(words)
    values = {
        lang: {k: v[lang] if isinstance(v, dict) else v for k, v in named.items()} for lang in ("en", "zh")
    }
    title = " · ".join(texts[lang] % values[lang] for lang in ("en", "zh"))
    actions.open_action(
        source=Action.Source.SUPPLIER, title=title[:200], description=title,
        responsible=responsible_for(supplier), due_on=timezone.localdate(now) + WITHIN,
        actor=system_actor(), now=now, key=key,
    )  # fmt: skip
    return 1


def _admissions(now: datetime) -> int:
    today, told = timezone.localdate(now), 0
    near = today + timedelta(days=admission.WARN_DAYS)
    for supplier in Supplier.objects.filter(is_active=True, admitted_until__lte=near).order_by("pk"):
        until = supplier.admitted_until
        lapsed = supplier.has_lapsed(today)
        words = _ADMISSION_LAPSED if lapsed else _ADMISSION_ENDS
        step = "lapsed" if lapsed else "ends"
        told += _open(
            words, f"admission-{step}:{supplier.pk}:{until}", supplier, now, name=supplier.label,
            day=str(until),
        )  # fmt: skip
    return told


def _contracts(now: datetime) -> int:
    """The nearest of 90, 60, 30 days that is reached, once; and what ends before what rests on it."""
    told = 0
    by_supplier = contracts.load(Supplier.objects.filter(is_active=True), now)
    for contract in (c for own in by_supplier.values() for c in own):
        supplier, until = contract.agreement.supplier, contract.until
        if supplier is None or until is None or contract.days_left is None:
            continue
        day, name = until.astimezone(contract.zone).date().isoformat(), contract.agreement.label
        key = f"{contract.agreement.pk}:{day}"
        if contract.warn_days and not contract.number:
            told += _open(
                _CONTRACT_ENDS, f"uc-ends:{key}:{contract.warn_days}", supplier, now, name=name, day=day,
                days=contract.warn_days,
            )  # fmt: skip
        for rest in contract.too_short:
            told += _open(
                _CONTRACT_SHORT, f"uc-short:{key}:{rest.agreement.pk}", supplier, now, name=name, day=day,
                agreement=rest.agreement.label,
            )  # fmt: skip
    return told


def _goods(now: datetime) -> int:
    """Rejected goods whose day has passed: who asked and who buys are told, once a week."""
    actor, today, told = system_actor(), timezone.localdate(now), 0
    for pk in waiting(today).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = Delivery.objects.select_for_update(of=("self",)).get(pk=pk)
            if row.settled_at or (row.reminded_on and (today - row.reminded_on).days < 7):
                continue
            row.reminded_on = today
            row.save(update_fields=["reminded_on"])
            records_log.write(
                Record.objects.get(pk=row.purchase_id), "procurement.goods_overdue", actor=actor, at=now,
                day=str(row.settle_by),
            )  # fmt: skip
            told += 1
    return told
