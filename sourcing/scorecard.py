"""What the scorecard of a supplier shows: scores over time, the parts of the last, quarters and years."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from actions.models import Action
from reports.period import Period
from reviews.models import Review
from servicereports import schedule
from sourcing import figures, rating, scoring, shown
from sourcing.models import Rating, RatingRule
from suppliers.models import Supplier

PART_WORDS = {
    scoring.ATTAINMENT: gettext_lazy("Attainment of its contracts"),
    scoring.MISSES: gettext_lazy("Customers' targets kept from being missed because of it"),
    scoring.REPORTS: gettext_lazy("Reports in time"),
    scoring.QUALITY: gettext_lazy("Quality of what it delivered"),
}


def period_words(period: Period, step: str) -> str:
    """ "2026-03", "2026 Q1", "2026"."""
    if step == "year":
        return f"{period.first.year}"
    if step == "quarter":
        return _("%(year)s Q%(n)s") % {"year": period.first.year, "n": (period.first.month + 2) // 3}
    return f"{period.first:%Y-%m}"


def part_rows(parts: Sequence[Mapping[str, Any]], supplier: Supplier, period: Period) -> list[dict[str, Any]]:
    """The parts of a score in words; each count opens its list. ``parts`` as kept with a rating."""
    return [
        {
            "label": PART_WORDS.get(part["key"], part["key"]),
            "weight": part["weight"],
            "value": part["value"],
            "counts": _counts(part["counts"], supplier, period),
        }
        for part in parts
    ]


def _counts(counts: Mapping[str, int], supplier: Supplier, period: Period) -> list[dict[str, Any]]:
    words: dict[str, tuple[str, str, dict[str, str]]] = {
        "met": (_("%(n)s targets met"), "clocks", {"outcome": "met"}),
        "missed": (_("%(n)s targets missed"), "clocks", {"outcome": "missed"}),
        "breaches": (_("%(n)s customers' targets missed"), "breaches", {}),
        "tickets": (_("%(n)s tickets in hand"), "tickets", {}),
        "in_time": (_("%(n)s reports in time"), "reports", {}),
        "late": (_("%(n)s reports late or missing"), "reports", {}),
        "problems": (_("%(n)s quality problems"), "problems", {}),
        "rejected": (_("%(n)s deliveries rejected"), "supplier-purchases", {}),
        "accepted": (_("%(n)s deliveries accepted"), "supplier-purchases", {}),
    }
    found = []
    for key, n in counts.items():
        text, name, more = words[key]
        query = urlencode({**period.query(), **more})
        url = f"{reverse(f'sourcing:{name}', args=[supplier.code])}?{query}"
        found.append({"words": text % {"n": n}, "url": url})
    return found


def review_rows(
    reviews: Sequence[Review], ratings: Mapping[int, Rating], rule: RatingRule
) -> list[dict[str, Any]]:
    """The reviews with a score, the newest first, with what was proposed."""
    return [
        {
            "review": review,
            "words": _span_words(review),
            "rating": ratings.get(review.pk),
            "is_below": (review.score or 0) < rule.mark,
        }
        for review in reversed(reviews)
    ]


def _span_words(review: Review) -> str:
    """The quarter a review is about where it is a whole one, else its days."""
    span = (review.period_from, review.period_until)
    for step in ("month", "quarter", "year"):
        if schedule.span_of(review.period_from, step) == span:
            return period_words(Period(*span, UTC), step)
    return f"{review.period_from} – {review.period_until}"


def chart(supplier: Supplier, reviews: Sequence[Review], rule: RatingRule) -> dict[str, Any]:
    """The scores over time with the mark as goal, and the table behind it (templates/reports/_chart.html)."""
    names = [_span_words(review) for review in reviews]
    urls = [review.get_absolute_url() for review in reviews]
    return {
        "id": "scores",
        "title": _("Scores of the reviews"),
        "empty": not reviews,
        "spec": {
            "type": "line", "categories": names, "goal": rule.mark,
            "series": [{"name": _("Score"), "data": [r.score for r in reviews], "urls": urls}],
        },
        "head": [_("Period"), _("Score")],
        "rows": [
            [name, {"words": str(review.score), "url": url}]
            for name, review, url in zip(names, reviews, urls, strict=True)
        ],
    }  # fmt: skip


def step_rows(
    supplier: Supplier, step: str, *, now: datetime, count: int | None = None
) -> list[dict[str, Any]]:
    """The figures of the last months, quarters or years with the addresses of their lists."""
    return [
        {**shown.month_row(supplier, row), "words": period_words(row.period, step)}
        for row in figures.by_step(supplier, now=now, step=step, count=count)
    ]


def context(supplier: Supplier, actor: Actor, *, now: datetime) -> dict[str, Any]:
    """All of the page."""
    reviews = rating.scored(supplier)  # whoever may know a supplier covers the provider's own records
    ratings, rule = rating.latest(reviews), rating.rule()
    last = ratings.get(reviews[-1].pk) if reviews else None
    zone = figures.zone_of(supplier)
    parts: list[dict[str, Any]] = []
    if last:
        parts = part_rows(
            last.parts, supplier, Period(reviews[-1].period_from, reviews[-1].period_until, zone)
        )
    run = scoring.run_below([r.score or 0 for r in reviews], rule.mark)
    keys = [f"below-mark:{supplier.pk}:{r.pk}" for r in reviews]
    return {
        "supplier": supplier,
        "reviews": review_rows(reviews, ratings, rule),
        "last": reviews[-1] if reviews else None,
        "rating": last,
        "parts": parts,
        "chart": chart(supplier, reviews, rule),
        "rule": rule,
        "run": run,
        "actions": Action.objects.visible_to(actor).filter(key__in=keys).order_by("-pk"),
        "quarters": step_rows(supplier, "quarter", now=now),
        "years": step_rows(supplier, "year", now=now),
    }
