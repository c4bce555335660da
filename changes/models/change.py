"""A change: what is asked for and why, what it touches, how it is to be done, and what came of it."""

from datetime import datetime
from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from catalog.models import Service
from changes import lifecycle
from changes.archive import archived
from cmdb.models import Item
from records.kinds import Kind
from records.models import ProcessQuerySet, Record
from sla.models import Agreement


class State(models.TextChoices):
    DRAFT = lifecycle.DRAFT, _("Draft")
    SUBMITTED = lifecycle.SUBMITTED, _("Submitted")
    ASSESSING = lifecycle.ASSESSING, _("Being assessed")
    APPROVING = lifecycle.APPROVING, _("Waiting for approval")
    APPROVED = lifecycle.APPROVED, pgettext_lazy("change", "Approved")
    IMPLEMENTING = lifecycle.IMPLEMENTING, _("Being implemented")
    VERIFYING = lifecycle.VERIFYING, _("To be verified")
    REVIEWING = lifecycle.REVIEWING, _("To be reviewed")
    CLOSED = lifecycle.CLOSED, _("Closed")
    REJECTED = lifecycle.REJECTED, pgettext_lazy("change", "Rejected")
    CANCELLED = lifecycle.CANCELLED, _("Cancelled")


class ChangeQuerySet(ProcessQuerySet):
    def planned_within(self, start: datetime, end: datetime) -> "ChangeQuerySet":
        """Those whose planned time has part of [start, end); not the withdrawn ones."""
        return self.filter(planned_start_at__lt=end, planned_end_at__gt=start).exclude(
            state__in=lifecycle.WITHDRAWN
        )

    def unfinished(self) -> "ChangeQuerySet":
        return self.filter(state__in=lifecycle.UNFINISHED)


