"""A self-assessment as content that is kept when it is submitted, and as the document its readers see."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import in_reader_language
from servicereports import words
from servicereports.assessments.indicators import MEASURES, NUMBER, PERCENT, reached
from servicereports.assessments.models import Assessment, Indicator, Span, Verdict
from servicereports.attained import instant
from servicereports.document import LANGUAGES
from servicereports.tree import NONE, Cell, Document, Headline, Section, Table, cells

TONES = {Verdict.MET: "good", Verdict.PARTLY: "warn", Verdict.NOT_MET: "bad", Verdict.NONE: ""}


def of(assessment: Assessment) -> dict[str, Any]:
    """All it says, of the reader's language nothing."""
    rows = assessment.judgements.all()
    lead = assessment.assignee
    return {
        "number": assessment.number,
        "body": {"en": assessment.body.name_en, "zh": assessment.body.name_zh or assessment.body.name_en},
        "period": {
            "kind": assessment.period,
            "from": assessment.period_from.isoformat(),
            "until": assessment.period_until.isoformat(),
        },
        "lead": lead.display_name if lead else "",
        "computed_at": instant(assessment.computed_at),
        "summary": assessment.summary,
        "indicators": [
            {
                "id": row.indicator,
                "figure": row.figure,
                "hits": row.hits,
                "total": row.total,
                "goal": str(row.goal),
                "reached": reached(row.indicator, row.figure, row.goal),
                "verdict": row.verdict,
                "remarks": row.remarks,
            }
            for row in rows
        ],
    }


def figure_words(code: str, figure: str) -> str:
    """ "92.4 %", "4.31 of 5", "3"; a dash where nothing was measured."""
    if not figure:
        return NONE
    number = f"{Decimal(figure):f}"
    number = number.rstrip("0").rstrip(".") if "." in number else number
    unit = MEASURES[code].unit
    if unit == PERCENT:
        return f"{number}\u00a0%"
    return number if unit == NUMBER else _("%(n)s of 5") % {"n": number}


def period_words(span: Mapping[str, Any]) -> str:
    """ "October 2026"; a quarter by its name and days."""
    said = words.period(span["from"], span["until"])
    return said if span["kind"] == Span.MONTH else f"{Span(span['kind']).label} {said}"


def goal_words(code: str, goal: str) -> str:
    """ "at least 90 %", "at most 0"."""
    said = figure_words(code, goal)
    return (_("at most %(goal)s") if MEASURES[code].is_most else _("at least %(goal)s")) % {"goal": said}


def verdict_words(code: str) -> str:
    return str(Verdict(code).label) if code else _("not judged yet")


def document_of(
    found: Mapping[str, Any], language: str, *, mark: str = "", sha256: str = "", opinion: str = "",
    answered: str = "",
) -> Document:  # fmt: skip
    """The document in "zh" or "en"; the body's answer stands below what was submitted."""
    with translation.override(LANGUAGES.get(language, language)):
        body = in_reader_language(found["body"]["en"], found["body"]["zh"])
        span = found["period"]
        facts = [
            (_("Number"), found["number"]),
            (_("Supervisory body"), body),
            (_("Period"), f"{words.day(span['from'])} – {words.day(span['until'])}"),
            (_("Desk lead"), found["lead"]),
            (_("Hash (SHA-256)"), sha256),
        ]
        sections = [_indicators(found), _summary(found)]
        if opinion:
            sections.append(Section("opinion", _("Opinion of the supervisory body"), (opinion, answered)))
        return Document(
            language="zh" if language.startswith("zh") else "en",
            number=found["number"],
            kind=_("Self-assessment of the service desk"),
            title=_("To %(body)s") % {"body": body},
            period=period_words(span),
            mark=mark,
            facts=tuple((label, value) for label, value in facts if value),
            headlines=_headlines(found),
            sections=tuple(sections),
            author=found["lead"],
            footer=mark or f"{found['number']} · {sha256[:16]}",
        )


def _headlines(found: Mapping[str, Any]) -> tuple[Headline, ...]:
    rows = found["indicators"]
    kept = [row["reached"] for row in rows if row["reached"] is not None]
    said = [row["verdict"] for row in rows]
    return (
        Headline(
            _("Goals reached"), _("%(n)s of %(all)s") % {"n": kept.count(True), "all": len(kept)}, "",
            words.tone(all(kept)) if kept else "",
        ),
        Headline(_("Not measured"), str(len(rows) - len(kept))),
        *(
            Headline(str(verdict.label).capitalize(), str(said.count(verdict.value)), _("own judgement"))
            for verdict in (Verdict.MET, Verdict.PARTLY, Verdict.NOT_MET)
        ),
    )  # fmt: skip


def _indicators(found: Mapping[str, Any]) -> Section:
    rows = tuple(
        cells(
            Cell(str(Indicator(row["id"]).label), sub=str(MEASURES[row["id"]].help)),
            goal_words(row["id"], row["goal"]),
            Cell(
                figure_words(row["id"], row["figure"]), number=row["figure"] or None,
                tone=words.tone(row["reached"]), sub=_behind(row),
            ),
            Cell(verdict_words(row["verdict"]), tone=TONES.get(row["verdict"], "")),
            Cell(row["remarks"] or NONE),
        )
        for row in found["indicators"]
    )  # fmt: skip
    head = (_("Indicator"), _("Goal"), pgettext("indicator", "Figure"), _("Own judgement"), _("Remarks"))
    table = Table(head, rows, (27, 14, 14, 14, 31), (1, 2))
    return Section("indicators", _("Indicators"), (), (table,))


def _behind(row: Mapping[str, Any]) -> str:
    if MEASURES[row["id"]].unit == NUMBER:
        return ""
    return _("%(n)s of %(all)s") % {"n": row["hits"] or 0, "all": row["total"]} if row["total"] else ""


def _summary(found: Mapping[str, Any]) -> Section:
    lines = tuple(line for line in found["summary"].splitlines() if line.strip())
    return Section("summary", _("Summary"), lines, (), "" if lines else _("Nothing is written yet."))
