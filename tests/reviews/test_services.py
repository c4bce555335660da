"""A review from plan to closed minutes, and what keeps reviews happening."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

import incidents.services
from accounts.access import Denied
from actions import services as actions
from channels.email import build
from records.lifecycle import IllegalMove
from records.models import Delivery, Record
from records.services import Stale
from reviews import findings, inputs, services, show, tasks, upkeep
from reviews.models import AgendaItem, Participant, Review
from sla import coverage
from sla.models import Agreement, AgreementVersion
from sla.terms_rows import terms_of
from suppliers.models import Supplier
from tests.cast import MONDAY, Cast, make_agreement, make_incident

LATER = MONDAY + timedelta(days=20)


@pytest.fixture
def acme(cast: Cast) -> Agreement:
    """Acme's own agreement."""
    return make_agreement(cast.calendar, cast.acme).agreement


def planned(cast: Cast, agreement: Agreement | None, **over: Any) -> Review:
    facts: dict[str, Any] = {
        "meeting": "yearly", "agreement": agreement, "meets_at": LATER, "period_from": date(2026, 3, 1),
        "period_until": date(2026, 3, 21), "chair": cast.mona, "actor": cast.admin.actor, "now": MONDAY,
    }  # fmt: skip
    return services.plan(**{**facts, **over})


def held(cast: Cast, agreement: Agreement | None, **over: Any) -> Review:
    review = planned(cast, agreement, **over)
    return services.record_meeting(review, held_at=LATER, actor=cast.mona.actor, now=LATER)


def noted(cast: Cast, review: Review, words: str = "Mail was slow in March", now: datetime = LATER) -> Review:
    item = review.agenda.get(topic="issues")
    version = Record.objects.get(pk=review.pk).version
    return services.write_notes(
        review, {item.pk: (words, "三月邮件较慢")}, actor=cast.mona.actor, now=now, expected_version=version
    )


@pytest.mark.req("SLM-38", "SLM-41", "SLM-42")
def test_a_review_begins_with_the_usual_agenda_the_chair_and_the_customers_contacts(
    cast: Cast, acme: Agreement
) -> None:
    review = planned(cast, acme)
    assert review.number.startswith("REV")
    assert [item.topic for item in review.agenda.all()] == AgendaItem.Topic.values
    people = {(p.name, p.side) for p in review.participants.all()}
    assert people == {("Mona", "provider"), ("Carla", "customer")}
    assert Review.objects.visible_to(cast.carla.actor).get() == review
    assert not Review.objects.visible_to(cast.rita.actor).exists()
    assert not Review.objects.visible_to(cast.charlie.actor).exists()


@pytest.mark.req("SLM-40", "SLM-42")
def test_the_inputs_are_the_figures_of_the_period(cast: Cast, acme: Agreement) -> None:
    slow = make_incident(cast, impact=1, urgency=1)
    incidents.services.resolve(
        slow, code="solved", steps="restarted", actor=cast.alice.actor, now=MONDAY + timedelta(days=2)
    )
    review = planned(cast, acme)
    found = inputs.collect(review)
    resolution = next(row for row in found["attainment"] if row["metric"]["en"] == "Resolution")
    assert (resolution["met"], resolution["missed"], resolution["reached"]) == (0, 1, False)
    assert found["missed"]["rows"][0]["number"] == slow.number
    assert found["workload"] == {"opened": 1, "done": 1, "open": 0, "major": 1}
    assert inputs.collect(planned(cast, acme, period_from=date(2025, 1, 1), period_until=date(2025, 2, 1)))[
        "workload"
    ] == {"opened": 0, "done": 0, "open": 0, "major": 0}


@pytest.mark.req("SLM-40", "SLM-60")
def test_actions_of_the_former_review_and_corrective_ones_come_back_in_the_next(
    cast: Cast, acme: Agreement
) -> None:
    first = held(cast, acme)
    facts: dict[str, Any] = {"description": "", "due_on": date(2026, 5, 1), "responsible": cast.alice}
    promised = actions.open_action(
        source="review", title="Second mail server", cause=first, agreement=acme, actor=cast.mona.actor,
        now=LATER, **facts,
    )  # fmt: skip
    corrective = actions.open_action(
        source="breach", title="A rota", cause=make_incident(cast), agreement=acme, actor=cast.mona.actor,
        now=LATER, **facts,
    )  # fmt: skip
    actions.finish(corrective, outcome="A rota is kept", actor=cast.alice.actor, now=LATER)
    services.rate(first, score=4, comment="", person="Carla", actor=cast.mona.actor, now=LATER)
    second = planned(
        cast,
        acme,
        meets_at=LATER + timedelta(days=31),
        period_from=date(2026, 3, 22),
        period_until=date(2026, 4, 21),
    )
    found = inputs.collect(second)
    assert found["former"]["number"] == first.number
    assert [row["number"] for row in found["former"]["actions"]] == [promised.number]
    assert [(r["number"], r["outcome"]) for r in found["corrective"]] == [
        (corrective.number, "A rota is kept")
    ]
    assert [row["score"] for row in found["satisfaction"]] == [4]


