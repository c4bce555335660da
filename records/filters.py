"""The queue's filters: fields on an allow-list, several values each, kept in the URL and in saved views.

Ids are numbers and nothing more here: what a reader may not see is not found, because the rows they narrow
are only those visible to him.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from accounts.models import Team
from records import facets, keyset, search
from records.fields import EARLIEST_YEAR, LATEST_YEAR
from records.kinds import TICKETS, process_of, processes
from records.lifecycle import Phase
from records.models import Channel, Priority, Record

ME, NOBODY = "@me", "none"
MOST_VALUES, MOST_TEXT = 50, 200
DUE = {
    "overdue": (gettext_lazy("Overdue"), timedelta(0)),
    "1h": (gettext_lazy("Within 1 hour"), timedelta(hours=1)),
    "4h": (gettext_lazy("Within 4 hours"), timedelta(hours=4)),
    "24h": (gettext_lazy("Within 24 hours"), timedelta(hours=24)),
    "72h": (gettext_lazy("Within 3 days"), timedelta(hours=72)),
    "7d": (gettext_lazy("Within 7 days"), timedelta(days=7)),
}
WITHOUT = {
    "assignee": (gettext_lazy("Person"), Q(assignee=None)),
    "team": (gettext_lazy("Team"), Q(team=None)),
    "owner": (gettext_lazy("Owner"), Q(owner=None)),
    "service": (gettext_lazy("Service"), Q(service=None)),
    "due": (gettext_lazy("Due time"), Q(next_due_at=None)),
}


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


class AnyOf(django_filters.MultipleChoiceFilter):  # type: ignore[misc]
    """Any of several codes, in one condition."""

    def filter(self, qs: "QuerySet[Record]", value: list[str]) -> "QuerySet[Record]":
        return qs.filter(**{f"{self.field_name}__in": list(value)}) if value else qs


class DayField(forms.DateField):
    def to_python(self, value: Any) -> date | None:
        found = super().to_python(value)
        if found and not EARLIEST_YEAR < found.year < LATEST_YEAR:
            raise forms.ValidationError(_("Not a year to look in."), code="year")
        return found


class Day(django_filters.Filter):  # type: ignore[misc]
    """A bound by a day of the reader's own zone; ``is_end``: the day itself still belongs to it."""

    field_class = DayField

    def __init__(self, *args: Any, is_end: bool, **kwargs: Any) -> None:
        super().__init__(*args, input_formats=["%Y-%m-%d"], **kwargs)
        self.is_end = is_end

    def filter(self, qs: "QuerySet[Record]", value: date | None) -> "QuerySet[Record]":
        if value is None:
            return qs
        day = value + timedelta(days=1) if self.is_end else value
        at = timezone.make_aware(datetime.combine(day, time.min))
        if self.field_name == "due":
            return _due_before(qs, at)
        return qs.filter(**{f"{self.field_name}__{'lt' if self.is_end else 'gte'}": at})


def _due_before(rows: "QuerySet[Record]", at: datetime) -> "QuerySet[Record]":
    """Only what is open can be due; in the words of the queue's index."""
    return rows.exclude(phase=Phase.DONE).alias(due=keyset.DUE.expression()).filter(due__lt=at)


def kind_choices() -> list[tuple[str, Any]]:
    """The kinds of ticket in words."""
    return [(kind, capfirst(process_of(kind).model._meta.verbose_name)) for kind in TICKETS]


def state_choices() -> list[tuple[str, Any]]:
    """The states of all processes; a word that several share is one choice."""
    found: dict[str, Any] = {}
    for process in processes():
        found |= dict(process.labels.choices)
    return list(found.items())


def due_choices() -> list[tuple[str, Any]]:
    return [(key, label) for key, (label, _span) in DUE.items()]


def without_choices() -> list[tuple[str, Any]]:
    return [(key, label) for key, (label, _condition) in WITHOUT.items()]


