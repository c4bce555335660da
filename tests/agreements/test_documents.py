"""An agreement as a document: the same words on screen, as PDF and as Word, in each language."""

import io
import re
from datetime import timedelta
from typing import Any

import docx
import pytest
from django.test import Client
from django.utils import translation
from docx.oxml.ns import qn
from pypdf import PdfReader

from agreements import services
from agreements.documents import pdf, words
from agreements.documents.content import document_of
from agreements.documents.pdf import render_pdf
from agreements.documents.tree import Document, plain
from agreements.documents.word import render_docx
from agreements.models import Edition
from agreements.sections import NAMES
from catalog.models import Service
from levels.services import record_outage
from sla.models import Agreement, Calendar, CalendarVersion
from sla.target import Target
from sla.terms import SECTIONS, MeasureTerm
from tests.agreements.test_life import METHOD, draft, fresh, ola, resting_on_the_desk, terms, to_sign
from tests.cast import EARLY, MONDAY, OFFICE, Cast

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HOSTILE = (
    '#import "x": * $x^2$ *bold* `raw` \\u{41} <label> @ref // /* = Heading #(1+1) ]] "{{ x }}" <script>&amp;'
)


def rich(**over: Any) -> dict[str, Any]:
    """Terms that use every table of the document."""
    hours = {"kind": "business_seconds", "seconds": 4 * 3600}
    days = {"kind": "working_days", "days": 3, "until": "close"}
    sections: dict[str, Any] = {code: {"en": f"About {code}", "zh": f"关于{code}的约定"} for code in SECTIONS}
    sections["exceptions"] = {"not_applicable": "none agreed"}
    return terms(
        targets=[
            {"metric": "resolution", "promise": hours, "priority": 1, "calendar": "always", "method": METHOD},
            {
                "metric": "first_response", "promise": days, "service": "mail", "method": METHOD,
                "escalates": True,
            },
        ],
        measures=[
            {
                "measure": "availability", "operator": ">=", "value": 99.95, "unit": "percent",
                "service": "mail", "method": METHOD, "source": "monitoring",
            },
            {"measure": "workload", "operator": "<=", "value": 1200, "unit": "count", "method": METHOD},
        ],
        credits=[{"target": "resolution//1", "below": 90, "percent": 5}],
        rewards=[{"target": "availability/mail", "above": 99.98, "percent": 3}],
        reports=[{"kind": "service_level", "due_day": 7, "submitter": "Mona", "way": "email"}],
        pausing_reasons=["customer"],
        services=["mail"],
        cost={"amount": 48500, "currency": "CNY", "per": "month"},
        sections=sections,
        **over,
    )  # fmt: skip


@pytest.fixture
def agreement(cast: Cast) -> Agreement:
    always = Calendar.objects.create(code="always", name_en="Round the clock", name_zh="全天候")
    CalendarVersion.objects.create(
        calendar=always, number=1, effective_from=EARLY, created_by=cast.mona, created_at=EARLY,
        definition={"timezone": "Asia/Shanghai", "always_open": True},
    )  # fmt: skip
    mail, _new = Service.objects.update_or_create(
        code="mail", defaults={"name_en": "E-mail", "name_zh": "电子邮件"}
    )
    record_outage(
        service=mail, started_at=MONDAY - 2 * DAY, ended_at=MONDAY - DAY, source="monitoring",
        reference="a1", actor=cast.mona.actor, now=MONDAY - DAY,
    )  # fmt: skip
    return Agreement.objects.create(code="acme", customer=cast.acme, name_en="Acme SLA", name_zh="艾可美协议")


@pytest.fixture
def signed(cast: Cast, agreement: Agreement) -> Edition:
    current = to_sign(cast, draft(cast, agreement, terms=rich()))
    for party, person, role in (("provider", "陈立", "总经理"), ("counterparty", "Ada Wong", "Head of IT")):
        services.sign(
            fresh(current), party=party, person=person, role=role, signed_on=(MONDAY - DAY).date(),
            document="Contract 2026-17", actor=cast.admin.actor, now=MONDAY - DAY,
        )  # fmt: skip
    return services.activate(fresh(current), actor=cast.mona.actor, now=MONDAY)


