"""What the request pages show, read in a fixed number of queries however long the conversation is."""

from datetime import datetime
from typing import Any

from accounts.access import Actor
from accounts.models import User
from fulfilment.models import ServiceRequest
from records import chips, timeline
from records.models import Record, Watch
from records.services import Stale
from sla.models import Breach, Clock

OTHERS_SHOWN = 5


def targets_of(request: ServiceRequest, *, now: datetime) -> list[dict[str, Any]]:
    """Every target with its chip, and the breach where it was missed."""
    clocks = list(Clock.objects.filter(record=request.pk).order_by("pk"))
    breaches = Breach.objects.filter(clock__record=request.pk, clock__support=None).select_related("clock")
    by_place = {(b.clock.metric, b.clock.cycle): b for b in breaches}
    return [
        {"chip": chip, "breach": by_place.get((chip.metric, chip.cycle))}
        for chip in chips.chips_of(request, clocks, now)
    ]


def watchers_of(request: ServiceRequest) -> list[User]:
    rows = Watch.objects.filter(record=request.pk).select_related("user").order_by("pk")
    return [w.user for w in rows if w.user.is_active]


def others_of(request: ServiceRequest, actor: Actor) -> list[Record]:
    """The requester's newest other open tickets."""
    rows = Record.objects.visible_to(actor).tickets().open().filter(requester=request.requester_id)
    return list(rows.exclude(pk=request.pk).order_by("-pk")[:OTHERS_SHOWN])


def changes_since(stale: Stale, actor: Actor) -> list[dict[str, Any]]:
    """What others did meanwhile, as components/stale_notice.html reads it."""
    new = {activity.pk for activity in stale.since}
    seen = timeline.entries(stale.record, actor, fold=False).entries
    return [{"actor": e.actor, "words": e.words, "at": e.at} for e in seen if e.id in new]
