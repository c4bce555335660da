"""What the board reads about a change: risk, judgements, promises at stake, collisions, plan."""

from typing import Any

from accounts.access import Actor
from accounts.models import in_reader_language
from boards import collisions, session
from boards.models import AgendaItem, BoardMeeting, Vote
from changes.models import Change, PostReview, State, TargetEffect
from itsm.templatetags.ui import instant_words

RISK_TONES = {1: "good", 2: "neutral", 3: "warn", 4: "bad"}
DECISION_TONES = {
    AgendaItem.Decision.APPROVED: "good",
    AgendaItem.Decision.CONDITIONAL: "warn",
    AgendaItem.Decision.REJECTED: "bad",
    AgendaItem.Decision.PUT_OFF: "neutral",
    AgendaItem.Decision.CONFIRMED: "good",
    AgendaItem.Decision.OBJECTED: "bad",
}


def of_item(item: AgendaItem, actor: Actor) -> dict[str, Any]:
    """The papers of one item, as templates/boards/_papers.html shows them."""
    change = item.change
    return {
        "item": item,
        "change": change,
        "state": State(change.state).label,
        "risk_tone": RISK_TONES.get(change.risk or 0, "neutral"),
        "when": _when(change),
        "outage": _outage(change),
        "items": [row.item for row in change.change_items.select_related("item")],
        "services": [row.service for row in change.change_services.select_related("service")],
        "assessments": list(change.assessments.all()),
        "effects": _effects(change),
        "collisions": collisions.of_change(change, actor),
        "review": PostReview.objects.filter(change=change).first(),
    }


def _effects(change: Change) -> list[dict[str, Any]]:
    """Per agreement the promises that are touched, and how many are not."""
    found: dict[int, dict[str, Any]] = {}
    rows = change.target_effects.select_related("agreement__customer").order_by("agreement__code", "pk")
    for row in rows:
        held = found.setdefault(row.agreement_id, {"agreement": row.agreement, "touched": [], "others": 0})
        if row.effect == TargetEffect.Effect.NONE:
            held["others"] += 1
        else:
            held["touched"].append((in_reader_language(row.name_en, row.name_zh), row))
    return list(found.values())


def _when(change: Change) -> str:
    if not (change.planned_start_at and change.planned_end_at):
        return ""
    return f"{instant_words(change.planned_start_at)} – {instant_words(change.planned_end_at)}"


def _outage(change: Change) -> str:
    if not (change.outage_from and change.outage_until):
        return ""
    return f"{instant_words(change.outage_from)} – {instant_words(change.outage_until)}"


def on_table(meeting: BoardMeeting, actor: Actor) -> list[dict[str, Any]]:
    """Every item of the agenda as the session's page shows it: votes, what is decided, who may what."""
    rows = meeting.agenda.select_related("change__requester", "decided_by").prefetch_related(
        "votes__participant"
    )
    voters = [row for row in meeting.participants.all() if row.has_vote]
    return [_row(meeting, item, voters, actor) for item in rows]


def _row(meeting: BoardMeeting, item: AgendaItem, voters: list[Any], actor: Actor) -> dict[str, Any]:
    cast = {vote.participant_id: vote for vote in item.votes.all()}
    counts = session.tally(item)
    is_open = not item.decision and meeting.state == "in_session"
    return {
        "item": item,
        "change": item.change,
        "risk_tone": RISK_TONES.get(item.change.risk or 0, "neutral"),
        "tone": DECISION_TONES.get(AgendaItem.Decision(item.decision), "neutral") if item.decision else "",
        "votes": [_voter(item, voter, cast.get(voter.pk), meeting, actor, is_open) for voter in voters],
        "counts": [(Vote.Choice(choice).label, counts[choice]) for choice in Vote.Choice.values],
        "is_open": is_open,
        "may_rule": is_open and session.may_rule(meeting, item, actor),
        "decisions": [
            (choice, AgendaItem.Decision(choice).label)
            for choice in session.DECISIONS[AgendaItem.Purpose(item.purpose)]
        ],
    }


def _voter(
    item: AgendaItem, voter: Any, vote: Vote | None, meeting: BoardMeeting, actor: Actor, is_open: bool
) -> dict[str, Any]:
    is_own = voter.user_id == item.change.requester_id
    may = actor.user_id in (voter.user_id, meeting.assignee_id)
    return {
        "participant": voter,
        "vote": vote,
        "is_own": is_own,
        "is_void": bool(vote and vote.content_hash != item.change.content_hash),
        "may_vote": is_open and may and not is_own,
        "is_me": voter.user_id == actor.user_id,
    }
