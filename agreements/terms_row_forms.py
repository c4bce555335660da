"""The forms of what an agreement promises row by row: targets, measures, credits, rewards and reports."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements import terms_words
from agreements.terms_forms import Choices, Part, Row, flat, known, named, number, plain, text_area
from agreements.terms_words import key_of
from records.models import Priority
from sla import naming, target
from sla.models import MeasuredTarget, Metric, TicketKind
from sla.models import Target as TargetRow
from sla.terms import Terms

RULES = ("credits", "rewards")
"""The parts of the terms whose rows name a target by its key."""
MINUTE, HOUR = 60, 3600
MOST_AMOUNT = 99_999
SECONDS = {"working_minutes": MINUTE, "working_hours": HOUR, "working_seconds": 1}
UNITS: Choices = [
    ("working_minutes", gettext_lazy("working minutes")),
    ("working_hours", gettext_lazy("working hours")),
    ("working_days", gettext_lazy("working days")),
    ("calendar_days", gettext_lazy("calendar days")),
    ("working_seconds", gettext_lazy("working seconds")),
]
UNTILS: Choices = [
    ("same_time", gettext_lazy("the same time of day")),
    ("close", gettext_lazy("closing time")),
]
BLANK: tuple[str, Any] = ("", gettext_lazy("– choose –"))


class SupportRow(Row):
    """A target of an OLA or UC behind the promise, and its stage."""

    target = forms.ChoiceField(label=gettext_lazy("Target of an OLA or UC"))
    stage = forms.IntegerField(label=gettext_lazy("Stage"), min_value=1, max_value=20, initial=1)

    def __init__(self, *args: Any, offered: Choices, unknown: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gone = {code for code, _words in unknown}
        field: Any = self.fields["target"]
        lost = [(_("No longer there"), unknown)] if unknown else []
        field.choices = [BLANK, *offered, *lost]

    def clean_target(self) -> str:
        chosen: str = self.cleaned_data["target"]
        if chosen in self.gone:
            raise ValidationError(_("This agreement or target is no longer there; choose another."))
        return chosen

    @property
    def support(self) -> dict[str, Any]:
        agreement, _bar, key = self.cleaned_data["target"].partition("|")
        return {"agreement": agreement, "target": key, "stage": self.cleaned_data["stage"]}


class Promise(Part):
    """A target or a measure: what both say alike, and the row among the others that it is.

    ``given``: key (the row's; "" for a new one), copied (the key a new one begins as), offers (what may stand
    behind it: Terms by the code of an OLA or UC).
    """

    row_form = SupportRow
    most_rows = 20
    kind: ClassVar[str]
    FIELDS: ClassVar[dict[str, str]]
    GROUPS: ClassVar[tuple[tuple[Any, tuple[str, ...]], ...]]

    @property
    def key(self) -> str:
        return str(self.given["key"])

    def place(self, terms: Mapping[str, Any]) -> Any:
        return next((row for row in terms[self.kind] if key_of(row) == self.key), None)

    @property
    def start(self) -> dict[str, Any]:
        """The row the form begins with; {} for an empty one."""
        key = self.key or self.given.get("copied", "")
        return next((row for row in self.terms[self.kind] if key_of(row) == key), {})

    def values(self) -> dict[str, Any]:
        row = self.start
        if not row:
            return {}
        method = {f"method_{lang}": words for lang, words in row["method"].items()}
        plain_fields = (
            "metric",
            "measure",
            "service",
            "priority",
            "ticket_kind",
            "source",
            "period",
            "goal_percent",
        )
        return {name: row[name] for name in plain_fields if name in row} | method

    def prepare(self) -> None:
        service: Any = self.fields["service"]
        offered = {code: row for code, row in self.names.services.items() if row.is_published}
        used = str(self.start.get("service") or "")
        offered |= {used: self.names.services[used]} if used in self.names.services else {}
        service.choices = [("", _("all services")), *named(offered, [used])]

    def row_values(self) -> list[dict[str, Any]]:
        return [
            {"target": f"{each['agreement']}|{each['target']}", "stage": each["stage"]}
            for each in self.start.get("underpinned_by", [])
        ]

    def row_words(self) -> dict[str, Any]:
        offers: Mapping[str, Terms] = self.given["offers"]
        groups: Choices = []
        for code, terms in offers.items():
            terms_here = terms.targets if self.kind == "targets" else terms.measures
            rows = [
                (f"{code}|{t.key}", f"{self.names.key(t.key)}: {terms_words.within(t)}") for t in terms_here
            ]
            if rows:
                groups.append((self.names.agreement(code), rows))
        there = {value for value, _words in flat(groups)}
        unknown = [
            (row["target"], _("%s (unknown)") % self._support_words(row["target"]))
            for row in self.row_values()
            if row["target"] not in there
        ]
        return {"offered": groups, "unknown": unknown}

    def _support_words(self, value: str) -> str:
        code, _bar, key = value.partition("|")
        return f"{self.names.agreement(code)}: {self.names.key(key)}"

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The fields under their headings; those of a pair stand side by side."""
        return [
            {"label": label, "fields": [self[name] for name in names], "is_pair": names[0] == "method_en"}
            for label, names in self.GROUPS
        ]

    @property
    def has_offers(self) -> bool:
        """Whether there is anything to rest on, or something that once was."""
        given = self.row_words()
        return bool(given["offered"] or given["unknown"])

    @property
    def blank_rows(self) -> int:
        return 2 if self.has_offers else 0

    def clean_service(self) -> str:
        return known(self.cleaned_data["service"], self.names.services)

    def is_valid(self) -> bool:
        return super().is_valid() and self._are_supports_single()

    def _are_supports_single(self) -> bool:
        seen: list[dict[str, Any]] = []
        for row in self.kept:
            if row.support in seen:
                row.add_error("target", _("This stands here already."))
                self.add_error(None, _("Nothing was saved yet: see the marked fields."))
                return False
            seen.append(row.support)
        return True

    def put(self, terms: Mapping[str, Any]) -> dict[str, Any]:
        row, rows = self._row(), list(terms[self.kind])
        at = next((n for n, each in enumerate(rows) if self.key and key_of(each) == self.key), len(rows))
        rows[at : at + 1] = [row]
        rules = {
            name: [
                {**rule, "target": key_of(row)} if self.key and rule["target"] == self.key else rule
                for rule in terms[name]
            ]
            for name in RULES
            if name in terms
        }
        return {**terms, self.kind: rows, **rules}

    def _row(self) -> dict[str, Any]:
        entered = self.cleaned_data
        return {
            "service": entered["service"] or None,
            "method": {"en": plain(entered["method_en"]), "zh": plain(entered["method_zh"])},
            "source": entered["source"],
            "period": entered["period"],
            "underpinned_by": [row.support for row in self.kept],
        }

    def field_at(self, path: str) -> str | tuple[int, str]:
        head, _bar, rest = path.partition("]")
        if not head.startswith(f"{self.kind}["):
            return ""
        inner = rest.removeprefix(".")
        if inner.startswith("underpinned_by["):
            return int(inner.partition("[")[2].partition("]")[0]), "target"
        return self.FIELDS.get(
            inner, inner.replace(".", "_") if inner.replace(".", "_") in self.fields else ""
        )


