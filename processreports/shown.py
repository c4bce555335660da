"""A report as its pages, files and API show it: its newest edition, or the figures as they are so far."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.services import system_actor
from processreports import content, freezing, lifecycle, queries
from processreports.document import document_of
from processreports.models import ProcessReport, QualityCheck, ReportDefinition, ReportEdition, State
from records import span_words, spans
from servicereports.document import LANGUAGES
from servicereports.files import file_of
from servicereports.tree import Document
from servicereports.zones import provider_zone

TONES = {
    lifecycle.DRAFTED: "accent",
    lifecycle.COMMENTED: "warn",
    lifecycle.APPROVED: "accent",
    lifecycle.PUBLISHED: "good",
    lifecycle.ISSUED: "good",
    lifecycle.CANCELLED: "quiet",
}
CHECKED = {"sound": "good", "remarks": "warn", "faulty": "bad"}
MOST = 120  # rows of a table on a page and on paper; the workbook has all


def today() -> date:
    """Today where the provider counts its days."""
    return timezone.localdate(timezone.now(), provider_zone())


def listed(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With what a row of a list shows: the day it was sent, how many editions, the last quality check."""
    checks = QualityCheck.objects.filter(edition__report=OuterRef("pk")).order_by("-checked_at", "-pk")
    found: QuerySet[Any] = (
        queries.facts_of(rows, provider_zone())
        .annotate(n_editions=Count("editions", distinct=True), verdict=Subquery(checks.values("verdict")[:1]))
        .defer("computed")
        .select_related("definition__customer", "customer", "assignee", "subject")
    )
    return found


def row_of(report: Any, today: date) -> dict[str, Any]:
    """A report as a row; of a list (``listed``) also how accurate it was."""
    verdict = getattr(report, "verdict", None)
    return {
        "report": report,
        "name": report.definition.name,
        "span": span_of(report),
        "state": State(report.state).label,
        "tone": TONES.get(report.state, "neutral"),
        "is_overdue": report.is_overdue(today),
        "is_late": is_late(report),
        "n_corrections": max(0, getattr(report, "n_editions", 0) - 1),
        "verdict": QualityCheck.Verdict(verdict).label if verdict else "",
        "verdict_tone": CHECKED.get(verdict or "", ""),
    }


def span_of(report: ProcessReport) -> str:
    """The name of its span, or the number of its event."""
    if report.subject_id:
        return str(report.subject.number) if report.subject else ""
    return span_words.words(spans.of(report.every, report.period_from, provider_zone()))


def is_late(report: ProcessReport) -> bool | None:
    """Whether it was sent after its day, as the provider counts days; None while it is not."""
    if report.published_at is None:
        return None
    return timezone.localdate(report.published_at, provider_zone()) > report.due_on


def edition_of(report: ProcessReport, number: str) -> ReportEdition | None:
    """The edition asked for by its number, the newest by default; 404 for one that is not there."""
    if not number:
        return freezing.newest(report)
    is_number = number.isascii() and number.isdigit() and len(number) < 5
    found = report.editions.defer("rows").filter(number=int(number)).first() if is_number else None
    if found is None:
        raise Http404(_("There is no such edition of this report."))
    return found


def content_for(report: ProcessReport, row: ReportEdition | None) -> Mapping[str, Any]:
    """What an edition holds, or of a report being made the content as it would be frozen now."""
    if row:
        return freezing.content_of(row)
    if not report.computed:
        raise Http404(_("This report has no figures."))
    at: datetime = report.computed_at or report.updated_at
    return freezing.whole(report, report.computed, number=0, actor=system_actor(), now=at)


def public(found: Mapping[str, Any]) -> dict[str, Any]:
    """What a customer reads of it as a program: without the hashes of rows that are the provider's own."""
    return {name: value for name, value in found.items() if name != "rows"}


def document(
    report: ProcessReport, row: ReportEdition | None, language: str, actor: Actor, *, most: int | None = MOST
) -> Document:
    """The document in a language, marked while it is not what was sent."""
    with translation.override(LANGUAGES.get(language, language)):
        mark = _mark(report, row)
    return document_of(
        content_for(report, row), language, mark=mark, sha256=row.sha256 if row else "", most=most,
        is_staff=actor.is_desk_side,
    )  # fmt: skip


def _mark(report: ProcessReport, row: ReportEdition | None) -> str:
    if report.state == lifecycle.CANCELLED:
        return _("Cancelled")
    if row is None:
        if not report.computed.get("span", {}).get("is_over", True) and not report.subject_id:
            return _("Draft: the period is not over yet")
        return _("Draft: figures and words may still change")
    if report.state == lifecycle.APPROVED:
        return _("Approved, not yet published")
    last = freezing.newest(report)
    if last and last.pk != row.pk:
        return _("Corrected since: edition %(number)s replaces these figures") % {"number": last.number}
    return ""


def preview(definition: ReportDefinition, day: date, language: str, *, now: datetime) -> Document:
    """How the report of the span a day lies in would look now; nothing is kept."""
    span = spans.of(definition.every, day, provider_zone())
    built = content.build(definition, span, now=now)
    with translation.override(LANGUAGES.get(language, language)):
        if span.end > now:
            mark = _("Preview: the period is not over yet, all figures still change")
        else:
            mark = _("Preview: nothing of this is kept")
    return document_of(built, language, mark=mark, most=MOST)


def file(
    report: ProcessReport, row: ReportEdition | None, language: str, form: str, actor: Actor
) -> HttpResponse:
    """The report as "pdf" or "xlsx", under a name that says what it is; access is the caller's affair."""
    made = document(report, row, language, actor, most=None if form == "xlsx" else MOST)
    dated = row.frozen_at if row else (report.computed_at or report.updated_at)
    return file_of(made, dated=dated, language=language, form=form)


# --- who was told ------------------------------------------------------------------------------------


def recipients_of(report: ProcessReport) -> list[dict[str, Any]]:
    """To whom it goes or went, and who has no address, in words; a customer nobody of whom is told."""
    return [
        {
            "person": person,
            "is_contact": person.organisation_id == report.definition.customer_id,
            "has_address": bool(person.email),
            "is_active": person.is_active,
        }
        for person in report.definition.recipients.order_by("display_name", "pk")
    ]


def tells_no_contact(definition: ReportDefinition) -> bool:
    """It appears in a portal and nobody there is told."""
    if not definition.in_portal:
        return False
    return not definition.recipients.filter(organisation=definition.customer_id, is_active=True).exists()
