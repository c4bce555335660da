"""The kernel's tables: one row per piece of work, one per fact, one per message."""

import hashlib
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, Origin
from accounts.models import Organisation, Team, User
from accounts.triggers import immutable
from catalog.models import Service
from records.desk_models import DeskSetting, SavedView
from records.kinds import SHARED, TICKETS, Kind, process_of, processes
from records.lifecycle import Phase

__all__ = [
    "NEVER", "TO_CONFIRM", "Activity", "Attachment", "Channel", "Delivery", "DeskSetting", "Level", "Link",
    "Priority", "ProcessQuerySet", "Record", "SavedView", "SearchEntry", "Watch", "by_due",
    "may_wait_for_customer",
]  # fmt: skip

# Where a record without a due time stands in a queue ordered by due time.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def by_due() -> Coalesce:
    """The queue's default sort key: next due time, records without one last."""
    return Coalesce("next_due_at", models.Value(NEVER))


# The states in which a ticket's customer is asked whether it is solved; a test holds them to the processes.
TO_CONFIRM = ("resolved", "fulfilled")


def may_wait_for_customer() -> models.Q:
    """All that a customer may have to answer is among these few; as an index has them."""
    return models.Q(waiting_for__gt="") | models.Q(state__in=TO_CONFIRM)


class Level(models.IntegerChoices):
    """Impact and urgency."""

    HIGH = 1, _("High")
    MEDIUM = 2, _("Medium")
    LOW = 3, _("Low")


class Priority(models.IntegerChoices):
    CRITICAL = 1, _("Critical")
    HIGH = 2, _("High")
    MODERATE = 3, _("Moderate")
    LOW = 4, _("Low")


class Channel(models.TextChoices):
    """How a contact came in (SD-02)."""

    PORTAL = "portal", _("Self-service portal")
    PHONE = "phone", _("Telephone")
    CHAT = "chat", _("Instant messaging")
    OFFICE = "office", _("Office automation")
    EMAIL = "email", _("E-mail")
    WECHAT = "wechat", _("WeChat")
    PAPER = "paper", _("Paper work order")
    VISIT = "visit", _("Visit")
    LETTER = "letter", _("Letter")
    MONITORING = "monitoring", _("Monitoring")


def _shown_to(actor: Actor) -> models.Q:
    """The provider's own work that a customer's people see by its state, whoever takes part in it."""
    found = models.Q(pk__in=[])
    for process in processes():
        states = {state for role in actor.roles for state in process.shown_to.get(role, ())}
        if states:
            found |= models.Q(
                kind=process.kind.value, state__in=states, customer__kind=Organisation.Kind.CUSTOMER
            )
    return found


class ProcessQuerySet(models.QuerySet[Any]):
    """Reads of records, always starting from :meth:`visible_to`."""

    def visible_to(self, actor: Actor) -> Self:
        """Only what this actor may know to exist."""
        if actor.is_desk_side:
            return self if actor.scope is None else self.filter(customer__in=actor.scope)
        own = self.filter(customer=actor.organisation_id)
        watched = Watch.objects.filter(user=actor.user_id).values("record_id")
        invited = models.Q(kind__in=SHARED, pk__in=watched) | _shown_to(actor)
        if actor.has("customer_manager"):
            return own.filter(models.Q(kind__in=TICKETS) | invited)
        if not actor.has("customer"):
            return self.none()
        theirs = models.Q(requester=actor.user_id) | models.Q(pk__in=watched)
        return own.filter(models.Q(kind__in=TICKETS) & theirs | invited)

    def tickets(self) -> Self:
        """What customers ask of us, without the rest of the provider's work."""
        return self.filter(kind__in=TICKETS)

    def open(self) -> Self:
        return self.exclude(phase=Phase.DONE)

    def for_team(self, *team_ids: int) -> Self:
        return self.filter(team__in=team_ids)

    def update(self, **kwargs: Any) -> int:
        """Refuse Record's columns through a child: such an update would not be conditional."""
        if self.model is not Record:
            columns = Record._meta.local_fields
            shared = {f.name for f in columns} | {f.attname for f in columns}
            if stray := shared & kwargs.keys():
                raise TypeError(f"update {sorted(stray)} through Record, not {self.model.__name__}")
        return super().update(**kwargs)


