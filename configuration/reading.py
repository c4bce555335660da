"""What stands on the page of an item: its attributes, relations, services, tickets and changes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from accounts.access import Actor
from accounts.models import in_reader_language
from changes.models import Change
from cmdb.impact import among
from cmdb.models import Alteration, Item, ItemAttribute, Relation
from configuration.histories import value_words
from incidents.models import Incident
from problems import matching
from problems.models import Problem
from records.common_changes import state_words
from records.models import Record

SHOWN = 20
RECENT = timedelta(days=30)
BESIDE = 5


@dataclass(frozen=True)
class Related:
    """A relation as it reads from one of its ends: «runs on» SRV-2, or «carries» APP-1."""

    relation: Relation
    other: Item
    words: str
    sentence_en: str
    sentence_zh: str


def attributes_of(item: Item) -> list[dict[str, Any]]:
    """The attributes of the item's type with its values, in their order."""
    return [
        {
            "attribute": attribute,
            "value": item.attributes.get(attribute.code),
            "words": value_words(attribute, item.attributes.get(attribute.code)),
        }
        for attribute in item.type.attributes.all()
    ]


def by_code(type_ids: Collection[int]) -> dict[str, ItemAttribute]:
    return {row.code: row for row in ItemAttribute.objects.filter(type__in=type_ids)}


def relations_of(item: Item, actor: Actor) -> tuple[list[Related], list[Related]]:
    """Those that go out and those that come in, as far as the actor may see the other end."""
    seen = Item.objects.visible_to(actor)
    rows = (
        Relation.objects.filter(Q(source=item, target__in=seen) | Q(target=item, source__in=seen))
        .select_related("type", "source__type", "target__type")
        .order_by("type__code", "pk")
    )
    out: list[Related] = []
    back: list[Related] = []
    for row in rows:
        if row.source_id == item.pk:
            out.append(_related(row, row.target, item, is_out=True))
        else:
            back.append(_related(row, row.source, item, is_out=False))
    return out, back


def _related(row: Relation, other: Item, item: Item, *, is_out: bool) -> Related:
    kind = row.type
    en = kind.name_en if is_out else kind.reverse_en
    zh = (kind.name_zh or kind.name_en) if is_out else (kind.reverse_zh or kind.reverse_en)
    return Related(
        row,
        other,
        in_reader_language(en, zh),
        f"{item.name} {en} {other.name}",
        f"{item.name}{zh}{other.name}",
    )


def open_rows(item_ids: Collection[int], actor: Actor) -> Any:
    """Open incidents and problems of the items."""
    ids = among(item_ids)
    incidents = Incident.objects.filter(item__in=ids).values("pk")
    problems = Problem.items.through.objects.filter(item__in=ids).values("problem")
    rows = Record.objects.visible_to(actor).open()
    return rows.filter(Q(pk__in=incidents) | Q(pk__in=problems))


def open_tickets(item_ids: Collection[int], actor: Actor, *, limit: int = SHOWN) -> list[Record]:
    """The most urgent of them."""
    rows = open_rows(item_ids, actor).select_related("customer", "assignee")
    return list(rows.order_by("priority", "opened_at", "pk")[:limit])


def in_short(records: Iterable[Record]) -> list[dict[str, Any]]:
    """Records as a table shows them, each with the words of its state."""
    return [{"record": record, "state": state_words(record)} for record in records]


def changes_of(item: Item, actor: Actor, *, now: datetime, limit: int = SHOWN) -> list[Change]:
    """Changes of the item that are open, or ended lately; the newest first."""
    rows = Change.objects.visible_to(actor).filter(change_items__item=item)
    lately = Q(done_at=None) | Q(done_at__gte=now - RECENT)
    return list(rows.filter(lately).select_related("customer").order_by("-updated_at", "-pk")[:limit])


def beside(
    item: Item, actor: Actor, *, now: datetime, text: str = "", known_errors: bool = True
) -> dict[str, Any]:
    """What who logs an incident about the item should know (CMDB-11): recent changes, open tickets, known
    errors that fit (unless they are shown otherwise), and what was altered lately. Five queries."""
    altered = Alteration.objects.of([item.pk]).filter(is_refused=False, at__gte=now - RECENT)
    found = {
        "item": item,
        "changes": changes_of(item, actor, now=now, limit=BESIDE),
        "tickets": open_tickets([item.pk], actor, limit=BESIDE),
        "known_errors": [],
        "alterations": list(altered.exclude(act=Alteration.Act.ADDED)[:BESIDE]),
    }
    if known_errors:
        asked: dict[str, Any] = {"text": text, "item_id": item.pk, "service_id": None}
        found["known_errors"] = matching.known_errors_for(**asked, actor=actor, limit=BESIDE)
    return found