@pytest.mark.req("SLM-41")
def test_minutes_go_to_every_participant_once_with_the_figures_frozen(cast: Cast, acme: Agreement) -> None:
    review = held(cast, acme)
    services.add_participant(
        review, person=None, name="Ms Huang", side="customer", role="Project manager", actor=cast.mona.actor,
        now=LATER,
    )  # fmt: skip
    services.add_participant(
        review, person=cast.bob, name="", side="customer", role="", actor=cast.mona.actor, now=LATER
    )
    with pytest.raises(ValidationError):
        services.send_minutes(review, actor=cast.mona.actor, now=LATER)
    noted(cast, review)
    sent = services.send_minutes(review, actor=cast.mona.actor, now=LATER)
    assert sent.state == "minutes_sent"
    assert sent.inputs["workload"]["opened"] == 0
    make_incident(cast, now=LATER)
    assert show.figures(sent)["workload"]["opened"] == 0
    told = Delivery.objects.filter(activity__verb="review.send_minutes")
    assert {d.recipient for d in told.filter(channel="in_app")} == {cast.carla, cast.bob, cast.admin}
    mail = build(told.get(channel="email", recipient=cast.carla))
    assert f"/portal/reviews/{review.number}/" in str(mail.body)
    with pytest.raises(IllegalMove):
        services.send_minutes(sent, actor=cast.mona.actor, now=LATER)
    assert told.filter(channel="in_app").count() == 3
    with pytest.raises(IllegalMove):
        noted(cast, sent, "something else")
    assert services.close(sent, actor=cast.mona.actor, now=LATER).state == "closed"


def test_the_second_of_two_writers_of_minutes_is_told(cast: Cast, acme: Agreement) -> None:
    review = planned(cast, acme)
    noted(cast, review, now=MONDAY)
    with pytest.raises(Stale):
        services.write_notes(review, {}, actor=cast.admin.actor, now=MONDAY, expected_version=review.version)


@pytest.mark.req("SLM-53")
def test_a_participant_of_the_customer_says_how_satisfied_he_is(cast: Cast, acme: Agreement) -> None:
    review = held(cast, acme)
    rated = services.rate(review, score=4, comment="Better", person="", actor=cast.carla.actor, now=LATER)
    assert (rated.satisfaction, rated.satisfaction_by) == (4, "Carla")
    for wrong in (0, 6):
        with pytest.raises(ValidationError):
            services.rate(review, score=wrong, comment="", person="x", actor=cast.mona.actor, now=LATER)
    for person in (cast.rita, cast.charlie):
        with pytest.raises(Denied):
            services.rate(review, score=1, comment="", person="", actor=person.actor, now=LATER)
    with pytest.raises(IllegalMove):
        services.rate(planned(cast, acme), score=4, comment="", person="x", actor=cast.mona.actor, now=MONDAY)


@pytest.mark.req("BRM-10")
def test_the_trend_of_satisfaction_is_an_input_of_the_next_review(cast: Cast, acme: Agreement) -> None:
    review = held(cast, acme)
    services.rate(review, score=4, comment="Better", person="", actor=cast.carla.actor, now=LATER)
    found = inputs.collect(planned(cast, acme))["satisfaction"]
    assert [(row["number"], row["score"], row["comment"]) for row in found] == [(review.number, 4, "Better")]


def test_a_supplier_is_scored_before_its_minutes_go_out(cast: Cast) -> None:
    supplier = Supplier.objects.create(code="lines", name_en="Lines Ltd", name_zh="线路公司")
    with pytest.raises(ValidationError):
        planned(cast, None, meeting="supplier")
    review = held(cast, None, meeting="supplier", supplier=supplier)
    noted(cast, review)
    with pytest.raises(ValidationError):
        services.send_minutes(review, actor=cast.mona.actor, now=LATER)
    services.grade(review, score=82, conclusion="Keep", actor=cast.mona.actor, now=LATER)
    sent = services.send_minutes(review, actor=cast.mona.actor, now=LATER)
    assert (sent.score, sent.inputs["missed"]["count"]) == (82, 0)


@pytest.mark.req("SLM-38")
def test_an_extra_review_hangs_on_the_major_incident(cast: Cast, acme: Agreement) -> None:
    major = make_incident(cast, impact=1, urgency=1)
    review = planned(cast, acme, meeting="extra", cause=major)
    assert review.links_from.get().target_id == major.pk


