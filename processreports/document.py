"""A report's content as the document its readers see, in one language; no request, no query, no clock."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import in_reader_language
from itsm.templatetags.ui import duration
from processreports import sections
from processreports.models import OCCASION
from processreports.sections import Source
from records import span_words, spans
from records.models import Priority
from servicereports import tree, words
from servicereports.document import LANGUAGES
from servicereports.tree import NONE, Document, Headline, cells
from sla.models import Metric


def document_of(
    content: Mapping[str, Any], language: str, *, mark: str = "", sha256: str = "", most: int | None = None,
    is_staff: bool = True,
) -> Document:  # fmt: skip
    """The document in "zh", "en" or a language of Django's.

    ``mark`` names, in words already, why it is not final; ``sha256`` is the hash of frozen content.
    """
    with translation.override(LANGUAGES.get(language, language)):
        known = sections.registered()
        made = [
            known[name].draw(Source(content, name, most, is_staff))
            for name in content["sections"]
            if name in known and _is_there(content, name)
        ]
        found = [_corrections(content), *made, _end(content, sha256)]
        number = content.get("report") or _("Preview")
        return Document(
            language="zh" if language.startswith("zh") else "en",
            number=number,
            kind=_kind(content),
            title=in_reader_language(**_label(content["definition"]["name"])),
            period=period_words(content),
            mark=mark,
            facts=_facts(content, sha256),
            headlines=_headlines(content),
            sections=tuple(each for each in found if each),
            author=content.get("written_by", ""),
            footer=mark or (f"{number} · {sha256[:16]}" if sha256 else str(number)),
        )


def _label(name: Mapping[str, str]) -> dict[str, str]:
    return {"en": name["en"], "zh": name["zh"]}


def _is_there(content: Mapping[str, Any], name: str) -> bool:
    """Sections that gather are there if they did: one event has no trend, a month no course of events."""
    return sections.registered()[name].gather is None or name in content["figures"]


KINDS = {
    "day": gettext_lazy("Daily report"),
    "week": gettext_lazy("Weekly report"),
    "month": gettext_lazy("Monthly report"),
    "quarter": gettext_lazy("Quarterly report"),
    "half": gettext_lazy("Half-yearly report"),
    "year": gettext_lazy("Yearly report"),
    OCCASION: gettext_lazy("Report on occasion"),
}


def _kind(content: Mapping[str, Any]) -> str:
    return str(KINDS[content["span"]["kind"]])


def period_words(content: Mapping[str, Any]) -> str:
    """The span's name, or of an event its number."""
    span = content["span"]
    if content["subject"]:
        return str(content["subject"]["number"])
    first = date.fromisoformat(span["from"])
    if span["kind"] == "month":
        return words.period(span["from"], span["until"])
    return span_words.words(spans.of(span["kind"], first, ZoneInfo(span["zone"])))


def _facts(content: Mapping[str, Any], sha256: str) -> tuple[tuple[str, str], ...]:
    customer, agreement, span = content["customer"], content["agreement"], content["span"]
    about = customer or {"en": "", "zh": ""}
    frozen = content.get("frozen")
    zone = ZoneInfo(span["zone"])
    found = [
        (_("Number"), content.get("report", "")),
        (_("Customer"), in_reader_language(about["en"], about["zh"]) if customer else _("All customers")),
        (_("Project or contract"), in_reader_language(agreement["en"], agreement["zh"]) if agreement else ""),
        (_("Period"), f"{words.day(span['from'])} – {words.day(span['until'])} ({zone.key})"),
        (_("Written by"), content.get("written_by", "")),
        (_("Approved by"), content.get("approved_by", "")),
        (_("Due"), words.day(content["due"]) if content.get("due") else ""),
    ]
    if sha256 and frozen:
        source = Source(content, "", None, is_staff=True)
        found += [(_("Figures frozen"), source.instant(frozen["at"])), (_("Hash (SHA-256)"), sha256)]
    return tuple((label, value) for label, value in found if value)


def _headlines(content: Mapping[str, Any]) -> tuple[Headline, ...]:
    """The answers before the tables; of what the report has no section for there is none."""
    figures = content["figures"]
    found = []
    if kept := figures.get("attainment"):
        total = kept["all"]
        note = _("of %(n)s judged") % {"n": total["met"] + total["missed"]}
        found.append(Headline(_("Net attainment"), _known(total["net"]), note))
    if work := figures.get("workload"):
        note = _("%(n)s open at the end") % {"n": work["open_at_end"]}
        found.append(Headline(_("Opened tickets"), str(work["opened"]), note))
        found.append(Headline(_("Done tickets"), str(work["done"])))
    if "satisfaction" in figures:
        said = figures["satisfaction"]
        mean = _("%(n)s of 5") % {"n": said["mean"]} if said["mean"] else NONE
        note = _("%(n)s answers") % {"n": said["answered"]} if said["answered"] else _("nobody answered")
        found.append(Headline(_("Satisfaction"), mean, note))
    if "indicators" in figures:
        found.append(_indicators(content))
    if "event" in figures:
        found += _event(figures["event"], content["context"]["event"])
    return tuple(found[:5])


