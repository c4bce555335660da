"""The rows behind a figure come page by page, all of them and each once, whatever the address says."""

import io
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from kpis import engine
from kpis.engine import Asked
from reports.period import Period
from tests.cast import Cast, make_incident

pytestmark = pytest.mark.django_db


@pytest.mark.req("KPI-01")
def test_the_pages_of_every_figure_hold_each_of_its_rows_once() -> None:
    call_command("demo", stdout=io.StringIO())
    zone, now = ZoneInfo("Asia/Shanghai"), timezone.now()
    today = timezone.localdate(now, zone)
    asked = Asked(User.objects.get(username="slm").actor, Period(today.replace(year=today.year - 1, day=1),
                  today, zone), now)  # fmt: skip
    several = 0
    for kpi in engine.all_kpis():
        for part in kpi.parts:
            n, seen, after = engine.compute(part, asked).record_count, [], ""
            if n > 300:
                continue
            while True:
                rows, after = engine.page(part, asked, after=after, size=7)
                seen += [row.pk for row in rows]
                if not after:
                    break
            assert len(seen) == len(set(seen)) == n, (kpi.id, part.at)
            several += n > 7
    assert several > 20


@pytest.mark.parametrize(
    "after",
    ["x", "~", "5~5", "2026-03-01~5", "2026-03-01T00:00~5", "²~²", "2026-03-01T00:00:00+00:00~" + "9" * 40],
)
def test_a_place_that_no_page_wrote_leads_to_the_first_page(cast: Cast, client: Client, after: str) -> None:
    ticket = make_incident(cast)
    client.force_login(cast.mona)
    query = {"from": "2026-03-01", "to": "2026-03-31", "after": after}
    assert ticket.number in client.get("/kpis/X21/", query).content.decode()
    assert client.get("/kpis/X10/", query).status_code == 200
    assert client.get("/kpis/P03.R1.K1/", query).status_code == 200
