"""Messages that cannot be delivered are tried for a day, then visible; what must not go out alarms nobody."""

from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.urls import reverse

from records import delivery, services
from records.delivery import PermanentError, TransientError
from records.models import Activity, Delivery
from tests.cast import MONDAY, Cast, make_incident

NOW = MONDAY + timedelta(minutes=5)


def a_mail(cast: Cast) -> Delivery:
    """A public reply's mail to rita, with no other mail waiting."""
    incident = make_incident(cast)
    Delivery.objects.update(state=Delivery.State.SENT)
    services.comment(incident, text="Try now.", is_public=True, actor=cast.alice.actor, now=NOW)
    found = Delivery.objects.get(recipient=cast.rita, channel="email", activity__verb="record.replied")
    Delivery.objects.filter(pk=found.pk).update(available_at=NOW)
    return found


def fails_with(error: Exception) -> Any:
    def transport(row: Delivery) -> None:
        raise error

    return patch.dict(delivery._transports, {"email": transport})


def work(now: datetime) -> None:
    for pk, token in delivery.claim(now, 10):
        delivery.send(pk, token, now=now)


@pytest.mark.django_db
def test_a_server_that_is_down_for_hours_loses_no_mail(cast: Cast) -> None:
    mail, now = a_mail(cast), NOW
    with fails_with(TransientError("no connection")):
        while now < NOW + timedelta(hours=20):
            work(now)
            now += timedelta(minutes=5)
    mail.refresh_from_db()
    assert mail.state == Delivery.State.NEW
    with patch.dict(delivery._transports, {"email": lambda row: None}):
        work(now + timedelta(hours=3))
    mail.refresh_from_db()
    assert mail.state == Delivery.State.SENT


@pytest.mark.django_db
def test_what_is_given_up_is_told_on_the_ticket_and_can_be_sent_again(cast: Cast, client_of: Any) -> None:
    mail = a_mail(cast)
    with fails_with(PermanentError("the recipient was refused: 550")):
        work(NOW)
    mail.refresh_from_db()
    assert mail.state == Delivery.State.DEAD
    fact = Activity.objects.get(verb="record.undelivered")
    assert (fact.record_id, fact.is_public, fact.data["person"]) == (mail.activity.record_id, False, "Rita")
    assert {d.recipient for d in fact.deliveries.filter(channel="in_app")} == {cast.alice, cast.bob}
    office = client_of(cast.admin)
    url = reverse("admin:records_delivery_changelist")
    assert b"the recipient was refused: 550" in office.get(f"{url}?state__exact=dead").content
    office.post(url, {"action": "send_again", "_selected_action": [mail.pk]})
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == (Delivery.State.NEW, 0)


@pytest.mark.django_db
def test_a_mail_whose_worker_always_dies_is_given_up_as_well(cast: Cast) -> None:
    mail, now = a_mail(cast), NOW
    for _crash in range(delivery.GIVE_UP_AFTER):
        assert len(delivery.claim(now, 10)) == 1
        now += delivery.LEASE + timedelta(seconds=1)
    assert delivery.claim(now, 10) == []
    mail.refresh_from_db()
    assert mail.state == Delivery.State.DEAD
    assert Activity.objects.filter(verb="record.undelivered").count() == 1


@pytest.mark.django_db
def test_a_mail_to_somebody_who_left_is_dropped_without_an_alarm(cast: Cast) -> None:
    mail = a_mail(cast)
    type(cast.rita).objects.filter(pk=cast.rita.pk).update(is_active=False)
    work(NOW)
    mail.refresh_from_db()
    assert (mail.state, mail.last_error) == (
        Delivery.State.DEAD, "the recipient is no longer active or has no address",
    )  # fmt: skip
    assert not Activity.objects.filter(verb="record.undelivered").exists()


@pytest.mark.django_db
def test_a_notice_of_an_undelivered_message_that_is_undelivered_itself_is_the_end_of_it(cast: Cast) -> None:
    type(cast.alice).objects.update(mail_level="all")
    a_mail(cast)
    with fails_with(PermanentError("refused")):
        for hour in range(5):
            work(NOW + timedelta(days=400, hours=hour))
    assert Activity.objects.filter(verb="record.undelivered").count() == 1
