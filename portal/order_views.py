"""Ordering: what there is, one entry with its form, and taking an order back."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from fulfilment import charging, ordering, services
from fulfilment.models import Offering, ServiceRequest
from fulfilment.order_form import OrderForm
from portal import orders
from portal.forms import FILE_HELP, FilesField, take_errors
from portal.guard import customer_page, user_of
from portal.once import once
from records.files import MAX_SIZE
from records.models import Channel
from records.once import fingerprint
from records.pages import actor_of, get_one, now_utc
from records.services import MAX_TEXT


class Order(OrderForm):
    """The entry's own fields, and what may be said besides."""

    once = forms.UUIDField(widget=forms.HiddenInput, required=False)
    edition = forms.IntegerField(widget=forms.HiddenInput)
    requester = forms.ModelChoiceField(
        label=gettext_lazy("For whom?"), queryset=User.objects.none(), required=False,
        empty_label=gettext_lazy("For me"),
    )  # fmt: skip
    quantity = forms.IntegerField(
        label=gettext_lazy("How many?"), min_value=1, max_value=ordering.MOST, initial=1
    )
    remark = forms.CharField(
        label=gettext_lazy("Anything else we should know?"), required=False, max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    attachments = FilesField(label=gettext_lazy("Files"), required=False)

    def __init__(self, *args: Any, for_others: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        people = User.objects.filter(organisation=self.organisation, is_active=True)
        people = people.prefetch_related("grants", "memberships").order_by("display_name")
        if for_others:
            self.fields["requester"].queryset = people  # type: ignore[attr-defined]
        else:
            del self.fields["requester"]
        self.fields["attachments"].help_text = FILE_HELP % {"n": MAX_SIZE // 2**20}


@require_GET
@customer_page
def catalogue(request: HttpRequest) -> HttpResponse:
    """Everything the reader may order, by service, narrowed by words."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:200]
    context = {"q": text, "groups": orders.groups(actor_of(request), text)}
    return render(request, "portal/catalogue.html", context)


@require_http_methods(["GET", "POST"])
@customer_page
def offering(request: HttpRequest, code: str) -> HttpResponse:
    """One entry: what it is, costs and takes, and the form to order it. Sending twice orders once."""
    actor, user = actor_of(request), user_of(request)
    rows = Offering.objects.visible_to(actor).offered()
    row = get_object_or_404(rows.select_related("service__present", "present"), code=code)
    if row.present is None:
        raise Http404
    context: dict[str, Any] = {"card": orders.card(row), "offering": row}
    if row.is_away:
        status = 200 if request.method == "GET" else 422
        return render(request, "portal/offering.html", context, status=status)
    build: dict[str, Any] = {
        "blueprint": row.present.blueprint,
        "organisation": user.organisation,
        "for_others": actor.has("customer_manager"),
    }
    if request.method == "GET":
        form = Order(initial={"edition": row.present.number, "once": uuid.uuid4()}, **build)
        return render(request, "portal/offering.html", {**context, "form": form})
    form = Order(request.POST, request.FILES, **build)
    if form.is_valid():
        key = fingerprint(request) if form.cleaned_data["once"] else ""
        try:
            return redirect(once(key, lambda: _order(request, row, form), user=user, now=now_utc()))
        except ValidationError as error:
            take_errors(form, error)
    return render(request, "portal/offering.html", {**context, "form": form}, status=422)


def _order(request: HttpRequest, row: Offering, form: Order) -> str:
    actor, user, given = actor_of(request), user_of(request), form.cleaned_data
    made = ordering.order(
        row, form.given, customer=user.organisation, requester=given.get("requester") or user, reporter=user,
        actor=actor, now=now_utc(), quantity=given["quantity"], remark=given["remark"],
        channel=Channel.PORTAL, attachments=[*given["attachments"], *form.uploads],
        edition=given["edition"],
    )  # fmt: skip
    thanks = _("Thank you. Your request has the number %(number)s.") % {"number": made.number}
    messages.success(request, thanks)
    return reverse("portal:detail", args=[made.number])


@require_POST
@customer_page
def take_back(request: HttpRequest, number: str) -> HttpResponse:
    """The customer no longer wants it. Pressed twice it stays taken back."""
    ordered = get_one(ServiceRequest, actor_of(request), number)
    if ordered.state != "cancelled":
        services.take_back(ordered, actor=actor_of(request), now=now_utc())
    messages.success(request, _("The request was taken back."))
    return redirect("portal:detail", ordered.number)


@require_POST
@customer_page
def quotation(request: HttpRequest, number: str, pk: int, act: str) -> HttpResponse:
    """Accept or decline what was quoted. Sent twice it is decided once, and says so."""
    actor = actor_of(request)
    ordered = get_one(ServiceRequest, actor, number)
    offered = get_object_or_404(ordered.quotations, pk=pk)
    try:
        if act == "accept":
            charging.accept(offered, actor=actor, now=now_utc())
            messages.success(request, _("Thank you. We begin the work."))
        else:
            reason = request.POST.get("reason", "").replace("\0", "")[:MAX_TEXT]
            charging.decline(offered, reason=reason, actor=actor, now=now_utc())
            messages.success(request, _("You declined the quotation; the request is ended."))
    except ValidationError as refused:
        for words in refused.messages:
            messages.warning(request, words)
    return redirect("portal:detail", ordered.number)