class ChangeManager(models.Manager.from_queryset(ChangeQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ChangeQuerySet:
        rows: ChangeQuerySet = super().get_queryset().filter(kind=Kind.CHANGE)
        return rows


class Change(Record):
    """``requester`` asked for it, ``assignee`` carries it out, ``owner`` is the change manager who took it.

    ``content_hash`` is what was put up for approval in ``round``; approvals of earlier rounds are history.
    """

    class Category(models.TextChoices):
        STANDARD = lifecycle.STANDARD, _("Standard change")
        NORMAL = lifecycle.NORMAL, _("Normal change")
        EMERGENCY = lifecycle.EMERGENCY, _("Emergency change")

    class Nature(models.TextChoices):
        COMPONENT = "component", _("Update or upgrade of a component")
        CONFIGURATION = "configuration", _("Adjustment of a configuration")
        DEPENDENCY = "dependency", _("Change of a dependency")
        BUSINESS = "business", _("Change of business need")
        AGREEMENT = "agreement", _("Change of an agreement")
        OTHER = "other", _("Something else")

    class Outcome(models.TextChoices):
        SUCCESS = "success", _("Successful")
        BACKED_OUT = "backed_out", _("Failed and backed out")
        FAILED = "failed", _("Failed and not backed out")

    class Test(models.TextChoices):
        PASSED = "passed", _("Passed")
        FAILED = "failed", pgettext_lazy("change", "Failed")

    class Risk(models.IntegerChoices):
        LOW = 1, _("Low risk")
        MEDIUM = 2, _("Medium risk")
        HIGH = 3, _("High risk")
        VERY_HIGH = 4, _("Very high risk")

    category = models.CharField(_("kind of change"), max_length=10, choices=Category)
    nature = models.CharField(_("nature"), max_length=15, choices=Nature)
    is_major = models.BooleanField(_("major change"), default=False)
    reason = models.TextField(_("reason"), blank=True)
    expected_effect = models.TextField(_("expected effect"), blank=True)
    wanted_on = models.DateField(_("wished for"), null=True, blank=True)
    amount = models.DecimalField(
        _("cost"), max_digits=14, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="changes", verbose_name=_("agreement")
    )
    template = models.ForeignKey(
        "changes.ChangeTemplate", models.PROTECT, null=True, blank=True, related_name="changes",
        verbose_name=_("model"),
    )  # fmt: skip
    # the questionnaire as it was when it was answered: {question: position of the answer}
    risk_edition = models.ForeignKey(
        "changes.RiskEdition", models.PROTECT, null=True, blank=True, related_name="changes"
    )
    risk_answers = models.JSONField(_("answers to the risk questions"), default=dict, blank=True)
    risk = models.PositiveSmallIntegerField(_("risk"), choices=Risk, null=True, blank=True)
    # the plan
    plan = models.TextField(_("plan"), blank=True)
    backout_plan = models.TextField(_("back-out plan"), blank=True)
    test_plan = models.TextField(_("test of the plan"), blank=True)
    planned_start_at = models.DateTimeField(_("planned from"), null=True, blank=True)
    planned_end_at = models.DateTimeField(_("planned until"), null=True, blank=True)
    outage_from = models.DateTimeField(_("interruption from"), null=True, blank=True)
    outage_until = models.DateTimeField(_("interruption until"), null=True, blank=True)
    test_result = models.CharField(_("result of the test"), max_length=10, choices=Test, blank=True)
    test_words = models.TextField(_("evidence of the test"), blank=True)
    tested_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tested by")
    )
    tested_at = models.DateTimeField(_("tested"), null=True, blank=True)
    # approval
    round = models.PositiveSmallIntegerField(_("round of approval"), default=0)
    content_hash = models.CharField(max_length=64, blank=True)
    authorised_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("authorised by")
    )
    # what came of it
    actual_start_at = models.DateTimeField(_("begun"), null=True, blank=True)
    actual_end_at = models.DateTimeField(_("ended"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True)
    outcome_words = models.TextField(_("what came of it"), blank=True)
    is_effect_reached = models.BooleanField(_("expected effect reached"), null=True, blank=True)
    verification = models.TextField(_("verification"), blank=True)
    verified_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("verified by")
    )
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)

    objects: ClassVar[Any] = ChangeManager()

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(planned_start_at=None, planned_end_at=None)
                | Q(planned_end_at__gt=F("planned_start_at")),
                name="change_planned_time_is_a_span",
            ),
            models.CheckConstraint(
                condition=Q(outage_from=None, outage_until=None) | Q(outage_until__gt=F("outage_from")),
                name="change_interruption_is_a_span",
            ),
            models.CheckConstraint(
                condition=Q(risk=None) | Q(risk__range=(1, 4)), name="change_risk_of_four"
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gte=0), name="change_cost_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(actual_end_at__isnull=False), name="change_outcome_at_its_end"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["planned_start_at", "planned_end_at"], name="change_planned"),
            models.Index(fields=["actual_end_at"], name="change_ended"),
            models.Index(fields=["category", "-record_ptr"], name="change_category"),
        ]
        triggers: ClassVar = archived("change", change="record_ptr_id")


class ChangeItem(models.Model):
    """A configuration item a change has to do with; ``is_altered``: the change may alter it."""

    change = models.ForeignKey(Change, models.PROTECT, related_name="change_items")
    item = models.ForeignKey(Item, models.PROTECT, related_name="change_items", verbose_name=_("item"))
    is_altered = models.BooleanField(_("is altered"), default=True)

    class Meta:
        verbose_name = _("item of the change")
        verbose_name_plural = _("items of the change")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["change", "item"], name="change_item_once"),
        ]
        triggers: ClassVar = archived("changeitem")

    def __str__(self) -> str:
        return f"{self.change_id}: {self.item_id}"


class ChangeService(models.Model):
    """A service a change affects: named by people, or found through the items."""

    change = models.ForeignKey(Change, models.PROTECT, related_name="change_services")
    service = models.ForeignKey(Service, models.PROTECT, related_name="+", verbose_name=_("service"))
    is_found = models.BooleanField(_("found through the items"), default=False)

    class Meta:
        verbose_name = _("affected service")
        verbose_name_plural = _("affected services")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["change", "service"], name="change_service_once"),
        ]
        triggers: ClassVar = archived("changeservice")

    def __str__(self) -> str:
        return f"{self.change_id}: {self.service_id}"
