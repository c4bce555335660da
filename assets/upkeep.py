"""Maintenance plans, and the checks that follow from them: planned, made a task, recorded (CMDB-08).

An asset of a class with a plan in force has exactly one open check: the next one. It becomes an action for
who is responsible some days before it is due, once, whoever asks; when its results are recorded, the next
one follows an interval later.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import actions.services
from accounts.access import Actor, Denied, may, require
from accounts.models import Team, User
from accounts.services import system_actor
from actions.lifecycle import UNFINISHED
from actions.models import Action
from assets import lifecycle, register, words
from assets.models import Asset, Check, MaintenancePlan
from records import log as records_log
from records.services import MAX_TEXT, refuse

logger = logging.getLogger(__name__)
LEAD = "lead_maintenance"
FACTS = frozenset(
    {
        "name_en", "name_zh", "device_class", "checklist", "every", "unit", "team", "person", "lead_days",
        "starts_on", "is_active",
    }
)  # fmt: skip
MOST_LINES = 50
MOST_EVERY = 3660
LONGEST_LINE = 300
BATCH = 500
OUTCOMES = {False: gettext_lazy("in order"), True: gettext_lazy("something was found")}
WHEN = frozenset({"device_class", "every", "unit", "starts_on", "is_active"})
"""What a changed plan counts its next checks anew by."""


# --- plans -----------------------------------------------------------------------------------------


def save_plan(
    plan: MaintenancePlan | None,
    facts: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> MaintenancePlan:
    """Make a plan, or change one. Checks that are tasks already stay; those to come follow the plan."""
    require(actor, LEAD)
    register.known(facts, FACTS)
    with transaction.atomic():
        row = register.held(plan, expected_version) if plan else MaintenancePlan(version=0)
        changes = words.apply(row, facts)
        if plan and not changes:
            return row
        _check_plan(row)
        row.version += 1
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            problem = _("This device class has a plan in force already.")
            raise refuse("device_class", problem, "unique") from None
        if plan is None:
            words.write(row, "entered", actor=actor, at=now)
        else:
            words.write(row, "changed", actor=actor, at=now, changes=changes)
        if WHEN & set(changes):
            row.checks.filter(state=Check.State.OPEN, action=None).delete()
    return row


def _check_plan(row: MaintenancePlan) -> None:
    errors: dict[str, Any] = {}
    if not row.name_en:
        errors["name_en"] = _("Give it a name.")
    errors |= _wrong_lines(row.checklist)
    if not 0 < (row.every or 0) <= MOST_EVERY:
        errors["every"] = _("From 1 to %(n)s.") % {"n": MOST_EVERY}
    if not 0 <= row.lead_days <= 365:
        errors["lead_days"] = _("From 0 to %(n)s.") % {"n": 365}
    if row.team is None and row.person is None:
        errors["team"] = _("Say which team or person is responsible.")
    if row.person:
        register.check_staff(row.person, "person", errors)
    elif row.team and _of_team(row.team) is None:
        errors["team"] = _("Nobody of this team can be given work: choose a person as well.")
    if errors:
        raise ValidationError(errors)
    register.check_shape(row, FACTS - {"checklist"})


def _wrong_lines(lines: Sequence[Any]) -> dict[str, Any]:
    if not lines:
        return {"checklist": _("Name at least one thing that is looked at.")}
    if len(lines) > MOST_LINES:
        return {"checklist": _("At most %(n)s lines.") % {"n": MOST_LINES}}
    for line in lines:
        texts = [line.get("en"), line.get("zh", "")] if isinstance(line, dict) else [None]
        if not all(isinstance(text, str) and len(text) <= LONGEST_LINE for text in texts) or not texts[0]:
            return {"checklist": _("Each line has a text in English, and may have one in Chinese.")}
    return {}


def _of_team(team: Team) -> User | None:
    """Who leads the team, else the longest of its active members; None where there is nobody."""
    rows = team.memberships.filter(user__is_active=True).select_related("user").order_by("-is_lead", "pk")
    return next((row.user for row in rows if row.user.actor.is_staff_side), None)


def responsible_for(plan: MaintenancePlan) -> User | None:
    """Who is given a plan's tasks."""
    if plan.person and plan.person.is_active:
        return plan.person
    return _of_team(plan.team) if plan.team else None


# --- from plans to checks to tasks -----------------------------------------------------------------


def work_off(*, now: datetime) -> tuple[int, int]:
    """Plan the next checks and make tasks of those that are near; answers how many of each.

    Safe to repeat and to run twice at once: an open check is unique per asset, an action per check's key.
    """
    return plan_checks(), make_tasks(now=now)


