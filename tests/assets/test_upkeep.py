"""Maintenance plans: due checks become tasks once, results are recorded, the next one follows (CMDB-08)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied
from actions.models import Action
from assets import register, upkeep
from assets.models import Check, MaintenancePlan
from assets.tasks import look_after
from assets.upkeep import Result
from tests.assets.making import TODAY, make_asset, make_plan, make_type
from tests.cast import MONDAY, Cast

FINE = [Result(True), Result(True)]


@pytest.mark.req("CMDB-08")
def test_due_checks_become_tasks_of_whoever_is_responsible_once(cast: Cast) -> None:
    old = make_asset(cast, "IT-1", received_on=date(2025, 1, 31))
    new = make_asset(cast, "IT-2")
    make_asset(cast, "IT-3", received_on=None)  # not there yet
    make_asset(cast, "IT-4", device_class=make_type("printer"))  # of a class without a plan
    make_plan(cast)
    assert upkeep.work_off(now=MONDAY) == (2, 1)
    assert upkeep.work_off(now=MONDAY) == (0, 0)
    due = {check.asset: check for check in Check.objects.select_related("asset", "action")}
    assert set(due) == {old, new}
    assert (due[old].due_on, due[new].due_on) == (TODAY, date(2026, 6, 2))
    task = due[old].action
    assert task is not None
    assert due[new].action is None
    assert (task.assignee, task.due_on, task.customer) == (cast.alice, TODAY, cast.acme)
    assert "Battery · 电池" in task.description
    near = MONDAY + timedelta(days=86)  # a week before the second check
    assert upkeep.work_off(now=near - timedelta(days=2)) == (0, 0)
    assert upkeep.work_off(now=near) == (0, 1)
    assert Action.objects.count() == 2


@pytest.mark.req("CMDB-08")
def test_recorded_results_finish_the_task_and_the_next_check_follows_an_interval_later(cast: Cast) -> None:
    asset = make_asset(cast, received_on=date(2025, 1, 31))
    make_plan(cast)
    look_after()
    upkeep.work_off(now=MONDAY)
    check = Check.objects.get()
    with pytest.raises(Denied):
        upkeep.record(check, FINE, done_on=TODAY, conclusion="", actor=cast.sven.actor, now=MONDAY)
    # bob is of the plan's team: he takes over alice's task and does it
    found = [Result(True), Result(False, "Rattles, to be replaced")]
    upkeep.record(check, found, done_on=TODAY, conclusion="New fan ordered", actor=cast.bob.actor, now=MONDAY)
    check.refresh_from_db()
    assert (check.state, check.has_findings, check.done_by) == ("done", True, cast.bob)
    assert check.next_on == date(2026, 6, 2)
    assert [line["note"] for line in check.results] == ["", "Rattles, to be replaced"]
    task = Action.objects.get()
    assert (task.state, task.assignee) == ("done", cast.bob)
    following = Check.objects.get(state="open")
    assert (following.asset, following.due_on, following.action) == (asset, date(2026, 6, 2), None)
    assert asset.entries.filter(verb="check_done").count() == 1
    with pytest.raises(register.Stale):
        upkeep.record(check, FINE, done_on=TODAY, conclusion="", actor=cast.bob.actor, now=MONDAY)


@pytest.mark.req("CMDB-08")
def test_what_is_not_done_in_time_is_overdue(cast: Cast) -> None:
    make_asset(cast, received_on=date(2025, 1, 31))
    make_plan(cast)
    upkeep.work_off(now=MONDAY)
    assert not upkeep.overdue(Check.objects.all(), TODAY)
    assert upkeep.overdue(Check.objects.all(), TODAY + timedelta(days=1)).count() == 1
    assert Check.objects.get().is_overdue(TODAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("results", "over", "field"),
    [
        ([Result(True)], {}, "results"),
        ([Result(True), Result(False)], {}, "results"),
        (FINE, {"done_on": TODAY + timedelta(days=1)}, "done_on"),
        (FINE, {"next_on": TODAY}, "next_on"),
    ],
)
def test_half_recorded_results_are_refused(
    cast: Cast, results: list[Result], over: dict[str, Any], field: str
) -> None:
    make_asset(cast, received_on=date(2025, 1, 31))
    make_plan(cast)
    upkeep.work_off(now=MONDAY)
    facts: dict[str, Any] = {"done_on": TODAY, "conclusion": "", **over}
    with pytest.raises(ValidationError) as refused:
        upkeep.record(Check.objects.get(), results, actor=cast.alice.actor, now=MONDAY, **facts)
    assert field in refused.value.message_dict
    assert Check.objects.get().state == "open"


def test_a_check_that_is_left_out_calls_its_task_off(cast: Cast) -> None:
    make_asset(cast, received_on=date(2025, 1, 31))
    make_plan(cast)
    upkeep.work_off(now=MONDAY)
    check = Check.objects.get()
    with pytest.raises(Denied):
        upkeep.skip(check, reason="Away", actor=cast.alice.actor, now=MONDAY)
    upkeep.skip(check, reason="Lent for a fair", actor=cast.mona.actor, now=MONDAY)
    assert Action.objects.get().state == "cancelled"
    assert Check.objects.get(state="open").due_on == date(2026, 6, 2)


def test_another_interval_counts_the_checks_to_come_anew(cast: Cast) -> None:
    make_asset(cast, received_on=TODAY)
    plan = make_plan(cast)
    upkeep.work_off(now=MONDAY)
    upkeep.save_plan(
        plan, {"every": 10, "unit": "days"}, actor=cast.mona.actor, now=MONDAY, expected_version=1
    )
    upkeep.work_off(now=MONDAY)
    assert Check.objects.get().due_on == TODAY + timedelta(days=10)
    with pytest.raises(register.Stale):
        upkeep.save_plan(plan, {"every": 9}, actor=cast.mona.actor, now=MONDAY, expected_version=1)


def test_what_is_disposed_of_is_checked_no_more(cast: Cast) -> None:
    asset = make_asset(cast, received_on=date(2025, 1, 31))
    make_plan(cast)
    upkeep.work_off(now=MONDAY)
    upkeep.give_up(asset, now=MONDAY)
    assert Check.objects.get().state == "skipped"
    assert Action.objects.get().state == "cancelled"


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"checklist": []}, "checklist"),
        ({"checklist": [{"en": ""}]}, "checklist"),
        ({"checklist": ["Battery"]}, "checklist"),
        ({"every": 0}, "every"),
        ({"every": 9999}, "every"),
        ({"team": None, "person": None}, "team"),
        ({"name_en": " "}, "name_en"),
        ({"lead_days": 400}, "lead_days"),
    ],
)
def test_a_plan_that_could_not_work_is_refused(cast: Cast, over: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        make_plan(cast, **over)
    assert field in refused.value.message_dict


def test_a_device_class_has_one_plan_in_force_made_by_a_leader(cast: Cast) -> None:
    make_plan(cast)
    with pytest.raises(ValidationError) as refused:
        make_plan(cast)
    assert "device_class" in refused.value.message_dict
    make_plan(cast, is_active=False)
    with pytest.raises(Denied):
        upkeep.save_plan(None, {"name_en": "x"}, actor=cast.alice.actor, now=MONDAY)
    assert MaintenancePlan.objects.count() == 2


def test_a_plan_without_a_person_is_the_team_leads_work(cast: Cast) -> None:
    cast.desk.memberships.filter(user=cast.bob).update(is_lead=True)
    plan = make_plan(cast, person=None)
    assert upkeep.responsible_for(plan) == cast.bob


def test_a_hundred_assets_are_planned_with_few_queries(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    for n in range(30):
        make_asset(cast, f"IT-{n}")
    make_plan(cast)
    with django_assert_max_num_queries(8):
        assert upkeep.plan_checks() == 30
