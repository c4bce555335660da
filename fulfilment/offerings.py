"""The verbs of orderable entries: drafted, published in versions, away for a while, withdrawn.

Each is one transaction on the locked row. Mistakes come back as ValidationError keyed by field, refusals as
access.Denied or :class:`Stale`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, Team, User
from catalog.models import Service
from catalog.offer import Text
from fulfilment.blueprint import CONTACT, NAMED, TEAM_LEAD, Blueprint
from fulfilment.models import Offering, OfferingVersion
from records.services import refuse

PROBLEMS = {
    "no_name": gettext_lazy("The entry has no name."),
    "no_words": gettext_lazy("Say what the entry is, in words for customers."),
    "twice": gettext_lazy("Two fields have the same short name “%(field)s”."),
    "no_label": gettext_lazy("The field “%(field)s” has no label."),
    "no_choices": gettext_lazy("The field “%(field)s” offers nothing to choose from."),
    "bad_pattern": gettext_lazy("The pattern of “%(field)s” cannot be used."),
    "bad_range": gettext_lazy("The least of “%(field)s” is above the most."),
    "bad_condition": gettext_lazy("“%(field)s” depends on an answer that no earlier field can give."),
    "nobody_asked": gettext_lazy("An approval stage asks nobody."),
}


class Stale(Exception):
    """Somebody has changed the entry since the writer read it."""

    def __init__(self, offering: Offering) -> None:
        super().__init__(f"{offering.code} is at version {offering.version} by now")
        self.offering = offering


@transaction.atomic
def create(*, code: str, name: Text, service: Service, kind: str, actor: Actor, now: datetime) -> Offering:
    """Begin an entry: a draft that nobody can order by before a version of it was published."""
    access.require(actor, "design_offerings")
    if Offering.objects.filter(code=code).exists():
        raise refuse("code", _("There is an entry with this code already."))
    try:
        with transaction.atomic():
            return Offering.objects.create(
                code=code, name_en=name.en, name_zh=name.zh, service=service, kind=kind,
                draft=Blueprint(name=name).dump(),
            )  # fmt: skip
    except IntegrityError:
        raise refuse("code", _("There is an entry with this code already.")) from None


def _begin(offering: Offering, actor: Actor, expected: int | None) -> Offering:
    access.require(actor, "design_offerings")
    current = Offering.objects.select_for_update(of=("self",), no_key=True).get(pk=offering.pk)
    if expected is not None and expected != current.version:
        raise Stale(current)
    if current.withdrawn_at is not None:
        raise refuse("offering", _("This entry was withdrawn."))
    return current


def _end(current: Offering, fields: Sequence[str]) -> Offering:
    current.version += 1
    current.save(update_fields=[*fields, "version"])
    return current


@transaction.atomic
def redraft(
    offering: Offering,
    change: Callable[[Blueprint], Blueprint],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Offering:
    """Change the draft; customers see nothing of it before it is published."""
    current = _begin(offering, actor, expected_version)
    current.draft = change(current.drafted).dump()
    return _end(current, ["draft"])


@transaction.atomic
def settle(
    offering: Offering,
    *,
    service: Service,
    kind: str,
    audience: str,
    organisations: Sequence[Organisation],
    for_contacts_only: bool,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Offering:
    """Change to which service it belongs and to whom it is offered; at once, without a new version."""
    current = _begin(offering, actor, expected_version)
    if audience == Offering.Audience.NAMED and not organisations:
        raise refuse("organisations", _("Name at least one customer."), "required")
    current.service, current.kind, current.audience = service, kind, audience
    current.for_contacts_only = for_contacts_only
    current.organisations.set(organisations if audience == Offering.Audience.NAMED else [])
    return _end(current, ["service", "kind", "audience", "for_contacts_only"])


def hindrances(offering: Offering) -> list[str]:
    """What keeps the draft from being published, as sentences."""
    draft = offering.drafted
    found = [str(PROBLEMS[code]) % {"field": key} for code, key in draft.problems()]
    if draft.team and not Team.objects.filter(code=draft.team, is_active=True).exists():
        found.append(_("The team of the entry is not there any more."))
    found += _unknown_parties(draft)
    asked = {party.kind for stage in draft.stages for party in stage.parties}
    if offering.kind == Offering.Kind.CHANGE and CONTACT not in asked:
        found.append(
            _("A data or permission change needs an approval stage that asks the customer's contact.")
        )
    if offering.kind == Offering.Kind.ACCESS and not draft.stages:
        found.append(_("An access request needs an approval stage: somebody authorises the access."))
    return found


def _unknown_parties(draft: Blueprint) -> list[str]:
    parties = [party for stage in draft.stages for party in stage.parties]
    teams = {p.code for p in parties if p.kind == TEAM_LEAD} | {t.team for t in draft.tasks if t.team}
    people = {p.code for p in parties if p.kind == NAMED}
    lost = teams - set(Team.objects.filter(code__in=teams, is_active=True).values_list("code", flat=True))
    gone = people - set(
        User.objects.filter(username__in=people, is_active=True).values_list("username", flat=True)
    )
    return [_("“%(name)s” is not there any more.") % {"name": name} for name in sorted(lost | gone)]


@transaction.atomic
def publish(
    offering: Offering,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> OfferingVersion:
    """Make the draft the present version, at once. Requests stay with the version they were ordered by."""
    current = _begin(offering, actor, expected_version)
    if against := hindrances(current):
        raise ValidationError({"draft": against})
    if not current.has_changes:
        raise refuse("draft", _("This says the same as the present version."))
    last = current.versions.order_by("-number").first()
    version = OfferingVersion.objects.create(
        offering=current, number=last.number + 1 if last else 1, content=current.draft,
        reason=reason.strip()[:500], created_by_id=actor.user_id, created_at=now,
    )  # fmt: skip
    draft = current.drafted
    current.present = version
    current.name_en, current.name_zh = draft.name.en or draft.name.zh, draft.name.zh
    current.description_en, current.description_zh = draft.what.en or draft.what.zh, draft.what.zh
    _end(current, ["present", "name_en", "name_zh", "description_en", "description_zh"])
    return version


@transaction.atomic
def make_unavailable(
    offering: Offering,
    *,
    words_en: str,
    words_zh: str,
    until: datetime | None,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Offering:
    """Stop orders for a while (REQ-18), with the reason and, where known, the expected return."""
    current = _begin(offering, actor, expected_version)
    words: dict[str, Any] = {"words_en": words_en.strip(), "words_zh": words_zh.strip()}
    if missing := [name for name, text in words.items() if not text]:
        raise ValidationError(
            {n: ValidationError(_("Say why, in both languages."), "required") for n in missing}
        )
    if until is not None and until <= now:
        raise refuse("until", _("The expected return must lie in the future."))
    current.unavailable_since, current.unavailable_until = current.unavailable_since or now, until
    current.unavailable_en, current.unavailable_zh = words["words_en"][:300], words["words_zh"][:300]
    return _end(current, ["unavailable_since", "unavailable_until", "unavailable_en", "unavailable_zh"])


@transaction.atomic
def make_available(
    offering: Offering, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Offering:
    """Take orders again."""
    current = _begin(offering, actor, expected_version)
    current.unavailable_since = current.unavailable_until = None
    current.unavailable_en = current.unavailable_zh = ""
    return _end(current, ["unavailable_since", "unavailable_until", "unavailable_en", "unavailable_zh"])


@transaction.atomic
def withdraw(
    offering: Offering, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Offering:
    """Take it out of the catalogue for good; requests ordered by it go on naming it."""
    current = _begin(offering, actor, expected_version)
    if not reason.strip():
        raise refuse("reason", _("Say why the entry is withdrawn."), "required")
    current.withdrawn_at, current.withdrawal_reason = now, reason.strip()[:500]
    return _end(current, ["withdrawn_at", "withdrawal_reason"])
