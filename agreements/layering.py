"""Layers of agreements with a customer: the organisation, its units, single services (SLM-09).

A lower agreement names the one above it, and whom it is for: people (a unit) or services in its scope. When
it is put in force, what it does not state itself is taken from the version above that is in force then, and
signed with it (`sla.layers`). A later version above asks for a follow-up on each lower one.
"""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import Organisation
from agreements.models import Edition, Ending
from records.services import refuse
from sla import layers
from sla.models import Agreement, AgreementVersion
from sla.terms import Terms
from sla.terms_rows import terms_of
from sla.underpinning import calendars_at


@dataclass(frozen=True)
class Layer:
    """An edition in its layer: all that applies, and the version above it (None: nothing is above)."""

    terms: Terms
    above: AgreementVersion | None


def of(edition: Edition) -> Layer:
    """The terms of an edition with what it inherits: as signed, or as it would be from its beginning on."""
    agreement = edition.agreement
    if edition.signed_version:
        return Layer(terms_of(edition.signed_version), _above(edition))
    own, above = Terms.parse(edition.terms), _above(edition)
    if above is None or agreement.parent is None:
        return Layer(own, None)
    return Layer(layers.merge(terms_of(above), own, source=agreement.parent.code), above)


def _above(edition: Edition) -> AgreementVersion | None:
    parent = edition.agreement.parent_id
    if parent is None:
        return None
    at = edition.effective_from
    rows = AgreementVersion.objects.filter(agreement=parent).current(at)
    return rows.select_related("agreement", "calendar").first()


def check(edition: Edition) -> None:
    """A customer has one agreement of its own at a time; a lower edition says whom it is for, and stands
    below something that is in force. To be called in a transaction.
    """
    agreement = edition.agreement
    if agreement.parent is None:
        _check_alone(edition)
        return
    if not Terms.parse(edition.terms).services and not agreement.people.exists():
        words = _("Say whom this lower agreement is for: choose services in scope, or name its people.")
        raise refuse("terms", words)
    if _above(edition) is None:
        message = _("%(name)s, the agreement above, is not in force at its beginning.")
        raise refuse("effective_from", message % {"name": agreement.parent.name})


def _check_alone(edition: Edition) -> None:
    """Two agreements of one customer at the same time would leave open which one a ticket is measured by."""
    agreement, begin, end = edition.agreement, edition.effective_from, edition.effective_until
    if agreement.kind != Agreement.Kind.SLA or agreement.customer_id is None:
        return
    # one activation of a customer's agreements at a time
    Organisation.objects.select_for_update(no_key=True).get(pk=agreement.customer_id)
    others = AgreementVersion.objects.filter(
        Q(effective_until=None) | Q(effective_until__gt=begin),
        Q(agreement__ended_at=None) | Q(agreement__ended_at__gt=begin),
        agreement__kind=Agreement.Kind.SLA, agreement__customer=agreement.customer_id,
        agreement__parent=None,
    ).exclude(agreement=agreement)  # fmt: skip
    leaving = Ending.objects.filter(agreement=OuterRef("agreement"), called_off_at=None, ends_at__lte=begin)
    others = others.filter(~Exists(leaving))
    if end:
        others = others.filter(effective_from__lt=end)
    if other := others.select_related("agreement").order_by("effective_from").first():
        message = _(
            "%(name)s is in force for this customer at the same time; end it first, let this one begin "
            "later, or place it below that one."
        )
        raise refuse("effective_from", message % {"name": other.agreement.name})


def looser(edition: Edition) -> tuple[str, ...]:
    """The targets that promise less than the layer above: a warning, not a refusal (5.1.1, 7)."""
    above = _above(edition)
    if above is None:
        return ()
    begin = edition.effective_from
    return layers.looser(Terms.parse(edition.terms), terms_of(above), calendars_at(begin), begin=begin)


def below(agreement: Agreement) -> list[Agreement]:
    """The lower agreements that inherit from it and have no end."""
    return list(agreement.children.filter(ended_at=None).order_by("code"))
