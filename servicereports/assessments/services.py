"""The verbs of a self-assessment: opened, judged, submitted to the supervisory body, answered.

Mistakes come back as ValidationError keyed by field, refusals as access.Denied, IllegalMove or Stale.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from accounts.services import system_actor
from actions.services import check_responsible
from records import log as records_log
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.models import Priority, Watch
from records.services import MAX_TEXT, begin, move, open_record, refuse, save
from servicereports import keeping, schedule
from servicereports.assessments import content, indicators, lifecycle
from servicereports.assessments.models import Assessment, Judgement, Span, SupervisoryBody, Verdict
from servicereports.zones import provider_zone

EXPLAINED = frozenset({Verdict.PARTLY.value, Verdict.NOT_MET.value, Verdict.NONE.value})


def open_assessment(
    body: SupervisoryBody, *, period: str, first: date, lead: User, actor: Actor, now: datetime
) -> Assessment:
    """Open the self-assessment of a period with its figures. Safe to repeat: there is only one."""
    access.require(actor, "lead_assessments")
    if period not in Span.values or schedule.span_of(first, period)[0] != first:
        raise refuse("first", _("Choose the first day of the period."))
    if not body.is_active:
        raise refuse("body", _("This supervisory body is not asked any more."))
    check_responsible(lead, "lead")
    span = schedule.span_of(first, period)
    if there := _there(body, span):
        return there
    goals = indicators.goals()
    readings = indicators.read(list(goals), system_actor(), *span, now=now)
    provider = Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk")[0]
    try:
        with transaction.atomic():
            made: Assessment = open_record(
                Assessment, Kind.ASSESSMENT, actor=actor, now=now, title=_title(body, span),
                customer=provider, requester=User.objects.get(pk=actor.user_id), priority=Priority.MODERATE,
                assignee=lead, body=body, period=period, period_from=span[0], period_until=span[1],
                computed_at=now,
            )  # fmt: skip
            Judgement.objects.bulk_create(
                Judgement(assessment=made, indicator=code, goal=goals[code], **_facts(reading))
                for code, reading in readings.items()
            )
    except IntegrityError:
        if there := _there(body, span):
            return there
        raise
    return made


def _there(body: SupervisoryBody, span: tuple[date, date]) -> Assessment | None:
    rows = Assessment.objects.filter(body=body, period_from=span[0], period_until=span[1])
    found: Assessment | None = rows.first()
    return found


def _title(body: SupervisoryBody, span: tuple[date, date]) -> str:
    """In both languages, for lists and mails that show titles as they are."""
    names = " · ".join(dict.fromkeys(name for name in (body.name_en, body.name_zh) if name))
    return f"{names[:150]} {span[0]:%Y-%m-%d} – {span[1]:%Y-%m-%d}"


def _facts(reading: indicators.Reading) -> dict[str, Any]:
    return {"figure": reading.figure, "hits": reading.hits, "total": reading.total}


def may_write(actor: Actor, assessment: Assessment) -> bool:
    """The desk lead who writes it, and leaders."""
    return assessment.assignee_id == actor.user_id or access.may(actor, "lead_assessments")


def may_answer(actor: Actor, assessment: Assessment) -> bool:
    """The body's person; of a body without an account a leader who did not submit it."""
    if assessment.body.person_id:
        return assessment.body.person_id == actor.user_id
    return access.may(actor, "lead_assessments") and assessment.submitted_by_id != actor.user_id


def _begin(assessment: Assessment, actor: Actor, now: datetime, version: int | None) -> Assessment:
    """As the acts of who writes it begin: lock, permission, version, state."""
    if not may_write(actor, assessment):
        raise access.Denied(actor, "judge_indicator")
    current = begin(assessment, "judge_indicator", actor=actor, now=now, expected_version=version)
    if current.state not in lifecycle.OPEN:
        raise IllegalMove("judge_indicator", current.state, lifecycle.LIFECYCLE.legal_moves(current.state))
    return current


@transaction.atomic
def recompute(assessment: Assessment, *, actor: Actor, now: datetime) -> Assessment:
    """Bring the figures of one that is being written up to date; judgements and goals stay."""
    current = _begin(assessment, actor, now, None)
    rows = list(current.judgements.all())
    readings = indicators.read([row.indicator for row in rows], system_actor(), *current.span, now=now)
    for row in rows:
        for name, value in _facts(readings[row.indicator]).items():
            setattr(row, name, value)
    Judgement.objects.bulk_update(rows, ["figure", "hits", "total"])
    current.computed_at = now
    save(current, ["computed_at"], now=now)
    records_log.write(current, "assessment.recompute", actor=actor, at=now)
    return current


