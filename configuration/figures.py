"""The configuration report of a quarter or a year (CMDB-12): every number is the count of its list."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Count, Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from cmdb import queries
from cmdb.models import Alteration, Item, ItemType
from cmdb.queries import NONE, Question
from records import spans
from records.spans import Span

SPANS = ("quarter", "year")
_DONE = Q(is_refused=False)
_TIES = ("related", "unrelated", "service_named", "service_removed")

PARTS: Mapping[str, tuple[Any, Q]] = {
    "added": (_("Items added"), _DONE & Q(act="added")),
    "altered": (_("Facts altered"), _DONE & Q(act="altered")),
    "ties": (_("Relations and services altered"), _DONE & Q(act__in=_TIES)),
    "retired": (_("Items retired"), _DONE & Q(act="altered", after__state="retired")),
    "by_change": (_("Altered by an approved change"), _DONE & ~Q(authority="")),
    "refused": (_("Attempts refused"), Q(is_refused=True)),
    **{f"refused-{key}": (label, Q(refusal=key)) for key, label in Alteration.Refusal.choices},
}
"""What is counted of the alterations of a period: its words, and the condition of count and list."""


def span_of(asked: QueryDict) -> Span:
    """The quarter or year an address names; the present quarter for anything else."""
    zone = timezone.get_current_timezone()
    return spans.read(asked.get("period", ""), SPANS, today=timezone.localdate(), zone=zone)


def alterations(actor: Actor, span: Span, part: str) -> Any:
    """The alterations of a period that a part counts; "" for all."""
    rows = Alteration.objects.visible_to(actor).filter(at__gte=span.start, at__lt=span.end)
    return rows.filter(PARTS[part][1]) if part in PARTS else rows


def of_period(actor: Actor, span: Span) -> dict[str, int]:
    """How many of each part; one query."""
    counts = {key.replace("-", "_"): Count("pk", filter=condition) for key, (_l, condition) in PARTS.items()}
    found = alterations(actor, span, "").aggregate(**counts)
    return {key: found[key.replace("-", "_")] for key in PARTS}


def by_type(actor: Actor) -> list[dict[str, Any]]:
    """The items of each type by state, as they are now; the types without items are left out."""
    states = [key for key, _label in Item.State.choices]
    counts = {state: Count("pk", filter=Q(state=state)) for state in states}
    items = Item.objects.visible_to(actor).order_by().values("type")
    rows: list[Any] = list(items.annotate(total=Count("pk"), **counts))
    types = ItemType.objects.in_bulk([row["type"] for row in rows])
    found = [
        {
            "type": types[row["type"]],
            "total": row["total"],
            "states": [(state, row[state]) for state in states],
        }
        for row in rows
    ]
    return sorted(found, key=lambda row: (row["type"].category, row["type"].name))


def gaps(actor: Actor) -> dict[str, int]:
    """What the register lacks: active items nobody owns, and important ones among them."""
    unowned = Question(owner=NONE, is_active=True)
    return {
        "without_owner": queries.listed(actor, unowned).count(),
        "important_without_owner": queries.listed(actor, replace(unowned, is_important=True)).count(),
        "important": queries.listed(actor, Question(is_important=True, is_active=True)).count(),
    }
