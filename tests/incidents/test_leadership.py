"""Management is informed in time of what goes beyond its targets; helpers are counted (INC-07, INC-08)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.access import Denied
from incidents import checklists, leadership
from incidents.models import Incident, ManagementEscalation, Participation, Rules
from records import alarms
from records.models import Activity, Delivery
from tests.cast import MONDAY, Cast, make_incident

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def late(cast: Cast) -> Incident:
    """A critical incident whose solution was due at 15:00 in Shanghai, with the lunch break: 7 UTC."""
    made = make_incident(cast, impact=1, urgency=1)
    alarms.raise_due_of(made, now=MONDAY + 6 * HOUR, actor=cast.system)
    fresh: Incident = Incident.objects.get(pk=made.pk)
    return fresh


def inform(cast: Cast, incident: Incident, **over):
    facts = {
        "person": cast.mona, "note": "Called her.", "actor": cast.alice.actor, "now": MONDAY + 6 * HOUR,
    }  # fmt: skip
    return leadership.inform(incident, **{**facts, **over})


@pytest.mark.req("INC-07")
def test_what_goes_beyond_its_targets_asks_for_management_once(cast: Cast, late: Incident) -> None:
    assert leadership.sweep(now=MONDAY + 6 * HOUR) >= 1
    leadership.sweep(now=MONDAY + 6 * HOUR)
    row = ManagementEscalation.objects.get(incident=late)
    assert (row.why, row.required_at) == ("breach", MONDAY + 5 * HOUR)
    assert row.due_at == row.required_at + 30 * MINUTE
    asked = Activity.objects.filter(record=late.pk, verb="incident.management_required")
    assert asked.count() == 1
    told = Delivery.objects.filter(activity__in=asked).values_list("recipient__username", flat=True)
    assert "mona" in told


@pytest.mark.req("INC-07")
def test_that_it_did_not_happen_in_time_is_kept_once_and_for_good(cast: Cast, late: Incident) -> None:
    now = MONDAY + 8 * HOUR
    for _again in range(2):
        leadership.sweep(now=now)
    row = ManagementEscalation.objects.get(incident=late)
    assert row.missed_at == row.due_at
    assert Activity.objects.filter(record=late.pk, verb="incident.management_missed").count() == 1
    inform(cast, late, now=now + HOUR)
    row.refresh_from_db()
    assert (row.informed, row.done_by, row.done_at) == (cast.mona, cast.alice, now + HOUR)
    assert not row.was_in_time
    assert row.missed_at is not None


@pytest.mark.req("INC-07")
def test_in_time_is_in_time(cast: Cast, late: Incident) -> None:
    leadership.sweep(now=MONDAY + 5 * HOUR + MINUTE)
    inform(cast, late, now=MONDAY + 5 * HOUR + 10 * MINUTE)
    leadership.sweep(now=MONDAY + 9 * HOUR)
    row = ManagementEscalation.objects.get(incident=late)
    assert row.was_in_time
    assert row.missed_at is None
    span = {"start": MONDAY - HOUR, "end": MONDAY + 24 * HOUR, "now": MONDAY + 9 * HOUR}
    assert checklists.counts(cast.mona.actor, **span)["not-informed"] == 0


def test_the_span_is_a_rule_of_the_customer(cast: Cast, late: Incident) -> None:
    Rules.objects.create(customer=cast.acme, escalation_minutes=10)
    leadership.sweep(now=MONDAY + 5 * HOUR + MINUTE)
    row = ManagementEscalation.objects.get(incident=late)
    assert row.due_at - row.required_at == 10 * MINUTE


@pytest.mark.parametrize("over", [{"note": " "}, {"at": MONDAY - HOUR}, {"at": MONDAY + 9 * HOUR}])
def test_informing_needs_words_and_a_possible_time(cast: Cast, late: Incident, over) -> None:
    with pytest.raises(ValidationError):
        inform(cast, late, **over)


def test_only_our_own_people_are_management(cast: Cast, late: Incident) -> None:
    with pytest.raises(ValidationError):
        inform(cast, late, person=cast.rita)
    with pytest.raises(Denied):
        inform(cast, late, actor=cast.rita.actor)


@pytest.mark.req("INC-08")
def test_the_incident_managers_part_is_countable(cast: Cast, late: Incident) -> None:
    leadership.sweep(now=MONDAY + 6 * HOUR)
    for _again in range(2):
        leadership.take_part(
            late, person=cast.mona, part="incident_manager", actor=cast.mona.actor, now=MONDAY + 6 * HOUR
        )
    assert Participation.objects.count() == 1
    make_incident(cast)
    span = {"start": MONDAY - HOUR, "end": MONDAY + 24 * HOUR, "now": MONDAY + 9 * HOUR}
    assert checklists.counts(cast.mona.actor, **span)["with-manager"] == 1
    assert checklists.counts(cast.alice.actor, **span)["with-manager"] == 1


@pytest.mark.req("INC-07", "INC-08")
def test_the_page_asks_and_records(cast: Cast, alice: Client, late: Incident) -> None:
    leadership.sweep(now=MONDAY + 6 * HOUR)
    assert "Management is to be informed" in alice.get(late.get_absolute_url()).content.decode()
    url = reverse("incidents:act", args=[late.number, "inform"])
    version = Incident.objects.get(pk=late.pk).version
    answer = alice.post(url, {"person": cast.mona.pk, "note": "Called.", "version": version})
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    page = alice.get(late.get_absolute_url()).content.decode()
    assert "Management is to be informed" not in page
    assert "Mona" in page
    listed = alice.get(reverse("incidents:checks"), {"list": "not-informed", "month": "2026-03"})
    assert late.number in listed.content.decode()
