"""Ending an agreement: asked for with a reason and a date, shown with all that hangs on it, done on its day.

From the request on the ends of the OLAs and UCs behind it are asked for too (SLM-24), the customer's people
are told, and the catalogue's owners get a proposal for the offers that lose their agreement (SLM-46). Until
its day it can be called off.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from accounts.models import User
from actions.models import Action
from actions.services import open_action
from agreements import follow_up, lifecycle, services
from agreements.models import Edition, Ending, FollowUp
from agreements.terms_words import REPORT_KINDS
from catalog.models import Service
from records import log as records_log
from records.kinds import TICKETS
from records.lifecycle import IllegalMove, Phase
from records.models import Record, Watch
from records.services import begin, refuse
from sla.models import Agreement, AgreementVersion
from sla.services import version_for
from sla.terms import Terms

MOST_NAMED = 200
CATALOGUE_DAYS = timedelta(days=14)
SOONEST = timedelta(days=1)


class Duty(NamedTuple):
    """Something open that the end has to deal with: its kind, its number if it has one, and its words."""

    kind: str
    number: str
    words: dict[str, str]


class Offer(NamedTuple):
    """A service that loses this agreement, and the agreement that then applies to it, if any."""

    service: Service
    falls_to: Agreement | None


KINDS = {
    "ticket": gettext_lazy("Open ticket measured by it"),
    "action": gettext_lazy("Open action"),
    "follow_up": gettext_lazy("Open follow-up"),
    "report": gettext_lazy("Last report owed"),
    "credit": gettext_lazy("Credits to settle"),
    "reward": gettext_lazy("Rewards to settle"),
}


# --- what hangs on it --------------------------------------------------------------------------


def duties(edition: Edition) -> list[Duty]:
    """What is open under the agreement: tickets, actions, follow-ups, last reports, what is to be settled."""
    agreement = edition.agreement
    found = [Duty("ticket", r.number, _both(r.title)) for r in open_tickets(agreement)[:MOST_NAMED]]
    actions = Action.objects.filter(agreement=agreement).exclude(phase=Phase.DONE).order_by("due_on", "pk")
    found += [Duty("action", row.number, _both(row.title)) for row in actions[:MOST_NAMED]]
    for item in follow_up.open_items(agreement).select_related("agreement").exclude(kind=FollowUp.Kind.END):
        found.append(Duty("follow_up", "", _label(item.agreement)))
    terms = Terms.parse(edition.terms)
    for kind in dict.fromkeys(report.kind for report in terms.reports):
        found.append(Duty("report", "", records_log.bilingual(REPORT_KINDS.get(kind, kind))))
    if terms.credits:
        found.append(Duty("credit", "", records_log.bilingual(gettext_lazy("for the last periods"))))
    if terms.rewards:
        found.append(Duty("reward", "", records_log.bilingual(gettext_lazy("for the last periods"))))
    return found


def open_tickets(agreement: Agreement) -> Any:
    """The tickets not yet done that one of its versions measures; they keep that version to their end."""
    pinned = AgreementVersion.objects.filter(agreement=agreement).values("pk")
    rows = Record.objects.filter(kind__in=TICKETS, clocks__agreement_version__in=pinned)
    return rows.exclude(phase=Phase.DONE).distinct().order_by("opened_at", "pk")


def _both(text: str) -> dict[str, str]:
    return {"en": text, "zh": text}


def _label(row: Agreement) -> dict[str, str]:
    return {"en": row.name_en, "zh": row.name_zh or row.name_en}


def behind(agreement: Agreement) -> list[Agreement]:
    """The OLAs and UCs whose ends are asked for with it."""
    return follow_up.behind(agreement)


def offers(edition: Edition, at: datetime) -> list[Offer]:
    """The services in its scope, and what applies to them from ``at`` on."""
    agreement, codes = edition.agreement, Terms.parse(edition.terms).services
    rows = Service.objects.published().order_by("code")
    rows = rows.filter(code__in=codes) if codes else rows
    if agreement.kind != Agreement.Kind.SLA or agreement.customer_id is None:
        return [Offer(row, None) for row in rows] if agreement.kind == Agreement.Kind.SLA else []
    return [Offer(row, _after(agreement, row, at)) for row in rows]


def _after(agreement: Agreement, service: Service, at: datetime) -> Agreement | None:
    found = version_for(agreement.customer_id or 0, at, leaving=agreement.pk)
    return found.agreement if found else None


def readers(edition: Edition) -> Sequence[User]:
    """The customer's people, who are told."""
    if edition.agreement.customer_id is None:
        return []
    return list(
        User.objects.filter(organisation=edition.agreement.customer_id, is_active=True).order_by("pk")
    )


# --- asking, calling off, doing ----------------------------------------------------------------


