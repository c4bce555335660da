"""Before an agreement ends people are told, and a new edition follows on it (SLM-20).

What its terms say is done: at the days they name before the end its owner is told, once for each; without a
successor it ends, or goes on until there is one.
"""

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from agreements import lifecycle, services
from agreements.models import Edition
from records import log as records_log
from records.models import Activity
from records.services import refuse
from sla.models import Agreement
from sla.terms import Terms

RENEWABLE = frozenset({lifecycle.IN_FORCE, lifecycle.EXPIRED})


def goes_on(edition: Edition) -> bool:
    """Whether the terms say that it stays in force after its end until there is a successor."""
    return Terms.parse(edition.terms).renewal.at_end == "continues"


def is_past_its_end(edition: Edition, now: datetime) -> bool:
    """In force although its validity has ended: shown as such, until it is renewed or terminated."""
    return bool(
        edition.state == lifecycle.IN_FORCE and edition.effective_until and edition.effective_until <= now
    )


# --- telling ahead -----------------------------------------------------------------------------


def prompt(*, actor: Actor, now: datetime) -> int:
    """Tell of every agreement whose end comes near; answers how many were told. Safe to repeat."""
    rows = Edition.objects.filter(
        state=lifecycle.IN_FORCE, agreement__ended_at=None, effective_until__gt=now, effective_from__lte=now
    )
    return sum(_prompt(pk, actor=actor, now=now) for pk in rows.order_by("pk").values_list("pk", flat=True))


def _prompt(pk: int, *, actor: Actor, now: datetime) -> bool:
    """One message for the nearest number of days that is reached: who was away is not told three times."""
    with transaction.atomic():
        rows = Edition.objects.select_for_update(no_key=True, of=("record_ptr", "self"))
        edition: Edition = rows.get(pk=pk)
        if edition.state != lifecycle.IN_FORCE or _has_successor(edition) or not edition.effective_until:
            return False
        left = edition.effective_until - now
        reached = [d for d in Terms.parse(edition.terms).renewal.prompt_days if left <= timedelta(days=d)]
        if not reached:
            return False
        told = Activity.objects.filter(record=edition.pk, verb="agreement.prompt_renewal")
        if told.filter(data__days__lte=min(reached)).exists():
            return False
        records_log.write(
            edition, "agreement.prompt_renewal", actor=actor, at=now, days=min(reached),
            day=timezone.localtime(edition.effective_until).date().isoformat(),
        )  # fmt: skip
    return True


def _has_successor(edition: Edition) -> bool:
    later = Edition.objects.filter(agreement=edition.agreement_id, edition_number__gt=edition.edition_number)
    return bool(later.filter(state=lifecycle.IN_FORCE).exists())


# --- the next edition --------------------------------------------------------------------------


class Span(NamedTuple):
    """A validity: from, and until (not included)."""

    begin: datetime
    end: datetime


def next_span(edition: Edition, now: datetime) -> Span:
    """The validity that follows: as long as the last one, from its end on, or from now if that is past."""
    if edition.effective_until is None:
        raise refuse("effective_until", _("This edition has no end; begin a new edition instead."))
    begin = timezone.localtime(edition.effective_from)
    end = timezone.localtime(edition.effective_until)
    start = max(end, timezone.localtime(now).replace(second=0, microsecond=0))
    months = (end.year - begin.year) * 12 + end.month - begin.month
    if months and _later(begin.date(), months) == end.date():
        until = start.replace(
            **{n: getattr(_later(start.date(), months), n) for n in ("year", "month", "day")}
        )
    else:
        until = start + (end - begin)
    return Span(start, until)


def _later(day: date, months: int) -> date:
    """So many months later; the last of the month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def is_open(edition: Edition) -> bool:
    """Whether this edition can be renewed: it has an end, and no other is being made or follows it."""
    if edition.state not in RENEWABLE or not edition.effective_until or edition.agreement.ended_at:
        return False
    others = Edition.objects.filter(agreement=edition.agreement_id).exclude(pk=edition.pk)
    later = Q(edition_number__gt=edition.edition_number, signed_version__isnull=False)
    return not others.filter(Q(state__in=lifecycle.IN_MAKING) | later).exists()


def proposed(edition: Edition, now: datetime) -> dict[str, Any]:
    """What the form of a renewal begins with."""
    if not edition.effective_until:
        return {}
    span = next_span(edition, now)
    reason = _("Renewal of edition %(n)s") % {"n": edition.edition_number}
    return {"effective_from": span.begin, "effective_until": span.end, "change_reason": reason}


def renew(
    edition: Edition,
    *,
    effective_from: datetime,
    effective_until: datetime | None,
    change_reason: str,
    actor: Actor,
    now: datetime,
) -> Edition:
    """Begin the next edition with the same terms and the next validity."""
    if edition.state not in RENEWABLE:
        raise refuse("edition", _("Only what is in force or has expired can be renewed."))
    supplier = edition.agreement.supplier
    if supplier and not supplier.may_contract(timezone.localdate(now)):
        raise refuse("edition", _("This supplier is not admitted, or its admission has lapsed."))
    newest = Edition.objects.filter(agreement=edition.agreement_id, signed_version__isnull=False)
    if newest.filter(edition_number__gt=edition.edition_number).exists():
        raise refuse("edition", _("There is a later edition; renew that one."))
    return services.draft(
        Agreement.objects.get(pk=edition.agreement_id), terms=edition.terms, effective_from=effective_from,
        effective_until=effective_until, change_reason=change_reason, actor=actor, now=now,
    )  # fmt: skip
