"""What was done step by step, and what was learned from it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from changes.archive import archived
from changes.models.change import Change
from records.models import Record


class LogStep(models.Model):
    """One step of the implementation: who did what, from when to when."""

    change = models.ForeignKey(Change, models.PROTECT, related_name="log_steps")
    what = models.CharField(_("step"), max_length=500)
    result = models.CharField(_("result"), max_length=500, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("done by"))
    started_at = models.DateTimeField(_("from"))
    ended_at = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("step of the implementation")
        verbose_name_plural = _("steps of the implementation")
        ordering: ClassVar = ["started_at", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("started_at")), name="step_ends_after_it_begins"
            ),
        ]
        triggers: ClassVar = archived("logstep")

    def __str__(self) -> str:
        return self.what


class PostReview(models.Model):
    """The review after the implementation: questions answered, incidents counted, lessons drawn."""

    class Question(models.TextChoices):
        PLAN = "plan", _("Was the plan followed?")
        TIME = "time", _("Was it done within the planned time?")
        COST = "cost", _("Did it stay within the planned resources and cost?")
        SIDE_EFFECTS = "side_effects", _("Was it free of unexpected effects?")
        PEOPLE = "people", _("Were the people concerned informed in time?")

    change = models.OneToOneField(Change, models.PROTECT, related_name="post_review")
    # by question: whether it is answered with yes, and words
    answers = models.JSONField(_("answers"), default=dict)
    incidents_caused = models.PositiveIntegerField(_("incidents caused until then"), default=0)
    lessons = models.TextField(_("lessons"))
    follow_up = models.ForeignKey(
        Record, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("follow-up")
    )
    by_board = models.ForeignKey(
        Record, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("meeting")
    )
    reviewed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("reviewed by"))
    reviewed_at = models.DateTimeField(_("reviewed"))

    class Meta:
        verbose_name = _("review of the change")
        verbose_name_plural = _("reviews of changes")
        triggers: ClassVar = archived("postreview")

    def __str__(self) -> str:
        return f"{self.change_id}"
