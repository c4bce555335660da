"""Time by party over a period: it sums to the total, and every number opens its list."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import User
from incidents import services
from records import assignment
from records.models import Record
from sla.models import Agreement, AgreementVersion, Clock, Metric, Target
from sla.policy import DEFAULT_MATRIX
from suppliers.models import Supplier
from tests.cast import EARLY, MONDAY, Cast, make_incident

pytestmark = [pytest.mark.django_db, pytest.mark.req("SLM-34")]
Browser = Callable[[User], Client]
HOUR = timedelta(hours=1)
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}
DAY = {"from": "2026-03-02", "to": "2026-03-02"}


@pytest.fixture
def held(cast: Cast) -> Cast:
    """Two tickets: the desk has one for 2 h, then second line for 3 h; the desk keeps the other 1 h."""
    ola = Agreement.objects.create(
        code="ola-second", name_en="Second line OLA", name_zh="二线", kind="ola", team=cast.second
    )
    version = AgreementVersion.objects.create(
        agreement=ola, number=1, effective_from=EARLY, calendar=cast.calendar, matrix=dict(DEFAULT_MATRIX),
        pausing_reasons=[], warn_at=[50], created_by=cast.mona, created_at=EARLY,
    )  # fmt: skip
    Target.objects.create(version=version, metric=Metric.RESOLUTION, amount=2 * 3600)
    actor = cast.alice.actor
    first = make_incident(cast, title="First")
    first = assignment.assign(first, team=cast.second, assignee=None, actor=actor, now=MONDAY + 2 * HOUR)
    services.resolve(first, code="solved", steps="Done.", actor=actor, now=MONDAY + 5 * HOUR)
    second = make_incident(cast, title="Second")
    services.resolve(second, code="solved", steps="Done.", actor=actor, now=MONDAY + HOUR)
    return cast


def figures_of(page: Client, asked: dict[str, str]) -> dict[str, tuple[int, int]]:
    rows = page.get("/reports/parties/", asked).context["parties"]
    return {row["label"]: (row["seconds"], row["tickets"]) for row in rows}


def test_the_times_of_a_month_add_up_to_the_time_the_tickets_were_open(
    held: Cast, client_of: Browser
) -> None:
    mona = client_of(held.mona)
    assert figures_of(mona, MARCH) == {
        held.second.name: (3 * 3600, 1),
        held.desk.name: (3 * 3600, 2),
    }
    page = mona.get("/reports/parties/", MARCH)
    open_for = sum(
        (record.done_at - record.opened_at).total_seconds()
        for record in Record.objects.tickets()
        if record.done_at
    )
    assert page.context["total"] == open_for == 6 * 3600
    for row in page.context["parties"]:
        listed = mona.get(row["url"])
        assert listed.context["total"] == row["tickets"]
        assert sum(ticket["seconds"] for ticket in listed.context["tickets"]) == row["seconds"]


def test_a_period_counts_only_its_own_part_and_nothing_to_come(held: Cast, client_of: Browser) -> None:
    mona = client_of(held.mona)
    assert figures_of(mona, {"from": "2026-03-03", "to": "2026-03-31"}) == {}
    assert "Nobody had a ticket" in mona.get("/reports/parties/", {"from": "2026-03-03"}).content.decode()
    assert figures_of(mona, {"from": "2027-03-03", "to": "2027-03-31"}) == {}
    other = {**DAY, "customer": str(held.globex.pk)}
    assert figures_of(mona, other) == {}


@pytest.mark.req("SLM-08")
def test_an_ola_shows_its_attainment_and_opens_the_clocks_it_counts(held: Cast, client_of: Browser) -> None:
    mona = client_of(held.mona)
    (row,) = mona.get("/reports/parties/", MARCH).context["supports"]
    clock = Clock.every.get(support=row["agreement"])
    assert (row["met"], row["missed"]) == ((0, 1) if clock.breached_at else (1, 0))
    assert row["met"] + row["missed"] == 1
    for what in ("met", "missed"):
        assert mona.get(row[f"{what}_url"]).context["total"] == row[what]


def test_a_party_or_agreement_that_is_none_is_not_found(held: Cast, client_of: Browser) -> None:
    mona = client_of(held.mona)
    for wrong in ("moon", "team-x", "customer-3", "team-99999999999999999999"):
        assert mona.get(f"/reports/parties/{wrong}/").status_code == 404, wrong
    ola = Agreement.objects.get(code="ola-second")
    assert mona.get(f"/reports/support/{ola.pk}/speed/met/").status_code == 404
    assert mona.get(f"/reports/support/{ola.pk}/resolution/decided/").status_code == 404


def test_a_supplier_is_one_hand_whichever_team_waits_for_it(held: Cast, client_of: Browser) -> None:
    line = Supplier.objects.create(code="line", name_en="Line Ltd", name_zh="线路公司")
    actor = held.alice.actor
    for team in (held.desk, held.second):
        for supplier in (line, None):
            made = make_incident(held, title=f"{team} {supplier}")
            if team == held.second:
                made = assignment.assign(made, team=team, assignee=None, actor=actor, now=MONDAY)
            made = services.hold(
                made, reason="supplier", note="Called.", supplier=supplier, actor=actor, now=MONDAY
            )
            made = services.resume(made, actor=actor, now=MONDAY + HOUR)
            services.resolve(made, code="solved", steps="Done.", actor=actor, now=MONDAY + HOUR)
    mona = client_of(held.mona)
    rows = mona.get("/reports/parties/", DAY).context["parties"]
    named = {row["label"]: row for row in rows}
    assert (named["Line Ltd"]["seconds"], named["Line Ltd"]["tickets"]) == (2 * 3600, 2)
    assert (named["the supplier"]["seconds"], named["the supplier"]["tickets"]) == (2 * 3600, 2)
    for row in rows:
        listed = mona.get(row["url"]).context
        assert (listed["label"], listed["total"]) == (row["label"], row["tickets"])
        assert sum(ticket["seconds"] for ticket in listed["tickets"]) == row["seconds"]
