"""Editions of agreements through the interface: the whole life, and every refusal with its reason."""

from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access import Role
from accounts.models import Grant
from agreements.lifecycle import LIFECYCLE
from agreements.models import Edition
from itsm import defaults
from levels.services import record_outage
from sla.api_terms import (
    EXAMPLE,
    CostShape,
    CreditShape,
    MeasureTermShape,
    RenewalShape,
    ReportTermShape,
    RewardShape,
    SectionShape,
    SupportTermShape,
    TargetTermShape,
    TermsShape,
)
from sla.models import Agreement, AgreementVersion
from sla.terms import (
    Cost,
    Credit,
    MeasureTerm,
    Renewal,
    ReportTerm,
    Reward,
    Section,
    Support,
    TargetTerm,
    Terms,
)
from tests.api.conftest import Api, is_problem, refused
from tests.api.test_agreements import acme, document, ola
from tests.cast import MONDAY, Cast, make_agreement, make_user

__all__ = ["acme", "ola"]
pytestmark = pytest.mark.django_db
Make = Callable[..., Api]
DAY = timedelta(days=1)
SIGNATURE = {"person": "Li Na", "role": "Director", "signed_on": "2026-03-01"}
ACTS = (
    "submit", "countersign", "check_legality", "offer", "agree", "sign", "excuse", "activate", "return",
    "withdraw", "terminate",
)  # fmt: skip


@pytest.fixture(autouse=True)
def monitored(cast: Cast) -> None:
    """Monitoring has told of e-mail before, so that its availability may be promised."""
    record_outage(
        service=cast.mail, started_at=MONDAY - DAY, ended_at=MONDAY - DAY / 2, source="monitoring",
        reference="a1", actor=cast.mona.actor, now=MONDAY,
    )  # fmt: skip


def stamp(days: int) -> str:
    return (MONDAY + days * DAY).isoformat().replace("+00:00", "Z")


def begin(program: Api, **over: Any) -> dict[str, Any]:
    """A draft of Acme's next edition, from the day after MONDAY."""
    asked = {"agreement": "acme", "terms": document(), "effective_from": stamp(1), "change_reason": "Faster"}
    answer = program.post("/editions/", asked | over)
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    assert answer["Location"].endswith(f"/api/v1/editions/{found['number']}/")
    assert answer["ETag"] == '"v1"'
    return found


