"""The desk's pages of announcements: the list, writing one, and one with its steps and tickets."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Actor, may
from actions import steps
from actions.steps import Nothing, Step, add_errors
from announcements import forms, lifecycle, queries, services
from announcements.models import Announcement, State
from records.notices import read_about
from records.pages import actor_for, agent_of, get_one, now_utc
from records.services import get_record
from records.timeline import entries

PAGE = 50
TONES = {
    lifecycle.DRAFT: "quiet", lifecycle.PUBLISHED: "accent", lifecycle.OVER: "good",
    lifecycle.DISCARDED: "quiet",
}  # fmt: skip


def _may(actor: Actor, row: Announcement, act: str, states: frozenset[str]) -> bool:
    return row.original_id is None and row.state in states and may(actor, act, row)


DRAFT, PUBLISHED = frozenset({lifecycle.DRAFT}), frozenset({lifecycle.PUBLISHED})
STEPS: Mapping[str, Step] = {
    step.name: step
    for step in (
        Step(
            "publish", gettext_lazy("Publish and tell everybody"), Nothing,
            lambda actor, row: _may(actor, row, "announce", DRAFT), services.publish,
        ),
        Step(
            "add", gettext_lazy("Add news"), forms.News,
            lambda actor, row: _may(actor, row, "announce_more", PUBLISHED), services.add,
        ),
        Step(
            "end", gettext_lazy("End it"), forms.Ending,
            lambda actor, row: _may(actor, row, "announce_end", PUBLISHED), services.end,
        ),
        Step(
            "discard", gettext_lazy("Discard the draft"), Nothing,
            lambda actor, row: _may(actor, row, "announce_discard", DRAFT), services.discard,
        ),
    )
}  # fmt: skip


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All announcements, those that are not over first."""
    actor = agent_of(request)
    rows = queries.for_staff(actor).prefetch_related("told__services", "told__customers")
    page = Paginator(rows.order_by("phase", "-pk"), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(row) for row in page],
        "may_write": may(actor, "write_announcement"),
    }
    return render(request, "announcements/list.html", context)


def _row(row: Announcement) -> dict[str, Any]:
    return {"announcement": row, "told": row.told, "state": State(row.state).label, "tone": TONES[row.state]}


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Write a draft."""
    actor, now = actor_for(request, "desk", "write_announcement"), now_utc()
    form = forms.Written(request.POST or None, initial={"starts_at": now})
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(services.write(**form.cleaned_data, actor=actor, now=now))
        except ValidationError as refused:
            add_errors(form, refused)
    context = {"form": form, "announcement": None}
    return render(request, "announcements/write.html", context, status=_status(request))


def _status(request: HttpRequest) -> int:
    return 422 if request.method == "POST" else 200


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Change a draft."""
    actor = actor_for(request, "desk", "write_announcement")
    row = get_one(Announcement, actor, number)
    form = forms.Written(request.POST or None, initial=forms.begin_with(row))
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(services.rewrite(row, **form.cleaned_data, actor=actor, now=now_utc()))
        except ValidationError as refused:
            add_errors(form, refused)
    context = {"form": form, "announcement": row}
    return render(request, "announcements/write.html", context, status=_status(request))


@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One announcement: what it says, whom it reached, what may be done, and its tickets."""
    actor = agent_of(request)
    row = get_one(Announcement, actor, number)
    read_about(row, actor, now=now_utc())
    return _shown(request, actor, row, None)


def _shown(request: HttpRequest, actor: Actor, row: Announcement, failed: Any) -> HttpResponse:
    tickets = queries.tickets_of(row, actor)
    context = {
        **_row(row),
        "customers": queries.reached(row) if row.original_id is None else [],
        "named": [] if row.state != lifecycle.DRAFT else services.affected(row.told),
        "tickets": list(tickets[:PAGE]),
        "count": tickets.count(),
        "steps": steps.possible(STEPS.values(), actor, row, failed),
        "may_edit": _may(actor, row, "announce", DRAFT),
        "timeline": entries(row, actor).entries,
    }
    return render(request, "announcements/detail.html", context, status=422 if failed else 200)


@require_POST
def take(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step."""
    actor = agent_of(request)
    row = get_one(Announcement, actor, number)
    failed = steps.take(STEPS, act, row, request.POST, actor=actor)
    return _shown(request, actor, row, failed) if failed else redirect(row)


@require_POST
def attach(request: HttpRequest, number: str) -> HttpResponse:
    """Attach the ticket named in the form to this announcement, and go back to the ticket."""
    actor = agent_of(request)
    ticket = get_record(actor, request.POST.get("ticket", "")[:20])
    row = get_one(Announcement, actor, number)
    try:
        services.attach(ticket, row, actor=actor, now=now_utc())
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect(ticket)