class TargetPart(Promise):
    """A promise measured by a clock on each ticket."""

    kind = "targets"
    FIELDS: ClassVar = {
        "": "metric", "promise": "amount", "promise.seconds": "amount", "promise.days": "amount",
        "promise.kind": "unit", "promise.until": "until",
    }  # fmt: skip
    metric = forms.ChoiceField(label=gettext_lazy("What is promised"), choices=[BLANK, *Metric.choices])
    service = forms.ChoiceField(label=gettext_lazy("Service"), required=False)
    priority = forms.TypedChoiceField(
        label=gettext_lazy("Priority"), required=False, coerce=int, empty_value=None,
        choices=[("", gettext_lazy("all priorities")), *((p.value, p.label) for p in Priority)],
    )  # fmt: skip
    ticket_kind = forms.ChoiceField(
        label=gettext_lazy("Kind of ticket"), required=False,
        choices=[("", gettext_lazy("all tickets")), *TicketKind.choices],
    )  # fmt: skip
    amount = forms.DecimalField(
        label=gettext_lazy("Within"), min_value=Decimal("0.01"), max_value=MOST_AMOUNT, max_digits=8,
        decimal_places=2,
    )  # fmt: skip
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), choices=UNITS, initial="working_hours")
    until = forms.ChoiceField(
        label=gettext_lazy("On the last day until"), choices=UNTILS, required=False,
        help_text=gettext_lazy("For promises in days only."),
    )  # fmt: skip
    calendar = forms.ChoiceField(label=gettext_lazy("Hours that count"), required=False)
    opens = forms.ChoiceField(label=gettext_lazy("The clock starts"), choices=TargetRow.Opens.choices)
    goal_percent = forms.DecimalField(
        label=gettext_lazy("Goal: kept in percent of all cases"), min_value=0, max_value=100, max_digits=5,
        decimal_places=2, initial=95,
    )  # fmt: skip
    period = forms.ChoiceField(
        label=gettext_lazy("Judged over a"), choices=list(terms_words.PERIODS.items()), initial="month"
    )
    source = forms.ChoiceField(
        label=gettext_lazy("Data from"), choices=list(terms_words.SOURCES.items()), initial="tickets"
    )
    escalates = forms.BooleanField(
        label=gettext_lazy("Reaching the limit hands the ticket to second line"), required=False
    )
    method_en = text_area(gettext_lazy("How it is measured (English)"), "en", rows=2)
    method_zh = text_area(gettext_lazy("How it is measured (Chinese)"), "zh", rows=2)

    GROUPS: ClassVar = (
        (gettext_lazy("The promise"), ("metric", "service", "priority", "ticket_kind")),
        (gettext_lazy("The time"), ("amount", "unit", "until", "calendar", "opens")),
        (gettext_lazy("The goal"), ("goal_percent", "period", "source", "escalates")),
        (gettext_lazy("Measuring method"), ("method_en", "method_zh")),
    )

    def values(self) -> dict[str, Any]:
        row = self.start
        if not row:
            return {}
        promise = target.Target.parse(row["promise"])
        amount: int | Decimal = promise.amount
        unit: str = promise.kind
        if promise.kind == "business_seconds":
            whole = (unit for unit in ("working_hours", "working_minutes") if amount % SECONDS[unit] == 0)
            unit = next(whole, "working_seconds")
            amount = promise.amount // SECONDS[unit]
        own = {name: row[name] for name in ("calendar", "opens", "escalates")}
        return super().values() | own | {"amount": amount, "unit": unit, "until": promise.until or ""}

    def prepare(self) -> None:
        super().prepare()
        calendar: Any = self.fields["calendar"]
        shared = _("as the agreement: %s") % self.names.calendar(self.terms["calendar"])
        used = self.start.get("calendar") or ""
        calendar.choices = [("", shared), *named(self.names.calendars, [used])]

    def clean_calendar(self) -> str:
        return known(self.cleaned_data["calendar"], self.names.calendars)

    def clean(self) -> dict[str, Any]:
        entered: dict[str, Any] = super().clean() or {}
        if (amount := entered.get("amount")) is not None and (unit := entered.get("unit")):
            if unit not in SECONDS and amount % 1:
                self.add_error("amount", _("Promise whole days."))
            elif unit in SECONDS and amount * SECONDS[unit] % 1:
                self.add_error("amount", _("This is not a whole number of seconds."))
        return entered

    def _row(self) -> dict[str, Any]:
        entered = self.cleaned_data
        amount, unit = entered["amount"], entered["unit"]
        if unit in SECONDS:
            promise = {"kind": "business_seconds", "seconds": int(amount * SECONDS[unit])}
        else:
            promise = {"kind": unit, "days": int(amount), "until": entered["until"] or "same_time"}
        return super()._row() | {
            "metric": entered["metric"],
            "priority": entered["priority"],
            "ticket_kind": entered["ticket_kind"] or None,
            "promise": promise,
            "calendar": entered["calendar"] or None,
            "opens": entered["opens"],
            "goal_percent": number(entered["goal_percent"]),
            "escalates": entered["escalates"],
        }


