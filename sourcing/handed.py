"""Tickets in a supplier's hands: found through who holds them now, and what its people may do with them.

A supplier's people are no desk and no customer: records.visible_to shows them nothing. What they may read and
write of a ticket goes through here and nowhere else: only while their supplier holds it, only what they need
for it, and never what the customer wrote besides title and description.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

import incidents.services
from accounts import access
from accounts.access import Actor, Role
from accounts.models import User
from accounts.services import system_actor, system_after
from incidents import supplying
from incidents.models import Incident
from records import files, search
from records import log as records_log
from records.files import Upload
from records.models import Activity, Attachment, Record
from records.services import MAX_TEXT, begin, lock, refuse, save, store_files
from sla.models import Clock, Holding
from suppliers.models import Supplier

# What stands in the conversation with a supplier; everything else on a ticket is not for it.
HANDED, REPLIED = "incident.to_supplier", "incident.supplier_replied"
TOLD, WROTE, SOLVED = "sourcing.told_supplier", "sourcing.supplier_wrote", "sourcing.supplier_solved"
CONVERSATION = (HANDED, REPLIED, TOLD, WROTE, SOLVED)
ANNOUNCED = "sourcing.handed_over"
MOST_AT_ONCE = 200


def supplier_of(actor: Actor) -> Supplier:
    """The supplier whose people the actor belongs to; 404 for everybody else, and once it is switched off."""
    access.require(actor, "supply")
    found = Supplier.objects.filter(organisation=actor.organisation_id, is_active=True).first()
    if found is None:
        raise Http404(_("There is no supplier for this account."))
    return found


def people_of(supplier: Supplier) -> QuerySet[User]:
    """Who may use the supplier's pages."""
    rows = User.objects.filter(is_active=True, grants__role=Role.SUPPLIER)
    return rows.filter(organisation=supplier.organisation_id or 0).distinct()


def in_hand(supplier: Supplier) -> QuerySet[Holding]:
    """The tickets the supplier has now, those it has longest first."""
    rows = Holding.objects.filter(supplier=supplier, party=Holding.Party.SUPPLIER, until=None)
    return rows.select_related("record").order_by("since", "pk")


def holding_of(record_id: int) -> Holding | None:
    """Who has a ticket now, if that is a supplier."""
    rows = Holding.objects.filter(record=record_id, until=None, party=Holding.Party.SUPPLIER)
    return rows.select_related("supplier").first()


def ticket(actor: Actor, number: str) -> tuple[Supplier, Incident, Holding]:
    """A ticket in the hands of the actor's supplier at this moment; 404 for any other."""
    supplier = supplier_of(actor)
    found = in_hand(supplier).filter(record__number=number.upper()).first()
    incident = Incident.objects.filter(pk=found.record_id).first() if found else None
    if found is None or incident is None:
        raise Http404(_("There is no record %(number)s.") % {"number": number[:20]})
    return supplier, incident, found


# --- reading --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Message:
    """One entry of the conversation, as its page shows it."""

    activity: Activity
    is_theirs: bool
    files: Sequence[Attachment]


def messages(record: Record, supplier: Supplier) -> list[Message]:
    """What was said between the desk and this supplier about a ticket, oldest first; two queries.

    Entries name their supplier, so that one never reads another's.
    """
    listed = list(_spoken(record, supplier).select_related("actor").order_by("at", "pk"))
    kept: dict[int, list[Attachment]] = {}
    for file in Attachment.objects.filter(activity__in=listed).order_by("pk"):
        kept.setdefault(file.activity_id, []).append(file)
    return [Message(row, row.verb in (REPLIED, WROTE, SOLVED), kept.get(row.pk, ())) for row in listed]


def _spoken(record: Record, supplier: Supplier) -> QuerySet[Activity]:
    """What the desk said to the supplier, and what its own people said; not what the desk noted of them."""
    rows = record.activities.filter(verb__in=CONVERSATION, data__supplier__id=supplier.pk)
    own = Q(actor__organisation=supplier.organisation_id or 0)
    return rows.filter(Q(verb__in=(HANDED, TOLD)) | own)


def attachment(actor: Actor, number: str, key: str) -> Attachment:
    """A file of the conversation; 404 for any other file of the ticket."""
    supplier, incident, _holding = ticket(actor, number)
    spoken = _spoken(incident, supplier)
    found = Attachment.objects.filter(record=incident.pk, activity__in=spoken, key=key).first()
    if found is None:
        raise Http404
    return found


def clocks_of(record_ids: Sequence[int], supplier: Supplier) -> QuerySet[Clock]:
    """The targets of the supplier's own contracts that run for some tickets."""
    rows = Clock.every.filter(record__in=record_ids, support__supplier=supplier, stopped_at=None)
    return rows.select_related("target").order_by("due_at", "pk")


# --- writing --------------------------------------------------------------------------------------


def acting(actor: Actor) -> Actor:
    """The actor under his own name with what verbs ask for; only after it was found that it is his affair."""
    return replace(actor, roles=frozenset({Role.SYSTEM}), scope=None)


