"""What was missed: why, who answers for it, and each ticket (RPT-05)."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from processreports.sections import Ask, Facts, Section, Source
from reports.figures import breach_reasons, breaches
from servicereports import tree, words
from servicereports.attained import instant
from servicereports.tree import Cell, cells
from sla.models import Metric

LISTED = 200
"""So many are listed one by one, the latest; the counts are of all."""


def gather(ask: Ask) -> Facts:
    found = breaches(ask.question)
    rows = found.select_related("clock__record", "agreement")[:LISTED]
    counted = breach_reasons(ask.question)
    reasons = [{"id": reason, "count": count} for reason, count in counted]
    figures = {"reasons": reasons, "count": sum(count for _reason, count in counted)}
    listed: list[dict[str, Any]] = [
        {
            "id": str(row.pk), "number": row.clock.record.number, "metric": row.clock.metric,
            "at": instant(row.at), "reason": row.reason, "note": row.note,
            "accountable": row.agreement.kind if row.agreement else "",
            "title": row.clock.record.title,
        }
        for row in rows
    ]  # fmt: skip
    keys = sorted(found.order_by().values_list("pk", flat=True))
    return Facts(figures, {"rows": listed}, {"all": keys})


def draw(source: Source) -> tree.Section:
    count = source.figures.get("count", 0)
    reasons = [
        cells(words.reason(row["id"]), Cell(str(row["count"]), number=str(row["count"])))
        for row in source.figures.get("reasons", ())
    ]
    listed = source.context.get("rows", ())
    rows = [
        cells(
            Cell(row["number"], sub=row["title"], record=row["number"]),
            str(Metric(row["metric"]).label),
            source.instant(row["at"]),
            Cell(words.reason(row["reason"]), sub=row["note"]),
            Cell(words.accountable(row["accountable"])),
        )
        for row in listed
    ]
    head = (_("Ticket"), _("Target"), _("Missed at"), _("Reason"), _("Who answers for it"))
    tables = (
        *source.table((_("Reason"), _("Misses")), reasons, (75, 25), right=(1,)),
        *source.table(head, rows, (30, 16, 17, 22, 15), left_out=max(0, count - len(listed))),
    )
    note = "" if count else _("No target was missed in this period.")
    return tree.Section("misses", _("Missed targets and why"), (), tables, note)


MISSES = Section("misses", gettext_lazy("Missed targets with their reasons"), draw, gather)
