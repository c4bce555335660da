"""Models of standard changes: a plan that was written, tested and approved once for many changes."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Named, User
from catalog.models import Service
from changes.models.change import Change


class ChangeTemplate(Named):
    """One edition of a model. Approved by somebody else than who wrote it; from then on never changed.

    A new edition of the same ``code`` takes its place when it is approved; either may be withdrawn.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", pgettext_lazy("change", "Approved")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    code = models.SlugField(_("code"), max_length=50)
    edition = models.PositiveSmallIntegerField(_("edition"), default=1)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PROPOSED)
    nature = models.CharField(_("nature"), max_length=15, choices=Change.Nature)
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    description = models.TextField(_("description"), blank=True)
    expected_effect = models.TextField(_("expected effect"))
    plan = models.TextField(_("plan"))
    backout_plan = models.TextField(_("back-out plan"))
    test_plan = models.TextField(_("test of the plan"))
    test_words = models.TextField(_("evidence of the test"))
    minutes = models.PositiveIntegerField(_("usual length in minutes"), default=60)
    risk = models.PositiveSmallIntegerField(_("risk"), choices=Change.Risk, default=Change.Risk.LOW)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed"))
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_because = models.CharField(_("reason of the withdrawal"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("model of standard changes")
        verbose_name_plural = _("models of standard changes")
        ordering: ClassVar = ["code", "-edition"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code", "edition"], name="change_template_edition_once"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(state="approved"), name="change_template_one_approved"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")),
                name="change_template_four_eyes",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="change_template_approved_by_somebody",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="template_stays", operation=pgtrigger.Delete),
            # what was approved stays as it was read then; it can only be withdrawn
            pgtrigger.Trigger(
                name="template_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__state="proposed"),
                func="""
                    IF (NEW.code, NEW.edition, NEW.name_en, NEW.name_zh, NEW.nature, NEW.service_id,
                        NEW.description, NEW.expected_effect, NEW.plan, NEW.backout_plan, NEW.test_plan,
                        NEW.test_words, NEW.minutes, NEW.risk, NEW.proposed_by_id, NEW.approved_by_id,
                        NEW.approved_at)
                       IS DISTINCT FROM
                       (OLD.code, OLD.edition, OLD.name_en, OLD.name_zh, OLD.nature, OLD.service_id,
                        OLD.description, OLD.expected_effect, OLD.plan, OLD.backout_plan, OLD.test_plan,
                        OLD.test_words, OLD.minutes, OLD.risk, OLD.proposed_by_id, OLD.approved_by_id,
                        OLD.approved_at)
                       OR NEW.state <> 'withdrawn'
                    THEN
                        RAISE EXCEPTION 'pgtrigger: Cannot alter an approved model of standard changes';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]
