"""The verbs of an edition: from draft through review and signatures to force, and to its end.

Each is one transaction on the record of the edition; mistakes come back as ValidationError keyed by field,
refusals as access.Denied, IllegalMove or Stale.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from agreements import amending, checks, follow_up, keepers, layering, lifecycle, papers, terms_words
from agreements.models import (
    Countersignature,
    Edition,
    Signature,
    UnderpinningException,
    WaitingFor,
)
from records import files
from records import log as records_log
from records.files import Upload
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.models import Priority
from records.services import begin, move, open_record, refuse, save, store_files
from sla import editions
from sla.models import Agreement
from sla.naming import Names
from sla.terms import Terms


def draft(
    agreement: Agreement,
    *,
    terms: object,
    effective_from: datetime,
    actor: Actor,
    now: datetime,
    effective_until: datetime | None = None,
    change_reason: str = "",
) -> Edition:
    """Begin the next edition of an agreement; while one is being made there is no second one."""
    access.require(actor, "draft_agreement")
    checks.span(effective_from, effective_until)
    checked = checks.terms(terms)
    with transaction.atomic():
        Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
        if agreement.ended_at and agreement.ended_at > now:
            raise refuse("agreement", _("Its end is asked for already; call that off first."))
        if agreement.ended_at:
            raise refuse("agreement", _("This agreement was terminated; begin a new agreement instead."))
        rows = Edition.objects.filter(agreement=agreement).order_by("-edition_number")
        if making := rows.filter(state__in=lifecycle.IN_MAKING).first():
            message = _("%(number)s is being made already; finish or withdraw it first.")
            raise refuse("agreement", message % {"number": making.number})
        last = rows.first()
        if last and not change_reason.strip():
            raise refuse("change_reason", _("Say why the agreement is changed."), "required")
        provider = Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk")[0]
        return open_record(
            Edition, Kind.AGREEMENT, actor=actor, now=now,
            customer=agreement.customer or provider, requester=User.objects.get(pk=actor.user_id),
            title=_title(agreement), priority=Priority.MODERATE, agreement=agreement,
            words=[agreement.code, agreement.name_zh], edition_number=last.edition_number + 1 if last else 1,
            terms=checked.dump(), effective_from=effective_from, effective_until=effective_until,
            change_reason=change_reason.strip(), owner=keepers.owner_of(agreement),
        )  # fmt: skip


def _title(agreement: Agreement) -> str:
    """The name in both languages, for notices and mails that show titles as they are."""
    return " · ".join(dict.fromkeys(filter(None, (agreement.name_en, agreement.name_zh))))[:200]


def revise(
    edition: Edition,
    changes: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None,
) -> Edition:
    """Change the terms or the dates of a draft. ``changes``: terms, effective_from, effective_until."""
    if unknown := set(changes) - {"terms", "effective_from", "effective_until", "change_reason"}:
        raise ValidationError({f: _("This field cannot be changed here.") for f in sorted(unknown)})
    with transaction.atomic():
        current = _begin(edition, "revise", {lifecycle.DRAFT}, actor, now, expected_version)
        wanted = dict(changes)
        parts = sorted(wanted)
        before = current.terms
        if "terms" in wanted:
            asked = checks.terms(wanted["terms"])
            checks.codes(asked, before=Terms.parse(before))
            wanted["terms"] = asked.dump()
            parts = [p for p in parts if p != "terms"]
            # a part that is left out now was emptied
            parts += [k for k, v in wanted["terms"].items() if before.get(k) != v]
            parts += [k for k in before if k not in wanted["terms"]]
        for name, value in wanted.items():
            setattr(current, name, value)
        checks.span(current.effective_from, current.effective_until)
        if not parts:
            return current
        save(current, sorted(wanted), now=now)
        what = terms_words.changed(parts, before, current.terms)
        records_log.write(current, "agreement.revise", actor=actor, at=now, parts=what)
    return current


def _begin(
    edition: Edition,
    act: str,
    states: set[str],
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Edition:
    """As every act that is no move begins: lock, permission, version, state."""
    current = begin(edition, act, actor=actor, now=now, expected_version=expected_version)
    if current.state not in states:
        raise IllegalMove(act, current.state, lifecycle.LIFECYCLE.legal_moves(current.state))
    return current


def submit(
    edition: Edition,
    *,
    reviewers: Sequence[User],
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Edition:
    """Close the draft and ask the departments concerned for their countersignatures (SLM-12, 13, 15, 17)."""
    with transaction.atomic():
        current = _begin(edition, "submit", {lifecycle.DRAFT}, actor, now, expected_version)
        layering.check(current)
        found = layering.of(current).terms
        checks.complete(found, is_customers=current.agreement.kind == "sla", at=current.effective_from)
        checks.codes(found)
        asked = keepers.reviewers(current, reviewers)
        people = [p for p in asked if p.pk != current.requester_id]
        if not people or any(not p.actor.is_staff_side for p in people):
            raise refuse("reviewers", _("Name at least one colleague other than the author."), "required")
        Countersignature.objects.filter(edition=current).update(result="", comment="", decided_at=None)
        for person in people:
            Countersignature.objects.get_or_create(edition=current, reviewer=person)
        current = move(current, "submit", actor=actor, now=now, changes={"legality": ""})
        amending.tell("submitted", current, actor=actor, now=now)
    return current


def countersign(
    edition: Edition, *, result: str, comment: str, actor: Actor, now: datetime
) -> Countersignature:
    """A reviewer's judgement of an edition in internal review; an objection needs words."""
    if result not in Countersignature.Result.values:
        raise refuse("result", _("Approve or object."), "required")
    if result == Countersignature.Result.OBJECTED and not comment.strip():
        raise refuse("comment", _("Say what you object to."), "required")
    with transaction.atomic():
        current = _begin(edition, "countersign", {lifecycle.INTERNAL_REVIEW}, actor, now)
        mine = Countersignature.objects.filter(edition=current, reviewer=actor.user_id).first()
        if mine is None:
            raise refuse("reviewer", _("You were not asked to review this edition."))
        mine.result, mine.comment, mine.decided_at = result, comment, now
        mine.save(update_fields=["result", "comment", "decided_at"])
        label = records_log.bilingual(Countersignature.Result(result).label)
        records_log.write(current, "agreement.countersign", actor=actor, at=now, text=comment, result=label)
    return mine


