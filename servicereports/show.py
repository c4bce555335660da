"""A report as its pages and files show it: the newest frozen content, or the figures as they are so far."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.services import system_actor
from actions.selfcheck import manager_of
from agreements.terms_words import REPORT_KINDS, WAYS
from reviews.inputs import zone_of_agreement
from servicereports import freezing, lifecycle, schedule
from servicereports.document import LANGUAGES, document_of
from servicereports.figures import Computed, versions_in
from servicereports.files import file_of
from servicereports.models import FrozenReport, Period, ServiceReport, State
from servicereports.tree import Document
from sla.models import Agreement
from sla.queries import agreements
from sla.terms_rows import terms_of

TONES = {
    lifecycle.DRAFTED: "accent",
    lifecycle.COMMENTED: "warn",
    lifecycle.APPROVED: "accent",
    lifecycle.PUBLISHED: "good",
    lifecycle.RESTATED: "good",
    lifecycle.CANCELLED: "quiet",
}
LABELS = (("zh", "中文"), ("en", "English"))
MOST = 200  # rows of a table on a page and on paper; the workbook has all


def row_of(report: ServiceReport, today: date) -> dict[str, Any]:
    """A report as a row of a list."""
    return {
        "report": report,
        "kind": report.kind_label,
        "state": State(report.state).label,
        "tone": TONES.get(report.state, "neutral"),
        "is_overdue": report.is_overdue(today),
        "is_late": is_late(report),
    }


def is_late(report: ServiceReport) -> bool | None:
    """Whether it was published after its day, as the provider counts days; None while it is not."""
    if report.published_at is None:
        return None
    return timezone.localdate(report.published_at) > report.due_on


def frozen_of(report: ServiceReport, number: str) -> FrozenReport | None:
    """The frozen row asked for by its number, the newest by default; 404 for one that is not there."""
    if not number:
        return freezing.newest(report)
    rows = report.frozen.filter(number=int(number)) if number.isascii() and number.isdigit() else None
    found = rows.first() if rows is not None and len(number) < 5 else None
    if found is None:
        raise Http404(_("There is no such edition of this report."))
    return found


def content_of(report: ServiceReport, row: FrozenReport | None) -> Mapping[str, Any]:
    """What a frozen row holds, or of a report being made the content as it would be frozen now."""
    if row:
        return freezing.content(row)
    if not report.computed:
        raise Http404(_("This report has no figures."))
    at: datetime = report.computed_at or report.updated_at
    return freezing.content_of(
        report, Computed(**report.computed), number=0, actor=system_actor(), now=at
    )  # fmt: skip


def document(
    report: ServiceReport, row: FrozenReport | None, language: str, *, most: int | None = MOST
) -> Document:
    """The document in a language, marked while it is not what was published."""
    with translation.override(LANGUAGES.get(language, language)):
        mark = _mark(report, row)
    content = content_of(report, row)
    return document_of(content, language, mark=mark, sha256=row.sha256 if row else "", most=most)


def _mark(report: ServiceReport, row: FrozenReport | None) -> str:
    if report.state == lifecycle.CANCELLED:
        return _("Cancelled")
    if row is None:
        return _("Draft: figures and words may still change")
    if report.state == lifecycle.APPROVED:
        return _("Approved, not yet published")
    last = freezing.newest(report)
    if last and last.pk != row.pk:
        return _("Corrected since: edition %(number)s replaces these figures") % {"number": last.number}
    return ""


# --- files -------------------------------------------------------------------------------------------


def language_of(asked: str) -> str:
    """Either "zh" or "en" as asked for, else the reader's."""
    if asked in LANGUAGES:
        return asked
    return "zh" if (translation.get_language() or "").startswith("zh") else "en"


def file(report: ServiceReport, row: FrozenReport | None, language: str, form: str) -> HttpResponse:
    """The report as "pdf" or "xlsx", under a name that says what it is; access is the caller's affair."""
    made = document(report, row, language, most=None if form == "xlsx" else MOST)
    dated = row.frozen_at if row else (report.computed_at or report.updated_at)
    return file_of(made, dated=dated, language=language, form=form)


# --- the schedule ----------------------------------------------------------------------------------------


def schedule_rows(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """What agreements in force ask for: the report of the running period, its writer and its day."""
    known = agreements(actor).filter(kind=Agreement.Kind.SLA, customer__is_active=True)
    found = []
    for agreement in known.select_related("customer").order_by("name_en", "pk"):
        versions = versions_in(agreement, now, now + timedelta(seconds=1))
        today = timezone.localdate(now, zone_of_agreement(agreement))
        for term in terms_of(versions[-1]).reports if versions else ():
            first, last = schedule.span_of(today, term.period)
            found.append(
                {
                    "agreement": agreement,
                    "kind": REPORT_KINDS.get(term.kind, term.kind),
                    "period": Period(term.period).label,
                    "first": first,
                    "last": last,
                    "due_on": schedule.due_on(last, term.due_day),
                    "writer": manager_of(agreement.customer_id),
                    "submitter": term.submitter,
                    "way": WAYS.get(term.way, term.way),
                }
            )
    return sorted(found, key=lambda row: (row["due_on"], row["agreement"].name_en))
