"""The desk's pages of customers: the list, and one with everything about it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Actor
from accounts.models import Organisation
from actions import steps
from actions.forms import Because
from customers import overview, profiles
from customers import profile_forms as shapes
from customers.models import ContactPerson, Grade, Publication, Standing, Visit
from records.pages import agent_of, now_utc

PAGE = 50


def listing(request: HttpRequest) -> HttpResponse:
    """Customers with their class, grade and account manager, and what is open."""
    actor = agent_of(request)
    rows, asked = overview.customers(actor), request.GET
    grade, standing = asked.get("grade", ""), asked.get("standing", "")
    if grade in Grade.values:
        rows = rows.filter(profile__grade=grade)
    if standing in Standing.values:
        rows = rows.filter(_standing(standing))
    if asked.get("who") == "mine":
        rows = rows.filter(profile__account_manager=actor.user_id)
    if asked.get("key") == "yes":
        rows = rows.filter(profile__is_key=True)
    page = Paginator(rows, PAGE).get_page(asked.get("page"))
    kept = asked.copy()
    kept.pop("page", None)
    context = {
        "rows": overview.rows_of(page, actor),
        "page": page,
        "kept": kept.urlencode(),
        "grade": grade,
        "standing": standing,
        "mine": asked.get("who") == "mine",
        "key": asked.get("key") == "yes",
        "grades": Grade.choices,
        "standings": Standing.choices,
    }
    return render(request, "customers/customers.html", context)


def _standing(standing: str) -> Q:
    """A customer without a profile is an existing one."""
    found = Q(profile__standing=standing)
    return found | Q(profile=None) if standing == Standing.EXISTING else found


def _customer(actor: Actor, code: str) -> Organisation:
    return get_object_or_404(overview.customers(actor), code=code)


def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One customer with everything about it."""
    actor = agent_of(request)
    return _shown(request, actor, _customer(actor, code))


Failed = tuple[str, forms.BaseForm]
ON_THE_PAGE = frozenset({"keep", "change", "contact", "visit", "publication"})


def _shown(
    request: HttpRequest, actor: Actor, customer: Organisation, failed: Failed | None = None
) -> HttpResponse:
    context = overview.whole(customer, actor, now=now_utc())
    profile, name = context["profile"], failed[0] if failed else ""
    may_keep = profiles.may_keep(actor, profile)
    context |= {
        "may_keep": may_keep,
        "acts": [
            {"name": each, "label": label, "form": failed[1] if failed and each == name else form}
            for each, label, form in (_forms(customer, profile) if may_keep else ())
        ],
        "visit_form": shapes.Held(),
        "off_form": Because(),
        "publish_form": shapes.Publish(),
        "refused": failed[1] if failed and not (may_keep and name in ON_THE_PAGE) else None,
    }
    return render(request, "customers/customer.html", context, status=422 if failed else 200)


def _forms(customer: Organisation, profile: Any) -> list[tuple[str, str, forms.BaseForm]]:
    return [
        ("keep", _("Change master data"), shapes.Keep(instance=profile, auto_id="keep-%s")),
        ("change", _("Change class, grade or standing"), shapes.Change(auto_id="change-%s")),
        ("contact", _("Add a contact person"), shapes.Contact(customer=customer, auto_id="contact-%s")),
        ("visit", _("Plan a visit"), shapes.PlanVisit(auto_id="visit-%s")),
        (
            "publication",
            _("Plan a publication"),
            shapes.PlanPublication(customer=customer, auto_id="publication-%s"),
        ),
    ]


def _bound(name: str, customer: Organisation, data: Any) -> forms.BaseForm:
    if name == "keep":
        return shapes.Keep(data, instance=profiles.profile_of(customer), auto_id="keep-%s")
    if name == "contact":
        return shapes.Contact(data, customer=customer, auto_id="contact-%s")
    if name == "publication":
        return shapes.PlanPublication(data, customer=customer, auto_id="publication-%s")
    plain: dict[str, type[forms.Form]] = {"change": shapes.Change, "visit": shapes.PlanVisit}
    if name not in plain:
        raise Http404(_("There is no such step."))
    return plain[name](data, auto_id=f"{name}-%s")


ACTS: dict[str, Callable[..., Any]] = {
    "change": profiles.change,
    "contact": profiles.add_contact,
    "visit": profiles.plan_visit,
    "publication": profiles.plan_publication,
}


@require_POST
def act(request: HttpRequest, code: str, act: str) -> HttpResponse:
    """Change what is known of a customer; what is refused comes back on the page."""
    actor = agent_of(request)
    customer = _customer(actor, code)
    form = _bound(act, customer, request.POST)
    if form.is_valid():
        doing: dict[str, Any] = {"actor": actor, "now": now_utc()}
        try:
            if isinstance(form, shapes.Keep):
                profiles.edit(customer, form.facts, version=form.cleaned_data["version"], **doing)
            else:
                ACTS[act](customer, **form.cleaned_data, **doing)
            return redirect("customers:customer", customer.code)
        except ValidationError as refused:
            steps.add_errors(form, refused)
    return _shown(request, actor, customer, (act, form))


@require_POST
def item_act(request: HttpRequest, code: str, item: int, act: str) -> HttpResponse:
    """An act on a visit, a publication or a contact person of the customer."""
    actor = agent_of(request)
    customer = _customer(actor, code)
    doing: dict[str, Any] = {"actor": actor, "now": now_utc()}
    if act == "drop":
        profiles.drop_contact(get_object_or_404(ContactPerson, pk=item, customer=customer), **doing)
        return redirect("customers:customer", customer.code)
    found: dict[str, tuple[Any, type[forms.Form], Callable[..., Any]]] = {
        "held": (Visit, shapes.Held, profiles.record_visit),
        "call-off": (Visit, Because, profiles.call_off_visit),
        "publish": (Publication, shapes.Publish, profiles.publish),
    }
    if act not in found:
        raise Http404(_("There is no such step."))
    model, shape, verb = found[act]
    row, form = get_object_or_404(model, pk=item, customer=customer), shape(request.POST)
    if form.is_valid():
        try:
            verb(row, **form.cleaned_data, **doing)
            return redirect("customers:customer", customer.code)
        except ValidationError as refused:
            steps.add_errors(form, refused)
    return _shown(request, actor, customer, (act, form))
