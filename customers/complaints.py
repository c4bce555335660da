"""The verbs of a complaint: received, acknowledged, judged, answered, handled, closed.

Whoever is complained about, in person or by the ticket it is about, does not judge it. Mistakes come back as
ValidationError keyed by field, refusals as access.Denied, IllegalMove or Stale.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import sla.services
from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from accounts.services import system_actor, system_after
from catalog.models import Service
from customers import deadlines, lifecycle
from customers.access import is_concerned, may_read
from customers.models import AnswerTerm, Complaint, Duty, StaffFinding, StaffMatter
from records import assignment
from records import log as records_log
from records.files import Upload
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.models import Channel, Link, Priority, Record, Watch
from records.services import begin, link, move, open_record, refuse, save
from sla import calendar as working_time

DEFAULT_DAYS = 5
BATCH = 100
FARTHEST_BACK = timedelta(days=3660)
# titles are shown as they are, to readers of either language (notices, lists, mails)
CONFIDENTIAL = "Complaint about a person · 关于人员的投诉"
VALID, NOT_VALID = gettext_lazy("valid"), gettext_lazy("not valid")


# --- receiving -------------------------------------------------------------------------------


def receive(
    *,
    title: str,
    words: str,
    customer: Organisation,
    requester: User,
    actor: Actor,
    now: datetime,
    nature: str = Complaint.Nature.COMPLAINT,
    channel: str = Channel.PORTAL,
    about: Record | None = None,
    service: Service | None = None,
    person: User | None = None,
    about_person: bool = False,
    complainant: str = "",
    received_at: datetime | None = None,
    is_major: bool = False,
    attachments: Sequence[Upload] = (),
) -> Complaint:
    """Record what a customer said; the specialist is told at once, a major one goes to the leader.

    ``received_at`` is when it came in, now if not given. ``person`` is somebody of the provider it is about,
    ``about_person`` that it is about one whom the customer does not name by account: then what was said is
    kept from the desk. The answer is due as the customer's agreement says.
    """
    received, is_private = received_at or now, about_person or person is not None
    _check(title, words, customer, requester, about, person, nature, received, now)
    if is_private and nature != Complaint.Nature.COMPLAINT:
        raise refuse(
            "about_person" if about_person else "person", _("Only a complaint is kept about a person.")
        )
    duty = _on_duty(Duty.Part.SPECIALIST, customer)
    due = answer_due(customer, received, at=now)
    facts: dict[str, Any] = {
        "title": CONFIDENTIAL if is_private else title.strip()[:200],
        "description": "" if is_private else words.strip(),
        "nature": nature, "channel": channel, "about": about, "service": service or (about and about.service),
        "complainant": complainant.strip(), "received_at": received, "due_at": due,
        "alarm_at": deadlines.warning_of(received, due), "is_confidential": is_private,
        "owner": duty, "priority": Priority.MODERATE,
    }  # fmt: skip
    with transaction.atomic():
        made = open_record(
            Complaint, Kind.COMPLAINT, actor=actor, now=now, customer=customer, requester=requester,
            attachments=attachments, **facts,
        )  # fmt: skip
        if is_private:
            said = "\n\n".join(part for part in (title.strip(), words.strip()) if part)
            StaffMatter.objects.create(complaint=made, customer=customer, person=person, words=said)
        Watch.objects.get_or_create(record_id=made.pk, user=requester)
        if about and not is_private:
            link(made, about, kind=Link.Type.CAUSED_BY, actor=system_after(actor), now=now)
        if is_major:
            made = _escalate(made, "", None, actor=system_after(actor), now=now)
    return made


def _check(
    title: str,
    words: str,
    customer: Organisation,
    requester: User,
    about: Record | None,
    person: User | None,
    nature: str,
    received: datetime,
    now: datetime,
) -> None:
    if not title.strip():
        raise refuse("title", _("Say in a few words what it is about."), "required")
    if not words.strip():
        raise refuse("words", _("Say what happened, or what you suggest."), "required")
    if "\0" in title + words:
        raise refuse("words", _("Null characters are not allowed."))
    if nature not in Complaint.Nature.values:
        raise refuse("nature", _("Choose a complaint, a suggestion or praise."), "invalid_choice")
    if requester.organisation_id != customer.pk:
        raise refuse("requester", _("Choose an active person of %(customer)s.") % {"customer": customer.name})
    if about and about.customer_id != customer.pk:
        raise refuse("about", _("This ticket is not one of %(customer)s.") % {"customer": customer.name})
    if person and not person.actor.is_staff_side:
        raise refuse("person", _("Choose an active person of the provider."))
    if received > now:
        raise refuse("received_at", _("This lies in the future."))
    if received < now - FARTHEST_BACK:
        raise refuse("received_at", _("This lies too far back."))


def answer_due(customer: Organisation, received: datetime, *, at: datetime) -> datetime:
    """By when to answer: the term of the customer's agreement in force, else the default, else 5 days."""
    version = sla.services.version_for(customer.pk, at)
    own = version.agreement_id if version else None
    terms = {t.agreement_id: t for t in AnswerTerm.objects.filter(Q(agreement=None) | Q(agreement=own))}
    term = terms.get(own) or terms.get(None)
    calendar = working_time.ALWAYS
    if version:
        calendar = sla.services.hours_of(sla.services.calendar_version_at(version.calendar_id, at))
    days, working = (term.days, term.is_working) if term else (DEFAULT_DAYS, False)
    return deadlines.due_of(days, working=working, calendar=calendar, start=received)


