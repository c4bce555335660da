"""The shapes of what people enter about problems; what it means is checked by the verbs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Organisation, Team
from accounts.queries import organisations
from actions.forms import StaffField, area, date_field
from catalog.models import Service
from cmdb.models import Item
from problems.models import Outcome, Severity, Source
from problems.work import Cause
from records.fields import RemoteChoice
from suppliers.models import Supplier

NONE: list[tuple[str, Any]] = [("", "–")]


def line(label: Any, *, required: bool = True, most: int = 200, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=required, **options)


def number(label: Any, help_text: Any = "") -> forms.CharField:
    """The number of a record; the view looks it up among those the actor may see."""
    return forms.CharField(label=label, max_length=20, help_text=help_text)


class Versioned(forms.Form):
    """An act on what the actor has read: not if somebody wrote since."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class About(forms.Form):
    """Service and item, as far as the actor may name them; the page holds the chosen ones only."""

    service = RemoteChoice(Service.objects.none(), what="services", label=_("Service"), required=False)
    item = RemoteChoice(Item.objects.none(), what="items", label=_("Configuration item"), required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = {"service": Service.objects.published(), "item": Item.objects.visible_to(actor)}
        for name, queryset in rows.items():
            field: Any = self.fields[name]
            field.queryset = queryset
            field.show_only(self[name].value())


class New(About):
    field_order = ("source", "customer", "title", "title_zh", "description", "service", "item")
    title = line(_("What the problem is"))
    title_zh = line(_("Title (Chinese)"), required=False)
    description = area(_("What is known"), required=False, rows=5)
    source = forms.ChoiceField(
        label=_("Source"), choices=[c for c in Source.choices if c[0] != Source.SYSTEM]
    )
    customer = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Customer"), required=False,
        empty_label=_("Of the incidents, or of several"),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        field: Any = self.fields["customer"]
        field.queryset = organisations(actor).filter(is_active=True)
        field.label_from_instance = lambda row: row.name

    def facts(self) -> dict[str, Any]:
        """As the verb takes them."""
        facts = dict(self.cleaned_data)
        item = facts.pop("item")
        return {**facts, "items": [item] if item else []}


class Accept(Versioned):
    expert = StaffField(_("Expert"))


class Because(Versioned):
    reason = area(_("Reason"), rows=3)


class Effect(Versioned):
    scope = area(_("Whom and what it touches"), rows=3)
    severity = forms.ChoiceField(label=_("Severity"), choices=[*NONE, *Severity.choices])


class Close(Versioned):
    outcome = forms.ChoiceField(label=_("Outcome"), choices=[*NONE, *Outcome.choices])
    summary = area(_("Closing summary"), rows=4)
    reason = area(_("Reason"), required=False)
    prevention = area(_("Why no preventive measure is needed"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("Needed where it is closed directly.")
        self.fields["prevention"].help_text = _("Only where no measure is recorded.")


class Verify(Versioned):
    verification = area(_("How it was verified"), rows=3)


class Gather(forms.Form):
    incident = number(_("Number of the incident"))


class Pass(forms.Form):
    change = number(_("Number of the change"))


class Measure(forms.Form):
    what = line(_("What is to be done"))
    details = area(_("Description"), required=False)
    responsible = StaffField(_("Responsible"))
    due_on = date_field(_("Due"))


class Notice(forms.Form):
    team = forms.ModelChoiceField(
        Team.objects.filter(is_active=True), label=_("Department"), required=False, empty_label="–"
    )
    supplier = forms.ModelChoiceField(
        Supplier.objects.filter(is_active=True), label=_("or supplier"), required=False, empty_label="–"
    )
    text = forms.CharField(
        label=_("What is wrong, and what is asked for"), widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("It is read as it is written; a supplier's people read it on their own pages."),
    )  # fmt: skip
    due_on = date_field(_("Answer due"))


class Answer(forms.Form):
    notice = forms.IntegerField(widget=forms.HiddenInput)
    answer = area(_("Answer"), rows=3)


class Judge(forms.Form):
    recurrence = forms.IntegerField(widget=forms.HiddenInput)
    came_again = forms.TypedChoiceField(
        label=_("Judgement"), coerce=lambda value: value == "yes",
        choices=(("yes", _("It came again: put it behind the problem")), ("no", _("It is something else"))),
    )  # fmt: skip
    reason = area(_("How you know"))


# --- analysis --------------------------------------------------------------------------------


class Row(Versioned):
    """An act on one row of the analysis."""

    row = forms.IntegerField(required=False, widget=forms.HiddenInput)


class WhyForm(Row):
    question = line(_("Why?"), most=300)
    answer = area(_("Because"))
    evidence = area(_("Evidence"), required=False)


class RootForm(Row):
    category = forms.ChoiceField(label=_("Category"), choices=Cause.Category.choices)


class CauseForm(Row):
    category = forms.ChoiceField(
        label=_("Category"), choices=[*NONE, *Cause.Category.choices], required=False
    )
    text = area(_("Hypothesis"))


class BelowForm(Row):
    text = area(_("Hypothesis"))


class JudgeForm(Row):
    state = forms.ChoiceField(label=_("What came of it"), choices=Cause.State.choices)
    check_words = area(_("How it was checked"), required=False)
    is_root = forms.BooleanField(label=_("It is a root cause"), required=False)


class SolutionForm(Row):
    text = area(_("Solution"))
    effort = line(_("Effort and risk"), required=False, most=300)


# --- known errors and proposals --------------------------------------------------------------


class KnownErrorForm(About):
    field_order = (
        "title", "title_zh", "symptom", "symptom_zh", "workaround", "workaround_zh", "service", "kept",
        "item", "customer",
    )  # fmt: skip
    title = line(_("Title (English)"), required=False)
    title_zh = line(_("Title (Chinese)"), required=False)
    symptom = area(_("Symptom (English)"), required=False, rows=3)
    symptom_zh = area(_("Symptom (Chinese)"), required=False, rows=3)
    workaround = area(_("Workaround (English)"), required=False, rows=5)
    workaround_zh = area(_("Workaround (Chinese)"), required=False, rows=5)
    kept = forms.ModelMultipleChoiceField(
        Item.objects.none(), label=_("Configuration items"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    customer = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Customer"), required=False, empty_label=_("Of all customers"),
        help_text=_("Only where nobody else may learn of it."),
    )  # fmt: skip
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, is_new: bool, items: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        known = [item.pk for item in items]
        kept: Any = self.fields["kept"]
        kept.queryset = Item.objects.filter(pk__in=known)
        if not known:
            del self.fields["kept"]
        else:
            self.initial.setdefault("kept", known)
        if is_new:
            field: Any = self.fields["customer"]
            field.queryset = organisations(actor).filter(is_active=True, kind="customer")
            field.label_from_instance = lambda row: row.name
        else:
            del self.fields["customer"]
        self.fields["item"].label = _("Another configuration item") if known else _("Configuration item")

    def facts(self) -> dict[str, Any]:
        """As the verbs take them."""
        facts = dict(self.cleaned_data)
        item, version = facts.pop("item"), facts.pop("version")
        items = {row.pk: row for row in (*facts.pop("kept", ()), *([item] if item else []))}
        return {**facts, "items": list(items.values()), "expected_version": version}


class AcceptCandidate(Versioned):
    title = line(_("What the problem is"))
    description = area(_("What is known"), required=False)


class JoinCandidate(Versioned):
    problem = number(_("Number of the problem"))


class OnlyReason(Versioned):
    reason = area(_("Why it is no problem"))
