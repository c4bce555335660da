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
