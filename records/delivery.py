"""Telling people: from an Activity to its recipients, and the sending of one Delivery.

The rows are planned in the transaction of the Activity itself; sending happens after it, outside any
transaction, and is repeated under the same key until it succeeded or was given up.
"""

import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.access import Origin, Role
from accounts.models import Grant, Membership, Organisation, User
from accounts.services import system_actor
from records.models import Activity, Delivery, Record, Watch
from records.verbs import To, verb_of

log = logging.getLogger(__name__)

# Longer than a batch takes when every mail in it waits for a server that hangs (EMAIL_TIMEOUT).
LEASE = timedelta(seconds=120)
BATCH = 10
GIVE_UP_AFTER = 18  # attempts; with the back-off below about a day
SILENT = frozenset({Origin.IMPORT.value})
UNDELIVERED = "record.undelivered"


class PermanentError(Exception):
    """Sending can never work: the address does not exist, the mail is refused for good."""


class Withheld(PermanentError):
    """It must not be sent any more: the recipient left, or may no longer see the record. Nobody's failure."""


class TransientError(Exception):
    """Sending may work later: no connection, a busy server."""


Transport = Callable[[Delivery], None]
_transports: dict[str, Transport] = {}


def register_transport(channel: str, transport: Transport) -> None:
    """Make a channel sendable. Called by the channels app when it is ready."""
    _transports[channel] = transport


# --- planning --------------------------------------------------------------------------------


class Audience:
    """Who plays which part, looked up once for a whole batch of activities."""

    def __init__(self, facts: Sequence[tuple[Activity, Record]]) -> None:
        needed = {part for activity, _r in facts for part in verb_of(activity.verb).to}
        records = [record for _a, record in facts]
        self.members = self._members(records) if needed & {To.TEAM, To.HOLDER} else {}
        self.watchers = self._watchers(records) if To.WATCHERS in needed else {}
        self.managers = self._managers() if To.SERVICE_LEVEL_MANAGERS in needed else []
        self.contacts = self._contacts(records) if To.CUSTOMER_MANAGERS in needed else {}
        ids = {uid for fact in facts for uid in self._ids(*fact)}
        people = User.objects.filter(pk__in=ids, is_active=True)
        self.users = people.prefetch_related("grants", "memberships").in_bulk()

    @staticmethod
    def _members(records: Iterable[Record]) -> dict[int, list[int]]:
        teams: dict[int, list[int]] = defaultdict(list)
        for team, user in Membership.objects.filter(
            team__in={r.team_id for r in records if r.team_id}
        ).values_list("team", "user"):
            teams[team].append(user)
        return teams

    @staticmethod
    def _watchers(records: Iterable[Record]) -> dict[int, list[int]]:
        watchers: dict[int, list[int]] = defaultdict(list)
        for record, user in Watch.objects.filter(record__in=[r.pk for r in records]).values_list(
            "record", "user"
        ):
            watchers[record].append(user)
        return watchers

    @staticmethod
    def _managers() -> list[tuple[int, int | None]]:
        return list(Grant.objects.filter(role=Role.SERVICE_LEVEL_MANAGER).values_list("user", "organisation"))

    @staticmethod
    def _contacts(records: Iterable[Record]) -> dict[int, list[int]]:
        contacts: dict[int, list[int]] = defaultdict(list)
        rows = User.objects.filter(
            organisation__in={r.customer_id for r in records},
            organisation__kind=Organisation.Kind.CUSTOMER,
            grants__role=Role.CUSTOMER_MANAGER,
        )
        for customer, user in rows.values_list("organisation", "pk"):
            contacts[customer].append(user)
        return contacts

    def _ids(self, activity: Activity, record: Record) -> set[int]:
        parts = verb_of(activity.verb).to
        found: set[int | None] = set(activity.data.get("people", ()) if To.NAMED in parts else ())
        for part in parts:
            match part:
                case To.REQUESTER:
                    found.add(record.requester_id)
                case To.WATCHERS:
                    found.update(self.watchers.get(record.pk, []))
                case To.ASSIGNEE:
                    found.add(record.assignee_id)
                case To.OWNER:
                    found.add(record.owner_id)
                case To.TEAM:
                    found.update(self.members.get(record.team_id or 0, []))
                case To.HOLDER:
                    found.update(
                        [record.assignee_id]
                        if record.assignee_id
                        else self.members.get(record.team_id or 0, [])
                    )
                case To.SERVICE_LEVEL_MANAGERS:
                    found.update(u for u, o in self.managers if o in (None, record.customer_id))
                case To.CUSTOMER_MANAGERS:
                    found.update(self.contacts.get(record.customer_id, []))
        return {uid for uid in found if uid is not None and uid != activity.actor_id}

    def of(self, activity: Activity, record: Record) -> list[User]:
        """The active people the activity concerns, each once, without who did it.

        Who plays a part and may not see the record (any more) is told nothing.
        """
        ids = self._ids(activity, record)
        found = [self.users[uid] for uid in sorted(ids) if uid in self.users]
        return [user for user in found if _may_know(user, activity, record)]


