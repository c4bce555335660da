"""The verbs of a shift swap: ask, consent or decline, approve or refuse, withdraw.

A swap waits for the colleague, then for a manager who is neither of the two. Acts lock the duties in the
order of their ids, then the swap; whoever is second sees what the first did. Refusals are access.Denied,
what is not possible any more is records.lifecycle.IllegalMove, mistakes are ValidationError keyed by field.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Case, Value, When
from django.utils.translation import gettext as _

from accounts.access import Actor, Denied, require
from accounts.models import Membership, User
from records.lifecycle import Lifecycle, Phase
from records.services import refuse
from shifts.models import Duty, Swap
from shifts.services import clash_of, clash_words, lock_people

ASKED, CONSENTED = frozenset({"asked"}), frozenset({"consented"})
LIFECYCLE = Lifecycle(
    initial="asked",
    phases={
        "asked": Phase.WAITING, "consented": Phase.ACTIVE, "approved": Phase.DONE, "declined": Phase.DONE,
        "refused": Phase.DONE, "withdrawn": Phase.DONE,
    },
    moves={
        "consent": (ASKED, "consented"),
        "decline": (ASKED, "declined"),
        "approve": (CONSENTED, "approved"),
        "refuse": (CONSENTED, "refused"),
        "withdraw": (ASKED | CONSENTED, "withdrawn"),
    },
)  # fmt: skip


def ask(
    duty: Duty, *, colleague: User, reason: str, actor: Actor, now: datetime, in_return: Duty | None = None
) -> Swap:
    """Wish to give one's own duty to a colleague of the team, perhaps for one of theirs."""
    require(actor, "swap_duty")
    if not reason.strip():
        raise refuse("reason", _("Say why; who approves it reads it."), "required")
    try:
        with transaction.atomic():
            locked = _lock(duty, in_return)
            own = locked.get(duty.pk)
            if own is None or own.person_id != actor.user_id:
                raise Denied(actor, "swap_duty")
            _check(own, in_return and locked.get(in_return.pk), colleague, now)
            return Swap.objects.create(
                duty=own, in_return=in_return, team_id=own.team_id, pattern_id=own.pattern_id, date=own.date,
                asked_by_id=actor.user_id, colleague=colleague, reason=reason.strip()[:500], asked_at=now,
            )  # fmt: skip
    except IntegrityError:
        raise refuse("duty", _("A swap of this duty waits for an answer already."), "twice") from None


def _lock(*duties: Duty | None) -> dict[int, Duty]:
    ids = [duty.pk for duty in duties if duty and duty.pk]
    rows = Duty.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    return {duty.pk: duty for duty in rows.select_related("person", "pattern", "team")}


def _check(own: Duty, other: Duty | None, colleague: User, now: datetime) -> None:
    """What makes a swap impossible, at the field that is wrong."""
    if own.starts_at <= now:
        raise refuse("duty", _("This duty has begun; it cannot be swapped any more."))
    if not colleague.is_active or colleague.pk == own.person_id:
        raise refuse("colleague", _("Choose a colleague."))
    if not Membership.objects.filter(team=own.team_id, user=colleague).exists():
        raise refuse("colleague", _("%(person)s is not in this team.") % {"person": colleague.name})
    if other is not None and (other.person_id != colleague.pk or other.team_id != own.team_id):
        raise refuse("in_return", _("This duty is not the colleague's."))
    if other is not None and other.starts_at <= now:
        raise refuse("in_return", _("This duty has begun; it cannot be swapped any more."))


def act(swap: Swap, move: str, *, actor: Actor, now: datetime, words: str = "") -> Swap:
    """The colleague consents or declines, a manager approves or refuses, the asker withdraws."""
    with transaction.atomic():
        duties = _lock(swap.duty, swap.in_return)
        held = Swap.objects.select_for_update(of=("self",)).get(pk=swap.pk)
        _require(held, move, actor)
        held.state = LIFECYCLE.next_state(held.state, move)
        if move in ("consent", "decline"):
            held.answered_at = now
        else:
            held.decided_at, held.decided_by_id = now, actor.user_id
        held.words = words.strip()[:500] or held.words
        if move == "approve":
            _exchange(held, duties, now)
        held.save(update_fields=["state", "answered_at", "decided_at", "decided_by", "words"])
        return held


def may_act(swap: Swap, move: str, actor: Actor) -> bool:
    """Whether the actor is the one who does this with a swap in its state."""
    try:
        _require(swap, move, actor)
    except Denied:
        return False
    return move in LIFECYCLE.legal_moves(swap.state)


def _require(swap: Swap, move: str, actor: Actor) -> None:
    if move in ("approve", "refuse"):
        require(actor, "lead_roster")
        if actor.user_id in (swap.asked_by_id, swap.colleague_id):
            raise Denied(actor, "lead_roster")
        return
    require(actor, "swap_duty")
    if actor.user_id != (swap.asked_by_id if move == "withdraw" else swap.colleague_id):
        raise Denied(actor, "swap_duty")


def _exchange(swap: Swap, duties: dict[int, Duty], now: datetime) -> None:
    """Write the colleague on the duty and the asker on the other one; both as they are now, or not at all."""
    own = duties.get(swap.duty_id or 0)
    other = duties.get(swap.in_return_id or 0)
    if own is None or own.person_id != swap.asked_by_id or (swap.in_return_id and other is None):
        raise refuse("duty", _("The roster has changed since; this swap is not possible any more."))
    _check(own, other, swap.colleague, now)
    lock_people([swap.asked_by_id, swap.colleague_id])
    besides = [duty.pk for duty in (own, other) if duty]
    given = [(own, swap.colleague)] + ([(other, swap.asked_by)] if other else [])
    for duty, person in given:
        duty.person = person
        if clash := clash_of(duty, besides=besides):
            raise refuse("colleague", clash_words(clash), "clash")
    _write([duty for duty, _person in given])


def _write(duties: list[Duty]) -> None:
    """In one statement, after which the constraint looks: two seats at the same time change hands too."""
    for duty in duties:
        facts = {"team": duty.team_id, "person": duty.person_id, "pattern": duty.pattern_id}
        same = Duty.objects.filter(**facts, date=duty.date, kind=duty.kind)
        if same.exclude(pk=duty.pk).exists():
            raise refuse("colleague", clash_words(duty), "clash")
    persons = [When(pk=duty.pk, then=Value(duty.person_id)) for duty in duties]
    Duty.objects.filter(pk__in=[duty.pk for duty in duties]).update(person=Case(*persons))
