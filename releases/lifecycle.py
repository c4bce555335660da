"""What may happen to a release: planned, ready, deployed, watched, reported on. PURE."""

from records.lifecycle import Lifecycle, Phase

PREPARING = "preparing"
READY = "ready"
DEPLOYING = "deploying"
MONITORING = "monitoring"
REPORTING = "reporting"
REVIEWING = "reviewing"
CLOSED = "closed"
CANCELLED = "cancelled"

BEFORE = frozenset({PREPARING, READY})
"""Nothing is deployed yet."""
RUNNING = frozenset({DEPLOYING, MONITORING})
AFTER = frozenset({MONITORING, REPORTING, REVIEWING, CLOSED})
OPEN = BEFORE | {DEPLOYING, MONITORING, REPORTING, REVIEWING}
HOLDS_CHANGES = BEFORE | {DEPLOYING, MONITORING}
"""While it is in one of these its changes are in no other release."""

LIFECYCLE = Lifecycle(
    initial=PREPARING,
    phases={
        PREPARING: Phase.ACTIVE,
        READY: Phase.ACTIVE,
        DEPLOYING: Phase.ACTIVE,
        MONITORING: Phase.ACTIVE,
        REPORTING: Phase.ACTIVE,
        REVIEWING: Phase.ACTIVE,
        CLOSED: Phase.DONE,
        CANCELLED: Phase.DONE,
    },
    moves={
        "make_ready": (frozenset({PREPARING}), READY),
        "replan": (frozenset({READY}), PREPARING),
        "deploy": (frozenset({READY}), DEPLOYING),
        "put_in_service": (frozenset({DEPLOYING}), MONITORING),
        "back_out": (RUNNING, REPORTING),
        "give_up": (RUNNING, REPORTING),
        "end_monitoring": (frozenset({MONITORING}), REPORTING),
        "hand_in_report": (frozenset({REPORTING}), REVIEWING),
        "return_report": (frozenset({REVIEWING}), REPORTING),
        "review_report": (frozenset({REVIEWING}), CLOSED),
        "call_off_release": (BEFORE, CANCELLED),
    },
    withdrawn=frozenset({CANCELLED}),
)
