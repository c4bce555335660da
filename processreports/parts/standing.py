"""How the management system stands: points of all processes, and the reports themselves (RPT-09, RPT-11)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import in_reader_language
from kpis import engine, scores
from processreports import queries
from processreports.parts.indicators import asked_of
from processreports.sections import Ask, Facts, Section, Source
from servicereports import tree, words
from servicereports.tree import Cell, cells


def gather(ask: Ask) -> Facts:
    """What each process and role comes to, by the indicators that are weighed or confirmed."""
    found = scores.rows(asked_of(ask))
    totals: list[dict[str, Any]] = [
        {
            "id": f"{line.process.en}/{line.role.en if line.role else ''}",
            "process": line.process.label,
            "role": line.role.label if line.role else None,
            "points": None if line.points is None else str(line.points),
            "n": len(line.rows),
            "confirmed": sum(row.is_confirmed for row in line.rows),
        }
        for line in scores.totals(found)
    ]
    names = {line["process"]["en"] for line in totals}
    every = dict.fromkeys((kpi.entry.process.en, kpi.entry.process.zh) for kpi in engine.all_kpis())
    without = [{"en": en, "zh": zh} for en, zh in every if en not in names]
    figures = {"totals": [{"id": row["id"], "points": row["points"]} for row in totals]}
    return Facts(figures, {"totals": totals, "without": without})


def draw(source: Source) -> tree.Section:
    points = {row["id"]: row["points"] for row in source.figures.get("totals", ())}
    rows = []
    for row in source.context.get("totals", ()):
        is_process = row["role"] is None
        label = row["process"] if is_process else row["role"]
        name = in_reader_language(label["en"], label["zh"])
        value = points.get(row["id"])
        rows.append(
            cells(
                Cell(name if is_process else f"\u2003{name}", tone="strong" if is_process else ""),
                Cell(value or _("no data"), number=value),
                Cell(str(row["n"]), number=str(row["n"])),
                Cell(str(row["confirmed"]), number=str(row["confirmed"])),
            )
        )
    without = source.context.get("without", ())
    told = [_("Points from 0 to 100: the weighted mean of the indicators, less deductions.")]
    if rows and without:
        names = words.joined([in_reader_language(row["en"], row["zh"]) for row in without])
        told.append(_("Without points, because no indicator of theirs is weighed: %(names)s.") % {
            "names": names
        })  # fmt: skip
    head = (_("Process and role"), _("Points"), _("Indicators"), _("Confirmed"))
    note = "" if rows else _("No indicator has a weight and a goal yet: there are no points to tell.")
    table = source.table(head, rows, (55, 15, 15, 15), right=(1, 2, 3))
    return tree.Section("scores", _("Points of the processes"), tuple(told) if rows else (), table, note)


# --- the reports themselves --------------------------------------------------------------------------------


def gather_timeliness(ask: Ask) -> Facts:
    """Reports due in the period: sent in time, late, missing; and those that were corrected."""
    found = queries.punctuality(
        ask.period.first, ask.period.last, zone=ask.period.zone, customer=ask.definition.customer_id,
        now=ask.now,
    )  # fmt: skip
    rows = [{"id": str(row["id"]), **{name: row[name] for name in queries.SUMS}} for row in found]
    names = {str(row["id"]): row["name"] for row in found}
    # how it stood when it was computed: what is late now may be corrected tomorrow
    return Facts({}, {"rows": rows, "names": names})


def draw_timeliness(source: Source) -> tree.Section:
    names: Mapping[str, Any] = source.context.get("names", {})
    rows = [
        cells(
            in_reader_language(names[row["id"]]["en"], names[row["id"]]["zh"]),
            *(
                Cell(str(row[name]), number=str(row[name]), tone="bad" if row[name] and name in BAD else "")
                for name in queries.SUMS
            ),
        )
        for row in source.context.get("rows", ())
    ]
    head = (
        _("Report"), _("Due"), _("In time"), _("Late"), _("Missing"), _("Corrected"), _("Found faulty"),
    )  # fmt: skip
    table = source.table(head, rows, (34, 11, 11, 11, 11, 11, 11), right=(1, 2, 3, 4, 5, 6))
    note = "" if rows else _("No report was due in this period.")
    return tree.Section("timeliness", _("Reports: in time and accurate"), (), table, note)


BAD = frozenset({"late", "missing", "corrected", "faulty"})
SCORES = Section(
    "scores", gettext_lazy("Points of all processes"), draw, gather, is_for_customers=False,
    help=gettext_lazy("What each process and role comes to, for a report of the management system."),
)  # fmt: skip
TIMELINESS = Section(
    "timeliness", gettext_lazy("Reports: in time and accurate"), draw_timeliness, gather_timeliness,
    is_for_customers=False,
)  # fmt: skip
