"""The shape of a rule as managers enter it: when, if (three groups), then (forms.StepRows)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import Actor
from accounts.models import Organisation, Team
from automation import conditions, rules
from automation.forms import KINDS
from automation.models import Rule, RuleEdition, When
from catalog.models import Service
from customers.models.profiles import Grade
from records.fields import ReadAhead, read_ahead
from records.models import Channel, Priority
from sla.models import Calendar

GROUPS = 3
MOST_WORDS = 30
WORDS = ("categories", "words", "without")
ROWS = ("customers", "services", "teams")
TARGETS = [
    (conditions.RUNNING, _("runs, not missed")),
    (conditions.WARNED, _("is about to be missed")),
    (conditions.MISSED, _("was missed")),
]
HOURS = [("", _("at any time")), (conditions.INSIDE, _("within")), (conditions.OUTSIDE, _("outside"))]


def _several(label: Any, choices: Any = (), **options: Any) -> forms.MultipleChoiceField:
    widget = forms.CheckboxSelectMultiple()
    return forms.MultipleChoiceField(choices=choices, label=label, widget=widget, required=False, **options)


def _rows(queryset: Any, label: Any) -> Any:
    widget = forms.SelectMultiple(attrs={"size": "5"})
    return forms.ModelMultipleChoiceField(queryset, label=label, required=False, widget=widget)


def _lines(label: Any, help_text: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(label=label, required=False, max_length=3000, widget=widget, help_text=help_text)


class RuleForm(forms.Form):
    """A rule without its conditions and steps."""

    use_required_attribute = False

    name_en = forms.CharField(label=_("Name (English)"), max_length=200)
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=200, required=False)
    position = forms.IntegerField(
        label=_("Place in the order"), min_value=0, max_value=30_000, initial=100,
        help_text=_("Rules are asked from the smallest number to the largest."),
    )  # fmt: skip
    when = forms.ChoiceField(label=pgettext_lazy("rule", "When"), choices=When.choices)
    into = _several(_("Which state"), help_text=_("For rules about states; empty: any state."))
    hours = forms.IntegerField(
        label=_("After hours"), min_value=1, max_value=9999, required=False,
        help_text=_("For a ticket that has been in a state for some time."),
    )  # fmt: skip
    stops = forms.BooleanField(label=_("Stop after this rule"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = dict(KINDS)
        self.fields["into"].choices = [  # type: ignore[attr-defined]
            (code, f"{kinds[code.partition(':')[0]]}: {label}") for code, label in rules.states()
        ]

    @staticmethod
    def facts_of(rule: Rule, edition: RuleEdition) -> dict[str, Any]:
        own = {name: getattr(rule, name) for name in ("name_en", "name_zh", "position")}
        return {**own, **{name: getattr(edition, name) for name in ("when", "into", "hours", "stops")}}


class GroupForm(forms.Form):
    """One group of conditions; what is left empty does not matter."""

    use_required_attribute = False

    kinds = _several(_("Kind of ticket"), KINDS)
    priorities = _several(_("Priority"), Priority.choices)
    channels = _several(_("Channel"), Channel.choices)
    grades = _several(_("Grade of the customer"), Grade.choices)
    customers = _rows(Organisation.objects.none(), _("Customer"))
    services = _rows(Service.objects.none(), _("Service"))
    teams = _rows(Team.objects.none(), _("Team"))
    categories = _lines(_("Category"), _("One in each line; one of them."))
    words = _lines(_("Title or description contains"), _("One in each line; one of them."))
    without = _lines(_("Title or description does not contain"), _("One in each line; none of them."))
    unassigned = forms.BooleanField(label=_("Nobody works on it yet"), required=False)
    targets = _several(_("A target"), TARGETS)
    hours = forms.ChoiceField(label=_("It happened"), choices=HOURS, required=False)
    calendar = forms.ModelChoiceField(
        Calendar.objects.all(), label=_("Working hours of"), required=False, empty_label=_("No calendar")
    )

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        customers = Organisation.objects.filter(kind=Organisation.Kind.CUSTOMER, is_active=True)
        if actor.scope is not None:
            customers = customers.filter(pk__in=actor.scope)
        self.fields["customers"].queryset = customers  # type: ignore[attr-defined]
        self.fields["services"].queryset = Service.objects.published()  # type: ignore[attr-defined]
        self.fields["teams"].queryset = Team.objects.filter(is_active=True)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("hours") and not data.get("calendar"):
            self.add_error("calendar", _("Choose whose working hours."))
        for name in WORDS:
            lines = [line.strip() for line in str(data.get(name, "")).splitlines() if line.strip()]
            if len(lines) > MOST_WORDS or any("\0" in line for line in lines):
                self.add_error(name, _("At most %(n)s lines.") % {"n": MOST_WORDS})
            data[name] = lines
        return data

    def group(self) -> dict[str, Any]:
        """The group as it is kept: only what says something."""
        data = dict(self.cleaned_data)
        data["priorities"] = [int(each) for each in data["priorities"]]
        for name in ROWS:
            data[name] = sorted(row.pk for row in data[name])
        data["calendar"] = data["calendar"].pk if data["hours"] and data["calendar"] else None
        return {name: value for name, value in data.items() if value}

    @staticmethod
    def initial_of(group: Mapping[str, Any]) -> dict[str, Any]:
        return {**group, **{name: "\n".join(group.get(name, [])) for name in WORDS}}

    def said(self) -> list[tuple[str, str]]:
        """What a bound and valid group asks for, in words: (condition, value)."""
        found = []
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            if value and name != "calendar":
                found.append((str(field.label), self._words(name, value)))
        return found

    def _words(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if name in ROWS:
            return ", ".join(row.name for row in value)
        if name == "hours":
            return f"{dict(HOURS)[value]} {self.cleaned_data['calendar'].name}"
        if isinstance(field, forms.MultipleChoiceField):
            choices: Any = field.choices
            labels = {str(code): str(label) for code, label in choices}
            return ", ".join(labels[str(each)] for each in value)
        return ", ".join(value) if isinstance(value, list) else str(_("yes"))


def group_forms(
    actor: Actor, *, data: Mapping[str, Any] | None = None, kept: Sequence[Mapping[str, Any]] = ()
) -> list[GroupForm]:
    """The groups of a rule's page."""
    found = []
    for index in range(GROUPS):
        initial = GroupForm.initial_of(kept[index]) if index < len(kept) else {}
        found.append(GroupForm(data, actor=actor, prefix=f"g{index}", initial=initial))
    return found


def bound_group(group: Mapping[str, Any], actor: Actor) -> GroupForm:
    """A kept group as a form that was sent: to check one that came otherwise, and to say it in words."""
    return GroupForm(GroupForm.initial_of(group), actor=actor)


def said(
    rules_groups: Sequence[Sequence[Mapping[str, Any]]], actor: Actor
) -> list[list[list[tuple[str, str]]]]:
    """The groups of several rules in words; the rows they name are read for all of them at once."""
    offered = GroupForm(actor=actor).fields
    rows = {
        name: read_ahead(field, [group.get(name) for groups in rules_groups for group in groups])
        for name, field in offered.items()
        if isinstance(field, forms.ModelChoiceField)
    }
    return [[_said(group, rows, actor) for group in groups] for groups in rules_groups]


def _said(group: Mapping[str, Any], rows: Mapping[str, ReadAhead], actor: Actor) -> list[tuple[str, str]]:
    form = bound_group(group, actor)
    for name, read in rows.items():
        form.fields[name].queryset = read  # type: ignore[attr-defined]
    form.is_valid()
    return form.said()
