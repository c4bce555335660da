"""The shape of macros and reply templates as people enter them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, may
from accounts.models import Team
from automation import steps
from automation.models import Macro, ReplyTemplate
from records import changes
from records.changes import Change, ValueForm
from records.kinds import TICKETS, Kind

KIND_WORDS = {Kind.INCIDENT.value: _("Incident"), Kind.REQUEST.value: _("Service request")}
KINDS = [(kind, KIND_WORDS[Kind(kind)]) for kind in TICKETS]
SPARE_ROWS = 4


def text(label: Any, rows: int, **options: Any) -> forms.CharField:
    """A field of several lines."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=50_000, widget=widget, **{"required": False, **options})


class TemplateForm(forms.Form):
    """A reply template."""

    use_required_attribute = False

    name_en = forms.CharField(label=_("Name (English)"), max_length=200)
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=200, required=False)
    text_zh = text(_("Text (Chinese)"), 8)
    text_en = text(_("Text (English)"), 8)
    team = forms.ModelChoiceField(
        Team.objects.filter(is_active=True), label=_("Team"), required=False, empty_label=_("Everybody"),
        help_text=_("Who is offered it."),
    )  # fmt: skip
    kinds = forms.MultipleChoiceField(
        choices=KINDS, label=_("Kinds of tickets"), widget=forms.CheckboxSelectMultiple(),
        initial=list(TICKETS),
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    @staticmethod
    def facts_of(row: ReplyTemplate) -> dict[str, Any]:
        names = ("name_en", "name_zh", "text_en", "text_zh", "team", "kinds", "is_active")
        return {name: getattr(row, name) for name in names}


class MacroForm(forms.Form):
    """A macro without its steps, which are StepRows."""

    use_required_attribute = False

    name_en = forms.CharField(label=_("Name (English)"), max_length=200)
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=200, required=False)
    reach = forms.ChoiceField(label=_("For whom"))
    template = forms.ModelChoiceField(
        ReplyTemplate.objects.none(), label=_("Reply template"), required=False, empty_label=_("No text"),
        help_text=_("Whoever uses the macro can still change the text."),
    )  # fmt: skip
    is_note = forms.BooleanField(label=_("The text is an internal note"), required=False)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["template"].queryset = ReplyTemplate.objects.usable_by(actor)  # type: ignore[attr-defined]
        choices: list[tuple[str, Any]] = [("own", _("Only for me"))]
        if may(actor, "lead_automation"):
            teams = Team.objects.filter(is_active=True)
            choices += [("all", _("Everybody")), *((str(team.pk), team.name) for team in teams)]
        self.fields["reach"].choices = choices  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        """The arguments of services.save_macro, without the steps."""
        data = dict(self.cleaned_data)
        reach = data.pop("reach")
        team = Team.objects.get(pk=int(reach)) if reach.isdecimal() else None
        return {**data, "is_own": reach == "own", "team": team}

    @staticmethod
    def facts_of(row: Macro) -> dict[str, Any]:
        reach = "own" if row.owner_id else str(row.team_id or "all")
        names = ("name_en", "name_zh", "template", "is_note", "is_active")
        return {"reach": reach, **{name: getattr(row, name) for name in names}}


@dataclass
class StepRow:
    """One line of the list: its place, which change, and the form of its value."""

    index: int
    name: str
    order: int
    form: ValueForm | None

    @property
    def field(self) -> Any:
        return self.form["value"] if self.form and "value" in self.form.fields else None


class StepRows:
    """The ordered list of changes of a macro or rule: some lines, each a choice and the value it asks for.

    Lines are put in order by their numbers; a line without a change is none.
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        actor: Actor,
        is_personal: bool,
        kept: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.actor, self.data = actor, data
        self.offered = steps.offered(actor, is_personal=is_personal)
        self.rows = self._posted(data) if data is not None else self._kept(kept)

    def _change(self, name: str) -> Change | None:
        return next((change for change in self.offered if change.name == name), None)

    def _kept(self, kept: Sequence[Mapping[str, Any]]) -> list[StepRow]:
        rows = []
        for index, one in enumerate(kept):
            change = self._change(str(one["change"]))
            form = value_form(change, self.actor, index, initial=one.get("value")) if change else None
            rows.append(StepRow(index, str(one["change"]), (index + 1) * 10, form))
        spare = range(len(rows), min(steps.MOST, len(rows) + SPARE_ROWS))
        return rows + [StepRow(index, "", (index + 1) * 10, None) for index in spare]

    def _posted(self, data: Mapping[str, Any]) -> list[StepRow]:
        rows = []
        for index in range(steps.MOST):
            if f"s{index}-change" not in data:
                continue
            name, order = str(data[f"s{index}-change"]), str(data.get(f"s{index}-order", ""))
            change = self._change(name)
            form = value_form(change, self.actor, index, data=data) if change else None
            place = int(order) if order.isascii() and order.isdecimal() and len(order) < 6 else index * 10
            rows.append(StepRow(index, name, place, form))
        return rows

    def is_valid(self) -> bool:
        """Whether every chosen change has a value that fits it; the lines say what is wrong."""
        wrong = [row for row in self.rows if row.form and not row.form.is_valid()]
        return not wrong

    def steps(self) -> list[dict[str, Any]]:
        """The steps for steps.checked, in their order."""
        chosen = sorted((row for row in self.rows if row.name), key=lambda row: (row.order, row.index))
        found = []
        for row in chosen:
            change = changes.get(row.name)
            value = change.stored(row.form.value) if change and row.form else None
            found.append({"change": row.name, "value": value})
        return found


def value_form(
    change: Change, actor: Actor, index: int, *, data: Mapping[str, Any] | None = None, initial: Any = None
) -> ValueForm:
    """The form of a step's value, prefixed by its line."""
    given = {} if initial is None else {"value": initial}
    return ValueForm(data, change=change, actor=actor, prefix=f"s{index}", initial=given)


def templates_for(actor: Actor, kind: str) -> Any:
    """The reply templates somebody may use on a kind of ticket."""
    return ReplyTemplate.objects.usable_by(actor).filter(kinds__contains=[kind])


def macros_for(actor: Actor) -> Any:
    """The macros somebody may use, one's own first."""
    rows = Macro.objects.usable_by(actor).select_related("template")
    return rows.order_by(F("owner").asc(nulls_last=True), "name_en", "pk")
