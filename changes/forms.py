"""The shapes of what people enter about changes; what it means is checked by the verbs."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

import accounts.queries
import catalog.queries
from accounts.access import Actor
from accounts.models import Organisation
from actions.forms import StaffField, area, date_field
from catalog.models import Service
from changes.models import Change, ChangeTemplate, Exemption, PostReview
from cmdb.models import Item
from records.fields import Moment
from sla.models import Agreement
from sla.queries import agreements

NUMBER = _("The number, such as %s.")


def choice(label: Any, options: Any, *, required: bool = True, empty: Any = "–") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[("", empty), *options], required=required)


class ItemsField(forms.CharField):
    """Items by number or name, with commas between them; as far as the actor may see them."""

    actor: Actor

    def __init__(self, label: Any) -> None:
        super().__init__(
            label=label, required=False, max_length=2000,
            help_text=_("Numbers or names of configuration items, with commas between them."),
        )  # fmt: skip

    def clean(self, value: Any) -> list[Item]:
        """Each word is the number or the name of one item."""
        words = [word.strip() for word in super().clean(value).replace("，", ",").split(",")]
        seen, found = Item.objects.visible_to(self.actor).filter(is_active=True), []
        for word in dict.fromkeys(filter(None, words)):
            rows = list(seen.filter(number__iexact=word)[:1]) or list(seen.filter(name__iexact=word)[:2])
            if len(rows) != 1:
                message = _("“%(name)s” is not the number or name of one item.")
                raise ValidationError(message % {"name": word[:60]}, code="invalid_choice")
            found += rows
        return found


class OfActor(forms.Form):
    """A form whose choices are those the actor may name."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        rows: dict[str, Any] = {
            "services": lambda: catalog.queries.nameable(actor),
            "service": lambda: catalog.queries.nameable(actor),
            "agreement": lambda: agreements(actor),
            "customer": lambda: accounts.queries.customers(actor),
        }
        for name, field in self.fields.items():
            if isinstance(field, ItemsField):
                field.actor = actor
            elif name in rows:
                field.queryset = rows[name]()  # type: ignore[attr-defined]


