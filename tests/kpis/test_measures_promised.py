"""What agreements promise of services, and what came of it, as the pages of the agreements tell it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import incidents.services
from kpis import engine, shown
from kpis.engine import Asked, Value
from levels.models import MeasuredValue, Outage
from levels.standing import standing
from reports.period import Period
from servicereports import services
from servicereports.models import ServiceReport
from shifts.models import Duty, MinimumSeats, ShiftPattern
from sla.models import Agreement, Breach, Clock
from tests.cast import EARLY, MONDAY, Cast, make_incident
from tests.sourcing.week import KEY, make_contract, make_supplier, publish, target

pytestmark = pytest.mark.django_db
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31), UTC)
NOW = datetime(2026, 4, 20, tzinfo=UTC)
MEASURES: list[dict[str, Any]] = [
    {"measure": "availability", "service": "mail", "operator": ">=", "value": 99.9, "unit": "percent",
     "source": "monitoring"},
    {"measure": "failures", "service": "mail", "operator": "<=", "value": 2, "unit": "count"},
    {"measure": "transaction_time", "service": "mail", "operator": "<=", "value": 3, "unit": "seconds",
     "source": "monitoring"},
    {"measure": "workload", "operator": "<=", "value": 4, "unit": "count", "source": "tickets"},
]  # fmt: skip


@pytest.fixture
def acme(cast: Cast) -> Agreement:
    make_contract(cast, make_supplier())
    agreement = Agreement.objects.create(code="acme", customer=cast.acme, name_en="Acme SLA")
    support = [{"agreement": "uc-line", "target": KEY, "stage": 1}]
    publish(
        cast, agreement, target(8, underpinned_by=support), target(8, priority=1), at=EARLY,
        measures=MEASURES, services=["mail"],
    )  # fmt: skip
    return agreement


def asked(cast: Cast, **over: Any) -> Asked:
    return Asked(cast.mona.actor, MARCH, NOW, **over)


def figure(kpi: str, of: Asked, place: int = 0) -> Value:
    found = engine.get(kpi)
    assert found
    part = found.parts[place]
    assert len(shown.lines(engine.selected(part, of), part)) == engine.compute(part, of).record_count
    return engine.compute(part, of)


def fraction(kpi: str, of: Asked, place: int = 0) -> tuple[int | None, int | None]:
    value = figure(kpi, of, place)
    return value.numerator, value.denominator


def outage(cast: Cast, hours: float) -> None:
    start = datetime(2026, 3, 3, 2, tzinfo=UTC)
    Outage.objects.create(
        service=cast.mail, started_at=start, ended_at=start + timedelta(hours=hours), source="monitoring",
        recorded_by=cast.robot, recorded_at=start,
    )  # fmt: skip


@pytest.mark.req("KPI-01", "KPI-05")
def test_availability_is_told_as_the_agreement_tells_it(cast: Cast, acme: Agreement) -> None:
    for kpi in ("X09", "X11", "X16", "X34"):
        value = figure(kpi, asked(cast))
        assert value.is_no_data or kpi == "X09", kpi
    outage(cast, 2)
    told = standing(acme, start=MARCH.start, end=MARCH.end, now=NOW)
    row = next(each for each in told.measures if each.measure == "availability")
    assert row.availability
    assert row.actual is not None
    assert figure("X34", asked(cast)).number == Decimal(str(row.actual)).quantize(Decimal("0.01"))
    assert fraction("X34", asked(cast), 1) == (0, 1)  # 99.9 % was promised
    up = row.availability.agreed - row.availability.down
    assert figure("X09", asked(cast)).number == up
    assert figure("X11", asked(cast)).number == up  # one failure
    assert figure("X10", asked(cast)).number == 1
    failures = Decimal(3_600_000) / row.availability.agreed
    assert figure("X11", asked(cast), 1).number == failures.quantize(Decimal("0.01"))


@pytest.mark.req("KPI-05")
def test_what_monitoring_never_told_of_is_counted_as_missing(cast: Cast, acme: Agreement) -> None:
    assert fraction("P06.R2.K1", asked(cast)) == (0, 1)
    assert fraction("P08.R2.K1", asked(cast)) == (0, 1)
    outage(cast, 1)
    day = datetime(2026, 3, 2, tzinfo=UTC)
    MeasuredValue.objects.create(
        service=cast.mail, measure="transaction_time", started_at=day, ended_at=day + timedelta(days=1),
        numerator=250, denominator=100, source="monitoring", recorded_by=cast.robot, recorded_at=day,
    )  # fmt: skip
    assert fraction("P06.R2.K1", asked(cast)) == (1, 1)
    assert fraction("P08.R2.K1", asked(cast)) == (1, 1)
    assert figure("X16", asked(cast)).number == Decimal("2.50")
    assert fraction("X16", asked(cast), 1) == (1, 1)
    assert fraction("X06", asked(cast)) == (4, 4)


@pytest.mark.req("KPI-01")
def test_work_is_compared_with_the_limit_agreed(cast: Cast, acme: Agreement) -> None:
    for _n in range(3):
        make_incident(cast)
    assert fraction("X15", asked(cast)) == (1, 1)
    assert figure("X15", asked(cast), 1).number == Decimal("75.00")
    for _n in range(2):
        make_incident(cast)
    assert fraction("X15", asked(cast)) == (0, 1)


@pytest.mark.req("KPI-01")
def test_a_service_that_missed_one_goal_did_not_keep_its_agreement(cast: Cast, acme: Agreement) -> None:
    assert figure("P12.R1.K3", asked(cast)).is_no_data or fraction("P12.R1.K3", asked(cast)) == (1, 1)
    row = make_incident(cast)
    incidents.services.resolve(
        row, code="solved", steps="x", actor=cast.alice.actor, now=MONDAY + timedelta(hours=1)
    )
    assert fraction("P12.R1.K3", asked(cast)) == (1, 1)
    late = make_incident(cast)
    clock = Clock.objects.get(record=late, metric="resolution")
    Clock.objects.filter(pk=clock.pk).update(
        breached_at=MONDAY, decided_at=MONDAY, alarm_at=None, state="running"
    )
    assert fraction("P12.R1.K3", asked(cast)) == (0, 1)
    assert fraction("P12.R1.K3", asked(cast), 1) == (0, 1)
    assert figure("P12.R1.K3", asked(cast, customer=cast.globex.pk), 1).is_no_data
    Clock.objects.filter(pk=clock.pk).update(waived_at=NOW)  # an approved exclusion does not count
    assert fraction("P12.R1.K3", asked(cast)) == (1, 1)


@pytest.mark.req("KPI-01")
def test_what_is_in_the_agreements_and_what_they_stand_on(cast: Cast, acme: Agreement) -> None:
    assert fraction("X04", asked(cast)) == (1, 1)
    assert fraction("X05", asked(cast)) == (1, 2)
    assert fraction("X05", asked(cast), 1) == (0, 4)
    assert fraction("P12.R2.K1", asked(cast)) == (1, 1)
    assert fraction("P12.R2.K2", asked(cast)) == (0, 1)  # nobody checked it against the law
    ended = datetime(2026, 3, 20, tzinfo=UTC)
    Agreement.objects.filter(pk=acme.pk).update(ended_at=ended)
    assert fraction("X04", asked(cast)) == (0, 1)
    assert figure("X05", asked(cast)).is_no_data


@pytest.mark.req("KPI-01")
def test_who_covers_one_customer_sees_the_promises_to_that_one(cast: Cast, acme: Agreement) -> None:
    outage(cast, 2)
    for kpi in ("X34", "X05", "P12.R2.K1", "X08"):
        theirs = asked(cast)
        of_acme = replace(theirs, actor=replace(cast.mona.actor, scope=frozenset({cast.acme.pk})))
        of_globex = replace(theirs, actor=replace(cast.mona.actor, scope=frozenset({cast.globex.pk})))
        assert figure(kpi, of_acme) == figure(kpi, theirs)
        assert figure(kpi, of_globex).record_count == 0


@pytest.mark.req("KPI-01")
def test_a_miss_counts_as_reported_when_its_report_went_out_in_time(cast: Cast, acme: Agreement) -> None:
    late = make_incident(cast)
    clock = Clock.objects.get(record=late, metric="resolution")
    Breach.objects.create(clock=clock, at=MONDAY)
    assert figure("X06", asked(cast), 1).is_no_data  # no report is due about it
    report = services.draft(
        acme, first=MARCH.first, last=MARCH.last, due_on=date(2026, 4, 5), writer=cast.mona,
        actor=cast.mona.actor, now=datetime(2026, 4, 2, tzinfo=UTC),
    )  # fmt: skip
    assert fraction("X06", asked(cast), 1) == (0, 1)
    ServiceReport.objects.filter(pk=report.pk).update(published_at=datetime(2026, 4, 3, tzinfo=UTC))
    assert fraction("X06", asked(cast), 1) == (1, 1)
    assert fraction("X08", asked(cast), 1) == (1, 1)
    assert fraction("X08", asked(cast)) == (0, 1)


@pytest.mark.req("KPI-01", "SD-21")
def test_how_much_of_the_time_enough_people_were_there(cast: Cast) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    MinimumSeats.objects.create(team=cast.desk, starts=time(9), ends=time(18), seats=1)
    assert figure("X20", asked(cast)).is_no_data  # no roster was kept
    pattern = ShiftPattern.objects.create(code="day", name_en="Day", starts=time(9), ends=time(18))
    for day, hour in ((date(2026, 3, 30), 9), (date(2026, 3, 31), 14)):
        start = datetime.combine(day, time(hour), zone)
        Duty.objects.create(
            team=cast.desk, person=cast.alice, pattern=pattern, date=day, starts_at=start,
            ends_at=datetime.combine(day, time(18), zone),
        )  # fmt: skip
    found = figure("X20", replace(asked(cast), period=replace(MARCH, zone=zone)))
    assert found.number == Decimal("72.22")  # 9 of 9 hours, and 4 of 9
    assert fraction("X20", replace(asked(cast), period=replace(MARCH, zone=zone)), 1) == (0, 1)
