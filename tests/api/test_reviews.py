"""Review meetings over HTTP: who sees which, and when minutes and figures are told."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reviews import services
from reviews.models import Review
from suppliers.models import Supplier
from tests.api.conftest import Api, is_problem, refused
from tests.cast import MONDAY, Cast, make_agreement

pytestmark = [pytest.mark.django_db, pytest.mark.req("SLM-38", "PLT-04")]
Make = Callable[..., Api]


def plan(cast: Cast, **over: Any) -> Review:
    facts: dict[str, Any] = {
        "meeting": "yearly", "meets_at": MONDAY, "period_from": date(2025, 3, 1),
        "period_until": date(2026, 3, 1), "chair": cast.mona, "actor": cast.mona.actor,
        "now": MONDAY - timedelta(days=9), **over,
    }  # fmt: skip
    return services.plan(**facts)


@pytest.fixture
def yearly(cast: Cast) -> Review:
    return plan(cast, agreement=make_agreement(cast.calendar, cast.acme).agreement)


@pytest.fixture
def of_supplier(cast: Cast, yearly: Review) -> Review:
    supplier = Supplier.objects.create(code="huaxun", name_en="Huaxun", name_zh="华讯")
    made = plan(cast, meeting="supplier", supplier=supplier, meets_at=MONDAY + timedelta(days=5))
    return services.grade(made, score=82, conclusion="Good.", actor=cast.mona.actor, now=MONDAY)


def numbers(program: Api, query: str = "") -> list[str]:
    return [row["number"] for row in program.get(f"/reviews/?{query}").json()["results"]]


def test_reviews_are_listed_and_narrowed(cast: Cast, api: Make, yearly: Review, of_supplier: Review) -> None:
    mona = api(cast.mona)
    assert numbers(mona) == [of_supplier.number, yearly.number]
    assert numbers(mona, "meeting=supplier") == numbers(mona, "supplier=huaxun") == [of_supplier.number]
    assert numbers(mona, "agreement=acme&chair=mona&state=planned") == [yearly.number]
    assert numbers(mona, "open=false") == []
    assert numbers(mona, "meets_before=2026-03-03T00:00:00Z") == [yearly.number]
    refused(mona.get("/reviews/?score=82"), "score", code="unknown_filter")


def test_one_review_tells_agenda_participants_and_figures(
    cast: Cast, api: Make, yearly: Review, of_supplier: Review
) -> None:
    shown = api(cast.mona).get(f"/reviews/{of_supplier.number.lower()}/")
    found = shown.json()
    assert shown["ETag"] == f'"v{found["version"]}"'
    assert (found["score"], found["conclusion"], found["supplier"]["code"]) == (82, "Good.", "huaxun")
    assert len(found["agenda"]) == 8
    assert [p["user"]["username"] for p in found["participants"]] == ["mona"]
    assert found["figures"]["missed"]["count"] == 0


def test_a_customer_sees_what_he_takes_part_in_and_the_minutes_once_they_were_sent(
    cast: Cast, api: Make, yearly: Review, of_supplier: Review
) -> None:
    carla, charlie = api(cast.carla), api(cast.charlie)
    assert numbers(carla) == [yearly.number]
    assert numbers(charlie) == numbers(api(cast.rita)) == []
    is_problem(charlie.get(f"/reviews/{yearly.number}/"), 404, "not-found")
    is_problem(carla.get(f"/reviews/{of_supplier.number}/"), 404, "not-found")
    notes = {item.pk: ("Less mail", "邮件减少") for item in yearly.agenda.all()}
    written = services.write_notes(
        yearly, notes, actor=cast.mona.actor, now=MONDAY, expected_version=yearly.version
    )
    before = carla.get(f"/reviews/{yearly.number}/").json()
    assert (before["figures"], before["agenda"][0]["notes"]) == (None, "")
    held = services.record_meeting(written, held_at=MONDAY, actor=cast.mona.actor, now=MONDAY)
    services.send_minutes(held, actor=cast.mona.actor, now=MONDAY)
    after = carla.get(f"/reviews/{yearly.number}/").json()
    assert after["agenda"][0]["notes"] == "Less mail"
    assert after["figures"]["workload"]["opened"] == 0


def test_a_page_costs_the_same_however_many_reviews_there_are(
    cast: Cast, api: Make, yearly: Review, of_supplier: Review
) -> None:
    program = api(cast.mona)
    program.get("/reviews/")
    with CaptureQueriesContext(connection) as few:
        assert len(numbers(program)) == 2
    for _n in range(3):
        plan(cast, meeting="extra", agreement=yearly.agreement)
    with CaptureQueriesContext(connection) as many:
        assert len(numbers(program)) == 5
    assert len(many) == len(few)