class QueueFilter(django_filters.FilterSet):  # type: ignore[misc]
    """What the list may be narrowed by; nothing else in the URL narrows anything."""

    q = django_filters.CharFilter(method="by_words", label=gettext_lazy("Words"), max_length=MOST_TEXT)
    team = Ids(field_name="team", label=gettext_lazy("Team"))
    assignee = People(field_name="assignee", label=gettext_lazy("Person"))
    priority = django_filters.TypedMultipleChoiceFilter(
        choices=Priority.choices, coerce=int, label=gettext_lazy("Priority")
    )
    state = AnyOf(field_name="state", choices=state_choices, label=gettext_lazy("State"))
    kind = AnyOf(field_name="kind", choices=kind_choices, label=gettext_lazy("Kind"))
    customer = Ids(field_name="customer", label=gettext_lazy("Customer"))
    service = Ids(field_name="service", label=gettext_lazy("Service"))
    owner = People(field_name="owner", label=gettext_lazy("Owner"))
    requester = Ids(field_name="requester", label=gettext_lazy("Affected user"))
    tier = AnyOf(field_name="team__tier", choices=Team.Tier.choices, label=gettext_lazy("Tier"))
    channel = AnyOf(field_name="channel", choices=Channel.choices, label=gettext_lazy("Channel"))
    due = django_filters.MultipleChoiceFilter(method="by_due", choices=due_choices, label=gettext_lazy("Due"))
    without = django_filters.MultipleChoiceFilter(
        method="by_without", choices=without_choices, label=gettext_lazy("Has no")
    )
    opened_from = Day(field_name="opened_at", is_end=False, label=gettext_lazy("Opened from"))
    opened_to = Day(field_name="opened_at", is_end=True, label=gettext_lazy("Opened until"))
    due_by = Day(field_name="due", is_end=True, label=gettext_lazy("Due by"))

    class Meta:
        model = Record
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: Any, actor: Actor, now: datetime, **kwargs: Any) -> None:
        self.actor, self.now = actor, now
        super().__init__(*args, **kwargs)
        for facet in facets.filters():
            each = _of_facet(facet)
            each.parent, each.model = self, Record
            self.filters[facet.name] = each

    def by_words(self, rows: "QuerySet[Record]", name: str, value: str) -> "QuerySet[Record]":
        return search.find(rows, value, actor=self.actor)  # type: ignore[arg-type]

    def by_due(self, rows: "QuerySet[Record]", name: str, value: list[str]) -> "QuerySet[Record]":
        return _due_before(rows, self.now + max(DUE[v][1] for v in value)) if value else rows

    def by_without(self, rows: "QuerySet[Record]", name: str, value: list[str]) -> "QuerySet[Record]":
        for each in value:
            rows = rows.filter(WITHOUT[each][1])
        return rows


def _of_facet(facet: facets.Facet) -> Any:
    if facet.choices is None:
        return django_filters.CharFilter(
            field_name=facet.field, lookup_expr="icontains", label=facet.label, max_length=MOST_TEXT
        )
    return AnyOf(field_name=facet.field, choices=facet.choices, label=facet.label)


DAYS = ("opened_from", "opened_to", "due_by")
TYPED: Mapping[str, str] = {
    "team": "teams", "assignee": "assignees", "owner": "assignees", "customer": "customers",
    "service": "services", "requester": "people",
}  # fmt: skip
FIXED: Mapping[str, Callable[[], Iterable[tuple[Any, Any]]]] = {
    "priority": lambda: Priority.choices, "state": state_choices, "kind": kind_choices,
    "tier": lambda: Team.Tier.choices, "channel": lambda: Channel.choices, "due": due_choices,
    "without": without_choices,
}  # fmt: skip
# what the form shows at once; the others are one step further
FIRST = ("q", "team", "assignee", "priority", "state", "customer", "service", "kind", "due")


def fixed_choices() -> dict[str, Callable[[], Iterable[tuple[Any, Any]]]]:
    """The filters whose values are known beforehand, with them."""
    own = {facet.name: facet.choices for facet in facets.filters() if facet.choices}
    return {**FIXED, **own}


def texts() -> tuple[str, ...]:
    """The filters that hold one text."""
    return ("q", *(facet.name for facet in facets.filters() if facet.choices is None))


def names() -> list[str]:
    """Every filter there is, in the order of the form."""
    return [*QueueFilter.base_filters, *(facet.name for facet in facets.filters())]


def values_of(params: QueryDict) -> dict[str, list[str]]:
    """The filters of a URL: allow-listed fields, each value once, empty ones left out."""
    return cleaned({name: params.getlist(name) for name in names()})


def cleaned(given: Mapping[str, Iterable[Any]]) -> dict[str, list[str]]:
    """Known fields only, texts without null characters, each value once, one value where one fits."""
    found: dict[str, list[str]] = {}
    alone = {*texts(), *DAYS}
    for name in names():
        values = [str(v).replace("\0", "").strip()[:MOST_TEXT] for v in given.get(name, ())]
        values = list(dict.fromkeys(v for v in values if v))[:MOST_VALUES]
        if values:
            found[name] = values[-1:] if name in alone else values
    return found


def filter_of(
    values: Mapping[str, list[str]], rows: "QuerySet[Record]", *, actor: Actor, now: datetime
) -> QueueFilter:
    """The filters over some rows; ``form.errors`` names fields whose value cannot be one."""
    data = QueryDict(mutable=True)
    for name, own in values.items():
        data.setlist(name, own)
    return QueueFilter(data, queryset=rows, actor=actor, now=now)