class New(OfActor):
    """A request for a change; for a standard one the model brings the rest."""

    category = forms.ChoiceField(label=_("Kind of change"), choices=Change.Category.choices, initial="normal")
    template = forms.ModelChoiceField(
        ChangeTemplate.objects.none(), label=_("Model"), required=False,
        help_text=_("Of a standard change: its approved plan."),
    )  # fmt: skip
    title = forms.CharField(
        label=_("What is to be changed"), max_length=200, required=False,
        help_text=_("Of a standard change the model's name if left empty."),
    )  # fmt: skip
    nature = choice(_("Nature"), Change.Nature.choices, required=False)
    description = area(_("Description"), rows=4)
    reason = area(_("Reason"))
    expected_effect = area(_("Expected effect"), required=False)
    items = ItemsField(_("Items that are altered"))
    untouched = ItemsField(_("Items concerned otherwise"))
    services = forms.ModelMultipleChoiceField(Service.objects.none(), label=_("Services"), required=False)
    customer = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Customer"), required=False,
        help_text=_("Empty: it concerns several customers."),
    )  # fmt: skip
    agreement = forms.ModelChoiceField(Agreement.objects.none(), label=_("Agreement"), required=False)
    wanted_on = date_field(_("Wished for"), required=False)
    amount = forms.DecimalField(
        label=pgettext_lazy("change", "Cost"), min_value=0, max_digits=14, decimal_places=2, required=False
    )
    assignee = StaffField(_("Who carries it out"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usable = ChangeTemplate.objects.filter(state=ChangeTemplate.State.APPROVED)
        self.fields["template"].queryset = usable  # type: ignore[attr-defined]
        self.fields["assignee"].required = False
        self.fields["customer"].required = self.actor.scope is not None


class Versioned(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput(), required=False)


# A step's form begins with the columns of its fields' names: what is no column has a name of its own.
class Because(Versioned):
    because = area(_("Reason"))


class Authorise(Versioned):
    words = area(_("Why it cannot wait"))


class Assign(forms.Form):
    assignee = StaffField(_("Who carries it out"))


class Decide(Versioned):
    approve = forms.TypedChoiceField(
        label=_("Decision"), coerce=lambda value: value == "yes",
        choices=(("yes", _("Approve")), ("no", _("Reject"))),
    )  # fmt: skip
    terms = area(_("Conditions, one a line"), required=False)
    words = area(_("In words"), required=False)


class HandOver(Versioned):
    """``of_record``: who may be chosen depends on the change."""

    of_record = True
    person = StaffField(_("Who decides in your place"))
    words = area(_("In words"), required=False, rows=2)

    def __init__(self, *args: Any, record: Change, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taken = {record.requester_id, record.assignee_id}
        for asked in record.approvals.filter(round=record.round):
            taken |= {asked.person_id, asked.decided_by_id}
        field: Any = self.fields["person"]
        field.queryset = field.queryset.exclude(pk__in=taken - {None})


class Exempt(forms.Form):
    guard = forms.ChoiceField(label=_("Exemption from"), choices=Exemption.Guard.choices)
    because = area(_("Reason"))


class Step(forms.Form):
    what = forms.CharField(label=_("Step"), max_length=500)
    result = forms.CharField(label=_("Result"), max_length=500, required=False)
    started_at = Moment(label=_("From"), required=True)
    ended_at = Moment(label=_("Until"), required=True)


class Complete(Versioned):
    outcome = choice(_("Outcome"), Change.Outcome.choices)
    outcome_words = area(_("What came of it"))


class Verify(Versioned):
    is_reached = forms.TypedChoiceField(
        label=_("Expected effect"), coerce=lambda value: value == "yes",
        choices=(("yes", pgettext_lazy("effect", "reached")),
            ("no", pgettext_lazy("effect", "not reached")),),
    )  # fmt: skip
    verification = area(_("What was looked at, and what it showed"))


class Review(Versioned):
    """The questions, the lessons, and what becomes of them."""

    lessons = area(_("Lessons"))
    follow = forms.ChoiceField(
        label=_("What becomes of it"), required=False,
        choices=[
            ("", _("Nothing further")), ("action", _("An action")), ("article", _("A knowledge article")),
        ],
    )  # fmt: skip
    responsible = StaffField(_("Responsible"))
    due_on = date_field(_("Due"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["responsible"].required = False
        for value, label in PostReview.Question.choices:
            self.fields[f"yes-{value}"] = forms.ChoiceField(
                label=label,
                choices=[("yes", pgettext_lazy("answer", "Yes")), ("no", pgettext_lazy("answer", "No"))],
            )
            self.fields[f"words-{value}"] = forms.CharField(
                label=_("If not: what happened instead"), max_length=500, required=False
            )
        questions = [f"{part}-{q}" for q in PostReview.Question.values for part in ("yes", "words")]
        self.order_fields([*questions, "lessons", "follow", "responsible", "due_on", "version"])


class Note(forms.Form):
    text = area(_("Internal note"))


class Met(forms.Form):
    words = forms.CharField(label=_("How it was met"), max_length=500, required=False)


class Alter(forms.Form):
    """What a change may make of an item, from its own page."""

    state = forms.ChoiceField(label=_("State"), choices=Item.State.choices)
    revision = forms.CharField(label=_("Revision"), max_length=100, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput())


class Template(OfActor):
    """A model of standard changes."""

    name_en = forms.CharField(label=_("Name (English)"), max_length=200)
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=200)
    code = forms.SlugField(
        label=_("Code"), max_length=50, help_text=_("The same code again: the next edition of that model.")
    )
    nature = choice(_("Nature"), Change.Nature.choices)
    service = forms.ModelChoiceField(Service.objects.none(), label=_("Service"), required=False)
    description = area(_("Description"), required=False)
    expected_effect = area(_("Expected effect"))
    plan = area(_("Plan"), rows=5)
    backout_plan = area(_("Back-out plan"), rows=3)
    test_plan = area(_("Test of the plan"))
    test_words = area(_("Evidence of the test"))
    minutes = forms.IntegerField(
        label=_("Usual length in minutes"), min_value=1, max_value=44_640, initial=60
    )
    risk = forms.TypedChoiceField(label=_("Risk"), choices=Change.Risk.choices, coerce=int, initial=1)


class Regularise(forms.Form):
    title = forms.CharField(label=_("Title of the change"), max_length=200)
    reason = area(_("Why it is to stay"))
    expected_effect = area(_("Expected effect"))


class BackOut(forms.Form):
    words = area(_("How it was taken back, and what shows it"))


class Found(OfActor):
    items = ItemsField(_("Item"))
    found = area(_("What was found"))

    def clean_items(self) -> Item:
        rows: list[Item] = self.cleaned_data["items"]
        if len(rows) != 1:
            raise ValidationError(_("Name one item."), code="required")
        return rows[0]
