"""Appointments: made, agreed, moved, given, called off, and what each does to the promise."""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone, translation

from accounts.access import Denied
from accounts.models import Membership
from fieldwork import lifecycle, services
from fieldwork.models import Appointment
from incidents.models import Incident
from records.explain import explain
from records.lifecycle import IllegalMove
from records.models import Activity, Delivery, Record
from records.verbs import sentence
from shifts.models import Duty, ShiftPattern
from sla.selfcheck import compare
from sla.services import events_of
from tests.cast import MONDAY, Cast, make_incident
from tests.fieldwork.conftest import HOUR, MINUTE, THURSDAY, Maker, clock_of

pytestmark = pytest.mark.django_db
US, CUSTOMER, BOTH = "us", "customer", "agreed"


def told(ticket: Record, verb: str) -> set[str]:
    """Who is told of an entry of the log."""
    rows = Delivery.objects.filter(activity__record=ticket.pk, activity__verb=verb)
    return set(rows.values_list("recipient__username", flat=True))


@pytest.mark.req("INC-18")
def test_a_proposed_time_moves_no_target_and_an_agreed_one_is_the_target(
    ticket: Incident, make: Maker
) -> None:
    span_due = clock_of(ticket).due_at
    visit = make()
    assert (visit.state, clock_of(ticket).due_at) == (lifecycle.PROPOSED, span_due)
    visit = services.agree(visit, actor=visit.made_by.actor, now=MONDAY + HOUR)
    assert (visit.state, visit.promised_at) == (lifecycle.AGREED, THURSDAY)
    clock = clock_of(ticket)
    assert (clock.due_at, clock.appointed_at, clock.first_due_at) == (THURSDAY, THURSDAY, span_due)
    assert compare(clock, events_of([clock])[clock.pk], MONDAY + HOUR) == []
    assert Record.objects.get(pk=ticket.pk).next_due_at is not None


@pytest.mark.req("INC-18")
def test_a_move_the_customer_wanted_moves_the_due_time_and_ours_does_not(
    ticket: Incident, make: Maker
) -> None:
    visit = make(is_agreed=True)
    friday, later = THURSDAY + 24 * HOUR, THURSDAY + 26 * HOUR
    actor = visit.made_by.actor
    moved = services.change(
        visit, starts_at=friday, ends_at=friday + HOUR, asked=CUSTOMER, reason="They have a meeting",
        actor=actor, now=MONDAY + 2 * HOUR,
    )  # fmt: skip
    assert clock_of(ticket).due_at == friday
    ours = services.change(
        moved, starts_at=later, ends_at=later + HOUR, asked=US, reason="Too much to do", actor=actor,
        now=MONDAY + 3 * HOUR,
    )  # fmt: skip
    assert (ours.starts_at, ours.promised_at, clock_of(ticket).due_at) == (later, friday, friday)
    entries = Activity.objects.filter(record=ticket.pk, verb="visit.moved").order_by("pk")
    assert [(e.data["code"], e.data["reason"]) for e in entries] == [
        (CUSTOMER, "They have a meeting"), (US, "Too much to do"),
    ]  # fmt: skip
    agreed = services.change(
        ours, starts_at=later, ends_at=later + 2 * HOUR, asked=BOTH, reason="They agreed after all",
        actor=actor, now=MONDAY + 4 * HOUR,
    )  # fmt: skip
    assert (agreed.promised_at, clock_of(ticket).due_at) == (later, later)


@pytest.mark.req("INC-18", "INC-25")
def test_the_explained_clock_says_that_a_time_was_agreed(ticket: Incident, make: Maker) -> None:
    make(is_agreed=True)
    with translation.override("en"):
        words = [s.words for s in explain(ticket, clock_of(ticket), MONDAY + 5 * HOUR).stretches]
    assert words[-1] == "Agreed with the customer: on site by 2026-03-05 06:00"


@pytest.mark.req("INC-18")
def test_arriving_in_time_meets_the_agreed_time_though_the_span_was_long_over(
    ticket: Incident, make: Maker
) -> None:
    visit = make(is_agreed=True)
    arrived = services.arrive(visit, actor=visit.made_by.actor, now=THURSDAY, at=THURSDAY - MINUTE)
    clock = clock_of(ticket)
    assert (clock.breached_at, clock.stopped_at) == (None, THURSDAY - MINUTE)
    assert arrived.state == lifecycle.ARRIVED
    assert Incident.objects.get(pk=ticket.pk).on_site_at == THURSDAY - MINUTE


