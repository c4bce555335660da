import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from calls.models import CallRecord, Hotline
from calls.rate import Question
from customers.figures import Span
from customers.models import ContactPerson
from incidents.models import Incident
from tests.calls.conftest import RITA, Store
from tests.cast import MONDAY, Cast, make_incident

Log = Callable[[Any], Client]
MARCH = "first=2026-03-02&last=2026-03-02"
DAY = Span(MONDAY.date(), MONDAY.date())


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.req("SD-23")
def test_the_answer_rate_is_its_list_by_hotline_and_agent(
    cast: Cast, client_of: Log, store: Store, hotline: Hotline
) -> None:
    other = Hotline.objects.create(code="vip", name_en="VIP line", number="400-111-2222", goal=50)
    for n in range(8):
        store(at=n)
    store(at=10, answered=False)
    store(at=11, answered=False, agent=None)
    store(at=12, hotline=other, agent=cast.bob)
    store(at=13, hotline=other, agent=cast.bob, answered=False)
    store(at=14, answered=False, direction="out")  # what we dial is not offered to us
    CallRecord.objects.create(hotline=hotline, offered_at=MONDAY, stored_by=cast.robot, stored_at=MONDAY)
    asked = Question(cast.mona.actor, DAY)
    assert (asked.rate().answered, asked.rate().total, asked.rate().percent) == (9, 12, 75.0)
    assert asked.rate().goal is None  # the two hotlines have goals of their own
    rates = {row.code: rate for row, rate in asked.by_hotline()}
    assert (rates["main"].percent, rates["main"].goal, rates["main"].tone) == (80.0, 90, "bad")
    assert (rates["vip"].percent, rates["vip"].goal, rates["vip"].tone) == (50.0, 50, "good")
    agents = {user and user.username: (rate.answered, rate.total) for user, rate in asked.by_agent()}
    assert agents == {"alice": (8, 9), "bob": (1, 2), None: (0, 1)}
    for row, rate in asked.by_hotline():
        narrowed = asked.of(hotline=row)
        assert (narrowed.rows("answered").count(), narrowed.rows("decided").count()) == (
            rate.answered,
            rate.total,
        )
    for part, count in asked.counts().items():
        assert asked.rows(part).count() == count
    page = text_of(client_of(cast.mona).get(f"/calls/?{MARCH}&hotline=main&part=abandoned"))
    assert re.search(r"data-rate>80\.0 %", page)
    assert "8 of 10 incoming calls" in page
    assert page.count("<tr data-row>") == 2


def test_without_calls_there_is_no_rate(cast: Cast, client_of: Log, hotline: Hotline) -> None:
    page = text_of(client_of(cast.alice).get(f"/calls/?{MARCH}"))
    assert "No data" in page
    assert "data-rate" not in page
    assert Question(cast.alice.actor, DAY).rate().percent is None


def test_a_rate_just_short_of_its_goal_does_not_read_like_it(store: Store, cast: Cast) -> None:
    for n in range(1, 90):
        store(at=n)
    for n in range(90, 100):
        store(at=n, answered=False)
    rate = Question(cast.alice.actor, DAY).rate()
    assert (rate.answered, rate.total, rate.percent, rate.tone) == (89, 99, 89.8, "bad")


def test_strange_words_in_the_address_are_not_asked(cast: Cast, client_of: Log, store: Store) -> None:
    store()
    alice = client_of(cast.alice)
    for query in ("first=x&last=y", "agent=%D9%A3", "agent=abc", "hotline=%00", "part=zzz", "page=-1"):
        assert alice.get(f"/calls/?{query}").status_code == 200, query
    for query in ("number=%00", "call=99999999999999999999", "hotline=nix&branch=%00", "number=abc"):
        assert alice.get(f"/calls/pop/?{query}").status_code == 200, query
        assert alice.get(f"/calls/ticket/?{query}&requester=abc&customer=-1").status_code == 200, query


