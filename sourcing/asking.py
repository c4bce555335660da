"""What the pages of suppliers share: who asks, about which supplier, of which days."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from records.pages import actor_for, agent_of
from reports.period import BadPeriod, Period, read
from sourcing import contracts, figures
from suppliers.models import Supplier


def posted(request: HttpRequest) -> Any:
    """What was posted, be it nothing; None where nothing was asked to be done."""
    return request.POST if request.method == "POST" else None


def posted_files(request: HttpRequest) -> Any:
    return request.FILES if request.method == "POST" else None


def reader(request: HttpRequest) -> Actor:
    """Staff; to whom of them a supplier is known, ``contracts.suppliers`` says."""
    return agent_of(request)


def leader(request: HttpRequest) -> Actor:
    """Managers who cover every customer."""
    return actor_for(request, "lead_suppliers")


def supplier_of(actor: Actor, code: str) -> Supplier:
    """The supplier of an address; 404 for whom it is not."""
    return get_object_or_404(contracts.suppliers(actor).select_related("responsible"), code=code)


def period_of(request: HttpRequest, supplier: Supplier, now: datetime) -> Period:
    """The days of an address, counted where the supplier's are."""
    zone = figures.zone_of(supplier)
    try:
        return read(request.GET, today=timezone.localdate(now, zone), zone=zone)
    except BadPeriod as refused:
        raise BadRequest(_("“%(field)s” must be a date.") % {"field": refused.field}) from refused


def words_of(asked: Mapping[str, str]) -> str:
    """The words an address searches a list for."""
    return asked.get("q", "").replace("\0", "").strip()[:100]
