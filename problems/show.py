"""Problems and known errors as their pages show them: words instead of codes, one function per part."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor, may
from problems import forms as shapes
from problems import lifecycle, reading
from problems.models import KnownError, KnownState, Outcome, Problem, Recurrence, State
from problems.work import Cause
from records.kinds import TICKETS
from records.models import Link, Record

TONES = {
    lifecycle.RAISED: "warn",
    lifecycle.ANALYSING: "accent",
    lifecycle.SOLVING: "accent",
    lifecycle.CLOSED: "good",
    lifecycle.REJECTED: "quiet",
}
KNOWN_TONES = {lifecycle.VALID: "warn", lifecycle.PAST: "quiet", lifecycle.DROPPED: "quiet"}
CAUSE_TONES = {"open": "accent", "confirmed": "good", "ruled_out": "quiet"}
SEVERITY_TONES = {"minor": "quiet", "moderate": "accent", "serious": "warn", "critical": "bad"}


def row_of(problem: Problem) -> dict[str, Any]:
    """A line of a list, and the head of its page."""
    return {
        "problem": problem,
        "state": str(State(problem.state).label),
        "tone": TONES[problem.state],
        "outcome": str(Outcome(problem.outcome).label) if problem.outcome else "",
    }


def with_counts(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Problems with how many tickets stand behind each."""
    links = Link.objects.filter(target=OuterRef("pk"), type=Link.Type.CAUSED_BY, source__kind__in=TICKETS)
    counts = links.order_by().values("target").annotate(n=Count("pk")).values("n")
    counted: QuerySet[Any] = rows.annotate(behind=Coalesce(Subquery(counts), 0))
    return counted


