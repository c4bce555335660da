"""Several contacts about one failure: children behind one parent (SD-31)."""

from datetime import timedelta
from threading import Event, Thread
from time import sleep
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse

from incidents import family, services
from incidents.models import Incident
from records import changes
from records.lifecycle import IllegalMove
from records.models import Activity, Delivery
from records.services import begin
from tests.cast import MONDAY, Cast, make_incident

HOUR = timedelta(hours=1)


def act_url(incident: Incident, act: str) -> str:
    return reverse("incidents:act", args=[incident.number, act])


def fresh(incident: Incident) -> Incident:
    found: Incident = Incident.objects.get(pk=incident.pk)
    return found


@pytest.fixture
def parent(cast: Cast) -> Incident:
    return make_incident(cast, title="Mail is down for all")


@pytest.fixture
def child(cast: Cast, parent: Incident) -> Incident:
    made = make_incident(cast, title="No mail on my telephone", requester=cast.carla)
    return family.attach(made, parent=parent, actor=cast.alice.actor, now=MONDAY)


@pytest.mark.req("SD-31")
def test_the_solution_of_the_parent_is_the_childrens_and_every_reporter_is_told(
    cast: Cast, parent: Incident, child: Incident
) -> None:
    services.resolve(
        parent, code="solved", steps="Restarted the gateway.", actor=cast.bob.actor, now=MONDAY + HOUR
    )
    solved = fresh(child)
    assert (solved.state, solved.resolution, solved.resolution_code) == (
        "resolved", "Restarted the gateway.", "solved",
    )  # fmt: skip
    told = Delivery.objects.filter(
        activity__verb="incident.resolve", channel="in_app", recipient__in=[cast.rita, cast.carla]
    )
    assert set(told.values_list("recipient__username", "activity__record")) >= {
        ("rita", parent.pk), ("carla", child.pk),
    }  # fmt: skip


@pytest.mark.req("SD-31")
def test_a_child_stands_still(cast: Cast, parent: Incident, child: Incident) -> None:
    for verb in (services.start, services.resume):
        with pytest.raises((ValidationError, IllegalMove)):
            verb(child, actor=cast.alice.actor, now=MONDAY + HOUR)
    with pytest.raises(ValidationError, match=parent.number):
        services.resolve(child, code="solved", steps="x", actor=cast.alice.actor, now=MONDAY + HOUR)
    assert fresh(child).state == "new"


@pytest.mark.parametrize("who", ["child", "parent"])
def test_one_level_and_no_circles(cast: Cast, parent: Incident, child: Incident, who: str) -> None:
    third = make_incident(cast)
    pair = (third, child) if who == "child" else (parent, third)
    with pytest.raises(ValidationError):
        family.attach(pair[0], parent=pair[1], actor=cast.alice.actor, now=MONDAY)
    with pytest.raises(ValidationError):
        family.attach(parent, parent=child, actor=cast.alice.actor, now=MONDAY)
    with pytest.raises(ValidationError):
        family.attach(third, parent=third, actor=cast.alice.actor, now=MONDAY)


def test_attaching_twice_is_attaching_once(cast: Cast, parent: Incident, child: Incident) -> None:
    family.attach(child, parent=parent, actor=cast.alice.actor, now=MONDAY + HOUR)
    assert Activity.objects.filter(record=child.pk, verb="incident.attach").count() == 1


def test_a_detached_child_goes_its_own_way(cast: Cast, parent: Incident, child: Incident) -> None:
    free = family.detach(child, actor=cast.alice.actor, now=MONDAY + HOUR)
    assert free.parent is None
    services.resolve(parent, code="solved", steps="Done.", actor=cast.alice.actor, now=MONDAY + HOUR)
    assert fresh(child).state == "new"


def test_a_parent_that_is_given_up_lets_its_children_go(
    cast: Cast, parent: Incident, child: Incident
) -> None:
    services.cancel(parent, reason="Logged twice.", actor=cast.alice.actor, now=MONDAY + HOUR)
    assert fresh(child).parent is None


