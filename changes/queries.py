"""Questions about changes; every one starts from what the actor may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from changes.models import Approval, Change, State, UnauthorisedChange
from records import search
from records.kinds import Kind
from records.models import Link, Record

UNFINISHED, ANY = "unfinished", "any"
STATES: tuple[tuple[str, Any], ...] = (
    (UNFINISHED, _("Not finished")),
    *State.choices,
    (ANY, _("In any state")),
)
MINE = (("", _("Everybody's")), ("mine", _("Mine")), ("decide", _("Waiting for my decision")))


def whole(text: str) -> int:
    """The number an address names; 0 for what is none, or longer than any."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@dataclass(frozen=True)
class Choice:
    """How the list is narrowed; 0 and "" for all."""

    words: str = ""
    state: str = UNFINISHED
    category: str = ""
    nature: str = ""
    risk: int = 0
    service: int = 0
    item: int = 0
    who: str = ""
    outcome: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Choice":
        """From an address: what it does not know is as if not asked."""

        def among(name: str, values: Any, default: str = "") -> str:
            value = given.get(name, "")
            return value if value in values else default

        words = given.get("q", "").replace("\0", "").strip()[:200]
        # who looks for words means the archive as well
        default = ANY if words else UNFINISHED
        return cls(
            words=words,
            state=among("state", dict(STATES), default),
            category=among("category", Change.Category.values),
            nature=among("nature", Change.Nature.values),
            risk=int(among("risk", ("1", "2", "3", "4"), "0")),
            service=whole(given.get("service", "")),
            item=whole(given.get("item", "")),
            who=among("who", dict(MINE)),
            outcome=among("outcome", Change.Outcome.values),
        )


def listed(actor: Actor, choice: Choice) -> QuerySet[Change]:
    """The changes chosen, the newest first, with the number of incidents each caused."""
    rows: Any = Change.objects.visible_to(actor)
    if choice.state == UNFINISHED:
        rows = rows.unfinished()
    elif choice.state != ANY:
        rows = rows.filter(state=choice.state)
    for name in ("category", "nature", "risk", "outcome"):
        if value := getattr(choice, name):
            rows = rows.filter(**{name: value})
    if choice.service:
        rows = rows.filter(change_services__service=choice.service)
    if choice.item:
        rows = rows.filter(change_items__item=choice.item)
    rows = _whose(rows, actor, choice.who)
    if choice.words:
        found = search.find(Record.objects.visible_to(actor), choice.words, actor=actor)
        rows = rows.filter(pk__in=found.filter(kind=Kind.CHANGE).values("pk"))
    return with_counts(rows).select_related("assignee", "customer").order_by("-opened_at", "-pk")


def _whose(rows: Any, actor: Actor, who: str) -> Any:
    if who == "mine":
        return rows.filter(Q(requester=actor.user_id) | Q(assignee=actor.user_id) | Q(owner=actor.user_id))
    if who == "decide":
        return rows.filter(pk__in=to_decide(actor).values("change"))
    return rows


def to_decide(actor: Actor) -> QuerySet[Approval]:
    """Decisions that wait for the actor by name, or for leaders where he is one; never on his own changes."""
    rows = Approval.objects.waiting().exclude(change__requester=actor.user_id)
    rows = rows.exclude(change__assignee=actor.user_id).exclude(party=Approval.Party.BOARD)
    mine = Q(person=actor.user_id)
    if actor.has("administrator", "manager", "service_level_manager"):
        mine |= Q(person=None)
    return rows.filter(mine, change__in=Change.objects.visible_to(actor))


def with_counts(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Changes with how many incidents each caused (CHG-17)."""
    links = Link.objects.filter(target=OuterRef("pk"), type=Link.Type.CAUSED_BY, source__kind=Kind.INCIDENT)
    counts = links.order_by().values("target").annotate(n=Count("pk")).values("n")
    found: QuerySet[Any] = rows.annotate(caused=Coalesce(Subquery(counts, output_field=IntegerField()), 0))
    return found


def unauthorised(actor: Actor, state: str) -> QuerySet[UnauthorisedChange]:
    """What was found and nobody approved, in one state where that is one, the newest first."""
    rows: QuerySet[UnauthorisedChange] = UnauthorisedChange.objects.shown_to(actor)
    return rows.filter(state=state) if state in UnauthorisedChange.State.values else rows


def of_item(item: int, actor: Actor) -> QuerySet[Change]:
    """The changes that have to do with an item, the newest first."""
    rows: Any = Change.objects.visible_to(actor).filter(change_items__item=item)
    found: QuerySet[Change] = rows.order_by("-opened_at", "-pk")
    return found


def causes(change: Change, actor: Actor) -> QuerySet[Record]:
    """What it was asked for because of: problems it is to solve, and whatever else caused it."""
    solved = Link.objects.filter(target=change.pk, type=Link.Type.SOLVED_BY).values("source")
    caused = Link.objects.filter(source=change.pk, type=Link.Type.CAUSED_BY).values("target")
    found: Any = Record.objects.visible_to(actor).filter(Q(pk__in=solved) | Q(pk__in=caused))
    rows: QuerySet[Record] = found.order_by("pk")
    return rows
