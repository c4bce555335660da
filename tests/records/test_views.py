"""The desk's shared pages as a browser meets them: who sees what, how much it costs, what comes back."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

import incidents.services
from accounts.models import Grant
from records import assignment, notices
from records.models import Attachment, Record
from records.services import comment
from sla.cases import simulate, stamp
from tests.cast import MONDAY, Cast, make_incident, make_user

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Any], Client]
HOUR = timedelta(hours=1)
# A page of the queue asks for: session, person, roles, teams of the person, how he likes it, his views,
# counts, rows, clocks, notices of the rows, teams to choose from, those he leads, the number beside the bell,
# the provider's name.
QUEUE_QUERIES = 14


def now() -> Any:
    return timezone.now().replace(microsecond=0)


# --- ways in ---------------------------------------------------------------------------------


def test_home_leads_each_to_his_own_start(cast: Cast, client_of: ClientOf) -> None:
    assert client_of(cast.alice).get("/").headers["Location"] == "/queue/"
    assert client_of(cast.rita).get("/").headers["Location"] == "/portal/"
    assert client_of(cast.robot).get("/").headers["Location"] == "/api/v1/docs/"
    assert Client().get("/").headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("url", ["/queue/", "/queue/changes/"])
def test_customers_are_shown_to_their_portal_and_strangers_to_the_login(
    cast: Cast, client_of: ClientOf, url: str
) -> None:
    make_incident(cast)
    answer = client_of(cast.carla).get(url)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/portal/")
    assert Client().get(url).headers["Location"].startswith("/accounts/login/")


def test_a_number_leads_to_the_page_of_ones_own_side(cast: Cast, client_of: ClientOf) -> None:
    number = make_incident(cast).number
    assert client_of(cast.alice).get(f"/r/{number.lower()}/").headers["Location"] == f"/incidents/{number}/"
    assert client_of(cast.rita).get(f"/r/{number}/").headers["Location"].startswith("/portal/")
    assert client_of(cast.charlie).get(f"/r/{number}/").status_code == 404


# --- the queue -------------------------------------------------------------------------------


def test_the_queue_shows_chips_people_and_weights(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast, title="<b>Printer</b>", now=now())
    assignment.assign(incident, team=cast.desk, assignee=cast.alice, actor=cast.bob.actor, now=now())
    page = client_of(cast.alice).get("/queue/?view=mine").content.decode()
    assert incident.number in page
    assert escape("<b>Printer</b>") in page
    assert "<b>Printer</b>" not in page
    assert "is-unread" in page
    assert "is-mine" in page
    assert page.count('class="chip ') == 2
    assert f'href="/incidents/{incident.number}/?from=view%3Dmine"' in page


def fill(cast: Cast, count: int) -> None:
    for n in range(count):
        incident = make_incident(cast, title=f"n{n}", now=now() - n * HOUR, impact=1 + n % 3)
        if n % 3 == 0:
            assignment.assign(incident, team=cast.desk, assignee=cast.alice, actor=cast.bob.actor, now=now())
        if n % 4 == 0:
            comment(incident, text="word", is_public=True, actor=cast.rita.actor, now=now())


def cost(client: Client, url: str) -> int:
    client.get(url)  # calendars and agreements are remembered from here on
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_a_page_of_the_queue_costs_the_same_whatever_it_holds(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.alice)
    fill(cast, 3)
    assert cost(client, "/queue/?view=all") == QUEUE_QUERIES
    fill(cast, 25)
    assert cost(client, "/queue/?view=all") == QUEUE_QUERIES
    names = f"team={cast.desk.pk}&customer={cast.acme.pk}&service={cast.mail.pk}&assignee={cast.alice.pk}"
    assert cost(client, f"/queue/?view=all&{names}") == QUEUE_QUERIES + 4


def test_paging_through_the_queue_shows_every_ticket_once(
    cast: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.queues.PAGE", 10)
    fill(cast, 25)
    client, url, seen = client_of(cast.alice), "/queue/?view=all&sort=-opened", []
    for _page in range(5):
        page = client.get(url).content.decode()
        seen += re.findall(r'name="number" value="(\w+)"', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        if not following:
            break
        url = following[1].replace("&amp;", "&")
        assert "sort=-opened" in url
    assert len(seen) == len(set(seen)) == 25


def test_htmx_gets_the_list_alone_and_the_address_of_it(cast: Cast, client_of: ClientOf) -> None:
    make_incident(cast)
    asked = {"HX-Request": "true", "HX-Target": "div#desk"}
    answer = client_of(cast.alice).get("/queue/?view=all&priority=3&state=", headers=asked)
    page = answer.content.decode()
    assert "<html" not in page
    assert "<title>All open" in page
    assert answer.headers["HX-Push-Url"] == "/queue/?view=all&priority=3"


def test_empty_views_say_what_would_be_there(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.alice)
    assert "Nothing is assigned to you." in client.get("/queue/?view=mine").content.decode()
    page = client.get("/queue/?view=mine&priority=1").content.decode()
    assert "Nothing here matches the filters" in page
    assert "cannot be one: Priority" in client.get("/queue/?priority=77").content.decode()


def test_capped_counts_are_marked(cast: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("records.queues.COUNTED", 2)
    fill(cast, 3)
    page = client_of(cast.alice).get("/queue/?view=all").content.decode()
    assert ">2+<" in page
    assert "more than 2 in this view" in page


def test_polling_is_silent_until_something_changed(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast, now=now() - HOUR)
    client = client_of(cast.alice)
    page = client.get("/queue/?view=all").content.decode()
    url = re.search(r'data-live="(/queue/changes/[^"]+)"', page)[1].replace("&amp;", "&")  # type: ignore[index]
    assert client.get(url).status_code == 204
    quiet = client.get(url + "&counts=1").json()
    assert (quiet["total"], quiet["words"]) == (0, "")
    assert {"key": "all", "count": "1", "is_bad": False} in quiet["counts"]
    later = now() + timedelta(seconds=5)
    comment(incident, text="news", is_public=False, actor=cast.bob.actor, now=later)
    make_incident(cast, now=later)
    news = client.get(url).json()
    assert (news["total"], news["words"]) == (2, "1 new, 1 changed")
    assert {"key": "all", "count": "2", "is_bad": False} in news["counts"]
    for bad in ("since=x&shown=a,b", "since=2026-01-01T00:00:00", ""):
        assert client.get("/queue/changes/?" + bad).status_code in (200, 204)


# --- bulk ------------------------------------------------------------------------------------


def test_selected_tickets_are_taken_and_what_was_skipped_is_told(cast: Cast, client_of: ClientOf) -> None:
    one, mine, done = (make_incident(cast, title=t) for t in ("one", "mine", "done"))
    assignment.take(mine, actor=cast.alice.actor, now=MONDAY)
    incidents.services.resolve(done, code="solved", steps="x", actor=cast.bob.actor, now=MONDAY + HOUR)
    numbers = [one.number, mine.number, done.number, "INC9999999"]
    form = {"action": "take", "number": numbers, "next": "/queue/?view=all"}
    answer = client_of(cast.alice).post("/queue/bulk/", form, follow=True)
    assert answer.redirect_chain == [("/queue/?view=all", 302)]
    page = answer.content.decode()
    assert "1 ticket was assigned." in page
    assert f"{mine.number}: it is yours already" in page
    assert f"{done.number}: it is done" in page
    assert "INC9999999: there is no such record" in page
    assert Record.objects.get(pk=one.pk).assignee_id == cast.alice.pk
    assert one.activities.filter(verb="record.accepted").count() == 1


def test_selected_tickets_go_to_a_team(cast: Cast, client_of: ClientOf) -> None:
    one = make_incident(cast)
    form = {"action": "give", "number": [one.number], "team": str(cast.second.pk), "next": "//evil.example/"}
    answer = client_of(cast.alice).post("/queue/bulk/", form)
    assert answer.headers["Location"] == "/queue/"
    assert Record.objects.get(pk=one.pk).team_id == cast.second.pk
    form = {"action": "give", "number": [one.number], "team": "", "next": "/queue/"}
    page = client_of(cast.alice).post("/queue/bulk/", form, follow=True).content.decode()
    assert "Choose the team" in page


def test_bulk_acts_never_reach_what_one_may_not_see(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    local = make_user("lena", cast.provider)
    Grant.objects.create(user=local, role="agent", organisation=cast.globex)
    form = {"action": "take", "number": [incident.number], "next": "/queue/"}
    page = client_of(local).post("/queue/bulk/", form, follow=True).content.decode()
    assert "there is no such record" in page
    assert client_of(cast.carla).post("/queue/bulk/", form).status_code == 403
    assert Record.objects.get(pk=incident.pk).assignee_id is None
    assert client_of(cast.alice).post("/queue/bulk/", {"action": "drop"}).status_code == 404
    assert client_of(cast.alice).get("/queue/bulk/").status_code == 405


# --- search ----------------------------------------------------------------------------------


def find(client: Client, text: str) -> str:
    return client.get("/search/", {"q": text}).content.decode()


def test_chinese_words_are_found_inside_a_title(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast, title="三楼打印机无法打印")
    assert incident.number in find(client_of(cast.alice), "打印机")
    assert incident.number in find(client_of(cast.rita), "打印机")
    assert "Nothing found" in find(client_of(cast.alice), "显示器")


def test_customers_do_not_find_by_internal_notes_nor_anothers_tickets(
    cast: Cast, client_of: ClientOf
) -> None:
    incident = make_incident(cast)
    comment(incident, text="zanzibar", is_public=False, actor=cast.alice.actor, now=MONDAY)
    comment(incident, text="madagascar", is_public=True, actor=cast.alice.actor, now=MONDAY)
    assert incident.number in find(client_of(cast.alice), "zanzibar")
    assert incident.number not in find(client_of(cast.rita), "zanzibar")
    assert incident.number in find(client_of(cast.rita), "madagascar")
    assert incident.number not in find(client_of(cast.charlie), "madagascar")


def test_a_whole_number_leads_straight_there(cast: Cast, client_of: ClientOf) -> None:
    number = make_incident(cast).number
    assert client_of(cast.alice).get("/search/", {"q": number.lower()}).status_code == 302
    assert client_of(cast.charlie).get("/search/", {"q": number}).status_code == 200


@pytest.mark.parametrize("text", ["", "'", "a & b | !c", ":*", "<script>", "\\", "%", "x" * 5000, "\x00"])
def test_any_words_may_be_asked(cast: Cast, client_of: ClientOf, text: str) -> None:
    make_incident(cast)
    answer = client_of(cast.alice).get("/search/", {"q": text})
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode().replace("<script ", "")


def test_a_long_list_is_paged_and_says_how_many_there_are(
    cast: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.finding.PAGE", 2)
    for n in range(5):
        make_incident(cast, title=f"mail {n}", now=MONDAY + n * HOUR)
    client, url, seen = client_of(cast.alice), "/search/?q=mail", []
    for _page in range(4):
        page = client.get(url).content.decode()
        assert "5 records match, newest first." in page
        seen += re.findall(r">mail (\d)<", page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        if not following:
            break
        url = following[1].replace("&amp;", "&")
    assert seen == ["4", "3", "2", "1", "0"]
    monkeypatch.setattr("records.finding.COUNTED", 3)
    assert "More than 3 records match" in find(client, "mail")


def test_a_search_is_narrowed_by_kind_state_and_customer(cast: Cast, client_of: ClientOf) -> None:
    make_incident(cast, title="mail of acme")
    done = make_incident(cast, title="mail of globex", customer=cast.globex, requester=cast.charlie)
    incidents.services.resolve(done, code="solved", steps="x", actor=cast.alice.actor, now=MONDAY)
    client = client_of(cast.alice)

    def narrowed(**asked: Any) -> list[str]:
        query: dict[str, Any] = {"q": "mail", **asked}
        page = client.get("/search/", query).content.decode()
        return re.findall(r'data-row-link title="([^"]+)"', page)

    assert narrowed() == ["mail of globex", "mail of acme"]
    assert narrowed(state="resolved") == ["mail of globex"]
    assert narrowed(customer=cast.acme.pk) == ["mail of acme"]
    assert narrowed(kind="request") == []
    assert narrowed(kind="nonsense", customer="x", state="'") == []
    own = client_of(cast.rita).get(f"/search/?q=mail&customer={cast.globex.pk}").content.decode()
    assert "mail of acme" in own
    assert "globex" not in own


# --- typeahead -------------------------------------------------------------------------------


def choices(client: Client, what: str, **asked: Any) -> list[str]:
    answer = client.get(f"/typeahead/{what}/", asked)
    assert answer.status_code == 200, what
    return [line["text"] for line in answer.json()["results"]]


def test_choices_are_found_in_both_languages_beginnings_first(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.alice)
    assert choices(client, "customers", q="艾可") == ["Acme"]
    assert choices(client, "customers", q="LOB") == ["Globex"]
    assert choices(client, "services", q="mail") == ["E-mail"]
    assert choices(client, "teams", q="邮件") == ["Mail experts"]
    make_user("ita", cast.acme)
    assert choices(client, "people", q="ita") == ["Ita", "Rita"]
    assert choices(client, "people", q="", customer=cast.globex.pk) == ["Charlie"]
    assert choices(client, "people", q="rita", customer=cast.globex.pk) == []
    assert choices(client, "people", q="", customer="x") == []
    assert choices(client, "agents", q="ali") == ["Alice"]
    assert choices(client, "assignees", q="")[:3] == ["Me", "Nobody", "Admin"]
    assert choices(client, "state", q="hold") == ["On hold"]
    assert choices(client, "items", q="x", customer=cast.acme.pk) == []


def test_an_agent_of_one_customer_is_offered_only_that_customer(cast: Cast, client_of: ClientOf) -> None:
    local = make_user("lena", cast.provider)
    Grant.objects.create(user=local, role="agent", organisation=cast.globex)
    assert choices(client_of(local), "customers", q="") == ["Globex"]
    assert choices(client_of(local), "people", q="") == ["Charlie"]


def test_customers_may_only_ask_for_services(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.carla)
    assert choices(client, "services", q="") == ["E-mail"]
    for what in ("customers", "people", "teams", "items", "agents", "assignees", "nonsense"):
        assert client.get(f"/typeahead/{what}/").status_code == 404
    assert client_of(cast.alice).get("/typeahead/nonsense/").status_code == 404


# --- notices ---------------------------------------------------------------------------------


def test_notices_are_counted_shown_and_read(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast, title="Outbox")
    comment(incident, text="Still there", is_public=True, actor=cast.rita.actor, now=MONDAY + HOUR)
    client = client_of(cast.alice)
    count = notices.unread_count(cast.alice.actor)
    assert count > 0
    page = client.get("/notices/").content.decode()
    assert f"The customer wrote about {incident.number}" in page
    assert f"{count} unread notice" in page
    assert client.post("/notices/read/").headers["Location"] == "/notices/"
    page = client.get("/notices/").content.decode()
    assert "unread notice" not in page
    assert incident.number in page
    assert incident.number not in client_of(cast.charlie).get("/notices/").content.decode()


def test_opening_a_record_reads_its_notices_only(cast: Cast) -> None:
    one, two = make_incident(cast, title="one"), make_incident(cast, title="two")
    for incident in (one, two):
        comment(incident, text="x", is_public=True, actor=cast.rita.actor, now=MONDAY)
    actor = cast.alice.actor
    assert notices.unread_among([one.pk, two.pk], actor) == {one.pk, two.pk}
    notices.read_about(one, actor, now=MONDAY)
    assert notices.unread_among([one.pk, two.pk], actor) == {two.pk}


def test_a_notice_about_what_one_may_no_longer_see_is_gone(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    comment(incident, text="x", is_public=True, actor=cast.rita.actor, now=MONDAY)
    Grant.objects.filter(user=cast.alice).update(organisation=cast.globex)
    assert incident.number not in client_of(cast.alice).get("/notices/").content.decode()


# --- files -----------------------------------------------------------------------------------


def attach(cast: Cast, *, is_public: bool, name: str = "log 日志.html") -> Attachment:
    incident = make_incident(cast)
    comment(
        incident, text="see", is_public=is_public, actor=cast.alice.actor, now=MONDAY,
        attachments=[SimpleUploadedFile(name, b"<script>alert(1)</script>")],
    )  # fmt: skip
    return incident.attachments.get()


def test_a_file_is_a_download_that_no_browser_runs(cast: Cast, client_of: ClientOf) -> None:
    found = attach(cast, is_public=True)
    answer = client_of(cast.rita).get(f"/files/{found.key}/")
    assert b"".join(answer) == b"<script>alert(1)</script>"
    disposition = answer.headers["Content-Disposition"]
    assert disposition == "attachment; filename*=utf-8''" + quote("log 日志.html")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "no-store" in answer.headers["Cache-Control"]


def test_files_go_to_those_who_may_read_them(cast: Cast, client_of: ClientOf) -> None:
    internal = attach(cast, is_public=False)
    public = attach(cast, is_public=True)
    expected = {"alice": (200, 200), "rita": (404, 200), "carla": (404, 200), "charlie": (404, 404)}
    for name, (of_internal, of_public) in expected.items():
        client = client_of(getattr(cast, name))
        assert client.get(f"/files/{internal.key}/").status_code == of_internal, name
        assert client.get(f"/files/{public.key}/").status_code == of_public, name
    assert Client().get(f"/files/{public.key}/").status_code == 302
    assert client_of(cast.alice).get("/files/no-such-key/").status_code == 404


def test_a_file_whose_bytes_are_lost_is_404(cast: Cast, client_of: ClientOf) -> None:
    from records.files import path_of

    found = attach(cast, is_public=True)
    path_of(found.key).unlink()
    assert client_of(cast.alice).get(f"/files/{found.key}/").status_code == 404


# --- the explained clock ---------------------------------------------------------------------


def clock_page(client: Client, record: Record, metric: str) -> Any:
    return client.get(f"/r/{record.number}/clocks/{record.clocks.get(metric=metric).pk}/")


def test_the_explained_clock_tells_every_stretch_and_who_paused_it(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    alice = cast.alice.actor
    incident = incidents.services.hold(incident, reason="customer", actor=alice, now=MONDAY + HOUR)
    incident = incidents.services.resume(incident, actor=alice, now=MONDAY + 26 * HOUR)
    incidents.services.resolve(incident, code="solved", steps="x", actor=alice, now=MONDAY + 30 * HOUR)
    page = clock_page(client_of(cast.alice), incident, "resolution").content.decode()
    assert "Paused: waiting for the customer, set by Alice" in page
    assert "Working hours (Mon 09:00-12:00)" in page
    assert "Outside working hours" in page
    assert "Met with" in page
    assert "16 working hours" in page


def test_the_case_on_the_page_reproduces_the_clock(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    alice = cast.alice.actor
    incidents.services.hold(incident, reason="customer", actor=alice, now=MONDAY + HOUR)
    incidents.services.resume(incident, actor=alice, now=MONDAY + 5 * HOUR)
    incidents.services.edit(
        incident, {"impact": 1, "urgency": 1}, actor=alice, now=MONDAY + 6 * HOUR, expected_version=None
    )
    incidents.services.resolve(incident, code="solved", steps="x", actor=alice, now=MONDAY + 30 * HOUR)
    row = incident.clocks.get(metric="resolution")
    answer = clock_page(client_of(cast.alice), incident, "resolution")
    case = json.loads(answer.context["case"])
    result = simulate(case)["results"][0]["result"][-1]
    assert result["elapsed"] == row.spent
    assert result["target"] == row.target_seconds == 4 * 3600
    assert result["state"] == "breached"
    assert result["breached_at"] == stamp(row.breached_at)
    assert result["segments"]


def test_a_clock_is_explained_to_whoever_may_see_its_record(cast: Cast, client_of: ClientOf) -> None:
    incident, other = make_incident(cast), make_incident(cast)
    assert clock_page(client_of(cast.rita), incident, "first_response").status_code == 200
    assert clock_page(client_of(cast.charlie), incident, "first_response").status_code == 404
    strange = other.clocks.first().pk  # type: ignore[union-attr]
    assert client_of(cast.alice).get(f"/r/{incident.number}/clocks/{strange}/").status_code == 404


def test_a_clock_of_years_shows_its_newest_part_and_says_so(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast, now=now() - timedelta(days=400))
    page = clock_page(client_of(cast.alice), incident, "resolution").content.decode()
    assert "earlier stretches are not shown" in page
    assert page.count('<rect class="seg seg-overdue"') > 10


def test_opening_the_ticket_page_reads_its_notices_on_both_sides(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    comment(incident, text="x", is_public=True, actor=cast.rita.actor, now=MONDAY)
    comment(incident, text="y", is_public=True, actor=cast.alice.actor, now=MONDAY)
    for person in (cast.alice, cast.rita):
        assert notices.unread_count(person.actor) > 0
        client_of(person).get(f"/r/{incident.number}/", follow=True)
        assert notices.unread_count(person.actor) == 0
