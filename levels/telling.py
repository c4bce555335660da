"""What customers are told of planned interruptions: announced, moved and withdrawn with them (INC-21)."""

from collections.abc import Iterable
from datetime import datetime

from accounts.access import Actor, may
from accounts.services import system_after
from announcements import services as announcing
from announcements.lifecycle import PUBLISHED
from announcements.models import Announcement
from levels.models import PlannedInterruption

OFF = ("The planned interruption does not take place.", "计划中断取消，不再进行。")
MOVED = ("The planned interruption has another time now.", "计划中断的时间有调整，请以新的时间为准。")


def key_of(row: PlannedInterruption) -> str:
    """By which an interruption and its announcement find each other, so that it is made once."""
    return f"interruption:{row.pk}"


def announcements_of(rows: Iterable[PlannedInterruption]) -> dict[int, Announcement]:
    """The announcements of some interruptions by the interruption's id; one query."""
    keys = {key_of(row): row.pk for row in rows}
    found = Announcement.objects.originals().filter(told__key__in=keys).select_related("told")
    return {keys[row.told.key]: row for row in found}


def tell(row: PlannedInterruption, *, actor: Actor, now: datetime) -> Announcement:
    """Announce it to the customers it is for. Safe to repeat: there is one announcement."""
    return announcing.announce_interruption(
        key=key_of(row), services=list(row.services.all()), customers=list(row.customers.all()),
        starts_at=row.starts_at, ends_at=row.ends_at, reason_en=row.reason_en, reason_zh=row.reason_zh,
        actor=_writer(actor), now=now,
    )  # fmt: skip


def _writer(actor: Actor) -> Actor:
    """The original of an announcement is the provider's: who may not write such has the system do it."""
    return actor if may(actor, "write_announcement") else system_after(actor)


def follow(old: PlannedInterruption, new: PlannedInterruption, *, actor: Actor, now: datetime) -> None:
    """What was announced of one that was moved is about the new one from now on, and people are told."""
    told = announcing.by_key(key_of(old))
    if told and told.state == PUBLISHED:
        announcing.reschedule(
            told, starts_at=new.starts_at, ends_at=new.ends_at, key=key_of(new), text_en=MOVED[0],
            text_zh=MOVED[1], actor=_writer(actor), now=now,
        )  # fmt: skip


def withdraw(row: PlannedInterruption, *, actor: Actor, now: datetime) -> None:
    """What was announced of one that is called off ends with those words; nothing where nothing was."""
    told = announcing.by_key(key_of(row))
    if told and told.state == PUBLISHED:
        announcing.end(told, text_en=OFF[0], text_zh=OFF[1], actor=_writer(actor), now=now)
