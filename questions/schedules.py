"""When answers are sent: what a schedule says, who may say it, and when it is due next."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, Denied
from accounts.models import User
from questions import services
from questions.models import Question, Schedule

MOST_RECIPIENTS = 30


@dataclass(frozen=True)
class Timing:
    """How often, on which day, at which hour, and what is attached; as Schedule's fields."""

    every: str
    weekday: int = 1
    month_day: int = 1
    hour: int = 8
    attached: str = "xlsx"

    def errors(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, choices in (("every", Schedule.Every.values), ("attached", Schedule.Attached.values)):
            if getattr(self, name) not in choices:
                found[name] = [_("Choose one of what is offered.")]
        for name, low, high in (("weekday", 1, 7), ("month_day", 1, 31), ("hour", 0, 23)):
            if not low <= getattr(self, name) <= high:
                found[name] = [_("A number from %(low)s to %(high)s.") % {"low": low, "high": high}]
        return found


def following(schedule: Schedule, after: datetime) -> datetime:
    """The first time it is due after an instant, by the clock of its zone.

    In a month that is too short it is due on the last day.
    """
    zone = ZoneInfo(schedule.zone)
    day = after.astimezone(zone).date()
    while True:
        due = datetime(day.year, day.month, day.day, schedule.hour, tzinfo=zone)
        if due > after and _is_due_on(schedule, due):
            return due
        day += timedelta(days=1)


def _is_due_on(schedule: Schedule, due: datetime) -> bool:
    if schedule.every == Schedule.Every.WEEK:
        return due.isoweekday() == schedule.weekday
    if schedule.every == Schedule.Every.MONTH:
        is_last = (due + timedelta(days=1)).day == 1
        return due.day == schedule.month_day or (is_last and due.day < schedule.month_day)
    return True


def set_up(
    question: Question, timing: Timing, *, recipients: list[User], zone: str, actor: Actor, now: datetime
) -> Schedule:
    """Say when the answer is sent and to whom. ValidationError by field."""
    errors = timing.errors()
    if not recipients:
        errors["recipients"] = [_("Choose who gets the answer.")]
    elif len(recipients) > MOST_RECIPIENTS:
        errors["recipients"] = [_("At most %(n)s people.") % {"n": MOST_RECIPIENTS}]
    else:
        keys = {each.pk for each in recipients}
        if services.people_for(actor).filter(pk__in=keys).count() != len(keys):
            errors["recipients"] = [_("Choose people who work here.")]
    if errors:
        raise ValidationError(errors)
    with transaction.atomic():
        row = services.locked(question.pk)
        if not services.may_change(row, actor):
            raise Denied(actor, "ask_questions")
        made = Schedule.objects.filter(question=row).first() or Schedule(question=row)
        for name, fact in {**asdict(timing), "zone": zone}.items():
            setattr(made, name, fact)
        made.next_at = following(made, now)
        made.save()
        made.recipients.set(recipients)
    return made


def stop(question: Question, *, actor: Actor) -> None:
    """It is sent no more; to whom and when it was stays known."""
    with transaction.atomic():
        row = services.locked(question.pk)
        if not services.may_delete(row, actor):
            raise Denied(actor, "lead_questions")
        Schedule.objects.filter(question=row).update(next_at=None)
