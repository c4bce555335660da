"""What may happen to a service request. PURE."""

from records.lifecycle import Lifecycle, Phase

SUBMITTED = "submitted"
APPROVAL = "approval"
OFFERED = "offered"
IN_FULFILMENT = "in_fulfilment"
ON_HOLD = "on_hold"
FULFILLED = "fulfilled"
CLOSED = "closed"
REJECTED = "rejected"
REFUSED = "refused"
CANCELLED = "cancelled"

BEFORE_WORK = frozenset({SUBMITTED, APPROVAL, OFFERED})
OPEN = BEFORE_WORK | {IN_FULFILMENT, ON_HOLD}

LIFECYCLE = Lifecycle(
    initial=SUBMITTED,
    phases={
        SUBMITTED: Phase.ACTIVE,
        APPROVAL: Phase.WAITING,
        OFFERED: Phase.WAITING,
        IN_FULFILMENT: Phase.ACTIVE,
        ON_HOLD: Phase.WAITING,
        FULFILLED: Phase.DONE,
        CLOSED: Phase.DONE,
        REJECTED: Phase.DONE,
        REFUSED: Phase.DONE,
        CANCELLED: Phase.DONE,
    },
    moves={
        "ask_approval": (frozenset({SUBMITTED}), APPROVAL),
        "release": (frozenset({APPROVAL}), SUBMITTED),
        "reject": (frozenset({APPROVAL}), REJECTED),
        # an offer that waits may be replaced by another one
        "quote": (frozenset({SUBMITTED, OFFERED}), OFFERED),
        "accept_quote": (frozenset({OFFERED}), SUBMITTED),
        "decline_quote": (frozenset({OFFERED}), REJECTED),
        "start": (frozenset({SUBMITTED}), IN_FULFILMENT),
        "hold": (frozenset({IN_FULFILMENT, ON_HOLD}), ON_HOLD),
        "resume": (frozenset({ON_HOLD}), IN_FULFILMENT),
        "fulfil": (frozenset({IN_FULFILMENT, ON_HOLD}), FULFILLED),
        "close": (frozenset({FULFILLED}), CLOSED),
        "reopen": (frozenset({FULFILLED}), IN_FULFILMENT),
        "refuse": (OPEN, REFUSED),
        "take_back": (BEFORE_WORK, CANCELLED),
        "cancel": (OPEN, CANCELLED),
    },
    withdrawn=frozenset({REJECTED, REFUSED, CANCELLED}),
)
