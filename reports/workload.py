"""Who did how much in a period: accepted, solved, escalated, out of SLA, per person and tier (SD-18).

Each figure is one queryset with ``who`` and ``place``: grouped it is the numbers, of one person the list.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, require
from accounts.models import Membership, Team, User
from records.counting import tally
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
    """What a figure counts, of the provider's people, within what the asker sees.

    Each row says ``who`` did it, in which tier (``at_tier``, "" where the entry does not say) and when.
    """
    period = question.period
    if figure == "missed":
        missed = Breach.objects.filter(
            clock__in=question.clocks().filter(breached_at__isnull=False), at__gte=period.start,
            at__lt=period.end, assignee__isnull=False,
        )  # fmt: skip
        return missed.annotate(who=F("assignee"), place=F("at"), at_tier=F("tier"))
    acts = Activity.objects.filter(
        verb__in=VERBS[figure], at__gte=period.start, at__lt=period.end, record__kind__in=TICKETS
    )
    if question.actor.scope is not None:
        acts = acts.filter(record__in=Record.objects.visible_to(question.actor).values("pk"))
    acts = acts.filter(actor__in=Membership.objects.values("user"))
    # the tier the ticket was in when it was done: where a person belongs today may be another one
    at_tier = Coalesce(KT("data__from_tier"), KT("data__tier"), Value(""), output_field=CharField())
    return acts.annotate(who=F("actor"), place=F("at"), at_tier=at_tier)


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
    """One row per person and tier with anything to count; a query per figure and one for the people.

    The tier is that of the act. Entries that do not say (older ones) count for the person's tier today.
    """
    counted: dict[tuple[int, str], dict[str, int]] = {}
    for figure in FIGURES:
        grouped = rows_of(figure, question).order_by().values("who", "at_tier").annotate(n=tally())
        for row in grouped:
            counted.setdefault((row["who"], row["at_tier"]), dict.fromkeys(FIGURES, 0))[figure] = row["n"]
    people = User.objects.in_bulk({who for who, _tier in counted})
    today = tiers_of(list(people))
    merged: dict[tuple[int, str], dict[str, int]] = {}
    for (who, tier), counts in counted.items():
        into = merged.setdefault((who, tier or today.get(who, "")), dict.fromkeys(FIGURES, 0))
        for figure, n in counts.items():
            into[figure] += n
    found = [Load(people[who], tier, counts) for (who, tier), counts in merged.items()]
    return sorted(found, key=lambda load: (_place(load.tier), load.person.name if load.person else ""))


def in_tier(rows: QuerySet[Any], who: int, tier: str) -> QuerySet[Any]:
    """Of the rows of a figure those a person's line of this tier counts."""
    said = Q(at_tier=tier)
    if tiers_of([who]).get(who, "") == tier:
        said |= Q(at_tier="")
    return rows.filter(said, who=who)


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
                "numbers": numbers.get((load.person.pk if load.person else 0, load.tier), {}),
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


def _numbers(question: Question) -> dict[tuple[int, str], dict[str, list[str]]]:
    """The tickets behind each number, by person and tier."""
    rows: list[tuple[str, int, str, str]] = []
    for figure in FIGURES:
        number = "clock__record__number" if figure == "missed" else "record__number"
        ordered = rows_of(figure, question).order_by("place", "pk").values_list("who", "at_tier", number)
        rows += [(figure, *row) for row in ordered]
    today = tiers_of(list({who for _figure, who, _tier, _text in rows}))
    found: dict[tuple[int, str], dict[str, list[str]]] = {}
    for figure, who, tier, text in rows:
        found.setdefault((who, tier or today.get(who, "")), {}).setdefault(figure, []).append(text)
    return found
