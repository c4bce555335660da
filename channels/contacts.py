"""The mailboxes as a way to reach the desk."""

from django.utils.translation import gettext as _

from channels.models import Mailbox
from records.contacts import Way


def ways() -> list[Way]:
    """The addresses that are read."""
    rows = Mailbox.objects.filter(is_active=True).order_by("address")
    return [Way(_("E-mail"), row.address, f"mailto:{row.address}", "mail") for row in rows]
