"""Review meetings: of an agreement with its customer, or of a supplier (SLM-38 to 42, 53)."""

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User, in_reader_language
from records.kinds import Kind
from records.models import ProcessQuerySet, Record
from reviews import lifecycle
from sla.models import Agreement
from suppliers.models import Supplier


class State(models.TextChoices):
    PLANNED = lifecycle.PLANNED, _("Planned")
    HELD = lifecycle.HELD, _("Held, minutes to be sent")
    MINUTES_SENT = lifecycle.MINUTES_SENT, _("Minutes sent")
    CLOSED = lifecycle.CLOSED, _("Closed")
    CANCELLED = lifecycle.CANCELLED, _("Cancelled")


class ReviewQuerySet(ProcessQuerySet):
    def of(self, agreement: Agreement | None, supplier: Supplier | None) -> "ReviewQuerySet":
        """The reviews of one agreement, or of one supplier."""
        return self.filter(agreement=agreement) if agreement else self.filter(supplier=supplier)

    def took_place(self) -> "ReviewQuerySet":
        return self.filter(state__in=lifecycle.TOOK_PLACE)


class ReviewManager(models.Manager.from_queryset(ReviewQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ReviewQuerySet:
        rows: ReviewQuerySet = super().get_queryset().filter(kind=Kind.REVIEW)
        return rows


class Review(Record):
    """One review meeting; ``assignee`` is in the chair. ``period_from`` and ``period_until`` are what it is
    about, both days included. ``inputs`` holds the figures as they were when the minutes were sent.
    """

    class Meeting(models.TextChoices):
        YEARLY = "yearly", _("Yearly review")
        MONTHLY = "monthly", _("Monthly availability review")
        EXTRA = "extra", _("Extra review")
        SUPPLIER = "supplier", _("Supplier review")

    meeting = models.CharField(_("kind of meeting"), max_length=10, choices=Meeting)
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="reviews", verbose_name=_("agreement")
    )
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, null=True, blank=True, related_name="reviews", verbose_name=_("supplier")
    )
    meets_at = models.DateTimeField(_("meets at"))
    held_at = models.DateTimeField(_("held at"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    period_from = models.DateField(_("period from"))
    period_until = models.DateField(_("period until"))
    inputs = models.JSONField(_("figures"), default=dict, blank=True)
    satisfaction = models.PositiveSmallIntegerField(
        _("satisfaction"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    satisfaction_comment = models.TextField(_("comment on satisfaction"), blank=True)
    satisfaction_by = models.CharField(_("satisfaction given by"), max_length=150, blank=True)
    score = models.PositiveSmallIntegerField(
        _("score"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    conclusion = models.TextField(_("conclusion"), blank=True)
    reminded_on = models.DateField(null=True)

    objects: ClassVar[Any] = ReviewManager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(agreement__isnull=False, supplier=None)
                | models.Q(agreement=None, supplier__isnull=False),
                name="review_of_an_agreement_or_a_supplier",
            ),
            models.CheckConstraint(
                condition=models.Q(period_until__gte=models.F("period_from")), name="review_has_a_period"
            ),
            models.CheckConstraint(
                condition=models.Q(satisfaction=None) | models.Q(satisfaction__range=(1, 5)),
                name="review_satisfaction_of_five",
            ),
            models.CheckConstraint(
                condition=models.Q(score=None) | models.Q(score__lte=100), name="review_score_of_hundred"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["meets_at"], name="review_meets")]

    @property
    def subject(self) -> str:
        """What is reviewed, in the reader's language."""
        of = self.agreement or self.supplier
        return of.name if of else ""


class Participant(models.Model):
    """Somebody who takes part: a user, or a name of somebody without an account."""

    class Side(models.TextChoices):
        PROVIDER = "provider", _("provider")
        CUSTOMER = "customer", _("customer")
        SUPPLIER = "supplier", _("supplier")

    review = models.ForeignKey(Review, models.PROTECT, related_name="participants")
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    name = models.CharField(_("name"), max_length=150)
    side = models.CharField(_("side"), max_length=10, choices=Side)
    role = models.CharField(_("role"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "name"], name="participant_once"),
        ]

    def __str__(self) -> str:
        return self.name


class AgendaItem(models.Model):
    """A point of the agenda with what was said. ``topic`` is one of those of SLM-42, or empty for an own."""

    class Topic(models.TextChoices):
        ISSUES = "issues", _("Issues since the last review")
        TRENDS = "trends", _("Trends")
        SERVICES = "services", _("Changes to services")
        PROCEDURES = "procedures", _("Changes to procedures, with extra resources")
        MISSED = "missed", _("Reasons for missed levels")
        COST = "cost", _("Cost of delivery")
        ACTIONS = "actions", _("Actions of the former review")
        SATISFACTION = "satisfaction", _("Satisfaction")

    review = models.ForeignKey(Review, models.PROTECT, related_name="agenda")
    position = models.PositiveSmallIntegerField()
    topic = models.CharField(_("topic"), max_length=20, choices=Topic, blank=True)
    title_en = models.CharField(_("title (English)"), max_length=200, blank=True)
    title_zh = models.CharField(_("title (Chinese)"), max_length=200, blank=True)
    notes_en = models.TextField(_("notes (English)"), blank=True)
    notes_zh = models.TextField(_("notes (Chinese)"), blank=True)

    class Meta:
        verbose_name = _("agenda item")
        verbose_name_plural = _("agenda items")
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "position"], name="agenda_position_once"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        own = in_reader_language(self.title_en, self.title_zh)
        return own or str(self.Topic(self.topic).label if self.topic else "")

    @property
    def notes(self) -> str:
        return in_reader_language(self.notes_en, self.notes_zh)
