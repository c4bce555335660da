"""Suppliers are reviewed every quarter, with the figures of their contracts (SUP-03)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from reviews import inputs, services, upkeep
from reviews.models import Review
from tests.cast import MONDAY, Cast
from tests.sourcing.week import BEGAN, DAY, blame, handed, make_contract, make_sla, make_supplier

pytestmark = [pytest.mark.django_db, pytest.mark.req("SUP-03")]


def held(cast: Cast, review: Review, at: datetime) -> Review:
    doing: dict[str, Any] = {"actor": cast.mona.actor, "now": at}
    notes = {item.pk: ("Words", "文字") for item in review.agenda.all()}
    review = services.add_participant(review, person=None, name="Gao", side="supplier", role="", **doing)
    review = services.write_notes(review, notes, expected_version=review.version, **doing)
    review = services.record_meeting(review, held_at=at, **doing)
    review = services.grade(review, score=80, conclusion="Go on.", **doing)
    return services.send_minutes(review, **doing)


def test_an_active_supplier_is_reviewed_once_a_quarter_whatever_its_contracts(cast: Cast) -> None:
    supplier = make_supplier()
    make_contract(cast, supplier)
    make_contract(cast, supplier, code="uc-wifi")
    gone = make_supplier(code="gone", is_active=False)
    make_contract(cast, gone, code="uc-gone")

    def planned(at: datetime) -> list[Review]:
        return [review for review in upkeep.plan_due(now=at) if review.supplier]

    assert planned(BEGAN + 20 * DAY) == []
    [first] = planned(BEGAN + 65 * DAY)
    assert (first.supplier, first.meeting) == (supplier, "supplier")
    assert planned(BEGAN + 66 * DAY) == []
    met = BEGAN + 85 * DAY
    held(cast, first, met)
    assert planned(met + 30 * DAY) == []
    [second] = planned(met + 70 * DAY)
    assert second.period_from >= met.date()


def test_its_figures_are_what_its_contracts_promised_and_what_was_missed_by_them(cast: Cast) -> None:
    supplier, other = make_supplier(), make_supplier(code="other", name_en="Other")
    contract = make_contract(cast, supplier).agreement
    make_contract(cast, other, code="uc-other")
    make_sla(cast)
    handed(cast, supplier, hours=2)
    blame(cast, handed(cast, supplier, hours=48), contract)
    handed(cast, other, hours=48)
    at = MONDAY + 20 * DAY
    review = services.plan(
        meeting="supplier", supplier=supplier, meets_at=at, period_from=MONDAY.date(),
        period_until=(at - timedelta(days=1)).date(), chair=cast.mona, actor=cast.mona.actor, now=at,
    )  # fmt: skip
    found = inputs.collect(review)
    assert [(row["met"], row["missed"], row["percent"]) for row in found["attainment"]] == [(1, 1, 50.0)]
    assert found["missed"]["count"] == 1
    assert found["missed"]["rows"][0]["note"] == "Their spare part came late."
