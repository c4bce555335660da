"""Sampling, comparing and mapping, without a database."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.lifecycle import IllegalMove
from verifications import lifecycle, mapping, sampling
from verifications.comparing import Picture, compare
from verifications.mapping import Target
from verifications.reading import read

NUMBERS = [f"SRV{n:06d}" for n in range(200)]
BEIJING = {"id": 7, "en": "Acme", "zh": "艾可美"}
TARGETS = {
    each.key: each
    for each in (
        Target("number", {"en": "Number", "zh": "编号"}),
        Target("name", {"en": "Name", "zh": "名称"}, is_required=True, max_length=20),
        Target("customer", {"en": "Customer", "zh": "客户"}, "choice", {"acme": BEIJING, "艾可美": BEIJING}),
        Target("attributes.serial", {"en": "Serial number", "zh": "序列号"}, words=("SN",)),
        Target("attributes.ram", {"en": "Memory", "zh": "内存"}, "number"),
        Target("attributes.bought", {"en": "Bought", "zh": "购买日期"}, "date"),
        Target("is_important", {"en": "Important", "zh": "重要"}, "flag"),
        Target("revision", {"en": "Version", "zh": "版本"}, is_controlled=True),
    )
}


@given(st.integers(0, 2**63 - 1), st.integers(0, 250), st.randoms())
def test_a_sample_is_drawn_alike_from_the_same_seed_in_whatever_order_the_items_come(
    seed: int, size: int, chance: random.Random
) -> None:
    mixed = list(NUMBERS)
    chance.shuffle(mixed)
    drawn = sampling.draw(NUMBERS, size, seed)
    assert drawn == sampling.draw(mixed, size, seed)
    assert len(drawn) == min(size, 200)
    assert set(drawn) <= set(NUMBERS)


def test_another_seed_draws_another_sample_and_every_item_may_be_drawn() -> None:
    draws = [sampling.draw(NUMBERS, 20, seed) for seed in range(100)]
    assert len({tuple(each) for each in draws}) == 100
    assert {number for each in draws for number in each} == set(NUMBERS)


@pytest.mark.parametrize(
    ("population", "how", "amount", "size"),
    [(120, "every", 0, 120), (120, "count", 30, 30), (12, "count", 30, 12), (121, "share", 10, 13),
     (3, "share", 1, 1), (0, "share", 50, 0)],
)  # fmt: skip
def test_the_size_of_a_sample(population: int, how: str, amount: int, size: int) -> None:
    assert sampling.size_of(population, how, amount) == size


def test_two_pictures_differ_by_what_was_added_gone_altered_and_related() -> None:
    before = Picture(
        {"A": {"name": "a", "owner": {"id": 1, "en": "Li"}}, "B": {"name": "b"}, "D": {"x": ""}},
        frozenset({("A", "runs_on", "B")}),
    )
    after = Picture(
        {"A": {"name": "a2", "owner": {"id": 1, "en": "Li Na"}}, "C": {"name": "c"}, "D": {}},
        frozenset({("A", "runs_on", "C")}),
    )
    found = compare(before, after)
    assert (found.added, found.gone, found.altered_items) == (("C",), ("B",), ("A",))
    assert [(each.fact, each.before, each.after) for each in found.altered] == [("name", "a", "a2")]
    assert (found.related, found.unrelated) == ((("A", "runs_on", "C"),), (("A", "runs_on", "B"),))
    assert compare(after, after).is_none


def test_columns_are_laid_by_their_names_in_either_language_and_no_target_twice() -> None:
    columns = ["名称", "SN", "serial_number", "VERSION", "备注"]
    assert mapping.suggest(columns, TARGETS.values()) == ["name", "attributes.serial", "", "revision", ""]


def test_how_columns_are_laid_is_checked() -> None:
    laid = ["name", "name", "nonsense"]
    faults = mapping.check_laying(laid, TARGETS, "number")
    assert [f.code for f in faults] == ["target_twice", "no_target", "key_missing"]


def wished(text: str, laid: list[str], match: str = "name", **how: bool) -> list[mapping.Wish]:
    empties = how.get("empties", False)
    return mapping.wishes(read(text.encode()), laid, TARGETS, match=match, customer="", empties=empties)


def test_values_are_read_by_the_kind_of_their_target() -> None:
    laid = ["name", "customer", "attributes.ram", "attributes.bought", "is_important"]
    found = wished('n,c,m,b,i\nx,艾可美,"1,024",2026年3月2日,是\ny,nobody,many,32.13.2026,perhaps\n', laid)
    assert found[0].facts == {
        "name": "x", "customer": BEIJING, "attributes.ram": 1024, "attributes.bought": "2026-03-02",
        "is_important": True,
    }  # fmt: skip
    faults = [(f.code, f.column) for f in found[1].faults]
    assert faults == [("no_choice", 1), ("no_number", 2), ("no_date", 3), ("no_flag", 4)]


def test_an_empty_cell_leaves_the_fact_as_it_is_unless_it_is_to_take_it_away() -> None:
    text, laid = "n,s\nx,\n", ["name", "attributes.serial"]
    assert "attributes.serial" not in wished(text, laid)[0].facts
    assert wished(text, laid, empties=True)[0].facts["attributes.serial"] == ""


def test_keys_that_stand_twice_in_a_file_are_refused_in_each_of_their_lines() -> None:
    found = wished("n,c\na,acme\nb,acme\na,acme\na,\n", ["name", "customer"])
    assert [[f.code for f in wish.faults] for wish in found] == [["key_twice"], [], ["key_twice"], []]
    assert found[0].faults[0].params == {"lines": "4"}
    assert [f.code for f in wished("n,s\n,1\n", ["name", "attributes.serial"])[0].faults] == ["key_empty"]


def test_what_would_change_is_told_and_nothing_where_all_is_so_already() -> None:
    wish = wished("n,s,v\nx,1,2.0\n", ["name", "attributes.serial", "revision"])[0]
    present = {"name": "x", "attributes.serial": "1", "revision": "1.9", "customer": ""}
    changes = mapping.effects(wish, present)
    assert [(e.fact, e.before, e.after) for e in changes] == [("revision", "1.9", "2.0")]
    assert mapping.controlled(changes, TARGETS) == ["revision"]
    assert mapping.effects(wish, {**present, "revision": "2.0"}) == []
    assert mapping.missing(wish, TARGETS, None) == []
    nameless = mapping.Wish(2, {"attributes.serial": "1"})
    assert mapping.missing(nameless, TARGETS, None) == ["name"]


def test_an_audit_is_reported_before_it_is_approved_and_ends() -> None:
    with pytest.raises(IllegalMove):
        lifecycle.LIFECYCLE.next_state(lifecycle.RUNNING, "approve_audit")
    assert lifecycle.LIFECYCLE.next_state(lifecycle.REPORTED, "return_audit") == lifecycle.RUNNING
    assert lifecycle.LIFECYCLE.is_final(lifecycle.APPROVED)
