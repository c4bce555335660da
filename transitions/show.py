"""A transition as its pages show it: words instead of codes, one function per part of the page."""

from datetime import datetime
from typing import Any

from accounts.access import Actor
from planning import designs
from planning.models import Design
from releases.needing import Need
from transitions import checklists, ending, gate, lifecycle, needs
from transitions.forms import parts_of
from transitions.models import ChecklistSignature, State, TemplateEdition, Transition

TONES = {
    lifecycle.DESIGNING: "accent",
    lifecycle.PREPARING: "accent",
    lifecycle.IMPLEMENTING: "warn",
    lifecycle.WATCHING: "good",
    lifecycle.CLOSED: "quiet",
    lifecycle.CANCELLED: "quiet",
}


def row_of(transition: Transition) -> dict[str, Any]:
    """A transition with its state, as lists and heads show it."""
    return {
        "transition": transition,
        "state": State(transition.state).label,
        "tone": TONES.get(transition.state, "neutral"),
    }


def hindrances(transition: Transition, actor: Actor, now: datetime) -> list[Need]:
    """What stands in the way of the next step in the state it is in; the gate is shown by itself."""
    if transition.state == lifecycle.DESIGNING:
        return needs.of_design(transition, now)
    if transition.state == lifecycle.PREPARING:
        return needs.of_plan(transition, now)
    if transition.state == lifecycle.IMPLEMENTING:
        return needs.of_steps(transition)
    if transition.state == lifecycle.WATCHING:
        return needs.of_watch(transition, now)
    return []


def texts(transition: Transition, part: str) -> list[dict[str, Any]]:
    """The texts of a part with where else it is said, if planning said it before."""
    covered = needs.planned_before(transition)
    wanted = parts_of(transition)[part][1]
    return [
        {
            "label": needs.label(name),
            "text": getattr(transition, name),
            "covered": covered.get(name, ""),
            "is_date": name == "last_day",
        }
        for name in wanted
    ]


def design(transition: Transition, now: datetime) -> dict[str, Any]:
    """Requirement analysis and service plan, what planning holds, and the contract review."""
    requirement = transition.requirement
    papers = []
    if requirement:
        fixed = requirement.baselines.order_by("-number").first()
        url = requirement.get_absolute_url()
        if fixed:
            papers.append(
                {"words": needs.planned_before(transition).get("goals", ""), "url": f"{url}?view=baseline"}
            )
        approved = [(kind, designs.approved(requirement, kind)) for kind in Design.Kind]
        papers += [
            {"words": f"{kind.label} {row.number}", "url": f"{url}?view={kind.value}"}
            for kind, row in approved
            if row
        ]
    return {
        "analysis": texts(transition, "analysis"),
        "service_plan": [] if transition.is_retirement else texts(transition, "service"),
        "papers": papers,
        "review": needs.contract_review(transition, now),
    }


def plan(transition: Transition) -> dict[str, Any]:
    return {
        "plan_texts": texts(transition, "plan"),
        "members": transition.members.select_related("person"),
        "nodes": transition.nodes.select_related("responsible", "done_by"),
        "risks": transition.risks.select_related("responsible"),
    }


def signing(transition: Transition) -> list[dict[str, Any]]:
    """The checklists with their points, the signatures, and whether these still fit what is written."""
    shown: list[dict[str, Any]] = []
    for row in transition.checklists.prefetch_related("points__found_by", "signatures__recorded_by"):
        now_is = checklists.fingerprint(row)
        signatures: list[dict[str, Any]] = [
            {"row": signature, "fits": signature.sha256 == now_is} for signature in row.signatures.all()
        ]
        taken = {one["row"].side for one in signatures}
        sides = [(value, label) for value, label in ChecklistSignature.Side.choices if value not in taken]
        shown.append(
            {
                "row": row,
                "points": row.points.all(),
                "signatures": signatures,
                "sides": sides,
                "is_open": not taken,
            }
        )
    return shown


def things(transition: Transition, actor: Actor, now: datetime) -> dict[str, Any]:
    found = ending.things(transition, actor, now)
    return {"things": found, "left": sum(thing.is_open for thing in found)}


def points(transition: Transition, now: datetime) -> dict[str, Any]:
    """The go-live gate."""
    found = gate.points(transition, now)
    return {"points": found, "missing": sum(point.is_missing for point in found)}


def edition(row: TemplateEdition) -> dict[str, Any]:
    """An edition of a template, for people."""
    from transitions.flow import LISTS, STEPS, Flow
    from transitions.models import Checklist, StepSort, TransitionCheck

    found = Flow.parse(row.flow)
    labels = {"checks": TransitionCheck._meta.verbose_name_plural, **dict(Checklist.Sort.choices)}
    parts = [{"label": StepSort(sort).label, "lines": found.steps[sort]} for sort in STEPS]
    parts += [{"label": labels[name], "lines": getattr(found, name)} for name in LISTS]
    return {"edition": row, "flow": found, "parts": [part for part in parts if part["lines"]]}
