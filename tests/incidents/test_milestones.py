"""Arrival on site, restoration and closure: clocks of their own (SLM-29, SLM-30)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from incidents import services
from incidents.models import Incident
from records.lifecycle import IllegalMove
from records.models import Activity
from records.services import get_record
from sla.models import AgreementVersion, Clock, Metric, Target
from tests.cast import MONDAY, Cast, make_agreement, make_incident

pytestmark = [pytest.mark.django_db, pytest.mark.req("SLM-29", "SLM-30")]
HOUR = timedelta(hours=1)


@pytest.fixture
def promised(cast: Cast) -> AgreementVersion:
    """Acme is promised: on site in 2 working hours, restored in 4, closed in 16."""
    version = make_agreement(cast.calendar, cast.acme)
    for metric, hours in ((Metric.ON_SITE, 2), (Metric.RESTORATION, 4), (Metric.CLOSURE, 16)):
        Target.objects.create(version=version, metric=metric, amount=hours * 3600)
    return version


def clock(incident: Incident, metric: Metric) -> Clock:
    return Clock.objects.get(record=incident.pk, metric=metric)


@pytest.mark.usefixtures("promised")
def test_the_arrival_stops_its_clock_and_no_other(cast: Cast) -> None:
    incident = make_incident(cast)
    services.arrive(incident, actor=cast.alice.actor, now=MONDAY + HOUR, note="At your door.")
    arrival = clock(incident, Metric.ON_SITE)
    assert (arrival.state, arrival.spent, arrival.breached_at) == ("stopped", 3600, None)
    assert clock(incident, Metric.RESTORATION).state == "running"
    told = Activity.objects.get(record=incident.pk, verb="incident.arrive")
    assert told.is_public
    assert told.text == "At your door."


@pytest.mark.usefixtures("promised")
def test_what_happened_earlier_counts_from_when_it_happened(cast: Cast) -> None:
    incident = make_incident(cast)
    services.restore(incident, at=MONDAY + HOUR, actor=cast.alice.actor, now=MONDAY + 2 * HOUR)
    restoration = clock(incident, Metric.RESTORATION)
    assert restoration.stopped_at == MONDAY + HOUR
    assert restoration.spent == 3600


@pytest.mark.usefixtures("promised")
def test_solving_restores_and_the_closure_runs_on_until_the_ticket_is_closed(cast: Cast) -> None:
    incident = make_incident(cast)
    done = services.resolve(
        incident, code="solved", steps="Restarted.", actor=cast.alice.actor, now=MONDAY + HOUR
    )
    assert clock(incident, Metric.RESTORATION).state == "stopped"
    assert clock(incident, Metric.RESOLUTION).state == "stopped"
    assert clock(incident, Metric.CLOSURE).state == "running"
    services.close(done, no_answer="Called twice.", actor=cast.alice.actor, now=MONDAY + 5 * HOUR)
    closure = clock(incident, Metric.CLOSURE)
    assert (closure.state, closure.spent) == ("stopped", 4 * 3600)  # 10:00 to 15:00 with an hour's break


@pytest.mark.usefixtures("promised")
def test_a_closure_held_back_by_a_wait_runs_again_once_solved(cast: Cast) -> None:
    incident = make_incident(cast)
    held = services.hold(incident, reason="customer", actor=cast.alice.actor, now=MONDAY + HOUR)
    assert clock(incident, Metric.CLOSURE).state == "paused"
    services.resolve(held, code="solved", steps="Done.", actor=cast.alice.actor, now=MONDAY + 2 * HOUR)
    assert clock(incident, Metric.CLOSURE).state == "running"


@pytest.mark.usefixtures("promised")
def test_reopening_lets_the_restoration_go_on_and_the_arrival_stays(cast: Cast) -> None:
    incident = make_incident(cast)
    services.arrive(incident, actor=cast.alice.actor, now=MONDAY + HOUR)
    done = services.resolve(
        get_incident(cast, incident), code="solved", steps="Done.", actor=cast.alice.actor,
        now=MONDAY + 2 * HOUR,
    )  # fmt: skip
    services.reopen(done, reason="Again.", actor=cast.alice.actor, now=MONDAY + 4 * HOUR)
    assert clock(incident, Metric.RESTORATION).state == "running"
    assert clock(incident, Metric.ON_SITE).state == "stopped"


@pytest.mark.usefixtures("promised")
def test_a_late_arrival_stays_a_breach_when_it_is_entered_as_of_earlier(cast: Cast) -> None:
    incident = make_incident(cast)
    services.arrive(incident, at=MONDAY + HOUR, actor=cast.alice.actor, now=MONDAY + 6 * HOUR)
    arrival = clock(incident, Metric.ON_SITE)
    assert arrival.breached_at == MONDAY + 2 * HOUR
    assert arrival.stopped_at is not None
    assert arrival.stopped_at > arrival.breached_at


def test_an_instant_in_the_future_or_before_the_failure_is_refused_in_words(cast: Cast) -> None:
    incident = make_incident(cast)
    for at in (MONDAY + 2 * HOUR, MONDAY - HOUR):
        with pytest.raises(ValidationError, match="not in the future"):
            services.arrive(incident, at=at, actor=cast.alice.actor, now=MONDAY + HOUR)


def test_nobody_arrives_at_a_ticket_that_is_done(cast: Cast) -> None:
    done = services.resolve(
        make_incident(cast), code="solved", steps="Done.", actor=cast.alice.actor, now=MONDAY + HOUR
    )
    with pytest.raises(IllegalMove):
        services.arrive(done, actor=cast.alice.actor, now=MONDAY + 2 * HOUR)


def get_incident(cast: Cast, incident: Incident) -> Incident:
    found = get_record(cast.alice.actor, incident.number)
    assert isinstance(found, Incident)
    return found
