"""The portal as customers use it: through the browser's requests, down to rows, log and clocks."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

import incidents.services
from accounts.models import User
from catalog.models import Service
from incidents.models import Incident, ResolutionCode, Rules
from records import alarms, services
from records.models import Activity, Attachment, Watch
from sla.models import Clock
from tests.cast import MONDAY, Cast, make_incident, make_user

ClientOf = Callable[[Any], Client]
REPORT = {"title": "Printer is dead", "affected": "2", "hurry": "1"}


def url(name: str, *args: Any) -> str:
    return reverse(f"portal:{name}", args=args)


def solve(cast: Cast, incident: Incident) -> Incident:
    return incidents.services.resolve(
        incident, code=ResolutionCode.SOLVED, steps="Restarted the queue.", actor=cast.alice.actor,
        now=MONDAY + timedelta(minutes=5),
    )  # fmt: skip


def ask(cast: Cast, incident: Incident) -> Incident:
    return incidents.services.hold(
        incident, reason="customer", note="Which printer is it?", actor=cast.alice.actor,
        now=MONDAY + timedelta(minutes=5),
    )  # fmt: skip


# --- reporting -------------------------------------------------------------------------------


@pytest.mark.req("SD-02")
def test_a_customer_reports_with_plain_words_and_a_file(cast: Cast, client_of: ClientOf) -> None:
    note = SimpleUploadedFile("错误.txt", b"paper jam", content_type="text/html")
    data = REPORT | {"description": "Since noon.", "service": cast.mail.pk, "attachments": note}
    page = client_of(cast.rita).post(url("new"), data, follow=True)
    incident = Incident.objects.get()
    assert (incident.impact, incident.urgency, incident.priority) == (2, 1, 2)
    assert (incident.customer, incident.requester, incident.reporter) == (cast.acme, cast.rita, cast.rita)
    assert (incident.channel, incident.service, incident.team) == ("portal", cast.mail, cast.desk)
    opened = Activity.objects.get(verb="incident.open")
    assert (opened.origin, opened.actor) == ("portal", cast.rita)
    assert Attachment.objects.get().name == "错误.txt"
    assert incident.number in page.text
    assert "Received" in page.text
    assert "Promised by" in page.text


def test_only_a_title_is_needed(cast: Cast, client_of: ClientOf) -> None:
    assert client_of(cast.rita).post(url("new"), REPORT).status_code == 302
    assert Incident.objects.get().service is None


@pytest.mark.req("PLT-08")
def test_what_is_refused_comes_back_with_everything_typed(cast: Cast, client_of: ClientOf) -> None:
    program = SimpleUploadedFile("virus.exe", b"MZ")
    data = REPORT | {"description": "Long story", "attachments": program}
    page = client_of(cast.rita).post(url("new"), data)
    assert page.status_code == 422
    assert "Long story" in page.text
    assert "virus.exe" in page.text
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": ""}, "required"),
        ({"title": "x" * 201}, "200"),
        ({"affected": "7"}, "not one of the available choices"),
        ({"service": "999999"}, "not one of the available choices"),
        ({"title": "a\x00b"}, "Null characters"),
    ],
)
def test_a_report_that_makes_no_sense_is_refused_in_words(
    cast: Cast, client_of: ClientOf, change: dict[str, str], words: str
) -> None:
    page = client_of(cast.rita).post(url("new"), REPORT | change)
    assert page.status_code == 422
    assert words in page.text
    assert not Incident.objects.exists()


def test_an_unpublished_service_cannot_be_named(cast: Cast, client_of: ClientOf) -> None:
    hidden = Service.objects.create(code="hidden", name_en="Hidden thing", is_published=False)
    browser = client_of(cast.rita)
    assert browser.post(url("new"), REPORT | {"service": hidden.pk}).status_code == 422
    assert "Hidden thing" not in browser.get(url("services")).text + browser.get(url("new")).text


def test_sending_the_form_twice_reports_once(cast: Cast, client_of: ClientOf) -> None:
    browser, data = client_of(cast.rita), REPORT | {"once": str(uuid.uuid4())}
    first, second = browser.post(url("new"), data), browser.post(url("new"), data)
    assert first.headers["Location"] == second.headers["Location"]
    assert Incident.objects.count() == 1


def test_a_form_that_was_refused_first_may_be_sent_again_under_its_key(
    cast: Cast, client_of: ClientOf
) -> None:
    browser, data = client_of(cast.rita), REPORT | {"once": str(uuid.uuid4())}
    browser.post(url("new"), data | {"attachments": SimpleUploadedFile("a.exe", b"MZ")})
    assert browser.post(url("new"), data).status_code == 302
    assert Incident.objects.count() == 1


@pytest.mark.req("SD-15")
def test_a_contact_reports_for_a_colleague_and_both_follow_it(cast: Cast, client_of: ClientOf) -> None:
    client_of(cast.carla).post(url("new"), REPORT | {"requester": cast.rita.pk})
    incident = Incident.objects.get()
    assert (incident.requester, incident.reporter) == (cast.rita, cast.carla)
    assert Watch.objects.get().user == cast.carla
    assert incident.title in client_of(cast.rita).get(url("home")).text


def test_nobody_reports_for_another_organisations_person(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.carla).post(url("new"), REPORT | {"requester": cast.charlie.pk})
    assert page.status_code == 422
    assert "Charlie" not in client_of(cast.carla).get(url("new")).text
    # a plain customer has no such field at all: what is sent for it is not read
    client_of(cast.rita).post(url("new"), REPORT | {"requester": cast.charlie.pk})
    assert Incident.objects.get().requester == cast.rita


# --- following -------------------------------------------------------------------------------


@pytest.mark.req("INC-24", "SD-08")
def test_the_customer_reads_what_is_public_and_nothing_else(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    now = MONDAY + timedelta(minutes=1)
    services.comment(incident, text="We look.", is_public=True, actor=cast.alice.actor, now=now)
    services.comment(incident, text="They always do this", is_public=False, actor=cast.alice.actor, now=now)
    page = client_of(cast.rita).get(url("detail", incident.number)).text
    assert "We look." in page
    assert "They always do this" not in page
    assert cast.alice.email not in page
    assert "Service desk team" not in page


@pytest.mark.parametrize(
    ("through", "words"),
    [
        (lambda c, i: i, "Received"),
        (lambda c, i: incidents.services.start(i, actor=c.alice.actor, now=MONDAY), "We are working on it"),
        (ask, "Waiting for you"),
        (solve, "Solved: please confirm"),
        (
            lambda c, i: incidents.services.cancel(i, reason="Twice", actor=c.alice.actor, now=MONDAY),
            "Cancelled",
        ),
    ],
)
def test_each_state_is_said_in_plain_words(
    cast: Cast, client_of: ClientOf, through: Callable[[Cast, Incident], Any], words: str
) -> None:
    incident = make_incident(cast)
    through(cast, incident)
    browser = client_of(cast.rita)
    assert words in browser.get(url("detail", incident.number)).text
    assert words in browser.get(url("list") + "?show=all").text


def test_a_hold_for_somebody_else_says_for_what(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    incidents.services.hold(incident, reason="parts", actor=cast.alice.actor, now=MONDAY)
    page = client_of(cast.rita).get(url("detail", incident.number)).text
    assert "We wait for spare parts" in page
    assert "On hold" in page


def test_what_was_promised_is_shown_and_stays_after_it_was_missed(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    browser = client_of(cast.rita)
    with time_machine.travel(MONDAY + timedelta(minutes=10), tick=False):
        page = browser.get(url("detail", incident.number)).text
        assert "Promised by 2026-03-02 12:00" in page  # first reply: 2 working hours from 10:00
        assert "we are late" not in page.lower()
    with time_machine.travel(MONDAY + timedelta(days=3), tick=False):
        page = browser.get(url("detail", incident.number)).text
        assert "Promised by 2026-03-02 12:00. We are late, we are sorry" in page
        assert "we are late" in browser.get(url("home")).text
    late = MONDAY + timedelta(days=3)
    services.comment(incident, text="Sorry!", is_public=True, actor=cast.alice.actor, now=late)
    page = browser.get(url("detail", incident.number)).text
    assert "Promised by 2026-03-02 12:00, done on 2026-03-05 10:00: we were late" in page


def test_a_promise_that_was_kept_says_so(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    at = MONDAY + timedelta(minutes=30)
    services.comment(incident, text="On it", is_public=True, actor=cast.alice.actor, now=at)
    page = client_of(cast.rita).get(url("detail", incident.number)).text
    assert "Done on 2026-03-02 10:30, as promised (by 2026-03-02 12:00)." in page


def test_while_we_wait_for_the_customer_the_page_says_that_the_time_stands_still(
    cast: Cast, client_of: ClientOf
) -> None:
    incident = make_incident(cast)
    ask(cast, incident)
    page = client_of(cast.rita).get(url("detail", incident.number)).text
    assert "The time stands still until you answer." in page


# --- answering -------------------------------------------------------------------------------


def test_a_reply_with_a_file_resumes_what_waited_for_the_customer(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    ask(cast, incident)
    file = SimpleUploadedFile("photo.png", b"\x89PNG")
    page = client_of(cast.rita).post(
        url("reply", incident.number), {"body": "The one on floor 3", "attachments": file}
    )
    assert page.status_code == 302
    incident.refresh_from_db()
    assert (incident.state, incident.waiting_for) == ("in_progress", "")
    assert not Clock.objects.filter(record=incident.pk, state="paused").exists()
    asked = Activity.objects.get(verb="record.asked")
    assert (asked.text, asked.is_public, asked.origin) == ("The one on floor 3", True, "portal")
    assert asked.attachments.get().is_public


def test_a_reply_sent_twice_is_written_once(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    browser, address = client_of(cast.rita), f"{url('reply', incident.number)}?once={uuid.uuid4()}"
    places = {browser.post(address, {"body": "Hello"}).headers["Location"] for _n in range(2)}
    assert len(places) == 1
    assert Activity.objects.filter(verb="record.asked").count() == 1


def test_an_empty_reply_is_refused_and_a_refused_one_keeps_its_words(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    browser, address = client_of(cast.rita), url("reply", incident.number)
    assert "Write something" in browser.post(address, {"body": "  "}).text
    page = browser.post(address, {"body": "My words", "attachments": SimpleUploadedFile("a.exe", b"MZ")})
    assert page.status_code == 422
    assert "My words" in page.text
    assert not Activity.objects.filter(verb="record.asked").exists()


@pytest.mark.req("SD-14")
def test_the_customer_confirms_and_the_ticket_is_closed(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    solve(cast, incident)
    browser = client_of(cast.rita)
    for _again in range(2):  # a double click
        assert browser.post(url("confirm", incident.number)).status_code == 302
    incident.refresh_from_db()
    assert (incident.state, incident.confirmed_by) == ("closed", cast.rita)
    assert Activity.objects.filter(verb="record.confirmed").count() == 1
    assert "Closed" in browser.get(url("detail", incident.number)).text


def test_the_customer_reopens_with_a_reason_and_the_clock_goes_on(cast: Cast, client_of: ClientOf) -> None:
    Rules.objects.create(reopen_days=5000)
    incident = make_incident(cast)
    solve(cast, incident)
    browser = client_of(cast.rita)
    assert browser.post(url("reopen", incident.number), {"reason": " "}).status_code == 422
    assert browser.post(url("reopen", incident.number), {"reason": "Still dead"}).status_code == 302
    incident.refresh_from_db()
    assert (incident.state, incident.reopen_count) == ("in_progress", 1)
    assert Clock.objects.get(record=incident.pk, metric="resolution").stopped_at is None
    assert "Still dead" in browser.get(url("detail", incident.number)).text


def test_what_is_not_possible_now_is_answered_409_with_what_is(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    page = client_of(cast.rita).post(url("confirm", incident.number))
    assert page.status_code == 409
    assert "not possible now" in page.text
    assert url("detail", incident.number) in page.text


def test_who_only_follows_a_ticket_reads_but_does_not_answer_for_its_owner(
    cast: Cast, client_of: ClientOf
) -> None:
    friend = make_user("fred", cast.acme, "customer")  # type: ignore[arg-type]
    incident = make_incident(cast)
    Watch.objects.create(record=incident, user=friend)
    browser = client_of(friend)
    page = browser.get(url("detail", incident.number))
    assert page.status_code == 200
    assert "composer" not in page.text
    assert browser.post(url("reply", incident.number), {"body": "x"}).status_code == 403


# --- who sees what ---------------------------------------------------------------------------


def without_names(text: str, number: str) -> str:
    """A page without what differs anyway: the number asked for and the token against forgery."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text.replace(number, ""))


