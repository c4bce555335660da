"""The board of changes (变更管理委员会, CAB): who sits on it, its meetings, what they vote and decide."""

from typing import Any, ClassVar

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User, in_reader_language
from boards import lifecycle
from changes.models import Change
from records.kinds import Kind
from records.models import ProcessQuerySet, Record


class State(models.TextChoices):
    PLANNED = lifecycle.PLANNED, _("Planned")
    IN_SESSION = lifecycle.IN_SESSION, _("In session")
    HELD = lifecycle.HELD, _("Held, minutes to be sent")
    CLOSED = lifecycle.CLOSED, _("Closed")
    CANCELLED = lifecycle.CANCELLED, _("Cancelled")


@pghistory.track()
class Member(models.Model):
    """Somebody who sits on the board and is invited to each meeting."""

    user = models.OneToOneField(User, models.PROTECT, related_name="board_seat", verbose_name=_("person"))
    part = models.CharField(_("part on the board"), max_length=150, blank=True)
    has_vote = models.BooleanField(_("votes"), default=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("member of the board")
        verbose_name_plural = _("members of the board")
        ordering: ClassVar = ["-is_active", "user__display_name", "pk"]

    def __str__(self) -> str:
        return str(self.user)


class MeetingManager(models.Manager.from_queryset(ProcessQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ProcessQuerySet:
        rows: ProcessQuerySet = super().get_queryset().filter(kind=Kind.BOARD)
        return rows


class BoardMeeting(Record):
    """One meeting; ``assignee`` is in the chair. ``quorum``: so many who vote must be there to decide."""

    meets_at = models.DateTimeField(_("meets at"))
    ends_at = models.DateTimeField(_("planned until"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    quorum = models.PositiveSmallIntegerField(_("quorum"), default=1)
    begun_at = models.DateTimeField(_("begun"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    minutes_en = models.TextField(_("minutes (English)"), blank=True)
    minutes_zh = models.TextField(_("minutes (Chinese)"), blank=True)

    objects: ClassVar[Any] = MeetingManager()

    class Meta:
        verbose_name = _("meeting of the board")
        verbose_name_plural = _("meetings of the board")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("meets_at")), name="board_meets_for_a_while"
            ),
            models.CheckConstraint(condition=models.Q(quorum__gte=1), name="board_quorum_of_one"),
        ]
        indexes: ClassVar = [models.Index(fields=["meets_at"], name="board_meets")]

    @property
    def minutes(self) -> str:
        return in_reader_language(self.minutes_en, self.minutes_zh)


class Participant(models.Model):
    """Somebody who takes part in a meeting: a member, a guest with an account, or a guest's name."""

    class Standing(models.TextChoices):
        PERMANENT = "permanent", _("Member")
        GUEST = "guest", _("Guest")

    meeting = models.ForeignKey(BoardMeeting, models.PROTECT, related_name="participants")
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    name = models.CharField(_("name"), max_length=150)
    standing = models.CharField(_("takes part as"), max_length=10, choices=Standing)
    part = models.CharField(_("role"), max_length=150, blank=True)
    has_vote = models.BooleanField(_("votes"), default=False)
    is_present = models.BooleanField(_("present"), default=False)

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        ordering: ClassVar = ["-standing", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["meeting", "name"], name="board_participant_once"),
            models.UniqueConstraint(
                fields=["meeting", "user"], condition=models.Q(user__isnull=False), name="board_person_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AgendaItem(models.Model):
    """One change on the agenda: to be decided on, or an emergency change to be looked at afterwards."""

    class Purpose(models.TextChoices):
        DECIDE = "decide", _("Decision")
        REVIEW = "review", _("Later review")

    class Decision(models.TextChoices):
        APPROVED = "approved", pgettext_lazy("board decision", "Approved")
        CONDITIONAL = "conditional", _("Approved with conditions")
        REJECTED = "rejected", pgettext_lazy("board decision", "Rejected")
        PUT_OFF = "put_off", _("Put off")
        CONFIRMED = "confirmed", _("Confirmed afterwards")
        OBJECTED = "objected", _("Objected to afterwards")

    meeting = models.ForeignKey(BoardMeeting, models.PROTECT, related_name="agenda")
    change = models.ForeignKey(Change, models.PROTECT, related_name="board_items", verbose_name=_("change"))
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose, default=Purpose.DECIDE)
    position = models.PositiveSmallIntegerField()
    notes = models.TextField(_("discussion"), blank=True)
    decision = models.CharField(_("decision"), max_length=12, choices=Decision, blank=True)
    conditions = models.TextField(_("conditions"), blank=True)
    words = models.TextField(_("in words"), blank=True)
    # how the votes stood when it was decided: {"for": n, "against": n, "abstain": n}
    tally = models.JSONField(default=dict, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("agenda item")
        verbose_name_plural = _("agenda items")
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["meeting", "change"], name="board_change_once_per_meeting"),
            models.CheckConstraint(
                condition=models.Q(decision="", decided_at=None, decided_by=None)
                | (~models.Q(decision="") & models.Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="board_decided_by_somebody",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["change"], condition=models.Q(decision=""), name="board_item_open"),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id}: {self.change_id}"


class Vote(models.Model):
    """What one participant says on one item, about the change as it was written then."""

    class Choice(models.TextChoices):
        FOR = "for", pgettext_lazy("vote", "For")
        AGAINST = "against", _("Against")
        ABSTAIN = "abstain", _("Abstention")

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="votes")
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="votes")
    choice = models.CharField(_("vote"), max_length=10, choices=Choice)
    words = models.CharField(_("in words"), max_length=500, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    cast_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    cast_at = models.DateTimeField()

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "participant"], name="board_vote_once"),
        ]

    def __str__(self) -> str:
        return f"{self.participant_id}: {self.choice}"


class Feed(models.Model):
    """The address at which a calendar program reads somebody's change calendar; kept as a hash only."""

    user = models.OneToOneField(User, models.CASCADE, related_name="change_feed")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self) -> str:
        return str(self.user_id)
