"""Logged afterwards (补记): somebody else helped first, and the desk keeps the account (SD-16, SD-17).

The ticket stands in the books as if it had been logged when it happened: it is opened at the real time of the
failure and, where it was solved already, solved at the real time. So its clocks measure the real times, and
what would have been missed is missed. That it was logged afterwards, when, by whom and on whose word is kept
and shown.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, require
from accounts.models import Organisation, User
from incidents import checks, rules, services
from incidents.models import BackfillSource, Incident
from records import log as records_log
from records.services import begin, refuse, save


@dataclass(frozen=True)
class Solution:
    """How it was solved, and when it really was."""

    steps: str
    at: datetime
    code: str = "solved"


def log_afterwards(
    *,
    actor: Actor,
    now: datetime,
    customer: Organisation,
    occurred_at: datetime,
    backfill_source: str,
    solution: Solution | None = None,
    bypassed_by: User | None = None,
    **facts: Any,
) -> Incident:
    """Log what happened at ``occurred_at``, told by ``backfill_source``; perhaps solved already.

    ``bypassed_by``: who helped without the desk (SD-17). Other ``facts`` as of ``services.open``. The first
    reply counts as given with the solution, if there was no other.
    """
    require(actor, "desk")
    if backfill_source not in BackfillSource.values:
        raise refuse("backfill_source", _("Say who told you of it."), "required")
    checks.occurred(occurred_at, now)
    span = rules.of(customer.pk)
    if occurred_at < now - span.backfill:
        message = _("A ticket can be logged up to %(n)s days afterwards.")
        raise refuse("occurred_at", message % {"n": span.backfill_days}, "too_old")
    if solution and not occurred_at <= solution.at <= now:
        raise refuse("solved_at", _("It was solved after it happened and not in the future."))
    if bypassed_by:
        check_bypasser(bypassed_by)
    with transaction.atomic():
        made = services.open(
            actor=actor, now=occurred_at, customer=customer, occurred_at=occurred_at, is_backfilled=True,
            backfill_source=backfill_source, logged_by_id=actor.user_id, bypassed_by=bypassed_by, **facts,
        )  # fmt: skip
        records_log.write(
            made, "incident.backfilled", actor=actor, at=now,
            source=records_log.bilingual(BackfillSource(backfill_source).label),
        )  # fmt: skip
        if bypassed_by:
            _note_bypass(made, bypassed_by, actor=actor, now=now)
        if solution:
            made = services.resolve(
                made, code=solution.code, steps=solution.steps, actor=actor, now=solution.at
            )
    return made


def check_bypasser(person: User) -> None:
    """Who is named works for the provider: a customer cannot bypass a desk that is there for him."""
    if not person.actor.is_desk_side:
        raise refuse("bypassed_by", _("Name somebody who works for the provider."))


def note_bypass(
    incident: Incident,
    *,
    person: User | None,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Incident:
    """Say who helped without the desk, or with None that nobody did."""
    if person:
        check_bypasser(person)
    with transaction.atomic():
        current = begin(incident, "edit", actor=actor, now=now, expected_version=expected_version)
        if current.bypassed_by_id == (person and person.pk):
            return current
        current.bypassed_by = person
        save(current, ["bypassed_by"], now=now)
        _note_bypass(current, person, actor=actor, now=now)
    return current


def _note_bypass(incident: Incident, person: User | None, *, actor: Actor, now: datetime) -> None:
    named = person.label if person else {"en": "nobody", "zh": "无人"}
    records_log.write(incident, "incident.bypassed", actor=actor, at=now, person=named)
