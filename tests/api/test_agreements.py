"""Agreements with their versions, targets and proofs, and who may know what of them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access import Role
from accounts.models import Grant
from agreements import services
from sla import editions
from sla.models import Agreement, AgreementVersion
from sla.terms import SECTIONS, Terms
from suppliers.models import Supplier
from tests.api.conftest import Api, is_problem, refused
from tests.cast import EARLY, MONDAY, Cast, make_agreement, make_user

pytestmark = pytest.mark.django_db
Make = Callable[..., Api]
DAY = timedelta(days=1)


def document(hours: int = 8, **over: Any) -> dict[str, Any]:
    """Terms that name an OLA behind their one target."""
    return {
        "calendar": "office",
        "targets": [
            {
                "metric": "resolution",
                "promise": {"kind": "business_seconds", "seconds": hours * 3600},
                "method": {"en": "from the tickets", "zh": "依据工单"},
                "underpinned_by": [{"agreement": "ola-desk", "target": "resolution//", "stage": 1}],
            }
        ],
        "measures": [
            {
                "measure": "availability", "service": "mail", "operator": ">=", "value": 99.9,
                "unit": "percent", "source": "monitoring", "method": {"en": "probes", "zh": "探测"},
            }
        ],
        "sections": {code: {"en": "Words", "zh": "文字"} for code in SECTIONS},
        **over,
    }  # fmt: skip


def publish(
    cast: Cast, agreement: Agreement, terms: dict[str, Any], *, at: Any = MONDAY, until: Any = None
) -> AgreementVersion:
    return editions.publish(
        agreement, Terms.parse(terms), effective_from=at, effective_until=until, actor=cast.mona.actor, now=at
    )


@pytest.fixture
def ola(cast: Cast) -> Agreement:
    made = Agreement.objects.create(code="ola-desk", kind="ola", team=cast.desk, name_en="Desk OLA")
    publish(cast, made, {"calendar": "office", "targets": [{**TARGET, "metric": "resolution"}]}, at=EARLY)
    return made


TARGET: dict[str, Any] = {"promise": {"kind": "business_seconds", "seconds": 4 * 3600}}


@pytest.fixture
def acme(cast: Cast, ola: Agreement) -> Agreement:
    """Acme's agreement: a version of before documents, and one with a document from MONDAY on."""
    made = make_agreement(cast.calendar, cast.acme).agreement
    publish(cast, made, document())
    return made


@pytest.fixture
def uc(cast: Cast) -> Agreement:
    supplier = Supplier.objects.create(code="carrier", name_en="Carrier")
    return Agreement.objects.create(code="uc-line", kind="uc", supplier=supplier, name_en="Line UC")


@pytest.mark.req("PLT-04")
def test_an_agreement_is_found_by_id_or_code_and_names_its_version_in_force(
    cast: Cast, api: Make, acme: Agreement
) -> None:
    program = api(cast.mona)
    with time_machine.travel(MONDAY + DAY, tick=False):
        found = program.get("/agreements/acme/").json()
        assert program.get(f"/agreements/{acme.pk}/").json() == found
    assert (found["kind"]["code"], found["customer"]["code"], found["ended_at"]) == ("sla", "acme", None)
    assert found["current"] == {
        "number": 2, "effective_from": "2026-03-02T02:00:00Z", "effective_until": None
    }  # fmt: skip
    assert [v["number"] for v in found["versions"]] == [2, 1]
    with time_machine.travel(MONDAY - DAY, tick=False):
        assert program.get("/agreements/acme/").json()["current"]["number"] == 1
    Agreement.objects.filter(pk=acme.pk).update(ended_at=MONDAY)
    assert program.get("/agreements/acme/").json()["current"] is None
    is_problem(program.get("/agreements/none-such/"), 404, "not-found")
    is_problem(program.get("/agreements/99999999999999999999999/"), 404, "not-found")


