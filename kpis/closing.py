"""Confirming an indicator for a period: by its checker, once it is over, and for good (KPI-03, KPI-06).

Figures and the rows behind them are read in one statement, so that they are of the same instant. Mistakes
come back as ValidationError keyed by field, refusals as access.Denied.
"""

import hashlib
import json
import zlib
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from kpis import engine
from kpis.engine import Asked, Kpi
from kpis.models import Checker, Confirmation, Weighing
from kpis.scoring import Scale, score
from records.log import bilingual
from records.services import refuse

# --- who checks, and how it is weighed ------------------------------------------------------------


def readable(actor: Actor) -> list[Kpi]:
    """The indicators somebody may read: all for managers, for a checker those to check; two queries at most.

    access.Denied for who has nothing to do with any.
    """
    known = engine.all_kpis()
    if access.may(actor, "dashboard"):
        return known
    access.require(actor, "confirm_kpi")
    roles = set(Checker.objects.filter(person=actor.user_id).values_list("role", flat=True))
    found = [kpi for kpi in known if kpi.entry.checker.en in roles]
    if not found:
        raise access.Denied(actor, "dashboard")
    return found


def confirmable(actor: Actor) -> list[Kpi]:
    """All that somebody may confirm (see may_confirm); one query."""
    if not access.may(actor, "confirm_kpi"):
        return []
    named: dict[str, set[int]] = {}
    for role, person in Checker.objects.values_list("role", "person"):
        named.setdefault(role, set()).add(person)
    leads = access.may(actor, "lead_kpis")
    return [
        kpi
        for kpi in engine.all_kpis()
        if (actor.user_id in people if (people := named.get(kpi.entry.checker.en)) else leads)
    ]


def may_confirm(actor: Actor, kpi: Kpi) -> bool:
    """Who fills the role that checks it; where nobody is named, those who lead the indicators."""
    if not access.may(actor, "confirm_kpi"):
        return False
    people = set(Checker.objects.filter(role=kpi.entry.checker.en).values_list("person", flat=True))
    if kpi.entry.checker.en and people:
        return actor.user_id in people
    return access.may(actor, "lead_kpis")


def name_checkers(role: str, people: Sequence[int], *, actor: Actor) -> None:
    """Name who fills a checking role, instead of those before."""
    access.require(actor, "lead_kpis")
    if role not in {kpi.entry.checker.en for kpi in engine.all_kpis()} - {""}:
        raise refuse("role", _("No indicator is checked by this role."), "invalid_choice")
    with transaction.atomic():
        Checker.objects.filter(role=role).exclude(person__in=people).delete()
        Checker.objects.bulk_create(
            [Checker(role=role, person_id=person) for person in people], ignore_conflicts=True
        )


def weigh(
    kpi: Kpi,
    *,
    since: date,
    weight: Decimal,
    goal: Decimal | None,
    floor: Decimal | None,
    points: Decimal,
    actor: Actor,
    now: datetime,
) -> Weighing:
    """Set weight, goal and band for periods that begin on a day or later. The newest for a day counts."""
    access.require(actor, "lead_kpis")
    if weight < 0 or points < 0:
        raise refuse("weight" if weight < 0 else "points", _("A number from 0 on."))
    if (goal is None) != (floor is None):
        words = _("Give both: the figure that is worth 100 points, and the one that is worth none.")
        raise refuse("goal" if goal is None else "floor", words)
    if goal is not None and goal == floor:
        raise refuse("floor", _("It must differ from the goal."))
    return Weighing.objects.create(
        kpi=kpi.id, since=since, weight=weight, goal=goal, floor=floor, points=points,
        set_by_id=actor.user_id, set_at=now,
    )  # fmt: skip


def scales(first: date) -> dict[str, Scale]:
    """How each indicator is weighed in a period that begins on a day; one query."""
    rows = Weighing.objects.filter(since__lte=first).order_by("kpi", "-since", "-pk").distinct("kpi")
    return {row.kpi: Scale(row.weight, row.goal, row.floor, row.points) for row in rows}


# --- confirming -----------------------------------------------------------------------------------


def covers(asked: Asked) -> bool:
    """Whether who asks covers all the customers the figure is about."""
    scope = asked.actor.scope
    return scope is None or asked.customer in scope


