"""What people enter about an entry of the catalogue; what it means is checked by the verbs."""

import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from accounts.models import Team, User
from catalog import queries
from catalog.models import ReviewDecision, Service, ServiceFamily
from catalog.offer import REQUIRED, Offer, Text
from catalog.words import LABELS, LANGUAGES, LISTS

SECTIONS: tuple[tuple[str, Any, Any], ...] = (
    ("name", gettext_lazy("Name"), ""),
    ("customer", gettext_lazy("Customer view"), gettext_lazy("Words of the business; nothing technical.")),
    ("provider", gettext_lazy("Provider view"), gettext_lazy("Only the staff read this.")),
)
PER_LINE = gettext_lazy("One per line; the same number of lines in both languages.")


def _area(label: Any, *, required: bool = True, rows: int = 2, most: int = 500) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, widget=widget, max_length=most)


def _pairs() -> list[str]:
    """The paths of an offer that are kept in both languages."""
    return [path for path in LABELS if path not in ("provider.groups", "provider.depends_on")]


def _name(path: str, language: str = "") -> str:
    return "__".join((*path.split("."), *([language] if language else [])))


class Classification(forms.Form):
    """Where an entry belongs and who stands behind it."""

    family = forms.ModelChoiceField(ServiceFamily.objects.none(), label=gettext_lazy("Family"))
    portfolio_class = forms.ChoiceField(
        label=gettext_lazy("Portfolio class"), choices=Service.PortfolioClass.choices
    )
    owner = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Service owner"), required=False)
    support_team = forms.ModelChoiceField(
        Team.objects.none(), label=gettext_lazy("First support"), required=False
    )
    second_line_team = forms.ModelChoiceField(
        Team.objects.none(), label=gettext_lazy("Second line"), required=False
    )

    def __init__(self, *args: Any, service: Service | None = None, **kwargs: Any) -> None:
        if service is not None:
            names = ("family", "portfolio_class", "owner", "support_team", "second_line_team")
            kwargs["initial"] = {name: getattr(service, name) for name in names}
        super().__init__(*args, **kwargs)
        teams = Team.objects.filter(is_active=True).order_by("name_en")
        for name, rows in (
            ("family", ServiceFamily.objects.all()),
            ("owner", queries.staff()),
            ("support_team", teams),
            ("second_line_team", teams),
        ):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]


class New(Classification):
    """A new entry: its code and names, and where it belongs."""

    field_order = ("name_en", "name_zh", "code")
    code = forms.CharField(
        label=gettext_lazy("Code"), max_length=50,
        help_text=gettext_lazy("A short word for programs and addresses, such as “backup”. It stays."),
    )  # fmt: skip
    name_en = forms.CharField(label=gettext_lazy("Name (English)"), max_length=200)
    name_zh = forms.CharField(label=gettext_lazy("Name (Chinese)"), max_length=200)


class Decide(forms.Form):
    result = forms.ChoiceField(
        label=gettext_lazy("Result"), choices=ReviewDecision.Result.choices, widget=forms.RadioSelect
    )
    comment = _area(gettext_lazy("Comment"), required=False, most=4000)


class Because(forms.Form):
    reason = _area(gettext_lazy("Reason"))


class Nothing(forms.Form):
    """An act that needs no words."""