def _known(percent: str | None) -> str:
    return words.percent(percent) if percent is not None else _("no data")


def _indicators(content: Mapping[str, Any]) -> Headline:
    kpis = content["context"]["indicators"]["kpis"]
    values = {row["id"]: row["value"] for row in content["figures"]["indicators"]["parts"]}
    known = sum(values.get(f"{kpi['id']}/0") is not None for kpi in kpis)
    confirmed = sum(kpi["confirmed"] is not None for kpi in kpis)
    note = _("%(n)s confirmed") % {"n": confirmed}
    return Headline(_("Indicators with data"), _("%(n)s of %(all)s") % {"n": known, "all": len(kpis)}, note)


def _event(figures: Mapping[str, Any], context: Mapping[str, Any]) -> list[Headline]:
    if not figures:
        return []
    lasted = duration(figures["seconds"]) if figures["seconds"] is not None else _("not over")
    found = [
        Headline(_("State"), in_reader_language(context["state"]["en"], context["state"]["zh"])),
        Headline(_("Priority"), str(Priority(figures["priority"]).label)),
        Headline(_("Lasted"), lasted),
    ]
    if context["targets"]:
        missed = sum(row["missed"] is not None for row in context["targets"])
        of = _("of %(n)s") % {"n": len(context["targets"])}
        found.append(Headline(_("Missed targets"), str(missed), of, "bad" if missed else "good"))
    return found


# --- the end (RPT-03), and what was corrected -------------------------------------------------------------


def _end(content: Mapping[str, Any], sha256: str) -> tree.Section:
    """Who wrote and who approved it, and how anybody can check that it is what was approved."""
    source = Source(content, "", None, is_staff=True)
    frozen = content.get("frozen")
    if not frozen:
        told = (_("This is not final: figures and words may still change until it is approved."),)
        return tree.Section("end", _("End of the report"), told)
    rows = [
        cells(_("Written by"), content["written_by"], ""),
        cells(_("Approved by"), content["approved_by"], source.instant(content["approved_at"])),
        cells(_("Frozen by"), frozen["by"], source.instant(frozen["at"])),
    ]
    told = (
        _("The figures were computed from the records when the report was frozen and have not been changed "
          "since. Its number %(number)s, edition %(edition)s, leads to the rows behind each figure; the hash "
          "on the first page is over its whole content.")
        % {"number": content["report"], "edition": content["edition"]},
    )  # fmt: skip
    table = source.table(("", _("Name"), _("When")), rows, (30, 40, 30))
    return tree.Section("end", _("End of the report"), told, table)


MOST_CHANGES = 60


def _corrections(content: Mapping[str, Any]) -> tree.Section | None:
    """What is not as it was first published, each figure with before and after (RPT-12)."""
    if not content.get("changes"):
        return None
    source = Source(content, "", None, is_staff=True)
    rows = [
        cells(figure_words(change["figure"]), value_words(change["before"]), value_words(change["after"]))
        for change in content["changes"][:MOST_CHANGES]
    ]
    told = (
        _("Edition %(edition)s replaces the figures of the one before. Reason: %(reason)s")
        % {"edition": content["edition"], "reason": content["reason"]},
    )
    left = max(0, len(content["changes"]) - MOST_CHANGES)
    head = (_("Figure"), _("Before"), _("Now"))
    table = source.table(head, rows, (50, 25, 25), left_out=left)
    return tree.Section("corrections", _("Corrections"), told, table)


def figure_words(figure: list[str]) -> str:
    """Which figure it is: its section, and what it is of."""
    section = sections.registered().get(figure[0])
    name = str(section.label) if section else figure[0]
    rest = [part for part in figure[1:] if part not in ("parts", "targets", "all", "totals")]
    if figure[0] == "indicators" and rest:
        kpi = rest[0].split("/")[0]
        rest = [kpi, *(term(part) for part in rest[1:])]
    else:
        rest = [term(part) for part in rest]
    return " · ".join([name, *rest])


def term(part: str) -> str:
    """A word of a figure in the reader's language, as far as there is one."""
    if part in Metric.values:
        return str(Metric(part).label)
    known = {
        "value": _("figure"), "numerator": _("numerator"), "denominator": _("denominator"), "n": _("rows"),
        "met": _("kept"), "missed": _("missed"), "net": _("Net"), "gross": _("Gross"), "goal": _("Goal"),
        "reached": _("Result"), "opened": _("Opened"), "done": _("Done"), "open_at_end": _("open at the end"),
        "mean": _("Mean"), "asked": _("asked"), "answered": _("answered"), "count": _("number"),
        "points": _("Points"), "complaints": _("Complaints"),
    }  # fmt: skip
    return str(known.get(part, part))


def value_words(value: Any) -> str:
    if value is None:
        return _("no data")
    if value is True or value is False:
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return str(value.get("value", value.get("n", ""))) or _("a row")
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)
