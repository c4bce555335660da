"""Whether software is used as its licences allow: arithmetic over loaded rows. PURE."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

SOON = timedelta(days=60)


class Metric(StrEnum):
    """What is counted."""

    DEVICE = "device"
    USER = "user"
    SITE = "site"


class Verdict(StrEnum):
    """``UNLICENSED``: installed, and no licence in force at all."""

    IN_ORDER = "in_order"
    ENDS_SOON = "ends_soon"
    OVER_USED = "over_used"
    EXPIRED = "expired"
    UNLICENSED = "unlicensed"
    UNUSED = "unused"


@dataclass(frozen=True)
class Right:
    """One licence. ``quantity`` None: as many as one likes; ``until`` is the last day, None: without end."""

    quantity: int | None
    valid_from: date
    until: date | None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Standing:
    """``entitled`` None: as many as one likes. ``ends_on``: the next day a licence in force ends."""

    verdict: Verdict
    used: int
    entitled: int | None
    ends_on: date | None

    @property
    def over(self) -> int:
        """How many more are used than allowed."""
        return max(0, self.used - self.entitled) if self.entitled is not None else 0


def standing(rights: Iterable[Right], used: int, *, today: date) -> Standing:
    """How software that is used ``used`` times stands on a day."""
    rights = list(rights)
    valid = [right for right in rights if right.holds_on(today)]
    counts = [right.quantity for right in valid]
    entitled = None if None in counts else sum(count or 0 for count in counts)
    ends = min((right.until for right in valid if right.until), default=None)
    if not valid:
        gone = [right.until for right in rights if right.until and right.until < today]
        if used:
            return Standing(Verdict.EXPIRED if gone else Verdict.UNLICENSED, used, 0, max(gone, default=None))
        return Standing(Verdict.EXPIRED if gone else Verdict.UNUSED, used, 0, max(gone, default=None))
    if entitled is not None and used > entitled:
        return Standing(Verdict.OVER_USED, used, entitled, ends)
    if ends and ends - today <= SOON:
        return Standing(Verdict.ENDS_SOON, used, entitled, ends)
    return Standing(Verdict.IN_ORDER, used, entitled, ends)
