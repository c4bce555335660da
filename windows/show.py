"""Windows as pages show them."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.access import Actor
from cmdb.models import Item
from itsm.templatetags.ui import instant_words
from windows.models import Window
from windows.words import and_so_on


def row_of(window: Window, now: datetime, seen: frozenset[int] | None) -> dict[str, Any]:
    """A window as a row; ``seen`` are the items the reader may know, None: all."""
    state, tone = state_of(window, now)
    return {
        "window": window, "state": state, "tone": tone, "when": when(window), "scope": scope(window, seen),
        "is_freeze": window.is_freeze,
    }  # fmt: skip


def state_of(window: Window, now: datetime) -> tuple[str, str]:
    if window.is_cancelled:
        return _("Cancelled"), "quiet"
    if window.ends_at and window.ends_at <= now:
        return _("Over"), "neutral"
    if window.starts_at > now:
        return _("To come"), "accent"
    return _("In force"), ("bad" if window.is_freeze else "good")


def when(window: Window) -> str:
    """When it is open, in words: of a weekly one by the clocks of its zone."""
    if window.recurs == Window.Recurs.ONCE:
        span = {"from": instant_words(window.starts_at), "until": instant_words(window.ends_at)}  # type: ignore[arg-type]
        return _("%(from)s to %(until)s") % span
    facts = {
        "day": window.get_weekday_display(),
        "from": f"{window.from_time:%H:%M}", "until": f"{window.until_time:%H:%M}", "zone": window.time_zone,
    }  # fmt: skip
    return _("every %(day)s %(from)s–%(until)s (%(zone)s)") % facts


def scope(window: Window, seen: frozenset[int] | None) -> str:
    """What it is for, naming only items the reader may see."""
    if window.everything:
        return _("everything")
    names = [service.name for service in window.services.all()]
    names += [item.name for item in window.items.all() if seen is None or item.pk in seen]
    return and_so_on(names)


def seen_items(windows: list[Window], actor: Actor) -> frozenset[int] | None:
    """Which of the items of these windows the actor may see; None: all."""
    if actor.is_desk_side and actor.scope is None:
        return None
    ids = {item.pk for window in windows for item in window.items.all()}
    return frozenset(Item.objects.visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))
