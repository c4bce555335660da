"""Why a target was missed: the explanation that a breach gets afterwards."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from records import log as records_log
from records.alarms import metric_label
from records.models import Record
from records.services import MAX_TEXT, lock, refuse
from sla.models import Breach


def explain(record: Record, breach: Breach, *, reason: str, note: str, actor: Actor, now: datetime) -> Breach:
    """Give a missed target its reason, one of ``Breach.Reason``, with a note in the writer's own words.

    A later explanation replaces an earlier one; the log keeps both. That it was missed stays a fact.
    """
    if reason not in Breach.Reason.values:
        raise refuse(
            "reason", _("Choose why the target was missed."), "required" if not reason else "invalid"
        )
    if reason == Breach.Reason.OTHER and not note.strip():
        raise refuse("note", _("Say what the other reason was."), "required")
    if len(note) > MAX_TEXT:
        raise refuse(
            "note", _("The text is too long: at most %(n)s characters.") % {"n": MAX_TEXT}, "too_long"
        )
    with transaction.atomic():
        current = lock(record)
        access.require(actor, "explain_breach", current)
        kept = Breach.objects.select_for_update().select_related("clock").get(
            pk=breach.pk, clock__record=current.pk
        )  # fmt: skip
        if (kept.reason, kept.note) == (reason, note):
            return kept
        kept.reason, kept.note = reason, note
        kept.explained_by_id, kept.explained_at = actor.user_id, now
        kept.save(update_fields=["reason", "note", "explained_by", "explained_at"])
        records_log.write(
            current, "sla.explained", actor=actor, at=now, text=note, clock=kept.clock_id,
            metric=metric_label(kept.clock.metric), metric_code=kept.clock.metric,
            reason={**records_log.bilingual(Breach.Reason(reason).label), "code": reason},
        )  # fmt: skip
    return kept
