"""Assets, items and plans as the tests need them, through the real verbs."""

from datetime import date
from typing import Any

from assets import register, upkeep
from assets.models import Asset, MaintenancePlan
from cmdb.models import Item, ItemType, Relation, RelationType
from tests.cast import MONDAY, Cast

TODAY = date(2026, 3, 2)


def make_type(code: str = "laptop", category: str = "hardware") -> ItemType:
    names = {"name_en": code.title(), "name_zh": "类型", "category": category}
    found: ItemType = ItemType.objects.get_or_create(code=code, defaults=names)[0]
    return found


def make_item(name: str, *, of: Any = None, category: str = "hardware", code: str = "", **over: Any) -> Item:
    kind = make_type(code or category, category)
    made: Item = Item.objects.create(name=name, type=kind, customer=of, **over)
    return made


def make_asset(cast: Cast, tag: str = "IT-001", *, received_on: date | None = TODAY, **over: Any) -> Asset:
    facts = {
        "tag": tag, "name": "ThinkPad T14", "device_class": make_type(), "customer": cast.acme, **over,
    }  # fmt: skip
    return register.enter(facts, actor=cast.alice.actor, now=MONDAY, received_on=received_on)


def make_plan(cast: Cast, **over: Any) -> MaintenancePlan:
    facts = {
        "name_en": "Check of laptops", "name_zh": "笔记本检查", "device_class": make_type(),
        "checklist": [{"en": "Battery", "zh": "电池"}, {"en": "Fan", "zh": "风扇"}], "every": 3,
        "unit": "months", "team": cast.desk, "person": cast.alice, "lead_days": 7, "starts_on": TODAY,
        **over,
    }  # fmt: skip
    return upkeep.save_plan(None, facts, actor=cast.mona.actor, now=MONDAY)


def install(software: Item, *devices: Item) -> None:
    kind = RelationType.objects.get(code="runs_on")
    for device in devices:
        Relation.objects.create(source=software, target=device, type=kind)