def _may_know(user: User, activity: Activity, record: Record) -> bool:
    """As ``visible_to`` and ``readable_by`` decide, for somebody who plays a part in the record."""
    actor = user.actor
    if actor.is_desk_side:
        return actor.scope is None or record.customer_id in actor.scope
    if actor.has(Role.SUPPLIER):
        return may_tell_supplier(user, activity)
    is_customer = actor.has(Role.CUSTOMER, Role.CUSTOMER_MANAGER)
    return is_customer and activity.is_public and record.customer_id == actor.organisation_id


def may_tell_supplier(user: User, activity: Activity) -> bool:
    """A supplier's people see no record; they are told what names them, where the verb is for suppliers."""
    return verb_of(activity.verb).is_for_suppliers and user.pk in activity.data.get("people", ())


def _wants_mail(user: User, *, important: bool) -> bool:
    if not user.email:
        return False
    return user.mail_level == User.MailLevel.ALL or (
        user.mail_level == User.MailLevel.IMPORTANT and important
    )


# One statement for all rows: an alarm concerns ten people, and a thousand alarms may fall due at once.
INSERT = """
INSERT INTO records_delivery (activity_id, recipient_id, customer_id, channel, state, attempts, available_at,
                              lease_token, last_error, sent_at)
SELECT activity, recipient, customer, channel, state, 0, at, '', '', CASE state WHEN 'sent' THEN at END
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[])
    AS planned (activity, recipient, customer, channel, state, at)
"""
# The row is the notice: shown from the moment of commit, so it counts as sent.
NOTICE = (Delivery.Channel.IN_APP.value, Delivery.State.SENT.value)
MAIL = (Delivery.Channel.EMAIL.value, Delivery.State.NEW.value)


def plan(facts: Sequence[tuple[Activity, Record]]) -> None:
    """Write the outbox rows of some activities, in the caller's transaction. Imports are silent."""
    loud = [(a, r) for a, r in facts if a.origin not in SILENT and verb_of(a.verb).to]
    if not loud:
        return
    audience = Audience(loud)
    rows: list[tuple[Any, ...]] = []
    for activity, record in loud:
        important = verb_of(activity.verb).is_important
        for user in audience.of(activity, record):
            about = (activity.pk, user.pk, record.customer_id)
            rows.append((*about, *NOTICE, activity.logged_at))
            if _wants_mail(user, important=important):
                rows.append((*about, *MAIL, activity.logged_at))
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [list(column) for column in zip(*rows, strict=True)])
    if any(row[4] == Delivery.State.NEW for row in rows):
        transaction.on_commit(_wake)


def _wake() -> None:
    from records.tasks import deliver_pending  # tasks import this module

    try:
        deliver_pending.delay()
    except Exception:
        log.warning("could not wake the delivery worker; the sweep will find the rows", exc_info=True)


# --- sending ---------------------------------------------------------------------------------