@pytest.mark.req("PLT-04")
@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("kind=ola", ["ola-desk"]),
        ("kind=ola,uc", ["ola-desk", "uc-line"]),
        ("customer=acme", ["acme"]),
        ("team=desk", ["ola-desk"]),
        ("supplier=carrier", ["uc-line"]),
        ("code=ACME", ["acme"]),
        ("q=line", ["uc-line"]),
        ("kind=sla&in_force_at=2015-01-01T00:00:00Z", []),
        ("in_force_at=2026-03-02T10:00:00%2B08:00", ["acme", "default", "ola-desk"]),
    ],
)
def test_agreements_are_filtered(
    cast: Cast, api: Make, acme: Agreement, uc: Agreement, query: str, codes: list[str]
) -> None:
    answer = api(cast.mona).get(f"/agreements/?ordering=code&{query}")
    assert [row["code"] for row in answer.json()["results"]] == codes


def test_unknown_filters_and_values_are_refused(cast: Cast, api: Make, acme: Agreement) -> None:
    program = api(cast.mona)
    refused(program.get("/agreements/?custmer=acme"), "custmer", code="unknown_filter")
    refused(program.get("/agreements/?kind=slo"), "kind")
    refused(program.get("/agreements/?supplier=nobody"), "supplier", code="does_not_exist")
    refused(program.get("/agreements/?in_force_at=monday"), "in_force_at", code="invalid_instant")
    refused(program.get("/agreements/acme/targets/?when=now"), "when", code="unknown_field")
    refused(program.get("/agreements/acme/targets/?at=2026-03-02T10:00:00"), "at", code="invalid_instant")
    refused(program.get("/agreements/acme/versions/?number=1"), "number", code="unknown_filter")


@pytest.mark.req("PLT-04", "SLM-20")
def test_a_version_is_read_with_the_whole_of_what_was_signed(cast: Cast, api: Make, acme: Agreement) -> None:
    program = api(cast.mona)
    rows = program.get("/agreements/acme/versions/").json()["results"]
    assert [row["number"] for row in rows] == [2, 1]
    found = program.get(rows[0]["url"].partition("/api/v1")[2]).json()
    assert Terms.parse(found["terms"]) == Terms.parse(document())
    assert [t["key"] for t in found["targets"]] == ["resolution//"]
    assert found["measures"][0] | {"id": 0} == {
        "id": 0, "key": "availability/mail", "measure": {"code": "availability", "label": "Availability"},
        "service": {"id": cast.mail.pk, "code": "mail", "name": "E-mail"},
        "operator": {"code": ">=", "label": "at least"}, "value": 99.9, "unit": "percent",
        "source": "monitoring", "period": "month", "goal_percent": None,
    }  # fmt: skip
    assert [(u["target"], u["agreement"]["code"]) for u in found["underpinnings"]] == [
        ("resolution//", "ola-desk")
    ]
    old = program.get(f"/agreements/{acme.pk}/versions/1/").json()
    assert Terms.parse(old["terms"]).targets[0].key == "first_response//"
    is_problem(program.get("/agreements/acme/versions/3/"), 404, "not-found")
    is_problem(program.post("/agreements/acme/versions/", {}), 405, "method-not-allowed")


@pytest.mark.req("PLT-04")
def test_the_targets_in_force_at_an_instant_are_listed(cast: Cast, api: Make, acme: Agreement) -> None:
    program = api(cast.mona)
    found = program.get("/agreements/acme/targets/?at=2026-03-02T10:00:00+08:00").json()
    assert found["at"] == "2026-03-02T02:00:00Z"
    assert found["version"]["number"] == 2
    assert [t["key"] for t in found["targets"]] == ["resolution//"]
    assert [m["key"] for m in found["measures"]] == ["availability/mail"]
    before = program.get("/agreements/acme/targets/?at=2026-03-02T01:59:59Z").json()
    assert (before["version"]["number"], len(before["targets"]), before["measures"]) == (1, 6, [])
    never = program.get("/agreements/acme/targets/?at=2010-01-01T00:00:00Z").json()
    assert (never["version"], never["targets"]) == (None, [])


