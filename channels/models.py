"""Mailboxes we read, whose domain is whose, and every mail that came, kept raw before it is looked at."""

import re
from typing import Any, ClassVar, Self

import pghistory
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Organisation, Team, User
from catalog.models import Service
from records.models import Activity, Delivery, Record

DOMAIN = re.compile(r"(?!-)[a-z0-9\u0080-\uffff-]{1,63}(\.[a-z0-9\u0080-\uffff-]{1,63})+")


@pghistory.track(
    exclude=["uidvalidity", "last_uid", "fetched_at", "failed_at", "last_error"],
)
class Mailbox(models.Model):
    """One mailbox that is read over IMAP. Its password lies in the environment, never here."""

    class Security(models.TextChoices):
        TLS = "tls", _("TLS from the first byte (993)")
        STARTTLS = "starttls", _("STARTTLS (143)")
        NONE = "none", _("None: for a server on this machine only")

    class After(models.TextChoices):
        KEEP = "keep", _("Leave them and mark them as read")
        MOVE = "move", _("Move them into a folder")
        DELETE = "delete", _("Delete them")

    class Joins(models.TextChoices):
        RECIPIENT = "recipient", _("Only whom we wrote to")
        PEOPLE = "people", _("Whoever may write in the portal too")
        COLLEAGUES = "colleagues", _("Everybody of the customer's organisation")

    address = models.EmailField(_("address"), help_text=_("To which people write."))
    host = models.CharField(_("IMAP server"), max_length=255)
    port = models.PositiveIntegerField(
        _("port"), default=993, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    security = models.CharField(_("encryption"), max_length=10, choices=Security, default=Security.TLS)
    username = models.CharField(_("user name"), max_length=255)
    password_variable = models.CharField(
        _("variable with the password"), max_length=60,
        validators=[RegexValidator(r"^MAILBOX_[A-Z0-9_]+$", _("Use a name such as MAILBOX_DESK_PASSWORD."))],
        help_text=_("An environment variable whose name begins with MAILBOX_."),
    )  # fmt: skip
    folder = models.CharField(_("folder"), max_length=200, default="INBOX")
    after = models.CharField(
        _("what becomes of mails on the server"), max_length=10, choices=After, default=After.KEEP,
        help_text=_("Only after they were stored here."),
    )  # fmt: skip
    move_to = models.CharField(_("folder to move them into"), max_length=200, blank=True)
    skip_before = models.DateTimeField(
        _("skip mails older than"),
        null=True,
        blank=True,
        help_text=_("Empty: read everything that is there."),
    )
    has_subaddresses = models.BooleanField(
        _("takes address+word@ too"), default=True,
        help_text=_("Then answers find their ticket by their address; else only by the mail they refer to."),
    )  # fmt: skip
    joins = models.CharField(
        _("whose answers join a ticket"), max_length=10, choices=Joins, default=Joins.PEOPLE
    )
    staff_answers_are_public = models.BooleanField(
        _("answers of our own people go to the customer"), default=False,
        help_text=_("Otherwise they become internal notes."),
    )  # fmt: skip
    trusted_server = models.CharField(
        _("our server's name in Authentication-Results"), max_length=255, blank=True,
        help_text=_("Mail that this server found forged is put aside. Empty: nobody is asked."),
    )  # fmt: skip
    most_per_hour = models.PositiveIntegerField(
        _("mails per sender and hour"), default=30, validators=[MinValueValidator(1)],
        help_text=_("What is beyond is held back: it may be a loop."),
    )  # fmt: skip
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team"),
        help_text=_("Empty: as the service says, else the service desk."),
    )  # fmt: skip
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    customer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer"),
        help_text=_("Whose mailbox this is: senders nobody knows are taken for people of this customer."),
    )  # fmt: skip
    is_active = models.BooleanField(_("active"), default=True)
    # where reading stands
    uidvalidity = models.BigIntegerField(null=True, editable=False)
    last_uid = models.BigIntegerField(default=0, editable=False)
    fetched_at = models.DateTimeField(_("last read"), null=True, editable=False)
    failed_at = models.DateTimeField(_("last failure"), null=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        ordering: ClassVar = ["address"]
        constraints: ClassVar = [models.UniqueConstraint(Lower("address"), name="mailbox_once")]

    def __str__(self) -> str:
        return self.address

    def clean(self) -> None:
        """What fits together: a folder to move into, a customer that is one."""
        if self.after == self.After.MOVE and not self.move_to.strip():
            raise ValidationError({"move_to": _("Name the folder to move mails into.")})
        if self.customer and self.customer.kind != Organisation.Kind.CUSTOMER:
            raise ValidationError({"customer": _("Choose a customer.")})


def validate_domain(value: str) -> None:
    """Refuse what is no domain of a mail address."""
    if not DOMAIN.fullmatch(value.lower()):
        raise ValidationError(_("“%(value)s” is no domain such as example.com."), params={"value": value})


@pghistory.track()
class MailDomain(models.Model):
    """Addresses of this domain belong to this customer."""

    domain = models.CharField(_("domain"), max_length=253, unique=True, validators=[validate_domain])
    customer = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("customer"),
        limit_choices_to={"kind": Organisation.Kind.CUSTOMER},
    )  # fmt: skip
    makes_contacts = models.BooleanField(
        _("new senders become contacts"), default=False,
        help_text=_("Otherwise the desk decides on the first mail of each new address."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("mail domain")
        verbose_name_plural = _("mail domains")
        ordering: ClassVar = ["domain"]

    def __str__(self) -> str:
        return self.domain

    def clean(self) -> None:
        self.domain = self.domain.strip().lower().removeprefix("@")


class State(models.TextChoices):
    """What became of a mail."""

    NEW = "new", _("waiting")
    OPENED = "opened", _("opened a ticket")
    JOINED = "joined", _("added to a ticket")
    QUARANTINED = "quarantined", _("to be decided")
    HELD = "held", _("held back")
    AUTOMATIC = "automatic", _("automatic answer")
    BOUNCE = "bounce", _("returned mail")
    DUPLICATE = "duplicate", _("came twice")
    DISCARDED = "discarded", _("discarded")


# What the desk may still decide on, and of it what waits for the desk.
OPEN_STATES = (State.QUARANTINED, State.HELD, State.AUTOMATIC, State.BOUNCE)
WAITING_STATES = (State.QUARANTINED, State.HELD)


class Reason(models.TextChoices):
    """Why a mail was put aside."""

    UNKNOWN = "unknown", _("nobody knows the sender")
    SEVERAL = "several", _("several people have this address")
    COLLEAGUE = "colleague", _("from one of our own people: for which customer?")
    INACTIVE = "inactive", _("the sender's account is not active")
    STRANGER = "stranger", _("an answer to a ticket by somebody who has no part in it")
    BAD_TOKEN = "bad_token", _("the address names a ticket, but not with a code of ours")
    FORGED = "forged", _("our mail server found that the sender is forged")
    UNREADABLE = "unreadable", _("it cannot be read as a mail")
    EMPTY = "empty", _("there is nothing in it")
    REFUSED = "refused", _("the ticket did not take it")
    CRASHED = "crashed", _("reading it failed again and again")
    TOO_LARGE = "too_large", _("too large; it was left on the server")
    TOO_MANY = "too_many", _("too many mails of this sender within an hour")
    OWN = "own", _("one of our own mails came back")


class MailQuerySet(models.QuerySet["MailMessage"]):
    def visible_to(self, actor: Actor) -> Self:
        """For the desk. Who works for some customers only sees theirs, and nothing that nobody can place."""
        if not actor.is_staff_side:
            return self.none()
        return self if actor.scope is None else self.filter(customer__in=actor.scope)


class MailMessage(models.Model):
    """One mail as it was found in a mailbox. The bytes lie under ``key`` (records.files) and never change."""

    mailbox = models.ForeignKey(Mailbox, models.PROTECT, related_name="messages", verbose_name=_("mailbox"))
    uidvalidity = models.BigIntegerField()
    uid = models.BigIntegerField()
    key = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(_("received"))
    stored_at = models.DateTimeField()
    is_settled = models.BooleanField(default=False)  # done with on the server
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.NEW)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    available_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)
    is_released = models.BooleanField(default=False)  # the desk lets it through the limit of mails per hour
    # what was read in it
    fingerprint = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 - unique where it is
    message_id = models.CharField(max_length=500, blank=True)
    sender = models.CharField(max_length=254, blank=True)
    sender_name = models.CharField(max_length=150, blank=True)
    subject = models.CharField(_("subject"), max_length=1000, blank=True)
    sent_at = models.DateTimeField(null=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    files = models.JSONField(default=list)
    # what became of it
    customer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name=_("customer")
    )
    record = models.ForeignKey(Record, models.PROTECT, null=True, related_name="mails")
    activity = models.ForeignKey(Activity, models.PROTECT, null=True, related_name="+")
    delivery = models.ForeignKey(Delivery, models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=500, blank=True)

    objects: ClassVar[Any] = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mailbox", "uidvalidity", "uid"], name="mail_once_per_uid"),
            models.UniqueConstraint(fields=["mailbox", "sha256"], name="mail_once_per_content"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["available_at", "id"], condition=models.Q(state="new"), name="mail_new"),
            models.Index(
                fields=["-id"], condition=models.Q(state__in=["quarantined", "held"]), name="mail_to_decide"
            ),
            models.Index(fields=["state", "-id"], name="mail_by_state"),
            models.Index(fields=["sender", "received_at"], name="mail_by_sender"),
            models.Index(fields=["record", "-id"], name="mail_of_record"),
            models.Index(fields=["customer", "-id"], name="mail_of_customer"),
            models.Index(
                fields=["mailbox", "uidvalidity"], condition=models.Q(is_settled=False), name="mail_to_settle"
            ),
        ]

    def __str__(self) -> str:
        return self.subject or self.sha256

    def get_absolute_url(self) -> str:
        return reverse("channels:message", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """The desk may still decide what becomes of it."""
        return self.state in OPEN_STATES

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING_STATES
