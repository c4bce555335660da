"""Every list that can be had as a file: the same rows as its page, nothing of anybody else's, few queries."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.access import may
from accounts.models import Grant, Organisation, User
from exports import running, services, sources
from exports.models import Export
from exports.sources import Source
from records import files
from records.models import Record

# lists that are of something: what their address needs in any case
NEEDED = {
    "report-tickets": "figure=opened",
    "report-targets": "metric=all&outcome=decided",
    "indicator-rows": "kpi=X21",
}
# their pages show figures, or the rows of one page without a count: counted in a test of their own
OTHERWISE = ("survey-answers", "indicators", "indicator-rows")
INDICATORS = ("indicators", "indicator-rows")  # only for who checks them
# one filtered address of each list, besides the one without filters
FILTERED = {
    "actions": "state=any&who=all",
    "agreements": "state=in_force",
    "alerts": "view=all",
    "articles": "state=any",
    "assets": "state=here",
    "calls": "part=answered",
    "changes": "state=any",
    "complaints": "state=any",
    "improvement-plans": "state=active",
    "items": "important=1",
    "known-errors": "state=",
    "portal-tickets": "show=all&whose=all",
    "problems": "state=any",
    "procurements": "state=all",
    "releases": "state=any",
    "requirements": "state=any",
    "supplier-contracts": "state=in_force",
    "suppliers": "all=",
    "tickets": "view=all&priority=2",
    "transitions": "state=any",
    "report-tickets": "figure=open",
    "exclusions": "decided=1",
    "misses": "by=team",
    "unauthorised-changes": "state=open",
}
STAFF, CUSTOMER = "slm", "contact"


def queries_of(source: Source) -> list[str]:
    """An address of a list as it is opened first, and one that is narrowed."""
    first = NEEDED.get(source.name, "")
    return list(dict.fromkeys((first, FILTERED.get(source.name, first))))


@pytest.fixture(scope="module")
def _loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The demo, loaded once for all of these tests and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("demo", stdout=io.StringIO())
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(_loaded: None, db: None) -> None:
    """Each test of its own on top of it."""


def actor_of(name: str) -> Any:
    return User.objects.prefetch_related("grants", "memberships").get(username=name).actor


def exported(source: Source, query: str, who: str, kind: str = "csv") -> tuple[Export, list[list[str]]]:
    """The file made of a list, and its rows below the head."""
    export, _is_new = services.ask(
        source, query, kind, once=f"{source.name}{query}{kind}{who}", actor=actor_of(who),
        now=timezone.now().replace(microsecond=0), language="en",
    )  # fmt: skip
    assert running.run(export.pk) is False
    export.refresh_from_db()
    assert export.state == Export.State.DONE, (source.name, export.reason)
    text = files.path_of(export.key).read_bytes().decode("utf-8-sig")
    return export, list(csv.reader(io.StringIO(text, newline="")))[1:]


def counted(response: Any) -> int:
    """How many rows the page of a list says it has."""
    context = response.context
    if "sections" in context and "schedule" in context:
        return sum(len(section["rows"]) for section in context["sections"])
    if isinstance(context.get("total"), int):
        return int(context["total"])
    if hasattr(context.get("page"), "paginator"):
        return int(context["page"].paginator.count)
    return len(context["lines"] if "lines" in context else context["rows"])


def pages_alike(rows: int, page: Any) -> bool:
    """Whether a page shows as many; one that goes on without a count shows its first 25."""
    is_cut = bool(page.context.get("older_url"))
    return min(rows, 25) == counted(page) if is_cut else rows == counted(page)


@pytest.mark.req("RPT-13")
def test_a_file_holds_exactly_the_rows_its_page_counts(demo: None, client: Client) -> None:
    wrong, empty = [], []
    for source in sources.known():
        who = CUSTOMER if source.permission == "portal" else STAFF
        client.force_login(User.objects.get(username=who))
        for query in queries_of(source):
            address = source.address(QueryDict(query))
            if not address or source.name in OTHERWISE:
                continue
            response = client.get(address)
            assert response.status_code == 200, (source.name, address)
            _export, rows = exported(source, query, who)
            if not pages_alike(len(rows), response):
                wrong.append((source.name, query, len(rows), counted(response)))
            if not rows:
                empty.append((source.name, query))
    assert wrong == []
    assert len({name for name, _query in empty}) <= 6, empty


@pytest.mark.req("RPT-13", "KPI-05")
def test_the_rows_of_an_indicator_are_as_many_as_it_counts(demo: None) -> None:
    figures, rows = sources.get("indicators"), sources.get("indicator-rows")
    assert figures
    assert rows
    actor, now = actor_of(STAFF), timezone.now()
    told = 0
    for figure in figures.rows(actor, QueryDict(), now):
        if figure.part is None or not figure.value.record_count:
            continue
        place = figure.kpi.parts.index(figure.part)
        found = rows.rows(actor, QueryDict(f"kpi={figure.kpi.id}&part={place}"), now)
        assert found.count() == figure.value.record_count, figure.kpi.id  # type: ignore[call-arg]
        told += 1
    assert told > 20
    _export, lines = exported(figures, "", STAFF)
    assert len(lines) == len(figures.rows(actor, QueryDict(), now))


@pytest.mark.req("SEC-06", "RPT-13")
def test_who_is_confined_to_a_customer_finds_nothing_of_another_one_in_any_file(demo: None) -> None:
    agent = User.objects.get(username="agent")
    customers = list(Organisation.objects.filter(kind="customer").order_by("pk"))
    Grant.objects.filter(user=agent).update(organisation=customers[0])
    foreign = {each.name_en for each in customers[1:]} | {each.name_zh for each in customers[1:]}
    checked = 0
    for source in sources.known():
        if not source.may(actor_of("agent")) or source.name in INDICATORS:
            continue
        for query in queries_of(source):
            _export, rows = exported(source, query, "agent")
            named = {
                column.name: n
                for n, column in enumerate(source.columns_for(actor_of("agent"), QueryDict(query)))
            }
            if "customer" in named:
                found = {row[named["customer"]] for row in rows}
                assert not found & foreign, source.name
                checked += len(found - {""})
    assert checked > 5


@pytest.mark.req("SEC-06")
def test_customers_export_their_own_lists_and_no_other(demo: None) -> None:
    offered = {source.name for source in sources.offered_to(actor_of(CUSTOMER))}
    assert offered == {"portal-tickets", "portal-reports"}
    source = sources.get("portal-tickets")
    assert source
    _export, rows = exported(source, "show=all&whose=all", CUSTOMER)
    own = User.objects.get(username=CUSTOMER).organisation
    assert rows
    for row in rows:
        assert Record.objects.get(number=row[0]).customer_id == own.pk


def test_each_list_says_who_may_have_it(demo: None) -> None:
    for source in sources.known():
        if not source.permission:
            continue
        for name in (STAFF, "agent", CUSTOMER, "customer"):
            actor = actor_of(name)
            assert source.may(actor) == (may(actor, "export") and may(actor, source.permission))


@pytest.mark.req("RPT-13")
def test_a_chunk_is_read_in_a_fixed_number_of_queries_and_no_cell_asks_for_more(demo: None) -> None:
    for source in sources.known():
        actor = actor_of(CUSTOMER if source.permission == "portal" else STAFF)
        query, now = QueryDict(queries_of(source)[-1]), timezone.now()
        rows = source.rows(actor, query, now)
        if not isinstance(rows, QuerySet):
            continue
        keys = list(rows.values_list("pk", flat=True))
        columns = source.columns_for(actor, query)
        with CaptureQueriesContext(connection) as reading:
            chunk = list(source.read(rows.order_by()).filter(pk__in=keys))
            source.attach(chunk, actor, now)
        assert len(reading) <= 5, source.name
        with CaptureQueriesContext(connection) as asking:
            for row in chunk:
                for column in columns:
                    str(column.value(row))
        assert len(asking) == 0, (source.name, asking[0]["sql"])
