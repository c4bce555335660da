"""The if of a rule: groups of conditions. All conditions of a group must hold, and one of the groups.

A group is a mapping of the names below to values; what it does not name does not matter. Without groups every
ticket fits. Everything but the working hours is asked of the database, one and the same way for a single
ticket and for a try-out over many.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from records.models import Record
from sla import calendar as working_time
from sla import services as sla_services
from sla.models import Alarm, Clock

LISTS = {
    "kinds": "kind__in", "priorities": "priority__in", "customers": "customer__in",
    "grades": "customer__profile__grade__in", "services": "service__in", "channels": "channel__in",
    "teams": "team__in",
}  # fmt: skip
NAMES = (*LISTS, "categories", "unassigned", "words", "without", "hours", "calendar", "targets")
RUNNING, WARNED, MISSED = "running", "warned", "missed"
INSIDE, OUTSIDE = "inside", "outside"

Group = Mapping[str, Any]


def _any_of(lookups: Sequence[str], words: Sequence[str]) -> Q:
    found = Q(pk__in=[])
    for word in words:
        for lookup in lookups:
            found |= Q(**{lookup: word})
    return found


def _target(state: str) -> Q:
    clocks = Clock.objects.filter(record=OuterRef("pk"))
    if state == MISSED:
        return Q(Exists(clocks.filter(breached_at__isnull=False)))
    live = clocks.filter(stopped_at=None, breached_at=None, state=Clock.State.RUNNING)
    warned = Exists(Alarm.objects.filter(clock=OuterRef("pk")).exclude(step=Alarm.BREACH))
    return Q(Exists(live.filter(warned) if state == WARNED else live))


def asked(group: Group) -> Q:
    """A group as a question to the database; without its hours."""
    found = Q()
    for name, lookup in LISTS.items():
        if group.get(name):
            found &= Q(**{lookup: group[name]})
    if group.get("categories"):
        found &= _any_of(["incident__category__iexact"], group["categories"])
    if group.get("unassigned"):
        found &= Q(assignee=None)
    texts = ["title__icontains", "description__icontains"]
    if group.get("words"):
        found &= _any_of(texts, group["words"])
    if group.get("without"):
        found &= ~_any_of(texts, group["without"])
    if group.get("targets"):
        anyhow = Q(pk__in=[])
        for state in group["targets"]:
            anyhow |= _target(state)
        found &= anyhow
    return found


def in_hours(group: Group, at: datetime) -> bool:
    """Whether an instant is within the hours a group asks for; True where it asks for none."""
    if not group.get("hours") or not group.get("calendar"):
        return True
    version = sla_services.calendar_version_at(group["calendar"], at)
    is_open = working_time.is_open(sla_services.hours_of(version), at)
    return is_open is bool(group["hours"] == INSIDE)


def fits(groups: Sequence[Group], record: Record, *, at: datetime) -> bool:
    """Whether a ticket fits now; ``at`` is the instant whose working hours count."""
    rows = Record.objects.filter(pk=record.pk)
    return not groups or any(in_hours(g, at) and rows.filter(asked(g)).exists() for g in groups)


def fitting(groups: Sequence[Group], rows: "QuerySet[Record]") -> list[int]:
    """The ids of the tickets that fit, of each its opening being the instant whose working hours count."""
    if not groups:
        return list(rows.values_list("pk", flat=True))
    found: dict[int, None] = {}
    for group in groups:
        for pk, opened_at in rows.filter(asked(group)).values_list("pk", "opened_at"):
            if in_hours(group, opened_at):
                found[pk] = None
    return list(found)
