"""What may happen to a major incident. PURE."""

from records.lifecycle import Lifecycle, Phase

DECLARED = "declared"
DOWNGRADED = "downgraded"
REVIEW = "review"
CLOSED = "closed"

RUNNING = frozenset({DECLARED})
OPEN = frozenset({DECLARED, REVIEW})

LIFECYCLE = Lifecycle(
    initial=DECLARED,
    phases={DECLARED: Phase.ACTIVE, DOWNGRADED: Phase.DONE, REVIEW: Phase.ACTIVE, CLOSED: Phase.DONE},
    moves={
        "downgrade": (frozenset({DECLARED}), DOWNGRADED),
        "stand_down": (frozenset({DECLARED}), REVIEW),
        "wrap_up": (frozenset({REVIEW}), CLOSED),
    },
)
