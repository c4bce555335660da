"""What may happen to an appointment. PURE."""

from records.lifecycle import Lifecycle, Phase

PROPOSED = "proposed"
AGREED = "agreed"
UNDER_WAY = "under_way"
ARRIVED = "arrived"
DONE = "done"
MISSED = "missed"
CANCELLED = "cancelled"

AHEAD = frozenset({PROPOSED, AGREED})
BEFORE_ARRIVAL = frozenset({PROPOSED, AGREED, UNDER_WAY})
# it takes the engineer's time
OPEN = frozenset({PROPOSED, AGREED, UNDER_WAY, ARRIVED})

LIFECYCLE = Lifecycle(
    initial=PROPOSED,
    phases={
        PROPOSED: Phase.WAITING,
        AGREED: Phase.ACTIVE,
        UNDER_WAY: Phase.ACTIVE,
        ARRIVED: Phase.ACTIVE,
        DONE: Phase.DONE,
        MISSED: Phase.DONE,
        CANCELLED: Phase.DONE,
    },
    moves={
        "agree": (frozenset({PROPOSED}), AGREED),
        "set_out": (AHEAD, UNDER_WAY),
        "arrive": (BEFORE_ARRIVAL, ARRIVED),
        "finish": (frozenset({ARRIVED}), DONE),
        "miss": (BEFORE_ARRIVAL, MISSED),
        "cancel": (BEFORE_ARRIVAL, CANCELLED),
    },
    withdrawn=frozenset({CANCELLED}),
)
