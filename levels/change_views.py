"""Announcing the interruption of a change, and the notice that was agreed on."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from changes.models import Change
from levels import changing, queries
from levels.change_models import AgreedNotice
from records.pages import actor_for, add_errors, get_one, now_utc
from sla.models import Agreement

TEXT: dict[str, Any] = {"max_length": 300, "widget": forms.Textarea(attrs={"rows": 2})}


class AnnounceForm(forms.Form):
    """What customers read of it, in both languages."""

    reason_zh = forms.CharField(label=_("Reason (Chinese)"), **TEXT)
    reason_en = forms.CharField(label=_("Reason (English)"), **TEXT)
    agreed_with = forms.CharField(
        label=_("Agreed with"), max_length=200, required=False,
        help_text=_("Who agreed for the customers. Empty: announced only; it counts as an outage."),
    )  # fmt: skip


class NoticeForm(forms.Form):
    """The notice of one agreement; empty: none is recorded."""

    agreement = forms.ModelChoiceField(Agreement.objects.none(), label=_("Agreement"))
    hours = forms.IntegerField(
        label=_("Hours before it begins"), min_value=1, max_value=2160, required=False,
        help_text=_("Empty: no notice is recorded."),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agreement"].queryset = queries.agreements(actor)  # type: ignore[attr-defined]


def announce(request: HttpRequest, number: str) -> HttpResponse:
    """Tell the customers named in the agreements."""
    actor = actor_for(request, "desk", "plan_interruption")
    change = get_one(Change, actor, number)
    form = AnnounceForm(request.POST if request.method == "POST" else None)
    now = now_utc()
    if request.method == "POST" and form.is_valid():
        try:
            changing.announce(change, **form.cleaned_data, actor=actor, now=now)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            return redirect(change)
    customers = changing.customers_of(change, now=now)
    context = {"form": form, "change": change, "customers": customers, "is_all": customers == []}
    failed = request.method == "POST"
    return render(request, "levels/announce_change.html", context, status=422 if failed else 200)


def notices(request: HttpRequest) -> HttpResponse:
    """The notice that each agreement asks for."""
    actor = actor_for(request, "desk", "plan_interruption")
    form = NoticeForm(request.POST if request.method == "POST" else None, actor=actor)
    if request.method == "POST" and form.is_valid():
        agreement, hours = form.cleaned_data["agreement"], form.cleaned_data["hours"]
        if hours:
            AgreedNotice.objects.update_or_create(agreement=agreement, defaults={"hours": hours})
        else:
            AgreedNotice.objects.filter(agreement=agreement).delete()
        return redirect("levels:notices")
    rows = AgreedNotice.objects.filter(agreement__in=queries.agreements(actor)).select_related("agreement")
    context = {"form": form, "rows": rows.order_by("agreement__code")}
    return render(request, "levels/notices.html", context, status=422 if request.method == "POST" else 200)
