"""A relationship report as content that is kept when it is approved, and as the document its readers see."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import in_reader_language
from actions.models import Action
from customers.models import Complaint, Visit
from customers.models.complaints import State as ComplaintState
from customers.models.profiles import CustomerClass, Grade
from reports.figures import percent
from servicereports import chart, words
from servicereports.document import LANGUAGES
from servicereports.relations.models import RelationReport, Span
from servicereports.tree import NONE, Cell, Document, Headline, Section, Table, cells
from sla.models import Metric

# what we do because of the customer and with its knowledge
AGREED = frozenset({Action.Source.BREACH.value, Action.Source.REVIEW.value, Action.Source.IMPROVEMENT.value})


def of(report: RelationReport) -> dict[str, Any]:
    """All it says, of the reader's language nothing."""
    return {
        "number": report.number,
        "customer": {
            "code": report.of.code,
            "en": report.of.name_en,
            "zh": report.of.name_zh or report.of.name_en,
        },
        "is_of_all": report.is_of_all,
        "period": {
            "kind": report.period,
            "from": report.period_from.isoformat(),
            "until": report.period_until.isoformat(),
        },
        "approved_by": report.approved_by.display_name if report.approved_by else "",
        "words": {"en": report.words_en, "zh": report.words_zh},
        "figures": report.computed,
    }  # fmt: skip


def public(found: Mapping[str, Any]) -> dict[str, Any]:
    """What the customer reads of it: without our view of it, what colleagues said, and our own work."""
    figures = dict(found["figures"])
    standing = figures.get("standing") or {}
    figures["standing"] = {"manager": standing.get("manager", "")}
    figures["complaints"] = {**figures["complaints"], "rows": []}
    figures["visits"] = [{**row, "findings": ""} for row in figures["visits"]]
    figures["actions"] = [{**row, "responsible": ""} for row in figures["actions"] if row["source"] in AGREED]
    figures.pop("customers", None)
    return {**found, "figures": figures}


def document_of(found: Mapping[str, Any], language: str, *, mark: str = "", sha256: str = "") -> Document:
    """The document in "zh" or "en", of the whole content or of what is public of it."""
    with translation.override(LANGUAGES.get(language, language)):
        figures, span = found["figures"], found["period"]
        name = in_reader_language(found["customer"]["en"], found["customer"]["zh"])
        facts = [
            (_("Number"), found["number"]),
            (_("Customer"), _("All customers") if found["is_of_all"] else name),
            (_("Period"), f"{words.day(span['from'])} – {words.day(span['until'])}"),
            *_standing(figures.get("standing")),
            (_("Approved by"), found["approved_by"]),
            (_("Hash (SHA-256)"), sha256),
        ]
        sections = [
            _appraisal(found), _satisfaction(figures["satisfaction"], span["kind"]),
            _complaints(figures["complaints"]), _contacts(figures), _attainment(figures["attainment"]),
            _customers(figures.get("customers")), _actions(figures["actions"]),
        ]  # fmt: skip
        return Document(
            language="zh" if language.startswith("zh") else "en",
            number=found["number"],
            kind=_("Relationship report"),
            title=_("All customers") if found["is_of_all"] else name,
            period=f"{Span(span['kind']).label} {words.period(span['from'], span['until'])}",
            mark=mark,
            facts=tuple((label, value) for label, value in facts if value),
            headlines=_headlines(figures),
            sections=tuple(each for each in sections if each),
            author=found["approved_by"],
            footer=mark or f"{found['number']} · {sha256[:16]}",
        )


