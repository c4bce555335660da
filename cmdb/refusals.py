"""What was tried on an item and refused stays in its history, though everything else is rolled back.

A refusal ends the transaction it came up in, and often one around it (a POST with an idempotency key, an
import). Nobody is told when a transaction is rolled back (Django has a hook for commits only), and what is
around may be anybody's. So where there is one, the row is written over a connection of its own.

That is sound: the row only wants that item and person are not deleted meanwhile (FOR KEY SHARE), which
writers of items do not stand in the way of (FOR NO KEY UPDATE). What does is waited for for WAIT and no
longer, so two connections of one request never wait for each other for good. Limits are set for the
transaction alone: behind a pool the session is somebody else's next. Where it cannot be done, the row is
written where we are.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import Error, connection, connections, transaction

from accounts.access import Actor, Denied
from cmdb.authority import Authority
from cmdb.models import Alteration, Item

WAIT = "1s"
"""How long the row may wait for an item that somebody holds before it is written within, as a last resort."""


class Refused(ValidationError):
    """A controlled fact without a sufficient change. ``refusal``: why, one of Alteration.Refusal."""

    def __init__(self, errors: Mapping[str, ValidationError], refusal: str) -> None:
        super().__init__(dict(errors))
        self.refusal = refusal


@dataclass
class Attempt:
    """What somebody is about to do to an item; ``before`` and ``after`` are filled in on the way."""

    items: tuple[Item, ...]
    act: Alteration.Act
    authority: Authority | None
    actor: Actor
    now: datetime
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)

    def rows(self, refusal: str = "") -> list[Alteration]:
        return [
            Alteration(
                item_id=item.pk,
                act=self.act,
                at=self.now,
                actor_id=self.actor.user_id,
                origin=str(self.actor.origin),
                authority=self.authority.number[:30] if self.authority else "",
                before=self.before,
                after=self.after,
                is_refused=bool(refusal),
                refusal=refusal,
            )
            for item in self.items
        ]


@contextmanager
def kept(attempt: Attempt) -> Iterator[None]:
    """One transaction; if it ends in a refusal, that is written down and raised on."""
    try:
        with transaction.atomic():
            yield
    except Refused as refused:
        _write(attempt.rows(refused.refusal))
        raise
    except Denied:
        _write(attempt.rows(Alteration.Refusal.NOT_PERMITTED))
        raise


def _write(rows: list[Alteration]) -> None:
    if not connection.in_atomic_block:
        Alteration.objects.bulk_create(rows)
        return
    try:
        _write_apart(rows)
    except Error:
        # the item is of the transaction around us, or that one holds it; or there is no connection to be had
        Alteration.objects.bulk_create(rows)


def _write_apart(rows: list[Alteration]) -> None:
    """On a second connection, which knows only what is committed. django.db.Error when it cannot."""
    alias = connection.alias
    apart = connections.create_connection(alias)
    ours = connections[alias]
    connections[alias] = apart
    try:
        with transaction.atomic():
            with apart.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{WAIT}'")
            Alteration.objects.bulk_create(rows)
    finally:
        connections[alias] = ours
        apart.close()
        for row in rows:
            row.pk = None
