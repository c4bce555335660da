"""Questions about actions; every one starts from what the actor may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from actions.models import Action, ActionState, ImprovementPlan, PlanState
from records.models import Link, Record

UNFINISHED, OVERDUE, ANY = "unfinished", "overdue", "any"
STATES: tuple[tuple[str, Any], ...] = (
    (UNFINISHED, _("Not finished")),
    (OVERDUE, _("Late")),
    *ActionState.choices,
    (ANY, _("In any state")),
)


@dataclass(frozen=True)
class Choice:
    """How the list is narrowed. ``agreement`` is an id, 0 for all."""

    mine: bool
    state: str = UNFINISHED
    source: str = ""
    agreement: int = 0

    @classmethod
    def read(cls, given: Mapping[str, str], *, mine: bool) -> "Choice":
        """From an address: what it does not know is as if not asked. ``mine`` is the default."""
        state, source = given.get("state", ""), given.get("source", "")
        agreement = given.get("agreement", "")
        return cls(
            mine={"mine": True, "all": False}.get(given.get("who", ""), mine),
            state=state if state in dict(STATES) else UNFINISHED,
            source=source if source in Action.Source.values else "",
            agreement=int(agreement)
            if agreement.isascii() and agreement.isdigit() and len(agreement) < 10
            else 0,
        )


def listed(actor: Actor, choice: Choice, today: date) -> QuerySet[Action]:
    """The actions chosen, the nearest due first."""
    rows: Any = Action.objects.visible_to(actor)
    if choice.mine:
        rows = rows.filter(assignee=actor.user_id)
    if choice.state == UNFINISHED:
        rows = rows.unfinished()
    elif choice.state == OVERDUE:
        rows = rows.overdue(today)
    elif choice.state != ANY:
        rows = rows.filter(state=choice.state)
    if choice.source:
        rows = rows.filter(source=choice.source)
    if choice.agreement:
        rows = rows.filter(agreement=choice.agreement)
    found: QuerySet[Action] = rows.select_related("assignee", "agreement", "plan").order_by(
        F("done_at").desc(nulls_first=True), "due_on", "pk"
    )
    return found


def plans(actor: Actor, state: str) -> QuerySet[ImprovementPlan]:
    """The improvement plans, in one state where that is one, the newest first."""
    rows: QuerySet[ImprovementPlan] = ImprovementPlan.objects.visible_to(actor)
    if state in PlanState.values:
        rows = rows.filter(state=state)
    return rows.select_related("assignee", "agreement").order_by("-pk")


def caused_by(record: Record, actor: Actor) -> QuerySet[Action]:
    """The actions opened because of a record, such as a ticket whose target was missed."""
    links = Link.objects.filter(target=record.pk, type=Link.Type.CAUSED_BY)
    rows: QuerySet[Action] = Action.objects.visible_to(actor).filter(pk__in=links.values("source"))
    return rows.select_related("assignee").order_by("due_on", "pk")


def causes(record: Record, actor: Actor) -> QuerySet[Record]:
    """What a record was opened because of, as far as the actor may see it."""
    links = Link.objects.filter(Q(source=record.pk), type=Link.Type.CAUSED_BY)
    return Record.objects.visible_to(actor).filter(pk__in=links.values("target")).order_by("pk")
