"""What customers see of what they said: the list, a form, and one with the answer."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

import records.services
from accounts.access import Actor, may, require
from accounts.models import User
from actions import steps
from actions.steps import Step
from customers import access, complaints, lifecycle
from customers import forms as shapes
from customers.answering import waiting
from customers.models import Complaint
from customers.rows import row_of
from records.models import Attachment, Channel
from records.notices import read_about
from records.pages import actor_of, now_utc
from records.timeline import entries

MOST = 100


def _say(row: Complaint, *, text: str, **doing: Any) -> Any:
    return records.services.comment(row, text=text, is_public=True, **doing)


STEPS = {
    step.name: step
    for step in (
        Step(
            "rate", gettext_lazy("Say how content you are"), shapes.Rate,
            lambda actor, row: (
                row.state in lifecycle.REPLIED
                and row.outcome_score is None
                and may(actor, "rate_outcome", row)
            ),
            complaints.rate_outcome,
        ),
        Step(
            "say", gettext_lazy("Add something"), shapes.Say,
            lambda actor, row: row.state in lifecycle.OPEN and may(actor, "reply", row), _say,
        ),
        Step(
            "reopen", gettext_lazy("It is still not right"), shapes.StillWrong,
            lambda actor, row: row.state in lifecycle.REPLIED and may(actor, "reopen", row),
            complaints.reopen,
        ),
        Step(
            "retract", gettext_lazy("Take it back"), shapes.Because,
            lambda actor, row: row.state in lifecycle.UNANSWERED and may(actor, "retract", row),
            complaints.retract,
        ),
    )
}  # fmt: skip


def _customer(request: HttpRequest) -> Actor:
    """Who asks; the provider's people are shown their own page by the caller."""
    actor = actor_of(request)
    if not actor.is_staff_side:
        require(actor, "portal")
    return actor


def listing(request: HttpRequest) -> HttpResponse:
    """What the customer said, or follows, the newest first."""
    actor = _customer(request)
    if actor.is_staff_side:
        return redirect("customers:complaints")
    rows = access.complaints(actor).order_by("-pk")[:MOST]
    asked = waiting(actor, now=now_utc())
    context = {
        "rows": [row_of(row, now_utc()) for row in rows],
        "asked": asked.order_by("expires_at", "pk")[:MOST],
    }
    return render(request, "customers/portal_list.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Say something; the address may bring the request it is about."""
    actor = _customer(request)
    if actor.is_staff_side:
        return redirect("customers:new")
    if request.method == "POST":
        form = shapes.Feedback(request.POST, request.FILES, actor=actor)
        if form.is_valid():
            me = User.objects.select_related("organisation").get(pk=actor.user_id)
            try:
                made = complaints.receive(
                    **form.cleaned_data, customer=me.organisation, requester=me, channel=Channel.PORTAL,
                    actor=actor, now=now_utc(),
                )  # fmt: skip
                return redirect("customers:feedback", made.number)
            except ValidationError as refused:
                steps.add_errors(form, refused)
    else:
        nature = request.GET.get("nature", "")
        start = {"about": request.GET.get("about", "")[:20], "nature": nature or Complaint.Nature.COMPLAINT}
        form = shapes.Feedback(actor=actor, initial=start)
    return render(request, "customers/portal_new.html", {"form": form}, status=422 if form.errors else 200)


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One thing the customer said: how far it is, the answer, and what can be done next."""
    actor = _customer(request)
    if actor.is_staff_side:
        return redirect("records:go", number)
    row = access.get_complaint(actor, number)
    read_about(row, actor, now=now_utc())
    return _shown(request, actor, row)


def _shown(request: HttpRequest, actor: Actor, row: Complaint, failed: Any = None) -> HttpResponse:
    timeline = entries(row, actor, fold=False).entries
    context = {
        **row_of(row, now_utc()),
        "words": row.matter.words if row.is_confidential else row.description,
        "files": Attachment.objects.filter(record=row.pk, is_public=True).order_by("pk"),
        "steps": steps.possible(STEPS.values(), actor, row, failed),
        # what was said stands above
        "timeline": [entry for entry in timeline if entry.verb != "complaint.open"],
    }
    return render(request, "customers/portal_detail.html", context, status=422 if failed else 200)


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page."""
    actor = _customer(request)
    row = access.get_complaint(actor, number)
    if actor.is_staff_side:
        return redirect(row)
    failed = steps.take(STEPS, act, row, request.POST, actor=actor)
    if failed is None:
        return redirect("customers:feedback", row.number)
    return _shown(request, actor, access.get_complaint(actor, number), failed)
