"""The agents' pages of a request: everything that can be done to it, and the conversation.

A step's form opens in place (htmx) and its answer swaps what changed; without scripts the same addresses
answer whole pages. Errors come back as 422, what somebody else did first as 409, with everything typed kept.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

import records.services
from accounts.access import require
from fulfilment import act_forms, acts, pages, queries
from fulfilment.act_forms import ActForm
from fulfilment.acts import Act
from fulfilment.guard import CONFLICT, UNPROCESSABLE, desk_only
from fulfilment.models import ServiceRequest
from records import collision, notices
from records.lifecycle import IllegalMove
from records.pages import actor_of, add_errors, get_one, now_utc


def is_fragment(request: HttpRequest) -> bool:
    return bool(request.htmx)  # type: ignore[attr-defined]


@desk_only
@require_http_methods(["GET", "HEAD"])
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """The request: what was ordered, targets, conversation, and what can be done next."""
    ordered = get_one(ServiceRequest, actor_of(request), number)
    if ordered.number != number:
        return HttpResponseRedirect(ordered.get_absolute_url())
    notices.read_about(ordered, actor_of(request), now=now_utc())
    return _ticket(request, ordered)


def _ticket(request: HttpRequest, ordered: ServiceRequest, *, status: int = 200, **over: Any) -> HttpResponse:
    """The whole page; ``over`` opens a step's form or keeps an unsent message in it."""
    before = request.GET.get("before")
    context = pages.ticket(ordered, actor_of(request), now=now_utc(), before=before)
    return render(request, "fulfilment/detail.html", {**context, **over}, status=status)


def _changed(
    request: HttpRequest, ordered: ServiceRequest, *, status: int = 200, **over: Any
) -> HttpResponse:
    """The parts of the page that a step may change, for htmx to put in their places."""
    fresh = get_one(ServiceRequest, actor_of(request), ordered.number)
    context = pages.ticket(fresh, actor_of(request), now=now_utc())
    return render(request, "fulfilment/_changed.html", {**context, **over, "oob": True}, status=status)


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """One step: GET opens its form in place, POST takes it."""
    ordered = get_one(ServiceRequest, actor_of(request), number)
    step = acts.ACTS.get(action)
    if step is None:
        raise Http404(_("There is no such step."))
    require(actor_of(request), step.permission, ordered)
    if request.method == "POST":
        return _take(request, ordered, step)
    form = step.form(request=ordered, actor=actor_of(request), initial=request.GET.dict())
    try:
        step.check(ordered)
    except IllegalMove as illegal:
        return _panel(request, ordered, step, form, status=CONFLICT, refused=pages.why_not(illegal))
    return _panel(request, ordered, step, form)


def _take(request: HttpRequest, ordered: ServiceRequest, step: Act) -> HttpResponse:
    actor = actor_of(request)
    form = step.form(request.POST, request.FILES, request=ordered, actor=actor)
    call = acts.Call(actor, now_utc(), pages.version_in(request.POST))
    try:
        step.check(ordered)
        if form.is_valid():
            step.run(ordered, dict(form.cleaned_data), call)
            return _done(request, ordered)
    except ValidationError as error:
        add_errors(form, error)
    except records.services.Stale as stale:
        changes = queries.changes_since(stale, actor)
        fresh = get_one(ServiceRequest, actor, ordered.number)
        return _panel(request, fresh, step, form, status=CONFLICT, changes=changes)
    except IllegalMove as illegal:
        fresh = get_one(ServiceRequest, actor, ordered.number)
        return _panel(request, fresh, step, form, status=CONFLICT, refused=pages.why_not(illegal))
    return _panel(request, ordered, step, form, status=UNPROCESSABLE)


def _done(request: HttpRequest, ordered: ServiceRequest) -> HttpResponse:
    if is_fragment(request):
        return _changed(request, ordered, closes_panel=True, said=_("Saved."))
    return HttpResponseRedirect(ordered.get_absolute_url())


def _panel(
    request: HttpRequest,
    ordered: ServiceRequest,
    step: Act,
    form: ActForm,
    *,
    status: int = 200,
    **over: Any,
) -> HttpResponse:
    """A step's form: alone for htmx, in its place on the whole page otherwise.

    After a conflict the page around it is shown as it is now as well.
    """
    panel = {"panel": {**pages.panel(ordered, step, form), **over}}
    if not is_fragment(request):
        return _ticket(request, ordered, status=status, **panel)
    if status == CONFLICT:
        return _changed(request, ordered, status=status, **panel)
    return render(request, "fulfilment/_panel.html", {**panel, "record": ordered}, status=status)


@desk_only
@require_POST
def comment(request: HttpRequest, number: str) -> HttpResponse:
    """A public reply or an internal note."""
    actor = actor_of(request)
    ordered = get_one(ServiceRequest, actor, number)
    form = act_forms.Comment(request.POST)
    visibility = request.POST.get("visibility", "public")
    if form.is_valid():
        try:
            collision.comment(
                ordered, seen=collision.seen_by(request.POST), text=form.cleaned_data["body"],
                is_public=visibility == "public", actor=actor, now=now_utc(),
                attachments=[f for f in request.FILES.getlist("attachments") if f],
            )  # fmt: skip
        except collision.Unseen as first:
            return _unseen(request, ordered, first)
        except ValidationError as error:
            add_errors(form, error)
        else:
            if is_fragment(request):
                composer = pages.composer(visibility=visibility)
                return _changed(request, ordered, composer=composer, composes=True, said=_("Sent."))
            return HttpResponseRedirect(ordered.get_absolute_url())
    problems = [str(problem) for found in form.errors.values() for problem in found]
    composer = pages.composer(visibility=visibility, body=request.POST.get("body", ""), errors=problems)
    if not is_fragment(request):
        return _ticket(request, ordered, status=UNPROCESSABLE, composer=composer)
    composer["version"] = collision.seen_by(request.POST)
    context = {**pages.ticket(ordered, actor, now=now_utc()), "composer": composer}
    return render(request, "fulfilment/_composer.html", context, status=UNPROCESSABLE)


def _unseen(request: HttpRequest, ordered: ServiceRequest, first: collision.Unseen) -> HttpResponse:
    """Others were quicker: the message as it was typed, with what they did, to be sent anyway or not."""
    composer = pages.composer(
        visibility=request.POST.get("visibility", "public"), body=request.POST.get("body", "")
    )
    composer |= {"unseen": first.entries, "told": first.record.version}
    if not is_fragment(request):
        return _ticket(request, ordered, status=CONFLICT, composer=composer)
    # the page still shows what it showed: sent again, the message is told again
    composer["version"] = collision.seen_by(request.POST)
    context = {**pages.ticket(ordered, actor_of(request), now=now_utc()), "composer": composer}
    return render(request, "fulfilment/_composer.html", context, status=CONFLICT)
