"""What the bell says of exports: which are finished and were not looked at yet."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from exports import sources
from exports.models import Export
from records.notices import Notice, Others

SHOWN = timedelta(days=7)
OVER = (Export.State.DONE, Export.State.FAILED)


def _over(actor: Actor) -> QuerySet[Export]:
    return Export.objects.filter(asker=actor.user_id, state__in=OVER)


def unread(actor: Actor) -> QuerySet[Export]:
    return _over(actor).filter(seen_at=None)


def latest(actor: Actor) -> list[Notice]:
    recent = _over(actor).filter(finished_at__gte=timezone.now() - SHOWN).order_by("-pk")[:20]
    return [_notice(export) for export in recent]


def _notice(export: Export) -> Notice:
    source = sources.get(export.source)
    is_ready = export.state == Export.State.DONE
    return Notice(
        id=0,
        words=_("Your file is ready") if is_ready else _("Your file could not be made"),
        title=str(source.label) if source else export.file_name,
        actor=_("The system"),
        at=export.finished_at or export.touched_at,
        url=export.get_absolute_url(),
        is_unread=export.seen_at is None,
    )


def read(actor: Actor, now: datetime) -> int:
    return unread(actor).update(seen_at=now)


OTHERS = Others("exports", unread=unread, latest=latest, read=read)
