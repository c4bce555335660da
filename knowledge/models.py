"""Articles of the knowledge base and the case library: versions, who used them, and what was asked for.

An article is a record of the provider's own; what it says is in versions that are never changed. Customers
do not see it by being a record, but only through :meth:`ArticleQuerySet.readable_by`.
"""

from datetime import date
from typing import Any, ClassVar, Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import Actor
from accounts.models import Organisation, User, in_reader_language
from catalog.models import Service
from cmdb.models import ItemType
from knowledge import lifecycle
from records.kinds import Kind
from records.models import ProcessQuerySet, Record
from sla.models import immutable


class ArticleState(models.TextChoices):
    DRAFT = lifecycle.DRAFT, _("Draft")
    IN_REVIEW = lifecycle.IN_REVIEW, _("In review")
    PUBLISHED = lifecycle.PUBLISHED, pgettext_lazy("article", "Published")
    REVISING = lifecycle.REVISING, _("Published, under revision")
    REVISION_IN_REVIEW = lifecycle.REVISION_IN_REVIEW, _("Published, revision in review")
    RETIRED = lifecycle.RETIRED, _("Retired")


class Genre(models.TextChoices):
    SOLUTION = "solution", pgettext_lazy("article", "Solution")
    HOW_TO = "how_to", _("How-to")
    KNOWN_ERROR = "known_error", _("Known error")
    CASE = "case", _("Case")


class Audience(models.TextChoices):
    INTERNAL = "internal", _("Internal: the service desk")
    CUSTOMERS = "customers", _("All customers")
    NAMED = "named", _("Named customers")


class ArticleQuerySet(ProcessQuerySet):
    def readable_by(self, actor: Actor) -> Self:
        """Every read of articles begins here.

        The desk's side reads all, but for those limited to some customers nothing that was ever for other
        customers by name. Customers read what is published for all of them or for their organisation.
        """
        if actor.is_desk_side:
            if actor.scope is None:
                return self
            named = ArticleVersion.objects.filter(article=OuterRef("pk"), audience=Audience.NAMED)
            return self.exclude(Exists(named.exclude(audience_rows__customer__in=actor.scope)))
        if not actor.has("customer", "customer_manager"):
            return self.none()
        invited = VersionCustomer.objects.filter(
            version=OuterRef("published"), customer=actor.organisation_id
        )
        return self.shown().filter(
            Q(published__audience=Audience.CUSTOMERS)
            | Q(published__audience=Audience.NAMED) & Q(Exists(invited))
        )

    def shown(self) -> Self:
        """Those with a published version."""
        return self.filter(state__in=lifecycle.SHOWN, published__isnull=False)

    def fit_for(self, customer_id: int) -> Self:
        """Without those that are for other customers by name: a ticket's history would tell of them."""
        invited = VersionCustomer.objects.filter(version=OuterRef("published"), customer=customer_id)
        return self.exclude(Q(published__audience=Audience.NAMED) & ~Q(Exists(invited)))

    def overdue(self, today: date) -> Self:
        """Those whose day of review has come."""
        return self.shown().filter(review_on__lte=today)


