"""The shapes of what people enter about transitions; what it means is checked by the verbs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

import accounts.queries
from accounts.access import Actor
from accounts.models import Organisation
from actions.forms import Because as Because  # noqa: PLC0414 - the pages find it here
from actions.forms import StaffField, area, date_field
from catalog.models import Service
from planning.models import ServiceLevelRequirement
from records.models import Record
from releases.part_forms import AddCheck as AddCheck  # noqa: PLC0414
from releases.part_forms import AddMember as AddMember  # noqa: PLC0414
from releases.part_forms import AddNode as AddNode  # noqa: PLC0414
from releases.part_forms import AddStep as PlainStep
from sla.models import Agreement
from sla.queries import agreements
from transitions import flow, gate, needs, templates
from transitions.models import STEPS, Nature, Observation, StepSort, Template, Transition


def _any(field: Any, rows: Any) -> None:
    field.queryset = rows


class New(forms.Form):
    nature = forms.ChoiceField(label=_("Kind of transition"), choices=Nature.choices)
    title = forms.CharField(label=_("Title"), max_length=200)
    title_zh = forms.CharField(label=_("Title (Chinese)"), max_length=200, required=False)
    lead = StaffField(_("Who leads it"))
    customer = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Customer"), required=False, empty_label=_("Several customers")
    )
    about = forms.ModelChoiceField(
        Service.objects.none(), label=_("Service concerned"), required=False,
        help_text=_("Of a new service: its entry of the catalogue, as soon as there is one."),
    )  # fmt: skip
    predecessor = forms.ModelChoiceField(
        Service.objects.none(), label=_("Service replaced"), required=False,
        help_text=_("It goes on until the switch."),
    )  # fmt: skip
    requirement = forms.ModelChoiceField(
        ServiceLevelRequirement.objects.none(), label=_("Requirement"), required=False,
        help_text=_("What planning wrote down already is named, not written again."),
    )  # fmt: skip
    agreement = forms.ModelChoiceField(
        Agreement.objects.none(), label=_("Agreement"), required=False,
        help_text=_("Under which the service is given; its contract review comes before a new service."),
    )  # fmt: skip
    template = forms.ModelChoiceField(
        Template.objects.none(), label=_("Template"), required=False, empty_label=_("Without a template")
    )
    description = area(_("Description"), required=False, rows=3)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        named(fields, actor)
        _any(fields["customer"], accounts.queries.customers(actor).order_by("name_en"))
        _any(fields["template"], Template.objects.filter(is_active=True))
        fields["template"].label_from_instance = lambda row: f"{row.name} ({row.get_nature_display()})"

    def clean_template(self) -> Any:
        chosen = self.cleaned_data["template"]
        return templates.newest(chosen) if chosen else None


def named(fields: dict[str, Any], actor: Actor) -> None:
    """What a transition may name, as far as the actor knows it."""
    services = Service.objects.filter(withdrawn_at=None).order_by("name_en")
    _any(fields["about"], services)
    _any(fields["predecessor"], services.filter(is_published=True))
    requirements = ServiceLevelRequirement.objects.visible_to(actor).exclude(state="declined")
    _any(fields["requirement"], requirements.order_by("-pk"))
    fields["requirement"].label_from_instance = lambda row: f"{row.number} {row.name}"
    _any(fields["agreement"], agreements(actor).filter(kind=Agreement.Kind.SLA))


class Part(forms.Form):
    """One part of a transition as a form: "analysis", "service", "plan" or "goes-by"."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, transition: Transition, part: str, actor: Actor, **kwargs: Any) -> None:
        names = parts_of(transition)[part][1]
        kwargs["initial"] = {n: getattr(transition, n) for n in names} | {"version": transition.version}
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        for name in names:
            fields[name] = SPECIAL[name]() if name in SPECIAL else _text(name)
        if "about" in fields:  # a retirement goes by its service alone
            named(fields, actor)
            for service in ("about", "predecessor"):
                held = getattr(transition, f"{service}_id")
                fields[service].queryset = fields[service].queryset | Service.objects.filter(pk=held)


def _text(name: str) -> forms.CharField:
    return area(needs.label(name), required=False, rows=4)


def _choice(name: str, model: Any) -> Any:
    return lambda: forms.ModelChoiceField(model.objects.none(), label=needs.label(name), required=False)


SPECIAL: dict[str, Any] = {
    "title": lambda: forms.CharField(label=_("Title"), max_length=200),
    "title_zh": lambda: forms.CharField(label=_("Title (Chinese)"), max_length=200, required=False),
    "watch_days": lambda: forms.IntegerField(label=_("Watch period in days"), min_value=1, max_value=365),
    "last_day": lambda: date_field(_("Last day of the service"), required=False),
    "about": _choice("about", Service),
    "predecessor": _choice("predecessor", Service),
    "requirement": _choice("requirement", ServiceLevelRequirement),
    "agreement": _choice("agreement", Agreement),
}


