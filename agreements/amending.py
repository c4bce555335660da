"""Who else takes part when an agreement that binds is amended, such as change management (CHG-12).

Agreements know no changes: processes are strangers. Whoever governs amendments registers itself here from
its ``AppConfig.ready()`` and is called within the transaction of the verb; what it raises stops the verb.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from accounts.access import Actor
from agreements.models import Edition
from sla.models import Agreement

Told = Callable[..., None]
"""Called with (edition, *, actor: Actor, now: datetime)."""


@dataclass(frozen=True)
class Governor:
    """What one who governs amendments wants to know of.

    ``submitted``: a draft was closed for review; its words are known. ``before_force``: it is about to bind;
    raise ValidationError to refuse. ``in_force``: it was put in force. ``given_up``: it was withdrawn.
    """

    name: str
    submitted: Told
    before_force: Told
    in_force: Told
    given_up: Told


_GOVERNORS: dict[str, Governor] = {}


def register(governor: Governor) -> None:
    """Make one known. Safe to repeat."""
    _GOVERNORS[governor.name] = governor


def tell(what: str, edition: Edition, *, actor: Actor, now: datetime) -> None:
    """Tell all who govern of an amendment; the first that binds, or one with the same words, is none."""
    if _GOVERNORS and is_amendment(edition):
        for governor in _GOVERNORS.values():
            getattr(governor, what)(edition, actor=actor, now=now)


def is_amendment(edition: Edition) -> bool:
    """Whether the edition says something else than what the customer was last promised."""
    if edition.agreement.kind != Agreement.Kind.SLA or edition.edition_number == 1:
        return False
    before = last_signed(edition)
    return before is not None and before.terms != edition.terms


def last_signed(edition: Edition) -> Edition | None:
    """The edition before it that was put in force."""
    rows = Edition.objects.filter(
        agreement=edition.agreement, signed_version__isnull=False, edition_number__lt=edition.edition_number
    )
    found: Edition | None = rows.order_by("-edition_number").first()
    return found
