"""The verbs of a service report: drafted, commented, approved and frozen, published, restated.

Mistakes come back as ValidationError keyed by field, refusals as access.Denied, IllegalMove or Stale.
"""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from actions.services import check_responsible
from records import log as records_log
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.models import Activity, Priority
from records.services import MAX_TEXT, begin, lock, move, open_record, refuse, save
from servicereports import freezing, lifecycle, schedule
from servicereports.figures import Computed, compute
from servicereports.models import SERVICE_LEVEL, Period, ServiceReport
from sla.models import Agreement

TEXTS = ("comment_en", "comment_zh", "next_steps_en", "next_steps_zh")
MOST_NAMED = 8


def draft(
    agreement: Agreement,
    *,
    first: date,
    last: date,
    due_on: date,
    writer: User | None,
    actor: Actor,
    now: datetime,
    report_kind: str = SERVICE_LEVEL,
    period: str = Period.MONTH,
    submitter: str = "",
    way: str = "portal",
) -> ServiceReport:
    """Open the report of an agreement for a period, its figures computed. Safe to repeat: there is only one.

    ``writer`` comments and submits it; ``submitter`` and ``way`` are what the agreement says about it.
    """
    access.require(actor, "lead_reports")
    if there := _there(agreement, report_kind, first, last):
        return there
    customer = _check(agreement, period, first, writer)
    computed = compute(agreement, first, last, now=now)
    try:
        with transaction.atomic():
            made: ServiceReport = open_record(
                ServiceReport, Kind.REPORT, actor=actor, now=now, title=_title(agreement, first, last),
                customer=customer, requester=User.objects.get(pk=actor.user_id),
                priority=Priority.MODERATE, assignee=writer, agreement=agreement, report_kind=report_kind,
                period=period, period_from=first, period_until=last, due_on=due_on, submitter=submitter,
                way=way, computed=computed.dump(), computed_at=now, words=[agreement.code],
            )  # fmt: skip
    except IntegrityError:
        if there := _there(agreement, report_kind, first, last):
            return there
        raise
    return made


def _there(agreement: Agreement, report_kind: str, first: date, last: date) -> ServiceReport | None:
    rows = ServiceReport.objects.filter(
        agreement=agreement, report_kind=report_kind, period_from=first, period_until=last
    )
    found: ServiceReport | None = rows.first()
    return found


def _check(agreement: Agreement, period: str, first: date, writer: User | None) -> Organisation:
    if agreement.kind != Agreement.Kind.SLA or agreement.customer is None:
        raise refuse("agreement", _("Service reports are for agreements with a customer."))
    if not agreement.versions.exists():
        raise refuse("agreement", _("This agreement has no version yet; there is nothing to report."))
    if period not in Period.values or schedule.span_of(first, period)[0] != first:
        raise refuse("month", _("Choose the first day of the period."))
    if writer:
        check_responsible(writer, "writer")
    return agreement.customer


def _title(agreement: Agreement, first: date, last: date) -> str:
    """The name in both languages and the period, for lists and mails that show titles as they are."""
    span = f"{first:%Y-%m}" if (first.year, first.month) == (last.year, last.month) else (
        f"{first:%Y-%m} – {last:%Y-%m}"
    )  # fmt: skip
    names = " · ".join(dict.fromkeys(name for name in (agreement.name_en, agreement.name_zh) if name))
    return f"{names[:180]} {span}"


def _begin(
    report: ServiceReport, act: str, states: frozenset[str], actor: Actor, now: datetime
) -> ServiceReport:
    """As every act that is no move begins: lock, permission, state."""
    current = begin(report, act, actor=actor, now=now, expected_version=None)
    if current.state not in states:
        raise IllegalMove(act, current.state, lifecycle.LIFECYCLE.legal_moves(current.state))
    return current


def recompute(report: ServiceReport, *, actor: Actor, now: datetime) -> ServiceReport:
    """Compute the figures of an open report as they are now."""
    computed = freezing.computed_now(report, now=now)
    with transaction.atomic():
        current = _begin(report, "comment", lifecycle.OPEN, actor, now)
        _keep(current, computed, now)
        records_log.write(current, "report.recompute", actor=actor, at=now)
    return current


def refresh(report: ServiceReport, *, now: datetime) -> bool:
    """Bring a draft's figures up to date without a word; True if they were not."""
    computed = freezing.computed_now(report, now=now)
    if computed.figures == report.computed.get("figures"):
        return False
    with transaction.atomic():
        current = lock(report)
        if current.state == lifecycle.DRAFTED:
            _keep(current, computed, now)
    return True


def _keep(current: ServiceReport, computed: Computed, now: datetime) -> None:
    current.computed, current.computed_at = computed.dump(), now
    save(current, ["computed", "computed_at"], now=now)


