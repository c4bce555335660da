"""Working off an import: any number of workers, killed at any instant, carry out every line exactly once.

What a line alters and the row that says so are one transaction under the lock of that row: what was
committed is done and never done again, what was not is as if it had never been begun.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from django.utils import timezone, translation

import cmdb.services
from accounts.access import Actor, Denied, Origin, may
from accounts.models import Organisation, User
from cmdb.authority import Authority, refusal
from cmdb.control import Stale, lock, may_alter
from cmdb.models import Item
from verifications import imports
from verifications.comparing import identity
from verifications.facts import attributes_of, facts_of
from verifications.judging import key_of_item, matching
from verifications.mapping import ATTRIBUTE, Wish, key_of
from verifications.models import ImportLine, ItemImport

log = logging.getLogger(__name__)

SLICE_SECONDS = 10.0  # the worker that writes items also raises alarms
SILENT = timedelta(seconds=60)  # an import nobody touched for so long is offered again
ATTEMPTS = 5  # begun so often without an end, a line is given up
State = ImportLine.State


class Moved(Exception):
    """The register is not as it was previewed. Carries the fault's code."""


@dataclass(frozen=True)
class Hand:
    """By whom and by what right the lines of an import are carried out."""

    job: ItemImport
    actor: Actor
    authority: Authority | None
    at: datetime | None = None  # the instant it is said to be done at, where that is not now


def run(job_id: int, *, seconds: float | None = None, at: datetime | None = None) -> bool:
    """Work on an import to its end, or for about so many seconds; True while something is left to do.

    Safe to call any number of times, at once and again. ``at``: when what lies in the past was done.
    """
    job = ItemImport.objects.filter(pk=job_id, state__in=ItemImport.UNFINISHED).defer("rows").first()
    if job is None:
        return False
    user = User.objects.prefetch_related("grants", "memberships").get(pk=job.asked_by_id)
    actor = user.actor.via(Origin(job.origin))
    with translation.override(user.language or settings.LANGUAGE_CODE):
        if not user.is_active or not may(actor, imports.ACT):
            _give_up(job, "not_allowed")
            return False
        return _work(job, actor, seconds, at)


def _work(job: ItemImport, actor: Actor, seconds: float | None, at: datetime | None) -> bool:
    until = time.monotonic() + seconds if seconds is not None else None
    while True:
        line = _next(job)
        if line is None:
            return not _finish(job)
        _settle(line, job, actor, at)
        if until is not None and time.monotonic() > until:
            return True


def _next(job: ItemImport) -> ImportLine | None:
    """The line to work on; that it was begun is stored first, so that a crash counts."""
    open_ = ItemImport.objects.filter(pk=job.pk, state__in=ItemImport.UNFINISHED)
    if not open_.update(state=ItemImport.State.RUNNING, touched_at=timezone.now()):
        return None
    with transaction.atomic():
        waiting = ImportLine.objects.filter(job=job.pk, state=State.WAITING)
        line = waiting.select_for_update(skip_locked=True).order_by("attempts", "number").first()
        if line is None:
            return None
        line.attempts += 1
        line.save(update_fields=["attempts"])
    return line


def _settle(line: ImportLine, job: ItemImport, actor: Actor, at: datetime | None) -> None:
    """Carry out one line, or keep why not."""
    if line.attempts > ATTEMPTS:
        _note(line, State.FAILED, "given_up")
        return
    try:
        authority = imports.authority_named(job.authority, actor)  # asked anew: it may be closed by now
        _carry_out(line, Hand(job, actor, authority, at))
    except Moved as moved:
        _note(line, State.REFUSED, str(moved))
    except Stale:
        _note(line, State.REFUSED, "changed_since")
    except (Organisation.DoesNotExist, User.DoesNotExist, Item.DoesNotExist):
        _note(line, State.REFUSED, "gone")
    except Denied:
        _note(line, State.REFUSED, "not_permitted")
    except ValidationError as refused:
        _note(line, State.REFUSED, "words", text=" ".join(refused.messages)[:500])
    except OperationalError:
        log.warning("line %s of import %s is tried again", line.number, line.job_id, exc_info=True)
    except Exception:
        log.exception("line %s of import %s failed", line.number, line.job_id)
        _note(line, State.FAILED, "crashed")


