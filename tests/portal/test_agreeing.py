"""The customer's side of agreements, through its pages: who decides, and what was said."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from accounts.models import User
from agreements import lifecycle, party, services
from agreements.models import Edition, Signature
from records.models import Activity, Attachment
from tests.cast import MONDAY, Cast
from tests.portal.agreeing import (
    DAY,
    MESSAGE_TO_REVIEWERS,
    ClientOf,
    agreed,
    fresh,
    offer,
    say,
    second_contact,
    signature,
    told,
    url,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


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