def done(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    assert answer["ETag"] == f'"v{found["version"]}"'
    return found


def to_sign(mona: Api, admin: Api, number: str) -> None:
    done(mona.post(f"/editions/{number}/submit/", {"reviewers": ["admin"]}))
    done(admin.post(f"/editions/{number}/countersign/", {"result": "approved"}))
    done(admin.post(f"/editions/{number}/check_legality/", {"result": "passed", "note": "Counsel"}))
    done(mona.post(f"/editions/{number}/offer/", {}))
    done(mona.post(f"/editions/{number}/agree/", {"note": "Carla, by letter"}))


def in_force(mona: Api, admin: Api, number: str) -> dict[str, Any]:
    to_sign(mona, admin, number)
    for party in ("provider", "counterparty"):
        done(admin.post(f"/editions/{number}/sign/", {**SIGNATURE, "party": party}))
    return done(mona.post(f"/editions/{number}/activate/", {}))


@pytest.mark.req("PLT-04", "SLM-16", "SLM-17", "SLM-18", "SLM-20")
def test_an_edition_goes_from_draft_to_force_and_to_its_end(cast: Cast, api: Make, acme: Agreement) -> None:
    mona, admin = api(cast.mona), api(cast.admin)
    draft = begin(mona)
    number = draft["number"]
    assert (draft["state"]["code"], draft["edition_number"], draft["author"]["username"]) == (
        "draft", 1, "mona",
    )  # fmt: skip
    assert draft["moves"] == ["submit", "withdraw", "excuse"]
    assert draft["missing"] == {
        "sections": [],
        "promise": False,
        "services": [],
        "methods": [],
        "recovery": [],
    }
    assert draft["terms"]["targets"][0]["underpinned_by"][0]["agreement"] == "ola-desk"
    found = in_force(mona, admin, number)
    assert (found["state"]["code"], found["signed_version"], found["moves"]) == ("in_force", 3, ["terminate"])
    assert found["legality"]["result"] == {"code": "passed", "label": "breaks no law"}
    assert [s["party"]["code"] for s in found["signatures"]] == ["provider", "counterparty"]
    assert found["countersignatures"][0]["reviewer"]["username"] == "admin"
    assert AgreementVersion.objects.get(agreement=acme, number=3).effective_from == MONDAY + DAY
    verbs = [row["verb"] for row in mona.get(f"/editions/{number}/activities/").json()["results"]]
    assert verbs[0] == "agreement.open"
    assert verbs[-1] == "agreement.activate"
    ended = done(mona.post(f"/editions/{number}/terminate/", {"at": stamp(30), "reason": "They move away"}))
    assert ended["state"]["code"] == "terminated"
    assert ended["moves"] == []
    # what stands behind it is asked to end as well
    assert ended["open_follow_ups"] == 1


@pytest.mark.req("SLM-46")
def test_an_end_in_the_future_is_planned_and_called_off(cast: Cast, api: Make, acme: Agreement) -> None:
    mona, admin = api(cast.mona), api(cast.admin)
    number = in_force(mona, admin, begin(mona)["number"])["number"]
    asked = {"at": "2036-01-01T00:00:00Z", "reason": "They move away"}
    planned = done(mona.post(f"/editions/{number}/terminate/", asked))
    assert (planned["state"]["code"], planned["ends_at"]) == ("in_force", asked["at"])
    assert "call_off_end" in planned["moves"]
    refused(mona.post(f"/editions/{number}/call_off_end/", {"reason": " "}), "reason")
    kept = done(mona.post(f"/editions/{number}/call_off_end/", {"reason": "They stay"}))
    assert (kept["ends_at"], kept["moves"]) == (None, ["terminate"])
    is_problem(mona.post(f"/editions/{number}/call_off_end/", {"reason": "x"}), 409, "illegal-move")


@pytest.mark.req("SLM-23", "SLM-44")
def test_an_amendment_is_followed_through_to_what_stands_behind_it(
    cast: Cast, api: Make, acme: Agreement
) -> None:
    mona, admin = api(cast.mona), api(cast.admin)
    in_force(mona, admin, begin(mona)["number"])
    second = begin(mona, effective_from=stamp(2))["number"]
    assert in_force(mona, admin, second)["open_follow_ups"] == 1
    path = f"/editions/{second}/follow-ups/"
    (item,) = mona.get(path).json()["results"]
    assert (item["agreement"]["code"], item["kind"]["code"], item["outcome"]) == ("ola-desk", "amend", None)
    assert mona.get(f"{path}{item['id']}/").json() == item
    assert mona.get(f"{path}?open=false").json()["results"] == []
    refused(mona.post(f"{path}{item['id']}/finish/", {"outcome": "unaffected"}), "reason")
    refused(mona.post(f"{path}{item['id']}/finish/", {"outcome": "amended"}), "outcome")
    told = mona.post(f"{path}{item['id']}/finish/", {"outcome": "unaffected", "reason": "Same figures"})
    assert told.json()["outcome"]["code"] == "unaffected"
    assert told.json()["finished_by"]["username"] == "mona"
    assert mona.get(f"/editions/{second}/").json()["open_follow_ups"] == 0
    is_problem(api(cast.alice).post(f"{path}{item['id']}/finish/", {}), 403, "forbidden")
    is_problem(mona.get(f"{path}999999/"), 404, "not-found")


@pytest.mark.req("PLT-04")
def test_a_draft_starts_from_terms_a_package_or_the_newest_version(
    cast: Cast, api: Make, acme: Agreement
) -> None:
    defaults.ensure()
    mona = api(cast.mona)
    asked = {"agreement": acme.pk, "effective_from": stamp(1), "change_reason": "Anew"}
    first = mona.post("/editions/", asked).json()
    assert first["terms"]["targets"][0]["metric"] == "resolution"
    told = refused(mona.post("/editions/", asked), "agreement")
    assert first["number"] in told["detail"]
    done(mona.post(f"/editions/{first['number']}/withdraw/", {"reason": "Not needed"}))
    second = mona.post("/editions/", {**asked, "package": "desk-rule"}).json()
    assert second["terms"]["calendar"] == "always-24x7"
    assert second["edition_number"] == 2
    assert second["missing"]["sections"][:2] == ["introduction", "parties"]
    globex = Agreement.objects.create(code="globex", customer=cast.globex, name_en="Globex SLA")
    bare = {"agreement": globex.code, "effective_from": stamp(1)}
    refused(mona.post("/editions/", bare), "package", code="required")
    both = {**bare, "package": "desk-rule", "terms": document()}
    refused(mona.post("/editions/", both), "package")
    refused(mona.post("/editions/", {**bare, "package": "gold"}), "package", code="does_not_exist")


@pytest.mark.req("PLT-04")
@pytest.mark.parametrize(
    ("over", "field", "code"),
    [
        ({"terms": {}}, "terms.calendar", "required"),
        ({"terms": {"calendar": "office", "colour": 1}}, "terms.colour", "unknown_field"),
        (
            {"terms": document(targets=[{"metric": "resolution", "promise": {
                "kind": "business_seconds", "seconds": 0}}])},
            "terms.targets[0].promise.seconds", "not_positive",
        ),
        (
            {"terms": document(targets=[{"metric": "resolution", "promise": {
                "kind": "working_days", "days": 2, "until": "noon"}}])},
            "terms.targets[0].promise.until", "unknown_value",
        ),
        (
            {"terms": document(
                credits=[{"target": "*", "below": 95, "percent": 5}],
                rewards=[{"target": "*", "above": 95, "percent": 5}])},
            "terms.rewards[0].above", "overlaps",
        ),
        ({"terms": []}, "terms", "wrong_type"),
        ({"terms": {"calendar": "office\0"}}, "terms.calendar", "bad_text"),
        ({"terms": document(sections={"scope": {"en": "a\0b"}})}, "terms.sections.scope.en", "bad_text"),
        ({"effective_from": "2026-03-02"}, "effective_from", "invalid_instant"),
        ({"effective_until": "2026-03-01T00:00:00Z"}, "effective_until", "invalid"),
        ({"agreement": "nobody"}, "agreement", "does_not_exist"),
        ({"change_reason": ""}, "change_reason", "required"),
        ({"titel": "x"}, "titel", "unknown_field"),
    ],
)  # fmt: skip
def test_a_draft_that_makes_no_sense_is_refused_with_the_field_inside(
    cast: Cast, api: Make, acme: Agreement, over: dict[str, Any], field: str, code: str
) -> None:
    mona = api(cast.mona)
    done(mona.post(f"/editions/{begin(mona)['number']}/withdraw/", {"reason": "Later"}))
    asked = {"agreement": "acme", "terms": document(), "effective_from": stamp(1), "change_reason": "Faster"}
    refused(mona.post("/editions/", asked | over), field, code=code)
    assert Edition.objects.count() == 1


@pytest.mark.req("PLT-04")
def test_a_draft_is_changed_on_the_version_that_was_read(cast: Cast, api: Make, acme: Agreement) -> None:
    mona, admin = api(cast.mona), api(cast.admin)
    path = f"/editions/{begin(mona)['number']}/"
    is_problem(mona.patch(path, {"change_reason": "x"}), 428, "precondition-required")
    first = done(mona.patch(path, {"terms": document(6), "effective_until": stamp(90)}, If_Match='"v1"'))
    assert first["terms"]["targets"][0]["promise"]["seconds"] == 6 * 3600
    body = is_problem(admin.patch(path, {"effective_until": None}, If_Match='"v1"'), 412, "stale")
    assert body["version"] == 2
    assert body["changes"][0]["verb"] == "agreement.revise"
    refused(mona.patch(path, {"terms": document(metric=1)}, If_Match='"v2"'), "terms.metric")
    refused(mona.patch(path, {"agreement": "x"}, If_Match='"v2"'), "agreement", code="unknown_field")
    done(mona.post(f"{path}submit/", {"reviewers": [cast.admin.pk]}, If_Match='"v2"'))
    is_problem(mona.post(f"{path}offer/", {}, If_Match='"v2"'), 412, "stale")
    is_problem(admin.post(f"{path}countersign/", {"result": "approved"}, If_Match='"v1"'), 412, "stale")
    told = is_problem(mona.patch(path, {"change_reason": "x"}, If_Match="*"), 409, "illegal-move")
    assert told["move"] == "revise"
    assert told["legal_moves"] == mona.get(path).json()["moves"]


@pytest.mark.req("PLT-04")
def test_a_move_that_is_not_possible_names_those_that_are(cast: Cast, api: Make, acme: Agreement) -> None:
    mona, admin = api(cast.mona), api(cast.admin)
    number = begin(mona)["number"]
    for act in set(ACTS) - {"submit", "withdraw", "excuse"}:
        told = is_problem(mona.post(f"/editions/{number}/{act}/", {}), 409, "illegal-move")
        assert told["legal_moves"] == ["submit", "withdraw", "excuse"]
        assert told["state"] == "draft"
    to_sign(mona, admin, number)
    told = is_problem(mona.post(f"/editions/{number}/submit/", {"reviewers": ["admin"]}), 409, "illegal-move")
    assert told["legal_moves"] == ["activate", "return", "withdraw", "check_legality", "sign", "excuse"]
    done(admin.post(f"/editions/{number}/sign/", {**SIGNATURE, "party": "counterparty"}))
    refused(admin.post(f"/editions/{number}/sign/", {**SIGNATURE, "party": "counterparty"}), "party")
    refused(mona.post(f"/editions/{number}/activate/", {}), "signatures")
    back = done(mona.post(f"/editions/{number}/return/", {"reason": "Price"}))
    assert (back["state"]["code"], back["signatures"], back["legality"]) == ("draft", [], None)


def test_acts_are_refused_with_the_field_that_is_wrong(cast: Cast, api: Make, acme: Agreement) -> None:
    mona, admin = api(cast.mona), api(cast.admin)
    number = begin(mona)["number"]
    refused(mona.post(f"/editions/{number}/submit/", {}), "reviewers", code="required")
    refused(mona.post(f"/editions/{number}/submit/", {"reviewers": ["rita"]}), "reviewers[0]")
    refused(mona.post(f"/editions/{number}/submit/", {"reviewers": ["mona"]}), "reviewers")
    refused(mona.post(f"/editions/{number}/excuse/", {"target_key": "closure//", "reason": "x"}), "actor")
    refused(
        admin.post(f"/editions/{number}/excuse/", {"target_key": "closure//", "reason": "x"}), "target_key"
    )
    done(mona.post(f"/editions/{number}/submit/", {"reviewers": ["admin"]}))
    refused(admin.post(f"/editions/{number}/countersign/", {"result": "objected"}), "comment")
    refused(admin.post(f"/editions/{number}/countersign/", {"result": "maybe"}), "result")
    refused(mona.post(f"/editions/{number}/check_legality/", {"result": "passed"}), "actor")
    refused(mona.post(f"/editions/{number}/offer/", {}), "reviewers")


def test_a_code_nobody_knows_is_named_with_its_place_in_the_terms(
    cast: Cast, api: Make, acme: Agreement
) -> None:
    mona = api(cast.mona)
    number = begin(mona, terms=document(services=["telepathy"]))["number"]
    wrong = {"terms": document(services=["telepathy", "levitation"])}
    refused(mona.patch(f"/editions/{number}/", wrong, If_Match='"v1"'), "terms.services[1]")
    refused(mona.post(f"/editions/{number}/submit/", {"reviewers": ["admin"]}), "terms.services[0]")


def test_a_looser_promise_needs_somebodys_decision(cast: Cast, api: Make, acme: Agreement) -> None:
    mona, admin = api(cast.mona), api(cast.admin)
    number = begin(mona, terms=document(2))["number"]
    to_sign(mona, admin, number)
    done(admin.post(f"/editions/{number}/sign/", {**SIGNATURE, "party": "counterparty"}))
    refused(admin.post(f"/editions/{number}/sign/", {**SIGNATURE, "party": "provider"}), "underpinning")
    asked = {"target_key": "resolution//", "reason": "Until June"}
    excused = done(admin.post(f"/editions/{number}/excuse/", asked))
    assert [(e["target_key"], e["decided_by"]["username"]) for e in excused["exceptions"]] == [
        ("resolution//", "admin")
    ]
    done(admin.post(f"/editions/{number}/sign/", {**SIGNATURE, "party": "provider"}))
    assert done(mona.post(f"/editions/{number}/activate/", {}))["state"]["code"] == "in_force"


def test_a_draft_begun_twice_with_one_key_is_begun_once(cast: Cast, api: Make, acme: Agreement) -> None:
    mona = api(cast.mona)
    asked = {"agreement": "acme", "effective_from": stamp(1), "change_reason": "Faster"}
    first = mona.post("/editions/", asked, Idempotency_Key="k1")
    again = mona.post("/editions/", asked, Idempotency_Key="k1")
    assert first.status_code == again.status_code == 201
    assert again["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert Edition.objects.count() == 1


@pytest.mark.req("PLT-04")
@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2), ("state=draft", 1), ("state=draft,withdrawn", 2), ("agreement=acme", 1), ("kind=ola", 1),
        ("kind=uc", 0), ("customer=acme", 1), ("author=me", 2), ("author=admin", 0),
        ("updated_after=2999-01-01T00:00:00Z", 0), ("ordering=updated_at&page_size=1", 1),
    ],
)  # fmt: skip
def test_editions_are_filtered(cast: Cast, api: Make, acme: Agreement, query: str, count: int) -> None:
    mona = api(cast.mona)
    number = begin(mona, agreement="ola-desk", terms=document(targets=[], measures=[]))["number"]
    done(mona.post(f"/editions/{number}/withdraw/", {"reason": "Later"}))
    begin(mona)
    assert len(mona.get(f"/editions/?{query}").json()["results"]) == count
    refused(mona.get("/editions/?status=draft"), "status", code="unknown_filter")


