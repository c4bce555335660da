"""Who did how much in a period: accepted, solved, escalated, out of SLA, per person and tier (SD-18).

Each figure is one queryset with ``who`` and ``place``: grouped it is the numbers, of one person the list.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, require
from accounts.models import Membership, Team, User
from records.kinds import TICKETS
from records.models import Activity, Record
from reports.figures import Question
from reports.models import WorkloadStatement
from sla.models import Breach

FIGURES: Mapping[str, Any] = {
    "accepted": _("Accepted"),
    "solved": _("Solved"),
    "escalated": _("Escalated"),
    "missed": _("Out of SLA"),
}
HELP: Mapping[str, Any] = {
    "accepted": _("Tickets the person accepted, by the entries of the log."),
    "solved": _("Tickets the person solved, by the entries of the log."),
    "escalated": _("Tickets the person escalated to another tier, by the entries of the log."),
    "missed": _(
        "Targets missed while the person held the ticket; what does not count by decision is left out."
    ),
}
VERBS: Mapping[str, tuple[str, ...]] = {
    "accepted": ("record.accepted",),
    "solved": tuple(f"{kind}.resolve" for kind in TICKETS),
    "escalated": ("record.escalated",),
}
ORDER = [Team.Tier.DESK.value, Team.Tier.FIRST.value, Team.Tier.SECOND.value, Team.Tier.THIRD.value]


def rows_of(figure: str, question: Question) -> QuerySet[Any]:
    """What a figure counts, of the provider's people, within what the asker sees."""
    period = question.period
    if figure == "missed":
        missed = Breach.objects.filter(
            clock__in=question.clocks().filter(breached_at__isnull=False), at__gte=period.start,
            at__lt=period.end, assignee__isnull=False,
        )  # fmt: skip
        return missed.annotate(who=F("assignee"), place=F("at"))
    acts = Activity.objects.filter(
        verb__in=VERBS[figure], at__gte=period.start, at__lt=period.end, record__kind__in=TICKETS
    )
    if question.actor.scope is not None:
        acts = acts.filter(record__in=Record.objects.visible_to(question.actor).values("pk"))
    acts = acts.filter(actor__in=Membership.objects.values("user"))
    return acts.annotate(who=F("actor"), place=F("at"))


def record_of(row: Any) -> Record:
    """The ticket behind a row of any figure."""
    return row.clock.record if isinstance(row, Breach) else row.record


def related_of(figure: str) -> tuple[str, ...]:
    way = "clock__record" if figure == "missed" else "record"
    return (f"{way}__customer", f"{way}__team", f"{way}__assignee")


@dataclass(frozen=True)
class Load:
    """A person's or tier's numbers by figure."""

    person: User | None
    tier: str
    counts: Mapping[str, int]


def loads(question: Question) -> list[Load]:
    """One row per person with anything to count, by tier; a query per figure and one for the people."""
    counted: dict[int, dict[str, int]] = {}
    for figure in FIGURES:
        grouped = rows_of(figure, question).order_by().values("who").annotate(n=Count("pk"))
        for row in grouped:
            counted.setdefault(row["who"], dict.fromkeys(FIGURES, 0))[figure] = row["n"]
    tiers = tiers_of(list(counted))
    people = User.objects.in_bulk(list(counted))
    found = [Load(people[pk], tiers.get(pk, ""), counts) for pk, counts in counted.items()]
    return sorted(found, key=lambda load: (_place(load.tier), load.person.name if load.person else ""))


def _place(tier: str) -> int:
    return ORDER.index(tier) if tier in ORDER else len(ORDER)


def tiers_of(people: list[int]) -> dict[int, str]:
    """The tier each person works in; who is in several teams counts for the first line of them."""
    found: dict[int, str] = {}
    for user, tier in Membership.objects.filter(user__in=people).values_list("user", "team__tier"):
        if user not in found or _place(tier) < _place(found[user]):
            found[user] = tier
    return found


def by_tier(found: list[Load]) -> list[Load]:
    """The same summed up by tier."""
    sums: dict[str, dict[str, int]] = {}
    for load in found:
        row = sums.setdefault(load.tier, dict.fromkeys(FIGURES, 0))
        for figure, n in load.counts.items():
            row[figure] += n
    return [
        Load(None, tier, counts) for tier, counts in sorted(sums.items(), key=lambda item: _place(item[0]))
    ]


def publish(question: Question, *, key: uuid.UUID, actor: Actor, now: datetime) -> WorkloadStatement:
    """Freeze the period's numbers with the tickets behind them; the same ``key`` again is the same one."""
    require(actor, "publish_workload")
    with transaction.atomic():
        if there := WorkloadStatement.objects.filter(key=key).first():
            return there
        numbers = _numbers(question)
        rows = [
            {
                "person": load.person.name if load.person else "",
                "tier": load.tier,
                **load.counts,
                "numbers": numbers.get(load.person.pk if load.person else 0, {}),
            }
            for load in loads(question)
        ]
        facts = {"first": question.period.first, "last": question.period.last, "rows": rows}
        return WorkloadStatement.objects.get_or_create(
            key=key,
            defaults={
                **facts, "zone": str(question.period.zone), "published_by_id": actor.user_id,
                "published_at": now,
            },
        )[0]  # fmt: skip


def _numbers(question: Question) -> dict[int, dict[str, list[str]]]:
    found: dict[int, dict[str, list[str]]] = {}
    for figure in FIGURES:
        number = "clock__record__number" if figure == "missed" else "record__number"
        for who, text in rows_of(figure, question).order_by("place", "pk").values_list("who", number):
            found.setdefault(who, {}).setdefault(figure, []).append(text)
    return found
