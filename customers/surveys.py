"""The verbs of surveys: a questionnaire, people asked, answers taken once, bad scores brought to a leader.

An answer that was not given has no row anywhere and counts in no mean; one that was given is never changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor, Role
from accounts.models import Organisation, User
from accounts.services import system_actor, system_after
from customers import complaints, lifecycle
from customers.access import had_a_hand
from customers.deadlines import months_later
from customers.models import (
    Complaint,
    Invitation,
    Proposal,
    Question,
    Questionnaire,
    Response,
    ResponseItem,
    Survey,
)
from records import log as records_log
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.models import Channel, Link, Priority, Record, Watch
from records.services import link, move, open_record, refuse

MOST_WORDS = 4_000


class AlreadyAnswered(Exception):
    """This invitation has its answer; it stays as it is."""


class Over(Exception):
    """The time to answer is over."""


# --- what is asked ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A question to be: its kind, its words in both languages, and the options of a choice."""

    kind: str
    text_en: str
    text_zh: str
    options: Sequence[tuple[str, str]] = ()


def make_questionnaire(
    *,
    code: str,
    name_en: str,
    name_zh: str,
    questions: Sequence[Asked],
    intro_en: str = "",
    intro_zh: str = "",
    actor: Actor,
    now: datetime,
) -> Questionnaire:
    """A questionnaire with its questions, for good; the first on a scale is the score."""
    access.require(actor, "lead_customers")
    if not code.strip() or Questionnaire.objects.filter(code__iexact=code.strip()).exists():
        raise refuse("code", _("Choose a code that no questionnaire has."), "unique")
    if not any(row.kind == Question.Kind.SCALE for row in questions):
        raise refuse("questions", _("Ask at least one question on a scale: it is the score."), "required")
    for row in questions:
        if row.kind not in Question.Kind.values or not (row.text_en.strip() and row.text_zh.strip()):
            raise refuse("questions", _("Every question needs its words in both languages."), "required")
        if row.kind == Question.Kind.CHOICE and len(row.options) < 2:
            raise refuse("questions", _("A choice needs at least two options in both languages."), "required")
    with transaction.atomic():
        made = Questionnaire(
            code=code.strip(), name_en=name_en.strip(), name_zh=name_zh.strip(), intro_en=intro_en.strip(),
            intro_zh=intro_zh.strip(),
        )  # fmt: skip
        made.full_clean()
        made.save()
        Question.objects.bulk_create(
            Question(
                questionnaire=made, position=n, kind=row.kind, text_en=row.text_en.strip(),
                text_zh=row.text_zh.strip(),
                options=[list(o) for o in row.options] if row.kind == Question.Kind.CHOICE else [],
            )
            for n, row in enumerate(questions, 1)
        )  # fmt: skip
    return made


def plan(
    *,
    purpose: str,
    title: str,
    questionnaire: Questionnaire,
    customer: Organisation | None,
    actor: Actor,
    now: datetime,
    audience: str = Survey.Audience.CONTACTS,
    every_nth: int = 1,
    quiet_days: int = 30,
    valid_days: int = 14,
    bad_mark: int = 2,
    every_months: int | None = None,
) -> Survey:
    """Prepare a survey; nobody is asked before it begins. Without a customer: after tickets of all others."""
    access.require(actor, "lead_customers")
    if purpose == Survey.Purpose.PERIODIC and customer is None:
        raise refuse("customer", _("Say whose people are asked."), "required")
    if not title.strip():
        raise refuse("title", _("Give it a name."), "required")
    if not (every_nth >= 1 and 1 <= valid_days <= 366 and 1 <= bad_mark <= 4):
        raise refuse("every_nth", _("These numbers do not fit."))
    me = User.objects.select_related("organisation").get(pk=actor.user_id)
    whose = customer or Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk")[0]
    is_periodic = purpose == Survey.Purpose.PERIODIC
    return open_record(
        Survey, Kind.SURVEY, actor=actor, now=now, customer=whose, requester=me, owner=me,
        priority=Priority.LOW, title=title.strip()[:200], purpose=purpose, questionnaire=questionnaire,
        audience=audience if is_periodic else "", every_nth=every_nth, quiet_days=quiet_days,
        valid_days=valid_days, bad_mark=bad_mark, every_months=every_months if is_periodic else None,
    )  # fmt: skip


def begin(survey: Survey, *, actor: Actor, now: datetime) -> Survey:
    """From now on it asks: a periodic one at once, and everybody once."""
    with transaction.atomic():
        # two that begin for one customer wait for each other here
        Organisation.objects.select_for_update().get(pk=survey.customer_id)
        is_closing = survey.purpose == Survey.Purpose.CLOSING
        if is_closing and running_for(survey.customer_id) is not None:
            raise refuse("state", _("A survey after closed tickets is running for this customer already."))
        changes: dict[str, Any] = {}
        if survey.every_months:
            changes["repeats_on"] = months_later(timezone.localdate(now), survey.every_months)
        current = move(survey, "begin", actor=actor, now=now, changes=changes)
        if not is_closing:
            _ask_everybody(current, system_after(actor), now)
    return current


