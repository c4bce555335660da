"""What is kept with an agreement: who has which part with its days, and the papers behind its signature."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agreements import keepers, papers, services
from agreements.documents.content import document_of
from agreements.models import Edition, Keeper
from sla.models import Agreement
from suppliers.models import Supplier
from tests.agreements.test_life import DAY, agreement, draft, fresh, sign, terms, to_sign
from tests.cast import MONDAY, Cast

__all__ = ["agreement"]
pytestmark = pytest.mark.django_db
Part = Keeper.Part


def name(cast: Cast, part: str, who: Any, of: Agreement | None, **over: Any) -> Keeper:
    return keepers.name(part, who, agreement=of, **{"actor": cast.mona.actor, "now": MONDAY, **over})


def paper(cast: Cast, edition: Edition, **over: Any) -> Any:
    facts = {
        "title": "Frame contract",
        "kind": "contract",
        "number": "C-7",
        "actor": cast.mona.actor,
        "now": MONDAY,
    }
    return papers.add(edition, **{**facts, **over})


@pytest.mark.req("SLM-48")
def test_parts_are_given_and_taken_back_and_every_day_of_them_stays(cast: Cast, agreement: Agreement) -> None:
    edition = draft(cast, agreement)
    first = name(cast, Part.OWNER, cast.alice, agreement)
    assert name(cast, Part.OWNER, cast.alice, agreement) == first
    assert fresh(edition).owner == cast.alice
    keepers.end(first, actor=cast.mona.actor, now=MONDAY + DAY)
    name(cast, Part.OWNER, cast.bob, agreement, now=MONDAY + DAY)
    assert fresh(edition).owner == cast.bob
    shown = [(row.person, row.until) for row in keepers.of(agreement)]
    assert shown == [(cast.bob, None), (cast.alice, (MONDAY + DAY).date())]
    for part in (Part.PROCESS_OWNER, Part.MANAGER, Part.COMMITTEE):
        name(cast, part, cast.admin, None)
    for part, who in ((Part.MAINTAINER, cast.alice), (Part.CUSTOMER_PROJECT_MANAGER, cast.carla)):
        name(cast, part, who, agreement)
    for part, who, words in (
        (Part.CUSTOMER_PROJECT_MANAGER, cast.charlie, "of the customer"),
        (Part.MAINTAINER, cast.carla, "of the provider"),
        (Part.RECEIVING_DEPARTMENT, cast.alice, "no such part"),
    ):
        with pytest.raises(ValidationError, match=words):
            name(cast, part, who, agreement)


@pytest.mark.req("SLM-57")
def test_who_owns_the_process_owns_no_single_agreement(cast: Cast, agreement: Agreement) -> None:
    name(cast, Part.PROCESS_OWNER, cast.admin, None)
    with pytest.raises(ValidationError, match="two people must"):
        name(cast, Part.OWNER, cast.admin, agreement)
    name(cast, Part.OWNER, cast.alice, agreement)
    with pytest.raises(ValidationError, match="two people must"):
        name(cast, Part.PROCESS_OWNER, cast.alice, None)


@pytest.mark.req("SLM-27", "SLM-48")
def test_a_committee_that_is_named_must_review(cast: Cast, agreement: Agreement) -> None:
    name(cast, Part.COMMITTEE, cast.admin, None)
    edition = draft(cast, agreement)
    with pytest.raises(ValidationError, match="one of the committee too: Admin"):
        services.submit(edition, reviewers=[cast.alice], actor=cast.mona.actor, now=MONDAY)
    services.submit(edition, reviewers=[cast.alice, cast.admin], actor=cast.mona.actor, now=MONDAY)


@pytest.mark.req("SLM-25")
def test_an_ola_is_agreed_by_both_department_managers(cast: Cast) -> None:
    ola = Agreement.objects.create(code="ola", kind="ola", team=cast.desk, name_en="OLA")
    edition = draft(cast, ola)
    with pytest.raises(
        ValidationError, match="two departments; name first: Manager of the department that prom"
    ):
        services.submit(edition, reviewers=[cast.admin], actor=cast.mona.actor, now=MONDAY)
    name(cast, Part.PROVIDING_DEPARTMENT, cast.alice, ola)
    name(cast, Part.RECEIVING_DEPARTMENT, cast.sven, ola)
    current = services.submit(edition, reviewers=[cast.admin], actor=cast.mona.actor, now=MONDAY)
    for person in (cast.admin, cast.alice):
        row = current.countersignatures.get(reviewer=person)
        row.result = "approved"
        row.save()
    with pytest.raises(ValidationError, match="Not yet approved by Sven"):
        services.offer(fresh(current), actor=cast.mona.actor, now=MONDAY)


@pytest.mark.req("SLM-25")
def test_a_suppliers_contract_is_signed_after_its_contract_review(cast: Cast) -> None:
    line = Supplier.objects.create(code="line", name_en="Line")
    contract = Agreement.objects.create(code="uc", kind="uc", supplier=line, name_en="UC")
    signing = to_sign(cast, draft(cast, contract, terms=terms(sections={})))
    with pytest.raises(ValidationError, match="contract review first"):
        sign(cast, signing, "provider")
    with pytest.raises(ValidationError, match="who approved it"):
        paper(cast, signing, kind="contract_review", title="Review")
    review = {"kind": "contract_review", "title": "Review", "approved_by": "Ms Wang, legal"}
    paper(cast, signing, **review, approved_on=MONDAY.date())
    assert sign(cast, signing, "provider").party == "provider"


@pytest.mark.req("SLM-28", "SLM-51")
def test_contract_and_first_review_of_availability_are_filed_with_their_files(
    cast: Cast, agreement: Agreement, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    edition = draft(cast, agreement)
    assert papers.contract_of(agreement) is None
    with pytest.raises(ValidationError, match="number of the contract"):
        paper(cast, edition, number="")
    upload = SimpleUploadedFile("report.pdf", b"%PDF-1.4")
    facts = {"approved_by": "Li Na", "approved_on": MONDAY.date()}
    paper(cast, edition, **facts)
    kept = paper(
        cast,
        edition,
        kind="availability_review",
        title="First review",
        number="",
        attachments=[upload],
        **facts,
    )
    assert kept.attachment.name == "report.pdf"
    shown = document_of(edition, "en")
    validity = next(part for part in shown.parts if part.code == "validity")
    assert any("C-7 Frame contract, approved by Li Na" in row[1].en for row in validity.tables[0].rows)


@pytest.mark.req("SLM-28", "SLM-48", "SLM-52")
def test_the_pages_name_people_and_file_papers(client: Client, cast: Cast, agreement: Agreement) -> None:
    edition = draft(cast, agreement, terms=terms(cost={"amount": 1200, "currency": "CNY", "per": "month"}))
    client.force_login(cast.mona)
    url = f"{edition.get_absolute_url()}file/"
    assert "It stands alone" in client.get(url).content.decode()
    wrong = client.post(url, {"do": "paper", "paper-kind": "contract", "paper-title": "Frame"})
    assert (wrong.status_code, "Give the number" in wrong.content.decode()) == (422, True)
    sent = {"do": "paper", "paper-kind": "contract", "paper-title": "Frame", "paper-number": "C-7"}
    assert client.post(url, sent).status_code == 302
    named = {"do": "keeper", "keeper-part": "owner", "keeper-person": cast.alice.pk}
    assert client.post(url, named).status_code == 302
    shown = client.get(url).content.decode()
    assert "Part of the contract C-7 Frame." in shown
    assert "Service level owner" in shown
    assert "CNY 1,200.00 per month" in client.get(edition.get_absolute_url()).content.decode()
    owner = Keeper.objects.get()
    assert client.post(url, {"do": "end", "keeper": owner.pk}).status_code == 302
    assert Keeper.objects.get().until is not None
    shared = {"do": "keeper", "keeper-part": "process_owner", "keeper-person": cast.admin.pk}
    assert client.post("/agreements/keepers/", shared).status_code == 302
    assert "Answers for the process" in client.get("/agreements/keepers/").content.decode()
