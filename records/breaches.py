"""Why a target was missed: the explanation that a breach gets afterwards, and who answers for it."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from records import log as records_log
from records.alarms import metric_label
from records.models import Record
from records.services import MAX_TEXT, lock, refuse
from sla.models import Agreement, Breach, Clock


def explain(
    record: Record,
    breach: Breach,
    *,
    reason: str,
    note: str,
    actor: Actor,
    now: datetime,
    agreement: Agreement | None = None,
    no_action: str = "",
) -> Breach:
    """Give a missed target its reason, one of ``Breach.Reason``, with a note in the writer's own words.

    ``agreement`` is the OLA or UC that was broken and made it fail, if one was; ``no_action`` says why
    nothing needs to be corrected. A later explanation replaces an earlier one; the log keeps both. That it
    was missed stays a fact.
    """
    _check(record, reason, note, agreement)
    with transaction.atomic():
        current = lock(record)
        access.require(actor, "explain_breach", current)
        kept = Breach.objects.select_for_update(of=("self",)).select_related("clock").get(
            pk=breach.pk, clock__record=current.pk
        )  # fmt: skip
        before = (kept.reason, kept.note, kept.agreement, kept.no_action)
        if before == (reason, note, agreement, no_action.strip()):
            return kept
        kept.reason, kept.note, kept.agreement, kept.no_action = reason, note, agreement, no_action.strip()
        kept.explained_by_id, kept.explained_at = actor.user_id, now
        kept.save(update_fields=["reason", "note", "agreement", "no_action", "explained_by", "explained_at"])
        accountable = {"accountable": agreement.label} if agreement else {}
        records_log.write(
            current, "sla.explained", actor=actor, at=now, text=note, clock=kept.clock_id,
            metric=metric_label(kept.clock.metric), metric_code=kept.clock.metric,
            reason={**records_log.bilingual(Breach.Reason(reason).label), "code": reason},
            no_action=no_action.strip(), **accountable,
        )  # fmt: skip
    return kept


def _check(record: Record, reason: str, note: str, agreement: Agreement | None) -> None:
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
    if agreement and not accountable(record).filter(pk=agreement.pk).exists():
        raise refuse("agreement", _("This agreement was not measured on the ticket."))


def accountable(record: Record) -> QuerySet[Agreement]:
    """The OLAs and UCs measured on a record: who may answer for a miss besides ourselves."""
    measured = Clock.every.filter(record=record.pk, support__isnull=False).values("support")
    return Agreement.objects.filter(pk__in=measured).order_by("code")


def proposed(breach: Breach) -> Agreement | None:
    """The OLA or UC that was broken first on the same record by then; None if all of them were kept."""
    first = (
        Clock.every.filter(record=breach.clock.record_id, support__isnull=False, breached_at__lte=breach.at)
        .select_related("support")
        .order_by("breached_at", "pk")
        .first()
    )
    return first.support if first else None


def unexplained(record: Record) -> QuerySet[Breach]:
    """Misses of what the customer was promised that nobody has explained yet."""
    rows = Breach.objects.filter(clock__record=record.pk, clock__support=None, reason="")
    return rows.select_related("clock").order_by("at", "pk")
