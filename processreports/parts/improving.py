"""What is done about it, and what may become trouble: measures, improvements, problems (RPT-02, RPT-05)."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import in_reader_language
from actions.models import Action, ImprovementPlan
from problems import lifecycle as problem
from problems.models import Problem
from problems.models import State as ProblemState
from processreports.parts.figures import words_of
from processreports.sections import Ask, Facts, Section, Source
from records.kinds import TICKETS, Kind
from records.models import Link
from servicereports import tree, words
from servicereports.tree import NONE, Cell, cells

LISTED = 100
OLD = timedelta(days=30)
WORSE = 3
"""So many spans in a row in the wrong direction are a warning."""
AGREED = (Action.Source.BREACH.value, Action.Source.REVIEW.value, Action.Source.IMPROVEMENT.value)
"""What we do because of the customer and with its knowledge."""


# whose measures a process's report tells of: what gave rise to them, by kind of record or source
OF_PROCESS: Mapping[str, tuple[tuple[Kind, ...], tuple[str, ...]]] = {
    "Incident management": ((Kind.INCIDENT, Kind.MAJOR), (Action.Source.BREACH,)),
    "Service desk": ((Kind.INCIDENT, Kind.REQUEST), (Action.Source.SELF_CHECK,)),
    "Problem management": ((Kind.PROBLEM, Kind.KNOWN_ERROR), ()),
    "Change management": ((Kind.CHANGE,), ()),
    "Release management": ((Kind.RELEASE, Kind.TRANSITION), ()),
    "Configuration management": ((Kind.ITEM_AUDIT,), ()),
    "Service level management": (
        (Kind.REVIEW, Kind.AGREEMENT, Kind.REPORT),
        (Action.Source.BREACH, Action.Source.REVIEW, Action.Source.IMPROVEMENT),
    ),
    "Supplier management": ((Kind.PROCUREMENT,), (Action.Source.SUPPLIER,)),
    "Business relationship management": ((Kind.COMPLAINT, Kind.SURVEY, Kind.RELATION), ()),
}


def _of_processes(ask: Ask, rows: Any) -> Any:
    """Of a report about some processes: what came of their work; all of it where nothing else is known."""
    known = [OF_PROCESS[name] for name in ask.definition.processes if name in OF_PROCESS]
    if ask.customer is not None or not known:
        return rows
    kinds = {kind.value for each, _sources in known for kind in each}
    sources = {str(source) for _kinds, each in known for source in each}
    caused = Link.objects.filter(type=Link.Type.CAUSED_BY, target__kind__in=kinds).values("source")
    return rows.filter(Q(pk__in=caused) | Q(source__in=sources))


def _living(ask: Ask) -> Q:
    """Alive at some time of the period."""
    return Q(opened_at__lt=ask.period.end) & (Q(done_at=None) | Q(done_at__gte=ask.period.start))


def gather(ask: Ask) -> Facts:
    """Actions and improvement plans open or done in the period, as they stand."""
    actions = Action.objects.filter(_living(ask)).exclude(state="cancelled")
    plans = ImprovementPlan.objects.filter(_living(ask)).exclude(state="withdrawn")
    if ask.subject is not None:
        caused = Link.objects.filter(target=ask.subject.pk, type=Link.Type.CAUSED_BY).values("source")
        actions, plans = actions.filter(pk__in=caused), plans.filter(pk__in=caused)
    elif ask.customer is not None:
        own = Q(agreement__customer=ask.customer) | Q(customer=ask.customer)
        actions, plans = actions.filter(own), plans.filter(own)
    else:
        actions = _of_processes(ask, actions)
    if ask.definition.in_portal:
        actions = actions.filter(source__in=AGREED)
    actions, plans = actions.distinct(), plans.distinct()
    today = min(ask.now, ask.period.end).astimezone(ask.period.zone).date()
    context = {
        "actions": [
            {
                "id": row.number, "title": row.title, "due": row.due_on.isoformat(), "state": row.state,
                "responsible": row.assignee.display_name if row.assignee else "",
                "outcome": row.effect or row.outcome, "is_late": row.is_overdue(today),
            }
            for row in actions.select_related("assignee").order_by("due_on", "pk")[:LISTED]
        ],
        "plans": [
            {
                "id": row.number, "en": row.title, "zh": row.title_zh or row.title, "state": row.state,
                "until": row.ends_on.isoformat(), "indicator": row.indicator, "before": row.value_before,
                "wanted": row.value_wanted, "after": row.value_after,
                "responsible": row.assignee.display_name if row.assignee else "",
            }
            for row in plans.select_related("assignee").order_by("pk")[:LISTED]
        ],
        "count": actions.count(),
    }  # fmt: skip
    return Facts({}, context)


def draw(source: Source) -> tree.Section:
    found = source.context
    rows = [
        cells(
            Cell(row["id"], sub=row["title"], record=row["id"], is_internal=True),
            row["responsible"] or NONE,
            Cell(words.day(row["due"]), tone="bad" if row["is_late"] else ""),
            Cell(words.action_state(row["state"]), sub=row["outcome"]),
        )
        for row in found["actions"]
    ]
    plans = [
        cells(
            Cell(row["id"], sub=in_reader_language(row["en"], row["zh"]), record=row["id"], is_internal=True),
            row["responsible"] or NONE,
            words.day(row["until"]),
            Cell(row["indicator"], sub=f"{row['before']} → {row['after'] or row['wanted']}"),
            words.plan_state(row["state"]),
        )
        for row in found["plans"]
    ]
    head = (_("What is done"), _("Responsible"), _("Due"), _("State and result"))
    plan_head = (_("Improvement plan"), _("Responsible"), _("Until"), _("Indicator"), _("State"))
    tables = (
        *source.table(head, rows, (42, 16, 16, 26), left_out=max(0, found["count"] - len(found["actions"]))),
        *source.table(plan_head, plans, (32, 14, 17, 23, 14)),
    )
    note = "" if tables else _("No measure or improvement was open or ended in this period.")
    return tree.Section("measures", _("Measures and improvements"), (), tables, note)


# --- what may become trouble ------------------------------------------------------------------------------


def gather_risks(ask: Ask) -> Facts:
    """Open problems, tickets that have been open for long; figures getting worse are read from the series."""
    rows = Problem.objects.filter(state__in=problem.OPEN, opened_at__lt=ask.period.end)
    if ask.customer is not None:
        links = Link.objects.filter(
            target__kind=Kind.PROBLEM.value, source__kind__in=TICKETS, source__customer=ask.customer
        )
        rows = rows.filter(Q(customer=ask.customer) | Q(pk__in=links.values("target")))
    end = min(ask.period.end, ask.now)
    old = ask.question.records().filter(opened_at__lt=end - OLD)
    old = old.filter(Q(done_at=None) | Q(done_at__gte=end))
    keys = sorted(old.values_list("pk", flat=True))
    # to a customer a problem is told by its number and state: its words are the provider's own
    shows_words = not ask.definition.in_portal
    problems = [
        {
            "id": row.number, "state": row.state,
            "en": row.title if shows_words else "",
            "zh": (row.title_zh or row.title) if shows_words else "",
            "since": row.opened_at.astimezone(ask.period.zone).date().isoformat(),
        }
        for row in rows.order_by("opened_at", "pk")[:LISTED]
    ]  # fmt: skip
    return Facts({"old": len(keys)}, {"problems": problems, "count": rows.count()}, {"old": keys})


def draw_risks(source: Source) -> tree.Section:
    found = source.context
    rows = [
        cells(
            Cell(row["id"], sub=in_reader_language(row["en"], row["zh"]), record=row["id"], is_internal=True),
            words.day(row["since"]),
            str(ProblemState(row["state"]).label),
        )
        for row in found["problems"]
    ]
    told = []
    if old := source.figures["old"]:
        told.append(
            ngettext("%(n)s ticket had been open for more than 30 days at the end.",
                     "%(n)s tickets had been open for more than 30 days at the end.", old) % {"n": old}
        )  # fmt: skip
    if backlog := _backlog(source):
        told.append(backlog)
    told += [_warned(kpi) for kpi in worsening(source.content)]
    head = (_("Open problem"), _("Since"), _("State"))
    table = source.table(head, rows, (56, 22, 22), left_out=max(0, found["count"] - len(found["problems"])))
    note = "" if rows or told else _("Nothing points to trouble ahead: no open problem, no old ticket, and "
                                     "no figure that got worse three times in a row.")  # fmt: skip
    return tree.Section("risks", _("What may become trouble"), tuple(told), table, note)


def _backlog(source: Source) -> str:
    work = source.of("workload")
    if not work or work["opened"] <= work["done"]:
        return ""
    return _("More tickets came in than were done: the backlog grew by %(n)s.") % {
        "n": work["opened"] - work["done"]
    }


def worsening(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Indicators whose first figure went the wrong way in each of the last spans, if a goal says which."""
    figures = {row["id"]: row["value"] for row in content["figures"].get("indicators", {}).get("parts", ())}
    found = []
    for kpi in content["context"].get("indicators", {}).get("kpis", ()):
        values = [point["value"] for point in kpi["series"][-WORSE:]] + [figures.get(f"{kpi['id']}/0")]
        if len(values) <= WORSE or any(value is None for value in values):
            continue
        way = _way(kpi)
        numbers = [Decimal(value) for value in values]
        if way and all((b - a) * way < 0 for a, b in pairwise(numbers)):
            found.append({**kpi, "first": values[0], "last": values[-1]})
    return found


def _way(kpi: Mapping[str, Any]) -> int:
    """1: more is better, -1: less is; 0: nobody said."""
    if kpi["is_deduction"]:
        return -1
    if kpi["goal"] is None or kpi["floor"] is None:
        return 0
    return 1 if Decimal(kpi["goal"]) > Decimal(kpi["floor"]) else -1


def _warned(kpi: Mapping[str, Any]) -> str:
    unit = kpi["parts"][0]["unit"]
    return _("Worse three times in a row: %(name)s, from %(first)s to %(last)s.") % {
        "name": in_reader_language(kpi["name"]["en"], kpi["name"]["zh"]),
        "first": words_of(unit, kpi["first"]), "last": words_of(unit, kpi["last"]),
    }  # fmt: skip


MEASURES = Section("measures", gettext_lazy("Measures and improvements"), draw, gather)
RISKS = Section("risks", gettext_lazy("What may become trouble"), draw_risks, gather_risks)