@pytest.mark.req("PLT-04", "SLM-12", "SLM-13")
def test_terms_are_checked_without_being_saved(cast: Cast, api: Make, acme: Agreement) -> None:
    robot = api(cast.robot, "read")
    whole = robot.post("/editions/validate/", {"terms": document()}).json()
    assert (whole["complete"], whole["unknown"]) == (True, [])
    assert whole["terms"]["review_months"] == 12
    asked = document(services=["telepathy"], sections={}, targets=[{
        "metric": "resolution", "service": "mail", "promise": {"kind": "business_seconds", "seconds": 60},
    }])  # fmt: skip
    found = robot.post("/editions/validate/", {"terms": asked}).json()
    assert found["complete"] is False
    assert found["missing"]["sections"][0] == "introduction"
    assert found["missing"]["services"] == ["telepathy"]
    assert found["missing"]["methods"] == ["resolution/mail/"]
    assert [(e["field"], e["code"]) for e in found["unknown"]] == [("terms.services[0]", "does_not_exist")]
    assert (
        robot.post("/editions/validate/", {"terms": asked, "kind": "ola"}).json()["missing"]["sections"] == []
    )
    refused(
        robot.post("/editions/validate/", {"terms": {"calendar": 5}}), "terms.calendar", code="wrong_type"
    )
    refused(robot.post("/editions/validate/", {}), "terms", code="required")
    is_problem(api(cast.carla).post("/editions/validate/", {"terms": {}}), 403, "forbidden")
    assert not Edition.objects.exists()


