"""Approval of a request in stages: who is asked, what they decide, and what follows from it.

A stage asks all or any of its people; the next one opens when it is approved, and after the last the request
is released for work. Nobody approves what was ordered for or by himself. Who decides at the same moment
stands in line at the request's row; what came too late is refused in words.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor, Role
from accounts.models import Organisation, User
from accounts.services import system_actor, system_after
from fulfilment import blueprint, lifecycle
from fulfilment.blueprint import Blueprint
from fulfilment.models import ServiceRequest, WaitingFor
from fulfilment.models.approval import Approval, ApprovalStage
from records import log as records_log
from records.models import Watch
from records.services import begin, lock, move, refuse

REMIND_AFTER = timedelta(days=1)
State = ApprovalStage.State
Result = Approval.Result


def ask(request: ServiceRequest, ordered: Blueprint, *, actor: Actor, now: datetime) -> ServiceRequest:
    """Begin the approval of a request just ordered; without stages nothing happens. In its transaction."""
    stages = [
        ApprovalStage(
            request=request, position=n, name_en=stage.name.en, name_zh=stage.name.zh, rule=stage.rule,
            parties=[{"kind": p.kind, "code": p.code} for p in stage.parties],
        )
        for n, stage in enumerate(ordered.stages, 1)
    ]  # fmt: skip
    if not stages:
        return request
    ApprovalStage.objects.bulk_create(stages)
    system = system_after(actor)
    current = move(request, "ask_approval", actor=system, now=now, waiting_for=WaitingFor.APPROVAL.value)
    _open(current, stages[0], actor=system, now=now)
    return current


def _open(request: ServiceRequest, stage: ApprovalStage, *, actor: Actor, now: datetime) -> None:
    """Ask a stage's people. Where nobody is left to ask, those who can name somebody are told."""
    stage.state, stage.opened_at = State.OPEN, now
    stage.save(update_fields=["state", "opened_at"])
    people = [person for person in _asked(request, stage) if _may_decide(person, request)]
    Approval.objects.bulk_create(Approval(stage=stage, person=person) for person in people)
    _let_see(request, people)
    verb = "request.approval_asked" if people else "request.approval_orphaned"
    records_log.write(
        request, verb, actor=actor, at=now, stage=stage.label, stage_id=stage.pk,
        people=[person.pk for person in people], names=", ".join(person.display_name for person in people),
    )  # fmt: skip


def _asked(request: ServiceRequest, stage: ApprovalStage) -> Iterable[User]:
    """The active people a stage names now, without who ordered it or for whom it is."""
    wanted = Q(pk__in=[])
    for party in stage.parties:
        match party["kind"]:
            case blueprint.CONTACT:
                wanted |= Q(organisation=request.customer_id, grants__role=Role.CUSTOMER_MANAGER)
            case blueprint.TEAM_LEAD:
                wanted |= Q(memberships__team__code=party["code"], memberships__is_lead=True)
            case blueprint.NAMED:
                wanted |= Q(username=party["code"])
    own = {request.requester_id, request.reporter_id}
    rows = User.objects.filter(wanted, is_active=True).exclude(pk__in=own).distinct().order_by("pk")
    may_know = Q(organisation=request.customer_id) | Q(organisation__kind=Organisation.Kind.PROVIDER)
    return rows.filter(may_know)


def _may_decide(person: User, request: ServiceRequest) -> bool:
    """Active, and somebody whose roles reach this customer at all."""
    return person.is_active and access.may(person.actor, "decide_approval", request)


def _let_see(request: ServiceRequest, people: Iterable[User]) -> None:
    """Who is asked sees the request: a customer's person without the whole organisation follows it."""
    for person in people:
        if person.organisation_id == request.customer_id:
            Watch.objects.get_or_create(record_id=request.pk, user=person)


def decide(
    approval: Approval, *, result: str, comment: str, actor: Actor, now: datetime, is_by_link: bool = False
) -> ServiceRequest:
    """The answer of somebody who was asked. A rejection needs its reason and ends the request."""
    if result not in (Result.APPROVED, Result.REJECTED):
        raise refuse("result", _("Approve or reject."), "required")
    words = comment.strip()
    if result == Result.REJECTED and not words:
        raise refuse("comment", _("Say why you reject it."), "required")
    with transaction.atomic():
        request, stage, mine = _answerable(approval, actor, now)
        mine.result, mine.comment, mine.decided_at, mine.is_by_link = result, words, now, is_by_link
        mine.save(update_fields=["result", "comment", "decided_at", "is_by_link"])
        if result == Result.REJECTED:
            _end(stage, State.REJECTED, now)
            return move(request, "reject", actor=actor, now=now, note=words, stage=stage.label)
        records_log.write(
            request, "request.approved_stage", actor=actor, at=now, text=words, stage=stage.label
        )
        if _is_settled(stage):
            _end(stage, State.APPROVED, now)
            return _after(request, stage, actor=system_after(actor), now=now)
    return request


