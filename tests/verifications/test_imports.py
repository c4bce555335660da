"""Imports of items: what is previewed is what is done, each line once, and a second run changes nothing."""

import threading
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.access import Denied, Origin
from accounts.models import Grant, User
from changes.models import Change
from changes.services import open_change
from cmdb import services as register
from cmdb.models import Alteration, Item, ItemAttribute, ItemType
from records.models import Record
from tests.cast import Cast, make_cast
from verifications import imports, judging, running, tasks, words
from verifications.models import ImportLine, ItemImport

HEAD = "Name,Customer,Serial number,Memory,Bought,State,Item owner,Revision\n"


@pytest.fixture
def server(db: None) -> ItemType:
    return make_type()


def make_type() -> ItemType:
    kind = ItemType.objects.create(
        code="server", name_en="Server", name_zh="服务器", category="hardware", prefix="SRV"
    )
    rows: list[tuple[str, str, str, str, bool]] = [
        ("serial", "Serial number", "序列号", "text", False),
        ("ram", "Memory", "内存", "number", False),
        ("bought", "Bought", "购买日期", "date", False),
        ("release", "Firmware", "固件", "text", True),
    ]
    for position, (code, en, zh, value, controlled) in enumerate(rows):
        ItemAttribute.objects.create(
            type=kind, code=code, name_en=en, name_zh=zh, kind=value, is_controlled=controlled,
            position=position,
        )  # fmt: skip
    ItemAttribute.objects.create(
        type=kind, code="vendor", name_en="Vendor", name_zh="厂商", kind="choice", position=9,
        choices=[
            {"code": "huawei", "en": "Huawei", "zh": "华为"},
            {"code": "h3c", "en": "H3C", "zh": "新华三"},
        ],
    )  # fmt: skip
    return kind


def make_item(cast: Cast, kind: ItemType, name: str, **over: Any) -> Item:
    facts = {"customer": cast.acme, "actor": cast.mona.actor, "now": timezone.now(), **over}
    return register.add_item(item_type=kind, name=name, **facts)


def previewed(
    cast: Cast, kind: ItemType, text: str | bytes, *, by: User | None = None, **how: Any
) -> ItemImport:
    actor = (by or cast.mona).actor
    raw = text.encode() if isinstance(text, str) else text
    job = imports.upload(raw, name="items.csv", item_type=kind, actor=actor, now=timezone.now())
    how = {"laid": job.laid, "match": job.match, **how}
    return imports.preview(job, actor=actor, now=timezone.now(), **how)


def carried_out(job: ItemImport, by: User) -> ItemImport:
    assert imports.confirm(job, actor=by.actor, now=timezone.now())
    while running.run(job.pk):
        pass
    job.refresh_from_db()
    return job


def verdicts(job: ItemImport) -> list[str]:
    return list(job.lines.order_by("number").values_list("verdict", flat=True))


def states(job: ItemImport) -> list[str]:
    return list(job.lines.order_by("number").values_list("state", flat=True))


def faults(job: ItemImport) -> list[list[str]]:
    rows = job.lines.order_by("number").values_list("faults", flat=True)
    return [[f"{fault['column']}: {words.of_fault(fault)}" for fault in row] for row in rows]


def approved(cast: Cast, *items: Item) -> Change:
    """A change that names the items, as if it had been approved: how that comes about is not of this test."""
    now = timezone.now()
    made = open_change(
        title="New firmware", description="All servers.", category="normal", nature="component", items=items,
        actor=cast.alice.actor, now=now,
    )  # fmt: skip
    made.change_items.update(is_altered=True)
    Record.objects.filter(pk=made.pk).update(state="approved")
    return made


TWO = HEAD + "web-1,Acme,SN1,64,2026-03-02,In use,alice,1.0\nweb-2,艾可美,SN2,128,2026/3/2,使用中,Bob,1.0\n"


# --- what is seen beforehand --------------------------------------------------------------------


def test_a_preview_tells_of_every_line_what_would_come_of_it_and_writes_no_item(
    cast: Cast, server: ItemType
) -> None:
    there = make_item(cast, server, "web-1", attributes={"serial": "SN1", "ram": 32})
    make_item(cast, server, "web-2", attributes={"serial": "SN2", "ram": 128})
    text = "Serial number,Name,Memory\nSN1,web-1,64\nSN2,web-2,128\nSN3,web-3,256\nSN4,,much\n"
    before = (Item.objects.count(), Alteration.objects.count())
    job = previewed(cast, server, text, match="attributes.serial", customer=cast.acme)
    assert (Item.objects.count(), Alteration.objects.count()) == before
    assert verdicts(job) == ["alter", "same", "add", "refused"]
    line = job.lines.get(number=2)
    assert line.item == there
    assert line.effects == [{"fact": "attributes.ram", "before": 32, "after": 64}]
    assert faults(job)[3] == ["Memory: “much” is no number.", "Name: “Name” is required."]


