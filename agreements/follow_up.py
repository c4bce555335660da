"""Following an amendment or an end through to the OLAs and UCs behind it (requirements 5.1.2)."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from agreements import layering
from agreements.models import Edition, FollowUp
from records import log as records_log
from records.services import begin, refuse
from sla.models import Agreement, Underpinning

DAYS = timedelta(days=14)


def after_amendment(edition: Edition, *, actor: Actor, now: datetime) -> None:
    """One item for each OLA and UC that this edition or one before rests on, and for each lower SLA."""
    if edition.edition_number == 1 or edition.agreement.kind != Agreement.Kind.SLA:
        return
    _open(edition, FollowUp.Kind.AMEND, timezone.localdate(edition.effective_from) + DAYS, actor)


def after_end(edition: Edition, *, on: date, actor: Actor) -> None:
    """One item for each OLA and UC that stood behind an ended agreement, and each SLA below it."""
    if edition.agreement.kind == Agreement.Kind.SLA:
        _open(edition, FollowUp.Kind.END, on, actor)


def behind(agreement: Agreement) -> list[Agreement]:
    """The OLAs and UCs that a version of the agreement rests or rested on, and that have no end yet."""
    rows = Underpinning.objects.filter(version__agreement=agreement)
    return list(Agreement.objects.filter(pk__in=rows.values("agreement"), ended_at=None).order_by("code"))


def call_off(edition: Edition, *, reason: str, actor: Actor, now: datetime) -> None:
    """Finish what asks for ends that are no longer wanted."""
    rows = FollowUp.objects.filter(edition=edition, kind=FollowUp.Kind.END, outcome="")
    rows.update(
        outcome=FollowUp.Outcome.CALLED_OFF, reason=reason, finished_by=actor.user_id, finished_at=now
    )


def _open(edition: Edition, kind: str, due_on: date, actor: Actor) -> None:
    FollowUp.objects.bulk_create(
        [
            FollowUp(edition=edition, agreement=row, kind=kind, responsible_id=actor.user_id, due_on=due_on)
            for row in (*behind(edition.agreement), *layering.below(edition.agreement))
        ],
        ignore_conflicts=True,
    )


def finish(item: FollowUp, *, outcome: str, reason: str, actor: Actor, now: datetime) -> FollowUp:
    """Close an item: the OLA or UC was amended, terminated, or is not affected, with a reason.

    That it was amended or terminated must be true of the agreement: a later version, or an end.
    """
    if outcome not in FollowUp.Outcome.values:
        raise refuse("outcome", _("Say what came of it."), "required")
    if outcome == FollowUp.Outcome.UNAFFECTED and not reason.strip():
        raise refuse("reason", _("Say why the agreement is not affected."), "required")
    with transaction.atomic():
        edition = begin(item.edition, "follow_up", actor=actor, now=now, expected_version=None)
        kept = FollowUp.objects.select_for_update().select_related("agreement").get(pk=item.pk)
        if kept.outcome:
            raise refuse("outcome", _("This follow-up is finished already."))
        _check(kept, edition, outcome)
        kept.outcome, kept.reason = outcome, reason
        kept.finished_by_id, kept.finished_at = actor.user_id, now
        kept.save(update_fields=["outcome", "reason", "finished_by", "finished_at"])
        label = records_log.bilingual(FollowUp.Outcome(outcome).label)
        records_log.write(
            edition, "agreement.follow_up", actor=actor, at=now, text=reason, outcome=label,
            other=kept.agreement.label,
        )  # fmt: skip
    return kept


def _check(item: FollowUp, edition: Edition, outcome: str) -> None:
    if outcome == FollowUp.Outcome.CALLED_OFF:
        raise refuse("outcome", _("This happens by itself when the end is called off."))
    agreement = item.agreement
    if outcome == FollowUp.Outcome.TERMINATED and agreement.ended_at is None:
        raise refuse("outcome", _("This agreement has not ended."))
    signed = edition.signed_version
    if outcome == FollowUp.Outcome.AMENDED and not (
        signed and agreement.versions.filter(created_at__gt=signed.created_at).exists()
    ):
        raise refuse("outcome", _("No later version of this agreement is signed."))


def open_items(agreement: Agreement) -> QuerySet[FollowUp]:
    """What is still to be done about an agreement: while there is any, it is not fully underpinned."""
    return FollowUp.objects.filter(edition__agreement=agreement, outcome="").order_by("due_on", "pk")
