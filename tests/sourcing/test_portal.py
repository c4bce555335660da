"""A supplier's people: what they may see and do, and above all what not."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.test import Client
from django.urls import reverse

import incidents.services
import problems.services
from accounts.access import NARROW_ROLES, Denied, Role
from accounts.models import Grant, Organisation
from channels import email
from problems import quality
from problems.models import QualityNotice
from records import services as kernel
from records.delivery import Withheld
from records.models import Activity, Attachment, Delivery, Record
from sla.models import Agreement, Clock
from sourcing import handed, portal_urls
from suppliers.models import Supplier
from tests.cast import MONDAY, Cast, make_incident, make_supplier_contact, make_user
from tests.sourcing.week import BEGAN, DAY, HOUR, make_contract, make_sla, make_supplier, publish, target
from tests.sourcing.week import handed as had

pytestmark = [pytest.mark.django_db]
WHEN = MONDAY + HOUR
SECRET = "The director's password is hunter2."


@pytest.fixture(autouse=True)
def _on_monday() -> Any:
    with time_machine.travel(WHEN, tick=False):
        yield


@pytest.fixture
def supplier(cast: Cast) -> Supplier:
    made = make_supplier()
    make_contract(cast, made)
    make_sla(cast)
    return made


@pytest.fixture
def sue(supplier: Supplier) -> Any:
    return make_supplier_contact()


@pytest.fixture
def eve(cast: Cast) -> Any:
    """Of another supplier."""
    return make_supplier_contact("eve", "rival")


def told_to(activity: Activity) -> set[str]:
    """Who got a message because of it."""
    return set(Delivery.objects.filter(activity=activity).values_list("recipient__username", flat=True))


def hand(cast: Cast, supplier: Supplier, **over: Any) -> Any:
    supplier.refresh_from_db()
    incident = make_incident(cast, **over)
    doing: dict[str, Any] = {"actor": cast.alice.actor, "now": MONDAY}
    kernel.comment(incident, text=SECRET, is_public=True, actor=cast.rita.actor, now=MONDAY)
    kernel.comment(incident, text="Suspect the line.", is_public=False, **doing)
    incident = incidents.services.start(incident, **doing)
    return incidents.services.hold(
        incident, reason="supplier", note="The customer is cross.", supplier=supplier,
        supplier_reference="HX-1", **doing,
    )  # fmt: skip


def page(browser: Any, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_they_see_the_tickets_in_their_hands_with_targets_and_no_private_word(
    client_of: Any, cast: Cast, supplier: Supplier, sue: Any
) -> None:
    held, other = hand(cast, supplier), make_incident(cast, title="Not theirs")
    browser = client_of(sue)
    assert browser.get("/").headers["Location"] == "/supplier/"
    home = page(browser, "/supplier/")
    assert held.number in home
    assert other.number not in home
    assert "Not theirs" not in home
    one = page(browser, f"/supplier/tickets/{held.number}/")
    for words in ("Cannot send mail", "Since this morning nothing leaves the outbox.", "HX-1", "Resolution"):
        assert words in one
    for words in (SECRET, "hunter2", "Suspect the line", "cross", "Rita", "Acme", "rita@example.org"):
        assert words not in one, words
        assert words not in home, words
    assert browser.get(f"/supplier/tickets/{other.number}/").status_code == 404


def test_they_see_it_only_while_they_have_it(
    client_of: Any, cast: Cast, supplier: Supplier, sue: Any
) -> None:
    incident = make_incident(cast)
    browser, url = client_of(sue), f"/supplier/tickets/{incident.number}/"
    assert browser.get(url).status_code == 404
    doing: dict[str, Any] = {"actor": cast.alice.actor, "now": MONDAY}
    incident = incidents.services.start(incident, **doing)
    supplier.refresh_from_db()
    incident = incidents.services.hold(incident, reason="supplier", supplier=supplier, **doing)
    assert browser.get(url).status_code == 200
    incidents.services.resume(incident, actor=cast.alice.actor, now=WHEN)
    assert browser.get(url).status_code == 404
    assert browser.post(f"{url}write/", {"act": "write", "text": "Too late."}).status_code == 404
    with pytest.raises(Http404):
        handed.write(incident, text="Too late.", actor=sue.actor, now=WHEN)


def test_one_supplier_never_sees_anothers_tickets_files_or_words(
    client_of: Any, cast: Cast, supplier: Supplier, sue: Any, eve: Any
) -> None:
    held = hand(cast, supplier)
    file = SimpleUploadedFile("plan.txt", b"plan")
    handed.tell(held, text="See the plan.", attachments=[file], actor=cast.alice.actor, now=WHEN)
    key = Attachment.objects.get(name="plan.txt").key
    stranger, url = client_of(eve), f"/supplier/tickets/{held.number}/"
    assert held.number not in page(stranger, "/supplier/")
    for path in (url, f"{url}files/{key}/"):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"{url}write/", {"act": "solved", "text": "Ha."}).status_code == 404
    assert "Contract uc-line" not in page(stranger, "/supplier/contracts/")
    assert client_of(sue).get(f"{url}files/{key}/").status_code == 200
    # the ticket goes to the rival: what was said to the first stays the first's
    incident = incidents.services.resume(held, actor=cast.alice.actor, now=WHEN)
    rival = Supplier.objects.get(code="rival")
    incidents.services.hold(incident, reason="supplier", supplier=rival, actor=cast.alice.actor, now=WHEN)
    theirs = page(stranger, url)
    assert "See the plan." not in theirs
    assert stranger.get(f"{url}files/{key}/").status_code == 404
    assert client_of(sue).get(url).status_code == 404


def noticed_to(cast: Cast, supplier: Supplier) -> QualityNotice:
    """A notice of a problem behind a customer's incidents, to the supplier."""
    problem = problems.services.open_problem(
        title="Acme is cross about the line", description="Rita complains.", source="second_line",
        incidents=[make_incident(cast)], actor=cast.alice.actor, now=MONDAY,
    )  # fmt: skip
    return quality.send(
        problem, text="Your fitters were late again.", due_on=date(2026, 3, 9), supplier=supplier,
        actor=cast.mona.actor, now=MONDAY,
    )  # fmt: skip


