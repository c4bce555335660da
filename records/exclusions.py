"""What does not count: asked for with evidence, decided by a second person, told in gross and net."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from records import log as records_log
from records.alarms import metric_label
from records.models import Record
from records.services import MAX_TEXT, lock, refuse
from sla.models import Clock, Exclusion


def ask(
    record: Record, clock: Clock, *, reason: str, evidence: str, actor: Actor, now: datetime
) -> Exclusion:
    """Ask that a clock of a record does not count. It counts until a second person has approved."""
    if reason not in Exclusion.Reason.values:
        raise refuse("reason", _("Choose why it should not count."), "required" if not reason else "invalid")
    _check_words("evidence", evidence, _("Name the evidence: a file on the ticket, a mail, a notice."))
    with transaction.atomic():
        current = lock(record)
        access.require(actor, "ask_exclusion", current)
        kept = Clock.every.select_for_update(no_key=True).filter(pk=clock.pk, record=current.pk).first()
        if kept is None or kept.state == Clock.State.CANCELLED:
            raise refuse("clock", _("This target is not judged, so there is nothing to exclude."))
        try:
            with transaction.atomic():
                made = Exclusion.objects.create(
                    clock=kept, reason=reason, evidence=evidence.strip(), asked_by_id=actor.user_id,
                    asked_at=now,
                )  # fmt: skip
        except IntegrityError:
            message = _("Its exclusion is asked for or approved already.")
            raise refuse("clock", message, "unique") from None
        _log(current, made, "sla.exclusion_asked", made.evidence, actor, now)
    return made


def decide(
    record: Record, exclusion: Exclusion, *, decision: str, note: str, actor: Actor, now: datetime
) -> Exclusion:
    """Approve or reject what a colleague asked, or revoke an approval; all but an approval need words."""
    if decision not in Exclusion.Decision.values:
        raise refuse("decision", _("Approve, reject or revoke."), "required")
    if decision != Exclusion.Decision.APPROVED:
        _check_words("note", note, _("Say why."))
    with transaction.atomic():
        current = lock(record)
        access.require(actor, "decide_exclusion", current)
        kept = Exclusion.objects.select_for_update(of=("self",)).select_related("clock").get(
            pk=exclusion.pk, clock__record=current.pk
        )  # fmt: skip
        if actor.user_id == kept.asked_by_id:
            raise refuse("decision", _("Who asked cannot decide; a second person must."))
        wanted = Exclusion.Decision.APPROVED if decision == Exclusion.Decision.REVOKED else ""
        if kept.decision != wanted:
            raise refuse("decision", _("This was decided already: %(what)s.") % {"what": _state(kept)})
        kept.decision, kept.decision_note = decision, note.strip()
        kept.decided_by_id, kept.decided_at = actor.user_id, now
        kept.save(update_fields=["decision", "decision_note", "decided_by", "decided_at"])
        clock = Clock.every.select_for_update(no_key=True).get(pk=kept.clock_id)
        clock.waived_at = now if decision == Exclusion.Decision.APPROVED else None
        clock.save(update_fields=["waived_at"])
        _log(current, kept, "sla.exclusion_decided", kept.decision_note, actor, now)
    return kept


def _check_words(field: str, words: str, missing: str) -> None:
    if not words.strip():
        raise refuse(field, missing, "required")
    if len(words) > MAX_TEXT:
        message = _("The text is too long: at most %(n)s characters.")
        raise refuse(field, message % {"n": MAX_TEXT}, "too_long")


def _state(exclusion: Exclusion) -> str:
    return exclusion.get_decision_display() if exclusion.decision else _("not decided yet")


def _log(record: Record, exclusion: Exclusion, verb: str, words: str, actor: Actor, now: datetime) -> None:
    clock = exclusion.clock
    decision = {}
    if exclusion.decision:
        decision = {"decision": records_log.bilingual(Exclusion.Decision(exclusion.decision).label)}
    records_log.write(
        record, verb, actor=actor, at=now, text=words, clock=clock.pk, metric=metric_label(clock.metric),
        reason=records_log.bilingual(Exclusion.Reason(exclusion.reason).label), **decision,
    )  # fmt: skip
