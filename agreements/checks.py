"""What must be true of an edition before it goes on: one function per rule, each with its own words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agreements import data_sources, layering
from agreements.models import Edition
from agreements.terms_words import sections
from records.services import refuse
from sla import editions, layers
from sla.models import Agreement, AgreementVersion
from sla.naming import Names
from sla.terms import MeasureTerm, TargetTerm, Terms, TermsError
from sla.terms_rows import terms_of
from sla.underpin import Circular, Verdict
from sla.underpinning import Supporting, calendars_at, prove, prove_version
from sla.underpinning_views import circle_words

UNPROVED = ("looser", "unknown")


def terms(given: object) -> Terms:
    """The terms as a value; ValidationError on ``terms`` naming the field inside."""
    try:
        return Terms.parse(given)
    except TermsError as refused:
        raise refuse("terms", f"{refused.field}: {refused.detail}", refused.code) from None


def codes(found: Terms, *, before: Terms | None = None) -> None:
    """Every code in the terms names something. What stood ``before`` is let through: it is not this change's.

    ValidationError keyed "terms.<field inside>".
    """
    unknown = editions.unknown_codes(found)
    if unknown and before is not None:
        old = set(editions.unknown_codes(before).values())
        unknown = {field: code for field, code in unknown.items() if code not in old}
    if unknown:
        raise ValidationError({f"terms.{at}": editions.unknown_words(code) for at, code in unknown.items()})


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
    recovery: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(
            self.sections or self.is_without_promise or self.services or self.unclear or self.recovery
        )


def gaps(found: Terms, *, is_customers: bool) -> Gaps:
    """Sections empty (of an SLA), services without a target, targets without a measuring method.

    Of key services also those without a recovery time of their own (SLM-50).
    """
    general = any(term.service is None for term in found.promises)
    named = {term.service for term in found.promises}
    return Gaps(
        sections=found.missing_sections if is_customers else (),
        is_without_promise=not found.promises,
        services=tuple(code for code in found.services if not general and code not in named),
        # what is inherited was made clear, or not, where it comes from
        unclear=tuple(t.key for t in found.promises if t.key not in found.inherited and not _is_clear(t)),
        recovery=layers.without_recovery(found),
    )


def complete(found: Terms, *, is_customers: bool, at: datetime) -> None:
    """Every section filled or not applicable with a reason (of an SLA), every target unambiguous.

    Key services are promised no less than the others, by the calendars in force ``at`` its beginning.
    """
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
    if missing.recovery:
        words = _("These key services have no recovery time of their own: %(services)s.")
        errors.append(words % {"services": ", ".join(map(names.service, missing.recovery))})
    if found.key_services and (keys := layers.looser_keys(found, calendars_at(at), begin=at)):
        words = _("Key services may not be promised less than the others: %(targets)s.")
        errors.append(words % {"targets": names.keys(keys)})
    if errors:
        raise ValidationError({"terms": errors})


def _is_clear(term: TargetTerm | MeasureTerm) -> bool:
    return bool(term.method.en.strip() or term.method.zh.strip())


def unproved(edition: Edition) -> dict[str, str]:
    """What stands against putting an edition in force (5.1.1): "looser", "unknown" or "unmeasured" by target.

    A target of its own is named by its key. Of an OLA or UC also the targets of agreements with customers
    that it would leave carried by less than now, as "code#key". "unknown": there is nothing to prove it with,
    such as an agreement that is not in force then. "unmeasured": the data source of a promise to a customer
    has delivered nothing so far (SLM-33).
    """
    found = layering.of(edition).terms
    code, at = edition.agreement.code, edition.effective_from
    try:
        own = {v.key: v.state for v in prove(found, at=at, agreement=code) if v.state in UNPROVED}
        if edition.agreement.kind != Agreement.Kind.SLA:
            return own | _loosened(edition, found)
        new = [term for term in found.promises if term.key not in found.inherited]
        return dict.fromkeys(data_sources.silent(new), "unmeasured") | own
    except Circular as circle:
        raise refuse("underpinning", circle_words(circle, Names.load())) from None


def _loosened(edition: Edition, terms: Terms) -> dict[str, str]:
    """The targets of SLAs in force that would be carried by less if this OLA or UC were in force."""
    agreement, at = edition.agreement, edition.effective_from
    version = AgreementVersion(
        agreement=agreement, effective_from=at, effective_until=edition.effective_until
    )  # not saved: as it would be
    instead = {agreement.code: Supporting(version, terms)}
    found: dict[str, str] = {}
    for sla in _resting_on(agreement, at):
        before = {v.key: v for v in prove_version(sla, at=at)}
        mine = {term.key for term in terms_of(sla).promises if _names(term, agreement.code)}
        for after in prove_version(sla, at=at, instead=instead):
            if after.key in mine and after.state in UNPROVED and _is_worse(after, before[after.key]):
                found[f"{sla.agreement.code}#{after.key}"] = after.state
    return found


def _resting_on(agreement: Agreement, at: datetime) -> list[AgreementVersion]:
    """The versions of SLAs in force at ``at`` with a target that this OLA or UC carries."""
    newest = AgreementVersion.objects.filter(agreement__kind=Agreement.Kind.SLA).current(at)
    return [
        version
        for version in newest.select_related("agreement", "calendar")
        if any(_names(term, agreement.code) for term in terms_of(version).promises)
    ]


def _names(term: TargetTerm | MeasureTerm, code: str) -> bool:
    return any(support.agreement == code for support in term.underpinned_by)


def _is_worse(after: Verdict, before: Verdict) -> bool:
    """What was no better before is no reason against an amendment; its own decision stands."""
    if before.state != after.state:
        return True
    return after.slack is not None and before.slack is not None and after.slack < before.slack


def unproved_words(keys: Iterable[str]) -> str:
    """The keys of `unproved` by name."""
    names = Names.load()
    return ", ".join(unproved_name(key, names) for key in keys)


def unproved_name(key: str, names: Names) -> str:
    """ "Resolution · E-mail", or "Acme SLA: Resolution · E-mail" for a target of another agreement."""
    code, _hash, inner = key.rpartition("#")
    return f"{names.agreement(code)}: {names.key(inner)}" if code else names.key(inner)
