"""How the demo's agreements came into force: reviewed, checked, agreed and signed, as anybody's would be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from accounts.access import Actor, Origin
from accounts.models import User
from agreements import services
from agreements.models import Countersignature, Edition
from sla.models import Agreement


@dataclass(frozen=True)
class Signed:
    """``at``: when it was entered and signed here; ``decided``: what is accepted though not carried."""

    effective_from: datetime
    at: datetime
    signer: tuple[str, str]  # of the customer: name and role
    effective_until: datetime | None = None
    signed_on: date | None = None
    note: str = ""
    decided: Mapping[str, str] = field(default_factory=dict)


def silent(users: Mapping[str, User], name: str) -> Actor:
    """A person whose acts tell nobody, for they lie in the past."""
    return users[name].actor.via(Origin.IMPORT)


def bring_into_force(
    users: Mapping[str, User], agreement: Agreement, terms: dict[str, Any], facts: Signed
) -> Edition:
    """From draft to force, by the service level manager, with the manager and the administrator."""
    slm, manager, at = silent(users, "slm"), silent(users, "manager"), facts.at
    edition = services.draft(
        agreement, terms=terms, effective_from=facts.effective_from, effective_until=facts.effective_until,
        actor=slm, now=at,
    )  # fmt: skip
    reviewers = [users["manager"], users["admin"]]
    edition = services.submit(edition, reviewers=reviewers, actor=slm, now=at)
    for person in reviewers:
        approved = Countersignature.Result.APPROVED
        actor = silent(users, person.username)
        services.countersign(edition, result=approved, comment="", actor=actor, now=at)
    edition = services.check_legality(edition, result=Edition.Legality.PASSED, note="", actor=manager, now=at)
    edition = services.offer(edition, actor=slm, now=at)
    edition = services.agree(edition, note=facts.note, actor=slm, now=at)
    for key, reason in facts.decided.items():
        services.excuse(edition, target_key=key, reason=reason, actor=manager, now=at)
    signed = facts.signed_on or timezone.localdate(at)
    for party, (name, role) in {
        "provider": ("周建国", "运维总监"), "counterparty": facts.signer
    }.items():  # fmt: skip
        services.sign(edition, party=party, person=name, role=role, signed_on=signed, actor=manager, now=at)
    return services.activate(edition, actor=slm, now=at)
