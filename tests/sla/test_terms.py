"""The terms of an agreement as one value."""

from typing import Any

import pytest

from sla.models import MeasuredTarget, Metric
from sla.terms import MEASURES, METRICS, SECTIONS, Terms, TermsError
from sla.terms_rows import terms_of
from tests.cast import Cast

HOUR = {"kind": "business_seconds", "seconds": 3600}
AVAILABLE = {"measure": "availability", "operator": ">=", "value": 99.5, "unit": "percent"}


def given(**over: Any) -> dict[str, Any]:
    return {"calendar": "office", "targets": [{"metric": "resolution", "promise": HOUR}], **over}


@pytest.mark.req("SLM-15")
def test_what_is_read_is_written_again_the_same() -> None:
    whole = given(
        services=["mail"],
        measures=[{**AVAILABLE, "underpinned_by": [{"agreement": "uc", "target": "availability/"}]}],
        sections={"introduction": {"zh": "引言"}, "charges": {"not_applicable": "free of charge"}},
        credits=[{"target": "*", "below": 95, "percent": 5}],
        reports=[{"kind": "service_level"}],
    )
    terms = Terms.parse(whole)
    assert Terms.parse(terms.dump()) == terms
    assert [t.key for t in terms.targets] == ["resolution//"]
    assert terms.measures[0].underpinned_by[0].agreement == "uc"


@pytest.mark.req("SLM-11", "SLM-12")
def test_a_section_counts_as_filled_when_written_or_marked_with_a_reason() -> None:
    terms = Terms.parse(
        given(sections={"introduction": {"en": "Who"}, "charges": {"not_applicable": "none"}, "metrics": {}})
    )
    assert set(terms.missing_sections) == set(SECTIONS) - {"introduction", "charges"}
    assert len(SECTIONS) == 23


@pytest.mark.req("SLM-15")
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"calendar": ""}, "calendar"),
        ({"colour": 1}, "colour"),
        ({"matrix": {"11": 1}}, "matrix.12"),
        ({"warn_at": [90, 50]}, "warn_at"),
        ({"targets": [{"metric": "resolution", "promise": {"seconds": 1}}]}, "targets[0].promise.kind"),
        ({"targets": [{"metric": "speed", "promise": HOUR}]}, "targets[0].metric"),
        ({"targets": [{"metric": "resolution", "promise": HOUR}] * 2}, "targets[1]"),
        ({"measures": [{**AVAILABLE, "unit": ""}]}, "measures[0].unit"),
        ({"measures": [{k: v for k, v in AVAILABLE.items() if k != "unit"}]}, "measures[0].unit"),
        ({"measures": [{**AVAILABLE, "value": 101}]}, "measures[0].value"),
        ({"credits": [{"target": "closure//", "below": 95, "percent": 5}]}, "credits[0].target"),
        ({"sections": {"weather": {}}}, "sections.weather"),
        ({"sections": {"charges": {"en": 5}}}, "sections.charges.en"),
        ({"review_months": 24}, "review_months"),
    ],
)
def test_what_is_unclear_is_refused_with_its_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(TermsError) as refused:
        Terms.parse(given(**wrong))
    assert refused.value.field == field
    assert refused.value.detail


def test_terms_know_every_metric_and_measure_the_tables_know() -> None:
    assert set(Metric.values) <= set(METRICS)
    assert set(MeasuredTarget.Measure.values) == set(MEASURES)


@pytest.mark.django_db
def test_a_version_older_than_documents_is_read_from_its_rows(cast: Cast) -> None:
    terms = terms_of(cast.agreement)
    assert terms.calendar == cast.calendar.code
    general = {"first_response//", "next_update//"}
    assert {t.key for t in terms.targets} == general | {f"resolution//{n}" for n in range(1, 5)}
    assert Terms.parse(terms.dump()) == terms


REWARD = {"target": "resolution//", "above": 99, "percent": 2}
CREDIT = {"target": "resolution//", "below": 95, "percent": 5}


@pytest.mark.req("FIN-10", "SLM-11")
def test_rewards_are_read_and_written_and_terms_without_them_stay_as_they_were() -> None:
    whole = given(credits=[CREDIT], rewards=[REWARD, {**REWARD, "above": 99.5, "percent": 3}])
    terms = Terms.parse(whole)
    assert [(r.target, r.above, r.percent) for r in terms.rewards] == [
        ("resolution//", 99, 2), ("resolution//", 99.5, 3)
    ]  # fmt: skip
    assert Terms.parse(terms.dump()) == terms
    before = Terms.parse(given(credits=[CREDIT]))
    assert before.rewards == ()
    # what was signed before there were rewards is written, and hashed, as it was
    assert "rewards" not in before.dump()
    assert Terms.parse(given(rewards=[])).dump() == Terms.parse(given()).dump()


@pytest.mark.req("FIN-10")
@pytest.mark.parametrize(
    ("rules", "code", "field"),
    [
        ({"rewards": [{**REWARD, "target": "closure//"}]}, "unknown_target", "rewards[0].target"),
        ({"rewards": [{**REWARD, "above": 101}]}, "out_of_range", "rewards[0].above"),
        ({"rewards": [{**REWARD, "percent": -1}]}, "out_of_range", "rewards[0].percent"),
        ({"rewards": [{"target": "*", "percent": 1}]}, "required", "rewards[0].above"),
        ({"rewards": [{**REWARD, "below": 99}]}, "unknown_field", "rewards[0].below"),
        ({"rewards": [REWARD, {**REWARD, "percent": 3}]}, "same_mark", "rewards[1].above"),
        ({"credits": [CREDIT], "rewards": [REWARD, {**REWARD, "above": 95}]}, "overlaps", "rewards[1].above"),
        ({"credits": [{**CREDIT, "below": 100}], "rewards": [REWARD]}, "overlaps", "rewards[0].above"),
        (
            {"measures": [{**AVAILABLE, "measure": "failures", "unit": "count", "operator": "<="}],
             "rewards": [{**REWARD, "target": "failures/"}]},
            "not_a_share", "rewards[0].target",
        ),
        (
            {"measures": [{**AVAILABLE, "measure": "repeat_faults", "operator": "<="}],
             "rewards": [{**REWARD, "target": "repeat_faults/"}]},
            "not_a_share", "rewards[0].target",
        ),
    ],
)  # fmt: skip
def test_a_reward_that_is_unclear_or_overlaps_a_credit_is_refused(
    rules: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(TermsError) as refused:
        Terms.parse(given(**rules))
    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.detail


def test_a_reward_for_one_target_stands_beside_a_credit_for_another_at_any_mark() -> None:
    terms = Terms.parse(
        given(
            measures=[AVAILABLE],
            credits=[CREDIT],
            rewards=[{**REWARD, "target": "availability/", "above": 90}],
        )
    )
    assert terms.rewards[0].above < terms.credits[0].below