@pytest.mark.req("PRB-11")
def test_they_read_and_answer_the_quality_notices_sent_to_them_and_nothing_of_the_problem(
    client_of: Any, cast: Cast, supplier: Supplier, sue: Any, eve: Any
) -> None:
    notice = noticed_to(cast, supplier)
    browser, url = client_of(sue), f"/supplier/notices/{notice.pk}/answer/"
    shown = page(browser, "/supplier/notices/")
    assert "Your fitters were late again." in shown
    for word in ("cross about the line", "Rita", "Acme", notice.problem.number, cast.mona.name):
        assert word not in shown, word
    assert "late again" not in page(client_of(eve), "/supplier/notices/")
    assert client_of(eve).post(url, {"answer": "Not us."}).status_code == 404
    assert browser.post(url, {"answer": " "}).status_code == 422
    assert browser.post(url, {"answer": "We come in pairs now."}).status_code == 302
    notice.refresh_from_db()
    assert (notice.answer, notice.answered_by) == ("We come in pairs now.", sue)
    assert browser.post(url, {"answer": "Once more."}).status_code == 422
    said = Activity.objects.get(verb="problem.answer_notice")
    assert (said.actor, said.is_public) == (sue, False)
    assert "We come in pairs now." in page(browser, "/supplier/notices/")
    page_of_desk = client_of(cast.mona).get(f"{notice.problem.get_absolute_url()}?view=measures")
    assert "We come in pairs now." in page_of_desk.content.decode()


