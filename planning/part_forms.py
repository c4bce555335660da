"""The forms that write one part of a requirement, a sheet, or a standard, in both languages.

Rows that are left blank are no rows; what the others mean is checked where contents and designs are read,
and what is refused there comes back at its row and field.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from planning import words
from planning.content import Content
from planning.design import QualityRow, SpecRow
from planning.standards import TEXTS as STANDARD_TEXTS
from planning.words import Things
from records.models import Priority
from sla.models import MeasuredTarget
from sla.naming import UNITS
from sla.terms import METRICS

BLANK: tuple[str, Any] = ("", _("– choose –"))
MOST_ROWS = 100
# part -> its texts, and its other fields
PARTS: Mapping[str, tuple[Any, tuple[str, ...], tuple[str, ...]]] = {
    "need": (_("Need and reference"), ("expectation", "baseline"), ()),
    "hours": (_("Hours and continuity"), ("hours", "continuity"), ("calendar",)),
    "delivery": (
        _("Delivery"), ("components", "delivery", "quality"), ("departments", "services"),
    ),
    "measures": (_("Measures"), (), ()),
    "duties": (_("Duties and cost"), ("customer_duties", "provider_duties"), ("amount", "currency", "per")),
}  # fmt: skip
PART_OF = {
    **{name: part for part, (_label, texts, more) in PARTS.items() for name in (*texts, *more)},
    "measures": "measures",
    "cost": "duties",
}


def number(value: Decimal | None) -> Any:
    """A decimal as JSON takes it: whole where it is whole; None stays."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def two(name: str, text: Mapping[str, str]) -> dict[str, str]:
    """A text's two fields as a form begins with them."""
    return {f"{name}_{language}": text.get(language, "") for language in ("en", "zh")}


def joined(data: Mapping[str, Any], name: str) -> dict[str, str]:
    """The text of its two fields."""
    return {language: str(data.get(f"{name}_{language}") or "") for language in ("en", "zh")}


class Row(forms.Form):
    """A row of a table; all fields may be left out, for what is needed is said where the row is read."""

    SAYS: ClassVar[tuple[str, ...]]  # a row in which all of these are empty is none
    FIELDS: ClassVar[Mapping[str, str]] = {}  # a field of the JSON form -> the form's, where they differ

    def __init__(self, *args: Any, things: Things, places: Iterable[str] = (), **kwargs: Any) -> None:
        # a row that was left as it was offered is a row all the same
        super().__init__(*args, **{**kwargs, "empty_permitted": False})
        self.things = things
        for name, rows in (("team", things.teams), ("service", things.services)):
            if name in self.fields:
                blank = BLANK if name == "team" else ("", _("all services"))
                field: Any = self.fields[name]
                field.choices = [blank, *((code, row.name) for code, row in rows.items())]
        if "requirement" in self.fields:
            named: Any = self.fields["requirement"]
            named.choices = [BLANK, *((place, things.place(place)) for place in places)]

    @property
    def is_kept(self) -> bool:
        given = self.cleaned_data
        return any(given.get(name) not in (None, "") for name in self.SAYS) and not given.get("DELETE")

    def dump(self) -> dict[str, Any]:
        """The row in JSON."""
        return dict(self.cleaned_data)


class MeasureRow(Row):
    SAYS = ("measure", "value")
    measure = forms.ChoiceField(label=_("Measure"), required=False, choices=[BLANK, *words.MEASURE_CHOICES])
    service = forms.ChoiceField(label=_("Service"), required=False)
    priority = forms.ChoiceField(
        label=_("Priority"), required=False, choices=[("", _("All")), *Priority.choices]
    )
    operator = forms.ChoiceField(
        label=_("Limit"), required=False, choices=MeasuredTarget.Operator.choices, initial="<="
    )
    value = forms.DecimalField(label=_("Value"), required=False)
    unit = forms.ChoiceField(
        label=_("Unit"),
        required=False,
        choices=[
            BLANK,
            (_("Of each ticket"), list(words.DURATION_UNITS.items())),
            (_("Of a period"), list(UNITS.items())),
        ],
    )

    def dump(self) -> dict[str, Any]:
        given = self.cleaned_data
        found = {name: given[name] for name in ("measure", "operator", "unit")}
        found |= {"service": given["service"] or None, "value": number(given["value"])}
        if given["measure"] in METRICS:
            found |= {"operator": "<=", "priority": int(given["priority"]) if given["priority"] else None}
        return found


