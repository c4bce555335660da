"""Restored, user told, resolved, closed: four times, and what lies between the first two (INC-13, INC-14)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from incidents import services, telling
from incidents.models import Incident
from records.models import Delivery
from tests.cast import MONDAY, Cast, make_incident

HOUR = timedelta(hours=1)


@pytest.mark.req("INC-13", "INC-14")
def test_until_the_user_was_told_the_service_counts_as_not_available_to_him(cast: Cast) -> None:
    made = make_incident(cast, event_kind="outage", occurred_at=MONDAY - HOUR)
    restored = services.restore(made, actor=cast.alice.actor, now=MONDAY + HOUR)
    span = telling.unavailable(restored)
    assert span is not None
    assert (span.since, span.until) == (MONDAY - HOUR, None)
    assert span.lasted(MONDAY + 2 * HOUR) == 3 * HOUR
    told = telling.tell_user(restored, note="Called her.", actor=cast.alice.actor, now=MONDAY + 3 * HOUR)
    span = telling.unavailable(told)
    assert span is not None
    assert span.until == MONDAY + 3 * HOUR
    assert Delivery.objects.filter(activity__verb="incident.tell", recipient=cast.rita).exists()


@pytest.mark.req("INC-13")
def test_four_separate_times(cast: Cast) -> None:
    at = [MONDAY + n * HOUR / 4 for n in range(1, 5)]
    made = services.restore(make_incident(cast), actor=cast.alice.actor, now=at[0])
    made = telling.tell_user(made, note="", actor=cast.alice.actor, now=at[1])
    made = services.resolve(made, code="workaround", steps="Fixed.", actor=cast.alice.actor, now=at[2])
    services.confirm(made, close_too=True, actor=cast.rita.actor, now=at[3])
    row = Incident.objects.get(pk=made.pk)
    assert [row.restored_at, row.user_notified_at, row.resolved_at, row.closed_at] == at


@pytest.mark.parametrize("at", [MONDAY - 2 * HOUR, MONDAY + 30 * timedelta(minutes=1), MONDAY + 9 * HOUR])
def test_nobody_was_told_before_it_worked_or_in_the_future(cast: Cast, at) -> None:
    made = services.restore(make_incident(cast), actor=cast.alice.actor, now=MONDAY + HOUR)
    with pytest.raises(ValidationError):
        telling.tell_user(made, note="", at=at, actor=cast.alice.actor, now=MONDAY + 2 * HOUR)


def test_a_question_makes_no_service_unavailable(cast: Cast) -> None:
    assert telling.unavailable(make_incident(cast, contact_type="consultation")) is None


@pytest.mark.req("INC-14")
def test_the_spans_of_a_service_are_there_for_availability(cast: Cast) -> None:
    made = make_incident(cast, event_kind="outage")
    make_incident(cast)  # a single fault is no outage
    make_incident(cast, customer=cast.globex, requester=cast.charlie, event_kind="outage")
    found = telling.unavailable_spans(
        service_id=cast.mail.pk, customer_id=cast.acme.pk, start=MONDAY, end=MONDAY + HOUR
    )
    assert [incident.pk for incident, _span in found] == [made.pk]


def test_the_desk_records_it_in_a_step_and_finds_whom_nobody_told(
    cast: Cast, alice: Client, incident: Incident
) -> None:
    url = reverse("incidents:act", args=[incident.number, "restore"])
    alice.post(url, {"version": incident.version})
    page = alice.get(incident.get_absolute_url()).content.decode()
    assert "its user has not been told" in page
    listed = alice.get(reverse("incidents:checks"), {"list": "not-told"}).content.decode()
    assert incident.number in listed
    url = reverse("incidents:act", args=[incident.number, "tell"])
    fresh = Incident.objects.get(pk=incident.pk)
    assert alice.post(url, {"note": "By telephone.", "version": fresh.version}).status_code == 302
    assert Incident.objects.get(pk=incident.pk).user_notified_at is not None
