"""What an address of the roster asks for: which team, which week, which day."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import Team
from shifts.models import day_of
from shifts.queries import rostered_teams

FIRST_YEAR, LAST_YEAR = 1990, 2900


def team_of(request: HttpRequest, actor: Actor) -> Team:
    """The team the address names, else the actor's own, else the first. 404 for one that is not there."""
    rows = rostered_teams(actor)
    code = (request.POST.get("team") or request.GET.get("team") or "")[:50].replace("\0", "")
    found = rows.filter(code=code).first() if code else _own(rows, actor)
    if found is None:
        raise Http404(_("There is no such team."))
    return found


def _own(rows: Any, actor: Actor) -> Team | None:
    teams: list[Team] = list(rows)
    return next((team for team in teams if team.pk in actor.team_ids), next(iter(teams), None))


def today_of(team: Team, now: Any) -> date:
    """The day it is where the team works."""
    return day_of(team, now).date()


def date_of(request: HttpRequest, name: str, fallback: date) -> date:
    """A day of the address or form; BadRequest for what is none."""
    given = (request.POST.get(name) or request.GET.get(name) or "").strip()
    if not given:
        return fallback
    try:
        day = date.fromisoformat(given[:20])
    except ValueError:
        day = date.min
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadRequest(_("“%(field)s” must be a date such as 2016-03-01.") % {"field": name})
    return day


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