class MeasurePart(Promise):
    """A promise about a service over a period."""

    kind = "measures"
    FIELDS: ClassVar = {"": "measure"}
    measure = forms.ChoiceField(
        label=gettext_lazy("What is promised"), choices=[BLANK, *MeasuredTarget.Measure.choices]
    )
    service = forms.ChoiceField(label=gettext_lazy("Service"), required=False)
    operator = forms.ChoiceField(label=gettext_lazy("It is"), choices=MeasuredTarget.Operator.choices)
    value = forms.DecimalField(label=gettext_lazy("Value"), min_value=0, max_digits=16, decimal_places=4)
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), choices=list(naming.UNITS.items()))
    period = forms.ChoiceField(
        label=gettext_lazy("Judged over a"), choices=list(terms_words.PERIODS.items()), initial="month"
    )
    source = forms.ChoiceField(
        label=gettext_lazy("Data from"), choices=list(terms_words.SOURCES.items()), initial="manual"
    )
    goal_percent = forms.DecimalField(
        label=gettext_lazy("Goal: kept in percent of all periods"), min_value=0, max_value=100, max_digits=5,
        decimal_places=2, required=False,
    )  # fmt: skip
    method_en = text_area(gettext_lazy("How it is measured (English)"), "en", rows=2)
    method_zh = text_area(gettext_lazy("How it is measured (Chinese)"), "zh", rows=2)

    GROUPS: ClassVar = (
        (gettext_lazy("The promise"), ("measure", "service")),
        (gettext_lazy("The value"), ("operator", "value", "unit")),
        (gettext_lazy("The goal"), ("period", "source", "goal_percent")),
        (gettext_lazy("Measuring method"), ("method_en", "method_zh")),
    )

    def values(self) -> dict[str, Any]:
        own = {name: self.start[name] for name in ("operator", "value", "unit") if name in self.start}
        return super().values() | own

    def _row(self) -> dict[str, Any]:
        entered = self.cleaned_data
        goal = entered["goal_percent"]
        return super()._row() | {
            "measure": entered["measure"],
            "operator": entered["operator"],
            "value": number(entered["value"]),
            "unit": entered["unit"],
            "goal_percent": None if goal is None else number(goal),
        }


