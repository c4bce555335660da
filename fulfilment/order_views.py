"""Ordering for a customer: an agent chooses the person and the entry, then fills in its form."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import Actor
from accounts.models import IdempotencyKey, Organisation, User
from fulfilment import ordering
from fulfilment.act_forms import show_chosen, text
from fulfilment.guard import UNPROCESSABLE, desk_only
from fulfilment.models import Offering
from fulfilment.order_form import OrderForm
from records.fields import Files, RemoteChoice
from records.models import Channel
from records.once import fingerprint
from records.pages import actor_of, add_errors, now_utc


def people_of(actor: Actor) -> Any:
    """The customers' people an agent may order for."""
    customers = Organisation.objects.filter(kind=Organisation.Kind.CUSTOMER, is_active=True)
    if actor.scope is not None:
        customers = customers.filter(pk__in=actor.scope)
    rows = User.objects.filter(is_active=True, organisation__in=customers)
    return rows.select_related("organisation").prefetch_related("grants", "memberships")


class Whom(forms.Form):
    """For whom, and what."""

    requester = RemoteChoice(
        User.objects.none(), what="people", label=gettext_lazy("Person"),
        error_messages={"required": gettext_lazy("Choose for whom this is ordered.")},
    )  # fmt: skip
    offering = forms.ModelChoiceField(
        Offering.objects.none(), label=gettext_lazy("What is ordered"), to_field_name="code",
        empty_label=gettext_lazy("Please choose"),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = Offering.objects.offered().select_related("service", "present").order_by("name_en")
        self.fields["requester"].queryset = people_of(actor)  # type: ignore[attr-defined]
        self.fields["offering"].queryset = rows  # type: ignore[attr-defined]
        show_chosen(self)


class Order(OrderForm):
    """The entry's own fields, and what an agent says besides."""

    once = forms.UUIDField(widget=forms.HiddenInput, required=False)
    edition = forms.IntegerField(widget=forms.HiddenInput)
    quantity = forms.IntegerField(label=gettext_lazy("Quantity"), min_value=1, max_value=10_000, initial=1)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), choices=Channel, initial=Channel.PHONE)
    remark = text(gettext_lazy("Remark"), 3)
    attachments = Files(label=gettext_lazy("Files"))


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Order for a customer. The person and the entry stand in the address, the form below them."""
    actor = actor_of(request)
    asked = Whom(request.GET or None, actor=actor)
    if not asked.is_bound or not asked.is_valid():
        # chosen in part: nothing is wrong yet
        whom = Whom(initial=request.GET.dict(), actor=actor) if not request.GET.get("offering") else asked
        status = UNPROCESSABLE if request.method == "POST" else 200
        return render(request, "fulfilment/new.html", {"whom": whom}, status=status)
    person, offering = asked.cleaned_data["requester"], asked.cleaned_data["offering"]
    context: dict[str, Any] = {"whom": asked, "person": person, "offering": offering}
    try:
        version = ordering.orderable(offering, person.organisation, person)
    except ValidationError as refused:
        return render(request, "fulfilment/new.html", {**context, "refused": refused.messages}, status=200)
    build: dict[str, Any] = {"blueprint": version.blueprint, "organisation": person.organisation}
    if request.method != "POST":
        form = Order(initial={"edition": version.number, "once": uuid4()}, **build)
        return render(request, "fulfilment/new.html", {**context, "form": form})
    form = Order(request.POST, request.FILES, **build)
    if form.is_valid():
        try:
            number = _once(request, form, offering, person, actor)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            messages.success(request, _("%(number)s was ordered.") % {"number": number})
            return redirect("fulfilment:detail", number)
    return render(request, "fulfilment/new.html", {**context, "form": form}, status=UNPROCESSABLE)


def _once(request: HttpRequest, form: Order, offering: Offering, person: User, actor: Actor) -> str:
    """The number of what this form ordered, now or when it was sent the first time."""
    mark, now, given = fingerprint(request), now_utc(), form.cleaned_data
    with transaction.atomic():
        claim, is_new = IdempotencyKey.objects.get_or_create(
            user_id=actor.user_id, key=f"requests.new:{mark}",
            defaults={"request_hash": mark, "created_at": now},
        )  # fmt: skip
        if is_new or not given["once"]:
            made = ordering.order(
                offering, form.given, customer=person.organisation, requester=person, actor=actor, now=now,
                quantity=given["quantity"], remark=given["remark"], channel=given["channel"],
                attachments=[*given["attachments"], *form.uploads], edition=given["edition"],
            )  # fmt: skip
            claim.status, claim.body = 302, made.number
            claim.save(update_fields=["status", "body"])
    return claim.body
