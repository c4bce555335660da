"""Rules at work: each entry of the log that a rule waits for is offered to the rules in their order, once.

A happening is worked off in one transaction: what the rules do, the rows that say so (Run, unique by edition
and entry) and the happening's end are committed together or not at all. A worker killed anywhere leaves it to
the next one; two workers at once wait for its row.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, may
from accounts.models import User
from accounts.services import system_actor
from automation import conditions, rules, steps, telling
from automation.models import Happening, Rule, Run, Wait, When
from records import alarms
from records import log as records_log
from records.kinds import process_of
from records.models import Activity, Record
from records.services import get_record, lock

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 8
MOST_IN_A_ROW = 4  # rules that set each other off
MOST_FAILURES = 5
FAILING = (Run.Outcome.FAILED, Run.Outcome.REFUSED)
NO_LONGER = _("Who switched it on may no longer keep rules.")
TOO_OFTEN = _("It failed five times in a row.")
logger = logging.getLogger(__name__)


def work_off(most: int = 200) -> int:
    """Work off what is due; answers how many happenings and waits were taken."""
    taken = 0
    while taken < most and (pk := _take()):
        _attempt(pk)
        taken += 1
    return taken + _look_at_waits(most)


def _take() -> int | None:
    """Claim the oldest happening for a minute; the attempt counts before it is made."""
    now = timezone.now()
    with transaction.atomic():
        rows = Happening.objects.select_for_update(skip_locked=True, no_key=True)
        row = rows.filter(is_dead=False, available_at__lte=now).order_by("available_at", "pk").first()
        if row is None:
            return None
        row.attempts += 1
        row.available_at = now + LEASE * row.attempts
        row.is_dead = row.attempts > MOST_ATTEMPTS
        row.save(update_fields=["attempts", "available_at", "is_dead"])
        return row.pk


def _attempt(pk: int) -> None:
    try:
        with transaction.atomic():
            row = Happening.objects.select_for_update(no_key=True).filter(pk=pk, is_dead=False).first()
            if row is None:
                return  # somebody else was quicker, or it was tried too often
            offer(row.activity, now=timezone.now().replace(microsecond=0))
            row.delete()
    except Exception as error:
        logger.exception("happening %s could not be worked off", pk)
        Happening.objects.filter(pk=pk).update(last_error=f"{type(error).__name__}: {error}"[:300])


def offer(activity: Activity, *, now: datetime) -> list[Run]:
    """Offer an entry of the log to the rules that wait for its verb, in their order. Safe to repeat."""
    made: list[Run] = []
    waiting = Rule.objects.filter(verbs__contains=[activity.verb], active__isnull=False)
    for rule in waiting.select_related("active", "keeper").order_by("position", "pk"):
        edition = rule.active
        if edition is None:
            continue
        if edition.when == When.WAITED:
            _wait(rule, activity)
            continue
        run = _run(rule, activity, now=now)
        if run:
            made.append(run)
            if edition.stops:
                break
    return made


# --- time in a state -----------------------------------------------------------------------------


def _into(activity: Activity) -> str:
    """The state an entry says its ticket came into, as "incident:on_hold"; "" where it says none."""
    kind, _dot, act = activity.verb.partition(".")
    into = process_of(kind).lifecycle.initial if act == "open" else activity.data.get("into", "")
    return f"{kind}:{into}" if into else ""


def _wait(rule: Rule, activity: Activity) -> None:
    edition = rule.active
    if edition and _into(activity) in edition.into:
        due_at = activity.at + timedelta(hours=edition.hours or 0)
        Wait.objects.get_or_create(rule=rule, activity=activity, defaults={"due_at": due_at})


def _look_at_waits(most: int) -> int:
    taken = 0
    while taken < most and _look_at_one():
        taken += 1
    return taken


def _look_at_one() -> bool:
    now = timezone.now().replace(microsecond=0)
    with transaction.atomic():
        rows = Wait.objects.select_for_update(skip_locked=True, of=("self",)).filter(due_at__lte=now)
        wait = (
            rows.select_related("rule__active", "rule__keeper", "activity").order_by("due_at", "pk").first()
        )
        if wait is None:
            return False
        edition = wait.rule.active
        if edition is None or edition.when != When.WAITED or not _is_still_there(wait.activity):
            wait.delete()
            return True
        due_at = wait.activity.at + timedelta(hours=edition.hours or 0)
        if due_at > now:  # an edition with another span came into force meanwhile
            wait.due_at = due_at
            wait.save(update_fields=["due_at"])
            return True
        wait.delete()
        _run(wait.rule, wait.activity, now=now)
    return True


def _is_still_there(activity: Activity) -> bool:
    """Whether the ticket has not moved since."""
    later = Activity.objects.filter(record=activity.record_id, pk__gt=activity.pk, data__has_key="into")
    return not later.exists()


# --- one rule on one entry -----------------------------------------------------------------------


def _run(rule: Rule, activity: Activity, *, now: datetime) -> Run | None:
    """The run of a rule for an entry; None where it does not fit or has run for it already."""
    edition, keeper = rule.active, rule.keeper
    if edition is None or keeper is None or Run.objects.filter(edition=edition, activity=activity).exists():
        return None
    person = User.objects.prefetch_related("grants", "memberships").get(pk=keeper.pk).actor
    if not may(person, rules.LEAD):
        _pause(rule, activity.record, records_log.bilingual(NO_LONGER), now=now)
        return None
    actor = actor_of(rule, person)
    record = Record.objects.visible_to(actor).tickets().filter(pk=activity.record_id).first()
    if record is None or (
        edition.when == When.MOVED and edition.into and _into(activity) not in edition.into
    ):
        return None
    if not conditions.fits(edition.conditions, record, at=activity.at):
        return None
    run = Run(rule=rule, edition=edition, activity=activity, record=record, at=now)
    chain = activity.data.get("cause", {}).get("chain", [])
    if [rule.pk, record.pk] in chain or len(chain) >= MOST_IN_A_ROW:
        run.outcome = Run.Outcome.LOOP if [rule.pk, record.pk] in chain else Run.Outcome.DEPTH
        records_log.write(record, "automation.stopped", actor=actor, at=now, rule=rule.label)
    else:
        _act(run, chain, actor=actor, person=person, now=now)
    run.save()
    _count(run, now=now)
    return run


def actor_of(rule: Rule, person: Actor) -> Actor:
    """The system under the rule's name, among the customers of who switched the rule on."""
    return replace(system_actor(), name=rule.name, scope=person.scope)


