from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    name = "channels"
    verbose_name = _("E-mail")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from channels import contacts, email
        from channels.models import MailMessage
        from channels.verbs import VERBS
        from channels.writing import MAIL
        from records import contacts as all_contacts
        from records import files, timeline, verbs
        from records.delivery import register_transport

        register_transport("email", email.send)
        all_contacts.register("2-mail", contacts.ways)
        verbs.register(VERBS)
        files.keep(MailMessage)
        timeline.register_source(MAIL, timeline.Source(_("by e-mail"), "channels:message"))
