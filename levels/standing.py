"""How an agreement stands in a period: targets with their error budget, measures, workload, what does not
count, credits and rewards. One value, from which pages, the API and service reports show the same figures.

`standing` answers for one agreement, `standings` for many with the same number of queries. Clocks are judged
by the version they are pinned to, measures by the version in force, over the time it was. Where there is
nothing to tell, a figure is None and ``no_data`` says why.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Service
from levels import facts as facts_of
from levels import measured
from levels.facts import MONTH, Counts, Facts, Span, Work
from levels.measured import MeasureStanding
from levels.models import CreditEntry, Outage, OutageExclusion, PlannedInterruption
from levels.parts import interruptions_of, outages_of
from records.models import Priority
from reports.figures import percent
from sla.budget import Budget, budget
from sla.models import Agreement, AgreementVersion, Exclusion, Metric, Target
from sla.replay_tally import RULES, monthly_cost

Side = CreditEntry.Side
RULES_OF = {Side.CREDIT: "credits", Side.REWARD: "rewards"}  # as the terms call them
REASONS = {
    "none_decided": gettext_lazy("No target was decided in this period."),
    "not_begun": gettext_lazy("The period has not begun."),
    "no_version": gettext_lazy("No version of the agreement was in force in this period."),
}


class Counted:
    """Attainment of counts, as reports.figures tells it."""

    counts: Counts

    @property
    def met(self) -> int:
        return self.counts.met

    @property
    def missed(self) -> int:
        return self.counts.missed

    @property
    def excluded(self) -> int:
        """Decided, but not counted by approval."""
        return self.counts.excluded_met + self.counts.excluded_missed

    @property
    def decided(self) -> int:
        return self.met + self.missed

    @property
    def net(self) -> Decimal | None:
        """Attainment in percent, rounded down to 0.01; None where nothing was decided."""
        return percent(self.met, self.missed)

    @property
    def gross(self) -> Decimal | None:
        """The same with the excluded ones counted as they would have been."""
        of = self.counts
        return percent(of.met + of.excluded_met, of.missed + of.excluded_missed)


@dataclass(frozen=True)
class TargetStanding(Counted):
    """One target, over all versions that promise the same under the same goal.

    ``open``: clocks not judged yet at the period's end, or now. ``no_data``: a key of REASONS.
    """

    target: Target
    versions: tuple[int, ...]
    counts: Counts
    open: int
    budget: Budget | None
    no_data: str
    # of all versions, for the list of clocks behind a number
    target_ids: tuple[int, ...]

    @property
    def key(self) -> str:
        """As in the terms: "resolution/email/1"."""
        return self.target.key

    @property
    def metric(self) -> str:
        return self.target.metric

    @property
    def service(self) -> Service | None:
        return self.target.service

    @property
    def priority(self) -> int | None:
        return self.target.priority

    @property
    def goal_percent(self) -> Decimal:
        return self.target.goal_percent

    @property
    def on_goal(self) -> bool | None:
        return None if self.net is None else self.net >= self.goal_percent

    @property
    def label(self) -> str:
        """ "Resolution · E-mail · Critical", in the reader's language."""
        words = [str(Metric(self.metric).label), self.service.name if self.service else _("all services")]
        return " · ".join([*words, str(Priority(self.priority).label)] if self.priority else words)

    @property
    def why(self) -> str:
        """Why there is no figure, in words; empty where there is one."""
        return str(REASONS[self.no_data]) if self.no_data else ""


@dataclass(frozen=True)
class Total(Counted):
    """All targets together."""

    counts: Counts
    open: int


@dataclass(frozen=True)
class Interruption:
    """A planned interruption. ``is_taken_out``: agreed beforehand, so it does not count as an outage."""

    row: PlannedInterruption
    services: tuple[Service, ...]

    @property
    def is_taken_out(self) -> bool:
        return self.row.is_taken_out


@dataclass(frozen=True)
class CreditStanding:
    """What attainment costs, or earns as a reward, by the rules of ``version``, the last in force in it.

    ``side``: of CreditEntry.Side. ``entries``: the ledger of that side for the months in the period; where it
    has a closing line the month is closed.
    ``percent`` and ``amount``: by the ledger where it is closed, else as it stands now (an expectation; None
    for a period longer than a month). ``amount`` None: the agreement names no charge by the month. ``due``:
    rules that are fulfilled now, as {"target", "percent", "below", "credit"}; of rewards "above", "reward".
    """

    side: CreditEntry.Side
    version: AgreementVersion
    is_closed: bool
    percent: Decimal | None
    amount: Decimal | None
    currency: str
    due: tuple[dict[str, Any], ...]
    entries: tuple[CreditEntry, ...]


