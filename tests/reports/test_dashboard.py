"""The dashboard: every number on it opens exactly the list it counts."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

import incidents.services
from records import services
from tests.cast import MONDAY, Cast, make_agreement, make_incident

Browser = Callable[[Any], Client]
HOUR = timedelta(hours=1)
MARCH = "from=2026-03-01&to=2026-03-31"
LINK = re.compile(r'<a[^>]+href="(/reports/(?:tickets|targets)/[^"]+)"[^>]*>(.*?)</a>', re.DOTALL)


@pytest.fixture
def month(cast: Cast) -> Cast:
    """A month with work met, missed, open and of two customers."""
    make_agreement(cast.calendar, cast.globex)
    for n in range(6):
        incident = make_incident(cast, now=MONDAY + n * HOUR, impact=1 + n % 3)
        if n % 2:
            services.comment(
                incident, text="Hello", is_public=True, actor=cast.alice.actor, now=MONDAY + (n + 1) * HOUR
            )
        if n < 4:
            incidents.services.resolve(
                incident, code="solved", steps="Done", actor=cast.bob.actor,
                now=MONDAY + timedelta(days=n, hours=n),
            )  # fmt: skip
    make_incident(cast, customer=cast.globex, requester=cast.charlie, service=None)
    return cast


def numbers_of(html: str) -> list[tuple[str, int]]:
    """Every link to a list with the count it shows."""
    found = []
    for url, inside in LINK.findall(html):
        value = re.search(r"figure-value[^>]*>\s*([\d,]+)<", inside) or re.fullmatch(
            r"\s*([\d,]+)\s*", inside
        )
        if value:
            found.append((url.replace("&amp;", "&"), int(value[1].replace(",", ""))))
    return found


@pytest.mark.req("INC-20", "SLM-37")
@pytest.mark.parametrize("by", ["agreement", "priority", "service", "team"])
def test_every_number_opens_exactly_the_list_it_counts(month: Cast, client_of: Browser, by: str) -> None:
    client = client_of(month.mona)
    html = client.get(f"/reports/?{MARCH}&by={by}").content.decode()
    numbers = numbers_of(html)
    assert len(numbers) > 10
    assert sum(n for _url, n in numbers) > 10
    for url, n in numbers:
        listed = client.get(url)
        assert listed.status_code == 200, url
        assert listed.content.decode().count("<tr data-row") == n, url


def test_the_dashboard_is_for_managers_only(month: Cast, client_of: Browser) -> None:
    for user, status in ((month.mona, 200), (month.admin, 200), (month.alice, 403), (month.rita, 403)):
        assert client_of(user).get("/reports/").status_code == status, user
    assert Client().get("/reports/").status_code == 302


def test_narrowing_to_one_customer_leaves_the_others_out(month: Cast, client_of: Browser) -> None:
    client = client_of(month.mona)
    html = client.get(f"/reports/tickets/opened/?{MARCH}&customer={month.globex.pk}").content.decode()
    assert "Globex" in html
    assert "Acme" not in html
    assert "data-total>1<" in html


@pytest.mark.parametrize(
    "words", ["from=yesterday", "from=2026-03-02&to=2026-03-01", "customer=x", "by=moon"]
)
def test_what_cannot_be_read_is_a_clear_400(month: Cast, client_of: Browser, words: str) -> None:
    assert client_of(month.mona).get(f"/reports/?{words}").status_code == 400


def test_an_empty_period_says_no_data_and_never_zero_percent(cast: Cast, client_of: Browser) -> None:
    html = client_of(cast.mona).get("/reports/?from=2020-01-01&to=2020-01-31").content.decode()
    assert "No data in this period." in html
    assert "0 %" not in html


def test_the_dashboard_asks_few_questions(
    month: Cast, client_of: Browser, django_assert_max_num_queries: Any
) -> None:
    client = client_of(month.mona)
    with django_assert_max_num_queries(30):
        client.get(f"/reports/?{MARCH}")
