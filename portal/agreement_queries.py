"""What a customer's people read of their organisation's agreements; drafts, OLAs and UCs are not theirs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from agreements import bare, lifecycle, party
from agreements.models import Edition
from itsm.templatetags.ui import day_words
from portal.words import Plain
from records import timeline
from records.models import Activity
from records.timeline import Entry
from sla.models import Agreement

WAITING = (lifecycle.PARTY_REVIEW, lifecycle.TO_SIGN)
REVISED = (lifecycle.DRAFT, lifecycle.INTERNAL_REVIEW)


@dataclass(frozen=True)
class Line:
    """One edition in a list; ``url`` is empty where there is nothing to open."""

    name: str
    meta: str
    state: Plain
    url: str = ""


def _own(actor: Actor) -> "QuerySet[Edition]":
    """SLAs of the reader's own organisation, in any state."""
    rows: QuerySet[Edition] = Edition.objects.filter(
        customer=actor.organisation_id, agreement__customer=actor.organisation_id,
        agreement__kind=Agreement.Kind.SLA,
    ).select_related("agreement__customer", "customer", "requester", "signed_version")  # fmt: skip
    return rows


def visible(actor: Actor) -> "QuerySet[Edition]":
    """The editions a person may read; who also works for the provider reads no more of it here."""
    states: set[str] = set()
    for role in ("customer", "customer_manager"):
        states |= lifecycle.SHOWN_TO[role] if actor.has(role) else frozenset()
    return _own(actor).filter(state__in=states)


def find(actor: Actor, number: str) -> Edition | None:
    """An edition by its number, or None where the reader may not know it."""
    return visible(actor).filter(number=number.upper()).first()


def taken_back(actor: Actor, number: str = "") -> list[Edition]:
    """Editions offered once and being revised now; of one asked for by number also if it was given up."""
    if not actor.has("customer_manager"):
        return []
    offered = Activity.objects.filter(customer=actor.organisation_id, verb=party.OFFER).values("record")
    rows = _own(actor).filter(pk__in=offered)
    if number:
        rows = rows.filter(number=number.upper(), state__in=(*REVISED, lifecycle.WITHDRAWN))
    else:
        rows = rows.filter(state__in=REVISED)
    return list(rows.order_by("-pk"))


def waiting(actor: Actor) -> list[Line]:
    """What waits for the reader: an agreement to review or to sign."""
    if not actor.has("customer_manager"):
        return []
    rows = visible(actor).filter(state__in=WAITING).order_by("-pk")
    return [line_of(row) for row in rows if party.waits_for(row)]


@dataclass(frozen=True)
class Overview:
    """The list of agreements in its groups, each the newest first."""

    waiting: Sequence[Line]
    binding: Sequence[Line]
    earlier: Sequence[Line]
    revised: Sequence[dict[str, Any]]


def overview(actor: Actor, now: datetime) -> Overview:
    rows = list(visible(actor).order_by("-pk"))
    making = [row for row in rows if row.state in WAITING]
    binding = [row for row in rows if row.state == lifecycle.IN_FORCE]
    earlier = [row for row in rows if row.state not in (*WAITING, lifecycle.IN_FORCE)]
    return Overview(
        waiting=[line_of(row) for row in making],
        binding=[*(line_of(row) for row in binding), *_undocumented(actor, now)],
        earlier=[line_of(row) for row in earlier],
        revised=[
            {"name": row.agreement.name, "number": row.number, "words": party.what_happened(row),
             "remarks": party.remarks_of(row)}
            for row in taken_back(actor)
        ],
    )  # fmt: skip


def _undocumented(actor: Actor, now: datetime) -> list[Line]:
    """Versions in force that were entered without an edition: their promises are on the help page."""
    own = Agreement.objects.filter(customer=actor.organisation_id, kind=Agreement.Kind.SLA)
    state = Plain(_("In force"), "good", "circle-check")
    return [
        Line(version.agreement.name, _since(version.effective_from), state, reverse("portal:help"))
        for version in bare.in_force(own, now).order_by("-pk")
    ]