@transaction.atomic
def claim(now: datetime, limit: int) -> list[tuple[int, str]]:
    """Lease up to ``limit`` unsent deliveries; attempts rise before the work, so that a crash counts."""
    rows = list(
        Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("activity")
        .filter(
            Q(state=Delivery.State.NEW) | Q(state=Delivery.State.SENDING, lease_until__lt=now),
            available_at__lte=now,
        )
        .order_by("available_at", "pk")[:limit]
    )
    for row in rows:
        row.state = Delivery.State.SENDING
        row.attempts += 1
        row.lease_until = now + LEASE
        row.lease_token = uuid.uuid4().hex
        if row.attempts > GIVE_UP_AFTER:  # whoever tried it last did not live to say so
            row.state, row.last_error = Delivery.State.DEAD, "the worker stopped while sending it"
    Delivery.objects.bulk_update(rows, ["state", "attempts", "lease_until", "lease_token", "last_error"])
    for row in rows:
        if row.state == Delivery.State.DEAD:
            _tell_undelivered(row)
    return [(row.pk, row.lease_token) for row in rows if row.state == Delivery.State.SENDING]


def send(delivery_id: int, token: str, *, now: datetime) -> bool:
    """Send one claimed delivery and store the result. True if it was sent.

    Who lost the lease changes nothing: the result is written only where the token still matches.
    """
    row = (
        Delivery.objects.select_related("activity__record", "activity__actor", "recipient")
        .filter(pk=delivery_id, lease_token=token, state=Delivery.State.SENDING)
        .first()
    )
    if row is None:
        return False
    mine = Delivery.objects.filter(pk=delivery_id, lease_token=token)
    try:
        _transports[row.channel](row)
    except Withheld as reason:
        mine.update(state=Delivery.State.DEAD, last_error=str(reason)[:300])
        return False
    except PermanentError as error:
        _give_up(row, str(error))
        return False
    except Exception as error:
        _retry(row, error, now)
        if not isinstance(error, TransientError):
            log.exception("delivery %s failed", delivery_id)
        return False
    return bool(mine.update(state=Delivery.State.SENT, sent_at=now, last_error=""))


def _retry(row: Delivery, error: Exception, now: datetime) -> None:
    words = f"{type(error).__name__}: {error}"
    if row.attempts >= GIVE_UP_AFTER:
        _give_up(row, words)
        return
    wait = timedelta(seconds=min(10 * 2 ** (row.attempts - 1), 3600 * 3))
    Delivery.objects.filter(pk=row.pk, lease_token=row.lease_token).update(
        state=Delivery.State.NEW, available_at=now + wait, last_error=words[:300]
    )


@transaction.atomic
def _give_up(row: Delivery, why: str) -> None:
    """Store that a message is given up, and say so where people look: on its record, to those who hold it."""
    mine = Delivery.objects.filter(pk=row.pk, lease_token=row.lease_token, state=Delivery.State.SENDING)
    if mine.update(state=Delivery.State.DEAD, last_error=why[:300]):
        log.error("delivery %s given up: %s", row.pk, why)
        row.last_error = why[:300]
        _tell_undelivered(row)


def _tell_undelivered(row: Delivery) -> None:
    """Log on the record what did not reach whom; not about such a notice itself, or it would never end."""
    from records import log as records_log  # it imports this module

    if row.activity.verb == UNDELIVERED:
        return
    records_log.write(
        row.activity.record, UNDELIVERED, actor=system_actor(), at=timezone.now().replace(microsecond=0),
        person=row.recipient.name, why=row.last_error, delivery=row.pk,
    )  # fmt: skip


@transaction.atomic
def returned(delivery_id: int, why: str) -> bool:
    """A message that had left came back: given up, and told where people look. True for the first time."""
    row = Delivery.objects.select_related("activity__record", "recipient").get(pk=delivery_id)
    sent = Delivery.objects.filter(pk=delivery_id, state=Delivery.State.SENT)
    if not sent.update(state=Delivery.State.DEAD, last_error=why[:300]):
        return False
    row.last_error = why[:300]
    _tell_undelivered(row)
    return True


def send_again(rows: Iterable[Delivery], *, now: datetime) -> int:
    """Offer messages that were given up once more, from the first attempt on. Answers how many."""
    dead = Delivery.objects.filter(pk__in=[row.pk for row in rows], state=Delivery.State.DEAD)
    count = dead.update(state=Delivery.State.NEW, attempts=0, available_at=now, lease_until=None)
    transaction.on_commit(_wake)
    return count
