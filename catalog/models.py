"""What we offer: the services customers may ask about and report on."""

from typing import ClassVar

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Named, Team, in_reader_language


class ServiceQuerySet(models.QuerySet["Service"]):
    def published(self) -> "ServiceQuerySet":
        """Services that people may name on a ticket."""
        return self.filter(is_published=True)


@pghistory.track()
class Service(Named):
    """A service of the catalogue, with the teams that support it."""

    code = models.SlugField(_("code"), max_length=50, unique=True)
    description_en = models.TextField(_("description (English)"), blank=True)
    description_zh = models.TextField(_("description (Chinese)"), blank=True)
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

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering: ClassVar = ["name_en"]

    @property
    def description(self) -> str:
        return in_reader_language(self.description_en, self.description_zh)
