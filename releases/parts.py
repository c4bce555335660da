"""What the plan of a release and of a service transition is made of: rows with the same columns.

Abstract: each process has its own tables, whose column ``work`` names its record. A title may be in both
languages, as those are that come from a template; one that was typed in stands in ``title`` alone.
"""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User, in_reader_language
from records.models import Attachment


class Titled(models.Model):
    """A row with a title in one language or in both."""

    title = models.CharField(_("title"), max_length=200)
    title_zh = models.CharField(_("title (Chinese)"), max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return in_reader_language(self.title, self.title_zh)

    @property
    def label(self) -> dict[str, str]:
        """As the log keeps it."""
        return {"en": self.title, "zh": self.title_zh or self.title}


class Member(models.Model):
    """Somebody of the team, and what he or she answers for."""

    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    duty = models.CharField(_("responsibility"), max_length=200)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.person}: {self.duty}"

    @property
    def label(self) -> dict[str, str]:
        return {"en": str(self), "zh": str(self)}


class Node(Titled):
    """A key node of the timetable: by when, who, and when it was reached."""

    due_on = models.DateField(_("due"))
    responsible = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("responsible"))
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("done by"))
    done_at = models.DateTimeField(_("done"), null=True)

    class Meta(Titled.Meta):
        abstract = True


class Check(Titled):
    """A point of the readiness checklist; it is met with its evidence, by somebody, at some time."""

    evidence = models.TextField(_("evidence"), blank=True)
    attachment = models.ForeignKey(
        Attachment, models.PROTECT, null=True, related_name="+", verbose_name=_("file")
    )
    met_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("checked by")
    )
    met_at = models.DateTimeField(_("checked"), null=True)

    class Meta(Titled.Meta):
        abstract = True


class Step(Titled):
    """A step of carrying it out, with when it was planned and when it was really begun and done."""

    position = models.PositiveSmallIntegerField(_("position"), default=0)
    planned_at = models.DateTimeField(_("planned for"), null=True)
    started_at = models.DateTimeField(_("begun"), null=True)
    done_at = models.DateTimeField(_("done"), null=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("done by"))
    result = models.TextField(_("result"), blank=True)

    class Meta(Titled.Meta):
        abstract = True


def settled_by_somebody(at: str, by: str, name: str, **filled: Any) -> models.CheckConstraint:
    """A constraint: ``at`` and ``by`` are both there or neither."""
    return models.CheckConstraint(
        condition=models.Q(**{at: None, by: None})
        | models.Q(**{f"{at}__isnull": False, f"{by}__isnull": False}, **filled),
        name=name,
    )
