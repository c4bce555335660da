"""The verbs of a relationship report: drafted by schedule, appraised, approved and frozen, shown.

Mistakes come back as ValidationError keyed by field, refusals as access.Denied, IllegalMove or Stale.
"""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from accounts.services import system_actor
from actions.selfcheck import manager_of
from customers.profiles import may_keep, profile_of
from records import log as records_log
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.models import Priority
from records.services import MAX_TEXT, begin, move, open_record, refuse, save
from servicereports import keeping, schedule
from servicereports.relations import content, lifecycle
from servicereports.relations.figures import compute, customers
from servicereports.relations.models import RelationReport, Span
from servicereports.zones import provider_zone


def draft(of: Organisation, *, period: str, first: date, actor: Actor, now: datetime) -> RelationReport:
    """Open the report on a customer (of the provider: over all) for a period. Safe to repeat."""
    access.require(actor, "lead_reports")
    if period not in Span.values or schedule.span_of(first, period)[0] != first:
        raise refuse("first", _("Choose the first day of the period."))
    span = schedule.span_of(first, period)
    if there := _there(of, span):
        return there
    figures = compute(of, period, *span, now=now)
    try:
        with transaction.atomic():
            made: RelationReport = open_record(
                RelationReport, Kind.RELATION, actor=actor, now=now, title=_title(of, span), customer=of,
                requester=User.objects.get(pk=actor.user_id), priority=Priority.MODERATE,
                assignee=_manager(of), of=of, period=period, period_from=span[0], period_until=span[1],
                computed=figures, computed_at=now, words=[of.code],
            )  # fmt: skip
    except IntegrityError:
        if there := _there(of, span):
            return there
        raise
    return made


def _there(of: Organisation, span: tuple[date, date]) -> RelationReport | None:
    rows = RelationReport.objects.filter(of=of, period_from=span[0], period_until=span[1])
    found: RelationReport | None = rows.first()
    return found


def _title(of: Organisation, span: tuple[date, date]) -> str:
    names = " · ".join(dict.fromkeys(name for name in (of.name_en, of.name_zh) if name))
    return f"{names[:150]} {span[0]:%Y-%m-%d} – {span[1]:%Y-%m-%d}"


def _manager(of: Organisation) -> User | None:
    """The customer's account manager, else the service level manager who covers it."""
    person = profile_of(of).account_manager
    return person if person and person.is_active else manager_of(of.pk)


def may_approve(actor: Actor, report: RelationReport) -> bool:
    """The customer's relationship manager, or a leader in whose scope it is; of all: leaders of all."""
    if report.is_of_all:
        return access.may(actor, "lead_customers") and actor.scope is None
    return may_keep(actor, profile_of(report.of))


def _begin(report: RelationReport, actor: Actor, now: datetime, version: int | None) -> RelationReport:
    if not may_approve(actor, report):
        raise access.Denied(actor, "appraise")
    current = begin(report, "appraise", actor=actor, now=now, expected_version=version)
    if current.state != lifecycle.DRAFTED:
        raise IllegalMove("appraise", current.state, lifecycle.LIFECYCLE.legal_moves(current.state))
    return current


@transaction.atomic
def recompute(report: RelationReport, *, actor: Actor, now: datetime) -> RelationReport:
    """Bring a draft's figures up to date."""
    current = _begin(report, actor, now, None)
    span = current.period_from, current.period_until
    current.computed, current.computed_at = compute(current.of, current.period, *span, now=now), now
    save(current, ["computed", "computed_at"], now=now)
    records_log.write(current, "relation.recompute", actor=actor, at=now)
    return current


@transaction.atomic
def appraise(
    report: RelationReport, *, words_en: str, words_zh: str, actor: Actor, now: datetime
) -> RelationReport:
    """Say in both languages how the relationship stands; the same words again change nothing."""
    current = _begin(report, actor, now, None)
    texts = {"words_en": words_en, "words_zh": words_zh}
    for name, text in texts.items():
        texts[name] = text.replace("\0", "").strip()
        if not texts[name]:
            raise refuse(name, _("The report goes out in both languages; write this in each."), "required")
        if len(texts[name]) > MAX_TEXT:
            message = _("The text is too long: at most %(n)s characters.")
            raise refuse(name, message % {"n": MAX_TEXT}, "too_long")
    if all(getattr(current, name) == text for name, text in texts.items()):
        return current
    current.words_en, current.words_zh = texts["words_en"], texts["words_zh"]
    save(current, list(texts), now=now)
    records_log.write(current, "relation.appraise", actor=actor, at=now)
    return current


@transaction.atomic
def approve(report: RelationReport, *, actor: Actor, now: datetime) -> RelationReport:
    """Freeze figures and words as they stand now. Refused before the period has ended, or without words."""
    current = _begin(report, actor, now, None)
    if timezone.localdate(now, provider_zone()) <= current.period_until:
        raise refuse("approve", _("The period has not ended yet; its figures still change."))
    if not (current.words_en and current.words_zh):
        raise refuse("approve", _("Write first, in both languages, how the relationship stands."))
    done = move(
        current, "endorse", actor=actor, now=now, expected_version=current.version,
        changes={"approved_by": User.objects.get(pk=actor.user_id), "approved_at": now},
    )  # fmt: skip
    keeping.keep(done, content.of(done), actor=actor, now=now)
    return done


def show(report: RelationReport, *, actor: Actor, now: datetime) -> RelationReport:
    """Show the approved report to the customer's contacts in the portal and tell them."""
    if not may_approve(actor, report):
        raise access.Denied(actor, "present")
    return move(report, "present", actor=actor, now=now, changes={"shown_at": now})


def cancel(report: RelationReport, *, reason: str, actor: Actor, now: datetime) -> RelationReport:
    """There will be no report for this period, with the reason."""
    if not reason.strip():
        raise refuse("reason", _("Say why there will be no report."), "required")
    return move(report, "call_off", actor=actor, now=now, note=reason.strip())


def open_due(*, now: datetime) -> list[RelationReport]:
    """Draft each customer's report, and the one over all, for the quarter and year that ended. Repeatable."""
    today = timezone.localdate(now, provider_zone())
    provider = Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk")[:1]
    subjects = [*provider, *customers()]
    made = []
    for period in Span.values:
        span = schedule.last_ended(today, period)
        there = set(
            RelationReport.objects.filter(period_from=span[0], period_until=span[1]).values_list(
                "of", flat=True
            )
        )
        made += [
            draft(of, period=period, first=span[0], actor=system_actor(), now=now)
            for of in subjects
            if of.pk not in there
        ]
    return made
