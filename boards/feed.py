"""The change calendar of one person for a calendar program: at a secret address that can be taken back."""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.access import Actor, may
from accounts.models import User
from boards import calendar, ical, lifecycle
from boards.models import BoardMeeting, Feed
from changes.lifecycle import CARRIED_OUT, STANDS, WITHDRAWN
from changes.models import Change, State
from windows.words import and_so_on

BEFORE, AHEAD = timedelta(days=30), timedelta(days=180)
MOST = 500


def make(*, actor: Actor, now: datetime) -> str:
    """A new address for this person, in place of the one before; answers its secret, kept nowhere."""
    token = secrets.token_urlsafe(32)
    Feed.objects.update_or_create(
        user_id=actor.user_id, defaults={"token_hash": _hash(token), "made_at": now, "read_at": None}
    )
    return token


def revoke(*, actor: Actor) -> None:
    """The address is not answered any more. Safe to repeat."""
    Feed.objects.filter(user=actor.user_id).delete()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def reader_of(token: str, *, now: datetime) -> User | None:
    """Whose address it is; None for one that is not answered (any more)."""
    row = Feed.objects.select_related("user").filter(token_hash=_hash(token)).first()
    if row is None or not row.user.is_active or not may(row.user.actor, "desk"):
        return None
    Feed.objects.filter(pk=row.pk).update(read_at=now)
    return row.user


def written(user: User, *, now: datetime) -> str:
    """What this person may see, from a month ago to half a year ahead, in his language."""
    actor = user.actor
    with translation.override(user.language or settings.LANGUAGE_CODE):
        events = [
            *_changes(actor, now - BEFORE, now + AHEAD), *_meetings(actor, now - BEFORE, now + AHEAD),
            *_windows(actor, now, now + AHEAD),
        ]  # fmt: skip
        return ical.calendar(_("Change calendar"), events)


def _changes(actor: Actor, start: datetime, end: datetime) -> Iterator[ical.Event]:
    """What was rejected or cancelled stays, so that programs take it off."""
    rows = Change.objects.visible_to(actor).filter(planned_start_at__lt=end, planned_end_at__gt=start)
    rows = rows.select_related("assignee").prefetch_related("change_services__service")
    for change in rows.order_by("planned_start_at", "pk")[:MOST]:
        services = and_so_on(row.service.name for row in change.change_services.all())
        state = str(State(change.state).label)
        yield ical.Event(
            uid=f"{_uid(change)}@change.itsm", start=change.planned_start_at, end=change.planned_end_at,
            summary=f"{change.number} {change.title}", stamp=change.updated_at, sequence=change.version,
            description="\n".join(filter(None, (state, services, change.assignee and change.assignee.name))),
            url=f"{settings.SITE_URL}{change.get_absolute_url()}", status=_status(change.state),
            categories=pgettext("noun", "Change"),
        )  # fmt: skip


def _uid(record: Change | BoardMeeting) -> str:
    # the opening makes it differ from what has the same number in another installation
    return f"{record.number.lower()}-{int(record.opened_at.timestamp())}"


def _status(state: str) -> str:
    if state in WITHDRAWN:
        return "CANCELLED"
    return "CONFIRMED" if state in STANDS | CARRIED_OUT else "TENTATIVE"


def _meetings(actor: Actor, start: datetime, end: datetime) -> Iterator[ical.Event]:
    """The meetings of the board the person takes part in."""
    rows = BoardMeeting.objects.visible_to(actor).filter(
        participants__user=actor.user_id, meets_at__lt=end, ends_at__gt=start
    )
    for meeting in rows.order_by("meets_at", "pk")[:MOST]:
        yield ical.Event(
            uid=f"{_uid(meeting)}@board.itsm", start=meeting.meets_at, end=meeting.ends_at,
            summary=f"{meeting.number} {_('Change advisory board')}", stamp=meeting.updated_at,
            sequence=meeting.version, location=meeting.place,
            url=f"{settings.SITE_URL}{meeting.get_absolute_url()}",
            status="CANCELLED" if meeting.state == lifecycle.CANCELLED else "CONFIRMED",
            categories=_("Change advisory board"),
        )  # fmt: skip


def _windows(actor: Actor, start: datetime, end: datetime) -> Iterator[ical.Event]:
    for opening in calendar.openings(start, end, actor)[:MOST]:
        window, span = opening.window, opening.span
        yield ical.Event(
            uid=f"window-{window.pk}-{ical.instant(span.start)}-{int(window.created_at.timestamp())}@window.itsm",
            start=span.start, end=span.end, summary=f"{window.get_kind_display()}: {window.name}",
            stamp=window.created_at, sequence=window.version, description=opening.scope,
            url=f"{settings.SITE_URL}{window.get_absolute_url()}", categories=window.get_kind_display(),
            is_free=True,
        )  # fmt: skip
