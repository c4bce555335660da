"""What we know of a customer: class and grade with their history, people, visits, what is published."""

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from customers import grades
from sla.models import Agreement, immutable


class CustomerClass(models.TextChoices):
    """What kind of customer it is."""

    ENTERPRISE = "enterprise", _("Enterprise")
    GOVERNMENT = "government", _("Public administration")
    MEDICAL = "medical", _("Hospital")
    EDUCATION = "education", _("School or university")
    COMMERCE = "commerce", _("Commerce")
    HOUSING = "housing", _("Housing")
    OTHER = "other", _("Other")


class Grade(models.TextChoices):
    """How important it is; its service packages follow from it."""

    A = grades.A, _("A: the highest")
    B = grades.B, _("B: high")
    C = grades.C, _("C: usual")
    D = grades.D, _("D: basic")


class Standing(models.TextChoices):
    EXISTING = "existing", _("Existing customer")
    INTENDING = "intending", _("Intending customer")
    POTENTIAL = "potential", _("Potential customer")


@pghistory.track()
class CustomerProfile(models.Model):
    """Master data of a customer. Class, grade and standing change only with a reason."""

    customer = models.OneToOneField(Organisation, models.PROTECT, related_name="profile")
    customer_class = models.CharField(_("class"), max_length=20, choices=CustomerClass, blank=True)
    grade = models.CharField(_("grade"), max_length=2, choices=Grade, blank=True)
    standing = models.CharField(_("standing"), max_length=10, choices=Standing, default=Standing.EXISTING)
    is_key = models.BooleanField(_("key customer"), default=False)
    account_manager = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("account manager")
    )
    industry = models.CharField(_("industry"), max_length=100, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    phone = models.CharField(_("telephone"), max_length=50, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)
    confidentiality = models.CharField(
        _("confidentiality"), max_length=300, blank=True, help_text=_("What of it nobody outside may know.")
    )
    note = models.TextField(_("note"), blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("customer profile")
        verbose_name_plural = _("customer profiles")

    def __str__(self) -> str:
        return str(self.customer)


class ProfileChange(models.Model):
    """That class, grade or standing was changed, from which day and why. Immutable."""

    class Part(models.TextChoices):
        CLASS = "customer_class", _("class")
        GRADE = "grade", _("grade")
        STANDING = "standing", _("standing")

    customer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    part = models.CharField(_("what"), max_length=20, choices=Part)
    before = models.CharField(_("before"), max_length=20, blank=True)
    after = models.CharField(_("after"), max_length=20)
    reason = models.CharField(_("reason"), max_length=500)
    effective_on = models.DateField(_("from"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("change of a profile")
        verbose_name_plural = _("changes of profiles")
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["customer", "-id"], name="profile_change_customer")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="profile_change_has_a_reason")
        ]
        triggers: ClassVar = immutable("profilechange")

    def __str__(self) -> str:
        return f"{self.customer_id} {self.part}: {self.after}"

    def _label(self, value: str) -> str:
        words = {"customer_class": CustomerClass, "grade": Grade, "standing": Standing}[self.part]
        return str(dict(words.choices).get(value, "–"))

    @property
    def before_label(self) -> str:
        return self._label(self.before)

    @property
    def after_label(self) -> str:
        return self._label(self.after)


@pghistory.track()
class ContactPerson(models.Model):
    """Somebody of the customer, by level; with or without an account."""

    class Level(models.TextChoices):
        DECISION = "decision", _("Decides")
        MANAGEMENT = "management", _("Leads the cooperation")
        OPERATION = "operation", _("Works with us daily")

    customer = models.ForeignKey(Organisation, models.PROTECT, related_name="contact_persons")
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("account")
    )
    name = models.CharField(_("name"), max_length=150)
    position = models.CharField(_("position"), max_length=150, blank=True)
    level = models.CharField(_("level"), max_length=12, choices=Level)
    phone = models.CharField(_("telephone"), max_length=50, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("contact person")
        verbose_name_plural = _("contact persons")
        ordering: ClassVar = ["level", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "name"], condition=Q(is_active=True), name="contact_person_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def phone_shown(self) -> str:
        return self.phone or (self.user.phone if self.user else "")

    @property
    def email_shown(self) -> str:
        return self.email or (self.user.email if self.user else "")


@pghistory.track()
class Visit(models.Model):
    """A visit to a customer or one of its regions: planned, held with its findings, or called off."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        HELD = "held", _("Held")
        CALLED_OFF = "called_off", _("Called off")

    customer = models.ForeignKey(Organisation, models.PROTECT, related_name="visits")
    planned_on = models.DateField(_("planned on"))
    place = models.CharField(_("place or region"), max_length=200, blank=True)
    purpose = models.CharField(_("purpose"), max_length=300)
    visitor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("visitor"))
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.PLANNED)
    held_on = models.DateField(_("held on"), null=True, blank=True)
    people = models.CharField(_("people met"), max_length=300, blank=True)
    findings = models.TextField(_("findings"), blank=True)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering: ClassVar = ["-planned_on", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state="held") | (Q(held_on__isnull=False) & ~Q(findings="")),
                name="visit_held_has_findings",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["customer", "-planned_on"], name="visit_customer")]

    def __str__(self) -> str:
        return f"{self.customer} {self.planned_on}"


@pghistory.track()
class Publication(models.Model):
    """Something we owe a customer to publish, such as a half-yearly account, and that it was published."""

    customer = models.ForeignKey(Organisation, models.PROTECT, related_name="publications")
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("agreement")
    )
    title = models.CharField(_("what is published"), max_length=200)
    due_on = models.DateField(_("due on"))
    every_months = models.PositiveSmallIntegerField(_("repeated after months"), null=True, blank=True)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    where = models.CharField(_("where"), max_length=300, blank=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering: ClassVar = ["due_on", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "title", "due_on"], name="publication_once"),
            models.CheckConstraint(
                condition=Q(published_on=None, published_by=None)
                | Q(published_on__isnull=False, published_by__isnull=False),
                name="publication_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.due_on}"
