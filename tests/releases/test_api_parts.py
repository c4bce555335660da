"""Team, timetable and readiness over HTTP, of a release and of a service transition alike."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from records.models import Activity
from tests.cast import Cast
from tests.releases import made as release
from tests.transitions import made as transition

pytestmark = pytest.mark.django_db
WORKS = {"releases": release.begun, "transitions": transition.begun}
Send = Callable[..., Any]


@pytest.fixture(params=sorted(WORKS))
def work(cast: Cast, request: pytest.FixtureRequest) -> tuple[str, Any]:
    """Where it is, and the record."""
    row = WORKS[request.param](cast)
    return f"/api/v1/{request.param}/{row.number}/", row


@pytest.fixture
def send(cast: Cast, work: tuple[str, Any]) -> Send:
    """send(user, method, path, body, version) below the record."""

    def call(user: Any, method: str, path: str, body: Any = None, version: int | None = None) -> Any:
        client = Client(raise_request_exception=False)
        client.force_login(user)
        head = {"if-match": f'"v{version}"'} if version else {}
        return getattr(client, method)(
            f"{work[0]}{path}", body or {}, content_type="application/json", headers=head
        )

    return call


@pytest.mark.parametrize(
    ("part", "body", "patch"),
    [
        ("members", {"person": "bob", "duty": "Tests"}, {"duty": "Tests and trains"}),
        (
            "nodes",
            {"title": "Tested", "title_zh": "测试完成", "due_on": "2026-03-20", "responsible": "sven"},
            {"due_on": "2026-03-21", "responsible": "bob"},
        ),
        ("checks", {"title": "Spare parts", "title_zh": "备件"}, {"title": "Spare disks"}),
    ],
)
def test_a_row_is_added_written_anew_and_taken_out(
    cast: Cast, work: tuple[str, Any], send: Send, part: str, body: dict[str, str], patch: dict[str, str]
) -> None:
    before = send(cast.alice, "get", "").json()[part]
    added = send(cast.alice, "post", f"{part}/", body)
    assert added.status_code == 200, added.json()
    row = next(each for each in added.json()[part] if each not in before)
    one, version = f"{part}/{row['id']}/", added.json()["version"]
    assert send(cast.alice, "patch", one, patch).status_code == 428
    assert send(cast.alice, "patch", one, patch, version - 1).status_code == 412
    written = send(cast.alice, "patch", one, patch, version)
    assert written.status_code == 200, written.json()
    now = next(each for each in written.json()[part] if each["id"] == row["id"])
    for name, value in {**body, **patch}.items():
        shown = now[name]
        assert (shown["username"] if isinstance(shown, dict) else shown) == value, name
    kind = work[1].kind
    verbs = set(Activity.objects.filter(record=work[1].pk).values_list("verb", flat=True))
    assert {f"{kind}.added", f"{kind}.altered"} <= verbs
    # the same once more changes nothing
    again = send(cast.alice, "patch", one, patch, written.json()["version"])
    assert again.json()["version"] == written.json()["version"]
    assert send(cast.alice, "delete", one).status_code == 204
    assert send(cast.alice, "get", "").json()[part] == before
    assert send(cast.alice, "delete", one).status_code == 404


def test_a_node_is_reached_once_and_a_point_is_met_by_its_evidence(cast: Cast, send: Send) -> None:
    node = {"title": "Tested", "due_on": "2026-03-20", "responsible": "sven"}
    made = send(cast.alice, "post", "nodes/", node).json()["nodes"][0]
    for _again in range(2):
        reached = send(cast.alice, "post", f"nodes/{made['id']}/reach/")
        assert reached.json()["nodes"][0]["done_by"]["username"] == "alice"
    version = reached.json()["version"]
    assert send(cast.alice, "patch", f"nodes/{made['id']}/", {"title": "x"}, version).status_code == 400
    assert send(cast.alice, "delete", f"nodes/{made['id']}/").status_code == 400
    point = send(cast.alice, "get", "").json()["checks"][0]
    assert not point["is_further"]
    assert send(cast.alice, "delete", f"checks/{point['id']}/").status_code == 400
    assert send(cast.alice, "post", f"checks/{point['id']}/meet/").status_code == 400
    met = send(cast.alice, "post", f"checks/{point['id']}/meet/", {"evidence": "Seen in the lab."})
    shown = met.json()["checks"][0]
    assert (shown["evidence"], shown["met_by"]["username"]) == ("Seen in the lab.", "alice")
    assert send(cast.alice, "post", f"checks/{point['id']}/meet/", {"evidence": "Twice"}).status_code == 400
    gone = send(cast.alice, "post", f"checks/{point['id']}/unmeet/", {"reason": "It broke."})
    assert gone.json()["checks"][0]["met_at"] is None


def test_what_is_wrong_is_refused_and_others_find_nothing(cast: Cast, send: Send) -> None:
    assert send(cast.alice, "post", "members/", {"person": "rita", "duty": "x"}).status_code == 400
    assert send(cast.alice, "post", "members/", {"person": "bob", "duty": "x", "boss": 1}).status_code == 400
    assert send(cast.alice, "post", "nodes/", {"title": "x", "due_on": "soon"}).status_code == 400
    once = {"person": "bob", "duty": "Tests"}
    assert send(cast.alice, "post", "members/", once).status_code == 200
    twice = send(cast.alice, "post", "members/", once)
    assert twice.status_code == 400, twice.json()
    for person in (cast.rita, cast.carla, cast.charlie):
        assert send(person, "post", "members/", once).status_code == 404
        assert send(person, "patch", "members/1/", {"duty": "x"}, 1).status_code == 404
    missing = send(cast.alice, "patch", "members/999999/", {"duty": "x"}, version_now(send, cast))
    assert missing.status_code == 404


def version_now(send: Send, cast: Cast) -> int:
    return int(send(cast.alice, "get", "").json()["version"])