@pytest.mark.req("PLT-08", "PLT-09")
def test_another_organisations_ticket_does_not_exist_for_charlie(cast: Cast, client_of: ClientOf) -> None:
    file = SimpleUploadedFile("secret.txt", b"secret")
    incident = make_incident(cast, title="Quarterly zebra report", attachments=[file])
    browser = client_of(cast.charlie)
    unknown = browser.get(url("detail", "INC9999999"))
    seen = browser.get(url("detail", incident.number))
    assert (unknown.status_code, seen.status_code) == (404, 404)
    assert without_names(unknown.text, "INC9999999") == without_names(seen.text, incident.number)
    for act in ("reply", "confirm", "reopen"):
        assert browser.post(url(act, incident.number), {"body": "x", "reason": "x"}).status_code == 404
    for page in (url("home"), f"{url('list')}?show=all&whose=all", f"{url('search')}?q=zebra",
                 f"{url('search')}?q={incident.number}"):  # fmt: skip
        text = browser.get(page).text
        assert "Quarterly" not in text, page
        assert url("detail", incident.number) not in text, page
    key = Attachment.objects.get().key
    assert browser.get(reverse("records:attachment", args=[key])).status_code == 404
    assert not Activity.objects.exclude(verb="incident.open").exists()


def test_rita_sees_her_own_and_carla_the_whole_organisations(cast: Cast, client_of: ClientOf) -> None:
    colleague = make_user("colin", cast.acme, "customer")  # type: ignore[arg-type]
    make_incident(cast, title="Of rita")
    make_incident(cast, title="Of colin", requester=colleague)
    rita = client_of(cast.rita).get(f"{url('list')}?whose=all").text
    assert "Of rita" in rita
    assert "Of colin" not in rita
    carla = client_of(cast.carla)
    assert "Of colin" not in carla.get(url("list")).text
    everyone = carla.get(f"{url('list')}?whose=all").text
    assert "Of rita" in everyone
    assert "Of colin" in everyone