@dataclass(frozen=True)
class Standing:
    """An agreement in [start, end) as known at ``now``; ``gone``: the share of the period that has passed.

    ``credits``, ``rewards`` None: the agreement has no such rule. ``workload``: the measures that limit it;
    ``work``: what there was, in tickets.
    """

    agreement: Agreement
    start: datetime
    end: datetime
    now: datetime
    gone: float
    versions: tuple[AgreementVersion, ...]
    total: Total
    targets: tuple[TargetStanding, ...]
    measures: tuple[MeasureStanding, ...]
    workload: tuple[MeasureStanding, ...]
    work: Work
    interruptions: tuple[Interruption, ...]
    exclusions: tuple[Exclusion, ...]
    outages: tuple[Outage, ...]
    excluded_outages: tuple[OutageExclusion, ...]
    credits: CreditStanding | None
    rewards: CreditStanding | None
    no_data: str

    @property
    def why(self) -> str:
        return str(REASONS[self.no_data]) if self.no_data else ""

    @property
    def tightest(self) -> TargetStanding | None:
        """The target with the least budget left for its size; None where there is none to tell of."""
        found = [(_room(each.budget), each) for each in self.targets if each.budget and each.decided]
        return min(found, key=lambda each: each[0], default=(None, None))[1]

    @property
    def broken(self) -> int:
        """Promises missed so far: targets below their goal, and measures not kept."""
        judged = [*(each.on_goal for each in self.targets)]
        judged += [each.is_kept for each in (*self.measures, *self.workload)]
        return judged.count(False)


def _room(of: Budget) -> tuple[float, int]:
    return of.left / max(1, of.allowed), of.left


def standing(agreement: Agreement, *, start: datetime, end: datetime, now: datetime) -> Standing:
    """How an agreement stands in [start, end), aware instants, as known at ``now``."""
    return standings([agreement], start=start, end=end, now=now)[0]


def standings(
    agreements: Sequence[Agreement], *, start: datetime, end: datetime, now: datetime
) -> list[Standing]:
    """The same for several, in their order; as many queries as for one."""
    found = facts_of.load(agreements, start=start, end=end, now=now)
    return [of_facts(found, agreement) for agreement in agreements]


def of_facts(facts: Facts, agreement: Agreement) -> Standing:
    """The same from facts that were loaded with this agreement among others; asks nothing."""
    spans = facts.spans.get(agreement.pk, [])
    targets = _targets(facts, agreement, spans)
    judged = measured.standing_of(facts, agreement, spans)
    outages = outages_of(facts, agreement)
    excluded = [facts.excluded_outages[row.pk] for row in outages if row.pk in facts.excluded_outages]
    return Standing(
        agreement=agreement,
        start=facts.start,
        end=facts.end,
        now=facts.now,
        gone=_gone(facts),
        versions=tuple(span.version for span in spans),
        total=Total(_sum(row.counts for row in targets), sum(row.open for row in targets)),
        targets=tuple(targets),
        measures=tuple(row for row in judged if row.measure != "workload"),
        workload=tuple(row for row in judged if row.measure == "workload"),
        work=facts.work.get(agreement.pk, Work()),
        interruptions=tuple(
            Interruption(row, tuple(row.services.all())) for row in interruptions_of(facts, agreement, spans)
        ),
        exclusions=tuple(facts.exclusions.get(agreement.pk, ())),
        outages=tuple(outages),
        excluded_outages=tuple(excluded),
        credits=_ruled(Side.CREDIT, facts, agreement, spans, targets, judged),
        rewards=_ruled(Side.REWARD, facts, agreement, spans, targets, judged),
        no_data=_no_data(facts, spans, targets),
    )


def _gone(facts: Facts) -> float:
    return (facts.until - facts.start) / (facts.end - facts.start)


def _no_data(facts: Facts, spans: Sequence[Span], targets: Sequence[TargetStanding]) -> str:
    if not spans and not targets:
        return "no_version"
    if facts.now < facts.start:
        return "not_begun"
    return "" if any(row.decided or row.excluded for row in targets) else "none_decided"