def _ask_everybody(survey: Survey, actor: Actor, now: datetime) -> None:
    people = list(audience_of(survey))
    if not people:
        raise refuse("state", _("The customer has nobody who could be asked."))
    expires = now + timedelta(days=survey.valid_days)
    for person in people:
        Invitation.objects.create(
            survey=survey, customer_id=survey.customer_id, person=person, created_at=now, expires_at=expires
        )
        Watch.objects.get_or_create(record_id=survey.pk, user=person)
    records_log.write(survey, "survey.invite", actor=actor, at=now, count=len(people))


def audience_of(survey: Survey) -> QuerySet[User]:
    """Whom a periodic survey asks: active people of the customer."""
    roles = [Role.CUSTOMER_MANAGER]
    if survey.audience == Survey.Audience.EVERYBODY:
        roles.append(Role.CUSTOMER)
    rows = User.objects.filter(organisation=survey.customer_id, is_active=True, grants__role__in=roles)
    return rows.distinct().order_by("pk")


def running_for(customer_id: int) -> Survey | None:
    """The survey after closed tickets that runs for exactly this organisation."""
    rows = Survey.objects.filter(customer=customer_id, purpose=Survey.Purpose.CLOSING)
    found: Survey | None = rows.filter(state=lifecycle.RUNNING).first()
    return found


def repeat_due(*, now: datetime) -> int:
    """Periodic surveys whose day has come are asked anew, each as a survey of its own; answers how many."""
    today, actor, made = timezone.localdate(now), system_actor(), 0
    due = Survey.objects.filter(repeats_on__lte=today).order_by("pk").values_list("pk", flat=True)
    for pk in list(due):
        with transaction.atomic():
            row = Survey.objects.select_for_update(no_key=True, of=("record_ptr", "self")).get(pk=pk)
            if row.repeats_on is None or row.repeats_on > today:
                continue
            row.repeats_on = None
            row.save(update_fields=["repeats_on"])
            following = plan(
                purpose=row.purpose, title=row.title, questionnaire=row.questionnaire, customer=row.customer,
                audience=row.audience, quiet_days=row.quiet_days, valid_days=row.valid_days,
                bad_mark=row.bad_mark, every_months=row.every_months, actor=actor, now=now,
            )  # fmt: skip
            if audience_of(following).exists():
                begin(following, actor=actor, now=now)
                made += 1
    return made


# --- asking after a ticket -------------------------------------------------------------------


def ask_about(ticket: Record, survey: Survey, *, actor: Actor, now: datetime) -> Invitation:
    """Invite the requester of a closed ticket; the caller has decided that it is its turn."""
    made = Invitation.objects.create(
        survey=survey, customer_id=ticket.customer_id, person_id=ticket.requester_id, ticket=ticket,
        created_at=now, expires_at=now + timedelta(days=survey.valid_days),
    )  # fmt: skip
    records_log.write(
        ticket, "survey.ask", actor=actor, at=now, person=ticket.requester.label, invitation=made.pk
    )
    return made


# --- answering -------------------------------------------------------------------------------

Answers = Mapping[int, Any]  # question -> 1 to 5, number of the option from 1, or words


def answer(
    invitation: Invitation, answers: Answers, *, way: str, actor: Actor, now: datetime, by: User | None = None
) -> Response:
    """Take an answer, once. Raises AlreadyAnswered, Over; ValidationError for what fits no question.

    ``by`` is who asked by telephone: staff, but nobody who worked on the ticket. By link and in the portal
    the person answers; somebody of the provider cannot.
    """
    _check_collector(invitation, way, by, actor)
    if Response.objects.filter(invitation=invitation).exists():
        raise AlreadyAnswered
    if invitation.expires_at <= now or invitation.survey.state != lifecycle.RUNNING:
        raise Over
    items = _items(invitation, answers)
    score = next((i.value for i in items if i.question.kind == Question.Kind.SCALE and _is_score(i)), None)
    try:
        with transaction.atomic():
            made = Response.objects.create(
                invitation=invitation, customer_id=invitation.customer_id, answered_at=now, way=way,
                collected_by=by, score=score,
            )  # fmt: skip
            for item in items:
                item.response = made
            ResponseItem.objects.bulk_create(items)
            if score is not None and score <= invitation.survey.bad_mark:
                _propose(made, invitation, system_after(actor), now)
    except IntegrityError:
        if Response.objects.filter(invitation=invitation).exists():
            raise AlreadyAnswered from None
        raise
    return made


