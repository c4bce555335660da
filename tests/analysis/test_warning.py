"""A rule that finds a reason warns once: whom it concerns, in words, until the reason is gone."""

import html
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.access import Denied
from accounts.models import Grant
from accounts.roles import Role
from actions.models import Action
from analysis import tasks, warning
from analysis.asking import figure_of
from analysis.models import Cause, Rule, Warned
from kpis import closing, engine
from kpis.models import Measurement
from records.models import Delivery
from tests.analysis.made import measured, this_month
from tests.analysis.test_pages import shown
from tests.cast import Cast, make_user

pytestmark = pytest.mark.django_db
SHARE = "P12.R1.K1"


def watch(cast: Cast, figure: str = SHARE, **over: Any) -> Rule:
    facts: dict[str, Any] = {
        "customer": None, "span_kind": "month", "better": 1, "forecast": True, "row": 3, "limits": True,
        "responsible": None, "is_active": True, "actor": cast.mona.actor, **over,
    }  # fmt: skip
    return warning.set_rule(figure_of(figure), **facts)


def judged(rule: Rule, cast: Cast) -> dict[str, Any]:
    found = warning.judge(rule, actor=cast.system, now=timezone.now())
    assert found
    return found.reasons


def goal(cast: Cast, value: int, floor: int) -> None:
    kpi = engine.get(SHARE)
    assert kpi
    closing.weigh(
        kpi, since=datetime(2016, 1, 1, tzinfo=UTC).date(), weight=Decimal(1), goal=Decimal(value),
        floor=Decimal(floor), points=Decimal(1), actor=cast.mona.actor, now=timezone.now(),
    )  # fmt: skip


# --- judging --------------------------------------------------------------------------------------


@pytest.mark.req("RPT-08")
def test_a_goal_that_will_be_missed_is_a_reason_before_it_is(cast: Cast) -> None:
    goal(cast, 90, 50)
    measured(SHARE, [99, 98, 96, 95, 94, 92, 91])
    reasons = judged(watch(cast, row=0, limits=False), cast)
    assert set(reasons) == {Cause.FORECAST}
    assert reasons[Cause.FORECAST]["number"] == 91  # still met
    assert reasons[Cause.FORECAST]["expected"] < 90
    Measurement.objects.all().delete()
    measured(SHARE, [91, 92, 94, 95, 96, 98, 99])
    assert judged(Rule.objects.get(), cast) == {}


@pytest.mark.req("RPT-08")
def test_worse_several_times_in_a_row_is_a_reason(cast: Cast) -> None:
    measured(SHARE, [90, 99, 98, 97, 96])
    rule = watch(cast, forecast=False, limits=False)
    assert judged(rule, cast)[Cause.ROW]["times"] == 3
    rule.row = 4
    assert judged(rule, cast) == {}
    rule.row, rule.better = 3, -1
    assert judged(rule, cast) == {}


@pytest.mark.req("RPT-08")
def test_leaving_the_usual_limits_is_a_reason(cast: Cast) -> None:
    measured(SHARE, [90, 92, 91, 89, 90, 92, 91, 90, 70])
    rule = watch(cast, forecast=False, row=0)
    assert set(judged(rule, cast)) == {Cause.LIMITS}
    Measurement.objects.all().delete()
    measured(SHARE, [90, 92, 91, 89, 90, 92, 91, 90, 89])
    assert judged(rule, cast) == {}


def test_without_a_final_figure_of_the_last_span_nothing_is_judged(cast: Cast) -> None:
    rule = watch(cast)
    assert warning.judge(rule, actor=cast.system, now=timezone.now()) is None
    measured(SHARE, [99, 98, 97, 96, None])
    assert warning.judge(rule, actor=cast.system, now=timezone.now()) is None
    measured(SHARE, [20], last=this_month())  # not over: it is not judged either
    assert warning.judge(rule, actor=cast.system, now=timezone.now()) is None


# --- telling --------------------------------------------------------------------------------------


@pytest.mark.req("RPT-08")
def test_a_reason_is_told_once_to_who_is_responsible_and_who_checks(cast: Cast) -> None:
    closing.name_checkers(
        figure_of(SHARE).kpi.entry.checker.en, [cast.alice.pk, cast.bob.pk], actor=cast.mona.actor
    )
    measured(SHARE, [90, 99, 98, 97, 96])
    watch(cast, responsible=cast.bob)
    assert tasks.watch() == 1
    assert tasks.watch() == 0
    warned = Warned.objects.get()
    action = Action.objects.get()
    assert (warned.action, action.assignee, warned.cause) == (action, cast.bob, Cause.ROW)
    assert "Worse several times in a row" in action.title
    assert "连续" in action.title or " · " in action.title
    assert "96 % now, worse 3 times in a row." in action.description
    told = Delivery.objects.filter(channel=Delivery.Channel.IN_APP).values_list("recipient", "activity__verb")
    assert set(told) == {(cast.bob.pk, "action.open"), (cast.alice.pk, "analysis.warned")}


