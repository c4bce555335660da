"""What of an incident narrows the queue, and what it shows there in columns of its own."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from incidents.models import ContactType, EventKind
from records import facets
from records.facets import Facet, Shown

if TYPE_CHECKING:
    from incidents.models import Incident
    from records.models import Record


def _of(say: "Callable[[Incident], object]") -> "Callable[[Record], str]":
    def words(record: "Record") -> str:
        incident = getattr(record, "incident", None)
        return str(say(incident) or "") if incident else ""

    return words


def register() -> None:
    facets.register(
        "incidents",
        facets=(
            Facet(
                "contact_type", _("Contact type"), "incident__contact_type", lambda: ContactType.choices
            ),
            Facet("event_kind", _("Kind of event"), "incident__event_kind", lambda: EventKind.choices),
            Facet("category", _("Category"), "incident__category"),
            Facet("site", _("Site"), "incident__site"),
        ),
        columns=(
            Shown(
                "contact_type", _("Contact type"), _of(lambda i: i.get_contact_type_display()), ("incident",)
            ),
            Shown("event_kind", _("Kind of event"), _of(lambda i: i.get_event_kind_display()), ("incident",)),
            Shown(
                "category",
                _("Category"),
                _of(lambda i: " / ".join(filter(None, (i.category, i.subcategory)))),
                ("incident",),
            ),
            Shown("site", _("Site"), _of(lambda i: i.site), ("incident",)),
            Shown(
                "parent", _("Parent"), _of(lambda i: i.parent and i.parent.number),
                ("incident", "incident__parent"),
            ),
            Shown("reopens", _("Times reopened"), _of(lambda i: i.reopen_count), ("incident",)),
        ),
    )  # fmt: skip
