"""What a requirement says, what is designed from it, and what it proposes: values, without a database."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from planning import carry, design, proposal
from planning.content import PARTS, Content, ContentError, changes
from planning.design import DesignError
from planning.proposal import Miss, Tier
from sla.calendar import ALWAYS, Calendar
from sla.packages import PACKAGES
from sla.terms import Terms
from tests.cast import OFFICE

WIDE = "out_of_range"
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
EN = {"en": "Words", "zh": ""}
RESOLUTION = {"measure": "resolution", "value": 8, "unit": "working_hours", "priority": 1}
UPTIME = {"measure": "availability", "operator": ">=", "value": 99.5, "unit": "percent"}


def content(**over: Any) -> Content:
    return Content.parse({"measures": [RESOLUTION, UPTIME], **over})


def whole(**over: Any) -> dict[str, Any]:
    """A requirement in which all nine parts say something."""
    texts = dict.fromkeys(("expectation", "hours", "continuity", "baseline", "delivery", "quality"), EN)
    rest = {"departments": ["desk"], "services": ["mail"], "measures": [RESOLUTION, UPTIME]}
    return {**texts, **rest, **over}


@pytest.mark.req("SLM-01")
def test_nine_parts_are_asked_for_and_each_that_says_nothing_is_named() -> None:
    assert Content().missing == PARTS
    assert len(PARTS) == 9
    assert Content.parse(whole()).missing == ()
    assert Content.parse(whole(hours={}, calendar="office")).missing == ()
    assert Content.parse(whole(hours={"en": " "}, measures=[])).missing == ("hours", "measures")


def test_a_content_survives_being_dumped_and_parsed() -> None:
    given = Content.parse(whole(cost={"amount": 8000, "currency": "CNY", "per": "month"}))
    assert Content.parse(given.dump()) == given
    assert given.measures[0].key == "resolution//1"
    assert given.measures[0].promise == {"kind": "business_seconds", "seconds": 28800}


@pytest.mark.parametrize(
    ("over", "field", "code"),
    [
        ({"measures": [{**UPTIME, "value": 101}]}, "measures[0].value", "out_of_range"),
        ({"measures": [{**UPTIME, "unit": ""}]}, "measures[0].unit", "unknown_value"),
        ({"measures": [{**UPTIME, "priority": 1}]}, "measures[0].priority", "unknown_value"),
        ({"measures": [UPTIME, UPTIME]}, "measures[1]", "duplicate"),
        ({"measures": [{**RESOLUTION, "operator": ">="}]}, "measures[0].operator", "unknown_value"),
        ({"measures": [{**RESOLUTION, "value": 1.5, "unit": "working_days"}]}, "measures[0].value", WIDE),
        ({"measures": [{**RESOLUTION, "value": 0}]}, "measures[0].value", "out_of_range"),
        ({"hours": "always"}, "hours", "wrong_type"),
        ({"colour": "red"}, "colour", "unknown_field"),
    ],
)  # fmt: skip
def test_what_is_unclear_is_refused_by_its_field(over: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(ContentError) as refused:
        Content.parse(whole(**over))
    assert (refused.value.field, refused.value.code) == (field, code)


@pytest.mark.req("SLM-04")
def test_changes_name_the_place_and_the_value_before_and_after() -> None:
    old = content(hours={"en": "Day", "zh": "白天"})
    new = content(hours={"en": "Day", "zh": "全天"}, measures=[{**RESOLUTION, "value": 4}])
    found = {each.place: (each.before, each.after) for each in changes(old, new)}
    assert found["hours/zh"] == ("白天", "全天")
    assert found["measures/availability/"][1] is None
    assert [side["value"] for side in found["measures/resolution//1"]] == [8, 4]
    assert set(found) == {"hours/zh", "measures/availability/", "measures/resolution//1"}
    assert changes(new, new) == []


SPEC = {"requirement": "measures/resolution//1", "technical": EN, "team": "desk", "method": {"zh": "按工单"}}


@pytest.mark.req("SLM-05")
def test_requirements_without_a_technical_one_are_untranslated() -> None:
    asked = content(hours=EN)
    assert design.external(asked) == ("hours", "measures/resolution//1", "measures/availability/")
    rows = design.spec_rows([SPEC], asked)
    assert design.untranslated(asked, rows) == ("hours", "measures/availability/")
    assert design.methods(rows)["resolution//1"].zh == "按工单"
    assert design.spec_rows(design.dumped(rows), asked) == rows


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"requirement": "delivery"}, "rows[0].requirement"),
        ({"technical": {}}, "rows[0].technical"),
        ({"method": {"en": " "}}, "rows[0].method"),
        ({"team": ""}, "rows[0].team"),
    ],
)
def test_a_row_of_the_sheet_must_say_what_is_asked_of_whom(over: dict[str, Any], field: str) -> None:
    with pytest.raises(DesignError) as refused:
        design.spec_rows([{**SPEC, **over}], content())
    assert refused.value.field == field


@pytest.mark.req("SLM-06")
def test_a_quality_plan_sets_targets_per_process() -> None:
    row = {
        "process": "incident",
        "indicator": EN,
        "operator": ">=",
        "value": 95,
        "unit": "percent",
        "team": "desk",
    }
    assert design.quality_rows([row])[0].value == 95
    for over, field in (
        ({"process": "lunch"}, "process"),
        ({"unit": "miles"}, "unit"),
        ({"value": 101}, "value"),
    ):
        with pytest.raises(DesignError) as refused:
            design.quality_rows([{**row, **over}])
        assert refused.value.field == f"rows[0].{field}"


# --- the package proposed -----------------------------------------------------------------------

OFFICE_HOURS = Calendar.parse(OFFICE)
CALENDARS: dict[str, Calendar] = {"office": OFFICE_HOURS, "always-24x7": ALWAYS}


def tier(
    code: str, rank: int, price: str | None, hours: int, *, calendar: str = "always-24x7", **over: Any
) -> Tier:
    promise = {"kind": "business_seconds", "seconds": hours * 3600}
    rows = [{"metric": "resolution", "promise": promise}]
    terms = Terms.parse({"calendar": calendar, "targets": rows, **over})
    return Tier(code, "desk", rank, terms, Decimal(price) if price else None)


GOLD, SILVER, BRONZE = tier("gold", 1, "900", 2), tier("silver", 2, "500", 4), tier("bronze", 3, "200", 24)


def asked(hours: int, **over: Any) -> Content:
    row = {"measure": "resolution", "value": hours, "unit": "working_hours", **over}
    return Content.parse({"measures": [row], "calendar": "always-24x7"})


@pytest.mark.req("SLM-56")
def test_the_cheapest_package_that_keeps_what_is_asked_for_is_proposed() -> None:
    found = proposal.fits(asked(4), [GOLD, SILVER, BRONZE], CALENDARS, at=MONDAY)
    best = proposal.proposed(found)
    assert best is not None
    assert (best.tier.code, best.kept) == ("silver", ("resolution//",))
    assert [fit.tier.code for fit in found] == ["silver", "gold", "bronze"]
    assert found[-1].misses == (Miss("resolution//", "looser"),)


def test_nothing_is_proposed_when_no_package_is_good_enough_or_nothing_is_asked_for() -> None:
    assert proposal.proposed(proposal.fits(asked(1), [GOLD, SILVER], CALENDARS, at=MONDAY)) is None
    assert proposal.proposed(proposal.fits(Content(), [GOLD], CALENDARS, at=MONDAY)) is None


def test_hours_are_compared_as_calendars_and_not_as_numbers() -> None:
    day = tier("day", 1, "100", 4, calendar="office")
    night = proposal.fits(asked(4), [day], CALENDARS, at=MONDAY)[0]
    assert night.misses == (Miss("hours", "short"), Miss("resolution//", "looser"))
    by_day = Content.parse({**asked(4).dump(), "calendar": "office"})
    assert proposal.fits(by_day, [day], CALENDARS, at=MONDAY)[0].is_enough
    assert proposal.fits(by_day, [SILVER], CALENDARS, at=MONDAY)[0].is_enough


def test_a_promise_for_one_priority_does_not_do_for_all() -> None:
    urgent = tier("urgent", 1, None, 2, targets=[
        {"metric": "resolution", "priority": 1, "promise": {"kind": "business_seconds", "seconds": 7200}}
    ])  # fmt: skip
    assert proposal.fits(asked(4), [urgent], CALENDARS, at=MONDAY)[0].misses == (
        Miss("resolution//", "absent"),
    )
    assert proposal.fits(asked(4, priority=1), [urgent], CALENDARS, at=MONDAY)[0].is_enough


def test_figures_of_a_period_are_compared_too_and_units_must_fit() -> None:
    promised: dict[str, Any] = {"measures": [UPTIME], "targets": []}
    only = tier("only", 1, None, 1, **promised)
    wanted = Content.parse({"measures": [{**UPTIME, "value": 99.9}]})
    assert proposal.fits(wanted, [only], CALENDARS, at=MONDAY)[0].misses == (Miss("availability/", "looser"),)
    assert proposal.fits(content(measures=[UPTIME]), [only], CALENDARS, at=MONDAY)[0].is_enough
    count = {"measure": "failures", "operator": "<=", "value": 2, "unit": "count"}
    assert proposal.fits(content(measures=[count]), [only], CALENDARS, at=MONDAY)[0].misses == (
        Miss("failures/", "absent"),
    )


def test_the_packages_of_every_installation_are_judged() -> None:
    tiers = [Tier(p.code, p.family, p.rank, Terms.parse(p.terms)) for p in PACKAGES]
    day = Content.parse({"measures": [{"measure": "first_response", "value": 4, "unit": "working_hours"}]})
    best = proposal.proposed(proposal.fits(day, tiers, CALENDARS, at=MONDAY))
    assert best is not None
    assert best.tier.code == "desk-rule"


# --- carried over -------------------------------------------------------------------------------


def test_what_the_package_keeps_stays_and_what_is_asked_beyond_it_is_added() -> None:
    wanted = content(hours={"zh": "全天"}, services=["mail"], cost={"amount": 900})
    start = {"calendar": "always-24x7", "targets": [{"metric": "resolution", "priority": 1,
             "promise": {"kind": "business_seconds", "seconds": 3600}}]}  # fmt: skip
    made = Terms.parse(carry.terms(wanted, start, kept=["resolution//1"]))
    assert [(t.key, t.promise.amount) for t in made.targets] == [("resolution//1", 3600)]
    assert [(m.key, m.value) for m in made.measures] == [("availability/", 99.5)]
    assert (made.services, made.cost.amount) == (("mail",), 900)
    assert made.sections["service_hours"].zh == "全天"


def test_without_a_package_the_figures_asked_for_become_the_promises() -> None:
    rows = design.spec_rows([SPEC], content())
    made = Terms.parse(carry.terms(content(calendar="office"), {}, methods=design.methods(rows)))
    assert made.calendar == "office"
    assert [(t.key, t.promise.amount, t.method.zh) for t in made.targets] == [
        ("resolution//1", 28800, "按工单")
    ]


def test_an_older_row_gets_the_new_figure_and_keeps_what_it_says_besides() -> None:
    old = {"metric": "resolution", "priority": 1, "promise": {"kind": "business_seconds", "seconds": 99},
           "goal_percent": 90, "method": {"en": "As before", "zh": ""}}  # fmt: skip
    made = Terms.parse(carry.terms(content(), {"calendar": "office", "targets": [old]}))
    row = made.targets[0]
    assert (row.promise.amount, row.goal_percent, row.method.en) == (28800, 90, "As before")
