"""What a telephone opens for an agent: who calls, with open tickets, and a new ticket filled in already."""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_GET

import incidents.views
from accounts.access import Actor
from calls import callers, forms, queries, services
from calls.callers import Caller
from calls.models import CallRecord
from calls.numbers import key_of
from incidents import pages
from incidents.forms import NewIncident, Preview
from incidents.queries import others_of, preview
from records.models import Channel
from records.pages import agent_of, now_utc
from records.services import get_record

KEPT = ("number", "hotline", "branch", "call")
EARLIER = 5


def _call(actor: Actor, asked: QueryDict) -> CallRecord | None:
    """The call an address names by ``call`` (its id), if the actor may see it."""
    text = asked.get("call", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        return None
    return queries.shown(CallRecord.objects.visible_to(actor)).filter(pk=int(text)).first()


def _kept(asked: QueryDict) -> dict[str, str]:
    return {name: str(asked[name]).replace("\0", "")[:50] for name in KEPT if asked.get(name)}


@require_GET
def pop(request: HttpRequest) -> HttpResponse:
    """Who calls from ``number``, to which ``hotline`` (code or number) and ``branch``."""
    actor = agent_of(request)
    kept, call = _kept(request.GET), _call(actor, request.GET)
    number = kept.get("number", call.number if call else "")
    hotline = callers.hotline_named(kept.get("hotline", "")) or (call.hotline if call else None)
    branch = callers.branch_named(hotline, kept.get("branch", "")) or (call.branch if call else None)
    found = callers.people(key_of(number), actor)
    same = CallRecord.objects.visible_to(actor).exclude(key="").filter(key=key_of(number))
    earlier = queries.shown(same.exclude(pk=call.pk) if call else same)[:EARLIER]
    context = {
        "number": number, "hotline": hotline, "branch": branch, "call": call, "kept": kept,
        "callers": [_caller(each, actor, kept) for each in found],
        "form": forms.WhoIsIt(actor=actor),
        "earlier": [queries.line(row) for row in earlier],
    }  # fmt: skip
    return render(request, "calls/pop.html", context)


def _ticket_url(kept: dict[str, str], **who: Any) -> str:
    """The new ticket; what was typed for another call is not put into it."""
    draft = f"call-{kept.get('call') or key_of(kept.get('number', ''))}-{who.get('requester', '')}"
    return f"{reverse('calls:ticket')}?{urlencode({**kept, **who, 'draft': draft})}"


def _caller(caller: Caller, actor: Actor, kept: dict[str, str]) -> dict[str, Any]:
    who = {"customer": caller.customer.pk}
    if caller.person is not None:
        who["requester"] = caller.person.pk
    return {
        "caller": caller, "url": _ticket_url(kept, **who),
        "others": others_of(caller.person, actor) if caller.person else None,
    }  # fmt: skip


def ticket(request: HttpRequest) -> HttpResponse:
    """A new incident with what the call tells already; the call is put on it once it is logged."""
    actor = agent_of(request)
    if request.method != "POST":
        return _filled_in(request, actor)
    answer = incidents.views.new(request)
    call = _call(actor, request.GET)
    if call is not None and call.ticket_id is None and isinstance(answer, HttpResponseRedirect):
        _attach(call, answer.url, actor)
    return answer


def _attach(call: CallRecord, url: str, actor: Actor) -> None:
    try:
        number = resolve(url).kwargs.get("number", "")
    except Resolver404:
        return
    if number:
        record = get_record(actor, number)
        services.change(call, {"ticket": record}, actor=actor, now=now_utc(), expected_version=None)


def _filled_in(request: HttpRequest, actor: Actor) -> HttpResponse:
    kept, call = _kept(request.GET), _call(actor, request.GET)
    hotline = callers.hotline_named(kept.get("hotline", "")) or (call.hotline if call else None)
    branch = callers.branch_named(hotline, kept.get("branch", "")) or (call.branch if call else None)
    asked = Preview(request.GET, actor=actor).asked()  # whom the actor does not work for is not given
    person = asked["requester"]
    facts = callers.usual(hotline, branch)
    customer = asked["customer"] or (person.organisation if person else None)
    initial = {
        "once": uuid4().hex, "channel": Channel.PHONE, "customer": customer and customer.pk,
        "requester": person and person.pk, **facts,
    }  # fmt: skip
    form = NewIncident(actor=actor, initial=initial)
    chosen = Preview({**initial, "level": ""}, actor=actor).asked()
    context = {
        "form": form, "sections": {**pages.sections(form), "is_open": "team" in facts},
        **preview(chosen, actor, at=now_utc()),
    }  # fmt: skip
    return render(request, "incidents/new.html", context)