def with_matches(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Known errors with how many incidents matched each."""
    links = Link.objects.filter(target=OuterRef("pk"), type=Link.Type.MATCHES)
    counts = links.order_by().values("target").annotate(n=Count("pk")).values("n")
    counted: QuerySet[Any] = rows.annotate(matched=Coalesce(Subquery(counts), 0))
    return counted


def known_row(row: KnownError) -> dict[str, Any]:
    """A known error with its state and the languages its workaround lacks, in words."""
    return {
        "error": row,
        "state": str(KnownState(row.state).label),
        "tone": KNOWN_TONES[row.state],
        "lacks": [lacking(code) for code in row.lacks],
    }


def lacking(code: str) -> str:
    return _("no English workaround") if code == "en" else _("no Chinese workaround")


def record_row(record: Record) -> dict[str, Any]:
    """Any record in a list of figures: number, title, state in words."""
    return {"record": record, "state": reading.state_of(record)}


def outcomes(problem: Problem) -> list[dict[str, Any]]:
    """The three ways to end it, each with what it still lacks."""
    return [
        {"label": outcome.label, "lacks": list(reading.lacking(problem, outcome).values())}
        for outcome in Outcome
    ]


def recurrences(problem: Problem, actor: Actor, failed: Any = None) -> list[dict[str, Any]]:
    """What looked like it came again, as far as the actor may see it; a form where it is to be judged."""
    seen = Record.objects.visible_to(actor)
    rows = problem.recurrences.filter(incident__in=seen).select_related("incident", "decided_by")[:50]
    may_judge = may(actor, "judge_recurrence", problem)
    return [
        {
            "row": row,
            "state": row.get_state_display(),
            "tone": "warn" if row.state == Recurrence.State.OPEN else "quiet",
            "form": _at_row("judge", shapes.Judge, "recurrence", row.pk, failed)
            if may_judge and row.state == Recurrence.State.OPEN
            else None,
        }
        for row in rows
    ]


def notices(problem: Problem, actor: Actor, now: datetime, failed: Any = None) -> list[dict[str, Any]]:
    """The quality notices with their answers; a form where one is waited for."""
    today = timezone.localdate(now)
    may_answer = may(actor, "answer_notice", problem)
    rows = problem.notices.select_related("team", "supplier", "sent_by", "answered_by")
    return [
        {
            "row": row,
            "is_late": row.is_late(today),
            "form": _at_row("answer", shapes.Answer, "notice", row.pk, failed)
            if may_answer and row.answered_at is None
            else None,
        }
        for row in rows
    ]


def _at_row(name: str, form: type[forms.Form], field: str, pk: int, failed: Any) -> forms.Form:
    """A fresh form for a row, or the one that was refused for it."""
    if failed is not None and failed[0] == name and failed[1][field].value() == str(pk):
        refused: forms.Form = failed[1]
        return refused
    return form(initial={field: pk}, auto_id=f"{name}-{pk}-%s")


# --- analysis --------------------------------------------------------------------------------


class Forms:
    """The forms of an analysis: fresh ones, but for the one that was refused."""

    def __init__(self, problem: Problem, failed: "tuple[str, str, forms.Form] | None" = None) -> None:
        self.version = problem.version
        self.failed = failed

    def of(self, act: str, form: type[forms.Form], row: int | None = None, **initial: Any) -> forms.Form:
        """The form of an act on a row (None: a new one)."""
        if self.failed and self.failed[:2] == (act, str(row or "")):
            return self.failed[2]
        start = {"version": self.version, "row": row, **initial}
        return form(initial=start, auto_id=f"{act}-{row or 'new'}-%s")


def analysis(problem: Problem, actor: Actor, made: Forms) -> Mapping[str, Any]:
    """Whys, tree of causes and solutions with their forms; three queries."""
    may_write = problem.state in lifecycle.WORKED_ON and may(actor, "analyse_problem", problem)
    return {
        "may_write": may_write,
        "version": problem.version,
        "whys": _whys(problem, made),
        "new_why": made.of("why", shapes.WhyForm),
        "branches": _branches(problem, made),
        "new_cause": made.of("cause", shapes.CauseForm),
        "solutions": [
            {"row": row, "choose": made.of("choose", shapes.Row, row.pk)}
            for row in problem.solutions.select_related("verified_by")
        ],
        "new_solution": made.of("solution", shapes.SolutionForm),
    }


def _whys(problem: Problem, made: Forms) -> list[dict[str, Any]]:
    rows = list(problem.whys.order_by("position"))
    return [
        {
            "row": row,
            "is_first": row is rows[0],
            "is_last": row is rows[-1],
            "form": made.of(
                "why", shapes.WhyForm, row.pk, question=row.question, answer=row.answer, evidence=row.evidence
            ),
            "root": made.of("root", shapes.RootForm, row.pk),
        }
        for row in rows
    ]


def _branches(problem: Problem, made: Forms) -> list[dict[str, Any]]:
    """The tree by category; each hypothesis with its depth, those below it after it."""
    below: dict[int | None, list[Cause]] = {}
    for cause in problem.causes.select_related("checked_by").order_by("pk"):
        below.setdefault(cause.parent_id, []).append(cause)

    def walk(parent: int | None, depth: int) -> list[dict[str, Any]]:
        found = []
        for cause in below.get(parent, []):
            found += [_hypothesis(cause, depth, bool(below.get(cause.pk)), made), *walk(cause.pk, depth + 1)]
        return found

    flat = walk(None, 0)
    return [
        {"label": label, "causes": rows}
        for value, label in Cause.Category.choices
        if (rows := [each for each in flat if each["row"].category == value])
    ]


def _hypothesis(cause: Cause, depth: int, has_below: bool, made: Forms) -> dict[str, Any]:
    return {
        "row": cause,
        "depth": min(depth, 4),
        "state": cause.get_state_display(),
        "tone": CAUSE_TONES[cause.state],
        "may_drop": cause.state == Cause.State.OPEN and not has_below,
        "judge": made.of(
            "judge", shapes.JudgeForm, cause.pk, state=cause.state, check_words=cause.check_words,
            is_root=cause.is_root,
        ),
        "below": made.of("cause", shapes.BelowForm, cause.pk),
    }  # fmt: skip
