"""What may happen to a service level requirement. PURE."""

from records.lifecycle import Lifecycle, Phase

RAISED = "raised"
DEFINING = "defining"
FIXED = "fixed"
PLANNED = "planned"
AGREED = "agreed"
DECLINED = "declined"

OPEN = frozenset({RAISED, DEFINING, FIXED, PLANNED})
WRITABLE = frozenset({DEFINING, FIXED, PLANNED})
"""The states in which what it says may be changed; once there is a baseline, against it."""

# A new baseline leads back to "fixed": specification and plan are made for a baseline.
LIFECYCLE = Lifecycle(
    initial=RAISED,
    phases={
        RAISED: Phase.ACTIVE,
        DEFINING: Phase.ACTIVE,
        FIXED: Phase.ACTIVE,
        PLANNED: Phase.ACTIVE,
        AGREED: Phase.DONE,
        DECLINED: Phase.DONE,
    },
    moves={
        "define": (frozenset({RAISED}), DEFINING),
        "fix_baseline": (WRITABLE, FIXED),
        "plan_service": (frozenset({FIXED}), PLANNED),
        "make_agreement": (frozenset({PLANNED}), AGREED),
        "decline": (OPEN, DECLINED),
    },
    withdrawn=frozenset({DECLINED}),
)
