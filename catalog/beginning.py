"""Writes the start catalogue into an installation that has no catalogue yet."""

from datetime import datetime

from django.db import transaction

from accounts.access import Actor
from catalog import services
from catalog.models import Service, ServiceFamily
from catalog.start import FAMILIES, SERVICES


@transaction.atomic
def ensure(*, actor: Actor, now: datetime) -> None:
    """The families where there is none, and the services where there is none; what is there stays."""
    if not ServiceFamily.objects.exists():
        ServiceFamily.objects.bulk_create(
            ServiceFamily(code=code, position=place, name_en=name.en, name_zh=name.zh)
            for place, (code, name) in enumerate(FAMILIES.items(), 1)
        )
    if Service.objects.exists():
        return
    families = ServiceFamily.objects.in_bulk(field_name="code")
    for code, start in SERVICES.items():
        service = Service.objects.create(
            code=code, name_en=start.name.en, name_zh=start.name.zh, family=families.get(start.family),
            portfolio_class=start.portfolio_class, is_published=False,
        )  # fmt: skip
        services.adopt(service, start.offer, review=None, reason="", actor=actor, now=now)
