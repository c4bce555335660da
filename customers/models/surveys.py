"""Surveys: what is asked, whom, and what they answered. Nobody changes an answer; no answer has no row."""

from typing import Any, ClassVar

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Named, Organisation, User, in_reader_language
from customers import lifecycle
from customers.models.complaints import Complaint
from records.kinds import Kind
from records.models import Activity, ProcessQuerySet, Record
from sla.models import immutable


@pghistory.track()
class Questionnaire(Named):
    """Questions in both languages. The first on a scale is the score; to ask otherwise, make another one."""

    code = models.SlugField(_("code"), max_length=50, unique=True)
    intro_en = models.CharField(_("introduction (English)"), max_length=500, blank=True)
    intro_zh = models.CharField(_("introduction (Chinese)"), max_length=500, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("questionnaire")
        verbose_name_plural = _("questionnaires")
        ordering: ClassVar = ["code"]

    @property
    def intro(self) -> str:
        return in_reader_language(self.intro_en, self.intro_zh)


class Question(models.Model):
    """One question. Immutable: what was asked stays. ``options`` of a choice: [[English, Chinese], ...]."""

    class Kind(models.TextChoices):
        SCALE = "scale", _("Scale of 1 to 5")
        CHOICE = "choice", _("One of several")
        TEXT = "text", _("Own words")

    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="questions")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind of question"), max_length=10, choices=Kind)
    text_en = models.CharField(_("question (English)"), max_length=300)
    text_zh = models.CharField(_("question (Chinese)"), max_length=300)
    options = models.JSONField(default=list)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["questionnaire", "position"], name="question_position_once"),
        ]
        triggers: ClassVar = immutable("question")

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        return in_reader_language(self.text_en, self.text_zh)

    @property
    def labels(self) -> list[str]:
        """The options in the reader's language."""
        return [in_reader_language(en, zh) for en, zh in self.options]


class SurveyState(models.TextChoices):
    PREPARED = lifecycle.PREPARED, _("Prepared")
    RUNNING = lifecycle.RUNNING, _("Asking people")
    CLOSED = lifecycle.SURVEY_CLOSED, _("Closed")
    WITHDRAWN = lifecycle.WITHDRAWN, _("Withdrawn")


class SurveyManager(models.Manager.from_queryset(ProcessQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ProcessQuerySet:
        rows: ProcessQuerySet = super().get_queryset().filter(kind=Kind.SURVEY)
        return rows


class Survey(Record):
    """People of a customer are asked: once now, or after each so manieth closed ticket while it runs.

    Of the provider itself: after tickets of all customers that have no running one of their own.
    """

    class Purpose(models.TextChoices):
        CLOSING = "closing", _("After closed tickets")
        PERIODIC = "periodic", _("Periodic")

    class Audience(models.TextChoices):
        CONTACTS = "contacts", _("The customer's contacts")
        EVERYBODY = "everybody", _("Everybody of the customer")

    purpose = models.CharField(_("kind of survey"), max_length=10, choices=Purpose)
    questionnaire = models.ForeignKey(
        Questionnaire, models.PROTECT, related_name="surveys", verbose_name=_("questionnaire")
    )
    audience = models.CharField(_("who is asked"), max_length=10, choices=Audience, blank=True)
    every_nth = models.PositiveSmallIntegerField(
        _("after every n-th ticket"), default=1, validators=[MinValueValidator(1)]
    )
    quiet_days = models.PositiveSmallIntegerField(_("a person is not asked again for days"), default=30)
    valid_days = models.PositiveSmallIntegerField(
        _("days to answer"), default=14, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )
    bad_mark = models.PositiveSmallIntegerField(
        _("a score up to this proposes a complaint"), default=2,
        validators=[MinValueValidator(1), MaxValueValidator(4)],
    )  # fmt: skip
    every_months = models.PositiveSmallIntegerField(
        _("repeated after months"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    repeats_on = models.DateField(_("asked again on"), null=True, blank=True)
    counted = models.PositiveIntegerField(default=0)

    objects: ClassVar[Any] = SurveyManager()

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(every_nth__gte=1), name="survey_every_nth"),
            models.CheckConstraint(condition=models.Q(bad_mark__range=(1, 4)), name="survey_bad_mark"),
        ]


class Invitation(models.Model):
    """One person asked once; immutable. The link in the mail is signed from its id and stored nowhere."""

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="invitations")
    customer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    ticket = models.ForeignKey(
        Record, models.PROTECT, null=True, blank=True, related_name="survey_invitations"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["ticket"], condition=models.Q(ticket__isnull=False), name="invitation_once_per_ticket"
            ),
            models.UniqueConstraint(
                fields=["survey", "person"],
                condition=models.Q(ticket=None),
                name="invitation_once_per_person",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person", "-created_at"], name="invitation_person"),
            models.Index(fields=["customer", "created_at"], name="invitation_customer"),
            models.Index(fields=["created_at"], name="invitation_created"),
        ]
        triggers: ClassVar = immutable("invitation")

    def __str__(self) -> str:
        return f"{self.survey_id} {self.person_id}"


class Response(models.Model):
    """What somebody answered, by which way, and who collected it. Immutable; one per invitation."""

    class Way(models.TextChoices):
        LINK = "link", _("By the link in the mail")
        PORTAL = "portal", _("In the portal")
        PHONE = "phone", _("By telephone")

    invitation = models.OneToOneField(Invitation, models.PROTECT, related_name="response")
    customer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(_("answered"))
    way = models.CharField(_("way"), max_length=10, choices=Way)
    collected_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("collected by"),
        help_text=_("Empty: the system's link or page."),
    )  # fmt: skip
    score = models.PositiveSmallIntegerField(_("score"), null=True)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(score=None) | models.Q(score__range=(1, 5)), name="response_score_of_five"
            ),
            models.CheckConstraint(
                condition=models.Q(way="phone", collected_by__isnull=False)
                | (~models.Q(way="phone") & models.Q(collected_by=None)),
                name="response_by_phone_has_a_collector",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["customer", "answered_at"], name="response_customer")]
        triggers: ClassVar = immutable("response")

    def __str__(self) -> str:
        return str(self.invitation_id)