@pytest.mark.req("FIN-10")
def test_rewards_are_drafted_and_read_over_http(cast: Cast, api: Make, acme: Agreement) -> None:
    mona = api(cast.mona)
    earned = [{"target": "*", "above": 99, "percent": 2}]
    made = begin(mona, terms=document(rewards=earned))
    assert mona.get(f"/editions/{made['number']}/").json()["terms"]["rewards"] == earned


def test_the_document_describes_the_terms_as_they_are_read() -> None:
    assert Terms.parse(EXAMPLE).targets[0].key == "resolution//1"
    for shape, value in (
        (RenewalShape, Renewal),
        (TermsShape, Terms), (TargetTermShape, TargetTerm), (MeasureTermShape, MeasureTerm),
        (SupportTermShape, Support), (CreditShape, Credit), (ReportTermShape, ReportTerm), (CostShape, Cost),
        (SectionShape, Section), (RewardShape, Reward),
    ):  # fmt: skip
        assert set(shape().fields) == {field.name for field in fields(value)}, shape


# --- who may ------------------------------------------------------------------------------------


@pytest.mark.req("PLT-09", "SLM-05")
def test_no_customer_learns_of_an_edition(cast: Cast, api: Make, acme: Agreement) -> None:
    mona = api(cast.mona)
    number = begin(mona)["number"]
    for user in (cast.rita, cast.carla, cast.charlie):
        program = api(user)
        assert program.get("/editions/").json()["results"] == []
        for path in ("", "activities/", "follow-ups/"):
            is_problem(program.get(f"/editions/{number}/{path}"), 404, "not-found")
        for act in ACTS:
            is_problem(program.post(f"/editions/{number}/{act}/", {}), 404, "not-found")
        is_problem(program.patch(f"/editions/{number}/", {}, If_Match="*"), 404, "not-found")
        is_problem(program.post("/editions/", {}), 403, "forbidden")
        told = program.get(f"/editions/{number}/").json()["detail"].replace(number, "")
        assert told == program.get("/editions/AGR9999999/").json()["detail"].replace("AGR9999999", "")


