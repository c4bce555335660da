"""What the nightly self-check of the clocks finds is a piece of work, once for each clock (SLM-29)."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.access import Role
from accounts.models import User
from accounts.services import system_actor
from actions import services
from actions.models import Action
from records.models import Record
from sla import selfcheck
from sla.models import Clock

DAYS = timedelta(days=3)
# Titles of records are shown as they are, to readers of either language.
TITLE = "its clock differs from its events · 计时与事件记录不一致"


def manager_of(customer_id: int | None) -> User | None:
    """The service level manager who covers a customer, the longest here first; None if nobody does."""
    rows = User.objects.filter(is_active=True, grants__role=Role.SERVICE_LEVEL_MANAGER)
    for person in rows.distinct().order_by("pk").prefetch_related("grants", "memberships"):
        scope = person.actor.scope
        if scope is None or customer_id in scope:
            return person
    return None


def open_actions(report: selfcheck.Report, now: datetime) -> None:
    """An action for each clock that differs; who asks again for the same clock opens none."""
    found: dict[int, list[str]] = defaultdict(list)
    for pk, words in zip(report.clocks, report.differences, strict=True):
        found[pk].append(words)
    clocks = Clock.every.filter(pk__in=found).order_by("pk")
    records = Record.objects.in_bulk([clock.record_id for clock in clocks])
    for clock in clocks:
        record = records[clock.record_id]
        responsible = manager_of(record.customer_id)
        if responsible is None:
            continue
        services.open_action(
            source=Action.Source.SELF_CHECK, title=f"{record.number}: {TITLE}", responsible=responsible,
            description="\n".join(found[clock.pk]), due_on=timezone.localdate(now) + DAYS, cause=record,
            key=f"selfcheck:clock:{clock.pk}", actor=system_actor(), now=now,
        )  # fmt: skip


def register() -> None:
    """Be told of each self-check that found something. Safe to repeat."""
    selfcheck.tell("actions", open_actions)
