"""The file of an agreement: its papers and the people who look after it; and the people of all agreements."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import User
from accounts.queries import people
from agreements import keepers, papers
from agreements.models import Edition, Keeper, Paper, State
from records.pages import actor_for, add_errors, get_one, now_utc
from sla.models import Agreement


class PaperForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=Paper.Kind.choices)
    title = forms.CharField(label=_("Title"), max_length=200)
    number = forms.CharField(label=_("Number"), max_length=100, required=False)
    approved_by = forms.CharField(label=_("Approved by"), max_length=150, required=False)
    approved_on = forms.DateField(
        label=_("Approved on"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    file = forms.FileField(label=_("File"), required=False)


class KeeperForm(forms.Form):
    part = forms.ChoiceField(label=_("Role"))
    person = forms.ModelChoiceField(User.objects.none(), label=_("Person"))

    def offer(self, agreement: Agreement | None, actor: Actor) -> "KeeperForm":
        """The parts there are, and the provider's and the customer's people."""
        part: Any = self.fields["part"]
        part.choices = [(p, Keeper.Part(p).label) for p in keepers.parts_of(agreement)]
        person: Any = self.fields["person"]
        customer = agreement.customer_id if agreement else None
        rows = people(actor).filter(is_active=True)
        staff = rows.filter(organisation__kind="provider")
        person.queryset = (staff | rows.filter(organisation=customer)) if customer else staff
        return self


def file(request: HttpRequest, number: str) -> HttpResponse:
    """What is kept with an agreement; each form of the page names what it does."""
    actor = actor_for(request, "draft_agreement")
    edition = get_one(Edition, actor, number)
    doing = request.POST.get("do", "")
    sent = (request.POST, request.FILES) if doing == "paper" else (None, None)
    filing = PaperForm(sent[0], sent[1], prefix="paper")
    naming = KeeperForm(request.POST if doing == "keeper" else None, prefix="keeper")
    naming.offer(edition.agreement, actor)
    if doing == "paper" and _done(filing, lambda: _add(edition, filing.cleaned_data, actor)):
        return redirect("agreements:file", edition.number)
    if doing == "keeper" and _done(naming, lambda: _name(edition.agreement, naming.cleaned_data, actor)):
        return redirect("agreements:file", edition.number)
    if doing == "end":
        _end(request, edition.agreement, actor)
        return redirect("agreements:file", edition.number)
    context = {
        "edition": edition,
        "state": State(edition.state).label,
        "papers": papers.of(edition.agreement),
        "contract": papers.contract_of(edition.agreement),
        "filing": filing,
        "naming": naming,
        "rows": keepers.of(edition.agreement),
        "shared": keepers.present().filter(agreement=None),
    }
    status = 422 if filing.errors or naming.errors else 200
    return render(request, "agreements/file.html", context, status=status)


def shared(request: HttpRequest) -> HttpResponse:
    """The people of all agreements together, what each part is for, and who has one in which agreement."""
    actor = actor_for(request, "draft_agreement")
    doing = request.POST.get("do", "")
    naming = KeeperForm(request.POST if doing == "keeper" else None, prefix="keeper").offer(None, actor)
    if doing == "keeper" and _done(naming, lambda: _name(None, naming.cleaned_data, actor)):
        return redirect("agreements:keepers")
    if doing == "end":
        _end(request, None, actor)
        return redirect("agreements:keepers")
    context = {
        "naming": naming,
        "rows": keepers.of(None),
        "duties": [(Keeper.Part(part).label, words) for part, words in keepers.DUTIES.items()],
        "elsewhere": keepers.present().exclude(agreement=None),
    }
    return render(request, "agreements/keepers.html", context, status=422 if naming.errors else 200)


def _done(form: forms.Form, act: Callable[[], Any]) -> bool:
    """Whether it was done; what is refused stands in the form."""
    if not form.is_valid():
        return False
    try:
        act()
    except ValidationError as refused:
        add_errors(form, refused)
        return False
    return True


def _add(edition: Edition, given: dict[str, Any], actor: Actor) -> None:
    facts = dict(given)
    attached = facts.pop("file")
    papers.add(edition, **facts, attachments=[attached] if attached else [], actor=actor, now=now_utc())


def _name(agreement: Agreement | None, given: dict[str, Any], actor: Actor) -> None:
    keepers.name(given["part"], given["person"], agreement=agreement, actor=actor, now=now_utc())


def _end(request: HttpRequest, agreement: Agreement | None, actor: Actor) -> None:
    pk = request.POST.get("keeper", "")
    kept = get_object_or_404(keepers.of(agreement), pk=int(pk) if pk.isascii() and pk.isdigit() else 0)
    keepers.end(kept, actor=actor, now=now_utc())
