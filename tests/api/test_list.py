"""Listing, filtering and searching incidents."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import incidents.services
from incidents.models import Incident
from tests.api.conftest import Api, refused
from tests.cast import MONDAY, Cast, make_incident

Make = Callable[..., Api]
# token, roles, teams of the asker; the page itself
LIST_QUERIES = 4


def titles(api: Api, query: str = "") -> list[str]:
    answer = api.get(f"/incidents/{query}")
    assert answer.status_code == 200, answer.content
    return [row["title"] for row in answer.json()["results"]]


@pytest.fixture
def some(cast: Cast) -> dict[str, Incident]:
    """Four incidents: two of Acme, one of Globex, one resolved."""
    hour = timedelta(hours=1)
    found = {
        "mail": make_incident(cast, title="mail", impact=1, urgency=1),
        "print": make_incident(
            cast,
            title="print",
            description="三楼打印机无法打印",
            service=None,
            now=MONDAY + hour,
            requester=cast.carla,
            channel="wechat",
            assignee=cast.bob,
            team=cast.desk,
            external_reference="X-1",
            source="robot",
        ),
        "globex": make_incident(
            cast,
            title="globex",
            customer=cast.globex,
            requester=cast.charlie,
            now=MONDAY + 2 * hour,
            actor=cast.robot.actor,
            team=cast.second,
            contact_type="complaint",
        ),
        "solved": make_incident(cast, title="solved", now=MONDAY + 3 * hour, impact=3, urgency=3),
    }
    incidents.services.resolve(
        found["solved"], code="solved", steps="Restarted.", actor=cast.alice.actor, now=MONDAY + 4 * hour
    )
    return found


@pytest.mark.req("PLT-04")
def test_newest_first_in_an_envelope_with_links(cast: Cast, api: Make, some: dict[str, Incident]) -> None:
    body = api(cast.alice).get("/incidents/").json()
    assert [*body] == ["next", "previous", "results"]
    assert [row["title"] for row in body["results"]] == ["solved", "globex", "print", "mail"]
    assert (body["next"], body["previous"]) == (None, None)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=new", "globex print mail"),
        ("state=resolved,closed", "solved"),
        ("state=new&state=resolved&ordering=opened_at", "mail print globex solved"),
        ("phase=done", "solved"),
        ("open=true", "globex print mail"),
        ("open=false", "solved"),
        ("priority=1", "mail"),
        ("priority=1,4", "solved mail"),
        ("impact=3", "solved"),
        ("urgency=1", "mail"),
        ("team=second", "globex"),
        ("team=desk,second&open=true", "globex print mail"),
        ("assignee=bob", "print"),
        ("assignee=none", "solved globex mail"),
        ("assignee=me", ""),
        ("owner=me", "solved print mail"),
        ("requester=carla", "print"),
        ("customer=globex", "globex"),
        ("customer=acme", "solved print mail"),
        ("service=none", "print"),
        ("service=mail", "solved globex mail"),
        ("channel=wechat", "print"),
        ("contact_type=complaint", "globex"),
        ("opened_after=2026-03-02T04:00:00Z", "solved globex"),
        ("opened_before=2026-03-02T12:00:00%2B08:00", "print mail"),
        ("opened_before=2026-03-02T12:00:00+08:00", "print mail"),
        ("updated_after=2026-03-02T06:00:00Z", "solved"),
        ("updated_before=2026-03-02T06:00:00Z", "globex print mail"),
        ("due_before=2026-03-02T03:59:59Z", ""),
        ("due_before=2026-03-02T06:30:00Z", "print mail"),
        ("external_reference=X-1&source=robot", "print"),
        ("external_reference=x", ""),
        ("q=打印机", "print"),
        ("q=outbox&priority=1", "mail"),
        ("q=elephant", ""),
        ("number=inc", ""),
    ],
)
def test_filters_narrow(cast: Cast, api: Make, some: dict[str, Incident], query: str, found: str) -> None:
    shown = titles(api(cast.alice), f"?{query}")
    assert shown == found.split() or (query.startswith("due") and sorted(shown) == sorted(found.split()))


def test_one_is_found_by_number_and_the_missed_ones_by_their_clocks(
    cast: Cast, api: Make, some: dict[str, Incident]
) -> None:
    assert titles(api(cast.alice), f"?number={some['print'].number.lower()}") == ["print"]
    # their times ran out long before today
    assert titles(api(cast.alice), "?breached=true") == ["globex", "print", "mail"]
    assert titles(api(cast.alice), "?breached=false") == ["solved"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=gone", "state"),
        ("priority=9", "priority"),
        ("priority=high", "priority"),
        ("team=none-such", "team"),
        ("assignee=99999999999999999999", "assignee"),
        ("opened_after=2026-03-02", "opened_after"),
        ("opened_after=2026-03-02T10:00:00", "opened_after"),
        ("due_before=soon", "due_before"),
        ("breached=perhaps", "breached"),
        ("open=1", "open"),
        ("ordering=title", "ordering"),
        ("ordering=--opened_at", "ordering"),
        ("page_size=0", "page_size"),
        ("page_size=ten", "page_size"),
        ("cursor=garbage", "cursor"),
        ("cursor=WyJvcGVuZWRfYXQiXQ", "cursor"),
        ("q=" + "x" * 300, "q"),
        ("q=%00", "q"),
        ("number=1&number=2", "number"),
        ("password=1", "password"),
        ("requester__password=1", "requester__password"),
    ],
)
def test_what_a_filter_does_not_understand_is_refused(cast: Cast, api: Make, query: str, field: str) -> None:
    refused(api(cast.alice).get(f"/incidents/?{query}"), field)


@pytest.mark.parametrize(
    "ordering",
    [
        "opened_at",
        "-opened_at",
        "updated_at",
        "-updated_at",
        "priority",
        "-priority",
        "next_due_at",
        "-next_due_at",
    ],
)
def test_pages_follow_each_other_both_ways_without_gap_or_repeat(
    cast: Cast, api: Make, ordering: str
) -> None:
    for n in range(11):  # many share their key
        made = make_incident(cast, title=str(n), now=MONDAY + timedelta(minutes=n // 4), impact=1 + n % 2)
        if n % 3 == 0:
            incidents.services.cancel(
                made, reason="twice", actor=cast.alice.actor, now=MONDAY + timedelta(hours=1)
            )
    program = api(cast.alice)
    whole = titles(program, f"?ordering={ordering}")
    assert sorted(whole, key=int) == [str(n) for n in range(11)]
    url, forth, pages = f"/incidents/?ordering={ordering}&page_size=3", [], []
    while url:
        body = program.get(url.partition("/api/v1")[2] or url).json()
        pages.append(body)
        forth += [row["title"] for row in body["results"]]
        url = body["next"]
    assert forth == whole
    assert len(pages) == 4
    assert pages[0]["previous"] is None
    back, url = [row["title"] for row in pages[-1]["results"]], pages[-1]["previous"]
    while url:
        body = program.get(url.partition("/api/v1")[2]).json()
        back = [row["title"] for row in body["results"]] + back
        url = body["previous"]
    assert back == whole


def test_a_page_holds_at_most_200(cast: Cast, api: Make) -> None:
    for _n in range(3):
        make_incident(cast)
    body = api(cast.alice).get("/incidents/?page_size=5000").json()
    assert len(body["results"]) == 3
    assert len(api(cast.alice).get("/incidents/?page_size=2").json()["results"]) == 2


def test_a_cursor_of_another_order_or_type_is_refused(cast: Cast, api: Make) -> None:
    from itsm.rest.pagination import Cursor

    program = api(cast.alice)
    for value in (5, "text", MONDAY):
        for ordering in ("opened_at", "priority"):
            text = Cursor(ordering, value, 1, back=False).text
            fits = isinstance(value, int) == (ordering == "priority") and value != "text"
            answer = program.get(f"/incidents/?ordering={ordering}&cursor={text}")
            assert answer.status_code == (200 if fits else 400), (value, ordering)
    text = Cursor("priority", 5, 1, back=False).text
    refused(program.get(f"/incidents/?ordering=opened_at&cursor={text}"), "cursor")
    text = Cursor("priority", 2**80, 1, back=False).text
    assert program.get(f"/incidents/?ordering=priority&cursor={text}").json()["results"] == []


def test_a_list_costs_the_same_number_of_queries_however_long_it_is(cast: Cast, api: Make) -> None:
    program = api(cast.alice)
    for n in range(5):
        make_incident(cast, title=str(n), assignee=cast.bob, team=cast.desk)
    for size in (1, 5):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(titles(program, f"?page_size={size}")) == size
        assert len(queries) == LIST_QUERIES, [q["sql"][:200] for q in queries]


def test_labels_are_in_the_readers_language_and_codes_are_not(cast: Cast, api: Make) -> None:
    make_incident(cast)
    row = api(cast.alice).get("/incidents/", Accept_Language="zh-Hans").json()["results"][0]
    assert row["service"] == {"id": cast.mail.pk, "code": "mail", "name": "电子邮件"}
    assert row["state"]["code"] == "new"
