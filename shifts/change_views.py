"""The shift change: hand-overs with their list, the checklist before a shift, and the daily log."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Actor, require
from accounts.models import Team
from records.kinds import process_of
from records.models import Record
from records.pages import actor_for, add_errors, agent_of, now_utc
from shifts import handing, queries
from shifts.asking import date_of, team_of, today_of
from shifts.forms import HandoverForm, LogForm, RemarkForm
from shifts.models import ChecklistItem, Handover, LogEntry, ShiftPattern

PAGE = 50
NOTES = 300  # tickets that get a field for a note; the list itself is whole


def _frame(actor: Actor, team: Team) -> dict[str, Any]:
    return {"team": team, "teams": queries.rostered_teams(actor)}


@require_GET
def handovers(request: HttpRequest) -> HttpResponse:
    """The hand-overs of a team, the newest first."""
    actor = agent_of(request)
    team = team_of(request, actor)
    rows = Handover.objects.filter(team=team).select_related("given_by", "accepted_by")
    rows = rows.annotate(tickets=Count("lines")).order_by("-given_at", "-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        **_frame(actor, team), "page": page, "kept": f"team={team.code}",
        "takes_part": handing.may_take_part(team, actor),
    }  # fmt: skip
    return render(request, "shifts/handovers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_handover(request: HttpRequest) -> HttpResponse:
    """The team's open tickets with a field for a note to each, and the general notes."""
    actor = actor_for(request, "desk", "hand_over")
    team = team_of(request, actor)
    form = HandoverForm(request.POST or None, initial={"key": uuid.uuid4()})
    if request.method == "POST" and form.is_valid():
        try:
            made = handing.hand_over(
                team, note=form.cleaned_data["note"], notes=_notes(request), key=form.cleaned_data["key"],
                actor=actor, now=now_utc(),
            )  # fmt: skip
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            return redirect(made)
    every = handing.open_tickets(team)
    seen = list(every.filter(pk__in=Record.objects.visible_to(actor).values("pk"))[:NOTES])
    typed = _notes(request)
    total = every.count()
    context = {
        **_frame(actor, team), "form": form, "total": total, "more": total - len(seen),
        "rows": [{**_ticket(ticket), "typed": typed.get(ticket.pk, "")} for ticket in seen],
        "takes_part": handing.may_take_part(team, actor),
    }  # fmt: skip
    return render(
        request, "shifts/new_handover.html", context, status=422 if request.method == "POST" else 200
    )


def _notes(request: HttpRequest) -> dict[int, str]:
    """The notes by record, from fields such as note-17."""
    found = {}
    for name, value in request.POST.items():
        head, dash, number = name.partition("-")
        if head == "note" and dash and number.isascii() and number.isdigit() and len(number) < 19:
            found[int(number)] = str(value).replace("\0", "")
    return found


def _ticket(ticket: Record) -> dict[str, Any]:
    return {"ticket": ticket, "state": process_of(ticket.kind).labels(ticket.state).label}


def _handover(actor: Actor, pk: int) -> Handover:
    rows = Handover.objects.filter(team__in=queries.rostered_teams(actor))
    return get_object_or_404(rows.select_related("team", "given_by", "accepted_by"), pk=pk)


@require_GET
def handover(request: HttpRequest, pk: int) -> HttpResponse:
    """What was handed over, as it was then; printable."""
    actor = agent_of(request)
    return _shown(request, actor, _handover(actor, pk), RemarkForm())


def _shown(request: HttpRequest, actor: Actor, row: Handover, form: RemarkForm) -> HttpResponse:
    lines = row.lines.select_related("assignee", "record__customer").order_by("pk")
    seen = list(lines.filter(record__in=Record.objects.visible_to(actor).values("pk")))
    is_open, takes_part = row.state != Handover.State.ACCEPTED, handing.may_take_part(row.team, actor)
    context = {
        **_frame(actor, row.team), "handover": row, "form": form,
        "rows": [
            {"line": each, "state": process_of(each.kind).labels(each.record_state).label} for each in seen
        ],
        "hidden": lines.count() - len(seen),
        "remarks": row.remarks.select_related("by").order_by("pk"),
        "may_accept": is_open and takes_part and row.given_by_id != actor.user_id,
        "may_remark": is_open and takes_part,
    }  # fmt: skip
    return render(request, "shifts/handover.html", context, status=422 if form.errors else 200)


