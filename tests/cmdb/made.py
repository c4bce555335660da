"""Items of the tests, made by the real verbs."""

from typing import Any

from cmdb import services
from cmdb.authority import Authority
from cmdb.defaults import RELATION_TYPES
from cmdb.models import Item, ItemAttribute, ItemType, RelationType
from tests.cast import MONDAY, Cast


def a_type(code: str = "server", category: str = "hardware", **over: Any) -> ItemType:
    facts = {"name_en": code.title(), "name_zh": "服务器", "category": category, **over}
    return ItemType.objects.get_or_create(code=code, defaults=facts)[0]


def an_attribute(item_type: ItemType, code: str, **over: Any) -> ItemAttribute:
    facts = {"name_en": code.title(), "name_zh": "属性", "kind": "text", **over}
    return ItemAttribute.objects.get_or_create(type=item_type, code=code, defaults=facts)[0]


def an_item(cast: Cast, name: str = "DB-1", **over: Any) -> Item:
    facts: dict[str, Any] = {"item_type": a_type(), "actor": cast.mona.actor, "now": MONDAY, **over}
    return services.add_item(name=name, **facts)


def relation_type(code: str) -> RelationType:
    return RelationType.objects.get_or_create(code=code, defaults=RELATION_TYPES[code])[0]


def approved(*items: Item, number: str = "CHG0000001") -> Authority:
    return Authority(number, frozenset(item.pk for item in items), is_approved=True)
