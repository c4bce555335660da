"""The value behind an entry of the catalogue, and where an entry may stand. No database."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import standing, start
from catalog.offer import CUSTOMER_LISTS, Offer, OfferError, changes


def both(en: str, zh: str = "中文") -> dict[str, str]:
    return {"en": en, "zh": zh}


def offer(**over: Any) -> dict[str, Any]:
    """A whole offer as JSON; ``customer`` and ``provider`` add to it."""
    customer: dict[str, Any] = {name: both(name) for name in ("what", "ask", "hours", "level", "price")}
    customer["included"] = [both("A mailbox")]
    provider: dict[str, Any] = {"delivery": both("By two people"), "components": [both("Mail server")]}
    return {
        "name": over.get("name", both("E-mail", "电子邮件")),
        "customer": {**customer, **over.get("customer", {})},
        "provider": {**provider, **over.get("provider", {})},
    }


@pytest.mark.req("REQ-02")
def test_what_is_dumped_is_what_was_parsed() -> None:
    parsed = Offer.parse(offer(provider={"groups": ["desk", "desk"], "depends_on": ["network"]}))
    assert Offer.parse(parsed.dump()) == parsed
    assert parsed.provider.groups == ("desk",)
    assert parsed.missing == {}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=8,
    )
)
def test_whatever_is_given_is_parsed_or_refused_by_name(given_: Any) -> None:
    for wild in (given_, {"name": both("x"), "customer": given_}, {"name": both("x"), "provider": given_}):
        try:
            parsed = Offer.parse(wild)
        except OfferError:
            continue
        assert Offer.parse(parsed.dump()) == parsed


@pytest.mark.parametrize(
    ("given_", "code", "field"),
    [
        ([], "wrong_type", ""),
        ({}, "required", "name"),
        (offer(name=both("", "")), "required", "name"),
        (offer(name=both("x" * 201)), "bad_length", "name.en"),
        (offer() | {"colour": 1}, "unknown_field", "colour"),
        (offer(customer={"colour": 1}), "unknown_field", "customer.colour"),
        (offer(customer={"what": {"fr": "x"}}), "unknown_field", "customer.what.fr"),
        (offer(customer={"what": "x"}), "wrong_type", "customer.what"),
        (offer(customer={"what": {"en": 1}}), "wrong_type", "customer.what.en"),
        (offer(customer={"included": both("x")}), "wrong_type", "customer.included"),
        (offer(customer={"included": [both("x")] * 51}), "too_many", "customer.included"),
        (offer(customer={"included": [both("x" * 301)]}), "bad_length", "customer.included[0].en"),
        (offer(provider={"groups": [1]}), "wrong_type", "provider.groups[0]"),
        (offer(provider={"risk": both("a\0b")}), "bad_text", "provider.risk.en"),
    ],
)
def test_what_is_unclear_is_refused_with_its_place(given_: Any, code: str, field: str) -> None:
    with pytest.raises(OfferError) as refused:
        Offer.parse(given_)
    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.req("REQ-02", "REQ-04")
def test_what_is_missing_is_named_in_both_views_and_languages() -> None:
    parsed = Offer.parse(
        offer(
            customer={"price": both("", ""), "hours": both("always", ""), "included": [both("x", "")]},
            provider={"delivery": both("", "")},
        )
    )
    assert parsed.missing == {
        "customer.price": "empty",
        "customer.hours": "language",
        "customer.included": "language",
        "provider.delivery": "empty",
    }


@pytest.mark.req("REQ-06")
def test_two_versions_are_told_apart_part_by_part() -> None:
    old = Offer.parse(offer())
    new = Offer.parse(
        offer(
            customer={"included": [both("A mailbox"), both("A calendar", "日历")]},
            provider={"groups": ["desk"]},
        )
    )
    assert changes(old, old) == []
    assert [(c.path, c.before, c.after) for c in changes(old, new)] == [
        ("customer.included/en", "A mailbox", "A mailbox\nA calendar"),
        ("customer.included/zh", "中文", "中文\n日历"),
        ("provider.groups", "", "desk"),
    ]


@pytest.mark.req("REQ-12")
def test_the_start_catalogue_has_the_nine_families_and_is_whole() -> None:
    assert [name.zh for name in start.FAMILIES.values()] == [
        "网络与通信", "电子邮件", "数据库", "应用支持与维护", "安全与风险",
        "互联网", "网络托管", "安全托管", "数据中心",
    ]  # fmt: skip
    assert {s.family for s in start.SERVICES.values()} == set(start.FAMILIES)
    for code, service in start.SERVICES.items():
        parsed = Offer.parse(service.offer.dump())
        assert parsed.missing == {}, code
        assert set(parsed.provider.depends_on) <= set(start.SERVICES)
        assert all(getattr(parsed.customer, name) for name in CUSTOMER_LISTS)


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ("", "draft"), ("r", "in_review"), ("p", "published"), ("pr", "published"), ("pu", "unavailable"),
        ("pur", "unavailable"), ("w", "withdrawn"),
    ],
)  # fmt: skip
def test_the_state_follows_from_what_happened(facts: str, state: str) -> None:
    found = standing.state_of(
        is_published="p" in facts, is_unavailable="u" in facts, is_withdrawn="w" in facts,
        is_under_review="r" in facts,
    )  # fmt: skip
    assert found == state


def test_what_is_possible_depends_on_the_state_and_an_open_review() -> None:
    assert standing.legal("draft", is_under_review=False) == ("edit", "propose", "withdraw")
    assert "propose" not in standing.legal("published", is_under_review=True)
    assert {"decide", "publish", "take_back"} <= set(standing.legal("published", is_under_review=True))
    assert standing.legal("withdrawn", is_under_review=True) == ()


@pytest.mark.req("REQ-09")
def test_a_circle_is_found_with_its_way() -> None:
    edges = {"a": ["b", "x"], "b": ["c"], "c": ["a"], "x": []}
    assert standing.circle(edges, "a") == ["a", "b", "c", "a"]
    assert standing.circle(edges, "x") == []
    assert standing.circle({"a": ["a"]}, "a") == ["a", "a"]
    assert standing.circle({"a": ["b"], "b": ["c"], "c": ["b"]}, "a") == []
