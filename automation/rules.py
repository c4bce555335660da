"""The verbs of rules: written in editions, tried on existing tickets, switched on and off."""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.access import Actor, require
from automation import conditions, steps, telling
from automation.models import Rule, RuleEdition, Switch, TryOut, TryOutRow, Wait, When
from automation.services import held
from records.kinds import TICKETS, process_of
from records.models import Record
from records.services import refuse

LEAD = "lead_automation"
MOST_LOOKED = 1_000
MOST_DAYS = 365
SECONDS = 20  # a try-out takes at most
CONTENT = ("when", "into", "hours", "conditions", "steps", "stops")


def states() -> list[tuple[str, str]]:
    """Every state of every kind of ticket: "incident:on_hold" -> its words."""
    found = []
    for kind in TICKETS:
        process = process_of(kind)
        found += [(f"{kind}:{code}", str(label)) for code, label in process.labels.choices]
    return found


def verbs_of(edition: RuleEdition) -> list[str]:
    """The verbs of the log that set this edition off."""
    moves = [f"{kind}.{move}" for kind in TICKETS for move in process_of(kind).lifecycle.moves]
    opened = [f"{kind}.open" for kind in TICKETS]
    return {
        When.OPENED: opened,
        When.CHANGED: ["record.edited", "record.assigned", "record.accepted", "record.escalated"],
        When.ASKED: ["record.asked"],
        When.MOVED: moves,
        When.WARNED: ["sla.warned"],
        When.MISSED: ["sla.breached"],
        When.WAITED: [*opened, *moves],
    }[When(edition.when)]


def latest(rule: Rule) -> RuleEdition:
    """The newest edition; a rule always has one."""
    return rule.editions.order_by("-number")[0]


def latest_of(rows: Iterable[Rule]) -> dict[int, RuleEdition]:
    """The newest editions of several rules, by rule; one query."""
    found = RuleEdition.objects.filter(rule__in=[row.pk for row in rows])
    return {row.rule_id: row for row in found.order_by("rule_id", "-number").distinct("rule_id")}


