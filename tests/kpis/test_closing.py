"""A period is confirmed by its checker, once it is over, and for good."""

from datetime import date, datetime
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import Error, connection, transaction
from django.test import Client

from accounts.access import Denied
from accounts.models import Grant, User
from kpis import closing, engine, scores
from kpis.engine import Asked, Kpi
from kpis.models import Confirmation
from records.models import Record
from reports.period import Period
from tests.cast import Cast, make_incident

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31), ZONE)
APRIL = datetime(2026, 4, 2, 9, tzinfo=ZONE)
QUERY = "from=2026-03-01&to=2026-03-31"


def kpi(name: str = "X21") -> Kpi:
    found = engine.get(name)
    assert found
    return found


def asked(actor: Any, **over: Any) -> Asked:
    return Asked(**{"actor": actor, "period": MARCH, "now": APRIL, **over})


@pytest.mark.req("KPI-03", "KPI-06")
def test_what_was_confirmed_stays_whatever_happens_to_the_records(cast: Cast) -> None:
    tickets = [make_incident(cast) for _n in range(3)]
    first = closing.confirm(kpi(), asked(cast.mona.actor))
    assert first.figures[0]["value"] == "3"
    assert closing.unpack(first.rows) == [ticket.pk for ticket in tickets]
    assert closing.is_whole(first)
    Record.objects.filter(pk=tickets[0].pk).update(opened_at=APRIL)
    kept = Confirmation.objects.get()
    assert (kept.figures[0]["value"], closing.unpack(kept.rows)) == ("3", closing.unpack(first.rows))
    with pytest.raises(Error, match="Cannot update"), transaction.atomic():
        Confirmation.objects.update(score=100)
    with pytest.raises(ValidationError, match="why what was confirmed is corrected"):
        closing.confirm(kpi(), asked(cast.mona.actor))
    second = closing.confirm(kpi(), asked(cast.mona.actor), reason="One was dated wrongly")
    assert (second.number, second.figures[0]["value"]) == (2, "2")
    assert Confirmation.objects.count() == 2


@pytest.mark.req("KPI-03")
def test_the_named_checker_confirms_and_nobody_else(cast: Cast) -> None:
    solved = kpi("P01.R2.K2")  # checked by the incident manager
    with pytest.raises(Denied):
        closing.confirm(solved, asked(cast.alice.actor))
    closing.name_checkers("Incident manager", [cast.alice.pk], actor=cast.mona.actor)
    with pytest.raises(Denied):
        closing.confirm(solved, asked(cast.mona.actor))
    assert closing.confirm(solved, asked(cast.alice.actor)).confirmed_by == cast.alice
    with pytest.raises(ValidationError, match="No indicator is checked"):
        closing.name_checkers("Gardener", [cast.alice.pk], actor=cast.mona.actor)
    with pytest.raises(Denied):
        closing.name_checkers("Incident manager", [], actor=cast.alice.actor)


@pytest.mark.req("KPI-03")
def test_a_checker_who_leads_nothing_opens_what_is_to_be_checked_and_confirms_it(
    cast: Cast, client_of: Any
) -> None:
    browser = client_of(cast.alice)
    page = f"/kpis/P01.R2.K2/?{QUERY}"
    assert {browser.get(at).status_code for at in (page, f"/kpis/?{QUERY}")} == {403}
    closing.name_checkers("Incident manager", [cast.alice.pk], actor=cast.mona.actor)
    listed = browser.get(f"/kpis/?{QUERY}").content.decode()
    assert "P01.R2.K2" in listed
    assert "P01.R1.K1" not in listed  # internal auditors check that one
    assert 'href="/kpis/checkers/"' not in listed
    assert browser.get(f"/kpis/P01.R1.K1/?{QUERY}").status_code == 403
    assert browser.get(f"/kpis/scores/?{QUERY}").status_code == 403
    assert browser.get(page).status_code == 200
    assert browser.post(f"/kpis/P01.R2.K2/confirm/?{QUERY}", {"expected": "0"}).status_code == 302
    assert Confirmation.objects.get().confirmed_by == cast.alice


