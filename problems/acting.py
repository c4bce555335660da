"""The steps of a problem's page and the acts of its analysis: form, who may, verb."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor, may
from actions.services import open_action
from actions.steps import Step
from problems import analysis, lifecycle, quality, services
from problems import forms as shapes
from problems.models import Problem
from records.models import Record
from records.services import get_record, refuse

OPEN, WORKED_ON = lifecycle.OPEN, lifecycle.WORKED_ON


def _may(act: str, states: frozenset[str]) -> Callable[[Actor, Problem], bool]:
    return lambda actor, row: row.state in states and may(actor, act, row)


def _of(act: str) -> frozenset[str]:
    return lifecycle.LIFECYCLE.moves[act][0]


def _as_read(verb: Callable[..., Any]) -> Callable[..., Any]:
    """A verb that insists on the version its form was shown with."""

    def run(row: Problem, *, version: int | None = None, **doing: Any) -> Any:
        return verb(row, expected_version=version, **doing)

    return run


def named(number: str, field: str, actor: Actor) -> Record:
    """The record of a number; a mistake at its field, not a page that is not there."""
    try:
        return get_record(actor, number.strip())
    except Http404 as missing:
        raise refuse(field, _("There is no record of this number.")) from missing


def _gather(row: Problem, *, incident: str, actor: Actor, now: datetime) -> Any:
    return services.add_incident(row, named(incident, "incident", actor), actor=actor, now=now)


def _pass(row: Problem, *, change: str, actor: Actor, now: datetime) -> Any:
    return services.pass_to_change(row, named(change, "change", actor), actor=actor, now=now)


def _measure(row: Problem, *, what: str, details: str, actor: Actor, now: datetime, **facts: Any) -> Any:
    given = {"title": what, "description": details, **facts}
    return open_action(source="other", cause=row, actor=actor, now=now, **given)


def _may_close(actor: Actor, row: Problem) -> bool:
    return row.state in WORKED_ON and may(actor, "solve_problem", row) and services.may_close(actor, row)


STEPS = {
    step.name: step
    for step in (
        Step(
            "accept", gettext_lazy("Accept and assign the expert"), shapes.Accept,
            _may("accept_problem", _of("accept_problem")), _as_read(services.accept),
        ),
        Step(
            "reject", gettext_lazy("Reject"), shapes.Because, _may("reject_problem", _of("reject_problem")),
            _as_read(services.reject), "danger",
        ),
        Step(
            "effect", gettext_lazy("Write the effect"), shapes.Effect, _may("analyse_problem", OPEN),
            _as_read(services.write_effect),
        ),
        Step(
            "begin-solution", gettext_lazy("Begin the solution"), shapes.Versioned,
            lambda actor, row: _may("begin_solution", _of("begin_solution"))(actor, row)
            and row.solutions.filter(is_chosen=True).exists(),
            _as_read(services.begin_solution),
        ),
        Step(
            "verify", gettext_lazy("Verify the solution"), shapes.Verify,
            lambda actor, row: _may("verify_solution", WORKED_ON)(actor, row)
            and row.solutions.filter(is_chosen=True, verified_at=None).exists(),
            _as_read(analysis.verify_solution),
        ),
        Step("close", gettext_lazy("Close"), shapes.Close, _may_close, _as_read(services.close)),
        Step(
            "resume", gettext_lazy("Back to the analysis"), shapes.Because,
            _may("resume_analysis", _of("resume_analysis")), _as_read(services.resume_analysis),
        ),
        Step(
            "reopen", gettext_lazy("Reopen"), shapes.Because, _may("reopen_problem", _of("reopen_problem")),
            _as_read(services.reopen),
        ),
        Step(
            "gather", gettext_lazy("Put an incident behind it"), shapes.Gather, _may("link", OPEN), _gather
        ),
        Step(
            "pass", gettext_lazy("Pass to a change"), shapes.Pass, _may("analyse_problem", WORKED_ON), _pass
        ),
        Step(
            "measure", gettext_lazy("Record a preventive measure"), shapes.Measure,
            _may("analyse_problem", OPEN), _measure,
        ),
        Step(
            "notice", gettext_lazy("Send a quality notice"), shapes.Notice, _may("send_notice", OPEN),
            quality.send,
        ),
        Step(
            "expert", gettext_lazy("Another expert"), shapes.Accept, _may("assign_expert", WORKED_ON),
            _as_read(services.assign_expert),
        ),
    )
}  # fmt: skip
# Taken at the row they are about, not among the next steps.
AT_ROW = {
    step.name: step
    for step in (
        Step(
            "judge", gettext_lazy("Judge"), shapes.Judge,
            _may("judge_recurrence", lifecycle.LIFECYCLE.states()), services.judge_recurrence,
        ),
        Step(
            "answer", gettext_lazy("Record the answer"), shapes.Answer,
            _may("answer_notice", lifecycle.LIFECYCLE.states()), quality.answer,
        ),
    )
}  # fmt: skip


# --- analysis --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """An act of the analysis: what is sent, and the verb; ``row`` is called so in the verb."""

    form: type[forms.Form]
    verb: Callable[..., Any]
    row: str = ""
    more: Mapping[str, Any] | None = None

    def take(self, problem: Problem, given: Mapping[str, Any], *, actor: Actor, now: datetime) -> Any:
        """Do it with what a valid form gave."""
        words = {name: value for name, value in given.items() if name not in ("row", "version")}
        if self.row:
            words[self.row] = given.get("row")
        return self.verb(
            problem, **words, **(self.more or {}), actor=actor, now=now, expected_version=given.get("version")
        )


ACTS: Mapping[str, Act] = {
    "why": Act(shapes.WhyForm, analysis.write_why, "why"),
    "drop-why": Act(shapes.Row, analysis.drop_why, "why"),
    "earlier": Act(shapes.Row, analysis.shift_why, "why", {"earlier": True}),
    "later": Act(shapes.Row, analysis.shift_why, "why", {"earlier": False}),
    "root": Act(shapes.RootForm, analysis.take_as_root, "why"),
    "cause": Act(shapes.CauseForm, analysis.add_cause, "parent"),
    "judge": Act(shapes.JudgeForm, analysis.judge_cause, "cause"),
    "drop-cause": Act(shapes.Row, analysis.drop_cause, "cause"),
    "solution": Act(shapes.SolutionForm, analysis.add_solution),
    "choose": Act(shapes.Row, analysis.choose_solution, "solution"),
}