@pytest.mark.parametrize("name", ["alice", "mona", "admin"])
def test_staff_at_the_portal_are_led_to_the_desk(cast: Cast, client_of: ClientOf, name: str) -> None:
    incident = make_incident(cast)
    browser = client_of(getattr(cast, name))
    assert browser.get(url("home")).headers["Location"] == reverse("records:queue")
    to_record = browser.get(url("detail", incident.number)).headers["Location"]
    assert to_record == reverse("records:go", args=[incident.number])


def test_a_program_has_no_portal(cast: Cast, client_of: ClientOf) -> None:
    assert client_of(cast.robot).get(url("home")).status_code == 403


def test_customers_at_the_desks_door_are_led_to_the_portal(cast: Cast, client_of: ClientOf) -> None:
    assert client_of(cast.rita).get(reverse("records:queue")).headers["Location"] == url("home")


@pytest.mark.parametrize("name", ["home", "list", "new", "services", "help", "search"])
def test_strangers_are_asked_to_log_in(db: None, name: str) -> None:
    page = Client().get(url(name))
    assert page.status_code == 302
    assert page.headers["Location"].startswith(reverse("accounts:login"))


# --- lists, search, help ---------------------------------------------------------------------


def test_the_first_page_puts_first_what_waits_for_the_customer(cast: Cast, client_of: ClientOf) -> None:
    make_incident(cast, title="Just going on")
    ask(cast, make_incident(cast, title="Question open"))
    solve(cast, make_incident(cast, title="Please confirm me"))
    text = client_of(cast.rita).get(url("home")).text
    heading = text.index("My open requests")
    assert text.index("Question open") < heading
    assert text.index("Please confirm me") < heading
    assert text.index("Just going on") > heading


