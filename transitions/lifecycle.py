"""What may happen to the transition of a service: brought in or changed, or taken out. PURE."""

from records.lifecycle import Lifecycle, Phase

DESIGNING = "designing"
PREPARING = "preparing"
IMPLEMENTING = "implementing"
WATCHING = "watching"
CLOSED = "closed"
CANCELLED = "cancelled"

BEFORE = frozenset({DESIGNING, PREPARING, IMPLEMENTING})
"""Before the service is live, or gone."""
OPEN = BEFORE | {WATCHING}
PLANNABLE = frozenset({DESIGNING, PREPARING})
"""Where design and plan may be written; with the implementation they stand."""

_PHASES = {
    DESIGNING: Phase.ACTIVE,
    PREPARING: Phase.ACTIVE,
    IMPLEMENTING: Phase.ACTIVE,
    WATCHING: Phase.ACTIVE,
    CLOSED: Phase.DONE,
    CANCELLED: Phase.DONE,
}


def _way(settle: str) -> Lifecycle:
    return Lifecycle(
        initial=DESIGNING,
        phases=_PHASES,
        moves={
            "settle_design": (frozenset({DESIGNING}), PREPARING),
            "begin_switch": (frozenset({PREPARING}), IMPLEMENTING),
            settle: (frozenset({IMPLEMENTING}), WATCHING),
            "step_back": (frozenset({IMPLEMENTING}), PREPARING),
            "end_watch": (frozenset({WATCHING}), CLOSED),
            "abandon": (BEFORE, CANCELLED),
        },
        withdrawn=frozenset({CANCELLED}),
    )


BRING = _way("go_live")
"""A new or a changed service."""
RETIRE = _way("take_out")
"""A service that ends."""
LIFECYCLE = Lifecycle.joined(BRING, RETIRE)
