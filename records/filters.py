"""The queue's filters: fields on an allow-list, several values each, kept in the URL.

Ids are numbers and nothing more here: what a reader may not see is not found, because the rows they narrow
are only those visible to him.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import DESK_ROLES, Actor
from accounts.models import Organisation, Team, User
from catalog.models import Service
from records.kinds import processes
from records.models import Channel, Priority, Record

ME, NOBODY = "@me", "none"
FIELDS = ("team", "assignee", "priority", "state", "customer", "service", "channel")
MOST_VALUES = 50


class IdsField(forms.MultipleChoiceField):
    """Ids as digits, and the few words that stand for somebody."""

    words: frozenset[str] = frozenset()

    def valid_value(self, value: Any) -> bool:
        text = str(value)
        return text in self.words or (text.isascii() and text.isdecimal() and len(text) < 10)


class PeopleField(IdsField):
    words = frozenset({ME, NOBODY})


class Ids(django_filters.MultipleChoiceFilter):  # type: ignore[misc]
    """Any of several ids."""

    field_class = IdsField

    def filter(self, qs: "QuerySet[Record]", value: list[str]) -> "QuerySet[Record]":
        return qs.filter(**{f"{self.field_name}__in": [int(v) for v in value]}) if value else qs


class People(django_filters.MultipleChoiceFilter):  # type: ignore[misc]
    """Any of several people, the reader himself, or nobody."""

    field_class = PeopleField

    def filter(self, qs: "QuerySet[Record]", value: list[str]) -> "QuerySet[Record]":
        if not value:
            return qs
        wanted = Q()
        ids = [int(v) for v in value if v.isdecimal()]
        if ME in value:
            ids.append(self.parent.actor.user_id)
        if ids:
            wanted |= Q(**{f"{self.field_name}__in": ids})
        if NOBODY in value:
            wanted |= Q(**{self.field_name: None})
        return qs.filter(wanted)


def state_choices() -> list[tuple[str, Any]]:
    """The states of all processes; a word that several share is one choice."""
    found: dict[str, Any] = {}
    for process in processes():
        found |= dict(process.labels.choices)
    return list(found.items())


class QueueFilter(django_filters.FilterSet):  # type: ignore[misc]
    """What the list may be narrowed by; nothing else in the URL narrows anything."""

    team = Ids(field_name="team", label=gettext_lazy("Team"))
    assignee = People(field_name="assignee", label=gettext_lazy("Person"))
    priority = django_filters.TypedMultipleChoiceFilter(
        choices=Priority.choices, coerce=int, label=gettext_lazy("Priority")
    )
    state = django_filters.MultipleChoiceFilter(choices=state_choices, label=gettext_lazy("State"))
    customer = Ids(field_name="customer", label=gettext_lazy("Customer"))
    service = Ids(field_name="service", label=gettext_lazy("Service"))
    channel = django_filters.MultipleChoiceFilter(choices=Channel.choices, label=gettext_lazy("Channel"))

    class Meta:
        model = Record
        fields: ClassVar[list[str]] = list(FIELDS)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        self.actor = actor
        super().__init__(*args, **kwargs)


@dataclass(frozen=True)
class Choice:
    """One field of the filter form: what is chosen, and where further choices come from."""

    name: str
    label: str
    chosen: list[tuple[str, str]]
    source: str


@dataclass(frozen=True)
class Active:
    """One active filter as components/filter_chips.html shows it."""

    label: str
    value: str
    remove_url: str


SOURCES = {
    "team": "teams",
    "assignee": "assignees",
    "priority": "priorities",
    "state": "states",
    "customer": "customers",
    "service": "services",
    "channel": "channels",
}


def chosen_words(values: Mapping[str, list[str]], actor: Actor) -> dict[str, dict[str, str]]:
    """The chosen values of each field with their words; one query per field of ids that is in use.

    What the reader may not see keeps its number: its name is not told.
    """
    customers = Organisation.objects.all()
    if actor.scope is not None:
        customers = customers.filter(pk__in=actor.scope)
    tables: dict[str, QuerySet[Any]] = {
        "team": Team.objects.all(),
        "assignee": User.objects.filter(grants__role__in=DESK_ROLES).distinct(),
        "customer": customers,
        "service": Service.objects.all(),
    }
    fixed = {
        "assignee": {ME: _("Me"), NOBODY: _("Nobody")},
        "priority": {str(value): str(label) for value, label in Priority.choices},
        "state": {value: str(label) for value, label in state_choices()},
        "channel": {value: str(label) for value, label in Channel.choices},
    }
    found: dict[str, dict[str, str]] = {}
    for name, wanted in values.items():
        words = dict(fixed.get(name, {}))
        ids = [int(v) for v in wanted if v.isdecimal() and len(v) < 10]
        if ids and name in tables:
            words |= {str(row.pk): row.name for row in tables[name].filter(pk__in=ids)}
        found[name] = {v: words.get(v, f"#{v}"[:20]) for v in wanted}
    return found


def values_of(params: QueryDict) -> dict[str, list[str]]:
    """The filters of a URL: allow-listed fields, each value once, empty ones left out."""
    given = {name: list(dict.fromkeys(v for v in params.getlist(name) if v)) for name in FIELDS}
    return {name: values[:MOST_VALUES] for name, values in given.items() if values}
