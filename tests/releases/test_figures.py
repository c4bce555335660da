"""The figures of quarters and years: each number is its list, and the reports are kept."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils.timezone import get_default_timezone

from accounts.models import Grant
from records import spans
from releases import figures, period_reports, reporting, services
from releases.models import PeriodReport
from tests.cast import MONDAY, Cast, make_incident
from tests.releases import made as m

pytestmark = pytest.mark.django_db
QUARTER = spans.parse("2026-Q1", get_default_timezone())


def three(cast: Cast) -> None:
    """One successful release with an incident, one backed out, one called off."""
    first, second = m.server(cast), m.server(cast, "mail-02")
    one = m.change(cast, first)
    good = m.in_service(cast, (one, first))
    incident = make_incident(cast, item=first, now=m.START + m.DAY)
    reporting.judge_incident(
        good, incident=incident, is_related=True, actor=cast.alice.actor, now=m.START + m.DAY
    )
    m.backed_out(cast, (m.change(cast, second, after=m.DAY), second), title="Second")
    services.call_off(m.begun(cast, title="Third"), reason="x", actor=cast.mona.actor, now=MONDAY)


@pytest.mark.req("REL-07")
def test_the_success_rate_and_every_number_come_from_the_list_behind_it(cast: Cast) -> None:
    three(cast)
    found = figures.of(QUARTER, cast.mona.actor)
    assert found.counts == {
        "deployed": 2, "success": 1, "backed_out": 1, "failed": 0, "late": 0, "incidents": 1, "called_off": 1,
    }  # fmt: skip
    assert found.success_rate == 50.0
    for key, count in found.counts.items():
        assert len(figures.listed(key, QUARTER, cast.mona.actor)) == count
    assert figures.of(QUARTER.year, cast.mona.actor).counts == found.counts
    empty = figures.of(QUARTER.previous, cast.mona.actor)
    assert (empty.counts["deployed"], empty.success_rate) == (0, None)


@pytest.mark.req("REL-07")
def test_a_report_of_each_quarter_and_year_is_made_once_when_it_is_over_and_kept(cast: Cast) -> None:
    three(cast)
    make = lambda at: period_reports.make_due(actor=cast.system, now=at)  # noqa: E731
    assert make(MONDAY) == []
    (spring,) = make(datetime(2026, 4, 1, tzinfo=UTC))
    assert (spring.period, spring.figures["success_rate"]) == ("2026-Q1", 50.0)
    assert make(datetime(2026, 4, 2, tzinfo=UTC)) == []
    year = make(datetime(2027, 1, 1, tzinfo=UTC))
    assert [row.period for row in year] == ["2026-Q4", "2026"]
    with pytest.raises(DatabaseError), transaction.atomic():
        PeriodReport.objects.update(figures={})


@pytest.mark.req("REL-07")
def test_the_page_shows_the_rate_and_each_number_opens_its_list(cast: Cast, client: Client) -> None:
    three(cast)
    period_reports.make_due(actor=cast.system, now=datetime(2026, 4, 1, tzinfo=UTC))
    client.force_login(cast.mona)
    shown = client.get("/releases/figures/?period=2026-Q1").content.decode()
    assert "/releases/figures/backed_out/?period=2026-Q1" in shown
    assert "Quarter 1 of 2026" in shown
    behind = client.get("/releases/figures/backed_out/?period=2026-Q1").content.decode()
    assert "Second" in behind
    assert "Mail 2.4" not in behind
    assert client.get("/releases/figures/odd/").status_code == 404
    assert client.get("/releases/figures/?period=nonsense").status_code == 200
    answer = client.get("/api/v1/releases/figures/?period=2026")
    assert (answer.json()["success_rate"], answer.json()["period"]) == (50.0, "2026")
    assert client.get("/api/v1/releases/figures/?period=2026-Q9").status_code == 400


def test_a_manager_of_some_customers_counts_theirs_only_and_reads_no_report_of_all(
    cast: Cast, client: Client
) -> None:
    three(cast)
    period_reports.make_due(actor=cast.system, now=datetime(2026, 4, 1, tzinfo=UTC))
    Grant.objects.filter(user=cast.mona).update(organisation=cast.globex)
    client.force_login(cast.mona)
    actor = type(cast.mona).objects.get(pk=cast.mona.pk).actor
    assert figures.of(QUARTER, actor).counts["deployed"] == 0
    shown = client.get("/releases/figures/?period=2026-Q1").content.decode()
    assert "A report is kept of each quarter" in shown
