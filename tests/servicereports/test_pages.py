"""Pages, portal, files and API of service reports: who sees what, and that files hold what pages show."""

import io
import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader

import incidents.services
from accounts.models import User
from records.models import Delivery
from records.notices import latest
from servicereports import services, show, upkeep
from servicereports.models import FrozenReport, ServiceReport
from servicereports.tree import Cell, Document, Section, Table
from servicereports.workbook import render_xlsx
from sla import editions
from sla.models import Agreement
from sla.terms import Terms
from sla.terms_rows import terms_of
from tests.cast import Cast, make_incident
from tests.servicereports.test_services import (
    APRIL,
    FIRST,
    SAID,
    approved,
    commented,
    drafted,
    exclude,
    explain,
    fresh,
    month,
    published,
)

API = "/api/v1/service-reports/"


def browser(user: User, language: str = "en") -> Client:
    user.language = language
    user.save(update_fields=["language"])
    client = Client()
    client.force_login(user)
    return client


def told(cast: Cast, agreement: Agreement) -> ServiceReport:
    """A published report of a month with a miss."""
    _good, late = month(cast)
    explain(cast, late)
    return published(cast, agreement)


@pytest.mark.req("SLM-37", "SLM-60", "SLM-31", "SLM-32")
@pytest.mark.parametrize(
    ("language", "said", "other"),
    [("en", SAID["comment_en"], SAID["comment_zh"]), ("zh-hans", SAID["comment_zh"], SAID["comment_en"])],
)
def test_a_report_reads_from_the_same_figures_in_either_language(
    cast: Cast, acme: Agreement, language: str, said: str, other: str
) -> None:
    report = told(cast, acme)
    page = browser(cast.alice, language).get(f"/service-reports/{report.number}/").content.decode()
    document = page[page.index("<article") : page.index("</article>")]
    assert said in document
    assert other not in page
    content = show.content_of(report, FrozenReport.objects.get())
    total = content["figures"]["attainment"]["all"]
    assert f"{total['net']}\xa0%" in document
    miss = content["figures"]["misses"][0]
    assert miss["number"] in document
    for code in ("first_response", "no_action", "excluded_missed", "None"):
        assert code not in document


@pytest.mark.req("SLM-37", "PLT-09")
def test_customers_contacts_see_published_reports_of_their_own_organisation_only(
    cast: Cast, acme: Agreement
) -> None:
    carla, rita, charlie = browser(cast.carla), browser(cast.rita), browser(cast.charlie)
    report = approved(cast, acme)
    page = f"/portal/service-reports/{report.number}/"
    addresses = [page, f"{page}report.pdf", f"{page}report.xlsx"]
    for client in (carla, rita, charlie):
        assert [client.get(each).status_code for each in addresses] == [404, 404, 404]
        assert report.number not in client.get("/portal/service-reports/").content.decode()
    services.publish(report, actor=cast.admin.actor, now=APRIL)
    assert [carla.get(each).status_code for each in addresses] == [200, 200, 200]
    assert report.number in carla.get("/portal/service-reports/").content.decode()
    for client in (rita, charlie):
        assert [client.get(each).status_code for each in addresses] == [404, 404, 404]
        assert report.number not in client.get("/portal/service-reports/").content.decode()
        assert client.get(f"/service-reports/{report.number}/").status_code != 200
    notices, _more = latest(cast.carla.actor)
    assert [notice.words for notice in notices] == [f"{report.number}: your service report is there"]
    assert not Delivery.objects.filter(recipient__in=[cast.rita, cast.charlie]).exists()


@pytest.mark.req("RPT-03")
def test_a_report_has_a_title_an_introduction_a_body_with_a_chart_and_an_end(
    cast: Cast, acme: Agreement
) -> None:
    report = told(cast, acme)
    made = show.document(report, FrozenReport.objects.get(), "en")
    codes = [section.code for section in made.sections]
    assert (made.title, made.period, codes[0], codes[-2:]) == (
        "Agreement", "March 2026", "summary", ["next", "basis"]
    )  # fmt: skip
    drawn = next(section for section in made.sections if section.code == "trend")
    assert drawn.chart.startswith("<svg")
    assert "2026-03" in drawn.chart_words
    assert all(section.tables or section.paragraphs or section.note for section in made.sections)


def test_what_stands_behind_a_miss_is_not_named_to_the_customer(cast: Cast, acme: Agreement) -> None:
    report = told(cast, acme)
    page = browser(cast.carla).get(f"/portal/service-reports/{report.number}/").content.decode()
    assert "We ourselves" in page
    assert "/r/ACT" not in page
    assert "/r/INC" in page


