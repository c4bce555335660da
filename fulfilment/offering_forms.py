"""The forms of orderable entries: what they say, one field, one approval stage, one task. Shape only."""

import re
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Team, User
from catalog.models import Service
from catalog.offer import Text
from fulfilment import blueprint as kinds
from fulfilment.act_forms import colleagues
from fulfilment.blueprint import Blueprint, Choice, Condition, Field, Party, Stage, TaskTemplate
from fulfilment.models import Offering
from records.fields import Moment
from records.models import Priority

TYPES = {
    kinds.TEXT: _("Short text"),
    kinds.LONG: _("Long text"),
    kinds.CHOICE: _("One of several"),
    kinds.CHOICES: _("Any of several"),
    kinds.DATE: _("Date"),
    kinds.NUMBER: _("Number"),
    kinds.FLAG: _("Yes or no"),
    kinds.FILE: _("File"),
    kinds.PERSON: _("Person of the customer"),
    kinds.ITEM: _("Configuration item of the customer"),
}


def _line(label: Any, *, required: bool = False, most: int = 200) -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=most)


def _area(label: Any, rows: int = 3, **options: Any) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, max_length=4000, widget=area, **options)


def _pair(data: dict[str, Any], name: str) -> Text:
    return Text(data[f"{name}_en"].strip(), data[f"{name}_zh"].strip())


