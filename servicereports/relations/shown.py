"""A relationship report as its pages, files and API show it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.access import Actor
from servicereports import keeping
from servicereports.document import LANGUAGES
from servicereports.files import file_of
from servicereports.models import KeptContent
from servicereports.relations import content, lifecycle
from servicereports.relations.models import RelationReport, State
from servicereports.tree import Document

TONES = {
    lifecycle.DRAFTED: "accent",
    lifecycle.APPROVED: "warn",
    lifecycle.SHOWN: "good",
    lifecycle.CANCELLED: "quiet",
}


def row_of(report: RelationReport) -> dict[str, Any]:
    return {"report": report, "state": State(report.state).label, "tone": TONES.get(report.state, "neutral")}


def kept_of(report: RelationReport) -> KeptContent | None:
    return keeping.newest(report) if report.state in lifecycle.FROZEN else None


def content_for(report: RelationReport, actor: Actor) -> Mapping[str, Any]:
    """What was approved, or how a draft stands; for customers what is theirs to read."""
    kept = kept_of(report)
    found = keeping.content_of(kept) if kept else content.of(report)
    return found if actor.is_desk_side else content.public(found)


def document(report: RelationReport, actor: Actor, language: str) -> Document:
    kept = kept_of(report)
    with translation.override(LANGUAGES.get(language, language)):
        mark = _mark(report)
    found = content_for(report, actor)
    # the hash is of the whole, which only the provider's people read
    sha256 = kept.sha256 if kept and actor.is_desk_side else ""
    return content.document_of(found, language, mark=mark, sha256=sha256)


def _mark(report: RelationReport) -> str:
    if report.state == lifecycle.CANCELLED:
        return _("Cancelled")
    if report.state == lifecycle.DRAFTED:
        return _("Draft: figures and words may still change")
    return "" if report.state == lifecycle.SHOWN else _("Approved, not yet shown to the customer")


def file(report: RelationReport, actor: Actor, language: str, form: str) -> HttpResponse:
    """The report as "pdf" or "xlsx"."""
    kept = kept_of(report)
    dated = kept.kept_at if kept else report.computed_at
    return file_of(document(report, actor, language), dated=dated, language=language, form=form)
