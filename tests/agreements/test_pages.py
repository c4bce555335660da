"""The pages of agreements: a whole life by the browser's requests, in both languages."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agreements.models import Edition
from sla.models import Agreement, ServicePackage
from tests.agreements.test_life import terms
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreement(cast: Cast) -> Agreement:
    ServicePackage.objects.create(
        code="basic", family="basic", rank=1, name_en="Basic", name_zh="基本", terms=terms(sections={})
    )
    return Agreement.objects.create(code="acme", customer=cast.acme, name_en="Acme SLA", name_zh="艾可美协议")


def begin(client: Client, agreement: Agreement, **over: Any) -> Any:
    package = ServicePackage.objects.get(code="basic")
    start = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    asked = {"agreement": agreement.pk, "package": package.pk, "effective_from": start, **over}
    return client.post("/agreements/new/", asked)


@pytest.mark.req("SLM-10", "SLM-12", "SLM-18")
@pytest.mark.parametrize(
    ("language", "empty", "state"),
    [("en", "These sections are empty", "In force"), ("zh-hans", "以下章节为空", "生效中")],
)
def test_two_people_take_an_agreement_from_a_package_to_force(
    client: Client, cast: Cast, agreement: Agreement, language: str, empty: str, state: str
) -> None:
    for person in (cast.mona, cast.admin):
        person.language = language
        person.save()
    mona, admin = client, Client()
    mona.force_login(cast.mona)
    admin.force_login(cast.admin)
    page = begin(mona, agreement).headers["Location"]
    refused = mona.post(f"{page}submit/", {"reviewers": [cast.admin.pk]})
    assert refused.status_code == 422
    assert empty in refused.content.decode()
    version = Edition.objects.get().version
    saved = mona.post(f"{page}terms/json/", {"terms": json.dumps(terms()), "version": version})
    assert saved.status_code == 302
    today = timezone.localdate().isoformat()
    signature = {"person": "Ada", "role": "Director", "signed_on": today}
    steps: list[tuple[Client, str, dict[str, Any]]] = [
        (mona, "submit", {"reviewers": [cast.admin.pk]}),
        (admin, "countersign", {"result": "approved"}),
        (admin, "check_legality", {"result": "passed"}),
        (mona, "offer", {}),
        (mona, "agree", {"note": "Carla by letter"}),
        (admin, "sign", {"party": "provider", **signature}),
        (mona, "sign", {"party": "counterparty", **signature}),
        (mona, "activate", {}),
    ]
    for who, step, words in steps:
        answer = who.post(f"{page}{step}/", words)
        assert (answer.status_code, step) == (302, step)
    shown = mona.get(page).content.decode()
    assert state in shown
    assert "Ada" in shown
    assert state in mona.get("/agreements/?state=in_force").content.decode()


def test_terms_that_are_wrong_come_back_with_what_was_written(
    client: Client, cast: Cast, agreement: Agreement
) -> None:
    client.force_login(cast.mona)
    page = begin(client, agreement).headers["Location"]
    version = Edition.objects.get().version
    wrong = json.dumps(terms(warn_at=[90, 50]))
    answer = client.post(f"{page}terms/json/", {"terms": wrong, "version": version})
    assert answer.status_code == 422
    assert "warn_at: must ascend" in answer.content.decode()
    assert "[90, 50]" in answer.content.decode()
    assert client.post(f"{page}terms/json/", {"terms": "{", "version": version}).status_code == 422
    unknown = json.dumps(terms(services=["telepathy"]))
    answer = client.post(f"{page}terms/json/", {"terms": unknown, "version": version})
    assert answer.status_code == 422
    assert "services[0]: There is nothing with the code “telepathy”." in answer.content.decode()
    assert Edition.objects.get().terms["services"] == []


def test_the_second_of_two_editors_is_told_and_loses_nothing(
    client: Client, cast: Cast, agreement: Agreement
) -> None:
    client.force_login(cast.mona)
    page = begin(client, agreement).headers["Location"]
    version = Edition.objects.get().version
    client.post(f"{page}terms/json/", {"terms": json.dumps(terms(review_months=6)), "version": version})
    late = json.dumps(terms(review_months=3))
    answer = client.post(f"{page}terms/json/", {"terms": late, "version": version})
    assert answer.status_code == 409
    assert "Mona changed" in " ".join(answer.content.decode().split())
    assert "&quot;review_months&quot;: 3" in answer.content.decode()
    assert Edition.objects.get().terms["review_months"] == 6


def test_a_second_draft_and_an_end_before_the_beginning_are_refused_in_words(
    client: Client, cast: Cast, agreement: Agreement
) -> None:
    client.force_login(cast.mona)
    early = (timezone.localtime() - timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    answer = begin(client, agreement, effective_until=early)
    assert (answer.status_code, "after the beginning" in answer.content.decode()) == (422, True)
    begin(client, agreement)
    answer = begin(client, agreement, change_reason="again")
    assert (answer.status_code, "is being made already" in answer.content.decode()) == (422, True)


def test_an_illegal_step_is_answered_as_a_conflict(client: Client, cast: Cast, agreement: Agreement) -> None:
    client.force_login(cast.mona)
    page = begin(client, agreement).headers["Location"]
    assert client.post(f"{page}activate/").status_code == 409
    assert client.post(f"{page}nonsense/").status_code == 404


def test_customers_and_agents_make_no_agreements(client: Client, cast: Cast, agreement: Agreement) -> None:
    client.force_login(cast.mona)
    page = begin(client, agreement).headers["Location"]
    for person, expected in ((cast.carla, 302), (cast.charlie, 302), (cast.alice, 200)):
        other = Client()
        other.force_login(person)
        answer = other.get(page)
        assert answer.status_code == expected
        assert expected == 200 or answer.headers["Location"] == "/portal/"
        assert other.post(f"{page}submit/").status_code == 403
        assert other.get("/agreements/").status_code == 403


@pytest.mark.req("SLM-08", "SLM-19")
def test_what_is_in_force_without_an_edition_is_on_the_list_and_leads_to_its_first(
    client: Client, cast: Cast, agreement: Agreement
) -> None:
    client.force_login(cast.mona)
    default = cast.agreement.agreement
    page = client.get("/agreements/")
    assert [version.agreement for version in page.context["bare"]] == [default]
    assert f"/agreements/new/?agreement={default.pk}" in page.content.decode()
    assert list(client.get("/agreements/", {"state": "draft"}).context["bare"]) == []
    Agreement.objects.filter(pk=default.pk).update(ended_at=timezone.now() - timedelta(hours=1))
    assert list(client.get("/agreements/").context["bare"]) == []