def _on_duty(part: str, customer: Organisation) -> User | None:
    """Who does this for the customer, else for all."""
    rows = Duty.objects.filter(Q(customer=customer) | Q(customer=None), part=part, user__is_active=True)
    found = {row.customer_id: row.user for row in rows.select_related("user")}
    return found.get(customer.pk) or found.get(None)


# --- the way of a complaint ------------------------------------------------------------------


def _require_reader(complaint: Complaint, actor: Actor, act: str) -> None:
    """Who may not read it does nothing with it, and who is complained about in person neither."""
    if not may_read(actor, complaint):
        raise access.Denied(actor, act)


def _words(text: str, field: str, message: str) -> str:
    if not text.strip():
        raise refuse(field, message, "required")
    return text.strip()


def acknowledge(
    complaint: Complaint, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Complaint:
    """Somebody has read it and looks into it; who does so handles it unless somebody was named."""
    _require_reader(complaint, actor, "acknowledge")
    changes: dict[str, Any] = {"acknowledged_at": complaint.acknowledged_at or now}
    if complaint.assignee_id is None and not is_concerned(actor, complaint):
        changes["assignee_id"] = actor.user_id
    return move(
        complaint, "acknowledge", actor=actor, now=now, expected_version=expected_version, changes=changes
    )


def give(complaint: Complaint, *, person: User, actor: Actor, now: datetime) -> Complaint:
    """Somebody else handles it, and is told; not who is complained about."""
    _require_reader(complaint, actor, "assign")
    if complaint.is_confidential and complaint.matter.is_about(person.pk):
        raise refuse("person", _("Choose somebody who is not complained about."))
    return assignment.assign(complaint, team=None, assignee=person, actor=actor, now=now)


def judge(
    complaint: Complaint,
    *,
    valid: bool,
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Complaint:
    """Valid or not, with the reason, by somebody who is not concerned."""
    _require_reader(complaint, actor, "judge")
    if complaint.nature != Complaint.Nature.COMPLAINT:
        raise refuse("valid", _("Suggestions and praise are not judged."))
    words = _words(reason, "reason", _("Say why it is valid, or why not."))
    if is_concerned(actor, complaint):
        message = _("You are concerned by this complaint: somebody else must judge it.")
        raise refuse("valid", message, "concerned")
    verdict = records_log.bilingual(VALID if valid else NOT_VALID)
    with transaction.atomic():
        current = begin(complaint, "judge", actor=actor, now=now, expected_version=expected_version)
        if current.state not in lifecycle.OPEN:
            legal = lifecycle.COMPLAINT.legal_moves(current.state)
            raise IllegalMove("judge", current.state, legal)
        current.is_valid, current.judgement, current.judged_at = valid, words, now
        current.judged_by_id = actor.user_id
        save(current, ["is_valid", "judgement", "judged_at", "judged_by"], now=now)
        records_log.write(current, "complaint.judge", actor=actor, at=now, text=words, verdict=verdict)
    return current


def answer(
    complaint: Complaint, *, text: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Complaint:
    """Tell the customer; a complaint was judged before. The first answer stops the deadline."""
    _require_reader(complaint, actor, "answer")
    words = _words(text, "text", _("Write the answer."))
    if complaint.nature == Complaint.Nature.COMPLAINT and complaint.is_valid is None:
        raise refuse("text", _("Judge first whether the complaint is valid."), "not_judged")
    changes = {"answered_at": complaint.answered_at or now, "alarm_at": None}
    return move(
        complaint, "answer", actor=actor, now=now, expected_version=expected_version, note=words,
        changes=changes,
    )  # fmt: skip


def handle(
    complaint: Complaint, *, text: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Complaint:
    """What was done about it."""
    _require_reader(complaint, actor, "handle")
    words = _words(text, "text", _("Say what was done."))
    return move(
        complaint, "handle", actor=actor, now=now, expected_version=expected_version, note=words,
        changes={"handled_at": now, "handling": words},
    )  # fmt: skip


def close(
    complaint: Complaint, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Complaint:
    """Done. A valid complaint only after it was handled, one about a person only with a finding."""
    _require_reader(complaint, actor, "close")
    if complaint.is_valid and complaint.state == lifecycle.ANSWERED:
        raise refuse("state", _("A valid complaint is closed after it was handled: say what was done."))
    if complaint.is_confidential and not complaint.matter.findings.exists():
        raise refuse("state", _("First record what was found about the person."))
    return move(complaint, "close", actor=actor, now=now, expected_version=expected_version)


def reopen(
    complaint: Complaint, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Complaint:
    """The answer did not do: taken up again, with what is still wrong. The first answer stays recorded."""
    _require_reader(complaint, actor, "reopen")
    words = _words(reason, "reason", _("Say what is still not right."))
    changes = {"handled_at": None, "outcome_score": None, "outcome_rated_at": None}
    return move(
        complaint, "reopen", actor=actor, now=now, expected_version=expected_version, note=words,
        changes=changes,
    )  # fmt: skip


def retract(
    complaint: Complaint, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Complaint:
    """The customer takes it back; the desk records whose word it is."""
    _require_reader(complaint, actor, "retract")
    words = _words(reason, "reason", _("Say why it is taken back."))
    return move(
        complaint, "retract", actor=actor, now=now, expected_version=expected_version, note=words,
        changes={"alarm_at": None},
    )  # fmt: skip


def rate_outcome(complaint: Complaint, *, score: int, words: str, actor: Actor, now: datetime) -> Complaint:
    """How content the customer is with what became of it, 1 to 5. The desk cannot say it for them."""
    if not 1 <= score <= 5:
        raise refuse("score", _("Give 1 to 5."), "invalid_choice")
    with transaction.atomic():
        current = begin(complaint, "rate_outcome", actor=actor, now=now, expected_version=None)
        if current.state not in lifecycle.REPLIED:
            legal = lifecycle.COMPLAINT.legal_moves(current.state)
            raise IllegalMove("rate_outcome", current.state, legal)
        current.outcome_score, current.outcome_words, current.outcome_rated_at = score, words.strip(), now
        save(current, ["outcome_score", "outcome_words", "outcome_rated_at"], now=now)
        records_log.write(
            current, "complaint.rate_outcome", actor=actor, at=now, text=words.strip(), score=score
        )
    return current


# --- leaders and people ----------------------------------------------------------------------


def escalate(
    complaint: Complaint,
    *,
    reason: str,
    leader: User | None = None,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Complaint:
    """A major complaint goes to the responsible leader, who is told; when and to whom stays recorded."""
    _require_reader(complaint, actor, "escalate")
    words = _words(reason, "reason", _("Say why it is major."))
    return _escalate(complaint, words, leader, actor=actor, now=now, expected_version=expected_version)


def _escalate(
    complaint: Complaint,
    words: str,
    leader: User | None,
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Complaint:
    to = leader or _on_duty(Duty.Part.LEADER, complaint.customer)
    if to and complaint.is_confidential and complaint.matter.is_about(to.pk):
        raise refuse("leader", _("Choose somebody who is not complained about."))
    if to and not to.actor.is_staff_side:
        raise refuse("leader", _("Choose an active person of the provider."))
    with transaction.atomic():
        if to:
            Watch.objects.get_or_create(record_id=complaint.pk, user=to)
        changes = {
            "is_major": True, "escalated_at": complaint.escalated_at or now, "escalated_to": to,
            "priority": Priority.HIGH,
        }  # fmt: skip
        current = begin(complaint, "escalate", actor=actor, now=now, expected_version=expected_version)
        if current.state not in lifecycle.OPEN:
            legal = lifecycle.COMPLAINT.legal_moves(current.state)
            raise IllegalMove("escalate", current.state, legal)
        for column, value in changes.items():
            setattr(current, column, value)
        save(current, list(changes), now=now)
        named = to.label if to else {"en": "the service level managers", "zh": "服务级别经理"}
        records_log.write(current, "complaint.escalate", actor=actor, at=now, text=words, leader=named)
    return current


def find(
    complaint: Complaint,
    *,
    verdict: str,
    reason: str,
    consequence: str,
    actor: Actor,
    now: datetime,
    person: User | None = None,
) -> StaffFinding:
    """Confirm or reject what was said about a person, with what follows from it; read by managers only."""
    access.require(actor, "judge_staff", complaint)
    _require_reader(complaint, actor, "judge_staff")
    if not complaint.is_confidential:
        raise refuse("verdict", _("This complaint is not about a person."))
    if verdict not in StaffFinding.Verdict.values:
        raise refuse("verdict", _("Confirm or reject it."), "invalid_choice")
    words = _words(reason, "reason", _("Say what it rests on."))
    if person and (not person.actor.is_staff_side or person.pk == actor.user_id):
        raise refuse("person", _("Choose an active person of the provider, not yourself."))
    if verdict == StaffFinding.Verdict.CONFIRMED and not (person or complaint.matter.person_id):
        raise refuse("person", _("Say whom it is about."), "required")
    if verdict == StaffFinding.Verdict.CONFIRMED and not consequence.strip():
        raise refuse("consequence", _("Say what follows from it."), "required")
    with transaction.atomic():
        current = begin(complaint, "judge_staff", actor=actor, now=now, expected_version=None)
        found = StaffFinding.objects.create(
            matter=current.matter, person=person or current.matter.person, verdict=verdict,
            reason=words, consequence=consequence.strip(),
            by_id=actor.user_id, at=now,
        )  # fmt: skip
        save(current, [], now=now)
        # what was found is not in the log, which the desk reads
        records_log.write(current, "complaint.found", actor=actor, at=now)
    return found


# --- time ------------------------------------------------------------------------------------


def remind(*, now: datetime) -> int:
    """Warn of answers that come due, and say which are overdue, each once; answers how many were told."""
    told = 0
    while told < BATCH * 10:
        with transaction.atomic():
            rows = Complaint.objects.select_for_update(
                skip_locked=True, no_key=True, of=("record_ptr", "self")
            )
            due = list(rows.filter(alarm_at__lte=now).order_by("alarm_at", "pk")[:BATCH])
            for row in due:
                _tell(row, now)
        told += len(due)
        if len(due) < BATCH:
            break
    return told


def _tell(row: Complaint, now: datetime) -> None:
    """One step: the warning, then that it is overdue, stamped with the instant it became true."""
    is_late = row.due_at <= now
    at = row.due_at if is_late else row.alarm_at
    row.alarm_at = None if is_late else row.due_at
    if is_late:
        row.overdue_at = row.due_at
    row.save(update_fields=["alarm_at", "overdue_at"])
    if row.state in lifecycle.UNANSWERED:
        verb = "complaint.overdue" if is_late else "complaint.warned"
        day = timezone.localtime(row.due_at).strftime("%Y-%m-%d %H:%M")
        records_log.write(row, verb, actor=system_actor(), at=at or now, due=day)
