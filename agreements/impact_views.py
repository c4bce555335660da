"""The page that says what putting an edition in force does to tickets that are open."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agreements import impact, lifecycle
from agreements.impact import Prices
from agreements.models import Edition
from records.models import Level, Priority
from records.pages import actor_for, get_one, now_utc
from sla import impact_pages
from sla.impact_rows import Moved
from sla.models import Agreement
from sla.terms import Terms

DAYS = 30  # of the replay that is offered


@require_safe
def page(request: HttpRequest, number: str) -> HttpResponse:
    """What stays, what moves and what would be missed; where nothing moves, what to ask instead."""
    actor = actor_for(request, "draft_agreement")
    edition = get_one(Edition, actor, number)
    now, today = now_utc(), timezone.localdate()
    context: dict[str, Any] = {
        "edition": edition,
        "is_made": edition.state not in lifecycle.IN_MAKING,
        "is_customers": edition.agreement.kind == Agreement.Kind.SLA,
    }
    if not context["is_made"]:
        found = impact.of(edition, actor=actor, now=now)
        shown = impact_pages.page_of(found.moving, request.GET.get("page"))
        context |= {
            "found": found,
            "figures": impact_pages.figures([each.move for each in found.found], found.counts),
            "page": shown,
            "rows": _rows(shown.object_list, found.repriced),
            "repriced": len(found.repriced),
            "matrix": _matrix(edition),
            "first": (today - timedelta(days=DAYS)).isoformat(),
            "last": (today - timedelta(days=1)).isoformat(),
        }
    return render(request, "agreements/impact.html", context)


def _rows(moved: Any, prices: Prices) -> list[dict[str, Any]]:
    """The clocks with, where it is so, the priority their ticket would get."""
    listed: list[Moved] = list(moved)
    rows = impact_pages.rows(listed)
    for row, each in zip(rows, listed, strict=True):
        if each.clock.record_id in prices:
            before, after = prices[each.clock.record_id]
            row["note"] = _("priority %(after)s instead of %(before)s") % {
                "before": Priority(before).label, "after": Priority(after).label,
            }  # fmt: skip
        elif not each.clock.pk:
            row["note"] = _("has no clock yet; it would count from the opening")
    return rows


def _matrix(edition: Edition) -> list[dict[str, Any]]:
    """The pairs of impact and urgency that would give another priority than in the last version."""
    last = edition.agreement.versions.order_by("-number").first()
    if last is None:
        return []
    new: Mapping[str, int] = Terms.parse(edition.terms).matrix
    return [
        {
            "impact": Level(int(pair[0])).label,
            "urgency": Level(int(pair[1])).label,
            "before": Priority(before).label,
            "after": Priority(new[pair]).label,
        }
        for pair, before in sorted(last.matrix.items())
        if new[pair] != before
    ]