def _act(run: Run, chain: list[Any], *, actor: Actor, person: Actor, now: datetime) -> None:
    """Do the steps; each is asked of who switched the rule on as well. Whatever breaks undoes them all."""
    rule, number = run.rule, run.record.number
    cause = {"rule": rule.pk, "run": run.edition.number, "chain": [*chain, [rule.pk, run.record_id]]}
    try:
        with transaction.atomic():
            alarms.raise_due_of(
                lock(run.record), now=now, actor=actor
            )  # what fell due before is not its doing
        with transaction.atomic(), records_log.because_of(cause, rule.label):
            lines = [_one(number, one, actor=actor, person=person, now=now) for one in run.edition.steps]
    except Exception as error:
        logger.exception("rule %s failed on %s", rule.pk, number)
        run.outcome, run.error = Run.Outcome.FAILED, f"{type(error).__name__}: {error}"[:300]
        return
    run.lines = lines
    run.outcome = _outcome(lines)


def _one(
    number: str, one: Mapping[str, Any], *, actor: Actor, person: Actor, now: datetime
) -> dict[str, Any]:
    current = get_record(actor, number)
    with translation.override("zh-hans"):
        zh = steps.told(current, [one], actor=person, now=now)[0]
    with translation.override("en"):
        en = steps.carried_out(current, [one], actor=actor, now=now, for_whom=person)[0]
    return telling.kept(en, zh)


def _outcome(lines: list[dict[str, Any]]) -> str:
    done = [line for line in lines if not line["refused"]["en"]]
    failed = [line for line in lines if line["refused"]["en"] and not line["is_so"]]
    if done:
        return Run.Outcome.PARTLY if failed else Run.Outcome.DONE
    return Run.Outcome.REFUSED if failed else Run.Outcome.NOTHING


def _count(run: Run, *, now: datetime) -> None:
    """A rule that fails again and again is paused, and who switched it on is told."""
    if run.outcome not in FAILING:
        if run.rule.failures:
            Rule.objects.filter(pk=run.rule_id).update(failures=0)
        return
    Rule.objects.filter(pk=run.rule_id).update(failures=F("failures") + 1)
    row = Rule.objects.get(pk=run.rule_id)
    if row.failures >= MOST_FAILURES:
        _pause(row, run.record, records_log.bilingual(TOO_OFTEN), now=now)


def _pause(rule: Rule, record: Record, why: dict[str, str], *, now: datetime) -> None:
    row = Rule.objects.select_for_update(no_key=True).get(pk=rule.pk)
    if row.active is None:
        return
    keeper = row.keeper
    in_chinese = keeper is not None and keeper.language.startswith("zh")
    rules.off(row, why["zh" if in_chinese else "en"])
    records_log.write(
        record, "automation.paused", actor=system_actor(), at=now, rule=row.label, why=why,
        people=[row.keeper_id],
    )  # fmt: skip