def _hold(incident: Incident, actor: Actor) -> Supplier:
    """Under the ticket's lock: it is in the hands of the actor's supplier still."""
    supplier = supplier_of(actor)
    lock(incident)
    if not in_hand(supplier).filter(record=incident.pk).exists():
        raise Http404(_("There is no record %(number)s.") % {"number": incident.number})
    return supplier


def write(
    incident: Incident,
    *,
    text: str,
    actor: Actor,
    now: datetime,
    attachments: Sequence[Upload] = (),
    is_answer: bool = False,
    is_solved: bool = False,
    reference: str = "",
) -> Activity:
    """A message of the supplier's people to the desk, with files.

    ``is_answer``: the supplier has looked at it, so its response is given (UC). ``is_solved``: it says that
    the trouble is gone, which gives the ticket back to the desk; whether it is solved, the desk decides.
    """
    _check(text, attachments)
    if (is_answer or is_solved) and not text.strip():
        raise refuse("text", _("Write what you found or did."), "required")
    files.check(list(attachments))
    with transaction.atomic():
        supplier = _hold(incident, actor)
        if is_answer or is_solved:
            supplying.supplier_replied(
                incident, note=text.strip(), reference=reference.strip()[:100], actor=acting(actor), now=now
            )
        current = lock(incident)
        verb = SOLVED if is_solved else WROTE
        if is_answer and not is_solved:
            # the answer itself is the entry; files are kept with it
            activity = current.activities.filter(verb=REPLIED, actor=actor.user_id).latest("pk")
        else:
            save(current, [], now=now)
            activity = records_log.write(
                current, verb, actor=actor, at=now, text="" if is_solved else text.strip(),
                supplier=supplier.label,
            )  # fmt: skip
        store_files(current, activity, attachments, public=False, actor=actor, now=now)
        search.index(current, internal=[text])
        if is_solved:
            # by the system: who the supplier is, and its people, are no business of the customer's
            incidents.services.resume(current, actor=system_after(actor), now=now)
    return activity


def tell(
    record: Record, *, text: str, actor: Actor, now: datetime, attachments: Sequence[Upload] = ()
) -> Activity:
    """A message of the desk to the supplier who has the ticket; its people are told."""
    _check(text, attachments)
    files.check(list(attachments))
    with transaction.atomic():
        current = begin(record, "tell_supplier", actor=actor, now=now, expected_version=None)
        holding = holding_of(current.pk)
        if holding is None or holding.supplier is None:
            raise refuse("text", _("The ticket is with no supplier now."))
        save(current, [], now=now)
        people = list(people_of(holding.supplier).order_by("pk").values_list("pk", flat=True))
        activity = records_log.write(
            current, TOLD, actor=actor, at=now, text=text.strip(), supplier=holding.supplier.label,
            people=people,
        )  # fmt: skip
        store_files(current, activity, attachments, public=False, actor=actor, now=now)
        search.index(current, internal=[text])
    return activity


def _check(text: str, attachments: Sequence[Any]) -> None:
    if not text.strip() and not attachments:
        raise refuse("text", _("Write something, or attach a file."), "required")
    if "\0" in text:
        raise refuse("text", _("Null characters are not allowed."))
    if len(text) > MAX_TEXT:
        raise refuse(
            "text", _("The text is too long: at most %(n)s characters.") % {"n": MAX_TEXT}, "too_long"
        )


def announce(*, now: datetime) -> int:
    """Tell suppliers' people of tickets they were not told of yet, once for each time; safe to repeat.

    They are told in the moment a ticket is handed over. This is for what came otherwise: handed over before
    the supplier had people here, or opened again in its hands.
    """
    told = 0
    said = Activity.objects.filter(record=OuterRef("record"), verb=ANNOUNCED, at__gte=OuterRef("since"))
    rows = Holding.objects.filter(
        ~Exists(said), until=None, party=Holding.Party.SUPPLIER, supplier__organisation__isnull=False
    )
    for holding in rows.select_related("record").order_by("pk")[:MOST_AT_ONCE]:
        told += announce_one(holding.record, actor=system_actor(), now=now)
    return told


def announce_one(record: Record, *, actor: Actor, now: datetime) -> bool:
    """Tell the people of the supplier who has a ticket that it came into their hands; True if they were.

    Silent where ``actor``, who handed it over, acts in an import.
    """
    with transaction.atomic():
        current = lock(record)
        holding = holding_of(current.pk)
        supplier = holding.supplier if holding else None
        if holding is None or supplier is None or not supplier.is_active:
            return False
        said = Activity.objects.filter(record=current.pk, verb=ANNOUNCED, at__gte=holding.since)
        people = list(people_of(supplier).order_by("pk").values_list("pk", flat=True))
        if not people or said.exists():
            return False
        records_log.write(
            current, ANNOUNCED, actor=system_after(actor), at=now, supplier=supplier.label, people=people
        )
    return True