# Each page below /supplier/ with what names a ticket of another supplier; a new page needs a row.
OF_ANOTHER = {"home": (200, 405), "contracts": (200, 405), "ticket": (404, 405), "write": (405, 404),
              "attachment": (404, 405), "notices": (200, 405), "answer-notice": (405, 404)}  # fmt: skip


@pytest.mark.req("PLT-09")
def test_no_page_of_suppliers_tells_one_of_them_about_anothers(
    client_of: Any, cast: Cast, supplier: Supplier, sue: Any, eve: Any
) -> None:
    held = hand(cast, supplier, title="Line of the bank cut")
    file = SimpleUploadedFile("route.txt", b"route")
    handed.tell(held, text="Dig here.", attachments=[file], actor=cast.alice.actor, now=WHEN)
    key = Attachment.objects.get(name="route.txt").key
    notice = noticed_to(cast, supplier)
    given = {"number": held.number, "key": key, "item": notice.pk}
    assert {pattern.name for pattern in portal_urls.urlpatterns} == set(OF_ANOTHER)
    stranger, own = client_of(eve), client_of(sue)
    for pattern in portal_urls.urlpatterns:
        words = {name: given[name] for name in pattern.pattern.converters}
        url = reverse(f"supplier:{pattern.name}", kwargs=words)
        answers = (stranger.get(url), stranger.post(url, {"act": "solved", "text": "Mine now."}))
        assert tuple(answer.status_code for answer in answers) == OF_ANOTHER[str(pattern.name)], url
        for answer in answers:
            for word in (
                held.number,
                "Line of the bank",
                "Dig here",
                "route",
                "Huaxun",
                "uc-line",
                "late again",
            ):
                assert word not in answer.content.decode().replace(url, ""), (url, word)
    assert own.get(f"/supplier/tickets/{held.number}/").status_code == 200
    held.refresh_from_db()
    assert held.state == "on_hold"


def test_a_file_of_the_customer_is_not_handed_out(
    client_of: Any, cast: Cast, supplier: Supplier, sue: Any
) -> None:
    held = hand(cast, supplier, attachments=[SimpleUploadedFile("private.txt", b"x")])
    key = Attachment.objects.get(name="private.txt").key
    browser = client_of(sue)
    assert browser.get(f"/supplier/tickets/{held.number}/files/{key}/").status_code == 404
    assert browser.get(f"/files/{key}/").status_code in (403, 404)


def test_answering_meets_their_response_and_tells_the_desk(
    client_of: Any, cast: Cast, supplier: Supplier, sue: Any
) -> None:
    promise = {"kind": "business_seconds", "seconds": 7200}
    first = {"metric": "first_response", "promise": promise, "method": {"en": "Tickets", "zh": "工单"}}
    other = make_supplier(code="fast", name_en="Fast")
    agreement = make_contract(cast, other, code="uc-fast").agreement
    publish(cast, agreement, first, target(4), at=BEGAN + DAY)
    fay = make_supplier_contact("fay", "fast")
    make_sla_on_fast(cast)
    held = hand(cast, other)
    clock = Clock.every.get(record=held.pk, support=agreement, metric="first_response")
    browser, url = client_of(fay), f"/supplier/tickets/{held.number}/write/"
    assert browser.post(url, {"act": "answer", "text": " "}).status_code == 422
    sent = {"act": "answer", "text": "A splice team is on its way.", "reference": "HX-2"}
    assert browser.post(url, {**sent, "attachments": SimpleUploadedFile("a.txt", b"a")}).status_code == 302
    held.refresh_from_db()
    assert held.supplier_reference == "HX-2"
    clock.refresh_from_db()
    assert clock.stopped_at == WHEN
    said = Activity.objects.get(record=held.pk, verb="incident.supplier_replied")
    assert (said.actor, said.text, said.is_public) == (fay, "A splice team is on its way.", False)
    assert Delivery.objects.filter(activity=said, recipient=cast.alice).exists()
    assert "A splice team is on its way." in client_of(cast.alice).get(
        held.get_absolute_url()
    ).content.decode()  # fmt: skip
    # nothing of it reaches the customer
    theirs = client_of(cast.rita).get(f"/portal/requests/{held.number}/").content.decode()
    assert "splice" not in theirs
    assert "Fay" not in theirs