def test_the_steps_of_a_report_are_taken_on_its_page(cast: Cast, acme: Agreement) -> None:
    report = drafted(cast, acme)
    page = f"/service-reports/{report.number}/"
    mona, admin = browser(cast.mona), browser(cast.admin)
    refused = mona.post(f"{page}comment/", {**SAID, "comment_zh": ""})
    assert refused.status_code == 422
    assert SAID["comment_en"] in refused.content.decode()
    assert mona.post(f"{page}comment/", SAID).status_code == 302
    shown = mona.get(page).content.decode()
    assert "a second person approves it" in shown
    assert 'name="seen"' not in shown
    assert mona.post(f"{page}approve/", {"seen": fresh(report).seen}).status_code == 422
    shown = admin.get(page).content.decode()
    assert f'value="{fresh(report).seen}"' in shown
    assert admin.post(f"{page}approve/", {"seen": fresh(report).seen}).status_code == 302
    assert admin.post(f"{page}publish/").status_code == 302
    assert fresh(report).state == "published"
    assert admin.get(f"{page}check/").status_code == 200
    assert admin.get(f"{page}?edition=7").status_code == 404
    assert browser(cast.alice).post(f"{page}restate/", {"reason": "x"}).status_code == 403


def test_a_leader_opens_the_report_of_any_month_by_hand(cast: Cast, acme: Agreement) -> None:
    mona = browser(cast.mona)
    asked = {"agreement": acme.pk, "month": "2026-03", "writer": cast.mona.pk}
    made = mona.post("/service-reports/new/", asked)
    assert made.status_code == 302
    report = ServiceReport.objects.get()
    assert (report.period_from, report.due_on) == (FIRST, date(2026, 4, 5))
    default = {**asked, "agreement": cast.agreement.agreement_id}
    assert mona.post("/service-reports/new/", default).status_code == 422


# --- the schedule --------------------------------------------------------------------------------


def asking(cast: Cast, agreement: Agreement, **over: Any) -> None:
    """A version of the agreement that promises a report by the 7th."""
    version = agreement.versions.order_by("-number")[0]
    terms = terms_of(version).dump() | {"reports": [{"kind": "service_level", "due_day": 7, **over}]}
    editions.publish(
        agreement, Terms.parse(terms), effective_from=APRIL - timedelta(days=60), effective_until=None,
        actor=cast.system, now=APRIL,
    )  # fmt: skip


@pytest.mark.req("SLM-36", "RPT-01")
def test_reports_open_by_themselves_as_the_agreement_says_each_once(cast: Cast, acme: Agreement) -> None:
    assert upkeep.open_due(now=APRIL) == []
    asking(cast, acme, submitter="Mona", way="meeting")
    planned = show.schedule_rows(cast.mona.actor, APRIL)
    assert [(row["first"], row["due_on"], row["writer"]) for row in planned] == [
        (date(2026, 4, 1), date(2026, 5, 7), cast.mona)
    ]
    assert "meeting" in browser(cast.mona).get("/service-reports/").content.decode()
    assert len(upkeep.open_due(now=APRIL)) == 1
    assert upkeep.open_due(now=APRIL) == []
    report = ServiceReport.objects.get()
    assert (report.period_from, report.due_on) == (FIRST, date(2026, 4, 7))
    assert (report.submitter, report.way, report.assignee) == ("Mona", "meeting", cast.mona)
    ahead = {"agreement": acme.pk, "month": "2026-05", "writer": cast.mona.pk}
    assert browser(cast.mona).post("/service-reports/new/", ahead).status_code == 302
    assert ServiceReport.objects.get(period_from=date(2026, 5, 1)).due_on == date(2026, 6, 7)
    later = APRIL + timedelta(days=62)
    assert [row.period_from for row in upkeep.open_due(now=later)] == [date(2026, 4, 1)]


