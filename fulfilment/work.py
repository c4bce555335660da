"""The tasks of a request: planned by its entry, worked off step by step.

The first step is ready when the work on the request begins; the next one when nothing of the step before is
open. The verbs hold the request's row, so two who end the last two tasks of a step open the next one once.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import Team, User
from fulfilment import lifecycle
from fulfilment.models import ServiceRequest, Task
from records import assignment
from records import log as records_log
from records.services import begin, refuse

State = Task.State
WORKING = (lifecycle.IN_FULFILMENT, lifecycle.ON_HOLD)


def plan(request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    """Write down the tasks of the version ordered by, once, and open the first step."""
    if request.tasks.exists():
        return
    templates = request.ordered_version.blueprint.tasks
    teams = {team.code: team for team in Team.objects.filter(code__in={t.team for t in templates if t.team})}
    Task.objects.bulk_create(
        Task(
            request=request, order=template.order, title_en=template.title.en or template.title.zh,
            title_zh=template.title.zh, team=teams.get(template.team, request.team),
        )
        for template in templates
    )  # fmt: skip
    _go_on(request, actor=actor, now=now)


def _go_on(request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    """Open the next step where nothing of an earlier one is open."""
    tasks = list(request.tasks.all())
    if any(task.is_open for task in tasks):
        return
    pending = [task for task in tasks if task.state == State.PENDING]
    if not pending:
        return
    first = min(task.order for task in pending)
    for task in pending:
        if task.order == first:
            task.state, task.ready_at = State.READY, now
            task.save(update_fields=["state", "ready_at"])
            members = task.team.members.values_list("pk", flat=True) if task.team else []
            records_log.write(
                request, "request.task_ready", actor=actor, at=now, task=task.label, people=list(members)
            )


def add(
    request: ServiceRequest,
    *,
    title: str,
    order: int,
    team: Team | None,
    actor: Actor,
    now: datetime,
) -> Task:
    """A piece of work nobody planned; of a step that has begun it is ready at once."""
    if not title.strip():
        raise refuse("title", _("Say what is to be done."), "required")
    with transaction.atomic():
        current = begin(request, "work_task", actor=actor, now=now, expected_version=None)
        if current.state not in WORKING:
            raise refuse("title", _("Tasks are added once the work has begun."))
        made = Task.objects.create(
            request=current, order=order, title_en=title.strip()[:200], team=team or current.team
        )
        reached = [t.order for t in current.tasks.all() if t.state != State.PENDING]
        if reached and order <= max(reached):
            made.state, made.ready_at = State.READY, now
            made.save(update_fields=["state", "ready_at"])
        records_log.write(current, "request.task_added", actor=actor, at=now, task=made.label)
        _go_on(current, actor=actor, now=now)
    return made


def start(task: Task, *, actor: Actor, now: datetime) -> Task:
    """Begin it; who begins it becomes its assignee."""
    with transaction.atomic():
        _request, mine = _workable(task, actor, now)
        if mine.state == State.STARTED and mine.assignee_id == actor.user_id:
            return mine
        mine.state, mine.assignee_id = State.STARTED, actor.user_id
        mine.started_at = mine.started_at or now
        mine.save(update_fields=["state", "assignee", "started_at"])
    return mine


def finish(task: Task, *, result: str, actor: Actor, now: datetime, is_needed: bool = True) -> Task:
    """It is done, with its result; or not needed, with the reason. Then what comes after it may begin."""
    words = result.strip()
    if not words:
        raise refuse("result", _("Say what was done, or why it is not needed."), "required")
    with transaction.atomic():
        request, mine = _workable(task, actor, now)
        mine.state = State.DONE if is_needed else State.SKIPPED
        mine.result, mine.done_at, mine.done_by_id = words, now, actor.user_id
        mine.assignee_id = mine.assignee_id or actor.user_id
        mine.save(update_fields=["state", "result", "done_at", "done_by", "assignee"])
        verb = "request.task_done" if is_needed else "request.task_skipped"
        records_log.write(request, verb, actor=actor, at=now, text=words, task=mine.label)
        _go_on(request, actor=actor, now=now)
    return mine


def give(task: Task, *, team: Team | None, assignee: User | None, actor: Actor, now: datetime) -> Task:
    """Give it to a team, a person, or both; who gets it is told."""
    assignment.check(team, assignee)
    with transaction.atomic():
        request, mine = _workable(task, actor, now, even_later=True)
        if (mine.team_id, mine.assignee_id) == (team and team.pk, assignee and assignee.pk):
            return mine
        mine.team, mine.assignee = team, assignee
        mine.save(update_fields=["team", "assignee"])
        members = team.members.values_list("pk", flat=True) if team else []
        people = [assignee.pk] if assignee else list(members)
        holder = assignee or team
        to = holder.label if holder else {"en": "nobody", "zh": "无人"}
        records_log.write(
            request, "request.task_given", actor=actor, at=now, task=mine.label, to=to, people=people
        )
    return mine


def _workable(
    task: Task, actor: Actor, now: datetime, *, even_later: bool = False
) -> tuple[ServiceRequest, Task]:
    """The request under its lock and the task as it is now; refused where nothing can be done with it."""
    ordered = ServiceRequest.objects.get(pk=task.request_id)
    request = begin(ordered, "work_task", actor=actor, now=now, expected_version=None)
    current = Task.objects.get(pk=task.pk)
    if request.state not in WORKING:
        raise refuse("task", _("The request is not being worked on."))
    if not current.is_open and not (even_later and current.state == State.PENDING):
        words = {
            State.PENDING: _("This task comes later: the step before it is not done yet."),
            State.DONE: _("This task is done already."),
            State.SKIPPED: _("This task was found not to be needed."),
        }
        raise refuse("task", words[State(current.state)], "state")
    return request, current


def unfinished(request: ServiceRequest) -> list[Task]:
    """What still has to be done before the request is fulfilled."""
    return list(request.tasks.filter(state__in=(State.PENDING, State.READY, State.STARTED)))
