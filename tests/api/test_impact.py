"""What an edit does to open clocks over HTTP: asked before it is made, by who may make it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Token
from records.models import Record
from sla.models import Agreement, CalendarVersion
from tests.agreements.test_life import draft, terms
from tests.api.conftest import Api, is_problem, refused
from tests.cast import OFFICE, Cast, make_incident

Make = Callable[..., Api]
DAY = timedelta(days=1)
URL = "/calendars/office/preview/"


def holidays() -> dict[str, Any]:
    first = timezone.localdate() + DAY
    return {**OFFICE, "holidays": [(first + n * DAY).isoformat() for n in range(30)]}


@pytest.mark.req("PLT-04")
def test_a_preview_lists_the_clocks_that_move_and_saves_nothing(cast: Cast, api: Make) -> None:
    ticket = make_incident(cast, now=timezone.now().replace(microsecond=0))
    answer = api(cast.mona, scope=Token.Scope.READ).post(URL, {"definition": holidays()})
    found = answer.json()
    assert answer.status_code == 200
    assert (found["edition"], found["records"], found["counts"]["breaches"]) == (1, 1, 0)
    assert found["counts"]["later"] == len(found["clocks"]) >= 1
    (row,) = [each for each in found["clocks"] if each["metric"]["code"] == "resolution"]
    assert (row["record"], row["verdict"], row["agreement"]) == (ticket.number, "later", None)
    assert row["before"] < row["after"]
    assert CalendarVersion.objects.count() == 1


def test_who_may_not_edit_a_calendar_may_not_ask(cast: Cast, api: Make) -> None:
    for person in (cast.alice, cast.robot, cast.rita):
        assert api(person).post(URL, {"definition": OFFICE}).status_code == 403


def test_what_cannot_be_computed_with_is_refused_at_its_field(cast: Cast, api: Make) -> None:
    mona = api(cast.mona)
    refused(mona.post(URL, {}), "definition")
    refused(mona.post(URL, {"definition": 5}), "definition")
    refused(mona.post(URL, {"definition": {"timezone": "UTC", "weekly": {}}}), "definition")
    refused(
        mona.post(URL, {"definition": OFFICE, "effective_from": "2015-01-01T00:00:00Z"}), "effective_from"
    )
    assert mona.post("/calendars/moon/preview/", {"definition": OFFICE}).status_code == 404


def test_the_impact_of_an_edition_is_read_until_it_is_in_force(cast: Cast, api: Make) -> None:
    ticket = make_incident(cast, now=timezone.now().replace(microsecond=0))
    agreement = Agreement.objects.create(code="acme", customer=cast.acme, name_en="Acme SLA")
    matrix = {**cast.agreement.matrix, "22": 1}
    edition = draft(cast, agreement, effective_from=timezone.now() - DAY, terms=terms(matrix=matrix))
    url = f"/editions/{edition.number}/impact/"
    found = api(cast.mona).get(url).json()
    assert found["dated_back"] is True
    assert found["repriced"] == [{"id": ticket.pk, "before": 3, "after": 1}]
    assert [each["record"] for each in found["clocks"]] == [ticket.number]
    assert api(cast.alice).get(url).status_code in (403, 404)
    assert api(cast.mona).get("/editions/AGR9999999/impact/").status_code == 404
    Record.objects.filter(pk=edition.pk).update(state="withdrawn", phase="done", done_at=timezone.now())
    is_problem(api(cast.mona).get(url), 409, "conflict")
