"""The fast path for emergencies: few words, the highest priority, and who is on call has it at once."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import User
from catalog.models import Service
from incidents import oncall, services
from incidents.fields import RemoteChoice
from incidents.forms import people_of, show_chosen
from incidents.models import EventKind, Incident
from records.models import Channel, Level, Priority


class Emergency(forms.Form):
    """Whom, what, where."""

    once = forms.CharField(widget=forms.HiddenInput(), required=False, max_length=64)
    requester = RemoteChoice(
        User.objects.none(), what="people", label=_("Who reports it"),
        error_messages={
            "required": _("Choose whom the incident affects: by name, e-mail or telephone number."),
            "invalid_choice": _("Choose an active person of the customer."),
        },
    )  # fmt: skip
    title = forms.CharField(
        label=_("What is wrong"), error_messages={"required": _("Say in a few words what is wrong.")}
    )
    service = RemoteChoice(
        Service.objects.none(), what="services", label=_("Service"), required=False,
        error_messages={"invalid_choice": _("Choose a published service.")},
    )  # fmt: skip
    site = forms.CharField(max_length=200, required=False, label=_("Site"))
    event_kind = forms.ChoiceField(choices=EventKind, initial=EventKind.OUTAGE, label=_("Kind of event"))

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["requester"].queryset = people_of(actor)  # type: ignore[attr-defined]
        self.fields["service"].queryset = Service.objects.published()  # type: ignore[attr-defined]
        show_chosen(self)


def report(
    *,
    requester: User,
    title: str,
    actor: Actor,
    now: datetime,
    service: Service | None = None,
    site: str = "",
    event_kind: str = EventKind.OUTAGE,
    channel: str = Channel.PHONE,
) -> Incident:
    """Log an emergency: everything high, priority critical, given to who is on call for the team."""
    team = (service.support_team if service else None) or services.default_desk()
    return services.open(
        actor=actor, now=now, title=title, customer=requester.organisation, requester=requester,
        service=service, site=site, event_kind=event_kind, channel=channel, impact=Level.HIGH,
        urgency=Level.HIGH, priority=Priority.CRITICAL, priority_reason=gettext("Emergency"),
        team=team, assignee=oncall.on_call(team, now),
    )  # fmt: skip
