"""What a person may do with a transition as steps in place: moves, rows of the plan, decisions."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, may
from actions.steps import Nothing, Step
from records.kinds import process_of
from releases import parting
from transitions import ending, forms, lifecycle, services
from transitions.models import Transition, TransitionStep


def _legal(act: str) -> Callable[[Actor, Transition], bool]:
    def ask(actor: Actor, row: Transition) -> bool:
        return act in process_of(row.kind).lifecycle_of(row).legal_moves(row.state) and may(actor, act, row)

    return ask


def _in(act: str, states: frozenset[str]) -> Callable[[Actor, Transition], bool]:
    return lambda actor, row: row.state in states and may(actor, act, row)


_PLANNABLE = _in("work_transition", lifecycle.PLANNABLE)


def _adds(part: str, **names: str) -> Callable[..., Any]:
    """A verb that adds a row; ``names`` maps a field of the form to the column it fills."""

    def run(row: Transition, *, actor: Actor, now: Any, **facts: Any) -> Any:
        given = {names.get(name, name): value for name, value in facts.items()}
        if part == "checks":
            given["sort"] = "other"
        if part == "steps":
            given["position"] = _position(row, given["sort"])
        return parting.add(row, part, given, rules=services.RULES, actor=actor, now=now)

    return run


def _position(row: Transition, sort: str) -> int:
    return services.place(sort, TransitionStep.objects.filter(work=row, sort=sort).count())


def _observe(row: Transition, **facts: Any) -> Any:
    return services.observe(row, **facts)


MOVES = (
    Step("settle-design", _("Settle the design"), Nothing, _legal("settle_design"), services.settle_design),
    Step(
        "begin-switch", _("Begin the implementation"), Nothing, _legal("begin_switch"), services.begin_switch,
    ),
    Step("go-live", _("Go live"), Nothing, _legal("go_live"), services.go_live),
    Step("take-out", _("Take the service out"), Nothing, _legal("take_out"), services.take_out),
    Step("end-watch", _("Close the transition"), forms.Conclude, _legal("end_watch"), services.end_watch),
    Step(
        "step-back", _("Go back to the preparation"), forms.Because, _legal("step_back"), services.step_back,
    ),
    Step(
        "abandon", _("Give the transition up"), forms.Because, _legal("abandon"), services.abandon, "danger",
    ),
)  # fmt: skip
PARTS: dict[str, tuple[Step, ...]] = {
    "plan": (
        Step("add-member", _("Add somebody to the team"), forms.AddMember, _PLANNABLE, _adds("members")),
        Step("add-node", _("Add a key node"), forms.AddNode, _PLANNABLE, _adds("nodes", what="title")),
        Step("add-risk", _("Add a risk and its measure"), forms.AddRisk, _PLANNABLE, _adds("risks")),
    ),
    "readiness": (
        Step(
            "add-check", _("Add a point"), forms.AddCheck, _PLANNABLE, _adds("checks", what="title"),
        ),
    ),
    "implementation": (
        Step("add-step", _("Add a step"), forms.AddStep, _PLANNABLE, _adds("steps", what="title")),
    ),
    "gate": (
        Step(
            "exempt", _("Go live without something"), forms.Exempt,
            lambda actor, row: (
                not row.is_retirement and _in("exempt_gate", lifecycle.BEFORE)(actor, row)
            ),
            services.exempt,
        ),
    ),
    "ending": (
        Step(
            "notice", _("Tell the customers"), forms.Notice,
            lambda actor, row: (
                row.is_retirement and row.notice_id is None
                and _in("give_notice", lifecycle.BEFORE)(actor, row)
                and may(actor, "write_announcement")
            ),
            ending.give_notice,
        ),
    ),
    "watch": (
        Step(
            "observe", _("Record an observation, feedback or lesson"), forms.Observe,
            _in("work_transition", frozenset({lifecycle.WATCHING, lifecycle.IMPLEMENTING})), _observe,
        ),
    ),
}  # fmt: skip
STEPS = {step.name: step for step in (*MOVES, *(step for part in PARTS.values() for step in part))}
PART_OF = {step.name: part for part, found in PARTS.items() for step in found}
