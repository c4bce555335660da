"""The verbs of recurring work: schedules written, runs made on time or extra, findings recorded (REQ-17).

A run and its ticket are made in one transaction with the schedule's row held; the run's nominal day is
unique. So any number of workers, and one that is killed anywhere, make each run exactly once.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

import incidents.services
from accounts.access import Actor, may, require
from accounts.models import User
from accounts.services import system_actor
from actions.services import open_action
from automation.models import CatchUp, Finding, Schedule, ScheduleRun
from automation.services import held, known
from fulfilment import ordering
from incidents.models import ContactType
from records import assignment, recurrence
from records import services as kernel
from records.models import Channel, Record
from records.services import refuse
from sla import calendar as working_time
from sla import services as sla_services

LEAD = "lead_automation"
FIELDS = frozenset(
    {
        "name_en", "name_zh", "makes", "customer", "requester", "offering", "service", "team", "text_en",
        "text_zh", "checklist", "every", "weekdays", "day", "at", "zone", "starts", "ends", "calendar",
        "on_closed", "catch_up", "hours_to_finish", "keeper", "is_active",
    }
)  # fmt: skip
FRESH = timedelta(hours=6)  # so long after its time a run is made even where missed ones are only marked
RETRY = timedelta(minutes=10)
TELL_AFTER = 3  # failures
MOST_ITEMS = 50
logger = logging.getLogger(__name__)


def open_days(schedule: Schedule) -> recurrence.IsOpen:
    """Whether a day is worked, by the schedule's calendar; every day without one."""
    if schedule.calendar_id is None:
        return recurrence.always_open
    calendar_id, zone = schedule.calendar_id, schedule.zone
    midday = time(12)

    def is_open(day: date) -> bool:
        version = sla_services.calendar_version_at(calendar_id, recurrence.instant(day, midday, zone))
        return working_time.is_working_day(sla_services.hours_of(version), day)

    return is_open


# --- schedules -----------------------------------------------------------------------------------


