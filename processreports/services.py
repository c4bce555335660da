"""The verbs of a report of processes: opened, commented, approved and frozen, published, checked, corrected.

Mistakes come back as ValidationError keyed by field, refusals as access.Denied, IllegalMove or Stale.
"""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from accounts.services import system_actor
from processreports import content, freezing, lifecycle
from processreports.content import Built
from processreports.models import ProcessReport, QualityCheck, ReportDefinition, ReportEdition
from records import log as records_log
from records import spans
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.models import Activity, Priority, Record
from records.services import MAX_TEXT, begin, lock, move, open_record, refuse, save
from reports.period import Period
from servicereports.zones import provider_zone

TEXTS = ("comment_en", "comment_zh", "outlook_en", "outlook_zh")


# --- opening -----------------------------------------------------------------------------------------


def open_report(definition: ReportDefinition, day: date, *, actor: Actor, now: datetime) -> ProcessReport:
    """Open the report of the span a day lies in, its figures computed. Safe to repeat: there is only one."""
    if definition.is_of_occasion:
        raise refuse("definition", _("This report is about one event: say which."))
    span = spans.of(definition.every, day, provider_zone())
    if span.start > now:
        raise refuse("day", _("This period has not begun."))
    due = span.last + timedelta(days=definition.due_days)
    return _open(definition, span.first, span.last, None, due, span.code, actor, now)


def open_about(
    definition: ReportDefinition, subject: Record, *, actor: Actor, now: datetime
) -> ProcessReport:
    """Open the report about one event (RPT-04), such as a major incident or a change. There is only one."""
    if not definition.is_of_occasion:
        raise refuse("definition", _("This report is made by the calendar, not about an event."))
    if subject.kind == Kind.PROCESS_REPORT.value:
        raise refuse("subject", _("A report is no event."))
    if definition.customer_id and subject.customer_id != definition.customer_id:
        raise refuse("subject", _("This record is not of the customer the report is for."))
    zone = provider_zone()
    first = timezone.localdate(subject.opened_at, zone)
    last = max(first, timezone.localdate(min(subject.done_at or now, now), zone))
    due = timezone.localdate(now, zone) + timedelta(days=definition.due_days)
    return _open(definition, first, last, subject, due, subject.number, actor, now)


def _open(
    definition: ReportDefinition, first: date, last: date, subject: Record | None, due: date, code: str,
    actor: Actor, now: datetime,
) -> ProcessReport:  # fmt: skip
    may_open = access.may(actor, "lead_process_reports") or actor.user_id == definition.owner_id
    _require(may_open, actor, "lead_process_reports")
    if there := _there(definition, first, subject):
        return there
    customer = (
        definition.customer or Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk")[0]
    )
    ask = content.ask_of(definition, definition.every, first, last, now=now, subject=subject)
    built = content.gather(ask)
    try:
        with transaction.atomic():
            made: ProcessReport = open_record(
                ProcessReport, Kind.PROCESS_REPORT, actor=actor, now=now, title=_title(definition, code),
                customer=customer, requester=User.objects.get(pk=actor.user_id),
                priority=Priority.MODERATE, assignee=definition.owner, definition=definition,
                every=definition.every, period_from=first, period_until=last, due_on=due, subject=subject,
                computed=built.content, computed_at=now, words=[subject.number] if subject else [],
            )  # fmt: skip
    except IntegrityError:
        if there := _there(definition, first, subject):
            return there
        raise
    return made


def _there(definition: ReportDefinition, first: date, subject: Record | None) -> ProcessReport | None:
    rows = ProcessReport.objects.filter(definition=definition)
    if subject is not None:
        rows = rows.filter(subject=subject.pk)
    else:
        rows = rows.filter(subject=None, every=definition.every, period_from=first)
    found: ProcessReport | None = rows.first()
    return found


def _title(definition: ReportDefinition, code: str) -> str:
    """The name in both languages and the span, for lists and mails that show titles as they are."""
    names = " · ".join(dict.fromkeys((definition.name_en, definition.name_zh)))
    return f"{names[:170]} {code}"


# --- who may -----------------------------------------------------------------------------------------


def leads(actor: Actor, report: ProcessReport) -> bool:
    """Leaders who cover the customers it is about."""
    return access.may(actor, "lead_process_reports") and access.may(actor, "word_report", report)


def may_write(actor: Actor, report: ProcessReport) -> bool:
    """Its writer, and leaders."""
    is_writer = actor.user_id == report.assignee_id
    return access.may(actor, "word_report", report) and (is_writer or leads(actor, report))


def writers(report: ProcessReport) -> set[int]:
    """Who has written in it, now or earlier."""
    rows = Activity.objects.filter(record=report.pk, verb="process_report.word_report")
    return set(rows.values_list("actor", flat=True))


def may_approve(actor: Actor, report: ProcessReport) -> bool:
    """Who is named to, and leaders; nobody who has written in it."""
    is_named = actor.user_id == report.definition.approver_id
    if not access.may(actor, "approve_report", report) or not (is_named or leads(actor, report)):
        return False
    return actor.user_id not in writers(report)


