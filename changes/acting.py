"""The steps of a change's page: form, who may, verb."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.access import Actor, may
from accounts.models import User
from actions.steps import Step
from changes import carrying, closing, deciding, lifecycle, services, waiting
from changes import forms as shapes
from changes.models import Change, PostReview
from records.assignment import assign
from records.services import comment

WRITABLE = lifecycle.WRITABLE
May = Callable[[Actor, Change], bool]


def _legal(action: str) -> May:
    """The lifecycle and the table of permissions let it."""
    return lambda actor, row: action in services.legal_moves(row) and may(actor, action, row)


def _in(states: frozenset[str], action: str) -> May:
    return lambda actor, row: row.state in states and may(actor, action, row)


def _as_read(verb: Callable[..., Any], **renamed: str) -> Callable[..., Any]:
    """A verb that insists on the version its form was shown with; ``renamed``: field of the form -> word."""

    def run(row: Change, *, version: int | None = None, **doing: Any) -> Any:
        words = {renamed.get(name, name): value for name, value in doing.items()}
        try:
            return verb(row, expected_version=version, **words)
        except ValidationError as refused:
            raise _at_fields(refused, {word: name for name, word in renamed.items()}) from refused

    return run


def _at_fields(refused: ValidationError, names: dict[str, str]) -> ValidationError:
    """The same mistakes at the fields of the form."""
    found = refused.error_dict if hasattr(refused, "error_dict") else {}
    return ValidationError({names.get(name, name): errors for name, errors in found.items()})


def _decide(row: Change, *, terms: str, version: int | None = None, **doing: Any) -> Any:
    """What the board decides comes from its meeting (boards), never from here."""
    return deciding.decide(row, conditions=terms, by_board=None, expected_version=version, **doing)


def _cancel_may(actor: Actor, row: Change) -> bool:
    is_theirs = actor.user_id in (row.requester_id, row.assignee_id, row.owner_id)
    return _legal("cancel_change")(actor, row) and (is_theirs or may(actor, "accept_change", row))


def _refuse_may(actor: Actor, row: Change) -> bool:
    return row.state == lifecycle.SUBMITTED and _legal("refuse_change")(actor, row)


def _carry(action: str) -> May:
    return lambda actor, row: _legal(action)(actor, row) and carrying.may_carry_out(actor, row)


def _review(
    row: Change, *, lessons: str, follow: str, responsible: User | None, due_on: Any,
    version: int | None, actor: Actor, now: datetime, **given: Any,
) -> Any:  # fmt: skip
    answers = {q: (given[f"yes-{q}"] == "yes", given[f"words-{q}"]) for q in PostReview.Question.values}
    follow_up = closing.FollowUp(follow, responsible, due_on) if follow else None
    try:
        return closing.review(
            row, answers=answers, lessons=lessons, follow_up=follow_up, expected_version=version,
            actor=actor, now=now,
        )  # fmt: skip
    except ValidationError as refused:
        raise _at_fields(refused, {q: f"words-{q}" for q in PostReview.Question.values}) from refused


def _exempt(row: Change, *, because: str, **doing: Any) -> Any:
    return carrying.exempt(row, reason=because, **doing)


def _assign(row: Change, *, assignee: User, actor: Actor, now: datetime) -> Any:
    return assign(row, team=None, assignee=assignee, actor=actor, now=now)


def _note(row: Change, *, text: str, actor: Actor, now: datetime) -> Any:
    return comment(row, text=text, is_public=False, actor=actor, now=now)


def _may_verify(actor: Actor, row: Change) -> bool:
    return row.state == lifecycle.VERIFYING and row.verified_at is None and closing.may_verify(actor, row)


def _exempt_may(actor: Actor, row: Change) -> bool:
    return _in(WRITABLE, "exempt_change")(actor, row) and not deciding.is_own(actor.user_id, row)


STEPS = {
    step.name: step
    for step in (
        Step("submit", gettext_lazy("Submit"), shapes.Versioned, _legal("submit_change"),
             _as_read(services.submit)),
        Step("take", gettext_lazy("Take the approved plan"), shapes.Versioned, _legal("take_standard"),
             _as_read(services.take_standard)),
        Step("accept", gettext_lazy("Accept"), shapes.Versioned, _legal("accept_change"),
             _as_read(services.accept)),
        Step("authorise", gettext_lazy("Authorise"), shapes.Authorise,
             lambda actor, row: _legal("authorise_change")(actor, row)
             and not deciding.is_own(actor.user_id, row), _as_read(deciding.authorise)),
        Step("put-up", gettext_lazy("Put up for approval"), shapes.Versioned, _legal("put_up_change"),
             _as_read(deciding.put_up)),
        Step("decide", pgettext_lazy("change", "Decide"), shapes.Decide,
             lambda actor, row: bool(deciding.decidable(row, actor)), _decide),
        Step("hand-over", gettext_lazy("Let somebody else decide"), shapes.HandOver,
             lambda actor, row: waiting.handable(row, actor) is not None, _as_read(waiting.hand_over)),
        Step("start", gettext_lazy("Begin the implementation"), shapes.Versioned, _carry("begin_change"),
             _as_read(carrying.start)),
        Step("step", gettext_lazy("Note a step"), shapes.Step,
             _in(frozenset({lifecycle.IMPLEMENTING}), "work_change"), carrying.log_step),
        Step("complete", gettext_lazy("End the implementation"), shapes.Complete,
             _carry("complete_change"), _as_read(carrying.complete, outcome_words="words")),
        Step("verify", gettext_lazy("Verify the result"), shapes.Verify, _may_verify,
             _as_read(closing.verify, verification="words")),
        Step("review", gettext_lazy("Review the change"), shapes.Review,
             _in(frozenset({lifecycle.VERIFYING, lifecycle.REVIEWING}), "review_change"), _review),
        Step("close", gettext_lazy("Close"), shapes.Versioned, _legal("close_change"),
             _as_read(closing.close)),
        Step("exempt", gettext_lazy("Give an exemption"), shapes.Exempt, _exempt_may, _exempt),
        Step("assign", gettext_lazy("Name who carries it out"), shapes.Assign,
             _in(lifecycle.UNFINISHED, "assign"), _assign),
        Step("note", gettext_lazy("Write a note"), shapes.Note, _in(lifecycle.UNFINISHED, "note"), _note),
        Step("return", gettext_lazy("Return"), shapes.Because, _legal("return_change"),
             _as_read(services.give_back, because="reason")),
        Step("refuse", gettext_lazy("Reject"), shapes.Because, _refuse_may,
             _as_read(services.refuse_request, because="reason"), "danger"),
        Step("cancel", gettext_lazy("Cancel"), shapes.Because, _cancel_may,
             _as_read(services.cancel, because="reason"), "danger"),
    )
}  # fmt: skip
