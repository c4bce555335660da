"""The customer's side of agreements, through its pages: who sees what, and who is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.access import Denied, Role
from agreements import lifecycle, party, services
from agreements.models import Edition
from channels.email import build
from records.models import Activity, Delivery
from sla.models import Agreement
from suppliers.models import Supplier
from tests.cast import MONDAY, Cast, make_user
from tests.portal.agreeing import (
    DAY,
    MESSAGE_TO_REVIEWERS,
    ClientOf,
    agreed,
    draft,
    fresh,
    in_force,
    offer,
    say,
    signature,
    told,
    url,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


# --- who sees what ---------------------------------------------------------------------------

PAGES = ("agreement", "agreement-pdf", "agreement-docx")


@pytest.mark.req("SLM-49")
def test_the_contact_reads_what_is_offered_as_a_document(
    cast: Cast, offered: Edition, client_of: ClientOf
) -> None:
    page = client_of(cast.carla).get(url("agreement", offered.number))
    assert page.status_code == 200
    assert "Waits for your review" in page.text
    assert "The customer names a contact." in page.text
    assert MESSAGE_TO_REVIEWERS not in page.text
    both = client_of(cast.carla).get(url("agreement", offered.number), {"lang": "both", "annex": "1"})
    assert "客户指定联系人。" in both.text
    assert MESSAGE_TO_REVIEWERS not in both.text
    assert "doc-annex" not in both.text


def test_the_files_carry_no_annex(cast: Cast, offered: Edition, client_of: ClientOf) -> None:
    client = client_of(cast.carla)
    pdf = client.get(url("agreement-pdf", offered.number), {"lang": "zh", "annex": "1"})
    word = client.get(url("agreement-docx", offered.number), {"lang": "nonsense"})
    assert (pdf.status_code, word.status_code) == (200, 200)
    assert pdf.content.startswith(b"%PDF")
    assert f"{offered.number}-1-zh.pdf" in pdf["Content-Disposition"]
    assert f"{offered.number}-1-en.docx" in word["Content-Disposition"]


@pytest.mark.req("PLT-09")
def test_an_offer_is_hidden_from_everybody_but_the_contacts(
    cast: Cast, offered: Edition, client_of: ClientOf
) -> None:
    for person in (cast.charlie, cast.rita):
        client = client_of(person)
        for name in PAGES:
            assert client.get(url(name, offered.number)).status_code == 404
        for act in ("remark", "agree", "ask_changes", "sign"):
            assert say(client, offered, act, text="x", reason="x").status_code == 404
        assert offered.number not in client.get(url("agreements")).text
        assert client.get(reverse("records:go", args=[offered.number])).status_code == 404
    assert fresh(offered).state == lifecycle.PARTY_REVIEW
    assert not Activity.objects.filter(record=offered.pk, verb=party.REMARK).exists()


def test_a_draft_is_hidden_from_its_own_customer(
    cast: Cast, agreement: Agreement, client_of: ClientOf
) -> None:
    edition = draft(cast, agreement)
    client = client_of(cast.carla)
    for name in PAGES:
        assert client.get(url(name, edition.number)).status_code == 404
    assert edition.number not in client.get(url("agreements")).text
    assert "waits" not in client.get(url("home")).text


def test_contracts_and_the_default_commitment_are_hidden_from_a_customer_inside_the_provider(
    cast: Cast, client_of: ClientOf
) -> None:
    inside = make_user("ines", cast.provider, Role.CUSTOMER_MANAGER)
    carrier = Supplier.objects.create(code="carrier", name_en="Carrier", name_zh="运营商")
    contract = Agreement.objects.create(
        code="uc", kind="uc", supplier=carrier, name_en="Line contract", name_zh="线路合同"
    )
    general = Agreement.objects.create(code="rule", name_en="Desk rule", name_zh="规则")
    for each in (contract, general):
        edition = offer(cast, draft(cast, each))
        assert client_of(inside).get(url("agreement", edition.number)).status_code == 404
        assert client_of(inside).get(reverse("records:go", args=[edition.number])).status_code == 404
    assert told(inside) == []


def test_people_of_the_customer_read_what_is_in_force_and_decide_nothing(
    cast: Cast, offered: Edition, client_of: ClientOf
) -> None:
    edition = in_force(cast, offered)
    client = client_of(cast.rita)
    page = client.get(url("agreement", edition.number))
    assert page.status_code == 200
    assert "In force" in page.text
    assert '<form method="post" action="/portal/agreements' not in page.text
    assert edition.agreement.name in client.get(url("agreements")).text
    for act in ("remark", "agree", "ask_changes", "sign"):
        assert say(client, edition, act, text="x", reason="x", **signature()).status_code == 403
    assert fresh(edition).state == lifecycle.IN_FORCE
    assert client_of(cast.charlie).get(url("agreement", edition.number)).status_code == 404


def test_staff_cannot_act_as_customers(cast: Cast, offered: Edition, client_of: ClientOf) -> None:
    for person in (cast.alice, cast.mona, cast.admin):
        answer = say(client_of(person), offered, "agree")
        assert answer.status_code == 302
        assert answer.url == reverse("records:go", args=[offered.number])
        who: dict[str, Any] = {"offer": party.offer_of(offered), "actor": person.actor, "now": MONDAY}
        with pytest.raises(Denied):
            party.remark(offered, section="", text="x", **who)
        with pytest.raises(Denied):
            party.ask_changes(offered, reason="x", **who)
    assert fresh(offered).state == lifecycle.PARTY_REVIEW


def test_the_api_of_editions_stays_the_desks(cast: Cast, offered: Edition, client_of: ClientOf) -> None:
    client = client_of(cast.carla)
    assert client.get("/api/v1/editions/").json()["results"] == []
    for below in ("", "follow-ups/", "replay/"):
        assert client.get(f"/api/v1/editions/{offered.number}/{below}").status_code == 404
    asked = {"party": "provider", "person": "Carla", "role": "x", "signed_on": "2026-03-01"}
    posted = client.post(f"/api/v1/editions/{offered.number}/sign/", asked, content_type="application/json")
    assert posted.status_code == 404


def test_a_customer_signs_for_itself_only(cast: Cast, offered: Edition) -> None:
    edition = agreed(cast, offered)
    with pytest.raises(Denied):
        services.sign(
            edition, party="provider", person="Carla", role="x", signed_on=MONDAY.date(),
            actor=cast.carla.actor, now=MONDAY,
        )  # fmt: skip
    assert not edition.signatures.exists()


# --- notices, editions, ends -----------------------------------------------------------------


@pytest.mark.req("SLM-49")
def test_contacts_are_told_of_the_offer_by_notice_and_mail(
    cast: Cast, offered: Edition, client_of: ClientOf
) -> None:
    assert told(cast.carla) == ["agreement.offer"]
    assert told(cast.rita) == told(cast.charlie) == []
    mail = Delivery.objects.get(recipient=cast.carla, channel="email")
    assert url("agreement", offered.number) in str(build(mail).body)
    client = client_of(cast.carla)
    assert f"{offered.number}: the agreement is offered for review" in client.get("/notices/").text
    go = client.get(reverse("records:go", args=[offered.number]))
    assert go["Location"] == url("agreement", offered.number)


def test_the_end_is_told_and_earlier_editions_stay_readable_for_the_contact(
    cast: Cast, offered: Edition, client_of: ClientOf
) -> None:
    first = in_force(cast, offered)
    later = offer(
        cast,
        draft(
            cast, first.agreement, effective_from=MONDAY + timedelta(hours=1), change_reason="Faster mail",
            now=MONDAY,
        ),
    )  # fmt: skip
    client = client_of(cast.carla)
    page = client.get(url("agreement", later.number))
    assert url("agreement", first.number) in page.text
    assert "Faster mail" in page.text
    services.withdraw(later, reason=MESSAGE_TO_REVIEWERS, actor=cast.mona.actor, now=MONDAY)
    assert "no longer open" in client.get(url("agreement", later.number), follow=True).text
    services.terminate(
        fresh(first), reason="The site is closed.", at=MONDAY + DAY, actor=cast.mona.actor, now=MONDAY
    )
    assert told(cast.carla)[-1] == "agreement.terminate"
    ended = client.get(url("agreement", first.number))
    assert "Ended" in ended.text
    assert "The site is closed." in ended.text
    assert client_of(cast.rita).get(url("agreement", first.number)).status_code == 404


def test_a_version_without_an_edition_is_listed_with_the_way_to_its_promises(
    cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.rita)
    assert "No agreement of your own is in force" in client.get(url("agreements")).text
    cast.agreement.agreement.customer = cast.acme
    cast.agreement.agreement.save()
    page = client.get(url("agreements"))
    assert "in force since" in page.text
    assert url("help") in page.text
