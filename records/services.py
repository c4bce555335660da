"""The only writers of records. Each verb is one transaction: lock, permit, change, clocks, log.

``actor`` is who does it and ``now`` the instant it is done at; both are always given. People's mistakes come
back as django ValidationError keyed by field, refusals as access.Denied, IllegalMove or Stale.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor, Origin
from accounts.models import Organisation, User
from accounts.services import system_after
from catalog.models import Service
from records import alarms, files, search
from records import log as records_log
from records.began import began_at
from records.files import Upload
from records.kinds import PREFIXES, Kind, Process, process_of
from records.lifecycle import IllegalMove, Phase
from records.models import Activity, Attachment, Link, Record, Watch
from records.verbs import verb_of
from sla import following

R = TypeVar("R", bound=Record)
MAX_TEXT = 50_000


class Stale(Exception):
    """Somebody saved the record since the writer read it. Carries what happened since."""

    def __init__(self, record: Record, seen: int) -> None:
        super().__init__(f"{record.number} is at version {record.version}, not {seen}")
        self.record = record
        self.since = list(
            record.activities.filter(record_version__gt=seen).select_related("actor").order_by("id")
        )

    def since_for(self, actor: Actor) -> list[Activity]:
        """What happened since, as far as the actor may read it."""
        readable = Activity.objects.filter(pk__in=[a.pk for a in self.since]).readable_by(actor)
        known = set(readable.values_list("pk", flat=True))
        return [activity for activity in self.since if activity.pk in known]


# --- reading by number -----------------------------------------------------------------------


def get_record(actor: Actor, number: str) -> Record:
    """The record as its own process's row. The only fetch by number: what is invisible is 404."""
    asked = number.replace("\0", "").upper()  # no text of the database holds a NUL
    found = Record.objects.visible_to(actor).filter(number=asked).values_list("kind", "pk").first()
    if found is None:
        raise Http404(_("There is no record %(number)s.") % {"number": number[:20]})
    kind, pk = found
    queryset = process_of(kind).model._default_manager.select_related(
        "customer", "requester", "service__second_line_team", "team", "assignee", "owner"
    )
    record: Record = queryset.get(pk=pk)
    return record


# --- shared steps ----------------------------------------------------------------------------


def lock(record: R) -> R:
    """The record read anew under its row lock (both its rows). Before any clock, always."""
    rows = type(record)._default_manager.select_for_update(
        no_key=True, of=("self",) if type(record) is Record else ("record_ptr", "self")
    )  # in this order: the sweep holds the record's row before it comes to the process's
    # What else a verb needs is read when it does: planning a join of all of it takes longer than that.
    locked: R = rows.select_related("team").get(pk=record.pk)
    return locked


def refuse(field: str, message: str, code: str = "invalid") -> ValidationError:
    """A ValidationError on one field."""
    return ValidationError({field: ValidationError(message, code=code)})


def begin(record: R, action: str, *, actor: Actor, now: datetime, expected_version: int | None) -> R:
    """The first half of every verb: lock, permission, version, and what fell due before this act."""
    current = lock(record)
    access.require(actor, action, current)
    if expected_version is not None and expected_version != current.version:
        raise Stale(current, expected_version)
    if alarms.raise_due_of(current, now=now, actor=actor):
        current = lock(record)  # an escalation by the system may have changed it
    return current


def save(record: Record, changed: Sequence[str], *, now: datetime) -> None:
    """Store changed columns with a new version."""
    record.version += 1
    record.updated_at = now
    record.save(update_fields=[*changed, "version", "updated_at"])


def _follow(record: Record, *, now: datetime, actor: Actor) -> None:
    """Let the clocks of a ticket match it, and note its next due time; other work has no clocks."""
    process = process_of(record.kind)
    if process.is_ticket:
        record.next_due_at = following.follow(
            record,
            now=now,
            by=actor,
            withdrawn=record.state in process.lifecycle.withdrawn,
            reached=process.reached(record),
            supplier_id=process.supplier_of(record),
            began_at=began_at(record),
        )


