"""The pages of the board: its meetings, one of them before and after it meets, its minutes, its seats."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Actor, may
from accounts.models import User
from actions import steps
from actions.steps import Nothing, Step
from boards import agenda, forms, lifecycle, minutes, papers, services, session
from boards.models import AgendaItem, BoardMeeting, Member, Participant, State
from boards.pages import meeting_of
from records.notices import read_about
from records.pages import actor_for, add_errors, agent_of, now_utc
from records.services import Stale
from records.timeline import entries

PAGE = 50
TONES = {
    lifecycle.PLANNED: "accent",
    lifecycle.IN_SESSION: "warn",
    lifecycle.HELD: "warn",
    lifecycle.CLOSED: "neutral",
    lifecycle.CANCELLED: "quiet",
}
PLANNED, HELD = frozenset({lifecycle.PLANNED}), frozenset({lifecycle.HELD})


def _may(actor: Actor, meeting: BoardMeeting, act: str, states: frozenset[str]) -> bool:
    return meeting.state in states and may(actor, act, meeting)


STEPS = {
    step.name: step
    for step in (
        Step(
            "begin", _("Open the meeting"), Nothing,
            lambda actor, meeting: _may(actor, meeting, "begin", PLANNED), session.begin, "primary",
        ),
        Step(
            "end", _("End the meeting"), Nothing,
            lambda actor, meeting: _may(actor, meeting, "end_session", session.IN_SESSION), session.end,
        ),
        Step(
            "send", _("Send the minutes"), Nothing,
            lambda actor, meeting: _may(actor, meeting, "send_minutes", HELD), minutes.send, "primary",
        ),
        Step(
            "propose", _("Add what waits for the board"), Nothing,
            lambda actor, meeting: _may(actor, meeting, "prepare", lifecycle.BEFORE_THE_END),
            services.propose_agenda,
        ),
        Step(
            "invite", _("Invite the participants"), forms.Invite,
            lambda actor, meeting: _may(actor, meeting, "prepare", PLANNED), services.invite,
        ),
        Step(
            "join", _("Add a guest"), forms.Join,
            lambda actor, meeting: _may(actor, meeting, "prepare", lifecycle.BEFORE_THE_END),
            services.add_participant,
        ),
        Step(
            "prepare", _("Change time, place, chair or quorum"), forms.Prepare,
            lambda actor, meeting: _may(actor, meeting, "prepare", lifecycle.BEFORE_THE_END),
            services.prepare,
        ),
        Step(
            "cancel", _("Cancel the meeting"), forms.Because,
            lambda actor, meeting: _may(actor, meeting, "call_off", PLANNED), services.call_off,
        ),
    )
}  # fmt: skip


def row_of(meeting: BoardMeeting) -> dict[str, Any]:
    """A meeting as a row of a list."""
    return {"meeting": meeting, "state": State(meeting.state).label, "tone": TONES[meeting.state]}


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Meetings going on, to be finished and to come, then past ones; and what waits for the board."""
    actor = agent_of(request)
    rows = BoardMeeting.objects.visible_to(actor).select_related("assignee").prefetch_related("agenda")
    coming = rows.filter(state__in=lifecycle.UNFINISHED).order_by("meets_at", "pk")[:PAGE]
    past = rows.exclude(state__in=lifecycle.UNFINISHED).order_by("-meets_at", "-pk")
    page = Paginator(past, PAGE).get_page(request.GET.get("page"))
    sections = [
        {"title": title, "rows": [row_of(meeting) for meeting in found]}
        for title, found in ((_("To come and to be finished"), coming), (_("Past"), page))
    ]
    context = {
        "sections": [each for each in sections if each["rows"]], "page": page,
        "leads": may(actor, "lead_boards"), "waiting": list(agenda.waiting(actor)[:20]),
        "to_review": list(agenda.to_be_reviewed(actor)[:20]),
    }  # fmt: skip
    return render(request, "boards/list.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Plan a meeting."""
    actor = actor_for(request, "desk", "lead_boards")
    form = (
        forms.New(request.POST) if request.method == "POST" else forms.New(initial={"chair": actor.user_id})
    )
    if request.method == "POST" and (made := steps.attempt(form, services.plan, actor=actor, now=now_utc())):
        return redirect(made)
    return render(request, "boards/new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """A meeting: who takes part, its agenda with votes and decisions, its history."""
    actor = agent_of(request)
    meeting = meeting_of(actor, number)
    read_about(meeting, actor, now=now_utc())
    return shown(request, actor, meeting)


def shown(
    request: HttpRequest, actor: Actor, meeting: BoardMeeting, failed: Any = None, add: Any = None
) -> HttpResponse:
    """The page of a meeting, with what was refused in its place."""
    is_open = _may(actor, meeting, "prepare", lifecycle.BEFORE_THE_END)
    people = list(meeting.participants.select_related("user"))
    possible = steps.possible(STEPS.values(), actor, meeting, failed)
    for step in possible:
        if step["name"] == "prepare" and not step["form"].is_bound:
            step["form"].initial = forms.prepared(meeting)
    context = {
        **row_of(meeting), "people": people, "items": papers.on_table(meeting, actor),
        "there": sum(row.is_present and row.has_vote for row in people), "may_prepare": is_open,
        "is_in_session": meeting.state == lifecycle.IN_SESSION,
        "may_write": _may(actor, meeting, "prepare", HELD), "steps": possible,
        "add": add or (forms.Add(actor=actor) if is_open else None),
        "timeline": entries(meeting, actor, fold=True).entries[::-1],
    }  # fmt: skip
    is_refused = bool(failed) or bool(add and add.errors)
    return render(request, "boards/detail.html", context, status=422 if is_refused else 200)


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step with the meeting; what is refused comes back on the page, with what was entered."""
    actor = agent_of(request)
    meeting = meeting_of(actor, number)
    failed = steps.take(STEPS, act, meeting, request.POST, actor=actor)
    if failed is None:
        return redirect(meeting)
    return shown(request, actor, meeting_of(actor, number), failed)


@require_POST
def add(request: HttpRequest, number: str) -> HttpResponse:
    """Put a change on the agenda by its number."""
    actor = agent_of(request)
    meeting = meeting_of(actor, number)
    form = forms.Add(request.POST, actor=actor)
    if form.is_valid():
        try:
            services.add_item(meeting, form.cleaned_data["number"], actor=actor, now=now_utc())
        except ValidationError as refused:
            form.add_error("number", refused.messages)
        else:
            return redirect(meeting)
    return shown(request, actor, meeting_of(actor, number), add=form)


@require_POST
def arrange(request: HttpRequest, number: str, item: int, how: str) -> HttpResponse:
    """Move an item up or down, or take it off the agenda."""
    if how not in ("up", "down", "remove"):
        raise Http404
    actor = agent_of(request)
    meeting = meeting_of(actor, number)
    row = get_object_or_404(AgendaItem, pk=item, meeting=meeting)
    try:
        if how == "remove":
            services.remove_item(meeting, row, actor=actor, now=now_utc())
        else:
            services.move_item(meeting, row, up=how == "up", actor=actor, now=now_utc())
    except ValidationError as refused:
        form = forms.Add(actor=actor, data={})
        form.add_error(None, refused.messages)
        return shown(request, actor, meeting_of(actor, number), add=form)
    return redirect(f"{meeting.get_absolute_url()}#agenda")


@require_POST
def attend(request: HttpRequest, number: str) -> HttpResponse:
    """Who is there."""
    actor = agent_of(request)
    meeting = meeting_of(actor, number)
    given = [
        int(pk) for pk in request.POST.getlist("present") if pk.isascii() and pk.isdigit() and len(pk) < 19
    ]
    session.attend(meeting, given, actor=actor, now=now_utc())
    return redirect(f"{meeting.get_absolute_url()}#people")


@require_POST
def remove(request: HttpRequest, number: str, item: int) -> HttpResponse:
    """Take somebody off the list of participants."""
    actor = agent_of(request)
    meeting = meeting_of(actor, number)
    row = get_object_or_404(Participant, pk=item, meeting=meeting)
    try:
        services.remove_participant(meeting, row, actor=actor, now=now_utc())
    except ValidationError as refused:
        form = forms.Join(data={})
        form.is_valid()
        form.errors.clear()
        form.add_error(None, refused.messages)
        return shown(request, actor, meeting_of(actor, number), ("join", form))
    return redirect(f"{meeting.get_absolute_url()}#people")


def write(request: HttpRequest, number: str) -> HttpResponse:
    """Correct the minutes; who was second to save is told, and keeps what was written."""
    actor = actor_for(request, "desk", "lead_boards")
    meeting = meeting_of(actor, number)
    start = {name: getattr(meeting, name) for name in ("minutes_en", "minutes_zh", "version")}
    form = forms.Minutes(request.POST) if request.method == "POST" else forms.Minutes(initial=start)
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        seen = facts.pop("version")
        try:
            minutes.write(meeting, **facts, actor=actor, now=now_utc(), expected_version=seen)
        except ValidationError as refused:
            add_errors(form, refused)
        except Stale:
            form.add_error(
                None, _("Somebody changed the minutes since you opened them; compare and save anew.")
            )
            form.data = {**request.POST.dict(), "version": str(meeting.version)}
        else:
            return redirect(meeting)
    context = {"form": form, "meeting": meeting}
    return render(request, "boards/write.html", context, status=422 if form.errors else 200)


@require_GET
def printed(request: HttpRequest, number: str, what: str) -> HttpResponse:
    """The agenda with all papers, or the minutes, to be read or printed."""
    actor = agent_of(request)
    meeting = meeting_of(actor, number)
    context: dict[str, Any] = {**row_of(meeting), "people": list(meeting.participants.all())}
    if what == "agenda":
        items = meeting.agenda.select_related("change__requester")
        context["papers"] = [papers.of_item(item, actor) for item in items]
    return render(request, f"boards/{what}.html", context)


def seats(request: HttpRequest) -> HttpResponse:
    """Who sits on the board."""
    actor = agent_of(request)
    leads = may(actor, "lead_boards")
    form = forms.Seat(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        actor = actor_for(request, "desk", "lead_boards")
        if form.is_valid():
            person: User = form.cleaned_data["person"]
            facts = {name: form.cleaned_data[name] for name in ("part", "has_vote")}
            try:
                services.seat(person, **facts, actor=actor, now=now_utc())
            except ValidationError as refused:
                form.add_error("person", refused.messages)
            else:
                return redirect("boards:seats")
    rows = Member.objects.select_related("user")
    context = {"rows": rows, "form": form if leads else None, "leads": leads}
    return render(request, "boards/seats.html", context, status=422 if form.errors else 200)


@require_POST
def unseat(request: HttpRequest, item: int) -> HttpResponse:
    """Somebody leaves the board."""
    actor = actor_for(request, "desk", "lead_boards")
    services.unseat(get_object_or_404(Member, pk=item), actor=actor, now=now_utc())
    return redirect("boards:seats")
