"""A problem's cause and solutions, kept as rows: whys, hypotheses, solutions (PRB-03).

Every writer may give the version of the problem he read; of two writers the second is told (Stale).
"""

from datetime import datetime
from typing import TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.services import system_after
from problems import known
from problems.models import Cause, Problem, Solution, Why
from problems.services import check_text, locked, noted
from records import log as records_log
from records.services import refuse, save

M = TypeVar("M", bound=models.Model)
MOST = 100  # rows of a kind; more would be no analysis


def _row(model: type[M], problem: Problem, pk: int, field: str) -> M:
    found = model._default_manager.filter(problem=problem.pk, pk=pk).first()
    if found is None:
        raise refuse(field, _("It is not there any more."), "gone")
    return found


def _few(model: type[models.Model], problem: Problem, field: str) -> None:
    if model._default_manager.filter(problem=problem.pk).count() >= MOST:
        raise refuse(field, _("At most %(n)s of them.") % {"n": MOST})


def _begin(problem: Problem, actor: Actor, now: datetime, expected_version: int | None) -> Problem:
    return locked(problem, "analyse_problem", actor, now, expected_version)


def _done(problem: Problem, what: str, actor: Actor, now: datetime, text: str = "") -> None:
    save(problem, [], now=now)
    noted(problem, what, actor, now, text=text)


# --- five whys -------------------------------------------------------------------------------


def write_why(
    problem: Problem,
    *,
    question: str,
    answer: str,
    actor: Actor,
    now: datetime,
    evidence: str = "",
    why: int | None = None,
    expected_version: int | None = None,
) -> Why:
    """Add a step at the end, or with ``why`` write that one anew."""
    question = check_text("question", question, required=_("Ask why."))
    if len(question) > 300:
        raise refuse("question", _("The text is too long: at most %(n)s characters.") % {"n": 300})
    answer = check_text("answer", answer, required=_("Say because of what."))
    evidence = check_text("evidence", evidence)
    with transaction.atomic():
        current = _begin(problem, actor, now, expected_version)
        if why is None:
            _few(Why, current, "question")
            last = current.whys.aggregate(last=models.Max("position"))["last"] or 0
            row = Why(problem=current, position=last + 1)
        else:
            row = _row(Why, current, why, "question")
            if (row.question, row.answer, row.evidence) == (question, answer, evidence):
                return row
        row.question, row.answer, row.evidence = question, answer, evidence
        row.save()
        _done(current, "whys", actor, now, f"{question} {answer}")
    return row


