"""The shapes of what people enter about surveys and callbacks."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Organisation
from accounts.queries import customers
from actions.forms import area
from customers.models import CallbackTry, Question, Questionnaire, Survey
from customers.surveys import Asked
from records.fields import Moment

SCALE = [(n, str(n)) for n in range(1, 6)]
MOST_QUESTIONS = 6


class Opinion(forms.Form):
    """The questions of a questionnaire; nothing is chosen beforehand and nothing must be."""

    def __init__(self, *args: Any, questionnaire: Questionnaire, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in questionnaire.questions.all():
            self.fields[f"q{question.pk}"] = _field(question)

    @property
    def answers(self) -> dict[int, Any]:
        """Question -> what was answered; what was left out is not there."""
        given = {int(name[1:]): value for name, value in self.cleaned_data.items()}
        return {pk: value for pk, value in given.items() if value not in ("", None)}


def _field(question: Question) -> forms.Field:
    if question.kind == Question.Kind.TEXT:
        return forms.CharField(
            label=question.text, required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
        )
    is_scale = question.kind == Question.Kind.SCALE
    choices: Any = SCALE if is_scale else list(enumerate(question.labels, 1))
    return forms.TypedChoiceField(
        label=question.text, required=False, coerce=int, empty_value=None, choices=choices,
        help_text=_("1: not at all, 5: fully") if is_scale else "",
        widget=forms.RadioSelect(attrs={"class": "opinion"}),
    )  # fmt: skip


class Plan(forms.Form):
    purpose = forms.ChoiceField(label=_("Kind of survey"), choices=Survey.Purpose.choices)
    title = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("Who is asked periodically reads it.")
    )
    questionnaire = forms.ModelChoiceField(Questionnaire.objects.none(), label=_("Questionnaire"))
    customer = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Customer"), required=False,
        help_text=_("Empty, after closed tickets: all customers without a survey of their own."),
    )  # fmt: skip
    audience = forms.ChoiceField(
        label=_("Who is asked (periodic)"), choices=Survey.Audience.choices, required=False
    )
    every_months = forms.IntegerField(
        label=_("Repeated after months (periodic)"), min_value=1, max_value=60, required=False
    )
    every_nth = forms.IntegerField(label=_("After every n-th ticket"), min_value=1, max_value=1000, initial=1)
    quiet_days = forms.IntegerField(
        label=_("A person is not asked again for days"), min_value=0, max_value=366, initial=30
    )
    valid_days = forms.IntegerField(label=_("Days to answer"), min_value=1, max_value=366, initial=14)
    bad_mark = forms.IntegerField(
        label=_("A score up to this proposes a complaint"), min_value=1, max_value=4, initial=2
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["questionnaire"].queryset = Questionnaire.objects.filter(is_active=True)  # type: ignore[attr-defined]
        self.fields["customer"].queryset = customers(actor)  # type: ignore[attr-defined]


class NewQuestionnaire(forms.Form):
    """A questionnaire with up to six questions; rows without words are left out."""

    code = forms.SlugField(label=_("Code"), max_length=50)
    name_en = forms.CharField(label=_("Name (English)"), max_length=200)
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=200)
    intro_en = forms.CharField(label=_("Introduction (English)"), max_length=500, required=False)
    intro_zh = forms.CharField(label=_("Introduction (Chinese)"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in range(1, MOST_QUESTIONS + 1):
            said = {"n": n}
            self.fields[f"kind_{n}"] = forms.ChoiceField(
                label=_("Question %(n)s: kind") % said, choices=Question.Kind.choices, required=False
            )
            for language, label in (
                ("en", _("Question %(n)s (English)")),
                ("zh", _("Question %(n)s (Chinese)")),
            ):
                self.fields[f"text_{language}_{n}"] = forms.CharField(
                    label=label % said, max_length=300, required=False
                )
            self.fields[f"options_{n}"] = forms.CharField(
                label=_("Question %(n)s: options") % said, max_length=500, required=False,
                help_text=_("Of a choice: English = Chinese, separated by semicolons."),
            )  # fmt: skip

    @property
    def questions(self) -> list[Asked]:
        given, found = self.cleaned_data, []
        for n in range(1, MOST_QUESTIONS + 1):
            en, zh = given.get(f"text_en_{n}", ""), given.get(f"text_zh_{n}", "")
            if en or zh:
                found.append(Asked(given[f"kind_{n}"], en, zh, _options(given.get(f"options_{n}", ""))))
        return found

    @property
    def facts(self) -> dict[str, Any]:
        names = ("code", "name_en", "name_zh", "intro_en", "intro_zh")
        return {name: self.cleaned_data[name] for name in names}


def _options(text: str) -> list[tuple[str, str]]:
    pairs = [part.partition("=") for part in text.replace("；", ";").split(";")]
    return [(en.strip(), zh.strip()) for en, _sign, zh in pairs if en.strip() and zh.strip()]


class Dismiss(forms.Form):
    reason = area(_("Why it is no complaint"))


class Called(forms.Form):
    """What came of a call."""

    is_reached = forms.TypedChoiceField(
        label=_("Reached?"), coerce=lambda value: value == "yes",
        choices=(("yes", _("Reached")), ("no", _("Not reached"))),
    )  # fmt: skip
    content = forms.ChoiceField(
        label=_("Satisfied?"), choices=[("", "—"), *CallbackTry.Content.choices], required=False
    )
    words = area(_("What was said"), required=False)
    next_at = Moment(
        label=_("Next attempt"), help_text=_("If nobody was reached; empty: give up, and say why.")
    )