def check_legality(edition: Edition, *, result: str, note: str, actor: Actor, now: datetime) -> Edition:
    """Record whether the edition breaks a law or regulation (SLM-14); never by its author."""
    if result not in Edition.Legality.values:
        raise refuse("result", _("Say whether it breaks a law or regulation."), "required")
    with transaction.atomic():
        states = {lifecycle.INTERNAL_REVIEW, lifecycle.PARTY_REVIEW, lifecycle.TO_SIGN}
        current = _begin(edition, "check_legality", states, actor, now)
        _four_eyes(current, actor)
        current.legality, current.legality_note = result, note
        current.legality_by_id, current.legality_at = actor.user_id, now
        save(current, ["legality", "legality_note", "legality_by", "legality_at"], now=now)
        label = records_log.bilingual(Edition.Legality(result).label)
        records_log.write(current, "agreement.check_legality", actor=actor, at=now, text=note, result=label)
    return current


def _four_eyes(edition: Edition, actor: Actor) -> None:
    if actor.user_id == edition.requester_id:
        raise refuse("actor", _("The author cannot do this; a second person must."))


def offer(edition: Edition, *, actor: Actor, now: datetime, expected_version: int | None = None) -> Edition:
    """Put it before the other party, once all reviewers have approved."""
    with transaction.atomic():
        current = _begin(edition, "offer", {lifecycle.INTERNAL_REVIEW}, actor, now, expected_version)
        open_ = current.countersignatures.exclude(result=Countersignature.Result.APPROVED)
        if missing := [row.reviewer.name for row in open_.select_related("reviewer")]:
            message = _("Not yet approved by %(people)s.")
            raise refuse("reviewers", message % {"people": ", ".join(missing)})
        return move(current, "offer", actor=actor, now=now, waiting_for=WaitingFor.COUNTERPARTY.value)


