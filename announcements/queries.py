"""Questions about announcements, each beginning from what the actor may see."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from accounts.access import Actor
from announcements import lifecycle
from announcements.models import Announcement, Told
from records.kinds import TICKETS
from records.models import Link, Record

SHOWN = 5


def current_for(actor: Actor, *, now: datetime) -> list[Announcement]:
    """What is announced to a customer now: interruptions under way first, then what comes next.

    For templates/announcements/_portal.html and for banners; one query and those of the services' names.
    """
    if actor.is_desk_side:
        return []
    running = Case(
        When(told__starts_at__lte=now, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    rows = Announcement.objects.visible_to(actor).current(now).filter(original__isnull=False)
    found = rows.select_related("told").prefetch_related("told__services")
    return list(found.order_by(running, "told__starts_at", "-pk")[:SHOWN])


def shown_to(actor: Actor) -> QuerySet[Announcement]:
    """Every announcement a customer was told, the newest first."""
    rows: QuerySet[Announcement] = Announcement.objects.visible_to(actor)
    return rows.filter(original__isnull=False).select_related("told").order_by("-published_at", "-pk")


def for_staff(actor: Actor) -> QuerySet[Announcement]:
    """The originals; who covers some customers only sees the copies of those."""
    rows: QuerySet[Announcement] = Announcement.objects.visible_to(actor).select_related("told", "customer")
    return rows.filter(original=None) if actor.scope is None else rows.filter(original__isnull=False)


def may_be_about(record: Record, *, now: datetime) -> QuerySet[Announcement]:
    """The copies a ticket may be raised because of: of its customer, now or a day ago, for its service."""
    rows: QuerySet[Announcement] = Announcement.objects.filter(
        Q(told__services=None) | Q(told__services=record.service_id), original__isnull=False,
        customer=record.customer_id, state=lifecycle.PUBLISHED, told__starts_at__lte=now,
    ).exclude(told__sort=Told.Sort.NOTICE)  # fmt: skip
    return rows


def fitting(record: Record, *, now: datetime) -> list[Announcement]:
    rows = may_be_about(record, now=now)
    return list(rows.select_related("told").distinct().order_by("-pk")[:SHOWN])


def linked_to(record: Record) -> QuerySet[Announcement]:
    """The announcements a ticket is attached to."""
    ends = Link.objects.filter(source=record.pk).values("target")
    rows: QuerySet[Announcement] = Announcement.objects.filter(pk__in=ends)
    return rows


def announced_for(record: Record) -> list[Announcement]:
    return list(linked_to(record).select_related("told").order_by("pk"))


def tickets_of(announcement: Announcement, actor: Actor) -> QuerySet[Record]:
    """The tickets attached to an announcement, or to any of its copies, that the actor may see."""
    copies = Announcement.objects.filter(Q(pk=announcement.pk) | Q(original=announcement.pk)).values("pk")
    linked = Link.objects.filter(target__in=copies).values("source")
    rows: QuerySet[Record] = Record.objects.visible_to(actor)
    return rows.filter(pk__in=linked, kind__in=TICKETS).select_related("customer").order_by("-pk")


def reached(announcement: Announcement) -> Sequence[Announcement]:
    """The copies of an original, with their customers."""
    return list(announcement.copies.select_related("customer").order_by("customer__name_en", "pk"))
