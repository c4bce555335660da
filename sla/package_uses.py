"""What rests on a service package: nothing, for drafts copy it; and which drafts promise just the same."""

from django.apps import apps

from sla.models import ServicePackage
from sla.terms import Terms, TermsError


def drafts_like(package: ServicePackage) -> list[str]:
    """Numbers and names of editions in the making that promise exactly what the package does; two queries."""
    try:
        wanted = Terms.parse(package.terms)
    except TermsError:
        return []
    # editions stand above: known here by the name of their model only, as records are in Clock.record
    rows = apps.get_model("agreements", "Edition").objects.exclude(phase="done").select_related("agreement")
    return [
        f"{edition.number} {edition.agreement.name}"
        for edition in rows.order_by("pk")
        if _same(Terms.parse(edition.terms), wanted)
    ]


def _same(terms: Terms, wanted: Terms) -> bool:
    mine = (terms.calendar, terms.targets, terms.measures)
    return mine == (wanted.calendar, wanted.targets, wanted.measures)