def save(
    schedule: Schedule | None,
    facts: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Schedule:
    """Make a schedule, or change one. Runs there are stay; the next one follows the new pattern."""
    require(actor, LEAD)
    known(facts, FIELDS)
    with transaction.atomic():
        row = held(schedule, expected_version) if schedule else Schedule(version=0, keeper_id=actor.user_id)
        if schedule:
            _may_lead(row, actor)
        for name, value in facts.items():
            setattr(row, name, value)
        _check(row)
        _may_lead(row, actor)
        if schedule is None or (row.last_day is None and not row.runs.exists()):
            row.last_day = _before_now(row, now)
        row.version, row.failures, row.last_error = row.version + 1, 0, ""
        row.next_at = _next_at(row)
        row.save()
    return row


def _may_lead(row: Schedule, actor: Actor) -> None:
    require(actor, LEAD)
    require(actor, "trigger_run", row)  # the customer is one of the actor's


def _before_now(row: Schedule, now: datetime) -> date:
    """The nominal day after which runs are asked for: those whose time has passed are nobody's fault."""
    today = now.astimezone(row.time_zone).date()
    passed = recurrence.instant(today, row.at, row.zone) <= now
    return today if passed else today - recurrence.DAY


def _next_at(row: Schedule) -> datetime | None:
    if not row.is_active or row.last_day is None:
        return None
    found = recurrence.following(row.pattern, row.last_day, open_days(row))
    return found.at if found else None


def _check(row: Schedule) -> None:
    errors: dict[str, Any] = {}
    if not row.name_en.strip():
        errors["name_en"] = _("Give it a name.")
    if row.makes == Schedule.Makes.REQUEST and row.offering_id is None:
        errors["offering"] = _("Choose what is ordered.")
    if row.requester_id and row.requester.organisation_id != row.customer_id:
        errors["requester"] = _("Choose a person of the customer.")
    errors |= _wrong_days(row)
    if not row.checklist:
        errors["checklist"] = _("Name at least one thing that is looked at: a run is done with its findings.")
    if len(row.checklist) > MOST_ITEMS:
        errors["checklist"] = _("At most %(n)s lines.") % {"n": MOST_ITEMS}
    if not may(row.keeper.actor, LEAD):
        errors["keeper"] = _("Choose a manager.")
    if errors:
        raise ValidationError(errors)
    row.full_clean(exclude=["version", "next_at", "last_day", "failures", "last_error", "weekdays"])


def _wrong_days(row: Schedule) -> dict[str, Any]:
    errors: dict[str, Any] = {}
    if row.every == recurrence.Every.WEEKLY and not row.weekdays:
        errors["weekdays"] = _("Choose at least one day of the week.")
    if any(not 0 <= day <= 6 for day in row.weekdays):
        errors["weekdays"] = _("Days of the week go from 0 (Monday) to 6.")
    if not 0 <= row.day <= 31:
        errors["day"] = _("From 1 to 31, or 0 for the last working day.")
    if row.ends and row.ends < row.starts:
        errors["ends"] = _("It cannot end before it begins.")
    return errors


# --- runs on time --------------------------------------------------------------------------------


def make_due(now: datetime, most: int = 100) -> int:
    """Make the runs whose time has come; answers how many schedules were looked at."""
    looked = 0
    while looked < most and _make_one(now):
        looked += 1
    return looked


def _make_one(now: datetime) -> bool:
    pk = 0
    try:
        with transaction.atomic():
            rows = Schedule.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
            row = rows.filter(is_active=True, next_at__lte=now).order_by("next_at", "pk").first()
            if row is None:
                return False
            pk = row.pk
            _catch_up(row, now)
    except Exception as error:
        logger.exception("schedule %s could not be worked off", pk)
        _failed(pk, error, now)
    return True


def _catch_up(row: Schedule, now: datetime) -> None:
    """The last run that is due is made; those before it were missed."""
    after = row.last_day or _before_now(row, now)
    due = recurrence.due(row.pattern, after, now, open_days(row))
    for one in due:
        is_last = one is due[-1]
        is_made = is_last and (row.catch_up == CatchUp.ONCE or now - one.at <= FRESH)
        _make(row, one, now=now, is_missed=not is_made)
    if due:
        row.last_day = due[-1].day
    row.failures, row.last_error = 0, ""
    row.next_at = _next_at(row)
    row.save()


def _make(row: Schedule, one: recurrence.Occurrence, *, now: datetime, is_missed: bool) -> None:
    if ScheduleRun.objects.filter(schedule=row, day=one.day).exists():
        return
    state = ScheduleRun.State.MISSED if is_missed else ScheduleRun.State.OPEN
    run = ScheduleRun(schedule=row, day=one.day, due_at=one.at, made_at=now, state=state)
    _keep(run, _actor(row), now=now)


def _actor(row: Schedule) -> Actor:
    """The system, among the customers of who keeps the schedule."""
    person = User.objects.prefetch_related("grants", "memberships").get(pk=row.keeper_id).actor
    require(person, LEAD)
    return replace(system_actor(), scope=person.scope)


def _keep(run: ScheduleRun, actor: Actor, *, now: datetime) -> None:
    """Store a run with its checklist, and open its ticket unless it was missed."""
    row = run.schedule
    if run.state == ScheduleRun.State.OPEN:
        run.record = _ticket(row, actor, now=now)
    run.save()
    Finding.objects.bulk_create(
        Finding(run=run, position=n, text_en=item.get("en", ""), text_zh=item.get("zh", ""))
        for n, item in enumerate(row.checklist, start=1)
    )


def _ticket(row: Schedule, actor: Actor, *, now: datetime) -> Record:
    in_chinese = row.requester.language != "en"
    title = ((row.name_zh if in_chinese else row.name_en) or row.name_en)[:200]
    text = (row.text_zh if in_chinese else row.text_en) or row.text_en or row.text_zh
    made: Record
    if row.makes == Schedule.Makes.INCIDENT:
        return incidents.services.open(
            actor=actor, now=now, title=title, customer=row.customer, requester=row.requester,
            description=text, service=row.service, team=row.team, channel=Channel.OFFICE,
            contact_type=ContactType.CONSULTATION,
        )  # fmt: skip
    if row.offering is None:
        raise refuse("offering", _("Choose what is ordered."), "required")
    made = ordering.order(
        row.offering, {}, customer=row.customer, requester=row.requester, actor=actor, now=now, remark=text,
        channel=Channel.OFFICE,
    )  # fmt: skip
    made = kernel.edit(made, {"title": title}, actor=actor, now=now, expected_version=None)
    if row.team and made.team_id != row.team_id:
        made = assignment.assign(made, team=row.team, assignee=None, actor=actor, now=now)
    return made


def _failed(pk: int, error: Exception, now: datetime) -> None:
    """Try again in some minutes; after the third time it becomes somebody's work."""
    words = (
        " ".join(error.messages) if isinstance(error, ValidationError) else f"{type(error).__name__}: {error}"
    )
    with transaction.atomic():
        row = Schedule.objects.select_for_update(no_key=True).get(pk=pk)
        row.failures, row.last_error, row.next_at = row.failures + 1, words[:300], now + RETRY
        row.save(update_fields=["failures", "last_error", "next_at"])
        if row.failures >= TELL_AFTER:
            open_action(
                source="self_check", title=_("Recurring work does not come: %(name)s") % {"name": row.name},
                description=words[:300], responsible=row.keeper, due_on=now.date() + recurrence.DAY,
                actor=system_actor(), now=now, key=f"schedule:{pk}:{row.last_day}",
            )  # fmt: skip


# --- extra runs and findings ---------------------------------------------------------------------


def run_extra(schedule: Schedule, *, reason: str, actor: Actor, now: datetime, key: str = "") -> ScheduleRun:
    """A run besides the pattern, because something happened. With a ``key`` it is made once."""
    require(actor, "trigger_run", schedule)
    if not reason.strip():
        raise refuse("reason", _("Say why there is an extra run."), "required")
    if not schedule.is_active:
        raise refuse("schedule", _("This schedule is not in use."))
    mine: QuerySet[ScheduleRun] = schedule.runs.filter(key=key[:100])
    if key and (there := mine.first()):
        return there
    run = ScheduleRun(
        schedule=schedule, key=key[:100], due_at=now, made_at=now, reason=reason.strip()[:300],
        asked_by_id=actor.user_id,
    )  # fmt: skip
    try:
        with transaction.atomic():
            _keep(run, _actor(schedule), now=now)
    except IntegrityError:
        if key and (there := mine.first()):
            return there
        raise
    return run


def finish(
    run: ScheduleRun,
    found: Sequence[Mapping[str, str]],
    *,
    conclusion: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> ScheduleRun:
    """A run is done with a finding for each line of its checklist: {"position", "outcome", "note"}."""
    require(actor, "record_findings", run.schedule)
    with transaction.atomic():
        row = held(run, expected_version)
        if row.state == ScheduleRun.State.MISSED:
            raise refuse("state", _("This run was missed; ask for an extra one."))
        if row.state == ScheduleRun.State.DONE:
            raise refuse("state", _("This run is done already."))
        by_position = {str(one.get("position")): one for one in found}
        lines = list(row.findings.all())
        _check_findings(lines, by_position)
        for line in lines:
            given = by_position[str(line.position)]
            line.outcome, line.note = given["outcome"], str(given.get("note", "")).strip()
        Finding.objects.bulk_update(lines, ["outcome", "note"])
        row.has_findings = any(line.outcome == Finding.Outcome.FOUND for line in lines)
        row.state, row.done_at, row.done_by_id = ScheduleRun.State.DONE, now, actor.user_id
        row.conclusion, row.version = conclusion.strip(), row.version + 1
        row.save()
        if row.record:
            _note(row, row.record, lines, actor=actor, now=now)
    return row


def _check_findings(lines: Sequence[Finding], given: Mapping[str, Mapping[str, str]]) -> None:
    errors: dict[str, Any] = {}
    for line in lines:
        one = given.get(str(line.position), {})
        if one.get("outcome") not in Finding.Outcome.values:
            errors[f"outcome_{line.position}"] = _("Say whether it is in order.")
        elif one["outcome"] == Finding.Outcome.FOUND and not str(one.get("note", "")).strip():
            errors[f"note_{line.position}"] = _("Say what was found.")
    if errors:
        raise ValidationError(errors)


def _note(run: ScheduleRun, record: Record, lines: Sequence[Finding], *, actor: Actor, now: datetime) -> None:
    said = [f"{line.text}: {line.note or line.get_outcome_display()}" for line in lines]
    text = "\n".join([*(f"- {each}" for each in said), *([run.conclusion] if run.conclusion else [])])
    kernel.comment(record, text=text, is_public=False, actor=actor, now=now)
