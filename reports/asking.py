"""What an address of the reports asks for: period, and what it is narrowed to."""

import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor, Denied, may
from accounts.models import Membership, Organisation, Team
from accounts.queries import organisations
from catalog.models import Service
from records.models import Priority
from records.pages import actor_for, actor_of, now_utc
from reports import desk_rows, figures, layout, period
from reports.figures import Question, RecordFigure
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
    narrow = {name: _number(request.GET[name], name) for name in figures.FILTERS if request.GET.get(name)}
    return Question(actor, asked, now, narrow)


def desk_question(request: HttpRequest) -> Question:
    """The same for the desk's own figures: managers, and whoever leads a team that works at the desk."""
    actor = actor_of(request)
    if may(actor, "dashboard"):
        return question_of(request)
    if not Membership.objects.filter(user=actor.user_id, is_lead=True).exists():
        raise Denied(actor, "dashboard")
    return question_of(request, "desk")


def picked(question: Question, figure: RecordFigure, words: Mapping[str, str]) -> Question:
    """The same about one of many alike figures, as the address says; a 400 for what says none."""
    found = {name: words[name] for name in figure.picks if words.get(name)}
    for name, value in found.items():
        if not _PICKS[name](value):
            raise BadRequest(_("There is no such “%(field)s”.") % {"field": name})
    value, is_number = found.get("value", ""), found.get("by") in desk_rows.NAMED
    if is_number and value not in ("", desk_rows.NOBODY, desk_rows.REST):
        _number(value, "value")
    return replace(question, picked=found)


def _within(first: int, last: int) -> Callable[[str], bool]:
    return lambda value: (
        value.isascii() and value.isdigit() and len(value) < 3 and first <= int(value) <= last
    )


def _is_cause(value: str) -> bool:
    return len(value) <= 100 and "\0" not in value


_PICKS: dict[str, Callable[[str], bool]] = {
    "age": _within(0, len(desk_rows.AGES) - 1),
    "weekday": _within(1, 7),
    "hour": _within(0, 23),
    "by": desk_rows.CAUSES.__contains__,
    "value": _is_cause,
}


def _number(value: str, name: str) -> int:
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
