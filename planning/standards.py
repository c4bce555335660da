"""The verbs of service implementation standards: written, and published by a second person (SLM-07)."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, require
from catalog.models import Service
from planning.models import ImplementationStandard
from records.services import refuse

PARTS = ("flow", "monitoring", "maintenance")
TEXTS = tuple(f"{part}_{language}" for part in PARTS for language in ("en", "zh"))


def newest(service: Service) -> ImplementationStandard | None:
    """The draft, or the last one published."""
    found: ImplementationStandard | None = service.standards.order_by("-number").first()
    return found


def published(service: Service) -> ImplementationStandard | None:
    found: ImplementationStandard | None = (
        service.standards.filter(published_at__isnull=False).order_by("-number").first()
    )
    return found


def write(
    service: Service, texts: Mapping[str, str], *, actor: Actor, now: datetime, seen: str = ""
) -> ImplementationStandard:
    """Write the draft; after a published version this begins the next. ``seen`` marks what its writer saw,
    as :func:`mark` gives it: who is second to save is told.
    """
    require(actor, "lead_planning")
    with transaction.atomic():
        Service.objects.select_for_update(no_key=True).get(pk=service.pk)
        last = newest(service)
        if seen and seen != mark(last):
            raise refuse(
                "seen", _("Somebody changed this standard since you opened it; compare and save anew.")
            )
        wanted = {name: texts.get(name, "").replace("\r\n", "\n").strip() for name in TEXTS}
        if last and all(getattr(last, name) == words for name, words in wanted.items()):
            return last
        if last is None or last.published_at:
            last = ImplementationStandard(service=service, number=last.number + 1 if last else 1)
        for name, words in wanted.items():
            setattr(last, name, words)
        last.written_by_id, last.written_at = actor.user_id, now
        last.save()
    return last


def mark(row: ImplementationStandard | None) -> str:
    """A short sign of the state of a standard."""
    return f"{row.number}.{row.written_at.timestamp():.0f}.{row.written_by_id}" if row else "0"


def publish(service: Service, *, actor: Actor, now: datetime) -> ImplementationStandard:
    """Approve and publish the draft, never by who wrote it; its parts must be there in both languages."""
    require(actor, "lead_planning")
    with transaction.atomic():
        Service.objects.select_for_update(no_key=True).get(pk=service.pk)
        draft = service.standards.filter(published_at=None).first()
        if draft is None:
            raise refuse("standard", _("There is no draft to be approved."))
        if draft.written_by_id == actor.user_id:
            raise refuse("standard", _("The author cannot do this; a second person must."))
        for name in TEXTS:
            if not getattr(draft, name):
                label = ImplementationStandard._meta.get_field(name).verbose_name  # type: ignore[union-attr]
                raise refuse(name, _("Nothing is written yet: %(part)s.") % {"part": label}, "required")
        draft.published_by_id, draft.published_at = actor.user_id, now
        draft.save()
    return draft