def test_an_import_adds_and_a_second_run_of_the_same_file_changes_nothing_and_says_so(
    cast: Cast, server: ItemType
) -> None:
    job = carried_out(previewed(cast, server, TWO, match="attributes.serial"), cast.mona)
    assert (job.state, states(job)) == ("done", ["added", "added"]), faults(job)
    item = Item.objects.get(name="web-2")
    assert (item.customer, item.owner, item.state) == (cast.acme, cast.bob, "in_use")
    assert item.attributes == {"serial": "SN2", "ram": 128, "bought": "2026-03-02"}
    assert item.number.startswith("SRV")
    before = Alteration.objects.count()
    again = carried_out(previewed(cast, server, TWO, match="attributes.serial"), cast.mona)
    assert states(again) == ["same", "same"]
    assert imports.counts(again) == {"same": 2}
    assert Alteration.objects.count() == before
    assert Item.objects.filter(type=server).count() == 2


def test_items_are_found_by_number_by_name_with_customer_or_by_an_attribute(
    cast: Cast, server: ItemType
) -> None:
    first = make_item(cast, server, "web", attributes={"serial": "7"})
    second = make_item(cast, server, "web", customer=cast.globex, attributes={"serial": "8"})
    by_number = previewed(cast, server, f"number,site\n{first.number.lower()},B2\n", match="number")
    by_name = previewed(
        cast, server, "name,customer,site\nweb,globex,B3\nweb,,B4\n", match="name", customer=cast.acme
    )
    by_serial = previewed(cast, server, "serial,site\n8,B5\n", match="attributes.serial")
    found = [
        job.lines.order_by("number").values_list("item", flat=True) for job in (by_number, by_name, by_serial)
    ]
    assert [list(each) for each in found] == [[first.pk], [second.pk, first.pk], [second.pk]]


def test_keys_twice_in_the_file_and_several_items_of_one_value_are_refused(
    cast: Cast, server: ItemType
) -> None:
    make_item(cast, server, "a", attributes={"serial": "X"})
    make_item(cast, server, "b", attributes={"serial": "X"})
    text = "serial,name\nS1,one\nS1,two\nX,three\nS2,four\nS3,four\n"
    job = previewed(cast, server, text, match="attributes.serial", customer=cast.acme)
    assert verdicts(job) == ["refused"] * 5
    said = faults(job)
    assert said[0] == ["serial: The same item stands in line 3 as well."]
    assert said[2][0].startswith("serial: Several items have this value: SRV")
    assert said[4] == ["name: The same name stands in line 5 as well."]
    assert states(carried_out(job, cast.mona)) == ["refused"] * 5


def test_what_a_line_cannot_mean_is_refused_at_its_column(cast: Cast, server: ItemType) -> None:
    printer = ItemType.objects.create(code="printer", name_en="Printer", prefix="PRT")
    other = make_item(cast, printer, "lp1")
    make_item(cast, server, "taken", attributes={"serial": "T"})
    text = f"number,site\n{other.number},x\nSRV999999,y\n,z\n"
    assert [each[0].partition(".")[0] for each in faults(previewed(cast, server, text, match="number"))] == [
        f"number: {other.number} is of another type: Printer",
        "number: There is no item SRV999999",
        "number: By this value the item is found; it must not be empty",
    ]
    text = "serial,name,vendor\nN,taken,cisco\n"
    job = previewed(cast, server, text, match="attributes.serial", customer=cast.acme)
    assert faults(job)[0] == [
        "vendor: “cisco” is none of the known values: Huawei, H3C.",
        "name: There is another item of this name.",
    ]  # fmt: skip


# --- under control ------------------------------------------------------------------------------


