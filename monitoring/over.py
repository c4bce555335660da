"""All alerts of a ticket are over: it is resolved where the source says so and nobody worked on it."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

import incidents.services
from accounts.access import Actor, Denied, Origin
from accounts.services import system_actor
from incidents import lifecycle
from incidents.models import Incident, ResolutionCode
from monitoring.models import Alert, Source
from records import log as records_log
from records.lifecycle import IllegalMove


def settle(incidents_over: Sequence[Incident], source: Source, *, actor: Actor, now: datetime) -> None:
    """For each of some tickets of which an alert has ended: say so once nothing of it goes on any more."""
    if not incidents_over:
        return
    ids = [incident.pk for incident in incidents_over]
    going_on = set(Alert.objects.filter(incident__in=ids).firing().values_list("incident", flat=True))
    last = Alert.objects.filter(incident__in=ids).values("incident").annotate(at=Max("ended_at"))
    ends = dict(last.values_list("incident", "at"))
    for incident in incidents_over:
        if incident.pk in going_on:
            continue
        current = Incident.objects.get(pk=incident.pk)
        if current.state in lifecycle.OPEN:
            _end(current, source, ends[incident.pk] or now, actor=actor, now=now)


def _end(incident: Incident, source: Source, at: datetime, *, actor: Actor, now: datetime) -> None:
    if source.on_recovery == Source.OnRecovery.RESOLVE and is_untouched(incident, source):
        words = _("Monitoring (%(source)s) reported at %(at)s that it is over. Nobody had to act.")
        steps = words % {"source": source.name, "at": source.shown(at)}
        try:
            with transaction.atomic():
                incidents.services.resolve(
                    incident, code=ResolutionCode.SOLVED, steps=steps, restored_at=at,
                    actor=_by(actor), now=now,
                )  # fmt: skip
        except (ValidationError, Denied, IllegalMove):
            pass  # then people are told, as with any other ticket
        else:
            return
    records_log.write(
        incident, "monitoring.recovered", actor=actor, at=now, source=source.name, ended_at=at.isoformat(),
        when=source.shown(at),
    )  # fmt: skip


def _by(actor: Actor) -> Actor:
    """The system; what is imported stays silent."""
    system = system_actor()
    return system.via(Origin.IMPORT) if actor.origin == Origin.IMPORT else system


def is_untouched(incident: Incident, source: Source) -> bool:
    """Nobody but programs has written anything about it, and nobody has it."""
    if incident.state != lifecycle.NEW or incident.assignee_id is not None:
        return False
    programs = {source.account_id, system_actor().user_id}
    return not incident.activities.exclude(actor__in=programs).exists()
