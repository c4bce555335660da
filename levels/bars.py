"""The bar over every page of levels: which month."""

import zoneinfo
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from records import spans
from records.spans import Span


def month_of(request: HttpRequest) -> Span:
    """The month of the address. A word that is none is a 400 that says so."""
    zone = zoneinfo.ZoneInfo(timezone.get_current_timezone_name())
    try:
        return spans.given(request.GET.get("month", ""), ("month",), today=timezone.localdate(), zone=zone)
    except spans.BadSpan as bad:
        raise BadRequest(_("“month” must be a month such as 2026-03.")) from bad


def bar(month: Span) -> dict[str, Any]:
    """What the bar over every page needs: the month, those beside it, and whether the next has begun."""
    today = timezone.localdate()
    is_last = month.next.first > today
    return {"month": month, "before": month.previous, "after": None if is_last else month.next}