def test_pages_of_the_list_follow_each_other_without_gap_or_repetition(
    cast: Cast, client_of: ClientOf
) -> None:
    for n in range(60):
        make_incident(cast, title=f"Ticket number {n:03d}.")
    browser, address, seen = client_of(cast.rita), url("list"), []
    while address:
        page = browser.get(address)
        seen += [line.record.title for line in page.context["lines"]]
        address = url("list") + page.context["older_url"] if page.context["older_url"] else ""
    assert seen == [f"Ticket number {n:03d}." for n in reversed(range(60))]
    back = browser.get(url("list") + page.context["newer_url"])
    assert [line.record.title for line in back.context["lines"]] == seen[25:50]


@pytest.mark.parametrize(
    "junk", ["before=x", "before=99999999999999999999", "show=%00&whose=zzz", "after=-1"]
)
def test_an_address_with_junk_shows_the_first_page(cast: Cast, client_of: ClientOf, junk: str) -> None:
    make_incident(cast)
    assert "Cannot send mail" in client_of(cast.rita).get(f"{url('list')}?{junk}").text


def test_the_search_finds_requests_and_services_in_both_languages(cast: Cast, client_of: ClientOf) -> None:
    make_incident(cast, title="三楼打印机无法打印")
    browser = client_of(cast.rita)
    assert "三楼打印机无法打印" in browser.get(f"{url('search')}?q=打印机").text
    assert "E-mail" in browser.get(f"{url('search')}?q=电子邮件").text
    assert "Nothing found" in browser.get(f"{url('search')}?q=zzzz").text
    assert browser.get(f"{url('search')}?q=%25%27%3A%2A").status_code == 200