class ResponseItem(models.Model):
    """The answer to one question; a question that was left out has none. Immutable."""

    response = models.ForeignKey(Response, models.PROTECT, related_name="items")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    value = models.PositiveSmallIntegerField(null=True)
    words = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["response", "question"], name="response_item_once"),
            models.CheckConstraint(
                condition=models.Q(value__isnull=False) | ~models.Q(words=""),
                name="response_item_says_something",
            ),
        ]
        triggers: ClassVar = immutable("responseitem")

    def __str__(self) -> str:
        return f"{self.question_id}: {self.value or self.words}"


class Proposal(models.Model):
    """A bad score that somebody must look at: a complaint is made of it, or it is put aside with a reason."""

    class Decision(models.TextChoices):
        OPEN = "open", _("To be decided")
        ACCEPTED = "accepted", _("Became a complaint")
        DISMISSED = "dismissed", _("Put aside")

    response = models.OneToOneField(Response, models.PROTECT, related_name="proposal")
    customer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, default=Decision.OPEN)
    reason = models.TextField(_("reason"), blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    complaint = models.OneToOneField(Complaint, models.PROTECT, null=True, related_name="proposal")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("proposed complaint")
        verbose_name_plural = _("proposed complaints")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(decision="open", decided_at=None)
                | (~models.Q(decision="open") & models.Q(decided_at__isnull=False)),
                name="proposal_decided_with_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["created_at"], condition=models.Q(decision="open"), name="proposal_open")
        ]

    def __str__(self) -> str:
        return f"{self.response_id} {self.decision}"


class Closing(models.Model):
    """That a ticket's closing was looked at, and what was done because of it. Immutable, once per closing."""

    class Outcome(models.TextChoices):
        DONE = "done", _("yes")
        NO_RULE = "no_rule", _("no rule for this customer")
        NOT_ITS_TURN = "not_its_turn", _("not its turn")
        TOO_SOON = "too_soon", _("the person was asked lately")
        NOBODY = "nobody", _("nobody to ask")
        BEFORE = "before", _("it was done for this ticket before")

    activity = models.OneToOneField(Activity, models.PROTECT, related_name="+")
    ticket = models.ForeignKey(Record, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField()
    survey = models.CharField(max_length=20, choices=Outcome)
    callback = models.CharField(max_length=20, choices=Outcome)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["customer", "closed_at"], name="closing_customer")]
        triggers: ClassVar = immutable("closing")

    def __str__(self) -> str:
        return str(self.ticket_id)
