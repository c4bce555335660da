"""The verbs of an improvement plan: proposed, approved by somebody else, carried out, closed."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from actions.models import Action, ImprovementPlan
from actions.services import check_responsible
from records.kinds import Kind
from records.models import Link, Priority, Record
from records.services import link, move, open_record, refuse
from sla.models import Agreement


def propose(
    *,
    title: str,
    title_zh: str,
    objective: str,
    owner: User,
    people: str,
    resources: str,
    starts_on: date,
    ends_on: date,
    indicator: str,
    value_before: str,
    value_wanted: str,
    actor: Actor,
    now: datetime,
    agreement: Agreement | None = None,
    cause: Record | None = None,
) -> ImprovementPlan:
    """Propose a plan; ``cause`` is for example the review it comes from."""
    access.require(actor, "lead_actions")
    check_responsible(owner, "owner")
    if ends_on < starts_on:
        raise refuse("ends_on", _("The end must lie after the beginning."))
    provider = Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk")[0]
    with transaction.atomic():
        made: ImprovementPlan = open_record(
            ImprovementPlan, Kind.IMPROVEMENT, actor=actor, now=now,
            customer=(agreement and agreement.customer) or provider,
            requester=User.objects.get(pk=actor.user_id), priority=Priority.MODERATE,
            title=title.strip(), title_zh=title_zh.strip(), description=objective.strip(), assignee=owner,
            people=people.strip(), resources=resources.strip(), starts_on=starts_on, ends_on=ends_on,
            indicator=indicator.strip(), value_before=value_before.strip(), value_wanted=value_wanted.strip(),
            agreement=agreement, words=[title_zh.strip()],
        )  # fmt: skip
        if cause:
            link(made, cause, kind=Link.Type.CAUSED_BY, actor=actor, now=now)
    return made


def approve(plan: ImprovementPlan, *, actor: Actor, now: datetime, note: str = "") -> ImprovementPlan:
    """Approve it; who proposed it cannot."""
    if plan.requester_id == actor.user_id:
        raise refuse("note", _("Somebody other than who proposed it must approve it."))
    changes = {"approved_by": User.objects.get(pk=actor.user_id), "approved_at": now}
    return move(plan, "approve", actor=actor, now=now, note=note.strip(), changes=changes)


def start(plan: ImprovementPlan, *, actor: Actor, now: datetime) -> ImprovementPlan:
    """Begin to carry it out."""
    return move(plan, "begin", actor=actor, now=now)


def conclude(
    plan: ImprovementPlan, *, value_after: str, result: str, actor: Actor, now: datetime
) -> ImprovementPlan:
    """Close it with the figure reached and what came of it; its actions must be done first."""
    if not value_after.strip():
        raise refuse("value_after", _("Give the indicator's value after the improvement."), "required")
    if not result.strip():
        raise refuse("result", _("Say what came of it."), "required")
    if open_actions := Action.objects.unfinished().filter(plan=plan).values_list("number", flat=True):
        message = _("These actions are not done yet: %(numbers)s.")
        raise refuse("result", message % {"numbers": ", ".join(open_actions)})
    changes = {"value_after": value_after.strip(), "result": result.strip()}
    return move(
        plan, "conclude", actor=actor, now=now, note=result.strip(), changes=changes,
        indicator=plan.indicator, after=value_after.strip(),
    )  # fmt: skip


def withdraw(plan: ImprovementPlan, *, reason: str, actor: Actor, now: datetime) -> ImprovementPlan:
    """Give it up, with the reason."""
    if not reason.strip():
        raise refuse("reason", _("Say why the plan is withdrawn."), "required")
    return move(plan, "withdraw", actor=actor, now=now, note=reason.strip())
