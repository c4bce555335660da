"""Recurring work: each run made once, made up for or marked, and done only with its findings (REQ-17)."""

import threading
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import Client
from django.urls import reverse

from accounts.access import Denied
from accounts.models import Grant, User
from actions.models import Action
from automation import scheduling
from automation.models import Schedule, ScheduleRun
from incidents.models import Incident
from tests.cast import MONDAY, Cast
from tests.fulfilment.orders import make_offering

pytestmark = [pytest.mark.django_db, pytest.mark.req("REQ-17")]
ClientOf = Callable[[Any], Client]
DAY = timedelta(days=1)
FRIDAY = MONDAY - 3 * DAY


def make_schedule(cast: Cast, *, by: User | None = None, now: datetime = FRIDAY, **over: Any) -> Schedule:
    facts = {
        "name_en": "Patrol of the server room", "name_zh": "机房巡检", "makes": "incident",
        "customer": cast.acme, "requester": cast.rita, "service": cast.mail, "every": "daily", "at": time(9),
        "starts": date(2026, 3, 1),
        "checklist": [{"en": "Temperature", "zh": "温度"}, {"en": "Alarms", "zh": ""}],
        **over,
    }  # fmt: skip
    return scheduling.save(None, facts, actor=(by or cast.mona).actor, now=now)


def runs(schedule: Schedule) -> list[tuple[str, str]]:
    rows = schedule.runs.filter(day__isnull=False).order_by("day")
    return [(str(row.day), row.state) for row in rows]


def test_a_run_comes_with_its_ticket_and_its_checklist(cast: Cast) -> None:
    schedule = make_schedule(cast)
    assert scheduling.make_due(MONDAY - 2 * DAY) == 0
    scheduling.make_due(MONDAY - DAY)
    scheduling.make_due(MONDAY - DAY)
    run = schedule.runs.get()
    assert run.record is not None
    assert run.record.title == "Patrol of the server room"
    assert [line.text_en for line in run.findings.all()] == ["Temperature", "Alarms"]
    schedule.refresh_from_db()
    assert schedule.next_at == datetime(2026, 3, 2, 1, 0, tzinfo=MONDAY.tzinfo)


def test_a_run_of_a_request_orders_what_the_schedule_names(cast: Cast) -> None:
    schedule = make_schedule(cast, makes="request", offering=make_offering(cast), team=cast.second)
    scheduling.make_due(MONDAY)
    run = schedule.runs.get(state="open")
    assert run.record is not None
    assert (run.record.kind, run.record.title) == ("request", "Patrol of the server room")
    assert run.record.team == cast.second


@pytest.mark.parametrize(("catch_up", "last"), [("once", "open"), ("mark", "missed")])
def test_after_a_standstill_the_last_is_made_up_for_or_all_are_marked(
    catch_up: str, last: str, cast: Cast
) -> None:
    schedule = make_schedule(cast, catch_up=catch_up)
    scheduling.make_due(MONDAY + 2 * DAY + timedelta(hours=9))
    assert [state for _day, state in runs(schedule)] == ["missed", "missed", "missed", last]
    assert Incident.objects.count() == (1 if last == "open" else 0)


