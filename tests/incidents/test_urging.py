"""The customer urges us: counted, told to who holds it, and not too often."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.access import Denied
from incidents import urging
from incidents.models import Incident, Rules
from records.lifecycle import IllegalMove
from records.models import Delivery
from tests.cast import MONDAY, Cast, make_incident

HOUR = timedelta(hours=1)


def test_an_urge_is_counted_and_who_holds_the_ticket_knows(cast: Cast) -> None:
    made = make_incident(cast, assignee=cast.bob)
    urged = urging.urge(made, actor=cast.rita.actor, now=MONDAY + HOUR, note="The board waits.")
    assert (urged.urge_count, urged.urged_at) == (1, MONDAY + HOUR)
    told = Delivery.objects.filter(activity__verb="incident.urge", channel="in_app")
    assert set(told.values_list("recipient__username", flat=True)) == {"alice", "bob"}


def test_the_next_urge_waits_for_the_span_of_the_rules(cast: Cast) -> None:
    Rules.objects.create(customer=None, urge_hours=4)
    Rules.objects.create(customer=cast.acme, urge_hours=1)
    made = urging.urge(make_incident(cast), actor=cast.rita.actor, now=MONDAY)
    with pytest.raises(ValidationError, match="You can urge again"):
        urging.urge(made, actor=cast.rita.actor, now=MONDAY + HOUR - timedelta(seconds=1))
    assert urging.urge(made, actor=cast.rita.actor, now=MONDAY + HOUR).urge_count == 2


def test_what_is_solved_is_not_urged(cast: Cast) -> None:
    from incidents import services

    made = services.resolve(
        make_incident(cast), code="solved", steps="Done.", actor=cast.alice.actor, now=MONDAY
    )
    with pytest.raises(IllegalMove):
        urging.urge(made, actor=cast.rita.actor, now=MONDAY + HOUR)


def test_nobody_urges_for_another_customer(cast: Cast) -> None:
    with pytest.raises(Denied):
        urging.urge(make_incident(cast), actor=cast.charlie.actor, now=MONDAY)


def test_the_customer_presses_and_the_agent_sees_it(cast: Cast, client_of, alice: Client) -> None:
    made = make_incident(cast)
    rita = client_of(cast.rita)
    page = rita.get(reverse("portal:detail", args=[made.number])).content.decode()
    assert "Is it urgent?" in page
    url = reverse("incidents:urge", args=[made.number])
    assert rita.post(url, {"note": "Please"}).status_code == 302
    assert "You can urge again" in rita.post(url, follow=True).content.decode()
    assert Incident.objects.get(pk=made.pk).urge_count == 1
    assert "The customer urged us once" in alice.get(made.get_absolute_url()).content.decode()
    assert client_of(cast.charlie).post(url).status_code == 404
