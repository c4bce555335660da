"""What is known of an item, as facts by name: the same for imports, baselines and audits.

A fact that is a choice is a label {"code" or "id", "en", "zh"}, so that a picture of an item reads the same
after a renaming and needs no query; the rest are texts, numbers, days (ISO) and truths.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext, gettext_lazy

from accounts.access import STAFF_ROLES, Actor
from accounts.models import User, in_reader_language
from accounts.queries import customers
from cmdb.models import Item, ItemAttribute, ItemService, ItemType, Relation
from cmdb.services import CONTROLLED
from records.log import bilingual
from verifications.comparing import Edge, Picture
from verifications.mapping import ATTRIBUTE, Target, folded

# the facts every item has, in the order in which they are shown
NAMES = {
    "number": gettext_lazy("Number"),
    "name": gettext_lazy("Name"),
    "type": gettext_lazy("Type"),
    "customer": gettext_lazy("Customer"),
    "site": gettext_lazy("Site"),
    "state": gettext_lazy("State"),
    "owner": gettext_lazy("Item owner"),
    "revision": gettext_lazy("Revision"),
    "is_important": gettext_lazy("Important"),
    "services": gettext_lazy("Services"),
}
_ALSO_CALLED = {
    "number": ("item number", "ci", "ci number", "配置项编号", "编号"),
    "name": ("item", "ci name", "hostname", "配置项名称", "名称", "主机名"),
    "site": ("location", "地点", "位置", "站点"),
    "state": ("status", "状态"),
    "owner": ("item owner", "owner", "负责人", "责任人"),
    "revision": ("version", "版本"),
    "is_important": ("important", "重要"),
    "customer": ("客户",),
}
_STATES_ALSO_CALLED = {
    "planned": ("计划", "计划中", "规划中", "planned"),
    "in_use": ("在用", "使用中", "运行", "运行中", "in use", "active", "live"),
    "maintenance": ("维护", "维护中", "检修", "maintenance"),
    "retired": ("退役", "已退役", "报废", "已报废", "停用", "retired", "disposed"),
}


def label_of(row: Any) -> dict[str, Any]:
    """A named row as a label, by its code where it has one."""
    made = {"en": row.name_en, "zh": row.name_zh or row.name_en}
    return {"code": row.code, **made} if hasattr(row, "code") else {"id": row.pk, **made}


def person(user: User) -> dict[str, Any]:
    return dict(user.label)


def state_label(state: str) -> dict[str, Any]:
    return {"code": state, **bilingual(Item.State(state).label)} if state else {}


# --- items as facts ----------------------------------------------------------------------------


def facts_of(items: Iterable[Item], attributes: Mapping[int, Mapping[str, ItemAttribute]]) -> dict[int, Any]:
    """Facts by id of the item. ``items`` come with type, customer and owner; ``attributes`` by type, code."""
    rows = list(items)
    services = _services([item.pk for item in rows])
    states = {value: {"code": value, **bilingual(label)} for value, label in Item.State.choices}
    return {item.pk: _facts(item, attributes.get(item.type_id, {}), services, states) for item in rows}


def _facts(
    item: Item,
    attributes: Mapping[str, ItemAttribute],
    services: Mapping[int, Any],
    states: Mapping[str, Any],
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "number": item.number,
        "name": item.name,
        "type": label_of(item.type),
        "customer": label_of(item.customer) if item.customer else "",
        "site": item.site,
        "state": states[item.state],
        "owner": person(item.owner) if item.owner else "",
        "revision": item.revision,
        "is_important": item.is_important,
        "services": services.get(item.pk, ""),
    }
    for code, value in item.attributes.items():
        known = attributes.get(code)
        found[f"{ATTRIBUTE}{code}"] = _choice_label(known, value) if known else value
    return found


def _choice_label(attribute: ItemAttribute, value: Any) -> Any:
    if attribute.kind == ItemAttribute.Kind.CHOICE:
        for choice in attribute.choices:
            if choice["code"] == value:
                return dict(choice)
    return value


def _services(item_ids: list[int]) -> dict[int, Any]:
    """The services that run on each item, as one label."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    rows = ItemService.objects.filter(item__in=item_ids).select_related("service").order_by("service__code")
    for row in rows:
        found[row.item_id].append(row.service)
    return {
        pk: {
            "code": ",".join(each.code for each in rows),
            "en": ", ".join(each.name_en for each in rows),
            "zh": "、".join(each.name_zh or each.name_en for each in rows),
        }
        for pk, rows in found.items()
    }


