"""What a lower agreement inherits from the one above it, and when it promises less."""

from typing import Any

import pytest

from sla import calendar as working_time
from sla import layers
from sla.terms import Terms
from tests.cast import MONDAY, OFFICE

ALWAYS = {"timezone": "Asia/Shanghai", "always_open": True}
CALENDARS = {code: working_time.Calendar.parse(d) for code, d in (("office", OFFICE), ("always", ALWAYS))}


def target(hours: float, metric: str = "resolution", **over: Any) -> dict[str, Any]:
    return {"metric": metric, "promise": {"kind": "business_seconds", "seconds": int(hours * 3600)}, **over}


def terms(*targets: dict[str, Any], **over: Any) -> Terms:
    return Terms.parse({"calendar": "office", "targets": list(targets), **over})


def shown(found: Terms) -> dict[str, tuple[float, str]]:
    """Each target's hours and the agreement it came from."""
    return {t.key: (t.promise.amount / 3600, found.inherited.get(t.key, "own")) for t in found.targets}


@pytest.mark.req("SLM-09")
def test_a_lower_agreement_inherits_what_it_does_not_state() -> None:
    upper = terms(target(8), target(4, priority=1), target(1, "first_response"))
    lower = terms(target(6))
    # its resolution for all priorities also stands for the one above for priority 1
    assert shown(layers.merge(upper, lower, source="acme")) == {
        "resolution//": (6, "own"), "first_response//": (1, "acme"),
    }  # fmt: skip
    finer = layers.merge(upper, terms(target(2, priority=1)), source="acme")
    assert shown(finer) == {
        "resolution//1": (2, "own"), "resolution//": (8, "acme"), "first_response//": (1, "acme"),
    }  # fmt: skip


@pytest.mark.req("SLM-09")
def test_three_layers_keep_where_each_target_came_from() -> None:
    organisation = terms(target(8), target(1, "first_response"), target(30, "closure"))
    unit = layers.merge(organisation, terms(target(6)), source="acme")
    service = layers.merge(unit, terms(target(2, "closure", service="mail")), source="acme-sales")
    assert shown(service) == {
        "closure/mail/": (2, "own"), "resolution//": (6, "acme-sales"), "first_response//": (1, "acme"),
        "closure//": (30, "acme"),
    }  # fmt: skip
    assert shown(layers.own(service)) == {"closure/mail/": (2, "own")}
    assert Terms.parse(service.dump()) == service


def test_only_what_lies_in_its_scope_is_inherited_and_keeps_its_hours() -> None:
    upper = terms(target(8, service="mail"), target(8, service="print"), target(1, "first_response"))
    lower = terms(services=["mail"], calendar="always")
    found = layers.merge(upper, lower, source="acme")
    assert list(shown(found)) == ["resolution/mail/", "first_response//"]
    assert {t.calendar for t in found.targets} == {"office"}


def test_a_promise_for_the_only_service_of_a_lower_agreement_stands_for_all_it_is_for() -> None:
    upper = terms(target(8), target(4, priority=1), target(1, "first_response"))
    one = layers.merge(upper, terms(target(2, service="mail"), services=["mail"]), source="acme")
    assert list(shown(one)) == ["resolution/mail/", "first_response//"]
    two = layers.merge(upper, terms(target(2, service="mail"), services=["mail", "print"]), source="acme")
    assert list(shown(two)) == ["resolution/mail/", "resolution//", "resolution//1", "first_response//"]


def test_sections_reports_and_credits_are_inherited_until_they_are_stated() -> None:
    upper = terms(
        target(8), target(1, "first_response"),
        sections={"scope": {"en": "All"}, "charges": {"en": "Yearly"}},
        credits=[
            {"target": "resolution//", "below": 90, "percent": 5}, {"target": "*", "below": 80, "percent": 9},
        ],
        reports=[{"kind": "service_level"}],
    )  # fmt: skip
    found = layers.merge(upper, terms(sections={"scope": {"en": "Sales"}}), source="acme")
    assert (found.sections["scope"].en, found.sections["charges"].en) == ("Sales", "Yearly")
    assert found.inherited["sections.charges"] == "acme"
    assert "sections.scope" not in found.inherited
    assert [credit.target for credit in found.credits] == ["resolution//", "*"]
    assert len(found.reports) == 1
    assert layers.own(found).sections == {"scope": found.sections["scope"]}


