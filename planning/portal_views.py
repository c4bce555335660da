"""What customers see of their needs: the list, a form for a new one, and how far one is. Nothing internal."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.access import Actor, may, require
from accounts.models import User
from actions import steps
from planning import forms as shapes
from planning import lifecycle, services, show
from planning.models import ServiceLevelRequirement
from records.models import Attachment
from records.notices import read_about
from records.pages import get_one, now_utc, reader_of
from records.services import comment
from records.timeline import entries

MOST = 100


def _need(actor: Actor, number: str) -> ServiceLevelRequirement:
    return get_one(ServiceLevelRequirement, actor, number)


def listing(request: HttpRequest) -> HttpResponse:
    """The needs the customer raised or follows, the newest first."""
    actor = reader_of(request)
    if actor.is_staff_side:
        return redirect("planning:list")
    rows = ServiceLevelRequirement.objects.visible_to(actor).order_by("-pk")[:MOST]
    context = {"rows": [show.portal_row(row) for row in rows], "may_raise": may(actor, "raise_need")}
    return render(request, "planning/portal_list.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Raise a need; the customer's project manager does."""
    actor = reader_of(request)
    if actor.is_staff_side:
        return redirect("planning:new")
    require(actor, "raise_need")
    if request.method == "POST":
        form = shapes.Need(request.POST, request.FILES)
        if form.is_valid():
            own = User.objects.select_related("organisation").get(pk=actor.user_id).organisation
            try:
                made = services.raise_need(**form.cleaned_data, customer=own, actor=actor, now=now_utc())
                return redirect("planning:need", made.number)
            except ValidationError as refused:
                steps.add_errors(form, refused)
    else:
        form = shapes.Need(initial={"service": request.GET.get("service", "")})
    return render(request, "planning/portal_new.html", {"form": form}, status=422 if form.errors else 200)


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One need: what was written, how far it is, the answer, and what was said since."""
    actor = reader_of(request)
    if actor.is_staff_side:
        return redirect("records:go", number)
    requirement = _need(actor, number)
    read_about(requirement, actor, now=now_utc())
    return _shown(request, actor, requirement, shapes.Reply(auto_id="reply-%s"))


def _shown(
    request: HttpRequest, actor: Actor, requirement: ServiceLevelRequirement, form: Any
) -> HttpResponse:
    found = entries(requirement, actor, fold=False).entries
    context = {
        **show.portal_row(requirement),
        "files": Attachment.objects.filter(record=requirement.pk, is_public=True).order_by("pk"),
        "form": form,
        "may_reply": requirement.state in lifecycle.OPEN,
        # what was raised stands above
        "timeline": [entry for entry in found[::-1] if entry.verb != "requirement.open"],
    }
    return render(request, "planning/portal.html", context, status=422 if form.errors else 200)


@require_POST
def reply(request: HttpRequest, number: str) -> HttpResponse:
    """The customer adds something, with files."""
    actor = reader_of(request)
    requirement = _need(actor, number)
    form = shapes.Reply(request.POST, request.FILES, auto_id="reply-%s")
    if form.is_valid():
        try:
            comment(requirement, **form.cleaned_data, is_public=True, actor=actor, now=now_utc())
            return redirect("planning:need", requirement.number)
        except ValidationError as refused:
            steps.add_errors(form, refused)
    return _shown(request, actor, requirement, form)
