from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KnowledgeConfig(AppConfig):
    name = "knowledge"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from exports import sources
        from knowledge import lifecycle, models, panel
        from knowledge.exporting import SOURCES
        from knowledge.verbs import VERBS
        from records import kinds, panels, verbs

        kinds.register(
            kinds.Process(
                kind=kinds.Kind.ARTICLE,
                model=models.Article,
                lifecycle=lifecycle.LIFECYCLE,
                labels=models.ArticleState,
                detail_url="knowledge:detail",
                customer_url="knowledge:portal-article",
                is_ticket=False,
                moves={
                    "send_draft": _("Send to review"),
                    "send_revision": _("Send the revision to review"),
                    "return_draft": _("Send back"),
                    "return_revision": _("Send the revision back"),
                    "publish_article": _("Approve and publish"),
                    "begin_revision": _("Revise"),
                    "drop_revision": _("Drop the revision"),
                    "retire": _("Retire"),
                },
            )
        )
        verbs.register(VERBS)
        panels.register(panel.PANEL)
        sources.register(*SOURCES)
