"""What must be true of an edition before it goes on: one function per rule, each with its own words."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agreements.models import Edition
from records.services import refuse
from sla.terms import MeasureTerm, TargetTerm, Terms, TermsError
from sla.underpin import Circular
from sla.underpinning import prove


def terms(given: object) -> Terms:
    """The terms as a value; ValidationError on ``terms`` naming the field inside."""
    try:
        return Terms.parse(given)
    except TermsError as refused:
        raise refuse("terms", f"{refused.field}: {refused.detail}", refused.code) from None


def span(begin: datetime, end: datetime | None) -> None:
    if end and end <= begin:
        raise refuse("effective_until", _("The end must lie after the beginning."))


def complete(found: Terms, *, is_customers: bool) -> None:
    """Every section filled or not applicable with a reason (of an SLA), every target unambiguous."""
    errors: list[str] = []
    if is_customers and (missing := found.missing_sections):
        words = _("These sections are empty; write them or say why they do not apply: %(sections)s.")
        errors.append(words % {"sections": ", ".join(missing)})
    if not found.promises:
        errors.append(_("There is no quantified target."))
    general = any(term.service is None for term in found.promises)
    named = {term.service for term in found.promises}
    if bare := [code for code in found.services if not general and code not in named]:
        words = _("These services have no quantified target: %(services)s.")
        errors.append(words % {"services": ", ".join(bare)})
    if unclear := [term.key for term in found.promises if not _is_clear(term)]:
        words = _("Say how these targets are measured: %(targets)s.")
        errors.append(words % {"targets": ", ".join(unclear)})
    if errors:
        raise ValidationError({"terms": errors})


def _is_clear(term: TargetTerm | MeasureTerm) -> bool:
    return bool(term.method.en.strip() or term.method.zh.strip())


def looser(edition: Edition) -> list[str]:
    """The targets of an edition behind which a looser promise stands, by the underpinning proof."""
    found = Terms.parse(edition.terms)
    try:
        verdicts = prove(found, at=edition.effective_from, agreement=edition.agreement.code)
    except Circular as circle:
        raise refuse("underpinning", str(circle)) from None
    return [verdict.key for verdict in verdicts if verdict.state == "looser"]
