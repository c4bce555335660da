"""Who stands behind us: suppliers, with whom support contracts (UC) are made, and what they must fulfil.

What they promise, deliver and report is in the app ``sourcing``, above the agreements.
"""

from datetime import date
from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Named, Organisation, User
from accounts.triggers import immutable


@pghistory.track()
class Supplier(Named):
    """An external supplier, an internal group, or a customer who supplies us (SUP-04).

    ``admission``: a candidate is not active (SUP-01). ``admitted_until`` is the last day of what it was
    admitted by; after it no new contract is made, while those that run go on. ``organisation`` is where its
    people have their accounts, if they use the supplier's pages.
    """

    class Kind(models.TextChoices):
        EXTERNAL = "external", _("External supplier")
        INTERNAL = "internal", _("Internal supplier")
        CUSTOMER = "customer", _("Customer acting as supplier")

    class Admission(models.TextChoices):
        CANDIDATE = "candidate", _("Candidate")
        ADMITTED = "admitted", _("Admitted")
        UNCHECKED = "unchecked", _("Active from before, conditions not checked")

    code = models.SlugField(_("code"), max_length=50, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.EXTERNAL)
    contact = models.CharField(_("contact person"), max_length=150, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=50, blank=True)
    responsible = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("responsible person")
    )
    admission_note = models.TextField(_("note on admission"), blank=True)
    admission = models.CharField(
        _("admission"), max_length=10, choices=Admission, default=Admission.UNCHECKED, editable=False
    )
    admitted_until = models.DateField(_("admitted until"), null=True, blank=True, editable=False)
    organisation = models.OneToOneField(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="supplier",
        verbose_name=_("organisation of its people"),
        limit_choices_to={"kind": Organisation.Kind.SUPPLIER},
    )
    is_active = models.BooleanField(_("active"), default=True)
    # counted up with each change, so that of two writers the second is told
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")
        ordering: ClassVar = ["name_en"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(is_active=False) | ~Q(admission="candidate"), name="supplier_candidate_not_active"
            ),
        ]

    def has_lapsed(self, today: date) -> bool:
        """Its admission has run out: a certificate ended and was not renewed."""
        return self.admitted_until is not None and self.admitted_until < today

    def may_contract(self, today: date) -> bool:
        """Whether something new may be agreed with it or ordered from it."""
        return self.is_active and not self.has_lapsed(today)


class ConditionList(models.Model):
    """An edition of what suppliers of a kind must fulfil to become active (SUP-01). Never changed."""

    kind = models.CharField(_("kind of supplier"), max_length=20, choices=Supplier.Kind)
    number = models.PositiveIntegerField(_("edition"))
    note = models.TextField(_("why it was changed"), blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("edition of admission conditions")
        verbose_name_plural = _("editions of admission conditions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "number"], name="condition_list_once"),
        ]
        triggers: ClassVar = immutable("condition_list")

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class Condition(Named):
    """One admission condition of an edition. ``expires``: what proves it holds until a day."""

    edition = models.ForeignKey(ConditionList, models.PROTECT, related_name="conditions")
    position = models.PositiveSmallIntegerField()
    needs_document = models.BooleanField(_("proved by a document"), default=False)
    expires = models.BooleanField(_("proved until a day"), default=False)

    class Meta:
        verbose_name = _("admission condition")
        verbose_name_plural = _("admission conditions")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "position"], name="condition_position_once"),
        ]
        triggers: ClassVar = immutable("condition")
