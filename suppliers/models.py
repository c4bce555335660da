"""Who stands behind us: suppliers, with whom support contracts (UC) are made.

What they promise, deliver and report is in the app ``sourcing``, above the agreements.
"""

from typing import ClassVar

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Named, User


@pghistory.track()
class Supplier(Named):
    """An external supplier, an internal group, or a customer who supplies us (SUP-04)."""

    class Kind(models.TextChoices):
        EXTERNAL = "external", _("External supplier")
        INTERNAL = "internal", _("Internal supplier")
        CUSTOMER = "customer", _("Customer acting as supplier")

    code = models.SlugField(_("code"), max_length=50, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.EXTERNAL)
    contact = models.CharField(_("contact person"), max_length=150, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=50, blank=True)
    responsible = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("responsible person")
    )
    admission_note = models.TextField(_("note on admission"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    # counted up with each change, so that of two writers the second is told
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")
        ordering: ClassVar = ["name_en"]
