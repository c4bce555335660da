"""What happened to a ticket since its page was read: asked often, so almost always one look at one index."""

from dataclasses import dataclass

from accounts.access import Actor
from records import timeline
from records.models import Record
from records.services import get_record

NEWEST = 3  # of what happened is told in words


@dataclass(frozen=True)
class News:
    """``version`` is the record's now; ``entries`` the newest of the ``count`` others wrote, oldest first."""

    version: int
    count: int
    entries: list[timeline.Entry]


def since(number: str, version: int, *, actor: Actor) -> News | None:
    """What others did after a version of the record; None, after one query, where nothing happened.

    A record the actor may not see is as one where nothing happens.
    """
    visible = Record.objects.visible_to(actor).filter(number=number, version__gt=version)
    found = visible.values_list("version", flat=True).first()
    if found is None:
        return None
    record = get_record(actor, number)
    rows = record.activities.readable_by(actor).filter(record_version__gt=version)
    ids = set(rows.exclude(actor=actor.user_id).values_list("pk", flat=True))
    if not ids:
        return News(record.version, 0, [])
    shown = [e for e in timeline.entries(record, actor, fold=False).entries if e.id in ids]
    return News(record.version, len(ids), shown[-NEWEST:])
