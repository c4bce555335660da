"""The approval of a change: who is asked, what they decide, and what makes it start anew.

Everybody who decides stands in line at the change's row, as whoever edits it does. A decision belongs to the
round it was asked in and to the content that was read then; a later edit leaves it as history.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor, Role
from accounts.models import User
from accounts.services import system_after
from catalog.models import Service
from changes import assessing, completeness, lifecycle, risk, scheduling
from changes.models import Approval, Change, Condition
from changes.reading import digest_of
from records import log as records_log
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.models import Record
from records.services import begin, move, refuse, save

Party = Approval.Party
Result = Approval.Result


def put_up(change: Change, *, actor: Actor, now: datetime, expected_version: int | None = None) -> Change:
    """Ask for approval of what is written now. Refused, naming it, while anything is missing."""
    if change.state == lifecycle.ASSESSING:
        # kept even if it is refused below: what is found is what has to be judged
        assessing.refresh(change, actor=actor, now=now)
    with transaction.atomic():
        current = begin(change, "put_up_change", actor=actor, now=now, expected_version=expected_version)
        lifecycle.WAYS[current.category].next_state(current.state, "put_up_change")
        look_again(current)
        completeness.raise_missing(missing(current, now=now))
        moved = move(current, "put_up_change", actor=actor, now=now)
        ask(moved, actor=actor, now=now)
        scheduling.place(moved, actor=actor, now=now)
    return moved


def look_again(change: Change) -> None:
    """Which services are affected is looked up anew, so that none is forgotten; under the change's lock."""
    assessing.keep_services(change)


def missing(change: Change, *, now: datetime) -> dict[str, str]:
    """What is missing before anybody may be asked to approve, by field."""
    found = completeness.missing_in_request(change)
    found |= assessing.missing(change, now=now)
    if change.risk is None:
        found["risk"] = _("Answer the risk questions.")
    if not change.plan.strip():
        found["plan"] = _("Write the plan.")
    if not change.backout_plan.strip():
        found["backout_plan"] = _("Write the back-out plan.")
    if scheduling.is_on_paper(change):
        return found
    if not change.planned_start_at:
        found["planned_start_at"] = _("Say when it is to be done.")
    elif change.planned_start_at < now and change.state == lifecycle.ASSESSING:
        found["planned_start_at"] = _("The planned time is over; choose another one.")
    return found


def path_of(change: Change) -> tuple[str, ...]:
    """Who has to approve the change, by its risk, amount, kind and whether it is a major one (CHG-13)."""
    if change.risk is None or change.risk_edition is None:
        return ()
    questions = risk.Questionnaire.parse(change.risk_edition.definition)
    return questions.path(
        category=change.category, risk=change.risk, amount=change.amount, is_major=change.is_major
    )


def ask(change: Change, *, actor: Actor, now: datetime) -> None:
    """Begin a round: one row per decision. In the caller's transaction and under the change's lock."""
    change.round += 1
    change.content_hash = digest_of(change)
    save(change, ["round", "content_hash"], now=now)
    rows = [row for party in path_of(change) for row in _rows(change, party, now)]
    rows = rows or list(_rows(change, Party.CHANGE_MANAGER, now))
    Approval.objects.bulk_create(rows)
    records_log.write(
        change, "change.asked", actor=actor, at=now, round=change.round, people=told(change, rows),
        parties=party_words(rows),
    )  # fmt: skip


def party_words(rows: Iterable[Approval]) -> dict[str, str]:
    """Who is asked, each party once, as a label of the log."""
    parties = [records_log.bilingual(Party(party).label) for party in dict.fromkeys(r.party for r in rows)]
    return {"en": ", ".join(p["en"] for p in parties), "zh": "、".join(p["zh"] for p in parties)}