@pytest.mark.req("INC-18")
def test_arriving_after_the_agreed_time_misses_it(ticket: Incident, make: Maker) -> None:
    visit = make(is_agreed=True)
    services.arrive(visit, actor=visit.made_by.actor, now=THURSDAY + MINUTE)
    assert clock_of(ticket).breached_at == THURSDAY


@pytest.mark.req("INC-18")
def test_called_off_by_the_customer_the_span_goes_on_and_by_us_the_promise_stays(
    cast: Cast, ticket: Incident, make: Maker
) -> None:
    visit = make(is_agreed=True)
    actor = cast.alice.actor
    with transaction.atomic():
        services.end(visit, "cancel", asked=US, reason="Ill", actor=actor, now=MONDAY + 2 * HOUR)
        assert clock_of(ticket).due_at == THURSDAY
        transaction.set_rollback(True)
    services.end(visit, "cancel", asked=CUSTOMER, reason="Not needed", actor=actor, now=MONDAY + 26 * HOUR)
    clock = clock_of(ticket)
    # one of two working hours was used up when it was agreed, Tuesday 12:00 it was given back: until 14:00
    assert (clock.appointed_at, clock.due_at) == (None, MONDAY + 28 * HOUR)
    assert compare(clock, events_of([clock])[clock.pk], MONDAY + 26 * HOUR) == []


def test_a_new_agreement_takes_the_place_of_what_we_did_not_keep(ticket: Incident, make: Maker) -> None:
    visit = make(is_agreed=True)
    actor = visit.made_by.actor
    services.end(visit, "miss", asked=US, reason="The van broke down", actor=actor, now=THURSDAY + HOUR)
    assert clock_of(ticket).due_at == THURSDAY
    again = make(is_agreed=True, starts_at=THURSDAY + 24 * HOUR, now=THURSDAY + 2 * HOUR)
    assert clock_of(ticket).due_at == again.starts_at
    assert clock_of(ticket).breached_at == THURSDAY


@pytest.mark.req("INC-25")
def test_the_ticket_waits_for_the_agreed_appointment_and_goes_on_with_the_arrival(
    ticket: Incident, make: Maker
) -> None:
    visit = make(is_agreed=True, is_held=True)
    held = Record.objects.get(pk=ticket.pk)
    assert (held.phase, held.waiting_for) == ("waiting", "appointment")
    # what waits is not the arrival: its time is agreed
    assert clock_of(ticket).state == "running"
    services.arrive(visit, actor=visit.made_by.actor, now=THURSDAY)
    assert Record.objects.get(pk=ticket.pk).waiting_for == ""
    assert clock_of(ticket).breached_at is None


def test_a_second_visit_agreed_before_does_not_free_us_of_the_first(ticket: Incident, make: Maker) -> None:
    first = make(is_agreed=True)
    second = make(is_agreed=True, starts_at=THURSDAY + 24 * HOUR, now=MONDAY + 2 * HOUR)
    actor = first.made_by.actor
    services.end(first, "cancel", asked=US, reason="Too busy", actor=actor, now=MONDAY + 3 * HOUR)
    assert clock_of(ticket).due_at == THURSDAY
    services.change(
        second, starts_at=second.starts_at, ends_at=second.ends_at, asked=BOTH, reason="Friday will do",
        actor=actor, now=MONDAY + 4 * HOUR,
    )  # fmt: skip
    assert clock_of(ticket).due_at == second.starts_at


def test_the_same_form_sent_twice_makes_one_appointment(make: Maker) -> None:
    key = uuid.uuid4()
    assert make(key=key).pk == make(key=key).pk
    assert Appointment.objects.count() == 1