@transaction.atomic
def _carry_out(line: ImportLine, hand: Hand) -> None:
    """What a line alters and the row that says so, in one transaction."""
    mine = ImportLine.objects.select_for_update().filter(pk=line.pk, state=State.WAITING).first()
    if mine is None:  # somebody else did it, or it was stopped
        return
    now = hand.at or timezone.now().replace(microsecond=0)
    if mine.item_id is None:
        mine.item, mine.state = _add(mine, hand, now), State.ADDED
    else:
        mine.item, mine.state = _alter(mine, hand, now), State.ALTERED
    mine.faults, mine.done_at = [], now
    mine.save(update_fields=["item", "state", "faults", "done_at"])


def _add(line: ImportLine, hand: Hand, now: datetime) -> Item:
    """A new item, unless somebody added it meanwhile. One at a time of each key, for the same reason."""
    job = hand.job
    wish = Wish(line.number, line.facts, key_of(line.facts, job.match))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [f"{job.type_id}:{wish.key}"])
    alike = matching(job, {wish.key[1]}, hand.actor)
    if any(key_of_item(item, job.match) == wish.key for item in alike):
        raise Moved("came_since")
    known = {key: value for key, value in line.facts.items() if identity(value) not in ("", None)}
    facts = _to_write(known)
    return cmdb.services.add_item(
        item_type=job.type, authority=hand.authority, actor=hand.actor, now=now, **facts
    )


def _alter(line: ImportLine, hand: Hand, now: datetime) -> Item:
    """The item altered as the preview said, where it still is as the preview saw it."""
    known = Item.objects.visible_to(hand.actor).get(pk=line.item_id or 0)
    item = lock(known)
    present = facts_of([item], attributes_of([item.type_id]))[item.pk]
    for effect in line.effects:
        if identity(present.get(effect["fact"], "")) != identity(effect["before"]):
            raise Moved("changed_since")
    is_hopeless = line.verdict == ImportLine.Verdict.REFUSED
    if is_hopeless and may_alter(hand.actor, item, hand.authority) and not refusal(hand.authority, item.pk):
        raise Moved("decided_since")
    facts = _to_write({effect["fact"]: effect["after"] for effect in line.effects})
    return cmdb.services.alter_item(
        item, facts, authority=hand.authority, actor=hand.actor, now=now, expected_version=item.version
    )


def _to_write(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as the register's verbs take them: rows for labels, attributes by code."""
    found: dict[str, Any] = {}
    attributes: dict[str, Any] = {}
    for key, value in facts.items():
        plain = identity(value)
        match key:
            case "number":
                continue
            case "customer":
                found[key] = Organisation.objects.get(code=plain) if plain else None
            case "owner":
                found[key] = User.objects.get(pk=plain) if plain else None
            case "is_important":
                found[key] = bool(plain)
            case _ if key.startswith(ATTRIBUTE):
                attributes[key.removeprefix(ATTRIBUTE)] = plain if plain != "" else None
            case _:
                found[key] = plain
    return {**found, "attributes": attributes} if attributes else found


def _note(line: ImportLine, state: str, code: str, **params: Any) -> None:
    """Why a line was not carried out; what the preview said against it stays, where it said something."""
    fault = {"code": code, "column": "", "params": params}
    faults = line.faults if line.verdict == ImportLine.Verdict.REFUSED and code == "words" else [fault]
    waiting = ImportLine.objects.filter(pk=line.pk, state=State.WAITING)
    waiting.update(state=state, faults=faults or [fault], done_at=timezone.now())


def _finish(job: ItemImport) -> bool:
    """It is over where no line waits any more, also none that another worker holds; True then."""
    if job.lines.filter(state=State.WAITING).exists():
        return False
    running = ItemImport.objects.filter(pk=job.pk, state__in=ItemImport.UNFINISHED)
    running.update(state=ItemImport.State.DONE, finished_at=timezone.now())
    return True


def _give_up(job: ItemImport, code: str) -> None:
    faults = [{"code": code, "column": "", "params": {}}]
    waiting = job.lines.filter(state=State.WAITING)
    waiting.update(state=State.FAILED, faults=faults, done_at=timezone.now())
    _finish(job)


def unfinished() -> list[int]:
    """Imports nobody works on: their worker was killed, or the call to it got lost."""
    silent = ItemImport.objects.filter(
        state__in=ItemImport.UNFINISHED, touched_at__lt=timezone.now() - SILENT
    )
    return list(silent.order_by("pk").values_list("pk", flat=True))
