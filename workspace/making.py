"""Making the changes of a bulk edit on one ticket, or only seeing what they would do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.access import Actor, Origin
from accounts.models import Organisation
from records import changes
from records.changes import Change
from records.kinds import process_of
from records.models import Activity, Delivery, Record

Wanted = Sequence[tuple[Change, Any]]
TALK = ("record.replied", "record.asked", "record.noted")


@dataclass(frozen=True)
class Verdict:
    """What is changed, or would be: ``effects``; none of it, and ``reason`` says why."""

    effects: list[dict[str, str]] = field(default_factory=list)
    reason: str = ""


@dataclass(frozen=True)
class Messages:
    """How many messages changes send: one person told once about one fact counts one."""

    to_customers: int = 0
    to_colleagues: int = 0


class Changed(Exception):
    """Somebody else changed the ticket since it was previewed."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def read(kept: Iterable[dict[str, Any]], actor: Actor) -> list[tuple[Change, Any]]:
    """Changes as a bulk edit keeps them. ValidationError for what is no change, or no value, any more."""
    found = []
    for entry in kept:
        change = changes.get(entry["name"])
        if change is None:
            raise ValidationError(_("There is no such change any more."), code="unknown")
        found.append((change, change.clean(entry["value"], actor)))
    return found


def keep(wanted: Wanted) -> list[dict[str, Any]]:
    return [{"name": change.name, "value": change.stored(value)} for change, value in wanted]


def foresee(record: Record, wanted: Wanted, *, actor: Actor, now: datetime) -> Verdict:
    """What the changes would do, without doing it: a later one is judged as if it were the only one."""
    return _each(record, wanted, actor=actor, now=now, is_real=False)


def make(record: Record, wanted: Wanted, *, actor: Actor, now: datetime) -> Verdict:
    """Make the changes, all or none, in the caller's transaction. Raises what they raise.

    What is so already is left out; where nothing is left the verdict has a reason and nothing was written.
    """
    return _each(record, wanted, actor=actor, now=now, is_real=True)


def rehearse(record: Record, wanted: Wanted, *, actor: Actor, now: datetime) -> tuple[Verdict, Messages]:
    """Make the changes and take them back: the verdict is exact, and so is how many people would be told."""
    with transaction.atomic():
        before = Activity.objects.aggregate(newest=Max("pk"))["newest"] or 0
        verdict, sent = _refusable(record, wanted, actor=actor, now=now), Messages()
        if verdict.effects:
            sent = _messages_after(before, actor)
        transaction.set_rollback(True)
    return verdict, sent


def _refusable(record: Record, wanted: Wanted, *, actor: Actor, now: datetime) -> Verdict:
    try:
        with transaction.atomic():
            return make(record, wanted, actor=actor, now=now)
    except changes.REFUSALS as refusal:
        return Verdict(reason=changes.why_not(refusal))


def _messages_after(activity: int, actor: Actor) -> Messages:
    """What was planned since an entry of the log because of this actor; not alarms that fell due anyway."""
    rows = Delivery.objects.filter(activity__gt=activity).exclude(activity__verb__startswith="sla.")
    ours = rows.filter(activity__actor=actor.user_id) | rows.filter(activity__origin=Origin.SYSTEM)
    told = ours.order_by().values_list("activity", "recipient", "recipient__organisation__kind").distinct()
    kinds = [kind for _activity, _recipient, kind in told]
    customers = kinds.count(Organisation.Kind.CUSTOMER)
    return Messages(to_customers=customers, to_colleagues=len(kinds) - customers)


def _each(record: Record, wanted: Wanted, *, actor: Actor, now: datetime, is_real: bool) -> Verdict:
    effects, so_already = [], ""
    for change, value in wanted:
        try:
            changes.check_kind(change, record)
            effect = change.preview(record, value, actor=actor, now=now)
            if is_real:
                change.apply(record, value, actor=actor, now=now)
                record = type(record)._default_manager.get(pk=record.pk)
        except changes.REFUSALS as refusal:
            if getattr(refusal, "code", "") == "unchanged":
                so_already = so_already or changes.why_not(refusal)
                continue
            if is_real:
                raise
            return Verdict(reason=changes.why_not(refusal))
        effects.append({"label": str(change.label), "before": effect.before, "after": effect.after})
    return Verdict(effects=effects) if effects else Verdict(reason=so_already or _("Nothing to change."))


def check_unchanged(record: Record, version: int, *, actor: Actor) -> None:
    """Raise :class:`Changed` where others changed the record after ``version``.

    Words are no change, and what the system did of itself is no decision of anybody.
    """
    if record.version <= version:
        return
    since = record.activities.filter(record_version__gt=version).exclude(verb__in=TALK)
    others = since.exclude(origin=Origin.SYSTEM).exclude(actor=actor.user_id).select_related("actor")
    if found := others.order_by("pk").first():
        raise Changed(found.actor.name)


def rows_of(records: Iterable[Record]) -> dict[int, Record]:
    """The processes' own rows of some records, by id; one query for each kind among them."""
    by_kind: dict[str, list[int]] = {}
    for record in records:
        by_kind.setdefault(record.kind, []).append(record.pk)
    found: dict[int, Record] = {}
    for kind, ids in by_kind.items():
        rows = process_of(kind).model._default_manager.select_related(
            "customer", "requester", "service__second_line_team", "team", "assignee", "owner"
        )
        found |= {row.pk: row for row in rows.filter(pk__in=ids)}
    return found
