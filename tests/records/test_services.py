"""The kernel's verbs: what a person does, what the log, the clocks and the outbox say afterwards."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.http import Http404

import incidents.services
from accounts.access import Denied, Origin
from records import alarms, assignment, services
from records.lifecycle import IllegalMove
from records.models import Activity, Delivery, Record
from sla.models import Alarm, Breach, Clock, ClockEvent, Metric
from tests.cast import MONDAY, Cast, make_incident

HOUR = timedelta(hours=1)


def verbs(record: Record) -> list[str]:
    return list(record.activities.order_by("id").values_list("verb", flat=True))


def clock(record: Record, metric: str) -> Clock:
    return Clock.objects.filter(record=record.pk, metric=metric).order_by("-cycle")[0]


def told(record: Record, verb: str) -> set[str]:
    notices = Delivery.objects.filter(activity__record=record.pk, activity__verb=verb, channel="in_app")
    return set(notices.values_list("recipient__username", flat=True))


@pytest.mark.req("SD-01", "SD-04", "SD-12", "INC-01")
def test_opening_gives_number_clocks_log_and_messages(cast: Cast) -> None:
    incident = make_incident(cast)
    assert incident.number.startswith("INC")
    assert len(incident.number) == 10
    assert verbs(incident) == ["incident.open"]
    assert incident.owner == cast.alice
    assert incident.team == cast.desk
    assert incident.priority == 3
    assert clock(incident, Metric.FIRST_RESPONSE).due_at == MONDAY + 2 * HOUR
    # 16 working hours from Monday 10:00 with lunch 12-13: 7 on Monday, 8 on Tuesday, 1 on Wednesday
    assert clock(incident, Metric.RESOLUTION).due_at == MONDAY + timedelta(days=2)
    assert incident.next_due_at == MONDAY + 2 * HOUR
    assert told(incident, "incident.open") == {"rita", "bob"}


@pytest.mark.req("SD-04", "SD-08")
def test_an_agents_first_public_reply_stops_the_first_response_clock(cast: Cast) -> None:
    incident = make_incident(cast)
    at = MONDAY + HOUR
    services.comment(incident, text="We look at it.", is_public=True, actor=cast.alice.actor, now=at)
    response = clock(incident, Metric.FIRST_RESPONSE)
    assert (response.state, response.stopped_at, response.breached_at) == ("stopped", at, None)
    update = clock(incident, Metric.NEXT_UPDATE)
    assert (update.cycle, update.started_at, update.state) == (2, at, "running")
    assert told(incident, "record.replied") == {"rita"}


@pytest.mark.req("SD-08")
def test_an_internal_note_stops_no_clock_and_does_not_reach_the_customer(cast: Cast) -> None:
    incident = make_incident(cast)
    note = services.comment(
        incident, text="Mailbox quota?", is_public=False, actor=cast.bob.actor, now=MONDAY + HOUR
    )
    assert not note.is_public
    assert clock(incident, Metric.FIRST_RESPONSE).state == "running"
    assert told(incident, "record.noted") == {"alice"}
    assert not incident.activities.readable_by(cast.rita.actor).filter(pk=note.pk).exists()


@pytest.mark.req("INC-25")
def test_only_named_reasons_pause_the_clock(cast: Cast) -> None:
    incident = make_incident(cast)
    incidents.services.hold(incident, reason="supplier", actor=cast.alice.actor, now=MONDAY + HOUR)
    assert clock(incident, Metric.RESOLUTION).state == "running"
    incidents.services.hold(incident, reason="customer", actor=cast.alice.actor, now=MONDAY + HOUR)
    paused = clock(incident, Metric.RESOLUTION)
    assert (paused.state, paused.due_at, paused.alarm_at) == ("paused", None, None)
    later = MONDAY + timedelta(days=1, hours=1)
    incidents.services.resume(incident, actor=cast.alice.actor, now=later)
    resumed = clock(incident, Metric.RESOLUTION)
    # eight working hours were paused
    assert resumed.due_at == MONDAY + timedelta(days=3)
    assert [e.type for e in ClockEvent.objects.filter(clock=resumed)] == ["pause", "resume"]


def test_a_hold_needs_a_named_reason(cast: Cast) -> None:
    incident = make_incident(cast)
    with pytest.raises(ValidationError) as refused:
        incidents.services.hold(incident, reason="", actor=cast.alice.actor, now=MONDAY)
    assert "reason" in refused.value.message_dict
    assert Record.objects.get(pk=incident.pk).state == "new"


def test_a_customers_reply_resumes_what_waits_for_the_customer(cast: Cast) -> None:
    incident = make_incident(cast)
    incidents.services.hold(incident, reason="customer", actor=cast.alice.actor, now=MONDAY + HOUR)
    services.comment(
        incident, text="It is room 301.", is_public=True, actor=cast.rita.actor, now=MONDAY + 2 * HOUR
    )
    assert Record.objects.get(pk=incident.pk).state == "in_progress"
    assert verbs(incident)[-2:] == ["record.asked", "incident.resume"]


@pytest.mark.req("SD-10", "SD-14", "INC-09", "INC-13", "INC-26")
def test_from_resolution_to_closure_and_back(cast: Cast) -> None:
    incident = make_incident(cast)
    with pytest.raises(ValidationError):
        incidents.services.resolve(incident, code="solved", steps=" ", actor=cast.alice.actor, now=MONDAY)
    incident = incidents.services.resolve(
        incident, code="solved", steps="Raised the quota.", actor=cast.alice.actor, now=MONDAY + HOUR
    )
    assert (incident.phase, incident.done_at, incident.resolved_tier) == ("done", MONDAY + HOUR, "desk")
    assert clock(incident, Metric.RESOLUTION).state == "stopped"
    with pytest.raises(ValidationError):
        incidents.services.close(incident, actor=cast.alice.actor, now=MONDAY + HOUR)
    incident = incidents.services.reopen(
        incident, reason="Still broken", actor=cast.rita.actor, now=MONDAY + 2 * HOUR
    )
    assert (incident.reopen_count, incident.done_at, incident.resolved_at) == (1, None, None)
    assert clock(incident, Metric.RESOLUTION).state == "running"
    assert clock(incident, Metric.RESOLUTION).cycle == 1
    incident = incidents.services.resolve(
        incident, code="solved", steps="Really.", actor=cast.alice.actor, now=MONDAY + 4 * HOUR
    )
    incident = incidents.services.confirm(
        incident, actor=cast.rita.actor, now=MONDAY + 5 * HOUR, close_too=True
    )
    assert (incident.state, incident.confirmed_by_id) == ("closed", cast.rita.pk)
    assert incident.done_at == MONDAY + 4 * HOUR


def test_an_illegal_move_names_the_legal_ones(cast: Cast) -> None:
    incident = make_incident(cast)
    with pytest.raises(IllegalMove) as refused:
        incidents.services.reopen(incident, reason="x", actor=cast.alice.actor, now=MONDAY)
    assert refused.value.legal == ("start", "hold", "resolve", "cancel")


def test_the_second_of_two_savers_is_told_what_changed(cast: Cast) -> None:
    incident = make_incident(cast)
    incidents.services.edit(
        incident, {"title": "Mail is stuck"}, actor=cast.alice.actor, now=MONDAY, expected_version=1
    )
    with pytest.raises(services.Stale) as stale:
        incidents.services.edit(
            incident, {"site": "301"}, actor=cast.bob.actor, now=MONDAY, expected_version=1
        )
    assert [a.verb for a in stale.value.since] == ["record.edited"]
    assert stale.value.since[0].data["changes"] == {"title": ["Cannot send mail", "Mail is stuck"]}


@pytest.mark.req("INC-02")
def test_impact_and_urgency_give_the_priority_and_the_clock_follows(cast: Cast) -> None:
    incident = make_incident(cast)
    incident = incidents.services.edit(
        incident, {"impact": 1, "urgency": 1}, actor=cast.alice.actor, now=MONDAY + HOUR, expected_version=1
    )
    assert incident.priority == 1
    # four hours from the start, not from the change
    assert clock(incident, Metric.RESOLUTION).due_at == MONDAY + 5 * HOUR
    with pytest.raises(ValidationError) as refused:
        incidents.services.edit(
            incident, {"priority": 4}, actor=cast.alice.actor, now=MONDAY + HOUR, expected_version=2
        )
    assert "priority_reason" in refused.value.message_dict


@pytest.mark.req("SD-13", "SLM-35", "INC-10")
def test_the_sweep_raises_each_step_once_at_its_true_instant_and_escalates(cast: Cast) -> None:
    incident = make_incident(cast)
    while alarms.sweep():
        pass
    resolution = clock(incident, Metric.RESOLUTION)
    steps = list(Alarm.objects.filter(clock=resolution).order_by("at").values_list("step", flat=True))
    assert steps == ["50", "75", "90", "breach"]
    breach = Breach.objects.get(clock=resolution)
    assert (breach.at, breach.tier, breach.team) == (resolution.due_at, "desk", cast.desk)
    fresh = Record.objects.get(pk=incident.pk)
    assert (fresh.team, fresh.assignee) == (cast.second, None)
    assert "record.escalated" in verbs(incident)
    assert told(incident, "sla.breached") >= {"alice", "mona"}
    before = Activity.objects.count()
    assert alarms.sweep() == 0
    assert Activity.objects.count() == before


def test_what_fell_due_before_an_act_is_logged_before_it_with_who_held_it_then(cast: Cast) -> None:
    incident = make_incident(cast, priority=1, priority_reason="The board is waiting", team=cast.second)
    assignment.assign(
        incident, team=cast.desk, assignee=None, actor=cast.alice.actor, now=MONDAY + timedelta(days=1)
    )
    breach = Breach.objects.get(clock__metric=Metric.RESOLUTION)
    assert (breach.team, breach.at) == (cast.second, MONDAY + 5 * HOUR)


@pytest.mark.req("SD-11", "SD-13")
def test_escalation_needs_a_reason_and_a_higher_tier(cast: Cast) -> None:
    incident = make_incident(cast)
    with pytest.raises(ValidationError):
        assignment.escalate(incident, team=None, reason="", actor=cast.alice.actor, now=MONDAY)
    incident = assignment.escalate(
        incident, team=None, reason="Needs the mail server", actor=cast.alice.actor, now=MONDAY
    )
    assert (incident.team, incident.owner) == (cast.second, cast.alice)
    logged = incident.activities.get(verb="record.escalated")
    assert (logged.data["from_tier"], logged.data["to_tier"], logged.data["in_time"]) == (
        "desk",
        "second",
        True,
    )
    with pytest.raises(ValidationError):
        assignment.escalate(incident, team=cast.desk, reason="back", actor=cast.sven.actor, now=MONDAY + HOUR)
    accepted = assignment.accept(incident, actor=cast.sven.actor, now=MONDAY + HOUR)
    assert accepted.assignee == cast.sven
    assert incident.activities.get(verb="record.accepted").data["tier"] == "second"


@pytest.mark.req("PLT-09")
def test_another_organisation_does_not_learn_that_a_record_exists(cast: Cast) -> None:
    incident = make_incident(cast)
    with pytest.raises(Http404):
        services.get_record(cast.charlie.actor, incident.number)
    with pytest.raises(Denied):
        services.comment(incident, text="x", is_public=True, actor=cast.charlie.actor, now=MONDAY)
    assert services.get_record(cast.carla.actor, incident.number) == incident
    assert services.get_record(cast.rita.actor, incident.number) == incident


@pytest.mark.req("PLT-03")
def test_the_log_cannot_be_changed_even_by_the_database_owner(cast: Cast) -> None:
    activity = make_incident(cast).activities.get()
    for change in (
        lambda: Activity.objects.filter(pk=activity.pk).update(text="forged"),
        lambda: Activity.objects.filter(pk=activity.pk)._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
            change()


def test_an_import_is_silent(cast: Cast) -> None:
    make_incident(cast, actor=cast.alice.actor.via(Origin.IMPORT))
    assert not Delivery.objects.exists()


@pytest.mark.req("PLT-08")
@pytest.mark.parametrize("name", ["a\u202egpj.exe", "tab\there.txt", "run.EXE", "..."])
def test_files_with_hostile_names_are_refused(cast: Cast, name: str) -> None:
    upload = SimpleUploadedFile("x.txt", b"1")
    upload._name = name  # type: ignore[attr-defined]
    with pytest.raises(ValidationError) as refused:
        make_incident(cast, attachments=[upload])
    assert "attachments" in refused.value.message_dict
    assert not Record.objects.exists()


def test_what_is_done_is_given_to_nobody(cast: Cast) -> None:
    incident = make_incident(cast)
    incidents.services.cancel(incident, reason="Twice", actor=cast.alice.actor, now=MONDAY)
    for act in (
        lambda: assignment.assign(
            incident, team=cast.second, assignee=None, actor=cast.alice.actor, now=MONDAY
        ),
        lambda: assignment.accept(incident, actor=cast.alice.actor, now=MONDAY),
        lambda: assignment.escalate(incident, team=None, reason="x", actor=cast.alice.actor, now=MONDAY),
    ):
        with pytest.raises(IllegalMove):
            act()


def test_a_file_alone_is_no_first_response(cast: Cast) -> None:
    incident = make_incident(cast)
    upload = SimpleUploadedFile("form.pdf", b"%PDF")
    services.comment(
        incident, text="", is_public=True, actor=cast.alice.actor, now=MONDAY + HOUR, attachments=[upload]
    )
    assert clock(incident, Metric.FIRST_RESPONSE).state == "running"


def test_facts_can_be_changed_although_the_requester_has_left(cast: Cast) -> None:
    incident = make_incident(cast)
    cast.rita.is_active = False
    cast.rita.save(update_fields=["is_active"])
    changed = incidents.services.edit(
        incident, {"title": "Mail is stuck"}, actor=cast.alice.actor, now=MONDAY, expected_version=1
    )
    assert changed.title == "Mail is stuck"
