"""What may happen to a review meeting. PURE."""

from records.lifecycle import Lifecycle, Phase

PLANNED = "planned"
HELD = "held"
MINUTES_SENT = "minutes_sent"
CLOSED = "closed"
CANCELLED = "cancelled"

UNSENT = frozenset({PLANNED, HELD})
TOOK_PLACE = frozenset({HELD, MINUTES_SENT, CLOSED})

LIFECYCLE = Lifecycle(
    initial=PLANNED,
    phases={
        PLANNED: Phase.ACTIVE,
        HELD: Phase.ACTIVE,
        MINUTES_SENT: Phase.DONE,
        CLOSED: Phase.DONE,
        CANCELLED: Phase.DONE,
    },
    moves={
        "record_meeting": (frozenset({PLANNED}), HELD),
        "send_minutes": (frozenset({HELD}), MINUTES_SENT),
        "conclude": (frozenset({MINUTES_SENT}), CLOSED),
        "call_off": (frozenset({PLANNED}), CANCELLED),
    },
    withdrawn=frozenset({CANCELLED}),
)