@pytest.mark.req("CMDB-05", "CHG-11")
def test_controlled_facts_change_only_by_an_approved_change_that_names_the_item(
    cast: Cast, server: ItemType
) -> None:
    named = make_item(cast, server, "web-1", attributes={"serial": "A", "release": "1"}, revision="1.0")
    make_item(cast, server, "web-2", attributes={"serial": "B", "release": "1"}, revision="1.0")
    text = "serial,revision,firmware,site\nA,2.0,2,Hall 1\nB,2.0,2,Hall 1\n"
    job = previewed(cast, server, text, match="attributes.serial")
    assert verdicts(job) == ["refused", "refused"]
    assert "revision: “Revision” is under control: name the approved change." in faults(job)[0]
    change = approved(cast, named)
    job = previewed(cast, server, text, match="attributes.serial", authority=change.number.lower())
    assert verdicts(job) == ["alter", "refused"]
    assert f"and {change.number} does not name this item." in faults(job)[1][0]
    assert states(carried_out(job, cast.mona)) == ["altered", "refused"]
    named.refresh_from_db()
    assert (named.revision, named.attributes["release"], named.site) == ("2.0", "2", "Hall 1")
    assert Alteration.objects.get(item=named, act="altered").authority == change.number
    assert Item.objects.get(name="web-2").site == ""


def test_a_change_that_does_not_exist_is_refused_before_the_preview(cast: Cast, server: ItemType) -> None:
    with pytest.raises(ValidationError) as refused:
        previewed(cast, server, TWO, match="name", authority="CHG9999999")
    assert refused.value.message_dict == {"authority": ["There is no change CHG9999999."]}


@pytest.mark.req("CMDB-05")
@pytest.mark.django_db(transaction=True)
def test_an_attempt_without_a_change_is_kept_in_the_items_history() -> None:
    cast, server = make_cast(), make_type()
    item = make_item(cast, server, "web-1", revision="1.0")
    job = previewed(cast, server, "name,customer,revision\nweb-1,acme,2.0\n", match="name")
    carried_out(job, cast.mona)
    assert states(job) == ["refused"]
    assert faults(job)[0] == ["revision: “Revision” is under control: name the approved change."]
    tried = Alteration.objects.get(item=item, is_refused=True)
    assert (tried.refusal, tried.after, tried.actor) == ("no_change", {"revision": "2.0"}, cast.mona)


# --- who may ------------------------------------------------------------------------------------


def test_each_line_is_carried_out_by_the_registers_own_permissions(cast: Cast, server: ItemType) -> None:
    mine = make_item(cast, server, "mine", owner=cast.alice)
    make_item(cast, server, "other")
    text = "name,customer,site\nmine,acme,x\nother,acme,x\nnew,acme,x\n"
    job = previewed(cast, server, text, by=cast.alice, match="name")
    assert verdicts(job) == ["alter", "refused", "refused"]
    carried_out(job, cast.alice)
    mine.refresh_from_db()
    assert mine.site == "x"
    with pytest.raises(Denied):
        imports.upload(b"x", name="x", item_type=server, actor=cast.carla.actor, now=timezone.now())


def test_who_covers_one_customer_neither_finds_nor_adds_another_ones_items(
    cast: Cast, server: ItemType
) -> None:
    hidden = make_item(cast, server, "secret", customer=cast.globex, attributes={"serial": "G"})
    Grant.objects.filter(user=cast.mona).update(organisation=cast.acme)
    mona = User.objects.get(pk=cast.mona.pk)
    text = "serial,name,customer,site\nG,secret,globex,x\nG2,secret,acme,x\n"
    job = previewed(cast, server, text, by=mona, match="attributes.serial")
    assert verdicts(job) == ["refused", "add"]
    assert faults(job)[0] == ["customer: “globex” is none of the known values: Acme."]
    by_number = previewed(cast, server, f"number,site\n{hidden.number},x\n", by=mona, match="number")
    assert faults(by_number)[0][0].startswith(f"number: There is no item {hidden.number}.")


# --- doing --------------------------------------------------------------------------------------


def test_what_was_changed_since_the_preview_is_left_as_it_is(cast: Cast, server: ItemType) -> None:
    item = make_item(cast, server, "web-1", site="A")
    text = "name,customer,site\nweb-1,acme,B\nweb-2,acme,B\n"
    job = previewed(cast, server, text, match="name")
    register.alter_item(item, {"site": "C"}, actor=cast.mona.actor, now=timezone.now())
    make_item(cast, server, "web-2")
    carried_out(job, cast.mona)
    assert states(job) == ["refused", "refused"]
    assert faults(job) == [
        [": It was changed since the preview; import it again."],
        [": It was added by somebody else since the preview; import it again."],
    ]
    item.refresh_from_db()
    assert item.site == "C"


def test_confirming_twice_is_the_same_as_once_and_a_stopped_import_does_not_run(
    cast: Cast, server: ItemType
) -> None:
    job = previewed(cast, server, TWO, match="name")
    now = timezone.now()
    assert imports.confirm(job, actor=cast.mona.actor, now=now) is True
    assert imports.confirm(job, actor=cast.mona.actor, now=now) is False
    imports.cancel(job, actor=cast.mona.actor, now=now)
    assert running.run(job.pk) is False
    assert (Item.objects.filter(type=server).count(), states(job)) == (0, ["cancelled", "cancelled"])
    with pytest.raises(imports.Over):
        imports.confirm(job, actor=cast.mona.actor, now=now)
    with pytest.raises(imports.Over):
        imports.preview(job, laid=job.laid, match="name", actor=cast.mona.actor, now=now)