def test_reopening_the_parent_reopens_what_was_solved_with_it(
    cast: Cast, parent: Incident, child: Incident
) -> None:
    solved = services.resolve(parent, code="solved", steps="Done.", actor=cast.alice.actor, now=MONDAY)
    services.reopen(solved, reason="Down again.", actor=cast.rita.actor, now=MONDAY + HOUR)
    assert fresh(child).state == "in_progress"
    assert fresh(child).reopen_count == 1


def test_a_child_that_its_reporter_reopens_leaves_its_parent(
    cast: Cast, parent: Incident, child: Incident
) -> None:
    services.resolve(parent, code="solved", steps="Done.", actor=cast.alice.actor, now=MONDAY)
    services.reopen(fresh(child), reason="Not for me.", actor=cast.carla.actor, now=MONDAY + HOUR)
    assert (fresh(child).parent, fresh(child).state) == (None, "in_progress")
    assert fresh(parent).state == "resolved"


def test_across_customers_no_log_names_the_other_ones_ticket(cast: Cast, parent: Incident) -> None:
    theirs = make_incident(cast, customer=cast.globex, requester=cast.charlie)
    family.attach(theirs, parent=parent, actor=cast.alice.actor, now=MONDAY)
    for record, other in ((theirs, parent), (parent, theirs)):
        data = Activity.objects.get(record=record.pk, verb__in=["incident.attach", "incident.adopt"]).data
        assert other.number not in str(data)


def test_an_agent_attaches_several_at_once_and_sees_them(cast: Cast, alice: Client, parent: Incident) -> None:
    others = [make_incident(cast, title=f"Me too {n}") for n in range(3)]
    numbers = ", ".join(each.number for each in others)
    answer = alice.post(act_url(parent, "adopt"), {"children": numbers, "version": fresh(parent).version})
    assert answer.status_code == 302
    page = alice.get(parent.get_absolute_url()).content.decode()
    assert all(each.number in page for each in others)
    beside = alice.get(others[0].get_absolute_url()).content.decode()
    assert "It stands still behind" in beside
    assert parent.number in beside
    assert "Start work" not in beside


def test_an_unknown_number_or_another_customers_is_refused_in_words(
    cast: Cast, alice: Client, parent: Incident
) -> None:
    answer = alice.post(act_url(parent, "adopt"), {"children": "INC9999999", "version": parent.version})
    assert answer.status_code == 422
    assert "INC9999999" in answer.content.decode()


def test_customers_cannot_attach(cast: Cast, client_of, parent: Incident) -> None:
    other = make_incident(cast)
    answer = client_of(cast.rita).post(act_url(other, "attach"), {"parent": parent.number, "version": 1})
    assert answer.status_code == 403
    assert fresh(other).parent is None


@pytest.mark.django_db(transaction=True)
def test_who_attaches_on_the_page_and_in_bulk_at_once_do_not_wait_for_each_other(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent, child = make_incident(cast), make_incident(cast)
    bulk = changes.get("incident.attach")
    assert bulk
    in_line, errors, ordinary = Event(), list[Exception](), begin

    def slowly(*args: Any, **kwargs: Any) -> Any:
        in_line.set()
        sleep(0.3)  # the page has the parent; now the bulk edit comes
        return ordinary(*args, **kwargs)

    def by_page() -> None:
        try:
            family.attach(child, parent=parent, actor=cast.alice.actor, now=MONDAY)
        except Exception as error:  # noqa: BLE001 - told below
            errors.append(error)
        finally:
            connection.close()

    monkeypatch.setattr(family, "begin", slowly)
    page = Thread(target=by_page)
    page.start()
    assert in_line.wait(5)
    with pytest.raises(ValidationError):  # it stands behind that ticket already
        bulk.apply(child, parent.number, actor=cast.bob.actor, now=MONDAY)
    page.join(10)
    assert errors == []
    assert fresh(child).parent_id == parent.pk