def make_sla_on_fast(cast: Cast) -> None:
    row = Agreement.objects.get(code="acme-sla")
    support = [{"agreement": "uc-fast", "target": "resolution//", "stage": 1}]
    publish(cast, row, target(8, underpinned_by=support), at=BEGAN + DAY)


def test_what_they_call_solved_goes_back_to_the_desk_which_decides(
    client_of: Any, cast: Cast, supplier: Supplier, sue: Any
) -> None:
    held = hand(cast, supplier)
    browser, url = client_of(sue), f"/supplier/tickets/{held.number}/write/"
    assert browser.post(url, {"act": "resolve", "text": "x"}).status_code == 404
    answer = browser.post(url, {"act": "solved", "text": "Spliced at 11:20."})
    assert answer.headers["Location"] == "/supplier/"
    held.refresh_from_db()
    assert (held.state, held.resolved_at) == ("in_progress", None)
    assert not handed.in_hand(supplier).exists()
    assert "No ticket is in your hands." in page(browser, "/supplier/")
    moved = Activity.objects.get(record=held.pk, verb="incident.resume")
    assert moved.actor.username == "system"  # no name of theirs where the customer reads
    told = Activity.objects.get(record=held.pk, verb="sourcing.supplier_solved")
    assert Delivery.objects.filter(activity=told, recipient=cast.alice).exists()
    theirs = client_of(cast.rita).get(f"/portal/requests/{held.number}/").content.decode()
    assert "Sue" not in theirs
    assert "Spliced" not in theirs


def test_the_desk_writes_and_only_they_are_told(
    client_of: Any, cast: Cast, supplier: Supplier, sue: Any
) -> None:
    held = hand(cast, supplier)
    alice = client_of(cast.alice)
    assert alice.post(f"/tickets/{held.number}/supplier/", {"text": ""}).status_code == 422
    assert alice.post(f"/tickets/{held.number}/supplier/", {"text": "When?"}).status_code == 302
    told = Activity.objects.get(verb="sourcing.told_supplier")
    assert told_to(told) == {"sue"}
    mail = Delivery.objects.get(activity=told, channel="email")
    message = email.build(mail)
    assert "/supplier/tickets/" in message.body
    assert "/portal/" not in message.body
    assert "When?" in page(client_of(sue), f"/supplier/tickets/{held.number}/")
    # another entry is never mailed to them
    mail.activity = Activity.objects.filter(record=held.pk, verb="record.noted")[0]
    with pytest.raises(Withheld):
        email.build(mail)
    # with nobody there is nobody to write to
    incidents.services.resume(held, actor=cast.alice.actor, now=WHEN)
    with pytest.raises(ValidationError, match="with no supplier now"):
        handed.tell(held, text="Hello?", actor=cast.alice.actor, now=WHEN)
    with pytest.raises(Denied):
        handed.tell(held, text="Hello?", actor=cast.rita.actor, now=WHEN)


def test_they_are_told_at_once_and_once_of_each_ticket_that_comes(
    cast: Cast, supplier: Supplier, sue: Any, eve: Any
) -> None:
    held = hand(cast, supplier)
    told = Activity.objects.get(verb="sourcing.handed_over")
    assert (told.at, told_to(told)) == (MONDAY, {"sue"})
    assert not told.is_public
    assert handed.announce(now=WHEN) == 0
    back = incidents.services.resume(held, actor=cast.alice.actor, now=WHEN)
    supplier.refresh_from_db()
    incidents.services.hold(
        back, reason="supplier", supplier=supplier, actor=cast.alice.actor, now=WHEN + HOUR
    )
    assert Activity.objects.filter(verb="sourcing.handed_over").count() == 2
    assert handed.announce(now=WHEN + HOUR) == 0


