"""What a person may do with a release as steps in place: moves, rows of the plan, decisions, the report."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, may
from actions.steps import Nothing, Step
from releases import deploying, forms, lifecycle, parting, reporting, services
from releases.models import Release


def _legal(act: str) -> Callable[[Actor, Release], bool]:
    sources = lifecycle.LIFECYCLE.moves[act][0]
    return lambda actor, row: row.state in sources and may(actor, act, row)


def _in(act: str, states: frozenset[str]) -> Callable[[Actor, Release], bool]:
    return lambda actor, row: row.state in states and may(actor, act, row)


_PLANNABLE = _in("work_release", services.RULES.plannable)


def _adds(part: str, **names: str) -> Callable[..., Any]:
    """A verb that adds a row; ``names`` maps a field of the form to the column it fills."""

    def run(row: Release, *, actor: Actor, now: Any, **facts: Any) -> Any:
        given = {names.get(name, name): value for name, value in facts.items()}
        if part == "checks":
            given["sort"] = "other"
        if part == "steps":
            count = row.steps.filter(sort=given["sort"]).count()
            given["position"] = services.place(given["sort"], count)
        return parting.add(row, part, given, rules=services.RULES, actor=actor, now=now)

    return run


def _add_item(row: Release, *, to: str, **facts: Any) -> Any:
    return services.add_item(row, revision=to, **facts)


def _review(row: Release, **facts: Any) -> Any:
    return reporting.review(row, **facts)


MOVES = (
    Step("ready", _("Find it ready for deployment"), Nothing, _legal("make_ready"), services.make_ready),
    Step("deploy", _("Begin the deployment"), Nothing, _legal("deploy"), deploying.deploy),
    Step(
        "decide", _("Decide: go on or back out"), forms.Decide,
        lambda actor, row: (
            row.decider_id == actor.user_id and row.decision != Release.Decision.BACK_OUT
            and _in("decide_release", lifecycle.RUNNING)(actor, row)
        ),
        deploying.decide,
    ),
    Step(
        "in-service", _("Put it into service"), Nothing,
        lambda actor, row: row.decision != "back_out" and _legal("put_in_service")(actor, row),
        deploying.put_in_service,
    ),
    Step(
        "back-out", _("Record that it is backed out"), Nothing,
        lambda actor, row: row.decision == "back_out" and _legal("back_out")(actor, row), deploying.back_out,
    ),
    Step(
        "give-up", _("Record that it failed without back-out"), forms.Because,
        lambda actor, row: row.decision != "back_out" and _legal("give_up")(actor, row), deploying.give_up,
        "danger",
    ),
    Step("end", _("End the monitoring"), Nothing, _legal("end_monitoring"), reporting.end_monitoring),
    Step("report", _("Hand the report in"), forms.Report, _legal("hand_in_report"), reporting.hand_in),
    Step(
        "review", _("Review the conclusions"), forms.Review,
        lambda actor, row: (
            row.reported_by_id != actor.user_id and _legal("review_report")(actor, row)
        ),
        _review,
    ),
    Step(
        "return", _("Give the report back"), forms.Because,
        lambda actor, row: (
            row.reported_by_id != actor.user_id and _legal("return_report")(actor, row)
        ),
        reporting.return_report,
    ),
    Step("replan", _("Go back to the plan"), forms.Because, _legal("replan"), services.replan),
    Step(
        "call-off", _("Call it off"), forms.Because, _legal("call_off_release"), services.call_off, "danger",
    ),
)  # fmt: skip
PARTS: dict[str, tuple[Step, ...]] = {
    "plan": (
        Step("add-member", _("Add somebody to the team"), forms.AddMember, _PLANNABLE, _adds("members")),
        Step("add-node", _("Add a key node"), forms.AddNode, _PLANNABLE, _adds("nodes", what="title")),
        Step(
            "test", _("Record a test of the plan"), forms.Test, _PLANNABLE,
            services.record_test,
        ),
    ),
    "changes": (
        Step("add-item", _("Update an item"), forms.AddItem, _PLANNABLE, _add_item),
    ),
    "readiness": (
        Step("add-check", _("Add a point"), forms.AddCheck, _PLANNABLE, _adds("checks", what="title")),
    ),
    "deployment": (
        Step("add-step", _("Add a step"), forms.AddStep, _PLANNABLE, _adds("steps", what="title")),
    ),
    "watch": (
        Step(
            "observe", _("Record an observation, feedback or lesson"), forms.Observe,
            _in("work_release", reporting.WATCHED), reporting.observe,
        ),
    ),
}  # fmt: skip
STEPS = {step.name: step for step in (*MOVES, *(step for part in PARTS.values() for step in part))}
PART_OF = {step.name: part for part, found in PARTS.items() for step in found}