@transaction.atomic
def judge(
    assessment: Assessment,
    said: Mapping[str, tuple[str, str]],
    *,
    summary: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None,
) -> Assessment:
    """Store judgement and remarks by indicator, and the summary; the same again changes nothing."""
    current = _begin(assessment, actor, now, expected_version)
    changed = []
    for row in current.judgements.all():
        verdict, remarks = said.get(row.indicator, (row.verdict, row.remarks))
        if verdict and verdict not in Verdict.values:
            raise refuse(row.indicator, _("Choose one of the values."), "invalid_choice")
        remarks = _clean(remarks, row.indicator)
        if (verdict, remarks) != (row.verdict, row.remarks):
            row.verdict, row.remarks = verdict, remarks
            changed.append(row)
    text = _clean(summary, "summary")
    if not changed and text == current.summary:
        return current
    Judgement.objects.bulk_update(changed, ["verdict", "remarks"])
    current.summary = text
    save(current, ["summary"], now=now)
    records_log.write(current, "assessment.judge", actor=actor, at=now, count=len(changed))
    return current


def _clean(text: str, field: str) -> str:
    found = text.replace("\0", "").strip()
    if len(found) > MAX_TEXT:
        raise refuse(
            field, _("The text is too long: at most %(n)s characters.") % {"n": MAX_TEXT}, "too_long"
        )
    return found


@transaction.atomic
def submit(assessment: Assessment, *, sent_how: str = "", actor: Actor, now: datetime) -> Assessment:
    """Freeze it and give it to the supervisory body, whose person is told.

    ``sent_how`` says how it reached a body without an account. Refused while an indicator is not judged,
    an explanation is missing, or the period has not ended.
    """
    current = _begin(assessment, actor, now, None)
    _check_whole(current, now)
    body = current.body
    if body.person is None and not sent_how.strip():
        raise refuse("sent_how", _("Say how the body gets it, for example by mail or as a printed page."))
    if body.person and not (body.person.is_active and body.person.actor.is_staff_side):
        message = _("%(person)s cannot read it here; name another person of the body in the settings.")
        raise refuse("sent_how", message % {"person": body.person.name})
    done = move(
        current, "hand_in", actor=actor, now=now, expected_version=current.version,
        changes={
            "submitted_by": User.objects.get(pk=actor.user_id), "submitted_at": now,
            "sent_how": sent_how.strip()[:200], "opinion": "", "answered_by": "", "answered_at": None,
            "answer_recorded_by": None,
        },
        people=[body.person_id] if body.person_id else [], body=body.label,
    )  # fmt: skip
    if body.person:
        Watch.objects.get_or_create(record_id=done.pk, user=body.person)
    keeping.keep(done, content.of(done), actor=actor, now=now)
    return done


def _check_whole(current: Assessment, now: datetime) -> None:
    if timezone.localdate(now, provider_zone()) <= current.period_until:
        raise refuse("period", _("The period has not ended yet; its figures still change."))
    rows = list(current.judgements.all())
    unjudged = [row.get_indicator_display() for row in rows if not row.verdict]
    if unjudged:
        raise refuse("verdict", _("Not judged yet: %(names)s.") % {"names": ", ".join(unjudged)}, "required")
    bare = [row.get_indicator_display() for row in rows if _is_bare(row)]
    if bare:
        raise refuse(
            "remarks",
            _("Say why or what is done about it: %(names)s.") % {"names": ", ".join(bare)},
            "required",
        )
    if not current.summary:
        raise refuse("summary", _("Sum it up in a few words."), "required")


def _is_bare(row: Judgement) -> bool:
    """Without a word where one is owed: not met, or judged better than its figure."""
    is_short = indicators.reached(row.indicator, row.figure, row.goal) is False
    return not row.remarks and (is_short or row.verdict in EXPLAINED)


def answer(
    assessment: Assessment, *, accept: bool, opinion: str, answered_by: str = "", actor: Actor, now: datetime
) -> Assessment:
    """The body's opinion: accepted, or returned to be written anew.

    Of a body without an account a leader records it, and says whose opinion it is (``answered_by``).
    """
    if not may_answer(actor, assessment):
        raise access.Denied(actor, "endorse")
    words = _clean(opinion, "opinion")
    if not words:
        raise refuse("opinion", _("Say what the body thinks of it."), "required")
    person = assessment.body.person
    name = person.name if person else answered_by.strip()
    if not name:
        raise refuse("answered_by", _("Say whose opinion it is."), "required")
    recorded = None if person else User.objects.get(pk=actor.user_id)
    return move(
        assessment, "endorse" if accept else "send_back", actor=actor, now=now, note=words,
        changes={
            "opinion": words, "answered_by": name[:150], "answered_at": now, "answer_recorded_by": recorded,
        },
        by=name[:150],
    )  # fmt: skip


def open_due(*, now: datetime) -> list[Assessment]:
    """Open what each body is owed for the last period that has ended. Safe to repeat."""
    today = timezone.localdate(now, provider_zone())
    made = []
    rows = SupervisoryBody.objects.filter(is_active=True, lead__is_active=True).select_related("lead")
    for body in rows.order_by("pk"):
        span = schedule.last_ended(today, body.every)
        if body.lead and body.lead.actor.is_staff_side and not _there(body, span):
            made.append(
                open_assessment(
                    body, period=body.every, first=span[0], lead=body.lead, actor=system_actor(), now=now
                )
            )
    return made
