"""The form of an order: made from the fields of an entry's version, checked the same in browser and API.

A field that is not shown for what was answered is neither required nor kept, whatever was sent for it.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from cmdb.models import Item
from fulfilment import blueprint as kinds
from fulfilment.answers import words
from fulfilment.blueprint import Blueprint, Field, shown
from records.fields import Files
from records.services import MAX_TEXT

SHORT = 500
LARGEST = Decimal(10) ** 12


def _label(pair: Any) -> str:
    return words({"en": pair.en, "zh": pair.zh})


class OrderForm(forms.Form):
    """``person`` and ``item`` offer those of ``organisation`` only."""

    use_required_attribute = False  # the server says what is missing; what is hidden is not
    PREFIX = "q_"

    def __init__(
        self,
        *args: Any,
        blueprint: Blueprint,
        organisation: Organisation | None,
        files: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.blueprint, self.organisation, self.takes_files = blueprint, organisation, files
        for one in blueprint.fields:
            self.fields[self.name_of(one.key)] = self._made(one)

    @classmethod
    def name_of(cls, key: str) -> str:
        return f"{cls.PREFIX}{key}"

    # --- making ------------------------------------------------------------------------------

    def _made(self, one: Field) -> forms.Field:
        common: dict[str, Any] = {
            "label": _label(one.label),
            "help_text": _label(one.help),
            "required": False,
        }
        made: forms.Field = self._control(one, common)
        made.must = one.required  # type: ignore[attr-defined]
        return made

    def _control(self, one: Field, common: dict[str, Any]) -> forms.Field:
        offered = [(choice.key, _label(choice.label)) for choice in one.choices]
        match one.type:
            case kinds.LONG:
                area = forms.Textarea(attrs={"rows": 4})
                return forms.CharField(max_length=MAX_TEXT, widget=area, **common)
            case kinds.CHOICE:
                return forms.ChoiceField(choices=[("", _("Please choose")), *offered], **common)
            case kinds.CHOICES:
                widget = forms.CheckboxSelectMultiple
                return forms.MultipleChoiceField(choices=offered, widget=widget, **common)
            case kinds.DATE:
                day = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
                return forms.DateField(widget=day, **common)
            case kinds.NUMBER:
                return forms.DecimalField(max_digits=18, decimal_places=4, **common)
            case kinds.FLAG:
                options = [("", _("Please choose")), (kinds.YES, _("Yes")), (kinds.NO, _("No"))]
                return forms.ChoiceField(choices=options, **common)
            case kinds.FILE:
                return Files(**common)
            case kinds.PERSON:
                return forms.ModelChoiceField(self._people(), empty_label=_("Please choose"), **common)
            case kinds.ITEM:
                return forms.ModelChoiceField(self._items(), empty_label=_("Please choose"), **common)
        return forms.CharField(max_length=SHORT, **common)

    def _people(self) -> "QuerySet[User]":
        return User.objects.filter(organisation=self.organisation, is_active=True).order_by("display_name")

    def _items(self) -> "QuerySet[Item]":
        # the customer's own; what the provider shares among customers is its own affair
        return Item.objects.filter(customer=self.organisation, is_active=True).order_by("name")

    # --- checking ----------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        visible = {one.key for one in shown(self.blueprint.fields, self._steering())}
        for one in self.blueprint.fields:
            name = self.name_of(one.key)
            if one.key not in visible:
                self.errors.pop(name, None)
                data.pop(name, None)
            elif name not in self.errors:
                self._check(one, name, data.get(name))
        return data

    def _steering(self) -> dict[str, Any]:
        """The codes chosen so far, of the fields others depend on."""
        return {
            one.key: self.cleaned_data.get(self.name_of(one.key))
            for one in self.blueprint.fields
            if one.steers
        }

    def _check(self, one: Field, name: str, value: Any) -> None:
        if value in (None, "", []):
            if one.required and (self.takes_files or one.type != kinds.FILE):
                self.add_error(name, ValidationError(gettext("This is needed."), "required"))
            return
        for problem in _problems(one, value):
            self.add_error(name, ValidationError(problem))

    # --- what was answered -------------------------------------------------------------------

    @property
    def given(self) -> dict[str, Any]:
        """The answers by key, of a valid form, as ``ordering.order`` takes them."""
        found = {}
        for one in self.blueprint.fields:
            value = self.cleaned_data.get(self.name_of(one.key))
            if value in (None, "", []):
                continue
            found[one.key] = value == kinds.YES if one.type == kinds.FLAG else value
        return found

    @property
    def uploads(self) -> list[Any]:
        """The files of all file fields."""
        return [
            file
            for one in self.blueprint.fields
            if one.type == kinds.FILE
            for file in self.cleaned_data.get(self.name_of(one.key)) or []
        ]

    @property
    def rows(self) -> Iterator[dict[str, Any]]:
        """The fields as the page shows them: {field, must, when (a field's name), value}."""
        for one in self.blueprint.fields:
            when = one.shown_when
            yield {
                "field": self[self.name_of(one.key)],
                "must": one.required,
                "when": self.name_of(when.field) if when else "",
                "value": when.value if when else "",
            }


def _problems(one: Field, value: Any) -> Iterator[str]:
    """What is wrong with an answer that is of the right type."""
    if one.type in (kinds.TEXT, kinds.LONG):
        if one.least is not None and len(value) < one.least:
            yield gettext("At least %(n)s characters.") % {"n": one.least}
        if one.most is not None and len(value) > one.most:
            yield gettext("At most %(n)s characters.") % {"n": one.most}
        if one.pattern and one.type == kinds.TEXT and not re.fullmatch(one.pattern, value):
            yield gettext("This does not have the form that is asked for.")
    if one.type == kinds.NUMBER:
        if one.least is not None and value < one.least:
            yield gettext("At least %(n)s.") % {"n": one.least}
        if one.most is not None and value > one.most:
            yield gettext("At most %(n)s.") % {"n": one.most}
        if abs(value) > LARGEST:
            yield gettext("This number is too large.")


def from_json(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers of an API body, key -> value, as the form reads them."""
    found = {}
    for key, value in answers.items():
        if isinstance(value, bool):
            value = kinds.YES if value else kinds.NO
        elif isinstance(value, list):
            value = [str(each) for each in value]
        elif value is not None:
            value = str(value)
        found[OrderForm.name_of(str(key))] = value
    return found
