"""Suppliers entered and changed: by whom, on which version, and with what refused."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied, Role
from accounts.models import Grant
from suppliers import conditions, services
from suppliers.models import Supplier
from tests.cast import MONDAY, Cast, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.req("SUP-02")]


def enter(cast: Cast, **over: Any) -> Supplier:
    facts: dict[str, Any] = {"code": "huaxun", "name_en": "Huaxun", "actor": cast.mona.actor, **over}
    return services.enter(**facts)


def test_a_change_counts_the_version_up_and_the_same_again_does_not(cast: Cast) -> None:
    made = enter(cast, kind="internal", responsible=cast.bob)
    changed = services.change(made, {"contact": " Gao Yuan "}, actor=cast.mona.actor, expected_version=1)
    assert (changed.contact, changed.version, changed.kind) == ("Gao Yuan", 2, "internal")
    again = services.change(changed, {"contact": "Gao Yuan"}, actor=cast.mona.actor, expected_version=2)
    assert again.version == 2
    with pytest.raises(services.Stale):
        services.change(made, {"contact": "x"}, actor=cast.mona.actor, expected_version=1)


def test_only_managers_who_cover_every_customer_write(cast: Cast) -> None:
    scoped = make_user("gina", cast.provider)
    Grant.objects.create(user=scoped, role=Role.MANAGER, organisation=cast.acme)
    made = enter(cast)
    for person in (cast.alice, cast.robot, cast.carla, scoped):
        with pytest.raises(Denied):
            enter(cast, code="x", actor=person.actor)
        with pytest.raises(Denied):
            services.change(made, {"contact": "x"}, actor=person.actor, expected_version=None)


@pytest.mark.parametrize(
    ("field", "over"),
    [
        ("code", {"code": "new"}), ("code", {"code": "requests"}), ("name_en", {"name_en": " "}),
        ("kind", {"kind": "cheap"}), ("email", {"email": "nowhere"}), ("code", {"code": "a b"}),
        ("price", {"price": 3}), ("contact", {"contact": "x" * 151}),
    ],
)  # fmt: skip
def test_bad_facts_are_refused_at_their_field(cast: Cast, field: str, over: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        enter(cast, **over)
    assert field in refused.value.message_dict


def test_a_code_is_there_once_and_the_responsible_is_of_the_provider(cast: Cast) -> None:
    enter(cast)
    with pytest.raises(ValidationError, match="of this code already"):
        enter(cast)
    with pytest.raises(ValidationError, match="person of the provider"):
        enter(cast, code="x", responsible=cast.carla)


@pytest.mark.req("SUP-04")
@pytest.mark.parametrize("kind", ["external", "internal", "customer"])
def test_a_supplier_is_external_internal_or_a_customer_each_with_conditions_of_its_own(
    cast: Cast, kind: str
) -> None:
    made = enter(cast, kind=kind)
    asked = [conditions.Asked(f"Condition of {kind}", "条件")]
    facts: dict[str, Any] = {"note": "", "expected_number": 0, "actor": cast.mona.actor, "now": MONDAY}
    conditions.publish(kind, asked, **facts)
    assert made.get_kind_display() in {
        "External supplier",
        "Internal supplier",
        "Customer acting as supplier",
    }
    edition = conditions.current(made.kind)
    assert edition
    assert [row.name_en for row in edition.conditions.all()] == [f"Condition of {kind}"]
    assert [kind] == [k for k in Supplier.Kind.values if conditions.current(k)]
