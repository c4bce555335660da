"""Asking for a list as a file, stopping it, fetching it, and removing it when its time is over."""

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.access import Actor, Denied, require
from accounts.models import User, validate_time_zone
from exports import parts, sources
from exports.models import Export
from exports.sources import Source
from records import files
from records.services import refuse

log = logging.getLogger(__name__)

ACT = "export"
AT_ONCE = 3  # unfinished exports of one person
KEPT = timedelta(days=7)
LONGEST_QUERY = 4000
FIELDS = 1000  # as many as Django reads of an address


class Over(Exception):
    """The export is past what was asked of it: finished, stopped or removed before."""


def of(actor: Actor) -> QuerySet[Export]:
    """One's own exports, newest first; nobody reads another's files."""
    return Export.objects.filter(asker=actor.user_id).order_by("-pk")


def get(actor: Actor, pk: int) -> Export:
    """An export of the actor's own. Http404 for any other."""
    found = of(actor).filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such export."))
    return found


def query_of(text: str) -> QueryDict:
    """A query as its text; ValidationError on ``query`` for what cannot be one."""
    if len(text) > LONGEST_QUERY or "\0" in text:
        raise refuse("query", _("This address is too long to be exported; use fewer filters."), "too_long")
    try:
        return QueryDict(text)
    except TooManyFieldsSent:
        raise refuse("query", _("These are too many filters at once."), "too_many") from None


def ask(
    source: Source,
    query: str,
    format: str,  # noqa: A002 - as the field and the API call it
    *,
    once: str,
    actor: Actor,
    now: datetime,
    language: str = "",
    zone: str = "",
) -> tuple[Export, bool]:
    """Let a list be made as a file; answers the export, and whether this call asked for it.

    ``once`` is the form's key: the same form sent twice is one export. ``language`` and ``zone`` are the
    asker's where they are empty. Raises Denied; ValidationError by field for an unknown format, language or
    zone, a query that is none, and for more than three at once (``source``).
    """
    if not source.may(actor):
        raise Denied(actor, source.permission or ACT)
    query_of(query)
    if format not in Export.Format.values:
        raise refuse("format", _("Choose CSV or Excel."), "invalid")
    if language and language not in dict(settings.LANGUAGES):
        raise refuse("language", _("There is no such language here."), "invalid")
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=actor.user_id)  # one asks one at a time
        known = Export.objects.filter(asker=user, once=once).first()
        if known is not None:
            return known, False
        if Export.objects.filter(asker=user, state__in=Export.UNFINISHED).count() >= AT_ONCE:
            words = _("%(n)s of your exports are still being made; wait for one of them or stop it.")
            raise refuse("source", words % {"n": AT_ONCE}, "too_many")
        export = Export.objects.create(
            asker=user, source=source.name, query=query, format=format, origin=actor.origin, once=once,
            language=language or get_language() or settings.LANGUAGE_CODE,
            zone=_zone(zone or user.time_zone), asked_at=now, touched_at=now,
        )  # fmt: skip
        transaction.on_commit(lambda: wake(export.pk))
    return export, True


def _zone(name: str) -> str:
    try:
        validate_time_zone(name)
    except Exception as error:
        raise refuse("zone", _("There is no such time zone."), "invalid") from error
    return ZoneInfo(name).key


def cancel(export: Export, *, actor: Actor, now: datetime) -> None:
    """Stop it; what was written is thrown away. Raises Denied, Over."""
    require(actor, ACT)
    if export.asker_id != actor.user_id:
        raise Denied(actor, ACT)
    with transaction.atomic():
        current = Export.objects.select_for_update().get(pk=export.pk)
        if not current.is_working:
            raise Over
        current.state, current.finished_at, current.lease_until = Export.State.CANCELLED, now, None
        current.save(update_fields=["state", "finished_at", "lease_until"])
        transaction.on_commit(lambda: parts.remove(current.part))
    export.refresh_from_db()


def remove(export: Export, *, actor: Actor, now: datetime) -> None:
    """Remove a finished file before its time. Twice is the same as once. Raises Denied, Over."""
    require(actor, ACT)
    if export.asker_id != actor.user_id:
        raise Denied(actor, ACT)
    if export.is_working:
        raise Over
    _forget(Export.objects.filter(pk=export.pk), now)


def seen(actor: Actor, now: datetime) -> None:
    """Its asker has looked at the list of exports: what is finished is no news any more."""
    unseen = Export.objects.filter(asker=actor.user_id, seen_at=None)
    unseen.filter(state__in=[Export.State.DONE, Export.State.FAILED]).update(seen_at=now)


def expire(now: datetime) -> int:
    """Remove the files whose time is over and say so in their rows; answers how many. Safe to repeat."""
    return _forget(Export.objects.filter(expires_at__lte=now), now)


def _forget(rows: QuerySet[Export], now: datetime) -> int:
    """First the row says that there is no file, then the file goes: nobody is offered what is not there."""
    with transaction.atomic():
        chosen = list(rows.filter(state=Export.State.DONE).select_for_update()[:1000])
        ids = [export.pk for export in chosen]
        Export.objects.filter(pk__in=ids).update(state=Export.State.EXPIRED, key="", expires_at=now)
    for export in chosen:
        files.path_of(export.key).unlink(missing_ok=True)
    return len(chosen)


def source_of(export: Export) -> Source:
    """The list it is of. Http404 where no app offers it any more."""
    source = sources.get(export.source)
    if source is None:
        raise Http404(_("This list is not offered any more."))
    return source


def wake(export_id: int) -> None:
    from exports.tasks import run_export  # tasks import this module's neighbour

    try:
        run_export.delay(export_id)
    except Exception:
        log.warning("could not wake a worker for an export; the sweep will find it", exc_info=True)
