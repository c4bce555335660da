"""The ledger of credits and rewards: months are closed once, corrections are lines of their own.

The rules are those of sla.replay_tally, through levels.standing: no figure is computed here.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.access import Actor, require
from levels.facts import zone_of
from levels.models import CreditEntry
from levels.services import check_words
from levels.standing import CreditStanding, standing
from records.services import refuse
from sla.models import Agreement, AgreementVersion
from sla.queries import agreements
from sla.replay_tally import monthly_cost
from sla.terms_rows import terms_of

CLOSES_ON = 5  # the day of the following month, so that late verdicts and exclusions are in
LOOKS_BACK = 12  # months; what lies farther back is closed by nobody
NOTHING = Decimal(0)


def visible(actor: Actor) -> QuerySet[CreditEntry]:
    """The lines of the agreements the actor may know of; for managers."""
    return CreditEntry.objects.filter(agreement__in=agreements(actor))


def bounds(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants at which a month, given by its first day, begins and ends."""
    begin = datetime.combine(month, time.min, zone)
    return begin.astimezone(UTC), datetime.combine(following(month), time.min, zone).astimezone(UTC)


def following(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def previous(month: date) -> date:
    return (month.replace(day=1) - timedelta(days=1)).replace(day=1)


def to_close(agreement: Agreement, *, now: datetime) -> Iterator[date]:
    """The months of an agreement that are over, due to be closed and not closed yet, the oldest first."""
    zone = zone_of(agreement)
    today = now.astimezone(zone).date()
    last = previous(today)
    if today.day < CLOSES_ON:
        last = previous(last)
    first = agreement.versions.order_by("effective_from", "number").first()
    if first is None:
        return
    # what was before an agreement was entered here was settled elsewhere
    begin = max(first.effective_from, first.created_at)
    earliest = last
    for _step in range(LOOKS_BACK - 1):
        earliest = previous(earliest)
    month = max(begin.astimezone(zone).date().replace(day=1), earliest)
    closed = set(
        CreditEntry.objects.filter(agreement=agreement, kind=CreditEntry.Kind.CLOSING).values_list(
            "month", flat=True
        )
    )
    while month <= last:
        if month not in closed:
            yield month
        month = following(month)


def close_due(*, actor: Actor, now: datetime) -> list[CreditEntry]:
    """Close every month that is due, of every agreement with rules. Safe to repeat and to kill: the lines of
    a month, one for credits and one for rewards, are written in one transaction, and each is unique.
    """
    require(actor, "keep_credits")
    found: list[CreditEntry] = []
    for agreement in Agreement.objects.filter(kind=Agreement.Kind.SLA).order_by("pk"):
        if not _has_rules(agreement):
            continue
        for month in list(to_close(agreement, now=now)):
            found += close(agreement, month, actor=actor, now=now)
    return found


def _has_rules(agreement: Agreement) -> bool:
    has_credits = Q(terms__has_key="credits") & ~Q(terms__credits=[])
    has_rewards = Q(terms__has_key="rewards") & ~Q(terms__rewards=[])
    return AgreementVersion.objects.filter(has_credits | has_rewards, agreement=agreement).exists()


def close(agreement: Agreement, month: date, *, actor: Actor, now: datetime) -> list[CreditEntry]:
    """Enter what a month costs and earns; nothing where it has no rule, or is closed already."""
    require(actor, "keep_credits")
    begin, end = bounds(month, zone_of(agreement))
    if now < end:
        raise refuse("month", _("The month is not over yet."))
    found = standing(agreement, start=begin, end=end, now=now)
    sides = [each for each in (found.credits, found.rewards) if each]
    if any(each.entries for each in sides):
        return []
    try:
        with transaction.atomic():
            return [_enter(agreement, month, each, actor=actor, now=now) for each in sides]
    except IntegrityError:  # another worker was first
        return []


def _enter(
    agreement: Agreement, month: date, found: CreditStanding, *, actor: Actor, now: datetime
) -> CreditEntry:
    return CreditEntry.objects.create(
        agreement=agreement, version=found.version, month=month, side=found.side, rules=list(found.due),
        percent=found.percent or NOTHING, amount=found.amount, currency=found.currency,
        made_by_id=actor.user_id, made_at=now,
    )  # fmt: skip


@transaction.atomic
def correct(
    agreement: Agreement,
    month: date,
    *,
    side: str = CreditEntry.Side.CREDIT,
    percent: Decimal,
    reason: str,
    actor: Actor,
    now: datetime,
) -> CreditEntry:
    """Bring one side of a closed month to another percentage of its charge, by a line with the difference.

    The charge is that of the closing line's version, so the amount follows from the percentage.
    """
    require(actor, "keep_credits")
    if not agreements(actor).filter(pk=agreement.pk).exists():
        raise refuse("agreement", _("There is no such agreement."))
    words = check_words("reason", reason, _("Say why the month is corrected."))[:300]
    if not 0 <= percent <= 100:
        raise refuse("percent", _("A percentage from 0 to 100 is meant."))
    # one correction at a time: the lock is on the agreement, for lines are never changed
    Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
    month_lines = list(CreditEntry.objects.filter(agreement=agreement, month=month).order_by("pk"))
    if not month_lines:
        raise refuse("month", _("This month is not closed yet."))
    lines = [line for line in month_lines if line.side == side]
    if not lines:
        raise refuse("side", _("The agreement had no rule of this kind in this month."))
    first, booked = lines[0], sum((line.percent for line in lines), NOTHING)
    if booked == percent:
        raise refuse("percent", _("This is what is booked already."))
    charge = _charge(first)
    amounts = [line.amount for line in lines if line.amount is not None]
    wanted = None if charge is None else (charge * percent / 100).quantize(Decimal("0.01"))
    return CreditEntry.objects.create(
        agreement=agreement, version=first.version, month=month, side=side, rules=[],
        kind=CreditEntry.Kind.CORRECTION,
        percent=percent - booked, amount=None if wanted is None else wanted - sum(amounts, NOTHING),
        currency=first.currency, reason=words, made_by_id=actor.user_id, made_at=now,
    )  # fmt: skip


def _charge(line: CreditEntry) -> Decimal | None:
    """The month's charge by the version a month was closed under."""
    cost = monthly_cost(terms_of(line.version))
    return None if cost is None else Decimal(str(cost))