def plan_checks() -> int:
    """Give every asset of a class with a plan its next check."""
    made = 0
    for plan in MaintenancePlan.objects.filter(is_active=True).select_related("device_class"):
        while fresh := _missing(plan):
            Check.objects.bulk_create(fresh, ignore_conflicts=True)
            made += len(fresh)
            if len(fresh) < BATCH:
                break
    return made


def _missing(plan: MaintenancePlan) -> list[Check]:
    open_ones = Check.objects.filter(asset=OuterRef("pk"), state=Check.State.OPEN)
    rows = Asset.objects.filter(device_class=plan.device_class_id, state__in=lifecycle.HERE)
    assets = list(rows.filter(~Exists(open_ones)).order_by("pk")[:BATCH])
    last = {
        check.asset_id: check
        for check in Check.objects.filter(plan=plan, asset__in=assets).order_by("due_on", "pk")
    }
    return [_next(plan, asset, last.get(asset.pk)) for asset in assets]


def _next(plan: MaintenancePlan, asset: Asset, last: Check | None) -> Check:
    if last is None:
        due = plan.first(asset)
    else:
        due = last.next_on or plan.after(last.done_on or last.due_on)
        due = max(due, last.due_on + timedelta(days=1))  # of one plan never twice on a day
    return Check(plan=plan, asset=asset, due_on=due)


def make_tasks(*, now: datetime, most: int = BATCH) -> int:
    """Make actions of the open checks that are near enough; at most so many of one plan at once."""
    today, made = timezone.localdate(now), 0
    for plan in MaintenancePlan.objects.filter(is_active=True).select_related("person", "team"):
        responsible = responsible_for(plan)
        if responsible is None:
            logger.warning("maintenance plan %s has nobody to give its checks to", plan.pk)
            continue
        near = today + timedelta(days=plan.lead_days)
        rows = plan.checks.filter(state=Check.State.OPEN, action=None, due_on__lte=near)
        for check in rows.select_related("asset__customer").order_by("due_on", "pk")[:most]:
            made += _make_task(check, plan, responsible, today, now)
    return made


def _make_task(check: Check, plan: MaintenancePlan, responsible: User, today: date, now: datetime) -> bool:
    asset = check.asset
    lines = "\n".join(
        f"- {line['en']}{' · ' + line['zh'] if line.get('zh') else ''}" for line in plan.checklist
    )
    with transaction.atomic():
        row = Check.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        held = row.filter(pk=check.pk, state=Check.State.OPEN, action=None).first()
        if held is None:
            return False
        held.action = actions.services.open_action(
            source=Action.Source.OTHER, responsible=responsible, due_on=max(check.due_on, today),
            title=f"{asset.number} {_both(plan)}", customer=asset.customer,
            description=f"{asset.number} · {asset.name} · {asset.location}\n\n{lines}",
            key=f"assets:check:{asset.pk}:{plan.pk}:{check.due_on.isoformat()}", actor=system_actor(),
            now=now,
        )  # fmt: skip
        held.save(update_fields=["action"])
    return True


def _both(plan: MaintenancePlan) -> str:
    """A title of a record is shown as it is, to readers of either language."""
    return f"{plan.name_en} · {plan.name_zh}" if plan.name_zh else plan.name_en


# --- results ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What was found at one line of the checklist."""

    is_ok: bool
    note: str = ""


def may_record(actor: Actor, check: Check) -> bool:
    """Who is responsible, the plan's team, and those who lead."""
    if not may(actor, register.KEEP):
        return False
    return (
        may(actor, LEAD)
        or actor.user_id in (check.plan.person_id, check.action.assignee_id if check.action else None)
        or check.plan.team_id in actor.team_ids
    )


