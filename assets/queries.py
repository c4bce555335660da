"""Questions about the register: its list, and the share of important assets known as items (CMDB-04)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from accounts.access import Actor
from assets import lifecycle, warranties
from assets.models import Asset, AssetState

COVERED, MISSING = "covered", "missing"
WARRANTIES = ("30", "60", "90", "ended", "none")
OWN = -1
GROUPS = {"here": lifecycle.HERE, "left": lifecycle.HERE | {lifecycle.ORDERED}}
"""States asked for together: what is there, and what is not disposed of."""

RELATED = ("device_class", "item", "customer", "site", "user")


def assets(actor: Actor) -> QuerySet[Asset]:
    """The assets the actor may know of."""
    return Asset.objects.visible_to(actor)


@dataclass(frozen=True)
class Choice:
    """How the list is narrowed; what is empty or 0 narrows nothing, OWN is what has no customer."""

    text: str = ""
    state: str = ""
    device_class: int = 0
    customer: int = 0
    site: int = 0
    warranty: str = ""
    important: bool = False
    coverage: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Choice":
        """From an address: what it does not know is as if not asked."""
        state, warranty, coverage = (given.get(name, "") for name in ("state", "warranty", "coverage"))
        return cls(
            text=given.get("q", "").replace("\0", "").strip()[:100],
            state=state if state in AssetState.values or state in GROUPS else "",
            device_class=_id(given.get("class", "")),
            customer=OWN if given.get("customer") == "own" else _id(given.get("customer", "")),
            site=_id(given.get("site", "")),
            warranty=warranty if warranty in WARRANTIES else "",
            important=given.get("important") == "1",
            coverage=coverage if coverage in (COVERED, MISSING) else "",
        )

    @property
    def is_narrow(self) -> bool:
        return self != Choice()


def _id(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def listed(actor: Actor, choice: Choice, today: date) -> QuerySet[Asset]:
    """The assets chosen."""
    rows = assets(actor)
    if choice.text:
        words = choice.text
        rows = rows.filter(
            Q(number__iexact=words) | Q(tag__icontains=words) | Q(name__icontains=words)
            | Q(serial__icontains=words) | Q(user__display_name__icontains=words)
        )  # fmt: skip
    if choice.state:
        rows = rows.filter(state__in=GROUPS.get(choice.state, (choice.state,)))
    for column in ("device_class", "customer", "site"):
        if value := getattr(choice, column):
            rows = rows.filter(**{column: None if value == OWN else value})
    if choice.important or choice.coverage:
        rows = important(rows)
    if choice.coverage:
        rows = by_coverage(rows, choice.coverage)
    return _by_warranty(rows, choice.warranty, today) if choice.warranty else rows


def _by_warranty(rows: QuerySet[Asset], asked: str, today: date) -> QuerySet[Asset]:
    if asked.isdigit():
        return warranties.ending(rows, int(asked), today)
    there = rows.exclude(state=AssetState.DISPOSED)
    return there.filter(warranty_until=None) if asked == "none" else there.filter(warranty_until__lt=today)


# --- CMDB-04 ---------------------------------------------------------------------------------------


def important(rows: QuerySet[Asset]) -> QuerySet[Asset]:
    """The important ones that are there: delivered, and not disposed of."""
    return rows.filter(is_important=True, state__in=lifecycle.HERE)


def by_coverage(rows: QuerySet[Asset], part: str) -> QuerySet[Asset]:
    """Covered: it is a configuration item that is not retired."""
    covered = Q(item__is_active=True)
    return rows.filter(covered) if part == COVERED else rows.exclude(covered)


@dataclass(frozen=True)
class Coverage:
    """How many important assets are known as configuration items. ``percent`` None: there are none at all."""

    covered: int
    missing: int

    @property
    def total(self) -> int:
        return self.covered + self.missing

    @property
    def percent(self) -> float | None:
        return 100 * self.covered / self.total if self.total else None


COUNTS = {
    "covered": Count("pk", filter=Q(item__is_active=True)),
    "whole": Count("pk"),
}


def coverage(actor: Actor) -> Coverage:
    """Of all the actor sees; the same rows as the lists behind the numbers."""
    found = important(assets(actor)).aggregate(**COUNTS)
    return Coverage(found["covered"], found["whole"] - found["covered"])


def coverage_by(actor: Actor, column: str) -> dict[int | None, Coverage]:
    """The same by the values of a column; one query."""
    rows = important(assets(actor)).order_by().values(column).annotate(**COUNTS)
    return {row[column]: Coverage(row["covered"], row["whole"] - row["covered"]) for row in rows}