def hand_over(record: Record, *, now: datetime, actor: Actor, is_accepted: bool = False) -> None:
    """Let the clocks of teams and suppliers follow a change of hands; what the customer has does not move."""
    process = process_of(record.kind)
    if process.is_ticket:
        following.handed_over(
            record, now=now, by=actor, supplier_id=process.supplier_of(record), is_accepted=is_accepted
        )


def next_number(kind: Kind) -> str:
    """A new number; concurrent callers get different ones, a rolled back one leaves a gap."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [f"records_number_{kind.value}"])
        return f"{PREFIXES[kind]}{cursor.fetchone()[0]:07d}"


# --- opening ---------------------------------------------------------------------------------


def open_record(
    model: type[R],
    kind: Kind,
    *,
    actor: Actor,
    now: datetime,
    customer: Organisation,
    requester: User,
    number: str | None = None,
    follower: User | None = None,
    attachments: Sequence[Upload] = (),
    words: Sequence[str] = (),
    noted: Mapping[str, Any] | None = None,
    **fields: Any,
) -> R:
    """Create a record in its first state with clocks, log and words. ``fields`` are checked columns.

    ``follower`` follows the record besides its requester, for example who reported it. ``words`` are
    further texts by which it is found; ``noted`` goes into the log, such as the mail it came by.
    """
    process = process_of(kind)
    _check_people(
        customer, requester, fields.get("reporter"), fields.get("service"), actor,
        is_ticket=process.is_ticket,
    )  # fmt: skip
    files.check(list(attachments))
    with transaction.atomic():
        state = process.lifecycle.initial
        record = model(
            kind=kind.value,
            number=number or next_number(kind),
            state=state,
            phase=process.lifecycle.phases[state],
            customer=customer,
            requester=requester,
            opened_at=now,
            updated_at=now,
            **fields,
        )
        access.require(actor, "open", record)
        record.save(force_insert=True)
        for person in {follower, _opener(actor, requester)}:
            if person and person != requester:
                Watch.objects.create(record_id=record.pk, user=person)
        _follow(record, now=now, actor=actor)
        if record.next_due_at:
            Record.objects.filter(pk=record.pk).update(next_due_at=record.next_due_at)
        activity = records_log.write(
            record, f"{kind.value}.open", actor=actor, at=now, text=record.description,
            channel=record.channel, **(noted or {}),
        )  # fmt: skip
        store_files(record, activity, attachments, public=True, actor=actor, now=now)
        search.index(record, public=[record.number, record.title, record.description, *words])
    return record


def _opener(actor: Actor, requester: User) -> User | None:
    """A customer's colleague who reports for somebody follows the ticket."""
    if actor.is_desk_side or actor.user_id == requester.pk:
        return None
    return User.objects.get(pk=actor.user_id)


def _check_people(
    customer: Organisation,
    requester: User,
    reporter: User | None,
    service: Service | None,
    actor: Actor,
    *,
    is_ticket: bool = True,
) -> None:
    errors: dict[str, ValidationError] = {}
    kinds = {Organisation.Kind.CUSTOMER} | (set() if is_ticket else {Organisation.Kind.PROVIDER})
    if customer.kind not in kinds or not customer.is_active:
        errors["customer"] = ValidationError(_("Choose an active customer."), code="invalid")
    if (is_ticket and requester.organisation_id != customer.pk) or not requester.is_active:
        errors["requester"] = ValidationError(
            _("Choose an active person of %(customer)s.") % {"customer": customer.name}, code="invalid"
        )
    if reporter and not actor.is_desk_side and reporter.organisation_id != customer.pk:
        errors["reporter"] = ValidationError(_("Choose a person of your organisation."), code="invalid")
    if service and not service.is_published and actor.origin != Origin.IMPORT:
        errors["service"] = ValidationError(_("Choose a published service."), code="invalid")
    if errors:
        raise ValidationError(errors)


# --- moving ----------------------------------------------------------------------------------


