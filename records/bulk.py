"""One act on several records: the verb of each, one after the other, and an account of what was skipped."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import Actor, Denied
from accounts.models import Team
from records import assignment
from records.lifecycle import IllegalMove, Phase
from records.models import Record
from records.services import get_record

MOST = 100


@dataclass
class Outcome:
    """Numbers that were done, and those that were not with the reason."""

    done: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def take(numbers: Iterable[str], *, actor: Actor, now: datetime) -> Outcome:
    """The actor takes each record."""

    def act(record: Record) -> str:
        if record.assignee_id == actor.user_id:
            return _("it is yours already")
        assignment.take(record, actor=actor, now=now)
        return ""

    return _each(numbers, act, actor=actor)


def give(numbers: Iterable[str], *, team: Team, actor: Actor, now: datetime) -> Outcome:
    """Each record goes to a team, to nobody in particular."""

    def act(record: Record) -> str:
        if record.team_id == team.pk:
            return _("it is with %(team)s already") % {"team": team.name}
        assignment.assign(record, team=team, assignee=None, actor=actor, now=now)
        return ""

    return _each(numbers, act, actor=actor)


def _each(numbers: Iterable[str], act: Callable[[Record], str], *, actor: Actor) -> Outcome:
    """Each record in a transaction of its own: one refusal does not undo the others."""
    outcome = Outcome()
    for number in list(dict.fromkeys(numbers))[:MOST]:
        try:
            record = get_record(actor, number)
            reason = _("it is done") if record.phase == Phase.DONE else act(record)
        except (Http404, Denied, IllegalMove, ValidationError) as refusal:
            reason = _why(refusal)
        if reason:
            outcome.skipped.append((number[:20], reason))
        else:
            outcome.done.append(number)
    return outcome


def _why(refusal: Exception) -> str:
    match refusal:
        case Http404():
            return _("there is no such record")
        case Denied():
            return _("you may not do this")
        case ValidationError():
            return " ".join(refusal.messages)
    return _("this is not possible in its present state")
