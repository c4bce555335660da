"""What does not count: asked with evidence, decided by somebody else, told in gross and net."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.access import Denied
from incidents import services
from incidents.models import Incident
from records import exclusions
from records.models import Activity
from sla.models import Clock, Exclusion
from tests.cast import MONDAY, Cast, make_incident

pytestmark = [pytest.mark.django_db, pytest.mark.req("SLM-32")]
LATER = MONDAY + timedelta(days=3)


@pytest.fixture
def incident(cast: Cast) -> Incident:
    """Solved a day late."""
    return services.resolve(
        make_incident(cast), code="solved", steps="Done.", actor=cast.alice.actor, now=LATER
    )


@pytest.fixture
def clock(incident: Incident) -> Clock:
    return Clock.objects.get(record=incident.pk, metric="resolution")


def ask(cast: Cast, incident: Incident, clock: Clock) -> Exclusion:
    return exclusions.ask(
        incident, clock, reason="force_majeure", evidence="Notice of the grid.", actor=cast.alice.actor,
        now=LATER,
    )  # fmt: skip


def decide(cast: Cast, incident: Incident, asked: Exclusion, decision: str, note: str = "") -> Exclusion:
    return exclusions.decide(incident, asked, decision=decision, note=note, actor=cast.mona.actor, now=LATER)


def test_it_counts_until_a_second_person_approved_and_again_once_that_is_revoked(
    cast: Cast, incident: Incident, clock: Clock
) -> None:
    asked = ask(cast, incident, clock)
    clock.refresh_from_db()
    assert clock.waived_at is None
    decide(cast, incident, asked, "approved")
    clock.refresh_from_db()
    assert clock.waived_at == LATER
    assert clock.breached_at is not None
    decide(cast, incident, asked, "revoked", "The grid denies it.")
    clock.refresh_from_db()
    assert clock.waived_at is None
    told = Activity.objects.filter(record=incident.pk, verb__startswith="sla.exclusion").order_by("pk")
    assert [a.verb for a in told] == ["sla.exclusion_asked", *["sla.exclusion_decided"] * 2]
    assert not any(a.is_public for a in told)


def test_who_asked_cannot_decide_nor_can_an_agent(cast: Cast, incident: Incident, clock: Clock) -> None:
    asked = exclusions.ask(
        incident, clock, reason="planned", evidence="Plan 7.", actor=cast.mona.actor, now=LATER
    )
    with pytest.raises(ValidationError, match="a second person must"):
        decide(cast, incident, asked, "approved")
    with pytest.raises(Denied):
        exclusions.decide(incident, asked, decision="approved", note="", actor=cast.alice.actor, now=LATER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Exclusion.objects.filter(pk=asked.pk).update(
            decision="approved", decided_by=cast.mona, decided_at=LATER
        )


def test_bad_input_is_refused_at_its_field(cast: Cast, incident: Incident, clock: Clock) -> None:
    def wrong(field: str, **over: str) -> None:
        words = {"reason": "planned", "evidence": "Plan 7.", **over}
        with pytest.raises(ValidationError) as refused:
            exclusions.ask(incident, clock, actor=cast.alice.actor, now=LATER, **words)
        assert list(refused.value.message_dict) == [field]

    wrong("reason", reason="weather")
    wrong("evidence", evidence="  ")
    other = make_incident(cast)
    with pytest.raises(ValidationError, match="not judged"):
        exclusions.ask(other, clock, reason="planned", evidence="Plan 7.", actor=cast.alice.actor, now=LATER)
    asked = ask(cast, incident, clock)
    wrong("clock")
    for decision in ("rejected", "revoked"):
        with pytest.raises(ValidationError, match="Say why"):
            decide(cast, incident, asked, decision)
    with pytest.raises(ValidationError, match="not decided yet"):
        decide(cast, incident, asked, "revoked", "Too early.")
    decide(cast, incident, asked, "rejected", "No proof.")
    with pytest.raises(ValidationError, match="decided already: rejected"):
        decide(cast, incident, asked, "approved")
    assert ask(cast, incident, clock).pk != asked.pk  # with better evidence it may be asked again