def agree(
    edition: Edition, *, note: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Edition:
    """The other party agrees; where somebody else records it, ``note`` says who said so and how."""
    if actor.is_desk_side and not note.strip():
        raise refuse("note", _("Say who agreed, and how."), "required")
    return move(edition, "agree", actor=actor, now=now, note=note, expected_version=expected_version)


def send_back(
    edition: Edition, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Edition:
    """Back to draft with a reason; what was signed so far is void.

    What the customer asks for itself is a move of its own, which both sides read.
    """
    if not reason.strip():
        raise refuse("reason", _("Say what has to change."), "required")
    action = "return" if actor.is_desk_side else "ask_changes"
    with transaction.atomic():
        current = move(
            edition, action, actor=actor, now=now, note=reason, expected_version=expected_version,
            changes={"legality": ""},
        )  # fmt: skip
        Signature.objects.filter(edition=current).delete()
    return current


def sign(
    edition: Edition,
    *,
    party: str,
    person: str,
    role: str,
    signed_on: date,
    actor: Actor,
    now: datetime,
    document: str = "",
    attachments: Sequence[Upload] = (),
) -> Signature:
    """Record a signature of one party; once per party, and for the provider never by the author.

    A customer signs for itself only. ``attachments`` are the signed document, kept with the record.
    """
    if party not in Signature.Party.values:
        raise refuse("party", _("Choose the party that signs."), "required")
    if not person.strip() or not role.strip():
        field = "role" if person.strip() else "person"
        raise refuse(field, _("Say who signs, and in which role."), "required")
    if signed_on > timezone.localdate(now):
        raise refuse("signed_on", _("The signature cannot lie in the future."))
    if party != Signature.Party.COUNTERPARTY and not actor.is_desk_side:
        raise access.Denied(actor, "sign")
    files.check(list(attachments))
    with transaction.atomic():
        current = _begin(edition, "sign", {lifecycle.TO_SIGN}, actor, now)
        if party == Signature.Party.PROVIDER:
            _four_eyes(current, actor)
        if current.legality != Edition.Legality.PASSED:
            raise refuse("legality", _("Record first that it was checked and breaks no law."))
        papers.check_signature(current, party)
        if party == Signature.Party.PROVIDER:
            _refuse_unproved(current)
        if current.signatures.filter(party=party).exists():
            raise refuse("party", _("This party has signed already."), "unique")
        made = Signature.objects.create(
            edition=current, party=party, person=person.strip(), role=role.strip(), signed_on=signed_on,
            document=document.strip(), recorded_by_id=actor.user_id, recorded_at=now,
        )  # fmt: skip
        label = records_log.bilingual(Signature.Party(party).label)
        activity = records_log.write(
            current, "agreement.sign", actor=actor, at=now, party=label, person=made.person, role=made.role
        )
        store_files(current, activity, attachments, public=True, actor=actor, now=now)
    return made


def excuse(
    edition: Edition, *, target_key: str, reason: str, actor: Actor, now: datetime
) -> UnderpinningException:
    """Decide, by name and for good, to sign although the proof does not show that a target can be kept."""
    if not reason.strip():
        raise refuse("reason", _("Say why it is accepted."), "required")
    with transaction.atomic():
        current = _begin(edition, "excuse", set(lifecycle.IN_MAKING), actor, now)
        _four_eyes(current, actor)
        if target_key not in checks.unproved(current):
            words = _("There is nothing to accept here: it is carried, and its data source has delivered.")
            raise refuse("target_key", words)
        made, is_new = UnderpinningException.objects.get_or_create(
            edition=current, target_key=target_key,
            defaults={"reason": reason.strip(), "decided_by_id": actor.user_id, "decided_at": now},
        )  # fmt: skip
        if is_new:
            names = Names.load()
            target = terms_words.in_both(lambda: checks.unproved_name(target_key, names))
            records_log.write(current, "agreement.excuse", actor=actor, at=now, text=reason, target=target)
    return made


def activate(
    edition: Edition, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Edition:
    """Put a signed edition in force from its date: its version is written, and what rests behind it is asked.

    Refused while a signature is missing or a target is carried by a looser one, or by
    something nobody can judge, without a decision (5.1.1).
    """
    with transaction.atomic():
        current = _begin(edition, "activate", {lifecycle.TO_SIGN}, actor, now, expected_version)
        signed = set(current.signatures.values_list("party", flat=True))
        if missing := [p.label for p in Signature.Party if p.value not in signed]:
            message = _("The signature of %(parties)s is missing.")
            raise refuse("signatures", message % {"parties": ", ".join(map(str, missing))})
        _refuse_unproved(current)
        agreement = current.agreement
        layering.check(current)
        amending.tell("before_force", current, actor=actor, now=now)
        version = editions.publish(
            agreement, layering.of(current).terms, effective_from=current.effective_from,
            effective_until=current.effective_until, actor=actor, now=now,
        )  # fmt: skip
        current = move(
            current, "activate", actor=actor, now=now, changes={"signed_version": version},
            day=timezone.localdate(current.effective_from).isoformat(),
        )  # fmt: skip
        follow_up.after_amendment(current, actor=actor, now=now)
        amending.tell("in_force", current, actor=actor, now=now)
        roll(agreement, actor=actor, now=now)
    return current


def _refuse_unproved(edition: Edition) -> None:
    """What the proof does not show is a named person's decision (`excuse`), or stands in the way."""
    excused = set(edition.exceptions.values_list("target_key", flat=True))
    open_ = {key: state for key, state in checks.unproved(edition).items() if key not in excused}
    messages = {
        "looser": _("Behind %(targets)s stands a looser promise; amend it, or let somebody decide."),
        "unknown": _(
            "Behind %(targets)s stands something that cannot be judged, such as an agreement that is not in "
            "force; put that right, or let somebody decide."
        ),
        "unmeasured": _(
            "The data source of %(targets)s has delivered nothing so far, so nobody could tell whether the "
            "promise is kept; connect it, choose another, or let somebody decide."
        ),
    }
    for state, message in messages.items():
        if keys := [key for key, found in open_.items() if found == state]:
            raise refuse("underpinning", message % {"targets": checks.unproved_words(keys)})


def withdraw(
    edition: Edition, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Edition:
    """Give an edition up before it is in force."""
    if not reason.strip():
        raise refuse("reason", _("Say why it is withdrawn."), "required")
    with transaction.atomic():
        current = move(
            edition, "withdraw", actor=actor, now=now, note=reason, expected_version=expected_version
        )
        amending.tell("given_up", current, actor=actor, now=now)
    return current


def terminate(
    edition: Edition,
    *,
    reason: str,
    at: datetime,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Edition:
    """End the agreement as of ``at``, with a reason; what stands behind it is asked to end too (SLM-24)."""
    if not reason.strip():
        raise refuse("reason", _("Say why the agreement ends."), "required")
    with transaction.atomic():
        if at < edition.effective_from:
            raise refuse("at", _("It cannot end before it began."))
        current = move(
            edition, "terminate", actor=actor, now=now, note=reason, expected_version=expected_version,
            day=timezone.localdate(at).isoformat(),
        )  # fmt: skip
        agreement = Agreement.objects.select_for_update(no_key=True).get(pk=current.agreement_id)
        agreement.ended_at = at
        agreement.save(update_fields=["ended_at"])
        follow_up.after_end(current, on=at.date(), actor=actor)
    return current


@transaction.atomic
def roll(agreement: Agreement, *, actor: Actor, now: datetime) -> None:
    """Let editions in force that were replaced or ran out by ``now`` be so. Safe to repeat.

    One whose terms go on after its end runs out only when another replaces it (SLM-20).
    """
    Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
    rows = Edition.objects.filter(agreement=agreement, state=lifecycle.IN_FORCE).order_by("edition_number")
    begun = [edition for edition in rows if edition.effective_from <= now]
    for edition in begun[:-1]:
        move(edition, "supersede", actor=actor, now=now)
    for edition in begun[-1:]:
        goes_on = Terms.parse(edition.terms).renewal.at_end == "continues"
        if edition.effective_until and edition.effective_until <= now and not goes_on:
            move(edition, "expire", actor=actor, now=now)


def may(actor: Actor, edition: Edition) -> list[str]:
    """The moves this actor can take now."""
    return [m for m in lifecycle.LIFECYCLE.legal_moves(edition.state) if access.may(actor, m, edition)]