def text_of_pdf(document: Document) -> str:
    """All words of the PDF without any white space: lines are broken where the page ends."""
    reader = PdfReader(io.BytesIO(render_pdf(document)))
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in reader.pages))


def text_of_docx(document: Document) -> str:
    word = docx.Document(io.BytesIO(render_docx(document)))
    found = [p.text for p in word.paragraphs]
    found += [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    return re.sub(r"\s+", "", "".join(found))


CHINESE = (
    "服务级别协议", "艾可美协议", "引言", "术语表", "关于scope的约定", "解决", "电子邮件", "全天候",
    "4工作小时", "陈立", "总经理", "2026年3月1日", "签署", "不适用：noneagreed",
)  # fmt: skip
ENGLISH = (
    "Servicelevelagreement", "AcmeSLA", "Introduction", "Glossary", "Aboutscope", "Resolution", "E-mail",
    "Roundtheclock", "4workinghours", "3workingdays,untiltheday'sendofwork", "atleast99.95%", "atmost1200",
    "≥95%", "1Critical", "fromthetickets", "AdaWong", "HeadofIT", "2026-03-01", "Contract2026-17",
    "Signatures", "Notapplicable:noneagreed", "CNY48,500.00", "<90%", "5%ofthecharge", "day7ofthenextperiod",
    "Reward", "≥99.98%", "3%ofthecharge",
)  # fmt: skip


@pytest.mark.req("SLM-11", "SLM-16", "SLM-18", "FIN-10")
@pytest.mark.parametrize("draw", [text_of_pdf, text_of_docx])
def test_a_signed_agreement_reads_the_same_in_pdf_and_word_in_every_language(
    signed: Edition, draw: Any
) -> None:
    found = {languages: draw(document_of(signed, languages)) for languages in ("zh", "en", "both")}
    for languages, wanted in (("zh", CHINESE), ("en", ENGLISH), ("both", CHINESE + ENGLISH)):
        assert [words for words in wanted if words not in found[languages]] == [], languages
    assert "关于scope的约定" not in found["en"]
    assert "Aboutscope" not in found["zh"]


@pytest.mark.req("SLM-11")
def test_all_sections_stand_in_the_order_of_the_standard_under_their_numbers(signed: Edition) -> None:
    parts = document_of(signed, "en").parts
    assert [part.code for part in parts] == list(SECTIONS) == list(NAMES)
    assert [part.number for part in parts] == [str(n) for n in range(1, 24)]
    assert all(part.paragraphs or part.note.en or part.tables for part in parts)
    validity = {label.en: value.en for label, value in parts[2].tables[0].rows}
    assert validity == {
        "In force from": "2026-03-02 10:00 (Asia/Shanghai)",
        "In force until": "until replaced or ended",
        "Version that tickets are measured by": "1",
    }


@pytest.mark.req("SLM-16")
def test_the_glossary_explains_what_the_agreement_uses_and_nothing_else(signed: Edition) -> None:
    (table,) = document_of(signed, "both").parts[-1].tables
    terms_ = {row[0].en for row in table.rows}
    assert {
        "Service level agreement (SLA)",
        "Attainment",
        "Working time",
        "Pause",
        "Availability",
        "Reward",
    } <= terms_
    assert not {"Operational level agreement (OLA)", "Day", "Restoration", "Throughput"} & terms_
    assert all(meaning.en and meaning.zh for _term, meaning in table.rows)


@pytest.mark.req("SLM-18")
def test_a_draft_says_that_it_is_not_in_force_and_leaves_lines_to_sign(
    cast: Cast, agreement: Agreement
) -> None:
    document = document_of(draft(cast, agreement), "en")
    assert [block.lines[0][1].en for block in document.signatures] == ["", ""]
    assert "Notinforce:draft" in text_of_pdf(document)
    assert "Notinforce:draft" in text_of_docx(document)
    assert "_" * 24 in text_of_docx(document)


def test_an_edition_in_force_bears_no_mark_and_one_that_ended_says_so(cast: Cast, signed: Edition) -> None:
    document = document_of(signed, "both")
    assert plain(document)["mark"] == plain(document)["watermark"] == []
    ended = services.terminate(
        fresh(signed), reason="insolvent", at=MONDAY + DAY, actor=cast.mona.actor, now=MONDAY
    )
    assert "Nolongerinforce:terminated" in text_of_pdf(document_of(fresh(ended), "en"))
    assert "Terminatedasof2026-03-03" in text_of_pdf(document_of(fresh(ended), "en"))


def test_an_empty_draft_is_a_whole_document_that_says_what_is_missing(
    cast: Cast, agreement: Agreement
) -> None:
    edition = draft(cast, agreement, terms={"calendar": "nobody-knows"})
    for languages, missing in (("en", "Thissectionisnotwrittenyet."), ("zh", "本章尚未填写。")):
        for draw in (text_of_pdf, text_of_docx):
            found = draw(document_of(edition, languages))
            assert missing in found


def test_what_people_write_is_text_and_never_markup(cast: Cast, agreement: Agreement) -> None:
    """Neither read by Typst, nor lost: every character is in the PDF and the Word file."""
    sections = {code: {"en": HOSTILE, "zh": HOSTILE + "）"} for code in SECTIONS}
    hostile = rich()
    hostile["sections"] = sections
    hostile["targets"][0]["method"] = {"en": HOSTILE, "zh": HOSTILE}
    hostile["reports"][0]["submitter"] = HOSTILE
    Agreement.objects.filter(pk=agreement.pk).update(name_en=HOSTILE[:200], name_zh="%(number)s %s #x")
    agreement.refresh_from_db()
    edition = draft(cast, agreement, terms=hostile)
    wanted = re.sub(r"\s+", "", HOSTILE)
    for languages in ("en", "zh", "both"):
        document = document_of(edition, languages)
        assert text_of_pdf(document).count(wanted) >= len(SECTIONS)
        assert text_of_docx(document).count(wanted) >= len(SECTIONS)
    assert "%(number)s%s#x" in text_of_pdf(document_of(edition, "zh"))


def test_signs_that_cannot_be_printed_are_left_out_and_long_words_stay_on_the_page(
    cast: Cast, agreement: Agreement
) -> None:
    address = "https://example.com/" + "x" * 300
    odd = rich()
    odd["sections"]["scope"] = {"en": f"a\x01b\x0bc\r\nd \u202ee {address}", "zh": "\u200b全角　空格\x07"}
    odd["targets"][0]["method"] = {"en": address, "zh": ""}
    document = document_of(draft(cast, agreement, terms=odd), "both")
    scope = plain(document)["parts"][4]["paragraphs"]
    (told,) = [[entry["text"] for entry in said] for said in scope]
    assert told[0].endswith("全角　空格")
    assert told[1].startswith("ab\nc\nd e https://")
    assert address in text_of_docx(document)
    pages = PdfReader(io.BytesIO(render_pdf(document))).pages
    found: list[float] = []
    for page in pages:
        page.extract_text(visitor_text=lambda text, cm, tm, font, size: found.append(cm[4] + tm[4]))
    assert max(found) < 595 - 50
    assert address in text_of_pdf(document).replace("\u200b", "")


def test_the_template_reaches_neither_files_nor_packages(
    monkeypatch: Any, tmp_path: Any, signed: Edition
) -> None:
    """Whatever the template were to try; ours tries nothing."""
    (tmp_path / "secret.txt").write_text("secret")
    for attempt in (
        f'#read("{tmp_path}/secret.txt")',
        '#read("/etc/hostname")',
        '#import "@preview/x:0.1.0": *',
    ):
        evil = tmp_path / "evil.typ"
        evil.write_text(attempt)
        monkeypatch.setattr(pdf, "TEMPLATE", evil)
        with pytest.raises(RuntimeError, match=r"not found|failed|access"):
            render_pdf(document_of(signed, "en"))


def test_long_chinese_text_runs_over_pages_with_their_numbers(cast: Cast, agreement: Agreement) -> None:
    long = rich()
    long["sections"]["scope"] = {"zh": "本协议覆盖的服务范围如下。" * 600, "en": "One paragraph.\nAnother."}
    edition = draft(cast, agreement, terms=long)
    for languages in ("zh", "both"):
        document = document_of(edition, languages)
        pages = PdfReader(io.BytesIO(render_pdf(document))).pages
        assert len(pages) > 8
        assert f"{len(pages)} / {len(pages)}" in pages[-1].extract_text()
        assert text_of_pdf(document).count("本协议覆盖的服务范围如下。") >= 590  # some are torn by a page
        assert text_of_docx(document).count("本协议覆盖的服务范围如下。") == 600


def test_the_same_edition_gives_the_same_bytes_whoever_asks(signed: Edition, settings: Any) -> None:
    first = document_of(signed, "both")
    settings.TIME_ZONE = "America/New_York"
    with translation.override("zh-hant"):
        again = document_of(fresh(signed), "both")
    assert first == again
    assert render_pdf(first) == render_pdf(again)
    assert render_docx(first) == render_docx(again)


def test_the_pdf_is_a4_titled_dated_and_carries_its_fonts(signed: Edition) -> None:
    reader = PdfReader(io.BytesIO(render_pdf(document_of(signed, "zh"))))
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [595, 842]
    assert reader.metadata is not None
    assert reader.metadata.title == f"{signed.number} 艾可美协议"
    assert reader.metadata.creation_date == signed.updated_at
    fonts: Any = reader.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    assert all("NotoSansSC" in font.get_object()["/BaseFont"] for font in fonts.values())
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]  # type: ignore[index]


