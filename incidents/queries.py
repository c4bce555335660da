"""What the incident pages show, read in a fixed number of queries however long the conversation is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

import sla.services
from accounts.access import Actor
from accounts.models import Organisation, User
from catalog.models import Service
from incidents.models import Incident
from records import chips, timeline
from records.models import Level, Link, Priority, Record, Watch
from records.pages import get_one
from records.services import Stale
from sla import policy, timing
from sla.models import Breach, Clock, Metric, Target

OTHERS_SHOWN = 5


def incident_of(actor: Actor, number: str) -> Incident:
    """The incident of this number; 404 for what is invisible or of another kind."""
    return get_one(Incident, actor, number)


# --- before there is a ticket ----------------------------------------------------------------


@dataclass(frozen=True)
class Promise:
    """A target as it would be promised now."""

    metric: str
    label: str
    due_at: datetime | None


def promises(
    customer: Organisation, service: Service | None, priority: int, *, at: datetime
) -> list[Promise]:
    """What the customer's agreement promises for a ticket opened at ``at``; empty without an agreement."""
    version = sla.services.version_for(customer.pk, at)
    if version is None:
        return []
    chosen = policy.choose_targets(
        sla.services.targets_of(version.pk), kind="incident", service_id=service.pk if service else None,
        priority=priority,
    )  # fmt: skip
    found = [(metric, chosen[metric]) for metric in Metric.values if metric in chosen]
    return [
        Promise(
            metric, str(Metric(metric).label), _due(target, target.calendar_id or version.calendar_id, at)
        )
        for metric, target in found
        if target.opens != Target.Opens.FIRST_REPLY
    ]


def _due(target: Target, calendar: int, at: datetime) -> datetime | None:
    hours = sla.services.hours_of(sla.services.calendar_version_at(calendar, at))
    goal = timing.Target.parse(target.promise)
    return timing.run(start=at, calendar=hours, target=goal, events=[], thresholds=[]).at(at).due


PRIORITY_TONES = {
    Priority.CRITICAL: "bad", Priority.HIGH: "warn", Priority.MODERATE: "neutral", Priority.LOW: "quiet",
}  # fmt: skip


def priority_badge(priority: int) -> dict[str, Any]:
    """A priority as components/badge.html reads it."""
    return {"label": Priority(priority).label, "tone": PRIORITY_TONES[Priority(priority)]}


def matrix(customer: Organisation | None, chosen: str, *, at: datetime) -> list[dict[str, Any]]:
    """Impact by urgency, with the priority each pair has by the customer's agreement."""
    version = sla.services.version_for(customer.pk, at) if customer else None
    guide = version.matrix if version else policy.DEFAULT_MATRIX
    return [
        {
            "label": impact.label,
            "cells": [
                {
                    "value": f"{impact}{urgency}",
                    "urgency": urgency.label,
                    "is_chosen": f"{impact}{urgency}" == chosen,
                    "priority": (level := policy.priority_of(guide, impact=impact, urgency=urgency)),
                    **priority_badge(level),
                }
                for urgency in Level
            ],
        }
        for impact in Level
    ]


def preview(asked: dict[str, Any], actor: Actor, *, at: datetime) -> dict[str, Any]:
    """What would be promised, and who is calling: beside the form while it is filled in."""
    person: User | None = asked["requester"]
    customer: Organisation | None = asked["customer"] or (person.organisation if person else None)
    level = asked["level"] or f"{Level.MEDIUM}{Level.MEDIUM}"
    rows = matrix(customer, level, at=at)
    computed = next(c["priority"] for row in rows for c in row["cells"] if c["is_chosen"])
    priority = asked["priority"] or computed
    return {
        "matrix": rows,
        "customer": customer,
        "person": person,
        "badge": priority_badge(priority),
        "is_override": priority != computed,
        "promises": promises(customer, asked["service"], priority, at=at) if customer else [],
        "others": others_of(person, actor) if person else None,
    }


