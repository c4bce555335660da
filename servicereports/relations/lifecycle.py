"""What may happen to a report on the relationship with a customer. PURE."""

from records.lifecycle import Lifecycle, Phase

DRAFTED = "drafted"
APPROVED = "approved"
SHOWN = "shown"
CANCELLED = "cancelled"

FROZEN = frozenset({APPROVED, SHOWN})

LIFECYCLE = Lifecycle(
    initial=DRAFTED,
    phases={
        DRAFTED: Phase.ACTIVE,
        APPROVED: Phase.ACTIVE,
        SHOWN: Phase.DONE,
        CANCELLED: Phase.DONE,
    },
    moves={
        "endorse": (frozenset({DRAFTED}), APPROVED),
        "present": (frozenset({APPROVED}), SHOWN),
        "call_off": (frozenset({DRAFTED}), CANCELLED),
    },
    withdrawn=frozenset({CANCELLED}),
)
