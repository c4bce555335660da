"""What the scripts of the desk's pages ask for: who is here too, what happened meanwhile, what there is."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Actor
from records.collision import seen_in
from records.models import Record
from records.pages import agent_of, now_utc
from records.services import get_record
from workspace import news, palette, presence, watching

NOTHING = 204


def _pk_of(actor: Actor, number: str) -> int:
    """The record's id alone; what is invisible is 404."""
    found = Record.objects.visible_to(actor).filter(number=number).values_list("pk", flat=True).first()
    if found is None:
        raise Http404
    return int(found)


@require_POST
@login_required
def here(request: HttpRequest, number: str) -> HttpResponse:
    """A sign of life from a ticket's page; answers who else is there, 204 for nobody."""
    actor = agent_of(request)
    pk = _pk_of(actor, number)
    if "gone" in request.POST:
        presence.leave(pk, actor=actor)
        return HttpResponse(status=NOTHING)
    people = presence.note(pk, request.POST.get("writing", ""), actor=actor, now=now_utc())
    if not people:
        return HttpResponse(status=NOTHING)
    return render(request, "workspace/_people.html", {"people": people})


@require_safe
@login_required
def fresh(request: HttpRequest, number: str) -> HttpResponse:
    """What others did since the page was read; 204 while there is nothing to say."""
    actor = agent_of(request)
    seen = seen_in(request.GET.get("since", ""))
    found = news.since(number, seen, actor=actor) if seen is not None else None
    if found is None or not found.count:
        headers = {"X-Version": str(found.version)} if found else {}
        return HttpResponse(status=NOTHING, headers=headers)
    response = render(request, "workspace/_news.html", {"news": found, "number": number})
    response["X-Version"] = str(found.version)
    return response


@require_safe
@login_required
def find(request: HttpRequest) -> JsonResponse:
    """What the command palette offers for some letters: tickets, customers, people, services."""
    return JsonResponse({"groups": palette.find(request.GET.get("q", ""), agent_of(request))})


@require_POST
@login_required
def watch(request: HttpRequest, number: str) -> HttpResponse:
    """Follow a ticket, or stop following it."""
    actor = agent_of(request)
    record = get_record(actor, number)
    follows = watching.toggle(record, actor=actor, now=now_utc())
    words = _("You follow %(number)s now.") if follows else _("You do not follow %(number)s any more.")
    words %= {"number": record.number}
    if request.accepts("text/html"):
        messages.success(request, words)
        return redirect(record)
    return JsonResponse({"said": words, "follows": follows})
