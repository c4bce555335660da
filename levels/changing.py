"""Planned interruptions of changes: announced once, moved and cancelled with the change (CHG-16)."""

import logging
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.access import Actor, require
from accounts.models import Organisation
from accounts.services import system_actor
from catalog.models import Service
from changes.lifecycle import CARRIED_OUT, WITHDRAWN
from changes.models import Change
from changes.reading import is_approved
from levels import at_stake, services
from levels import facts as facts_of
from levels.change_models import ChangeInterruption
from levels.models import PlannedInterruption
from records.services import lock, refuse

# so near to its beginning an announced time that is being planned anew is called off
NEAR = timedelta(days=1)
# the desk reads why; customers read the announcement's own words
OVER = "%s: 变更已撤销或不再需要中断。The change was withdrawn or needs no interruption any more."
AGAIN = "%s: 变更时间已调整。The change has another time."
LATE = "%s: 变更正在重新安排。The change is being planned anew."

log = logging.getLogger(__name__)


def announced(change: Change) -> PlannedInterruption | None:
    """The interruption that stands announced for a change."""
    rows = PlannedInterruption.objects.filter(for_change__change=change.pk, cancelled_at=None)
    found: PlannedInterruption | None = rows.order_by("-pk").first()
    return found


def customers_of(change: Change, *, now: datetime) -> list[Organisation] | None:
    """The customers named in the agreements about its services; [] for all, as the default commitment has it,
    None where no agreement speaks of them."""
    if not (change.outage_from and change.outage_until):
        return None
    named = list(Service.objects.filter(pk__in=change.change_services.values("service")))
    rows = list(at_stake.concerned(change, system_actor()))
    facts = facts_of.load(rows, start=change.outage_from, end=change.outage_until, now=now)
    about = [agreement for agreement in rows if at_stake.speaks(facts, agreement, named)]
    if not about:
        return None
    if any(agreement.customer is None for agreement in about):
        return []
    customers = {agreement.customer_id: agreement.customer for agreement in about}
    return [customers[pk] for pk in sorted(customers)]


def announce(
    change: Change,
    *,
    reason_en: str,
    reason_zh: str,
    actor: Actor,
    now: datetime,
    agreed_with: str = "",
) -> PlannedInterruption:
    """Announce the planned outage of an approved change to the customers named in the agreements.

    Safe to repeat: what is announced for this time is answered. ``agreed_with``: who agreed for the
    customers; without it the outage counts all the same.
    """
    require(actor, "plan_interruption")
    with transaction.atomic():
        current = lock(change)
        if not (current.outage_from and current.outage_until):
            raise refuse("outage_from", _("The change plans no interruption."))
        there = announced(current)
        if there is not None and _fits(current, there):
            return there
        if not is_approved(current):
            raise refuse("change", _("Only what is approved is announced."))
        customers = customers_of(current, now=now)
        if customers is None:
            raise refuse("change", _("No agreement speaks of these services; there is nobody to be told."))
        made = services.announce(
            services=list(Service.objects.filter(pk__in=current.change_services.values("service"))),
            customers=customers, starts_at=current.outage_from, ends_at=current.outage_until,
            reason_en=reason_en, reason_zh=reason_zh, agreed_with=agreed_with, actor=actor, now=now,
            tell_customers=True,
        )  # fmt: skip
        ChangeInterruption.objects.create(change=current, interruption=made)
        if there is not None:
            services.cancel(there, reason=AGAIN % current.number, actor=actor, now=now)
    return made


def _fits(change: Change, row: PlannedInterruption) -> bool:
    return (row.starts_at, row.ends_at) == (change.outage_from, change.outage_until)


def follow(change: Change, *, actor: Actor, now: datetime) -> PlannedInterruption | None:
    """Let what was announced match the change: moved with it, cancelled with it. Safe to repeat.

    A new time is announced once it is approved; until then the old one stands, unless it is near.
    """
    with transaction.atomic():
        current = lock(change)
        there = announced(current)
        if there is None or there.starts_at <= now or current.state in CARRIED_OUT:
            return there
        start, end = current.outage_from, current.outage_until
        if current.state in WITHDRAWN or start is None or end is None:
            return services.cancel(there, reason=OVER % current.number, actor=actor, now=now)
        if _fits(current, there):
            return there
        if is_approved(current) and start > now:
            made = services.move(
                there, starts_at=start, ends_at=end, reason=AGAIN % current.number, actor=actor, now=now
            )
            ChangeInterruption.objects.create(change=current, interruption=made)
            return made
        if there.starts_at - now <= NEAR:
            return services.cancel(there, reason=LATE % current.number, actor=actor, now=now)
        return there


def follow_all(*, now: datetime) -> int:
    """Follow every change whose announced interruption is to come and no longer fits; answers how many."""
    differs = (
        Q(change__state__in=WITHDRAWN)
        | Q(change__outage_from=None)
        | ~Q(change__outage_from=F("interruption__starts_at"))
        | ~Q(change__outage_until=F("interruption__ends_at"))
    )
    rows = ChangeInterruption.objects.filter(
        differs, interruption__cancelled_at=None, interruption__starts_at__gt=now
    ).select_related("change")
    done = 0
    for row in rows.order_by("pk"):
        try:
            follow(row.change, actor=system_actor(), now=now)
        except ValidationError:
            log.exception("The interruption announced for %s could not follow it", row.change.number)
        else:
            done += 1
    return done
