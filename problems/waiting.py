"""Problems nobody decided on: those who may accept them are reminded once, after a working day."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts import access
from accounts.access import RULES, Role
from accounts.models import User
from accounts.services import system_actor
from problems import lifecycle
from problems.models import Problem
from records import log as records_log
from records import reminders
from records.models import Activity
from records.services import lock

REMINDED = "problem.decision_reminded"


def remind(*, now: datetime) -> int:
    """Tell who may accept or reject a problem that it waits; answers of how many. Safe to repeat."""
    actor, told = system_actor(), 0
    said = Activity.objects.filter(record=OuterRef("pk"), verb=REMINDED)
    rows = Problem.objects.filter(~Exists(said), state=lifecycle.RAISED)
    for problem in rows.order_by("pk"):
        if not reminders.is_due(problem.customer_id, problem.opened_at, now=now):
            continue
        with transaction.atomic():
            current = lock(problem)
            if current.state != lifecycle.RAISED or current.activities.filter(verb=REMINDED).exists():
                continue
            records_log.write(current, REMINDED, actor=actor, at=now, people=_deciders(current))
            told += 1
    return told


def _deciders(problem: Problem) -> list[int]:
    roles = RULES["accept_problem"].keys() - {Role.SYSTEM}
    people = User.objects.filter(is_active=True, grants__role__in=roles).distinct().order_by("pk")
    return [
        person.pk
        for person in people.prefetch_related("grants", "memberships")
        if access.may(person.actor, "accept_problem", problem)
    ]
