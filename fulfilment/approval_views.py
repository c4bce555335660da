"""Approvals: those that wait for the reader, one of them, and the page behind the link of a mail."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import Actor
from accounts.models import Organisation, User
from fulfilment import answers, approvals, links
from fulfilment.act_forms import text
from fulfilment.models import Approval, ServiceRequest
from fulfilment.prices import price_words
from records.pages import actor_of, add_errors, frame_of, now_utc, reader_of, url_of

MOST = 200
RESULTS = (
    (Approval.Result.APPROVED.value, gettext_lazy("Approve")),
    (Approval.Result.REJECTED.value, gettext_lazy("Reject")),
)


class Decide(forms.Form):
    use_required_attribute = False
    result = forms.ChoiceField(
        label=gettext_lazy("Your decision"), choices=RESULTS, widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Approve or reject.")},
    )  # fmt: skip
    comment = text(gettext_lazy("Comment"), 3, help_text=gettext_lazy("Needed if you reject it."))


class HandOver(forms.Form):
    use_required_attribute = False
    person = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("Who decides in your place"),
        empty_label=gettext_lazy("Please choose"),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, request: ServiceRequest, **options: Any) -> None:
        super().__init__(*args, **options)
        own = {request.requester_id, request.reporter_id, actor.user_id}
        rows = User.objects.filter(organisation=actor.organisation_id, is_active=True).exclude(pk__in=own)
        rows = rows.exclude(organisation__kind=Organisation.Kind.PROVIDER, grants=None)
        self.fields["person"].queryset = rows.distinct().order_by("display_name")  # type: ignore[attr-defined]


def shown(request: ServiceRequest) -> dict[str, Any]:
    """What somebody must know to decide: what is ordered, for whom, at what price."""
    blueprint = request.ordered_version.blueprint
    return {
        "record": request,
        "answers": answers.lines(request.answers),
        "what": answers.words({"en": blueprint.what.en, "zh": blueprint.what.zh}),
        "price": price_words(blueprint),
    }


def _mine(request: HttpRequest, pk: int) -> tuple[Approval, ServiceRequest]:
    """An approval asked of the reader, decided or not; else 404."""
    actor = reader_of(request)
    rows = Approval.objects.of(actor).select_related("stage")
    approval = get_object_or_404(rows, pk=pk)
    seen = ServiceRequest.objects.visible_to(actor).select_related(
        "customer", "requester", "ordered_version", "offering"
    )
    return approval, get_object_or_404(seen, pk=approval.stage.request_id)


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """What waits for the reader's decision, the oldest first."""
    actor = reader_of(request)
    rows = (
        Approval.objects.waiting()
        .of(actor)
        .select_related("stage__request__requester", "stage__request__customer")
    )
    context = {"frame": frame_of(actor), "rows": rows.order_by("stage__opened_at", "pk")[:MOST]}
    return render(request, "fulfilment/approvals.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """One approval: what is ordered, and the answer to it."""
    approval, ordered = _mine(request, pk)
    form = Decide(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            approvals.decide(approval, **form.cleaned_data, actor=actor_of(request), now=now_utc())
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            messages.success(
                request, _("Your decision on %(number)s is recorded.") % {"number": ordered.number}
            )
            return redirect("fulfilment:approvals")
    return _shown(request, approval, ordered, form)


def _shown(
    request: HttpRequest, approval: Approval, ordered: ServiceRequest, form: Decide, handing: Any = None
) -> HttpResponse:
    actor = actor_of(request)
    is_waiting = Approval.objects.waiting().filter(pk=approval.pk).exists()
    context = {
        **shown(ordered),
        "frame": frame_of(actor),
        "approval": approval,
        "stage": approval.stage,
        "is_waiting": is_waiting,
        "form": form,
        "handing": handing or HandOver(actor=actor, request=ordered, auto_id="hand-%s"),
        "record_url": url_of(ordered, actor),
    }
    failed = form.errors or (handing and handing.errors) or (request.method == "POST" and not is_waiting)
    return render(request, "fulfilment/approval.html", context, status=422 if failed else 200)


@login_required
@require_POST
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody else decide in the reader's place."""
    approval, ordered = _mine(request, pk)
    form = HandOver(request.POST, actor=actor_of(request), request=ordered, auto_id="hand-%s")
    if form.is_valid():
        try:
            approvals.hand_over(approval, **form.cleaned_data, actor=actor_of(request), now=now_utc())
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            messages.success(
                request, _("%(person)s was asked.") % {"person": form.cleaned_data["person"].name}
            )
            return redirect("fulfilment:approvals")
    return _shown(request, approval, ordered, Decide(), form)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a mail's link, without login, in the language of whom it was sent to.

    Looking changes nothing; only its button decides.
    """
    try:
        approval = links.read(token)
    except links.Refused as refusal:
        return _refused(request, refusal)
    language = approval.person.language
    if language in dict(settings.LANGUAGES) and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        with translation.override(language):
            return _behind_link(request, token, approval)
    return _behind_link(request, token, approval)


def _refused(request: HttpRequest, refusal: links.Refused) -> HttpResponse:
    return render(request, "fulfilment/link_refused.html", {"words": refusal.words}, status=410)


def _behind_link(request: HttpRequest, token: str, approval: Approval) -> HttpResponse:
    try:
        form = Decide(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                ordered = links.decide(token, **form.cleaned_data, now=now_utc())
            except ValidationError as refused:
                add_errors(form, refused)
            else:
                told = {"record": ordered, "result": form.cleaned_data["result"]}
                return render(request, "fulfilment/link_done.html", told)
    except links.Refused as refusal:
        return _refused(request, refusal)
    ordered = ServiceRequest.objects.select_related(
        "customer", "requester", "ordered_version", "offering"
    ).get(pk=approval.stage.request_id)
    context = {**shown(ordered), "stage": approval.stage, "person": approval.person, "form": form}
    return render(request, "fulfilment/link.html", context, status=422 if form.errors else 200)
