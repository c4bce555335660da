"""Beside a change with a planned outage: what it takes from each agreement, and its announcement."""

from datetime import datetime, timedelta
from typing import Any

from accounts.access import Actor, may
from changes.lifecycle import CARRIED_OUT, WITHDRAWN
from changes.models import Change
from changes.reading import is_approved
from levels import at_stake, changing, telling
from levels.at_stake import Affected, Stake
from records.kinds import Kind
from records.models import Record
from records.panels import Panel, register

TEMPLATE = "levels/_change_panel.html"


def content(record: Record, actor: Actor, *, now: datetime) -> dict[str, Any] | None:
    """None for a change without a planned outage."""
    change = record if isinstance(record, Change) else Change.objects.get(pk=record.pk)
    if not (change.outage_from and change.outage_until):
        return None
    told = changing.announced(change)
    found = at_stake.affected(change, actor=actor, now=now, told=told)
    is_to_come = change.state not in CARRIED_OUT | WITHDRAWN and change.outage_from > now
    return {
        "change": change,
        "affected": [_row(each) for each in found],
        "told": told,
        "announcement": telling.announcements_of([told]).get(told.pk) if told else None,
        "fits": bool(told and (told.starts_at, told.ends_at) == (change.outage_from, change.outage_until)),
        "is_late": is_to_come and told is None and is_approved(change),
        "may_announce": is_to_come
        and told is None
        and is_approved(change)
        and may(actor, "plan_interruption"),
    }


def _row(each: Affected) -> dict[str, Any]:
    return {
        "agreement": each.agreement,
        "stakes": [_stake(stake) for stake in each.stakes],
        "notice": each.notice,
        "is_in_time": each.is_in_time,
        "misses_left": each.misses_left,
    }


def _stake(stake: Stake) -> dict[str, Any]:
    return {
        "stake": stake,
        "month": stake.month.first,
        "goal": f"{float(stake.goal):g} %",
        "allowed": timedelta(seconds=stake.allowed),
        "used": timedelta(seconds=stake.used),
        "before": timedelta(seconds=stake.allowed - stake.used),
        "uses": timedelta(seconds=stake.uses),
        "left": timedelta(seconds=abs(stake.left)),
    }


def show() -> None:
    """Register the panel. Called when the app is ready."""
    kinds = frozenset({Kind.CHANGE.value})
    register(Panel(name="levels.change", order=25, template=TEMPLATE, content=content, kinds=kinds))
