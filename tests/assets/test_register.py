"""The register of assets: entered, moved, logged, seen; its warranties (CMDB-07)."""

import threading
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from accounts.access import Denied, Role
from accounts.models import Grant
from actions.models import Action
from assets import applications, register, warranties, words
from assets.models import Asset, Entry
from records.lifecycle import IllegalMove
from tests.assets.making import TODAY, make_asset, make_item
from tests.cast import MONDAY, Cast, make_user


def said(asset: Asset) -> list[str]:
    return [entry["words"] for entry in words.history(asset)]


@pytest.mark.req("CMDB-07")
def test_an_asset_keeps_all_that_is_asked_of_it_and_a_number_of_its_own(cast: Cast) -> None:
    item = make_item("laptop-7", of=cast.acme)
    asset = make_asset(
        cast, item=item, purchased_on=date(2026, 1, 5), order_reference="PO-17", cost=Decimal("8600.00"),
        currency="CNY", location="Building 2", warranty_until=date(2029, 1, 4), is_important=True,
    )  # fmt: skip
    kept = Asset.objects.get(pk=asset.pk)
    assert kept.number.startswith("AST")
    assert len(kept.number) == 9
    assert (kept.cost, kept.location, kept.warranty_until) == (Decimal(8600), "Building 2", date(2029, 1, 4))
    assert (kept.item, kept.state, kept.is_important) == (item, "in_stock", True)
    assert kept.events.count() == 1  # type: ignore[attr-defined]
    assert said(kept) == ["entered it"]


@pytest.mark.req("CMDB-07")
def test_an_asset_goes_from_order_to_disposal_and_every_step_is_logged(cast: Cast) -> None:
    asset = make_asset(cast, received_on=None)
    known: dict[str, Any] = {"actor": cast.alice.actor, "now": MONDAY, "expected_version": None}
    assert asset.state == "ordered"
    asset = register.receive(asset, on=TODAY, location="Store 1", **known)
    asset = register.hand_out(asset, user=cast.rita, location="Room 5", **known)
    assert (asset.state, asset.user, asset.location) == ("in_use", cast.rita, "Room 5")
    asset = register.send_to_repair(asset, note="Screen broken, to the maker", **known)
    assert asset.user == cast.rita
    asset = register.back_from_repair(asset, location="Store 1", note="New screen", **known)
    assert (asset.state, asset.user) == ("in_stock", None)
    asset = register.hand_out(asset, user=None, location="Meeting room", **known)
    asset = register.take_back(asset, location="Store 2", **known)
    asked = applications.ask_to_dispose(
        asset, on=TODAY, way="recycled", data_wiped=True, data_note="Wiped thrice", reason="Too old",
        actor=cast.alice.actor, now=MONDAY,
    )  # fmt: skip
    applications.decide(asked, approve=True, note="", actor=cast.mona.actor, now=MONDAY)
    asset.refresh_from_db()
    assert (asset.state, asset.disposed_on, asset.disposal_way) == ("disposed", TODAY, "recycled")
    assert (asset.disposal_approved_by, asset.data_wiped) == (cast.mona, True)
    verbs = list(Entry.objects.filter(asset=asset).order_by("pk").values_list("verb", flat=True))
    assert verbs == [
        "entered", "receive", "hand_out", "send_to_repair", "back_from_repair", "hand_out", "take_back",
        "asked", "dispose",
    ]  # fmt: skip
    assert "handed it out to Rita" in said(asset)
    assert "took it back from Meeting room" in said(asset)
    assert asset.events.count() == 8  # type: ignore[attr-defined]
    with pytest.raises(ValidationError):
        register.change(asset, {"name": "Other"}, **known)
    with pytest.raises(IllegalMove):
        register.hand_out(asset, user=cast.rita, location="", **known)