def _standing(standing: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    if not standing:
        return []
    found = [(_("Account manager"), standing["manager"])]
    if "grade" in standing:
        grade, kind = standing["grade"], standing["customer_class"]
        found += [
            (_("Grade at the end of the period"), str(Grade(grade).label) if grade else NONE),
            (_("Class"), str(CustomerClass(kind).label) if kind else NONE),
        ]
    return found


def _score(text: str | None) -> str:
    return _("%(n)s of 5") % {"n": text} if text else NONE


def _share(hits: int, total: int) -> str:
    found = percent(hits, total - hits)
    return words.percent(None if found is None else str(found))


def _headlines(figures: Mapping[str, Any]) -> tuple[Headline, ...]:
    asked, said, calls = figures["satisfaction"], figures["complaints"], figures["callbacks"]
    kept = sum(row["met"] for row in figures["attainment"])
    decided = kept + sum(row["missed"] for row in figures["attainment"])
    rate = _("%(rate)s answered") % {"rate": words.percent(asked["rate"])}
    return (
        Headline(_("Satisfaction"), _score(asked["mean"]), rate),
        Headline(
            _("Complaints"), str(said["received"]), _("%(n)s valid") % {"n": said["valid"]},
        ),
        Headline(_("Answered in time"), _share(said["in_time"], said["decided"])),
        Headline(_("Callback rate"), _share(calls["made"], calls["due"])),
        Headline(_("Promises kept"), _share(kept, decided), _("of %(n)s") % {"n": decided}),
    )  # fmt: skip


def _appraisal(found: Mapping[str, Any]) -> Section:
    own = in_reader_language(found["words"]["en"], found["words"]["zh"])
    lines = tuple(line for line in own.splitlines() if line.strip())
    return Section("appraisal", _("Appraisal"), lines, (), "" if lines else _("Nothing is written yet."))


def _satisfaction(asked: Mapping[str, Any], kind: str) -> Section:
    rows = tuple(
        cells(
            words.period(row["id"], row["until"]), str(row["asked"]), str(row["answered"]),
            words.percent(row["rate"]), _score(row["mean"]), words.percent(row["satisfied"]),
        )
        for row in asked["trend"]
    )  # fmt: skip
    head = (
        str(Span(kind).label).capitalize(), pgettext("survey", "Asked"), pgettext("survey", "Answered"),
        _("Response rate"), _("Mean"), _("Satisfied"),
    )  # fmt: skip
    points = [
        chart.Point(row["id"][2:7], Decimal(row["satisfied"]) if row["satisfied"] else None,
                    Decimal(row["rate"]) if row["rate"] else None)
        for row in asked["trend"]
    ]  # fmt: skip
    drawn = chart.trend(points, net=_("Satisfied, %"), gross=_("Response rate, %"))
    told = ", ".join(f"{row['id'][:7]}: {words.percent(row['satisfied'])}" for row in asked["trend"])
    return Section(
        "satisfaction", _("Satisfaction"), (_("No answer stays no answer: it is in no mean."),),
        (Table(head, rows, (28, 12, 13, 16, 15, 16), (1, 2, 3, 4, 5)),),
        "" if drawn else _("Nobody was asked in these periods."), drawn, told,
    )  # fmt: skip


def _complaints(said: Mapping[str, Any]) -> Section:
    verdicts = {True: _("valid"), False: _("not valid"), None: _("not judged yet")}
    times = {True: _("in time"), False: _("late"), None: _("not answered yet")}
    rows = tuple(
        cells(
            Cell(row["id"], sub=row["title"], record=row["id"], is_internal=True),
            verdicts[row["valid"]],
            Cell(times[row["in_time"]], tone=words.tone(row["in_time"])),
            str(ComplaintState(row["state"]).label),
        )
        for row in said["rows"]
    )
    told = _(
        "%(received)s complaints were received: %(valid)s valid, %(invalid)s not valid, %(unjudged)s not "
        "judged yet. %(in_time)s of %(decided)s due answers were given in time."
    ) % {name: said[name] for name in ("received", "valid", "invalid", "unjudged", "in_time", "decided")}
    head = (str(Complaint._meta.verbose_name).capitalize(), _("Judgement"), _("Answer"), _("State"))
    tables = (Table(head, rows, (46, 18, 18, 18)),) if rows else ()
    return Section("complaints", _("Complaints"), (told,), tables)


def _contacts(figures: Mapping[str, Any]) -> Section:
    calls = figures["callbacks"]
    told = (
        _("Callbacks: %(made)s of %(due)s due calls were made, %(missed)s people were not reached.") % calls
    )
    rows = tuple(
        cells(
            words.day(row["held"] or row["planned"]),
            in_reader_language(row["customer"]["en"], row["customer"]["zh"]),
            Cell(row["purpose"], sub=row["findings"]),
            row["visitor"],
            str(Visit.State(row["state"]).label),
        )
        for row in figures["visits"]
    )
    head = (
        pgettext("customer visit", "Day"), _("Customer"), pgettext("customer visit", "Visit"), _("Visitor"),
        _("State"),
    )  # fmt: skip
    tables = (Table(head, rows, (16, 18, 40, 13, 13)),) if rows else ()
    return Section(
        "contacts", _("Callbacks and visits"), (told,), tables,
        "" if rows else _("No visit was planned or held in this period."),
    )  # fmt: skip


def _attainment(kept: list[Mapping[str, Any]]) -> Section:
    rows = tuple(
        cells(
            str(Metric(row["id"]).label), words.percent(row["goal"]), str(row["met"] + row["missed"]),
            str(row["missed"]), Cell(words.percent(row["net"]), tone=words.tone(row["reached"])),
            words.percent(row["gross"]),
        )
        for row in kept
    )  # fmt: skip
    head = (_("Target"), _("Goal"), _("Judged"), _("Misses"), _("Net"), _("Gross"))
    tables = (Table(head, rows, (30, 14, 14, 14, 14, 14), (1, 2, 3, 4, 5)),) if rows else ()
    return Section(
        "attainment", _("Service levels kept"), (), tables,
        "" if rows else _("No promise on a ticket fell due in the period."),
    )  # fmt: skip


def _customers(rows: list[Mapping[str, Any]] | None) -> Section | None:
    """All of them side by side; only in the report over all."""
    if rows is None:
        return None
    lines = tuple(
        cells(
            Cell(
                in_reader_language(row["name"]["en"], row["name"]["zh"]),
                sub=str(Grade(row["grade"]).label) if row["grade"] else "",
            ),
            Cell(_score(row["mean"]), sub=words.percent(row["rate"])),
            str(row["complaints"]),
            _share(row["in_time"], row["decided"]),
            _share(row["met"], row["met"] + row["missed"]),
            str(row["visits"]),
        )
        for row in rows
    )
    head = (
        _("Customer"), _("Satisfaction, response rate"), _("Complaints"), _("In time"), _("Promises kept"),
        _("Visits"),
    )  # fmt: skip
    table = Table(head, lines, (30, 20, 13, 13, 13, 11), (1, 2, 3, 4, 5))
    return Section("customers", _("Customer by customer"), (), (table,) if lines else ())


def _actions(found: list[Mapping[str, Any]]) -> Section:
    rows = tuple(
        cells(
            Cell(row["id"], sub=row["title"], record=row["id"], is_internal=True),
            row["responsible"] or NONE,
            Cell(words.day(row["due"]), tone="bad" if row["is_late"] else ""),
            words.action_state(row["state"]),
        )
        for row in found
    )
    head = (_("Action"), _("Responsible"), _("Due"), _("State"))
    tables = (Table(head, rows, (46, 18, 18, 18)),) if rows else ()
    note = "" if rows else _("No action is open.")
    return Section("actions", _("Open actions"), (), tables, note)
