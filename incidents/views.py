"""The agents' pages: log an incident, and the ticket with everything that can be done to it.

A step's form opens in place (htmx) and its answer swaps what changed; without scripts the same addresses
answer whole pages. Errors come back as 422, what somebody else did first as 409, with everything typed kept.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

import records.services
from accounts.access import Actor, require
from incidents import acts, backfill, claims, family, forms, pages, queries, services
from incidents.act_forms import ActForm
from incidents.acts import Act
from incidents.models import Incident
from records import collision, notices
from records.lifecycle import IllegalMove
from records.once import fingerprint
from records.pages import actor_of, agent_of, now_utc

View = Callable[..., HttpResponse]
UNPROCESSABLE, CONFLICT = 422, 409


def desk_only(view: View) -> View:
    """These pages are for the provider's staff."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        agent_of(request)
        return view(request, *args, **kwargs)

    return login_required(guarded)


def is_fragment(request: HttpRequest) -> bool:
    return bool(request.htmx)  # type: ignore[attr-defined]


# --- logging ---------------------------------------------------------------------------------


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Log an incident, and with it, where it was solved during the contact, its solution."""
    actor, now = actor_of(request), now_utc()
    if request.method != "POST":
        form = forms.NewIncident(actor=actor, initial={"once": uuid4().hex})
        return _new_page(request, form, now=now)
    form = forms.NewIncident(request.POST, request.FILES, actor=actor)
    if form.is_valid():
        try:
            number, is_new = _log_once(form, fingerprint(request), actor=actor, now=now)
        except ValidationError as error:
            forms.land(form, error)
        else:
            words = _("%(number)s was logged.") if is_new else _("%(number)s was logged already; here it is.")
            messages.success(request, words % {"number": number})
            return HttpResponseRedirect(reverse("incidents:detail", args=[number]))
    return _new_page(request, form, now=now, status=UNPROCESSABLE)


def _log_once(form: forms.NewIncident, mark: str, *, actor: Actor, now: datetime) -> tuple[str, bool]:
    """The number of the ticket this form opened, now or when it was sent the first time."""
    mark = mark if form.cleaned_data["once"] else ""
    return claims.log_once(mark, lambda: _log(form, actor=actor, now=now), actor=actor, now=now)


@transaction.atomic
def _log(form: forms.NewIncident, *, actor: Actor, now: datetime) -> Incident:
    data = form.cleaned_data
    if form.is_backfill:
        told = backfill.Solution(data["steps"], data["solved_at"] or now, data["code"])
        solution = told if data["is_solved"] else None
        return backfill.log_afterwards(actor=actor, now=now, solution=solution, **form.facts)
    facts = form.facts
    bypasser = facts.pop("bypassed_by")
    incident = services.open(actor=actor, now=now, **facts)
    if bypasser:
        incident = backfill.note_bypass(incident, person=bypasser, actor=actor, now=now)
    if data["child_of"]:
        incident = family.attach(incident, parent=data["child_of"], actor=actor, now=now)
    elif data["is_solved"]:
        incident = services.resolve(
            incident, code=data["code"], steps=data["steps"], restored_at=data["restored_at"],
            actor=actor, now=now,
        )  # fmt: skip
    return incident


def _new_page(
    request: HttpRequest, form: forms.NewIncident, *, now: datetime, status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    asked = forms.Preview(request.POST, actor=actor).asked()
    context = {"form": form, "sections": pages.sections(form), **queries.preview(asked, actor, at=now)}
    return render(request, "incidents/new.html", context, status=status)


@desk_only
@require_GET
def preview(request: HttpRequest) -> HttpResponse:
    """Priority, promised times and the caller, for what is chosen so far."""
    actor = actor_of(request)
    asked = forms.Preview(request.GET, actor=actor).asked()
    context = {**queries.preview(asked, actor, at=now_utc()), "oob": True}
    return render(request, "incidents/_preview.html", context)


# --- the ticket ------------------------------------------------------------------------------


@desk_only
@require_http_methods(["GET", "HEAD"])
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """The ticket: facts, targets, conversation, and what can be done next."""
    incident = queries.incident_of(actor_of(request), number)
    if incident.number != number:
        return HttpResponseRedirect(incident.get_absolute_url())
    notices.read_about(incident, actor_of(request), now=now_utc())
    return _ticket(request, incident)


def _ticket(request: HttpRequest, incident: Incident, *, status: int = 200, **over: Any) -> HttpResponse:
    """The whole page; ``over`` opens a step's form or keeps an unsent message in it."""
    before = request.GET.get("before")
    context = pages.ticket(incident, actor_of(request), now=now_utc(), before=before)
    return render(request, "incidents/detail.html", {**context, **over}, status=status)


