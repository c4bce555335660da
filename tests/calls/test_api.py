from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Grant, User
from calls import services
from calls.models import CallRecord, Hotline
from records.models import Activity, Record
from tests.api.conftest import Api, api, is_problem, number, refused
from tests.calls.conftest import RITA, Store
from tests.cast import Cast, make_incident

__all__ = ["api", "number"]
Ask = Callable[..., Api]
AT = "2026-03-02T10:00:00+08:00"
ANSWERED = "2026-03-02T02:00:12Z"


def told(**over: Any) -> dict[str, Any]:
    return {"hotline": "main", "number": RITA, "offered_at": AT, "reference": "pbx-1", **over}


@pytest.mark.req("SD-22")
def test_an_exchange_stores_a_call_with_everything_about_it(
    cast: Cast, api: Ask, hotline: Hotline, number: str
) -> None:
    answer = api(cast.robot).post("/calls/", told(
        branch="2", answered_at=ANSWERED, ended_at="2026-03-02T02:07:00Z", agent="alice",
        recording="rec/2026/03/02/7.wav", ticket=number,
    ))  # fmt: skip
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert answer["Location"] == body["url"]
    assert answer["ETag"] == '"v1"'
    assert (body["hotline"]["code"], body["branch"], body["direction"]["code"]) == ("main", "2", "in")
    assert (body["outcome"]["code"], body["agent"]["username"], body["ticket"]) == (
        "answered",
        "alice",
        number,
    )
    assert body["customer"]["code"] == "acme"
    assert body["recording"] == "rec/2026/03/02/7.wav"
    call = CallRecord.objects.get()
    assert call.answered_at == datetime(2026, 3, 2, 2, 0, 12, tzinfo=UTC)


def test_the_same_reference_is_the_same_call_and_completes_it(cast: Cast, api: Ask, hotline: Hotline) -> None:
    robot = api(cast.robot)
    assert robot.post("/calls/", told()).status_code == 201
    again = robot.post("/calls/", told())
    assert (again.status_code, again["ETag"]) == (200, '"v1"')
    later = robot.post("/calls/", told(answered_at=ANSWERED, agent="bob"))
    assert (later.status_code, later["ETag"]) == (200, '"v2"')
    assert (later.json()["outcome"]["code"], later.json()["agent"]["username"]) == ("answered", "bob")
    # what came first, come once more, takes nothing away
    assert robot.post("/calls/", told()).json()["outcome"]["code"] == "answered"
    assert CallRecord.objects.count() == 1


def test_a_reference_told_with_other_values_is_refused_and_names_the_call(
    cast: Cast, api: Ask, hotline: Hotline
) -> None:
    robot = api(cast.robot)
    known = robot.post("/calls/", told(answered_at=ANSWERED)).json()
    body = is_problem(robot.post("/calls/", told(number="13900000000")), 409, "duplicate")
    assert body["existing"] == {"id": known["id"], "url": known["url"]}
    assert "number" in body["detail"]
    is_problem(robot.post("/calls/", told(answered_at="2026-03-02T02:00:40Z")), 409, "duplicate")
    refused(robot.post("/calls/", told(abandoned_at="2026-03-02T02:00:40Z")), "abandoned_at")


def test_another_account_may_use_the_same_reference(cast: Cast, api: Ask, hotline: Hotline) -> None:
    assert api(cast.robot).post("/calls/", told()).status_code == 201
    assert api(cast.alice).post("/calls/", told()).status_code == 201
    assert CallRecord.objects.count() == 2


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"answered_at": ANSWERED, "abandoned_at": ANSWERED}, "abandoned_at"),
        ({"answered_at": "2026-03-02T01:59:59Z"}, "answered_at"),
        ({"ended_at": ANSWERED}, "ended_at"),
        ({"answered_at": ANSWERED, "ended_at": "2026-03-02T02:00:11Z"}, "ended_at"),
        ({"offered_at": "2999-01-01T00:00:00Z"}, "offered_at"),
        ({"hotline": "other"}, "hotline"),
        ({"branch": "9"}, "branch"),
        ({"ticket": "INC9999999"}, "ticket"),
        ({"agent": "rita"}, "agent"),
        ({"direction": "sideways"}, "direction"),
    ],
)
def test_what_no_call_can_be_is_refused_by_field(
    cast: Cast, api: Ask, hotline: Hotline, over: dict[str, Any], field: str
) -> None:
    refused(api(cast.robot).post("/calls/", told(**over)), field)
    assert not CallRecord.objects.exists()


def test_end_agent_and_ticket_are_added_on_the_version_that_was_read(
    cast: Cast, api: Ask, hotline: Hotline, number: str
) -> None:
    robot = api(cast.robot)
    url = robot.post("/calls/", told(answered_at=ANSWERED)).json()["url"]
    given = {"ended_at": "2026-03-02T02:05:00Z", "agent": "bob", "ticket": number}
    is_problem(robot.patch(url, given), 428, "precondition-required")
    done = robot.patch(url, given, If_Match='"v1"')
    assert (done.status_code, done["ETag"]) == (200, '"v2"')
    assert (done.json()["ticket"], done.json()["customer"]["code"]) == (number, "acme")
    is_problem(robot.patch(url, {"recording": "x"}, If_Match='"v1"'), 412, "stale")
    refused(robot.patch(url, {"number": "1"}, If_Match='"v2"'), "number")
    off = robot.patch(url, {"ticket": None}, If_Match='"v2"').json()
    assert (off["ticket"], off["customer"]) == (None, None)


