"""The shape of schedules and findings as people enter them."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Organisation, Team, User
from automation.forms import text
from automation.models import CatchUp, Finding, OnClosed, Rhythm, Schedule, ScheduleRun
from catalog.models import Service
from fulfilment.models import Offering
from records.fields import RemoteChoice
from sla.models import Calendar

WEEKDAYS = [
    (0, _("Monday")), (1, _("Tuesday")), (2, _("Wednesday")), (3, _("Thursday")), (4, _("Friday")),
    (5, _("Saturday")), (6, _("Sunday")),
]  # fmt: skip
DAYS = [(0, _("last working day")), *((n, str(n)) for n in range(1, 32))]
PLAIN = (
    "name_en", "name_zh", "makes", "customer", "requester", "offering", "service", "team", "text_en",
    "text_zh", "every", "weekdays", "day", "at", "zone", "starts", "ends", "calendar", "on_closed",
    "catch_up", "hours_to_finish", "is_active",
)  # fmt: skip


def _date(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **options
    )


class ScheduleForm(forms.Form):
    """A schedule; its checklist is written line by line, Chinese after a bar."""

    use_required_attribute = False

    name_en = forms.CharField(label=_("Name (English)"), max_length=200)
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=200, required=False)
    makes = forms.ChoiceField(label=_("Each run opens"), choices=Schedule.Makes.choices)
    offering = forms.ModelChoiceField(
        Offering.objects.none(), label=_("What is ordered"), required=False, empty_label=_("Nothing"),
        help_text=_("Needed for a service request."),
    )  # fmt: skip
    customer = forms.ModelChoiceField(Organisation.objects.none(), label=_("Customer"))
    requester = RemoteChoice(
        User.objects.none(), what="people", depends="#id_customer", label=_("For whom"),
        error_messages={"required": _("Choose a person of the customer.")},
    )  # fmt: skip
    service = forms.ModelChoiceField(
        Service.objects.none(), label=_("Service"), required=False, empty_label=_("No service"),
        help_text=_("Of an incident; a request has that of what is ordered."),
    )  # fmt: skip
    team = forms.ModelChoiceField(
        Team.objects.filter(is_active=True), label=_("Team"), required=False, empty_label=_("By the service")
    )
    text_zh = text(_("What is to be done (Chinese)"), 3)
    text_en = text(_("What is to be done (English)"), 3)
    checklist = text(
        _("Checklist"), 5, required=True,
        help_text=_("One thing in each line: English | Chinese. A run is done with a finding for each."),
    )  # fmt: skip
    every = forms.ChoiceField(label=_("How often"), choices=Rhythm.choices)
    weekdays = forms.TypedMultipleChoiceField(
        choices=WEEKDAYS, coerce=int, label=_("On"), required=False, widget=forms.CheckboxSelectMultiple(),
        help_text=_("For every week."),
    )  # fmt: skip
    day = forms.TypedChoiceField(
        choices=DAYS, coerce=int, label=_("Day of the month"), initial=1,
        help_text=_("For runs by months; half years and years count from the first day."),
    )  # fmt: skip
    at = forms.TimeField(label=_("At"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    zone = forms.CharField(label=_("Time zone"), max_length=64, initial=settings.TIME_ZONE)
    starts = _date(_("From"))
    ends = _date(_("Until"), required=False)
    calendar = forms.ModelChoiceField(
        Calendar.objects.all(), label=_("Working days of"), required=False, empty_label=_("Every day is open")
    )
    on_closed = forms.ChoiceField(label=_("On a closed day"), choices=OnClosed.choices)
    catch_up = forms.ChoiceField(label=_("After a standstill"), choices=CatchUp.choices)
    hours_to_finish = forms.IntegerField(
        label=_("To be finished within hours"), min_value=1, max_value=9999, initial=24
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        customers = Organisation.objects.filter(kind=Organisation.Kind.CUSTOMER, is_active=True)
        if actor.scope is not None:
            customers = customers.filter(pk__in=actor.scope)
        sources: dict[str, Any] = {
            "customer": customers,
            "requester": User.objects.filter(is_active=True, organisation__in=customers),
            "service": Service.objects.published(),
            "offering": Offering.objects.offered(),
        }
        for name, rows in sources.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        requester = self.fields["requester"]
        if isinstance(requester, RemoteChoice):
            requester.show_only(self["requester"].value())

    def clean_checklist(self) -> list[dict[str, str]]:
        found = []
        for line in self.cleaned_data["checklist"].splitlines():
            en, _bar, zh = (part.strip() for part in line.partition("|"))
            if en or zh:
                found.append({"en": (en or zh)[:300], "zh": zh[:300]})
        return found

    @staticmethod
    def facts_of(row: Schedule) -> dict[str, Any]:
        lines = [f"{one['en']} | {one['zh']}" if one.get("zh") else one["en"] for one in row.checklist]
        return {**{name: getattr(row, name) for name in PLAIN}, "checklist": "\n".join(lines)}


class FindingsForm(forms.Form):
    """A finding for each line of a run's checklist."""

    use_required_attribute = False

    def __init__(self, *args: Any, run: ScheduleRun, **options: Any) -> None:
        super().__init__(*args, **options)
        self.lines = list(run.findings.all())
        for line in self.lines:
            self.fields[f"outcome_{line.position}"] = forms.ChoiceField(
                choices=Finding.Outcome.choices, label=line.text, required=False, widget=forms.RadioSelect()
            )
            self.fields[f"note_{line.position}"] = forms.CharField(
                label=_("What was found"), required=False, max_length=2000,
                widget=forms.Textarea(attrs={"rows": 1}),
            )  # fmt: skip
        self.fields["conclusion"] = text(_("Conclusion"), 2)

    def rows(self) -> list[dict[str, Any]]:
        """The lines with their fields, for the page."""
        return [
            {"outcome": self[f"outcome_{n}"], "note": self[f"note_{n}"]}
            for n in (line.position for line in self.lines)
        ]

    def found(self) -> list[dict[str, str]]:
        """The findings for scheduling.finish."""
        data = self.cleaned_data
        return [
            {"position": str(n), "outcome": data.get(f"outcome_{n}", ""), "note": data.get(f"note_{n}", "")}
            for n in (line.position for line in self.lines)
        ]
