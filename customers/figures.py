"""Figures of complaints and callbacks in a period; the number and the list behind it are one question."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from customers import lifecycle
from customers.access import complaints
from customers.mean import SATISFIED
from customers.models import Callback, Complaint

USUAL_DAYS = 90


@dataclass(frozen=True)
class Span:
    """Whole days of the reader's zone, both included."""

    first: date
    last: date

    @classmethod
    def read(cls, first: str, last: str, today: date) -> "Span":
        """From the address; anything strange, or the wrong way round, is the last 90 days."""
        begin, end = _day(first), _day(last)
        if begin is None or end is None or begin > end:
            return cls(today - timedelta(days=USUAL_DAYS - 1), today)
        return cls(begin, end)

    @property
    def start(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.first, time.min))

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return timezone.make_aware(datetime.combine(self.last + timedelta(days=1), time.min))


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1990 <= found.year <= 9000 else None


Rows = Any  # a queryset of complaints or of callbacks


@dataclass(frozen=True)
class Figure:
    """``of`` are the rows it is about, ``hit`` what makes one count; without ``hit`` the number of rows."""

    key: str
    label: Any
    help: Any
    of: Callable[[Actor, Span, datetime], Rows]
    hit: Q | None = None
    goal: int | None = None


def _received(actor: Actor, span: Span, now: datetime) -> "QuerySet[Complaint]":
    rows = complaints(actor).filter(
        nature=Complaint.Nature.COMPLAINT, received_at__gte=span.start, received_at__lt=span.end
    )
    return rows.exclude(state=lifecycle.RETRACTED)


def _decided(actor: Actor, span: Span, now: datetime) -> "QuerySet[Complaint]":
    """Those answered, or whose time to be answered is over."""
    return _received(actor, span, now).filter(Q(answered_at__isnull=False) | Q(due_at__lt=now))


def _valid(actor: Actor, span: Span, now: datetime) -> "QuerySet[Complaint]":
    return _received(actor, span, now).filter(is_valid=True)


def _rated(actor: Actor, span: Span, now: datetime) -> "QuerySet[Complaint]":
    rows = complaints(actor).filter(nature=Complaint.Nature.COMPLAINT, outcome_score__isnull=False)
    return rows.filter(outcome_rated_at__gte=span.start, outcome_rated_at__lt=span.end)


def _calls(actor: Actor, span: Span, now: datetime) -> "QuerySet[Callback]":
    """Of tickets closed in the period: calls made or given up, and those overdue."""
    rows = Callback.objects.visible_to(actor).filter(closed_at__gte=span.start, closed_at__lt=span.end)
    return rows.filter(~Q(state=Callback.State.WAITING) | Q(due_at__lt=now))


FIGURES = {
    figure.key: figure
    for figure in (
        Figure("received", _("Complaints received"), _("Without those taken back."), _received),
        Figure(
            "completed", _("Completed"), _("Closed, of those received."), _received,
            Q(state=lifecycle.CLOSED),
        ),
        Figure(
            "answered", _("Reply rate"), _("Answered, of those received."), _received,
            Q(answered_at__isnull=False), 100,
        ),
        Figure(
            "in-time", _("Answered in time"), _("Of those answered or overdue."), _decided,
            Q(answered_at__lte=F("due_at")), 100,
        ),
        Figure(
            "handled", _("Valid complaints handled"), _("Of those judged valid."), _valid,
            Q(handled_at__isnull=False), 100,
        ),
        Figure(
            "satisfied", _("Satisfied with the outcome"), _("4 or 5, of those who said so."), _rated,
            Q(outcome_score__gte=SATISFIED),
        ),
        Figure(
            "called", _("Callback rate"), _("Of calls due about tickets closed in the period."), _calls,
            Q(state=Callback.State.DONE), 100,
        ),
    )
}  # fmt: skip


def rows_of(figure: Figure, part: str, actor: Actor, span: Span, now: datetime) -> Rows:
    """The rows behind a figure: all, those that count (hit), or those that do not (miss)."""
    rows = figure.of(actor, span, now)
    if figure.hit is None or part not in ("hit", "miss"):
        return rows
    # by key, so that what is unknown (an answer not given) is a miss
    hits = rows.filter(figure.hit)
    return hits if part == "hit" else rows.exclude(pk__in=hits.values("pk"))


def measured(figure: Figure, actor: Actor, span: Span, now: datetime) -> dict[str, Any]:
    """The figure: a number, or percent with hits and rows; None percent where there is nothing to divide."""
    total = rows_of(figure, "all", actor, span, now).count()
    if figure.hit is None:
        return {"figure": figure, "total": total, "hits": None, "percent": None, "tone": ""}
    hits = rows_of(figure, "hit", actor, span, now).count()
    percent = round(100 * hits / total, 1) if total else None
    is_short = figure.goal is not None and percent is not None and percent < figure.goal
    return {
        "figure": figure,
        "total": total,
        "hits": hits,
        "percent": percent,
        "tone": "bad" if is_short else "",
    }