class New(forms.Form):
    code = forms.SlugField(label=_("Short name for addresses and programs"), max_length=50)
    name_en = _line(_("Name (English)"), required=True)
    name_zh = _line(_("Name (Chinese)"), required=True)
    service = forms.ModelChoiceField(Service.objects.published(), label=_("Service"))
    kind = forms.ChoiceField(label=_("Kind"), choices=Offering.Kind.choices)

    @property
    def facts(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {**{n: data[n] for n in ("code", "service", "kind")}, "name": _pair(data, "name")}


class Settle(forms.Form):
    """To which service it belongs and whom it is offered to; at once."""

    service = forms.ModelChoiceField(Service.objects.published(), label=_("Service"))
    kind = forms.ChoiceField(label=_("Kind"), choices=Offering.Kind.choices)
    audience = forms.ChoiceField(label=_("Offered to"), choices=Offering.Audience.choices)
    organisations = forms.ModelMultipleChoiceField(
        Organisation.objects.filter(kind=Organisation.Kind.CUSTOMER, is_active=True),
        label=_("Named customers"), required=False, widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    for_contacts_only = forms.BooleanField(label=_("Only for the customers' contacts"), required=False)


class Words(forms.Form):
    """What the entry says to customers, and how it is worked off."""

    name_en = _line(_("Name (English)"))
    name_zh = _line(_("Name (Chinese)"))
    what_en = _area(_("What it is (English)"))
    what_zh = _area(_("What it is (Chinese)"))
    price = forms.DecimalField(label=_("Price"), required=False, min_value=0, max_digits=12, decimal_places=2)
    currency = forms.RegexField(
        r"^[A-Z]{3}$", label=_("Currency"), initial="CNY",
        error_messages={"invalid": _("Write three capital letters, such as CNY.")},
    )  # fmt: skip
    unit_en = _line(_("Per (English)"), most=50)
    unit_zh = _line(_("Per (Chinese)"), most=50)
    level_en = _line(_("Service level shown (English)"), most=300)
    level_zh = _line(_("Service level shown (Chinese)"), most=300)
    duration_en = _line(_("How long it takes (English)"))
    duration_zh = _line(_("How long it takes (Chinese)"))
    team = forms.ModelChoiceField(
        Team.objects.filter(is_active=True), label=_("Team"), required=False, to_field_name="code",
        empty_label=_("First support of the service"),
    )  # fmt: skip
    priority = forms.TypedChoiceField(
        label=_("Priority"), choices=Priority.choices, coerce=int,
        help_text=_("With the service it decides which targets of the agreement apply."),
    )  # fmt: skip
    is_chargeable = forms.BooleanField(
        label=_("Charged: begins only after the customer accepted a quotation"), required=False
    )
    TEXTS = ("name", "what", "unit", "level", "duration")

    @classmethod
    def begin(cls, draft: Blueprint) -> dict[str, Any]:
        """The initial values of a draft."""
        plain: dict[str, Any] = {
            n: getattr(draft, n) for n in ("price", "currency", "team", "priority", "is_chargeable")
        }
        for name in cls.TEXTS:
            text = getattr(draft, name)
            plain |= {f"{name}_en": text.en, f"{name}_zh": text.zh}
        return plain

    def apply(self, draft: Blueprint) -> Blueprint:
        data = self.cleaned_data
        price = data["price"]
        texts: dict[str, Any] = {name: _pair(data, name) for name in self.TEXTS}
        return replace(
            draft,
            **texts,
            price="" if price is None else format(price, ".2f"),
            currency=data["currency"],
            team=data["team"].code if data["team"] else "",
            priority=data["priority"],
            is_chargeable=data["is_chargeable"],
        )


class FieldForm(forms.Form):
    """One field of the order's form."""

    type = forms.ChoiceField(label=_("Kind of answer"), choices=list(TYPES.items()))
    label_en = _line(_("Label (English)"))
    label_zh = _line(_("Label (Chinese)"))
    help_en = _line(_("Help (English)"), most=300)
    help_zh = _line(_("Help (Chinese)"), most=300)
    required = forms.BooleanField(label=_("Must be answered"), required=False)
    choices = _area(_("Choices"), 4, help_text=_("One per line: English | Chinese. Only where one chooses."))
    when_field = forms.ChoiceField(label=_("Shown only when"), required=False)
    when_value = _line(_("is (one of its answers)"))
    least = forms.IntegerField(
        label=_("Least"), required=False, help_text=_("Of a number; of a text: its length.")
    )
    most = forms.IntegerField(label=_("Most"), required=False)
    pattern = forms.CharField(
        label=_("Pattern"), required=False, max_length=200,
        help_text=_("A regular expression the whole short text must fit, such as [A-Z]{2}[0-9]{6}."),
    )  # fmt: skip

    def __init__(self, *args: Any, draft: Blueprint, key: str = "", **options: Any) -> None:
        self.draft, self.key = draft, key
        if key and (known := draft.field(key)):
            options.setdefault("initial", self._begin(known))
        super().__init__(*args, **options)
        earlier = [one for one in self._earlier() if one.steers]
        named = [(one.key, one.label.en or one.label.zh or one.key) for one in earlier]
        self.fields["when_field"].choices = [("", _("(always)")), *named]  # type: ignore[attr-defined]

    def _earlier(self) -> list[Field]:
        """The fields above this one; all of them for a new one."""
        found = []
        for one in self.draft.fields:
            if one.key == self.key:
                break
            found.append(one)
        return found

    def _begin(self, known: Field) -> dict[str, Any]:
        when = known.shown_when
        steering = self.draft.field(when.field) if when else None
        options = steering.options() if steering else ()
        chosen = next((o for o in options if when and o.key == when.value), None)
        return {
            "type": known.type, "label_en": known.label.en, "label_zh": known.label.zh,
            "help_en": known.help.en, "help_zh": known.help.zh, "required": known.required,
            "choices": "\n".join(f"{c.label.en} | {c.label.zh}" for c in known.choices),
            "when_field": when.field if when else "", "when_value": chosen.label.en if chosen else "",
            "least": known.least, "most": known.most, "pattern": known.pattern,
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not (data.get("label_en") or data.get("label_zh")):
            self.add_error("label_en", _("Give it a label."))
        if data.get("type") in kinds.CHOOSING and not self._choices(data):
            self.add_error("choices", _("Give at least one choice."))
        if (pattern := data.get("pattern")) and not kinds.is_pattern(pattern):
            self.add_error("pattern", _("This pattern cannot be read, or could take too long to match."))
        least, most = data.get("least"), data.get("most")
        if least is not None and most is not None and least > most:
            self.add_error("most", _("The most must not lie below the least."))
        data["condition"] = self._condition(data)
        return data

    def _condition(self, data: dict[str, Any]) -> Condition | None:
        key, value = data.get("when_field"), (data.get("when_value") or "").strip().lower()
        steering = self.draft.field(key) if key else None
        if steering is None:
            return None
        for option in steering.options():
            if value in (option.key, option.label.en.lower(), option.label.zh.lower()):
                return Condition(steering.key, option.key)
        known = ", ".join(o.label.en or o.label.zh for o in steering.options())
        self.add_error("when_value", gettext("Its answers are: %(answers)s.") % {"answers": known})
        return None

    def _choices(self, data: dict[str, Any]) -> tuple[Choice, ...]:
        """The choices written, each with the key it had, so that conditions on it stay."""
        known = self.draft.field(self.key) if self.key else None
        by_label = {c.label.en.strip().lower() or c.label.zh: c.key for c in known.choices} if known else {}
        found: list[Choice] = []
        for line in (data.get("choices") or "").splitlines():
            en, _mark, zh = (part.strip() for part in line.partition("|"))
            if en or zh:
                taken = {choice.key for choice in found}
                key = by_label.get(en.lower() or zh) or key_of(en, taken)
                found.append(Choice(key, Text(en, zh)))
        return tuple(found)

    @property
    def made(self) -> Field:
        data = self.cleaned_data
        taken = {one.key for one in self.draft.fields}
        is_choosing = data["type"] in kinds.CHOOSING
        return Field(
            key=self.key or key_of(data["label_en"], taken), type=data["type"], label=_pair(data, "label"),
            help=_pair(data, "help"), required=data["required"],
            choices=self._choices(data) if is_choosing else (), shown_when=data["condition"],
            least=data["least"], most=data["most"], pattern=data["pattern"],
        )  # fmt: skip


def key_of(label: str, taken: set[str]) -> str:
    """A short name for programs from a label, other than those taken."""
    words = re.sub(r"[^a-z0-9]+", "_", slugify(label)).strip("_")[:24]
    base = words if words and words[0].isalpha() else "field"
    if base not in taken and base != "field":
        return base
    return next(f"{base}_{n}" for n in range(1, len(taken) + 2) if f"{base}_{n}" not in taken)


class StageForm(forms.Form):
    """One approval stage."""

    name_en = _line(_("Name (English)"), required=True)
    name_zh = _line(_("Name (Chinese)"), required=True)
    rule = forms.ChoiceField(
        label=_("Rule"),
        choices=[(kinds.ANY, _("one of them is enough")), (kinds.ALL, _("all of them must approve"))],
    )
    contact = forms.BooleanField(label=_("Ask the customer's contacts"), required=False)
    leads = forms.ModelMultipleChoiceField(
        Team.objects.filter(is_active=True), label=_("Ask the leads of"), required=False,
        widget=forms.CheckboxSelectMultiple, to_field_name="code",
    )  # fmt: skip
    people = forms.ModelMultipleChoiceField(
        User.objects.none(), label=_("Ask these people"), required=False, to_field_name="username"
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["people"].queryset = colleagues().order_by("display_name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not (data.get("contact") or data.get("leads") or data.get("people")):
            self.add_error(None, _("Say who is asked."))
        return data

    @property
    def made(self) -> Stage:
        data = self.cleaned_data
        parties = [Party(kinds.CONTACT)] if data["contact"] else []
        parties += [Party(kinds.TEAM_LEAD, team.code) for team in data["leads"]]
        parties += [Party(kinds.NAMED, person.username) for person in data["people"]]
        return Stage(_pair(data, "name"), data["rule"], tuple(parties))


class TaskForm(forms.Form):
    """One piece of work of the fulfilment."""

    title_en = _line(_("What is to be done (English)"), required=True)
    title_zh = _line(_("What is to be done (Chinese)"), required=True)
    order = forms.IntegerField(
        label=_("Step"), min_value=1, max_value=99, initial=1,
        help_text=_("Those of the same step are done side by side, the next step after them."),
    )  # fmt: skip
    team = forms.ModelChoiceField(
        Team.objects.filter(is_active=True), label=_("Team"), required=False, to_field_name="code",
        empty_label=_("The team of the request"),
    )  # fmt: skip

    @property
    def made(self) -> TaskTemplate:
        data = self.cleaned_data
        return TaskTemplate(_pair(data, "title"), data["order"], data["team"].code if data["team"] else "")


class Because(forms.Form):
    reason = _line(_("Reason"), required=True, most=500)


class Publish(forms.Form):
    reason = _line(_("What has changed, and why"), most=500)


class Away(forms.Form):
    words_en = _line(_("Why (English)"), required=True, most=300)
    words_zh = _line(_("Why (Chinese)"), required=True, most=300)
    until = Moment(label=_("Expected to return"))


class Nothing(forms.Form):
    """A step that only needs a yes."""