@pytest.mark.req("SD-29")
def test_an_engineer_is_not_at_two_places_and_the_refusal_names_the_other_one(
    cast: Cast, ticket: Incident, make: Maker
) -> None:
    make()
    for start in (THURSDAY - HOUR / 2, THURSDAY, THURSDAY + HOUR - MINUTE):
        with pytest.raises(ValidationError) as refused:
            make(starts_at=start)
        (words,) = refused.value.message_dict["starts_at"]
        assert ticket.number in words
        assert "Building 3" in words
    with pytest.raises(ValidationError):  # the way there counts
        make(starts_at=THURSDAY + HOUR + 10 * MINUTE, travel_minutes=20)
    assert make(starts_at=THURSDAY + HOUR).engineer == cast.alice
    assert make(engineer=cast.bob).engineer == cast.bob


@pytest.mark.req("SD-29")
def test_the_database_itself_refuses_two_appointments_at_one_time(cast: Cast, make: Maker) -> None:
    make()
    other = make(engineer=cast.bob)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.filter(pk=other.pk).update(engineer=cast.alice)
    Appointment.objects.filter(pk=other.pk).update(engineer=None)
    assert make(engineer=None).engineer is None  # nobody may be named for any number of visits


@pytest.mark.req("SD-29")
def test_what_is_called_off_frees_the_engineer(make: Maker) -> None:
    visit = make()
    services.end(visit, "cancel", asked=US, reason="x", actor=visit.made_by.actor, now=MONDAY + HOUR)
    assert make().state == lifecycle.PROPOSED


