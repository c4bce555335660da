"""People, organisations, teams, services, items, calendars and agreements, to read."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cmdb.models import Item, ItemType
from tests.api.conftest import Api, is_problem
from tests.cast import Cast

Make = Callable[..., Api]


@pytest.mark.req("PLT-04")
@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("/users/?q=ali", {"username": "alice", "email": "alice@example.org", "roles": ["agent"]}),
        ("/users/?team=second", {"username": "sven"}),
        ("/users/?organisation=globex", {"username": "charlie"}),
        ("/users/?username=RITA", {"username": "rita"}),
        ("/organisations/?code=acme", {"name": "Acme"}),
        ("/organisations/?kind=provider", {"code": "provider"}),
        ("/teams/?tier=second", {"code": "second"}),
        ("/services/?q=电子", {"code": "mail", "name": "E-mail"}),
        ("/items/?q=print", {"name": "Printer 3"}),
        ("/items/?customer=none", {"name": "Switch"}),
        ("/calendars/", {"code": "office"}),
        ("/agreements/?q=default", {"code": "default", "customer": None}),
    ],
)
def test_lists_are_filtered_and_say_what_they_know(
    cast: Cast, api: Make, path: str, first: dict[str, object]
) -> None:
    kind = ItemType.objects.create(code="device", name_en="Device", name_zh="设备")
    Item.objects.create(name="Printer 3", type=kind, customer=cast.acme)
    Item.objects.create(name="Switch", type=kind)
    program = api(cast.alice)
    rows = program.get(path).json()["results"]
    assert len(rows) == 1
    assert {name: rows[0][name] for name in first} == first
    base = path.partition("?")[0]
    assert program.get(f"{base}{rows[0]['id']}/").json() == rows[0]
    if base == "/items/":  # agents add no items
        is_problem(program.post(base, {"type": "device", "name": "X"}), 403, "forbidden")
    else:
        is_problem(program.post(base, {}), 405, "method-not-allowed")
    is_problem(program.get(f"{base}999999/"), 404, "not-found")


def test_teams_name_their_members_and_agreements_their_targets(cast: Cast, api: Make) -> None:
    teams = api(cast.alice).get("/teams/?code=desk").json()["results"]
    assert [m["username"] for m in teams[0]["members"]] == ["alice", "bob"]
    agreement = api(cast.alice).get("/agreements/").json()["results"][0]
    targets = agreement["versions"][0]["targets"]
    assert {"kind": "business_seconds", "seconds": 7200} in [t["promise"] for t in targets]


@pytest.mark.parametrize(
    ("path", "count"), [("/users/", 6), ("/teams/", 5), ("/services/", 4), ("/agreements/", 6)]
)
def test_a_page_costs_a_fixed_number_of_queries(cast: Cast, api: Make, path: str, count: int) -> None:
    program = api(cast.alice)
    with CaptureQueriesContext(connection) as queries:
        assert program.get(path).status_code == 200
    assert len(queries) == count, [q["sql"][:150] for q in queries]


# what only managers may read
MANAGERS = {"levels", "credits", "surveys", "survey-invitations", "webhooks", "automation-rules", "kpis"}
MANAGERS |= {"measurements", "early-warnings"}


def test_the_index_lists_the_resources(cast: Cast, api: Make) -> None:
    found = api(cast.rita).get("/").json()
    assert {"incidents", "services", "users", "teams", "simulate", "schema", "docs"} <= set(found)
    for name, url in found.items():
        answer = api(cast.alice).get(url.partition("/api/v1")[2])
        assert answer.status_code in ((403,) if name in MANAGERS else (200, 405)), url
        assert api(cast.mona).get(url.partition("/api/v1")[2]).status_code in (200, 405), url
    is_problem(api(None).get("/"), 401, "not-authenticated")
