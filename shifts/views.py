"""The roster: a week of a team, and what managers change in it."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Actor, may
from accounts.models import Team
from records.pages import actor_for, add_errors, agent_of, now_utc
from shifts import queries, services, show
from shifts.asking import date_of, monday_of, team_of, today_of
from shifts.forms import DutyForm
from shifts.models import Duty, DutyRules, ShiftPattern, zone_of

WEEK = timedelta(days=7)


def address(team: Team, day: Any) -> str:
    """The roster of a team in the week of a day."""
    query = QueryDict(mutable=True)
    query.update({"team": team.code, "week": monday_of(day).isoformat()})
    return f"{reverse('shifts:roster')}?{query.urlencode()}"


@require_GET
def roster(request: HttpRequest) -> HttpResponse:
    """A week of a team: who is on duty, where too few are, and the rules."""
    actor = agent_of(request)
    return _page(request, actor, team_of(request, actor), None)


def _page(request: HttpRequest, actor: Actor, team: Team, form: DutyForm | None) -> HttpResponse:
    now = now_utc()
    today, zone = today_of(team, now), zone_of(team)
    monday = monday_of(date_of(request, "week", today))
    duties = queries.duties_of(team, monday)
    found = queries.occupancy_of(team, duties, monday, zone)
    days = show.days_of(monday, today)
    leads = may(actor, "lead_roster")
    context = {
        "team": team, "teams": queries.rostered_teams(actor), "days": days, "monday": monday,
        "sunday": monday + timedelta(days=6), "zone": str(zone), "week": monday.isoformat(),
        "rows": show.rows_of(team, duties, days), "bars": show.bars_of(found, days, zone),
        "gaps": [show.gap_words(gap, zone) for gap in found.gaps], "has_rules": found.has_rules,
        "before": address(team, monday - WEEK), "after": address(team, monday + WEEK),
        "this_week": address(team, today), "leads": leads, "me": actor.user_id,
        "rules": DutyRules.objects.filter(team=team).first(),
        "patterns": ShiftPattern.objects.filter(is_active=True),
        "form": form or (_form(request, team, monday) if leads else None),
        **_now(team, now),
    }  # fmt: skip
    return render(request, "shifts/roster.html", context, status=422 if form and form.errors else 200)


def _now(team: Team, now: datetime) -> dict[str, Any]:
    return {
        "present": queries.now_on_duty(team, now),
        "unaccepted": queries.unaccepted(team),
        "swap_from": True,
    }


def _form(request: HttpRequest, team: Team, monday: Any) -> DutyForm:
    """Filled in with the person and day whose cell was chosen."""
    initial: dict[str, Any] = {"date": date_of(request, "date", monday)}
    person = request.GET.get("person", "")
    if person.isascii() and person.isdigit() and len(person) < 19:
        initial["person"] = int(person)
    return DutyForm(team=team, initial=initial)


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Put somebody on duty."""
    actor = actor_for(request, "desk", "lead_roster")
    team = team_of(request, actor)
    form = DutyForm(request.POST, team=team)
    if form.is_valid():
        facts = {name: form.cleaned_data[name] for name in ("person", "pattern", "kind")}
        try:
            made = services.add(team=team, **facts, days=form.days(), actor=actor, now=now_utc())
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            _tell(request, made)
            return redirect(address(team, form.cleaned_data["date"]))
    return _page(request, actor, team, form)


def _tell(request: HttpRequest, outcome: services.Outcome) -> None:
    n = len(outcome.made)
    words = ngettext("%(n)s duty was put on the roster.", "%(n)s duties were put on the roster.", n)
    if n or not outcome.clashes:
        messages.success(request, words % {"n": n})
    for clash in outcome.clashes[:5]:
        messages.warning(request, services.clash_words(clash))
    if len(outcome.clashes) > 5:
        more = len(outcome.clashes) - 5
        words = ngettext(
            "%(n)s more was left out for such a reason.", "%(n)s more were left out for such a reason.", more
        )
        messages.warning(request, words % {"n": more})


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a duty off."""
    actor = actor_for(request, "desk", "lead_roster")
    rows = Duty.objects.filter(team__in=queries.rostered_teams(actor)).select_related("team")
    row = get_object_or_404(rows, pk=pk)
    try:
        services.remove(row, actor=actor, now=now_utc())
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("The duty was taken off the roster."))
    return redirect(address(row.team, row.date))


@require_POST
def copy(request: HttpRequest) -> HttpResponse:
    """The week before once more."""
    actor = actor_for(request, "desk", "lead_roster")
    team = team_of(request, actor)
    monday = monday_of(date_of(request, "week", today_of(team, now_utc())))
    _tell(request, services.copy_week(team, monday, actor=actor, now=now_utc()))
    return redirect(address(team, monday))