def test_what_cannot_be_is_refused_in_words(cast: Cast, acme: Agreement) -> None:
    review = planned(cast, acme)
    with pytest.raises(ValidationError):
        services.record_meeting(review, held_at=LATER, actor=cast.mona.actor, now=MONDAY)
    with pytest.raises(ValidationError):
        services.add_participant(
            review, person=cast.charlie, name="", side="customer", role="", actor=cast.mona.actor, now=MONDAY
        )
    with pytest.raises(ValidationError):
        planned(cast, acme, period_until=date(2026, 1, 1))
    with pytest.raises(Denied):
        planned(cast, acme, actor=cast.alice.actor)
    carla = review.participants.get(user=cast.carla)
    services.remove_participant(review, carla, actor=cast.mona.actor, now=MONDAY)
    assert not Review.objects.visible_to(cast.carla.actor).exists()
    assert Participant.objects.filter(review=review).count() == 1
    assert services.cancel(review, reason="moved", actor=cast.mona.actor, now=MONDAY).state == "cancelled"


@pytest.mark.req("SLM-38", "SLM-39")
def test_the_next_review_of_each_agreement_is_planned_once(cast: Cast, acme: Agreement) -> None:
    made = upkeep.plan_due(now=MONDAY)
    assert [(r.agreement, r.meeting, r.assignee) for r in made] == [(acme, "yearly", cast.mona)]
    assert upkeep.plan_due(now=MONDAY + timedelta(hours=1)) == []
    done = services.record_meeting(
        made[0], held_at=MONDAY + timedelta(days=8), actor=cast.mona.actor, now=MONDAY + timedelta(days=9)
    )
    assert upkeep.plan_due(now=MONDAY + timedelta(days=300)) == []
    again = upkeep.plan_due(now=MONDAY + timedelta(days=345))
    assert [r.agreement for r in again] == [acme]
    assert again[0].period_from == date(2026, 3, 10)
    assert done.pk != again[0].pk
    assert tasks.plan_due() == 0


@pytest.mark.req("SLM-39")
def test_monthly_availability_and_quarterly_supplier_reviews_are_planned_too(
    cast: Cast, acme: Agreement
) -> None:
    version = acme.versions.get()
    terms = terms_of(version).dump()
    terms["measures"] = [
        {
            "measure": "availability", "service": None, "operator": ">=", "value": 99.9, "unit": "percent",
            "method": {"en": "probe", "zh": "探测"}, "source": "monitoring", "period": "month",
        }
    ]  # fmt: skip
    AgreementVersion.objects.create(
        agreement=acme, number=2, effective_from=MONDAY, calendar=cast.calendar, matrix=version.matrix,
        pausing_reasons=[], warn_at=[], terms=terms, created_by=cast.mona, created_at=MONDAY,
    )  # fmt: skip
    supplier = Supplier.objects.create(code="lines", name_en="Lines Ltd")
    contract = Agreement.objects.create(code="uc", kind="uc", supplier=supplier, name_en="Contract")
    AgreementVersion.objects.create(
        agreement=contract, number=1, effective_from=version.effective_from, calendar=cast.calendar,
        matrix=version.matrix, pausing_reasons=[], warn_at=[], created_by=cast.mona, created_at=MONDAY,
    )  # fmt: skip
    made = upkeep.plan_due(now=MONDAY)
    assert sorted((r.meeting, r.supplier) for r in made if r.supplier) == [("supplier", supplier)]
    assert sorted(r.meeting for r in made if r.agreement) == ["monthly", "yearly"]


def test_the_chair_is_reminded_of_a_review_whose_day_has_passed(cast: Cast, acme: Agreement) -> None:
    planned(cast, acme)
    late = LATER + timedelta(days=2)
    assert upkeep.remind(now=LATER) == 0
    assert upkeep.remind(now=late) == 1
    assert upkeep.remind(now=late + timedelta(days=1)) == 0
    assert upkeep.remind(now=late + timedelta(days=7)) == 1
    told = Delivery.objects.filter(activity__verb="review.remind", recipient=cast.mona, channel="in_app")
    assert told.count() == 2


@pytest.mark.req("SLM-59")
def test_coverage_names_agreements_without_a_review_for_a_year(cast: Cast, acme: Agreement) -> None:
    def found(now: datetime) -> list[str]:
        versions = AgreementVersion.objects.select_related("agreement__customer", "calendar")
        return [row.words for row in findings.without_review(coverage.load(versions, now))]

    assert found(MONDAY) == ["never reviewed"]
    held(cast, acme)
    assert found(LATER + timedelta(days=1)) == []
    assert found(LATER + timedelta(days=400)) == ["last review 2026-03-22"]
