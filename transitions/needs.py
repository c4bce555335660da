"""What a transition still needs before its next step: each with the field it is told on, in words.

The verbs refuse with these sentences and the page lists them beforehand: one list, so that neither knows
more than the other.
"""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from agreements import papers
from agreements.models import Paper
from planning import designs
from planning.models import Design
from releases.needing import Need
from transitions.models import CHECKS, STEPS, CheckSort, StepSort, Transition

DESIGN = ("business_process", "goals", "indicators")
SERVICE_PLAN = ("content", "level", "cost", "period", "staffing", "standard")
PLAN = ("plan_goals", "scope", "effect")
ENDING = ("business_process", "goals")
PLANNED_BEFORE = {
    "goals": "baseline", "indicators": "baseline", "level": "baseline",
    "content": Design.Kind.SPECIFICATION, "standard": Design.Kind.QUALITY,
}  # fmt: skip
"""What need not be written again where the requirement's baseline or an approved design of it says it."""


def label(name: str) -> str:
    """A field's name as a heading."""
    return str(capfirst(Transition._meta.get_field(name).verbose_name))  # type: ignore[union-attr]


def planned_before(transition: Transition) -> dict[str, str]:
    """The fields that the requirement's papers cover, with which paper does."""
    requirement = transition.requirement
    if requirement is None:
        return {}
    fixed = requirement.baselines.order_by("-number").first()
    found = {"baseline": _("baseline %(n)s") % {"n": fixed.number}} if fixed else {}
    for kind in Design.Kind:
        if row := designs.approved(requirement, kind):
            words = _("%(what)s, version %(n)s")
            found[kind] = words % {"what": kind.label, "n": row.number}
    return {field: found[paper] for field, paper in PLANNED_BEFORE.items() if paper in found}


def contract_review(transition: Transition, now: datetime) -> Paper | None:
    """The review of the contract under which the service is to be given (TRN-06); None: there is none yet."""
    if transition.agreement is None:
        return None
    rows = papers.of(transition.agreement).filter(
        kind=Paper.Kind.CONTRACT_REVIEW, approved_on__lte=timezone.localdate(now)
    )
    found: Paper | None = rows.first()
    return found


def of_design(transition: Transition, now: datetime) -> list[Need]:
    """Before the design is settled (TRN-01, TRN-06, TRN-09)."""
    wanted = ENDING if transition.is_retirement else DESIGN + SERVICE_PLAN
    covered = planned_before(transition)
    needs = [
        Need(name, _("Nothing is said yet about: %(part)s.") % {"part": label(name)})
        for name in wanted
        if not getattr(transition, name).strip() and name not in covered
    ]
    if transition.is_retirement and transition.last_day is None:
        needs.append(Need("last_day", _("Name the last day of the service.")))
    if transition.nature == "new" and contract_review(transition, now) is None:
        words = _("A contract review comes before a new service: name the agreement it is recorded with.")
        if transition.agreement:
            words = _("The contract review is not recorded yet with the agreement “%(name)s”.")
            words %= {"name": transition.agreement.name}
        needs.append(Need("agreement", words))
    return needs


def of_plan(transition: Transition, now: datetime) -> list[Need]:
    """Before the implementation begins (TRN-02, 03, 04)."""
    needs = [
        Need(name, _("Nothing is said yet about: %(part)s.") % {"part": label(name)})
        for name in PLAN
        if not getattr(transition, name).strip()
    ]
    parts = {
        "members": _("Name the team and who answers for what."),
        "nodes": _("Put key nodes into the timetable, each with who."),
        "risks": _("Name the risks and the measures against them."),
    }
    needs += [Need(part, words) for part, words in parts.items() if not getattr(transition, part).exists()]
    needs += _unready(transition)
    sorts = set(transition.steps.values_list("sort", flat=True))
    for sort in STEPS[transition.nature]:  # type: ignore[index]
        if sort not in sorts:
            words = _("No step is planned for: %(sort)s.") % {"sort": StepSort(sort).label}
            needs.append(Need("steps", words))
    return needs + list(_continuity(transition))


def _unready(transition: Transition) -> list[Need]:
    there = {row.sort for row in transition.checks.all()}
    left = [str(row) for row in transition.checks.filter(met_at=None)]
    left += [
        str(CheckSort(sort).label)
        for sort in CHECKS[transition.nature]  # type: ignore[index]
        if sort not in there
    ]
    return [Need("checks", _("Not ready yet: %(point)s.") % {"point": point}) for point in left]


def _continuity(transition: Transition) -> Iterator[Need]:
    old = transition.predecessor
    if old is None:
        return
    if not transition.continuity.strip():
        yield Need("continuity", _("Say how the old service goes on until the switch."))
    if not old.is_published or old.unavailable_since:
        words = _("The old service “%(name)s” takes no orders any more: it has to go on until the switch.")
        yield Need("predecessor", words % {"name": old.name})


def of_steps(transition: Transition) -> list[Need]:
    """Before the service is live or gone: every step done, every checklist signed by both sides (TRN-07)."""
    left = transition.steps.filter(done_at=None)
    needs = [Need("steps", _("Not done yet: %(step)s.") % {"step": row}) for row in left]
    for row in transition.checklists.prefetch_related("signatures"):
        if len(row.signatures.all()) < 2:
            words = _("%(checklist)s: not signed by both sides yet.")
            needs.append(Need("checklists", words % {"checklist": row}))
    return needs


def of_watch(transition: Transition, now: datetime) -> list[Need]:
    """Before it is closed (TRN-05)."""
    needs = []
    if transition.watch_until and now < transition.watch_until:
        words = _("The service is under watch until %(day)s.")
        day = timezone.localtime(transition.watch_until).date().isoformat()
        needs.append(Need("watch_until", words % {"day": day}))
    sorts = set(transition.observations.values_list("sort", flat=True))
    wanted = {
        "feedback": _("Record what users say."),
        "operation": _("Record how the operation goes."),
        "lesson": _("Record what was learnt."),
    }
    if transition.is_retirement:
        wanted.pop("operation")
    return needs + [Need("observations", words) for sort, words in wanted.items() if sort not in sorts]
