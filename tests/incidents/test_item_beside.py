"""While an incident is written and worked on: what goes on around its item; and the change that caused it."""

import pytest
from django.test import Client

from changes.reading import caused_incidents, incident_counts
from incidents.models import Incident
from records.models import Link
from tests.cast import Cast, make_incident
from tests.changes.making import make_change, make_item

pytestmark = pytest.mark.django_db


@pytest.mark.req("CMDB-11")
def test_the_form_and_the_ticket_ask_for_what_goes_on_around_the_item(cast: Cast, alice: Client) -> None:
    item = make_item(cast)
    change = make_change(cast, items=[item])
    other, mine = (make_incident(cast, item=item, title=title) for title in ("Mail is slow", "No mail"))
    beside = f"/configuration/beside/?item={item.pk}&amp;known=no"
    writing = alice.get(f"/incidents/new/similar/?customer={cast.acme.pk}&item={item.pk}")
    assert beside in writing.content.decode()
    page = alice.get(mine.get_absolute_url()).content.decode()
    assert f"{beside}&amp;but={mine.number}" in page
    shown = alice.get(f"/configuration/beside/?item={item.pk}&known=no&but={mine.number}")
    words = shown.content.decode()
    assert change.number in words
    assert other.number in words
    assert mine.number not in words


def test_a_ticket_without_an_item_asks_for_nothing(cast: Cast, alice: Client) -> None:
    page = alice.get(make_incident(cast).get_absolute_url()).content.decode()
    assert "/configuration/beside/" not in page


@pytest.mark.req("CHG-17")
def test_an_incident_is_linked_to_the_change_that_caused_it_and_counted_there(
    cast: Cast, alice: Client
) -> None:
    change = make_change(cast)
    incidents = [make_incident(cast) for _n in range(2)]
    for incident in incidents:
        url = f"/incidents/{incident.number}/link/"
        answer = alice.post(url, {"other": change.number, "type": "caused_by", "version": incident.version})
        assert answer.status_code == 302
    assert incident_counts([change.pk]) == {change.pk: 2}
    assert set(caused_incidents(change).values_list("pk", flat=True)) == {row.pk for row in incidents}
    page = alice.get(incidents[0].get_absolute_url()).content.decode()
    assert f"{change.number} {change.title}" in page


def test_by_hand_nobody_says_that_an_incident_matches_a_known_error(cast: Cast, alice: Client) -> None:
    one, other = make_incident(cast), make_incident(cast)
    answer = alice.post(f"/incidents/{one.number}/link/", {"other": other.number, "type": "matches"})
    assert answer.status_code == 422
    assert not Link.objects.exists()
    assert Incident.objects.count() == 2
