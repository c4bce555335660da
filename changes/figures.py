"""What is reported about changes each quarter and at the end of the year (CHG-14).

A figure is one queryset with the instant by which its rows belong to a period: the number counts it, the
list behind the number shows it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import Actor
from changes.models import Change, Exemption, UnauthorisedChange
from records.kinds import Kind
from records.models import Activity, Link
from records.spans import Span

Outcome = Change.Outcome


@dataclass(frozen=True)
class Figure:
    """``rows(actor)`` are all there are, ``at`` the column that says when; ``of`` what a share is of."""

    name: str
    label: Any
    rows: Callable[[Actor], QuerySet[Any]]
    at: str
    of: str = ""
    is_change: bool = True

    def within(self, actor: Actor, period: Span) -> QuerySet[Any]:
        """The rows of one period, as the list shows them."""
        return self.rows(actor).filter(**{f"{self.at}__gte": period.start, f"{self.at}__lt": period.end})

    def counts(self, actor: Actor, periods: Sequence[Span]) -> list[int]:
        """The number for each period; one query."""
        sums = {
            f"n{n}": Count(
                "pk", filter=Q(**{f"{self.at}__gte": each.start, f"{self.at}__lt": each.end}), distinct=True
            )
            for n, each in enumerate(periods)
        }
        found = self.rows(actor).order_by().aggregate(**sums)
        return [found[f"n{n}"] for n in range(len(periods))]


def _seen(actor: Actor) -> Any:
    return Change.objects.visible_to(actor)


def _moved(verb: str) -> Callable[[Actor], QuerySet[Any]]:
    """Changes with the instant of their first move of a kind."""
    log = Activity.objects.filter(record=OuterRef("pk"), verb=verb).order_by("at", "id")

    def rows(actor: Actor) -> QuerySet[Any]:
        found: QuerySet[Any] = _seen(actor).annotate(moved_at=Subquery(log.values("at")[:1]))
        return found

    return rows


def _ended(**only: Any) -> Callable[[Actor], QuerySet[Any]]:
    """Changes whose implementation has ended, perhaps only some of them."""

    def rows(actor: Actor) -> QuerySet[Any]:
        found: QuerySet[Any] = _seen(actor).filter(actual_end_at__isnull=False, **only)
        return found

    return rows


def _in_time(actor: Actor) -> QuerySet[Any]:
    return _ended()(actor).filter(actual_end_at__lte=F("planned_end_at"))


def _with_incidents(actor: Actor) -> QuerySet[Any]:
    caused = Link.objects.filter(target=OuterRef("pk"), type=Link.Type.CAUSED_BY, source__kind=Kind.INCIDENT)
    return _ended()(actor).filter(Exists(caused))


def _exempted(actor: Actor) -> QuerySet[Any]:
    return _ended()(actor).filter(Exists(Exemption.objects.filter(change=OuterRef("pk"))))


def _unauthorised(actor: Actor) -> QuerySet[Any]:
    return UnauthorisedChange.objects.visible_to(actor)


def _share_of_done(name: str, label: Any, rows: Callable[[Actor], QuerySet[Any]]) -> Figure:
    return Figure(name, label, rows, "actual_end_at", of="done")


_LIST = (
    Figure("requested", _("Requested"), _seen, "opened_at"),
    Figure("accepted", pgettext_lazy("change", "Accepted"), _moved("change.accept_change"), "moved_at"),
    Figure("rejected", pgettext_lazy("change", "Rejected"), _moved("change.refuse_change"), "moved_at"),
    Figure("done", _("Carried out"), _ended(), "actual_end_at"),
    _share_of_done("standard", _("of these standard changes"), _ended(category="standard")),
    _share_of_done("emergency", _("of these emergency changes"), _ended(category="emergency")),
    _share_of_done("successful", _("of these successful"), _ended(outcome=Outcome.SUCCESS)),
    _share_of_done("backed-out", _("of these failed and backed out"), _ended(outcome=Outcome.BACKED_OUT)),
    _share_of_done("failed", _("of these failed and not backed out"), _ended(outcome=Outcome.FAILED)),
    _share_of_done("in-time", _("of these ended within the planned time"), _in_time),
    _share_of_done("exempted", _("of these with an exemption"), _exempted),
    _share_of_done("with-incidents", _("of these that caused incidents"), _with_incidents),
    Figure("closed", _("Closed"), _moved("change.close_change"), "moved_at"),
    Figure("unauthorised", _("Unauthorised changes found"), _unauthorised, "found_at", is_change=False),
)
FIGURES = {figure.name: figure for figure in _LIST}


def table(actor: Actor, periods: Sequence[Span]) -> list[dict[str, Any]]:
    """All figures for all periods, each number with the address of its list and its share in percent."""
    counted = {name: figure.counts(actor, periods) for name, figure in FIGURES.items()}
    return [
        {
            "figure": figure,
            "cells": [
                {
                    "n": n,
                    "period": period.code,
                    "share": _share(n, counted[figure.of][at]) if figure.of else "",
                }
                for at, (n, period) in enumerate(zip(counted[name], periods, strict=True))
            ],
        }
        for name, figure in FIGURES.items()
    ]


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else ""
