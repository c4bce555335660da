"""The proof over stored agreements: what it loads, its page and its API."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from itsm import defaults
from itsm.demo import company, general
from sla import underpinning
from sla.models import Agreement, AgreementVersion, Target
from sla.terms import Terms
from sla.underpin import Circular
from suppliers.models import Supplier
from tests.cast import EARLY, MONDAY, Cast, make_calendar

pytestmark = [pytest.mark.django_db, pytest.mark.req("SLM-21", "SLM-22")]


def promise(hours: float, *supports: tuple[str, str, int], **over: Any) -> dict[str, Any]:
    behind = [{"agreement": code, "target": key, "stage": stage} for code, key, stage in supports]
    seconds = {"kind": "business_seconds", "seconds": int(hours * 3600)}
    return {"metric": "resolution", "promise": seconds, "underpinned_by": behind, **over}


def terms(*targets: dict[str, Any], **over: Any) -> Terms:
    return Terms.parse({"calendar": "office", "targets": list(targets), **over})


def support(cast: Cast, code: str, given: Terms, **over: Any) -> AgreementVersion:
    """An OLA of the desk, or a UC where the code begins with it."""
    if code.startswith("uc"):
        party: dict[str, Any] = {"kind": "uc", "supplier": Supplier.objects.create(code=code, name_en=code)}
    else:
        party = {"kind": "ola", "team": cast.desk}
    agreement = Agreement.objects.create(code=code, name_en=f"Promise {code}", **party)
    facts = {
        "agreement": agreement, "number": 1, "effective_from": EARLY, "calendar": cast.calendar, "matrix": {},
        "pausing_reasons": [], "warn_at": [], "terms": given.dump(),
        "created_by": cast.mona, "created_at": EARLY,
    }  # fmt: skip
    return AgreementVersion.objects.create(**facts | over)


CHAIN = (("ola-desk", "resolution//", 1), ("uc-line", "resolution//", 2))


def test_a_chain_that_fits_is_proved_and_one_second_more_is_looser(cast: Cast) -> None:
    support(cast, "ola-desk", terms(promise(1)))
    support(cast, "uc-line", terms(promise(3)))
    fits, late = underpinning.prove(terms(promise(4, *CHAIN), promise(3.5, *CHAIN, priority=1)), at=MONDAY)
    assert (fits.state, fits.slack, fits.zone) == ("proved", 0, "Asia/Shanghai")
    assert late.state == "looser"
    assert late.counterexample is not None
    assert [due.agreement for due in late.counterexample.dues] == ["ola-desk", "uc-line"]


def test_missing_links_and_missing_chains_have_their_own_verdicts(cast: Cast) -> None:
    support(cast, "ola-desk", terms(promise(1)))
    wanted = terms(
        promise(4),
        promise(4, ("ola-gone", "resolution//", 1), priority=1),
        promise(4, ("ola-desk", "closure//", 1), priority=2),
    )
    alone, gone, other = underpinning.prove(wanted, at=MONDAY)
    assert (alone.state, alone.warnings) == ("not_underpinned", ())
    assert (gone.state, gone.warnings[0].code) == ("unknown", "agreement")
    assert (other.state, other.warnings[0].code) == ("unknown", "target")


def test_hours_and_validity_that_do_not_contain_ours_are_warnings(cast: Cast) -> None:
    ends = MONDAY + timedelta(days=30)
    make_calendar("always", {"timezone": "Asia/Shanghai", "always_open": True})
    support(cast, "ola-desk", terms(promise(1)), effective_until=ends)
    wanted = terms(promise(200, ("ola-desk", "resolution//", 1), calendar="always"))
    (found,) = underpinning.prove(wanted, at=MONDAY)
    assert {warned.code for warned in found.warnings} == {"hours", "validity"}
    assert next(warned.at for warned in found.warnings if warned.code == "validity") == ends
    (after,) = underpinning.prove(wanted, at=ends)
    assert after.state == "unknown"


def test_availabilities_of_components_multiply(cast: Cast) -> None:
    def measured(value: float, *supports: str) -> dict[str, Any]:
        behind = [{"agreement": code, "target": "availability/"} for code in supports]
        return {
            "measure": "availability",
            "operator": ">=",
            "value": value,
            "unit": "percent",
            "underpinned_by": behind,
        }

    support(cast, "ola-desk", terms(measures=[measured(99.9)]))
    support(cast, "uc-line", terms(measures=[measured(99.9)]))
    states = [
        underpinning.prove(terms(measures=[measured(value, "ola-desk", "uc-line")]), at=MONDAY)[0].state
        for value in (99.8, 99.9)
    ]
    assert states == ["proved", "looser"]


def test_agreements_resting_on_each_other_are_refused_by_name(cast: Cast) -> None:
    support(cast, "ola-desk", terms(promise(1, ("ola-net", "resolution//", 1))))
    support(cast, "ola-net", terms(promise(1, ("ola-desk", "resolution//", 1))))
    with pytest.raises(Circular, match="ola-desk resolution// -> ola-net resolution// -> ola-desk"):
        underpinning.prove(terms(promise(4, CHAIN[0])), at=MONDAY)


def test_a_proof_takes_two_queries_however_long_it_is(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    support(cast, "ola-desk", terms(promise(1)))
    support(cast, "uc-line", terms(promise(3)))
    wanted = terms(*(promise(4 + n, *CHAIN, priority=n) for n in range(1, 5)))
    with django_assert_num_queries(2):
        assert len(underpinning.prove(wanted, at=MONDAY)) == 4


def signed(cast: Cast) -> Agreement:
    support(cast, "ola-desk", terms(promise(5)))
    given = terms(promise(4, ("ola-desk", "resolution//", 1)))
    agreement = Agreement.objects.create(code="acme-sla", name_en="Acme", customer=cast.acme)
    AgreementVersion.objects.create(
        agreement=agreement, number=1, effective_from=EARLY, calendar=cast.calendar, matrix={},
        pausing_reasons=[], warn_at=[], terms=given.dump(), created_by=cast.mona, created_at=EARLY,
    )  # fmt: skip
    return agreement


def test_the_page_shows_the_verdict_with_its_counterexample_to_managers(cast: Cast, client: Client) -> None:
    url = f"/sla/agreements/{signed(cast).code}/underpinning/"
    client.force_login(cast.mona)
    page = client.get(url).content.decode()
    assert "Looser" in page
    assert "Promise ola-desk due" in page
    assert "resolution//" not in page
    assert "SLA due" in page
    client.force_login(cast.carla)
    assert client.get(url).status_code == 403


def test_the_page_of_an_agreement_without_targets_says_so(cast: Cast, client: Client) -> None:
    Agreement.objects.create(code="bare", name_en="Bare", customer=cast.acme)
    client.force_login(cast.mona)
    assert "No targets to prove" in client.get("/sla/agreements/bare/underpinning/").content.decode()


def test_a_circle_is_named_on_the_page(cast: Cast, client: Client) -> None:
    agreement = signed(cast)
    support(cast, "ola-a", terms(promise(1, ("ola-b", "resolution//", 1))))
    support(cast, "ola-b", terms(promise(1, ("ola-a", "resolution//", 1))))
    client.force_login(cast.mona)
    response = client.get(f"/sla/agreements/{agreement.code}/underpinning/")
    assert response.status_code == 422
    assert "(Resolution · all services) → " in response.content.decode()


def test_the_api_gives_the_same_verdict(cast: Cast, client: Client) -> None:
    agreement = signed(cast)
    client.force_login(cast.mona)
    (row,) = client.get(f"/api/v1/agreements/{agreement.pk}/underpinning/").json()
    assert (row["key"], row["state"], row["unit"]) == ("resolution//", "looser", "seconds")
    assert row["slack"] < 0
    assert row["counterexample"]["dues"][0]["agreement"] == "ola-desk"
    assert row["chain"] == [{"stage": 1, "agreement": "ola-desk", "target": "resolution//"}]


def test_the_demo_has_one_looser_promise_and_the_proof_shows_it(db: None) -> None:
    defaults.ensure()
    general.make(company.make(MONDAY), now=MONDAY)
    version = AgreementVersion.objects.get(agreement__code="xinghe-sla")
    assert set(version.edition.signatures.values_list("party", flat=True)) == {"provider", "counterparty"}
    assert version.edition.exceptions.get().target_key == "resolution//1"
    found = {verdict.key: verdict.state for verdict in underpinning.prove_version(version, at=MONDAY)}
    assert [key for key, state in found.items() if state == "looser"] == ["resolution//1"]
    assert found["resolution//2"] == "proved"
    assert found["next_update//1"] == "not_underpinned"
    assert Target.objects.filter(version=version).count() == 12
