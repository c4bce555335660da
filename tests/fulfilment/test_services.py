"""A request's own rules: ordered by a version, worked off with clocks, answered when it cannot be met."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied
from fulfilment import offerings, services
from fulfilment.models import ServiceRequest
from records.lifecycle import IllegalMove
from records.models import Activity, Record
from sla.models import Clock, Target
from tests.cast import MONDAY, Cast, make_incident
from tests.fulfilment.orders import COLOUR, make_offering, make_request

HOUR = timedelta(hours=1)


def by(user: Any, after: timedelta = HOUR) -> dict[str, Any]:
    return {"actor": user.actor, "now": MONDAY + after}


def clock(request: ServiceRequest, metric: str) -> Clock:
    return Clock.objects.get(record=request.pk, metric=metric)


@pytest.mark.req("REQ-01", "REQ-11")
def test_an_order_is_a_ticket_of_its_own_kind_with_targets_and_a_team(cast: Cast) -> None:
    request = make_request(cast)
    assert request.number.startswith("REQ")
    assert request.kind == "request"
    assert (request.state, request.phase, request.priority) == ("submitted", "active", 3)
    assert (request.team, request.service, request.title) == (cast.desk, cast.mail, "New chair")
    assert clock(request, "resolution").due_at is not None
    seen = Record.objects.visible_to(cast.rita.actor).tickets()
    assert [row.number for row in seen] == [request.number]


@pytest.mark.req("REQ-01")
def test_what_the_agreement_promises_for_requests_is_not_what_it_promises_for_incidents(cast: Cast) -> None:
    own = {"metric": "resolution", "ticket_kind": "request", "amount": 40 * 3600}
    Target.objects.create(version=cast.agreement, **own)
    request, incident = make_request(cast), make_incident(cast)
    assert clock(request, "resolution").target_seconds == 40 * 3600
    due, other = (Clock.objects.get(record=r.pk, metric="resolution").due_at for r in (request, incident))
    assert due and other and due > other  # noqa: PT018 - for the type checker
    # what is promised for all tickets counts for requests where nothing of their own is
    assert clock(request, "first_response").target_seconds


@pytest.mark.req("REQ-13")
def test_first_reply_and_handling_time_are_measured(cast: Cast) -> None:
    request = make_request(cast)
    from records.services import comment

    comment(request, text="On its way.", is_public=True, **by(cast.alice, timedelta(minutes=30)))
    request = services.start(request, **by(cast.alice))
    assert request.assignee == cast.alice
    request = services.fulfil(request, outcome="Delivered.", **by(cast.alice, 2 * HOUR))
    assert clock(request, "first_response").spent == 1800
    assert clock(request, "resolution").spent == 7200
    assert clock(request, "resolution").state == Clock.State.STOPPED


def test_it_is_confirmed_by_the_customer_and_closed(cast: Cast) -> None:
    request = services.start(make_request(cast), **by(cast.alice))
    request = services.fulfil(request, outcome="Delivered.", **by(cast.alice))
    request = services.confirm(request, close_too=True, **by(cast.rita, 2 * HOUR))
    request.refresh_from_db()
    assert (request.state, request.confirmed_by) == ("closed", cast.rita)


@pytest.mark.req("REQ-16")
def test_what_cannot_be_met_is_answered_with_reason_and_alternative(cast: Cast) -> None:
    request = make_request(cast)
    with pytest.raises(ValidationError) as refused:
        services.turn_down(request, reason="Out of stock", alternative=" ", **by(cast.alice))
    assert set(refused.value.message_dict) == {"alternative"}
    request = services.turn_down(request, reason="Out of stock", alternative="A stool", **by(cast.alice))
    assert (request.state, request.refusal, request.alternative) == ("refused", "Out of stock", "A stool")
    told = Activity.objects.get(record=request.pk, verb="request.refuse")
    assert told.is_public
    assert "Out of stock" in told.text
    assert "A stool" in told.text
    assert clock(request, "resolution").state == Clock.State.CANCELLED


def test_a_customer_takes_back_only_before_the_work_has_begun(cast: Cast) -> None:
    offering = make_offering(cast)
    request = services.take_back(make_request(cast, offering), **by(cast.rita))
    assert request.state == "cancelled"
    other = services.start(make_request(cast, offering), **by(cast.alice))
    with pytest.raises(IllegalMove):
        services.take_back(other, **by(cast.rita))
    with pytest.raises(Denied):
        services.take_back(make_request(cast, offering), **by(cast.charlie))


def test_a_hold_needs_a_reason_an_agent_may_give(cast: Cast) -> None:
    request = services.start(make_request(cast), **by(cast.alice))
    with pytest.raises(ValidationError):
        services.hold(request, reason="approval", **by(cast.alice))
    request = services.hold(request, reason="customer", **by(cast.alice))
    assert (request.state, request.waiting_for) == ("on_hold", "customer")


@pytest.mark.req("REQ-02", "REQ-06")
def test_a_request_stays_with_the_version_it_was_ordered_by(cast: Cast) -> None:
    offering = make_offering(cast, fields=[COLOUR])
    request = make_request(cast, offering, given={"colour": "red"})

    def renamed(draft: Any) -> Any:
        field = draft.fields[0]
        label = type(field.label)("Shade", "色调")
        return draft.with_field(type(field)(field.key, field.type, label, choices=field.choices))

    offerings.redraft(offering, renamed, actor=cast.mona.actor, now=MONDAY)
    offerings.publish(offering, reason="clearer", actor=cast.mona.actor, now=MONDAY)
    request.refresh_from_db()
    assert request.ordered_version.number == 1
    assert request.answers[0]["label"]["en"] == "Colour"
    assert request.answers[0]["shown"] == {"en": "Red", "zh": "红"}


def test_an_order_by_an_outdated_form_is_refused(cast: Cast) -> None:
    offering = make_offering(cast)
    with pytest.raises(ValidationError) as refused:
        make_request(cast, offering, edition=7)
    assert "edition" in refused.value.message_dict


@pytest.mark.req("REQ-18")
def test_what_is_away_cannot_be_ordered_and_says_why(cast: Cast) -> None:
    offering = make_offering(cast)
    offerings.make_unavailable(
        offering, words_en="No wood.", words_zh="缺料。", until=None, actor=cast.mona.actor, now=MONDAY
    )
    with pytest.raises(ValidationError, match="No wood"):
        make_request(cast, offering)
    offerings.make_available(offering, actor=cast.mona.actor, now=MONDAY)
    assert make_request(cast, offering).number


@pytest.mark.req("REQ-05")
def test_an_entry_for_one_customer_is_not_offered_to_another(cast: Cast) -> None:
    offering = make_offering(cast)
    offerings.settle(
        offering, service=cast.mail, kind="standard", audience="named", organisations=[cast.globex],
        for_contacts_only=False, actor=cast.mona.actor, now=MONDAY,
    )  # fmt: skip
    with pytest.raises(ValidationError, match="not offered"):
        make_request(cast, offering)
    # nor may the desk order it for them
    with pytest.raises(ValidationError, match="not offered"):
        make_request(cast, offering, actor=cast.alice.actor)


def test_only_managers_design_entries(cast: Cast) -> None:
    offering = make_offering(cast)
    for person in (cast.alice, cast.rita, cast.carla):
        with pytest.raises(Denied):
            offerings.publish(offering, reason="", actor=person.actor, now=MONDAY)
