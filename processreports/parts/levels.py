"""Promises kept: attainment net and gross by target and by service, with its trend (RPT-02, RPT-05)."""

from decimal import Decimal
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import in_reader_language
from catalog.models import Service
from processreports.sections import Ask, Facts, Section, Source
from reports.figures import MET, MISSED, NET, Attainment, Question, attainment
from reports.period import Period
from servicereports import chart, schedule, tree, words
from servicereports.attained import shares
from servicereports.tree import Cell, cells
from sla.models import Agreement, AgreementVersion, Metric

TREND = 12


def gather(ask: Ask) -> Facts:
    question = ask.question
    keys = question.all_decided().order_by().values("metric").annotate(
        keys=ArrayAgg("pk", order_by="pk")
    )  # fmt: skip
    by_service = [row for row in attainment(question, "service") if row.metric == Metric.RESOLUTION.value]
    names = {
        row.pk: {"id": row.code, "en": row.name_en, "zh": row.name_zh or row.name_en}
        for row in Service.objects.filter(pk__in=[row.group for row in by_service if row.group])
    }
    found = [_row(row, row.metric) for row in attainment(question)]
    services = [_row(row, names[row.group]["id"] if row.group in names else "") for row in by_service]
    total = {
        name: sum(row[name] for row in found) for name in ("met", "missed", "excluded_met", "excluded_missed")
    }
    return Facts(
        {"all": {**total, **shares(total)}, "targets": found, "services": services},
        {
            "trend": _trend(question),
            "services": {row["id"]: row for row in names.values()},
            "agreements": _agreements(ask),
        },
        {row["metric"]: list(row["keys"]) for row in keys},
    )  # fmt: skip


def _row(row: Attainment, name: str) -> dict[str, Any]:
    return {
        "id": name, "met": row.met, "missed": row.missed, "excluded_met": row.excluded_met,
        "excluded_missed": row.excluded_missed, "net": _text(row.percent), "gross": _text(row.gross),
        "goal": _text(row.goal), "reached": row.on_goal,
    }  # fmt: skip


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _trend(question: Question) -> list[dict[str, Any]]:
    """Twelve months up to the one the period ends in; one query."""
    period = question.period
    first = schedule.add_months(period.last, 1 - TREND)
    wide = Question(question.actor, Period(first, period.last, period.zone), question.now, question.narrow)
    rows: Any = (
        wide.all_decided()
        .annotate(month=TruncMonth("decided_at", tzinfo=period.zone))
        .order_by()
        .values("month")
        .annotate(
            met=Count("pk", filter=MET & NET), missed=Count("pk", filter=MISSED & NET),
            excluded_met=Count("pk", filter=MET & ~NET), excluded_missed=Count("pk", filter=MISSED & ~NET),
        )
    )  # fmt: skip
    counted = {row.pop("month").astimezone(period.zone).date(): row for row in rows}
    none = {"met": 0, "missed": 0, "excluded_met": 0, "excluded_missed": 0}
    months = [schedule.add_months(first, n) for n in range(TREND)]
    return [{"id": f"{month:%Y-%m}", **shares(counted.get(month, none))} for month in months]


def _agreements(ask: Ask) -> list[dict[str, str]]:
    """The customer's own agreements in force at the end of the period, or now if it is not over."""
    if ask.customer is None:
        return []
    versions = AgreementVersion.objects.in_force(min(ask.period.end, ask.now)).filter(
        agreement__kind=Agreement.Kind.SLA, agreement__customer=ask.customer
    )
    rows = Agreement.objects.filter(pk__in=versions.values("agreement")).order_by("code")
    return [{"id": row.code, "en": row.name_en, "zh": row.name_zh or row.name_en} for row in rows]


# --- drawn -------------------------------------------------------------------------------------------


def draw(source: Source) -> tree.Section:
    rows = [_line(source, str(Metric(row["id"]).label), row) for row in source.figures.get("targets", ())]
    names = source.context.get("services", {})
    services = [
        _line(source, _service(names.get(row["id"])), row) for row in source.figures.get("services", ())
    ]
    months = source.context.get("trend", ())
    points = [chart.Point(m["id"][2:], _decimal(m["net"]), _decimal(m["gross"])) for m in months]
    drawn = chart.trend(points, net=_("Net attainment, %"), gross=_("Gross attainment, %"))
    told = ", ".join(f"{m['id']}: {words.percent(m['net'])}" for m in months if m["net"] is not None)
    tables = (
        *source.table(_head(_("Target")), rows, WIDTHS, right=RIGHT),
        *source.table(_head(_("Service")), services, WIDTHS, right=RIGHT, title=_("Resolution by service")),
    )
    return tree.Section(
        "attainment", _("Service levels kept"), _paragraphs(source), tables,
        "" if rows else _("No promise on a ticket fell due in the period: there is nothing to judge."),
        drawn, told,
    )  # fmt: skip


WIDTHS, RIGHT = (28, 11, 11, 11, 13, 13, 13), (1, 2, 3, 4, 5)


def _head(first: str) -> tuple[str, ...]:
    return (first, _("Goal"), _("Judged"), _("Misses"), _("Net"), _("Gross"), _("Result"))


def _line(source: Source, name: str, row: Any) -> tuple[Cell, ...]:
    tone = words.tone(row["reached"])
    judged = row["met"] + row["missed"]
    return cells(
        name, words.percent(row["goal"]), Cell(str(judged), number=str(judged)),
        Cell(str(row["missed"]), number=str(row["missed"])),
        Cell(words.percent(row["net"]), number=row["net"], tone=tone),
        Cell(words.percent(row["gross"]), number=row["gross"]),
        Cell(words.reached(row["reached"]), tone=tone),
    )  # fmt: skip


def _service(name: Any) -> str:
    return in_reader_language(name["en"], name["zh"]) if name else _("without a service")


def _paragraphs(source: Source) -> tuple[str, ...]:
    found = [_("Net leaves out what does not count by an approved exclusion; gross counts everything.")]
    if source.content["customer"]:
        own = source.context.get("agreements", ())
        names = words.joined([in_reader_language(row["en"], row["zh"]) for row in own])
        if own:
            found.append(_("Measured by: %(names)s.") % {"names": names})
        else:
            found.append(
                _(
                    "This customer has no agreement of its own in force: tickets and goals are those of what "
                    "is promised to everybody."
                )
            )
    return tuple(found)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


ATTAINMENT = Section("attainment", gettext_lazy("Service levels kept, net and gross"), draw, gather)