class Record(models.Model):
    """One piece of work of any kind. Narrow on purpose: see docs/records.md before adding a column."""

    kind = models.CharField(max_length=20, choices=[(k.value, k.value) for k in Kind])
    number = models.CharField(_("number"), max_length=20, unique=True)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    state = models.CharField(_("state"), max_length=20)
    phase = models.CharField(max_length=10, choices=[(p.value, p.value) for p in Phase])
    waiting_for = models.CharField(_("waiting for"), max_length=40, blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority)
    impact = models.PositiveSmallIntegerField(_("impact"), choices=Level, default=Level.MEDIUM)
    urgency = models.PositiveSmallIntegerField(_("urgency"), choices=Level, default=Level.MEDIUM)
    customer = models.ForeignKey(
        Organisation, models.PROTECT, related_name="records", verbose_name=_("customer")
    )
    requester = models.ForeignKey(
        User, models.PROTECT, related_name="requested_records", verbose_name=_("affected user")
    )
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="records", verbose_name=_("service")
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="records", verbose_name=_("team")
    )
    assignee = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assigned_records",
        verbose_name=_("assignee"),
    )
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="owned_records", verbose_name=_("owner")
    )
    channel = models.CharField(_("channel"), max_length=20, choices=Channel, default=Channel.PORTAL)
    opened_at = models.DateTimeField(_("opened"))
    next_due_at = models.DateTimeField(_("next due"), null=True)
    done_at = models.DateTimeField(_("done"), null=True)
    updated_at = models.DateTimeField(_("updated"))
    version = models.PositiveIntegerField(default=1)

    objects = ProcessQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(phase=Phase.DONE, done_at__isnull=False)
                | (~models.Q(phase=Phase.DONE) & models.Q(done_at=None)),
                name="record_done_at_goes_with_phase",
            ),
            models.CheckConstraint(
                condition=models.Q(phase=Phase.WAITING) | models.Q(waiting_for=""),
                name="record_waits_for_something_only_when_waiting",
            ),
        ]
        indexes: ClassVar = [
            # with what the queue's counts read, so that they are answered from the index alone
            models.Index(
                by_due(),
                models.F("id"),
                condition=~models.Q(phase=Phase.DONE),
                include=["next_due_at", "team", "kind"],
                name="record_open_by_due",
            ),
            # the queue's own order (SD-07): priority, then the nearest due time
            models.Index(
                models.F("team"),
                models.F("priority"),
                by_due(),
                models.F("id"),
                condition=~models.Q(phase=Phase.DONE),
                name="record_open_team_priority",
            ),
            models.Index(
                models.F("assignee"),
                models.F("priority"),
                by_due(),
                models.F("id"),
                condition=~models.Q(phase=Phase.DONE),
                name="record_open_assignee_priority",
            ),
            models.Index(
                models.F("priority"),
                by_due(),
                models.F("id"),
                condition=~models.Q(phase=Phase.DONE),
                name="record_open_priority_due",
            ),
            models.Index(
                models.F("owner"),
                by_due(),
                models.F("id"),
                condition=~models.Q(phase=Phase.DONE),
                name="record_open_owner_due",
            ),
            models.Index(
                fields=["updated_at", "id"], condition=~models.Q(phase=Phase.DONE), name="record_open_updated"
            ),
            # those not done too: what was open at an instant is found by both columns
            models.Index(fields=["done_at", "opened_at"], name="record_done"),
            models.Index(fields=["customer", "-id"], name="record_of_customer"),
            models.Index(fields=["requester", "-id"], name="record_of_requester"),
            models.Index(
                fields=["customer", "-id"],
                condition=may_wait_for_customer(),
                name="record_may_wait_for_customer",
            ),
            models.Index(fields=["kind", "-opened_at", "-id"], name="record_kind_opened"),
            models.Index(fields=["-updated_at", "-id"], name="record_updated"),
            models.Index(fields=["-opened_at", "-id"], name="record_opened"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse(process_of(self.kind).detail_url, args=[self.number])


class ActivityQuerySet(models.QuerySet["Activity"]):
    def readable_by(self, actor: Actor) -> "ActivityQuerySet":
        """Customers read what is public; the desk side all but numbers of records out of scope."""
        if not actor.is_desk_side:
            return self.filter(is_public=True)
        if actor.scope is None:
            return self
        seen = Record.objects.visible_to(actor).values("number")
        linked = self.filter(verb="record.linked").annotate(other=KT("data__other"))
        return self.exclude(pk__in=linked.exclude(other__in=seen).values("pk"))


class Activity(models.Model):
    """One fact about a record: history and outbox in one. Append-only by database trigger.

    ``at`` is when it became true, ``logged_at`` when it was written. ``data`` holds what the sentence of
    the verb names, with labels in both languages, so that it can be read without further queries.
    """

    record = models.ForeignKey(Record, models.PROTECT, related_name="activities")
    customer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    verb = models.CharField(max_length=40)
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    logged_at = models.DateTimeField()
    origin = models.CharField(max_length=10, choices=[(o.value, o.value) for o in Origin])
    is_public = models.BooleanField(default=False)
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    record_version = models.PositiveIntegerField()

    objects = ActivityQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["record", "at", "id"], name="activity_timeline"),
            models.Index(fields=["verb", "at"], name="activity_verb"),
        ]
        triggers: ClassVar = immutable("activity")

    def __str__(self) -> str:
        return f"{self.verb} {self.record_id}"