def drop_why(
    problem: Problem, why: int, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> None:
    """Take a step out; those after it move up."""
    with transaction.atomic():
        current = _begin(problem, actor, now, expected_version)
        _row(Why, current, why, "why").delete()
        _number(list(current.whys.order_by("position")))
        _done(current, "whys", actor, now)


def shift_why(
    problem: Problem,
    why: int,
    *,
    earlier: bool,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """One place earlier or later; at the end it stays."""
    with transaction.atomic():
        current = _begin(problem, actor, now, expected_version)
        row = _row(Why, current, why, "why")
        rows = list(current.whys.order_by("position"))
        at = rows.index(row)
        into = at - 1 if earlier else at + 1
        if not 0 <= into < len(rows):
            return
        rows[at], rows[into] = rows[into], rows[at]
        _number(rows)
        _done(current, "whys", actor, now)


def _number(rows: list[Why]) -> None:
    for position, row in enumerate(rows, start=1):
        if row.position != position:
            row.position = position
            row.save(update_fields=["position"])


def take_as_root(
    problem: Problem,
    why: int,
    *,
    category: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Cause:
    """The answer of a step is a root cause: a confirmed one in the tree, checked by its evidence."""
    with transaction.atomic():
        current = _begin(problem, actor, now, expected_version)
        row = _row(Why, current, why, "why")
        if not row.evidence:
            raise refuse("evidence", _("Say by what you know before it is taken as a root cause."))
        there = current.causes.filter(text=row.answer, is_root=True).first()
        if there:
            return there
        _check_category(category)
        _few(Cause, current, "why")
        made = Cause.objects.create(
            problem=current, category=category, text=row.answer, state=Cause.State.CONFIRMED,
            check_words=row.evidence, checked_by_id=actor.user_id, checked_at=now, is_root=True,
        )  # fmt: skip
        _done(current, "causes", actor, now, row.answer)
    return made


# --- tree of causes --------------------------------------------------------------------------


def _check_category(category: str) -> None:
    if category not in Cause.Category.values:
        raise refuse("category", _("Choose a category."), "required")


def add_cause(
    problem: Problem,
    *,
    text: str,
    actor: Actor,
    now: datetime,
    category: str = "",
    parent: int | None = None,
    expected_version: int | None = None,
) -> Cause:
    """A hypothesis on a branch, or below another one, whose branch it then shares."""
    text = check_text("text", text, required=_("Say what the cause may be."))
    with transaction.atomic():
        current = _begin(problem, actor, now, expected_version)
        above = _row(Cause, current, parent, "parent") if parent else None
        category = above.category if above else category
        _check_category(category)
        _few(Cause, current, "text")
        made = Cause.objects.create(problem=current, parent=above, category=category, text=text)
        _done(current, "causes", actor, now, text)
    return made


def judge_cause(
    problem: Problem,
    cause: int,
    *,
    state: str,
    check_words: str,
    actor: Actor,
    now: datetime,
    is_root: bool = False,
    expected_version: int | None = None,
) -> Cause:
    """Confirmed or ruled out, with how that was checked; or open again. Only what is confirmed is a root."""
    if state not in Cause.State.values:
        raise refuse("state", _("Say what came of it."), "required")
    check_words = check_text("check_words", check_words)
    if state != Cause.State.OPEN and not check_words:
        raise refuse("check_words", _("Say how it was checked."), "required")
    if is_root and state != Cause.State.CONFIRMED:
        raise refuse("is_root", _("Only a confirmed cause can be a root cause."))
    with transaction.atomic():
        current = _begin(problem, actor, now, expected_version)
        row = _row(Cause, current, cause, "text")
        if (row.state, row.check_words, row.is_root) == (state, check_words, is_root):
            return row
        row.state, row.check_words, row.is_root = state, check_words, is_root
        is_open = state == Cause.State.OPEN
        row.checked_at, row.checked_by_id = (None, None) if is_open else (now, actor.user_id)
        row.save()
        _done(current, "causes", actor, now, check_words)
    return row


def drop_cause(
    problem: Problem, cause: int, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> None:
    """Take a hypothesis out that nobody has judged yet and nothing stands below."""
    with transaction.atomic():
        current = _begin(problem, actor, now, expected_version)
        row = _row(Cause, current, cause, "cause")
        if row.state != Cause.State.OPEN or row.children.exists():
            raise refuse(
                "cause", _("What was judged, or has others below it, stays: it is part of the search.")
            )
        row.delete()
        _done(current, "causes", actor, now)


# --- solutions -------------------------------------------------------------------------------


def add_solution(
    problem: Problem,
    *,
    text: str,
    actor: Actor,
    now: datetime,
    effort: str = "",
    expected_version: int | None = None,
) -> Solution:
    """Propose a solution."""
    text = check_text("text", text, required=_("Say what is to be done."))
    effort = check_text("effort", effort)
    if len(effort) > 300:
        raise refuse("effort", _("The text is too long: at most %(n)s characters.") % {"n": 300})
    with transaction.atomic():
        current = _begin(problem, actor, now, expected_version)
        _few(Solution, current, "text")
        made = Solution.objects.create(problem=current, text=text, effort=effort)
        _done(current, "solutions", actor, now, text)
    return made


def choose_solution(
    problem: Problem, solution: int, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Solution:
    """The one that is to be carried out, in place of the one chosen before."""
    with transaction.atomic():
        current = _begin(problem, actor, now, expected_version)
        row = _row(Solution, current, solution, "solution")
        if row.is_chosen:
            return row
        if current.solutions.filter(verified_at__isnull=False).exists():
            raise refuse("solution", _("A solution was verified already."))
        current.solutions.filter(is_chosen=True).update(is_chosen=False)
        row.is_chosen = True
        row.save(update_fields=["is_chosen"])
        _done(current, "solutions", actor, now)
    return row


def verify_solution(
    problem: Problem,
    *,
    verification: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Solution:
    """The chosen solution has proved itself; with that the known errors of the problem are past."""
    verification = check_text("verification", verification, required=_("Say how it was verified."))
    with transaction.atomic():
        current = locked(problem, "verify_solution", actor, now, expected_version)
        row = current.solutions.filter(is_chosen=True).first()
        if row is None:
            raise refuse("verification", _("Choose a solution first."))
        if row.verified_at is not None:
            return row
        row.verified_at, row.verified_by_id, row.verification = now, actor.user_id, verification
        row.save()
        save(current, [], now=now)
        records_log.write(current, "problem.verify_solution", actor=actor, at=now, text=verification)
        reason = _("The solution of %(number)s is verified.") % {"number": current.number}
        known.end_of(current, reason=reason, actor=system_after(actor), now=now)
    return row