def test_word_gets_real_headings_repeated_table_heads_chinese_fonts_and_page_fields(signed: Edition) -> None:
    word = docx.Document(io.BytesIO(render_docx(document_of(signed, "both"))))
    headings = [p.text for p in word.paragraphs if p.style and p.style.name == "Heading 1"]
    assert len(headings) == len(SECTIONS) + 1
    assert headings[0].startswith("1　引言")
    fonts = word.styles["Heading 1"].element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == "Microsoft YaHei"
    body = word.element.body.xml
    assert body.count("<w:tblHeader/>") >= 6
    assert all(f'w:instr="{code}"' in word.sections[0].footer._element.xml for code in ("PAGE", "NUMPAGES"))
    assert signed.number in word.sections[0].header.paragraphs[0].text


def test_what_stands_behind_the_targets_is_in_the_annex_only(cast: Cast, agreement: Agreement) -> None:
    ola(cast, 12)
    edition = draft(cast, agreement, terms=resting_on_the_desk())
    services.excuse(
        edition, target_key="resolution//", reason="The desk grows in May", actor=cast.admin.actor, now=MONDAY
    )
    outside = text_of_pdf(document_of(fresh(edition), "en"))
    inside = text_of_pdf(document_of(fresh(edition), "en", with_annex=True))
    for private in ("ThedeskgrowsinMay", "DeskOLA", "Internalannex"):
        assert private not in outside
        assert private in inside
    assert "T1Resolution" in inside


