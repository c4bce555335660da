"""Outages, planned interruptions and measured values: who may say what, and what is not accepted."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from accounts.access import Denied
from accounts.models import Grant
from levels import services, values
from levels.models import MeasuredValue, Outage
from tests.cast import MONDAY, Cast

HOUR = timedelta(hours=1)
NOW = MONDAY + 5 * HOUR


def recorded(cast: Cast, **over: Any) -> Outage:
    facts = {"service": cast.mail, "started_at": MONDAY, "actor": cast.alice.actor, "now": NOW}
    return services.record_outage(**{**facts, **over})


def refused(field: str, **facts: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        facts.pop("verb")(**facts)
    return " ".join(caught.value.message_dict[field])


@pytest.mark.req("SLM-30")
def test_an_outage_is_recorded_ended_and_corrected_with_its_history(cast: Cast) -> None:
    row = recorded(cast)
    assert row.felt_until is None
    ended = services.correct_outage(
        row, {"ended_at": MONDAY + HOUR, "told_at": MONDAY + 2 * HOUR}, actor=cast.bob.actor, now=NOW,
        expected_version=1,
    )  # fmt: skip
    assert ended.felt_until == MONDAY + 2 * HOUR
    with pytest.raises(services.Stale):
        services.correct_outage(row, {"note": "x"}, actor=cast.bob.actor, now=NOW, expected_version=1)
    history: Any = Outage._meta.get_field("events").related_model
    told = history.objects.filter(pgh_obj=row.pk).order_by("pk").values_list("ended_at", flat=True)
    assert list(told) == [None, MONDAY + HOUR]
    gone = services.withdraw_outage(row, reason="Wrong service", actor=cast.alice.actor, now=NOW)
    assert gone.withdrawn_at == NOW
    with pytest.raises(ValidationError):
        services.correct_outage(row, {"note": "x"}, actor=cast.bob.actor, now=NOW, expected_version=None)


def test_times_that_cannot_be_are_refused_with_their_field(cast: Cast) -> None:
    def told(field: str, **over: Any) -> str:
        return refused(field, verb=recorded, cast=cast, **over)

    assert "future" in told("started_at", started_at=NOW + HOUR)
    assert "after the beginning" in told("ended_at", ended_at=MONDAY)
    assert "after the outage has ended" in told("ended_at", told_at=NOW)
    assert "before the outage ended" in told("told_at", ended_at=NOW, told_at=MONDAY + HOUR)
    recorded(cast)
    assert "open already" in told("service", started_at=MONDAY + HOUR)
    assert recorded(cast, customer=cast.acme).customer == cast.acme


def test_the_same_reference_of_a_source_is_the_same_outage(cast: Cast) -> None:
    one = recorded(cast, source="monitoring", reference="alert-7", actor=cast.robot.actor)
    again = recorded(cast, source="monitoring", reference="alert-7", actor=cast.robot.actor)
    assert one == again
    assert Outage.objects.count() == 1


def test_who_covers_some_customers_writes_about_these_alone(cast: Cast) -> None:
    Grant.objects.filter(user=cast.alice).update(organisation=cast.acme)
    alice = type(cast.alice).objects.get(pk=cast.alice.pk).actor
    assert recorded(cast, actor=alice, customer=cast.acme).pk
    for customer in (None, cast.globex):
        with pytest.raises(Denied):
            recorded(cast, actor=alice, customer=customer)
    recorded(cast, actor=cast.bob.actor, customer=cast.globex)
    assert [row.customer for row in Outage.objects.visible_to(alice)] == [cast.acme]
    assert not Outage.objects.visible_to(cast.carla.actor)
    with pytest.raises(Denied):
        recorded(cast, actor=cast.carla.actor, customer=cast.acme)


@pytest.mark.req("SLM-32")
def test_an_outage_is_excluded_by_a_second_person_only(cast: Cast) -> None:
    row = recorded(cast, ended_at=MONDAY + HOUR)
    asked = services.ask_exclusion(
        row, reason="customer", evidence="Their power cut", actor=cast.mona.actor, now=NOW
    )
    assert "already" in refused(
        "reason", verb=services.ask_exclusion, outage=row, reason="customer", evidence="x",
        actor=cast.alice.actor, now=NOW,
    )  # fmt: skip

    def decide(**over: Any) -> Any:
        facts = {
            "exclusion": asked,
            "decision": "approved",
            "note": "",
            "actor": cast.admin.actor,
            "now": NOW,
        }
        return services.decide_exclusion(**{**facts, **over})

    assert "second person" in refused("decision", verb=decide, actor=cast.mona.actor)
    assert "Say why" in refused("note", verb=decide, decision="rejected")
    with pytest.raises(Denied):
        decide(actor=cast.alice.actor)
    assert decide().decision == "approved"
    assert "already" in refused("decision", verb=decide)
    assert decide(decision="revoked", note="Not theirs").decision == "revoked"


@pytest.mark.req("SLM-32")
def test_an_interruption_is_announced_ahead_and_called_off_before_it_begins(cast: Cast) -> None:
    def announce(**over: Any) -> Any:
        facts = {
            "services": [cast.mail], "customers": [cast.acme], "starts_at": NOW + HOUR,
            "ends_at": NOW + 2 * HOUR, "reason_en": "Update", "reason_zh": "升级", "agreed_with": "Carla",
            "actor": cast.mona.actor, "now": NOW,
        }  # fmt: skip
        return services.announce(**{**facts, **over})

    row = announce()
    assert row.is_taken_out
    assert not announce(agreed_with=" ").is_taken_out
    assert "to come" in refused("starts_at", verb=announce, starts_at=NOW)
    assert "after the beginning" in refused("ends_at", verb=announce, ends_at=NOW)
    assert "both languages" in refused("reason_zh", verb=announce, reason_zh="")
    assert "at least one" in refused("services", verb=announce, services=[])
    with pytest.raises(Denied):
        announce(actor=cast.alice.actor)
    late = {"interruption": row, "reason": "x", "actor": cast.mona.actor, "now": NOW + HOUR}
    assert "begun" in refused("starts_at", verb=services.cancel, **late)
    assert not services.cancel(row, reason="Postponed", actor=cast.mona.actor, now=NOW).is_taken_out


@pytest.mark.req("SLM-30")
def test_a_value_delivered_twice_is_one_and_a_correction_says_why(cast: Cast) -> None:
    def deliver(**over: Any) -> Any:
        facts = {
            "service": cast.mail, "measure": "answer_rate", "started_at": MONDAY, "ended_at": MONDAY + HOUR,
            "source": "calls", "numerator": Decimal(9), "denominator": Decimal(10),
            "actor": cast.robot.actor, "now": NOW,
        }  # fmt: skip
        return values.deliver(**{**facts, **over})

    row, is_new = deliver()
    assert (is_new, deliver()) == (True, (row, False))
    assert "why it is corrected" in refused("correction", verb=deliver, numerator=Decimal(8))
    corrected, _new = deliver(numerator=Decimal(8), correction="Calls of a test line")
    assert (corrected.revision, MeasuredValue.objects.count()) == (2, 2)
    assert "twice" in refused("started_at", verb=deliver, started_at=MONDAY + HOUR / 2)
    assert "numerator" in refused("value", verb=deliver, denominator=None)
    assert "not over" in refused("ended_at", verb=deliver, ended_at=NOW + HOUR)
    assert "below zero" in refused("numerator", verb=deliver, numerator=Decimal(-1))
    with pytest.raises(DatabaseError), transaction.atomic():
        MeasuredValue.objects.update(numerator=1)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE levels_measuredvalue")
