"""What may happen to a meeting of the board of changes. PURE."""

from records.lifecycle import Lifecycle, Phase

PLANNED = "planned"
IN_SESSION = "in_session"
HELD = "held"
CLOSED = "closed"
CANCELLED = "cancelled"

BEFORE_THE_END = frozenset({PLANNED, IN_SESSION})
UNFINISHED = frozenset({PLANNED, IN_SESSION, HELD})

LIFECYCLE = Lifecycle(
    initial=PLANNED,
    phases={
        PLANNED: Phase.ACTIVE,
        IN_SESSION: Phase.ACTIVE,
        HELD: Phase.ACTIVE,
        CLOSED: Phase.DONE,
        CANCELLED: Phase.DONE,
    },
    moves={
        "begin": (frozenset({PLANNED}), IN_SESSION),
        "end_session": (frozenset({IN_SESSION}), HELD),
        "send_minutes": (frozenset({HELD}), CLOSED),
        "call_off": (frozenset({PLANNED}), CANCELLED),
    },
    withdrawn=frozenset({CANCELLED}),
)
