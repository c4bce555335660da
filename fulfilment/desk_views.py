"""Access rights and their ends, and quantities done against planned."""

from datetime import date, timedelta

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.access import may, require
from fulfilment import attainment, rights
from fulfilment.guard import desk_only
from fulfilment.models import AccessRight, Offering
from records.pages import actor_of, now_utc

PAGE = 50
SOON = timedelta(days=30)
SHOWN = {
    "over": gettext_lazy("Run out, to be withdrawn"),
    "soon": gettext_lazy("Running out within 30 days"),
    "all": gettext_lazy("In force"),
}


class Withdraw(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why it is withdrawn"), max_length=300)


@desk_only
@require_safe
def rights_list(request: HttpRequest) -> HttpResponse:
    """Rights granted by access requests: those over and those running out first."""
    actor, today = actor_of(request), timezone.localdate()
    visible = AccessRight.objects.visible_to(actor)
    found = {
        "over": visible.to_withdraw(today),
        "soon": visible.in_force(today).filter(valid_until__lte=today + SOON),
        "all": visible.in_force(today),
    }
    show = request.GET.get("show", "")
    show = show if show in SHOWN else next((k for k in ("over", "soon") if found[k].exists()), "all")
    rows = found[show].select_related("person", "request__customer", "authorised_by")
    page = Paginator(rows.order_by("valid_until", "pk"), PAGE).get_page(request.GET.get("page"))
    choices = [(key, label, found[key].count()) for key, label in SHOWN.items()]
    context = {"page": page, "show": show, "choices": choices, "today": today}
    return render(request, "fulfilment/rights.html", context)


@desk_only
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a right away, with the reason."""
    actor = actor_of(request)
    right = get_object_or_404(AccessRight.objects.visible_to(actor).select_related("request"), pk=pk)
    form = Withdraw(request.POST)
    if form.is_valid():
        try:
            rights.withdraw(right, reason=form.cleaned_data["reason"], actor=actor, now=now_utc())
        except ValidationError as refused:
            messages.warning(request, " ".join(refused.messages))
        else:
            messages.success(request, _("The right was withdrawn."))
    else:
        messages.warning(request, _("Say why the right is withdrawn."))
    return redirect(right.request)


def _month(text: str) -> date:
    """The month of "2026-11"; the present one where it is none."""
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        found = timezone.localdate().replace(day=1)
    return found if 2000 <= found.year <= 2999 else timezone.localdate().replace(day=1)


@desk_only
@require_safe
def attained(request: HttpRequest) -> HttpResponse:
    """What was done in a month beside what was planned, by service."""
    actor = actor_of(request)
    month = _month(request.GET.get("month", ""))
    context = {
        "month": month,
        "groups": attainment.of_month(actor, month),
        "may_plan": may(actor, "design_offerings"),
    }
    return render(request, "fulfilment/attainment.html", context)


class Plan(forms.Form):
    month = forms.CharField(max_length=7)
    quantity = forms.IntegerField(required=False, min_value=0, max_value=1_000_000)


@desk_only
@require_POST
def plan(request: HttpRequest, code: str) -> HttpResponse:
    """Set what is planned of an entry in a month; empty takes the plan away."""
    actor = actor_of(request)
    require(actor, "design_offerings")
    offering = get_object_or_404(Offering, code=code)
    form = Plan(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Give a whole number, or nothing."))
        return redirect("fulfilment:attainment")
    month = _month(form.cleaned_data["month"])
    attainment.plan(offering, month, form.cleaned_data["quantity"], actor=actor)
    return redirect(f"{reverse('fulfilment:attainment')}?month={month:%Y-%m}")
