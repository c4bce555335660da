"""The hotlines as a way to reach the desk."""

from django.utils.translation import gettext as _

from calls.models import Hotline
from records.contacts import Way


def ways() -> list[Way]:
    """The hotlines in use, by name."""
    return [
        Way(_("Telephone"), row.number, f"tel:{row.number.replace(' ', '')}", "phone", row.name)
        for row in Hotline.objects.filter(is_active=True)
    ]