def _changed(request: HttpRequest, incident: Incident, *, status: int = 200, **over: Any) -> HttpResponse:
    """The parts of the page that a step may change, for htmx to put in their places."""
    fresh = queries.incident_of(actor_of(request), incident.number)
    context = pages.ticket(fresh, actor_of(request), now=now_utc())
    return render(request, "incidents/_changed.html", {**context, **over, "oob": True}, status=status)


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """One step: GET opens its form in place, POST takes it."""
    incident = queries.incident_of(actor_of(request), number)
    step = acts.ACTS.get(action)
    if step is None:
        raise Http404(_("There is no such step."))
    require(actor_of(request), step.permission, incident)
    if request.method == "POST":
        return _take(request, incident, step)
    form = step.form(incident=incident, actor=actor_of(request), initial=request.GET.dict())
    try:
        step.check(incident)
    except IllegalMove as illegal:
        return _panel(request, incident, step, form, status=CONFLICT, refused=pages.why_not(illegal))
    return _panel(request, incident, step, form)


def _take(request: HttpRequest, incident: Incident, step: Act) -> HttpResponse:
    actor = actor_of(request)
    form = step.form(request.POST, request.FILES, incident=incident, actor=actor)
    call = acts.Call(actor, now_utc(), pages.version_in(request.POST))
    try:
        step.check(incident)
        if form.is_valid():
            step.run(incident, form.words(), call)
            return _done(request, incident)
    except ValidationError as error:
        forms.land(form, error, step.fields)
    except records.services.Stale as stale:
        changes = queries.changes_since(stale, actor)
        fresh = queries.incident_of(actor, incident.number)
        form.incident = fresh
        return _panel(request, fresh, step, form.merged(), status=CONFLICT, changes=changes)
    except IllegalMove as illegal:
        fresh = queries.incident_of(actor, incident.number)
        return _panel(request, fresh, step, form, status=CONFLICT, refused=pages.why_not(illegal))
    return _panel(request, incident, step, form, status=UNPROCESSABLE)


def _done(request: HttpRequest, incident: Incident) -> HttpResponse:
    if is_fragment(request):
        return _changed(request, incident, closes_panel=True, said=_("Saved."))
    return HttpResponseRedirect(incident.get_absolute_url())


def _panel(
    request: HttpRequest, incident: Incident, step: Act, form: ActForm, *, status: int = 200, **over: Any
) -> HttpResponse:
    """A step's form: alone for htmx, in its place on the whole page otherwise.

    After a conflict the page around it is shown as it is now as well.
    """
    panel = {"panel": {**pages.panel(incident, step, form), **over}}
    if not is_fragment(request):
        return _ticket(request, incident, status=status, **panel)
    if status == CONFLICT:
        return _changed(request, incident, status=status, **panel)
    return render(request, "incidents/_panel.html", {**panel, "incident": incident}, status=status)


@desk_only
@require_POST
def comment(request: HttpRequest, number: str) -> HttpResponse:
    """A public reply or an internal note."""
    actor = actor_of(request)
    incident = queries.incident_of(actor, number)
    form = forms.Comment(request.POST, request.FILES)
    visibility = request.POST.get("visibility", "public")
    if form.is_valid():
        data = form.cleaned_data
        try:
            collision.comment(
                incident, seen=collision.seen_by(request.POST), text=data["body"],
                is_public=data["visibility"] == "public", actor=actor, now=now_utc(),
                attachments=data["attachments"],
            )  # fmt: skip
        except collision.Unseen as first:
            return _unseen(request, incident, first)
        except ValidationError as error:
            forms.land(form, error, {"text": "body"})
        else:
            if is_fragment(request):
                composer = pages.composer(visibility=visibility)
                return _changed(request, incident, composer=composer, composes=True, said=_("Sent."))
            return HttpResponseRedirect(incident.get_absolute_url())
    composer = pages.composer(
        visibility=visibility,
        body=request.POST.get("body", ""),
        errors=[str(problem) for problems in form.errors.values() for problem in problems],
    )
    if not is_fragment(request):
        return _ticket(request, incident, status=UNPROCESSABLE, composer=composer)
    composer["version"] = collision.seen_by(request.POST)
    context = {"incident": incident, "composer": composer, "recipients": pages.recipients(incident)}
    return render(request, "incidents/_composer.html", context, status=UNPROCESSABLE)


def _unseen(request: HttpRequest, incident: Incident, first: collision.Unseen) -> HttpResponse:
    """Others were quicker: the message as it was typed, with what they did, to be sent anyway or not."""
    composer = pages.composer(
        visibility=request.POST.get("visibility", "public"), body=request.POST.get("body", "")
    )
    composer |= {"unseen": first.entries, "told": first.record.version}
    if not is_fragment(request):
        return _ticket(request, incident, status=CONFLICT, composer=composer)
    # the page still shows what it showed: sent again, the message is told again
    composer["version"] = collision.seen_by(request.POST)
    context = {"incident": incident, "composer": composer, "recipients": pages.recipients(incident)}
    return render(request, "incidents/_composer.html", context, status=CONFLICT)
