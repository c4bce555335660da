"""The risk questions as a form: the questions with their answers, the limits, and who approves when."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes import risk
from changes.models import Approval

BLANK = {"code": "", "en": "", "zh": "", "weight": 1, "answers": []}
MOST_ANSWERS = 5


def text(label: Any, value: Any, *, required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, initial=value, max_length=300, required=required)


def number(label: Any, value: Any, least: int, most: int, *, required: bool = False) -> forms.IntegerField:
    return forms.IntegerField(label=label, initial=value, min_value=least, max_value=most, required=required)


class EditionForm(forms.Form):
    """Begins from an edition; a question whose code is emptied is left out, the last one is a new one."""

    reason = forms.CharField(label=gettext_lazy("What is different, and why"), max_length=500)

    def __init__(self, *args: Any, definition: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.size = len(definition["questions"]) + 1
        for at, question in enumerate([*definition["questions"], BLANK]):
            self._question(f"q{at}", question)
        for at, limit in enumerate(definition["limits"], 2):
            label = _("Risk %(n)s begins at (percent of all points)") % {"n": at}
            self.fields[f"limit{at}"] = number(label, limit, 1, 100, required=True)
        known = {level["party"]: level for level in definition["levels"]}
        for party in risk.PARTIES:
            self._level(party, known.get(party, {}))
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])

    def _question(self, at: str, question: Any) -> None:
        self.fields[f"{at}-code"] = forms.SlugField(
            label=_("Code"), initial=question["code"], max_length=50, required=False
        )
        self.fields[f"{at}-en"] = text(_("Question (English)"), question["en"])
        self.fields[f"{at}-zh"] = text(_("Question (Chinese)"), question["zh"])
        self.fields[f"{at}-weight"] = number(_("Weight"), question["weight"], 1, risk.MAX_WEIGHT)
        answers = [*question["answers"], *[{}] * MOST_ANSWERS][: max(MOST_ANSWERS, len(question["answers"]))]
        for n, answer in enumerate(answers):
            label = {"n": n + 1}
            self.fields[f"{at}-{n}-en"] = text(_("Answer %(n)s (English)") % label, answer.get("en", ""))
            self.fields[f"{at}-{n}-zh"] = text(_("Answer %(n)s (Chinese)") % label, answer.get("zh", ""))
            self.fields[f"{at}-{n}-points"] = number(
                _("Points of answer %(n)s") % label, answer.get("points"), 0, risk.MAX_WEIGHT
            )

    def _level(self, party: str, level: Any) -> None:
        name = {"party": Approval.Party(party).label}
        self.fields[f"{party}-from_risk"] = number(
            _("%(party)s: from this risk on") % name, level.get("from_risk"), 1, 4
        )
        self.fields[f"{party}-from_amount"] = forms.DecimalField(
            label=_("%(party)s: from this cost on") % name, initial=level.get("from_amount"), min_value=0,
            max_digits=14, decimal_places=2, required=False,
        )  # fmt: skip
        self.fields[f"{party}-is_major"] = forms.BooleanField(
            label=_("%(party)s: every major change") % name, initial=level.get("is_major", False),
            required=False,
        )  # fmt: skip

    def groups(self) -> list[dict[str, Any]]:
        """The fields as the page arranges them."""
        found = [
            {
                "title": self.initial_of(f"q{at}-en") or _("A further question"),
                "fields": [self[name] for name in self.fields if name.startswith(f"q{at}-")],
            }
            for at in range(self.size)
        ]
        rest = [name for name in self.fields if not (name[0] == "q" and name[1:2].isdigit())]
        return [*found, {"title": _("Limits and levels"), "fields": [self[name] for name in rest]}]

    def initial_of(self, name: str) -> str:
        return str(self.fields[name].initial or "")

    def definition(self) -> dict[str, Any]:
        """What was entered, as :mod:`changes.risk` reads it."""
        given = self.cleaned_data
        return {
            "questions": [self._read(f"q{at}") for at in range(self.size) if given[f"q{at}-code"]],
            "limits": [given[f"limit{at}"] for at in (2, 3, 4)],
            "levels": [level for party in risk.PARTIES if (level := self._read_level(party))],
        }

    def _read(self, at: str) -> dict[str, Any]:
        given = self.cleaned_data
        count = sum(name.startswith(f"{at}-") and name.endswith("-points") for name in self.fields)
        return {
            **{name: given[f"{at}-{name}"] for name in ("code", "en", "zh", "weight")},
            "answers": [
                {name: given[f"{at}-{n}-{name}"] for name in ("en", "zh", "points")}
                for n in range(count)
                if given[f"{at}-{n}-en"] or given[f"{at}-{n}-zh"]
            ],
        }

    def _read_level(self, party: str) -> dict[str, Any]:
        given = self.cleaned_data
        amount = given[f"{party}-from_amount"]
        level = {
            "from_risk": given[f"{party}-from_risk"],
            "from_amount": None if amount is None else str(amount),
            "is_major": given[f"{party}-is_major"],
        }
        kept = {name: value for name, value in level.items() if value not in (None, False)}
        return {"party": party, **kept} if kept else {}
