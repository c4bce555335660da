"""What an orderable entry says, as JSON: read strictly, every wrong place named (`fields[2].label`)."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

import accounts.queries
from accounts.access import Actor
from fulfilment import blueprint as kinds
from fulfilment.blueprint import Blueprint, Field, Stage, problems_of
from fulfilment.offerings import PROBLEMS
from itsm.rest.fields import Flag, Pick, Text, with_hint
from itsm.rest.serializers import Strict
from records.models import Priority

# where each of the blueprint's own problems of a field stands
PLACES = {
    "twice": "key", "no_label": "label", "no_choices": "choices", "bad_pattern": "pattern",
    "bad_range": "most", "bad_condition": "shown_when",
}  # fmt: skip
LARGEST = 10**12
Found = Iterator[tuple[str, str]]


class Whole(serializers.IntegerField):
    """A JSON number without a fraction; no text."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "number"}]})
class Amount(serializers.DecimalField):
    """At most two decimals, as a text or a number; answered as a text."""

    def __init__(self, *, max_digits: int = 12, **kwargs: Any) -> None:
        super().__init__(max_digits=max_digits, decimal_places=2, **{"min_value": Decimal(0), **kwargs})

    def to_internal_value(self, data: Any) -> Decimal:
        if type(data) not in (str, int, float):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field({"type": "string"})
class Price(Amount):
    """An amount, kept as a text; "" where no price is named."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data == "":
            return ""
        found = super().run_validation(data)
        return format(found, ".2f") if isinstance(found, Decimal) else found


class Currency(serializers.RegexField):
    """Three capital letters."""

    def __init__(self, **kwargs: Any) -> None:
        wrong: dict[str, Any] = {"invalid": gettext_lazy("Write three capital letters, such as CNY.")}
        super().__init__(r"^[A-Z]{3}$", error_messages=wrong, **kwargs)


class Key(serializers.RegexField):
    """What programs call a field or a choice by."""

    def __init__(self, **kwargs: Any) -> None:
        words = gettext_lazy("Small letters, digits and “_”, at most 30, beginning with a letter.")
        wrong: dict[str, Any] = {"invalid": words}
        super().__init__(rf"^{kinds.KEY.pattern}$", error_messages=wrong, **kwargs)


class Pair(Strict):
    """A text in both languages; what is left out is empty."""

    most = 200

    def get_fields(self) -> dict[str, Any]:
        return {
            name: Text(max_length=self.most, required=False, allow_blank=True, default="")
            for name in ("en", "zh")
        }


class UnitPair(Pair):
    most = 50


class NotePair(Pair):
    most = 300


class LongPair(Pair):
    most = 4000


def several(form: type[Strict], most: int, **kwargs: Any) -> Any:
    """A list of them, of at most so many."""
    made: Any = form
    return made(many=True, max_length=most, **kwargs)


class ChoiceInput(Strict):
    key = Key(help_text="Small letters, digits and `_`; stays when the label changes.")
    label = Pair()  # type: ignore[assignment]


class ConditionInput(Strict):
    """Shown while an earlier field is answered so."""

    field = Text(max_length=30, help_text="The key of an earlier choice, or yes/no.")
    value = Text(max_length=30, help_text="The key of one of its choices; `yes` or `no`.")


class FieldInput(Strict):
    """One question of the form."""

    key = Key()
    type = Pick(choices=[(name, name) for name in kinds.TYPES])
    label = Pair()  # type: ignore[assignment]
    help = NotePair(required=False, default=dict)
    required = Flag(default=False)  # type: ignore[assignment]
    choices = several(ChoiceInput, kinds.MOST_CHOICES, required=False, default=list)
    shown_when = ConditionInput(required=False, allow_null=True, default=None)
    least = Whole(
        required=False, allow_null=True, default=None, min_value=-LARGEST, max_value=LARGEST,
        help_text="Of a number; of a text: its length.",
    )  # fmt: skip
    most = Whole(required=False, allow_null=True, default=None, min_value=-LARGEST, max_value=LARGEST)
    pattern = Text(
        max_length=200, required=False, allow_blank=True, default="", trim_whitespace=False,
        help_text="A regular expression a short text must fit as a whole.",
    )  # fmt: skip


class PartyInput(Strict):
    """Who is asked."""

    kind = Pick(choices=[(name, name) for name in (kinds.CONTACT, kinds.TEAM_LEAD, kinds.NAMED)])
    code = Text(
        max_length=150, required=False, allow_blank=True, default="",
        help_text="The code of the team or the user name; empty for the customer's contacts.",
    )  # fmt: skip


class StageInput(Strict):
    """One approval stage."""

    name = Pair()
    rule = Pick(choices=[(name, name) for name in (kinds.ANY, kinds.ALL)])
    parties = several(PartyInput, kinds.MOST_PARTIES, allow_empty=False)


class TaskInput(Strict):
    """A piece of work; those of one order are done side by side."""

    title = Pair()
    order = Whole(min_value=1, max_value=99)
    team = Text(
        max_length=50, required=False, allow_blank=True, default="",
        help_text="A code; empty: the team of the request.",
    )  # fmt: skip


class DraftForm(Strict):
    """The whole draft: what is left out is emptied."""

    name = Pair()
    what = LongPair(required=False, default=dict, help_text="What it is, for customers.")
    price = Price(required=False, default="", help_text="An amount as a text; empty: none named.")
    currency = Currency(required=False, default="CNY")
    unit = UnitPair(required=False, default=dict, help_text="Per what the price is.")
    level = NotePair(required=False, default=dict)
    duration = Pair(required=False, default=dict)
    is_chargeable = Flag(default=False, help_text="Begins after a quotation was accepted.")
    priority = Pick(choices=Priority.choices, default=Priority.LOW)
    team = Text(
        max_length=50, required=False, allow_blank=True, default="",
        help_text="A code; empty: first support of the service.",
    )  # fmt: skip
    fields = several(FieldInput, kinds.MOST_FIELDS, required=False, default=list)
    stages = several(StageInput, kinds.MOST_STAGES, required=False, default=list)
    tasks = several(TaskInput, kinds.MOST_TASKS, required=False, default=list)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What can only be judged as a whole; each problem under the place where it is mended."""
        draft = Blueprint.parse(attrs)
        errors: dict[str, list[str]] = {}
        for place, words in (*_of_fields(draft), *_of_work(draft), *_strangers(draft, self.asker)):
            errors.setdefault(place, []).append(words)
        if errors:
            raise serializers.ValidationError(errors)
        return attrs