def may_check(actor: Actor, report: ProcessReport) -> bool:
    """Who is named to check its quality, and leaders; nobody who has written in it."""
    is_named = actor.user_id == report.definition.checker_id
    if not access.may(actor, "check_report", report) or not (is_named or leads(actor, report)):
        return False
    return actor.user_id not in writers(report)


def _require(allowed: bool, actor: Actor, act: str) -> None:
    if not allowed:
        raise access.Denied(actor, act)


# --- making ------------------------------------------------------------------------------------------


def recompute(report: ProcessReport, *, actor: Actor, now: datetime) -> ProcessReport:
    """Compute the figures of an open report as they are now."""
    _require(may_write(actor, report), actor, "word_report")
    built = content.of_report(report, now=now)
    with transaction.atomic():
        current = begin(report, "word_report", actor=actor, now=now, expected_version=None)
        _must_be(current, lifecycle.OPEN, "recompute")
        _keep(current, built, now)
        records_log.write(current, "process_report.recompute", actor=actor, at=now)
    return current


def refresh(report: ProcessReport, *, now: datetime) -> bool:
    """Bring a draft's figures up to date without a word; True if they were not."""
    built = content.of_report(report, now=now)
    if built.content["figures"] == report.computed.get("figures"):
        return False
    with transaction.atomic():
        current = lock(report)
        if current.state == lifecycle.DRAFTED:
            _keep(current, built, now)
    return True


def _keep(current: ProcessReport, built: Built, now: datetime) -> None:
    current.computed, current.computed_at = built.content, now
    save(current, ["computed", "computed_at"], now=now)


def _must_be(report: ProcessReport, states: frozenset[str], act: str) -> None:
    if report.state not in states:
        raise IllegalMove(act, report.state, lifecycle.LIFECYCLE.legal_moves(report.state))


def write(
    report: ProcessReport, *, actor: Actor, now: datetime, comment_en: str = "", comment_zh: str = "",
    outlook_en: str = "", outlook_zh: str = "",
) -> ProcessReport:  # fmt: skip
    """Say what the figures mean and what comes next, in each language of the report."""
    _require(may_write(actor, report), actor, "word_report")
    given = dict(zip(TEXTS, (comment_en, comment_zh, outlook_en, outlook_zh), strict=True))
    texts = {name: words.replace("\0", "").strip() for name, words in given.items()}
    for name, words in texts.items():
        if not words and name[-2:] in report.definition.languages:
            raise refuse(name, _("The report goes out in this language; write it."), "required")
        if len(words) > MAX_TEXT:
            message = _("The text is too long: at most %(n)s characters.")
            raise refuse(name, message % {"n": MAX_TEXT}, "too_long")
    note = "\n\n".join(each for each in (texts["comment_zh"], texts["comment_en"]) if each)
    both = {lang: texts[f"comment_{lang}"] or note for lang in ("en", "zh")}
    return move(
        report, "word_report", actor=actor, now=now, note=note, said=both,
        changes={**texts, "commented_by": User.objects.get(pk=actor.user_id)},
        people=[report.definition.approver_id],
    )  # fmt: skip


def send_back(report: ProcessReport, *, reason: str, actor: Actor, now: datetime) -> ProcessReport:
    """Ask the writer for other words, with the reason."""
    _require(may_approve(actor, report), actor, "turn_back_report")
    if not reason.strip():
        raise refuse("reason", _("Say what is to be changed."), "required")
    return move(report, "turn_back_report", actor=actor, now=now, note=reason.strip())


def approve(report: ProcessReport, *, seen: str, actor: Actor, now: datetime) -> ProcessReport:
    """Freeze figures and words, if they are still what the approver has read (``seen``, freezing.seen_of).

    Refused to whoever wrote in it, and before the period has ended.
    """
    if actor.user_id in writers(report):
        raise refuse("approve", _("Who wrote the report cannot approve it; a second person must."))
    _require(may_approve(actor, report), actor, "approve_report")
    _must_be(report, frozenset({lifecycle.COMMENTED}), "approve_report")
    if not report.subject_id and now < end_of(report):
        raise refuse("approve", _("The period has not ended yet; its figures still change."))
    built = content.of_report(report, now=now)
    _check_unchanged(report, built, seen, now)
    with transaction.atomic():
        current = move(
            report, "approve_report", actor=actor, now=now, expected_version=report.version,
            changes={
                "approved_by": User.objects.get(pk=actor.user_id), "approved_at": now, "computed": {}
            },
            people=[pk for pk in [report.definition.checker_id] if pk],
        )  # fmt: skip
        found = freezing.whole(current, built.content, number=1, actor=actor, now=now)
        freezing.freeze(current, found, built.rows, actor=actor, now=now)
    return current


