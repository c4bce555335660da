"""What the builder offers: the choices for each part of a question, with what is chosen now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.access import Actor
from kpis.engine import Asked
from questions import layout, periods
from questions.content import DAYS, HOURS
from questions.subjects import base
from questions.subjects.base import MOST_OPTIONS, NONE, Dimension, Sort, Subject
from reports.period import Period

DEFAULT: Mapping[str, Any] = {
    "subject": "tickets", "at": "opened", "period": "last_30_days", "by": "priority", "across": "",
    "measure": "count", "chart": "bar", "filters": {},
}  # fmt: skip
LATEST = 5_000  # so many of the newest rows are looked through for the words people wrote


def fitted(data: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """The same without what its subject does not know: another subject may have been chosen just now."""
    allowed = base.subjects_for(actor)
    subject = next((each for each in allowed if each.key == data.get("subject")), allowed[0])
    known = {each.key for each in subject.dimensions}
    found = {**data, "subject": subject.key}
    for name in ("by", "across"):
        if found.get(name) not in known:
            found[name] = ""
    if not found["by"]:
        found["across"] = ""
    if subject.measure(str(found.get("measure", ""))) is None:
        found["measure"] = "count"
    if subject.instant(str(found.get("at", ""))) is None:
        found["at"] = subject.instants[0].key if subject.instants else ""
    if not subject.instants or (not found.get("period") and not subject.needs_period):
        found["period"] = periods.ALWAYS
    elif not found.get("period") or (subject.needs_period and found["period"] == periods.ALWAYS):
        found["period"] = "last_30_days"
    filters = found.get("filters") or {}
    found["filters"] = {key: values for key, values in filters.items() if key in known}
    return found


def context_of(
    data: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    *,
    add: str = "",
    failed: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything the builder's controls need. ``add`` is a dimension whose filter is opened just now."""
    subject = base.get(data["subject"]) or base.subjects()[0]
    filters: Mapping[str, Any] = data["filters"]
    offered = [each for each in subject.dimensions if each.narrows]
    shown = [each for each in offered if filters.get(each.key) or each.key == add]
    return {
        "data": data,
        "subject": subject,
        "subjects": [(each.key, str(each.label)) for each in base.subjects_for(actor)],
        "periods": [
            (key, str(words))
            for key, words in layout.PERIODS.items()
            if (subject.instants or key == periods.ALWAYS)
            and not (subject.needs_period and key == periods.ALWAYS)
        ],
        "is_fixed": data.get("period") == periods.FIXED,
        "instants": [(each.key, str(each.label)) for each in subject.instants],
        "groups": groups_of(subject),
        "measures": [(each.key, layout.measure_words(each)) for each in subject.measures],
        "charts": layout.chart_choices(),
        "filters": [
            {
                "key": layout.FILTER + each.key, "label": layout.label_of(each),
                "options": options(subject, each, tuple(filters.get(each.key, ())), actor, now),
                "is_new": each.key == add,
            }
            for each in shown
        ],
        "addable": [(each.key, layout.label_of(each)) for each in offered if each not in shown],
    }  # fmt: skip


def groups_of(subject: Subject) -> list[tuple[str, list[tuple[str, str]]]]:
    """What one may group by, under captions: what a row is, and when things happened to it."""
    facts = [(each.key, layout.label_of(each)) for each in subject.dimensions if not each.is_time]
    times = [
        (
            str(instant.label),
            [(each.key, layout.label_of(each)) for each in subject.dimensions if each.instant == instant],
        )
        for instant in subject.instants
    ]
    return [(_("What it is"), facts), *times]


def options(
    subject: Subject, dimension: Dimension, chosen: tuple[str, ...], actor: Actor, now: datetime
) -> list[dict[str, Any]]:
    """What a filter may be set to, in words; one query at most."""
    found = [*_offered(subject, dimension, actor, now)]
    known = {value for value, _words in found}
    if missing := [value for value in chosen if value not in known]:
        words = layout.labels(dimension, missing, actor)
        found += [(value, words.get(value, value)) for value in missing]
    return [{"value": f"={value}", "words": words, "is_chosen": value in chosen} for value, words in found]


def _offered(subject: Subject, dimension: Dimension, actor: Actor, now: datetime) -> list[tuple[str, str]]:
    lacks = dimension.column and base.may_lack(subject.model, dimension.column)
    none = [(NONE, str(_("none")))] if lacks else []
    match dimension.sort:
        case Sort.PICK:
            return [*((str(value), str(words)) for value, words in dimension.choices()), *none]
        case Sort.FLAG:
            return [("yes", _("yes")), ("no", _("no"))]
        case Sort.CYCLE:
            keys = HOURS if dimension.step == "hour" else DAYS
            words = layout.labels(dimension, keys, actor)
            return [(key, words[key]) for key in keys]
        case Sort.ROW:
            rows = dimension.rows(actor).distinct()[:MOST_OPTIONS] if dimension.rows else ()
            named = [(str(row.pk), str(getattr(row, "name", row))) for row in rows]
            return [*sorted(named, key=lambda pair: pair[1].lower()), *none]
        case _:
            return [*((word, word) for word in _written(subject, dimension, actor, now)), *none]


def _written(subject: Subject, dimension: Dimension, actor: Actor, now: datetime) -> list[str]:
    """The words people wrote there lately, those that stand there most often first."""
    day = now.date()
    rows = subject.rows(Asked(actor, Period(day, day, now.tzinfo), now))  # type: ignore[arg-type]
    if actor.scope is not None and not subject.is_shared:
        rows = rows.filter(**{f"{subject.customer}__in": actor.scope})
    counted: dict[str, int] = {}
    for word in rows.order_by("-pk").values_list(dimension.column, flat=True)[:LATEST]:
        counted[word] = counted.get(word, 0) + 1
    counted.pop("", None)
    return sorted(counted, key=lambda word: (-counted[word], word))[:MOST_OPTIONS]
