"""What an address of the dashboards asks: which month, of which customer. The bar over every page."""

import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.queries import customers
from kpis.engine import Asked
from records import spans
from records.pages import actor_for, now_utc
from records.spans import BadSpan, Span
from reports.figures import Question
from reports.period import Period

MONTH = "month"
CHOICES = 200  # customers in the bar


@dataclass(frozen=True)
class View:
    """Who asks about which month, and which customer (id; None: all he covers)."""

    actor: Actor
    span: Span
    now: datetime
    customer: int | None

    @property
    def period(self) -> Period:
        return Period(self.span.first, self.span.last, self.span.zone)

    @property
    def question(self) -> Question:
        """The same for the figures of tickets and targets."""
        return Question(
            self.actor, self.period, self.now, {"customer": self.customer} if self.customer else {}
        )

    @property
    def asked(self) -> Asked:
        """The same for indicators."""
        return Asked(self.actor, self.period, self.now, customer=self.customer)

    @property
    def is_over(self) -> bool:
        return self.span.end <= self.now

    @property
    def has_begun(self) -> bool:
        return self.span.start <= self.now

    @property
    def gone(self) -> int:
        """Percent of the month that has passed."""
        share = (self.now - self.span.start) / (self.span.end - self.span.start)
        return int(100 * min(1.0, max(0.0, share)))

    @property
    def days(self) -> Mapping[str, str]:
        """As the pages of reports and indicators write it in their addresses."""
        words = {"from": self.span.first.isoformat(), "to": self.span.last.isoformat()}
        return words | ({"customer": str(self.customer)} if self.customer else {})

    def kept(self, **over: Any) -> str:
        """As the dashboards write it, with something more or something else."""
        words = {"month": self.span.code, "customer": self.customer or ""} | over
        return urlencode({name: value for name, value in words.items() if value not in ("", None)})


def view_of(request: HttpRequest) -> View:
    """What the address asks, by a manager. A word that cannot be read is a 400 that says which."""
    actor, now = actor_for(request, "dashboard"), now_utc()
    zone = zoneinfo.ZoneInfo(timezone.get_current_timezone_name())
    given = request.GET.get("month", "")
    try:
        span = spans.parse(given, zone) if given else spans.of(MONTH, timezone.localdate(now, zone), zone)
    except BadSpan as bad:
        raise BadRequest(_("“month” must be a month such as 2026-03.")) from bad
    if span.kind != MONTH:
        raise BadRequest(_("“month” must be a month such as 2026-03."))
    customer = request.GET.get("customer", "")
    if customer and not (customer.isascii() and customer.isdigit() and len(customer) < 18):
        raise BadRequest(_("“%(field)s” must be a number.") % {"field": "customer"})
    return View(actor, span, now, int(customer) if customer else None)


def bar(view: View) -> dict[str, Any]:
    """What the bar shows: the month, those beside it, the customers to choose from."""
    following = view.span.next
    return {
        "view": view,
        "before": {"code": view.span.previous.code, "url": f"?{view.kept(month=view.span.previous.code)}"},
        "after": {"code": following.code, "url": f"?{view.kept(month=following.code)}"}
        if following.start <= view.now
        else None,
        "customers": [(row.pk, row.name) for row in customers(view.actor).order_by("name_en")[:CHOICES]],
        "kept": view.kept(),
    }