@pytest.mark.req("SD-22")
def test_an_agent_logs_a_call_by_hand_once(cast: Cast, client_of: Log, hotline: Hotline) -> None:
    ticket = make_incident(cast)
    alice = client_of(cast.alice)
    given = {
        "once": "abc", "hotline": hotline.pk, "branch": hotline.branches.get().pk, "direction": "in",
        "number": RITA, "offered_at": "2026-03-02T10:00", "outcome": "answered", "minutes": 6,
        "recording": "tape 7", "ticket": ticket.number.lower(),
    }  # fmt: skip
    for _repeat in range(2):
        assert alice.post("/calls/new/", given).status_code == 302
    call = CallRecord.objects.get()
    assert (call.agent, call.ticket_id, call.outcome) == (cast.alice, ticket.pk, "answered")
    assert call.answered_at is not None
    assert call.ended_at is not None
    assert (call.ended_at - call.answered_at).total_seconds() == 360
    assert "tape 7" in text_of(alice.get(ticket.get_absolute_url()))
    assert "tape 7" in text_of(alice.get(call.get_absolute_url()))
    assert alice.post("/calls/new/", {**given, "once": "b", "ticket": "INC1"}).status_code == 422
    assert (
        alice.post("/calls/new/", {**given, "once": "b", "offered_at": "2999-01-01T10:00"}).status_code == 422
    )
    assert alice.post("/calls/new/", {**given, "minutes": 7}).status_code == 422
    assert CallRecord.objects.count() == 1


def test_a_call_is_put_on_a_ticket_the_agent_sees(
    cast: Cast, client_of: Log, store: Store, narrow: User
) -> None:
    call, ticket = store(), make_incident(cast)
    assert client_of(narrow).get(call.get_absolute_url()).status_code == 404
    alice = client_of(cast.alice)
    assert alice.post(call.get_absolute_url(), {"ticket": "INC0"}).status_code == 422
    assert alice.post(call.get_absolute_url(), {"ticket": ticket.number}).status_code == 302
    call.refresh_from_db()
    assert (call.ticket_id, call.customer_id, call.version) == (ticket.pk, cast.acme.pk, 2)
    nina = client_of(narrow)
    assert nina.get(call.get_absolute_url()).status_code == 404
    assert f"/calls/{call.pk}/" not in text_of(nina.get(f"/calls/?{MARCH}"))
    assert Question(narrow.actor, DAY).counts()["all"] == 0


@pytest.mark.req("SD-24")
def test_a_ringing_telephone_shows_the_caller_and_a_ticket_filled_in(
    cast: Cast, client_of: Log, hotline: Hotline, store: Store
) -> None:
    User.objects.filter(pk=cast.rita.pk).update(phone="+86 (512) 6288-1234 ext. 801")
    ticket = make_incident(cast)
    call = store(number=RITA, branch=hotline.branches.get())
    alice = client_of(cast.alice)
    page = text_of(alice.get(f"/calls/pop/?number=051262881234&hotline=4008208820&branch=2&call={call.pk}"))
    assert "Rita" in page
    assert ticket.number in page
    assert "Charlie" not in page
    url = re.search(r'href="(/calls/ticket/\?[^"]+)"', page)
    assert url
    address = url.group(1).replace("&amp;", "&")
    form = alice.get(address).context["form"]
    chosen = {name: form[name].value() for name in ("customer", "requester", "service", "team", "channel")}
    assert chosen == {
        "customer": cast.acme.pk, "requester": cast.rita.pk, "service": cast.mail.pk, "team": cast.second.pk,
        "channel": "phone",
    }  # fmt: skip
    assert alice.post(address, {}).status_code == 422
    sent = {**chosen, "title": "No mail", "level": "22", "contact_type": "fault", "once": "k1"}
    answer = alice.post(address, sent)
    assert answer.status_code == 302, form_errors(answer)
    made = Incident.objects.get(title="No mail")
    assert (made.team, made.service, made.channel) == (cast.second, cast.mail, "phone")
    call.refresh_from_db()
    assert call.ticket_id == made.pk
    assert alice.post(address, sent).status_code == 302
    assert Incident.objects.filter(title="No mail").count() == 1


def form_errors(answer: Any) -> Any:
    return answer.context and answer.context["form"].errors


