"""Major incidents under way, for the banner above the queue and beside a ticket that is being logged."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from accounts.access import Actor
from incidents import lifecycle as of_incidents
from majors import lifecycle
from majors.models import Major
from records.lifecycle import Phase

SHOWN = 3
ASIDE = "majors_put_aside"  # in the session: the ids of those this person put aside


def running(actor: Actor) -> "QuerySet[Major]":
    """Those under way that the actor may see; the phase lets the index of open records serve."""
    rows: QuerySet[Major] = (
        Major.objects.visible_to(actor)
        .exclude(phase=Phase.DONE)
        .filter(state__in=lifecycle.RUNNING)
        .select_related("cause", "assignee")
    )
    return rows.order_by("-pk")


def above_the_queue(actor: Actor, aside: Iterable[int]) -> list[Major]:
    """The newest few this person did not put aside; one query."""
    return list(running(actor).exclude(pk__in=list(aside))[:SHOWN])


def matching(actor: Actor, *, service: int | None, customer: int | None) -> list[Major]:
    """Those that what is being logged may be a part of: of its service or its customer, of both first."""
    about = Q(services=service) | Q(cause__service=service) if service else Q(pk__in=[])
    whose = Q(customers=customer) | Q(cause__customer=customer) if customer else Q(pk__in=[])
    rows = running(actor).filter(about | whose).filter(cause__state__in=of_incidents.OPEN).distinct()
    found = list(rows[:SHOWN])
    return sorted(found, key=lambda major: (major.cause.service_id != service, -major.pk))


def put_aside(session: Any, major: Major) -> None:
    """This person has read it: not shown above the queue again while logged in."""
    session[ASIDE] = sorted({*session.get(ASIDE, ()), major.pk})[-50:]