@pytest.mark.req("RPT-01")
def test_a_late_report_is_shown_and_reminded_of_once_a_week(cast: Cast, acme: Agreement) -> None:
    report = drafted(cast, acme)
    assert upkeep.remind(now=APRIL) == 0
    late = APRIL + timedelta(days=5)
    assert upkeep.remind(now=late) == 1
    assert upkeep.remind(now=late + timedelta(days=1)) == 0
    assert upkeep.remind(now=late + timedelta(days=8)) == 1
    assert "Overdue" in browser(cast.mona).get("/service-reports/").content.decode()
    services.comment(report, **SAID, actor=cast.mona.actor, now=late)
    report = fresh(report)
    services.approve(report, seen=report.seen, actor=cast.admin.actor, now=late)
    done = services.publish(fresh(report), actor=cast.admin.actor, now=late)
    assert show.is_late(done) is True


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.req("SLM-37")
@pytest.mark.parametrize(("lang", "words"), [("en", "Missed targets"), ("zh", "未达标")])
def test_the_pdf_holds_the_same_report_and_the_same_bytes_each_time(
    cast: Cast, acme: Agreement, lang: str, words: str
) -> None:
    report = told(cast, acme)
    client = browser(cast.mona)
    url = f"/service-reports/{report.number}/report.pdf?lang={lang}"
    first = client.get(url)
    assert first.headers["Content-Type"] == "application/pdf"
    assert first.content == client.get(url).content
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(first.content)).pages)
    assert words in text.replace("\n", "")
    assert FrozenReport.objects.get().sha256[:16] in text.replace("\u200b", "")


HOSTILE = '=HYPERLINK("http://x")'


def test_no_text_of_the_workbook_is_a_formula(cast: Cast, acme: Agreement) -> None:
    late = make_incident(cast, title=HOSTILE, impact=1, urgency=1)
    incidents.services.resolve(
        late, code="solved", steps="-", actor=cast.alice.actor, now=late.opened_at + timedelta(days=2)
    )
    explain(cast, late)
    report = published(cast, acme)
    made = browser(cast.mona).get(f"/service-reports/{report.number}/report.xlsx?lang=en")
    book = load_workbook(io.BytesIO(made.content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert any(HOSTILE in str(cell.value) for cell in cells)
    assert any(isinstance(cell.value, int | float) for cell in cells)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1"])
def test_text_that_begins_like_a_formula_is_quoted(text: str) -> None:
    table = Table(("Head",), ((Cell(text),),), (1,))
    document = Document(
        "en", "RPT1", "Kind", "Title", "March", "", (), (), (Section("a", "[A]: *", (), (table,)),), "", ""
    )
    book = load_workbook(io.BytesIO(render_xlsx(document)))
    cell = book.worksheets[1]["A2"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


# --- API and command -------------------------------------------------------------------------------


def test_programs_read_figures_sources_and_hash_and_have_them_verified(cast: Cast, acme: Agreement) -> None:
    report = told(cast, acme)
    row = FrozenReport.objects.get()
    mona, carla, charlie = browser(cast.mona), browser(cast.carla), browser(cast.charlie)
    listed = mona.get(API, {"agreement": "acme", "sent": "true"}).json()["results"]
    assert [each["number"] for each in listed] == [report.number]
    for client in (mona, carla):
        found = client.get(f"{API}{report.number}/").json()
        assert (found["edition"], found["sha256"]) == (1, row.sha256)
        assert found["content"] == json.loads(row.content)
    seen = carla.get(f"{API}{report.number}/verify/").json()
    assert [(each["intact"], each["current"], each["changes"]) for each in seen] == [(True, True, [])]
    assert charlie.get(f"{API}{report.number}/").status_code == 404
    assert charlie.get(f"{API}{report.number}/verify/").status_code == 404
    assert browser(cast.rita).get(API).json()["results"] == []


def test_a_draft_has_figures_for_us_and_no_hash(cast: Cast, acme: Agreement) -> None:
    report = commented(cast, acme)
    found = browser(cast.mona).get(f"{API}{report.number}/").json()
    assert (found["edition"], found["sha256"], found["editions"]) == (None, None, [])
    assert found["content"]["figures"]["workload"]["opened"] == 0
    assert browser(cast.carla).get(f"{API}{report.number}/").status_code == 404


@pytest.mark.req("SLM-45")
def test_a_correction_is_shown_beside_what_it_replaces(cast: Cast, acme: Agreement) -> None:
    _good, late = month(cast)
    explain(cast, late)
    report = published(cast, acme)
    call_command("verify_service_reports")
    exclude(cast, late)
    with pytest.raises(CommandError, match="1 of 1"):
        call_command("verify_service_reports", report.number)
    check = browser(cast.mona).get(f"/service-reports/{report.number}/check/").content.decode()
    assert "these figures are different" in check
    services.restate(fresh(report), reason="Agreed outage", actor=cast.mona.actor, now=APRIL)
    carla = browser(cast.carla)
    page = carla.get(f"/portal/service-reports/{report.number}/").content.decode()
    assert "Agreed outage" in page
    assert "net attainment" in page
    before = carla.get(f"/portal/service-reports/{report.number}/?edition=1").content.decode()
    assert "edition 2 replaces these figures" in before
    assert "Agreed outage" not in before[before.index("<article") : before.index("</article>")]