def _answerable(
    approval: Approval, actor: Actor, now: datetime
) -> tuple[ServiceRequest, ApprovalStage, Approval]:
    """The request under its lock, with the stage and the answer as they are now; refused when it is late."""
    ordered = ServiceRequest.objects.get(pk=approval.stage.request_id)
    request = begin(ordered, "decide_approval", actor=actor, now=now, expected_version=None)
    mine = Approval.objects.select_related("stage").get(pk=approval.pk)
    if mine.person_id != actor.user_id:
        raise refuse("approval", _("You were not asked to decide on this."))
    if actor.user_id in (request.requester_id, request.reporter_id):
        raise refuse("approval", _("Nobody approves his own request."))
    if mine.result:
        raise refuse("approval", _("You have decided on this already."), "decided")
    if request.state != lifecycle.APPROVAL or mine.stage.state != State.OPEN:
        raise refuse("approval", _("This was decided meanwhile; your answer is no longer needed."), "decided")
    return request, mine.stage, mine


def _is_settled(stage: ApprovalStage) -> bool:
    results = list(stage.approvals.values_list("result", flat=True))
    asked = [result for result in results if result != Result.HANDED_OVER]
    if stage.rule == ApprovalStage.Rule.ANY:
        return Result.APPROVED in asked
    return all(result == Result.APPROVED for result in asked)


def _end(stage: ApprovalStage, state: ApprovalStage.State, now: datetime) -> None:
    stage.state, stage.ended_at = state, now
    stage.save(update_fields=["state", "ended_at"])


def _after(request: ServiceRequest, stage: ApprovalStage, *, actor: Actor, now: datetime) -> ServiceRequest:
    """Open the next stage, or release the request for work."""
    following = request.stages.filter(position__gt=stage.position).order_by("position").first()
    if following is None:
        return move(request, "release", actor=actor, now=now)
    _open(request, following, actor=actor, now=now)
    return request


def name_approver(stage: ApprovalStage, *, person: User, actor: Actor, now: datetime) -> Approval:
    """Ask one more person in a stage that waits: a manager or the customer's contact names him."""
    with transaction.atomic():
        ordered = ServiceRequest.objects.get(pk=stage.request_id)
        request = begin(ordered, "name_approver", actor=actor, now=now, expected_version=None)
        current = ApprovalStage.objects.get(pk=stage.pk)
        return _add(request, current, person, actor=actor, now=now)


def hand_over(approval: Approval, *, person: User, actor: Actor, now: datetime) -> Approval:
    """Somebody who was asked, and is away, lets another person decide in his place."""
    with transaction.atomic():
        request, stage, mine = _answerable(approval, actor, now)
        mine.result, mine.decided_at = Result.HANDED_OVER, now
        mine.save(update_fields=["result", "decided_at"])
        return _add(request, stage, person, actor=actor, now=now)


def _add(
    request: ServiceRequest, stage: ApprovalStage, person: User, *, actor: Actor, now: datetime
) -> Approval:
    if request.state != lifecycle.APPROVAL or stage.state != State.OPEN:
        raise refuse("person", _("This stage does not wait for anybody."))
    if person.pk in (request.requester_id, request.reporter_id):
        raise refuse("person", _("Nobody approves his own request."))
    is_theirs = person.organisation_id == request.customer_id
    if not _may_decide(person, request) or not (is_theirs or person.actor.is_staff_side):
        raise refuse("person", _("Choose an active person of the customer or of the provider."))
    if not actor.is_desk_side and not is_theirs:
        raise refuse("person", _("Choose a person of your organisation."))
    made, is_new = Approval.objects.get_or_create(stage=stage, person=person)
    if is_new:
        _let_see(request, [person])
        records_log.write(
            request, "request.approval_asked", actor=actor, at=now, stage=stage.label, stage_id=stage.pk,
            people=[person.pk], names=person.display_name,
        )  # fmt: skip
    return made


def remind(*, now: datetime) -> int:
    """Tell everybody whose answer is waited for, once a day and stage; answers how many stages it were."""
    before, actor, count = now - REMIND_AFTER, system_actor(), 0
    waiting = ApprovalStage.objects.filter(
        Q(reminded_at=None) | Q(reminded_at__lte=before), state=State.OPEN, opened_at__lte=before,
        request__state=lifecycle.APPROVAL,
    )  # fmt: skip
    for pk in waiting.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            stage = ApprovalStage.objects.get(pk=pk)
            request = lock(ServiceRequest.objects.get(pk=stage.request_id))
            stage.refresh_from_db()
            is_due = stage.reminded_at is None or stage.reminded_at <= before
            if not is_due or stage.state != State.OPEN or request.state != lifecycle.APPROVAL:
                continue
            stage.reminded_at = now
            stage.save(update_fields=["reminded_at"])
            people = list(stage.approvals.filter(result="").select_related("person"))
            records_log.write(
                request, "request.approval_reminded", actor=actor, at=now, stage=stage.label,
                stage_id=stage.pk, people=[row.person_id for row in people],
                names=", ".join(row.person.display_name for row in people) or "–",
            )  # fmt: skip
            count += 1
    return count