def test_nobody_decides_on_the_disposal_they_asked_for(cast: Cast) -> None:
    asset = make_asset(cast)
    facts: dict[str, Any] = {
        "on": TODAY, "way": "sold", "data_wiped": True, "data_note": "wiped", "reason": "old", "now": MONDAY,
    }  # fmt: skip
    asked = applications.ask_to_dispose(asset, **facts, actor=cast.mona.actor)
    for person in (cast.mona, cast.alice, cast.charlie):
        with pytest.raises(Denied):
            applications.decide(asked, approve=True, note="", actor=person.actor, now=MONDAY)
    with pytest.raises(ValidationError, match="already"):
        applications.ask_to_dispose(asset, **facts, actor=cast.bob.actor)
    applications.decide(asked, approve=False, note="Still good", actor=cast.admin.actor, now=MONDAY)
    asset.refresh_from_db()
    assert asset.state == "in_stock"
    with pytest.raises(applications.Settled):
        applications.decide(asked, approve=True, note="", actor=cast.admin.actor, now=MONDAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(asked).objects.filter(pk=asked.pk).update(decided_by=cast.mona)


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"tag": " "}, "tag"),
        ({"currency": "yuan"}, "currency"),
        ({"cost": Decimal(5), "residual": Decimal(6)}, "residual"),
        ({"cost": Decimal(-5)}, "cost"),
        ({"purchased_on": TODAY, "warranty_until": TODAY - timedelta(days=1)}, "warranty_until"),
        ({"received_on": TODAY + timedelta(days=1)}, "received_on"),
        ({"tag": "x" * 51}, "tag"),
    ],
)
def test_what_no_asset_can_be_is_refused_at_its_field(cast: Cast, over: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        make_asset(cast, **over)
    assert field in refused.value.message_dict


def test_a_tag_and_an_item_are_those_of_one_asset(cast: Cast) -> None:
    item = make_item("laptop-7", of=cast.acme)
    make_asset(cast, "IT-001", item=item)
    with pytest.raises(ValidationError) as same_tag:
        make_asset(cast, "it-001")
    with pytest.raises(ValidationError) as same_item:
        make_asset(cast, "IT-002", item=item)
    with pytest.raises(ValidationError) as foreign:
        make_asset(cast, "IT-003", item=make_item("other", of=cast.globex))
    assert "tag" in same_tag.value.message_dict
    assert "item" in same_item.value.message_dict
    assert "item" in foreign.value.message_dict


def test_who_read_an_older_version_is_told(cast: Cast) -> None:
    asset = make_asset(cast)
    known: dict[str, Any] = {"actor": cast.alice.actor, "now": MONDAY}
    register.change(asset, {"name": "T14s"}, expected_version=1, **known)
    with pytest.raises(register.Stale):
        register.change(asset, {"name": "X1"}, expected_version=1, **known)
    register.change(asset, {"name": "T14s"}, expected_version=2, **known)
    assert Asset.objects.get().version == 2
    assert said(asset)[0] == "changed it: name from ThinkPad T14 to T14s"


def test_an_asset_goes_only_to_people_of_whoever_owns_it(cast: Cast) -> None:
    asset, own = make_asset(cast), make_asset(cast, "IT-002", customer=None)
    known: dict[str, Any] = {
        "location": "",
        "actor": cast.alice.actor,
        "now": MONDAY,
        "expected_version": None,
    }
    with pytest.raises(ValidationError):
        register.hand_out(asset, user=cast.charlie, **known)
    with pytest.raises(ValidationError):
        register.hand_out(asset, user=None, **known)
    assert register.hand_out(own, user=cast.bob, **known).user == cast.bob


@pytest.mark.req("CMDB-07")
def test_assets_of_a_customer_are_seen_by_staff_in_whose_scope_the_customer_is(cast: Cast) -> None:
    asset, own = make_asset(cast), make_asset(cast, "IT-002", customer=None)
    foreign = make_asset(cast, "IT-003", customer=cast.globex)
    confined = make_user("conny", cast.provider)
    Grant.objects.create(user=confined, role=Role.AGENT, organisation=cast.acme)

    def seen(person: Any) -> set[Asset]:
        return set(Asset.objects.visible_to(person.actor))

    assert seen(cast.alice) == {asset, own, foreign}
    assert seen(confined) == {asset, own}
    assert seen(cast.rita) == seen(cast.carla) == seen(cast.charlie) == set()
    with pytest.raises(Denied):
        register.change(foreign, {"name": "x"}, actor=confined.actor, now=MONDAY, expected_version=None)
    with pytest.raises(Denied):
        register.enter(
            {"tag": "A", "name": "A", "device_class": asset.device_class, "customer": cast.globex},
            actor=confined.actor, now=MONDAY,
        )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_get_eight_numbers() -> None:
    found: list[str] = []

    def ask() -> None:
        try:
            found.append(register.next_number("assets_number_asset", "AST"))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 8


# --- warranties ------------------------------------------------------------------------------------


@pytest.mark.req("CMDB-07")
@pytest.mark.parametrize(
    ("days", "expected"), [(-1, None), (0, 30), (30, 30), (31, 60), (60, 60), (90, 90), (91, None)]
)
def test_a_warranty_ends_within_30_60_or_90_days(days: int, expected: int | None) -> None:
    assert warranties.band(TODAY + timedelta(days=days), TODAY) == expected


@pytest.mark.req("CMDB-07")
def test_an_ending_warranty_is_announced_once_to_whoever_looks_after_it(cast: Cast) -> None:
    soon, far = TODAY + timedelta(days=80), TODAY + timedelta(days=200)
    two = [make_asset(cast, f"IT-{n}", warranty_until=soon, keeper=cast.bob) for n in (1, 2)]
    make_asset(cast, "IT-3", warranty_until=far, keeper=cast.bob)
    make_asset(cast, "IT-4", warranty_until=TODAY - timedelta(days=1), keeper=cast.bob)
    own = make_asset(cast, "IT-5", warranty_until=soon, customer=None)
    assert warranties.announce(now=MONDAY) == 3
    assert warranties.announce(now=MONDAY) == 0
    told = Action.objects.get(assignee=cast.bob)
    assert told.customer == cast.acme
    assert told.due_on == soon
    assert all(asset.number in told.description for asset in two)
    assert Action.objects.get(assignee=cast.mona).customer == cast.provider
    assert said(own)[0].startswith("announced that its warranty ends")
    known: dict[str, Any] = {"actor": cast.alice.actor, "now": MONDAY, "expected_version": None}
    register.change(own, {"warranty_until": TODAY + timedelta(days=85)}, **known)
    assert warranties.announce(now=MONDAY) == 1
    assert warranties.announce(now=MONDAY + timedelta(days=30)) == 0


def test_a_fact_of_the_log_is_never_changed(cast: Cast) -> None:
    make_asset(cast)
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        Entry.objects.update(verb="changed")


def test_a_day_is_kept_as_a_day(cast: Cast) -> None:
    asset = make_asset(cast, purchased_on=TODAY)
    assert words.kept(asset, "purchased_on") == {"day": "2026-03-02"}