@pytest.mark.parametrize(
    ("target", "en"),
    [
        (Target("business_seconds", 90), "90 working seconds"),
        (Target("business_seconds", 5400), "1 h 30 min working time"),
        (Target("calendar_days", 5, "close"), "5 days, until midnight of the last day"),
        (Target("calendar_days", 1, "same_time"), "1 day, at the same time of day"),
        (Target("working_days", 2, "close"), "2 working days, until the day's end of work"),
    ],
)
def test_a_promise_is_worded_without_rounding(target: Target, en: str) -> None:
    assert words.promise(target).en == en
    assert words.promise(target).zh != en


def test_numbers_keep_every_figure() -> None:
    measures = [
        MeasureTerm("throughput", ">=", 1_234_567.25, "per_day"),
        MeasureTerm("publication", "<=", 1, "months"),
        MeasureTerm("availability", ">=", 99.999, "percent"),
    ]
    assert [words.measured(m).en for m in measures] == [
        "at least 1234567.25 per day", "at most 1 month", "at least 99.999%",
    ]  # fmt: skip


def test_the_hours_of_a_calendar_are_told_with_breaks_holidays_and_nights(cast: Cast) -> None:
    week = {"mon": [["09:00", "18:00"]], "tue": [["09:00", "18:00"]], "fri": [["22:00", "06:00"]]}
    version = CalendarVersion(
        calendar=cast.calendar, number=3,
        definition={
            **OFFICE, "weekly": week, "breaks": {"mon": [["12:00", "13:00"]]},
            "holidays": ["2025-10-01", "2026-10-01"], "makeup": [{"date": "2026-10-10", "as": "mon"}],
            "special": {"2026-12-24": [["09:00", "12:00"]]},
        },
    )  # fmt: skip
    assert words.hours(version, MONDAY.date()).en.splitlines() == [
        "Monday: 09:00–18:00 (break 12:00–13:00)",
        "Tuesday: 09:00–18:00",
        "Wednesday to Thursday: no hours",
        "Friday: 22:00–06:00",
        "Saturday to Sunday: no hours",
        "Closed on the public holidays listed in it (1).",
        "Open on these make-up days: 2026-10-10.",
        "Different hours on: 2026-12-24 09:00–12:00.",
        "Time zone Asia/Shanghai; calendar version 3.",
    ]


