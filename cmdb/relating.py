"""How items hang together, and which services run on them: the verbs that write it.

Relations of important items are under control: each important end has to be named by an approved change.
Relations of a type that may not go in a circle are written one after the other (the type's row is held), so
that two people cannot close a circle together.
"""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from accounts.access import Actor, Denied
from catalog.models import Service
from cmdb.authority import Authority, refusal
from cmdb.control import may_alter, refused
from cmdb.models import Alteration, Item, ItemService, Relation, RelationType
from cmdb.refusals import Attempt, kept

_REACHES = """
    WITH RECURSIVE onward(id) AS (
        SELECT %s::bigint
        UNION
        SELECT r.target_id FROM onward o JOIN cmdb_relation r ON r.source_id = o.id AND r.type_id = %s
    )
    SELECT EXISTS (SELECT 1 FROM onward WHERE id = %s)
"""


def relate(
    source: Item,
    target: Item,
    relation_type: RelationType,
    *,
    authority: Authority | None = None,
    actor: Actor,
    now: datetime,
) -> Relation:
    """``source`` --relation_type--> ``target``. What is related so already stays as it is."""
    if source.pk == target.pk:
        raise ValidationError(
            {"target": ValidationError(_("An item is not related to itself."), code="itself")}
        )
    attempt = Attempt((source, target), Alteration.Act.RELATED, authority, actor, now)
    attempt.after = {"relation": _words(source, target, relation_type)}
    with kept(attempt):
        ends = _ends(attempt, source, target)
        present = Relation.objects.filter(source=source, target=target, type=relation_type).first()
        if present is not None:
            return present
        _under_control("target", ends, authority)
        if relation_type.is_acyclic:
            _no_circle(source, target, relation_type)
        relation = Relation.objects.create(source=source, target=target, type=relation_type)
        Alteration.objects.bulk_create(attempt.rows())
        return relation


def unrelate(relation: Relation, *, authority: Authority | None = None, actor: Actor, now: datetime) -> None:
    """Take a relation away. One that is gone already is nothing to do."""
    source, target = relation.source, relation.target
    attempt = Attempt((source, target), Alteration.Act.UNRELATED, authority, actor, now)
    attempt.before = {"relation": _words(source, target, relation.type)}
    with kept(attempt):
        ends = _ends(attempt, source, target)
        _under_control("relation", ends, authority)
        gone, _rows = Relation.objects.filter(pk=relation.pk).delete()
        if gone:
            Alteration.objects.bulk_create(attempt.rows())


def name_service(
    item: Item, service: Service, *, authority: Authority | None = None, actor: Actor, now: datetime
) -> ItemService:
    """The service runs on the item. Said twice is the same as once."""
    attempt = Attempt((item,), Alteration.Act.SERVICE_NAMED, authority, actor, now)
    attempt.after = {"service": service.label}
    with kept(attempt):
        (current,) = _ends(attempt, item)
        present = ItemService.objects.filter(item=item, service=service).first()
        if present is not None:
            return present
        _under_control("service", (current,), authority)
        row = ItemService.objects.create(item=item, service=service)
        Alteration.objects.bulk_create(attempt.rows())
        return row


def remove_service(
    row: ItemService, *, authority: Authority | None = None, actor: Actor, now: datetime
) -> None:
    attempt = Attempt((row.item,), Alteration.Act.SERVICE_REMOVED, authority, actor, now)
    attempt.before = {"service": row.service.label}
    with kept(attempt):
        ends = _ends(attempt, row.item)
        _under_control("service", ends, authority)
        gone, _rows = ItemService.objects.filter(pk=row.pk).delete()
        if gone:
            Alteration.objects.bulk_create(attempt.rows())


def _words(source: Item, target: Item, relation_type: RelationType) -> dict[str, object]:
    """A relation as an alteration keeps it: readable after a renaming, in both languages."""
    return {
        "type": {"code": relation_type.code, **{key: relation_type.label[key] for key in ("en", "zh")}},
        "source": {"number": source.number, "name": source.name},
        "target": {"number": target.number, "name": target.name},
    }


def _ends(attempt: Attempt, *items: Item) -> tuple[Item, ...]:
    """The items as they are now, held in the order of their ids; who may alter one of them may relate it."""
    rows = Item.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=[i.pk for i in items])
    found = {row.pk: row for row in rows.order_by("pk")}
    ends = tuple(found[item.pk] for item in items)
    attempt.items = ends
    if not any(may_alter(attempt.actor, end, attempt.authority) for end in ends):
        raise Denied(attempt.actor, "alter_item")
    return ends


def _under_control(field: str, ends: tuple[Item, ...], authority: Authority | None) -> None:
    """Each important end has to be named by an approved change."""
    for end in ends:
        why = refusal(authority, end.pk) if end.is_important else ""
        if why:
            fact = _("Relations of %(item)s") % {"item": f"{end.number} {end.name}"}
            raise refused({field: fact}, why, authority)


def _no_circle(source: Item, target: Item, relation_type: RelationType) -> None:
    """Held until the end of the transaction: nobody else adds to this type between the look and the act."""
    RelationType.objects.select_for_update(no_key=True).get(pk=relation_type.pk)
    with connection.cursor() as cursor:
        cursor.execute(_REACHES, [target.pk, relation_type.pk, source.pk])
        (is_circle,) = cursor.fetchone()
    if is_circle:
        message = _("That would go in a circle: %(target)s already leads to %(source)s by “%(type)s”.") % {
            "target": target.name,
            "source": source.name,
            "type": relation_type.name,
        }
        raise ValidationError({"target": ValidationError(message, code="circle")})
