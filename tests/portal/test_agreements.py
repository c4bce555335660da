"""The customer's side of agreements, through its pages: who sees what, who decides, and what was said."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.access import Denied, Role
from accounts.models import User
from agreements import lifecycle, party, services
from agreements.models import Edition, Signature
from channels.email import build
from records.models import Activity, Attachment, Delivery
from sla.models import Agreement
from sla.terms import SECTIONS
from suppliers.models import Supplier
from tests.cast import MONDAY, Cast, make_user

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Any], Client]
DAY = timedelta(days=1)
TERMS: dict[str, Any] = {
    "calendar": "office",
    "targets": [
        {
            "metric": "resolution",
            "promise": {"kind": "business_seconds", "seconds": 8 * 3600},
            "method": {"en": "from the tickets", "zh": "依据工单"},
        }
    ],
    "sections": {code: {"en": f"Words on {code}", "zh": "文字"} for code in SECTIONS}
    | {"customer_duties": {"en": "The customer names a contact.", "zh": "客户指定联系人。"}},
}
MESSAGE_TO_REVIEWERS = "Their lawyer must not read this."


@pytest.fixture(autouse=True)
def _on_monday() -> Any:
    with time_machine.travel(MONDAY, tick=True):
        yield


@pytest.fixture
def agreement(cast: Cast) -> Agreement:
    return Agreement.objects.create(code="acme", customer=cast.acme, name_en="Acme SLA", name_zh="艾可美协议")


def fresh(edition: Edition) -> Edition:
    found: Edition = Edition.objects.get(pk=edition.pk)
    return found


def url(name: str, *args: Any) -> str:
    return reverse(f"portal:{name}", args=args)


def draft(cast: Cast, agreement: Agreement, **over: Any) -> Edition:
    facts = {"terms": TERMS, "effective_from": MONDAY, "actor": cast.mona.actor, "now": MONDAY - DAY, **over}
    return services.draft(agreement, **facts)


def offer(cast: Cast, edition: Edition) -> Edition:
    """Reviewed by the administrator with words for the house only, checked, and offered."""
    mona, admin, now = cast.mona.actor, cast.admin.actor, MONDAY - DAY
    current = services.submit(edition, reviewers=[cast.admin], actor=mona, now=now)
    services.countersign(current, result="approved", comment=MESSAGE_TO_REVIEWERS, actor=admin, now=now)
    services.check_legality(current, result="passed", note=MESSAGE_TO_REVIEWERS, actor=admin, now=now)
    return services.offer(fresh(current), actor=mona, now=now)


@pytest.fixture
def offered(cast: Cast, agreement: Agreement) -> Edition:
    return offer(cast, draft(cast, agreement))


def agreed(cast: Cast, edition: Edition) -> Edition:
    return party.agree(
        edition, note="", offer=party.offer_of(edition), actor=cast.carla.actor, now=MONDAY - DAY
    )


def in_force(cast: Cast, edition: Edition) -> Edition:
    current = agreed(cast, edition)
    for side in Signature.Party.values:
        services.sign(
            current, party=side, person="Somebody", role="Director", signed_on=(MONDAY - DAY).date(),
            actor=cast.admin.actor, now=MONDAY - DAY,
        )  # fmt: skip
    return services.activate(fresh(current), actor=cast.mona.actor, now=MONDAY)


def say(client: Client, edition: Edition, act: str, **data: Any) -> Any:
    body = {"offer": party.offer_of(edition), **data}
    return client.post(url("agreement-act", edition.number, act), body)


def signature(**over: Any) -> dict[str, Any]:
    return {"person": "Carla", "role": "Head of IT", "signed_on": MONDAY.date().isoformat(), **over}


def told(user: User) -> list[str]:
    rows = Delivery.objects.filter(recipient=user, channel="in_app").order_by("pk")
    return list(rows.values_list("activity__verb", flat=True))


def second_contact(cast: Cast) -> User:
    return make_user("cora", cast.acme, Role.CUSTOMER_MANAGER)


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


# --- remarks ---------------------------------------------------------------------------------


@pytest.mark.req("SLM-47")
def test_a_remark_is_stored_shown_to_both_sides_and_answered_once(
    cast: Cast, offered: Edition, client_of: ClientOf
) -> None:
    carla, mona = client_of(cast.carla), client_of(cast.mona)
    answer = say(carla, offered, "remark", section="customer_duties", text="Two contacts, please.")
    assert answer.status_code == 302
    page = mona.get(reverse("agreements:detail", args=[offered.number]))
    assert "Two contacts, please." in page.text
    assert "agreement.remark" in told(cast.mona)
    (remark,) = party.remarks_of(offered)
    assert (remark.where, remark.person, remark.outcome) == ("Duties of the customer", "Carla", "")

    place = reverse("agreements:answer", args=[offered.number, remark.id])
    refused = mona.post(place, {"outcome": "kept", "text": ""}, follow=True)
    assert "Give the customer a reason." in refused.text
    mona.post(place, {"outcome": "kept", "text": "One is enough in our experience."})
    again = mona.post(place, {"outcome": "adjusted", "text": ""}, follow=True)
    assert "answered already" in again.text
    shown = carla.get(url("agreement", offered.number))
    assert "One is enough in our experience." in shown.text
    assert "not adjusted" in shown.text
    assert "agreement.answer_remark" in told(cast.carla)
    assert Activity.objects.filter(record=offered.pk, verb=party.ANSWER).count() == 1


def test_an_empty_remark_and_an_unknown_section_are_refused_in_place(
    cast: Cast, offered: Edition, client_of: ClientOf
) -> None:
    client = client_of(cast.carla)
    assert say(client, offered, "remark", section="", text=" ").status_code == 422
    kept = say(client, offered, "remark", section="nonsense", text="Long words of mine")
    assert kept.status_code == 422
    assert "Long words of mine" in kept.text
    assert party.remarks_of(offered) == []


def test_a_form_sent_twice_is_one_remark(cast: Cast, offered: Edition, client_of: ClientOf) -> None:
    client = client_of(cast.carla)
    same = {"section": "", "text": "Once", "once": "6b7a4c5e-0f0e-4a52-8a47-2f1c3f6a9e11"}
    places = [say(client, offered, "remark", **same).url for _n in range(2)]
    assert places[0] == places[1]
    assert len(party.remarks_of(offered)) == 1


# --- the decision ----------------------------------------------------------------------------


@pytest.mark.req("SLM-18")
@pytest.mark.req("SLM-49")
def test_the_contact_agrees_and_signs_with_the_document_and_it_comes_into_force(
    cast: Cast, offered: Edition, client_of: ClientOf
) -> None:
    client = client_of(cast.carla)
    assert "An agreement waits for you" in client.get(url("home")).text
    assert say(client, offered, "agree", note="As discussed.").status_code == 302
    assert fresh(offered).state == lifecycle.TO_SIGN
    assert "agreement.agree" in told(cast.mona)
    assert "Waits for your signature" in client.get(url("home")).text
    cast.carla.language = "zh-hans"
    cast.carla.save()
    assert 'value="2026-03-02"' in client.get(url("agreement", offered.number)).text
    cast.carla.language = "en"
    cast.carla.save()

    scan = SimpleUploadedFile("signed.pdf", b"%PDF-1.4 signed", content_type="application/pdf")
    assert say(client, offered, "sign", **signature(attachments=scan)).status_code == 302
    (row,) = Signature.objects.filter(edition=offered)
    assert (row.party, row.person, row.role, row.document, row.recorded_by) == (
        "counterparty", "Carla", "Head of IT", "signed.pdf", cast.carla,
    )  # fmt: skip
    assert Attachment.objects.get(record=offered.pk).name == "signed.pdf"
    assert "agreement.sign" in told(cast.mona)
    waiting = client.get(url("agreement", offered.number))
    assert "Agreed, being signed" in waiting.text
    assert "signed.pdf" in waiting.text
    assert "An agreement waits" not in client.get(url("home")).text

    services.sign(
        fresh(offered), party="provider", person="Admin", role="Director", signed_on=MONDAY.date(),
        actor=cast.admin.actor, now=MONDAY,
    )  # fmt: skip
    services.activate(fresh(offered), actor=cast.mona.actor, now=MONDAY)
    assert told(cast.carla)[-1] == "agreement.activate"
    assert "agreement.activate" not in told(cast.rita)
    assert "In force" in client_of(cast.rita).get(url("agreements")).text


@pytest.mark.req("SLM-47")
def test_changes_asked_for_make_it_a_draft_again_and_both_sides_know_why(
    cast: Cast, offered: Edition, client_of: ClientOf
) -> None:
    client = client_of(cast.carla)
    assert say(client, offered, "ask_changes", reason=" ").status_code == 422
    answer = client.post(
        url("agreement-act", offered.number, "ask_changes"),
        {"offer": party.offer_of(offered), "reason": "Four hours instead of eight."},
        follow=True,
    )
    assert "asked for changes" in answer.text
    edition = fresh(offered)
    assert (edition.state, edition.legality) == (lifecycle.DRAFT, "")
    assert "agreement.ask_changes" in told(cast.mona)
    staff = client_of(cast.mona).get(reverse("agreements:detail", args=[offered.number]))
    assert "Four hours instead of eight." in staff.text
    # the page is away, and says where it went; the draft's words are not shown
    back = client.get(url("agreement", offered.number), follow=True)
    assert "being revised" in back.text
    assert "The customer names a contact." not in back.text


def test_what_is_decided_on_a_former_offer_counts_for_nothing(
    cast: Cast, offered: Edition, client_of: ClientOf
) -> None:
    seen = party.offer_of(offered)
    returned = services.send_back(offered, reason="A mistake.", actor=cast.mona.actor, now=MONDAY)
    again = offer(cast, returned)
    client = client_of(cast.carla)
    late = client.post(url("agreement-act", again.number, "agree"), {"offer": seen})
    assert late.status_code == 409
    assert "offered anew" in late.text
    assert fresh(again).state == lifecycle.PARTY_REVIEW
    assert say(client, again, "agree").status_code == 302


def test_words_of_the_provider_to_itself_stay_inside(
    cast: Cast, offered: Edition, client_of: ClientOf
) -> None:
    services.send_back(offered, reason=MESSAGE_TO_REVIEWERS, actor=cast.mona.actor, now=MONDAY)
    client = client_of(cast.carla)
    page = client.get(url("agreements"))
    assert "taken back to be revised" in page.text
    assert MESSAGE_TO_REVIEWERS not in page.text
    offer(cast, fresh(offered))
    assert MESSAGE_TO_REVIEWERS not in client.get(url("agreement", offered.number)).text
    assert offered.number not in client.get(reverse("records:search"), {"q": "lawyer"}).text


def test_of_two_contacts_the_first_decides_and_the_second_is_told(
    cast: Cast, offered: Edition, client_of: ClientOf
) -> None:
    cora = client_of(second_contact(cast))
    assert say(client_of(cast.carla), offered, "agree").status_code == 302
    second = say(cora, offered, "agree")
    assert second.status_code == 409
    assert "Carla recorded your agreement" in second.text
    assert Activity.objects.filter(record=offered.pk, verb=party.AGREE).count() == 1
    assert say(client_of(cast.carla), offered, "sign", **signature()).status_code == 302
    late = say(cora, offered, "sign", **signature(person="Cora"))
    assert late.status_code == 409
    assert "Carla has signed for your side already" in late.text
    changes = say(cora, offered, "ask_changes", reason="Wait!")
    assert changes.status_code == 409
    assert fresh(offered).state == lifecycle.TO_SIGN
    # the same signature by the same person is the same signature
    assert say(client_of(cast.carla), offered, "sign", **signature()).status_code == 302
    assert Signature.objects.get(edition=offered).person == "Carla"


def test_nothing_is_signed_before_the_law_was_looked_at_or_in_the_future(
    cast: Cast, offered: Edition, client_of: ClientOf
) -> None:
    client = client_of(cast.carla)
    edition = agreed(cast, offered)
    future = say(client, edition, "sign", **signature(signed_on=(MONDAY + 2 * DAY).date().isoformat()))
    assert future.status_code == 422
    assert "cannot lie in the future" in future.text
    services.check_legality(fresh(edition), result="failed", note="x", actor=cast.admin.actor, now=MONDAY)
    early = say(client, edition, "sign", **signature())
    assert early.status_code == 409
    assert "legality check is not finished" in early.text
    assert "Sign for your organisation" not in client.get(url("agreement", edition.number)).text
    assert not Signature.objects.exists()


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


# --- races -----------------------------------------------------------------------------------


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run all together, each on a connection of its own; answers results, or the exceptions raised."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=20)
            return act()
        except Exception as error:  # noqa: BLE001 - what was raised is what is tested
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("SLM-18")
def test_two_contacts_who_decide_in_the_same_moment_end_in_one_decision(cast: Cast, offered: Edition) -> None:
    cora, seen = second_contact(cast), party.offer_of(offered)

    def decide(verb: Callable[..., Any], who: User, **words: Any) -> Callable[[], Any]:
        actor = who.actor
        return lambda: verb(offered, **words, offer=seen, actor=actor, now=MONDAY)

    results = at_once(
        decide(party.agree, cast.carla, note=""),
        decide(party.ask_changes, cora, reason="Cheaper, please."),
        decide(party.agree, cora, note=""),
    )
    decided = Activity.objects.get(record=offered.pk, verb__in=(party.AGREE, party.ASK_CHANGES))
    assert [type(each) for each in results].count(Edition) == 1
    assert [type(each) for each in results].count(party.Overtaken) == 2
    ends = {party.AGREE: lifecycle.TO_SIGN, party.ASK_CHANGES: lifecycle.DRAFT}
    assert fresh(offered).state == ends[decided.verb]


@pytest.mark.django_db(transaction=True)
def test_two_contacts_who_sign_in_the_same_moment_leave_one_signature(cast: Cast, offered: Edition) -> None:
    cora, edition = second_contact(cast), agreed(cast, offered)
    seen = party.offer_of(edition)

    def sign(who: User) -> Callable[[], Any]:
        actor = who.actor
        facts: dict[str, Any] = {
            "person": actor.name,
            "role": "IT",
            "signed_on": MONDAY.date(),
            "offer": seen,
        }
        return lambda: party.sign(edition, **facts, actor=actor, now=MONDAY)

    results = at_once(sign(cast.carla), sign(cora), sign(cast.carla))
    kept = Signature.objects.get(edition=edition)
    assert all(each == kept for each in results if isinstance(each, Signature))
    assert sum(isinstance(each, party.Overtaken) for each in results) in (1, 2)
    assert Activity.objects.filter(record=edition.pk, verb=party.SIGN).count() == 1
