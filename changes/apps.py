from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChangesConfig(AppConfig):
    name = "changes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from changes import item_panel, lifecycle, models, waiting
        from changes.exporting import SOURCES
        from changes.verbs import VERBS
        from exports import sources
        from records import kinds, reminders, verbs

        kinds.register(
            kinds.Process(
                kind=kinds.Kind.CHANGE,
                model=models.Change,
                lifecycle=lifecycle.LIFECYCLE,
                way_of=lambda change: lifecycle.WAYS[change.category],
                ways=tuple(lifecycle.WAYS.values()),
                labels=models.State,
                detail_url="changes:detail",
                is_ticket=False,
                moves={
                    "take_standard": _("Take the approved plan"),
                    "submit_change": _("Submit"),
                    "accept_change": _("Accept"),
                    "return_change": _("Return"),
                    "put_up_change": _("Put up for approval"),
                    "approve_change": _("Approve"),
                    "authorise_change": _("Authorise"),
                    "refuse_change": _("Reject"),
                    "reapprove_change": _("Approve anew"),
                    "reauthorise_change": _("Authorise anew"),
                    "begin_change": _("Begin the implementation"),
                    "complete_change": _("End the implementation"),
                    "verify_change": _("Verify"),
                    "close_change": _("Close"),
                    "cancel_change": _("Cancel"),
                },
                editable=frozenset({
                    "title", "description", "reason", "expected_effect", "wanted_on", "amount", "nature",
                    "category", "is_major", "agreement", "plan", "backout_plan", "test_plan",
                    "planned_start_at", "planned_end_at", "outage_from", "outage_until",
                }),
            )
        )  # fmt: skip
        verbs.register(VERBS)
        item_panel.register_panel()
        reminders.register("changes", waiting.remind)
        sources.register(*SOURCES)
