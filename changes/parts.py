"""The parts of a change that are written as forms of their own, and how each is saved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.access import Actor
from accounts.models import in_reader_language
from actions.forms import area, date_field
from catalog.models import Service
from changes import assessing, carrying, lifecycle, risks, targets, writing
from changes.assessing import Judged
from changes.forms import ItemsField, OfActor, Versioned, choice
from changes.models import Assessment, Change, TargetEffect
from changes.risk import Questionnaire
from records.fields import Files, Moment
from sla.models import Agreement


class OfChange(OfActor, Versioned):
    """A form that begins from what the change says; ``save`` writes it by its verb."""

    def __init__(self, *args: Any, change: Change, now: datetime, **kwargs: Any) -> None:
        self.change, self.now = change, now
        start = {**self.begin(change), "version": change.version, **kwargs.pop("initial", {})}
        super().__init__(*args, initial=start, **kwargs)
        self.extend()

    def begin(self, change: Change) -> dict[str, Any]:
        return {name: getattr(change, name, None) for name in self.base_fields}

    def extend(self) -> None:
        """Add the fields that depend on the change."""

    def save(self, *, actor: Actor, now: datetime) -> Any:
        facts = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return writing.write(self.change, facts, actor=actor, now=now, expected_version=self.read)

    @property
    def read(self) -> int | None:
        """The version the writer had before him."""
        found: int | None = self.cleaned_data.get("version")
        return found


class Facts(OfChange):
    title = forms.CharField(label=gettext_lazy("What is to be changed"), max_length=200)
    category = forms.ChoiceField(label=gettext_lazy("Kind of change"), choices=Change.Category.choices)
    nature = forms.ChoiceField(label=gettext_lazy("Nature"), choices=Change.Nature.choices)
    description = area(gettext_lazy("Description"), rows=5)
    reason = area(gettext_lazy("Reason"), rows=3)
    expected_effect = area(gettext_lazy("Expected effect"), rows=3)
    wanted_on = date_field(gettext_lazy("Wished for"), required=False)
    amount = forms.DecimalField(
        label=pgettext_lazy("change", "Cost"), min_value=0, max_digits=14, decimal_places=2, required=False
    )
    agreement = forms.ModelChoiceField(
        Agreement.objects.none(), label=gettext_lazy("Agreement"), required=False
    )

    def extend(self) -> None:
        is_open = self.change.state in (lifecycle.DRAFT, lifecycle.SUBMITTED)
        if self.change.category == lifecycle.STANDARD or not is_open:
            del self.fields["category"]
        else:
            ways = [pair for pair in Change.Category.choices if pair[0] != lifecycle.STANDARD]
            self.fields["category"].choices = ways  # type: ignore[attr-defined]
        if self.change.category == lifecycle.STANDARD:
            for name in ("nature", "expected_effect"):
                del self.fields[name]


class Scope(OfChange):
    items = ItemsField(gettext_lazy("Items that are altered"))
    untouched = ItemsField(gettext_lazy("Items concerned otherwise"))
    services = forms.ModelMultipleChoiceField(
        Service.objects.none(), label=gettext_lazy("Services"), required=False,
        help_text=gettext_lazy("Those found through the items are added by themselves."),
    )  # fmt: skip

    def begin(self, change: Change) -> dict[str, Any]:
        rows = list(change.change_items.select_related("item").order_by("item__name"))
        return {
            "items": ", ".join(row.item.number or row.item.name for row in rows if row.is_altered),
            "untouched": ", ".join(row.item.number or row.item.name for row in rows if not row.is_altered),
            "services": list(change.change_services.filter(is_found=False).values_list("service", flat=True)),
        }

    def save(self, *, actor: Actor, now: datetime) -> Any:
        found = self.cleaned_data
        items = [(item, False) for item in found["untouched"]] + [(item, True) for item in found["items"]]
        return writing.set_scope(
            self.change, items=items, services=found["services"], actor=actor, now=now,
            expected_version=self.read,
        )  # fmt: skip


class Plan(OfChange):
    plan = area(gettext_lazy("Plan"), required=False, rows=8)
    backout_plan = area(gettext_lazy("Back-out plan"), required=False, rows=4)
    test_plan = area(gettext_lazy("Test of the plan"), required=False, rows=3)
    planned_start_at = Moment(label=gettext_lazy("Planned from"))
    planned_end_at = Moment(label=gettext_lazy("Planned until"))
    outage_from = Moment(
        label=gettext_lazy("Interruption from"), help_text=gettext_lazy("Empty: nothing is interrupted.")
    )
    outage_until = Moment(label=gettext_lazy("Interruption until"))

    def extend(self) -> None:
        if self.change.category == lifecycle.STANDARD:
            for name in ("plan", "backout_plan", "test_plan"):
                del self.fields[name]


class Risk(OfChange):
    is_major = forms.BooleanField(
        label=gettext_lazy("Major change"), required=False,
        help_text=gettext_lazy("The change advisory board decides on it."),
    )  # fmt: skip

    def extend(self) -> None:
        is_free = self.change.state in lifecycle.BEFORE_APPROVAL
        edition = risks.current(now=self.now) if is_free else risks.edition_of(self.change, now=self.now)
        self.codes: list[str] = []
        for question in Questionnaire.parse(edition.definition).questions:
            self.codes.append(question.code)
            options = [
                (str(n), in_reader_language(answer.en, answer.zh))
                for n, answer in enumerate(question.answers)
            ]
            self.fields[question.code] = forms.TypedChoiceField(
                label=in_reader_language(question.en, question.zh), choices=options, coerce=int,
                widget=forms.RadioSelect, initial=self.change.risk_answers.get(question.code),
            )  # fmt: skip
        self.order_fields([*self.codes, "is_major", "version"])

    def save(self, *, actor: Actor, now: datetime) -> Any:
        answers = {code: self.cleaned_data[code] for code in self.codes}
        return risks.answer(
            self.change, answers, is_major=self.cleaned_data["is_major"], actor=actor, now=now,
            expected_version=self.read,
        )  # fmt: skip


class Aspects(OfChange):
    """Each of the five aspects: a judgement and words. What is left open is judged later."""

    def extend(self) -> None:
        known = {row.aspect: row for row in self.change.assessments.all()}
        for value, label in Assessment.Aspect.choices:
            row = known.get(value)
            judgement = choice(label, Assessment.Judgement.choices, required=False)
            judgement.initial = row.judgement if row else ""
            self.fields[value] = judgement
            words = area(_("%(aspect)s: in words") % {"aspect": label}, required=False)
            words.initial = row.words if row else ""
            self.fields[f"{value}-words"] = words

    def save(self, *, actor: Actor, now: datetime) -> Any:
        given = {
            aspect: Judged(self.cleaned_data[aspect], self.cleaned_data[f"{aspect}-words"])
            for aspect in Assessment.Aspect.values
            if self.cleaned_data[aspect]
        }
        return assessing.assess(self.change, given, actor=actor, now=now, expected_version=self.read)


class Targets(OfChange):
    """Each promised figure about the affected services: the effect, and words where it is not none."""

    rest = forms.BooleanField(label=gettext_lazy("No effect on all that is left open"), required=False)

    def extend(self) -> None:
        self.promised = targets.promised(self.change, now=self.now)
        known = {(row.agreement_id, row.target_key): row for row in self.change.target_effects.all()}
        for promise in self.promised:
            row = known.get((promise.agreement.pk, promise.key))
            field = f"{promise.agreement.pk}:{promise.key}"
            name = in_reader_language(promise.name_en, promise.name_zh)
            effect = choice(f"{promise.agreement.name}: {name}", TargetEffect.Effect.choices, required=False)
            effect.initial = row.effect if row else ""
            self.fields[field] = effect
            self.fields[f"{field}-words"] = forms.CharField(
                label=_("In words"), max_length=2000, required=False, initial=row.words if row else ""
            )
        self.order_fields([*(name for name in self.fields if name != "rest"), "rest"])

    def save(self, *, actor: Actor, now: datetime) -> Any:
        given = {}
        for promise in self.promised:
            field = f"{promise.agreement.pk}:{promise.key}"
            chosen = self.cleaned_data[field] or ("none" if self.cleaned_data["rest"] else "")
            if chosen:
                judged = Judged(chosen, self.cleaned_data[f"{field}-words"])
                given[(promise.agreement.pk, promise.key)] = judged
        return assessing.judge_targets(self.change, given, actor=actor, now=now, expected_version=self.read)


class Test(OfChange):
    test_result = choice(gettext_lazy("Result of the test"), Change.Test.choices)
    test_words = area(gettext_lazy("Evidence of the test"), rows=3)
    attachments = Files(label=gettext_lazy("Files"))

    def save(self, *, actor: Actor, now: datetime) -> Any:
        found = self.cleaned_data
        return carrying.note_test(
            self.change, result=found["test_result"], words=found["test_words"],
            attachments=found["attachments"], actor=actor, now=now, expected_version=self.read,
        )  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One part: its title, form, the view of the page it belongs to, and for which changes it is."""

    title: Any
    form: type[OfChange]
    view: str
    fits: Callable[[Change], bool] = lambda change: True


def _is_assessed(change: Change) -> bool:
    return change.category != lifecycle.STANDARD


def _is_modelled(change: Change) -> bool:
    return change.category == lifecycle.STANDARD and change.state != lifecycle.DRAFT


PARTS: Mapping[str, Part] = {
    "facts": Part(gettext_lazy("Request"), Facts, "request", lambda change: not _is_modelled(change)),
    "scope": Part(
        gettext_lazy("Items and services"), Scope, "request", lambda change: not _is_modelled(change)
    ),
    "risk": Part(gettext_lazy("Risk"), Risk, "assessment", _is_assessed),
    "aspects": Part(gettext_lazy("Effects"), Aspects, "assessment", _is_assessed),
    "targets": Part(gettext_lazy("Effect on what was promised"), Targets, "assessment", _is_assessed),
    "plan": Part(gettext_lazy("Plan"), Plan, "plan"),
    "test": Part(gettext_lazy("Test of the plan"), Test, "plan", _is_assessed),
}
