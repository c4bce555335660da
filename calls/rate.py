"""The answer rate and the calls behind it: one question, from which every figure and every list is read."""

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import User
from calls.models import CallQuerySet, CallRecord, Hotline
from customers.figures import Span

NOBODY = "none"  # calls no agent was named for
INCOMING = Q(direction=CallRecord.Direction.IN)
ANSWERED = Q(answered_at__isnull=False)
ABANDONED = Q(abandoned_at__isnull=False)
PARTS: dict[str, tuple[Any, Q]] = {
    "decided": (_("Answered or abandoned"), INCOMING & (ANSWERED | ABANDONED)),
    "answered": (_("Answered"), INCOMING & ANSWERED),
    "abandoned": (_("Abandoned"), INCOMING & ABANDONED),
    "open": (_("Without an outcome"), INCOMING & ~ANSWERED & ~ABANDONED),
    "out": (_("Outgoing"), Q(direction=CallRecord.Direction.OUT)),
    "all": (_("All"), Q()),
}


@dataclass(frozen=True)
class Rate:
    """``answered`` of ``total`` incoming calls with an outcome."""

    answered: int
    total: int
    goal: int | None = None

    @property
    def percent(self) -> float | None:
        """To one place, cut off so that what is short of a goal does not read like it; None: no data."""
        return self.answered * 1000 // self.total / 10 if self.total else None

    @property
    def tone(self) -> str:
        if not self.total or self.goal is None:
            return ""
        return "good" if self.answered * 100 >= self.goal * self.total else "bad"


@dataclass(frozen=True)
class Question:
    """Whose calls, of which days, hotline and agent (an id, NOBODY, or "" for all)."""

    actor: Actor
    span: Span
    hotline: Hotline | None = None
    agent: str = ""

    def rows(self, part: str = "all") -> CallQuerySet:
        """The calls offered in the period that belong to a part of PARTS."""
        found: CallQuerySet = CallRecord.objects.visible_to(self.actor).filter(
            PARTS[part][1], offered_at__gte=self.span.start, offered_at__lt=self.span.end
        )
        if self.hotline is not None:
            found = found.filter(hotline=self.hotline)
        if self.agent == NOBODY:
            found = found.filter(agent=None)
        elif self.agent:
            found = found.filter(agent=int(self.agent))
        return found

    def counts(self) -> dict[str, int]:
        """How many calls each part holds."""
        sums = {name: Count("pk", filter=condition) for name, (_label, condition) in PARTS.items()}
        found: dict[str, int] = self.rows().aggregate(**sums)
        return found

    def rate(self) -> Rate:
        """Of everything asked for; with a goal where all hotlines in it share one."""
        sums = self.counts()
        hotlines = Hotline.objects.filter(pk__in=self.rows("decided").values("hotline"))
        goals = {self.hotline.goal} if self.hotline else set(hotlines.values_list("goal", flat=True))
        return Rate(sums["answered"], sums["decided"], goals.pop() if len(goals) == 1 else None)

    def by_hotline(self) -> list[tuple[Hotline, Rate]]:
        sums = {row["hotline"]: row for row in self._grouped("hotline")}
        rows = Hotline.objects.filter(pk__in=sums)
        return [(row, Rate(sums[row.pk]["answered"], sums[row.pk]["total"], row.goal)) for row in rows]

    def by_agent(self) -> list[tuple[User | None, Rate]]:
        """By name; None at the end for calls no agent was named for."""
        sums = {row["agent"]: Rate(row["answered"], row["total"]) for row in self._grouped("agent")}
        people = User.objects.filter(pk__in=[pk for pk in sums if pk is not None]).order_by("display_name")
        found: list[tuple[User | None, Rate]] = [(user, sums[user.pk]) for user in people]
        return [*found, (None, sums[None])] if None in sums else found

    def by_day(self) -> list[tuple[Any, Rate]]:
        """Days of the reader's zone that had calls."""
        rows = self.rows("decided").annotate(day=TruncDate("offered_at"))
        sums = rows.values("day").annotate(answered=Count("pk", filter=ANSWERED), total=Count("pk"))
        return [(row["day"], Rate(row["answered"], row["total"])) for row in sums.order_by("day")]

    def _grouped(self, name: str) -> Any:
        rows = self.rows("decided").order_by().values(name)
        return rows.annotate(answered=Count("pk", filter=ANSWERED), total=Count("pk"))

    def of(self, **over: Any) -> "Question":
        """The same question, narrowed."""
        return replace(self, **over)
