"""Charlie is of another organisation: for him nothing of Acme exists, in no list, path, field or message."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

import records.services
from accounts.access import Role
from accounts.models import Grant
from cmdb.models import Item, ItemType
from incidents.models import Incident
from records.models import Attachment
from sla.models import Clock
from tests.api.conftest import Api, is_problem, refused
from tests.cast import MONDAY, Cast, make_incident, make_user

Make = Callable[..., Api]
MOVES = (
    "start",
    "hold",
    "resume",
    "resolve",
    "confirm",
    "close",
    "reopen",
    "cancel",
    "assign",
    "accept",
    "escalate",
    "link",
)


@pytest.fixture
def item(cast: Cast) -> Item:
    kind = ItemType.objects.create(code="printer", name_en="Printer")
    return Item.objects.create(name="Acme printer", type=kind, customer=cast.acme)


def charlies(cast: Cast, api: Make) -> dict[str, Api]:
    """Who may not know of Acme: a customer, a contact, an agent and an integration for Globex."""
    found = {"charlie": api(cast.charlie)}
    for name, role in (("gina", Role.AGENT), ("globot", Role.INTEGRATION), ("gus", Role.CUSTOMER)):
        organisation = cast.globex if role == Role.CUSTOMER else cast.provider
        user = make_user(name, organisation)
        Grant.objects.create(user=user, role=role, organisation=cast.globex)
        found[name] = api(user)
    return found


@pytest.mark.req("PLT-09")
def test_no_path_of_anothers_incident_exists(cast: Cast, api: Make, number: str) -> None:
    activity = records.services.comment(
        Incident.objects.get(number=number),
        text="files",
        is_public=True,
        actor=cast.alice.actor,
        now=MONDAY,
        attachments=[SimpleUploadedFile("a.txt", b"x")],
    )
    clock, key = Clock.objects.filter(record__number=number).first(), Attachment.objects.get().key
    assert clock
    below = [
        "",
        "activities/",
        "comments/",
        f"comments/{activity.pk}/",
        "attachments/",
        f"attachments/{key}/",
        "clocks/",
        f"clocks/{clock.pk}/",
    ]
    for name, program in charlies(cast, api).items():
        for path in below:
            answer = program.get(f"/incidents/{number}/{path}")
            is_problem(answer, 404, "not-found")
            assert "Acme" not in answer.content.decode(), (name, path)
        for move in MOVES:
            is_problem(program.post(f"/incidents/{number}/{move}/", {}), 404, "not-found")
        is_problem(program.post(f"/incidents/{number}/comments/", {"text": "x"}), 404, "not-found")
        is_problem(
            program.send_form(f"/incidents/{number}/attachments/", {"file": SimpleUploadedFile("a", b"x")}),
            404,
            "not-found",
        )
        is_problem(program.patch(f"/incidents/{number}/", {"title": "x"}, If_Match="*"), 404, "not-found")
        told = program.get(f"/incidents/{number}/").json()["detail"].replace(number, "")
        assert told == program.get("/incidents/INC9999999/").json()["detail"].replace("INC9999999", "")


@pytest.mark.req("PLT-09")
def test_no_list_shows_anything_of_another_organisation(
    cast: Cast, api: Make, number: str, item: Item
) -> None:
    make_incident(cast, title="mine", customer=cast.globex, requester=cast.charlie)
    for program in charlies(cast, api).values():
        shown = [row["title"] for row in program.get("/incidents/").json()["results"]]
        assert "Cannot send mail" not in shown
        assert program.get("/incidents/?q=outbox%20send").json()["results"] == []
        assert program.get(f"/incidents/?number={number}").json()["results"] == []
        for path in ("/users/", "/organisations/", "/items/", "/agreements/", "/teams/", "/services/"):
            answer = program.get(path)
            assert answer.status_code == 200
            for word in ("acme", "Acme", "rita", "carla", "printer"):
                assert word not in answer.content.decode(), path
    assert [row["title"] for row in api(cast.charlie).get("/incidents/").json()["results"]] == ["mine"]


@pytest.mark.req("PLT-09")
def test_no_entry_of_another_organisation_is_found_by_id(cast: Cast, api: Make, item: Item) -> None:
    for program in charlies(cast, api).values():
        for path in (f"/users/{cast.rita.pk}/", f"/organisations/{cast.acme.pk}/", f"/items/{item.pk}/"):
            is_problem(program.get(path), 404, "not-found")


def test_customers_see_no_staff_directory_and_only_their_own_people(cast: Cast, api: Make) -> None:
    rita, carla = api(cast.rita), api(cast.carla)
    assert [u["username"] for u in rita.get("/users/").json()["results"]] == ["rita"]
    assert {u["username"] for u in carla.get("/users/").json()["results"]} == {"rita", "carla"}
    for program in (rita, carla):
        assert program.get("/teams/").json()["results"] == []
        assert program.get("/calendars/").json()["results"] == []
        is_problem(program.get(f"/users/{cast.alice.pk}/"), 404, "not-found")
        assert [o["code"] for o in program.get("/organisations/").json()["results"]] == ["acme"]


@pytest.mark.req("PLT-09")
@pytest.mark.parametrize("by_code", [True, False])
def test_ids_of_another_organisation_are_refused_in_the_words_for_unknown_ones(
    cast: Cast, api: Make, item: Item, by_code: bool
) -> None:
    foreign: dict[str, Any] = {
        "customer": "acme" if by_code else cast.acme.pk,
        "requester": "rita" if by_code else cast.rita.pk,
        "reporter": "carla" if by_code else cast.carla.pk,
        "item": "Acme printer" if by_code else item.pk,
    }
    staff: dict[str, Any] = {"team": cast.desk.pk, "assignee": cast.alice.pk}
    unknown = "no-such-thing" if by_code else 999_999
    for name, program in charlies(cast, api).items():
        for field, value in foreign.items():
            base = {"title": "x"} if name in ("charlie", "gus") else {"title": "x", "requester": "charlie"}
            told = refused(program.post("/incidents/", {**base, field: value}), field)
            assert (
                told["errors"]
                == refused(program.post("/incidents/", {**base, field: unknown}), field)["errors"]
            )
    for field, value in staff.items():
        refused(api(cast.charlie).post("/incidents/", {"title": "x", field: value}), field)
    assert not Incident.objects.exists()


@pytest.mark.req("PLT-09")
def test_filters_by_another_organisations_ids_say_as_little(cast: Cast, api: Make) -> None:
    program = api(cast.charlie)
    for known, unknown in (
        (f"requester={cast.rita.pk}", "requester=999999"),
        ("customer=acme", "customer=none-such"),
        ("assignee=alice", "assignee=none-such"),
        ("team=desk", "team=none-such"),
    ):
        told, other = program.get(f"/incidents/?{known}").json(), program.get(f"/incidents/?{unknown}").json()
        assert told == other
        assert told["status"] == 400


def test_an_agent_for_one_customer_links_and_edits_nothing_into_another(
    cast: Cast, api: Make, number: str, item: Item
) -> None:
    program = charlies(cast, api)["gina"]
    mine = program.post("/incidents/", {"title": "x", "requester": "charlie"}).json()["number"]
    told = refused(program.post(f"/incidents/{mine}/link/", {"other": number}), "other")
    assert (
        told["errors"]
        == refused(program.post(f"/incidents/{mine}/link/", {"other": "INC9999999"}), "other")["errors"]
    )
    refused(program.patch(f"/incidents/{mine}/", {"requester": "rita"}, If_Match="*"), "requester")
    refused(program.patch(f"/incidents/{mine}/", {"item": item.pk}, If_Match="*"), "item")
    # who sees both organisations still cannot mix them
    refused(api(cast.alice).patch(f"/incidents/{mine}/", {"item": item.pk}, If_Match="*"), "item")
    refused(
        api(cast.alice).post("/incidents/", {"title": "x", "customer": "globex", "requester": "rita"}),
        "requester",
    )
    assert Incident.objects.get(number=mine).requester == cast.charlie


def test_a_reference_used_by_another_organisation_names_nothing(cast: Cast, api: Make) -> None:
    make_incident(cast, source="zabbix", external_reference="E-1")
    globot = charlies(cast, api)["globot"]
    asked = {"title": "x", "requester": "charlie", "source": "zabbix", "external_reference": "E-1"}
    body = is_problem(globot.post("/incidents/", asked), 409, "duplicate")
    assert "existing" not in body