def _check_collector(invitation: Invitation, way: str, by: User | None, actor: Actor) -> None:
    if way != Response.Way.PHONE:
        if actor.is_desk_side or (way == Response.Way.PORTAL and actor.user_id != invitation.person_id):
            raise access.Denied(actor, "answer_survey")
        return
    if by is None or by.pk != actor.user_id:
        raise access.Denied(actor, "collect_answer")
    access.require(actor, "collect_answer", _Of(invitation))
    if is_assessed(actor.user_id, invitation):
        raise refuse("by", _("You worked on this ticket: somebody else must ask."), "assessed")


@dataclass(frozen=True)
class _Of:
    """An invitation as the table of permissions reads it."""

    invitation: Invitation

    @property
    def customer_id(self) -> int:
        return self.invitation.customer_id

    @property
    def requester_id(self) -> int:
        return self.invitation.person_id


def is_assessed(user_id: int, invitation: Invitation) -> bool:
    """Whether the answer is about this person's own work."""
    return invitation.ticket is not None and user_id in had_a_hand(invitation.ticket)


def _is_score(item: ResponseItem) -> bool:
    first = item.question.questionnaire.questions.filter(kind=Question.Kind.SCALE).order_by("position")
    return bool(first.values_list("pk", flat=True).first() == item.question_id)


def _items(invitation: Invitation, answers: Answers) -> list[ResponseItem]:
    questions = {q.pk: q for q in invitation.survey.questionnaire.questions.all()}
    if strange := set(answers) - set(questions):
        raise refuse("answers", _("There is no question %(id)s here.") % {"id": min(strange)})
    found = []
    for pk, question in questions.items():
        given = answers.get(pk)
        if given is None or given == "":
            continue
        if question.kind == Question.Kind.TEXT:
            if not isinstance(given, str):
                raise refuse("answers", _("Answer this question in words."))
            words = given.replace("\0", "").strip()[:MOST_WORDS]
            if words:
                found.append(ResponseItem(question=question, words=words))
            continue
        most = 5 if question.kind == Question.Kind.SCALE else len(question.options)
        if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= most:
            raise refuse("answers", _("Answer with 1 to %(n)s, or not at all.") % {"n": most})
        found.append(ResponseItem(question=question, value=given))
    if not found:
        raise refuse("answers", _("Answer at least one question."), "required")
    return found


# --- bad scores ------------------------------------------------------------------------------


def _propose(response: Response, invitation: Invitation, actor: Actor, now: datetime) -> None:
    """Leaders decide whether it is a complaint; the survey's log says so, which the desk does not read."""
    Proposal.objects.create(response=response, customer_id=response.customer_id, created_at=now)
    records_log.write(invitation.survey, "survey.bad", actor=actor, at=now)


def _open_proposal(proposal: Proposal, actor: Actor) -> Proposal:
    rows = Proposal.objects.select_for_update(of=("self",)).select_related(
        "response__invitation__survey",
        "response__invitation__ticket",
        "response__invitation__person",
        "customer",
    )
    current = rows.get(pk=proposal.pk)
    access.require(actor, "judge_staff", _Of(current.response.invitation))
    if current.decision != Proposal.Decision.OPEN:
        raise IllegalMove("decide", current.decision, ())
    return current


def accept(proposal: Proposal, *, actor: Actor, now: datetime) -> Complaint:
    """Make a complaint of a bad score: it is answered like any other, and the customer follows it."""
    with transaction.atomic():
        current = _open_proposal(proposal, actor)
        invitation = current.response.invitation
        words = "\n".join(
            current.response.items.exclude(words="")
            .order_by("question__position")
            .values_list("words", flat=True)
        )
        about = invitation.ticket
        said = _("Score %(score)s of 5 in the survey “%(survey)s”.") % {
            "score": current.response.score,
            "survey": invitation.survey.title,
        }
        made = complaints.receive(
            title=f"{_('Not satisfied')}: {about.title if about else invitation.survey.title}"[:200],
            words=f"{said}\n{words}".strip(), customer=current.customer, requester=invitation.person,
            channel=Channel.PORTAL, about=about, received_at=current.response.answered_at, actor=actor,
            now=now,
        )  # fmt: skip
        link(made, invitation.survey, kind=Link.Type.CAUSED_BY, actor=actor, now=now)
        _decide(current, Proposal.Decision.ACCEPTED, "", made, actor, now)
    return made


def dismiss(proposal: Proposal, *, reason: str, actor: Actor, now: datetime) -> Proposal:
    """Put it aside, with the reason."""
    if not reason.strip():
        raise refuse("reason", _("Say why it is no complaint."), "required")
    with transaction.atomic():
        current = _open_proposal(proposal, actor)
        _decide(current, Proposal.Decision.DISMISSED, reason.strip(), None, actor, now)
    return current


def _decide(
    row: Proposal, decision: str, reason: str, complaint: Complaint | None, actor: Actor, now: datetime
) -> None:
    row.decision, row.reason, row.complaint = decision, reason, complaint
    row.decided_by_id, row.decided_at = actor.user_id, now
    row.save(update_fields=["decision", "reason", "complaint", "decided_by", "decided_at"])