def test_a_call_finds_the_one_person_with_its_number(cast: Cast, api: Ask, hotline: Hotline) -> None:
    User.objects.filter(pk=cast.rita.pk).update(phone="+86 512 62881234-801")
    robot = api(cast.robot)
    body = robot.post("/calls/", told()).json()
    assert (body["person"]["username"], body["customer"]["code"]) == ("rita", "acme")
    User.objects.filter(pk=cast.charlie.pk).update(phone="62881234")
    body = robot.post("/calls/", told(reference="pbx-2")).json()
    assert (body["person"], body["customer"]) == (None, None)


def test_the_ticket_knows_better_than_the_number(cast: Cast, api: Ask, hotline: Hotline, number: str) -> None:
    User.objects.filter(pk=cast.charlie.pk).update(phone=RITA)
    body = api(cast.robot).post("/calls/", told(ticket=number)).json()
    assert (body["person"], body["customer"]["code"]) == (None, "acme")


def test_the_list_is_narrowed_and_paged(cast: Cast, api: Ask, store: Store) -> None:
    incident = make_incident(cast)
    store(at=0, number=RITA, ticket=incident)
    store(at=1, answered=False, agent=None)
    store(at=2, direction="out", agent=cast.bob)
    robot = api(cast.robot)

    def found(query: str) -> int:
        answer = robot.get(f"/calls/?{query}")
        assert answer.status_code == 200, answer.content
        return len(answer.json()["results"])

    for query, count in (
        ("", 3), ("outcome=answered", 2), ("outcome=abandoned", 1), ("outcome=open", 0), ("agent=bob", 1),
        ("agent=none", 1), ("direction=out", 1), ("hotline=main", 3), ("number=%2B8651262881234", 1),
        (f"ticket={incident.number}", 1), ("customer=acme", 1), ("offered_after=2026-03-02T02:01:00Z", 2),
        ("offered_before=2026-03-02T02:01:00Z", 1), ("page_size=2", 2),
    ):  # fmt: skip
        assert found(query) == count, query
    refused(robot.get("/calls/?outcom=open"), "outcom")
    refused(robot.get("/calls/?outcome=gone"), "outcome")


def test_customers_learn_nothing_and_a_narrow_account_only_of_its_own(
    cast: Cast, api: Ask, store: Store, narrow: User
) -> None:
    acme = store(ticket=make_incident(cast))
    globex = store(at=1, ticket=make_incident(cast, customer=cast.globex, requester=cast.charlie))
    nobody = store(at=2)
    for person in (cast.rita, cast.carla, cast.charlie):
        is_problem(api(person).get("/calls/"), 403, "forbidden")
        is_problem(api(person).get(f"/calls/{acme.pk}/"), 403, "forbidden")
        is_problem(api(person).post("/calls/", told()), 403, "forbidden")
        is_problem(api(person).get("/hotlines/"), 403, "forbidden")
    nina = api(narrow)
    assert [row["id"] for row in nina.get("/calls/").json()["results"]] == [globex.pk]
    is_problem(nina.get(f"/calls/{acme.pk}/"), 404, "not-found")
    is_problem(nina.get(f"/calls/{nobody.pk}/"), 404, "not-found")
    refused(nina.post("/calls/", told(ticket=acme.ticket.number if acme.ticket else "")), "ticket")
    # she does not learn whose number it is, and sees what she stored
    User.objects.filter(pk=cast.rita.pk).update(phone=RITA)
    own = nina.post("/calls/", told()).json()
    assert (own["person"], own["customer"]) == (None, None)
    assert nina.get(own["url"]).status_code == 200


def test_hotlines_are_listed_with_their_menus(cast: Cast, api: Ask, hotline: Hotline) -> None:
    found = api(cast.robot).get("/hotlines/main/").json()
    assert (found["number"], found["goal"]) == ("400-820-8820", 90)
    assert [(row["code"], row["service"]["code"], row["team"]["code"]) for row in found["branches"]] == [
        ("2", "mail", "second")
    ]


def test_an_exchange_of_one_customer_is_a_narrow_account_too(cast: Cast, api: Ask, store: Store) -> None:
    Grant.objects.filter(user=cast.robot).update(organisation=cast.globex)
    store(ticket=make_incident(cast), at=int(timedelta(hours=1).total_seconds() / 60))
    assert api(User.objects.get(pk=cast.robot.pk)).get("/calls/").json()["results"] == []


@pytest.mark.req("SD-22")
def test_the_tickets_log_says_that_a_call_was_put_on_it_once(
    cast: Cast, api: Ask, hotline: Hotline, number: str
) -> None:
    robot = api(cast.robot)
    for _twice in range(2):
        robot.post("/calls/", told(ticket=number))
    ticket = Record.objects.get(number=number)
    said = Activity.objects.filter(record=ticket, verb="record.called")
    assert [(row.data["caller"], row.data["number"]) for row in said] == [(RITA, number)]
    other = make_incident(cast, title="The right one")
    call = CallRecord.objects.get()
    services.change(
        call, {"ticket": Record.objects.get(pk=other.pk)}, actor=cast.alice.actor, now=call.stored_at,
        expected_version=None,
    )  # fmt: skip
    assert Activity.objects.filter(record=ticket, verb="record.call_removed").count() == 1
    assert Activity.objects.filter(record=other.pk, verb="record.called").count() == 1
