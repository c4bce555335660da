"""Moving open clocks to a new edition of their calendar, where somebody decided that they follow it.

Worked off in batches by any worker. A batch moves clocks, log and its own place in one transaction: a worker
killed at any instant loses at most that batch, the next one does it again, and no clock is moved twice.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

import sla.services
from accounts.access import Actor
from records import alarms
from records import log as records_log
from records.models import Record
from sla.following import next_due
from sla.impact_rows import running_on
from sla.models import Clock, ClockEvent, Retiming
from sla.passes import CACHE

log = logging.getLogger(__name__)

BATCH = 50
SLICE_SECONDS = 8.0  # the worker that moves clocks also raises alarms


def work(*, now: datetime, seconds: float) -> bool:
    """Move clocks for about so long; True if something is left that is due. Safe to call at any time."""
    stop = time.monotonic() + seconds
    while _batch(now):
        if time.monotonic() >= stop:
            return True
    return False


def _batch(now: datetime) -> bool:
    """One batch of records of the oldest decision that is due; False if nobody waits."""
    with transaction.atomic():
        mine = _claim(now)
        if mine is None:
            return False
        records = _next(mine)
        for record in records:
            _take(mine, record)
        if records:
            mine.cursor = records[-1]
        else:
            mine.finished_at = max(now, mine.starts_at)
        mine.save(update_fields=["cursor", "clocks", "moved", "failed", "finished_at"])
    return True


def _claim(now: datetime) -> Retiming | None:
    """The first unfinished decision nobody is at; those of one calendar come one after the other."""
    waiting = Retiming.objects.filter(finished_at=None)
    before = waiting.filter(
        version__calendar=OuterRef("version__calendar"), version__number__lt=OuterRef("version__number")
    )
    rows = waiting.filter(~Exists(before), starts_at__lte=now)
    return (
        rows.select_for_update(skip_locked=True, of=("self",))
        .select_related("version__calendar", "asked_by")
        .order_by("starts_at", "pk")
        .first()
    )


def _next(mine: Retiming) -> list[int]:
    """The next records with open clocks on the calendar."""
    rows = Clock.every.filter(running_on(mine.version.calendar), stopped_at=None, record__gt=mine.cursor)
    return list(rows.order_by("record").values_list("record", flat=True).distinct()[:BATCH])


def _take(mine: Retiming, record: int) -> None:
    """Move the clocks of one record; one that cannot be computed does not hold up the others."""
    try:
        with transaction.atomic():
            done = _retime(mine, record)
    except DatabaseError:
        raise  # the whole batch is done again
    except Exception:
        log.exception("the clocks of record %s could not be moved to %s", record, mine.version)
        mine.failed += 1
    else:
        mine.clocks += len(done)
        mine.moved += sum(before != after for _clock, before, after in done)


Done = list[tuple[Clock, datetime | None, datetime | None]]
"""Clocks that were moved, with their due times before and after."""


def _retime(mine: Retiming, pk: int) -> Done:
    actor: Actor = mine.asked_by.actor
    record = Record.objects.select_for_update(no_key=True, of=("self",)).select_related("team").get(pk=pk)
    alarms.raise_due_of(record, now=mine.starts_at, actor=actor)
    record.refresh_from_db()
    at = sla.services.not_before(pk, mine.starts_at)
    rows = Clock.every.select_for_update(no_key=True, of=("self",)).select_related("support")
    clocks = list(rows.filter(running_on(mine.version.calendar), record=pk, stopped_at=None).order_by("pk"))
    told = sla.services.events_of(clocks)
    done: Done = []
    for clock in clocks:
        if _edition(clock, told[clock.pk]) >= mine.version_id:
            continue
        event = ClockEvent(
            clock=clock, at=at, type=ClockEvent.Type.CALENDAR, by_id=actor.user_id,
            data={"calendar_version": mine.version_id},
        )  # fmt: skip
        event.save()
        before = clock.due_at
        sla.services.refresh(clock, sla.services.state_of(clock, [*told[clock.pk], event]), now=at)
        clock.save(update_fields=[*CACHE])
        done.append((clock, before, clock.due_at))
    if done:
        _note(mine, record, done, at=at, actor=actor)
    return done


def _edition(clock: Clock, events: Sequence[ClockEvent]) -> int:
    """The calendar version a clock runs on; ids of one calendar's editions are in their order."""
    switched = [e.data["calendar_version"] for e in events if e.data.get("calendar_version")]
    return int(switched[-1]) if switched else clock.calendar_version_id


def _note(mine: Retiming, record: Record, done: Done, *, at: datetime, actor: Actor) -> None:
    """Keep the record's next due time, and tell its log what became of its clocks."""
    due = next_due(Clock.objects.filter(record=record.pk, stopped_at=None))
    if due != record.next_due_at:
        Record.objects.filter(pk=record.pk).update(next_due_at=due)
    records_log.write(
        record, "sla.retimed", actor=actor, at=at, calendar=mine.version.calendar.label,
        edition=mine.version.number, version=mine.version_id, what=_words(done),
        moves=[
            {"clock": clock.pk, "before": _stamp(before), "after": _stamp(after)}
            for clock, before, after in done
        ],
    )  # fmt: skip


def _stamp(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


LATER, EARLIER = _("due later: %(metrics)s"), _("due earlier: %(metrics)s")
STAYS = _("nothing is due at another time")


def _words(done: Done) -> Mapping[str, Any]:
    """What is due at another time, in both languages."""
    shifts = [(clock, before, after) for clock, before, after in done if before and after]
    later = [clock for clock, before, after in shifts if after > before]
    earlier = [clock for clock, before, after in shifts if after < before]
    parts: dict[str, list[str]] = {"en": [], "zh": []}
    for sentence, clocks in ((LATER, later), (EARLIER, earlier)):
        if not clocks:
            continue
        words = records_log.bilingual(sentence)
        for language, comma in (("en", ", "), ("zh", "、")):
            names = comma.join(alarms.promised(clock)[language] for clock in clocks)
            parts[language].append(words[language] % {"metrics": names})
    if not parts["en"]:
        return records_log.bilingual(STAYS)
    return {"en": "; ".join(parts["en"]), "zh": "；".join(parts["zh"])}
