"""What may happen to a change: three ways, each a table of its own. PURE.

A standard change takes a plan that was approved beforehand and goes straight to work. A normal one is
accepted, assessed and approved first. An emergency change is authorised by one leader, and the board looks
at it afterwards. Guards that need rows (all approvals in, plan tested, outcome named) are in the services.
"""

from records.lifecycle import Lifecycle, Phase

STANDARD = "standard"
NORMAL = "normal"
EMERGENCY = "emergency"

DRAFT = "draft"
SUBMITTED = "submitted"
ASSESSING = "assessing"
APPROVING = "approving"
APPROVED = "approved"
IMPLEMENTING = "implementing"
VERIFYING = "verifying"
REVIEWING = "reviewing"
CLOSED = "closed"
REJECTED = "rejected"
CANCELLED = "cancelled"

PHASES = {
    DRAFT: Phase.ACTIVE,
    SUBMITTED: Phase.ACTIVE,
    ASSESSING: Phase.ACTIVE,
    APPROVING: Phase.ACTIVE,
    APPROVED: Phase.ACTIVE,
    IMPLEMENTING: Phase.ACTIVE,
    VERIFYING: Phase.ACTIVE,
    REVIEWING: Phase.ACTIVE,
    CLOSED: Phase.DONE,
    REJECTED: Phase.DONE,
    CANCELLED: Phase.DONE,
}
BEFORE_APPROVAL = frozenset({DRAFT, SUBMITTED, ASSESSING})
# what is written down may still be changed; in the latter two that starts the approval anew
WRITABLE = BEFORE_APPROVAL | {APPROVING, APPROVED}
STANDS = frozenset({APPROVED, IMPLEMENTING})  # approved and not done: items may be altered on its authority
UNFINISHED = frozenset({*WRITABLE, IMPLEMENTING, VERIFYING, REVIEWING})
CARRIED_OUT = frozenset({VERIFYING, REVIEWING, CLOSED})
WITHDRAWN = frozenset({REJECTED, CANCELLED})

Moves = dict[str, tuple[frozenset[str], str]]
_WORK: Moves = {
    "begin_change": (frozenset({APPROVED}), IMPLEMENTING),
    "complete_change": (frozenset({IMPLEMENTING}), VERIFYING),
}
_REVIEWED: Moves = {
    "verify_change": (frozenset({VERIFYING}), REVIEWING),
    "close_change": (frozenset({REVIEWING}), CLOSED),
}


def _way(moves: Moves) -> Lifecycle:
    states = {DRAFT} | {state for sources, target in moves.values() for state in {*sources, target}}
    return Lifecycle(
        initial=DRAFT,
        phases={state: phase for state, phase in PHASES.items() if state in states},
        moves=moves,
        withdrawn=WITHDRAWN & states,
    )


# The plan and its test were approved with the template; verified, it is closed.
STANDARD_WAY = _way(
    {
        "take_standard": (frozenset({DRAFT}), APPROVED),
        **_WORK,
        "close_change": (frozenset({VERIFYING}), CLOSED),
        "cancel_change": (frozenset({DRAFT, APPROVED}), CANCELLED),
    }
)
NORMAL_WAY = _way(
    {
        "submit_change": (frozenset({DRAFT}), SUBMITTED),
        "accept_change": (frozenset({SUBMITTED}), ASSESSING),
        "return_change": (frozenset({SUBMITTED, ASSESSING}), DRAFT),
        "put_up_change": (frozenset({ASSESSING}), APPROVING),
        "approve_change": (frozenset({APPROVING}), APPROVED),
        "refuse_change": (frozenset({SUBMITTED, APPROVING}), REJECTED),
        # what was approved was edited afterwards
        "reapprove_change": (frozenset({APPROVED}), APPROVING),
        **_WORK,
        **_REVIEWED,
        "cancel_change": (WRITABLE, CANCELLED),
    }
)
EMERGENCY_WAY = _way(
    {
        "submit_change": (frozenset({DRAFT}), SUBMITTED),
        "return_change": (frozenset({SUBMITTED}), DRAFT),
        "authorise_change": (frozenset({SUBMITTED}), APPROVED),
        "refuse_change": (frozenset({SUBMITTED}), REJECTED),
        # what was authorised was edited afterwards
        "reauthorise_change": (frozenset({APPROVED}), SUBMITTED),
        **_WORK,
        **_REVIEWED,
        "cancel_change": (frozenset({DRAFT, SUBMITTED, APPROVED}), CANCELLED),
    }
)

WAYS = {STANDARD: STANDARD_WAY, NORMAL: NORMAL_WAY, EMERGENCY: EMERGENCY_WAY}
LIFECYCLE = Lifecycle.joined(*WAYS.values())
