"""Approval in stages: who is asked, who may answer, what follows, and the link of the mail."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.access import Role
from accounts.models import Membership, User
from fulfilment import approvals, links, offerings
from fulfilment.models import Approval, Offering, ServiceRequest, UsedLink
from records.models import Activity, Delivery, Record
from tests.cast import MONDAY, Cast, make_cast, make_user
from tests.fulfilment.orders import make_offering, make_request

ClientOf = Callable[[Any], Client]
CONTACT = {"kind": "customer_manager"}
LEAD = {"kind": "team_lead", "code": "desk"}


def stage(name: str, rule: str, *parties: dict[str, str]) -> dict[str, Any]:
    return {"name": {"en": name, "zh": name}, "rule": rule, "parties": list(parties)}


def approval_of(request: ServiceRequest, person: User) -> Approval:
    return Approval.objects.get(stage__request=request.pk, person=person, stage__state="open")


def say(request: ServiceRequest, person: User, result: str = "approved", comment: str = "") -> None:
    approvals.decide(
        approval_of(request, person), result=result, comment=comment, actor=person.actor, now=MONDAY
    )


def state(request: ServiceRequest) -> str:
    return str(ServiceRequest.objects.get(pk=request.pk).state)


@pytest.mark.req("REQ-14")
def test_a_data_change_waits_for_the_customers_authorised_person(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="customer's contact"):
        make_offering(cast, "data", kind=Offering.Kind.CHANGE)
    Offering.objects.all().delete()
    offering = make_offering(cast, "data", kind=Offering.Kind.CHANGE, stages=[stage("Owner", "any", CONTACT)])
    request = make_request(cast, offering)
    assert (request.state, request.phase, request.waiting_for) == ("approval", "waiting", "approval")
    assert [row.person for row in Approval.objects.waiting()] == [cast.carla]
    say(request, cast.carla)
    assert state(request) == "submitted"
    verbs = list(Activity.objects.filter(record=request.pk).order_by("pk").values_list("verb", flat=True))
    assert verbs == [
        "request.open", "request.ask_approval", "request.approval_asked", "request.approved_stage",
        "request.release",
    ]  # fmt: skip


def test_stages_come_one_after_the_other_and_all_of_a_stage_must_agree(cast: Cast) -> None:
    Membership.objects.filter(user=cast.alice).update(is_lead=True)
    Membership.objects.filter(user=cast.bob).update(is_lead=True)
    offering = make_offering(cast, stages=[stage("Customer", "any", CONTACT), stage("Desk", "all", LEAD)])
    request = make_request(cast, offering)
    assert Approval.objects.waiting().count() == 1
    say(request, cast.carla)
    assert {row.person for row in Approval.objects.waiting()} == {cast.alice, cast.bob}
    say(request, cast.alice)
    assert state(request) == "approval"
    say(request, cast.bob)
    assert state(request) == "submitted"


def test_a_rejection_needs_a_reason_and_ends_it(cast: Cast) -> None:
    request = make_request(cast, make_offering(cast, stages=[stage("Owner", "any", CONTACT)]))
    with pytest.raises(ValidationError) as refused:
        say(request, cast.carla, "rejected", " ")
    assert "comment" in refused.value.message_dict
    say(request, cast.carla, "rejected", "Too dear.")
    assert state(request) == "rejected"
    assert Activity.objects.get(record=request.pk, verb="request.reject").text == "Too dear."


def test_nobody_approves_his_own_request(cast: Cast) -> None:
    offering = make_offering(cast, stages=[stage("Owner", "any", CONTACT)])
    request = make_request(cast, offering, requester=cast.carla, actor=cast.carla.actor)
    assert not Approval.objects.waiting().exists()
    assert Activity.objects.filter(record=request.pk, verb="request.approval_orphaned").exists()
    waiting = request.stages.get()
    with pytest.raises(ValidationError, match="own request"):
        approvals.name_approver(waiting, person=cast.carla, actor=cast.mona.actor, now=MONDAY)
    with pytest.raises(ValidationError):
        approvals.name_approver(waiting, person=cast.charlie, actor=cast.mona.actor, now=MONDAY)
    approvals.name_approver(waiting, person=cast.rita, actor=cast.mona.actor, now=MONDAY)
    say(request, cast.rita)
    assert state(request) == "submitted"


def test_who_ordered_for_a_colleague_does_not_approve_it_either(cast: Cast) -> None:
    second = make_user("cora", cast.acme, Role.CUSTOMER_MANAGER)
    offering = make_offering(cast, stages=[stage("Owner", "any", CONTACT)])
    request = make_request(cast, offering, reporter=cast.carla, actor=cast.carla.actor)
    assert [row.person for row in Approval.objects.waiting()] == [second]
    assert request.requester == cast.rita


def test_who_is_away_lets_a_colleague_decide(cast: Cast) -> None:
    walter = make_user("walter", cast.acme, Role.CUSTOMER)
    request = make_request(cast, make_offering(cast, stages=[stage("Owner", "all", CONTACT)]))
    approvals.hand_over(approval_of(request, cast.carla), person=walter, actor=cast.carla.actor, now=MONDAY)
    assert Record.objects.visible_to(walter.actor).filter(pk=request.pk).exists()
    with pytest.raises(ValidationError, match="already"):
        say(request, cast.carla)
    say(request, walter)
    assert state(request) == "submitted"


def test_only_who_was_asked_may_answer(cast: Cast, client_of: ClientOf) -> None:
    request = make_request(cast, make_offering(cast, stages=[stage("Owner", "any", CONTACT)]))
    mine = approval_of(request, cast.carla)
    url = reverse("fulfilment:approval", args=[mine.pk])
    for person in (cast.rita, cast.charlie, cast.alice):
        with pytest.raises(ValidationError, match="not asked"):
            approvals.decide(mine, result="approved", comment="", actor=cast.rita.actor, now=MONDAY)
        assert client_of(person).get(url).status_code == 404
        assert client_of(person).post(url, {"result": "approved"}).status_code == 404
    carla = client_of(cast.carla)
    assert request.title in carla.get(reverse("fulfilment:approvals")).content.decode()
    assert carla.post(url, {"result": "rejected"}).status_code == 422
    assert carla.post(url, {"result": "approved"}).status_code == 302
    assert carla.post(url, {"result": "approved"}).status_code == 422
    assert state(request) == "submitted"


def test_who_waits_is_reminded_once_a_day(cast: Cast) -> None:
    request = make_request(cast, make_offering(cast, stages=[stage("Owner", "any", CONTACT)]))
    hours = [23, 25, 26, 50]
    assert [approvals.remind(now=MONDAY + timedelta(hours=h)) for h in hours] == [0, 1, 0, 1]
    told = Activity.objects.filter(record=request.pk, verb="request.approval_reminded")
    assert Delivery.objects.filter(activity__in=told, recipient=cast.carla, channel="email").count() == 2


# --- the link ---------------------------------------------------------------------------------


def link_in_the_mail(request: ServiceRequest) -> str:
    from channels.email import build

    asked = Activity.objects.get(record=request.pk, verb="request.approval_asked")
    mail = build(Delivery.objects.get(activity=asked, channel="email"))
    line = next(line for line in str(mail.body).splitlines() if "/approve/" in line)
    return line[line.index("/approve/") :]


def test_the_mail_brings_a_link_that_decides_without_login_and_once(cast: Cast) -> None:
    with time_machine.travel(MONDAY, tick=False):
        request = make_request(cast, make_offering(cast, stages=[stage("Owner", "any", CONTACT)]))
        url, stranger = link_in_the_mail(request), Client()
        looked = stranger.get(url)
        assert looked.status_code == 200
        assert request.title in looked.content.decode()
        assert "no-store" in looked.headers["Cache-Control"]
        assert state(request) == "approval"  # looking decides nothing
        assert stranger.post(url, {"result": "rejected"}).status_code == 422
        assert stranger.post(url, {"result": "approved"}).status_code == 200
        assert state(request) == "submitted"
        again = stranger.post(url, {"result": "rejected", "comment": "no"})
        assert again.status_code == 410
        assert "works once only" in again.content.decode()
        assert stranger.get(url).status_code == 410
    assert Approval.objects.get().is_by_link
    assert UsedLink.objects.count() == 1


def test_a_wrong_an_expired_and_a_lost_link_say_so(cast: Cast) -> None:
    with time_machine.travel(MONDAY, tick=False) as clock:
        request = make_request(cast, make_offering(cast, stages=[stage("Owner", "any", CONTACT)]))
        url = link_in_the_mail(request)
        assert "not one of ours" in Client().get(url[:-3] + "/").content.decode()
        clock.shift(timedelta(days=15))
        assert "expired" in Client().get(url).content.decode()
        fresh = reverse("fulfilment:link", args=[links.made_for(approval_of(request, cast.carla))])
        assert Client().get(fresh).status_code == 200
        User.objects.filter(pk=cast.carla.pk).update(is_active=False)
        gone = Client().post(fresh, {"result": "approved"})
        assert gone.status_code == 410
        assert state(request) == "approval"


def test_a_link_dies_with_the_decision_of_another(cast: Cast) -> None:
    make_user("cora", cast.acme, Role.CUSTOMER_MANAGER)
    with time_machine.travel(MONDAY, tick=False):
        request = make_request(cast, make_offering(cast, stages=[stage("Owner", "any", CONTACT)]))
        token = links.made_for(approval_of(request, cast.carla))
        say(request, User.objects.get(username="cora"))
        with pytest.raises(links.Refused, match="no longer yours"):
            links.decide(token, result="rejected", comment="late", now=MONDAY)
    assert state(request) == "submitted"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_the_same_moment_one_comes_first() -> None:
    cast = make_cast()
    cora = make_user("cora", cast.acme, Role.CUSTOMER_MANAGER)
    request = make_request(cast, make_offering(cast, stages=[stage("Owner", "any", CONTACT)]))
    start, outcomes = Barrier(2), []

    def answer(person: User, result: str) -> None:
        try:
            mine = approval_of(request, person)
            start.wait(10)
            approvals.decide(mine, result=result, comment="why", actor=person.actor, now=MONDAY)
            outcomes.append(result)
        except ValidationError:
            outcomes.append("late")
        finally:
            connection.close()

    people = ((cast.carla, "approved"), (cora, "rejected"))
    threads = [Thread(target=answer, args=each) for each in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert outcomes.count("late") == 1
    winner = next(outcome for outcome in outcomes if outcome != "late")
    assert state(request) == {"approved": "submitted", "rejected": "rejected"}[winner]
    ends = Activity.objects.filter(record=request.pk, verb__in=["request.release", "request.reject"])
    assert ends.count() == 1


def test_an_access_request_needs_an_authorisation(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="authorises"):
        make_offering(cast, "vpn-access", kind=Offering.Kind.ACCESS)
    lost = make_offering(cast, stages=[stage("Owner", "any", CONTACT)])
    someone = stage("Lead", "any", {"kind": "user", "code": "nobody"})
    changed = lost.drafted.parse({**lost.drafted.dump(), "stages": [someone]})
    offerings.redraft(lost, lambda draft: changed, actor=cast.mona.actor, now=MONDAY)
    with pytest.raises(ValidationError, match="nobody"):
        offerings.publish(lost, reason="", actor=cast.mona.actor, now=MONDAY)
