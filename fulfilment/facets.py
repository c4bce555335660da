"""What of a service request the queue shows in columns of its own."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from records import facets
from records.facets import Shown

if TYPE_CHECKING:
    from records.models import Record


def _ordered(record: "Record") -> str:
    request = getattr(record, "servicerequest", None)
    return str(request.offering) if request else ""


def _reopens(record: "Record") -> str:
    request = getattr(record, "servicerequest", None)
    return str(request.reopen_count or "") if request else ""


def register() -> None:
    facets.register(
        "fulfilment",
        columns=(
            Shown("offering", _("Offering"), _ordered, ("servicerequest", "servicerequest__offering")),
            Shown("reopens", _("Times reopened"), _reopens, ("servicerequest",)),
        ),
    )
