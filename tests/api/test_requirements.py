"""Service level requirements through the interface."""

from collections.abc import Callable
from typing import Any

import pytest

from planning import services
from planning.models import ServiceLevelRequirement
from tests.api.conftest import Api, is_problem
from tests.cast import MONDAY, Cast
from tests.planning import made as m

pytestmark = pytest.mark.django_db
Make = Callable[..., Api]
NEED = {"title": "Mail at weekends", "expectation": "Mail must run.", "service": "mail"}


def test_a_requirement_goes_from_a_need_to_a_draft(api: Make, cast: Cast) -> None:
    mona = api(cast.mona)
    assert is_problem(mona.post("/requirements/", NEED), 400, "validation")
    made = mona.post("/requirements/", {**NEED, "customer": "acme", "trigger": "renewal"})
    assert (made.status_code, made["ETag"], made.json()["state"]["code"]) == (201, '"v1"', "raised")
    path = f"/requirements/{made.json()['number']}/"
    assert made.json()["moves"] == ["define", "decline"]
    assert is_problem(mona.post(f"{path}plan_service/", {}), 409, "illegal-move")
    assert mona.post(f"{path}define/", {"responsible": "mona"}).json()["responsible"]["username"] == "mona"
    tag = {"If_Match": '"v2"'}
    assert is_problem(mona.patch(path, {"content": {"calendar": "moon"}}, **tag), 400, "validation")
    changed = mona.patch(path, {"content": m.CONTENT}, **tag)
    assert changed.json()["content"]["measures"][0]["value"] == 8
    fixed = mona.post(f"{path}fix_baseline/", {}, If_Match='"v3"')
    assert [b["number"] for b in fixed.json()["baselines"]] == [1]
    assert len(fixed.json()["hindrances"]) == 3
    assert is_problem(mona.post(f"{path}plan_service/", {}), 400, "validation")
    assert mona.get(f"{path}activities/").json()["results"][0]["verb"] == "requirement.open"
    planned = m.planned(cast)
    asked = {
        "code": "acme-mail",
        "name_en": "Mail",
        "name_zh": "邮件",
        "effective_from": "2026-04-01T00:00:00Z",
    }
    agreed = mona.post(f"/requirements/{planned.number}/make_agreement/", asked)
    assert (agreed.json()["state"]["code"], agreed.json()["agreement"]["code"]) == ("agreed", "acme-mail")


def test_customers_raise_needs_and_read_only_what_the_portal_shows(api: Make, cast: Cast) -> None:
    carla = api(cast.carla)
    assert is_problem(carla.post("/requirements/", {**NEED, "customer": "globex"}), 400, "validation")
    made = carla.post("/requirements/", NEED).json()
    path = f"/requirements/{made['number']}/"
    row = services.define(
        ServiceLevelRequirement.objects.get(), responsible=cast.mona, actor=cast.mona.actor, now=MONDAY
    )
    m.amend(cast, row, **{**m.CONTENT, "delivery": {"en": "Secret margin"}})
    services.fix_baseline(row, actor=cast.mona.actor, now=MONDAY)
    answer = carla.get(path)
    assert answer.json()["state"] == {"code": "defining", "label": "Being worked on"}
    assert "content" not in answer.json()
    assert "Secret" not in answer.content.decode() + carla.get(f"{path}activities/").content.decode()
    assert is_problem(carla.post(f"{path}decline/", {"reason": "No"}), 403, "forbidden")
    assert is_problem(carla.patch(path, {"content": {}}), 403, "forbidden")
    for person in (cast.rita, cast.charlie):
        assert is_problem(api(person).get(path), 404, "not-found")
        assert api(person).get("/requirements/").json()["results"] == []


def test_the_list_is_filtered(api: Make, cast: Cast) -> None:
    one, two = m.need(cast), m.need(cast, customer=cast.globex, trigger="renewal")
    mona = api(cast.mona)

    def numbers(query: str) -> list[Any]:
        return [row["number"] for row in mona.get(f"/requirements/?{query}").json()["results"]]

    assert numbers("") == [two.number, one.number]
    assert numbers("customer=acme") == [one.number]
    assert numbers("trigger=renewal&state=raised") == [two.number]
    assert numbers("state=declined") == []
