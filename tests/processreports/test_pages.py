"""The pages of reports: due and late, made on their page, checked, planned, defined, read by customers."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from processreports import freezing, services, shown
from processreports.models import ProcessReport, QualityCheck, ReportDefinition
from tests.cast import Cast, make_incident
from tests.processreports.made import (
    APRIL,
    WORDS,
    approved,
    commented,
    make_definition,
    of_acme,
    opened,
    published,
    solved,
)


def browser(person: Any) -> Client:
    made = Client()
    made.force_login(person)
    return made


def url(name: str, report: ProcessReport, *more: str) -> str:
    return reverse(f"processreports:{name}", args=[report.number, *more])


@pytest.mark.req("RPT-01")
def test_the_list_says_what_is_late_in_work_and_published(cast: Cast) -> None:
    late = opened(cast, make_definition(cast, name_en="Late one"))
    done = published(cast, opened(cast, make_definition(cast, name_en="Sent one")))
    page = browser(cast.mona).get(reverse("processreports:list"))
    titles = {each["title"]: each["rows"] for each in page.context["sections"]}
    assert [row["report"] for row in titles["Late"]] == [late]
    assert [row["report"] for row in titles["Published"]] == [done]
    assert titles["Published"][0]["is_late"] is False
    narrowed = browser(cast.mona).get(reverse("processreports:list") + f"?definition={late.definition_id}")
    assert [each["title"] for each in narrowed.context["sections"]] == ["Late"]


def test_it_is_written_approved_and_published_on_its_page(cast: Cast) -> None:
    report = opened(cast, make_definition(cast))
    alice, mona = browser(cast.alice), browser(cast.mona)
    page = alice.get(url("detail", report))
    assert "Draft: figures and words may still change" in page.content.decode()
    assert [step["name"] for step in page.context["steps"]] == ["word", "recompute"]
    assert alice.post(url("act", report, "word"), {"comment_en": "x"}).status_code == 422
    assert alice.post(url("act", report, "word"), WORDS).status_code == 302
    steps = mona.get(url("detail", report)).context["steps"]
    seen = next(step["form"].initial["seen"] for step in steps if step["name"] == "approve")
    assert mona.post(url("act", report, "approve"), {"seen": seen}).status_code == 302
    assert alice.post(url("act", report, "publish")).status_code == 302
    report.refresh_from_db()
    assert report.state == "issued"
    assert "A calm month." in mona.get(url("detail", report) + "?lang=en").content.decode()


@pytest.mark.req("RPT-02", "RPT-03", "RPT-05")
def test_a_customers_report_reads_from_title_to_end(cast: Cast) -> None:
    solved(cast)
    report = published(cast, opened(cast, of_acme(cast)))
    document = shown.document(report, freezing.newest(report), "en", cast.mona.actor)
    assert (document.title, document.period) == ("Acme monthly", "March 2026")
    codes = [section.code for section in document.sections]
    assert codes[0] == "overview"
    assert codes[-1] == "end"
    assert {"attainment", "satisfaction", "measures", "risks", "workload", "project", "comment"} <= set(codes)
    told = {section.code: " ".join((*section.paragraphs, section.note)) for section in document.sections}
    assert "Nobody was asked in this period: satisfaction is not known." in told["satisfaction"]
    assert "This customer has no agreement of its own" in told["attainment"]
    assert "A calm month." in told["comment"]
    other = shown.document(report, freezing.newest(report), "zh", cast.mona.actor)
    assert (other.title, other.period) == ("艾可美月报", "2026年3月")


def test_every_indicator_is_explained_in_words(cast: Cast) -> None:
    report = opened(cast, make_definition(cast))
    document = shown.document(report, None, "en", cast.mona.actor)
    explained = next(section for section in document.sections if section.code == "explained")
    named = {row[0].text for row in explained.tables[0].rows}
    figures = {part["id"].split("/")[0] for part in report.computed["figures"]["indicators"]["parts"]}
    assert figures <= named
    assert all(row[2].text for row in explained.tables[0].rows)


@pytest.mark.req("RPT-13")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_is_printed_and_exported_in_both_languages(cast: Cast, language: str) -> None:
    solved(cast)
    report = published(cast, opened(cast, of_acme(cast)))
    mona = browser(cast.mona)
    pdf = mona.get(url("pdf", report) + f"?lang={language}")
    assert pdf.content.startswith(b"%PDF")
    again = mona.get(url("pdf", report) + f"?lang={language}")
    assert pdf.content == again.content
    book = mona.get(url("xlsx", report) + f"?lang={language}")
    assert book.content.startswith(b"PK")
    assert mona.get(url("detail", report) + f"?lang={language}").status_code == 200


@pytest.mark.req("RPT-10")
def test_quality_staff_see_hashes_rows_and_give_their_verdict(cast: Cast) -> None:
    ticket = solved(cast)
    report = published(cast, opened(cast, make_definition(cast)))
    bob = browser(cast.bob)
    page = bob.get(url("check", report))
    assert "Unchanged since it was frozen." in page.content.decode()
    figures = {each.key: each for each in page.context["seen"][0]["figures"]}
    assert figures["workload/opened"].n == 1
    listed = bob.get(url("rows", report) + "?figure=workload/opened")
    assert [line.url for line in listed.context["lines"]] == [ticket.get_absolute_url()]
    assert listed.context["is_whole"] is True
    assert bob.get(url("rows", report) + "?figure=nothing").status_code == 404
    done = bob.post(url("act", report, "check"), {"verdict": "remarks", "remark": "Say more."})
    assert done.status_code == 302
    assert QualityCheck.objects.get().checked_by == cast.bob
    assert "Say more." in bob.get(url("check", report)).content.decode()


def test_every_count_behind_a_figure_is_the_length_of_its_list(cast: Cast) -> None:
    solved(cast)
    make_incident(cast)
    report = approved(cast, opened(cast, make_definition(cast, sections=[
        "indicators", "attainment", "workload", "project", "misses", "risks",
    ])))  # fmt: skip
    mona = browser(cast.mona)
    figures = mona.get(url("check", report)).context["seen"][0]["figures"]
    opened_ones = [each for each in figures if each.is_opened]
    assert opened_ones
    for each in opened_ones:
        page = mona.get(url("rows", report), {"figure": each.key})
        assert len(page.context["lines"]) == each.n, each.key


@pytest.mark.req("RPT-11")
def test_the_plan_of_a_year_shows_every_report_with_its_day_and_how_it_stands(cast: Cast) -> None:
    definition = make_definition(cast, due_days=5)
    report = published(cast, opened(cast, definition))
    page = browser(cast.mona).get(reverse("processreports:plan") + "?year=2026")
    rows = {row["plan"].span.code: row for month in page.context["months"] for row in month["rows"]}
    assert len(rows) == 11  # January to November are due in 2026; December of 2026 in 2027
    assert rows["2026-03"]["plan"].report == report
    assert rows["2026-03"]["plan"].standing == "sent"
    assert rows["2026-03"]["plan"].due_on.isoformat() == "2026-04-05"
    assert rows["2026-02"]["plan"].report is None


@pytest.mark.req("RPT-11")
def test_the_yearly_report_of_the_management_system_has_all_processes(cast: Cast) -> None:
    definition = make_definition(
        cast, every="year", sections=["overview", "scores", "timeliness"], processes=[],
        name_en="Management system", name_zh="管理体系年报",
    )  # fmt: skip
    report = services.open_report(
        definition, APRIL.date().replace(year=2025), actor=cast.mona.actor, now=APRIL
    )
    document = shown.document(report, None, "en", cast.mona.actor)
    scores = next(section for section in document.sections if section.code == "scores")
    assert "No indicator has a weight and a goal yet" in scores.note
    assert {"en", "zh"} <= set(report.computed["context"]["scores"]["without"][0])


def test_a_definition_is_made_ordered_previewed_and_changed(cast: Cast) -> None:
    mona = browser(cast.mona)
    entered = {
        "name_en": "Problems", "name_zh": "问题月报", "every": "month", "due_days": 7,
        "active_from": "2026-01-01", "owner": cast.alice.pk, "approver": cast.mona.pk, "checker": "",
        "languages": ["zh", "en"], "processes": ["Problem management"],
        "sections": ["indicators", "overview"], "recipients": [cast.bob.pk],
    }  # fmt: skip
    new = reverse("processreports:definition-new")
    refused = mona.post(new, {**entered, "sections": []})
    assert refused.status_code == 422
    assert "Choose at least one section." in refused.content.decode()
    assert mona.post(new, entered).status_code == 302
    made = ReportDefinition.objects.get()
    assert (made.sections, made.version) == (["indicators", "overview"], 1)
    page = mona.get(reverse("processreports:preview", args=[made.pk]) + "?lang=en")
    assert "the period is not over yet" in page.content.decode()
    assert ProcessReport.objects.count() == 0
    change = reverse("processreports:definition", args=[made.pk])
    assert mona.post(change, {**entered, "due_days": 9, "version": 1}).status_code == 302
    stale = mona.post(change, {**entered, "due_days": 10, "version": 1})
    assert (stale.status_code, "changed it meanwhile" in stale.content.decode()) == (422, True)
    assert browser(cast.alice).get(change).status_code == 200
    assert browser(cast.alice).post(change, entered).status_code == 403


def test_sections_move_without_anything_being_kept(cast: Cast) -> None:
    mona, choose = browser(cast.mona), reverse("processreports:definition-sections")

    def after(do: str, **more: Any) -> list[str]:
        page = mona.post(choose, {"sections": ["overview", "indicators", "comment"], "do": do, **more})
        return [row["name"] for row in page.context["chosen"]]

    assert after("up:comment") == ["overview", "comment", "indicators"]
    assert after("down:overview") == ["indicators", "overview", "comment"]
    assert after("drop:indicators") == ["overview", "comment"]
    assert after("add:", another="risks")[-1] == "risks"
    assert after("usual:", every="occasion")[0] == "event"


@pytest.mark.req("RPT-04")
def test_a_report_about_one_event_is_opened_by_its_number(cast: Cast) -> None:
    ticket = solved(cast)
    definition = make_definition(cast, every="occasion", sections=["event", "comment"], processes=[])
    mona, new = browser(cast.mona), reverse("processreports:new")
    assert mona.post(new, {"definition": definition.pk, "subject": "INC9999999"}).status_code == 422
    assert mona.post(new, {"definition": definition.pk, "subject": ticket.number}).status_code == 302
    report = ProcessReport.objects.get()
    text = mona.get(url("detail", report) + "?lang=en").content.decode()
    assert "Course of events" in text
    assert ticket.number in text


def test_a_customer_reads_its_own_published_reports_and_no_others(cast: Cast) -> None:
    solved(cast)
    report = opened(cast, of_acme(cast))
    carla, charlie, rita = (browser(each) for each in (cast.carla, cast.charlie, cast.rita))
    portal = url("portal", report)
    assert carla.get(portal).status_code == 404
    services.publish(approved(cast, report), actor=cast.alice.actor, now=APRIL)
    assert carla.get(portal + "?lang=en").status_code == 200
    assert carla.get(url("portal-pdf", report)).content.startswith(b"%PDF")
    assert (charlie.get(portal).status_code, rita.get(portal).status_code) == (404, 404)
    listed = carla.get(reverse("processreports:portal-list"))
    assert [row["report"].number for row in listed.context["rows"]] == [report.number]
    assert charlie.get(reverse("processreports:portal-list")).context["rows"] == []


def test_what_goes_to_our_own_people_no_customer_ever_finds(cast: Cast) -> None:
    inside = published(cast, opened(cast, make_definition(cast, customer=cast.acme)))
    assert browser(cast.carla).get(url("portal", inside)).status_code == 404


@pytest.mark.req("RPT-09")
def test_who_has_no_address_is_named_on_the_page(cast: Cast) -> None:
    cast.sven.email = ""
    cast.sven.save(update_fields=["email"])
    report = commented(cast, opened(cast, make_definition(cast)))
    text = browser(cast.mona).get(url("detail", report)).content.decode()
    assert "no e-mail address is known: only told in the product" in text
    nobody = opened(cast, of_acme(cast, recipients=[]))
    text = browser(cast.mona).get(url("detail", nobody)).content.decode()
    assert "none of its contacts is told" in text
