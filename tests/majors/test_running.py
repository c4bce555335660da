"""A major incident under way stands above the queue and beside a ticket that is being logged."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.access import Role
from accounts.models import Grant
from incidents.models import Incident
from majors import running, services
from tests.cast import MONDAY, Cast, make_incident
from tests.majors.test_majors import declare


@pytest.mark.req("INC-07")
def test_it_stands_above_the_queue_until_it_is_over(
    cast: Cast, client_of: Any, django_assert_num_queries: Any
) -> None:
    major = declare(cast)
    alice: Client = client_of(cast.alice)
    assert reverse("majors:running") in alice.get(reverse("records:queue")).content.decode()
    assert major.number in alice.get(reverse("majors:running")).content.decode()
    with django_assert_num_queries(1):
        running.above_the_queue(cast.alice.actor, ())
    services.stand_down(major, note="Over.", actor=cast.bob.actor, now=MONDAY)
    assert major.number not in alice.get(reverse("majors:running")).content.decode()


def test_put_aside_it_is_gone_for_oneself_alone(cast: Cast, client_of: Any) -> None:
    major = declare(cast)
    alice, bob = client_of(cast.alice), client_of(cast.bob)
    url = reverse("majors:put-aside", args=[major.number])
    assert alice.post(url).status_code == 302
    assert major.number not in alice.get(reverse("majors:running")).content.decode()
    assert major.number in bob.get(reverse("majors:running")).content.decode()


def test_who_covers_other_customers_does_not_learn_of_it(cast: Cast, client_of: Any) -> None:
    major = declare(cast)
    Grant.objects.filter(user=cast.bob, role=Role.AGENT).update(organisation=cast.globex)
    assert major.number not in client_of(cast.bob).get(reverse("majors:running")).content.decode()


@pytest.mark.req("INC-21")
def test_a_report_of_its_service_is_offered_to_stand_behind_it(cast: Cast, client_of: Any) -> None:
    major = declare(cast)
    alice: Client = client_of(cast.alice)
    asked = {"service": cast.mail.pk, "requester": cast.charlie.pk}
    page = alice.get(reverse("majors:for-new"), asked).content.decode()
    assert major.cause.number in page
    assert major.number not in alice.get(reverse("majors:for-new"), {"service": 99}).content.decode()
    new = alice.get(reverse("incidents:new")).content.decode()
    assert reverse("majors:for-new") in new
    facts = {
        "requester": cast.charlie.pk, "title": "Mail is dead here too", "service": cast.mail.pk,
        "level": "22", "channel": "phone", "contact_type": "fault", "child_of": major.cause.number,
    }  # fmt: skip
    assert alice.post(reverse("incidents:new"), facts).status_code == 302
    child = Incident.objects.get(title="Mail is dead here too")
    assert child.parent_id == major.cause_id
    wrong = alice.post(reverse("incidents:new"), {**facts, "title": "x", "child_of": "INC9999999"})
    assert wrong.status_code == 422
    assert "INC9999999" in wrong.content.decode()


def test_a_parent_that_was_closed_meanwhile_logs_nothing(cast: Cast, client_of: Any) -> None:
    behind = make_incident(cast)
    parent = make_incident(cast, title="Behind another")
    Incident.objects.filter(pk=parent.pk).update(parent=behind)
    facts = {
        "requester": cast.rita.pk, "title": "Not logged", "service": cast.mail.pk, "level": "22",
        "channel": "phone", "contact_type": "fault", "child_of": parent.number,
    }  # fmt: skip
    assert client_of(cast.alice).post(reverse("incidents:new"), facts).status_code == 422
    assert not Incident.objects.filter(title="Not logged").exists()