def _since(at: datetime) -> str:
    return _("in force since %(day)s") % {"day": _day(at)}


def line_of(edition: Edition) -> Line:
    url = reverse("portal:agreement", args=[edition.number])
    return Line(edition.agreement.name, meta_of(edition), state_of(edition), url)


def meta_of(edition: Edition) -> str:
    """Number, edition and span of time in one line."""
    parts = [edition.number, _("edition %(n)s") % {"n": edition.edition_number}]
    parts.append(_("in force from %(day)s") % {"day": _day(edition.effective_from)})
    if until := ended_at(edition):
        parts.append(_("until %(day)s") % {"day": _day(until)})
    return " · ".join(parts)


def ended_at(edition: Edition) -> datetime | None:
    ended = edition.agreement.ended_at if edition.state == lifecycle.TERMINATED else None
    return ended or edition.effective_until


def _day(at: datetime) -> str:
    return day_words(timezone.localdate(at))


def state_of(edition: Edition) -> Plain:
    """How far an agreement is, and what the reader can do about it, in plain words."""
    wanted = party.waits_for(edition)
    if wanted == "review":
        more = _("Read it, remark on what should be different, then agree or ask for changes.")
        return Plain(_("Waits for your review"), "warn", "message-reply", more, needs_you=True)
    if wanted == "signature":
        more = _("Both sides have agreed.")
        return Plain(_("Waits for your signature"), "warn", "pencil", more, needs_you=True)
    match edition.state:
        case lifecycle.TO_SIGN:
            more = _("You need to do nothing now; we tell you when it is in force.")
            return Plain(_("Agreed, being signed"), "accent", "progress", more)
        case lifecycle.IN_FORCE if edition.effective_from > timezone.now():
            words = _("Signed, in force from %(day)s") % {"day": _day(edition.effective_from)}
            return Plain(words, "accent", "calendar-event")
        case lifecycle.IN_FORCE:
            return Plain(_("In force"), "good", "circle-check")
        case lifecycle.TERMINATED:
            return Plain(_("Ended"), "quiet", "ban")
        case lifecycle.EXPIRED:
            return Plain(_("Expired"), "quiet", "calendar-off")
    return Plain(_("Replaced by a later edition"), "quiet", "history")


def editions_of(edition: Edition, actor: Actor) -> list[dict[str, Any]]:
    """All editions of the same agreement the reader may see, the newest first."""
    rows = visible(actor).filter(agreement=edition.agreement_id).order_by("-edition_number")
    return [
        {"edition": row, "state": state_of(row), "until": ended_at(row), "is_this": row.pk == edition.pk}
        for row in rows
    ]


def history_of(edition: Edition, actor: Actor) -> list[Entry]:
    """What was done with it, as far as customers read it, the newest first; remarks stand elsewhere."""
    signed = {row.recorded_at: row for row in edition.signatures.all()}
    words = {
        party.OFFER: _("offered it to you for review"),
        party.AGREE: _("recorded your agreement"),
        party.ASK_CHANGES: _("asked for changes"),
    }
    found = []
    # as a customer reads it, whoever asks: internal steps of the provider are no part of it
    reader = Actor(actor.user_id, actor.name, actor.roles & {"customer", "customer_manager"})
    for entry in timeline.entries(edition, reader, fold=False).entries[::-1]:
        if entry.verb in (party.REMARK, party.ANSWER):
            continue
        said = words.get(entry.verb, entry.words)
        if entry.verb == party.SIGN and (row := signed.get(entry.at)):
            side = _("for your side") if row.party == row.Party.COUNTERPARTY else _("for us")
            said = _("recorded the signature %(side)s: %(person)s, %(role)s") % {
                "side": side, "person": row.person, "role": row.role,
            }  # fmt: skip
        found.append(replace(entry, words=said))
    return found
