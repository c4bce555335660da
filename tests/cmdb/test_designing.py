"""Types and attributes without code, and what their values may be."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied
from cmdb import designing, services, values
from cmdb.models import ItemAttribute, ItemType
from tests.cast import MONDAY, Cast
from tests.cmdb.made import a_type, an_attribute, an_item

CHOICES = [{"code": "a", "en": "Alpha", "zh": "甲"}, {"code": "b", "en": "Beta", "zh": "乙"}]


@pytest.mark.req("CMDB-01")
@pytest.mark.parametrize(
    ("kind", "given", "stored"),
    [
        ("text", " ab ", "ab"),
        ("number", "64", 64),
        ("number", 1.5, 1.5),
        ("date", "2026-03-02", "2026-03-02"),
        ("choice", "a", "a"),
        ("choice", "beta", "b"),
        ("choice", "甲", "a"),
        ("flag", "是", True),
        ("flag", False, False),
        ("text", "", None),
        ("number", None, None),
    ],
)
def test_the_five_kinds_take_their_values(kind: str, given: Any, stored: Any) -> None:
    assert values.read(ItemAttribute(kind=kind, choices=CHOICES), given) == stored


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("text", "x" * 501),
        ("text", 5),
        ("text", "a\0b"),
        ("number", "much"),
        ("number", "nan"),
        ("number", "1e400"),
        ("number", True),
        ("number", [1]),
        ("date", "2026-02-30"),
        ("date", 20260302),
        ("choice", "c"),
        ("flag", "perhaps"),
    ],
)
def test_what_a_kind_does_not_take_is_refused_in_words(kind: str, given: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        values.read(ItemAttribute(kind=kind, choices=CHOICES), given)
    assert refused.value.messages[0]


def test_a_required_attribute_cannot_be_emptied(cast: Cast) -> None:
    an_attribute(a_type(), "serial", is_required=True)
    with pytest.raises(ValidationError) as refused:
        an_item(cast)
    assert list(refused.value.message_dict) == ["attributes.serial"]
    item = an_item(cast, attributes={"serial": "7"})
    with pytest.raises(ValidationError):
        services.alter_item(item, {"attributes": {"serial": ""}}, actor=cast.mona.actor, now=MONDAY)


@pytest.mark.req("CMDB-01")
def test_an_attribute_with_values_keeps_its_kind_and_its_choices_in_use(cast: Cast) -> None:
    kind = designing.add_type(
        code="room", name_en="Room", name_zh="房间", category="site", actor=cast.mona.actor
    )
    assert kind.prefix == "SIT"
    floor = designing.add_attribute(
        kind,
        {"code": "floor", "name_en": "Floor", "kind": "choice", "choices": CHOICES},
        actor=cast.mona.actor,
    )
    an_item(cast, item_type=kind, attributes={"floor": "a"})
    with pytest.raises(ValidationError) as refused:
        designing.edit_attribute(floor, {"kind": "text"}, actor=cast.mona.actor)
    assert list(refused.value.message_dict) == ["kind"]
    with pytest.raises(ValidationError) as refused:
        designing.edit_attribute(floor, {"choices": CHOICES[1:]}, actor=cast.mona.actor)
    assert list(refused.value.message_dict) == ["choices"]
    designing.edit_attribute(floor, {"choices": CHOICES[:1]}, actor=cast.mona.actor)
    with pytest.raises(ValidationError):
        designing.drop_attribute(floor, actor=cast.mona.actor)


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"code": "Floor!"}, "code"),
        ({"kind": "picture"}, "kind"),
        ({"name_en": ""}, "name_en"),
        ({"choices": []}, "choices"),
        ({"choices": [*CHOICES, CHOICES[0]]}, "choices"),
    ],
)
def test_wrong_attributes_are_refused_by_field(cast: Cast, over: dict[str, Any], field: str) -> None:
    facts = {"code": "floor", "name_en": "Floor", "kind": "choice", "choices": CHOICES, **over}
    with pytest.raises(ValidationError) as refused:
        designing.add_attribute(a_type(), facts, actor=cast.mona.actor)
    assert list(refused.value.message_dict) == [field]


def test_only_managers_of_all_customers_design(cast: Cast) -> None:
    for person in (cast.alice, cast.carla, cast.robot):
        with pytest.raises(Denied):
            designing.add_type(code="x", name_en="X", name_zh="", category="other", actor=person.actor)
    assert not ItemType.objects.exists()
