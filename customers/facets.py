"""What we know of a customer that narrows the desk's queue: its grade."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from customers.models import Grade
from records import facets
from records.facets import Facet, Shown

if TYPE_CHECKING:
    from records.models import Record


def _grade(record: "Record") -> str:
    profile = getattr(record.customer, "profile", None)
    return profile.grade if profile else ""


def register() -> None:
    facets.register(
        "customers",
        facets=(Facet("grade", _("Customer's grade"), "customer__profile__grade", lambda: Grade.choices),),
        columns=(Shown("grade", _("Customer's grade"), _grade, ("customer", "customer__profile")),),
    )