def parts_of(transition: Transition) -> dict[str, tuple[Any, tuple[str, ...]]]:
    """The parts that are written, each with its heading and its fields."""
    if transition.is_retirement:
        return {
            "analysis": (_("Why it ends and who relies on it"), (*needs.ENDING, "last_day")),
            "plan": (_("Transition plan"), needs.PLAN),
            "goes-by": (_("What it goes by"), ("title", "title_zh", "watch_days")),
        }
    by = ("title", "title_zh", "about", "predecessor", "requirement", "agreement", "watch_days")
    plan = (*needs.PLAN, "continuity") if transition.predecessor_id else needs.PLAN
    return {
        "analysis": (_("Requirement analysis"), needs.DESIGN),
        "service": (_("Service plan"), needs.SERVICE_PLAN),
        "plan": (_("Transition plan"), plan),
        "goes-by": (_("What it goes by"), by),
    }


class AddRisk(forms.Form):
    risk = forms.CharField(label=_("Risk"), max_length=300)
    measure = forms.CharField(label=_("Countermeasure"), max_length=300)
    responsible = StaffField(_("Responsible"))


class AddStep(PlainStep):
    of_record = True

    def __init__(self, *args: Any, record: Transition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["sort"]
        field.choices = [(sort, StepSort(sort).label) for sort in STEPS[Nature(record.nature)]]


class Exempt(forms.Form):
    point = forms.ChoiceField(label=_("What is missing"), choices=tuple(gate.LABELS.items()))
    reason = area(_("Why it goes live without it"))


class Observe(forms.Form):
    sort = forms.ChoiceField(label=_("Kind"), choices=Observation.Sort.choices)
    words = area(_("What was seen, said or learnt"))
    said_by = forms.CharField(label=_("Who said so"), max_length=150, required=False)


class Conclude(forms.Form):
    conclusion = area(_("How the transition went"))


class Notice(forms.Form):
    last_day = date_field(_("Last day of the service"))
    text_zh = area(_("What customers read (Chinese)"), rows=4)
    text_en = area(_("What customers read (English)"), rows=4)


class LedTo(forms.Form):
    number = forms.CharField(label=_("Number of the action or article"), max_length=20)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_number(self) -> Record:
        number = self.cleaned_data["number"].strip().upper()
        found: Record | None = Record.objects.visible_to(self.actor).filter(number=number).first()
        if found is None:
            raise forms.ValidationError(_("There is no record of this number."))
        return found


# --- templates --------------------------------------------------------------------------------------

LINES_HELP = _("One per line; both languages as “English | 中文”.")


def _lines(label: Any, *, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, help_text=LINES_HELP, widget=forms.Textarea(attrs={"rows": 4})
    )


class Flow(forms.Form):
    """An edition of a template, as lines of words; what they mean is read by transitions.flow."""

    rules_zh = area(_("Rules (Chinese)"), required=False, rows=4)
    rules_en = area(_("Rules (English)"), required=False, rows=4)
    deploy = _lines(_("Steps: deploy"))
    test = _lines(_("Steps: test"))
    train = _lines(_("Steps: train the users"))
    switch = _lines(_("Steps: switch"), required=True)
    checks = _lines(_("Further points of the readiness checklist"))
    takeover = _lines(_("Points of the take-over inspection"))
    acceptance = _lines(_("Points of the acceptance"))
    days = forms.IntegerField(label=_("Watch period in days"), min_value=1, max_value=365, initial=14)

    def flow(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "rules_en": data["rules_en"],
            "rules_zh": data["rules_zh"],
            "steps": {sort: flow.lines(data[sort]) for sort in flow.STEPS},
            **{name: flow.lines(data[name]) for name in flow.LISTS},
            "days": data["days"],
        }


class NewTemplate(Flow):
    field_order = ("name_zh", "name_en", "code", "nature")
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=200)
    name_en = forms.CharField(label=_("Name (English)"), max_length=200)
    code = forms.SlugField(label=_("Code"), max_length=50)
    nature = forms.ChoiceField(label=_("Kind of transition"), choices=Nature.choices)


class Revise(Flow):
    reason = forms.CharField(label=_("Why it is changed"), max_length=300)
    expected = forms.IntegerField(widget=forms.HiddenInput)


def written(found: flow.Flow) -> dict[str, Any]:
    """A flow as the form begins with it."""
    lists = {sort: found.steps.get(sort, ()) for sort in flow.STEPS}
    lists |= {name: getattr(found, name) for name in flow.LISTS}
    return {
        "rules_en": found.rules_en,
        "rules_zh": found.rules_zh,
        "days": found.days,
        **{name: "\n".join(line.written() for line in rows) for name, rows in lists.items()},
    }
