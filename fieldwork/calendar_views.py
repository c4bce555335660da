"""Calendars of engineers by week and day, and the figures of on-site work."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import Actor
from accounts.models import Team, User
from accounts.queries import teams
from fieldwork import queries, services, show
from fieldwork.asking import day_of, number_of
from fieldwork.models import Appointment
from fieldwork.queries import day_start
from records.pages import agent_of, now_utc
from shifts.models import Duty

DAY = timedelta(days=1)
PAGE = 50
MOST_PEOPLE = 40
USUAL_DAYS = 30


@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """The week of one engineer, or a day of everybody."""
    actor, now = agent_of(request), now_utc()
    services.require_dispatch(actor)
    today = timezone.localdate(now)
    day = day_of(request, today)
    team = Team.objects.filter(pk=number_of(request.GET.get("team", "")) or 0).first()
    people = list(queries.engineers(actor, team)[:MOST_PEOPLE])
    is_day = request.GET.get("view") == "day"
    context: dict[str, Any] = {
        "day": day, "today": today, "team": team,
        "teams": teams(actor).filter(is_active=True).order_by("name_en"),
        "is_day": is_day, "people": people, "zone": timezone.get_current_timezone_name(),
    }  # fmt: skip
    context |= _day(actor, people, day, now) if is_day else _week(request, actor, people, day, today, now)
    step = DAY if is_day else 7 * DAY
    engineer = context.get("engineer")

    def address(when: date, view: str = "day" if is_day else "week") -> str:
        words = {"view": view, "day": when.isoformat(), "team": team.pk if team else "",
                 "engineer": engineer.pk if engineer else ""}  # fmt: skip
        return "?" + urlencode({name: value for name, value in words.items() if value})

    context |= {
        "before": address(day - step), "after": address(day + step), "now_url": address(today),
        "week_url": address(day, "week"), "day_url": address(day, "day"),
    }  # fmt: skip
    return render(request, "fieldwork/calendar.html", context)


def _week(
    request: HttpRequest, actor: Actor, people: list[User], day: date, today: date, now: datetime
) -> dict[str, Any]:
    monday = day - timedelta(days=day.weekday())
    wanted = number_of(request.GET.get("engineer", ""))
    known = {person.pk: person for person in people}
    first, last = day_start(monday), day_start(monday + 7 * DAY)
    engineer = known.get(wanted or 0) or _usual(actor, known, first, last)
    columns: list[dict[str, Any]] = show.days(monday, today)
    if engineer is None:
        return {"engineer": None, "columns": [], "monday": monday, "sunday": monday + 6 * DAY}
    visits = list(queries.between(actor, first, last, engineer=engineer))
    duties = list(_duties([engineer.pk], first, last))
    for column in columns:
        start, end = day_start(column["date"]), day_start(column["date"] + DAY)
        column["lines"] = [show.line(v, now) for v in visits if v.starts_at < end and v.ends_at > start]
        column["duties"] = [show.span(d.starts_at, d.ends_at) for d in duties if start <= d.starts_at < end]
        column["hidden"] = 0
    unseen = _hidden(engineer, visits, first, last)
    return {"engineer": engineer, "columns": columns, "monday": monday, "sunday": monday + 6 * DAY,
            "hidden": unseen}  # fmt: skip


def _usual(actor: Actor, known: dict[int, User], first: datetime, last: datetime) -> User | None:
    """Whose week is shown if nobody was asked for: one's own if there is something in it, else a busy one."""
    busy = set(queries.between(actor, first, last, engineer__in=known).values_list("engineer", flat=True))
    order = [actor.user_id, *(pk for pk in known if pk in busy), *known]
    return next((known[pk] for pk in order if pk in known and (pk in busy or not busy)), None)


def _hidden(engineer: User, visits: list[Appointment], first: datetime, last: datetime) -> list[str]:
    """Times taken by appointments of customers the reader does not cover: only when, never whose."""
    rows = Appointment.objects.open().filter(engineer=engineer, busy_from__lt=last, ends_at__gt=first)
    others = rows.exclude(pk__in=[v.pk for v in visits]).order_by("starts_at")
    return [
        f"{show.weekday(timezone.localtime(v.starts_at).date())} {show.span(v.busy_from, v.ends_at)}"
        for v in others[:20]
    ]


def _duties(ids: list[int], first: datetime, last: datetime) -> Any:
    rows = Duty.objects.filter(person__in=ids, starts_at__lt=last, ends_at__gt=first)
    return rows.order_by("starts_at", "pk")


def _day(actor: Actor, people: list[User], day: date, now: datetime) -> dict[str, Any]:
    """One line for each engineer, its appointments drawn over the hours and listed in words."""
    first, last = day_start(day), day_start(day + DAY)
    visits = list(queries.between(actor, first, last, engineer__in=[p.pk for p in people]))
    length = (last - first).total_seconds()

    def share(at: datetime) -> float:
        return min(100.0, max(0.0, (at - first).total_seconds() * 100 / length))

    def bar(start: datetime, end: datetime) -> dict[str, str]:
        return {"x": f"{share(start):.2f}", "width": f"{max(share(end) - share(start), 0.4):.2f}"}

    duties = list(_duties([p.pk for p in people], first, last))
    rows = [
        {
            "person": person,
            "duties": [bar(d.starts_at, d.ends_at) for d in duties if d.person_id == person.pk],
            "bars": [
                {**bar(v.busy_from, v.starts_at), "is_way": True} for v in visits
                if v.engineer_id == person.pk and v.travel_minutes
            ] + [{**bar(v.starts_at, v.ends_at), "tone": show.tone(v, now)} for v in visits
                 if v.engineer_id == person.pk],
            "lines": [show.line(v, now) for v in visits if v.engineer_id == person.pk],
        }
        for person in people
    ]  # fmt: skip
    rows.sort(key=lambda row: not row["lines"])
    hours = [{"x": f"{n * 100 / 24:.2f}", "label": f"{n:02d}"} for n in range(0, 24, 3)]
    return {"rows": rows, "hours": hours, "now_x": f"{share(now):.2f}" if first <= now < last else ""}


@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Jobs by engineer, arrivals in time, satisfaction, and what was done without a signed form."""
    actor, now = agent_of(request), now_utc()
    services.require_dispatch(actor)
    today = timezone.localdate(now)
    last = day_of(request, today, "last")
    first = day_of(request, min(last, today) - timedelta(days=USUAL_DAYS - 1), "first")
    if first > last:
        first, last = last, first
    rows = queries.done(actor, first, last)
    lines = queries.figures(rows)
    judged, kept = sum(f.judged for f in lines), sum(f.in_time for f in lines)
    missing = queries.unsigned(rows).shown().order_by("-starts_at", "-pk")
    page = Paginator(missing, PAGE).get_page(request.GET.get("page"))
    context = {
        "first": first, "last": last, "figures": lines, "jobs": sum(f.jobs for f in lines), "judged": judged,
        "kept": kept, "percent": kept * 100 / judged if judged else None, "page": page,
        "rows": [show.line(row, now) for row in page],
        "kept_query": urlencode({"first": first, "last": last}),
        "satisfaction": queries.satisfaction(actor, first, last),
    }  # fmt: skip
    return render(request, "fieldwork/figures.html", context)
