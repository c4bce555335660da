"""A report's content as the document its readers see, in one language; no request, no query, no clock."""

from collections.abc import Mapping
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import in_reader_language
from agreements.terms_words import REPORT_KINDS
from servicereports import corrections, sections, sections_more, words
from servicereports.sections import Source
from servicereports.tree import Document, Headline, Section
from servicereports.words import Words

LANGUAGES = {"zh": "zh-hans", "en": "en"}
"""What may be asked for, and how Django calls it."""

ORDER = (
    sections.summary, sections.attainment, sections.trend, sections.misses, sections.actions,
    sections_more.workload, sections_more.measures, sections_more.exclusions, sections_more.interruptions,
    sections_more.credits_, sections_more.rewards, sections_more.next_steps, sections_more.basis,
)  # fmt: skip


def document_of(
    content: Mapping[str, Any], language: str, *, mark: str = "", sha256: str = "", most: int | None = None
) -> Document:
    """The document in "zh", "en" or a language of Django's; KeyError for content that is none.

    ``mark`` names, in words already, why it is not final; ``sha256`` is the hash of frozen content.
    """
    with translation.override(LANGUAGES.get(language, language)):
        source = Source(content, Words(content), most)
        found = [corrections.section(source), *(make(source) for make in ORDER)]
        made: list[Section] = [each for each in found if each]
        return Document(
            language="zh" if language.startswith("zh") else "en",
            number=content["report"],
            kind=str(REPORT_KINDS.get(content["kind"], content["kind"])),
            title=in_reader_language(content["agreement"]["en"], content["agreement"]["zh"]),
            period=words.period(content["period"]["from"], content["period"]["until"]),
            mark=mark,
            facts=_facts(source, sha256),
            headlines=_headlines(source),
            sections=tuple(made),
            author=content["written_by"],
            footer=mark or _footer(content, sha256),
        )


def _facts(source: Source, sha256: str) -> tuple[tuple[str, str], ...]:
    content = source.content
    customer, frozen = content["customer"], content["frozen"]
    days = content["period"]
    found = [
        (_("Number"), content["report"]),
        (_("Customer"), in_reader_language(customer["en"], customer["zh"])),
        (_("Period"), f"{words.day(days['from'])} – {words.day(days['until'])}"),
        (_("Written by"), content["written_by"]),
    ]
    if sha256:
        found += [
            (_("Approved by") if content["row"] == 1 else _("Corrected by"), frozen["by"]),
            (_("Figures frozen"), source.words.instant(frozen["at"])),
            (_("Hash (SHA-256)"), sha256),
        ]
    return tuple((label, value) for label, value in found if value)


def _footer(content: Mapping[str, Any], sha256: str) -> str:
    return f"{content['report']} · {sha256[:16]}" if sha256 else str(content["report"])


def _headlines(source: Source) -> tuple[Headline, ...]:
    """The answers before the tables."""
    total = source.figures["attainment"]["all"]
    judged = [row["reached"] for row in source.figures["attainment"]["targets"] if row["reached"] is not None]
    months = source.context["trend"]
    before = months[-2]["net"] if len(months) > 1 else None
    note = _("month before: %(share)s") % {"share": words.percent(before)} if before else ""
    work = source.figures["workload"]
    return (
        Headline(_("Net attainment"), words.percent(total["net"]), note),
        Headline(_("Gross attainment"), words.percent(total["gross"])),
        Headline(
            _("Targets that reached their goal"),
            _("%(n)s of %(all)s") % {"n": judged.count(True), "all": len(judged)},
            "",
            words.tone(all(judged)) if judged else "",
        ),
        Headline(_("Misses"), str(total["missed"]), _("of %(n)s") % {"n": total["met"] + total["missed"]}),
        Headline(
            _("Opened tickets"), str(work["opened"]), _("%(n)s open at the end") % {"n": work["open_at_end"]}
        ),
    )
