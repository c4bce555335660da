"""Access requests: identity checked, access authorised, the right granted for a period, withdrawn."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from fulfilment import lifecycle
from fulfilment.models import AccessRight, Approval, Offering, ServiceRequest
from records import log as records_log
from records.services import begin, refuse


def is_access(request: ServiceRequest) -> bool:
    return request.offering.kind == Offering.Kind.ACCESS


def check_identity(request: ServiceRequest, *, how: str, actor: Actor, now: datetime) -> AccessRight:
    """Record that it was made sure who the person is, and how."""
    if not how.strip():
        raise refuse("how", _("Say how the identity was checked."), "required")
    with transaction.atomic():
        current = _begin(request, actor, now)
        right, _is_new = AccessRight.objects.update_or_create(
            request=current, create_defaults={
                "person_id": current.requester_id, "identity_how": how.strip()[:300], "identity_at": now,
                "identity_by_id": actor.user_id,
            },
            defaults={
                "identity_how": how.strip()[:300], "identity_at": now, "identity_by_id": actor.user_id,
            },
        )  # fmt: skip
        records_log.write(current, "request.identity_checked", actor=actor, at=now, text=how.strip())
    return right


def grant(
    request: ServiceRequest,
    *,
    right: str,
    valid_from: date,
    valid_until: date | None,
    actor: Actor,
    now: datetime,
) -> AccessRight:
    """Grant the right for a period, once the identity was checked and somebody authorised it."""
    if not right.strip():
        raise refuse("right", _("Say which right was granted."), "required")
    if valid_until is not None and valid_until < valid_from:
        raise refuse("valid_until", _("The period ends before it begins."))
    with transaction.atomic():
        current = _begin(request, actor, now)
        if current.state not in (lifecycle.IN_FULFILMENT, lifecycle.ON_HOLD):
            raise refuse("right", _("The right is granted while the request is being worked on."))
        kept = AccessRight.objects.filter(request=current.pk).first()
        if kept is None:
            raise refuse("right", _("Check first who the person is."), "identity")
        approval = _authorisation(current)
        if approval is None:
            raise refuse("right", _("Nobody has authorised this access."), "authorisation")
        kept.authorised_by, kept.authorised_at = approval.person, approval.decided_at
        kept.right, kept.valid_from, kept.valid_until = right.strip()[:300], valid_from, valid_until
        kept.granted_at, kept.granted_by_id = now, actor.user_id
        kept.save()
        until = valid_until.isoformat() if valid_until else {"en": "no end", "zh": "无期限"}
        records_log.write(
            current, "request.right_granted", actor=actor, at=now, right=kept.right,
            since=valid_from.isoformat(), until=until,
        )  # fmt: skip
    return kept


def _authorisation(request: ServiceRequest) -> Approval | None:
    """The last approval given; None where a stage of it is still open."""
    if request.stages.exclude(state="approved").exists():
        return None
    rows = Approval.objects.filter(stage__request=request.pk, result=Approval.Result.APPROVED)
    return rows.select_related("person").order_by("-decided_at", "-pk").first()


def withdraw(right: AccessRight, *, reason: str, actor: Actor, now: datetime) -> AccessRight:
    """Take the right away, at its end or before, with the reason. Safe to repeat."""
    if not reason.strip():
        raise refuse("reason", _("Say why the right is withdrawn."), "required")
    with transaction.atomic():
        ordered = ServiceRequest.objects.get(pk=right.request_id)
        request = begin(ordered, "keep_right", actor=actor, now=now, expected_version=None)
        current = AccessRight.objects.get(pk=right.pk)
        if current.granted_at is None:
            raise refuse("reason", _("This right was never granted."))
        if current.withdrawn_at is not None:
            return current
        current.withdrawn_at, current.withdrawn_by_id = now, actor.user_id
        current.withdrawal_reason = reason.strip()[:300]
        current.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason"])
        records_log.write(
            request, "request.right_withdrawn", actor=actor, at=now, text=reason.strip(), right=current.right
        )
    return current


def _begin(request: ServiceRequest, actor: Actor, now: datetime) -> ServiceRequest:
    current = begin(request, "keep_right", actor=actor, now=now, expected_version=None)
    if not is_access(current):
        raise refuse("right", _("This is not an access request."))
    return current


def is_missing(request: ServiceRequest) -> bool:
    """An access request whose right was not granted yet."""
    return (
        is_access(request)
        and not AccessRight.objects.filter(request=request.pk, granted_at__isnull=False).exists()
    )
