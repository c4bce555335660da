"""Once a year the categories of services are looked at again: do the levels still fit the business (SLM-61)?

It is an action for the process owner. What comes of it is a new version of a service in the catalogue, or the
next edition of an agreement, each by its own procedure.
"""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor, Role
from accounts.models import User
from actions.models import Action
from actions.services import open_action
from agreements import keepers
from agreements.models import Keeper
from catalog.models import Service
from sla.models import Agreement

DAYS = timedelta(days=30)


def review(*, actor: Actor, now: datetime) -> Action | None:
    """Open this year's action for the process owner, or a service level manager; once however often asked.

    None while there is nothing published to look at, or nobody to ask.
    """
    year = timezone.localdate(now).year
    services = Service.objects.published().order_by("code")
    responsible = _responsible()
    if responsible is None or not services.exists():
        return None
    lines = [f"– {service.name}: {_agreements(service.code)}" for service in services]
    words = _(
        "For each service: is its class still right, do its levels still fit the business? If not, propose a "
        "new version in the catalogue or begin the next edition of the agreement."
    )
    return open_action(
        source=Action.Source.REVIEW,
        title=_("Review the categories of services for %(year)s") % {"year": year},
        description="\n".join([words, *lines]),
        responsible=responsible, due_on=timezone.localdate(now) + DAYS, key=f"service-categories-{year}",
        actor=actor, now=now,
    )  # fmt: skip


def _responsible() -> User | None:
    owner = keepers.present().filter(agreement=None, part=Keeper.Part.PROCESS_OWNER).last()
    if owner and owner.person.is_active:
        return owner.person
    rows = User.objects.filter(is_active=True, grants__role=Role.SERVICE_LEVEL_MANAGER)
    return rows.order_by("pk").first()


def _agreements(code: str) -> str:
    """The agreements whose newest version names the service."""
    named = Agreement.objects.filter(versions__terms__services__contains=[code])
    rows = named.filter(ended_at=None, kind=Agreement.Kind.SLA)
    names = [agreement.name for agreement in rows.distinct().order_by("code")]
    return ", ".join(names) or _("no agreement names it alone")
