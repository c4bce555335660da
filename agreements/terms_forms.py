"""The forms of a draft's terms: each writes one place of the terms and leaves the rest as it is.

``Part`` is what they share: which place it is, what the place holds, and how a refusal of the terms as a
whole comes back at a field. The forms of targets, measures, credits, rewards and reports are in
terms_row_forms.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, BoundField, formset_factory
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements import terms_words
from records.kinds import ticket_reasons
from records.models import Level, Priority
from sla.naming import Names
from sla.terms import MOST_TEXT, TermsError

Choices = list[tuple[str, Any]]
REFUSALS: Mapping[str, Any] = {
    "required": gettext_lazy("Fill this in."),
    "duplicate": gettext_lazy(
        "This is promised already: change that row, or choose another service or priority."
    ),
    "not_descending": gettext_lazy("Write the days in descending order, each once."),
    "not_in_scope": gettext_lazy("Choose this service among those in scope too."),
    "not_ascending": gettext_lazy("Write the percentages in ascending order, each once."),
    "not_positive": gettext_lazy("This must be more than zero."),
    "out_of_range": gettext_lazy("This number is too small or too large here."),
    "too_many": gettext_lazy("These are too many."),
    "bad_length": gettext_lazy("This is empty or too long."),
    "unknown_target": gettext_lazy("A credit or a reward depends on this target; change that first."),
    "overlaps": gettext_lazy("A reward begins above the mark of the credit for the same target."),
    "same_mark": gettext_lazy("This target has a reward at this mark already."),
    "not_a_share": gettext_lazy(
        "A reward depends on this being a percentage that is at least so high; change the rewards first."
    ),
}


def digest(value: Any) -> str:
    """A short mark by which it shows whether a place of the terms is still as somebody saw it."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def named(rows: Mapping[str, Any], used: Iterable[str]) -> Choices:
    """What may be chosen by code, by name; with codes that stand in the draft but that nobody knows."""
    known: Choices = sorted(((code, row.name) for code, row in rows.items()), key=lambda pair: str(pair[1]))
    unknown = dict.fromkeys(code for code in used if code and code not in rows)
    return known + [(code, _("%s (unknown)") % code) for code in unknown]


def known(code: str, rows: Mapping[str, Any]) -> str:
    """The code, or a ValidationError if nobody knows it."""
    if code and code not in rows:
        raise ValidationError(_("There is nothing with the code “%(code)s”.") % {"code": code})
    return code