def test_a_branch_goes_before_its_hotline(cast: Cast, client_of: Log, hotline: Hotline) -> None:
    hotline.team = cast.desk
    hotline.save()
    alice = client_of(cast.alice)
    form = alice.get("/calls/ticket/?hotline=main").context["form"]
    assert (form["service"].value(), form["team"].value()) == (None, cast.desk.pk)
    form = alice.get("/calls/ticket/?hotline=main&branch=2").context["form"]
    assert (form["service"].value(), form["team"].value()) == (cast.mail.pk, cast.second.pk)


def test_an_unknown_number_asks_who_it_is(cast: Cast, client_of: Log, hotline: Hotline) -> None:
    page = text_of(client_of(cast.alice).get("/calls/pop/?number=13911112222&hotline=main"))
    assert "Nobody you work for has this number." in page
    assert 'name="requester"' in page


def test_a_contact_person_without_account_brings_the_customer(
    cast: Cast, client_of: Log, hotline: Hotline
) -> None:
    ContactPerson.objects.create(
        customer=cast.acme, name="Wang Wei", level="operation", phone="139 1111 2222"
    )
    alice = client_of(cast.alice)
    page = text_of(alice.get("/calls/pop/?number=%2B8613911112222"))
    assert "Wang Wei" in page
    assert f"customer={cast.acme.pk}" in page


def test_nobody_sees_callers_of_customers_he_does_not_work_for(
    cast: Cast, client_of: Log, hotline: Hotline, narrow: User
) -> None:
    User.objects.filter(pk=cast.rita.pk).update(phone=RITA)
    ContactPerson.objects.create(customer=cast.acme, name="Wang Wei", level="operation", phone=RITA)
    page = text_of(client_of(narrow).get("/calls/pop/?number=051262881234"))
    assert "Nobody you work for has this number." in page
    assert "Rita" not in page
    assert "Wang Wei" not in page
    form = client_of(narrow).get(f"/calls/ticket/?requester={cast.rita.pk}").context["form"]
    assert form["requester"].value() is None
    for person in (cast.rita, cast.carla, cast.charlie):
        for path in ("/calls/", "/calls/pop/?number=051262881234", "/calls/new/", "/calls/ticket/"):
            assert client_of(person).get(path).status_code == 302, path


def test_customers_do_not_see_the_calls_of_their_ticket(cast: Cast, client_of: Log, store: Store) -> None:
    ticket = make_incident(cast)
    store(ticket=ticket, recording="tape 9")
    answer = client_of(cast.rita).get(reverse("portal:detail", args=[ticket.number]))
    assert answer.status_code == 200
    assert "tape 9" not in text_of(answer)


@pytest.mark.parametrize(
    "wrong",
    [{"answered_at": MONDAY, "abandoned_at": MONDAY}, {"ended_at": MONDAY}, {"stored_by_reference": "twice"}],
)
def test_the_database_itself_refuses_what_no_call_can_be(
    cast: Cast, hotline: Hotline, wrong: dict[str, Any]
) -> None:
    facts = {"hotline": hotline, "offered_at": MONDAY, "stored_by": cast.robot, "stored_at": MONDAY}
    if reference := wrong.get("stored_by_reference"):
        CallRecord.objects.create(**facts, reference=reference)
        wrong = {"reference": reference}
    with pytest.raises(IntegrityError), transaction.atomic():
        CallRecord.objects.create(**facts, **wrong)
    assert CallRecord.objects.filter(**wrong).count() == (1 if "reference" in wrong else 0)


def test_a_list_of_calls_asks_as_often_for_one_as_for_many(
    cast: Cast, client_of: Log, store: Store, django_assert_max_num_queries: Any
) -> None:
    ticket = make_incident(cast)
    for n in range(30):
        store(at=n, ticket=ticket, number=RITA)
    alice = client_of(cast.alice)
    alice.get("/calls/")
    with django_assert_max_num_queries(25):
        page = text_of(alice.get(f"/calls/?{MARCH}"))
    assert page.count("<tr data-row>") == 30