def test_two_workers_make_it_once_and_a_failure_leaves_nothing_half_done(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = make_schedule(cast)
    ticket = scheduling._ticket

    def dies(*args: Any, **options: Any) -> Any:
        ticket(*args, **options)
        raise SystemExit

    monkeypatch.setattr(scheduling, "_ticket", dies)
    with pytest.raises(SystemExit):
        scheduling.make_due(MONDAY - DAY)
    assert not Incident.objects.exists()
    assert runs(schedule) == []
    monkeypatch.setattr(scheduling, "_ticket", ticket)
    scheduling.make_due(MONDAY - DAY)
    assert runs(schedule) == [("2026-03-01", "open")]


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_make_one_run(cast: Cast) -> None:
    schedule = make_schedule(cast)

    def work() -> None:
        try:
            scheduling.make_due(MONDAY - DAY)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert runs(schedule) == [("2026-03-01", "open")]
    assert Incident.objects.count() == 1


def test_what_cannot_be_made_is_seen_and_becomes_somebodys_work(cast: Cast) -> None:
    schedule = make_schedule(cast)
    User.objects.filter(pk=cast.rita.pk).update(is_active=False)
    for turn in range(3):
        scheduling.make_due(MONDAY + timedelta(minutes=11 * turn))
    schedule.refresh_from_db()
    assert schedule.failures == 3
    assert "active person" in schedule.last_error
    assert Action.objects.get().assignee == cast.mona
    User.objects.filter(pk=cast.rita.pk).update(is_active=True)
    scheduling.make_due(MONDAY + timedelta(hours=1))
    schedule.refresh_from_db()
    assert (schedule.failures, schedule.last_error) == (0, "")
    assert runs(schedule)[-1] == ("2026-03-02", "open")


def test_closed_days_of_the_calendar_are_put_off(cast: Cast) -> None:
    schedule = make_schedule(cast, every="weekly", weekdays=[6], calendar=cast.calendar, on_closed="next")
    assert schedule.next_at == datetime(2026, 3, 2, 1, 0, tzinfo=MONDAY.tzinfo)


def test_a_run_is_done_only_with_a_finding_for_each_line(cast: Cast) -> None:
    schedule = make_schedule(cast)
    scheduling.make_due(MONDAY - DAY)
    run, actor = schedule.runs.get(), cast.alice.actor
    half = [{"position": "1", "outcome": "ok"}, {"position": "2", "outcome": "found", "note": " "}]
    for wrong in ([], [half[0]], half):
        with pytest.raises(ValidationError):
            scheduling.finish(run, wrong, conclusion="", actor=actor, now=MONDAY)
    half[1]["note"] = "Two red lamps"
    done = scheduling.finish(run, half, conclusion="Ordered", actor=actor, now=MONDAY)
    assert (done.state, done.has_findings) == ("done", True)
    assert run.record is not None
    assert "Two red lamps" in run.record.activities.get(verb="record.noted").text
    with pytest.raises(ValidationError):
        scheduling.finish(run, half, conclusion="", actor=actor, now=MONDAY)
    with pytest.raises(Denied):
        scheduling.finish(run, half, conclusion="", actor=cast.rita.actor, now=MONDAY)


def test_an_extra_run_needs_a_reason_and_comes_once_by_its_key(cast: Cast) -> None:
    schedule = make_schedule(cast)
    with pytest.raises(ValidationError):
        scheduling.run_extra(schedule, reason=" ", actor=cast.alice.actor, now=MONDAY)
    first = scheduling.run_extra(schedule, reason="Storm", key="s1", actor=cast.robot.actor, now=MONDAY)
    again = scheduling.run_extra(schedule, reason="Storm", key="s1", actor=cast.robot.actor, now=MONDAY)
    assert first == again
    assert first.is_extra
    assert Incident.objects.count() == 1
    with pytest.raises(Denied):
        scheduling.run_extra(schedule, reason="x", actor=cast.rita.actor, now=MONDAY)


def test_another_customers_schedule_is_not_to_be_seen(cast: Cast, client_of: ClientOf) -> None:
    schedule = make_schedule(cast)
    scheduling.make_due(MONDAY - DAY)
    Grant.objects.filter(user__in=[cast.alice, cast.mona]).update(organisation=cast.globex)
    far = User.objects.get(pk=cast.mona.pk)
    assert not Schedule.objects.visible_to(far.actor).exists()
    browser = client_of(far)
    assert browser.get(schedule.get_absolute_url()).status_code == 404
    assert browser.get(schedule.runs.get().get_absolute_url()).status_code == 404
    assert "Patrol" not in browser.get(reverse("automation:runs")).content.decode()
    with pytest.raises(Denied):
        make_schedule(cast, by=far)
    with pytest.raises(Denied):
        make_schedule(cast, by=cast.alice)


def test_a_schedule_is_refused_with_what_is_wrong(cast: Cast) -> None:
    for over, field in (
        ({"makes": "request"}, "offering"), ({"requester": cast.charlie}, "requester"),
        ({"every": "weekly"}, "weekdays"), ({"checklist": []}, "checklist"), ({"zone": "Moon/Base"}, "zone"),
        ({"ends": date(2026, 2, 1)}, "ends"), ({"name_en": ""}, "name_en"), ({"day": 40}, "day"),
    ):  # fmt: skip
        with pytest.raises(ValidationError) as error:
            make_schedule(cast, **over)
        assert field in error.value.message_dict


def test_a_schedule_is_made_and_its_run_done_by_the_pages(cast: Cast, client_of: ClientOf) -> None:
    browser, agent = client_of(cast.mona), client_of(cast.alice)
    sent = {
        "name_en": "Patrol", "makes": "incident", "customer": cast.acme.pk, "requester": cast.rita.pk,
        "checklist": "Door | 门\nLamp", "every": "weekly", "weekdays": ["0", "2"], "day": "1", "at": "09:00",
        "zone": "Asia/Shanghai", "starts": "2026-03-01", "on_closed": "run", "catch_up": "once",
        "hours_to_finish": "24", "is_active": "on",
    }  # fmt: skip
    assert browser.post(reverse("automation:new-schedule"), {**sent, "weekdays": []}).status_code == 422
    made = browser.post(reverse("automation:new-schedule"), sent)
    assert made.status_code == 302
    schedule = Schedule.objects.get()
    assert schedule.checklist == [{"en": "Door", "zh": "门"}, {"en": "Lamp", "zh": ""}]
    assert browser.get(reverse("automation:edit-schedule", args=[schedule.pk])).status_code == 200
    extra = reverse("automation:extra", args=[schedule.pk])
    assert agent.post(extra, {"reason": ""}).status_code == 422
    assert agent.post(extra, {"reason": "After the storm"}).status_code == 302
    run = ScheduleRun.objects.get()
    assert "After the storm" in agent.get(schedule.get_absolute_url()).content.decode()
    assert agent.post(run.get_absolute_url(), {"outcome_1": "ok"}).status_code == 422
    answers = {"outcome_1": "ok", "outcome_2": "found", "note_2": "Broken"}
    assert agent.post(run.get_absolute_url(), answers).status_code == 302
    assert "Broken" in agent.get(run.get_absolute_url()).content.decode()
    found = agent.get(reverse("automation:runs") + "?view=found").content.decode()
    assert "After the storm" in found
    assert run.record is not None
    assert "Recurring work" in agent.get(run.record.get_absolute_url()).content.decode()
    assert agent.get(reverse("automation:schedules")).status_code == 200
