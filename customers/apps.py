from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "customers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from customers import facets, lifecycle, models, panels
        from customers.exporting import SOURCES
        from customers.verbs import VERBS
        from exports import sources
        from records import kinds, verbs

        kinds.register(
            kinds.Process(
                kind=kinds.Kind.COMPLAINT,
                model=models.Complaint,
                lifecycle=lifecycle.COMPLAINT,
                labels=models.State,
                detail_url="customers:complaint",
                customer_url="customers:feedback",
                is_ticket=False,
                # the customer's contact sees what colleagues said; who said it follows it
                shown_to={"customer_manager": lifecycle.COMPLAINT.states()},
                moves={
                    "acknowledge": _("Acknowledge"),
                    "answer": _("Answer"),
                    "handle": _("Say what was done"),
                    "close": _("Close"),
                    "reopen": _("Take up again"),
                    "retract": _("Take back"),
                },
            )
        )
        kinds.register(
            kinds.Process(
                kind=kinds.Kind.SURVEY,
                model=models.Survey,
                lifecycle=lifecycle.SURVEY,
                labels=models.SurveyState,
                detail_url="customers:survey",
                customer_url="customers:own-survey",
                is_ticket=False,
                moves={"begin": _("Begin to ask"), "conclude": _("Close"), "withdraw": _("Withdraw")},
            )
        )
        verbs.register(VERBS)
        panels.register()
        facets.register()
        sources.register(*SOURCES)