class ArticleManager(models.Manager.from_queryset(ArticleQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ArticleQuerySet:
        rows: ArticleQuerySet = super().get_queryset().filter(kind=Kind.ARTICLE)
        return rows


class Article(Record):
    """An entry of the knowledge base. ``owner`` answers for it, ``assignee`` is who was asked to review it.

    ``latest`` is the version being worked on, ``published`` the one that is read. The counts are kept by
    knowledge.using, from the rows they count.
    """

    published = models.ForeignKey("ArticleVersion", models.PROTECT, null=True, related_name="+")
    latest = models.ForeignKey("ArticleVersion", models.PROTECT, null=True, related_name="+")
    review_on = models.DateField(_("review date"))
    reminded_on = models.DateField(null=True)
    source = models.OneToOneField(
        Record, models.PROTECT, null=True, related_name="written_up", verbose_name=_("written from")
    )
    use_count = models.PositiveIntegerField(_("used"), default=0)
    helpful_count = models.PositiveIntegerField(_("helped"), default=0)
    unhelpful_count = models.PositiveIntegerField(_("did not help"), default=0)

    objects: ClassVar[Any] = ArticleManager()

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        indexes: ClassVar = [
            models.Index(fields=["review_on"], name="article_review"),
            models.Index(fields=["-use_count"], name="article_used"),
        ]

    def is_overdue(self, today: date) -> bool:
        return self.state in lifecycle.SHOWN and self.review_on <= today

    def shown_to(self, actor: Actor) -> "ArticleVersion":
        """The version this reader is shown: customers the published one, the desk it before the latest."""
        version = self.published or (self.latest if actor.is_desk_side else None)
        if version is None:
            raise ValueError(f"{self.number} has no version for this reader")
        return version

    def url_for(self, actor: Actor) -> str:
        return self.get_absolute_url() if actor.is_desk_side else self.portal_url

    @property
    def portal_url(self) -> str:
        return reverse("knowledge:portal-article", args=[self.number])


# What a version says in each language; the Chinese one is named with "_zh".
TEXTS = ("title", "summary", "symptom", "cause", "workaround", "body", "lesson")


def _text(label: Any) -> Any:
    return models.TextField(label, blank=True)


class ArticleVersion(models.Model):
    """What an article says, as it was saved once. Never changed: every save is a version of its own."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    genre = models.CharField(_("kind of article"), max_length=20, choices=Genre)
    audience = models.CharField(_("audience"), max_length=20, choices=Audience)
    one_language_reason = models.CharField(_("reason for one language"), max_length=300, blank=True)
    title = models.CharField(_("title (English)"), max_length=200, blank=True)
    title_zh = models.CharField(_("title (Chinese)"), max_length=200, blank=True)
    summary = models.CharField(_("summary (English)"), max_length=500, blank=True)
    summary_zh = models.CharField(_("summary (Chinese)"), max_length=500, blank=True)
    symptom, symptom_zh = _text(_("symptom (English)")), _text(_("symptom (Chinese)"))
    cause, cause_zh = _text(_("cause (English)")), _text(_("cause (Chinese)"))
    workaround, workaround_zh = _text(_("workaround (English)")), _text(_("workaround (Chinese)"))
    body, body_zh = _text(_("text (English)")), _text(_("text (Chinese)"))
    lesson, lesson_zh = _text(_("lesson (English)")), _text(_("lesson (Chinese)"))
    department = models.CharField(_("responsible department"), max_length=200, blank=True)
    keywords = models.CharField(_("keywords"), max_length=500, blank=True)
    item_type = models.ForeignKey(
        ItemType, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("item type")
    )
    review_on = models.DateField(_("review date"))
    change_note = models.CharField(_("what changed"), max_length=300, blank=True)
    services = models.ManyToManyField(
        Service, through="VersionService", related_name="+", verbose_name=_("services")
    )
    customers = models.ManyToManyField(
        Organisation, through="VersionCustomer", related_name="+", verbose_name=_("named customers")
    )
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        verbose_name = _("version of an article")
        verbose_name_plural = _("versions of articles")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["article", "number"], name="article_version_once"),
            models.CheckConstraint(condition=~Q(title="", title_zh=""), name="article_version_has_a_title"),
        ]
        triggers: ClassVar = immutable("article_version")

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"

    @property
    def name(self) -> str:
        return in_reader_language(self.title, self.title_zh)

    @property
    def gist(self) -> str:
        """The summary in the reader's language."""
        return in_reader_language(self.summary, self.summary_zh)

    @property
    def has_both_languages(self) -> bool:
        return bool(self.title and self.title_zh)


class VersionService(models.Model):
    """A service a version is about."""

    version = models.ForeignKey(ArticleVersion, models.PROTECT, related_name="service_rows")
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "service"], name="article_version_service_once")
        ]
        triggers: ClassVar = immutable("article_service")

    def __str__(self) -> str:
        return f"{self.version_id}: {self.service_id}"


class VersionCustomer(models.Model):
    """A customer a version is for by name."""

    version = models.ForeignKey(ArticleVersion, models.PROTECT, related_name="audience_rows")
    customer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "customer"], name="article_version_customer_once")
        ]
        triggers: ClassVar = immutable("article_customer")

    def __str__(self) -> str:
        return f"{self.version_id}: {self.customer_id}"


class ArticleWords(models.Model):
    """What an article is found by: the words of its published version, and of the latest one for the desk."""

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="words")
    published = SearchVectorField(null=True)
    latest = SearchVectorField()

    class Meta:
        indexes: ClassVar = [
            GinIndex(fields=["published"], name="article_words_published"),
            GinIndex(fields=["latest"], name="article_words_latest"),
        ]

    def __str__(self) -> str:
        return str(self.article_id)


class ArticleUse(models.Model):
    """An article that helped with a record."""

    class How(models.TextChoices):
        SUGGESTED = "suggested", _("suggested")
        SEARCHED = "searched", _("searched for")

    record = models.ForeignKey(Record, models.PROTECT, related_name="article_uses")
    article = models.ForeignKey(Article, models.PROTECT, related_name="uses")
    version = models.ForeignKey(ArticleVersion, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    how = models.CharField(_("how"), max_length=10, choices=How)
    used_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "article"], name="article_used_once_per_record")
        ]

    def __str__(self) -> str:
        return f"{self.article_id} for {self.record_id}"


class Vote(models.Model):
    """Whether a version helped somebody; one each, which may be changed."""

    version = models.ForeignKey(ArticleVersion, models.PROTECT, related_name="votes")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    is_helpful = models.BooleanField(_("helped"))
    comment = models.CharField(_("comment"), max_length=500, blank=True)
    voted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "user"], name="article_vote_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.version_id}"


class Question(models.Model):
    """What somebody searched for, once an hour; ``found`` says how many articles there were.

    ``key`` is what makes it once: who, for which record, which words, in which hour.
    """

    record = models.ForeignKey(Record, models.PROTECT, null=True, related_name="knowledge_questions")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    words = models.CharField(max_length=200)
    found = models.PositiveIntegerField()
    is_customers = models.BooleanField()
    asked_at = models.DateTimeField()
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-asked_at"], condition=Q(found=0), name="question_found_nothing")
        ]

    def __str__(self) -> str:
        return self.words
