"""Other terms over one history: what they would have started, and what many verdicts come to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sla.calendar import ALWAYS, Calendar
from sla.policy import DEFAULT_MATRIX
from sla.replay import Act, History, Rules, Verdict, judge, lived
from sla.replay_tally import NOW_MET, NOW_MISSED, Flip, Tally, credits_of, monthly_cost, rewards_of
from sla.terms import Terms

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Shanghai
HOUR = timedelta(hours=1)
OFFICE = Calendar.parse(
    {
        "timezone": "Asia/Shanghai",
        "weekly": {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    }
)
HOURS = {"office": [(START - 999 * HOUR, OFFICE)], "always": [(START - 999 * HOUR, ALWAYS)]}


def target(metric: str, hours: float, **over: Any) -> dict[str, Any]:
    promise = {"kind": "business_seconds", "seconds": round(hours * 3600)}
    return {"metric": metric, "promise": promise, **over}


def rules(*targets: dict[str, Any], **over: Any) -> Rules:
    terms = {"calendar": "office", "pausing_reasons": ["customer"], "targets": list(targets), **over}
    return Rules(Terms.parse(terms), HOURS)


def act(hours: float, **over: Any) -> Act:
    facts: dict[str, Any] = {
        "at": START + hours * HOUR, "kind": "matched", "phase": "active", "waiting_for": "",
        "priority": 3, "impact": 2, "urgency": 2, "service": "mail", **over,
    }  # fmt: skip
    return Act(**facts)


def history(*acts: Act) -> History:
    return History(START, DEFAULT_MATRIX, (act(0), *acts))


def solved(hours: float) -> Act:
    return act(hours, phase="done", reached={"restoration": START + hours * HOUR})


def verdicts(past: History, under: Rules, *, after: float = 1000) -> dict[str, Any]:
    return {v.key: (v.outcome, v.seconds) for v in judge(past, under, now=START + after * HOUR)}


# --- one ticket --------------------------------------------------------------------------------


def test_a_shorter_promise_is_missed_by_the_working_time_beyond_it() -> None:
    past = history(solved(6))
    assert verdicts(past, rules(target("resolution", 8))) == {"resolution//": ("met", None)}
    assert verdicts(past, rules(target("resolution", 4))) == {"resolution//": ("missed", 2 * 3600)}


def test_a_longer_day_misses_what_office_hours_kept() -> None:
    past = history(solved(24))  # ten o'clock on Tuesday: nine working hours, twenty-four by the clock
    assert verdicts(past, rules(target("resolution", 10))) == {"resolution//": ("met", None)}
    assert verdicts(past, rules(target("resolution", 10, calendar="always")))["resolution//"][0] == "missed"


def test_the_terms_say_which_waits_count() -> None:
    past = history(act(1, phase="waiting", waiting_for="supplier"), act(5), solved(6))
    assert verdicts(past, rules(target("resolution", 3)))["resolution//"][0] == "missed"
    lenient = rules(target("resolution", 3), pausing_reasons=["supplier"])
    assert verdicts(past, lenient)["resolution//"] == ("met", None)


def test_the_terms_say_what_reopening_does() -> None:
    past = history(solved(3), act(4), solved(6))
    going_on = judge(past, rules(target("resolution", 4)), now=START + 99 * HOUR)
    assert [(v.cycle, v.outcome) for v in going_on] == [(1, "missed")]
    anew = rules(target("resolution", 4), reopen_starts_new_cycle=True)
    assert [(v.cycle, v.outcome) for v in judge(past, anew, now=START + 99 * HOUR)] == [
        (1, "met"),
        (2, "met"),
    ]


def test_each_answer_begins_the_next_update_and_the_first_stops_the_response() -> None:
    past = history(act(1, kind="answered"), act(4, kind="answered"), solved(5))
    under = rules(target("first_response", 2), target("next_update", 2, opens="first_reply"))
    found = judge(past, under, now=START + 99 * HOUR)
    assert [(v.metric, v.cycle, v.outcome) for v in found] == [
        ("first_response", 1, "met"), ("next_update", 1, "missed"), ("next_update", 2, "met")
    ]  # fmt: skip


def test_a_priority_the_matrix_gave_follows_the_matrix_of_the_terms() -> None:
    strict = dict(DEFAULT_MATRIX) | {"22": 1}
    under = rules(target("resolution", 1, priority=1), target("resolution", 99, priority=3), matrix=strict)
    assert verdicts(history(solved(6)), under) == {"resolution//1": ("missed", 5 * 3600)}


def test_a_priority_somebody_decided_on_stays() -> None:
    strict = dict(DEFAULT_MATRIX) | {"22": 1}
    under = rules(target("resolution", 1, priority=1), target("resolution", 99, priority=2), matrix=strict)
    past = History(START, DEFAULT_MATRIX, (act(0, priority=2), solved(6)._replace(priority=2)))
    assert verdicts(past, under) == {"resolution//2": ("met", None)}


def test_a_change_of_priority_brings_the_target_of_the_new_one() -> None:
    under = rules(target("resolution", 20, priority=3), target("resolution", 2, priority=1))
    past = history(act(3, priority=1), solved(4)._replace(priority=1))
    (found,) = judge(past, under, now=START + 99 * HOUR)
    assert (found.key, found.outcome, found.at) == ("resolution//1", "missed", START + 3 * HOUR)


def test_a_ticket_still_open_is_pending_until_it_is_late() -> None:
    under = rules(target("resolution", 4))
    assert verdicts(history(), under, after=2) == {"resolution//": ("pending", None)}
    assert verdicts(history(), under, after=5) == {"resolution//": ("missed", 3600)}


def test_a_withdrawn_or_excluded_ticket_is_not_judged_and_one_without_a_target_has_no_verdict() -> None:
    under = rules(target("resolution", 4))
    assert verdicts(history(act(1, phase="done", withdrawn=True)), under) == {
        "resolution//": ("excluded", None)
    }
    waived = replace(history(solved(6)), waived=frozenset({("resolution", 1)}))
    assert verdicts(waived, under) == {"resolution//": ("excluded", None)}
    assert verdicts(history(solved(6)), rules(target("resolution", 4, service="other"))) == {}


def test_a_clock_is_measured_by_the_edition_of_its_calendar_in_force_when_it_began() -> None:
    under = rules(target("resolution", 4))
    under.hours = {"office": [(START - HOUR, OFFICE), (START + 999 * HOUR, ALWAYS)]}
    (clock,) = lived(history(solved(6)), under)
    assert clock.calendar == OFFICE
    under.hours = {"office": [(START - 9 * HOUR, OFFICE), (START - HOUR, ALWAYS)]}
    assert lived(history(solved(6)), under)[0].calendar == ALWAYS


# --- many tickets -------------------------------------------------------------------------------


def verdict(outcome: Any, key: str = "resolution//3", **over: Any) -> Verdict:
    return Verdict(key, key.partition("/")[0], over.pop("cycle", 1), outcome, **over)


def flip(before: list[Verdict], after: list[Verdict]) -> list[Flip]:
    return Tally().add(month="2026-03", priority=3, before=before, after=after)


def test_a_ticket_flips_when_one_side_misses_and_the_other_judges_and_does_not() -> None:
    late = verdict("missed", at=START, seconds=60)
    assert flip([verdict("met")], [late]) == [Flip("resolution//3", NOW_MISSED, START, 60)]
    assert flip([late], [verdict("pending")]) == [Flip("resolution//3", NOW_MET, START, 60)]
    for side in ([], [verdict("excluded")], [late]):
        assert flip([late], side) == []
    cycles = [verdict("met"), verdict("missed", cycle=2, at=START, seconds=5)]
    assert [f.direction for f in flip([verdict("met")], cycles)] == [NOW_MISSED]


def test_attainment_stands_side_by_side_under_the_key_of_the_new_terms() -> None:
    terms = rules(target("resolution", 4, priority=3, goal_percent=90)).terms
    tally = Tally()
    for before, after in (("met", "missed"), ("met", "met"), ("missed", "met"), ("pending", "pending")):
        tally.add(
            month="2026-03", priority=3, before=[verdict(before, "resolution//")], after=[verdict(after)]
        )
    tally = Tally.load(tally.dump())
    result = tally.result(terms, None)
    (row,) = result["rows"]
    assert (row["key"], row["priority"], row["goal_percent"]) == ("resolution//3", 3, 90)
    assert row["before"] == {"met": 2, "missed": 1, "excluded": 0, "pending": 1, "percent": 66.66}
    assert row["after"]["percent"] == 66.66
    assert result["flips"] == {NOW_MISSED: 1, NOW_MET: 1}
    assert result["tickets"] == 4
    assert result["credits"] == {"before": None, "after": None}


def test_where_nothing_is_decided_there_is_no_percentage() -> None:
    tally = Tally()
    tally.add(month="2026-03", priority=3, before=[], after=[verdict("pending")])
    (row,) = tally.result(rules(target("resolution", 4)).terms, None)["rows"]
    assert (row["before"]["percent"], row["after"]["percent"]) == (None, None)


def paid(*given: tuple[str, float, float], **cost: Any) -> Terms:
    listed = [{"target": t, "below": b, "percent": p} for t, b, p in given]
    cost = {"amount": 10_000, "per": "month", **cost}
    return rules(target("resolution", 4), target("first_response", 1), credits=listed, cost=cost).terms


def test_the_dearest_rule_of_a_target_counts_and_those_of_different_targets_add_up() -> None:
    terms = paid(
        ("resolution//", 95, 5), ("resolution//", 80, 10), ("*", 90, 2), ("first_response//", 90, 50)
    )
    counts = {"resolution//": [7, 3, 0, 0], "first_response//": [9, 1, 0, 0]}
    found = credits_of(terms, "2026-03", counts)
    assert (found["percent"], found["amount"]) == (12, 1200)
    assert [(each["target"], each["percent"]) for each in found["targets"]] == [
        ("resolution//", 70),
        ("*", 80),
    ]


def test_credits_never_exceed_the_charge_and_nothing_decided_costs_nothing() -> None:
    terms = paid(("resolution//", 95, 80), ("*", 95, 80))
    assert credits_of(terms, "2026-03", {"resolution//": [0, 1, 0, 0]})["percent"] == 100
    assert credits_of(terms, "2026-03", {"resolution//": [0, 0, 1, 5]})["percent"] == 0


@pytest.mark.parametrize(("per", "cost"), [("month", 1200), ("quarter", 400), ("year", 100), ("seat", None)])
def test_a_charge_is_brought_to_the_month_where_it_is_by_time(per: str, cost: float | None) -> None:
    assert monthly_cost(paid(amount=1200, per=per)) == cost


def test_credits_are_reckoned_month_by_month() -> None:
    terms = paid(("resolution//", 95, 10))
    tally = Tally()
    for month, outcome in (("2026-02", "met"), ("2026-03", "missed")):
        tally.add(month=month, priority=3, before=[], after=[verdict(outcome, "resolution//")])
    found = tally.result(terms, terms)["credits"]
    assert found["after"]["amount"] == 1000
    assert [m["percent"] for m in found["after"]["months"]] == [0, 10]
    assert found["before"]["amount"] == 0


def earning(*given: tuple[str, float, float], **over: Any) -> Terms:
    listed = [{"target": t, "above": a, "percent": p} for t, a, p in given]
    cost = {"amount": 10_000, "per": "month"}
    return rules(
        target("resolution", 4), target("first_response", 1), rewards=listed, cost=cost, **over
    ).terms  # fmt: skip


@pytest.mark.req("FIN-10")
def test_the_highest_mark_reached_counts_and_those_of_different_targets_add_up() -> None:
    terms = earning(
        ("resolution//", 98, 5), ("resolution//", 90, 7), ("resolution//", 99.5, 9), ("*", 95, 1),
        ("first_response//", 96, 50),
    )  # fmt: skip
    counts = {"resolution//": [98, 2, 0, 0], "first_response//": [95, 5, 0, 0]}
    found = rewards_of(terms, "2026-03", counts)
    assert (found["percent"], found["amount"]) == (6, 600)
    assert found["targets"] == [
        {"target": "resolution//", "percent": 98, "above": 98, "reward": 5},
        {"target": "*", "percent": 96.5, "above": 95, "reward": 1},
    ]


def test_just_below_the_mark_is_below_it() -> None:
    terms = earning(("resolution//", 99.5, 5))
    assert rewards_of(terms, "2026-03", {"resolution//": [9949, 51, 0, 0]})["percent"] == 0
    # 99.4999 % is not rounded up to the mark
    assert rewards_of(terms, "2026-03", {"resolution//": [994_999, 5001, 0, 0]})["percent"] == 0
    assert rewards_of(terms, "2026-03", {"resolution//": [995, 5, 0, 0]})["percent"] == 5


def test_a_month_without_data_earns_nothing_and_none_earns_more_than_the_charge() -> None:
    terms = earning(("resolution//", 0, 80), ("*", 0, 80))
    assert rewards_of(terms, "2026-03", {})["percent"] == 0
    assert rewards_of(terms, "2026-03", {"resolution//": [0, 0, 3, 5]})["percent"] == 0
    assert rewards_of(terms, "2026-03", {"resolution//": [1, 0, 0, 0]})["percent"] == 100


def test_rewards_are_expected_beside_credits_month_by_month() -> None:
    owed = [{"target": "resolution//", "below": 90, "percent": 10}]
    terms = earning(("resolution//", 95, 2), credits=owed)
    tally = Tally()
    for month, outcome in (("2026-02", "met"), ("2026-03", "missed")):
        tally.add(month=month, priority=3, before=[], after=[verdict(outcome, "resolution//")])
    found = tally.result(terms, rules(target("resolution", 4)).terms)
    assert [m["percent"] for m in found["credits"]["after"]["months"]] == [0, 10]
    assert [m["percent"] for m in found["rewards"]["after"]["months"]] == [2, 0]
    assert found["rewards"]["after"]["amount"] == 200
    assert found["rewards"]["before"] is None
