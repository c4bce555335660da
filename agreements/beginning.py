"""A new agreement: with whom and of which kind. What it promises is in its editions."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor, require
from accounts.models import Organisation, Team, User
from records.pages import actor_for, add_errors
from records.services import refuse
from sla.models import Agreement
from suppliers.models import Supplier

PARTY = {Agreement.Kind.SLA: "customer", Agreement.Kind.OLA: "team", Agreement.Kind.UC: "supplier"}
"""The field that names the other party, by kind."""


def begin(
    *,
    kind: str,
    name_en: str,
    name_zh: str,
    actor: Actor,
    customer: Organisation | None = None,
    team: Team | None = None,
    supplier: Supplier | None = None,
    parent: Agreement | None = None,
    people: Iterable[User] = (),
    code: str = "",
) -> Agreement:
    """A new agreement without any edition; without a customer, an SLA is the default commitment.

    ValidationError keyed by field: OLAs have a team, UCs a supplier, and no other party; there is one default
    commitment, and each code names one agreement.
    """
    require(actor, "draft_agreement")
    if not name_en.strip():
        raise refuse("name_en", _("Give it a name."), "required")
    given = {"customer": customer, "team": team, "supplier": supplier}
    party = PARTY[Agreement.Kind(kind)]
    for field, value in given.items():
        if field != party and value is not None:
            raise refuse(field, _("An agreement of this kind has another party."))
    if kind != Agreement.Kind.SLA and given[party] is None:
        raise refuse(party, _("Choose the other party."), "required")
    if supplier and not supplier.may_contract(timezone.localdate()):
        raise refuse("supplier", _("This supplier is not admitted, or its admission has lapsed."))
    named = list(people)
    _check_layer(kind, customer, parent, named)
    if kind == Agreement.Kind.SLA and customer is None and _default_exists():
        words = _("There is a default commitment already; choose a customer, or make its next edition.")
        raise refuse("customer", words)
    with transaction.atomic():
        made = Agreement.objects.create(
            kind=kind, name_en=name_en.strip(), name_zh=name_zh.strip(), code=_code(code, name_en),
            parent=parent, **given,
        )  # fmt: skip
        made.people.set(named)
    return made


def _check_layer(
    kind: str, customer: Organisation | None, parent: Agreement | None, people: list[User]
) -> None:
    """A lower agreement is with the same customer as the one above, for that customer's people."""
    if parent and (kind != Agreement.Kind.SLA or customer is None or parent.customer_id != customer.pk):
        raise refuse("parent", _("The agreement above is one with the same customer."))
    if people and parent is None:
        raise refuse("people", _("Only a lower agreement is for some people; choose the one above."))
    if customer and any(person.organisation_id != customer.pk for person in people):
        raise refuse("people", _("Choose people of the customer."))


def _default_exists() -> bool:
    return Agreement.objects.filter(kind=Agreement.Kind.SLA, customer=None, ended_at=None).exists()


def _code(code: str, name: str) -> str:
    """The code asked for if it is free, or one made from the name."""
    if code:
        if Agreement.objects.filter(code=code).exists():
            raise ValidationError({"code": _("This code is taken.")})
        return code
    stem = slugify(name)[:40] or "agreement"
    taken = set(Agreement.objects.filter(code__startswith=stem).values_list("code", flat=True))
    return next(c for c in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if c not in taken)


class Begin(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Agreement.Kind.choices)
    name_en = forms.CharField(label=gettext_lazy("name (English)"), max_length=200)
    name_zh = forms.CharField(label=gettext_lazy("name (Chinese)"), max_length=200, required=False)
    customer = forms.ModelChoiceField(
        Organisation.objects.none(), label=gettext_lazy("Customer"), required=False,
        empty_label=gettext_lazy("everybody without an agreement"),
        help_text=gettext_lazy("Of a service level agreement."),
    )  # fmt: skip
    team = forms.ModelChoiceField(
        Team.objects.filter(is_active=True), label=gettext_lazy("Team"), required=False,
        help_text=gettext_lazy("Who promises, in an operational level agreement."),
    )  # fmt: skip
    supplier = forms.ModelChoiceField(
        Supplier.objects.filter(is_active=True), label=gettext_lazy("Supplier"), required=False,
        help_text=gettext_lazy("Who promises, in an underpinning contract."),
    )  # fmt: skip
    parent = forms.ModelChoiceField(
        Agreement.objects.none(), label=gettext_lazy("Layer above"), required=False,
        empty_label=gettext_lazy("none: it is for the whole organisation"),
        help_text=gettext_lazy("It inherits from that agreement what it does not state itself."),
    )  # fmt: skip
    people = forms.ModelMultipleChoiceField(
        User.objects.none(), label=gettext_lazy("People it is for"), required=False,
        help_text=gettext_lazy("Of a lower agreement for a unit. None chosen: for services in its scope."),
    )  # fmt: skip
    code = forms.SlugField(
        label=gettext_lazy("Code"), max_length=50, required=False,
        help_text=gettext_lazy("For programs and links; made from the name if empty."),
    )  # fmt: skip

    def offer(self, actor: Actor) -> None:
        """Only customers whom the actor covers."""
        rows = Organisation.objects.filter(kind=Organisation.Kind.CUSTOMER, is_active=True)
        customer: forms.ModelChoiceField[Organisation] = self.fields["customer"]  # type: ignore[assignment]
        covered = rows if actor.scope is None else rows.filter(pk__in=actor.scope)
        customer.queryset = covered
        parent: Any = self.fields["parent"]
        parent.queryset = Agreement.objects.filter(kind="sla", customer__in=covered, ended_at=None)
        people: Any = self.fields["people"]
        people.queryset = User.objects.filter(organisation__in=covered, is_active=True)


def page(request: HttpRequest) -> HttpResponse:
    """Make a new agreement, and go on to its first edition."""
    actor = actor_for(request, "draft_agreement")
    form = Begin(request.POST if request.method == "POST" else None)
    form.offer(actor)
    if form.is_valid():
        try:
            made = begin(**form.cleaned_data, actor=actor)
            return redirect(f"{reverse('agreements:new')}?{urlencode({'agreement': made.pk})}")
        except ValidationError as refused:
            add_errors(form, refused)
    return render(request, "agreements/begin.html", {"form": form}, status=422 if form.errors else 200)
