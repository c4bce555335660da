"""The verbs of a known error: recorded, written, matched with incidents, ended, renewed (PRB-07).

Known errors are the provider's own, so who may write them does so with the whole of them in reach, though he
works for some customers only (knowledge.services.at_large).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from catalog.models import Service
from cmdb.models import Item
from knowledge.found import is_chinese
from knowledge.services import at_large, provider
from problems import lifecycle
from problems.models import KnownError, Problem
from records import log as records_log
from records import search
from records.kinds import TICKETS, Kind
from records.models import Link, Priority, Record
from records.services import MAX_TEXT, begin, link, move, open_record, refuse, save

TEXTS = ("title", "title_zh", "description", "symptom_zh", "workaround", "workaround_zh")
SHORT = {"title": 200, "title_zh": 200}


def get_known_error(actor: Actor, number: str) -> KnownError:
    """The known error if the actor may read it; else 404."""
    rows = KnownError.objects.readable_by(actor).select_related("service", "customer", "owner", "of_problem")
    found: KnownError | None = rows.filter(number=number.upper()).first()
    if found is None:
        raise Http404(_("There is no record %(number)s.") % {"number": number[:20]})
    return found


def record_error(
    *,
    title: str,
    title_zh: str,
    symptom: str,
    symptom_zh: str,
    workaround: str,
    workaround_zh: str,
    actor: Actor,
    now: datetime,
    problem: Problem | None = None,
    customer: Organisation | None = None,
    service: Service | None = None,
    items: Iterable[Item] = (),
) -> KnownError:
    """Record a known error with its workaround, in one language at least; the other is flagged as missing.

    Of a problem it takes over customer, service and items that are not given.
    """
    access.require(actor, "write_known_error")
    texts = _cleaned(title, title_zh, symptom, symptom_zh, workaround, workaround_zh)
    if problem is not None and problem.state not in lifecycle.WORKED_ON:
        raise refuse("problem", _("Only a problem that is being worked on leaves a known error."))
    whose = customer or (problem.customer if problem else provider())
    if actor.scope is not None and whose.pk not in actor.scope and whose.pk != provider().pk:
        raise refuse("customer", _("Choose customers you work for."))
    person = User.objects.get(pk=actor.user_id)
    with transaction.atomic():
        made: KnownError = open_record(
            KnownError, Kind.KNOWN_ERROR, actor=at_large(actor), now=now, customer=whose, requester=person,
            owner=person, priority=Priority.MODERATE, of_problem=problem,
            service=service or (problem.service if problem else None), words=[*texts.values()], **texts,
        )  # fmt: skip
        made.items.set(list(items) or (list(problem.items.all()) if problem else []))
        index(made)
        if problem is not None:
            records_log.write(problem, "problem.known", actor=actor, at=now, other=made.number)
    return made


def _cleaned(
    title: str, title_zh: str, symptom: str, symptom_zh: str, workaround: str, workaround_zh: str
) -> dict[str, Any]:
    given = dict(zip(TEXTS, (title, title_zh, symptom, symptom_zh, workaround, workaround_zh), strict=True))
    texts: dict[str, Any] = {name: text.strip().replace("\r\n", "\n") for name, text in given.items()}
    errors: dict[str, ValidationError] = {}
    for name, text in texts.items():
        field = "symptom" if name == "description" else name
        most = SHORT.get(name, MAX_TEXT)
        if len(text) > most:
            words = _("The text is too long: at most %(n)s characters.") % {"n": most}
            errors[field] = ValidationError(words, code="too_long")
        if "\0" in text:
            errors[field] = ValidationError(_("Null characters are not allowed."), code="invalid")
    if not (texts["title"] or texts["title_zh"]):
        errors["title"] = ValidationError(_("Give it a title, in one language at least."), code="required")
    if not (texts["workaround"] or texts["workaround_zh"]):
        words = _("Say what to do until it is gone, in one language at least.")
        errors["workaround"] = ValidationError(words, code="required")
    if errors:
        raise ValidationError(errors)
    texts["title"] = texts["title"] or texts["title_zh"]
    return texts


def begun_from(problem: Problem) -> dict[str, Any]:
    """What the form of a new known error begins with: the problem's words in the fields of their language.

    A problem has one title "in any language", and perhaps a Chinese one besides.
    """
    title, title_zh = problem.title, problem.title_zh
    if is_chinese(title):
        title, title_zh = "", title_zh or title
    symptom = "symptom_zh" if is_chinese(problem.description) else "symptom"
    return {
        "title": title, "title_zh": title_zh, symptom: problem.description, "service": problem.service,
    }  # fmt: skip


def write(
    row: KnownError,
    *,
    title: str,
    title_zh: str,
    symptom: str,
    symptom_zh: str,
    workaround: str,
    workaround_zh: str,
    actor: Actor,
    now: datetime,
    service: Service | None = None,
    items: Iterable[Item] = (),
    expected_version: int | None,
) -> KnownError:
    """Save what it says; the same again changes nothing."""
    texts = _cleaned(title, title_zh, symptom, symptom_zh, workaround, workaround_zh)
    things = sorted({item.pk for item in items})
    with transaction.atomic():
        current = begin(
            row, "write_known_error", actor=at_large(actor), now=now, expected_version=expected_version
        )
        changed = [name for name, text in texts.items() if getattr(current, name) != text]
        if current.service_id != (service and service.pk):
            changed.append("service")
        known_items = sorted(current.items.values_list("pk", flat=True))
        if not changed and known_items == things:
            return current
        for name, text in texts.items():
            setattr(current, name, text)
        current.service = service
        current.items.set(things)
        save(current, changed, now=now)
        records_log.write(current, "known_error.written", actor=actor, at=now, text=current.way_round)
        search.index(current, public=texts.values())
        index(current)
    return current


def index(row: KnownError) -> None:
    """Store the words it is found by at triage: its title before its symptom before its workaround."""
    parts = (
        ("A", (row.title, row.title_zh, row.number)),
        ("B", (row.description, row.symptom_zh)),
        ("D", (row.workaround, row.workaround_zh)),
    )
    sql = " || ".join(f"setweight(to_tsvector('english', %s), '{weight}')" for weight, _texts in parts)
    words = [" ".join(w for text in texts for w in search.words(text)) for _weight, texts in parts]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE problems_knownerror SET words = {sql} WHERE record_ptr_id = %s",  # noqa: S608 (no input)
            [*words, row.pk],
        )


def match(incident: Record, row: KnownError, *, actor: Actor, now: datetime) -> Link:
    """This incident is that known error: linked and counted, once."""
    if incident.kind not in TICKETS:
        raise refuse("incident", _("Choose an incident."))
    access.require(actor, "match_known_error", incident)
    if not KnownError.objects.readable_by(actor).filter(pk=row.pk, state=lifecycle.VALID).exists():
        raise refuse("known_error", _("Only a valid known error can be matched."))
    if row.customer.kind == Organisation.Kind.CUSTOMER and row.customer_id != incident.customer_id:
        raise refuse("known_error", _("This known error is another customer's."))
    return link(incident, row, kind=Link.Type.MATCHES, actor=at_large(actor), now=now)


def end(
    row: KnownError, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> KnownError:
    """The fault is gone; it is offered no more."""
    if not reason.strip():
        raise refuse("reason", _("Say why it is past."), "required")
    return move(
        row, "end_known_error", actor=at_large(actor), now=now, note=reason.strip(),
        expected_version=expected_version,
    )  # fmt: skip


def renew(
    row: KnownError, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> KnownError:
    """The fault is there again, and so is the known error."""
    if not reason.strip():
        raise refuse("reason", _("Say why it is valid again."), "required")
    return move(
        row, "renew_known_error", actor=at_large(actor), now=now, note=reason.strip(),
        expected_version=expected_version,
    )  # fmt: skip


def drop(
    row: KnownError, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> KnownError:
    """It turned out to be no known error; final."""
    if not reason.strip():
        raise refuse("reason", _("Say why it is no known error."), "required")
    return move(
        row, "drop_known_error", actor=at_large(actor), now=now, note=reason.strip(),
        expected_version=expected_version,
    )  # fmt: skip


def end_of(problem: Problem, *, reason: str, actor: Actor, now: datetime) -> None:
    """All known errors of a problem whose solution is verified."""
    for row in KnownError.objects.filter(of_problem=problem.pk, state=lifecycle.VALID).order_by("pk"):
        end(row, reason=reason, actor=actor, now=now)


def matched(row: KnownError, actor: Actor) -> "list[Record]":
    """The incidents matched with it that the actor may see, the newest first; at most a hundred."""
    rows = Record.objects.visible_to(actor).filter(links_from__target=row.pk, links_from__type="matches")
    return list(rows.select_related("customer").order_by("-pk")[:100])
