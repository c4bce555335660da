"""The report of each quarter and year (REL-07): its figures, kept as they were when it was over."""

from datetime import datetime

from django.utils import timezone

from accounts.access import Actor
from records import spans
from releases import figures
from releases.models import PeriodReport, Release


def make_due(*, actor: Actor, now: datetime) -> list[PeriodReport]:
    """The reports of the last quarter and year that are not there yet. Safe to repeat and to race.

    A period before the first release has none.
    """
    today = timezone.localdate(now)
    first = Release.objects.order_by("opened_at").values_list("opened_at", flat=True).first()
    made = []
    for kind in figures.SPANS:
        period = spans.of(kind, today, timezone.get_default_timezone()).previous
        if first is None or first >= period.end:
            continue
        row, is_new = PeriodReport.objects.get_or_create(
            period=period.code, defaults={"figures": figures.of(period, actor).dump(), "made_at": now}
        )
        made += [row] if is_new else []
    return made
