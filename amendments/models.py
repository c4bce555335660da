"""Which change an edition of an agreement is amended by."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.models import Edition
from changes.models import Change


class Amendment(models.Model):
    """The change that stands behind an edition; another one only after the first was given up or rejected.

    ``terms_sha256`` is the hash of the words the change was last asked about: what is put in force must be
    what was approved.
    """

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="amendments", verbose_name=_("edition"))
    change = models.OneToOneField(Change, models.PROTECT, related_name="amendment", verbose_name=_("change"))
    terms_sha256 = models.CharField(max_length=64)
    opened_at = models.DateTimeField(_("opened"))

    class Meta:
        verbose_name = _("amendment of an agreement")
        verbose_name_plural = _("amendments of agreements")
        ordering: ClassVar = ["edition", "-pk"]

    def __str__(self) -> str:
        return f"{self.edition_id}: {self.change_id}"
