"""What may happen to an audit of the register. PURE."""

from records.lifecycle import Lifecycle, Phase

PLANNED = "planned"
RUNNING = "running"
REPORTED = "reported"
APPROVED = "approved"
CANCELLED = "cancelled"

LIFECYCLE = Lifecycle(
    initial=PLANNED,
    phases={
        PLANNED: Phase.ACTIVE,
        RUNNING: Phase.ACTIVE,
        REPORTED: Phase.ACTIVE,
        APPROVED: Phase.DONE,
        CANCELLED: Phase.DONE,
    },
    moves={
        "draw_sample": (frozenset({PLANNED}), RUNNING),
        "conclude_audit": (frozenset({RUNNING}), REPORTED),
        "return_audit": (frozenset({REPORTED}), RUNNING),
        "approve_audit": (frozenset({REPORTED}), APPROVED),
        "call_off_audit": (frozenset({PLANNED, RUNNING}), CANCELLED),
    },
    withdrawn=frozenset({CANCELLED}),
)
UNFINISHED = frozenset({PLANNED, RUNNING, REPORTED})