def number(value: Decimal) -> int | float:
    """A decimal as JSON takes it: whole where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)


def whole_numbers(text: str, *, most: int, words: str) -> list[int]:
    """Numbers from 1 to ``most`` written in a row; ValidationError with these words for anything else."""
    found = [word for word in re.split(r"[\s,;，、；%]+", text) if word]
    if any(not word.isascii() or not word.isdigit() or not 1 <= int(word) <= most for word in found):
        raise ValidationError(words)
    return [int(word) for word in found]


def plain(text: str) -> str:
    """Line ends as everywhere else; browsers send their own."""
    return text.replace("\r\n", "\n")


class Part(forms.Form):
    """The form of one place of the terms, with the version and the state of the place that its writer saw.

    ``terms`` is the JSON form that `Terms.dump` gives. A part with a ``row_form`` has rows besides.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    KEYS: ClassVar[tuple[str, ...]] = ()
    row_form: ClassVar[type[forms.Form] | None] = None
    most_rows: ClassVar[int] = 100

    def __init__(
        self, data: Any = None, *, terms: dict[str, Any], names: Names, version: int, **given: Any
    ) -> None:
        self.terms, self.names, self.given = terms, names, given
        marks = {"version": version, "seen": digest(self.place(terms))}
        super().__init__(data, initial={**self.values(), **marks}, auto_id="terms-%s")
        self.prepare()
        self.rows = self._rows(data)

    # --- what a part says about itself ---------------------------------------------------------

    def place(self, terms: Mapping[str, Any]) -> Any:
        """The part of the terms that this form writes."""
        return {key: terms[key] for key in self.KEYS}

    def values(self) -> dict[str, Any]:
        """The fields as the terms have them."""
        return {}

    def row_values(self) -> list[dict[str, Any]]:
        return []

    def row_words(self) -> dict[str, Any]:
        """What each row's form is given besides."""
        return {}

    @property
    def blank_rows(self) -> int:
        """How many empty rows are offered."""
        return 2

    def prepare(self) -> None:
        """Give the fields their choices."""

    def put(self, terms: Mapping[str, Any]) -> dict[str, Any]:
        """The terms with what was entered, which `is_valid` has found well-formed."""
        return {**terms, **{key: self.cleaned_data[key] for key in self.KEYS}}

    def field_at(self, path: str) -> str | tuple[int, str]:
        """The field, or the row and its field, that a path within the terms belongs to; "" if none here."""
        return ""

    # --- rows ----------------------------------------------------------------------------------

    def _rows(self, data: Any) -> BaseFormSet[Any] | None:
        if self.row_form is None:
            return None
        made = formset_factory(
            self.row_form,
            extra=self.blank_rows,
            can_delete=True,
            can_delete_extra=False,
            max_num=self.most_rows,
            absolute_max=self.most_rows + 2,
        )
        return made(
            data, prefix="rows", initial=self.row_values(), form_kwargs=self.row_words(), auto_id="terms-%s"
        )

    @property
    def kept(self) -> list[Any]:
        """The rows to save: filled in and not struck out."""
        rows = self.rows.forms if self.rows else []
        return [row for row in rows if row.has_changed_or_stood() and not row.cleaned_data.get("DELETE")]

    def is_valid(self) -> bool:
        is_own = super().is_valid()
        if self.rows is None or self.rows.is_valid():
            return is_own
        self.add_error(None, _("Nothing was saved yet: see the marked fields."))
        return False

    # --- refusals ------------------------------------------------------------------------------

    def refuse(self, refused: TermsError) -> None:
        """Put what the terms as a whole refuse at its field, in the reader's words."""
        words = REFUSALS.get(refused.code, _("This value is not accepted."))
        at = self.field_at(refused.field)
        if isinstance(at, tuple):
            row, name = at
            self.kept[row].add_error(name, words)
            self.add_error(None, _("Nothing was saved yet: see the marked fields."))
        elif at:
            self.add_error(at, words)
        else:
            part = refused.field.partition("[")[0].partition(".")[0]
            self.add_error(None, f"{terms_words.FIELDS.get(part, part)}: {words}")

    def focus(self) -> None:
        """Let the browser put the cursor into the first field that is wrong."""
        for field in [*self, *(field for row in (self.rows.forms if self.rows else []) for field in row)]:
            if field.errors and not field.is_hidden:
                field.field.widget.attrs["autofocus"] = True
                return

    def marked(self, typed: Any) -> Any:
        """What was typed, on top of the state that this form shows."""
        found = typed.copy()
        found["version"], found["seen"] = str(self.initial["version"]), self.initial["seen"]
        return found

    # --- the place in words --------------------------------------------------------------------

    def lines(self) -> list[dict[str, str]]:
        """What the terms say here, as labels and words: to read, and to compare with what was typed."""
        found = [
            {"label": str(field.label), "value": words_of(field, field.initial)}
            for field in self.visible_fields()
        ]
        for n, row in enumerate(self.rows.initial_forms if self.rows else [], start=1):
            fields = [field for field in row.visible_fields() if field.name != "DELETE"]
            words = [f"{field.label}: {words_of(field, field.initial)}" for field in fields]
            found.append({"label": _("Row %(n)s") % {"n": n}, "value": " · ".join(words)})
        return found


class Row(forms.Form):
    """A row of a part. An empty one is no row."""

    def has_changed_or_stood(self) -> bool:
        return self.has_changed() or not self.empty_permitted


def words_of(field: BoundField, value: Any) -> str:
    """A value as a person reads it."""
    shape = field.field
    if isinstance(shape, forms.MultipleChoiceField):
        named = dict(flat(shape.choices))
        chosen = ", ".join(str(named.get(each, each)) for each in value or [])
        return chosen or (_("all services") if field.name == "services" else "")
    if isinstance(shape, forms.ChoiceField):
        shown = {str(key): words for key, words in flat(shape.choices)}
        return str(shown.get(str(value or ""), value or ""))
    if isinstance(shape, forms.BooleanField):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)


def flat(choices: Any) -> Choices:
    """The choices of a list with groups."""
    found: Choices = []
    for value, label in choices:
        if isinstance(label, list | tuple):
            found.extend(label)
        else:
            found.append((value, label))
    return found