def attributes_of(type_ids: Iterable[int]) -> dict[int, dict[str, ItemAttribute]]:
    found: defaultdict[int, dict[str, ItemAttribute]] = defaultdict(dict)
    for each in ItemAttribute.objects.filter(type__in=set(type_ids)):
        found[each.type_id][each.code] = each
    return found


def picture(items: Iterable[Item], *, customer: str = "") -> Picture:
    """Items and the relations that touch them, as they are now. ``items`` come with type, customer, owner.

    With the code of a ``customer`` no other customer's item is named as the far end of a relation.
    """
    rows = list(items)
    known = facts_of(rows, attributes_of(item.type_id for item in rows))
    ids = [item.pk for item in rows]
    ends = ("source__number", "type__code", "target__number")
    edges: set[Edge] = set()
    for near, far in (("source", "target"), ("target", "source")):
        found = Relation.objects.filter(**{f"{near}__in": ids})
        if customer:
            found = found.filter(Q(**{f"{far}__customer": None}) | Q(**{f"{far}__customer__code": customer}))
        edges |= {(source, kind, target) for source, kind, target in found.values_list(*ends)}
    return Picture({item.number: known[item.pk] for item in rows}, frozenset(edges))


# --- what a column or a finding may say -----------------------------------------------------------


def targets_of(type_: ItemType, actor: Actor) -> dict[str, Target]:
    """The facts of items of this type that a table or an auditor may speak of, in their order."""
    found = [
        _target("number", max_length=20),
        _target("name", is_required=True),
        _target("customer", kind="choice", choices=_customers(actor)),
        _target("site"),
        _target("state", kind="choice", choices=_states()),
        _target("owner", kind="choice", choices=_staff()),
        _target("revision", max_length=100),
        _target("is_important", kind="flag"),
    ]
    found += [_of_attribute(each) for each in type_.attributes.all()]
    return {target.key: target for target in found}


def _target(key: str, **more: Any) -> Target:
    words = _ALSO_CALLED.get(key, ())
    return Target(key, bilingual(NAMES[key]), words=words, is_controlled=key in CONTROLLED, **more)


def _of_attribute(each: ItemAttribute) -> Target:
    choices: dict[str, Any] = {}
    if each.kind == ItemAttribute.Kind.CHOICE:
        for choice in each.choices:
            choices |= {folded(choice[part]): dict(choice) for part in ("code", "en", "zh") if choice[part]}
    return Target(
        f"{ATTRIBUTE}{each.code}",
        {"en": each.name_en, "zh": each.name_zh or each.name_en},
        kind=each.kind,
        choices=choices,
        is_required=each.is_required,
        is_controlled=each.is_controlled,
        max_length=500,
    )


def _states() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for value in Item.State.values:
        label = state_label(value)
        words = (label["code"], label["en"], label["zh"], *_STATES_ALSO_CALLED[value])
        found |= {folded(word): label for word in words}
    return found


def _customers(actor: Actor) -> dict[str, Any]:
    """The customers whose items the actor may keep, by code and name."""
    found: dict[str, Any] = {}
    for row in customers(actor):
        found |= dict.fromkeys(
            (folded(word) for word in (row.code, row.name_en, row.name_zh) if word), label_of(row)
        )
    return found


def _staff() -> dict[str, Any]:
    """Who may own an item, by user name, address and name; a name that several bear is none."""
    found: dict[str, Any] = {}
    twice: set[str] = set()
    for user in User.objects.filter(is_active=True, grants__role__in=STAFF_ROLES).distinct():
        for word in {folded(each) for each in (user.username, user.email, user.display_name) if each}:
            if word in found:
                twice.add(word)
            found[word] = person(user)
    return {word: value for word, value in found.items() if word not in twice}


# --- for people -------------------------------------------------------------------------------------


def fact_names(type_ids: Iterable[int] | None = None) -> dict[str, str]:
    """The name of every fact in the reader's language."""
    rows = ItemAttribute.objects.all()
    if type_ids is not None:
        rows = rows.filter(type__in=set(type_ids))
    found = {f"{ATTRIBUTE}{each.code}": each.name for each in rows}
    return {**{key: str(name) for key, name in NAMES.items()}, **found}


def said(value: Any) -> str:
    """A fact's value in the reader's language; empty for none."""
    match value:
        case Mapping():
            return in_reader_language(str(value.get("en", "")), str(value.get("zh", "")))
        case bool():
            return gettext("yes") if value else gettext("no")
        case None:
            return ""
    return str(value)