@pytest.mark.req("SLM-21")
def test_a_draft_is_proved_before_it_is_signed(cast: Cast, api: Make, acme: Agreement, uc: Agreement) -> None:
    draft = services.draft(
        acme, terms=document(2), effective_from=MONDAY + DAY, change_reason="Faster",
        actor=cast.mona.actor, now=MONDAY,
    )  # fmt: skip
    program = api(cast.mona)
    (signed,) = [r for r in program.get("/agreements/acme/underpinning/").json() if r["chain"]]
    (tried,) = [
        r for r in program.get(f"/agreements/acme/underpinning/?edition={draft.number}").json() if r["chain"]
    ]
    assert (signed["key"], signed["state"]) == ("resolution//", "proved")
    assert (tried["key"], tried["state"]) == ("resolution//", "looser")
    assert tried["counterexample"]["dues"][0]["agreement"] == "ola-desk"
    refused(
        program.get(f"/agreements/uc-line/underpinning/?edition={draft.number}"), "edition",
        code="does_not_exist",
    )  # fmt: skip
    refused(program.get("/agreements/acme/underpinning/?draft=x"), "draft", code="unknown_field")


# --- who may know what --------------------------------------------------------------------------


@pytest.mark.req("PLT-09", "SLM-05")
def test_customers_read_their_own_agreement_and_nothing_of_what_stands_behind_it(
    cast: Cast, api: Make, acme: Agreement, uc: Agreement
) -> None:
    publish(cast, acme, document(6), at=MONDAY + 30 * DAY)
    with time_machine.travel(MONDAY + DAY, tick=False):
        for program in (api(cast.rita), api(cast.carla)):
            rows = program.get("/agreements/").json()["results"]
            assert {row["code"] for row in rows} == {"acme", "default"}
            assert [v["number"] for v in program.get("/agreements/acme/").json()["versions"]] == [2, 1]
            version = program.get("/agreements/acme/versions/2/")
            assert version.json()["underpinnings"] == []
            for path in ("", "versions/", "versions/2/", "targets/"):
                told = program.get(f"/agreements/acme/{path}").content.decode()
                assert "ola-desk" not in told
                assert "underpinned_by" not in told
            is_problem(program.get("/agreements/acme/versions/3/"), 404, "not-found")
            is_problem(program.get("/agreements/acme/underpinning/"), 403, "forbidden")
            for code in ("ola-desk", "uc-line"):
                for path in ("", "versions/", "versions/1/", "targets/"):
                    is_problem(program.get(f"/agreements/{code}/{path}"), 404, "not-found")
            refused(program.get("/agreements/?team=desk"), "team", code="does_not_exist")
            refused(program.get("/agreements/?supplier=carrier"), "supplier", code="does_not_exist")


@pytest.mark.req("PLT-09")
def test_nobody_of_another_organisation_learns_of_an_agreement(
    cast: Cast, api: Make, acme: Agreement
) -> None:
    gina = make_user("gina", cast.provider)
    Grant.objects.create(user=gina, role=Role.AGENT, organisation=cast.globex)
    for user in (cast.charlie, gina):
        program = api(user)
        for path in ("", "versions/", "versions/2/", "targets/"):
            for code in ("acme", acme.pk, "ola-desk"):
                answer = program.get(f"/agreements/{code}/{path}")
                assert (
                    is_problem(answer, 404, "not-found")["detail"]
                    == (is_problem(program.get(f"/agreements/none-such/{path}"), 404, "not-found")["detail"])
                )
        told = program.get("/agreements/").content.decode()
        assert "acme" not in told.lower()
        assert "ola-desk" not in told


def test_programs_read_agreements_and_prove_none(cast: Cast, api: Make, acme: Agreement) -> None:
    program = api(cast.robot, "read")
    assert {r["code"] for r in program.get("/agreements/").json()["results"]} == {
        "acme", "default", "ola-desk",
    }  # fmt: skip
    assert program.get("/agreements/acme/versions/2/").json()["underpinnings"]
    is_problem(program.get("/agreements/acme/underpinning/"), 403, "forbidden")


def test_lists_of_agreements_and_versions_cost_a_fixed_number_of_queries(
    cast: Cast, api: Make, acme: Agreement, uc: Agreement
) -> None:
    program = api(cast.mona)
    counts = []
    for n in range(2):
        for path in ("/agreements/", "/agreements/acme/versions/", "/agreements/acme/versions/2/"):
            with CaptureQueriesContext(connection) as queries:
                assert program.get(path).status_code == 200
            counts.append(len(queries))
        publish(cast, acme, document(6), at=MONDAY + (n + 1) * DAY)
        make_agreement(cast.calendar, cast.globex) if n == 0 else None
    assert counts[:3] == counts[3:]
    assert max(counts) <= 9