@pytest.mark.req("SLM-09")
def test_a_lower_agreement_that_promises_less_is_named_by_its_targets() -> None:
    upper = terms(target(8), target(1, "first_response", calendar="always"))
    lower = terms(target(9, service="mail"), target(4, service="print"), target(1, "first_response"))
    # an hour of office time ends long after an hour round the clock
    assert layers.looser(lower, upper, CALENDARS, begin=MONDAY) == ("resolution/mail/", "first_response//")
    fewer = terms(target(8, goal_percent=80))
    assert layers.looser(fewer, upper, CALENDARS, begin=MONDAY) == ("resolution//",)
    assert layers.looser(upper, upper, CALENDARS, begin=MONDAY) == ()


def measure(value: float, **over: Any) -> dict[str, Any]:
    return {"measure": "availability", "operator": ">=", "value": value, "unit": "percent", **over}


@pytest.mark.req("SLM-50")
def test_key_services_need_a_recovery_time_and_promise_no_less_than_the_others() -> None:
    general = [target(8), target(1, "first_response")]
    bare = terms(*general, target(0.5, "first_response", service="mail"), key_services=["mail"])
    assert layers.without_recovery(bare) == ("mail",)
    slow = terms(*general, target(9, service="mail", priority=1), key_services=["mail"])
    assert layers.without_recovery(slow) == ()
    assert layers.looser_keys(slow, CALENDARS, begin=MONDAY) == ("resolution/mail/1",)
    good = terms(*general, target(2, service="mail"), key_services=["mail"],
                 measures=[measure(99), measure(99.9, service="mail")])  # fmt: skip
    assert layers.looser_keys(good, CALENDARS, begin=MONDAY) == ()
    low = terms(*general, target(2, service="mail"), key_services=["mail"],
                measures=[measure(99), measure(98, service="mail")])  # fmt: skip
    assert layers.looser_keys(low, CALENDARS, begin=MONDAY) == ("availability/mail",)


@pytest.mark.req("FIN-10", "SLM-09")
def test_rewards_are_inherited_until_they_are_stated_and_never_overlap_a_credit() -> None:
    earned = {"target": "resolution//", "above": 96, "percent": 2}
    whole = {"target": "*", "above": 99, "percent": 1}
    owed = {"target": "resolution//", "below": 90, "percent": 5}
    rate = {"measure": "availability", "operator": ">=", "value": 99, "unit": "percent"}
    upper = terms(
        target(8), measures=[rate], credits=[owed],
        rewards=[earned, whole, {"target": "availability/", "above": 99.9, "percent": 1}],
    )  # fmt: skip

    def rewards(**stated: object) -> list[tuple[str, float]]:
        found = Terms.parse(layers.merge(upper, terms(**stated), source="acme").dump())
        return [(reward.target, reward.above) for reward in found.rewards]

    assert rewards() == [("resolution//", 96), ("*", 99), ("availability/", 99.9)]
    assert rewards(rewards=[{**whole, "above": 98}]) == [("*", 98)]
    # a stricter credit stated below counts, and what would overlap it is not inherited
    strict = terms(target(8), credits=[{**owed, "below": 97}])
    kept = layers.merge(upper, strict, source="acme")
    assert [reward.target for reward in Terms.parse(kept.dump()).rewards] == ["*", "availability/"]
    easy = layers.merge(upper, terms(target(8), rewards=[{**earned, "above": 85}]), source="acme")
    assert (easy.credits, [reward.above for reward in Terms.parse(easy.dump()).rewards]) == ((), [85])
    # the same measure in another unit is no share any more
    spent = {**rate, "unit": "hours", "value": 700}
    assert rewards(measures=[spent]) == [("resolution//", 96), ("*", 99)]
    assert [reward.target for reward in layers.own(layers.merge(upper, terms(), source="acme")).rewards] == [
        "*"
    ]