def comment(
    report: ServiceReport,
    *,
    comment_en: str,
    comment_zh: str,
    next_steps_en: str,
    next_steps_zh: str,
    actor: Actor,
    now: datetime,
) -> ServiceReport:
    """Say in both languages what the figures mean and what comes next; it then waits for approval."""
    texts = dict(zip(TEXTS, (comment_en, comment_zh, next_steps_en, next_steps_zh), strict=True))
    texts = {name: words.replace("\0", "").strip() for name, words in texts.items()}
    for name, words in texts.items():
        if not words:
            raise refuse(name, _("The report goes out in both languages; write this in each."), "required")
        if len(words) > MAX_TEXT:
            message = _("The text is too long: at most %(n)s characters.")
            raise refuse(name, message % {"n": MAX_TEXT}, "too_long")
    writer = User.objects.get(pk=actor.user_id)
    both = "\n\n".join([texts["comment_zh"], texts["comment_en"]])
    return move(
        report, "comment", actor=actor, now=now, note=both,
        changes={**texts, "commented_by": writer},
        said={"en": texts["comment_en"], "zh": texts["comment_zh"]},
    )  # fmt: skip


def send_back(report: ServiceReport, *, reason: str, actor: Actor, now: datetime) -> ServiceReport:
    """Ask the writer for other words or for explanations, with the reason."""
    if not reason.strip():
        raise refuse("reason", _("Say what is to be changed."), "required")
    return move(report, "return", actor=actor, now=now, note=reason.strip())


def approve(report: ServiceReport, *, seen: str, actor: Actor, now: datetime) -> ServiceReport:
    """Close the period: freeze what was commented, if it is still what the approver has read.

    ``seen`` is the hash of that (freezing.seen_of).

    Refused to whoever wrote a comment (four eyes), before the period has ended, while a miss has no reason,
    and where the figures changed meanwhile: they are then shown anew.
    """
    access.require(actor, "approve", report)
    if report.state == lifecycle.COMMENTED:
        _check_closable(report, actor, now)
        computed = freezing.computed_now(report, now=now)
        _check_unchanged(report, computed, seen, now)
    else:
        computed = Computed({}, {}, {}, {})
    with transaction.atomic():
        approver = User.objects.get(pk=actor.user_id)
        current = move(
            report, "approve", actor=actor, now=now, expected_version=report.version,
            changes={"approved_by": approver, "approved_at": now, "computed": {}},
        )  # fmt: skip
        content = freezing.content_of(current, computed, number=1, actor=actor, now=now)
        freezing.freeze(current, content, reason="", actor=actor, now=now)
    return current


def writers(report: ServiceReport) -> set[int]:
    """Who has commented it, now or earlier."""
    rows = Activity.objects.filter(record=report.pk, verb="report.comment")
    return set(rows.values_list("actor", flat=True))


def _check_closable(report: ServiceReport, actor: Actor, now: datetime) -> None:
    if actor.user_id in writers(report):
        raise refuse("approve", _("Who wrote the report cannot approve it; a second person must."))
    if now < freezing.end_of(report):
        raise refuse("approve", _("The period has not ended yet; its figures still change."))


def _check_unchanged(report: ServiceReport, computed: Computed, seen: str, now: datetime) -> None:
    is_as_kept = computed.figures == report.computed.get("figures")
    if not is_as_kept:
        with transaction.atomic():
            _keep(lock(report), computed, now)
    if not is_as_kept or seen != freezing.seen_of(computed.figures, report):
        raise refuse(
            "approve",
            _("Figures or comments changed since you read them; they are shown anew, look at them again."),
        )
    unexplained = sorted({row["number"] for row in computed.figures["misses"] if not row["reason"]})
    if unexplained:
        words = _("These tickets missed a target without a reason given yet: %(numbers)s.")
        more = " …" if len(unexplained) > MOST_NAMED else ""
        raise refuse("approve", words % {"numbers": ", ".join(unexplained[:MOST_NAMED]) + more})


def publish(report: ServiceReport, *, actor: Actor, now: datetime) -> ServiceReport:
    """Show the approved report in the portal and tell the customer's contacts."""
    return move(report, "publish", actor=actor, now=now, changes={"published_at": now})


def restate(report: ServiceReport, *, reason: str, actor: Actor, now: datetime) -> ServiceReport:
    """Add what has become of the figures since they were frozen, as a row of its own, with the reason.

    The row before stays as it is. Refused where computing anew gives the same figures.
    """
    access.require(actor, "restate", report)
    if not reason.strip():
        raise refuse("reason", _("Say why the figures are corrected."), "required")
    last = freezing.newest(report)
    if last is None or report.state not in lifecycle.SENT:
        raise IllegalMove("restate", report.state, lifecycle.LIFECYCLE.legal_moves(report.state))
    seen = freezing.verify(last, now=now)
    if seen.computed is None or seen.is_current:
        raise refuse("reason", _("Computed anew the figures are the same; there is nothing to correct."))
    changes = freezing.changes_of(seen)
    with transaction.atomic():
        current = move(
            report, "restate", actor=actor, now=now, expected_version=report.version, note=reason.strip(),
            changes={"differs_since": None}, count=len(changes),
        )  # fmt: skip
        content = freezing.content_of(current, seen.computed, number=last.number + 1, actor=actor, now=now)
        content |= {"restates": last.sha256, "changes": changes, "reason": reason.strip()}
        freezing.freeze(current, content, reason=reason.strip(), actor=actor, now=now)
    return current


def cancel(report: ServiceReport, *, reason: str, actor: Actor, now: datetime) -> ServiceReport:
    """There will be no report for this period, with the reason."""
    if not reason.strip():
        raise refuse("reason", _("Say why there will be no report."), "required")
    return move(report, "call_off", actor=actor, now=now, note=reason.strip())
