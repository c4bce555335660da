"""What customers may order: entries that belong to a service of the catalogue, in versions."""

from typing import Any, ClassVar

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Named, Organisation, User, in_reader_language
from accounts.triggers import immutable
from catalog.models import Service
from fulfilment.blueprint import Blueprint


class OfferingQuerySet(models.QuerySet["Offering"]):
    def offered(self) -> "OfferingQuerySet":
        """Published, not withdrawn, of a service that is published; also while it is away."""
        return self.filter(present__isnull=False, withdrawn_at=None, service__is_published=True)

    def visible_to(self, actor: Actor) -> "OfferingQuerySet":
        """The desk side knows all; customers what is offered to them (REQ-05)."""
        if actor.is_desk_side:
            return self
        rows = self.offered().filter(meant_for(actor.organisation_id))
        return rows if actor.has("customer_manager") else rows.filter(for_contacts_only=False)

    def find(self, text: str) -> "OfferingQuerySet":
        """Those whose words hold ``text``, in either language."""
        text = text.replace("\0", "").strip()[:200]
        condition = Q()
        for name in ("name_en", "name_zh", "description_en", "description_zh", "code"):
            condition |= Q(**{f"{name}__icontains": text})
        return self.filter(condition) if text else self


def meant_for(organisation_id: int | None) -> Q:
    """Offerings whose audience holds an organisation."""
    named = Offering.organisations.through.objects.filter(organisation=organisation_id).values("offering")
    return Q(audience=Offering.Audience.ALL) | Q(audience=Offering.Audience.NAMED, pk__in=named)


@pghistory.track()
class Offering(Named):
    """An entry customers order from. What it says is in its versions; ``draft`` is the next one.

    Names and description are copied from the present version, where lists and searches read them.
    """

    class Kind(models.TextChoices):
        STANDARD = "standard", _("Service request")
        ACCESS = "access", _("Access request")
        CHANGE = "change", _("Data or permission change")

    class Audience(models.TextChoices):
        ALL = "all", _("All customers")
        NAMED = "named", _("Named customers")

    code = models.SlugField(_("code"), max_length=50, unique=True)
    service = models.ForeignKey(Service, models.PROTECT, related_name="offerings", verbose_name=_("service"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.STANDARD)
    description_en = models.TextField(_("description (English)"), blank=True)
    description_zh = models.TextField(_("description (Chinese)"), blank=True)
    audience = models.CharField(_("for"), max_length=10, choices=Audience, default=Audience.ALL)
    organisations: "models.ManyToManyField[Organisation, Any]" = models.ManyToManyField(
        Organisation, blank=True, related_name="+", verbose_name=_("customers")
    )
    for_contacts_only = models.BooleanField(_("only for the customers' contacts"), default=False)
    present = models.ForeignKey(
        "fulfilment.OfferingVersion", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("present version"),
    )  # fmt: skip
    draft = models.JSONField(_("draft"), default=dict, blank=True)
    unavailable_since = models.DateTimeField(_("unavailable since"), null=True, blank=True)
    unavailable_until = models.DateTimeField(_("expected to return"), null=True, blank=True)
    unavailable_en = models.CharField(_("why unavailable (English)"), max_length=300, blank=True)
    unavailable_zh = models.CharField(_("why unavailable (Chinese)"), max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    withdrawal_reason = models.CharField(_("reason of the withdrawal"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)
    """Counts the changes; for those who write at the same time."""

    objects = OfferingQuerySet.as_manager()

    class Meta:
        verbose_name = _("orderable entry")
        verbose_name_plural = _("orderable entries")
        ordering: ClassVar = ["name_en", "pk"]

    @property
    def description(self) -> str:
        return in_reader_language(self.description_en, self.description_zh)

    @property
    def unavailable_words(self) -> str:
        """Why it cannot be ordered now: its own reason, else its service's."""
        own = in_reader_language(self.unavailable_en, self.unavailable_zh)
        return own if self.unavailable_since else self.service.unavailable_words

    @property
    def is_away(self) -> bool:
        """Temporarily not to be had, itself or its service (REQ-18)."""
        return bool(self.unavailable_since or self.service.unavailable_since)

    @property
    def returns_at(self) -> Any:
        return self.unavailable_until if self.unavailable_since else self.service.unavailable_until

    @property
    def drafted(self) -> Blueprint:
        return Blueprint.parse(self.draft)

    @property
    def has_changes(self) -> bool:
        """The draft says something else than the present version."""
        return self.present is None or self.present.content != self.draft


class OfferingVersion(models.Model):
    """One edition of an entry; requests stay with the one they were ordered by. Immutable."""

    offering = models.ForeignKey(Offering, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    content = models.JSONField()
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("version of an orderable entry")
        verbose_name_plural = _("versions of orderable entries")
        ordering: ClassVar = ["offering", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["offering", "number"], name="offering_version_once"),
        ]
        triggers: ClassVar = immutable("offeringversion")

    def __str__(self) -> str:
        return f"{self.offering} v{self.number}"

    @property
    def blueprint(self) -> Blueprint:
        return Blueprint.parse(self.content)
