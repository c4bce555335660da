"""Serious quality problems, sent to the department or supplier responsible and answered in time (PRB-11)."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import Membership, Team
from accounts.services import system_actor
from problems import lifecycle
from problems.models import Problem, QualityNotice
from problems.services import check_text, locked
from records import log as records_log
from records.services import lock, refuse, save
from suppliers.models import Supplier


def send(
    problem: Problem,
    *,
    text: str,
    due_on: date,
    actor: Actor,
    now: datetime,
    team: Team | None = None,
    supplier: Supplier | None = None,
    expected_version: int | None = None,
) -> QualityNotice:
    """Send it to one of the two. The department's people are told, or who answers for the supplier here."""
    text = check_text("text", text, required=_("Say what is wrong, and what is asked for."))
    if (team is None) == (supplier is None):
        raise refuse("team", _("Choose a department or a supplier."), "required")
    if (team and not team.is_active) or (supplier and not supplier.is_active):
        raise refuse("team" if team else "supplier", _("Choose one that is active."))
    if due_on < timezone.localdate(now):
        raise refuse("due_on", _("The due date lies in the past."))
    with transaction.atomic():
        current = locked(problem, "send_notice", actor, now, expected_version, lifecycle.OPEN)
        made = QualityNotice.objects.create(
            problem=current, team=team, supplier=supplier, text=text, due_on=due_on, sent_at=now,
            sent_by_id=actor.user_id,
        )  # fmt: skip
        save(current, [], now=now)
        _log(current, made, "problem.send_notice", actor, now, text)
    return made


def _log(
    problem: Problem, notice: QualityNotice, verb: str, actor: Actor, now: datetime, text: str = ""
) -> None:
    to = notice.team or notice.supplier
    records_log.write(
        problem, verb, actor=actor, at=now, text=text, to=to.label if to else "",
        day=notice.due_on.isoformat(), people=_people(notice),
    )  # fmt: skip


def _people(notice: QualityNotice) -> list[int]:
    if notice.team_id:
        members = Membership.objects.filter(team=notice.team_id, user__is_active=True)
        return list(members.order_by("user").values_list("user", flat=True))
    responsible = notice.supplier.responsible_id if notice.supplier else None
    return [responsible or notice.sent_by_id]


def answer(problem: Problem, notice: int, *, answer: str, actor: Actor, now: datetime) -> QualityNotice:
    """Record what they answered: by one of the department, or for the supplier. Once."""
    answer = check_text("answer", answer, required=_("Write what they answered."))
    with transaction.atomic():
        current = locked(problem, "answer_notice", actor, now, None, lifecycle.LIFECYCLE.states())
        row = current.notices.filter(pk=notice).first()
        if row is None:
            raise refuse("answer", _("It is not there any more."), "gone")
        if row.answered_at is not None:
            raise refuse("answer", _("It was answered already."), "already_answered")
        row.answer, row.answered_at, row.answered_by_id = answer, now, actor.user_id
        row.save()
        save(current, [], now=now)
        _log(current, row, "problem.answer_notice", actor, now, answer)
    return row


def remind(*, now: datetime) -> int:
    """Remind of each notice whose answer is late, once a day; answers of how many. Safe to repeat."""
    actor, today = system_actor(), timezone.localdate(now)
    told = 0
    late = QualityNotice.objects.filter(answered_at=None, due_on__lt=today).exclude(reminded_on=today)
    for pk, problem in late.order_by("pk").values_list("pk", "problem"):
        with transaction.atomic():
            current = lock(Problem.objects.get(pk=problem))
            row = QualityNotice.objects.select_related("team", "supplier").get(pk=pk)
            if row.answered_at is not None or row.reminded_on == today:
                continue
            row.reminded_on = today
            row.save(update_fields=["reminded_on"])
            _log(current, row, "problem.remind_notice", actor, now)
            told += 1
    return told