def test_agents_and_programs_read_editions_and_make_none(cast: Cast, api: Make, acme: Agreement) -> None:
    number = begin(api(cast.mona))["number"]
    for program in (api(cast.alice), api(cast.robot)):
        found = program.get(f"/editions/{number}/").json()
        assert found["moves"] == []
        assert [row["number"] for row in program.get("/editions/").json()["results"]] == [number]
        is_problem(program.post("/editions/", {"agreement": "acme"}), 403, "forbidden")
        is_problem(program.patch(f"/editions/{number}/", {}, If_Match="*"), 403, "forbidden")
        # the staff of all departments may be asked to countersign
        for act in set(ACTS) - {"countersign"}:
            is_problem(program.post(f"/editions/{number}/{act}/", {}), 403, "forbidden")
    reader = api(cast.mona, "read")
    is_problem(reader.post(f"/editions/{number}/withdraw/", {"reason": "x"}), 403, "forbidden")


@pytest.mark.req("PLT-09")
def test_who_covers_one_customer_knows_its_editions_alone(cast: Cast, api: Make, acme: Agreement) -> None:
    mona = api(cast.mona)
    number = begin(mona)["number"]
    behind = begin(mona, agreement="ola-desk", terms=document(targets=[]))["number"]
    people = {}
    for name, role, organisation in (
        ("gina", Role.AGENT, cast.globex), ("anna", Role.AGENT, cast.acme),
        ("lena", Role.SERVICE_LEVEL_MANAGER, cast.acme),
    ):  # fmt: skip
        people[name] = make_user(name, cast.provider)
        Grant.objects.create(user=people[name], role=role, organisation=organisation)
    is_problem(api(people["gina"]).get(f"/editions/{number}/"), 404, "not-found")
    anna, lena = api(people["anna"]), api(people["lena"])
    for program in (anna, lena):
        is_problem(program.get(f"/editions/{behind}/"), 404, "not-found")
        assert program.get(f"/editions/{number}/").status_code == 200
    # who may not know the OLA sees the promise without it; who changes the terms sees all of them
    assert "ola-desk" not in anna.get(f"/editions/{number}/").content.decode()
    assert "ola-desk" in lena.get(f"/editions/{number}/").content.decode()


def test_an_edition_and_a_list_of_them_cost_a_fixed_number_of_queries(
    cast: Cast, api: Make, acme: Agreement
) -> None:
    mona, admin = api(cast.mona), api(cast.admin)
    number = begin(mona)["number"]
    in_force(mona, admin, number)

    def costs() -> list[int]:
        found = []
        for path in ("/editions/", f"/editions/{number}/"):
            with CaptureQueriesContext(connection) as queries:
                assert mona.get(path).status_code == 200
            found.append(len(queries))
        return found

    before = costs()
    make_agreement(cast.calendar, cast.globex)
    begin(mona, agreement="globex")
    begin(mona)
    assert costs() == before
    assert max(before) <= 12


def test_every_move_of_the_lifecycle_is_offered_or_comes_by_itself() -> None:
    # the customer asks for changes in the portal
    assert set(LIFECYCLE.moves) - set(ACTS) == {"supersede", "expire", "ask_changes"}
