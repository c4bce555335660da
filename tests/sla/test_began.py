"""A promise may count from when monitoring saw the fault begin, before anybody opened a ticket."""

from datetime import timedelta
from typing import Any

import pytest

from incidents import services
from incidents.models import Incident
from records import alarms
from records.history import Loader
from records.models import Channel
from sla import target as duration
from sla import underpinning
from sla.models import Breach, Clock, Target
from sla.replay import Rules, judge
from sla.replay_rows import hours_for
from sla.terms import TargetTerm
from sla.terms_rows import terms_of
from tests.cast import MONDAY, Cast, make_incident

pytestmark = [pytest.mark.django_db, pytest.mark.req("INC-04")]
HOUR = timedelta(hours=1)


@pytest.fixture
def promise(cast: Cast) -> None:
    """Arrival within three working hours of when it happened."""
    Target.objects.create(
        version=cast.agreement, metric="on_site", opens=Target.Opens.OCCURRENCE, amount=3 * 3600
    )
    Target.objects.create(version=cast.agreement, metric="restoration", amount=3 * 3600)


def clock(incident: Incident, metric: str) -> Clock:
    return Clock.objects.get(record=incident.pk, metric=metric)


def seen(cast: Cast, ago: timedelta, **over: Any) -> Incident:
    channel = over.pop("channel", Channel.MONITORING)
    opened = over.pop("now", MONDAY + 4 * HOUR)
    return make_incident(cast, channel=channel, occurred_at=opened - ago, now=opened, **over)


@pytest.mark.usefixtures("promise")
def test_what_monitoring_saw_an_hour_earlier_is_due_an_hour_earlier(cast: Cast) -> None:
    incident = seen(cast, HOUR)
    arrival, restoration = clock(incident, "on_site"), clock(incident, "restoration")
    assert arrival.started_at == incident.opened_at - HOUR
    assert restoration.started_at == incident.opened_at
    assert restoration.due_at is not None
    assert restoration.due_at - HOUR == arrival.due_at


@pytest.mark.usefixtures("promise")
@pytest.mark.parametrize(
    "over",
    [{"channel": Channel.PHONE}, {"occurred_at": None}, {"occurred_at": MONDAY + 4 * HOUR}],
    ids=["said by telephone", "not known", "seen as it happened"],
)
def test_otherwise_it_counts_from_the_opening(cast: Cast, over: dict[str, Any]) -> None:
    facts = {"channel": Channel.MONITORING, "occurred_at": MONDAY + 3 * HOUR, "now": MONDAY + 4 * HOUR}
    incident = make_incident(cast, **{**facts, **over})
    assert clock(incident, "on_site").started_at == incident.opened_at


@pytest.mark.usefixtures("promise")
def test_what_was_past_its_time_before_anybody_knew_is_missed_at_the_first_sweep(cast: Cast) -> None:
    incident = seen(cast, 5 * HOUR, now=MONDAY + 5 * HOUR)
    arrival = clock(incident, "on_site")
    assert arrival.due_at == MONDAY + 4 * HOUR  # three working hours and the lunch between them
    alarms.sweep()
    missed = Breach.objects.get(clock=arrival)
    assert missed.at == MONDAY + 4 * HOUR
    assert missed.team == incident.team


@pytest.mark.usefixtures("promise")
def test_a_time_corrected_later_moves_no_clock_and_the_replay_agrees(cast: Cast) -> None:
    incident = seen(cast, HOUR)
    Incident.objects.filter(pk=incident.pk).update(occurred_at=incident.opened_at - 3 * HOUR)
    services.arrive(incident, actor=cast.alice.actor, now=incident.opened_at + HOUR)
    (past,) = Loader().load([incident.pk])
    assert past.history.began_at == incident.opened_at - HOUR
    terms = terms_of(cast.agreement)
    verdicts = judge(past.history, Rules(terms, hours_for(terms)), now=incident.opened_at + HOUR)
    said = {(v.metric, v.outcome, v.at) for v in verdicts}
    assert said == {(v.metric, v.outcome, v.at) for v in past.before}
    assert ("on_site", "met") in {(metric, outcome) for metric, outcome, _at in said}


def test_a_party_that_counts_from_the_opening_begins_later_than_a_promise_from_the_occurrence() -> None:
    wanted, given = term("occurrence"), term("creation")
    assert underpinning._begins_late(given, wanted)
    assert underpinning._begins_late(term("occurrence"), wanted)  # a party has nothing before the opening
    assert not underpinning._begins_late(given, given)
    assert underpinning._begins_late(term("first_reply"), given)


def term(opens: str) -> TargetTerm:
    return TargetTerm("resolution", duration.Target("business_seconds", 3600), opens=opens)
