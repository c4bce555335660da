"""How much work there was, and how a project stands: problems, in time, completed, left over (RPT-06)."""

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User, in_reader_language
from catalog.models import Service
from problems.models import Problem
from processreports.sections import Ask, Facts, Section, Source
from records.kinds import TICKETS, Kind
from records.models import Link, Record
from reports.figures import MET, MISSED
from servicereports import tree, words, workload
from servicereports.tree import NONE, Cell, cells
from sla.models import Metric

MOST = 50
NOBODY = ""


def _keys(numbers: list[str]) -> list[int]:
    return sorted(Record.objects.filter(number__in=numbers).values_list("pk", flat=True))


def gather(ask: Ask) -> Facts:
    """Tickets opened and done in the period and open at its end, told from the log; by kind and service."""
    numbers = workload.read(ask.question)
    keys = {name: _keys(found) for name, found in numbers.items()}
    services = list(
        Record.objects.filter(pk__in=keys["opened"]).order_by().values("service").annotate(n=Count("pk"))
    )
    kinds = Record.objects.filter(pk__in=keys["opened"]).order_by().values("kind").annotate(n=Count("pk"))
    names = {
        row.pk: {"id": row.code, "en": row.name_en, "zh": row.name_zh or row.name_en}
        for row in Service.objects.filter(pk__in=[row["service"] for row in services if row["service"]])
    }
    by_service = [
        {"id": names[row["service"]]["id"] if row["service"] else NOBODY, "n": row["n"]} for row in services
    ]
    figures = {
        **{name: len(found) for name, found in keys.items()},
        "services": sorted(by_service, key=lambda row: (-row["n"], row["id"])),
        "kinds": {row["kind"]: row["n"] for row in sorted(kinds, key=lambda row: row["kind"])},
    }
    return Facts(figures, {"services": {row["id"]: row for row in names.values()}}, keys)


def draw(source: Source) -> tree.Section:
    figures = source.figures
    if not figures:
        return tree.Section("workload", _("Work of the period"), note=_("Not told of one event."))
    told = _("%(opened)s tickets were opened and %(done)s done; %(open)s were open at the end.") % {
        "opened": figures["opened"], "done": figures["done"], "open": figures["open_at_end"],
    }  # fmt: skip
    if not (figures["opened"] or figures["done"] or figures["open_at_end"]):
        told = _("There was no ticket in this period, and none was open.")
    names = source.context.get("services", {})
    rows = [
        cells(_service(names.get(row["id"])), Cell(str(row["n"]), number=str(row["n"])))
        for row in figures["services"]
    ]
    kinds = [cells(_kind(kind), Cell(str(n), number=str(n))) for kind, n in figures["kinds"].items()]
    tables = (
        *source.table((_("Kind"), _("Opened tickets")), kinds, (75, 25), right=(1,)),
        *source.table((_("Service"), _("Opened tickets")), rows, (75, 25), right=(1,)),
    )
    return tree.Section("workload", _("Work of the period"), (told,), tables)


def _kind(kind: str) -> str:
    return _("Incidents") if kind == Kind.INCIDENT else _("Service requests")


def _service(name: Mapping[str, str] | None) -> str:
    return in_reader_language(name["en"], name["zh"]) if name else _("without a service")


# --- a project or contract ---------------------------------------------------------------------------------


def gather_project(ask: Ask) -> Facts:
    """Of the tickets of a customer or contract; ``opened`` and ``before`` together were to be done.

    ``people`` gives the same for each engineer; only in reports that stay with the provider.
    """
    question = ask.question
    start, end = ask.period.start, ask.period.end
    rows = question.records()
    opened = Q(opened_at__gte=start, opened_at__lt=end)
    before = Q(opened_at__lt=start) & (Q(done_at=None) | Q(done_at__gte=start))
    done = Q(done_at__gte=start, done_at__lt=end)
    left = Q(opened_at__lt=end) & (Q(done_at=None) | Q(done_at__gte=end))
    sums = {
        "opened": Count("pk", filter=opened), "before": Count("pk", filter=before),
        "done": Count("pk", filter=done & (opened | before)), "left": Count("pk", filter=left),
    }  # fmt: skip
    touched = rows.filter(opened | before).order_by()
    clocks = question.decided().filter(metric=Metric.RESOLUTION).order_by()
    times = {"met": Count("pk", filter=MET), "missed": Count("pk", filter=MISSED)}
    figures: dict[str, Any] = {**touched.aggregate(**sums), **clocks.aggregate(**times)}
    problems = _problems(ask)
    figures["problems"] = len(problems)
    context: dict[str, Any] = {}
    if not ask.definition.in_portal:
        figures["people"], context["people"] = _people(touched, clocks, sums, times)
    keys = sorted(touched.values_list("pk", flat=True))
    return Facts(figures, context, {"tickets": keys, "problems": problems})