def test_a_line_that_was_begun_again_and_again_is_given_up(cast: Cast, server: ItemType) -> None:
    job = previewed(cast, server, TWO, match="name")
    imports.confirm(job, actor=cast.mona.actor, now=timezone.now())
    job.lines.filter(number=2).update(attempts=running.ATTEMPTS)
    assert running.run(job.pk) is False
    assert states(job) == ["failed", "added"]


def test_the_sweep_offers_what_nobody_works_on_and_forgets_what_nobody_confirmed(
    cast: Cast, server: ItemType
) -> None:
    job = previewed(cast, server, TWO, match="name")
    old = previewed(cast, server, TWO, match="name")
    imports.confirm(job, actor=cast.mona.actor, now=timezone.now())
    long_ago = timezone.now() - imports.FORGOTTEN_AFTER * 2
    ItemImport.objects.update(touched_at=long_ago)
    assert running.unfinished() == [job.pk]
    tasks.forget()
    assert list(ItemImport.objects.values_list("pk", flat=True)) == [job.pk]
    assert not ItemImport.objects.filter(pk=old.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_two_files_at_once_add_every_item_once() -> None:
    cast, server = make_cast(), make_type()
    rows = "".join(f"web-{n},acme,SN{n}\n" for n in range(12))
    jobs = [
        previewed(cast, server, f"name,customer,serial\n{rows}", match="attributes.serial") for _ in range(2)
    ]
    for job in jobs:
        imports.confirm(job, actor=cast.mona.actor, now=timezone.now())

    def work(pk: int) -> None:
        try:
            while running.run(pk):
                pass
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(job.pk,)) for job in (*jobs, *jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Item.objects.filter(type=server).count() == 12
    settled = sorted(s for job in jobs for s in states(job))
    assert settled.count("added") == 12
    assert set(settled) == {"added", "refused"}


def test_items_that_programs_send_are_a_table_like_any_other(cast: Cast, server: ItemType) -> None:
    entries: list[dict[str, Any]] = [
        {"name": "a", "attributes": {"serial": 7, "ram": 64.0}, "is_important": True},
        {"name": "b", "site": None},
    ]
    sheet = imports.sheet_from(entries)
    assert sheet.columns == ("name", "attributes.serial", "attributes.ram", "is_important", "site")
    assert [line.cells for line in sheet.lines] == [("a", "7", "64", "true", ""), ("b", "", "", "", "")]
    job = imports.keep(
        sheet, name="", item_type=server, actor=cast.robot.actor.via(Origin.API), now=timezone.now()
    )
    assert job.laid == list(sheet.columns)
    with pytest.raises(ValidationError) as refused:
        imports.sheet_from([{"name": ["a"]}])
    assert "“name” is no single value" in refused.value.messages[0]


def test_ten_thousand_lines_are_previewed_with_a_handful_of_queries(
    cast: Cast, server: ItemType, django_assert_max_num_queries: Any
) -> None:
    rows = "".join(f"web-{n},acme,SN{n}\n" for n in range(2_000))
    with django_assert_max_num_queries(60):
        job = previewed(cast, server, f"name,customer,serial\n{rows}", match="attributes.serial")
    assert ImportLine.objects.filter(job=job, verdict="add").count() == 2_000


@pytest.mark.django_db(transaction=True)
def test_an_item_is_found_by_a_value_of_its_attribute_over_an_index(cast: Cast) -> None:
    """A line that adds an item looks once more who has the value: not through all items of the type."""
    kind = make_type()
    Item.objects.bulk_create(
        Item(name=f"web-{n}", type=kind, attributes={"serial": f"SN{n}"}) for n in range(2_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cmdb_item")
    job = ItemImport(match="attributes.serial", type=kind)
    actor = cast.mona.actor
    with CaptureQueriesContext(connection) as asked:
        found = judging.matching(job, {"SN77"}, actor)
    assert [item.name for item in found] == ["web-77"]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked.captured_queries[0]['sql']}")
        plan = " ".join(row[0] for row in cursor.fetchall())
    assert "item_by_attribute" in plan
    assert judging.matching(job, set(), actor) == []
    many = {f"SN{n}" for n in range(50)}
    assert len(judging.matching(job, many, actor)) == 50
