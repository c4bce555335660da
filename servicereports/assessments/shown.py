"""A self-assessment as its pages, file and API show it."""

from collections.abc import Mapping
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from servicereports import keeping
from servicereports.assessments import content, lifecycle
from servicereports.assessments.indicators import MEASURES, reached
from servicereports.assessments.models import Assessment, State
from servicereports.document import LANGUAGES
from servicereports.models import KeptContent
from servicereports.tree import Document
from servicereports.words import tone

TONES = {
    lifecycle.DRAFT: "accent",
    lifecycle.SUBMITTED: "warn",
    lifecycle.RETURNED: "bad",
    lifecycle.ACCEPTED: "good",
}


def row_of(row: Assessment) -> dict[str, Any]:
    return {"assessment": row, "state": State(row.state).label, "tone": TONES.get(row.state, "neutral")}


def kept_of(row: Assessment) -> KeptContent | None:
    """What was submitted last; None while it is written, also after it was returned."""
    return None if row.state in lifecycle.OPEN else keeping.newest(row)


def document(row: Assessment, language: str) -> Document:
    """What was submitted, or while it is written how it stands now."""
    kept = kept_of(row)
    with translation.override(LANGUAGES.get(language, language)):
        mark = "" if kept else _("Draft: figures and words may still change")
        answered = _("%(person)s, as recorded by %(recorder)s") if row.answer_recorded_by else "%(person)s"
        by = row.answer_recorded_by.name if row.answer_recorded_by else ""
        answered %= {"person": row.answered_by, "recorder": by}
    found = keeping.content_of(kept) if kept else content.of(row)
    return content.document_of(
        found, language, mark=mark, sha256=kept.sha256 if kept else "", opinion=row.opinion,
        answered=answered if row.opinion else "",
    )  # fmt: skip


def judgements(row: Assessment, said: Mapping[str, tuple[str, str]] | None = None) -> list[dict[str, Any]]:
    """The indicators as the form shows them, with what was entered where it was refused."""
    found = []
    for each in row.judgements.all():
        verdict, remarks = (said or {}).get(each.indicator, (each.verdict, each.remarks))
        found.append(
            {
                "code": each.indicator,
                "label": each.get_indicator_display(),
                "help": MEASURES[each.indicator].help,
                "goal": content.goal_words(each.indicator, str(each.goal)),
                "figure": content.figure_words(each.indicator, each.figure),
                "tone": tone(reached(each.indicator, each.figure, each.goal)),
                "verdict": verdict,
                "remarks": remarks,
            }
        )
    return found