def save(
    rule: Rule | None,
    facts: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Rule:
    """Write a rule, or a new edition of one. What is in force stays so until another is switched on."""
    require(actor, LEAD)
    content = _checked(facts, actor)
    with transaction.atomic():
        row = held(rule, expected_version) if rule else Rule(created_by_id=actor.user_id, created_at=now)
        row.name_en, row.name_zh = facts["name_en"].strip(), str(facts.get("name_zh", "")).strip()
        row.position = facts.get("position", 100)
        row.version = row.version + 1 if rule else 1
        row.save()
        before = row.editions.order_by("-number").first()
        if before is None or any(getattr(before, name) != content[name] for name in CONTENT):
            number = before.number + 1 if before else 1
            RuleEdition.objects.create(
                rule=row, number=number, created_by_id=actor.user_id, created_at=now, **content
            )
    return row


def _checked(facts: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    if not str(facts.get("name_en", "")).strip():
        raise refuse("name_en", _("Give it a name."), "required")
    when, into, hours = facts.get("when"), list(facts.get("into", [])), facts.get("hours")
    if when not in When.values:
        raise refuse("when", _("Say what sets the rule off."), "required")
    if set(into) - {code for code, _label in states()}:
        raise refuse("into", _("There is no such state."))
    if when == When.WAITED and not into:
        raise refuse("into", _("Say in which state it waits."), "required")
    if when == When.WAITED and not (isinstance(hours, int) and 1 <= hours <= 9999):
        raise refuse("hours", _("Say after how many hours, from 1 to 9999."), "required")
    kept = steps.checked(facts.get("steps", []), actor, is_personal=False)
    if not kept:
        raise refuse("steps", _("Choose at least one change."), "required")
    is_stateful = when in (When.MOVED, When.WAITED)
    return {
        "when": str(when), "into": sorted(into) if is_stateful else [],
        "hours": hours if when == When.WAITED else None,
        "conditions": [dict(group) for group in facts.get("conditions", []) if group], "steps": kept,
        "stops": bool(facts.get("stops")),
    }  # fmt: skip


# --- trying it out -------------------------------------------------------------------------------


def try_out(edition: RuleEdition, *, days: int, actor: Actor, now: datetime) -> TryOut:
    """What the edition would have done on the actor's tickets of the last ``days``, the newest 1,000.

    The tickets are only read: the database refuses every write while they are looked at.
    """
    require(actor, LEAD)
    if not 1 <= days <= MOST_DAYS:
        raise refuse("days", _("From 1 to %(n)s days.") % {"n": MOST_DAYS})
    found, looked, is_whole = _looked(edition, days, actor=actor, now=now)
    with transaction.atomic():
        kept = TryOut.objects.create(
            edition=edition, by_id=actor.user_id, at=now, days=days, looked=looked, matched=len(found),
            is_whole=is_whole,
        )  # fmt: skip
        TryOutRow.objects.bulk_create(
            TryOutRow(tryout=kept, record_id=pk, lines=lines) for pk, lines in found
        )
    return kept


def _looked(
    edition: RuleEdition, days: int, *, actor: Actor, now: datetime
) -> tuple[list[tuple[int, list[dict[str, Any]]]], int, bool]:
    rows = Record.objects.visible_to(actor).tickets().filter(opened_at__gte=now - timedelta(days=days))
    newest = list(rows.order_by("-opened_at", "-pk").values_list("pk", flat=True)[: MOST_LOOKED + 1])
    is_whole, newest = len(newest) <= MOST_LOOKED, newest[:MOST_LOOKED]
    found: list[tuple[int, list[dict[str, Any]]]] = []
    until = time.monotonic() + SECONDS
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL transaction_read_only = on")
        matching = set(conditions.fitting(edition.conditions, Record.objects.filter(pk__in=newest)))
        for record in _whole([pk for pk in newest if pk in matching]):
            if time.monotonic() > until:
                is_whole = False
                break
            if edition.into and f"{record.kind}:{record.state}" not in edition.into:
                continue
            found.append((record.pk, _told(edition, record, actor=actor, now=now)))
        transaction.set_rollback(True)
    return found, len(newest), is_whole


def _whole(ids: Sequence[int]) -> list[Record]:
    """The tickets as their own process's rows, in this order."""
    by_id: dict[int, Record] = {}
    for kind in TICKETS:
        rows = process_of(kind).model._default_manager.select_related(
            "customer", "requester", "service", "team", "assignee"
        )
        by_id |= {row.pk: row for row in rows.filter(pk__in=ids)}
    return [by_id[pk] for pk in ids if pk in by_id]


def _told(edition: RuleEdition, record: Record, *, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    told = {}
    for code in ("en", "zh-hans"):
        with translation.override(code):
            told[code] = steps.told(record, edition.steps, actor=actor, now=now)
    return [telling.kept(en, zh) for en, zh in zip(told["en"], told["zh-hans"], strict=True)]


# --- on and off ----------------------------------------------------------------------------------


def switch_on(
    rule: Rule,
    edition: RuleEdition,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    expected_version: int | None = None,
) -> Rule:
    """Put an edition in force, in the name of the actor. It was tried out, or ``reason`` says why not."""
    require(actor, LEAD)
    with transaction.atomic():
        row = held(rule, expected_version)
        if edition.rule_id != row.pk:
            raise refuse("edition", _("This is the edition of another rule."))
        if not reason.strip() and not edition.tries.exists():
            words = _("Try this edition out first, or say why it is switched on without.")
            raise refuse("reason", words, "required")
        steps.checked(edition.steps, actor, is_personal=False)
        row.active, row.keeper_id, row.verbs = edition, actor.user_id, verbs_of(edition)
        row.failures, row.paused_reason, row.version = 0, "", row.version + 1
        row.save()
        Switch.objects.create(
            rule=row, edition=edition, is_on=True, by_id=actor.user_id, at=now, reason=reason.strip()[:300]
        )
    return row


def switch_off(
    rule: Rule, *, actor: Actor, now: datetime, reason: str = "", expected_version: int | None = None
) -> Rule:
    """Take a rule out of force; what it waits for is forgotten. Safe to repeat."""
    require(actor, LEAD)
    with transaction.atomic():
        row = held(rule, expected_version)
        if row.active is None:
            return row
        Switch.objects.create(
            rule=row, edition=row.active, is_on=False, by_id=actor.user_id, at=now, reason=reason[:300]
        )
        off(row)
    return row


def off(row: Rule, why: str = "") -> None:
    """The row itself; the caller holds its lock."""
    row.active, row.verbs, row.paused_reason, row.failures = None, [], why[:300], 0
    row.version += 1
    row.save()
    Wait.objects.filter(rule=row).delete()
