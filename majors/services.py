"""The verbs of a major incident: declared, told about, handed over, downgraded or ended, reviewed, closed.

Mistakes come back as ValidationError keyed by field, refusals as access.Denied, IllegalMove or Stale.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from accounts.services import system_after
from announcements import services as announcing
from announcements.lifecycle import PUBLISHED
from announcements.models import Announcement, Told
from catalog.models import Service
from incidents import leadership
from incidents import lifecycle as of_incidents
from incidents.models import Incident, ManagementEscalation, Participation
from majors import deadlines, lifecycle
from majors.models import Major, Update
from records import log as records_log
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.models import Link, Priority, Record, Watch
from records.services import begin, link, lock, move, open_record, refuse, save

FEWEST, MOST = 5, 24 * 60


def declare(
    incident: Incident,
    *,
    reason: str,
    coordinator: User,
    actor: Actor,
    now: datetime,
    severity: int = Major.Severity.SEVERE,
    update_minutes: int = 30,
    services: Sequence[Service] = (),
    customers: Sequence[Organisation] = (),
    text_en: str = "",
    text_zh: str = "",
) -> Major:
    """Declare an incident a major one: the coordinator, the updates' clock, and management to be informed.

    With words in both languages it is announced to the affected customers in the same step.

    Once while one is under way; asking again answers that one. The incident must be open.
    """
    if not reason.strip():
        raise refuse("reason", _("Say why it is a major incident."), "required")
    _check_person(coordinator, "coordinator")
    _check_minutes(update_minutes)
    with transaction.atomic():
        current = lock(incident)
        access.require(actor, "declare", current)
        if running := of_incident(current):
            return running
        if current.state not in of_incidents.OPEN:
            raise IllegalMove("declare", current.state, of_incidents.LIFECYCLE.legal_moves(current.state))
        made: Major = open_record(
            Major, Kind.MAJOR, actor=actor, now=now, title=current.title, description=reason.strip(),
            customer=current.customer, requester=User.objects.get(pk=actor.user_id),
            priority=Priority.CRITICAL, assignee=coordinator, owner=coordinator, service=current.service,
            cause=current, severity=severity, reason=reason.strip(), update_minutes=update_minutes,
        )  # fmt: skip
        made.services.set(services or ([current.service] if current.service else []))
        made.customers.set({*customers, current.customer})
        Watch.objects.get_or_create(record_id=made.pk, user=coordinator)
        link(made, current, kind=Link.Type.CAUSED_BY, actor=actor, now=now)
        deadlines.start(made, now=now)
        leadership.require_management(current, why=ManagementEscalation.Why.MAJOR, at=now, actor=actor)
        leadership.take_part(
            current, person=coordinator, part=Participation.Part.COORDINATOR, actor=actor, now=now
        )
        if text_en.strip() or text_zh.strip():
            post(made, text_en=text_en, text_zh=text_zh, actor=actor, now=now)
    return made


def led_as(incident: Record) -> QuerySet[Major]:
    """Those under way, or still to be reviewed, because of an incident: at most one."""
    rows: QuerySet[Major] = Major.objects.filter(cause=incident.pk, state__in=lifecycle.OPEN)
    return rows


def of_incident(incident: Record) -> Major | None:
    """The major incident under way, or still to be reviewed, because of an incident."""
    return led_as(incident).first()


def _check_person(person: User, field: str) -> None:
    if not person.is_active or not person.actor.is_staff_side:
        raise refuse(field, _("Choose an active person of the provider."))


def _check_minutes(minutes: int) -> None:
    if not FEWEST <= minutes <= MOST:
        message = _("Between %(least)s and %(most)s minutes.") % {"least": FEWEST, "most": MOST}
        raise refuse("update_minutes", message)


def _begin(major: Major, act: str, states: frozenset[str], actor: Actor, now: datetime) -> Major:
    """As every act that is no move begins: lock, permission, state, and what fell due before."""
    current = begin(major, act, actor=actor, now=now, expected_version=None)
    if current.state not in states:
        raise IllegalMove(act, current.state, lifecycle.LIFECYCLE.legal_moves(current.state))
    deadlines.raise_due(current, now=now, actor=actor)
    return current


def post(
    major: Major,
    *,
    actor: Actor,
    now: datetime,
    internal: str = "",
    text_en: str = "",
    text_zh: str = "",
) -> Update:
    """Give an update; what is for customers is in both languages and reaches all that are affected.

    The first one for customers publishes the announcement, the next ones add to it. The updates' clock
    starts anew.
    """
    texts = {"en": text_en.strip(), "zh": text_zh.strip()}
    if bool(texts["en"]) != bool(texts["zh"]):
        missing = "text_zh" if texts["en"] else "text_en"
        raise refuse(missing, _("Customers read this; it is needed in both languages."), "required")
    if not (internal.strip() or texts["en"]):
        raise refuse("internal", _("Write what is new, for us or for customers."), "required")
    with transaction.atomic():
        current = _begin(major, "lead_major", lifecycle.RUNNING, actor, now)
        made = Update.objects.create(
            major=current, at=now, by_id=actor.user_id, internal=internal.strip(), text_en=texts["en"],
            text_zh=texts["zh"],
        )  # fmt: skip
        deadlines.met(current, now=now)
        deadlines.start(current, now=now)
        if made.is_public:
            _tell_customers(current, texts, actor=actor, now=now)
        save(current, ["notice"], now=now)
        said = texts if made.is_public and not internal.strip() else {}
        records_log.write(
            current, "major.update", actor=actor, at=now, text=internal.strip() or texts["en"], said=said
        )
    return made


def _tell_customers(major: Major, texts: dict[str, str], *, actor: Actor, now: datetime) -> None:
    """Publish the announcement with the first words for customers, add to it with the next."""
    # who covers some customers only may not write what is the provider's own record
    by = actor if actor.scope is None else system_after(actor)
    if major.notice:
        announcing.add(major.notice, text_en=texts["en"], text_zh=texts["zh"], actor=by, now=now)
        return
    named = list(major.services.all())
    about = ", ".join(s.name_en for s in named), "、".join(s.name_zh for s in named)
    draft = announcing.write(
        sort=Told.Sort.CURRENT, title_en=f"Interruption: {about[0] or major.cause.title}"[:90],
        title_zh=f"服务中断：{about[1] or major.cause.title}"[:90], text_en=texts["en"],
        text_zh=texts["zh"], starts_at=major.cause.occurred_at or major.cause.opened_at,
        services=named, customers=list(major.customers.all()), key=f"major:{major.pk}", actor=by, now=now,
    )  # fmt: skip
    major.notice = announcing.publish(draft, actor=by, now=now)
    affected = {major.cause.customer_id, *(customer.pk for customer in major.customers.all())}
    for ticket in (major.cause, *major.cause.children.filter(customer__in=affected)):
        announcing.attach(ticket, major.notice, actor=by, now=now)


def notify(
    major: Major, *, person: User, note: str, actor: Actor, now: datetime, at: datetime | None = None
) -> Major:
    """Top management, in the person of ``person``, was informed; kept with time and person (INC-06).

    It fulfils the management escalation of the incident.
    """
    with transaction.atomic():
        current = _begin(major, "lead_major", lifecycle.RUNNING, actor, now)
        leadership.inform(current.cause, person=person, note=note, actor=actor, now=now, at=at)
        Watch.objects.get_or_create(record_id=current.pk, user=person)
        save(current, [], now=now)
        records_log.write(
            current, "major.notified", actor=actor, at=at or now, text=note, person=person.label
        )
    return current


def call_in(major: Major, *, person: User, part: str, actor: Actor, now: datetime) -> Major:
    """Somebody else is involved, in a named part; told of everything from now on."""
    _check_person(person, "person")
    with transaction.atomic():
        current = _begin(major, "lead_major", lifecycle.RUNNING, actor, now)
        leadership.take_part(current.cause, person=person, part=part, actor=actor, now=now)
        Watch.objects.get_or_create(record_id=current.pk, user=person)
        records_log.write(current, "major.join", actor=actor, at=now, person=person.label)
    return current


def hand_over(major: Major, *, coordinator: User, actor: Actor, now: datetime) -> Major:
    """Another coordinator."""
    _check_person(coordinator, "coordinator")
    with transaction.atomic():
        current = _begin(major, "lead_major", lifecycle.RUNNING, actor, now)
        if current.assignee_id == coordinator.pk:
            return current
        current.assignee = coordinator
        save(current, ["assignee"], now=now)
        Watch.objects.get_or_create(record_id=current.pk, user=coordinator)
        leadership.take_part(
            current.cause, person=coordinator, part=Participation.Part.COORDINATOR, actor=actor, now=now
        )
        records_log.write(current, "major.handed", actor=actor, at=now, person=coordinator.label)
    return current


def downgrade(
    major: Major, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Major:
    """It is no major incident after all, for a reason; the incident goes on as any other."""
    if not reason.strip():
        raise refuse("reason", _("Say why it is no major incident."), "required")
    return _finish(major, "downgrade", reason, actor=actor, now=now, expected_version=expected_version)


def stand_down(
    major: Major, *, note: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Major:
    """It is over; the review is asked for."""
    return _finish(major, "stand_down", note, actor=actor, now=now, expected_version=expected_version)


def _finish(
    major: Major, action: str, words: str, *, actor: Actor, now: datetime, expected_version: int | None
) -> Major:
    with transaction.atomic():
        current = begin(major, action, actor=actor, now=now, expected_version=expected_version)
        lifecycle.LIFECYCLE.next_state(current.state, action)
        deadlines.raise_due(current, now=now, actor=actor)
        deadlines.cancel(current, now=now)
        current = move(current, action, actor=actor, now=now, note=words.strip(), changes={"ended_at": now})
        _end_announcement(current, actor=actor, now=now)
    return current


def _end_announcement(major: Major, *, actor: Actor, now: datetime) -> None:
    told: Announcement | None = major.notice
    if told and told.state == PUBLISHED:
        announcing.end(told, actor=actor if actor.scope is None else system_after(actor), now=now)


def review(major: Major, *, causes: str, course: str, lessons: str, actor: Actor, now: datetime) -> Major:
    """Write the review record: causes, time line, lessons. Actions are opened beside it."""
    words = {"causes": causes, "course": course, "lessons": lessons}
    for name, text in words.items():
        if not text.strip():
            raise refuse(name, _("The review needs causes, time line and lessons."), "required")
    with transaction.atomic():
        current = _begin(major, "lead_major", frozenset({lifecycle.REVIEW}), actor, now)
        for name, text in words.items():
            setattr(current, name, text.strip())
        current.reviewed_at, current.reviewed_by_id = now, actor.user_id
        save(current, [*words, "reviewed_at", "reviewed_by"], now=now)
        records_log.write(current, "major.reviewed", actor=actor, at=now)
    return current


def wrap_up(major: Major, *, actor: Actor, now: datetime, expected_version: int | None = None) -> Major:
    """Close it; not without its review (INC-27)."""
    with transaction.atomic():
        current = begin(major, "wrap_up", actor=actor, now=now, expected_version=expected_version)
        lifecycle.LIFECYCLE.next_state(current.state, "wrap_up")
        if not current.is_reviewed:
            raise refuse("causes", _("Write the review first: causes, time line and lessons."), "required")
        return move(current, "wrap_up", actor=actor, now=now)


def involved(major: Major) -> Iterable[Any]:
    """Who takes part, in which part, since when."""
    return major.cause.participations.select_related("person").order_by("pk")
