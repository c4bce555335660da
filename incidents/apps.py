from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IncidentsConfig(AppConfig):
    name = "incidents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from incidents import models, services
        from incidents.lifecycle import LIFECYCLE
        from records import kinds, verbs
        from records.verbs import To, Verb

        kinds.register(
            kinds.Process(
                kind=kinds.Kind.INCIDENT,
                model=models.Incident,
                lifecycle=LIFECYCLE,
                labels=models.State,
                detail_url="incidents:detail",
                moves={
                    "start": _("Start work"),
                    "hold": _("Put on hold"),
                    "resume": _("Resume"),
                    "resolve": _("Resolve"),
                    "close": _("Close"),
                    "reopen": _("Reopen"),
                    "cancel": _("Cancel ticket"),
                },
                reasons=dict(models.WaitingFor.choices),
                editable=frozenset(
                    [
                        "title",
                        "description",
                        "impact",
                        "urgency",
                        "priority",
                        "priority_reason",
                        "service",
                        "requester",
                        "item",
                        "category",
                        "subcategory",
                        "symptom",
                        "site",
                        "contact_type",
                        "occurred_at",
                        "restored_at",
                        "user_notified_at",
                    ]
                ),
                resumed_by_reply=frozenset({models.WaitingFor.CUSTOMER.value}),
                on_breach=services.escalate_on_breach,
            )
        )
        requester, holder = (To.REQUESTER, To.WATCHERS), (To.HOLDER, To.OWNER)
        verbs.register(
            {
                "incident.open": Verb(
                    _("opened it"),
                    _("%(number)s was received"),
                    (To.HOLDER, *requester),
                    is_public=True,
                    is_important=True,
                ),
                "incident.start": Verb(
                    _("started work"), _("%(number)s is being worked on"), requester, is_public=True
                ),
                "incident.hold": Verb(
                    _("put it on hold: waiting for %(reason)s"),
                    _("%(number)s is waiting"),
                    requester,
                    is_public=True,
                    is_important=True,
                ),
                "incident.resume": Verb(
                    _("resumed work"), _("Work on %(number)s goes on"), holder, is_public=True
                ),
                "incident.resolve": Verb(
                    _("resolved it: %(code)s"),
                    _("%(number)s is solved: please confirm"),
                    requester,
                    is_public=True,
                    is_important=True,
                ),
                "incident.close": Verb(_("closed it"), _("%(number)s is closed"), requester, is_public=True),
                "incident.reopen": Verb(
                    _("reopened it"),
                    _("%(number)s was reopened"),
                    holder,
                    is_public=True,
                    is_important=True,
                ),
                "incident.cancel": Verb(
                    _("cancelled it"), _("%(number)s was cancelled"), requester, is_public=True
                ),
            }
        )
