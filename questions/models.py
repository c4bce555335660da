"""Questions that people keep, when their answers are sent, and each sending."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Team, User, in_reader_language

WEEKDAYS = (
    (1, _("Monday")), (2, _("Tuesday")), (3, _("Wednesday")), (4, _("Thursday")), (5, _("Friday")),
    (6, _("Saturday")), (7, _("Sunday")),
)  # fmt: skip


class Question(models.Model):
    """What somebody wants to know again and again. ``content`` is as questions.content checked it.

    It holds no figures: what it answers is computed anew for each reader, within what he sees. Without a
    reader but its owner it is private; ``team`` names whose it is where it is shared with a team.
    """

    class Sharing(models.TextChoices):
        PRIVATE = "private", _("Only me")
        TEAM = "team", _("A team")
        STAFF = "staff", _("All staff")

    owner = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("owner"))
    name_en = models.CharField(_("name (English)"), max_length=100, blank=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=100, blank=True)
    sharing = models.CharField(_("shared with"), max_length=8, choices=Sharing, default=Sharing.PRIVATE)
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    subject = models.CharField(_("asked about"), max_length=30)
    content = models.JSONField(_("question"), default=dict)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints: ClassVar = [
            models.UniqueConstraint(
                models.F("owner"), Lower("name_en"), condition=~models.Q(name_en=""),
                name="question_own_name_en",
            ),
            models.UniqueConstraint(
                models.F("owner"), Lower("name_zh"), condition=~models.Q(name_zh=""),
                name="question_own_name_zh",
            ),
            models.CheckConstraint(condition=~models.Q(name_en="", name_zh=""), name="question_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(sharing="team", team__isnull=False)
                | (~models.Q(sharing="team") & models.Q(team=None)),
                name="question_of_a_team_names_it",
            ),
        ]  # fmt: skip
        indexes: ClassVar = [models.Index(fields=["sharing", "team"], name="question_shared")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_reader_language(self.name_en, self.name_zh)

    def get_absolute_url(self) -> str:
        return reverse("questions:detail", args=[self.pk])


class Schedule(models.Model):
    """When a question's answer is sent, by the clock of ``zone``, and to whom.

    ``next_at`` is the next time it is due; None while it is not sent. ``weekday`` (1 is Monday) counts for
    weekly ones, ``month_day`` for monthly ones.
    """

    class Every(models.TextChoices):
        DAY = "day", pgettext_lazy("schedule", "Every day")
        WEEK = "week", pgettext_lazy("schedule", "Every week")
        MONTH = "month", pgettext_lazy("schedule", "Every month")

    class Attached(models.TextChoices):
        NONE = "none", _("no file")
        XLSX = "xlsx", _("Excel")
        CSV = "csv", _("CSV")

    question = models.OneToOneField(Question, models.CASCADE, related_name="schedule")
    every = models.CharField(_("how often"), max_length=6, choices=Every, default=Every.WEEK)
    weekday = models.PositiveSmallIntegerField(_("on"), choices=WEEKDAYS, default=1)
    month_day = models.PositiveSmallIntegerField(_("day of the month"), default=1)
    hour = models.PositiveSmallIntegerField(_("hour"), default=8)
    zone = models.CharField(_("time zone"), max_length=64)
    attached = models.CharField(_("attached"), max_length=4, choices=Attached, default=Attached.XLSX)
    recipients: "models.ManyToManyField[User, models.Model]" = models.ManyToManyField(
        User, related_name="+", verbose_name=_("recipients")
    )
    next_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("schedule of a question")
        verbose_name_plural = _("schedules of questions")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(hour__lte=23, weekday__range=(1, 7), month_day__range=(1, 31)),
                name="question_schedule_is_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_at"], condition=models.Q(next_at__isnull=False), name="question_next_sending"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id} {self.every}"


class Sending(models.Model):
    """The answer of one due time for one recipient: the row is the claim, so it is sent once.

    ``first`` and ``last`` are the days of the period it was about. ``seen_at`` is when the recipient, and
    ``owner_seen_at`` when the owner of what was not sent, read the notice of it. ``why`` says what kept it
    from being sent, as one of :class:`Why`; the question's owner reads it in words.
    """

    class State(models.TextChoices):
        NEW = "new", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        DEAD = "dead", _("not sent")

    class Why(models.TextChoices):
        GONE = "gone", _("no longer works here")
        RIGHTS = "rights", _("may no longer see what is asked about")
        ADDRESS = "address", _("has no e-mail address")
        NO_MAIL = "no_mail", _("wants no e-mail")
        UNREADABLE = "unreadable", _("the question can no longer be read")
        TOO_LONG = "too_long", _("the answer took too long")
        REFUSED = "refused", _("the address takes no mail")
        FAILED = "failed", _("sending failed again and again")

    question = models.ForeignKey(Question, models.CASCADE, related_name="sendings")
    due_at = models.DateTimeField()
    recipient = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    why = models.CharField(max_length=12, choices=Why, blank=True)
    first: "models.DateField[date | None, date | None]" = models.DateField(null=True)
    last: "models.DateField[date | None, date | None]" = models.DateField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    available_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    owner_seen_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("sent answer")
        verbose_name_plural = _("sent answers")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["question", "due_at", "recipient"], name="question_sent_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["available_at", "id"],
                condition=models.Q(state__in=["new", "sending"]),
                name="question_sending_pending",
            ),
            models.Index(fields=["recipient", "-due_at"], name="question_sent_to"),
            models.Index(
                fields=["recipient"], condition=models.Q(state="sent", seen_at=None), name="question_unseen"
            ),
            models.Index(
                fields=["question"],
                condition=models.Q(state="dead", owner_seen_at=None),
                name="question_unsent_unseen",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id} to {self.recipient_id} for {self.due_at:%Y-%m-%d %H:%M}"