PROMISES: Mapping[str, type[Promise]] = {"targets": TargetPart, "measures": MeasurePart}


class Listed(Part):
    """A part that is a list of short rows, saved together."""

    kind: ClassVar[str]
    about: ClassVar[Any] = ""

    def place(self, terms: Mapping[str, Any]) -> Any:
        return terms.get(self.kind, [])

    def row_values(self) -> list[dict[str, Any]]:
        return list(self.place(self.terms))

    def put(self, terms: Mapping[str, Any]) -> dict[str, Any]:
        return {**terms, self.kind: [row.value for row in self.kept]}

    def field_at(self, path: str) -> str | tuple[int, str]:
        head, _bar, rest = path.partition("]")
        at = head.removeprefix(f"{self.kind}[")
        return (int(at), rest.removeprefix(".")) if at != head else ""


class RuleRow(Row):
    """What follows from how often a target is kept. The fields of a class below are those of its rule."""

    target = forms.ChoiceField(label=gettext_lazy("Target"))

    def __init__(self, *args: Any, targets: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["target"]
        field.choices = targets

    @property
    def value(self) -> dict[str, Any]:
        entered = {name: self.cleaned_data[name] for name in self.fields if name != "DELETE"}
        return {name: each if name == "target" else number(each) for name, each in entered.items()}


class CreditRow(RuleRow):
    """What is credited if a target is kept too seldom."""

    below = forms.DecimalField(
        label=gettext_lazy("Kept in less than (%)"), min_value=0, max_value=100, max_digits=5,
        decimal_places=2,
    )  # fmt: skip
    percent = forms.DecimalField(
        label=gettext_lazy("Credit (% of charge)"), min_value=0, max_value=100, max_digits=5,
        decimal_places=2,
    )  # fmt: skip


class RewardRow(RuleRow):
    """What is earned if a target is kept more often than promised."""

    above = forms.DecimalField(
        label=gettext_lazy("Kept in at least (%)"), min_value=0, max_value=100, max_digits=5,
        decimal_places=2,
    )  # fmt: skip
    percent = forms.DecimalField(
        label=gettext_lazy("Reward (% of charge)"), min_value=0, max_value=100, max_digits=5,
        decimal_places=2,
    )  # fmt: skip


class Credits(Listed):
    """What is credited when targets are missed."""

    kind = "credits"
    row_form = CreditRow
    about = gettext_lazy("What is credited to the customer if a target is kept too seldom over its period.")

    def row_words(self) -> dict[str, Any]:
        keys = ["*", *(key_of(row) for row in (*self.terms["targets"], *self.terms["measures"]))]
        return {"targets": [BLANK, *((key, self.names.key(key)) for key in keys)]}


class Rewards(Listed):
    """What is earned when targets are kept more often than promised."""

    kind = "rewards"
    row_form = RewardRow
    about = gettext_lazy(
        "What the provider earns if a target is kept as often as this, or more often, in a closed month. The"
        " mark lies above that of a credit for the same target; of several marks the highest reached counts."
    )

    def row_words(self) -> dict[str, Any]:
        stated = [key_of(row) for row in (*self.terms["targets"], *self.terms["measures"])]
        shares = Terms.parse(self.terms).shares
        keys = ["*", *(key for key in stated if key in shares)]
        return {"targets": [BLANK, *((key, self.names.key(key)) for key in keys)]}


class ReportRow(Row):
    """A report the agreement promises."""

    kind = forms.ChoiceField(label=gettext_lazy("Report"))
    # a browser sends the first choice of a blank row: it must count as unchanged
    period = forms.ChoiceField(
        label=gettext_lazy("For each"), choices=list(terms_words.PERIODS.items()), initial="month"
    )
    due_day = forms.IntegerField(label=gettext_lazy("Due on day"), min_value=1, max_value=28, initial=5)
    submitter = forms.CharField(label=gettext_lazy("Handed in by"), required=False, max_length=200)
    way = forms.ChoiceField(
        label=gettext_lazy("By way of"), choices=list(terms_words.WAYS.items()), initial="portal"
    )

    def __init__(self, *args: Any, kinds: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["kind"]
        field.choices = kinds

    @property
    def value(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("kind", "period", "due_day", "submitter", "way")}


class Reports(Listed):
    """The reports the agreement promises (SLM-36)."""

    kind = "reports"
    row_form = ReportRow
    about = gettext_lazy(
        "Which reports are promised, how often, until which day of the next month, from whom and how."
    )

    def row_words(self) -> dict[str, Any]:
        used = {row["kind"] for row in self.terms["reports"]} - set(terms_words.REPORT_KINDS)
        return {"kinds": [BLANK, *terms_words.REPORT_KINDS.items(), *((kind, kind) for kind in sorted(used))]}
