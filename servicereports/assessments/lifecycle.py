"""What may happen to a self-assessment of the desk. PURE."""

from records.lifecycle import Lifecycle, Phase

DRAFT = "draft"
SUBMITTED = "submitted"
RETURNED = "returned"
ACCEPTED = "accepted"

OPEN = frozenset({DRAFT, RETURNED})

LIFECYCLE = Lifecycle(
    initial=DRAFT,
    phases={
        DRAFT: Phase.ACTIVE,
        SUBMITTED: Phase.ACTIVE,
        RETURNED: Phase.ACTIVE,
        ACCEPTED: Phase.DONE,
    },
    moves={
        "hand_in": (OPEN, SUBMITTED),
        "send_back": (frozenset({SUBMITTED}), RETURNED),
        "endorse": (frozenset({SUBMITTED}), ACCEPTED),
    },
)