def test_who_joins_a_supplier_later_is_told_of_what_it_has_by_the_task(
    cast: Cast, supplier: Supplier
) -> None:
    hand(cast, supplier)
    assert not Activity.objects.filter(verb="sourcing.handed_over").exists()
    assert handed.announce(now=WHEN) == 0
    make_supplier_contact()
    assert (handed.announce(now=WHEN), handed.announce(now=WHEN)) == (1, 0)
    assert told_to(Activity.objects.get(verb="sourcing.handed_over")) == {"sue"}


def test_their_contracts_show_targets_and_attainment(
    client_of: Any, cast: Cast, supplier: Supplier, sue: Any
) -> None:
    supplier.refresh_from_db()
    had(cast, supplier, hours=2)
    had(cast, supplier, hours=48)
    with time_machine.travel(MONDAY + 3 * DAY, tick=False):
        words = page(client_of(sue), "/supplier/contracts/")
    assert "Contract uc-line" in words
    assert "50 %" in words
    assert "1 of 2" in words
    assert "Acme" not in words


def test_nobody_else_gets_these_pages(client_of: Any, cast: Cast, supplier: Supplier, sue: Any) -> None:
    held = hand(cast, supplier)
    paths = ("", "contracts/", f"tickets/{held.number}/")
    for person in (cast.alice, cast.mona, cast.admin, cast.rita, cast.carla, cast.charlie, cast.robot):
        for path in paths:
            assert client_of(person).get(f"/supplier/{path}").status_code == 403, (person, path)
    assert "login" in Client().get("/supplier/").headers["Location"]


def test_who_is_switched_off_or_whose_supplier_is_sees_nothing(
    client_of: Any, cast: Cast, supplier: Supplier, sue: Any
) -> None:
    held = hand(cast, supplier)
    Supplier.objects.filter(pk=supplier.pk).update(is_active=False)
    browser = client_of(sue)
    assert browser.get("/supplier/").status_code == 404
    assert browser.get(f"/supplier/tickets/{held.number}/").status_code == 404
    Supplier.objects.filter(pk=supplier.pk).update(is_active=True)
    sue.is_active = False
    sue.save()
    assert client_of(sue).get("/supplier/").status_code == 302


def test_the_narrowest_role_wins_over_whatever_was_given_by_mistake(
    client_of: Any, cast: Cast, supplier: Supplier, sue: Any
) -> None:
    for role in (Role.ADMINISTRATOR, Role.AGENT, Role.CUSTOMER_MANAGER):
        Grant.objects.create(user=sue, role=role)
    fresh = type(sue).objects.get(pk=sue.pk)
    assert fresh.actor.roles == NARROW_ROLES
    assert not fresh.is_staff
    assert not Record.objects.visible_to(fresh.actor).exists()
    hand(cast, supplier)
    assert not Record.objects.visible_to(fresh.actor).exists()
    assert client_of(fresh).get("/queue/").status_code in (403, 404)
    assert client_of(fresh).get("/admin/").status_code == 403
    # and the back office does not let one be given in the first place
    wrong = Grant(user=cast.alice, role=Role.SUPPLIER)
    with pytest.raises(ValidationError):
        wrong.clean()
    with pytest.raises(ValidationError):
        Grant(user=sue, role=Role.AGENT).clean()
    Grant(user=sue, role=Role.SUPPLIER).clean()


def test_who_has_the_role_without_a_supplier_sees_nothing(client_of: Any, cast: Cast) -> None:
    stray = Organisation.objects.create(code="stray", name_en="Stray", kind="supplier")
    nobody = make_user("nobody2", stray, Role.SUPPLIER)
    assert client_of(nobody).get("/supplier/").status_code == 404
