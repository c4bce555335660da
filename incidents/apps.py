from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IncidentsConfig(AppConfig):
    name = "incidents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from incidents import changes, facets, models, panels, passing, services, supplying
        from incidents.lifecycle import LIFECYCLE
        from incidents.verbs import VERBS
        from records import kinds, verbs

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
                        "event_kind",
                        "occurred_at",
                        "restored_at",
                        "user_notified_at",
                    ]
                ),
                resumed_by_reply=frozenset({models.WaitingFor.CUSTOMER.value}),
                reached=services.reached,
                supplier_of=supplying.supplier_of,
                on_breach=passing.escalate_on_breach,
            )
        )
        verbs.register(VERBS)
        panels.register_all()
        facets.register()
        changes.register_all()