def record(
    check: Check,
    results: Sequence[Result],
    *,
    done_on: date,
    conclusion: str,
    next_on: date | None = None,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Check:
    """Record what was found, line by line; the task is finished and the next check planned.

    ``next_on``: when to look again, if not an interval after ``done_on``.
    """
    today = timezone.localdate(now)
    with transaction.atomic():
        row = _held(check, actor, expected_version)
        _check_results(row, results, done_on, next_on, conclusion, today)
        row.results = [
            {**line, "is_ok": found.is_ok, "note": found.note.strip()}
            for line, found in zip(row.plan.checklist, results, strict=True)
        ]
        row.has_findings = not all(found.is_ok for found in results)
        row.conclusion = conclusion.strip()
        _close(row, Check.State.DONE, done_on, next_on or row.plan.after(done_on), actor)
        outcome = records_log.bilingual(OUTCOMES[row.has_findings])
        said = f"{outcome['en']} · {outcome['zh']}. {row.conclusion}"
        _finish_task(row, said, actor=actor, now=now)
        words.write(
            row.asset, "check_done", actor=actor, at=now, note=row.conclusion,
            day={"day": row.due_on.isoformat()}, outcome=outcome,
        )  # fmt: skip
    return row


def skip(
    check: Check, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Check:
    """Leave a check out, with the reason; the next one comes an interval after it was due."""
    require(actor, LEAD)
    if not reason.strip():
        raise refuse("reason", _("Say why it is left out."), "required")
    with transaction.atomic():
        row = _held(check, actor, expected_version)
        row.conclusion = reason.strip()
        today = timezone.localdate(now)
        _close(row, Check.State.SKIPPED, today, row.plan.after(max(row.due_on, today)), actor)
        _call_off(row, reason.strip(), now=now)
        words.write(
            row.asset, "check_skipped", actor=actor, at=now, note=reason.strip(),
            day={"day": row.due_on.isoformat()},
        )  # fmt: skip
    return row


def _held(check: Check, actor: Actor, expected_version: int | None) -> Check:
    require(actor, register.KEEP)
    register.held(check, expected_version)
    row: Check = Check.objects.select_related("plan", "asset", "action").get(pk=check.pk)
    register.covers(actor, row.asset.customer_id, register.KEEP)
    if not may_record(actor, row):
        raise Denied(actor, register.KEEP)
    if row.state != Check.State.OPEN:
        raise register.Stale(row)
    return row


def _check_results(
    row: Check, results: Sequence[Result], done_on: date, next_on: date | None, conclusion: str, today: date
) -> None:
    errors: dict[str, Any] = {}
    if len(results) != len(row.plan.checklist):
        errors["results"] = _("Answer every line of the checklist.")
    if any(not found.is_ok and not found.note.strip() for found in results):
        errors["results"] = _("Say what was found where it is not in order.")
    if done_on > today:
        errors["done_on"] = _("This day is still to come.")
    if next_on and next_on <= done_on:
        errors["next_on"] = _("The next check comes after this one.")
    if len(conclusion) > MAX_TEXT:
        errors["conclusion"] = _("The text is too long: at most %(n)s characters.") % {"n": MAX_TEXT}
    if errors:
        raise ValidationError(errors)


def _close(row: Check, state: str, on: date, next_on: date, actor: Actor) -> None:
    row.state, row.done_on, row.next_on = state, on, max(next_on, row.due_on + timedelta(days=1))
    row.done_by_id = actor.user_id
    row.version += 1
    row.save()
    if row.plan.is_active and row.asset.state in lifecycle.HERE:
        Check.objects.bulk_create([_next(row.plan, row.asset, row)], ignore_conflicts=True)


def _finish_task(row: Check, outcome: str, *, actor: Actor, now: datetime) -> None:
    """The task is done by who did it: somebody else of the team takes it over first."""
    action = row.action
    if action is None or action.state not in UNFINISHED:
        return
    if not actions.services.may_work_on(actor, action):
        person = User.objects.get(pk=actor.user_id)
        action = actions.services.reassign(action, responsible=person, actor=system_actor(), now=now)
    actions.services.finish(action, outcome=outcome, actor=actor, now=now)


def _call_off(row: Check, reason: str, *, now: datetime) -> None:
    if row.action and row.action.state in UNFINISHED:
        actions.services.cancel(row.action, reason=reason, actor=system_actor(), now=now)


def give_up(asset: Asset, *, now: datetime) -> None:
    """An asset that is gone is checked no more: what was to come is forgotten, a task is called off."""
    checks = list(asset.checks.filter(state=Check.State.OPEN).select_related("plan", "action"))
    for row in checks:
        if row.action is None:
            row.delete()
            continue
        row.conclusion = "disposed of · 已处置"
        row.state, row.done_on = Check.State.SKIPPED, timezone.localdate(now)
        row.done_by_id = system_actor().user_id
        row.version += 1
        row.save()
        _call_off(row, row.conclusion, now=now)


# --- questions -------------------------------------------------------------------------------------


def overdue(rows: QuerySet[Check], today: date) -> QuerySet[Check]:
    return rows.filter(state=Check.State.OPEN, due_on__lt=today)