def _check_unchanged(report: ProcessReport, built: Built, seen: str, now: datetime) -> None:
    is_as_kept = built.content["figures"] == report.computed.get("figures")
    if not is_as_kept:
        with transaction.atomic():
            _keep(lock(report), built, now)
    if not is_as_kept or seen != freezing.seen_of(built.content["figures"], report):
        raise refuse(
            "approve",
            _("Figures or comments changed since you read them; they are shown anew, look at them again."),
        )


def end_of(report: ProcessReport) -> datetime:
    """The first instant after the period."""
    return Period(report.period_from, report.period_until, provider_zone()).end


def cancel(report: ProcessReport, *, reason: str, actor: Actor, now: datetime) -> ProcessReport:
    """There will be no report for this period, with the reason."""
    _require(leads(actor, report), actor, "drop_report")
    if not reason.strip():
        raise refuse("reason", _("Say why there will be no report."), "required")
    return move(report, "drop_report", actor=actor, now=now, note=reason.strip())


# --- sending -----------------------------------------------------------------------------------------


def publish(report: ProcessReport, *, actor: Actor, now: datetime) -> ProcessReport:
    """Show it in the portal where the definition says so, and tell its recipients.

    Who has no address is named to the writer and on the page; the report is in the product for them too.
    """
    _require(may_write(actor, report) or may_approve(actor, report), actor, "publish_report")
    definition = report.definition
    people = list(definition.recipients.filter(is_active=True).order_by("pk"))
    act = "publish_report" if definition.in_portal else "issue_report"
    with transaction.atomic():
        current = move(
            report, act, actor=actor, now=now, changes={"published_at": now},
            people=[person.pk for person in people],
        )  # fmt: skip
        mute = [person for person in people if not person.email]
        if mute:
            told = [pk for pk in (report.assignee_id, actor.user_id) if pk]
            records_log.write(
                current, "process_report.unreached", actor=system_actor(), at=now, people=told,
                names=", ".join(person.display_name for person in mute),
            )  # fmt: skip
    return current


def restate(report: ProcessReport, *, reason: str, actor: Actor, now: datetime) -> ProcessReport:
    """Add what has become of the figures as a further edition with its reason; the one before stays.

    Refused where computing anew gives the same figures.
    """
    _require(leads(actor, report), actor, "restate_report")
    if not reason.strip():
        raise refuse("reason", _("Say why the figures are corrected."), "required")
    _must_be(report, lifecycle.SENT, "restate_report")
    last = report.editions.order_by("-number")[0]
    seen = freezing.verify(last, now=now)
    if seen.built is None or seen.is_current:
        raise refuse("reason", _("Computed anew the figures are the same; there is nothing to correct."))
    with transaction.atomic():
        current = begin(report, "restate_report", actor=actor, now=now, expected_version=report.version)
        current.differs_since = None
        save(current, ["differs_since"], now=now)
        found = freezing.whole(current, seen.built.content, number=last.number + 1, actor=actor, now=now)
        found |= {
            "restates": last.sha256, "changes": freezing.changes_of(seen), "reason": reason.strip()
        }  # fmt: skip
        freezing.freeze(current, found, seen.built.rows, actor=actor, now=now)
        records_log.write(
            current, "process_report.restate_report", actor=actor, at=now, text=reason.strip(),
            edition=last.number + 1, people=list(report.definition.recipients.values_list("pk", flat=True)),
        )  # fmt: skip
    return current


def check(report: ProcessReport, *, verdict: str, remark: str, actor: Actor, now: datetime) -> QualityCheck:
    """Quality staff look at the newest edition: its hash, its figures computed anew, their own verdict."""
    if actor.user_id in writers(report):
        raise refuse("verdict", _("Who wrote the report cannot check it; somebody else must."))
    _require(may_check(actor, report), actor, "check_report")
    _must_be(report, lifecycle.FROZEN, "check_report")
    if verdict not in QualityCheck.Verdict.values:
        raise refuse("verdict", _("Choose a verdict."), "invalid_choice")
    if verdict != QualityCheck.Verdict.SOUND and not remark.strip():
        raise refuse("remark", _("Say what was found."), "required")
    if len(remark) > MAX_TEXT:
        message = _("The text is too long: at most %(n)s characters.")
        raise refuse("remark", message % {"n": MAX_TEXT}, "too_long")
    edition: ReportEdition = report.editions.order_by("-number")[0]
    seen = freezing.verify(edition, now=now)
    with transaction.atomic():
        current = begin(report, "check_report", actor=actor, now=now, expected_version=None)
        made = QualityCheck.objects.create(
            edition=edition, verdict=verdict, remark=remark.replace("\0", "").strip(),
            is_intact=seen.is_intact, is_current=seen.is_current, checked_by_id=actor.user_id,
            checked_at=now,
        )  # fmt: skip
        records_log.write(
            current, "process_report.check_report", actor=actor, at=now, text=made.remark,
            edition=edition.number, people=[report.definition.approver_id],
            verdict=records_log.bilingual(QualityCheck.Verdict(verdict).label),
        )  # fmt: skip
    return made