def test_customers_do_not_find_by_internal_notes(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    services.comment(incident, text="wombat", is_public=False, actor=cast.alice.actor, now=MONDAY)
    assert "Nothing found" in client_of(cast.rita).get(f"{url('search')}?q=wombat").text


def test_services_are_described_in_the_readers_language(cast: Cast, client_of: ClientOf) -> None:
    Service.objects.filter(pk=cast.mail.pk).update(description_en="Sending", description_zh="收发邮件")
    assert "Sending" in client_of(cast.rita).get(url("services")).text
    User.objects.filter(pk=cast.rita.pk).update(language="zh-hans")
    text = client_of(cast.rita).get(url("services")).text
    assert "电子邮件" in text
    assert "收发邮件" in text


def test_help_says_when_we_work_and_what_we_promise(cast: Cast, client_of: ClientOf) -> None:
    saturday = datetime(2026, 3, 7, 4, 0, tzinfo=UTC)
    with time_machine.travel(saturday, tick=False):
        text = client_of(cast.rita).get(url("help")).text
    assert "Monday to Friday" in text
    assert "09:00–12:00, 13:00–18:00" in text
    assert "Closed now" in text
    assert "2026-03-09 09:00" in text
    assert "2 working hours" in text


def test_no_page_of_the_portal_needs_many_queries(
    cast: Cast, client_of: ClientOf, django_assert_max_num_queries: Any
) -> None:
    for n in range(10):
        incident = make_incident(cast, title=f"Ticket {n}")
    for _n in range(20):
        services.comment(incident, text="hello", is_public=True, actor=cast.alice.actor, now=MONDAY)
    browser = client_of(cast.rita)
    for page in (url("home"), url("list"), url("detail", incident.number), f"{url('search')}?q=ticket",
                 url("help"), url("new")):  # fmt: skip
        with django_assert_max_num_queries(16):
            browser.get(page)


def test_a_breach_the_sweep_raised_is_no_secret_but_its_log_stays_inside(
    cast: Cast, client_of: ClientOf
) -> None:
    incident = make_incident(cast)
    alarms.raise_due_of(incident, now=MONDAY + timedelta(days=1), actor=cast.system)
    assert Activity.objects.filter(verb="sla.breached").exists()
    text = client_of(cast.rita).get(url("detail", incident.number)).text
    assert "We are late" in text
    assert "was missed" not in text


def test_a_form_that_was_changed_after_going_back_is_a_report_of_its_own(
    cast: Cast, client_of: ClientOf
) -> None:
    rita = client_of(cast.rita)
    once = str(uuid.uuid4())
    first = rita.post(url("new"), {**REPORT, "once": once})
    again = rita.post(url("new"), {**REPORT, "once": once})
    other = rita.post(url("new"), {**REPORT, "once": once, "title": "The screen is dead, too"})
    assert first["Location"] == again["Location"] != other["Location"]
    assert Incident.objects.count() == 2


def test_null_characters_are_refused_in_words(cast: Cast, client_of: ClientOf) -> None:
    rita, incident = client_of(cast.rita), make_incident(cast)
    count = Activity.objects.count()
    response = rita.post(url("reply", incident.number), {"body": "a\0b"})
    assert response.status_code == 422
    assert "Null characters are not allowed." in response.content.decode()
    assert Activity.objects.count() == count
    assert rita.get(url("search"), {"q": "a\0b"}).status_code == 200