class SpecificationRow(Row):
    SAYS = ("technical_en", "technical_zh", "team", "value", "component", "method_en", "method_zh")
    FIELDS = {"technical": "technical_en", "method": "method_en"}
    requirement = forms.ChoiceField(label=_("Requirement"), required=False)
    technical_en = forms.CharField(
        label=_("Technical requirement (English)"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    technical_zh = forms.CharField(
        label=_("Technical requirement (Chinese)"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    service = forms.ChoiceField(label=_("Service"), required=False)
    component = forms.CharField(label=_("Component"), required=False, max_length=300)
    value = forms.CharField(label=_("Value"), required=False, max_length=300)
    team = forms.ChoiceField(label=_("Responsible team"), required=False)
    method_en = forms.CharField(label=_("How it is measured (English)"), required=False, max_length=1000)
    method_zh = forms.CharField(label=_("How it is measured (Chinese)"), required=False, max_length=1000)

    def dump(self) -> dict[str, Any]:
        given = self.cleaned_data
        found = {name: given[name] for name in ("requirement", "component", "value", "team")}
        texts = {name: joined(given, name) for name in ("technical", "method")}
        return {**found, **texts, "service": given["service"] or None}

    @staticmethod
    def start(row: SpecRow) -> dict[str, Any]:
        """What the form of a row begins with."""
        texts = {"technical": row.technical, "method": row.method}
        plain = {n: getattr(row, n) for n in ("requirement", "service", "component", "value", "team")}
        return plain | {f"{n}_{at}": getattr(t, at) for n, t in texts.items() for at in ("en", "zh")}


class QualityPlanRow(Row):
    SAYS = ("indicator_en", "indicator_zh", "value", "process")
    FIELDS = {"indicator": "indicator_en", "check": "check_en"}
    process = forms.ChoiceField(label=_("Process"), required=False, choices=[BLANK, *words.PROCESSES.items()])
    indicator_en = forms.CharField(label=_("Indicator (English)"), required=False, max_length=300)
    indicator_zh = forms.CharField(label=_("Indicator (Chinese)"), required=False, max_length=300)
    operator = forms.ChoiceField(
        label=_("Limit"), required=False, choices=MeasuredTarget.Operator.choices, initial=">="
    )
    value = forms.DecimalField(label=_("Value"), required=False)
    unit = forms.ChoiceField(label=_("Unit"), required=False, choices=[BLANK, *UNITS.items()])
    team = forms.ChoiceField(label=_("Responsible team"), required=False)
    check_en = forms.CharField(label=_("How it is checked (English)"), required=False, max_length=1000)
    check_zh = forms.CharField(label=_("How it is checked (Chinese)"), required=False, max_length=1000)

    def dump(self) -> dict[str, Any]:
        given = self.cleaned_data
        found = {name: given[name] for name in ("process", "operator", "unit", "team")}
        texts = {name: joined(given, name) for name in ("indicator", "check")}
        return {**found, **texts, "value": number(given["value"])}

    @staticmethod
    def start(row: QualityRow) -> dict[str, Any]:
        """What the form of a row begins with."""
        plain = {n: getattr(row, n) for n in ("process", "operator", "value", "unit", "team")}
        texts = {"indicator": row.indicator, "check": row.check}
        return plain | {f"{n}_{at}": getattr(t, at) for n, t in texts.items() for at in ("en", "zh")}


def rows_of(
    form: type[Row], data: Any, start: list[dict[str, Any]], *, blank: int = 2, **given: Any
) -> BaseFormSet[Any]:
    """The rows as forms, with some blank ones."""
    made = formset_factory(
        form, extra=blank, can_delete=True, can_delete_extra=False, max_num=MOST_ROWS,
        absolute_max=MOST_ROWS + 10,
    )  # fmt: skip
    return made(data, prefix="rows", initial=start, form_kwargs=given, auto_id="row-%s")


class Part(forms.Form):
    """One part of a requirement. ``rows`` are those of its measures, or None."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, part: str, content: Content, version: int, is_fixed: bool, things: Things
    ) -> None:
        self.part, self.content = part, content
        _label, self.texts, self.others = PARTS[part]
        dumped = content.dump()
        start: dict[str, Any] = {"version": version, **dumped["cost"], "calendar": content.calendar or ""}
        for name in self.texts:
            start |= two(name, dumped[name])
        start |= {name: dumped[name] for name in ("departments", "services")}
        super().__init__(data, initial=start, auto_id="part-%s")
        self._add_fields(things)
        if is_fixed:
            self.fields["reason"] = forms.CharField(
                label=_("Reason of the change"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}),
                help_text=_("There is a baseline: the change is kept against it."),
            )  # fmt: skip
        self.rows: BaseFormSet[Any] | None = None
        if part == "measures":
            self.rows = rows_of(MeasureRow, data, dumped["measures"], blank=3, things=things)

    def _add_fields(self, things: Things) -> None:
        for name in self.texts:
            for language, label in words.LANGUAGES.items():
                self.fields[f"{name}_{language}"] = forms.CharField(
                    label=label, required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 4})
                )
        makers: dict[str, Callable[[], forms.Field]] = {
            "calendar": lambda: _pick(words.PARTS["calendar"], things.calendars, _("none chosen")),
            "departments": lambda: _several(words.PARTS["departments"], things.teams),
            "services": lambda: _several(words.PARTS["services"], things.services),
            "amount": lambda: forms.DecimalField(label=words.PARTS["cost"], required=False, min_value=0),
            "currency": lambda: forms.CharField(label=_("Currency"), max_length=3, required=False),
            "per": lambda: forms.ChoiceField(label=_("Per"), choices=list(words.PER.items()), required=False),
        }
        for name in self.others:
            self.fields[name] = makers[name]()

    @property
    def pairs(self) -> list[dict[str, Any]]:
        """Each text with its two fields side by side."""
        return [
            {"label": words.PARTS[name], "fields": [self[f"{name}_en"], self[f"{name}_zh"]]}
            for name in self.texts
        ]

    @property
    def singles(self) -> list[Any]:
        names = (*self.others, *(["reason"] if "reason" in self.fields else []))
        return [self[name] for name in names]

    def is_valid(self) -> bool:
        is_own = super().is_valid()
        return (self.rows is None or self.rows.is_valid()) and is_own

    def put(self) -> dict[str, Any]:
        """The whole content with what was entered."""
        given, found = self.cleaned_data, self.content.dump()
        for name in self.texts:
            found[name] = joined(given, name)
        for name in ("departments", "services"):
            found[name] = given.get(name, found[name])
        if "calendar" in given:
            found["calendar"] = given["calendar"] or None
        if "amount" in given:
            amount = number(given["amount"]) or 0
            found["cost"] = {"amount": amount, "currency": given["currency"] or "CNY", "per": given["per"]}
        if self.rows is not None:
            found["measures"] = [row.dump() for row in kept(self.rows)]
        return found


def _pick(label: Any, rows: Mapping[str, Any], blank: Any) -> forms.ChoiceField:
    choices = [("", blank), *((code, row.name) for code, row in rows.items())]
    return forms.ChoiceField(label=label, choices=choices, required=False)


def _several(label: Any, rows: Mapping[str, Any]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, required=False, choices=[(code, row.name) for code, row in rows.items()],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip


def kept(rows: BaseFormSet[Any]) -> list[Row]:
    return [row for row in rows.forms if row.is_kept]


def take(form: forms.Form, rows: BaseFormSet[Any] | None, refused: ValidationError) -> None:
    """Put what a verb refused at its field or row, or above the form where there is no such place."""
    for path, messages in refused.message_dict.items():
        at = re.match(r"(?:rows|measures)\[(\d+)\]\.?(\w*)", path)
        for message in messages:
            if at and rows is not None:
                row = kept(rows)[int(at[1])]
                name = row.FIELDS.get(at[2], at[2])
                row.add_error(name if name in row.fields else None, message)
                form.add_error(None, _("Nothing was saved yet: see the marked fields."))
            else:
                form.add_error(path if path in form.fields else None, message)


class Sheet(forms.Form):
    """The version that the writer of a sheet saw; its rows stand beside it."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class Standard(forms.Form):
    """What an implementation standard says, in both languages."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in STANDARD_TEXTS:
            label = words.LANGUAGES[name[-2:]]
            self.fields[name] = forms.CharField(
                label=label, required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 6})
            )

    @property
    def pairs(self) -> list[dict[str, Any]]:
        return [
            {"label": label, "fields": [self[f"{part}_en"], self[f"{part}_zh"]]}
            for part, label in words.STANDARD_PARTS.items()
        ]