@pytest.mark.req("RPT-08")
def test_a_warning_is_over_when_its_reason_is_gone_and_may_come_again(cast: Cast) -> None:
    measured(SHARE, [90, 99, 98, 97, 96])
    rule = watch(cast)
    now = timezone.now().replace(microsecond=0)
    assert warning.watch(now=now) == 1
    Measurement.objects.all().delete()
    measured(SHARE, [90, 99, 98, 97, 98])
    assert warning.watch(now=now) == 0
    assert Warned.objects.get().ended_at == now
    Measurement.objects.all().delete()
    measured(SHARE, [90, 99, 98, 97, 96])
    assert warning.watch(now=now) == 0  # this span was warned of
    Warned.objects.update(first=this_month().moved(-3).first)
    assert warning.watch(now=now) == 1
    assert Warned.objects.filter(rule=rule, ended_at=None).count() == 1
    Rule.objects.update(is_active=False)
    assert warning.watch(now=now) == 0
    assert not Warned.objects.filter(ended_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_judge_at_once_warn_once(cast: Cast) -> None:
    measured(SHARE, [90, 99, 98, 97, 96])
    watch(cast)
    now = timezone.now().replace(microsecond=0)
    gate, raised = Barrier(2), list[int]()

    def press() -> None:
        try:
            gate.wait(5)
            raised.append(warning.watch(now=now))
        finally:
            connection.close()

    threads = [Thread(target=press) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(raised) == [0, 1]
    assert Warned.objects.count() == Action.objects.count() == 1


def test_a_customers_warning_is_for_who_covers_it(cast: Cast, client: Client) -> None:
    for customer in (cast.acme, cast.globex):
        measured(SHARE, [90, 99, 98, 97, 96], customer=customer.pk)
        watch(cast, customer=customer.pk)
    assert warning.watch(now=timezone.now().replace(microsecond=0)) == 2
    scoped = make_user("max", cast.provider)
    Grant.objects.create(user=scoped, role=Role.MANAGER, organisation=cast.acme)
    assert [each.rule.customer for each in warning.warnings(scoped.actor)] == [cast.acme]
    client.force_login(scoped)
    assert "Globex" not in shown(client, "/analysis/warnings/")
    globex = Rule.objects.get(customer=cast.globex)
    assert client.get(f"/analysis/warnings/rules/{globex.pk}/").status_code in (403, 404)
    for person in (cast.alice, cast.carla, cast.robot):
        with pytest.raises(Denied):
            warning.warnings(person.actor)
    client.force_login(cast.carla)
    action = Action.objects.get(customer=cast.globex)
    assert client.get(action.get_absolute_url()).status_code != 200


# --- rules and pages ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"forecast": False, "row": 0, "limits": False}, "forecast"), ({"row": 1}, "row"),
        ({"figure": "X99"}, ""),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_refused(cast: Cast, over: dict[str, Any], field: str) -> None:
    if not field:
        with pytest.raises(Exception, match="no such indicator"):
            watch(cast, **over)
        return
    with pytest.raises(ValidationError) as refused:
        watch(cast, **over)
    assert set(refused.value.message_dict) == {field}


def test_one_figure_is_watched_once(cast: Cast) -> None:
    watch(cast)
    with pytest.raises(ValidationError, match="already"):
        watch(cast)
    watch(cast, span_kind="week")
    with pytest.raises(Denied):
        watch(cast, actor=cast.alice.actor, span_kind="year")


def test_rules_are_made_and_changed_on_pages(cast: Cast, client: Client) -> None:
    client.force_login(cast.mona)
    assert "Nothing is watched yet" in shown(client, "/analysis/warnings/")
    shown(client, "/analysis/warnings/rules/new/", figure=SHARE)
    facts = {
        "figure": SHARE, "span_kind": "month", "customer": "", "better": "1", "forecast": "on", "row": "3",
        "limits": "on", "responsible": cast.alice.pk, "is_active": "on",
    }  # fmt: skip
    assert client.post("/analysis/warnings/rules/new/", facts).status_code == 302
    again = client.post("/analysis/warnings/rules/new/", facts)
    assert again.status_code == 422
    assert "There is a rule for this figure" in html.unescape(again.content.decode())
    rule = Rule.objects.get()
    address = f"/analysis/warnings/rules/{rule.pk}/"
    shown(client, address)
    assert client.post(address, {**facts, "row": "1"}).status_code == 422
    assert client.post(address, {**facts, "row": "5", "limits": ""}).status_code == 302
    rule.refresh_from_db()
    assert (rule.row, rule.limits, rule.responsible) == (5, False, cast.alice)
    page = shown(client, "/analysis/warnings/")
    assert "No warning" in page
    assert "worse 5 times in a row" in page


def test_the_page_of_warnings_says_what_and_why(cast: Cast, client: Client) -> None:
    measured(SHARE, [90, 99, 98, 97, 96])
    watch(cast)
    warning.watch(now=timezone.now().replace(microsecond=0))
    client.force_login(cast.mona)
    page = shown(client, "/analysis/warnings/")
    assert "96 % now, worse 3 times in a row." in page
    assert Action.objects.get().number in page
    assert "None so far." in shown(client, "/analysis/warnings/", past=1)
    Warned.objects.update(ended_at=timezone.now() + timedelta(seconds=1))
    assert "96 % now" in shown(client, "/analysis/warnings/", past=1)