@pytest.mark.req("KPI-03")
@pytest.mark.parametrize(
    ("name", "facts", "field"),
    [
        ("P16.R1.K1", {}, "points"),  # not computed: only by hand
        ("P16.R1.K1", {"points": Decimal(80)}, "reason"),
        ("P16.R1.K1", {"points": Decimal(80), "reason": "Two of three"}, "evidence"),
        ("X21", {"points": Decimal(180), "reason": "x", "evidence": "y"}, "points"),
        ("X21", {"points": Decimal(-5), "reason": "x", "evidence": "y"}, "points"),
        ("P01.R1.K4", {"points": Decimal(5), "reason": "x", "evidence": "y"}, "points"),
    ],
)
def test_points_by_hand_need_reason_and_evidence(
    cast: Cast, name: str, facts: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        closing.confirm(kpi(name), asked(cast.mona.actor), **facts)
    assert set(refused.value.message_dict) == {field}


def test_a_qualitative_one_is_scored_by_hand(cast: Cast) -> None:
    facts: dict[str, Any] = {"points": Decimal(80), "reason": "Two of three", "evidence": "AUD-2026-1"}
    row = closing.confirm(kpi("P16.R1.K1"), asked(cast.mona.actor), **facts)
    assert row.score == Decimal(80)
    assert row.is_by_hand
    assert closing.unpack(row.rows) == row.figures == []


def test_a_period_that_is_not_over_is_not_confirmed(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="not over"):
        closing.confirm(kpi(), asked(cast.mona.actor, now=datetime(2026, 3, 31, 23, tzinfo=ZONE)))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_at_once_one_does(cast: Cast) -> None:
    make_incident(cast)
    gate, outcomes = Barrier(2), list[str]()

    def press() -> None:
        try:
            gate.wait(5)
            closing.confirm(kpi(), asked(cast.mona.actor), expected=0)
            outcomes.append("confirmed")
        except ValidationError:
            outcomes.append("refused")
        finally:
            connection.close()

    people = [Thread(target=press) for _n in range(2)]
    for person in people:
        person.start()
    for person in people:
        person.join(10)
    assert sorted(outcomes) == ["confirmed", "refused"]
    assert Confirmation.objects.count() == 1


@pytest.mark.req("KPI-02")
def test_weights_and_goals_of_a_day_score_periods_from_then_on(cast: Cast) -> None:
    def weigh(since: date, goal: int, weight: int = 1) -> None:
        closing.weigh(
            kpi(), since=since, weight=Decimal(weight), goal=Decimal(goal), floor=Decimal(0),
            points=Decimal(1), actor=cast.mona.actor, now=APRIL,
        )  # fmt: skip

    for _n in range(2):
        make_incident(cast)
    weigh(date(2026, 1, 1), 4)
    weigh(date(2026, 4, 1), 2)
    row = closing.confirm(kpi(), asked(cast.mona.actor))
    assert row.score == 50
    (process, role) = scores.totals(scores.rows(asked(cast.mona.actor)))
    assert process.points == role.points == Decimal(50)
    assert role.rows[0].is_confirmed
    with pytest.raises(ValidationError, match="must differ"):
        weigh(date(2026, 1, 1), 0)
    with pytest.raises(Denied):
        closing.weigh(
            kpi(), since=MARCH.first, weight=Decimal(1), goal=None, floor=None, points=Decimal(1),
            actor=cast.alice.actor, now=APRIL,
        )  # fmt: skip


@pytest.mark.req("KPI-03")
def test_it_is_confirmed_and_corrected_on_its_page(cast: Cast, client: Client) -> None:
    make_incident(cast)
    client.force_login(cast.mona)
    url = f"/kpis/X21/confirm/?{QUERY}"
    assert "Nothing is confirmed for this period yet." in client.get(f"/kpis/X21/?{QUERY}").content.decode()
    assert client.post(url, {"expected": 0}).status_code == 302
    page = client.get(f"/kpis/X21/?{QUERY}")
    assert page.context["confirmed"][0]["figures"] == ["1"]
    refused = client.post(url, {"expected": 1})
    assert refused.status_code == 422
    assert "Say why what was confirmed is corrected." in refused.content.decode()
    Record.objects.update(opened_at=APRIL)
    page = client.get(f"/kpis/X21/?{QUERY}")
    assert "the figure is another one than was confirmed" in page.content.decode()
    then = client.get(f"/kpis/X21/?{QUERY}&kept=1")
    assert len(then.context["lines"]) == 1
    assert client.get(f"/kpis/X21/?{QUERY}&kept=7").status_code == 404


def test_who_covers_one_customer_reads_no_others_rows_of_a_closed_period(cast: Cast, client: Client) -> None:
    make_incident(cast)
    closing.confirm(kpi(), asked(cast.mona.actor))
    Grant.objects.filter(user=cast.mona).update(organisation=cast.globex)
    client.force_login(cast.mona)
    page = client.get(f"/kpis/X21/?{QUERY}")
    assert page.context["confirmed"] == []
    assert client.get(f"/kpis/X21/?{QUERY}&kept=1").status_code == 404
    cast.mona.refresh_from_db()
    with pytest.raises(Denied):
        closing.confirm(kpi(), asked(User.objects.get(pk=cast.mona.pk).actor))