class Watch(models.Model):
    """Somebody who follows a record: its reporter, or a colleague."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="watches")
    user = models.ForeignKey(User, models.PROTECT, related_name="watches")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "user"], name="watch_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["user", "record"])]

    def __str__(self) -> str:
        return f"{self.user_id} watches {self.record_id}"


class Link(models.Model):
    """Two records that have to do with each other, read from ``source`` to ``target``."""

    class Type(models.TextChoices):
        RELATED = "related", _("is related to")
        DUPLICATE = "duplicate", _("is a duplicate of")
        CAUSED_BY = "caused_by", _("was caused by")
        SOLVED_BY = "solved_by", _("is to be solved by")
        MATCHES = "matches", _("matches")

    # those anybody may set between any two records; the others come about by an act of their process
    BY_HAND: ClassVar = (Type.RELATED, Type.DUPLICATE, Type.CAUSED_BY)

    source = models.ForeignKey(Record, models.PROTECT, related_name="links_from")
    target = models.ForeignKey(Record, models.PROTECT, related_name="links_to")
    type = models.CharField(max_length=20, choices=Type, default=Type.RELATED)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "target", "type"], name="link_once"),
            models.CheckConstraint(condition=~models.Q(source=models.F("target")), name="link_two_records"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.type} {self.target_id}"


class Attachment(models.Model):
    """A file on a record. The bytes lie outside the web root under a generated name."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="attachments")
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="attachments")
    customer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    key = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    is_public = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One message to one person by one channel because of one activity: the outbox.

    An in-app notice is the row itself and is there exactly once; mail is sent at least once, always
    under the same key.
    """

    class Channel(models.TextChoices):
        IN_APP = "in_app", _("In the system")
        EMAIL = "email", _("E-mail")

    class State(models.TextChoices):
        NEW = "new", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        DEAD = "dead", _("given up")

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="deliveries")
    recipient = models.ForeignKey(User, models.PROTECT, related_name="deliveries")
    customer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel)
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    attempts = models.PositiveSmallIntegerField(default=0)
    available_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["activity", "recipient", "channel"], name="delivery_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["available_at", "id"],
                condition=models.Q(state__in=["new", "sending"]),
                name="delivery_pending",
            ),
            models.Index(
                fields=["recipient", "-id"],
                condition=models.Q(channel="in_app"),
                name="delivery_notices",
            ),
            models.Index(
                fields=["recipient"],
                condition=models.Q(channel="in_app", read_at=None),
                name="delivery_unread",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} to {self.recipient_id} about {self.activity_id}"

    @property
    def key(self) -> str:
        """The stable key of this message, the same on every attempt."""
        text = f"{self.activity_id}:{self.recipient_id}:{self.channel}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]


class SearchEntry(models.Model):
    """The words of a record, split for Chinese and English; what customers may find kept apart."""

    record = models.OneToOneField(Record, models.CASCADE, primary_key=True, related_name="search_entry")
    public = SearchVectorField()
    internal = SearchVectorField()

    class Meta:
        indexes: ClassVar = [
            GinIndex(fields=["public"], name="search_public"),
            GinIndex(fields=["internal"], name="search_internal"),
        ]

    def __str__(self) -> str:
        return str(self.record_id)
