"""Tasks in steps, quotations, access rights, and quantities done against planned."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.access import Denied
from fulfilment import approvals, attainment, charging, rights, services, work
from fulfilment.charging import Line
from fulfilment.models import AccessRight, Approval, Offering, ServiceRequest, Task
from records.models import Activity, Delivery
from tests.cast import MONDAY, Cast, make_cast
from tests.fulfilment.orders import make_offering, make_request

ClientOf = Callable[[Any], Client]
DAY = MONDAY.date()
CONTACT = {
    "name": {"en": "Contact", "zh": "联系人"},
    "rule": "any",
    "parties": [{"kind": "customer_manager"}],
}


def by(user: Any) -> dict[str, Any]:
    return {"actor": user.actor, "now": MONDAY}


def task(title: str, order: int, team: str = "") -> dict[str, Any]:
    return {"title": {"en": title, "zh": title}, "order": order, "team": team}


def states(request: ServiceRequest) -> dict[str, str]:
    return {row.title_en: row.state for row in Task.objects.filter(request=request.pk)}


def one(request: ServiceRequest, title: str) -> Task:
    return Task.objects.get(request=request.pk, title_en=title)


def started(cast: Cast) -> ServiceRequest:
    tasks = [task("Buy", 1), task("Prepare", 1, "second"), task("Deliver", 2)]
    return services.start(make_request(cast, make_offering(cast, tasks=tasks)), **by(cast.alice))


def test_tasks_of_a_step_stand_side_by_side_and_the_next_step_follows(cast: Cast) -> None:
    request = started(cast)
    assert states(request) == {"Buy": "ready", "Prepare": "ready", "Deliver": "pending"}
    assert one(request, "Prepare").team == cast.second
    assert Delivery.objects.filter(recipient=cast.sven, activity__verb="request.task_ready").exists()
    with pytest.raises(ValidationError, match="comes later"):
        work.finish(one(request, "Deliver"), result="x", **by(cast.alice))
    work.start(one(request, "Buy"), **by(cast.alice))
    work.finish(one(request, "Buy"), result="Bought.", **by(cast.alice))
    assert states(request)["Deliver"] == "pending"
    work.finish(one(request, "Prepare"), result="Nothing to do.", is_needed=False, **by(cast.sven))
    assert states(request) == {"Buy": "done", "Prepare": "skipped", "Deliver": "ready"}
    with pytest.raises(ValidationError, match="done already"):
        work.finish(one(request, "Buy"), result="again", **by(cast.alice))


def test_nothing_is_fulfilled_while_tasks_are_open(cast: Cast) -> None:
    request = started(cast)
    with pytest.raises(ValidationError, match="Buy"):
        services.fulfil(request, outcome="Done.", **by(cast.alice))
    for title in ("Buy", "Prepare", "Deliver"):
        work.finish(one(request, title), result="Done.", **by(cast.alice))
    assert services.fulfil(request, outcome="Done.", **by(cast.alice)).state == "fulfilled"


@pytest.mark.django_db(transaction=True)
def test_two_who_end_the_last_tasks_of_a_step_open_the_next_one_once() -> None:
    cast = make_cast()
    request = started(cast)
    start = Barrier(2)

    def end(title: str, user: Any) -> None:
        mine = one(request, title)
        start.wait(10)
        work.finish(mine, result="Done.", **by(user))
        connection.close()

    threads = [Thread(target=end, args=each) for each in (("Buy", cast.alice), ("Prepare", cast.sven))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert states(request)["Deliver"] == "ready"
    opened = Activity.objects.filter(record=request.pk, verb="request.task_ready", data__task__en="Deliver")
    assert opened.count() == 1


def test_tasks_are_listed_begun_and_ended_on_pages_of_the_desk_only(cast: Cast, client_of: ClientOf) -> None:
    request = started(cast)
    sven, prepare = client_of(cast.sven), one(request, "Prepare")
    page = sven.get(reverse("fulfilment:tasks")).content.decode()
    assert "Prepare" in page
    assert "Buy" not in page
    url = reverse("fulfilment:task-act", args=[prepare.pk, "finish"])
    assert sven.post(url, {"result": ""}).status_code == 422
    assert sven.post(url, {"result": "Installed."}).status_code == 302
    assert states(request)["Prepare"] == "done"
    shown = client_of(cast.rita).get(reverse("portal:detail", args=[request.number])).content.decode()
    assert "1 of 3 done" in shown
    for person in (cast.rita, cast.charlie):
        assert client_of(person).get(reverse("fulfilment:task", args=[prepare.pk])).status_code == 302
        assert client_of(person).post(url, {"result": "x"}).status_code == 403


# --- quotation -------------------------------------------------------------------------------


def quoted(cast: Cast, request: ServiceRequest, price: int = 500) -> ServiceRequest:
    lines = [
        Line("labour", "", Decimal(2), Decimal(300)), Line("parts", "Battery", Decimal(1), Decimal(price)),
        Line("travel", "", Decimal(1), Decimal(0)),
    ]  # fmt: skip
    return charging.quote(
        request, lines, currency="CNY", valid_until=DAY + timedelta(days=7), note="", **by(cast.alice)
    )


@pytest.mark.req("REQ-15")
def test_charged_work_begins_after_the_customers_contact_accepted_the_quotation(cast: Cast) -> None:
    request = make_request(cast)
    with pytest.raises(ValidationError, match="chargeable first"):
        quoted(cast, request)
    charging.charge(request, why="Outside the warranty", **by(cast.alice))
    with pytest.raises(ValidationError, match="accept a quotation"):
        services.start(request, **by(cast.alice))
    request = quoted(cast, request)
    assert (request.state, request.waiting_for) == ("offered", "acceptance")
    offered = request.quotations.get()
    assert (offered.words, [line["amount"] for line in offered.lines]) == (
        "CNY 1,100.00",
        ["600.00", "500.00"],
    )
    for person in (cast.rita, cast.charlie):
        with pytest.raises(Denied):
            charging.accept(offered, **by(person))
    charging.accept(offered, **by(cast.carla))
    request.refresh_from_db()
    assert request.state == "submitted"
    with pytest.raises(ValidationError, match="any more"):
        charging.decline(offered, reason="too late", **by(cast.carla))
    assert services.start(request, **by(cast.alice)).state == "in_fulfilment"


@pytest.mark.req("REQ-15")
def test_a_declined_quotation_ends_the_request_with_the_reason(cast: Cast, client_of: ClientOf) -> None:
    request = quoted(cast, make_request(cast, make_offering(cast, is_chargeable=True)))
    request = quoted(cast, request, price=900)
    first, last = request.quotations.order_by("pk")
    assert (first.state, last.state) == ("replaced", "sent")

    def url(pk: int, act: str) -> str:
        return reverse("portal:quotation", args=[request.number, pk, act])

    carla = client_of(cast.carla)
    page = carla.get(reverse("portal:detail", args=[request.number])).content.decode()
    assert "CNY 1,500.00" in page
    assert "Accept the quotation" in page
    assert client_of(cast.charlie).post(url(last.pk, "accept")).status_code == 404
    assert client_of(cast.rita).post(url(last.pk, "accept")).status_code == 403
    carla.post(url(first.pk, "accept"))
    carla.post(url(last.pk, "decline"), {"reason": ""})
    request.refresh_from_db()
    assert request.state == "offered"
    carla.post(url(last.pk, "decline"), {"reason": "Too dear."})
    carla.post(url(last.pk, "accept"))
    request.refresh_from_db()
    assert request.state == "rejected"
    assert Activity.objects.get(record=request.pk, verb="request.decline_quote").text == "Too dear."


def test_an_expired_quotation_is_not_accepted(cast: Cast) -> None:
    request = quoted(cast, make_request(cast, make_offering(cast, is_chargeable=True)))
    with pytest.raises(ValidationError, match="no longer valid"):
        charging.accept(request.quotations.get(), actor=cast.carla.actor, now=MONDAY + timedelta(days=8))


# --- access ----------------------------------------------------------------------------------


@pytest.mark.req("REQ-10")
def test_access_is_granted_after_identity_and_authorisation_and_withdrawn(
    cast: Cast, client_of: ClientOf
) -> None:
    offering = make_offering(cast, kind=Offering.Kind.ACCESS, stages=[CONTACT])
    request = make_request(cast, offering)
    asked = Approval.objects.get()
    approvals.decide(asked, result="approved", comment="", **by(cast.carla))
    request = services.start(ServiceRequest.objects.get(), **by(cast.alice))
    period: dict[str, Any] = {"valid_from": DAY, "valid_until": DAY + timedelta(days=20)}
    with pytest.raises(ValidationError, match="who the person is"):
        rights.grant(request, right="VPN", **period, **by(cast.alice))
    rights.check_identity(request, how="Called back", **by(cast.alice))
    with pytest.raises(ValidationError, match="right was granted"):
        services.fulfil(request, outcome="Done.", **by(cast.alice))
    right = rights.grant(request, right="VPN", **period, **by(cast.alice))
    assert (right.person, right.authorised_by, right.identity_by) == (cast.rita, cast.carla, cast.alice)
    assert services.fulfil(request, outcome="Done.", **by(cast.alice)).state == "fulfilled"
    assert list(AccessRight.objects.in_force(DAY + timedelta(days=20))) == [right]
    assert list(AccessRight.objects.to_withdraw(DAY + timedelta(days=21))) == [right]
    page = client_of(cast.alice).get(reverse("fulfilment:rights"), {"show": "over"})
    assert "VPN" in page.content.decode()
    rights.withdraw(right, reason="Left the company", **by(cast.alice))
    again = rights.withdraw(right, reason="twice", **by(cast.bob))
    assert (again.withdrawal_reason, again.withdrawn_by) == ("Left the company", cast.alice)
    assert not AccessRight.objects.in_force(DAY).exists()
    assert client_of(cast.charlie).post(
        reverse("fulfilment:right-withdraw", args=[right.pk]), {"reason": "x"}
    ).status_code == 403  # fmt: skip


# --- quantities ------------------------------------------------------------------------------


@pytest.mark.req("REQ-19")
def test_quantity_done_is_held_against_the_plan_of_the_month(cast: Cast, client_of: ClientOf) -> None:
    offering = make_offering(cast)
    request = services.start(make_request(cast, offering, quantity=3), **by(cast.alice))
    services.fulfil(request, outcome="There.", **by(cast.alice))
    mona = client_of(cast.mona)
    url = reverse("fulfilment:attainment-plan", args=["chair"])
    assert mona.post(url, {"month": "2026-03", "quantity": "4"}).status_code == 302
    assert client_of(cast.alice).post(url, {"month": "2026-03", "quantity": "9"}).status_code == 403
    (group,) = attainment.of_month(cast.mona.actor, date(2026, 3, 1))
    assert (group.planned, group.done, group.share) == (4, 3, 75)
    assert "75 %" in mona.get(reverse("fulfilment:attainment"), {"month": "2026-03"}).content.decode()
    (other,) = attainment.of_month(cast.mona.actor, date(2026, 4, 1))
    assert (other.done, other.share) == (0, None)
