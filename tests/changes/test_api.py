"""Changes over HTTP: asked for, written, moved, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.services import issue_token
from changes import lifecycle
from changes.models import Change, UnauthorisedChange
from tests.cast import MONDAY, Cast, make_incident
from tests.changes.making import approved, begun, make_item, make_template, put_up

Api = Callable[..., Any]


@pytest.fixture
def api(cast: Cast) -> Api:
    """api(user, method, path, body=None, **headers) as JSON."""

    def call(user: Any, method: str, path: str, body: Any = None, **headers: str) -> Any:
        client = APIClient()
        token = issue_token(user, name="test", scope="write", lifetime=None)
        headers = {"Authorization": f"Bearer {token}", **headers}
        return getattr(client, method)(f"/api/v1/{path}", body, format="json", headers=headers)

    return call


def asked(cast: Cast, **over: Any) -> dict[str, Any]:
    return {
        "title": "Upgrade", "category": "normal", "nature": "component", "description": "To 2.4",
        "reason": "Unsupported", "expected_effect": "Faster", "services": ["mail"], "assignee": "sven",
        **over,
    }  # fmt: skip


@pytest.mark.req("CHG-01")
def test_a_change_runs_from_request_to_archive_over_http(cast: Cast, api: Api) -> None:
    item, incident = make_item(cast), make_incident(cast)
    made = api(cast.bob, "post", "changes/", asked(cast, items=[item.number], caused_by=incident.number))
    assert made.status_code == 201, made.json()
    path = f"changes/{made.json()['number']}/"
    assert made.headers["ETag"] == f'"v{made.json()["version"]}"'

    def act(user: Any, name: str, body: Any = None) -> Any:
        answer = api(user, "post", f"{path}{name}/", body or {})
        assert answer.status_code == 200, (name, answer.json())
        return answer.json()

    act(cast.bob, "submit")
    act(cast.mona, "accept")
    refused = api(cast.mona, "post", f"{path}put_up/", {})
    assert refused.status_code == 400
    assert {"assessment", "targets", "risk", "plan"} <= {error["field"] for error in refused.json()["errors"]}
    for aspect in ("performance", "reliability", "security", "users", "resources"):
        act(cast.mona, "assess", {"aspect": aspect, "judgement": "none", "words": "Nothing."})
    for row in api(cast.mona, "get", path).json()["unjudged"]:
        body = {"agreement": row["agreement"], "target": row["target"], "effect": "none"}
        act(cast.mona, "judge", body)
    risk = {"reach": 0, "backout": 0, "experience": 0, "parts": 0, "security": 0}
    version = act(cast.mona, "risk", {"answers": risk})["version"]
    plan = {
        "plan": "Do", "backout_plan": "Undo", "planned_start_at": "2027-03-04T22:00:00+08:00",
        "planned_end_at": "2027-03-05T00:00:00+08:00",
    }  # fmt: skip
    assert api(cast.sven, "patch", path, plan).status_code == 428
    assert api(cast.sven, "patch", path, plan, **{"If-Match": '"v1"'}).status_code == 412
    assert api(cast.sven, "patch", path, plan, **{"If-Match": f'"v{version}"'}).status_code == 200
    act(cast.mona, "put_up")
    shown = act(cast.mona, "decide", {"approve": True, "conditions": "Tell rita."})
    assert shown["state"]["code"] == "approved"
    condition = shown["approvals"][0]["conditions"][0]["id"]
    act(cast.sven, "test", {"result": "passed", "words": "On the copy."})
    act(cast.sven, "met", {"condition": condition})
    act(cast.sven, "start")
    act(cast.sven, "alter", {"item": item.number, "revision": "2.4"})
    begun_at = api(cast.sven, "get", path).json()["actual_start_at"]
    act(cast.sven, "step", {"what": "All", "started_at": begun_at, "ended_at": begun_at})
    act(cast.sven, "complete", {"outcome": "success", "words": "Fine."})
    act(cast.bob, "verify", {"is_reached": True, "words": "Fast."})
    answers = {name: {"yes": True} for name in ("plan", "time", "cost", "side_effects", "people")}
    act(cast.mona, "review", {"answers": answers, "lessons": "None."})
    assert act(cast.mona, "close")["moves"] == []
    assert Change.objects.get().state == lifecycle.CLOSED


def test_an_illegal_move_is_409_with_the_legal_ones(cast: Cast, api: Api) -> None:
    change = approved(cast)
    answer = api(cast.mona, "post", f"changes/{change.number}/submit/", {})
    assert answer.status_code == 409
    assert {"start", "cancel", "exempt"} <= set(answer.json()["legal_moves"])
    assert "submit" not in answer.json()["legal_moves"]


@pytest.mark.req("CHG-13")
def test_a_plan_edited_after_approval_starts_it_anew_over_http_too(cast: Cast, api: Api) -> None:
    change = approved(cast)
    headers = {"If-Match": f'"v{change.version}"'}
    answer = api(cast.sven, "patch", f"changes/{change.number}/", {"plan": "Other"}, **headers)
    assert (answer.json()["state"]["code"], answer.json()["round"]) == ("approving", 2)


def test_ones_own_change_is_not_approved_over_http(cast: Cast, api: Api) -> None:
    change = put_up(cast, assignee=cast.mona)
    answer = api(cast.mona, "post", f"changes/{change.number}/decide/", {"approve": True})
    assert answer.status_code == 400
    assert "his own change" in answer.content.decode()


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"category": "huge"}, "category"), ({"title": ""}, "title"), ({"items": ["nothing"]}, "items[0]"),
        ({"amount": -1}, "amount"), ({"colour": "red"}, "colour"), ({"nature": None}, "nature"),
        ({"caused_by": "INC9999999"}, "caused_by"), ({"category": "standard"}, "template"),
    ],
)  # fmt: skip
def test_bad_input_is_named_by_its_field(cast: Cast, api: Api, over: dict[str, Any], field: str) -> None:
    answer = api(cast.bob, "post", "changes/", asked(cast, **over))
    assert answer.status_code == 400, answer.json()
    assert field in {error["field"] for error in answer.json()["errors"]}, answer.json()
    assert not Change.objects.exists()


def test_a_standard_change_names_its_model(cast: Cast, api: Api) -> None:
    model = make_template(cast)
    body = {"category": "standard", "model": model.code, "description": "It hangs.", "reason": "Queue"}
    made = api(cast.bob, "post", "changes/", body)
    assert made.status_code == 201, made.json()
    assert made.json()["plan"] == model.plan
    assert api(cast.bob, "get", "change-models/").json()["results"][0]["code"] == model.code


def test_the_same_request_twice_by_its_key_is_one_change(cast: Cast, api: Api) -> None:
    for _ in range(2):
        answer = api(cast.bob, "post", "changes/", asked(cast), **{"Idempotency-Key": "abc-123"})
        assert answer.status_code == 201
    assert Change.objects.count() == 1


def test_the_list_is_filtered_and_customers_are_refused(cast: Cast, api: Api) -> None:
    item = make_item(cast)
    change = begun(cast, items=[item])
    for query in ("state=implementing", f"item={item.number}", "service=mail", "open=true", "risk=1"):
        rows = api(cast.robot, "get", f"changes/?{query}").json()["results"]
        assert [row["number"] for row in rows] == [change.number], query
    assert api(cast.robot, "get", "changes/?state=closed").json()["results"] == []
    assert api(cast.carla, "get", "changes/").status_code == 403
    assert api(cast.carla, "get", f"changes/{change.number}/").status_code == 403


@pytest.mark.req("CHG-10")
def test_a_scan_reports_an_unauthorised_change_and_a_manager_settles_it(cast: Cast, api: Api) -> None:
    item = make_item(cast)
    made = api(cast.robot, "post", "unauthorised-changes/", {"item": item.number, "found": "Port 25"})
    assert made.status_code == 201, made.json()
    path = f"unauthorised-changes/{made.json()['id']}/"
    assert api(cast.robot, "post", f"{path}back_out/", {"words": "Closed"}).status_code == 403
    done = api(cast.mona, "post", f"{path}back_out/", {"words": "Closed"})
    assert done.json()["state"]["code"] == "backed_out"
    assert UnauthorisedChange.objects.get().settled_by == cast.mona
    assert UnauthorisedChange.objects.get().found_at > MONDAY
