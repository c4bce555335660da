"""A restatement in words: which figure changed from what to what, and because of which tickets."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from servicereports import words
from servicereports.sections import Source
from servicereports.tree import NONE, Cell, Section, cells

PARTS: Mapping[str, Any] = {
    "attainment": gettext_lazy("Targets against what was kept"),
    "misses": gettext_lazy("Missed targets"),
    "reasons": gettext_lazy("Reasons of misses"),
    "exclusions": gettext_lazy("What does not count"),
    "workload": gettext_lazy("Workload"),
    "limits": gettext_lazy("Workload limit"),
    "measures": gettext_lazy("Availability and other measures"),
    "interruptions": gettext_lazy("Planned interruptions"),
    "outages": gettext_lazy("Outages"),
    "credits": gettext_lazy("Service credits"),
    "rewards": gettext_lazy("Rewards"),
}
FIELDS: Mapping[str, Any] = {
    "met": gettext_lazy("kept"),
    "missed": gettext_lazy("missed"),
    "excluded_met": gettext_lazy("kept, not counted"),
    "excluded_missed": gettext_lazy("missed, not counted"),
    "net": gettext_lazy("net attainment"),
    "gross": gettext_lazy("gross attainment"),
    "reached": gettext_lazy("goal reached"),
    "goal": gettext_lazy("goal"),
    "opened": gettext_lazy("tickets opened"),
    "done": gettext_lazy("tickets done"),
    "open_at_end": gettext_lazy("open at the end of the period"),
    "reason": gettext_lazy("reason"),
    "note": gettext_lazy("explanation"),
    "no_action": gettext_lazy("why no action is needed"),
    "accountable": gettext_lazy("who answers for it"),
    "team": gettext_lazy("team"),
    "missed_at": gettext_lazy("missed at"),
    "evidence": gettext_lazy("evidence"),
    "count": gettext_lazy("misses"),
    "actual": gettext_lazy("actual"),
    "kept": gettext_lazy("kept"),
    "percent": gettext_lazy("credit"),
    "amount": gettext_lazy("sum"),
    "until": gettext_lazy("until"),
    "from": gettext_lazy("from"),
    "down_seconds": gettext_lazy("time not available, seconds"),
    "agreed_seconds": gettext_lazy("time agreed, seconds"),
}


def section(source: Source) -> Section | None:
    """The corrections of a restated report; None for the first row and for a draft."""
    changes: Sequence[Mapping[str, Any]] = source.content["changes"]
    if not changes:
        return None
    frozen = source.content["frozen"]
    said = _("%(person)s corrected these figures %(at)s: %(reason)s") % {
        "person": frozen["by"], "at": source.words.instant(frozen["at"]),
        "reason": source.content.get("reason", ""),
    }  # fmt: skip
    return Section("corrections", _("Corrections"), (said,), table(source, changes))


def table(source: Source, changes: Sequence[Mapping[str, Any]]) -> Any:
    """The figures that changed, as rows: figure, before, after, tickets."""
    rows = [
        cells(
            figure(source, change["figure"]),
            _value(source, change["figure"], change["before"]),
            _value(source, change["figure"], change["after"]),
            Cell(words.joined(list(change["records"]))),
        )
        for change in changes
    ]
    head = (_("Figure"), _("Before"), _("After"), _("Because of"))
    return source.table(head, rows, (46, 16, 16, 22))


def figure(source: Source, path: Sequence[str]) -> str:
    """ "Targets against what was kept · Resolution · Critical · net attainment"."""
    part, *rest = path
    found = [str(PARTS.get(part, part))]
    if part == "attainment" and rest[:1] == ["all"]:
        found.append(_("all targets"))
    elif len(rest) > (part == "attainment") and part not in ("workload", "credits", "rewards"):
        found.append(_row(source, part, rest[1] if part == "attainment" else rest[0]))
    if path[-1] in FIELDS and len(path) > 1:
        is_reward = (part, path[-1]) == ("rewards", "percent")
        found.append(_("reward") if is_reward else str(FIELDS[path[-1]]))
    return " · ".join(each for each in found if each)


def _row(source: Source, part: str, key: str) -> str:
    if part == "attainment":
        return source.words.target_of(key)
    rows = {row["id"]: row for row in source.figures[part]}
    if part == "reasons":
        return words.reason(key)
    if key not in rows:
        return ""
    row = rows[key]
    if part in ("measures", "limits"):
        return source.words.measure(row)
    if part in ("misses", "exclusions"):
        return f"{row['number']} · {source.words.target_of(row['target'])}"
    if part == "outages":
        return source.words.service(row["service"])
    return source.words.services(row["services"]) if part == "interruptions" else ""


CODES: Mapping[str, Callable[[Any], str]] = {
    "reason": words.reason,
    "accountable": words.accountable,
    "net": words.percent,
    "gross": words.percent,
    "goal": words.percent,
}


def _value(source: Source, path: Sequence[str], value: Any) -> str:
    """A figure in words; a row that came or went is told as such."""
    field = path[-1]
    if isinstance(value, Mapping | list):
        return _("listed")
    if value is None:
        return NONE
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field == "reason" and path[0] != "misses":
        return words.exclusion(str(value))
    if field in CODES:
        return CODES[field](value)
    if field in ("missed_at", "from", "until", "decided_at"):
        return source.words.instant(str(value))
    return str(value)
