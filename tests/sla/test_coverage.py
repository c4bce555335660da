"""What is promised to whom, and what is missing."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Organisation
from catalog.models import Service
from sla import coverage
from sla.models import Agreement, AgreementVersion, Metric, Target, Underpinning
from sla.queries import agreements
from tests.cast import EARLY, MONDAY, Cast, make_agreement

pytestmark = [pytest.mark.django_db, pytest.mark.req("SLM-59")]


def found(cast: Cast) -> coverage.Coverage:
    versions = AgreementVersion.objects.filter(agreement__in=agreements(cast.mona.actor)).select_related(
        "agreement__customer", "calendar"
    )
    return coverage.load(versions, MONDAY)


def grid(cast: Cast, customer: Organisation) -> list[coverage.Line]:
    return found(cast).lines(customer, Service.objects.published())


def ola(cast: Cast, until: object = None) -> Agreement:
    agreement = Agreement.objects.create(code="ola-desk", kind="ola", team=cast.desk, name_en="Desk OLA")
    version = make_version(agreement, cast, effective_until=until)
    Target.objects.create(version=version, metric=Metric.RESOLUTION, amount=3600)
    return agreement


def make_version(agreement: Agreement, cast: Cast, **over: object) -> AgreementVersion:
    facts = {
        "agreement": agreement, "number": 1, "effective_from": EARLY, "calendar": cast.calendar, "matrix": {},
        "pausing_reasons": [], "warn_at": [], "created_by": cast.mona, "created_at": EARLY, **over,
    }  # fmt: skip
    return AgreementVersion.objects.create(**facts)


def test_a_customer_without_an_agreement_stands_under_the_default_commitment(cast: Cast) -> None:
    (line,) = grid(cast, cast.globex)
    assert line.is_default
    assert [cell.missing for cell in line.cells] == [()] * 4
    assert line.cells[0].promised == ("first_response", "next_update", "resolution")


def test_a_priority_without_a_promise_is_shown_as_missing(cast: Cast) -> None:
    agreement = Agreement.objects.create(code="acme-own", customer=cast.acme, name_en="Acme's own")
    version = make_version(agreement, cast)
    Target.objects.create(version=version, metric=Metric.RESOLUTION, priority=1, amount=3600)
    (line,) = grid(cast, cast.acme)
    assert line.agreement == agreement
    assert not line.is_default
    assert [cell.missing for cell in line.cells] == [
        ("first_response",), *[("first_response", "resolution")] * 3
    ]  # fmt: skip


def test_nothing_at_all_is_promised_where_no_agreement_is_in_force(cast: Cast) -> None:
    (line,) = coverage.load([], MONDAY).lines(cast.acme, [cast.mail])
    assert line.agreement is None
    assert all(cell.promised == () for cell in line.cells)


def test_of_two_agreements_of_a_customer_the_one_that_does_not_count_is_named(cast: Cast) -> None:
    old = make_agreement(cast.calendar, cast.acme).agreement
    new = Agreement.objects.create(code="acme-2", customer=cast.acme, name_en="Acme's second")
    make_version(new, cast, effective_from=MONDAY - timedelta(days=1))
    assert [(f.agreement, f.other) for f in found(cast).duplicates()] == [(old, new)]


def test_agreements_that_ran_out_or_soon_will_are_named(cast: Cast) -> None:
    gone = Agreement.objects.create(code="gone", customer=cast.acme, name_en="Gone")
    make_version(gone, cast, effective_until=MONDAY - timedelta(days=1))
    going = Agreement.objects.create(code="going", customer=cast.globex, name_en="Going")
    make_version(going, cast, effective_until=MONDAY + timedelta(days=30))
    assert [f.agreement for f in found(cast).expired()] == [gone]
    assert [f.agreement for f in found(cast).expiring()] == [going]


def test_an_ended_agreement_is_neither_in_force_nor_run_out(cast: Cast) -> None:
    ended = Agreement.objects.create(
        code="ended", customer=cast.acme, name_en="Ended", ended_at=MONDAY - timedelta(days=1)
    )
    make_version(ended, cast)
    assert ended not in [v.agreement for v in found(cast).in_force]
    assert found(cast).expired() == []


def test_targets_on_which_nobody_works_for_us_are_named_until_something_stands_behind_them(
    cast: Cast,
) -> None:
    own = make_agreement(cast.calendar, cast.acme)
    named = {f.detail for f in found(cast).without_support()}
    assert "resolution//1" in named
    Underpinning.objects.create(
        version=own, target_key="resolution//1", agreement=ola(cast), supporting_key="resolution//"
    )
    assert {f.detail for f in found(cast).without_support()} == named - {"resolution//1"}


@pytest.mark.req("SUP-11")
def test_what_ends_before_the_agreement_resting_on_it_is_named(cast: Cast) -> None:
    own = make_agreement(cast.calendar, cast.acme)
    short = ola(cast, until=MONDAY + timedelta(days=90))
    Underpinning.objects.create(
        version=own, target_key="resolution//1", agreement=short, supporting_key="resolution//"
    )
    (finding,) = found(cast).ends_too_early()
    assert (finding.agreement, finding.other) == (short, own.agreement)


def test_a_service_outside_every_list_is_uncovered(cast: Cast) -> None:
    agreement = Agreement.objects.create(code="acme-own", customer=cast.acme, name_en="Acme's own")
    make_version(agreement, cast, terms={"calendar": cast.calendar.code, "services": ["other"]})
    assert found(cast).uncovered([cast.mail]) == [cast.mail]


@pytest.mark.parametrize(
    ("language", "words", "target"),
    [
        ("en", "Coverage of agreements", "Resolution · all services · Priority 1"),
        ("zh-hans", "协议覆盖情况", "解决 · 所有服务 · 优先级 1"),
    ],
)
def test_the_page_shows_grid_and_findings_in_the_readers_language(
    client: Client, cast: Cast, language: str, words: str, target: str
) -> None:
    make_agreement(cast.calendar, cast.acme)
    cast.mona.language = language
    cast.mona.save()
    client.force_login(cast.mona)
    page = client.get("/sla/coverage/").content.decode()
    assert words in page
    assert target in page
    assert "resolution//1" not in page


def test_what_is_missing_is_named_as_within_a_sentence(client: Client, cast: Cast) -> None:
    agreement = Agreement.objects.create(code="acme-own", customer=cast.acme, name_en="Acme's own")
    make_version(agreement, cast)
    client.force_login(cast.mona)
    page = client.get("/sla/coverage/").content.decode()
    assert "no resolution" in page
    assert "no Resolution" not in page


def test_a_customer_that_is_no_number_is_refused_in_words(client: Client, cast: Cast) -> None:
    client.force_login(cast.mona)
    assert client.get("/sla/coverage/?customer=x").status_code == 400


def test_the_page_asks_as_often_for_many_customers_as_for_few(
    client: Client, cast: Cast, django_assert_max_num_queries: object
) -> None:
    for n in range(8):
        customer = Organisation.objects.create(code=f"c{n}", name_en=f"Customer {n}")
        make_agreement(cast.calendar, customer)
    client.force_login(cast.mona)
    with django_assert_max_num_queries(19):  # type: ignore[operator]
        assert client.get("/sla/coverage/").status_code == 200
