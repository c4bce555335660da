"""The verbs of a problem: raised, accepted or rejected, tied to incidents and changes, ended, reopened.

Each is one transaction on the record; mistakes come back as ValidationError keyed by field, refusals as
access.Denied, IllegalMove or Stale. What is known of the cause is in problems.analysis, known errors in
problems.known, what the system finds by itself in problems.recurring and problems.candidates.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from accounts.services import system_after
from actions.services import check_responsible
from catalog.models import Service
from cmdb.models import Item
from knowledge.services import provider
from problems import known, lifecycle, reading
from problems.models import KnownError, Outcome, Problem, Recurrence, Severity, Solution, Source
from records import log as records_log
from records import search
from records.kinds import TICKETS, Kind
from records.lifecycle import IllegalMove
from records.models import Link, Priority, Record
from records.services import MAX_TEXT, begin, link, move, open_record, refuse, save

# --- raised ----------------------------------------------------------------------------------


def open_problem(
    *,
    title: str,
    description: str,
    source: str,
    actor: Actor,
    now: datetime,
    caused_by: Record | None = None,
    incidents: Sequence[Record] = (),
    customer: Organisation | None = None,
    service: Service | None = None,
    items: Iterable[Item] = (),
    title_zh: str = "",
) -> Problem:
    """Raise a problem behind ``caused_by`` and further ``incidents``, which are linked to it (INC-11).

    Its customer is the one given, else the one all incidents are of, else the provider. Service and items
    that are not given are those of the incidents, where these have one in common.
    """
    access.require(actor, "raise_problem")
    behind = {row.pk: row for row in (*([caused_by] if caused_by else []), *incidents)}
    _check(title, title_zh, description, source)
    for row in behind.values():
        _check_incident(row, actor)
    things = list(items) or reading.items_of(behind)
    whose = customer or _customer(behind.values(), actor)
    with transaction.atomic():
        made: Problem = open_record(
            Problem, Kind.PROBLEM, actor=actor, now=now, customer=whose,
            requester=User.objects.get(pk=actor.user_id), priority=Priority.MODERATE,
            title=title.strip()[:200], title_zh=title_zh.strip()[:200], description=description.strip(),
            source=source, service=service or _common_service(behind.values()), words=[title_zh.strip()],
            noted={"source": records_log.bilingual(Source(source).label)},
        )  # fmt: skip
        made.items.set(things)
        for row in behind.values():
            link(row, made, kind=Link.Type.CAUSED_BY, actor=actor, now=now)
    return made


def _check(title: str, title_zh: str, description: str, source: str) -> None:
    if not title.strip():
        raise refuse("title", _("Say in a few words what the problem is."), "required")
    for field, text, most in (("title", title, 200), ("title_zh", title_zh, 200)):
        if len(text.strip()) > most:
            raise refuse(field, _("The text is too long: at most %(n)s characters.") % {"n": most})
    check_text("description", description)
    if source not in Source.values:
        raise refuse("source", _("Say where the problem comes from."), "required")


def check_text(field: str, text: str, *, required: str = "") -> str:
    """The text without blanks around; refused at its field where it is missing, too long or not text."""
    text = text.strip()
    if required and not text:
        raise refuse(field, required, "required")
    if "\0" in text:
        raise refuse(field, _("Null characters are not allowed."))
    if len(text) > MAX_TEXT:
        raise refuse(field, _("The text is too long: at most %(n)s characters.") % {"n": MAX_TEXT})
    return text


def _check_incident(row: Record, actor: Actor) -> None:
    if row.kind not in TICKETS and row.kind not in (Kind.MAJOR.value, Kind.COMPLAINT.value):
        raise refuse("incident", _("A problem is behind incidents; choose one."))
    access.require(actor, "link", row)


def _customer(rows: Iterable[Record], actor: Actor) -> Organisation:
    found = {row.customer_id: row.customer for row in rows}
    if len(found) == 1:
        return next(iter(found.values()))
    own = provider()
    if actor.scope is not None and own.pk not in actor.scope:
        raise refuse("customer", _("Choose the customer whose problem it is."), "required")
    return own


def _common_service(rows: Iterable[Record]) -> Service | None:
    found = {row.service_id for row in rows}
    if len(found) != 1 or None in found:
        return None
    service: Service | None = next(iter(rows)).service
    return service if service and service.is_published else None


def add_incident(problem: Problem, incident: Record, *, actor: Actor, now: datetime) -> Link:
    """Put one more incident behind a problem that is open. Safe to repeat."""
    _check_incident(incident, actor)
    with transaction.atomic():
        current = begin(problem, "link", actor=actor, now=now, expected_version=None)
        if current.state not in lifecycle.OPEN:
            raise IllegalMove("link", current.state, lifecycle.LIFECYCLE.legal_moves(current.state))
        there = Link.objects.filter(source=incident.pk, target=current.pk, type=Link.Type.CAUSED_BY).first()
        if there:
            return there
        made = link(incident, current, kind=Link.Type.CAUSED_BY, actor=actor, now=now)
        told = reading.told(current, incident)
        records_log.write(current, "problem.gathered", actor=actor, at=now, other=told)
        save(current, [], now=now)
    return made


def pass_to_change(problem: Problem, change: Record, *, actor: Actor, now: datetime) -> Link:
    """The problem is to be solved by this change: a link that is counted by itself (PRB-04, 06)."""
    if change.kind != Kind.CHANGE.value:
        raise refuse("change", _("Choose a change."))
    with transaction.atomic():
        current = begin(problem, "analyse_problem", actor=actor, now=now, expected_version=None)
        if current.state not in lifecycle.WORKED_ON:
            raise IllegalMove("pass", current.state, lifecycle.LIFECYCLE.legal_moves(current.state))
        there = Link.objects.filter(source=current.pk, target=change.pk, type=Link.Type.SOLVED_BY).first()
        return there or link(current, change, kind=Link.Type.SOLVED_BY, actor=actor, now=now)


# --- accepted, given to an expert ------------------------------------------------------------


def accept(
    problem: Problem, *, expert: User, actor: Actor, now: datetime, expected_version: int | None = None
) -> Problem:
    """The problem manager accepts it and assigns an expert; both times are stored (PRB-02)."""
    check_responsible(expert, "expert")
    manager = User.objects.get(pk=actor.user_id)
    return move(
        problem, "accept_problem", actor=actor, now=now, expected_version=expected_version,
        changes={
            "decided_at": now, "decided_by": manager, "owner": manager, "assignee": expert,
            "expert_since": now,
        },
        expert=expert.label,
    )  # fmt: skip


def reject(
    problem: Problem, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Problem:
    """The problem manager rejects it, with the reason."""
    reason = check_text("reason", reason, required=_("Say why it is rejected."))
    manager = User.objects.get(pk=actor.user_id)
    return move(
        problem, "reject_problem", actor=actor, now=now, expected_version=expected_version, note=reason,
        changes={"decided_at": now, "decided_by": manager, "outcome_reason": reason},
    )  # fmt: skip


def assign_expert(
    problem: Problem, *, expert: User, actor: Actor, now: datetime, expected_version: int | None = None
) -> Problem:
    """Give it to another expert; the same one again changes nothing."""
    check_responsible(expert, "expert")
    with transaction.atomic():
        current = locked(problem, "assign_expert", actor, now, expected_version)
        if current.assignee_id == expert.pk:
            return current
        current.assignee, current.expert_since = expert, now
        save(current, ["assignee", "expert_since"], now=now)
        records_log.write(current, "problem.assign_expert", actor=actor, at=now, expert=expert.label)
    return current


def locked(
    problem: Problem,
    act: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None,
    states: Iterable[str] = lifecycle.WORKED_ON,
) -> Problem:
    """As every act that is no move begins: lock, permission, version, state."""
    current = begin(problem, act, actor=actor, now=now, expected_version=expected_version)
    if current.state not in states:
        raise IllegalMove(act, current.state, lifecycle.LIFECYCLE.legal_moves(current.state))
    return current


def begin_solution(
    problem: Problem, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Problem:
    """From now on the chosen solution is carried out."""
    if not Solution.objects.filter(problem=problem.pk, is_chosen=True).exists():
        raise refuse("solution", _("Choose a solution first."), "required")
    return move(problem, "begin_solution", actor=actor, now=now, expected_version=expected_version)


def resume_analysis(
    problem: Problem, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Problem:
    """The solution does not do; the cause is looked for again."""
    reason = check_text("reason", reason, required=_("Say why the solution does not do."))
    return move(
        problem, "resume_analysis", actor=actor, now=now, note=reason, expected_version=expected_version
    )


# --- ended with exactly one outcome ----------------------------------------------------------

MOVES = {
    Outcome.SOLVED: "solve_problem",
    Outcome.WORKAROUND: "settle_problem",
    Outcome.DIRECT: "close_problem",
}


def may_close(actor: Actor, problem: Problem) -> bool:
    """The expert, and those who lead."""
    return problem.assignee_id == actor.user_id or access.may(actor, "accept_problem", problem)


def close(
    problem: Problem,
    *,
    outcome: str,
    summary: str,
    actor: Actor,
    now: datetime,
    reason: str = "",
    prevention: str = "",
    expected_version: int | None = None,
) -> Problem:
    """End it with one outcome and a summary; what this outcome still lacks is refused (PRB-04, 08).

    ``prevention`` says why no preventive measure is needed where none is recorded; ``reason`` is required
    where a problem is closed directly.
    """
    if outcome not in Outcome.values:
        raise refuse("outcome", _("Choose one outcome."), "required")
    summary = check_text("summary", summary, required=_("Sum up what was found and done."))
    reason, prevention = check_text("reason", reason), check_text("prevention", prevention)
    act = MOVES[Outcome(outcome)]
    with transaction.atomic():
        current = begin(problem, act, actor=actor, now=now, expected_version=expected_version)
        if not may_close(actor, current):
            raise access.Denied(actor, act)
        lifecycle.LIFECYCLE.next_state(current.state, act)
        if lacking := reading.lacking(current, outcome, reason=reason, prevention=prevention):
            raise ValidationError({name: [words] for name, words in lacking.items()})
        closed = move(
            current, act, actor=actor, now=now, note=summary,
            changes={
                "outcome": outcome, "outcome_reason": reason, "summary": summary, "prevention": prevention,
                "closed_by": User.objects.get(pk=actor.user_id),
            },
            outcome=records_log.bilingual(Outcome(outcome).label),
        )  # fmt: skip
        search.index(closed, public=[reason])
    return closed


def reopen(
    problem: Problem, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Problem:
    """It is not over: analysed again. Its outcome and the verification of its solution hold no more."""
    reason = check_text("reason", reason, required=_("Say why it is reopened."))
    with transaction.atomic():
        current = begin(problem, "reopen_problem", actor=actor, now=now, expected_version=expected_version)
        reopened = move(
            current, "reopen_problem", actor=actor, now=now, note=reason,
            changes={
                "outcome": "", "outcome_reason": "", "closed_by": None,
                "reopen_count": current.reopen_count + 1,
            },
        )  # fmt: skip
        Solution.objects.filter(problem=reopened.pk, is_chosen=True).update(
            is_chosen=False, verified_at=None, verified_by=None
        )
        for row in KnownError.objects.filter(of_problem=reopened.pk, state=lifecycle.PAST):
            known.renew(row, reason=reason, actor=system_after(actor), now=now)
    return reopened


# --- came again ------------------------------------------------------------------------------


def judge_recurrence(
    problem: Problem, recurrence: int, *, came_again: bool, reason: str, actor: Actor, now: datetime
) -> Recurrence:
    """The manager's word on an incident that looks like a closed problem's (PRB-09).

    Confirmed, the incident is put behind the problem, which is reopened if it is still closed; dismissed
    with a reason. A word once given stays.
    """
    reason = check_text("reason", reason, required=_("Say how you know."))
    with transaction.atomic():
        current = begin(problem, "judge_recurrence", actor=actor, now=now, expected_version=None)
        row = Recurrence.objects.select_for_update().filter(problem=current.pk, pk=recurrence).first()
        if row is None or not Record.objects.visible_to(actor).filter(pk=row.incident_id).exists():
            raise refuse("recurrence", _("There is no such recurrence."))
        if row.state != Recurrence.State.OPEN:
            raise refuse("recurrence", _("This was judged already."), "already_judged")
        row.state = Recurrence.State.CONFIRMED if came_again else Recurrence.State.DISMISSED
        row.decided_at, row.decided_by_id, row.reason = now, actor.user_id, reason
        row.save()
        verb = "problem.confirm_recurrence" if came_again else "problem.dismiss_recurrence"
        told = reading.told(current, row.incident)
        records_log.write(current, verb, actor=actor, at=now, text=reason, other=told)
        if came_again:
            if current.state == lifecycle.CLOSED:
                current = reopen(current, reason=reason, actor=actor, now=now)
            add_incident(current, row.incident, actor=actor, now=now)
    return row


def write_effect(
    problem: Problem,
    *,
    scope: str,
    severity: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Problem:
    """Whom and what it touches, and how badly (PRB-03)."""
    scope = check_text("scope", scope, required=_("Say whom and what it touches."))
    if severity not in Severity.values:
        raise refuse("severity", _("Say how severe it is."), "required")
    with transaction.atomic():
        current = locked(problem, "analyse_problem", actor, now, expected_version, lifecycle.OPEN)
        if (current.scope, current.severity) == (scope, severity):
            return current
        current.scope, current.severity = scope, severity
        save(current, ["scope", "severity"], now=now)
        noted(current, "effect", actor, now, text=scope)
    return current


def noted(problem: Problem, what: str, actor: Actor, now: datetime, *, text: str = "") -> None:
    """One entry of the log for whatever was written about cause, effect and solutions."""
    records_log.write(
        problem, "problem.analyse_problem", actor=actor, at=now, text=text,
        what=records_log.bilingual(reading.PARTS[what]),
    )  # fmt: skip
    if text:
        search.index(problem, internal=[text])