def _problems(ask: Ask) -> list[int]:
    """Problems raised in the period: all, or those some ticket of the customer or contract is linked to."""
    raised = Problem.objects.filter(opened_at__gte=ask.period.start, opened_at__lt=ask.period.end)
    if ask.customer is not None:
        links = Link.objects.filter(
            target__kind=Kind.PROBLEM.value, source__kind__in=TICKETS, source__customer=ask.customer
        )
        raised = raised.filter(Q(customer=ask.customer) | Q(pk__in=links.values("target")))
    return sorted(set(raised.values_list("pk", flat=True)))


def _people(touched: Any, clocks: Any, sums: Any, times: Any) -> tuple[list[dict[str, Any]], dict[str, str]]:
    counted = {row["assignee"]: row for row in touched.values("assignee").annotate(**sums)}
    kept = {row["who"]: row for row in clocks.values(who=F("record__assignee")).annotate(**times)}
    known = {person.pk: person for person in User.objects.filter(pk__in=[pk for pk in counted if pk])}
    found = [
        {
            "id": known[pk].username if pk else NOBODY,
            **{name: row[name] for name in sums},
            **{name: kept.get(pk, {}).get(name, 0) for name in times},
        }
        for pk, row in counted.items()
    ]
    names = {person.username: person.display_name for person in known.values()}
    return sorted(found, key=lambda row: (-(row["opened"] + row["before"]), row["id"]))[:MOST], names


def rate(part: int, whole: int) -> str | None:
    """In percent, rounded down to 0.01; None of nothing."""
    if not whole:
        return None
    return str((Decimal(100 * part) / whole).quantize(Decimal("0.01"), ROUND_FLOOR))


def draw_project(source: Source) -> tree.Section:
    figures = source.figures
    title = _("How the project stands")
    if not figures:
        return tree.Section("project", title, note=_("Not told of one event."))
    all_of_them = figures["opened"] + figures["before"]
    if not all_of_them:
        words_none = _("There was no ticket in this period, and none left over from before: no rate to tell.")
        return tree.Section("project", title, note=words_none)
    rows = [_rates(_("All together"), figures)]
    names = source.context.get("people", {})
    rows += [_rates(names.get(row["id"]) or _("nobody"), row) for row in figures.get("people", ())]
    head = (
        _("O&M specialist") if len(rows) > 1 else "", _("Tickets"), _("In time"), _("Completed"),
        _("Left over"),
    )  # fmt: skip
    told = _(
        "In time: resolutions within their target, of those that fell due. Completed: done of what was to be "
        "done, which is what was opened and what was left from before. Left over: open at the end, of both."
    )
    counted = _("Problems raised: %(n)s.") % {"n": figures["problems"]}
    table = source.table(head, rows, (32, 17, 17, 17, 17), right=(1, 2, 3, 4))
    return tree.Section("project", title, (told, counted), table)


def _rates(name: str, row: Mapping[str, Any]) -> tuple[Cell, ...]:
    whole = row["opened"] + row["before"]
    return cells(
        name,
        Cell(str(whole), number=str(whole), sub=_("%(n)s new") % {"n": row["opened"]}),
        _share(row["met"], row["met"] + row["missed"]),
        _share(row["done"], whole),
        _share(row["left"], whole),
    )


def _share(part: int, whole: int) -> Cell:
    found = rate(part, whole)
    if found is None:
        return Cell(NONE)
    sub = _("%(n)s of %(all)s") % {"n": part, "all": whole}
    return Cell(words.percent(found), number=found, sub=sub)


WORKLOAD = Section("workload", gettext_lazy("Work of the period"), draw, gather)
PROJECT = Section(
    "project", gettext_lazy("Project: problems, in time, completed, left over"), draw_project, gather_project,
    help=gettext_lazy("Of a customer's or contract's tickets; by engineer where it stays with us."),
)  # fmt: skip
