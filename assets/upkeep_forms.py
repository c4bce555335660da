"""The shape of what is typed about plans, checks, licences and findings; meaning is for the verbs."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import Actor
from accounts.models import Team, User
from accounts.queries import assignees
from actions.forms import StaffField
from assets import installations
from assets.forms import currency, day, money
from assets.models import Asset, Check, Licence, MaintenancePlan
from assets.upkeep import OUTCOMES, Result
from cmdb.models import Item, ItemType
from incidents.forms import show_chosen, text
from records.fields import RemoteChoice
from records.pages import now_utc
from suppliers.models import Supplier

PLAN = ("name_en", "name_zh", "device_class", "every", "unit", "team", "person", "lead_days", "starts_on")
OK, FOUND = "ok", "found"


class PlanForm(forms.Form):
    """A maintenance plan; the checklist has a line per thing, "English | 中文"."""

    name_en = forms.CharField(label=_("Name (English)"), max_length=200)
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=200, required=False)
    device_class = forms.ModelChoiceField(ItemType.objects.all(), label=_("Device class"))
    starts_on = day(_("No check before"), required=True)
    every = forms.IntegerField(label=_("Every"), min_value=1, max_value=3660, initial=3)
    unit = forms.ChoiceField(
        label=_("Unit"), choices=MaintenancePlan.Unit.choices, initial=MaintenancePlan.Unit.MONTHS
    )
    team = forms.ModelChoiceField(
        Team.objects.filter(is_active=True), label=_("Responsible team"), required=False
    )
    person = RemoteChoice(
        User.objects.none(), what="agents", label=_("Responsible person"), required=False,
        help_text=_("Empty: who leads the team."),
    )  # fmt: skip
    lead_days = forms.IntegerField(
        label=_("Becomes a task so many days before"), min_value=0, max_value=365, initial=7
    )
    is_active = forms.BooleanField(label=_("In force"), required=False, initial=True)
    checklist = text(
        _("What is looked at"), 6, required=True,
        help_text=_("A line for each: English, a bar |, Chinese."),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        person: Any = self.fields["person"]
        person.queryset = assignees(actor)
        show_chosen(self)

    def clean_checklist(self) -> list[dict[str, str]]:
        found = []
        for line in self.cleaned_data["checklist"].splitlines():
            en, _bar, zh = (part.strip() for part in line.partition("|"))
            if en or zh:
                found.append({"en": en or zh, "zh": zh})
        return found

    @staticmethod
    def facts_of(row: MaintenancePlan) -> dict[str, Any]:
        """The first values of the form about a plan."""
        lines = [f"{one['en']} | {one['zh']}" if one.get("zh") else one["en"] for one in row.checklist]
        facts = {name: getattr(row, name) for name in (*PLAN, "is_active")}
        return {**facts, "checklist": "\n".join(lines)}


class ResultsForm(forms.Form):
    """An outcome for each line of a check."""

    use_required_attribute = False

    def __init__(self, *args: Any, check: Check, **options: Any) -> None:
        super().__init__(*args, **options)
        self.lines: list[dict[str, str]] = check.plan.checklist
        outcomes = [(OK, OUTCOMES[False]), (FOUND, OUTCOMES[True])]
        for n, line in enumerate(check.wanted):
            self.fields[f"outcome_{n}"] = forms.ChoiceField(
                choices=outcomes, label=line, widget=forms.RadioSelect()
            )
            self.fields[f"note_{n}"] = forms.CharField(
                label=_("What was found"), required=False, max_length=2000,
                widget=forms.Textarea(attrs={"rows": 1}),
            )  # fmt: skip
        self.fields["done_on"] = day(_("Done on"), required=True)
        self.fields["done_on"].initial = timezone.localdate(now_utc())
        self.fields["next_on"] = day(_("Next due"), help_text=_("Empty: by the plan."))
        self.fields["conclusion"] = text(_("Conclusion"), 2)

    def rows(self) -> list[dict[str, Any]]:
        """The lines with their fields, for the page."""
        return [{"outcome": self[f"outcome_{n}"], "note": self[f"note_{n}"]} for n in range(len(self.lines))]

    def found(self) -> list[Result]:
        """What the verb takes."""
        data = self.cleaned_data
        return [Result(data[f"outcome_{n}"] == OK, data[f"note_{n}"]) for n in range(len(self.lines))]


class Skip(forms.Form):
    reason = text(_("Why it is left out"), 2, required=True)


# --- software --------------------------------------------------------------------------------------


class LicenceForm(forms.Form):
    """A licence."""

    software = forms.ModelChoiceField(Item.objects.none(), label=_("Software"))
    metric = forms.ChoiceField(label=pgettext_lazy("licence", "Counted"), choices=Licence.Metric.choices)
    quantity = forms.IntegerField(
        label=_("Quantity"), required=False, min_value=1, max_value=2_000_000_000,
        help_text=_("Empty: as many as one likes."),
    )  # fmt: skip
    valid_from = day(_("Valid from"), required=True)
    valid_until = day(_("Valid until"), help_text=_("The last day; empty: without end."))
    supplier = forms.ModelChoiceField(Supplier.objects.all(), label=_("Supplier"), required=False)
    reference = forms.CharField(label=_("Contract or order"), max_length=100, required=False)
    cost = money(_("Cost"))
    currency = currency()
    note = text(_("Note"), 2)

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        software: Any = self.fields["software"]
        software.queryset = installations.software(actor).order_by("name", "pk")


class EndLicence(forms.Form):
    reason = text(_("Reason"), 2, required=True)


class Upload(forms.Form):
    upload = forms.FileField(label=_("File"))


class FindingForm(forms.Form):
    """Unauthorised software that was found; the asset by its number or tag."""

    name = forms.CharField(label=_("Which software"), max_length=200)
    asset = forms.CharField(
        label=_("Asset it was found on"), max_length=50, help_text=_("Its number or tag.")
    )
    found_on = day(_("Found on"), required=True)
    note = text(_("What was found"), 2)
    responsible = StaffField(_("Who clears it up"))
    due_on = day(_("To be cleared up by"), required=True)

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.actor = actor

    def clean_asset(self) -> Asset:
        words = self.cleaned_data["asset"].strip()
        rows = Asset.objects.visible_to(self.actor)
        found = rows.filter(number__iexact=words).first() or rows.filter(tag__iexact=words).first()
        if not isinstance(found, Asset):
            raise forms.ValidationError(_("There is no asset of this number or tag."), code="invalid")
        return found
