"""What we offer: the services customers may ask about and report on, in versions that a committee approved.

``Service.is_published`` is the one flag the rest of the system reads. Versions and steps are never changed:
database triggers refuse it.
"""

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Named, Team, User, in_reader_language
from accounts.triggers import immutable
from catalog import standing
from catalog.offer import CustomerView, Offer, Text


@pghistory.track()
class ServiceFamily(Named):
    """A group of services, as the catalogue is read: network, e-mail, database ..."""

    code = models.SlugField(_("code"), max_length=50, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=100)

    class Meta:
        verbose_name = _("service family")
        verbose_name_plural = _("service families")
        ordering: ClassVar = ["position", "code"]


class ServiceQuerySet(models.QuerySet["Service"]):
    def published(self) -> "ServiceQuerySet":
        """Services that people may name on a ticket."""
        return self.filter(is_published=True)

    def orderable(self) -> "ServiceQuerySet":
        """Published and not temporarily unavailable (REQ-18)."""
        return self.published().filter(unavailable_since=None)

    def standing(self) -> "ServiceQuerySet":
        """With what the state is told from, so that a list asks nothing per row."""
        open_reviews = ServiceReview.objects.filter(service=OuterRef("pk"), state=ServiceReview.State.OPEN)
        return self.annotate(has_open_review=Exists(open_reviews))

    def in_state(self, state: str) -> "ServiceQuerySet":
        """Entries of one of the states of :mod:`catalog.standing`."""
        rows = self.standing()
        unpublished = Q(is_published=False, withdrawn_at=None)
        return rows.filter(
            {
                standing.WITHDRAWN: Q(withdrawn_at__isnull=False),
                standing.UNAVAILABLE: Q(is_published=True, unavailable_since__isnull=False),
                standing.PUBLISHED: Q(is_published=True, unavailable_since=None),
                standing.IN_REVIEW: unpublished & Q(has_open_review=True),
                standing.DRAFT: unpublished & Q(has_open_review=False),
            }[state]
        )


