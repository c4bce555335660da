"""Service packages, from which agreements start; Django finds them through sla.models."""

from typing import ClassVar

import pghistory
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Named, in_reader_language
from sla.terms import Terms, TermsError


@pghistory.track()
class ServicePackage(Named):
    """A tier: a whole set of promises with hours and a price per unit, from which agreements start."""

    code = models.SlugField(_("code"), max_length=50, unique=True)
    family = models.SlugField(_("family"), max_length=50)
    # 1 is the best of its family; names cannot be trusted to order (SLM-54)
    rank = models.PositiveSmallIntegerField(_("rank"))
    source = models.CharField(_("source"), max_length=200, blank=True)
    description_en = models.TextField(_("description (English)"), blank=True)
    description_zh = models.TextField(_("description (Chinese)"), blank=True)
    price = models.DecimalField(_("price per unit"), max_digits=12, decimal_places=4, null=True, blank=True)
    price_unit = models.CharField(_("unit"), max_length=20, blank=True)
    terms = models.JSONField(_("terms"))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("service package")
        verbose_name_plural = _("service packages")
        ordering: ClassVar = ["family", "rank"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["family", "rank"], name="package_rank_once_in_family"),
        ]

    @property
    def description(self) -> str:
        return in_reader_language(self.description_en, self.description_zh)

    def clean(self) -> None:
        """Refuse terms that could not be signed."""
        try:
            Terms.parse(self.terms)
        except TermsError as refused:
            raise ValidationError({"terms": f"{refused.field}: {refused.detail}"}) from None