class General(Part):
    """Hours, warnings, pauses, what happens on reopening, services, reviews and cost."""

    KEYS = (
        "calendar", "services", "key_services", "pausing_reasons", "warn_at", "reopen_starts_new_cycle",
        "review_months", "renewal", "cost",
    )  # fmt: skip
    calendar = forms.ChoiceField(
        label=gettext_lazy("Service hours"), help_text=gettext_lazy("When the clocks of the targets run.")
    )
    services = forms.MultipleChoiceField(
        label=gettext_lazy("Services in scope"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: all services."),
    )  # fmt: skip
    key_services = forms.MultipleChoiceField(
        label=gettext_lazy("Key services"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Key systems need targets of their own, no looser, and a recovery time."),
    )  # fmt: skip
    pausing_reasons = forms.MultipleChoiceField(
        label=gettext_lazy("Waiting for these pauses the clocks"), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("While a ticket waits for anything else, its clocks run on."),
    )  # fmt: skip
    warn_at = forms.CharField(
        label=gettext_lazy("Warn at (percent of the time)"), required=False, max_length=60,
        help_text=gettext_lazy("In ascending order, such as 50, 75, 90. Empty: no warnings."),
    )  # fmt: skip
    reopen_starts_new_cycle = forms.BooleanField(
        label=gettext_lazy("A reopened ticket gets its full time again"), required=False,
        help_text=gettext_lazy("Otherwise its clock goes on where it stood."),
    )  # fmt: skip
    review_months = forms.IntegerField(
        label=gettext_lazy("Review together every (months)"), min_value=1, max_value=12
    )
    renewal_at_end = forms.ChoiceField(
        label=gettext_lazy("At the end of its validity"), choices=list(terms_words.AT_END.items()),
        help_text=gettext_lazy("If no new edition is signed by then."),
    )  # fmt: skip
    renewal_prompt_days = forms.CharField(
        label=gettext_lazy("Tell the owner before the end (days)"), required=False, max_length=60,
        help_text=gettext_lazy("In descending order, such as 90, 60, 30. Empty: nobody is told."),
    )  # fmt: skip
    cost_amount = forms.DecimalField(
        label=gettext_lazy("Expected cost"), min_value=0, max_digits=14, decimal_places=2
    )
    cost_currency = forms.RegexField(
        r"^[A-Z]{3}$", label=gettext_lazy("Currency"),
        error_messages={"invalid": gettext_lazy("Write three capital letters, such as CNY.")},
    )  # fmt: skip
    cost_per = forms.ChoiceField(label=gettext_lazy("per"))

    def values(self) -> dict[str, Any]:
        found = {key: self.terms[key] for key in self.KEYS if key not in ("warn_at", "renewal", "cost")}
        found["warn_at"] = ", ".join(map(str, self.terms["warn_at"]))
        renewal = self.terms["renewal"]
        found["renewal_at_end"] = renewal["at_end"]
        found["renewal_prompt_days"] = ", ".join(map(str, renewal["prompt_days"]))
        return found | {f"cost_{name}": value for name, value in self.terms["cost"].items()}

    def prepare(self) -> None:
        calendar: Any = self.fields["calendar"]
        calendar.choices = named(self.names.calendars, [self.terms["calendar"]])
        services: Any = self.fields["services"]
        offered = {code: row for code, row in self.names.services.items() if row.is_published}
        offered |= {c: self.names.services[c] for c in self.terms["services"] if c in self.names.services}
        services.choices = named(offered, self.terms["services"])
        key_services: Any = self.fields["key_services"]
        key_services.choices = named(offered, [*self.terms["services"], *self.terms["key_services"]])
        reasons: Any = self.fields["pausing_reasons"]
        words = {str(code): label for code, label in ticket_reasons().items()}
        old = [code for code in self.terms["pausing_reasons"] if code not in words]
        reasons.choices = [*words.items(), *((code, _("%s (unknown)") % code) for code in old)]
        per: Any = self.fields["cost_per"]
        periods = dict(terms_words.PERIODS)
        per.choices = list(
            (periods | {p: p for p in [self.terms["cost"]["per"]] if p not in periods}).items()
        )

    def clean_calendar(self) -> str:
        return known(self.cleaned_data["calendar"], self.names.calendars)

    def clean_services(self) -> list[str]:
        return [known(code, self.names.services) for code in self.cleaned_data["services"]]

    def clean_key_services(self) -> list[str]:
        return [known(code, self.names.services) for code in self.cleaned_data["key_services"]]

    def clean_warn_at(self) -> list[int]:
        words = _("Write whole percentages from 1 to 99, such as 50, 75, 90.")
        return whole_numbers(self.cleaned_data["warn_at"], most=99, words=words)

    def clean_renewal_prompt_days(self) -> list[int]:
        words = _("Write whole days from 1 to 730, such as 90, 60, 30.")
        return whole_numbers(self.cleaned_data["renewal_prompt_days"], most=730, words=words)

    def put(self, terms: Mapping[str, Any]) -> dict[str, Any]:
        entered = self.cleaned_data
        cost = {
            "amount": number(entered["cost_amount"]),
            "currency": entered["cost_currency"],
            "per": entered["cost_per"],
        }
        renewal = {"at_end": entered["renewal_at_end"], "prompt_days": entered["renewal_prompt_days"]}
        plainly = {key: entered[key] for key in self.KEYS if key not in ("cost", "renewal")}
        return {**terms, **plainly, "renewal": renewal, "cost": cost}

    def field_at(self, path: str) -> str:
        name = path.partition("[")[0].replace(".", "_")
        return name if name in self.fields else ""


class Guide(Part):
    """Which priority an impact and an urgency give: nine choices."""

    def place(self, terms: Mapping[str, Any]) -> Any:
        return terms["matrix"]

    def values(self) -> dict[str, Any]:
        return {f"p{pair}": priority for pair, priority in self.terms["matrix"].items()}

    def prepare(self) -> None:
        for impact in Level:
            for urgency in Level:
                words = _("Impact %(impact)s, urgency %(urgency)s") % {
                    "impact": impact.label.lower(), "urgency": urgency.label.lower(),
                }  # fmt: skip
                self.fields[f"p{impact.value}{urgency.value}"] = forms.TypedChoiceField(
                    label=words, coerce=int, choices=[(p.value, f"{p.value} · {p.label}") for p in Priority],
                    widget=forms.Select(attrs={"aria-label": words}),
                )  # fmt: skip

    @property
    def grid(self) -> list[dict[str, Any]]:
        """The fields as rows of impact, each with its columns of urgency."""
        return [
            {"label": impact.label, "cells": [self[f"p{impact.value}{urgency.value}"] for urgency in Level]}
            for impact in Level
        ]

    def put(self, terms: Mapping[str, Any]) -> dict[str, Any]:
        return {**terms, "matrix": {pair: self.cleaned_data[f"p{pair}"] for pair in terms["matrix"]}}

    def field_at(self, path: str) -> str:
        name = f"p{path.removeprefix('matrix.')}"
        return name if name in self.fields else ""


def text_area(label: Any, lang: str, *, rows: int = 10, most: int = MOST_TEXT) -> forms.CharField:
    """A long text in one language."""
    widget = forms.Textarea(attrs={"rows": rows, "lang": lang})
    return forms.CharField(label=label, required=False, max_length=most, widget=widget)


class SectionPart(Part):
    """One section of the document: its text in both languages, or why it does not apply (SLM-12)."""

    en = text_area(gettext_lazy("English text"), "en")
    zh = text_area(gettext_lazy("Chinese text"), "zh")
    not_applicable = forms.CharField(
        label=gettext_lazy("Does not apply, because"), required=False, max_length=1000,
        help_text=gettext_lazy("Only if this section is left out. The reason is signed with the agreement."),
    )  # fmt: skip

    @property
    def code(self) -> str:
        return str(self.given["code"])

    @property
    def help(self) -> Any:
        """What belongs into this section."""
        return terms_words.HELP[self.code]

    def place(self, terms: Mapping[str, Any]) -> Any:
        return terms["sections"].get(self.code)

    def values(self) -> dict[str, Any]:
        return dict(self.terms["sections"].get(self.code, {}))

    def clean(self) -> dict[str, Any]:
        entered: dict[str, Any] = super().clean() or {}
        if entered.get("not_applicable") and (entered.get("en") or entered.get("zh")):
            self.add_error("not_applicable", _("Either write the section, or say why it does not apply."))
        return entered

    def put(self, terms: Mapping[str, Any]) -> dict[str, Any]:
        written = {name: plain(self.cleaned_data[name]) for name in ("en", "zh", "not_applicable")}
        return {**terms, "sections": {**terms["sections"], self.code: written}}

    def field_at(self, path: str) -> str:
        name = path.removeprefix(f"sections.{self.code}.")
        return name if name in self.fields else ""
