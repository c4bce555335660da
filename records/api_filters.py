"""The filters every kind of record has in the interface."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as framework
from rest_framework import serializers

import accounts.queries
import catalog.queries
from accounts.models import Team
from accounts.pages import actor_of
from itsm.rest.filters import FlagFilter, InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from records import filters, saved, search
from records.lifecycle import Phase
from records.models import Channel, Level, Priority, by_due
from sla.models import Clock

PHASES = [phase.value for phase in Phase]
ORDERINGS = {
    "opened_at": SortKey("opened_at"),
    "updated_at": SortKey("updated_at"),
    "priority": SortKey("priority"),
    "next_due_at": SortKey("next_due_at", by_due()),
}
PEOPLE: dict[str, Any] = {"rows": accounts.queries.everybody, "code": "username", "people": True}


class RecordFilters(framework.FilterSet):  # type: ignore[misc]
    """Several values of one filter are alternatives; several filters must all fit."""

    number = framework.CharFilter(method="by_number", max_length=20)
    phase = Several(choices=[(p, p) for p in PHASES])
    open = FlagFilter(method="by_open", label=_("Not done yet."))
    priority = Several(choices=Priority.choices)
    impact = Several(choices=Level.choices)
    urgency = Several(choices=Level.choices)
    channel = Several(choices=Channel.choices)
    team = NamedFilter(rows=accounts.queries.teams, code="code")
    assignee = NamedFilter(**PEOPLE)
    owner = NamedFilter(**PEOPLE)
    requester = NamedFilter(**PEOPLE)
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    service = NamedFilter(rows=catalog.queries.services, code="code")
    opened_after = InstantFilter(field_name="opened_at", lookup_expr="gte")
    opened_before = InstantFilter(field_name="opened_at", lookup_expr="lt")
    updated_after = InstantFilter(field_name="updated_at", lookup_expr="gte")
    updated_before = InstantFilter(field_name="updated_at", lookup_expr="lt")
    due_before = InstantFilter(method="by_due_before")
    due = Several(choices=filters.due_choices, method="by_due", label=_("As the queue says it."))
    without = Several(choices=filters.without_choices, method="by_without", label=_("Has none of these."))
    tier = Several(field_name="team__tier", choices=Team.Tier.choices)
    view = framework.CharFilter(
        method="by_view", max_length=20, label=_("A view of the queue by its key: `mine`, `v12`.")
    )
    breached = FlagFilter(method="by_breached", label=_("A target was missed."))
    q = framework.CharFilter(
        method="by_words", max_length=search.MAX_QUESTION, label=_("Words, English or Chinese.")
    )

    def by_number(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(number=value.strip().upper())

    def by_open(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return rows.exclude(phase=Phase.DONE) if value else rows.filter(phase=Phase.DONE)

    def by_due_before(self, rows: QuerySet[Any], name: str, value: datetime) -> QuerySet[Any]:
        # the same expression as the queue's index; only what is open can be due
        due: QuerySet[Any] = rows.exclude(phase=Phase.DONE).alias(due=by_due())
        return due.filter(due__lt=value)

    def by_due(self, rows: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        spans = [filters.DUE[each][1] for each in value]
        return self.by_due_before(rows, name, timezone.now() + max(spans)) if spans else rows

    def by_without(self, rows: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        for each in value:
            rows = rows.filter(filters.WITHOUT[each][1])
        return rows

    def by_view(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        found = saved.rows_by_key(value, actor_of(self.request), timezone.now())
        if found is None:
            message = str(_("There is no such view."))
            raise serializers.ValidationError({name: [serializers.ErrorDetail(message, "does_not_exist")]})
        return rows.filter(pk__in=found.order_by().values("pk"))

    def by_breached(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        late = Q(breached_at__isnull=False) | Q(stopped_at=None, due_at__lt=timezone.now())
        missed = Exists(Clock.objects.filter(late, record=OuterRef("pk")))
        return rows.filter(missed) if value else rows.exclude(missed)

    def by_words(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        found: QuerySet[Any] = search.find(rows, value, actor=actor_of(self.request))  # type: ignore[arg-type]
        return found
