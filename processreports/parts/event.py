"""One event: what it was, when what happened, and what became of it (RPT-04)."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import in_reader_language
from itsm.templatetags.ui import duration
from majors.models import Major
from processreports.content_words import kind_words, state_words
from processreports.sections import Ask, Facts, Section, Source
from records import verbs
from records.log import bilingual
from records.models import Activity, Link, Priority, Record
from servicereports import tree, words
from servicereports.attained import instant
from servicereports.tree import Cell, cells
from sla.models import Clock, Metric

MOST = 120
PRIVATE = ("record.noted", "record.undelivered")


def gather(ask: Ask) -> Facts:
    """Facts of the record, its course as the log tells it, its targets, and what it is linked to."""
    subject = ask.subject
    if subject is None:
        return Facts()
    figures: dict[str, Any] = {
        "opened": instant(subject.opened_at),
        "done": instant(subject.done_at) if subject.done_at else None,
        "seconds": int((subject.done_at - subject.opened_at).total_seconds()) if subject.done_at else None,
        "priority": subject.priority,
    }
    context: dict[str, Any] = {
        "state": state_words(subject),
        "service": _service(subject),
        "course": _course(subject, is_public=ask.definition.in_portal),
        "targets": _targets(subject),
        "linked": [] if ask.definition.in_portal else _linked(subject),
        "major": None if ask.definition.in_portal else _major(subject),
    }
    return Facts(figures, context, {"subject": [subject.pk]})


def _service(subject: Record) -> dict[str, str] | None:
    row = subject.service
    return None if row is None else {"en": row.name_en, "zh": row.name_zh or row.name_en}


def _course(subject: Record, *, is_public: bool) -> list[dict[str, Any]]:
    """What happened, in both languages; internal notes stay where they are."""
    rows = Activity.objects.filter(record=subject.pk).exclude(verb__in=PRIVATE)
    rows = rows.filter(is_public=True) if is_public else rows
    found: list[dict[str, Any]] = []
    for row in rows.select_related("actor").order_by("at", "pk")[: MOST * 3]:
        if verbs.verb_of(row.verb).is_mechanical or len(found) == MOST:
            continue
        found.append(
            {
                "id": str(row.pk), "at": instant(row.at), "who": row.actor.display_name,
                **_both(lambda row=row: verbs.sentence(row.verb, row.data)),
            }
        )  # fmt: skip
    return found


def _both(say: Any) -> dict[str, str]:
    found = {}
    for name, code in (("en", "en"), ("zh", "zh-hans")):
        with translation.override(code):
            found[name] = str(say())
    return found


def _targets(subject: Record) -> list[dict[str, Any]]:
    rows = Clock.objects.filter(record=subject.pk, waived_at=None).order_by("due_at", "pk")
    return [
        {
            "id": str(row.pk), "metric": row.metric, "due": instant(row.due_at) if row.due_at else None,
            "missed": instant(row.breached_at) if row.breached_at else None,
            "is_decided": row.decided_at is not None,
        }
        for row in rows
    ]  # fmt: skip


def _linked(subject: Record) -> list[dict[str, Any]]:
    found = {}
    for link in Link.objects.filter(source=subject.pk).select_related("target").order_by("pk"):
        found[link.target.number] = link.target
    for link in Link.objects.filter(target=subject.pk).select_related("source").order_by("pk"):
        found[link.source.number] = link.source
    return [
        {"id": number, "title": row.title, "kind": kind_words(row.kind), "state": state_words(row)}
        for number, row in found.items()
    ]


def _major(subject: Record) -> dict[str, Any] | None:
    row = Major.objects.filter(pk=subject.pk).first() or Major.objects.filter(cause=subject.pk).first()
    if row is None:
        return None
    return {
        "number": row.number, "severity": bilingual(Major.Severity(row.severity).label),
        "reason": row.reason, "causes": row.causes, "course": row.course, "lessons": row.lessons,
        "customers": row.customers.count(),
    }  # fmt: skip


# --- drawn -------------------------------------------------------------------------------------------


def draw(source: Source) -> tree.Section:
    figures, context, subject = source.figures, source.context, source.content["subject"]
    if not figures or subject is None:
        return tree.Section("event", _("The event"), note=_("This report is not about one event."))
    pairs = [
        (in_reader_language(subject["word"]["en"], subject["word"]["zh"]),
         Cell(subject["number"], sub=subject["title"], record=subject["number"])),
        (_("State"), Cell(in_reader_language(context["state"]["en"], context["state"]["zh"]))),
        (_("Priority"), Cell(str(Priority(figures["priority"]).label))),
        (_("Opened"), Cell(source.instant(figures["opened"]))),
        (_("Done"), Cell(source.instant(figures["done"]) if figures["done"] else _("not yet"))),
    ]  # fmt: skip
    if context["service"]:
        pairs.append((_("Service"), Cell(in_reader_language(**context["service"]))))
    if figures["seconds"] is not None:
        pairs.append((_("Lasted"), Cell(duration(figures["seconds"]))))
    rows = [cells(label, value) for label, value in pairs]
    return tree.Section(
        "event", _("The event"), _told(context["major"]),
        (
            *source.table((_("Fact"), _("Value")), rows, (28, 72)),
            *source.table(
                (_("Target"), _("Due"), _("Result")), [_target(source, row) for row in context["targets"]],
                (40, 30, 30), title=_("Targets"),
            ),
            *source.table(
                (_("When"), _("Who"), _("What happened")),
                [cells(source.instant(row["at"]), row["who"], in_reader_language(row["en"], row["zh"]))
                 for row in context["course"]],
                (24, 20, 56), title=_("Course of events"),
            ),
            *source.table(
                (_("Linked record"), _("Kind"), _("State")),
                [_link(row) for row in context["linked"]], (52, 24, 24), title=_("Connected with it"),
            ),
        ),
    )  # fmt: skip


def _told(major: Any) -> tuple[str, ...]:
    """What the review of a major incident says."""
    if not major:
        return ()
    found = [
        _("Major incident %(number)s: %(severity)s.") % {
            "number": major["number"],
            "severity": in_reader_language(major["severity"]["en"], major["severity"]["zh"]),
        }
    ]  # fmt: skip
    labels = (("reason", _("Why it is one")), ("causes", _("Causes")), ("course", _("Time line")),
              ("lessons", _("Lessons")))  # fmt: skip
    found += [
        _("%(label)s: %(words)s") % {"label": label, "words": major[name]}
        for name, label in labels
        if major[name]
    ]
    if not major["causes"]:
        found.append(_("Its causes are not written yet: the review is not done."))
    return tuple(found)


def _target(source: Source, row: Any) -> tuple[Cell, ...]:
    if row["missed"]:
        result = Cell(_("missed at %(at)s") % {"at": source.instant(row["missed"])}, tone="bad")
    elif row["is_decided"]:
        result = Cell(_("kept"), tone="good")
    else:
        result = Cell(_("not decided yet"))
    return cells(str(Metric(row["metric"]).label), source.instant(row["due"]), result)


def _link(row: Any) -> tuple[Cell, ...]:
    return cells(
        Cell(row["id"], sub=row["title"], record=row["id"], is_internal=True),
        words.named(row["kind"], ""), words.named(row["state"], ""),
    )  # fmt: skip


EVENT = Section("event", gettext_lazy("The event and its course"), draw, gather, is_for_events=True)
