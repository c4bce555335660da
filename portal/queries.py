"""What the portal reads. Everything starts from what the customer may know to exist."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.access import Actor
from accounts.models import in_reader_language
from catalog.models import Service
from portal import words
from records import search, timeline
from records.kinds import processes
from records.lifecycle import Phase
from records.models import Activity, ProcessQuerySet, Record, Watch, may_wait_for_customer
from records.timeline import Timeline
from sla.models import Clock

PAGE = 25
FOUND = 30


def tickets(actor: Actor) -> ProcessQuerySet:
    """Every ticket the customer may see, with what a line about it needs."""
    rows: ProcessQuerySet = Record.objects.visible_to(actor).tickets().select_related("service", "requester")
    annotated: ProcessQuerySet = rows.annotate(
        confirmed_at=Coalesce("incident__confirmed_at", "servicerequest__confirmed_at")
    )
    return annotated


def own(rows: ProcessQuerySet, actor: Actor) -> ProcessQuerySet:
    """Those the person asked for, or follows because they reported them."""
    watched = Watch.objects.filter(user=actor.user_id).values("record_id")
    return rows.filter(Q(requester=actor.user_id) | Q(pk__in=watched))


def sees_organisation(actor: Actor) -> bool:
    """A customer's contact sees what colleagues reported."""
    return actor.has("customer_manager")


def asked(given: Mapping[str, str], actor: Actor) -> tuple[str, str]:
    """Which tickets an address asks for (open, done, all) and whose (mine, all)."""
    show, whose = given.get("show", ""), given.get("whose", "")
    return (
        show if show in ("open", "done", "all") else "open",
        "all" if whose == "all" and sees_organisation(actor) else "mine",
    )


def listed(actor: Actor, show: str, whose: str) -> ProcessQuerySet:
    """The tickets of a customer's list, as :func:`asked`."""
    rows = tickets(actor)
    if whose == "mine":
        rows = own(rows, actor)
    if show == "all":
        return rows
    return rows.open() if show == "open" else rows.filter(phase=Phase.DONE)


def yours_to_answer(rows: ProcessQuerySet, actor: Actor) -> ProcessQuerySet:
    """Of what waits for the customer, what this person can end; a contact decides on every quotation."""
    mine = own(rows, actor)
    if actor.has("customer_manager"):
        mine = mine | rows.filter(waiting_for__in=words.WANTED)
    return mine.filter(needing_you())


def needing_you() -> Q:
    """Tickets that wait for the customer: for an answer, or for the word that they are solved."""
    condition = Q(pk__in=[])
    for process in processes():
        if not process.is_ticket:
            continue
        lifecycle = process.lifecycle
        to_confirm = [
            state
            for state, phase in lifecycle.phases.items()
            if phase == Phase.DONE and not lifecycle.is_final(state) and state not in lifecycle.withdrawn
        ]
        condition |= Q(kind=process.kind, waiting_for__in=process.resumed_by_reply)
        condition |= Q(kind=process.kind, waiting_for__in=words.WANTED)
        unconfirmed = {f"{process.model._meta.model_name}__confirmed_at": None}
        condition |= Q(kind=process.kind, state__in=to_confirm, **unconfirmed)
    return condition & may_wait_for_customer()


@dataclass(frozen=True)
class Line:
    """One ticket in a list."""

    record: Record
    state: words.Plain
    promise: str
    url: str
    requester: str  # only where it is somebody else


def lines(rows: Iterable[Record], *, actor: Actor, now: datetime) -> list[Line]:
    return [
        Line(
            record=row,
            state=words.state_of(row),
            promise=words.due_words(row, now=now),
            url=reverse("portal:detail", args=[row.number]),
            requester="" if row.requester_id == actor.user_id else row.requester.name,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Page:
    """A page of rows, newest first, and the keys of its neighbours (None: there is none)."""

    rows: list[Record]
    newer: int | None
    older: int | None


def page_of(rows: ProcessQuerySet, *, before: int | None, after: int | None) -> Page:
    """Rows below key ``before``, or above key ``after``; the newest where neither is given."""
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: PAGE + 1])
        shown = found[:PAGE][::-1]
        has_newer, has_older = len(found) > PAGE, bool(shown)
    else:
        below = rows if before is None else rows.filter(pk__lt=before)
        found = list(below.order_by("-pk")[: PAGE + 1])
        shown = found[:PAGE]
        has_newer, has_older = before is not None and bool(shown), len(found) > PAGE
    return Page(
        rows=shown,
        newer=shown[0].pk if has_newer and shown else None,
        older=shown[-1].pk if has_older and shown else None,
    )


# --- one ticket ------------------------------------------------------------------------------


def conversation(record: Record, actor: Actor, *, before: str | None) -> Timeline:
    """The public timeline; whatever the desk wrote, also with a move, stands on the desk's side."""
    talk = timeline.entries(record, actor, before, fold=False)
    spoken = [entry.id for entry in talk.entries if entry.kind == "move" and entry.body_html]
    ours = set(
        Activity.objects.filter(pk__in=spoken, actor__organisation=record.customer_id).values_list(
            "pk", flat=True
        )
    )
    sides = {pk: "customer" if pk in ours else "public" for pk in spoken}
    return replace(
        talk, entries=[replace(entry, kind=sides.get(entry.id, entry.kind)) for entry in talk.entries]
    )


def clocks_of(record: Record) -> list[Clock]:
    return list(Clock.objects.filter(record=record.pk).order_by("pk"))


# --- finding ---------------------------------------------------------------------------------


def services() -> "QuerySet[Service]":
    return Service.objects.published()


def find_services(text: str) -> list[Service]:
    """Published services whose name or description holds the words, in either language."""
    text = text.strip()
    if not text:
        return []
    fields = ("name_en", "name_zh", "description_en", "description_zh")
    condition = Q(pk__in=[])
    for field in fields:
        condition |= Q(**{f"{field}__icontains": text})
    return sorted(
        services().filter(condition)[:FOUND], key=lambda s: in_reader_language(s.name_en, s.name_zh)
    )


def find_tickets(actor: Actor, text: str) -> list[Record]:
    """The newest tickets with the words of ``text`` in what the customer may read."""
    if not text.strip():
        return []
    found = search.find(tickets(actor), text, actor=actor)
    return list(found.order_by("-pk")[:FOUND])
