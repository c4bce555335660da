"""Management is informed of major incidents and of those beyond their targets, in time (INC-07, INC-08).

A row says that it must be done, and until when; it is made by who declares the major incident, or by the
sweep when a target for the solution was missed. Whether it was done in time stays countable for good.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import User
from accounts.services import system_actor
from incidents import lifecycle, rules
from incidents.models import Incident, ManagementEscalation, Participation
from records import log as records_log
from records.services import begin, lock, refuse, save
from sla.models import Breach, Metric

Why = ManagementEscalation.Why
# What "beyond its SLA" means: what was promised about the solution, not a late reply.
LIMITS = (Metric.RESOLUTION.value, Metric.RESTORATION.value)
LOOK_BACK = timedelta(days=3)  # a breach older than this was swept long ago, or came with an import
BATCH = 100


def require_management(
    incident: Incident, *, why: str, at: datetime, actor: Actor, minutes: int | None = None
) -> ManagementEscalation:
    """From ``at`` on management is to be informed, within ``minutes`` or as the rules say. Once a reason."""
    span = timedelta(minutes=minutes) if minutes else rules.of(incident.customer_id).escalation
    row, is_new = ManagementEscalation.objects.get_or_create(
        incident=incident, why=why, defaults={"required_at": at, "due_at": at + span}
    )
    if is_new:
        minutes = int(span.total_seconds()) // 60
        records_log.write(
            incident, "incident.management_required", actor=actor, at=at, minutes=minutes,
            why=records_log.bilingual(Why(why).label),
        )  # fmt: skip
    return row


def inform(
    incident: Incident,
    *,
    person: User,
    note: str,
    actor: Actor,
    now: datetime,
    at: datetime | None = None,
    expected_version: int | None = None,
) -> list[ManagementEscalation]:
    """Management, in the person of ``person``, was informed; ``note`` says how. Fulfils all that is asked.

    Where nothing was asked for it is kept all the same, as beyond its targets.
    """
    if not person.is_active or not person.actor.is_staff_side:
        raise refuse("person", _("Choose an active person of the provider."))
    if not note.strip():
        raise refuse("note", _("Say how, and what was said."), "required")
    when = at or now
    with transaction.atomic():
        current = begin(
            incident, "inform_management", actor=actor, now=now, expected_version=expected_version
        )
        if not current.opened_at <= when <= now:
            raise refuse("at", _("Give an instant after the failure and not in the future."))
        rows = list(current.management_escalations.filter(done_at=None).select_for_update())
        if not rows and not current.management_escalations.exists():
            rows = [require_management(current, why=Why.BREACH, at=now, actor=actor)]
        for row in rows:
            _mark_missed(row, current, now=when, actor=actor)
            row.done_at, row.informed, row.done_by_id, row.note = when, person, actor.user_id, note[:500]
            row.save(update_fields=["done_at", "informed", "done_by", "note"])
            records_log.write(
                current, "incident.management_informed", actor=actor, at=when, text=note,
                person=person.label, why=records_log.bilingual(Why(row.why).label),
            )  # fmt: skip
        _join(current, person, Participation.Part.MANAGEMENT, actor=actor, at=when)
        save(current, [], now=now)
    return rows


def take_part(
    incident: Incident,
    *,
    person: User,
    part: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Participation:
    """Somebody helps with it in a named part, countable per person. Safe to repeat."""
    if part not in Participation.Part.values:
        raise refuse("part", _("Choose a part."), "required")
    if not person.is_active or not person.actor.is_staff_side:
        raise refuse("person", _("Choose an active person of the provider."))
    with transaction.atomic():
        current = begin(incident, "take_part", actor=actor, now=now, expected_version=expected_version)
        return _join(current, person, part, actor=actor, at=now)


def _join(incident: Incident, person: User, part: str, *, actor: Actor, at: datetime) -> Participation:
    row, is_new = Participation.objects.get_or_create(
        incident=incident, person=person, part=part,
        defaults={"since": at, "recorded_by_id": actor.user_id},
    )  # fmt: skip
    if is_new:
        records_log.write(
            incident, "incident.took_part", actor=actor, at=at, person=person.label,
            part=records_log.bilingual(Participation.Part(part).label),
        )  # fmt: skip
    return row


def _mark_missed(row: ManagementEscalation, incident: Incident, *, now: datetime, actor: Actor) -> bool:
    """Keep, once, that the due time passed with nobody informed."""
    if row.missed_at or row.done_at or now <= row.due_at:
        return False
    row.missed_at = row.due_at
    row.save(update_fields=["missed_at"])
    records_log.write(
        incident, "incident.management_missed", actor=actor, at=row.due_at,
        why=records_log.bilingual(Why(row.why).label),
    )  # fmt: skip
    return True


# --- the sweep -------------------------------------------------------------------------------


def sweep(*, now: datetime) -> int:
    """Ask for what missed targets require, and keep what was missed; answers how many rows changed.

    Any number of workers may run it: rows are unique, and a miss is written under the incident's lock.
    """
    return _require_all(now) + _miss_all(now)


def _require_all(now: datetime) -> int:
    known = ManagementEscalation.objects.filter(incident=OuterRef("clock__record"), why=Why.BREACH)
    found = (
        Breach.objects.filter(
            ~Exists(known), clock__support=None, clock__metric__in=LIMITS, clock__record__kind="incident",
            at__gte=now - LOOK_BACK, at__lte=now,
        )
        .exclude(clock__record__state=lifecycle.CANCELLED)
        .order_by("at")
        .values_list("clock__record", "at")
    )  # fmt: skip
    made = 0
    for pk, at in list(found[:BATCH]):
        with transaction.atomic():
            current = lock(Incident.objects.get(pk=pk))
            require_management(current, why=Why.BREACH, at=at, actor=system_actor())
            made += 1
    return made


def _miss_all(now: datetime) -> int:
    due = ManagementEscalation.objects.filter(done_at=None, missed_at=None, due_at__lt=now)
    missed = 0
    for pk, incident in list(due.order_by("due_at").values_list("pk", "incident")[:BATCH]):
        with transaction.atomic():
            current = lock(Incident.objects.get(pk=incident))
            row = ManagementEscalation.objects.select_for_update().get(pk=pk)
            missed += _mark_missed(row, current, now=now, actor=system_actor())
    return missed