@pytest.mark.req("SD-29")
@pytest.mark.django_db(transaction=True)
def test_of_two_who_send_one_engineer_at_once_one_is_refused(cast: Cast, ticket: Incident) -> None:
    other = make_incident(cast, title="Another fault")
    start = threading.Barrier(2)
    outcomes: list[Any] = []

    def send(record: Incident) -> None:
        try:
            start.wait(10)
            made = services.make(
                record, engineer=cast.bob, starts_at=THURSDAY, ends_at=THURSDAY + HOUR, site="Here",
                key=uuid.uuid4(), actor=cast.alice.actor, now=MONDAY + HOUR,
            )  # fmt: skip
            outcomes.append(made.ticket_id)
        except ValidationError as refused:
            outcomes.append(refused.message_dict)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(record,)) for record in (ticket, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(type(each).__name__ for each in outcomes) == ["dict", "int"]
    assert Appointment.objects.filter(engineer=cast.bob).count() == 1
    (refused,) = [each for each in outcomes if isinstance(each, dict)]
    assert set(refused) == {"starts_at"}


def on_duty(cast: Cast, day: Any) -> Duty:
    pattern = ShiftPattern.objects.create(
        code=f"day-{day}", name_en="Day", name_zh="白班", starts="09:00", ends="18:00"
    )
    return Duty.objects.create(
        team=cast.desk, person=cast.alice, pattern=pattern, date=day.date(), starts_at=day,
        ends_at=day + 9 * HOUR,
    )  # fmt: skip


@pytest.mark.req("SD-29")
def test_outside_the_shift_it_is_refused_until_somebody_says_why(
    cast: Cast, ticket: Incident, make: Maker
) -> None:
    on_duty(cast, THURSDAY - 24 * HOUR - 5 * HOUR)  # Wednesday, and not Thursday
    with pytest.raises(ValidationError) as refused:
        make()
    assert set(refused.value.message_dict) == {"override_reason"}
    visit = make(override_reason="Alice offered to come")
    assert visit.override_reason == "Alice offered to come"
    assert Activity.objects.filter(record=ticket.pk, verb="visit.outside_roster").count() == 1
    on_duty(cast, THURSDAY + 24 * HOUR - 5 * HOUR)
    assert make(starts_at=THURSDAY + 24 * HOUR).override_reason == ""


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"ends_at": THURSDAY}, "ends_at"),
        ({"ends_at": THURSDAY + timedelta(days=8)}, "ends_at"),
        ({"starts_at": MONDAY - timedelta(days=1)}, "starts_at"),
        ({"site": " "}, "site"),
        ({"travel_minutes": 2000}, "travel_minutes"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(make: Maker, over: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        make(**over)
    assert set(refused.value.message_dict) == {field}


def test_a_customer_is_no_engineer_and_a_done_ticket_needs_none(cast: Cast, make: Maker) -> None:
    with pytest.raises(ValidationError):
        make(engineer=cast.rita)
    with pytest.raises(Denied):
        make(actor=cast.rita.actor)


def test_customer_and_engineer_are_told(cast: Cast, ticket: Incident, make: Maker) -> None:
    visit = make(engineer=cast.bob, is_agreed=True)
    assert told(ticket, "visit.agree") >= {"rita", "bob"}
    entry = Activity.objects.get(record=ticket.pk, verb="visit.agree")
    with translation.override("en"):
        said = sentence(entry.verb, entry.data)
    assert said == "agreed on a visit on 2026-03-05 06:00 by Bob, Building 3"
    services.give(visit, engineer=cast.alice, reason="Bob is ill", actor=cast.alice.actor, now=MONDAY + HOUR)
    assert told(ticket, "visit.given") >= {"rita", "bob"}


def test_a_customer_agrees_and_asks_for_another_time_on_their_own_tickets_only(
    cast: Cast, ticket: Incident, make: Maker
) -> None:
    visit = make()
    for stranger in (cast.charlie, cast.robot):
        with pytest.raises(Denied):
            services.wish(visit, words="Friday", wished_for=None, actor=stranger.actor, now=MONDAY + HOUR)
    wished = services.wish(visit, words="Friday", wished_for=None, actor=cast.rita.actor, now=MONDAY + HOUR)
    assert (wished.wish, wished.state) == ("Friday", lifecycle.PROPOSED)
    assert "alice" in told(ticket, "visit.wished")
    agreed = services.agree(wished, actor=cast.rita.actor, now=MONDAY + HOUR)
    assert (agreed.agreed_with, agreed.wish, clock_of(ticket).due_at) == ("Rita", "", THURSDAY)
    assert list(Appointment.objects.visible_to(cast.charlie.actor)) == []
    assert list(Appointment.objects.visible_to(cast.rita.actor)) == [visit]


def test_what_somebody_changed_meanwhile_and_what_is_over_is_not_changed(make: Maker) -> None:
    visit = make()
    actor = visit.made_by.actor
    services.agree(visit, actor=actor, now=MONDAY + HOUR)
    with pytest.raises(services.Stale):
        services.set_out(visit, actor=actor, now=THURSDAY, expected_version=visit.version)
    services.end(visit, "cancel", asked=US, reason="x", actor=actor, now=MONDAY + HOUR)
    with pytest.raises(IllegalMove):
        services.set_out(visit, actor=actor, now=THURSDAY)
    with pytest.raises(IllegalMove):
        services.change(
            visit, starts_at=THURSDAY, ends_at=THURSDAY + HOUR, asked=US, reason="x", actor=actor,
            now=MONDAY + HOUR,
        )  # fmt: skip


def test_every_state_of_a_visit_can_be_reached_and_left_unless_it_is_over() -> None:
    cycle = lifecycle.LIFECYCLE
    seen, waiting = set(), [cycle.initial]
    while waiting:
        state = waiting.pop()
        if state not in seen:
            seen.add(state)
            waiting += [cycle.next_state(state, move) for move in cycle.legal_moves(state)]
    assert seen == cycle.states() == set(Appointment.State.values)
    assert {s for s in seen if cycle.is_final(s)} == {lifecycle.DONE, lifecycle.MISSED, lifecycle.CANCELLED}


def test_an_engineer_who_does_not_work_for_the_customer_is_not_sent(cast: Cast, make: Maker) -> None:
    cast.bob.grants.update(organisation=cast.globex)
    Membership.objects.filter(user=cast.bob).delete()
    fresh = type(cast.bob).objects.get(pk=cast.bob.pk)
    with pytest.raises(ValidationError) as refused:
        make(engineer=fresh)
    assert set(refused.value.message_dict) == {"engineer"}


def test_the_ticket_page_shows_the_visit_to_agents_and_customers(
    cast: Cast, client_of: Callable[[Any], Client], ticket: Incident, make: Maker
) -> None:
    make(starts_at=timezone.now() + 24 * HOUR)
    assert "Building 3" in client_of(cast.alice).get(ticket.get_absolute_url()).content.decode()
    page = client_of(cast.rita).get(f"/portal/requests/{ticket.number}/").content.decode()
    assert "This time suits me" in page
