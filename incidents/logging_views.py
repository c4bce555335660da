"""Beside logging a ticket: what there is already, the fast path for emergencies, and the customer's urge."""

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from incidents import claims, emergency, forms, similar, urging
from incidents.models import Incident
from records.once import fingerprint
from records.pages import actor_for, agent_of, get_one, now_utc


@require_GET
def alike(request: HttpRequest) -> HttpResponse:
    """Open tickets like the one being written, possible parents, and what it may repeat."""
    actor = agent_of(request)
    asked = forms.Similar(request.GET, actor=actor).asked()
    context = {"similar": similar.find(actor, **asked, at=now_utc()), "asked": asked}
    return render(request, "incidents/_similar.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def urgent(request: HttpRequest) -> HttpResponse:
    """An emergency in five fields; sent twice it is logged once."""
    actor, now = agent_of(request), now_utc()
    if request.method != "POST":
        form = emergency.Emergency(actor=actor, initial={"once": uuid4().hex})
        return render(request, "incidents/emergency.html", {"form": form})
    form = emergency.Emergency(request.POST, actor=actor)
    if form.is_valid():
        facts = dict(form.cleaned_data)
        mark = fingerprint(request) if facts.pop("once") else ""
        try:
            number, _is_new = claims.log_once(
                mark, lambda: emergency.report(actor=actor, now=now, **facts), actor=actor, now=now
            )
        except ValidationError as error:
            forms.land(form, error)
        else:
            messages.success(request, _("%(number)s was logged as an emergency.") % {"number": number})
            return redirect("incidents:detail", number)
    return render(request, "incidents/emergency.html", {"form": form}, status=422)


@login_required
@require_POST
def urge(request: HttpRequest, number: str) -> HttpResponse:
    """The customer presses: we are asked to go on. Too soon after the last time it says from when."""
    actor = actor_for(request, "portal")
    incident = get_one(Incident, actor, number)
    try:
        urging.urge(incident, actor=actor, now=now_utc(), note=request.POST.get("note", "")[:2000])
    except ValidationError as refused:
        messages.warning(request, " ".join(refused.messages))
    else:
        messages.success(request, _("Thank you. Those who work on it know that it is urgent."))
    return redirect("portal:detail", incident.number)