def _of_fields(draft: Blueprint) -> Found:
    earlier: dict[str, Field] = {}
    for n, one in enumerate(draft.fields):
        for code in problems_of(one, earlier):
            yield f"fields[{n}].{PLACES[code]}", str(PROBLEMS[code]) % {"field": one.key}
        earlier.setdefault(one.key, one)
        if one.choices and one.type not in kinds.CHOOSING:
            yield f"fields[{n}].choices", _("Only where one chooses there are choices.")
        taken: set[str] = set()
        for place, choice in enumerate(one.choices):
            if choice.key in taken:
                yield f"fields[{n}].choices[{place}].key", _("This key is used twice.")
            if not choice.label.is_filled:
                yield f"fields[{n}].choices[{place}].label", _("Give it a label.")
            taken.add(choice.key)


def _of_work(draft: Blueprint) -> Found:
    for n, stage in enumerate(draft.stages):
        if not (stage.name.en and stage.name.zh):
            yield f"stages[{n}].name", _("Give it in both languages.")
        yield from _of_parties(n, stage)
    for n, task in enumerate(draft.tasks):
        if not (task.title.en and task.title.zh):
            yield f"tasks[{n}].title", _("Give it in both languages.")


def _of_parties(n: int, stage: Stage) -> Found:
    for place, party in enumerate(stage.parties):
        if party.kind == kinds.CONTACT and party.code:
            yield f"stages[{n}].parties[{place}].code", _("The contacts of the customer need no code.")
        if party.kind != kinds.CONTACT and not party.code:
            yield f"stages[{n}].parties[{place}].code", _("Say who is asked.")


def _strangers(draft: Blueprint, actor: Actor) -> Found:
    """Teams and people who cannot be named; two queries, however many are named."""
    teams = {f"tasks[{n}].team": task.team for n, task in enumerate(draft.tasks) if task.team}
    teams |= {"team": draft.team} if draft.team else {}
    people: dict[str, str] = {}
    for n, stage in enumerate(draft.stages):
        for place, party in enumerate(stage.parties):
            wanted = {kinds.TEAM_LEAD: teams, kinds.NAMED: people}.get(party.kind)
            if wanted is not None and party.code:
                wanted[f"stages[{n}].parties[{place}].code"] = party.code
    active = accounts.queries.teams(actor).filter(is_active=True, code__in=set(teams.values()))
    staff = accounts.queries.assignees(actor).filter(username__in=set(people.values()))
    yield from _missing(teams, set(active.values_list("code", flat=True)), "teams")
    yield from _missing(people, set(staff.values_list("username", flat=True)), "users")


def _missing(wanted: Mapping[str, str], known: set[str], see: str) -> Found:
    for place, code in wanted.items():
        if code not in known:
            hint = _("Choose one of /api/v1/%(list)s/.") % {"list": see}
            yield place, with_hint(_("There is nothing you may name here under that id or code."), hint)


EXAMPLE: dict[str, Any] = {
    "name": {"en": "New laptop", "zh": "新笔记本电脑"},
    "what": {"en": "A laptop, set up and ready.", "zh": "预装好的笔记本电脑。"},
    "price": "6800.00", "currency": "CNY", "unit": {"en": "piece", "zh": "台"}, "priority": 3,
    "fields": [
        {
            "key": "model", "type": "choice", "label": {"en": "Model", "zh": "型号"}, "required": True,
            "choices": [
                {"key": "light", "label": {"en": "Light", "zh": "轻薄"}},
                {"key": "strong", "label": {"en": "Strong", "zh": "高性能"}},
            ],
        },
        {
            "key": "why", "type": "long", "label": {"en": "What for", "zh": "用途"},
            "shown_when": {"field": "model", "value": "strong"},
        },
    ],
    "stages": [
        {
            "name": {"en": "The customer agrees", "zh": "客户同意"}, "rule": "any",
            "parties": [{"kind": "customer_manager"}],
        }
    ],
    "tasks": [{"title": {"en": "Set it up", "zh": "装机"}, "order": 1}],
}  # fmt: skip