@pghistory.track()
class Service(Named):
    """An entry of the catalogue, with the teams that support it. What it says is in its versions."""

    class PortfolioClass(models.TextChoices):
        CORE = "core", _("Core service")
        SUPPORTING = "supporting", _("Supporting service")
        VALUE_ADDED = "value_added", _("Value-added service")

    class State(models.TextChoices):
        DRAFT = standing.DRAFT, _("Draft")
        IN_REVIEW = standing.IN_REVIEW, _("In review")
        PUBLISHED = standing.PUBLISHED, _("Published")
        UNAVAILABLE = standing.UNAVAILABLE, _("Temporarily unavailable")
        WITHDRAWN = standing.WITHDRAWN, _("Withdrawn")

    code = models.SlugField(_("code"), max_length=50, unique=True)
    description_en = models.TextField(_("description (English)"), blank=True)
    description_zh = models.TextField(_("description (Chinese)"), blank=True)
    family = models.ForeignKey(
        ServiceFamily,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="services",
        verbose_name=_("family"),
    )
    portfolio_class = models.CharField(
        _("portfolio class"), max_length=20, choices=PortfolioClass, default=PortfolioClass.CORE
    )
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="owned_services",
        verbose_name=_("service owner"),
    )  # fmt: skip
    support_team = models.ForeignKey(
        Team,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="supported_services",
        verbose_name=_("first support"),
    )
    second_line_team = models.ForeignKey(
        Team,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("second line"),
        help_text=_("Receives tickets that first support cannot solve within the limit."),
    )
    is_published = models.BooleanField(_("published"), default=True)
    present = models.ForeignKey(
        "catalog.ServiceVersion", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("present version"),
    )  # fmt: skip
    unavailable_since = models.DateTimeField(_("unavailable since"), null=True, blank=True)
    unavailable_until = models.DateTimeField(_("expected to return"), null=True, blank=True)
    unavailable_en = models.CharField(_("why unavailable (English)"), max_length=300, blank=True)
    unavailable_zh = models.CharField(_("why unavailable (Chinese)"), max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    withdrawal_reason = models.CharField(_("reason of the withdrawal"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)
    """Counts the steps taken; for those who write at the same time."""

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering: ClassVar = ["name_en"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(is_published=False),
                name="service_withdrawn_is_not_published",
            ),
            models.CheckConstraint(
                condition=Q(unavailable_since=None) | Q(is_published=True),
                name="service_unavailable_is_published",
            ),
        ]

    @property
    def description(self) -> str:
        return in_reader_language(self.description_en, self.description_zh)

    @property
    def is_under_review(self) -> bool:
        """A proposal is before the committee. Asks the database unless loaded by ``standing()``."""
        found = getattr(self, "has_open_review", None)
        if found is None:
            found = self.reviews.filter(state=ServiceReview.State.OPEN).exists()
        return bool(found)

    @property
    def state(self) -> "Service.State":
        settled = self.is_published or self.withdrawn_at is not None
        return Service.State(
            standing.state_of(
                is_published=self.is_published,
                is_unavailable=self.unavailable_since is not None,
                is_withdrawn=self.withdrawn_at is not None,
                is_under_review=not settled and self.is_under_review,
            )
        )

    @property
    def unavailable_words(self) -> str:
        return in_reader_language(self.unavailable_en, self.unavailable_zh)

    @property
    def offer(self) -> Offer:
        """What the present version says; of an entry without a version, its name and description."""
        if self.present is not None:
            return Offer.parse(self.present.offer)
        what = Text(self.description_en, self.description_zh)
        return Offer(Text(self.name_en, self.name_zh), CustomerView(what=what))


class ServiceReview(models.Model):
    """A proposed version before the review committee, from proposal to publication or refusal."""

    class State(models.TextChoices):
        OPEN = "open", _("In review")
        PUBLISHED = "published", _("Published")
        REFUSED = "refused", _("Refused")
        TAKEN_BACK = "taken_back", _("Taken back")

    service = models.ForeignKey(Service, models.PROTECT, related_name="reviews")
    offer = models.JSONField(_("offer"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    author = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.OPEN)
    proposed_at = models.DateTimeField(_("proposed at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("catalogue review")
        verbose_name_plural = _("catalogue reviews")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["service"], condition=Q(state="open"), name="service_review_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} ({self.get_state_display()})"


class ReviewDecision(models.Model):
    """What a member of the committee was asked and answered."""

    class Result(models.TextChoices):
        APPROVED = "approved", _("Approved")
        OBJECTED = "objected", _("Objected")

    review = models.ForeignKey(ServiceReview, models.PROTECT, related_name="decisions")
    member = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("committee member"))
    result = models.CharField(_("result"), max_length=20, choices=Result, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("decision of the committee")
        verbose_name_plural = _("decisions of the committee")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "member"], name="review_decision_once"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.get_result_display()}"


class ServiceVersion(models.Model):
    """One edition of an entry, public from an instant on. Immutable."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    effective_from = models.DateTimeField(_("in force from"))
    offer = models.JSONField(_("offer"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    review = models.OneToOneField(
        ServiceReview, models.PROTECT, null=True, blank=True, related_name="version",
        help_text=_("Empty: from before the committee, or of the start catalogue."),
    )  # fmt: skip
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("version of a service")
        verbose_name_plural = _("versions of services")
        ordering: ClassVar = ["service", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "number"], name="service_version_once"),
        ]
        triggers: ClassVar = immutable("serviceversion")

    def __str__(self) -> str:
        return f"{self.service} v{self.number}"


class ServiceDependency(models.Model):
    """What a published service rests on: another service, or a component in words. Follows the version."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="dependencies")
    rests_on = models.ForeignKey(Service, models.PROTECT, null=True, blank=True, related_name="dependents")
    component_en = models.CharField(_("component (English)"), max_length=300, blank=True)
    component_zh = models.CharField(_("component (Chinese)"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("dependency")
        verbose_name_plural = _("dependencies")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "rests_on"], name="service_dependency_once"),
            models.CheckConstraint(
                condition=Q(rests_on__isnull=True) | Q(component_en="", component_zh=""),
                name="service_dependency_is_one_thing",
            ),
            models.CheckConstraint(
                condition=~Q(service=models.F("rests_on")), name="service_dependency_not_on_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} → {self.rests_on or self.component}"

    @property
    def component(self) -> str:
        return in_reader_language(self.component_en, self.component_zh)


class ServiceStep(models.Model):
    """Who did what with an entry, when. Immutable."""

    class Act(models.TextChoices):
        CREATED = "created", _("began the entry")
        EDITED = "edited", _("changed the classification")
        PROPOSED = "proposed", _("proposed a version")
        APPROVED = "approved", _("approved the proposal")
        OBJECTED = "objected", _("objected to the proposal")
        TAKEN_BACK = "taken_back", _("took the proposal back")
        PUBLISHED = "published", _("published a version")
        UNAVAILABLE = "unavailable", _("marked the service as temporarily unavailable")
        AVAILABLE = "available", _("made the service available again")
        WITHDRAWN = "withdrawn", _("withdrew the service")

    service = models.ForeignKey(Service, models.PROTECT, related_name="steps")
    act = models.CharField(_("act"), max_length=20, choices=Act)
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    words = models.TextField(_("words"), blank=True)
    number = models.PositiveIntegerField(_("version"), null=True, blank=True)

    class Meta:
        verbose_name = _("step of a service")
        verbose_name_plural = _("steps of services")
        ordering: ClassVar = ["-pk"]
        triggers: ClassVar = immutable("servicestep")

    def __str__(self) -> str:
        return f"{self.actor} {self.get_act_display()}"
