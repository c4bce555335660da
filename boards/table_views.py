"""A meeting while it goes on, item by item: each answer swaps the item alone; without scripts the page."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Actor
from boards import forms, papers, session
from boards.models import AgendaItem, BoardMeeting, Participant
from boards.pages import meeting_of
from records.pages import add_errors, agent_of, now_utc

Take = Callable[[dict[str, Any]], Any]


def _item(meeting: BoardMeeting, item: int) -> AgendaItem:
    return get_object_or_404(AgendaItem, pk=item, meeting=meeting)


@require_GET
def paper(request: HttpRequest, number: str, item: int) -> HttpResponse:
    """What the board reads about one change."""
    actor = agent_of(request)
    meeting = meeting_of(actor, number)
    row = get_object_or_404(AgendaItem.objects.select_related("change__requester"), pk=item, meeting=meeting)
    context = {"paper": papers.of_item(row, actor), "meeting": meeting}
    part = "boards/_papers.html" if request.headers.get("HX-Request") == "true" else "boards/paper.html"
    return render(request, part, context)


@require_POST
def vote(request: HttpRequest, number: str, item: int, voter: int) -> HttpResponse:
    """A vote: one's own, or one that the chair records."""
    actor = agent_of(request)
    meeting = meeting_of(actor, number)
    row = _item(meeting, item)
    participant = get_object_or_404(Participant, pk=voter, meeting=meeting)
    form = forms.Cast(request.POST)
    return _taken(
        request, actor, number, row, form,
        lambda facts: session.vote(
            meeting, row, **facts, participant=participant, actor=actor, now=now_utc()
        ),
    )  # fmt: skip


@require_POST
def rule(request: HttpRequest, number: str, item: int) -> HttpResponse:
    """What the board decides, by its chair."""
    actor = agent_of(request)
    meeting = meeting_of(actor, number)
    row = _item(meeting, item)
    return _taken(
        request, actor, number, row, forms.Ruling(request.POST),
        lambda facts: session.rule(meeting, row, **facts, actor=actor, now=now_utc()),
    )  # fmt: skip


@require_POST
def note(request: HttpRequest, number: str, item: int) -> HttpResponse:
    """What is said on it."""
    actor = agent_of(request)
    meeting = meeting_of(actor, number)
    row = _item(meeting, item)
    return _taken(
        request, actor, number, row, forms.Notes(request.POST),
        lambda facts: session.note(meeting, row, text=facts["text"], actor=actor, now=now_utc()),
    )  # fmt: skip


def _taken(
    request: HttpRequest, actor: Actor, number: str, item: AgendaItem, form: Any, take: Take
) -> HttpResponse:
    if form.is_valid():
        try:
            take(form.cleaned_data)
        except ValidationError as refused:
            add_errors(form, refused)
    meeting = meeting_of(actor, number)
    is_part = request.headers.get("HX-Request") == "true"
    if not form.errors and not is_part:
        return redirect(f"{meeting.get_absolute_url()}#item-{item.pk}")
    rows = [row for row in papers.on_table(meeting, actor) if row["item"].pk == item.pk]
    # what was refused stands in its fields again
    entered = form.data if form.errors else {}
    context = {"meeting": meeting, "row": rows[0], "refused": _words(form), "entered": entered}
    page = "boards/_item.html" if is_part else "boards/item.html"
    return render(request, page, context, status=422 if form.errors else 200)


def _words(form: Any) -> list[str]:
    return [words for errors in form.errors.values() for words in errors]
