"""Warranties that end: shown within 90, 60 and 30 days, and announced once for each asset and end (CMDB-07).

Assets of one customer and one responsible person whose warranty ends on the same day are one piece of work.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

import actions.services
from accounts.models import User
from accounts.services import system_actor
from actions.models import Action
from actions.selfcheck import manager_of
from assets import words
from assets.models import Asset, AssetState

BANDS = (30, 60, 90)
MOST = 500
NAMED = 20


def band(until: date | None, today: date) -> int | None:
    """The smallest of BANDS within which a warranty ends; None where it ends later, or has ended."""
    if until is None or until < today:
        return None
    return next((days for days in BANDS if until <= today + timedelta(days=days)), None)


def ending(rows: QuerySet[Asset], days: int, today: date) -> QuerySet[Asset]:
    """Those whose warranty ends within so many days, of what is not disposed of."""
    last = today + timedelta(days=days)
    return rows.filter(warranty_until__gte=today, warranty_until__lte=last).exclude(state=AssetState.DISPOSED)


def announce(*, now: datetime) -> int:
    """Open an action for the warranties that end within 90 days; answers for how many assets.

    Safe to repeat and to run twice at once: the assets are held, and each remembers the end it was told for.
    """
    today = timezone.localdate(now)
    with transaction.atomic():
        rows = ending(Asset.objects.select_for_update(skip_locked=True, no_key=True, of=("self",)), 90, today)
        fresh = Q(warranty_told_for=None) | ~Q(warranty_told_for=F("warranty_until"))
        groups: dict[tuple[Any, ...], list[Asset]] = defaultdict(list)
        for asset in rows.filter(fresh).order_by("warranty_until", "pk")[:MOST]:
            groups[(asset.customer_id, asset.keeper_id, asset.warranty_until)].append(asset)
        return sum(_tell(group, today, now) for group in groups.values())


def _tell(group: list[Asset], today: date, now: datetime) -> int:
    first = group[0]
    responsible = _responsible(first)
    until = first.warranty_until
    if responsible is None or until is None:
        return 0
    numbers = ", ".join(asset.number for asset in group[:3]) + (" …" if len(group) > 3 else "")
    lines = [f"- {asset} · {asset.tag} · {asset.location}" for asset in group[:NAMED]]
    if len(group) > NAMED:
        lines.append(f"… +{len(group) - NAMED}")
    system = system_actor()
    actions.services.open_action(
        source=Action.Source.OTHER, responsible=responsible, due_on=max(until, today),
        customer=first.customer,
        title=f"{until.isoformat()}: warranty ends · 保修到期 ({len(group)}): {numbers}",
        description="\n".join(lines), key=f"assets:warranty:{first.pk}:{until.isoformat()}",
        actor=system, now=now,
    )  # fmt: skip
    for asset in group:
        words.write(asset, "warranty", actor=system, at=now, day={"day": until.isoformat()})
    Asset.objects.filter(pk__in=[asset.pk for asset in group]).update(warranty_told_for=until)
    return len(group)


def _responsible(asset: Asset) -> User | None:
    """Whose asset it is to look after, else the service level manager of its customer."""
    keeper = asset.keeper
    if keeper and keeper.is_active and keeper.actor.is_staff_side:
        return keeper
    return manager_of(asset.customer_id)
