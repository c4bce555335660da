"""The shapes of what people enter about releases; what it means is checked by the verbs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

import accounts.queries
from accounts.access import Actor
from accounts.models import Organisation
from actions.forms import Because as Because  # noqa: PLC0414 - the pages find it here
from actions.forms import StaffField, area
from changes.models import Change
from cmdb.models import Item
from records.fields import Moment
from releases import needs
from releases.models import Observation, PlanTest, Release, ReleaseStep, StepSort
from releases.part_forms import AddCheck as AddCheck  # noqa: PLC0414
from releases.part_forms import AddMember as AddMember  # noqa: PLC0414
from releases.part_forms import AddNode as AddNode  # noqa: PLC0414
from releases.part_forms import AddStep as PlainStep


class New(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=200)
    title_zh = forms.CharField(label=_("Title (Chinese)"), max_length=200, required=False)
    manager = StaffField(_("Release manager"))
    customer = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Customer"), required=False, empty_label=_("Several customers")
    )
    description = area(_("Description"), required=False, rows=3)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["customer"]
        field.queryset = accounts.queries.customers(actor).order_by("name_en")


class Plan(forms.Form):
    """The plan as a form, written on the version that was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    title = forms.CharField(label=_("Title"), max_length=200)
    title_zh = forms.CharField(label=_("Title (Chinese)"), max_length=200, required=False)
    decider = StaffField(_("Who decides go on or back out"))
    monitor_days = forms.IntegerField(label=_("Monitoring period in days"), min_value=1, max_value=365)

    def __init__(self, *args: Any, release: Release, **kwargs: Any) -> None:
        names = ("title", "title_zh", "decider", "monitor_days", "version", *needs.PLAN, *needs.TIMES)
        kwargs["initial"] = {name: getattr(release, name) for name in (*names, "criteria")}
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        for name in (*needs.PLAN, "criteria"):
            fields[name] = area(needs.label(name), required=False, rows=3)
        for name in needs.TIMES:
            fields[name] = Moment(label=needs.label(name))
        fields["decider"].required = False


class Bundle(forms.Form):
    """A change by its number, as far as the actor sees it."""

    number = forms.CharField(
        label=_("Number of the change"), max_length=20, help_text=_("Only approved changes are deployed.")
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_number(self) -> Change:
        number = self.cleaned_data["number"].strip().upper()
        found: Change | None = Change.objects.visible_to(self.actor).filter(number=number).first()
        if found is None:
            raise forms.ValidationError(_("There is no change of this number."))
        return found


class AddItem(forms.Form):
    """An item that one of the release's changes alters, and the step that brings it to a revision."""

    of_record = True
    item = forms.ModelChoiceField(Item.objects.none(), label=_("Configuration item"))
    change = forms.ModelChoiceField(Change.objects.none(), label=_("By the change"))
    step = forms.ModelChoiceField(ReleaseStep.objects.none(), label=_("With the step"))
    to = forms.CharField(label=_("New revision"), max_length=100)

    def __init__(self, *args: Any, record: Release, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        changes = record.bundled.values("change")
        rows = Item.objects.filter(change_items__change__in=changes, change_items__is_altered=True)
        fields["item"].queryset = rows.distinct().order_by("number")
        fields["item"].label_from_instance = lambda row: f"{row.number} {row.name} {row.revision}".strip()
        fields["change"].queryset = Change.objects.filter(pk__in=changes)
        fields["change"].label_from_instance = lambda row: f"{row.number} {row.title}"
        fields["step"].queryset = record.steps.filter(sort=StepSort.DEPLOY)


class AddStep(PlainStep):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["sort"]
        field.choices = StepSort.choices


class Test(forms.Form):
    result = forms.ChoiceField(label=_("Result of the test"), choices=PlanTest.Result.choices)
    words = area(_("How it was tested and what was found"), rows=3)


class Decide(forms.Form):
    decision = forms.ChoiceField(label=_("Decision"), choices=Release.Decision.choices)
    words = area(_("Why"))


class Observe(forms.Form):
    sort = forms.ChoiceField(label=_("Kind"), choices=Observation.Sort.choices)
    words = area(_("What was seen, said or learnt"))
    said_by = forms.CharField(label=_("Who said so"), max_length=150, required=False)


class Report(forms.Form):
    analysis = area(_("Analysis of success or failure"), rows=4)
    conclusions = area(_("Conclusions"), rows=4)


class Review(forms.Form):
    words = area(_("Review of the conclusions"), rows=3)
