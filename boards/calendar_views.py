"""The page of the change calendar, and the next free time for a change."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET

from accounts.access import Actor, may
from boards import calendar, slotting
from changes.models import Change
from records.fields import Moment
from records.pages import agent_of, now_utc

VIEWS = (("week", pgettext_lazy("calendar", "Week")), ("month", pgettext_lazy("calendar", "Month")))
BY = (("service", _("by service")), ("item", _("by item")), ("customer", _("by customer")))


def address(view: str, by: str, day: date) -> str:
    query = QueryDict(mutable=True)
    query.update({"view": view, "by": by, "day": day.isoformat()})
    return f"{reverse('boards:calendar')}?{query.urlencode()}"


def _chosen(request: HttpRequest, name: str, known: Any) -> str:
    given = request.GET.get(name, "")
    return given if given in dict(known) else known[0][0]


def _day(request: HttpRequest) -> date:
    try:
        found = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return timezone.localdate()
    return found if 1990 <= found.year <= 2900 else timezone.localdate()


@require_GET
def calendar_page(request: HttpRequest) -> HttpResponse:
    """A week or a month of changes in lanes, and the same as a list."""
    actor = agent_of(request)
    view, by, day = _chosen(request, "view", VIEWS), _chosen(request, "by", BY), _day(request)
    start, end = calendar.period(view, day)
    found = calendar.entries(start, end, actor)
    opened = calendar.openings(start, end, actor)
    context = {
        "view": view, "by": by, "start": start.date(), "last": end.date() - timedelta(days=1),
        "views": [(label, address(code, by, day), code == view) for code, label in VIEWS],
        "lanes_by": [(label, address(view, code, day), code == by) for code, label in BY],
        "before": address(view, by, start.date() - timedelta(days=1)),
        "after": address(view, by, end.date()), "today_url": address(view, by, timezone.localdate()),
        "days": calendar.days_of(view, start, end, timezone.localdate()),
        "lanes": calendar.lanes_of(by, found, opened, start, end), "entries": found, "openings": opened,
        "colliding": sum(bool(entry.said) for entry in found), "leads": may(actor, "lead_windows"),
    }  # fmt: skip
    return render(request, "boards/calendar.html", context)


class SlotForm(forms.Form):
    """How long, for what, from when on."""

    change = forms.CharField(label=pgettext_lazy("noun", "Change"), max_length=20)
    minutes = forms.IntegerField(
        label=_("Length in minutes"), min_value=1, max_value=31 * 1440, required=False
    )
    after = Moment(label=_("Not before"))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_change(self) -> Change:
        number = self.cleaned_data["change"].strip().upper()
        found: Change | None = Change.objects.visible_to(self.actor).filter(number=number).first()
        if found is None:
            raise forms.ValidationError(_("There is no change of this number."))
        return found


@require_GET
def slot(request: HttpRequest) -> HttpResponse:
    """The next times at which nothing stands against a change."""
    actor = agent_of(request)
    is_asked = "change" in request.GET
    form = SlotForm(request.GET if is_asked else None, actor=actor)
    context: dict[str, Any] = {"form": form, "found": None}
    if is_asked and form.is_valid():
        facts = form.cleaned_data
        length = timedelta(minutes=facts["minutes"]) if facts["minutes"] else None
        context["change"] = facts["change"]
        context["found"] = slotting.next_times(
            facts["change"], length=length, after=facts["after"], now=now_utc()
        )
    return render(request, "boards/slot.html", context, status=422 if form.errors else 200)
