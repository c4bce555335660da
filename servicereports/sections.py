"""What a report says of the targets: attainment, trend, misses and what is done about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import in_reader_language
from servicereports import chart, words
from servicereports.tree import NONE, Cell, Section, Table, cells, cut
from servicereports.words import Words


@dataclass(frozen=True)
class Source:
    """A report's content with its words; ``most`` rows of a table are shown, None: all of them."""

    content: Mapping[str, Any]
    words: Words
    most: int | None

    @property
    def figures(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.content["figures"]
        return found

    @property
    def context(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.content["context"]
        return found

    def table(
        self,
        head: Sequence[str],
        rows: Sequence[tuple[Cell, ...]],
        widths: Sequence[int],
        *,
        right: Sequence[int] = (),
        title: str = "",
    ) -> tuple[Table, ...]:
        """A table, or none without rows; what is left out is told below it."""
        kept, left = cut(rows, self.most)
        more = ""
        if left:
            more = ngettext("%d more row in the workbook", "%d more rows in the workbook", left) % left
        made = Table(tuple(head), kept, tuple(widths), tuple(right), title, more)
        return (made,) if rows else ()

    def record(self, number: str, *, is_internal: bool = False) -> Cell:
        return Cell(number, sub=self.words.title(number), record=number, is_internal=is_internal)


def count(n: int) -> Cell:
    return Cell(str(n), number=str(n))


def share(text: str | None, tone: str = "") -> Cell:
    return Cell(words.percent(text), number=text, tone=tone)


def summary(source: Source) -> Section:
    """The sum in a sentence, and what the writer says about it."""
    total = source.figures["attainment"]["all"]
    decided = total["met"] + total["missed"]
    rows = source.figures["attainment"]["targets"]
    judged = [row["reached"] for row in rows if row["reached"] is not None]
    if decided:
        first = _(
            "%(decided)s promises on tickets fell due in the period: %(met)s were kept, %(missed)s missed. "
            "%(reached)s of %(judged)s targets reached their goal."
        ) % {
            "decided": decided, "met": total["met"], "missed": total["missed"],
            "reached": judged.count(True), "judged": len(judged),
        }  # fmt: skip
    else:
        first = _("No promise on a ticket fell due in the period.")
    said = source.content["comments"]
    own = in_reader_language(said["en"], said["zh"])
    paragraphs = [first, *(own.splitlines() if own else [_("The figures are not commented yet.")])]
    return Section("summary", _("Summary"), tuple(each for each in paragraphs if each.strip()))


def attainment(source: Source) -> Section:
    rows = [
        cells(
            source.words.target(row),
            words.promised(row["promise"]),
            share(row["goal"]),
            count(row["met"] + row["missed"]),
            count(row["missed"]),
            share(row["net"], words.tone(row["reached"])),
            share(row["gross"]),
            Cell(words.reached(row["reached"]), tone=words.tone(row["reached"])),
        )
        for row in source.figures["attainment"]["targets"]
    ]
    head = (
        _("Target"), _("Promise"), _("Goal"), _("Judged"), _("Misses"), _("Net"), _("Gross"), _("Result"),
    )  # fmt: skip
    return Section(
        "attainment",
        _("Targets against what was kept"),
        (_("Net leaves out what does not count by an approved exclusion; gross counts everything."),),
        source.table(head, rows, (25, 19, 10, 9, 9, 10, 10, 12), right=(2, 3, 4, 5, 6)),
        "" if rows else _("No version of the agreement was in force in this period."),
    )


def trend(source: Source) -> Section:
    months = source.context["trend"]
    rows = [
        cells(
            month["id"],
            count(month["met"] + month["missed"]),
            count(month["missed"]),
            share(month["net"]),
            share(month["gross"]),
            _("yes") if month["closed"] else NONE,
        )
        for month in _since_begun(months)
    ]
    points = [chart.Point(m["id"][2:], _decimal(m["net"]), _decimal(m["gross"])) for m in months]
    drawn = chart.trend(points, net=_("Net attainment, %"), gross=_("Gross attainment, %"))
    told = ", ".join(f"{m['id']}: {words.percent(m['net'])}" for m in months if m["net"] is not None)
    head = (_("Month"), _("Judged"), _("Misses"), _("Net"), _("Gross"), _("Month closed"))
    return Section(
        "trend",
        _("Trend of twelve months"),
        (),
        source.table(head, rows, (20, 15, 15, 18, 18, 14), right=(1, 2, 3, 4)),
        "" if drawn else _("Nothing was decided in these months."),
        drawn,
        told,
    )


def _since_begun(months: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Without the months before anything was judged."""
    begun = [n for n, month in enumerate(months) if month["met"] + month["missed"] or month["gross"]]
    return months[begun[0] :] if begun else ()


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


# --- what was missed -----------------------------------------------------------------------------


def misses(source: Source) -> Section:
    """Each miss with reason, who answers for it, and what is done (SLM-34, 37)."""
    given = source.figures["misses"]
    actions = {str(row["clock"]): row for row in source.context["actions"] if row["clock"]}
    rows = [
        cells(
            source.record(row["number"]),
            source.words.target_of(row["target"]),
            source.words.instant(row["missed_at"]),
            Cell(words.reason(row["reason"]), sub=row["note"]),
            Cell(words.accountable(row["accountable"]), sub=source.words.team(row["team"])),
            _correction(actions.get(row["id"]), row["no_action"]),
        )
        for row in given
    ]
    reasons = [cells(words.reason(row["id"]), count(row["count"])) for row in source.figures["reasons"]]
    head = (
        _("Ticket"), _("Target"), _("Missed at"), _("Reason"), _("Who answers for it"),
        _("Corrective action"),
    )  # fmt: skip
    return Section(
        "misses",
        _("Missed targets"),
        (),
        (
            *source.table((_("Reason"), _("Misses")), reasons, (75, 25), right=(1,)),
            *source.table(head, rows, (18, 18, 18, 19, 13, 14)),
        ),
        "" if rows else _("No target was missed in this period."),
    )


def _correction(action: Mapping[str, Any] | None, no_action: str) -> Cell:
    if action:
        state = words.action_state(action["state"])
        return Cell(action["id"], sub=state, record=action["id"], is_internal=True)
    return Cell(_("None needed"), sub=no_action) if no_action else Cell(NONE)


def actions(source: Source) -> Section:
    """Corrective actions, also of earlier months, with their results (SLM-60), and improvement plans."""
    rows = [
        cells(
            Cell(row["id"], sub=row["title"], record=row["id"], is_internal=True),
            Cell(words.joined(row["causes"])),
            row["responsible"] or NONE,
            Cell(words.day(row["due"]), tone="bad" if row["is_late"] else ""),
            Cell(words.action_state(row["state"]), sub=row["outcome"]),
            _("an earlier period") if row["is_earlier"] else _("this period"),
        )
        for row in source.context["actions"]
    ]
    head = (_("Action"), _("Because of"), _("Responsible"), _("Due"), _("State and result"), _("From"))
    plans = [
        cells(
            Cell(row["id"], sub=words.named(row["title"], row["id"]), record=row["id"], is_internal=True),
            row["responsible"] or NONE,
            words.day(row["until"]),
            Cell(row["indicator"], sub=f"{row['before']} → {row['wanted']}"),
            words.plan_state(row["state"]),
        )
        for row in source.context["plans"]
    ]
    plan_head = (_("Improvement plan"), _("Responsible"), _("Until"), _("Indicator"), _("State"))
    return Section(
        "actions",
        _("Corrective actions and improvement"),
        (),
        (
            *source.table(head, rows, (24, 13, 12, 19, 20, 12)),
            *source.table(plan_head, plans, (32, 14, 19, 21, 14)),
        ),
        "" if rows or plans else _("No corrective action was open in this period."),
    )
