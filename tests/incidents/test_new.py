"""Logging an incident: what a call brings up, what is promised at once, and sending twice."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import IdempotencyKey
from cmdb.models import Item, ItemType
from incidents.models import Incident
from records.models import Attachment, Channel
from tests.cast import Cast, make_agreement, make_calendar, make_cast, make_incident

NEW = "/incidents/new/"
HOUR = timedelta(hours=1)


def call(cast: Cast, **over: Any) -> dict[str, Any]:
    """What a phone agent types."""
    return {
        "once": "abc",
        "customer": cast.acme.pk,
        "requester": cast.rita.pk,
        "title": "Printer is dead",
        "level": "22",
        "channel": "phone",
        "contact_type": "fault",
        **over,
    }


def errors_of(answer: Any) -> set[str]:
    return set(answer.context["form"].errors)


@pytest.mark.req("SD-01", "SD-02", "SD-03", "INC-03")
def test_a_call_becomes_a_ticket_with_everything_said(cast: Cast, alice: Client) -> None:
    printer = Item.objects.create(
        name="Printer 3", customer=cast.acme, type=ItemType.objects.create(code="printer", name_en="Printer")
    )
    words = {
        "description": "三楼打印机无法打印", "service": cast.mail.pk, "item": printer.pk, "level": "12",
        "channel": "wechat", "contact_type": "consultation", "category": "Hardware", "site": "Floor 3",
        "attachments": [SimpleUploadedFile("a.txt", b"a"), SimpleUploadedFile("b.txt", b"b")],
    }  # fmt: skip
    answer = alice.post(NEW, call(cast, **words))
    incident = Incident.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, incident.get_absolute_url())
    assert (incident.impact, incident.urgency, incident.priority) == (1, 2, 2)
    assert (incident.channel, incident.contact_type) == ("wechat", "consultation")
    assert (incident.item, incident.site, incident.category) == (printer, "Floor 3", "Hardware")
    assert (incident.owner, incident.team, incident.reporter) == (cast.alice, cast.desk, cast.rita)
    assert Attachment.objects.count() == 2


@pytest.mark.req("SD-02")
def test_the_ten_channels_are_offered_and_the_telephone_is_chosen(cast: Cast, alice: Client) -> None:
    form = alice.get(NEW).context["form"]
    assert {value for value, _label in form.fields["channel"].choices} == set(Channel.values)
    assert len(Channel.values) == 10
    assert form["channel"].value() == "phone"


def test_a_person_found_first_brings_the_customer_along(cast: Cast, alice: Client) -> None:
    assert alice.post(NEW, call(cast, customer="")).status_code == 302
    assert Incident.objects.get().customer == cast.acme
    shown = alice.get("/incidents/new/preview/", {"requester": cast.rita.pk})
    assert f'data-value="{cast.acme.pk}" data-text="Acme"' in shown.content.decode()


@pytest.mark.req("SD-15", "SD-16")
def test_logging_afterwards_for_somebody_else(cast: Cast, alice: Client) -> None:
    now = timezone.localtime(timezone=ZoneInfo("Asia/Shanghai")).replace(second=0, microsecond=0)
    words = {
        "reporter": cast.carla.pk, "occurred_at": (now - 5 * HOUR).strftime("%Y-%m-%dT%H:%M"),
        "is_solved": "on", "code": "solved", "steps": "Restarted it.",
        "restored_at": (now - 3 * HOUR).strftime("%Y-%m-%dT%H:%M"),
    }  # fmt: skip
    assert alice.post(NEW, call(cast, **words)).status_code == 302
    incident = Incident.objects.get()
    assert (incident.requester, incident.reporter) == (cast.rita, cast.carla)
    assert (incident.occurred_at, incident.restored_at) == (now - 5 * HOUR, now - 3 * HOUR)
    assert incident.activities.get(verb="incident.open").actor == cast.alice


@pytest.mark.req("SD-10", "INC-09")
def test_what_is_solved_during_the_call_is_logged_and_resolved_at_once(cast: Cast, alice: Client) -> None:
    refused = alice.post(NEW, call(cast, is_solved="on", code="solved", description="It hums."))
    assert refused.status_code == 422
    assert errors_of(refused) == {"steps"}
    assert "It hums." in refused.content.decode()
    assert not Incident.objects.exists()
    assert not IdempotencyKey.objects.exists()
    alice.post(NEW, call(cast, is_solved="on", code="solved", steps="Plugged it in."))
    incident = Incident.objects.get()
    assert (incident.state, incident.resolved_by, incident.resolved_tier) == ("resolved", cast.alice, "desk")


@pytest.mark.req("INC-02")
def test_the_priority_comes_from_the_customers_matrix_and_an_override_needs_a_reason(
    cast: Cast, alice: Client
) -> None:
    flat = {f"{i}{u}": 4 for i in (1, 2, 3) for u in (1, 2, 3)}
    make_agreement(make_calendar("always"), cast.globex, matrix={**flat, "22": 1})
    alice.post(NEW, call(cast, customer=cast.globex.pk, requester=cast.charlie.pk))
    assert Incident.objects.get().priority == 1
    refused = alice.post(NEW, call(cast, priority=1))
    assert errors_of(refused) == {"priority_reason"}
    alice.post(NEW, call(cast, priority=1, priority_reason="The board waits."))
    assert Incident.objects.order_by("pk").last().priority == 1


@pytest.mark.req("SD-04", "INC-02")
def test_the_preview_says_what_will_be_promised(cast: Cast, alice: Client) -> None:
    asked: dict[str, Any] = {"customer": cast.acme.pk, "level": "11", "service": cast.mail.pk}
    shown = alice.get("/incidents/new/preview/", asked)
    assert shown.context["badge"]["label"] == "Critical"
    assert [p.metric for p in shown.context["promises"]] == ["first_response", "next_update", "resolution"]
    assert all(p.due_at > timezone.now() for p in shown.context["promises"])
    assert 'id="matrix-33"' in shown.content.decode()
    make_incident(cast)
    caller = alice.get("/incidents/new/preview/", {"requester": cast.rita.pk})
    assert "Cannot send mail" in caller.content.decode()
    nothing = alice.get("/incidents/new/preview/", {"customer": "x", "level": "99", "requester": "-1"})
    assert nothing.status_code == 200
    assert nothing.context["promises"] == []


def test_sending_the_form_twice_opens_one_ticket(cast: Cast, alice: Client) -> None:
    first = alice.post(NEW, call(cast))
    second = alice.post(NEW, call(cast))
    assert first.headers["Location"] == second.headers["Location"]
    assert Incident.objects.count() == 1
    # the next caller, typed over the same form after going back, is a new ticket
    third = alice.post(NEW, call(cast, title="Another call"))
    assert third.headers["Location"] != first.headers["Location"]
    assert Incident.objects.count() == 2


@pytest.mark.parametrize(
    ("over", "wrong"),
    [
        ({"requester": ""}, {"requester"}),
        ({"title": "  "}, {"title"}),
        ({"title": "x" * 201}, {"title"}),
        ({"description": "x" * 50_001}, {"description"}),
        ({"category": "x" * 101}, {"category"}),
        ({"channel": "pigeon"}, {"channel"}),
        ({"contact_type": ""}, {"contact_type"}),
        ({"level": "44"}, {"level"}),
        ({"priority": "0"}, {"priority"}),
        ({"occurred_at": "yesterday"}, {"occurred_at"}),
        ({"occurred_at": "2099-01-01T00:00"}, {"occurred_at"}),
        ({"customer": "99999999"}, {"customer"}),
        ({"service": "99999999999999999999"}, {"service"}),
        ({"title": "nul \x00"}, {"title"}),
    ],
)
def test_what_is_wrong_is_said_in_its_place_and_nothing_is_lost(
    cast: Cast, alice: Client, over: dict[str, str], wrong: set[str]
) -> None:
    answer = alice.post(NEW, {**call(cast), "site": "Floor 3", **over})
    assert answer.status_code == 422
    assert errors_of(answer) == wrong
    assert 'value="Floor 3"' in answer.content.decode()
    assert not Incident.objects.exists()


def test_another_organisations_person_or_item_is_refused(
    cast: Cast, alice: Client, client_of: Callable[[Any], Client]
) -> None:
    foreign = Item.objects.create(
        name="Secret", customer=cast.globex, type=ItemType.objects.create(code="server", name_en="Server")
    )
    assert errors_of(alice.post(NEW, call(cast, requester=cast.charlie.pk))) == {"requester"}
    assert errors_of(alice.post(NEW, call(cast, item=foreign.pk))) == {"item"}
    assert errors_of(alice.post(NEW, call(cast, requester=cast.bob.pk))) == {"requester"}
    cast.bob.grants.update(organisation=cast.acme)
    bob = client_of(cast.bob)
    answer = bob.post(NEW, call(cast, customer=cast.globex.pk, requester=cast.charlie.pk))
    assert errors_of(answer) == {"customer", "requester"}
    assert "Charlie" not in answer.content.decode()
    shown = bob.get("/incidents/new/preview/", {"requester": cast.charlie.pk})
    assert "Charlie" not in shown.content.decode()
    assert not Incident.objects.exists()


def test_a_hostile_file_saves_nothing(cast: Cast, alice: Client) -> None:
    answer = alice.post(NEW, call(cast, attachments=SimpleUploadedFile("x.exe", b"MZ")))
    assert answer.status_code == 422
    assert errors_of(answer) == {"attachments"}
    assert not Incident.objects.exists()
    assert not IdempotencyKey.objects.exists()


def test_the_form_takes_few_queries(cast: Cast, alice: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert alice.get(NEW).status_code == 200
    assert len(queries) <= 8, len(queries)


@pytest.mark.django_db(transaction=True)
def test_a_double_click_that_arrives_twice_at_once_opens_one_ticket(
    client_of: Callable[[Any], Client],
) -> None:
    cast = make_cast()
    start, places = Barrier(2), []

    def send() -> None:
        client = client_of(cast.alice)
        start.wait()
        places.append(client.post(NEW, call(cast)).headers["Location"])
        connection.close()

    threads = [Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(places) == 2
    assert len(set(places)) == Incident.objects.count() == 1
