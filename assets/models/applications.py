"""What one person asks for and another one decides: disposals, and sites to be opened or closed."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import User
from assets.models.register import Asset, DisposalWay
from assets.models.sites import ServiceSite


class ApplicationRows(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """For the desk's side: about sites, and about the assets it sees."""
        if not actor.is_desk_side:
            return self.none()
        if actor.scope is None:
            return self
        return self.filter(Q(asset=None) | Q(asset__customer=None) | Q(asset__customer__in=actor.scope))


class Application(models.Model):
    """Four eyes: ``decided_by`` is never ``asked_by``. One at a time about the same thing."""

    class Kind(models.TextChoices):
        DISPOSE = "dispose", _("dispose of an asset")
        OPEN_SITE = "open_site", _("open a service site")
        CLOSE_SITE = "close_site", _("close a service site")

    class Decision(models.TextChoices):
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    asset = models.ForeignKey(
        Asset, models.PROTECT, null=True, related_name="applications", verbose_name=_("asset")
    )
    site = models.ForeignKey(
        ServiceSite, models.PROTECT, null=True, related_name="applications", verbose_name=_("service site")
    )
    reason = models.TextField(_("reason"))
    on = models.DateField(_("from"))
    way = models.CharField(_("way of disposal"), max_length=20, choices=DisposalWay, blank=True)
    data_wiped = models.BooleanField(_("data wiped"), null=True)
    data_note = models.CharField(_("how the data were wiped, or why not"), max_length=300, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, blank=True)
    decision_note = models.TextField(_("reason of the decision"), blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)

    objects = ApplicationRows.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="dispose", asset__isnull=False, site=None)
                | (~Q(kind="dispose") & Q(asset=None, site__isnull=False)),
                name="application_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_by=None, decided_at=None)
                | (~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="application_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(decision="withdrawn") | ~Q(decided_by=F("asked_by")),
                name="application_four_eyes",
            ),
            models.UniqueConstraint(
                fields=["asset"],
                condition=Q(decision="", asset__isnull=False),
                name="application_one_per_asset",
            ),
            models.UniqueConstraint(
                fields=["site"],
                condition=Q(decision="", site__isnull=False),
                name="application_one_per_site",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.about}"

    def get_absolute_url(self) -> str:
        return reverse("assets:application", args=[self.pk])

    @property
    def about(self) -> Asset | ServiceSite:
        """The asset or the site it is about."""
        found = self.asset or self.site
        assert found is not None  # noqa: S101 - a constraint of the table
        return found


class ApplicationNotice(models.Model):
    """Somebody was told of an application: that it waits for a decision; or who asked, what was decided."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="notices")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    is_decided = models.BooleanField(_("told of the decision"))
    told_at = models.DateTimeField(_("told"))
    read_at = models.DateTimeField(_("read"), null=True)

    class Meta:
        verbose_name = _("notice of an application")
        verbose_name_plural = _("notices of applications")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application", "person", "is_decided"], name="application_told_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["person"], condition=Q(read_at=None), name="application_notice_unread")
        ]

    def __str__(self) -> str:
        return f"{self.application} → {self.person}"
