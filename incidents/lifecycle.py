"""What may happen to an incident. PURE."""

from records.lifecycle import Lifecycle, Phase

NEW = "new"
IN_PROGRESS = "in_progress"
ON_HOLD = "on_hold"
RESOLVED = "resolved"
CLOSED = "closed"
CANCELLED = "cancelled"

OPEN = frozenset({NEW, IN_PROGRESS, ON_HOLD})

LIFECYCLE = Lifecycle(
    initial=NEW,
    phases={
        NEW: Phase.ACTIVE,
        IN_PROGRESS: Phase.ACTIVE,
        ON_HOLD: Phase.WAITING,
        RESOLVED: Phase.DONE,
        CLOSED: Phase.DONE,
        CANCELLED: Phase.DONE,
    },
    moves={
        "start": (frozenset({NEW}), IN_PROGRESS),
        "resume": (frozenset({ON_HOLD}), IN_PROGRESS),
        # from on hold as well: the reason changes
        "hold": (OPEN, ON_HOLD),
        "resolve": (OPEN, RESOLVED),
        "close": (frozenset({RESOLVED}), CLOSED),
        "reopen": (frozenset({RESOLVED}), IN_PROGRESS),
        "cancel": (OPEN, CANCELLED),
    },
    withdrawn=frozenset({CANCELLED}),
)
