"""The verbs of the catalogue: from a draft through the committee to the customers, and out again.

Each is one transaction on the locked row of the service. Mistakes come back as ValidationError keyed by
field, refusals as access.Denied, :class:`NotNow` or :class:`Stale`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Team, User
from catalog import checks, standing
from catalog.models import (
    ReviewDecision,
    Service,
    ServiceDependency,
    ServiceFamily,
    ServiceReview,
    ServiceStep,
    ServiceVersion,
)
from catalog.offer import Offer

Act = ServiceStep.Act
RULES = {
    "edit": "catalogue_propose",
    "propose": "catalogue_propose",
    "take_back": "catalogue_propose",
    "decide": "catalogue_decide",
    "publish": "catalogue_publish",
    "unavailable": "catalogue_publish",
    "available": "catalogue_publish",
    "withdraw": "catalogue_withdraw",
}
"""The permission each act asks for, in accounts.access."""


@dataclass(frozen=True)
class Hindrance:
    """What speaks against a withdrawal: it forbids it, or has only to be known."""

    words: str
    forbids: bool


WithdrawalCheck = Callable[[Service, Actor, datetime], Sequence[Hindrance]]
WITHDRAWAL_CHECKS: list[WithdrawalCheck] = []
"""Asked before a withdrawal. Apps above register theirs in AppConfig.ready()."""


class NotNow(Exception):
    """The act does not fit the present state. ``legal``: what does."""

    def __init__(self, act: str, state: str, legal: tuple[str, ...]) -> None:
        super().__init__(f"{act} is not possible while {state}")
        self.act, self.state, self.legal = act, state, legal


class Stale(Exception):
    """Somebody has taken a step since the writer read the entry."""

    def __init__(self, service: Service) -> None:
        super().__init__(f"{service.code} is at version {service.version} by now")
        self.service = service


def legal_acts(service: Service) -> tuple[str, ...]:
    """What makes sense now."""
    under_review = service.withdrawn_at is None and service.is_under_review
    return standing.legal(service.state, is_under_review=under_review)


def available_acts(service: Service, actor: Actor) -> tuple[str, ...]:
    """What makes sense now and is permitted to this actor."""
    return tuple(act for act in legal_acts(service) if access.may(actor, RULES[act]))


def _begin(service: Service, act: str, actor: Actor, expected: int | None) -> Service:
    """As every act begins: permission, lock, version, state."""
    access.require(actor, RULES[act])
    current = Service.objects.select_for_update(of=("self",)).select_related("present").get(pk=service.pk)
    if expected is not None and expected != current.version:
        raise Stale(current)
    if act not in (legal := legal_acts(current)):
        raise NotNow(act, current.state, legal)
    return current


def _end(
    service: Service, act: ServiceStep.Act, fields: Sequence[str], actor: Actor, now: datetime, **facts: Any
) -> Service:
    """As every act ends: the row, and the step taken."""
    service.version += 1
    service.save(update_fields=[*fields, "version"])
    ServiceStep.objects.create(service=service, act=act, actor_id=actor.user_id, at=now, **facts)
    return service


@transaction.atomic
def create(
    *,
    code: str,
    name_en: str,
    name_zh: str,
    family: ServiceFamily,
    portfolio_class: str,
    owner: User | None,
    support_team: Team | None,
    second_line_team: Team | None,
    actor: Actor,
    now: datetime,
) -> Service:
    """Begin an entry: a draft that nobody outside sees before a version of it was published."""
    access.require(actor, "catalogue_propose")
    checks.new(code, name_en, name_zh)
    service = Service.objects.create(
        code=code, name_en=name_en.strip(), name_zh=name_zh.strip(), family=family,
        portfolio_class=checks.portfolio_class(portfolio_class), owner=owner, support_team=support_team,
        second_line_team=second_line_team, is_published=False,
    )  # fmt: skip
    ServiceStep.objects.create(service=service, act=Act.CREATED, actor_id=actor.user_id, at=now)
    return service


@transaction.atomic
def edit(
    service: Service,
    *,
    family: ServiceFamily | None,
    portfolio_class: str,
    owner: User | None,
    support_team: Team | None,
    second_line_team: Team | None,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Service:
    """Change how the entry is classified and who stands behind it; not what it says, which is reviewed."""
    current = _begin(service, "edit", actor, expected_version)
    wanted = {
        "family": family,
        "portfolio_class": checks.portfolio_class(portfolio_class),
        "owner": owner,
        "support_team": support_team,
        "second_line_team": second_line_team,
    }
    changed = [name for name, value in wanted.items() if getattr(current, name) != value]
    for name in changed:
        setattr(current, name, wanted[name])
    if not changed:
        return current
    return _end(current, Act.EDITED, changed, actor, now)


@transaction.atomic
def propose(
    service: Service,
    offer: object,
    *,
    members: Sequence[User],
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> ServiceReview:
    """Put a version before the committee (REQ-07): an Offer or its JSON form, and who is asked to decide."""
    current = _begin(service, "propose", actor, expected_version)
    proposed = checks.offer(offer)
    checks.complete(proposed)
    checks.known(current, proposed)
    if current.present is not None:
        if not reason.strip():
            raise checks.refuse("reason", _("Say why the entry is changed."), "required")
        if Offer.parse(current.present.offer) == proposed:
            raise checks.refuse("offer", _("This says the same as the present version."))
    asked = checks.committee(members, author=actor)
    review = ServiceReview.objects.create(
        service=current,
        offer=proposed.dump(),
        reason=reason.strip(),
        author_id=actor.user_id,
        proposed_at=now,
    )
    ReviewDecision.objects.bulk_create(ReviewDecision(review=review, member=person) for person in asked)
    _end(current, Act.PROPOSED, [], actor, now, words=reason.strip())
    return review


def _open(review: ServiceReview, act: str, actor: Actor, expected: int | None = None) -> ServiceReview:
    """The review with its service locked; refused when it has ended."""
    service = _begin(review.service, act, actor, expected)
    current = ServiceReview.objects.get(pk=review.pk)
    if current.state != ServiceReview.State.OPEN:
        raise NotNow(act, service.state, legal_acts(service))
    current.service = service
    return current


def _close(review: ServiceReview, state: ServiceReview.State, now: datetime) -> None:
    review.state, review.ended_at = state, now
    review.save(update_fields=["state", "ended_at"])


@transaction.atomic
def decide(
    review: ServiceReview,
    *,
    result: str,
    comment: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> ReviewDecision:
    """A committee member's answer, never the author's. One objection, with its reason, ends the review."""
    current = _open(review, "decide", actor, expected_version)
    if result not in ReviewDecision.Result.values:
        raise checks.refuse("result", _("Approve or object."), "required")
    if result == ReviewDecision.Result.OBJECTED and not comment.strip():
        raise checks.refuse("comment", _("Say what you object to."), "required")
    if actor.user_id == current.author_id:
        raise checks.refuse("actor", _("The author cannot do this; a second person must."))
    mine = current.decisions.filter(member=actor.user_id).first()
    if mine is None:
        raise checks.refuse("actor", _("You were not asked to decide on this proposal."))
    mine.result, mine.comment, mine.decided_at = result, comment.strip(), now
    mine.save(update_fields=["result", "comment", "decided_at"])
    approved = result == ReviewDecision.Result.APPROVED
    if not approved:
        _close(current, ServiceReview.State.REFUSED, now)
    act = Act.APPROVED if approved else Act.OBJECTED
    _end(current.service, act, [], actor, now, words=mine.comment)
    return mine


@transaction.atomic
def take_back(
    review: ServiceReview, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> ServiceReview:
    """End a review without a decision, with a reason."""
    current = _open(review, "take_back", actor, expected_version)
    if not reason.strip():
        raise checks.refuse("reason", _("Say why the proposal is taken back."), "required")
    _close(current, ServiceReview.State.TAKEN_BACK, now)
    _end(current.service, Act.TAKEN_BACK, [], actor, now, words=reason.strip())
    return current


@transaction.atomic
def publish(
    review: ServiceReview, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> ServiceVersion:
    """Make an approved proposal the present version, at once. All who were asked must have approved."""
    with connection.cursor() as cursor:  # two at once could close a circle that neither sees
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('catalogue'))")
    current = _open(review, "publish", actor, expected_version)
    decisions = list(current.decisions.select_related("member"))
    missing = [d.member.name for d in decisions if d.result != ReviewDecision.Result.APPROVED]
    if missing or not decisions:
        message = _("Not yet approved by %(people)s.")
        raise checks.refuse("members", message % {"people": ", ".join(missing) or "–"})
    offer = Offer.parse(current.offer)
    checks.known(current.service, offer)
    _close(current, ServiceReview.State.PUBLISHED, now)
    return adopt(current.service, offer, review=current, reason=current.reason, actor=actor, now=now)


def adopt(
    service: Service, offer: Offer, *, review: ServiceReview | None, reason: str, actor: Actor, now: datetime
) -> ServiceVersion:
    """Write the next version and what follows from it. Without a review only for the start catalogue."""
    last = service.versions.order_by("-number").first()
    version = ServiceVersion.objects.create(
        service=service, number=last.number + 1 if last else 1, effective_from=now, offer=offer.dump(),
        reason=reason, review=review, created_by_id=actor.user_id, created_at=now,
    )  # fmt: skip
    service.present, service.is_published = version, True
    service.name_en, service.name_zh = offer.name.en or offer.name.zh, offer.name.zh
    service.description_en, service.description_zh = offer.customer.what.en, offer.customer.what.zh
    ServiceDependency.objects.filter(service=service).delete()
    codes = offer.provider.depends_on
    ServiceDependency.objects.bulk_create(
        [ServiceDependency(service=service, rests_on=row) for row in Service.objects.filter(code__in=codes)]
        + [
            ServiceDependency(service=service, component_en=component.en, component_zh=component.zh)
            for component in offer.provider.components
        ]
    )
    fields = ["present", "is_published", "name_en", "name_zh", "description_en", "description_zh"]
    _end(service, Act.PUBLISHED, fields, actor, now, words=reason, number=version.number)
    return version


@transaction.atomic
def make_unavailable(
    service: Service,
    *,
    words_en: str,
    words_zh: str,
    until: datetime | None,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Service:
    """Stop orders for a while (REQ-18), with the reason and, where known, the expected return."""
    current = _begin(service, "unavailable", actor, expected_version)
    words = {"words_en": words_en.strip(), "words_zh": words_zh.strip()}
    if missing := [name for name, text in words.items() if not text]:
        raise ValidationError(
            {n: ValidationError(_("Say why, in both languages."), "required") for n in missing}
        )
    if until is not None and until <= now:
        raise checks.refuse("until", _("The expected return must lie in the future."))
    current.unavailable_since, current.unavailable_until = now, until
    current.unavailable_en, current.unavailable_zh = words["words_en"][:300], words["words_zh"][:300]
    fields = ["unavailable_since", "unavailable_until", "unavailable_en", "unavailable_zh"]
    return _end(current, Act.UNAVAILABLE, fields, actor, now, words=current.unavailable_words)


@transaction.atomic
def make_available(
    service: Service, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Service:
    """Take orders again."""
    current = _begin(service, "available", actor, expected_version)
    return _end(current, Act.AVAILABLE, _cleared(current), actor, now)


def _cleared(service: Service) -> list[str]:
    service.unavailable_since = service.unavailable_until = None
    service.unavailable_en = service.unavailable_zh = ""
    return ["unavailable_since", "unavailable_until", "unavailable_en", "unavailable_zh"]


def hindrances(service: Service, actor: Actor, now: datetime) -> list[Hindrance]:
    """What speaks against withdrawing it now: services that rest on it, and what the apps above know.

    In words that the actor may read.
    """
    dependents = Service.objects.published().filter(dependencies__rests_on=service)
    message = _("%(service)s rests on it.")
    found = [Hindrance(message % {"service": row.name}, forbids=True) for row in dependents]
    return found + [one for check in WITHDRAWAL_CHECKS for one in check(service, actor, now)]


@transaction.atomic
def withdraw(
    service: Service, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Service:
    """Take it out of the catalogue for good; old tickets and agreements go on naming it (REQ-06)."""
    current = _begin(service, "withdraw", actor, expected_version)
    if not reason.strip():
        raise checks.refuse("reason", _("Say why the service is withdrawn."), "required")
    if against := [one.words for one in hindrances(current, actor, now) if one.forbids]:
        raise ValidationError({"service": [ValidationError(words, "in_use") for words in against]})
    for review in current.reviews.filter(state=ServiceReview.State.OPEN):
        _close(review, ServiceReview.State.TAKEN_BACK, now)
    ServiceDependency.objects.filter(service=current).delete()
    current.is_published, current.withdrawn_at = False, now
    current.withdrawal_reason = reason.strip()[:500]
    fields = ["is_published", "withdrawn_at", "withdrawal_reason", *_cleared(current)]
    return _end(current, Act.WITHDRAWN, fields, actor, now, words=reason.strip())
