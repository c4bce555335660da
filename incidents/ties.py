"""What ties an incident to others and to people, for its page: three queries, however much there is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from accounts.access import Actor
from incidents import lifecycle, telling
from incidents.models import Incident, ManagementEscalation, State
from records.queues import PHASE_TONES

SHOWN = 50


@dataclass(frozen=True)
class Tied:
    """Another incident, with its state in words."""

    incident: Incident
    state: str
    tone: str


@dataclass(frozen=True)
class Ties:
    """``stands_behind``: the parent, if the actor may see it; ``is_child`` says that there is one."""

    is_child: bool
    stands_behind: Tied | None
    children: list[Tied]
    repeat_of: Tied | None
    repeats: list[Tied]
    management: list[dict[str, Any]]
    people: list[Any]
    unavailable: timedelta | None
    is_unavailable: bool

    @property
    def any_people(self) -> bool:
        return bool(self.management or self.people)


def ties_of(incident: Incident, actor: Actor, *, now: datetime) -> Ties:
    """Parent, children, repeats, management and people of an incident, as far as the actor may see them."""
    above = [incident.parent_id, incident.repeat_of_id]
    near = Q(parent=incident.pk) | Q(repeat_of=incident.pk) | Q(pk__in=above)
    rows = Incident.objects.visible_to(actor).filter(near).exclude(pk=incident.pk).order_by("pk")
    tied = {row.pk: _tied(row) for row in rows[: SHOWN * 2]}
    span = telling.unavailable(incident)
    return Ties(
        is_child=incident.parent_id is not None,
        stands_behind=tied.get(incident.parent_id or 0),
        children=[t for t in tied.values() if t.incident.parent_id == incident.pk],
        repeat_of=tied.get(incident.repeat_of_id or 0),
        repeats=[t for t in tied.values() if t.incident.repeat_of_id == incident.pk],
        management=_management(incident, now),
        people=list(incident.participations.select_related("person").order_by("pk")[:SHOWN]),
        unavailable=span.lasted(now) if span and _is_told_late(incident) else None,
        is_unavailable=span is not None and span.until is None and incident.state in lifecycle.OPEN,
    )


def _is_told_late(incident: Incident) -> bool:
    """Worth a line of its own: named as an outage, or restored before the user knew."""
    return bool(incident.event_kind) or incident.restored_at is not None


def _tied(row: Incident) -> Tied:
    return Tied(row, str(State(row.state).label), PHASE_TONES[row.phase])  # type: ignore[index]


def _management(incident: Incident, now: datetime) -> list[dict[str, Any]]:
    rows = ManagementEscalation.objects.filter(incident=incident.pk).select_related("informed").order_by("pk")
    return [{"row": row, "tone": _tone(row, now)} for row in rows]


def _tone(row: ManagementEscalation, now: datetime) -> str:
    if row.done_at:
        return "good" if row.was_in_time else "warn"
    return "bad" if now > row.due_at else "accent"