def confirmations(kpi: Kpi, asked: Asked) -> list[Confirmation]:
    """What was confirmed for exactly this period and customer, the newest first; of those one covers."""
    if not covers(asked):
        return []
    rows = Confirmation.objects.filter(
        kpi=kpi.id, period_from=asked.period.first, period_until=asked.period.last, customer=asked.customer
    )
    return list(rows.defer("rows").select_related("confirmed_by").order_by("-number"))


def confirm(
    kpi: Kpi,
    asked: Asked,
    *,
    points: Decimal | None = None,
    reason: str = "",
    evidence: str = "",
    expected: int | None = None,
) -> Confirmation:
    """Close a period for an indicator, or correct what was closed; ``asked`` says who, when and what.

    ``points`` are the checker's own score, with reason and evidence; without them the figure is scored by its
    scale. ``expected`` is the number of the confirmation that the checker saw (0: none).
    """
    if not may_confirm(asked.actor, kpi) or not covers(asked):
        raise access.Denied(asked.actor, "confirm_kpi")
    if asked.period.end > asked.now:
        raise refuse("period", _("The period is not over."))
    if asked.person:
        raise refuse("person", _("An indicator is confirmed for all people together."))
    _check(kpi, points, reason, evidence)
    with transaction.atomic():
        before = confirmations(kpi, asked)
        number = before[0].number if before else 0
        if expected is not None and expected != number:
            raise refuse("number", _("Somebody has confirmed it meanwhile; look at it again."), "stale")
        if number and not reason.strip():
            raise refuse("reason", _("Say why what was confirmed is corrected."), "required")
        try:
            with transaction.atomic():
                return _store(kpi, asked, number + 1, points, reason.strip(), evidence.strip())
        except IntegrityError:
            words = _("Somebody has confirmed it meanwhile; look at it again.")
            raise refuse("number", words, "stale") from None


def _check(kpi: Kpi, points: Decimal | None, reason: str, evidence: str) -> None:
    if points is None:
        if not kpi.parts:
            raise refuse("points", _("It is not computed: give the points yourself."), "required")
        return
    if not -100 <= points <= 100:
        raise refuse("points", _("Points from 0 to 100; a deduction down to -100."))
    if kpi.entry.is_deduction != (points < 0) and points:
        raise refuse("points", _("A deduction takes points off, and nothing else does."))
    for name, words in (("reason", reason), ("evidence", evidence)):
        if not words.strip():
            raise refuse(name, _("Who scores by hand says why, and what shows it."), "required")


def _store(
    kpi: Kpi, asked: Asked, number: int, points: Decimal | None, reason: str, evidence: str
) -> Confirmation:
    found = [engine.taken(part, asked) for part in kpi.parts]
    figures = [
        {
            "name": bilingual(part.name) if part.name else None, "unit": part.unit.value,
            "numerator": value.numerator,
            "value": None if value.number is None else str(value.number),
            "denominator": value.denominator, "record_count": value.record_count,
        }
        for part, (value, _keys) in zip(kpi.parts, found, strict=True)
    ]  # fmt: skip
    keys = found[0][1] if found else []
    scored = points
    if scored is None and found:
        scale = scales(asked.period.first).get(kpi.id)
        scored = score(found[0][0].number, scale, is_deduction=kpi.entry.is_deduction)
    return Confirmation.objects.create(
        kpi=kpi.id, period_from=asked.period.first, period_until=asked.period.last,
        customer_id=asked.customer, number=number, figures=figures, rows=pack(keys),
        sha256=seal(kpi.id, figures, keys), score=scored, is_by_hand=points is not None, reason=reason,
        evidence=evidence, confirmed_by_id=asked.actor.user_id, confirmed_at=asked.now,
    )  # fmt: skip


# --- what was kept --------------------------------------------------------------------------------


def pack(keys: Sequence[int]) -> bytes:
    return zlib.compress(",".join(map(str, keys)).encode())


def unpack(rows: bytes | memoryview) -> list[int]:
    words = zlib.decompress(bytes(rows)).decode()
    return [int(key) for key in words.split(",")] if words else []


def seal(kpi: str, figures: Any, keys: Sequence[int]) -> str:
    """SHA-256 over the indicator, its figures as canonical JSON, and the ids of its rows."""
    content = json.dumps(
        [kpi, figures, list(keys)], sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(content.encode()).hexdigest()


def is_whole(row: Confirmation) -> bool:
    """Whether what is kept is what was sealed."""
    return seal(row.kpi, row.figures, unpack(row.rows)) == row.sha256