# --- the pages ---------------------------------------------------------------------------------


@pytest.mark.req("SLM-11", "SLM-16")
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_document_is_read_on_screen_in_the_language_asked_for(
    client: Client, cast: Cast, signed: Edition, language: str
) -> None:
    cast.alice.language = language
    cast.alice.save()
    client.force_login(cast.alice)
    page = f"/agreements/{signed.number}/"
    shown = client.get(f"{page}document/?lang=zh").content.decode()
    assert "关于scope的约定" in shown
    assert "About scope" not in shown
    both = client.get(f"{page}document/").content.decode()
    assert "关于scope的约定" in both
    assert "About scope" in both
    assert "Internal annex" not in both
    assert "Internal annex" in client.get(f"{page}document/?annex=1").content.decode()
    assert f'href="{page}document.pdf?lang=both"' in client.get(page).content.decode()


def test_files_come_with_a_name_for_old_and_new_programs(client: Client, cast: Cast, signed: Edition) -> None:
    client.force_login(cast.alice)
    for ending, start in (("pdf", b"%PDF-"), ("docx", b"PK")):
        answer = client.get(f"/agreements/{signed.number}/document.{ending}?lang=zh")
        assert answer.status_code == 200
        assert answer.content.startswith(start)
        name = f"{signed.number}-1"
        assert answer.headers["Content-Disposition"] == (
            f'attachment; filename="{name}-zh.{ending}"; '
            f"filename*=UTF-8''{name}%20%E8%89%BE%E5%8F%AF%E7%BE%8E%E5%8D%8F%E8%AE%AE%20zh.{ending}"
        )


def test_a_language_nobody_speaks_is_refused_in_words(client: Client, cast: Cast, signed: Edition) -> None:
    client.force_login(cast.alice)
    for path in ("document/", "document.pdf", "document.docx"):
        answer = client.get(f"/agreements/{signed.number}/{path}?lang=xx")
        assert answer.status_code == 400
        assert "zh, en, both" in answer.content.decode()


def test_documents_are_refused_wherever_the_page_of_the_edition_is(
    client: Client, cast: Cast, signed: Edition
) -> None:
    for person in (cast.rita, cast.carla, cast.charlie, cast.robot):
        client.force_login(person)
        page = client.get(f"/agreements/{signed.number}/").status_code
        assert page in {302, 403}
        for path in ("document/", "document.pdf", "document.docx"):
            assert client.get(f"/agreements/{signed.number}/{path}").status_code == page
    client.force_login(cast.alice)
    assert client.get("/agreements/AGR9999999/document.pdf").status_code == 404


def test_what_people_write_is_text_on_the_page_too(client: Client, cast: Cast, agreement: Agreement) -> None:
    sections = {code: {"en": HOSTILE} for code in SECTIONS}
    edition = draft(cast, agreement, terms=terms(sections=sections))
    client.force_login(cast.alice)
    shown = client.get(f"/agreements/{edition.number}/document/?lang=en").content.decode()
    assert "<script>&amp;" not in shown.replace("<script>&amp;amp;", "")
    assert "&lt;script&gt;&amp;amp;" in shown