@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it over."""
    actor = actor_for(request, "desk", "hand_over")
    row = _handover(actor, pk)
    try:
        handing.accept(row, actor=actor, now=now_utc())
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("You have taken over."))
    return redirect(row)


@require_POST
def remark(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask back, or answer."""
    actor = actor_for(request, "desk", "hand_over")
    row, form = _handover(actor, pk), RemarkForm(request.POST)
    if form.is_valid():
        try:
            handing.remark(row, text=form.cleaned_data["text"], actor=actor, now=now_utc())
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            return redirect(row)
    return _shown(request, actor, row, form)


@require_http_methods(["GET", "HEAD", "POST"])
def log(request: HttpRequest) -> HttpResponse:
    """A team's log of a day, and a new line in it."""
    actor = agent_of(request)
    team, now = team_of(request, actor), now_utc()
    form = LogForm(request.POST or None, initial={"key": uuid.uuid4()})
    if request.method == "POST":
        require(actor, "keep_log")
        if form.is_valid() and _written(form, team, actor):
            return redirect(f"{reverse('shifts:log')}?team={team.code}")
    today = today_of(team, now)
    day = date_of(request, "day", today)
    rows = LogEntry.objects.filter(team=team, day=day).select_related("by", "record", "handover")
    page = Paginator(rows.order_by("at", "pk"), 200).get_page(request.GET.get("page"))
    readable = set(_readable(actor, [entry.record_id for entry in page if entry.record_id]))
    context = {
        **_frame(actor, team), "day": day, "page": page, "kept": f"team={team.code}&day={day}",
        "rows": [{"entry": e, "ticket": e.record if e.record_id in readable else None} for e in page],
        "form": form if day == today else None, "unaccepted": queries.unaccepted(team),
    }  # fmt: skip
    return render(request, "shifts/log.html", context, status=422 if request.method == "POST" else 200)


def _readable(actor: Actor, ids: list[int]) -> Any:
    return Record.objects.visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True)


def _written(form: LogForm, team: Team, actor: Actor) -> bool:
    """Write the line; False with the reason at its field."""
    number, found = form.cleaned_data["number"].strip(), None
    if number:
        found = Record.objects.visible_to(actor).filter(number=number.upper()).first()
        if found is None:
            form.add_error("number", _("There is no ticket of this number."))
            return False
    try:
        key = f"note:{form.cleaned_data['key']}"
        handing.write(team, text=form.cleaned_data["text"], actor=actor, now=now_utc(), key=key, record=found)
    except ValidationError as refused:
        add_errors(form, refused)
    return not form.errors


@require_http_methods(["GET", "HEAD", "POST"])
def checklist(request: HttpRequest) -> HttpResponse:
    """What is looked after before a shift; ticked by the person, with the time."""
    actor = agent_of(request)
    team, now = team_of(request, actor), now_utc()
    items = list(ChecklistItem.objects.filter(team=team, is_active=True))
    patterns = ShiftPattern.objects.filter(is_active=True)
    pattern = _pattern(request, patterns, queries.next_duty(actor.user_id, now))
    day = today_of(team, now)
    if request.method == "POST":
        require(actor, "keep_log")
        for item in items:
            if pattern and request.POST.get(f"item-{item.pk}"):
                handing.tick(item, pattern=pattern, day=day, actor=actor, now=now)
        code = pattern.code if pattern else ""
        return redirect(f"{reverse('shifts:checklist')}?team={team.code}&pattern={code}")
    ticks = queries.ticks_of(team, pattern, day)
    context = {
        **_frame(actor, team), "patterns": patterns, "pattern": pattern, "day": day,
        "takes_part": handing.may_take_part(team, actor),
        "rows": [
            {
                "item": item,
                "ticks": ticks.get(item.pk, []),
                "is_mine": any(t.by_id == actor.user_id for t in ticks.get(item.pk, [])),
            }
            for item in items
        ],
    }  # fmt: skip
    return render(request, "shifts/checklist.html", context)


def _pattern(request: HttpRequest, patterns: Any, duty: Any) -> ShiftPattern | None:
    """The shift the address names, else the one of the reader's duty, else the first."""
    code = (request.POST.get("pattern") or request.GET.get("pattern") or "")[:50].replace("\0", "")
    found = next((each for each in patterns if each.code == code), None)
    return found or (duty.pattern if duty else next(iter(patterns), None))
