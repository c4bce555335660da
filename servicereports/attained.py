"""Targets against what was kept in a period: each figure with the decided clocks it counts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q

from reports.figures import Question, percent
from sla.models import AgreementVersion, Breach, Exclusion, Metric, Target

OUTCOMES = ("met", "missed", "excluded_met", "excluded_missed")
ORDER = {metric: n for n, metric in enumerate(Metric.values)}


def instant(at: datetime) -> str:
    """An instant as it is frozen: UTC, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def key_of(target: Target) -> str:
    """The target within its agreement, with the version it belongs to: "resolution/email/1@2"."""
    return f"{target.key}@{target.version.number}"


@dataclass
class Attained:
    """``sources`` are the clocks behind each row by what they count as; ``numbers`` their records."""

    targets: dict[str, Target] = field(default_factory=dict)
    sources: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)
    missed_at: dict[int, datetime] = field(default_factory=dict)
    row_of: dict[int, str] = field(default_factory=dict)  # clock -> row


def read(question: Question, versions: Sequence[AgreementVersion]) -> Attained:
    """The decided clocks of the question, told apart by target; two queries.

    The targets of ``versions`` have a row each, also where nothing was decided.
    """
    clocks = list(
        question.all_decided()
        .order_by("decided_at", "pk")
        .values_list("pk", "record__number", "target", "breached_at", "waived_at")
    )
    wanted = Q(version__in=versions) | Q(pk__in={clock[2] for clock in clocks})
    rows = Target.objects.filter(wanted).select_related("service", "version")
    names = {target.pk: key_of(target) for target in rows}
    found = Attained(targets={names[target.pk]: target for target in rows})
    found.sources = {name: {outcome: [] for outcome in OUTCOMES} for name in found.targets}
    for pk, number, target, breached_at, waived_at in clocks:
        row = names[target]
        outcome = "missed" if breached_at else "met"
        found.sources[row][f"excluded_{outcome}" if waived_at else outcome].append(pk)
        found.numbers[pk], found.row_of[pk] = number, row
        if breached_at:
            found.missed_at[pk] = breached_at
    return found


def figures(found: Attained) -> dict[str, Any]:
    """The rows and their sum, ready to be frozen."""
    rows = [_row(name, found.targets[name], found.sources[name]) for name in found.targets]
    rows.sort(key=lambda row: (ORDER[row["metric"]], row["service"] or "", row["priority"] or 0, row["id"]))
    total = {outcome: sum(row[outcome] for row in rows) for outcome in OUTCOMES}
    return {"all": {**total, **shares(total)}, "targets": rows}


def shares(counts: Mapping[str, int]) -> dict[str, str | None]:
    """Net and gross attainment in percent, rounded down to 0.01; None where nothing was decided."""
    net = percent(counts["met"], counts["missed"])
    gross = percent(
        counts["met"] + counts["excluded_met"], counts["missed"] + counts["excluded_missed"]
    )  # fmt: skip
    return {"net": None if net is None else str(net), "gross": None if gross is None else str(gross)}


def _row(name: str, target: Target, sources: Mapping[str, list[int]]) -> dict[str, Any]:
    counts = {outcome: len(sources[outcome]) for outcome in OUTCOMES}
    net = percent(counts["met"], counts["missed"])
    return {
        "id": name,
        "metric": target.metric,
        "service": target.service.code if target.service else None,
        "priority": target.priority,
        **({"ticket_kind": target.ticket_kind} if target.ticket_kind else {}),
        "promise": target.promise,
        "version": target.version.number,
        "goal": str(target.goal_percent),
        **counts,
        **shares(counts),
        "reached": None if net is None else net >= target.goal_percent,
    }


# --- what was missed, and what does not count ----------------------------------------------------


def misses(found: Attained) -> tuple[list[dict[str, Any]], dict[int, Breach]]:
    """The misses that count, the earliest first, and their breaches by clock; one query."""
    missed = {pk for sources in found.sources.values() for pk in sources["missed"]}
    rows = Breach.objects.filter(clock__in=missed).select_related("team", "agreement")
    breaches = {row.clock_id: row for row in rows}
    ordered = sorted(missed, key=lambda pk: (found.missed_at[pk], pk))
    return [_miss(found, pk, breaches.get(pk)) for pk in ordered], breaches


def _miss(found: Attained, pk: int, breach: Breach | None) -> dict[str, Any]:
    """Who answers for it is told by the kind of agreement: a supplier's name is not for the customer."""
    return {
        "id": str(pk),
        "number": found.numbers[pk],
        "target": found.row_of[pk],
        "missed_at": instant(found.missed_at[pk]),
        "reason": breach.reason if breach else "",
        "note": breach.note if breach else "",
        "accountable": breach.agreement.kind if breach and breach.agreement else "",
        "team": breach.team.code if breach and breach.team else None,
        "no_action": breach.no_action if breach else "",
    }


def reasons(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """How often each reason was given, the most frequent first; "" counts those without one."""
    counted: dict[str, int] = defaultdict(int)
    for row in rows:
        counted[row["reason"]] += 1
    ordered = sorted(counted.items(), key=lambda each: (-each[1], each[0]))
    return [{"id": reason, "count": count} for reason, count in ordered]


def exclusions(found: Attained) -> list[dict[str, Any]]:
    """What does not count by a decision, with its evidence; one query."""
    outcome = {
        pk: name.removeprefix("excluded_")
        for sources in found.sources.values()
        for name in ("excluded_met", "excluded_missed")
        for pk in sources[name]
    }
    rows = (
        Exclusion.objects.filter(clock__in=outcome, decision=Exclusion.Decision.APPROVED)
        .select_related("asked_by", "decided_by")
        .order_by("decided_at", "pk")
    )
    return [
        {
            "id": str(row.pk),
            "clock": row.clock_id,
            "number": found.numbers[row.clock_id],
            "target": found.row_of[row.clock_id],
            "would_be": outcome[row.clock_id],
            "reason": row.reason,
            "evidence": row.evidence,
            "asked_by": row.asked_by.username,
            "decided_by": row.decided_by.username if row.decided_by else "",
            "decided_at": instant(row.decided_at) if row.decided_at else "",
            "note": row.decision_note,
        }
        for row in rows
    ]