class Unavailable(forms.Form):
    words_en = forms.CharField(label=gettext_lazy("Why (English)"), max_length=300)
    words_zh = forms.CharField(label=gettext_lazy("Why (Chinese)"), max_length=300)
    until = forms.DateTimeField(
        label=gettext_lazy("Expected to return"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )  # fmt: skip


_Boxes = forms.CheckboxSelectMultiple


class Proposal(forms.Form):
    """A whole offer, each text in both languages side by side, and who is asked to decide."""

    groups = forms.ModelMultipleChoiceField(
        Team.objects.none(), label=LABELS["provider.groups"], required=False, widget=_Boxes
    )
    depends_on = forms.ModelMultipleChoiceField(
        Service.objects.none(), label=LABELS["provider.depends_on"], required=False, widget=_Boxes
    )
    members = forms.ModelMultipleChoiceField(
        User.objects.none(), label=gettext_lazy("Review committee"), widget=_Boxes,
        help_text=gettext_lazy("All of them have to approve before it is published."),
    )  # fmt: skip
    reason = _area(gettext_lazy("Reason of the change"), required=False)

    def __init__(self, *args: Any, service: Service, offer: Offer, actor: Actor, **kwargs: Any) -> None:
        kwargs["initial"] = _initial(offer)
        super().__init__(*args, **kwargs)
        for path in _pairs():
            for language in LANGUAGES:
                self.fields[_name(path, language)] = _field(path, language)
        others = Service.objects.published().exclude(pk=service.pk).order_by("name_en")
        teams = Team.objects.filter(is_active=True).order_by("name_en")
        for name, rows in (
            ("groups", teams), ("depends_on", others), ("members", queries.committee(actor)),
        ):  # fmt: skip
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        self.fields["reason"].required = service.present_id is not None

    def clean(self) -> dict[str, Any]:
        """Adds ``offer``, the JSON form of what was entered."""
        given = super().clean() or {}
        offer: dict[str, Any] = {"customer": {}, "provider": {}}
        for path in _pairs():
            view, _dot, name = path.partition(".")
            words = [str(given.get(_name(path, language), "")) for language in LANGUAGES]
            value = self._lines(path, *words) if path in LISTS else _text(*words)
            if name:
                offer[view][name] = value
            else:
                offer[view] = value
        offer["provider"]["groups"] = [team.code for team in given.get("groups") or ()]
        offer["provider"]["depends_on"] = [service.code for service in given.get("depends_on") or ()]
        return {**given, "offer": offer}

    def _lines(self, path: str, en: str, zh: str) -> list[dict[str, str]]:
        parts = [[line.strip() for line in text.splitlines() if line.strip()] for text in (en, zh)]
        if len(parts[0]) != len(parts[1]):
            message = _("The numbers of lines differ: %(en)d in English, %(zh)d in Chinese.")
            numbers = {"en": len(parts[0]), "zh": len(parts[1])}
            self.add_error(_name(path, "zh"), message % numbers)
        return [_text(*pair) for pair in zip_longest(*parts, fillvalue="")]

    def take(self, refused: ValidationError) -> None:
        """Put what a verb refused at its field, or above the form where there is no such field."""
        for place, errors in refused.message_dict.items():
            for words in errors:
                self.add_error(self._field_of(place), words)

    def _field_of(self, place: str) -> str | None:
        path = re.sub(r"\[\d+\]", "", place.removeprefix("offer.")).split(".")
        candidates = ("__".join(path), "__".join((*path, "zh")), path[-1])
        return next((name for name in candidates if name in self.fields), None)

    @property
    def sections(self) -> Iterator[dict[str, Any]]:
        """The form as the page shows it: {title, hint, rows of {en, zh}, fields}."""
        for view, title, hint in SECTIONS:
            paths = [path for path in _pairs() if path.partition(".")[0] == view]
            yield {
                "title": title,
                "hint": hint,
                "rows": [{language: self[_name(path, language)] for language in LANGUAGES} for path in paths],
                "fields": [self["groups"], self["depends_on"]] if view == "provider" else [],
            }


def _text(en: str, zh: str) -> dict[str, str]:
    return {"en": en, "zh": zh}


def _field(path: str, language: str) -> forms.CharField:
    label = _("%(part)s (%(language)s)") % {"part": LABELS[path], "language": LANGUAGES[language]}
    if path == "name":
        return forms.CharField(label=label, max_length=200)
    rows = 3 if path in LISTS else 2
    field = _area(label, required=path in REQUIRED, rows=rows, most=16_000 if path in LISTS else 4000)
    field.widget.attrs["lang"] = language
    if path in LISTS:
        field.help_text = PER_LINE
    return field


def _initial(offer: Offer) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for path, value in offer.parts.items():
        if path not in _pairs():
            continue
        rows = (value,) if isinstance(value, Text) else value
        found[_name(path, "en")] = "\n".join(row.en for row in rows)
        found[_name(path, "zh")] = "\n".join(row.zh for row in rows)
    found["groups"] = list(Team.objects.filter(code__in=offer.provider.groups).values_list("pk", flat=True))
    codes = offer.provider.depends_on
    found["depends_on"] = list(Service.objects.filter(code__in=codes).values_list("pk", flat=True))
    return found
