"""The dispatch board: every open job, refreshed while one looks at it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from accounts.access import Actor
from accounts.models import Team
from accounts.queries import teams
from fieldwork import lifecycle, queries, services, show
from fieldwork.asking import day_in, number_of
from fieldwork.models import Appointment
from fieldwork.queries import Asked, Board, Job
from records.pages import agent_of, now_utc

TODAY = "today"
LANES = (
    lifecycle.PROPOSED, lifecycle.AGREED, lifecycle.UNDER_WAY, lifecycle.ARRIVED,
)  # fmt: skip


def asked_of(given: QueryDict, now: Any) -> Asked:
    """What an address asks for; what is strange in it is taken as not asked."""
    text = given.get("day", "")
    day = timezone.localdate(now) if text == TODAY else day_in(text)
    by = "engineer" if given.get("by") == "engineer" else "state"
    return Asked(number_of(given.get("team", "")), number_of(given.get("engineer", "")), day, by)


def query_of(asked: Asked, **over: Any) -> str:
    """The query string that asks the same."""
    words: Mapping[str, Any] = {
        "team": asked.team, "engineer": asked.engineer, "by": asked.by,
        "day": asked.day.isoformat() if asked.day else "", **over,
    }  # fmt: skip
    return urlencode({name: value for name, value in words.items() if value})


def lanes_of(found: Board, by: str) -> list[dict[str, Any]]:
    """The jobs in columns: who has nobody first, then by state or by engineer."""
    alone = [job for job in found.jobs if job.visit.engineer_id is None]
    given = [job for job in found.jobs if job.visit.engineer_id is not None]
    lanes: list[dict[str, Any]] = [{"key": "nobody", "title": _("Nobody named"), "jobs": alone}]
    if by == "engineer":
        people: dict[int, list[Job]] = {}
        for job in given:
            people.setdefault(job.visit.engineer_id or 0, []).append(job)
        named = [(jobs[0].visit.engineer, jobs) for jobs in people.values()]
        named.sort(key=lambda pair: pair[0].name if pair[0] else "")
        lanes += [
            {"key": f"engineer-{who.pk}", "title": who.name, "jobs": jobs} for who, jobs in named if who
        ]
        return lanes
    for state in LANES:
        jobs = [job for job in given if job.visit.state == state]
        lanes.append({"key": state, "title": Appointment.State(state).label, "jobs": jobs})
    return lanes


def _card(job: Job, now: Any) -> dict[str, Any]:
    return {**show.line(job.visit, now), "chips": job.chips, "risk": job.risk}


def _context(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    now = now_utc()
    asked = asked_of(request.GET, now)
    found = queries.board(asked, actor, now)
    lanes = lanes_of(found, asked.by)
    for lane in lanes:
        lane["cards"] = [_card(job, now) for job in lane["jobs"]]
    query = query_of(asked)
    return {
        "asked": asked, "lanes": lanes, "waiting": found.waiting, "total": found.total,
        "shown": len(found.jobs), "is_capped": found.total > len(found.jobs), "now": now,
        "late": sum(job.risk == "late" for job in found.jobs), "digest": found.digest, "query": query,
        "here": f"{reverse('fieldwork:board')}?{query}",
        "changes_url": f"{reverse('fieldwork:changes')}?{query}&seen={found.digest}",
        "may_plan": actor.is_staff_side, "today": timezone.localdate(now),
    }  # fmt: skip


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The board; to htmx only the part that changes."""
    actor = agent_of(request)
    services.require_dispatch(actor)
    context = _context(request, actor)
    if getattr(request, "htmx", False):
        return render(request, "fieldwork/_board.html", context)
    asked: Asked = context["asked"]
    context |= {
        "teams": teams(actor).filter(is_active=True).order_by("name_en"),
        "engineers": queries.engineers(actor, Team.objects.filter(pk=asked.team or 0).first()),
        "by_url": f"?{query_of(asked, by='engineer' if asked.by == 'state' else 'state')}",
        "all_url": f"?{query_of(asked, day='')}", "today_url": f"?{query_of(asked, day=TODAY)}",
    }  # fmt: skip
    return render(request, "fieldwork/board.html", context)


@require_GET
def changes(request: HttpRequest) -> HttpResponse:
    """Asked again and again: nothing while the board is as it was ``seen``, else how it is now, in words."""
    actor = agent_of(request)
    services.require_dispatch(actor)
    asked, now = asked_of(request.GET, now_utc()), now_utc()
    found = queries.board(asked, actor, now)
    if found.digest == request.GET.get("seen", ""):
        return HttpResponse(status=204)
    late = sum(job.risk == "late" for job in found.jobs)
    n = found.total
    words = ngettext("The board has changed: %(n)s job", "The board has changed: %(n)s jobs", n) % {"n": n}
    late_words = ngettext("%(n)s late", "%(n)s late", late) % {"n": late} if late else ""
    query = query_of(asked)
    context = {"words": words, "late_words": late_words, "here": f"{reverse('fieldwork:board')}?{query}"}
    return render(request, "fieldwork/_changes.html", context)
