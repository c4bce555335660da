"""What must be true of an edition before it goes on: one function per rule, each with its own words."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agreements.models import Edition
from agreements.terms_words import sections
from records.services import refuse
from sla.naming import Names
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


@dataclass(frozen=True)
class Gaps:
    """What a draft still lacks before it can be submitted, by code and key."""

    sections: tuple[str, ...] = ()
    is_without_promise: bool = False
    services: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sections or self.is_without_promise or self.services or self.unclear)


def gaps(found: Terms, *, is_customers: bool) -> Gaps:
    """Sections empty (of an SLA), services without a target, targets without a measuring method."""
    general = any(term.service is None for term in found.promises)
    named = {term.service for term in found.promises}
    return Gaps(
        sections=found.missing_sections if is_customers else (),
        is_without_promise=not found.promises,
        services=tuple(code for code in found.services if not general and code not in named),
        unclear=tuple(term.key for term in found.promises if not _is_clear(term)),
    )


def complete(found: Terms, *, is_customers: bool) -> None:
    """Every section filled or not applicable with a reason (of an SLA), every target unambiguous."""
    missing, names = gaps(found, is_customers=is_customers), Names.load()
    errors: list[str] = []
    if missing.sections:
        words = _("These sections are empty; write them or say why they do not apply: %(sections)s.")
        errors.append(words % {"sections": sections(missing.sections)})
    if missing.is_without_promise:
        errors.append(_("There is no quantified target."))
    if missing.services:
        words = _("These services have no quantified target: %(services)s.")
        errors.append(words % {"services": ", ".join(map(names.service, missing.services))})
    if missing.unclear:
        words = _("Say how these targets are measured: %(targets)s.")
        errors.append(words % {"targets": names.keys(missing.unclear)})
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
