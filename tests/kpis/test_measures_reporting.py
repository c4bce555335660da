"""Reports of each process as indicators: in time by the day they are due, and never found wrong."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from kpis import engine, shown
from kpis.engine import Asked, Value
from processreports.models import ProcessReport, QualityCheck
from reports.period import Period
from tests.cast import Cast
from tests.processreports.made import make_definition, of_acme, opened, published

pytestmark = pytest.mark.django_db
APRIL = Period(date(2026, 4, 1), date(2026, 4, 30), UTC)
NOW = datetime(2026, 5, 1, tzinfo=UTC)


def asked(cast: Cast, **over: Any) -> Asked:
    return Asked(cast.mona.actor, APRIL, over.pop("now", NOW), **over)


def figure(kpi: str, of: Asked, place: int = 0) -> Value:
    found = engine.get(kpi)
    assert found
    part = found.parts[place]
    assert len(shown.lines(engine.selected(part, of), part)) == engine.compute(part, of).record_count
    return engine.compute(part, of)


def fraction(kpi: str, of: Asked, place: int = 0) -> tuple[int | None, int | None]:
    value = figure(kpi, of, place)
    return value.numerator, value.denominator


@pytest.mark.req("KPI-01", "KPI-05", "RPT-09")
def test_a_report_counts_for_its_process_from_the_day_it_is_due(cast: Cast) -> None:
    report = opened(cast, make_definition(cast))  # of March, due in April
    assert report.due_on.month == 4
    before = asked(cast, now=datetime(2026, 4, 2, tzinfo=UTC))
    assert figure("P01.R1.K6", before).is_no_data  # not due yet: neither in time nor late
    assert fraction("P01.R1.K6", asked(cast)) == (0, 1)
    assert figure("P02.R1.K6", asked(cast)).is_no_data  # nobody owes one about problems
    published(cast, report)
    assert fraction("P01.R1.K6", asked(cast)) == (1, 1)
    ProcessReport.objects.filter(pk=report.pk).update(published_at=datetime(2026, 4, 29, tzinfo=UTC))
    assert fraction("P01.R1.K6", asked(cast)) == (0, 1)


@pytest.mark.req("KPI-01", "RPT-09")
def test_a_report_found_faulty_is_not_accurate(cast: Cast) -> None:
    report = published(cast, opened(cast, make_definition(cast)))
    assert fraction("P01.R1.K6", asked(cast), 1) == (1, 1)
    QualityCheck.objects.create(
        edition=report.editions.get(), verdict=QualityCheck.Verdict.FAULTY, remark="Wrong sum",
        is_intact=True, is_current=True, checked_by=cast.bob, checked_at=NOW,
    )  # fmt: skip
    assert fraction("P01.R1.K6", asked(cast), 1) == (0, 1)


@pytest.mark.req("KPI-01")
def test_statistics_of_work_are_the_reports_that_hold_them(cast: Cast) -> None:
    opened(cast, make_definition(cast, sections=["workload"], name_en="Work", processes=[]))
    assert fraction("P01.R1.K5", asked(cast)) == (0, 1)
    assert figure("P01.R1.K6", asked(cast)).is_no_data


@pytest.mark.req("KPI-01")
def test_reports_of_a_customer_are_for_those_who_cover_it(cast: Cast) -> None:
    opened(cast, of_acme(cast))
    own = engine.get("P15.R1.K1")
    assert own
    assert len(own.parts) == 4  # of agreements, and of processes
    scoped = replace(cast.mona.actor, scope=frozenset({cast.globex.pk}))
    assert figure("P15.R1.K1", asked(cast), 2).record_count == 1
    assert figure("P15.R1.K1", replace(asked(cast), actor=scoped), 2).record_count == 0
