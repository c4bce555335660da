"""Verbs on freezes and maintenance windows: entered, changed, cancelled. The only writers of Window.

Mistakes come back as ValidationError keyed by field, refusals as access.Denied or Stale.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, require
from catalog.models import Service
from cmdb.models import Item
from records.services import refuse
from windows.models import DEFAULT_ZONE, Window

FACTS = (
    "kind", "name_en", "name_zh", "recurs", "starts_at", "ends_at", "weekday", "from_time", "until_time",
    "time_zone", "everything", "reason",
)  # fmt: skip
LENGTHS = {"name_en": 200, "name_zh": 200, "reason": 500}


class Stale(Exception):
    """Somebody saved the window since its writer read it."""

    def __init__(self, window: Window) -> None:
        super().__init__(f"{window} is at version {window.version}")
        self.window = window


def enter(
    *,
    kind: str,
    name_en: str,
    name_zh: str,
    starts_at: datetime,
    actor: Actor,
    now: datetime,
    ends_at: datetime | None = None,
    recurs: str = Window.Recurs.ONCE,
    weekday: int | None = None,
    from_time: time | None = None,
    until_time: time | None = None,
    time_zone: str = DEFAULT_ZONE,
    everything: bool = False,
    services: Sequence[Service] = (),
    items: Sequence[Item] = (),
    reason: str = "",
) -> Window:
    """Enter a window. Once: until ``ends_at``. Weekly: on a weekday between two wall times of the zone, in
    force from ``starts_at`` to ``ends_at`` or for good."""
    require(actor, "lead_windows")
    facts = _checked(
        {
            "kind": kind, "name_en": name_en, "name_zh": name_zh, "recurs": recurs, "starts_at": starts_at,
            "ends_at": ends_at, "weekday": weekday, "from_time": from_time, "until_time": until_time,
            "time_zone": time_zone, "everything": everything, "reason": reason,
        }
    )  # fmt: skip
    _check_scope(everything, services, items)
    with transaction.atomic():
        made = Window.objects.create(**facts, created_by_id=actor.user_id, created_at=now)
        made.services.set(services)
        made.items.set(items)
    return made


def _checked(facts: Mapping[str, Any]) -> dict[str, Any]:
    clean = {name: value.strip() if isinstance(value, str) else value for name, value in facts.items()}
    if clean["kind"] not in Window.Kind.values:
        raise refuse("kind", _("Say whether it is a freeze or a maintenance window."), "required")
    for name in ("name_en", "name_zh"):
        if not clean[name]:
            raise refuse(name, _("It is read in both languages; name it in both."), "required")
    for name, most in LENGTHS.items():
        if len(clean[name]) > most:
            raise refuse(name, _("At most %(n)s characters.") % {"n": most}, "too_long")
    if clean["time_zone"] not in available_timezones():
        raise refuse("time_zone", _("Use an IANA name such as Asia/Shanghai."), "unknown_zone")
    if clean["ends_at"] and clean["ends_at"] <= clean["starts_at"]:
        raise refuse("ends_at", _("The end must lie after the beginning."))
    return clean | _checked_recurrence(clean)


def _checked_recurrence(clean: Mapping[str, Any]) -> dict[str, Any]:
    if clean["recurs"] == Window.Recurs.ONCE:
        if clean["ends_at"] is None:
            raise refuse("ends_at", _("Say when it ends."), "required")
        return {"weekday": None, "from_time": None, "until_time": None}
    if clean["recurs"] != Window.Recurs.WEEKLY:
        raise refuse("recurs", _("Say whether it comes once or every week."), "required")
    if clean["weekday"] not in Window.Weekday.values:
        raise refuse("weekday", _("Say on which day of the week it is."), "required")
    for name in ("from_time", "until_time"):
        if clean[name] is None:
            raise refuse(name, _("Say from which time to which it is open."), "required")
    if clean["from_time"] == clean["until_time"]:
        raise refuse("until_time", _("It would be open for no time at all."))
    return {}


def _check_scope(everything: bool, services: Sequence[Service], items: Sequence[Item]) -> None:
    if not everything and not services and not items:
        raise refuse("services", _("Say what it is for: everything, services or items."), "required")
    if everything and (services or items):
        raise refuse("everything", _("It is for everything already; leave services and items out."))


def alter(
    window: Window,
    facts: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None,
    services: Sequence[Service] | None = None,
    items: Sequence[Item] | None = None,
) -> Window:
    """Change facts (keys of FACTS) and the scope, None: as it is. History keeps what it was.

    What has been given a time already keeps it; the calendar shows what collides now.
    """
    if unknown := set(facts) - set(FACTS):
        raise refuse(min(unknown), _("This field cannot be changed here."))
    with transaction.atomic():
        current = _lock(window, actor, expected_version)
        clean = _checked({**{name: getattr(current, name) for name in FACTS}, **facts})
        served = list(current.services.all()) if services is None else list(services)
        touched = list(current.items.all()) if items is None else list(items)
        _check_scope(clean["everything"], served, touched)
        for name, value in clean.items():
            setattr(current, name, value)
        _save(current, *FACTS)
        current.services.set(served)
        current.items.set(touched)
    return current


def cancel(
    window: Window, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Window:
    """It does not hold any more; it stays to be read."""
    if not reason.strip():
        raise refuse("reason", _("Say why it is cancelled."), "required")
    with transaction.atomic():
        current = _lock(window, actor, expected_version)
        current.is_cancelled, current.cancel_reason = True, reason.strip()[:300]
        _save(current, "is_cancelled", "cancel_reason")
    return current


def _lock(window: Window, actor: Actor, expected_version: int | None) -> Window:
    require(actor, "lead_windows")
    current = Window.objects.select_for_update(no_key=True).get(pk=window.pk)
    if expected_version is not None and expected_version != current.version:
        raise Stale(current)
    if current.is_cancelled:
        raise refuse("is_cancelled", _("It was cancelled; enter a new one."), "cancelled")
    return current


def _save(window: Window, *fields: str) -> None:
    window.version += 1
    window.save(update_fields=[*fields, "version"])