def move(
    record: R,
    action: str,
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
    note: str = "",
    waiting_for: str = "",
    changes: Mapping[str, Any] | None = None,
    **data: Any,
) -> R:
    """Take a record through one move of its lifecycle. Nothing else writes state or phase.

    ``changes`` are columns of the process set with the move (already checked by its verb), ``data`` goes
    into the log, ``note`` is its text. Raises IllegalMove, Denied, Stale.
    """
    process = process_of(record.kind)
    with transaction.atomic():
        current = begin(record, action, actor=actor, now=now, expected_version=expected_version)
        before = current.state
        cycle = process.lifecycle_of(current)
        current.state = cycle.next_state(before, action)
        current.phase = cycle.phases[current.state]
        current.waiting_for = _checked_reason(process, current.phase, waiting_for)
        current.done_at = (current.done_at or now) if current.phase == Phase.DONE else None
        for column, value in (changes or {}).items():
            setattr(current, column, value)
        _follow(current, now=now, actor=actor)
        kernel = ["state", "phase", "waiting_for", "done_at", "next_due_at"]
        save(current, [*kernel, *(changes or {})], now=now)
        if waiting_for:
            data["reason"] = {**records_log.bilingual(process.reasons[waiting_for]), "code": waiting_for}
        records_log.write(
            current, f"{record.kind}.{action}", actor=actor, at=now, text=note,
            **{"from": before, "into": current.state, **data},
        )  # fmt: skip
        if note:
            is_public = verb_of(f"{record.kind}.{action}").is_public
            search.index(current, **{"public" if is_public else "internal": [note]})
    return current


def _checked_reason(process: Process, phase: str, reason: str) -> str:
    if phase != Phase.WAITING:
        return ""
    if reason not in process.reasons:
        raise refuse(
            "reason",
            _("Say what the ticket waits for: one of %(reasons)s.") % {"reasons": ", ".join(process.reasons)},
            "required" if not reason else "invalid_choice",
        )
    return reason


def reach(
    record: R,
    milestone: str,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
    note: str = "",
) -> R:
    """Something happened to a record that is no move, such as the arrival on site; its clocks follow.

    ``changes`` are columns already checked by the process's verb; logged as ``<kind>.<milestone>``.
    """
    with transaction.atomic():
        current = begin(record, milestone, actor=actor, now=now, expected_version=expected_version)
        if current.phase == Phase.DONE:
            legal = process_of(record.kind).lifecycle_of(current).legal_moves(current.state)
            raise IllegalMove(milestone, current.state, legal)
        for column, value in changes.items():
            setattr(current, column, value)
        _follow(current, now=now, actor=actor)
        save(current, [*changes, "next_due_at"], now=now)
        records_log.write(current, f"{record.kind}.{milestone}", actor=actor, at=now, text=note)
        if note:
            search.index(current, public=[note])
    return current


# --- talking ---------------------------------------------------------------------------------


def comment(
    record: R,
    *,
    text: str,
    is_public: bool,
    actor: Actor,
    now: datetime,
    attachments: Sequence[Upload] = (),
    noted: Mapping[str, Any] | None = None,
) -> Activity:
    """A reply everybody reads, or an internal note, with files. Needs no version: it only adds.

    An agent's reply stops the first-response clock (K-2); a customer's reply resumes a ticket that waited
    for the customer.
    """
    _check_text(text, attachments)
    files.check(list(attachments))
    if not is_public and not actor.is_desk_side:
        raise refuse("public", _("Customers write public replies only."))
    with transaction.atomic():
        current = begin(record, "reply" if is_public else "note", actor=actor, now=now, expected_version=None)
        from_agent = actor.is_staff_side
        if is_public and from_agent and text.strip() and process_of(record.kind).is_ticket:
            # a file alone answers nothing
            current.next_due_at = following.answered(
                current, now=now, by=actor, supplier_id=process_of(record.kind).supplier_of(current)
            )
        save(current, ["next_due_at"], now=now)
        activity = records_log.write(
            current, _comment_verb(text, is_public, actor), actor=actor, at=now, text=text,
            names=", ".join(f.name or "" for f in attachments), **(noted or {}),
        )  # fmt: skip
        store_files(current, activity, attachments, public=is_public, actor=actor, now=now)
        search.index(current, **{"public" if is_public else "internal": [text]})
        if is_public and not actor.is_desk_side:
            _resume_after_reply(current, actor=actor, now=now)
    return activity


def _comment_verb(text: str, is_public: bool, actor: Actor) -> str:
    if not is_public:
        return "record.noted"
    return "record.replied" if actor.is_desk_side else "record.asked"