# --- the ticket page -------------------------------------------------------------------------


@dataclass(frozen=True)
class Others:
    """A person's other open tickets: the newest few, and how many there are."""

    rows: list[Record]
    count: int


def others_of(person: User, actor: Actor, *, but: Record | None = None) -> Others:
    rows = Record.objects.visible_to(actor).tickets().open().filter(requester=person.pk).order_by("-pk")
    if but is not None:
        rows = rows.exclude(pk=but.pk)
    found = list(rows[: OTHERS_SHOWN + 1])
    more = len(found) > OTHERS_SHOWN
    return Others(found[:OTHERS_SHOWN], rows.count() if more else len(found))


def related_of(incident: Incident, actor: Actor) -> list[dict[str, Any]]:
    """The linked records the actor may see, with the words of each link."""
    links = list(
        Link.objects.filter(Q(source=incident.pk) | Q(target=incident.pk))
        .select_related("source", "target")
        .order_by("pk")
    )
    if not links:
        return []
    ends = {link.source_id for link in links} | {link.target_id for link in links}
    seen = set(Record.objects.visible_to(actor).filter(pk__in=ends).values_list("pk", flat=True))
    found = []
    for link in links:
        goes_out = link.source_id == incident.pk
        other = link.target if goes_out else link.source
        if other.pk in seen:
            words = link.get_type_display() if goes_out else BACKWARDS[Link.Type(link.type)]()
            found.append({"words": words, "record": other})
    return found


BACKWARDS = {
    Link.Type.RELATED: lambda: _("is related to"),
    Link.Type.DUPLICATE: lambda: _("has the duplicate"),
    Link.Type.CAUSED_BY: lambda: _("was the cause of"),
    Link.Type.SOLVED_BY: lambda: _("is to solve"),
    Link.Type.MATCHES: lambda: _("is matched by"),
}


def targets_of(incident: Incident, *, now: datetime) -> list[dict[str, Any]]:
    """Every target with its chip, and the breach where it was missed."""
    clocks = list(Clock.objects.filter(record=incident.pk).order_by("pk"))
    breaches = Breach.objects.filter(clock__record=incident.pk, clock__support=None).select_related("clock")
    by_place = {(b.clock.metric, b.clock.cycle): b for b in breaches}
    return [
        {"chip": chip, "breach": by_place.get((chip.metric, chip.cycle))}
        for chip in chips.chips_of(incident, clocks, now)
    ]


def people_of(incident: Incident) -> dict[int, User]:
    """The people an incident names beside those read with it, by id; one query."""
    ids = {
        incident.reporter_id, incident.resolved_by_id, incident.confirmed_by_id, incident.logged_by_id,
        incident.bypassed_by_id,
    }  # fmt: skip
    known = {incident.requester_id: incident.requester}
    wanted = {pk for pk in ids if pk} - known.keys()
    return known | (User.objects.select_related("organisation").in_bulk(wanted) if wanted else {})


def watchers_of(incident: Incident) -> list[User]:
    rows = Watch.objects.filter(record=incident.pk).select_related("user").order_by("pk")
    return [w.user for w in rows if w.user.is_active]


def is_accepted(incident: Incident) -> bool:
    """The present assignee took or accepted it after it was last given to somebody (SD-11)."""
    given = ("record.assigned", "record.escalated", "record.accepted", "incident.start")
    last = incident.activities.filter(verb__in=given).order_by("-pk").values_list("verb", "actor").first()
    if last is None:
        return False
    verb, actor_id = last
    return verb in ("record.accepted", "incident.start") and actor_id == incident.assignee_id


def changes_since(stale: Stale, actor: Actor) -> list[dict[str, Any]]:
    """What others did meanwhile, field by field, as components/stale_notice.html reads it."""
    new = {activity.pk for activity in stale.since}
    seen = timeline.entries(stale.record, actor, fold=False).entries
    return [{"actor": e.actor, "words": e.words, "at": e.at} for e in seen if e.id in new]
