"""What an address of the reports asks for: period, and what it is narrowed to."""

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import Organisation, Team
from accounts.queries import organisations
from catalog.models import Service
from records.models import Priority
from records.pages import actor_for, now_utc
from reports import figures, layout, period
from reports.figures import Question
from sla.queries import agreements

NARROWING: dict[str, Callable[[Actor], QuerySet[Any]]] = {
    "customer": lambda actor: organisations(actor).filter(kind=Organisation.Kind.CUSTOMER),
    "agreement": agreements,
    "service": lambda actor: Service.objects.all(),
    "team": lambda actor: Team.objects.all(),
}


def question_of(request: HttpRequest, permission: str = "dashboard") -> Question:
    """What the address asks, by somebody with the permission. A word that cannot be read is a 400 that says
    which and why.
    """
    actor = actor_for(request, permission)
    now = now_utc()
    zone = zoneinfo.ZoneInfo(timezone.get_current_timezone_name())
    try:
        asked = period.read(request.GET.dict(), today=timezone.localdate(now), zone=zone)
    except period.BadPeriod as bad:
        raise BadRequest(
            _("“%(field)s” must be a date such as 2016-03-01, and the end not before the beginning.")
            % {"field": bad.field}
        ) from bad
    narrow = {name: _number(request, name) for name in figures.FILTERS if request.GET.get(name)}
    return Question(actor, asked, now, narrow)


def _number(request: HttpRequest, name: str) -> int:
    value = request.GET[name]
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise BadRequest(_("“%(field)s” must be a number.") % {"field": name})
    return int(value)


def narrowing(question: Question) -> list[dict[str, Any]]:
    """The choices of the bar: what the period's figures may be narrowed to, with what is chosen now."""
    fields = []
    for name, label in layout.FILTER_LABELS.items():
        chosen = question.narrow.get(name)
        if name == "priority":
            options = [(value, words) for value, words in Priority.choices]
        else:
            options = [(row.pk, row.name) for row in NARROWING[name](question.actor)[:200]]
        fields.append({"name": name, "label": label, "options": options, "chosen": chosen})
    return fields