def request(
    edition: Edition,
    *,
    reason: str,
    at: datetime,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Ending:
    """Ask for the end of the agreement as of ``at``; done at once if that is now or past."""
    if not reason.strip():
        raise refuse("reason", _("Say why the agreement ends."), "required")
    with transaction.atomic():
        current = begin(edition, "terminate", actor=actor, now=now, expected_version=expected_version)
        _check(current, at)
        agreement = Agreement.objects.select_for_update(no_key=True).get(pk=current.agreement_id)
        people = readers(current)
        made = Ending.objects.create(
            agreement=agreement, edition=current, reason=reason.strip(), ends_at=at,
            duties=[duty._asdict() for duty in duties(current)],
            offers=[
                {"service": o.service.code, "falls_to": o.falls_to.code if o.falls_to else ""}
                for o in offers(current, at)
            ],
            told=len(people), requested_by_id=actor.user_id, requested_at=now,
        )  # fmt: skip
        for person in people:
            Watch.objects.get_or_create(record_id=current.pk, user=person)
        if at <= now:
            done(made, actor=actor, now=now)
        else:
            agreement.ended_at = at
            agreement.save(update_fields=["ended_at"])
            follow_up.after_end(current, on=timezone.localtime(at).date(), actor=actor)
            records_log.write(
                current, "agreement.plan_end", actor=actor, at=now, text=made.reason,
                day=timezone.localtime(at).date().isoformat(),
            )  # fmt: skip
        _propose_to_the_catalogue(made, actor=actor, now=now)
    return made


def _check(edition: Edition, at: datetime) -> None:
    if edition.state != lifecycle.IN_FORCE:
        raise IllegalMove("terminate", edition.state, lifecycle.LIFECYCLE.legal_moves(edition.state))
    if at < edition.effective_from:
        raise refuse("at", _("It cannot end before it began."))
    if pending(edition.agreement):
        raise refuse("at", _("Its end is asked for already; call that off first."))
    making = Edition.objects.filter(agreement=edition.agreement_id, state__in=lifecycle.IN_MAKING).first()
    if making:
        message = _("%(number)s is being made; finish or withdraw it first.")
        raise refuse("at", message % {"number": making.number})


def pending(agreement: Agreement) -> Ending | None:
    """The end that is asked for and not done, if there is one."""
    return Ending.objects.filter(agreement=agreement, called_off_at=None, done_at=None).first()


def _propose_to_the_catalogue(ending: Ending, *, actor: Actor, now: datetime) -> None:
    """One action with all offers that lose their agreement, for who asked for the end (he knows why)."""
    if not ending.offers:
        return
    lines = [
        f"{offer.service.name} → {offer.falls_to.name if offer.falls_to else '–'}" for offer in lost(ending)
    ]
    open_action(
        source=Action.Source.OTHER,
        title=_("Update the catalogue: %(name)s ends") % {"name": ending.agreement.name},
        description=_("These offers lose their agreement:") + "\n" + "\n".join(lines),
        responsible=User.objects.get(pk=ending.requested_by_id),
        due_on=max(timezone.localdate(ending.ends_at), timezone.localdate(now)) + CATALOGUE_DAYS,
        cause=ending.edition, agreement=ending.agreement, key=f"ending-{ending.pk}-catalogue",
        actor=actor, now=now,
    )  # fmt: skip


def lost(ending: Ending) -> list[Offer]:
    """The offers that lost the agreement, as it was found when the end was asked for."""
    services_ = Service.objects.in_bulk([row["service"] for row in ending.offers], field_name="code")
    agreements = Agreement.objects.in_bulk([row["falls_to"] for row in ending.offers], field_name="code")
    return [
        Offer(services_[row["service"]], agreements.get(row["falls_to"]))
        for row in ending.offers
        if row["service"] in services_
    ]


def call_off(ending: Ending, *, reason: str, actor: Actor, now: datetime) -> Ending:
    """Keep the agreement after all: before its day, with a reason; what was asked of others is void."""
    if not reason.strip():
        raise refuse("reason", _("Say why the agreement goes on."), "required")
    with transaction.atomic():
        edition = begin(ending.edition, "call_off_end", actor=actor, now=now, expected_version=None)
        agreement = Agreement.objects.select_for_update(no_key=True).get(pk=ending.agreement_id)
        kept = Ending.objects.select_for_update().get(pk=ending.pk)
        if kept.called_off_at or kept.done_at or kept.ends_at <= now:
            raise refuse("reason", _("It can be called off only before its day."))
        kept.called_off_by_id, kept.called_off_at, kept.called_off_reason = actor.user_id, now, reason.strip()
        kept.save(update_fields=["called_off_by", "called_off_at", "called_off_reason"])
        agreement.ended_at = None
        agreement.save(update_fields=["ended_at"])
        follow_up.call_off(edition, reason=reason.strip(), actor=actor, now=now)
        records_log.write(edition, "agreement.call_off_end", actor=actor, at=now, text=reason.strip())
    return kept


def call_off_of(edition: Edition, *, reason: str, actor: Actor, now: datetime) -> Ending:
    """`call_off` for whoever has the edition; refused where no end is asked for."""
    found = pending(edition.agreement)
    if found is None:
        raise refuse("reason", _("No end is asked for."))
    return call_off(found, reason=reason, actor=actor, now=now)


def done(ending: Ending, *, actor: Actor, now: datetime) -> None:
    """Carry the end out on its day: no edition of it is in force from then on."""
    with transaction.atomic():
        kept = Ending.objects.select_for_update().get(pk=ending.pk)
        if kept.done_at or kept.called_off_at:
            return
        rows = Edition.objects.filter(agreement=kept.agreement_id, state=lifecycle.IN_FORCE)
        for edition in rows.order_by("edition_number"):
            services.terminate(
                edition,
                reason=kept.reason,
                at=max(kept.ends_at, edition.effective_from),
                actor=actor,
                now=now,
            )
        Agreement.objects.filter(pk=kept.agreement_id).update(ended_at=kept.ends_at)
        kept.done_at = now
        kept.save(update_fields=["done_at"])


def carry_out(*, actor: Actor, now: datetime) -> int:
    """Do what fell due; answers how many ended. Safe to repeat."""
    due = list(Ending.objects.filter(called_off_at=None, done_at=None, ends_at__lte=now).order_by("pk"))
    for ending in due:
        done(ending, actor=actor, now=now)
    return len(due)
