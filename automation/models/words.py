"""Reply templates and macros: what people use again and again on tickets."""

from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, may
from accounts.models import Named, Team, User
from records.kinds import TICKETS
from records.models import Record


def all_tickets() -> list[str]:
    return list(TICKETS)


def _shared(actor: Actor) -> Q:
    """What belongs to everybody or to one of the actor's teams; leaders see all that is shared."""
    if may(actor, "lead_automation"):
        return Q()
    return Q(team=None) | Q(team__in=actor.team_ids)


class TemplateRows(models.QuerySet["ReplyTemplate"]):
    def usable_by(self, actor: Actor) -> "TemplateRows":
        """Those in use that this person may take: everybody's and their teams'; leaders all."""
        return self.filter(_shared(actor), is_active=True)


class MacroRows(models.QuerySet["Macro"]):
    def visible_to(self, actor: Actor) -> "MacroRows":
        """One's own, everybody's and one's teams'. Nobody sees what another keeps for himself."""
        return self.filter(Q(owner=actor.user_id) | Q(_shared(actor), owner=None))

    def usable_by(self, actor: Actor) -> "MacroRows":
        return self.visible_to(actor).filter(is_active=True)


@pghistory.track(obj_field=pghistory.ObjForeignKey(related_name="history"))
class ReplyTemplate(Named):
    """A text for replies and notes in both languages, with placeholders (automation.placeholders)."""

    text_en = models.TextField(_("text (English)"), blank=True)
    text_zh = models.TextField(_("text (Chinese)"), blank=True)
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team"),
        help_text=_("Empty: for everybody."),
    )  # fmt: skip
    kinds = ArrayField(
        models.CharField(max_length=20), verbose_name=_("kinds of tickets"), default=all_tickets
    )
    is_active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1)

    objects = TemplateRows.as_manager()

    class Meta:
        verbose_name = _("reply template")
        verbose_name_plural = _("reply templates")
        ordering: ClassVar = ["name_en", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(text_en="", text_zh=""), name="reply_template_has_a_text"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("automation:template", args=[self.pk])

    def text_for(self, language: str) -> str:
        """The text in a language; the other one where that is missing."""
        first, second = (
            (self.text_zh, self.text_en) if language.startswith("zh") else (self.text_en, self.text_zh)
        )
        return first or second


@pghistory.track(obj_field=pghistory.ObjForeignKey(related_name="history"))
class Macro(Named):
    """Several changes and a reply in one act. ``steps``: [{"change": name, "value": JSON}] in their order."""

    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("kept by"),
        help_text=_("Empty: not a personal one."),
    )  # fmt: skip
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team"),
        help_text=_("Empty: for everybody."),
    )  # fmt: skip
    steps = models.JSONField(_("steps"), default=list)
    template = models.ForeignKey(
        ReplyTemplate, models.PROTECT, null=True, blank=True, related_name="macros",
        verbose_name=_("reply template"),
    )  # fmt: skip
    is_note = models.BooleanField(_("the text is an internal note"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1)

    objects = MacroRows.as_manager()

    class Meta:
        verbose_name = _("macro")
        verbose_name_plural = _("macros")
        ordering: ClassVar = ["name_en", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(owner=None) | Q(team=None), name="macro_of_one_or_of_a_team"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("automation:macro", args=[self.pk])

    def url_for(self, record: Record) -> str:
        return reverse("automation:use", args=[record.number, self.pk])