def _check_text(text: str, attachments: Sequence[Upload]) -> None:
    if not text.strip() and not attachments:
        raise refuse("text", _("Write something, or attach a file."), "required")
    if "\0" in text:
        raise refuse("text", _("Null characters are not allowed."))
    if len(text) > MAX_TEXT:
        message = _("The text is too long: at most %(n)s characters.")
        raise refuse("text", message % {"n": MAX_TEXT}, "too_long")


def _resume_after_reply(current: Record, *, actor: Actor, now: datetime) -> None:
    process = process_of(current.kind)
    if current.waiting_for in process.resumed_by_reply:
        move(current, "resume", actor=system_after(actor), now=now)


def store_files(
    record: Record,
    activity: Activity,
    attachments: Sequence[Upload],
    *,
    public: bool,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep the files that came with an activity; the caller has checked them and holds the transaction."""
    for upload in attachments:
        stored = files.store(upload)
        Attachment.objects.create(
            record_id=record.pk,
            activity=activity,
            customer_id=record.customer_id,
            key=stored.key,
            name=stored.name,
            size=stored.size,
            content_type=stored.content_type,
            sha256=stored.sha256,
            is_public=public,
            created_by_id=actor.user_id,
            created_at=now,
        )


# --- facts -----------------------------------------------------------------------------------


def edit(
    record: R,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None,
    reason: str = "",
) -> R:
    """Change facts of a record; the log keeps each field's old and new value. Clocks follow.

    ``changes`` holds checked values of editable fields. The same values again change nothing.
    """
    process = process_of(record.kind)
    if unknown := set(changes) - process.editable:
        raise ValidationError({f: _("This field cannot be changed here.") for f in sorted(unknown)})
    with transaction.atomic():
        current = begin(record, "edit", actor=actor, now=now, expected_version=expected_version)
        if "requester" in changes or "service" in changes:
            requester = changes.get("requester", current.requester)
            _check_people(current.customer, requester, None, changes.get("service"), actor)
        diff = _apply(current, changes)
        if not diff:
            return current
        _follow(current, now=now, actor=actor)
        save(current, [*diff, "next_due_at"], now=now)
        records_log.write(
            current, "record.edited", actor=actor, at=now, text=reason, changes=diff,
            fields=_field_names(current, diff),
        )  # fmt: skip
        search.index(current, public=[str(changes[n]) for n in ("title", "description") if n in diff])
    return current


def _apply(record: Record, changes: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set what differs; answers field -> [old, new] as the log keeps them."""
    diff: dict[str, list[Any]] = {}
    for name, value in changes.items():
        if getattr(record, name) != value:
            old = shown(record, name)
            setattr(record, name, value)
            diff[name] = [old, shown(record, name)]
    return diff


def shown(record: Record, name: str) -> Any:
    """A field's value as the log keeps it: a label in both languages where it has one."""
    value = getattr(record, name)
    if hasattr(value, "label") and not isinstance(value, str | int):
        return value.label
    field = record._meta.get_field(name)
    choices = dict(getattr(field, "flatchoices", ()) or ())
    if value in choices:
        return {**records_log.bilingual(choices[value]), "code": value}
    return value.isoformat() if isinstance(value, datetime) else value


def _field_names(record: Record, names: Mapping[str, Any]) -> dict[str, str]:
    pairs = [records_log.bilingual(getattr(record._meta.get_field(n), "verbose_name", n)) for n in names]
    return {"en": ", ".join(p["en"] for p in pairs), "zh": "、".join(p["zh"] for p in pairs)}


def link(record: Record, other: Record, *, kind: str, actor: Actor, now: datetime) -> Link:
    """Relate two records both visible to the actor. Safe to repeat."""
    if record.pk == other.pk:
        raise refuse("other", _("A record cannot be linked to itself."))
    with transaction.atomic():
        current = begin(record, "link", actor=actor, now=now, expected_version=None)
        access.require(actor, "link", other)
        made, created = Link.objects.get_or_create(
            source_id=current.pk,
            target_id=other.pk,
            type=kind,
            defaults={"created_by_id": actor.user_id, "created_at": now},
        )
        if created:
            records_log.write(current, "record.linked", actor=actor, at=now, other=other.number, type=kind)
    return made