def _sum(counts: Iterable[Counts]) -> Counts:
    total = Counts()
    for each in counts:
        total = Counts(*(a + b for a, b in zip(total, each, strict=True)))
    return total


def _targets(facts: Facts, agreement: Agreement, spans: Sequence[Span]) -> list[TargetStanding]:
    """Targets of the versions in force, and of earlier ones that clocks of the period are pinned to."""
    in_force = {span.version.pk for span in spans}
    groups: dict[tuple[Any, ...], list[Target]] = {}
    for rows in facts.targets.values():
        for row in rows:
            if row.version.agreement_id != agreement.pk:
                continue
            if row.version_id in in_force or row.pk in facts.counts or row.pk in facts.open:
                promise = (row.kind, row.amount, row.until, row.opens, row.calendar_id)
                key = (row.metric, row.service_id, row.priority, row.ticket_kind)
                groups.setdefault((*key, row.goal_percent, *promise), []).append(row)
    last = spans[-1].version.pk if spans else None
    found = [
        _target(facts, agreement, sorted(rows, key=lambda row: row.version.number), last)
        for rows in groups.values()
    ]
    order = list(Metric.values)
    return sorted(
        found,
        key=lambda each: (
            order.index(each.metric), each.service.code if each.service else "", each.priority or 9,
            each.target.ticket_kind, each.versions[-1],
        ),
    )  # fmt: skip


def _target(facts: Facts, agreement: Agreement, rows: Sequence[Target], last: int | None) -> TargetStanding:
    """A target over its versions. Only where it is still promised do earlier periods tell of what comes."""
    counts = _sum(facts.counts.get(row.pk, Counts()) for row in rows)
    has_begun, newest = facts.now >= facts.start, rows[-1]
    key = (agreement.pk, newest.key)
    past = facts.past.get(key, []) if newest.version_id == last else []
    no_data = "" if counts.met + counts.missed else "none_decided" if has_begun else "not_begun"
    return TargetStanding(
        target=newest,
        versions=tuple(dict.fromkeys(row.version.number for row in rows)),
        counts=counts,
        open=sum(facts.open.get(row.pk, 0) for row in rows),
        budget=budget(
            goal=newest.goal_percent, met=counts.met, missed=counts.missed, gone=_gone(facts), past=past
        )
        if has_begun
        else None,
        no_data=no_data,
        target_ids=tuple(row.pk for row in rows),
    )


def _ruled(
    side: CreditEntry.Side,
    facts: Facts,
    agreement: Agreement,
    spans: Sequence[Span],
    targets: Sequence[TargetStanding],
    judged: Sequence[MeasureStanding],
) -> CreditStanding | None:
    """What the rules of one side come to; None where there are none and nothing was ever booked."""
    entries = tuple(entry for entry in facts.ledger.get(agreement.pk, ()) if entry.side == side)
    if not spans or not (getattr(spans[-1].terms, RULES_OF[side]) or entries):
        return None
    version, terms = spans[-1].version, spans[-1].terms
    counts: dict[str, list[int]] = {}
    for row in targets:
        held = counts.setdefault(row.key, [0, 0, 0, 0])
        for place, n in enumerate((row.met, row.missed, row.excluded, row.open)):
            held[place] += n
    shares = {row.key: row.actual for row in judged if row.unit == "percent" and row.actual is not None}
    is_closed = any(entry.kind == CreditEntry.Kind.CLOSING for entry in entries)
    known = [entry.amount for entry in entries if entry.amount is not None]
    due: dict[str, Any] = {}
    if facts.end - facts.start <= MONTH + timedelta(hours=2):  # a change of clocks may make a month longer
        due = RULES[RULES_OF[side]](terms, facts.start.strftime("%Y-%m"), counts, shares)
    expected = Decimal(str(due["amount"])) if due and monthly_cost(terms) is not None else None
    shown = Decimal(str(due["percent"])) if due else None
    return CreditStanding(
        side=side,
        version=version,
        is_closed=is_closed,
        percent=sum((entry.percent for entry in entries), Decimal(0)) if is_closed else shown,
        amount=(sum(known, Decimal(0)) if known else None) if is_closed else expected,
        currency=entries[-1].currency if is_closed else terms.cost.currency,
        due=tuple(due.get("targets", ())),
        entries=entries,
    )
