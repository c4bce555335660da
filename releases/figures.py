"""The figures of releases per quarter and year (REL-07): each from one queryset, which is also its list."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from records.spans import Span
from releases import lifecycle
from releases.models import Release, ReleaseIncident

Outcome = Release.Outcome
SPANS = ("quarter", "year")
Rows = QuerySet[Release]
_RELATED = ReleaseIncident.objects.filter(release=OuterRef("pk"), is_related=True)


def _ended(rows: Rows, start: datetime, end: datetime) -> Rows:
    return rows.filter(ended_at__gte=start, ended_at__lt=end).exclude(outcome="")


def _with(outcome: str) -> Callable[[Rows, datetime, datetime], Rows]:
    return lambda rows, start, end: _ended(rows, start, end).filter(outcome=outcome)


FIGURES: dict[str, tuple[Any, Callable[[Rows, datetime, datetime], Rows]]] = {
    "deployed": (_("Releases deployed"), _ended),
    "success": (_("Successful"), _with(Outcome.SUCCESS)),
    "backed_out": (_("Failed and backed out"), _with(Outcome.BACKED_OUT)),
    "failed": (_("Failed and not backed out"), _with(Outcome.FAILED)),
    "late": (
        _("Ended later than planned"),
        lambda rows, start, end: _ended(rows, start, end).filter(ended_at__gt=F("planned_end_at")),
    ),
    "incidents": (
        _("With incidents caused by them"),
        lambda rows, start, end: _ended(rows, start, end).filter(Exists(_RELATED)),
    ),
    "called_off": (
        _("Called off"),
        lambda rows, start, end: rows.filter(
            state=lifecycle.CANCELLED, done_at__gte=start, done_at__lt=end
        ),
    ),
}  # fmt: skip


def listed(key: str, period: Span, actor: Actor) -> Rows:
    """The releases behind a figure. KeyError for a figure there is not."""
    rows: Rows = Release.objects.visible_to(actor)
    found = FIGURES[key][1](rows, period.start, period.end)
    return found.select_related("customer", "assignee").order_by("-pk")


@dataclass(frozen=True)
class Figures:
    """The counts of a period by figure."""

    period: Span
    counts: dict[str, int]

    @property
    def success_rate(self) -> float | None:
        """Successful ones of those deployed, in percent; None where nothing was deployed."""
        deployed = self.counts["deployed"]
        return round(100 * self.counts["success"] / deployed, 1) if deployed else None

    def dump(self) -> dict[str, Any]:
        return {**self.counts, "success_rate": self.success_rate}


def of(period: Span, actor: Actor) -> Figures:
    """One count per figure."""
    return Figures(period, {key: listed(key, period, actor).count() for key in FIGURES})