def _rows(change: Change, party: str, now: datetime) -> Iterable[Approval]:
    blank = {
        "change": change, "round": change.round, "party": party, "content_hash": change.content_hash,
        "asked_at": now,
    }  # fmt: skip
    if party != Party.SERVICE_OWNER:
        yield Approval(**blank)
        return
    asked: set[int | None] = set()
    named = Service.objects.filter(pk__in=change.change_services.values("service"))
    for service in named.select_related("owner").order_by("code"):
        owner = service.owner if service.owner and may_speak(service.owner, change) else None
        # a service without an owner, or whose owner asks for the change, is spoken for by a leader
        if (owner.pk if owner else None) not in asked:
            asked.add(owner.pk if owner else None)
            yield Approval(**blank, service=service, person=owner)


def may_speak(person: User, change: Change) -> bool:
    """Whether somebody could be asked at all."""
    is_free = person.is_active and not is_own(person.pk, change)
    return is_free and access.may(person.actor, "decide_change", change)


def is_own(user_id: int, change: Change) -> bool:
    """Whether somebody would approve his own change: he asked for it, or carries it out."""
    return user_id in (change.requester_id, change.assignee_id)


def told(change: Change, rows: Iterable[Approval]) -> list[int]:
    """Who is told that his approval is waited for."""
    people = {row.person_id for row in rows if row.person_id}
    if any(row.person_id is None for row in rows):
        leaders = User.objects.filter(
            is_active=True, grants__role__in=(Role.MANAGER, Role.SERVICE_LEVEL_MANAGER)
        )
        people |= {p.pk for p in leaders.distinct() if not is_own(p.pk, change) and may_speak(p, change)}
    return sorted(people)


def decidable(change: Change, actor: Actor) -> list[Approval]:
    """The decisions of the present round that wait for this actor himself; without the board's."""
    if change.state != lifecycle.APPROVING or is_own(actor.user_id, change):
        return []
    if not access.may(actor, "decide_change", change):
        return []
    rows = list(change.approvals.filter(round=change.round))
    if any(row.decided_by_id == actor.user_id and row.by_board_id is None for row in rows):
        return []
    return [row for row in rows if not row.result and _is_for(row, change, actor)]


def _is_for(row: Approval, change: Change, actor: Actor) -> bool:
    leads = access.may(actor, "accept_change", change)
    match row.party:
        case Party.SERVICE_OWNER:
            return row.person_id == actor.user_id if row.person_id else leads
        case Party.CHANGE_MANAGER:
            return leads
        case Party.MANAGEMENT:
            return leads and actor.has(Role.ADMINISTRATOR, Role.MANAGER)
        case _:
            return False


def decide(
    change: Change,
    *,
    approve: bool,
    conditions: str,
    by_board: Record | None,
    actor: Actor,
    now: datetime,
    words: str = "",
    party: str = "",
    expected_version: int | None = None,
) -> Change:
    """Decide on what was put up: as the person or party asked, or by bringing a board's decision.

    ``conditions``: one a line; each must be noted as met before the implementation. A rejection needs words
    (or says why in ``conditions``) and ends the change. The last approval makes the change approved. Decided
    is on the round of ``change`` as it was read: one that was altered since is refused.
    """
    said = words.strip() or ("" if approve else conditions.strip())
    if not approve and not said:
        raise refuse("words", _("Say why you reject it."), "required")
    with transaction.atomic():
        current = begin(change, "decide_change", actor=actor, now=now, expected_version=expected_version)
        if current.round != change.round:
            raise refuse("decision", _("It was altered since you read it; read it again."), "altered")
        row = _waiting(current, by_board, party, actor)
        row.result = Result.APPROVED if approve else Result.REJECTED
        row.words, row.decided_by_id, row.by_board, row.decided_at = said, actor.user_id, by_board, now
        row.save(update_fields=["result", "words", "decided_by", "by_board", "decided_at"])
        if approve:
            _keep_conditions(current, row, conditions)
        save(current, [], now=now)
        records_log.write(
            current, "change.decided", actor=actor, at=now, text=said, round=current.round,
            party=records_log.bilingual(Party(row.party).label),
            decision=records_log.bilingual(Result(row.result).label),
            meeting=by_board.number if by_board else "",
        )  # fmt: skip
        return _after(current, row, said, actor=system_after(actor), now=now)


