"""The verbs of a service level requirement: raised, defined, its baseline fixed, changed, declined.

Each is one transaction on the record; mistakes come back as ValidationError keyed by field, refusals as
access.Denied, IllegalMove or Stale. The design of the service (specification sheet, quality plan, check of
the planning document) is in planning.designs, what leads to an agreement in planning.agreeing.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, Team, User
from actions.services import check_responsible
from catalog.models import Service
from planning import content as whole
from planning import lifecycle, words
from planning.content import Content, ContentError
from planning.models import Baseline, Input, RequirementChange, ServiceLevelRequirement
from records import files
from records import log as records_log
from records.files import Upload
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.models import Activity, Attachment, Priority, Watch
from records.services import begin, comment, move, open_record, refuse, save, store_files
from sla.models import Agreement, Calendar
from sla.reading import Refused
from sla.terms import Text

CHINESE = re.compile(r"[一-鿿]")


def raise_need(
    *,
    title: str,
    expectation: str,
    actor: Actor,
    now: datetime,
    customer: Organisation,
    trigger: str = ServiceLevelRequirement.Trigger.NEED,
    title_zh: str = "",
    wished_hours: str = "",
    why: str = "",
    service: Service | None = None,
    agreement: Agreement | None = None,
    contact: User | None = None,
    attachments: Sequence[Upload] = (),
) -> ServiceLevelRequirement:
    """Raise a need: the customer's project manager in the portal, or the provider (SLM-02, 49).

    ``contact`` is a person of the customer who follows it in the portal and is told what comes of it.
    """
    access.require(actor, "raise_need")
    _check_need(title, expectation, trigger, customer, agreement, contact)
    requester = User.objects.get(pk=actor.user_id)
    begun = Content(
        expectation=_in_its_language(expectation), hours=_in_its_language(wished_hours),
        services=(service.code,) if service else (),
    )  # fmt: skip
    with transaction.atomic():
        made: ServiceLevelRequirement = open_record(
            ServiceLevelRequirement, Kind.REQUIREMENT, actor=actor, now=now, customer=customer,
            requester=requester, follower=contact, attachments=attachments, priority=Priority.MODERATE,
            title=title.strip()[:200], title_zh=title_zh.strip()[:200], description=expectation.strip(),
            trigger=trigger, wished_hours=wished_hours.strip(), why=why.strip(), service=service,
            agreement=agreement, content=begun.dump(), words=[title_zh.strip()],
        )  # fmt: skip
        if not actor.is_desk_side:
            Watch.objects.get_or_create(record_id=made.pk, user=requester)
            for file in Attachment.objects.filter(record=made.pk):
                Input.objects.create(requirement=made, kind=Input.Kind.DEMAND, attachment=file)
    return made


def _in_its_language(words: str) -> Text:
    words = words.strip()
    return Text(zh=words) if CHINESE.search(words) else Text(en=words)


def _check_need(
    title: str,
    expectation: str,
    trigger: str,
    customer: Organisation,
    agreement: Agreement | None,
    contact: User | None,
) -> None:
    if not title.strip():
        raise refuse("title", _("Say in a few words what is needed."), "required")
    if not expectation.strip():
        raise refuse("expectation", _("Say what is expected of the service."), "required")
    if trigger not in ServiceLevelRequirement.Trigger.values:
        raise refuse("trigger", _("Say what the need comes from."), "required")
    if customer.kind != Organisation.Kind.CUSTOMER:
        raise refuse("customer", _("Choose an active customer."))
    if agreement and (agreement.kind != Agreement.Kind.SLA or agreement.customer_id != customer.pk):
        raise refuse("agreement", _("This agreement is not one with this customer."))
    if contact and not (contact.is_active and contact.organisation_id == customer.pk):
        raise refuse("contact", _("Choose an active person of %(customer)s.") % {"customer": customer.name})


def define(
    requirement: ServiceLevelRequirement, *, responsible: User, actor: Actor, now: datetime
) -> ServiceLevelRequirement:
    """Begin to define it; ``responsible`` does."""
    check_responsible(responsible, "responsible")
    return move(requirement, "define", actor=actor, now=now, changes={"assignee": responsible})


def locked(
    requirement: ServiceLevelRequirement,
    act: str,
    states: Iterable[str],
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> ServiceLevelRequirement:
    """As every act that is no move begins: lock, permission, version, state."""
    current = begin(requirement, act, actor=actor, now=now, expected_version=expected_version)
    if current.state not in states:
        raise IllegalMove(act, current.state, lifecycle.LIFECYCLE.legal_moves(current.state))
    return current


def amend(
    requirement: ServiceLevelRequirement,
    content: object,
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None,
    reason: str = "",
) -> ServiceLevelRequirement:
    """Write what it says, as the JSON of planning.content. Once there is a baseline each change is kept
    against it, with its reason (SLM-04). The same again changes nothing.
    """
    with transaction.atomic():
        current = locked(requirement, "amend", lifecycle.WRITABLE, actor, now, expected_version)
        wanted = read(content)
        different = whole.changes(Content.parse(current.content), wanted)
        if not different:
            return current
        baseline = current.baselines.first()
        if baseline and not reason.strip():
            raise refuse("reason", _("Say why it is changed after the baseline."), "required")
        current.content = wanted.dump()
        save(current, ["content"], now=now)
        if baseline:
            RequirementChange.objects.create(
                requirement=current, baseline=baseline, reason=reason.strip(), changed_by_id=actor.user_id,
                changed_at=now,
                changes=[{"place": d.place, "before": d.before, "after": d.after} for d in different],
            )  # fmt: skip
        records_log.write(
            current, "requirement.amend", actor=actor, at=now, text=reason.strip(),
            parts=words.changed(different),
        )  # fmt: skip
    return current


def read(given: object) -> Content:
    """Content as a value; ValidationError naming the field inside, also for codes nobody knows."""
    try:
        found = Content.parse(given)
    except ContentError as refused:
        raise in_fields(refused) from None
    if found.calendar and not Calendar.objects.filter(code=found.calendar).exists():
        raise unknown("calendar", found.calendar)
    services = {*found.services, *(row.service for row in found.measures if row.service)}
    check_codes(
        "services", services, Service.objects.filter(code__in=services).values_list("code", flat=True)
    )
    check_codes(
        "departments", found.departments,
        Team.objects.filter(code__in=found.departments).values_list("code", flat=True),
    )  # fmt: skip
    return found


def in_fields(refused: Refused) -> ValidationError:
    """What a pure module refused, keyed by the field inside."""
    words_of = words.REFUSED.get(refused.code, refused.detail)
    return refuse(refused.field or "content", str(words_of), refused.code)


def unknown(field: str, code: str) -> ValidationError:
    return refuse(field, _("There is nothing with the code “%(code)s”.") % {"code": code}, "does_not_exist")


def check_codes(field: str, wanted: Iterable[str], known: Iterable[str]) -> None:
    for code in sorted(set(wanted) - set(known)):
        raise unknown(field, code)


def fix_baseline(
    requirement: ServiceLevelRequirement,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    expected_version: int | None = None,
) -> ServiceLevelRequirement:
    """Fix the scope: an immutable, numbered copy of what it says (SLM-04).

    The first needs all nine parts filled. A later one needs a change, a reason, and somebody who made none
    of the changes since the one before.
    """
    with transaction.atomic():
        current = locked(requirement, "fix_baseline", lifecycle.WRITABLE, actor, now, expected_version)
        content = Content.parse(current.content)
        if content.missing:
            message = _("Nothing is said yet about: %(parts)s.")
            raise refuse("content", message % {"parts": words.missing(content)}, "required")
        last = current.baselines.first()
        if last:
            _check_next_baseline(current, last, content, reason, actor)
        number = last.number + 1 if last else 1
        moved = move(current, "fix_baseline", actor=actor, now=now, baseline=number, why=reason.strip())
        Baseline.objects.create(
            requirement=moved, number=number, content=moved.content, reason=reason.strip(),
            fixed_by_id=actor.user_id, fixed_at=now,
        )  # fmt: skip
    return moved


def _check_next_baseline(
    current: ServiceLevelRequirement, last: Baseline, content: Content, reason: str, actor: Actor
) -> None:
    if not whole.changes(Content.parse(last.content), content):
        raise refuse("content", _("Nothing was changed since baseline %(n)s.") % {"n": last.number})
    if not reason.strip():
        raise refuse("reason", _("Say why a new baseline is needed."), "required")
    if last.changes.filter(changed_by=actor.user_id).exists():
        message = _("You made changes since baseline %(n)s yourself; a second person must fix the new one.")
        raise refuse("actor", message % {"n": last.number})


def decline(
    requirement: ServiceLevelRequirement,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> ServiceLevelRequirement:
    """It comes to nothing; the customer who raised or follows it is told the reason."""
    if not reason.strip():
        raise refuse("reason", _("Say why it is declined; the customer reads this."), "required")
    changes: dict[str, Any] = {"answer": reason.strip()}
    return move(
        requirement, "decline", actor=actor, now=now, note=reason.strip(), changes=changes,
        expected_version=expected_version,
    )  # fmt: skip


def answer(requirement: ServiceLevelRequirement, *, text: str, actor: Actor, now: datetime) -> Activity:
    """Write to the customer who raised or follows it, without deciding anything."""
    return comment(requirement, text=text, is_public=True, actor=actor, now=now)


def add_input(
    requirement: ServiceLevelRequirement,
    *,
    kind: str,
    attachments: Sequence[Upload],
    actor: Actor,
    now: datetime,
) -> list[Input]:
    """File documents under what they are (SLM-03). Only the provider reads them."""
    if kind not in Input.Kind.values:
        raise refuse("kind", _("Say what kind of document it is."), "required")
    if not attachments:
        raise refuse("attachments", _("Choose a file."), "required")
    files.check(list(attachments))
    with transaction.atomic():
        current = locked(requirement, "add_input", lifecycle.OPEN, actor, now)
        activity = records_log.write(
            current, "requirement.add_input", actor=actor, at=now,
            names=", ".join(file.name or "" for file in attachments),
            what=records_log.bilingual(Input.Kind(kind).label),
        )  # fmt: skip
        store_files(current, activity, attachments, public=False, actor=actor, now=now)
        stored = Attachment.objects.filter(activity=activity).order_by("pk")
        made = [Input.objects.create(requirement=current, kind=kind, attachment=file) for file in stored]
        save(current, [], now=now)
    return made
