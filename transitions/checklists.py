"""Take-over inspection and acceptance (TRN-07): looked at point by point, signed by both sides.

A signature is a named confirmation with the fingerprint of what the checklist said. From the first one on
its points stand.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import Actor
from fieldwork.content import digest
from records import log as records_log
from records.services import refuse, save
from releases.parting import begun, fitting, needed
from transitions import lifecycle
from transitions.models import Checklist, ChecklistPoint, ChecklistSignature, Transition

Found = ChecklistPoint.Found


def content(checklist: Checklist) -> dict[str, Any]:
    """What is signed: every point with how it was found."""
    return {
        "transition": checklist.work.number,
        "checklist": checklist.sort,
        "points": [
            [point.title, point.title_zh, point.found, point.remark]
            for point in checklist.points.order_by("pk")
        ],
    }


def fingerprint(checklist: Checklist) -> str:
    """SHA-256 of what it says now; a signature is good while its own is the same."""
    return digest(content(checklist))


def _begun(
    transition: Transition, pk: int, act: str, actor: Actor, now: datetime
) -> tuple[Transition, Checklist]:
    current = begun(transition, act, lifecycle.BEFORE, actor=actor, now=now)
    row = current.checklists.filter(pk=pk).first()
    if row is None:
        raise Http404(_("There is no such checklist."))
    return current, row


def _unsigned(row: Checklist) -> None:
    if row.signatures.exists():
        raise refuse("found", _("The checklist is signed; its points stand."), "signed")


def add_point(transition: Transition, pk: int, *, title: str, actor: Actor, now: datetime) -> ChecklistPoint:
    """One more thing to look at."""
    title = needed(title, "title", _("Say what is looked at."))[:200]
    with transaction.atomic():
        current, row = _begun(transition, pk, "work_transition", actor, now)
        _unsigned(row)
        made = ChecklistPoint.objects.create(checklist=row, title=title)
        save(current, [], now=now)
        part = records_log.bilingual(Checklist.Sort(row.sort).label)
        records_log.write(current, "transition.added", actor=actor, at=now, part=part, name=made.label)
    return made


def look(
    transition: Transition,
    pk: int,
    found: Mapping[int, tuple[str, str]],
    *,
    actor: Actor,
    now: datetime,
) -> Checklist:
    """Record how points were found: id -> (how, remark). A defect says what follows from it."""
    with transaction.atomic():
        current, row = _begun(transition, pk, "work_transition", actor, now)
        _unsigned(row)
        for point in row.points.filter(pk__in=found):
            how, remark = found[point.pk][0], fitting(found[point.pk][1], "found")[:300]
            if how not in Found.values:
                raise refuse("found", _("Say how it was found."), "required")
            if how == Found.DEFECT and not remark:
                raise refuse("found", _("%(point)s: say what follows from the defect.") % {"point": point})
            if (point.found, point.remark) == (how, remark):
                continue
            point.found, point.remark = how, remark
            point.found_by_id, point.found_at = actor.user_id, now
            point.save(update_fields=["found", "remark", "found_by", "found_at"])
            records_log.write(
                current, "transition.looked_at", actor=actor, at=now, text=point.remark, name=point.label,
                found=records_log.bilingual(Found(how).label),
            )  # fmt: skip
        save(current, [], now=now)
    return row


def sign(
    transition: Transition,
    pk: int,
    *,
    side: str,
    person: str,
    role: str,
    actor: Actor,
    now: datetime,
) -> ChecklistSignature:
    """Record that somebody confirmed the checklist for one side. Two different people sign it."""
    if side not in ChecklistSignature.Side.values:
        raise refuse("side", _("Say for which side."), "required")
    person = needed(person, "person", _("Say who signs."))[:150]
    role = needed(role, "role", _("Say in which role."))[:150]
    with transaction.atomic():
        current, row = _begun(transition, pk, "sign_checklist", actor, now)
        points = list(row.points.all())
        if not points or any(not point.found for point in points):
            raise refuse("person", _("Every point has to be looked at before it is signed."))
        if row.signatures.filter(side=side).exists():
            raise refuse("side", _("This side has signed already."), "unique")
        if row.signatures.filter(person__iexact=person).exists():
            raise refuse("person", _("The two sides are signed for by two people."))
        made = ChecklistSignature.objects.create(
            checklist=row, side=side, person=person, role=role, sha256=fingerprint(row),
            recorded_by_id=actor.user_id, signed_at=now,
        )  # fmt: skip
        save(current, [], now=now)
        records_log.write(
            current, "transition.signed", actor=actor, at=now, person=f"{person} ({role})",
            checklist=records_log.bilingual(Checklist.Sort(row.sort).label), sha256=made.sha256,
        )  # fmt: skip
    return made