def _waiting(change: Change, by_board: Record | None, party: str, actor: Actor) -> Approval:
    """The row that this decision is about; refused in words when there is none."""
    if change.state != lifecycle.APPROVING:
        way = lifecycle.WAYS[change.category]
        raise IllegalMove("decide_change", change.state, way.legal_moves(change.state))
    if is_own(actor.user_id, change):
        raise refuse("decision", _("Nobody approves his own change."), "own")
    rows = list(change.approvals.filter(round=change.round))
    if by_board is not None:
        mine = [row for row in rows if row.party == Party.BOARD and not row.result]
        if by_board.kind != Kind.BOARD or not access.may(actor, "accept_change", change):
            raise refuse("by_board", _("Name the meeting of the board that decided."))
    else:
        if any(row.decided_by_id == actor.user_id and row.by_board_id is None for row in rows):
            raise refuse("decision", _("You have decided on this change already."), "decided")
        mine = [row for row in rows if not row.result and _is_for(row, change, actor)]
    mine = [row for row in mine if party in ("", row.party)]
    if not mine:
        raise refuse(
            "decision", _("No decision of yours is waited for; it may have been made meanwhile."), "decided"
        )
    return mine[0]


def _keep_conditions(change: Change, row: Approval, conditions: str) -> None:
    lines = [line.strip()[:500] for line in conditions.splitlines() if line.strip()]
    Condition.objects.bulk_create(Condition(change=change, approval=row, text=line) for line in lines)


def _after(change: Change, row: Approval, said: str, *, actor: Actor, now: datetime) -> Change:
    """A rejection ends it; the last approval of the round makes it approved."""
    waiting = change.approvals.filter(round=change.round, result="")
    if row.result == Result.REJECTED:
        waiting.update(result=Result.VOID, decided_at=now)
        scheduling.give_up(change)
        return move(change, "refuse_change", actor=actor, now=now, note=said)
    if waiting.exists():
        return change
    return move(change, "approve_change", actor=actor, now=now)


def authorise(
    change: Change, *, words: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Change:
    """One leader lets an emergency change be done now, and answers for it by name; the board looks at it
    afterwards (CHG-15).
    """
    if not words.strip():
        raise refuse("words", _("Say why it cannot wait."), "required")
    with transaction.atomic():
        current = begin(change, "authorise_change", actor=actor, now=now, expected_version=expected_version)
        lifecycle.WAYS[current.category].next_state(current.state, "authorise_change")
        if is_own(actor.user_id, current):
            raise refuse("words", _("Nobody approves his own change."), "own")
        completeness.require_request(current)
        current.round += 1
        content_hash = digest_of(current)
        Approval.objects.create(
            change=current, round=current.round, party=Party.LEADER, content_hash=content_hash,
            result=Result.APPROVED, words=words.strip(), decided_by_id=actor.user_id, asked_at=now,
            decided_at=now, person_id=actor.user_id,
        )  # fmt: skip
        leader = User.objects.get(pk=actor.user_id)
        scheduling.place(current, actor=actor, now=now)
        return move(
            current, "authorise_change", actor=actor, now=now, note=words.strip(),
            changes={"round": current.round, "content_hash": content_hash, "authorised_by": leader},
        )  # fmt: skip


def note_met(condition: Condition, *, words: str, actor: Actor, now: datetime) -> Condition:
    """Tick a condition as met, with what shows it. Safe to repeat."""
    with transaction.atomic():
        change = begin(condition.change, "work_change", actor=actor, now=now, expected_version=None)
        row = Condition.objects.get(pk=condition.pk)
        if row.met_at is not None:
            return row
        if change.state not in (lifecycle.APPROVING, lifecycle.APPROVED):
            way = lifecycle.WAYS[change.category]
            raise IllegalMove("work_change", change.state, way.legal_moves(change.state))
        row.met_by_id, row.met_at, row.met_words = actor.user_id, now, words.strip()[:500]
        row.save(update_fields=["met_by", "met_at", "met_words"])
        save(change, [], now=now)
        records_log.write(
            change, "change.condition_met", actor=actor, at=now, text=row.met_words, condition=row.text
        )
    return row
