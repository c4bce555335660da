"""Opening incidents by program."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Organisation
from incidents.models import Incident
from records.models import Activity
from tests.api.conftest import Api, is_problem, refused
from tests.cast import Cast

Make = Callable[..., Api]


@pytest.mark.req("PLT-04", "INC-03", "SD-15", "SD-16")
def test_the_desk_opens_an_incident_with_all_its_facts(cast: Cast, api: Make) -> None:
    answer = api(cast.alice).post(
        "/incidents/",
        {
            "title": "Cannot print",
            "description": "三楼打印机无法打印",
            "customer": "acme",
            "requester": "rita",
            "reporter": cast.carla.pk,
            "service": "mail",
            "impact": 1,
            "urgency": 2,
            "channel": "wechat",
            "contact_type": "consultation",
            "category": "Hardware",
            "subcategory": "Printer",
            "symptom": "Jam",
            "site": "Floor 3",
            "occurred_at": "2026-03-02T09:30:00+08:00",
            "team": "second",
            "assignee": "sven",
            "external_reference": "A-1",
            "source": "zabbix",
        },
    )
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert answer["ETag"] == f'"v{body["version"]}"'
    assert answer["Location"].endswith(f"/api/v1/incidents/{body['number']}/")
    assert body["url"] == answer["Location"]
    assert body["state"] == {"code": "new", "label": "New"}
    assert body["priority"]["code"] == 2
    assert body["customer"]["code"] == "acme"
    assert (body["requester"]["username"], body["reporter"]["username"]) == ("rita", "carla")
    assert body["occurred_at"] == "2026-03-02T01:30:00Z"
    assert (body["team"]["code"], body["assignee"]["username"]) == ("second", "sven")
    assert {clock["metric"]["code"] for clock in body["clocks"]} == {
        "first_response",
        "next_update",
        "resolution",
    }
    row = Incident.objects.get(number=body["number"])
    assert (row.channel, row.source, row.external_reference) == ("wechat", "zabbix", "A-1")
    assert Activity.objects.get(record=row.pk, verb="incident.open").origin == "api"


def test_a_customers_program_needs_no_more_than_a_title(cast: Cast, api: Make) -> None:
    body = api(cast.rita).post("/incidents/", {"title": "Cannot log in"}).json()
    assert (body["customer"]["code"], body["requester"]["username"]) == ("acme", "rita")
    assert body["channel"]["code"] == "portal"
    assert body["moves"] == []


def test_the_customer_follows_from_the_requester_and_the_channel_from_the_role(cast: Cast, api: Make) -> None:
    body = api(cast.robot).post("/incidents/", {"title": "Disk full", "requester": "charlie"}).json()
    assert body["customer"]["code"] == "globex"
    assert body["channel"]["code"] == "monitoring"
    by_agent = api(cast.alice).post("/incidents/", {"title": "x", "requester": cast.rita.pk}).json()
    assert by_agent["channel"]["code"] == "phone"
    assert by_agent["owner"]["username"] == "alice"


def test_the_desk_must_say_who_is_affected(cast: Cast, api: Make) -> None:
    refused(api(cast.alice).post("/incidents/", {"title": "x"}), "requester", code="required")


@pytest.mark.req("INC-02")
def test_an_override_of_the_priority_needs_its_reason(cast: Cast, api: Make) -> None:
    asked: dict[str, Any] = {"title": "x", "requester": "rita", "priority": 1}
    refused(api(cast.alice).post("/incidents/", asked), "priority_reason", code="required")
    body = api(cast.alice).post("/incidents/", {**asked, "priority_reason": "The board meets"}).json()
    assert body["priority"]["code"] == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "   "),
        ("title", 5),
        ("title", None),
        ("title", ["x"]),
        ("title", "x" * 201),
        ("title", "nul\0"),
        ("description", {"a": 1}),
        ("description", "x" * 50_001),
        ("impact", 4),
        ("impact", "2"),
        ("impact", True),
        ("impact", 2.0),
        ("impact", None),
        ("urgency", "high"),
        ("urgency", []),
        ("priority", 0),
        ("channel", "carrier pigeon"),
        ("contact_type", 3),
        ("category", "x" * 101),
        ("occurred_at", "2026-03-02T10:00:00"),
        ("occurred_at", "yesterday"),
        ("occurred_at", 1772416800),
        ("occurred_at", "2026-02-30T10:00:00Z"),
        ("occurred_at", "0001-01-01T00:00:00+14:00"),
        ("occurred_at", "2999-01-01T00:00:00Z"),
        ("requester", 0),
        ("requester", -1),
        ("requester", 10**30),
        ("requester", ""),
        ("requester", {"id": 1}),
        ("requester", True),
        ("customer", "nobody"),
        ("service", "nul\0"),
        ("service", 1.5),
        ("item", "none such"),
        ("team", 99999),
        ("assignee", "rita"),
        ("site", "x" * 201),
        ("priority_reason", "x" * 301),
        ("external_reference", "x" * 101),
    ],
)
def test_a_wrong_value_is_refused_by_field_and_nothing_is_saved(
    cast: Cast, api: Make, field: str, value: object
) -> None:
    asked = {"title": "x", "requester": "rita", field: value}
    refused(api(cast.alice).post("/incidents/", asked), field)
    assert not Incident.objects.exists()


def test_unknown_fields_are_refused_by_name_with_the_likely_one(cast: Cast, api: Make) -> None:
    body = refused(
        api(cast.alice).post("/incidents/", {"titel": "x", "title": "x", "requester": "rita", "zzz": 1}),
        "titel",
        "zzz",
        code="unknown_field",
    )
    hints = {error["field"]: error["hint"] for error in body["errors"]}
    assert "title" in hints["titel"]
    assert "title" in hints["zzz"]


@pytest.mark.parametrize("field", ["state", "number", "opened_at", "version", "owner", "resolution", "id"])
def test_what_the_system_sets_cannot_be_sent(cast: Cast, api: Make, field: str) -> None:
    asked = {"title": "x", "requester": "rita", field: "new"}
    refused(api(cast.alice).post("/incidents/", asked), field, code="read_only")


def test_all_mistakes_are_told_at_once(cast: Cast, api: Make) -> None:
    refused(api(cast.alice).post("/incidents/", {"impact": 9, "x": 1}), "title", "impact", "x")


def test_customers_do_not_set_what_the_desk_decides(cast: Cast, api: Make) -> None:
    asked = {
        "title": "x",
        "team": "desk",
        "assignee": "bob",
        "priority": 1,
        "source": "a",
        "channel": "phone",
    }
    refused(api(cast.rita).post("/incidents/", asked), "team", "assignee", "priority", "source", "channel")


def test_a_reference_is_taken_once_per_source(cast: Cast, api: Make) -> None:
    asked = {"title": "x", "requester": "rita", "external_reference": "T-1"}
    first = api(cast.robot).post("/incidents/", asked).json()
    assert first["source"] == "robot"
    again = is_problem(api(cast.robot).post("/incidents/", {**asked, "title": "y"}), 409, "duplicate")
    assert again["existing"]["number"] == first["number"]
    assert api(cast.robot).post("/incidents/", {**asked, "source": "other"}).status_code == 201
    assert Incident.objects.count() == 2


def test_a_deactivated_customer_gets_no_new_incident(cast: Cast, api: Make) -> None:
    Organisation.objects.filter(pk=cast.acme.pk).update(is_active=False)
    asked = {"title": "x", "requester": "rita"}
    refused(api(cast.alice).post("/incidents/", asked), "customer")
