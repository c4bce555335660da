"""An incident in other hands, and its requester told who will answer (SD-26)."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from accounts.models import Team, User
from records import alarms, assignment
from records import log as records_log
from records.assignment import TIERS
from records.models import Record

R = TypeVar("R", bound=Record)


def escalate_on_breach(record: Record, *, metric: str, actor: Actor, now: datetime) -> None:
    """The limit is reached: hand it to the second line of its service, if it is not there already (SD-13)."""
    team = alarms.second_line_of(record)
    if team is None:
        return
    reason = records_log.bilingual(gettext_lazy("the time limit was reached"))
    escalate(record, team=team, reason=reason, actor=actor, now=now)


def escalate(
    incident: R,
    *,
    team: Team | None,
    reason: str | Mapping[str, str],
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> R:
    """Pass it to a higher tier, and tell the requester who will answer (SD-26)."""
    with transaction.atomic():
        current = assignment.escalate(
            incident, team=team, reason=reason, actor=actor, now=now, expected_version=expected_version
        )
        tell_who_answers(current, actor=actor, now=now)
    return current


def assign(
    incident: R,
    *,
    team: Team | None,
    assignee: User | None,
    actor: Actor,
    now: datetime,
    note: str = "",
    expected_version: int | None = None,
) -> R:
    """Give it to a team, a person, or both; of a higher tier, the requester is told who will answer."""
    with transaction.atomic():
        before = incident.team
        current = assignment.assign(
            incident, team=team, assignee=assignee, actor=actor, now=now, note=note,
            expected_version=expected_version,
        )  # fmt: skip
        if team and (before is None or TIERS.index(team.tier) > TIERS.index(before.tier)):
            tell_who_answers(current, actor=actor, now=now)
    return current


def tell_who_answers(record: Record, *, actor: Actor, now: datetime) -> None:
    """The requester reads who works on it from now on: the person, or the team while there is none."""
    holder = record.assignee or record.team
    if holder:
        records_log.write(record, "incident.will_answer", actor=actor, at=now, to=holder.label)
