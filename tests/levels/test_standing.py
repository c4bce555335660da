"""How an agreement stands: the same counts as the reports, budgets, measures, and what does not count."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import incidents.services
from levels.models import CreditEntry, MeasuredValue, Outage, OutageExclusion, PlannedInterruption
from levels.standing import Standing, standing, standings
from reports import figures
from reports.period import Period
from reviews import inputs
from reviews import services as reviews
from sla.models import Agreement, AgreementVersion, Clock, Target
from tests.cast import EARLY, MONDAY, Cast, make_agreement, make_incident

START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)
QUERIES = 17
MEASURES: list[dict[str, Any]] = [
    {"measure": "availability", "service": "mail", "operator": ">=", "value": 99.5, "unit": "percent"},
    {"measure": "failures", "service": "mail", "operator": "<=", "value": 2, "unit": "count"},
    {"measure": "outage_duration", "service": "mail", "operator": "<=", "value": 1, "unit": "hours"},
    {"measure": "answer_rate", "service": "mail", "operator": ">=", "value": 90, "unit": "percent",
     "source": "calls"},
    {"measure": "workload", "operator": "<=", "value": 3, "unit": "count", "source": "tickets"},
]  # fmt: skip
CREDITS = [
    {"target": "resolution//1", "below": 95, "percent": 5},
    {"target": "availability/mail", "below": 99.9, "percent": 10},
]


def terms(**over: Any) -> dict[str, Any]:
    return {"calendar": "office", "measures": MEASURES, "credits": CREDITS,
            "targets": [{"metric": "resolution", "priority": 1, "goal_percent": 95,
                         "promise": {"kind": "business_seconds", "seconds": 14_400}}],
            "cost": {"amount": 12_000, "currency": "CNY", "per": "year"}, **over}  # fmt: skip


@pytest.fixture
def acme(cast: Cast) -> Agreement:
    return make_agreement(cast.calendar, cast.acme, terms=terms()).agreement


def of(agreement: Agreement, **over: Any) -> Standing:
    return standing(agreement, **{"start": START, "end": END, "now": NOW, **over})


def solved(cast: Cast, after: timedelta, **over: Any) -> Any:
    row = make_incident(cast, impact=1, urgency=1, **over)
    at = over.get("now", MONDAY) + after
    return incidents.services.resolve(row, code="solved", steps="x", actor=cast.alice.actor, now=at)


def outage(cast: Cast, hours: float, day: int = 2, **over: Any) -> Outage:
    """From 10:00 in Shanghai of a day in March."""
    start = datetime(2026, 3, day, 2, tzinfo=UTC)
    facts = {
        "service": cast.mail, "started_at": start, "ended_at": start + timedelta(hours=hours),
        "recorded_by": cast.alice, "recorded_at": start,
    }  # fmt: skip
    return Outage.objects.create(**{**facts, **over})


def measure(found: Standing, name: str) -> Any:
    return next(row for row in (*found.measures, *found.workload) if row.measure == name)


@pytest.mark.req("SLM-30")
def test_targets_are_counted_as_the_reports_count_them(cast: Cast, acme: Agreement) -> None:
    solved(cast, timedelta(hours=1))
    solved(cast, timedelta(days=2))
    waived = solved(cast, timedelta(days=3))
    Clock.objects.filter(record=waived, metric="resolution").update(waived_at=NOW)
    make_incident(cast, impact=1, urgency=1, now=NOW - timedelta(minutes=5))
    found = of(acme)
    row = next(each for each in found.targets if each.key == "resolution//1")
    assert (row.met, row.missed, row.excluded, row.open) == (1, 1, 1, 1)
    assert (row.net, row.gross) == (Decimal("50.00"), Decimal("33.33"))
    question = figures.Question(
        cast.mona.actor, Period(date(2026, 3, 1), date(2026, 3, 31), UTC), NOW,
        {"agreement": acme.pk, "priority": 1},
    )  # fmt: skip
    told = next(each for each in figures.attainment(question) if each.metric == "resolution")
    assert (row.met, row.missed, row.net, row.gross) == (told.met, told.missed, told.percent, told.gross)
    assert row.on_goal is False
    assert row.label == "Resolution · all services · Critical"
    assert row.budget is not None
    assert row.budget.missed == 1
    assert found.total.missed >= 1
    assert found.tightest is not None


def test_what_was_never_counted_has_no_figure_and_says_why(cast: Cast, acme: Agreement) -> None:
    found = of(acme)
    assert found.no_data == "none_decided"
    assert found.why
    assert all(row.net is None and row.why for row in found.targets)
    assert of(acme, now=START - timedelta(days=1)).no_data == "not_begun"
    long_ago = datetime(2010, 1, 1, tzinfo=UTC)
    assert of(acme, start=long_ago, end=long_ago + timedelta(days=31)).no_data == "no_version"


@pytest.mark.req("SLM-30")
def test_outages_count_in_service_hours_until_users_were_told(cast: Cast, acme: Agreement) -> None:
    outage(cast, 0.5, told_at=datetime(2026, 3, 2, 3, tzinfo=UTC))
    outage(cast, 1, day=7)  # a Saturday
    outage(cast, 5, day=3, customer=cast.globex)
    outage(cast, 5, day=4, withdrawn_at=NOW, withdrawn_by=cast.alice, withdrawn_reason="mistake")
    found = of(acme)
    row = measure(found, "availability")
    assert row.availability.down == 3600
    assert row.availability.agreed == 11 * 8 * 3600 - 0
    assert row.actual == pytest.approx(98.8636)
    assert row.is_kept is False
    assert row.allowance.used == 3600
    assert row.allowance.left == int(22 * 8 * 3600 * 0.005) - 3600
    assert measure(found, "failures").actual == 1
    assert measure(found, "outage_duration").actual == 1
    assert measure(found, "outage_duration").is_kept is True
    assert row.figure == "98.86 %"
    assert row.promise == "at least 99.5 %"


@pytest.mark.req("SLM-32")
def test_agreed_interruptions_and_approved_exclusions_are_taken_out_once_and_listed(
    cast: Cast, acme: Agreement
) -> None:
    begin = datetime(2026, 3, 2, 2, tzinfo=UTC)
    agreed = PlannedInterruption.objects.create(
        starts_at=begin, ends_at=begin + timedelta(hours=1), reason_en="Update", reason_zh="更新",
        agreed_with="Carla", announced_at=begin - timedelta(days=3), announced_by=cast.mona,
    )  # fmt: skip
    told_only = PlannedInterruption.objects.create(
        starts_at=begin + timedelta(days=2), ends_at=begin + timedelta(days=2, hours=1), reason_en="Move",
        reason_zh="搬迁", announced_at=begin, announced_by=cast.mona,
    )  # fmt: skip
    other = PlannedInterruption.objects.create(
        starts_at=begin, ends_at=begin + timedelta(hours=1), reason_en="Theirs", reason_zh="他们",
        agreed_with="Charlie", announced_at=begin - timedelta(days=3), announced_by=cast.mona,
    )  # fmt: skip
    other.customers.add(cast.globex)
    for row in (agreed, told_only, other):
        row.services.add(cast.mail)
    outage(cast, 1.5)  # half an hour longer than planned
    excluded = outage(cast, 4, day=5)
    OutageExclusion.objects.create(
        outage=excluded, reason="customer", evidence="their power cut", asked_by=cast.alice, asked_at=NOW,
        decision="approved", decided_by=cast.mona, decided_at=NOW,
    )  # fmt: skip
    found = of(acme)
    row = measure(found, "availability").availability
    assert row.down == 1800
    assert row.planned == 3600 + 3 * 3600  # the outage runs through the lunch break
    assert row.agreed == 11 * 8 * 3600 - row.planned
    assert [(each.row.reason_en, each.is_taken_out) for each in found.interruptions] == [
        ("Update", True), ("Move", False)
    ]  # fmt: skip
    assert [each.outage_id for each in found.excluded_outages] == [excluded.pk]


@pytest.mark.req("SLM-30")
def test_shares_are_the_ratio_of_sums_of_the_newest_revisions(cast: Cast, acme: Agreement) -> None:
    def value(day: int, answered: int, offered: int, revision: int = 1, **over: Any) -> None:
        MeasuredValue.objects.create(
            service=cast.mail, measure="answer_rate", source="calls", revision=revision, numerator=answered,
            started_at=datetime(2026, 3, day, tzinfo=UTC), ended_at=datetime(2026, 3, day + 1, tzinfo=UTC),
            denominator=offered, recorded_by=cast.robot, recorded_at=NOW, **over,
        )  # fmt: skip

    assert measure(of(acme), "answer_rate").why
    value(2, 10, 10)
    value(3, 50, 90)
    value(3, 80, 90, revision=2)
    value(4, 0, 500, customer=cast.globex)
    row = measure(of(acme), "answer_rate")
    assert (row.actual, row.is_kept, len(row.values)) == (90, True, 2)


@pytest.mark.req("SLM-31")
def test_workload_is_told_against_its_limit(cast: Cast, acme: Agreement) -> None:
    for _n in range(4):
        make_incident(cast)
    found = of(acme)
    row = measure(found, "workload")
    assert (row.actual, row.is_kept, row.tickets) == (4, False, 4)
    assert found.work.opened == found.work.open == 4


def test_a_new_version_in_the_period_judges_what_is_pinned_to_it(cast: Cast, acme: Agreement) -> None:
    solved(cast, timedelta(days=1))
    stricter = [{**MEASURES[0], "value": 99.9}, *MEASURES[1:]]
    second = AgreementVersion.objects.create(
        agreement=acme, number=2, effective_from=datetime(2026, 3, 9, tzinfo=UTC), calendar=cast.calendar,
        matrix=acme.versions.get().matrix, pausing_reasons=[], warn_at=[50], created_by=cast.mona,
        created_at=EARLY, terms=terms(measures=stricter),
    )  # fmt: skip
    Target.objects.create(version=second, metric="resolution", priority=1, amount=3600 * 24, goal_percent=90)
    solved(cast, timedelta(days=1), now=datetime(2026, 3, 10, 2, tzinfo=UTC))
    found = of(acme)
    rows = [each for each in found.targets if each.key == "resolution//1"]
    assert [(each.versions, each.met, each.missed, each.goal_percent) for each in rows] == [
        ((1,), 0, 1, Decimal(95)), ((2,), 1, 0, Decimal(90))
    ]  # fmt: skip
    judged = [each for each in found.measures if each.measure == "availability"]
    assert [(each.versions, each.value, each.end.day) for each in judged] == [
        ((1,), 99.5, 9),
        ((2,), 99.9, 1),
    ]
    same = [each for each in found.measures if each.measure == "failures"]
    assert [each.versions for each in same] == [(1, 2)]


def test_credits_are_expected_until_the_ledger_has_them(cast: Cast, acme: Agreement) -> None:
    solved(cast, timedelta(days=2))
    outage(cast, 3)
    found = of(acme).credits
    assert found is not None
    assert (found.is_closed, found.percent, found.amount) == (False, Decimal(15), Decimal(150))
    assert [rule["target"] for rule in found.due] == ["resolution//1", "availability/mail"]
    CreditEntry.objects.create(
        agreement=acme, version=found.version, month=date(2026, 3, 1), rules=[], percent=5, amount=50,
        currency="CNY", made_by=cast.mona, made_at=NOW,
    )  # fmt: skip
    booked = of(acme).credits
    assert booked is not None
    assert (booked.is_closed, booked.percent, booked.amount) == (True, Decimal(5), Decimal(50))
    april = of(acme, start=END, end=datetime(2026, 5, 1, tzinfo=UTC), now=END + timedelta(days=9)).credits
    assert april is not None
    assert not april.entries


def test_many_agreements_take_as_many_queries_as_one(cast: Cast, acme: Agreement) -> None:
    solved(cast, timedelta(hours=1))
    outage(cast, 1)
    with CaptureQueriesContext(connection) as one:
        of(acme)
    other = make_agreement(cast.calendar, cast.globex).agreement
    outage(cast, 1, day=5)
    solved(cast, timedelta(days=2))
    with CaptureQueriesContext(connection) as many:
        found = standings([acme, other, cast.agreement.agreement], start=START, end=END, now=NOW)
    assert len(many) == len(one) == QUERIES
    assert [each.agreement for each in found] == [acme, other, cast.agreement.agreement]


@pytest.mark.req("SLM-39")
def test_reviews_look_at_the_availability_of_each_service(cast: Cast, acme: Agreement) -> None:
    outage(cast, 1)
    review = reviews.plan(
        meeting="monthly", agreement=acme, meets_at=NOW + timedelta(days=20), period_from=date(2026, 3, 1),
        period_until=date(2026, 3, 31), chair=cast.mona, actor=cast.admin.actor, now=NOW,
    )  # fmt: skip
    rows = {row["label"]["en"]: row for row in inputs.collect(review)["measures"]}
    told = rows["Availability · E-mail"]
    assert (told["outages"], told["kept"], told["promise"]["en"]) == (1, False, "at least 99.5 %")
    assert told["figure"]["en"].endswith(" %")
    assert "可用性" in told["label"]["zh"]
    assert rows["Telephone answer rate · E-mail"]["why"]["en"]
