"""Announcements: an interruption or a notice, told to the customers it is for (INC-21)."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, in_reader_language
from announcements import lifecycle
from catalog.models import Service
from records.kinds import Kind
from records.models import ProcessQuerySet, Record


class State(models.TextChoices):
    DRAFT = lifecycle.DRAFT, _("Draft")
    PUBLISHED = lifecycle.PUBLISHED, _("Published")
    OVER = lifecycle.OVER, _("Over")
    DISCARDED = lifecycle.DISCARDED, _("Discarded")


class AnnouncementQuerySet(ProcessQuerySet):
    def originals(self) -> "AnnouncementQuerySet":
        """What is written once, without its copies."""
        return self.filter(original=None)

    def current(self, now: datetime) -> "AnnouncementQuerySet":
        """Published and not past its end; what is planned is shown from its publication on."""
        return self.filter(state=lifecycle.PUBLISHED).exclude(told__ends_at__lte=now)


class AnnouncementManager(models.Manager.from_queryset(AnnouncementQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> AnnouncementQuerySet:
        rows: AnnouncementQuerySet = super().get_queryset().filter(kind=Kind.ANNOUNCEMENT)
        return rows


class Told(models.Model):
    """What an announcement says, shared by the original and its copies."""

    class Sort(models.TextChoices):
        PLANNED = "planned", _("Planned interruption")
        CURRENT = "current", _("Interruption")
        THIRD_PARTY = "third_party", _("Interruption by a third party")
        NOTICE = "notice", _("Notice")

    sort = models.CharField(_("kind"), max_length=20, choices=Sort)
    title_en = models.CharField(_("title (English)"), max_length=90)
    title_zh = models.CharField(_("title (Chinese)"), max_length=90)
    text_en = models.TextField(_("text (English)"))
    text_zh = models.TextField(_("text (Chinese)"))
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    third_party = models.CharField(_("third party"), max_length=200, blank=True)
    services = models.ManyToManyField(Service, related_name="+", blank=True, verbose_name=_("services"))
    customers = models.ManyToManyField(
        Organisation, related_name="+", blank=True, verbose_name=_("customers"),
        help_text=_("Empty: all customers."),
    )  # fmt: skip
    # what it was made from, so that it is made once ("interruption:12", "major:7")
    key = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_at=None) | models.Q(ends_at__gt=models.F("starts_at")),
                name="announcement_has_a_span",
            ),
            models.UniqueConstraint(
                fields=["key"], condition=~models.Q(key=""), name="announcement_once_per_key"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return in_reader_language(self.title_en, self.title_zh)

    @property
    def text(self) -> str:
        return in_reader_language(self.text_en, self.text_zh)


class Announcement(Record):
    """The original is the provider's; each customer it is for has a copy of its own, which its people see.

    A record belongs to one customer: so a copy is seen, mailed, searched and linked to like any other record
    of that customer, and nobody learns for whom else the announcement is.
    """

    told = models.ForeignKey(Told, models.PROTECT, related_name="announcements")
    original = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="copies", verbose_name=_("original")
    )
    published_at = models.DateTimeField(_("published"), null=True)

    objects: ClassVar[Any] = AnnouncementManager()

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["told"], condition=models.Q(original=None), name="announcement_one_original"
            ),
        ]
