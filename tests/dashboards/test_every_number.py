"""Over the whole demo: every number of every dashboard opens a list of exactly that many rows."""

import html
import re
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from dashboards.processes import processes
from kpis import measuring
from records import spans
from tests.figure_links import listed, numbers, read, whole

# of the service-level dashboard, whose links are older than data-count
OLD = re.compile(
    r'<a[^>]+href="(/reports/(?:tickets|targets|workload|parties|support)/[^"]+)"[^>]*>\s*([\d,]+)\s*</a>'
)
BAR = re.compile(r'<a[^>]+href="(\?[^"]*cause=[^"]*)"[^>]*>.*?<td class="num">([\d,]+)</td>')


def counted(text: str, base: str) -> Iterator[tuple[str, int]]:
    """Every number of a page with its list, whichever way it is marked."""
    yield from numbers(text)
    for url, n in OLD.findall(text):
        yield html.unescape(url), int(n.replace(",", ""))
    for url, n in BAR.findall(text):
        yield base + html.unescape(url), int(n.replace(",", ""))


@pytest.mark.req("RPT-14", "KPI-01")
def test_every_number_of_every_dashboard_of_the_demo_opens_exactly_what_it_counts(db: None) -> None:
    call_command("demo", verbosity=0)
    now, zone = timezone.now(), timezone.get_default_timezone()
    month = spans.of("month", timezone.localdate(now), zone)
    for span in (month.previous, month):
        measuring.measure(span, now=now)
    client = Client()
    client.force_login(User.objects.get(username="manager"))
    pages = ["/reports/workload/", "/reports/parties/", "/reports/misses/", "/reports/misses/?by=team"]
    pages += [f"/reports/?by={by}" for by in ("agreement", "priority", "service", "team")]
    pages += [f"/reports/desk/?by={by}" for by in ("priority", "team")]
    pages += [f"/reports/desk/pareto/?by={by}" for by in ("service", "item", "offering")]
    pages += [f"/dashboards/management/?month={span.code}" for span in (month.previous, month)]
    pages += [f"/dashboards/{slug}/?month={month.previous.code}" for slug in processes()]
    seen: dict[str, int] = {}
    for page in pages:
        for url, n in dict(counted(whole(client, page), page.partition("?")[0])).items():
            if url not in seen:
                seen[url] = listed(client, url)
            assert seen[url] == n, f"{page}: {url} shows {seen[url]} rows for {n}"
    assert len(seen) > 300
    assert sum(1 for n in seen.values() if n) > 150
    assert "/dashboards/management/" in read(client, "/dashboards/")
