"""What the board and the calendar say beside a change."""

from datetime import datetime
from typing import Any

from accounts.access import Actor
from boards import agenda, collisions, slotting
from boards.models import AgendaItem, BoardMeeting
from changes import scheduling
from changes.lifecycle import CARRIED_OUT, WITHDRAWN
from changes.models import Change
from records.kinds import Kind
from records.models import Record
from records.panels import Panel, register

TEMPLATE = "boards/_panel.html"


def content(record: Record, actor: Actor, *, now: datetime) -> dict[str, Any] | None:
    """Collisions of the planned time, the next free one, and the meetings it is on the agenda of."""
    change = record if isinstance(record, Change) else Change.objects.get(pk=record.pk)
    is_to_come = change.state not in CARRIED_OUT | WITHDRAWN
    # how far it reaches is found once for both, along all relations
    work = scheduling.work_of(change) if is_to_come else None
    said = collisions.of_change(change, actor, work) if work else []
    is_wanted = is_to_come and (said or change.planned_start_at is None)
    seen = BoardMeeting.objects.visible_to(actor).values("pk")
    items = AgendaItem.objects.filter(change=change.pk, meeting__in=seen).select_related("meeting")
    found = {
        "said": said,
        "next": slotting.next_times(change, now=now, count=1, work=work) if is_wanted else [],
        "items": list(items.order_by("-meeting__meets_at")),
        "waits": bool(is_to_come and agenda.purpose_of(change)),
        "day": change.planned_start_at,
    }
    return found if any(found.values()) else None


def register_panels() -> None:
    register(
        Panel(
            name="boards.calendar",
            order=30,
            template=TEMPLATE,
            content=content,
            kinds=frozenset({Kind.CHANGE.value}),
        )
    )
