"""Agreements nobody has reviewed for a year, for the page of coverage (SLM-59)."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviews import schedule
from reviews.models import Review
from sla import coverage
from sla.coverage import Coverage, Finding


def without_review(found: Coverage) -> list[Finding]:
    """Customers' agreements in force for a year without a review held in the last twelve months."""
    today = timezone.localdate(found.at)
    limit = schedule.add_months(today, -schedule.YEAR)
    held = Review.objects.took_place().exclude(held_at=None).exclude(agreement=None)
    last = {
        agreement: timezone.localdate(at)
        for agreement, at in held.order_by("held_at").values_list("agreement", "held_at")
    }
    began = {
        v.agreement_id: v.effective_from for v in sorted(found.versions, key=lambda v: v.effective_from)[::-1]
    }
    rows = []
    for version in found.sla:
        agreement = version.agreement
        if agreement.customer_id is None or timezone.localdate(began[agreement.pk]) > limit:
            continue
        day = last.get(agreement.pk)
        if day is None or day < limit:
            words = _("last review %(day)s") % {"day": day.isoformat()} if day else _("never reviewed")
            rows.append(Finding(agreement, words=words))
    return rows


def register() -> None:
    """Show it on the page of coverage. Safe to repeat."""
    coverage.add(
        coverage.Extra(
            "without_review",
            gettext_lazy("No review in 12 months"),
            gettext_lazy("A review meeting is held at least once a year."),
            without_review,
        )
    )
