"""What may happen to an action, and to an improvement plan. PURE."""

from records.lifecycle import Lifecycle, Phase

OPEN = "open"
IN_PROGRESS = "in_progress"
DONE = "done"
EFFECTIVE = "effective"
CANCELLED = "cancelled"

UNFINISHED = frozenset({OPEN, IN_PROGRESS})

# An action that is done still waits for its effect to be judged; one without effect is taken up again.
ACTION = Lifecycle(
    initial=OPEN,
    phases={
        OPEN: Phase.ACTIVE,
        IN_PROGRESS: Phase.ACTIVE,
        DONE: Phase.DONE,
        EFFECTIVE: Phase.DONE,
        CANCELLED: Phase.DONE,
    },
    moves={
        "start": (frozenset({OPEN}), IN_PROGRESS),
        "finish": (UNFINISHED, DONE),
        "confirm_effect": (frozenset({DONE}), EFFECTIVE),
        "redo": (frozenset({DONE}), IN_PROGRESS),
        "call_off": (UNFINISHED, CANCELLED),
    },
    withdrawn=frozenset({CANCELLED}),
)

PROPOSED = "proposed"
APPROVED = "approved"
RUNNING = "running"
CLOSED = "closed"
WITHDRAWN = "withdrawn"

PLAN = Lifecycle(
    initial=PROPOSED,
    phases={
        PROPOSED: Phase.ACTIVE,
        APPROVED: Phase.ACTIVE,
        RUNNING: Phase.ACTIVE,
        CLOSED: Phase.DONE,
        WITHDRAWN: Phase.DONE,
    },
    moves={
        "approve": (frozenset({PROPOSED}), APPROVED),
        "begin": (frozenset({APPROVED}), RUNNING),
        "conclude": (frozenset({RUNNING}), CLOSED),
        "withdraw": (frozenset({PROPOSED, APPROVED, RUNNING}), WITHDRAWN),
    },
    withdrawn=frozenset({WITHDRAWN}),
)
