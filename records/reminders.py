"""Decisions that wait: each process tells of its own at one beat, after so many working hours.

A process registers from ``AppConfig.ready()`` how it reminds; nobody is told twice by its own bookkeeping.
"""

import logging
from collections.abc import Callable
from datetime import datetime

import sla.services
from sla import calendar as working_time

AFTER_SECONDS = 8 * 3600
"""Working seconds a decision may wait before whoever is asked is reminded."""

log = logging.getLogger(__name__)
_REMINDERS: dict[str, Callable[..., int]] = {}


def register(name: str, remind: Callable[..., int]) -> None:
    """Call ``remind(now=)`` at each beat; it answers how often somebody was told. Safe to repeat."""
    _REMINDERS[name] = remind


def remind_all(*, now: datetime) -> int:
    """Remind of everything that waits; what fails is logged and does not keep the others from it."""
    told = 0
    for name, remind in _REMINDERS.items():
        try:
            told += remind(now=now)
        except Exception:
            log.exception("Reminders of %s failed", name)
    return told


def is_due(customer_id: int, since: datetime, *, now: datetime) -> bool:
    """Whether what was asked ``since`` has waited long enough, in the hours of the customer's agreement.

    The provider's own things go by the default commitment. Without any, hours of the clock on the wall count.
    """
    version = sla.services.version_for(customer_id, now)
    hours = working_time.ALWAYS
    if version is not None:
        hours = sla.services.hours_of(sla.services.calendar_version_at(version.calendar_id, now))
    due = working_time.add(hours, since, AFTER_SECONDS)
    return due is not None and due <= now
