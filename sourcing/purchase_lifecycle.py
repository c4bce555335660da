"""What may happen to a procurement. PURE."""

from records.lifecycle import Lifecycle, Phase

DRAFT = "draft"
APPROVING = "approving"
SELECTING = "selecting"
ORDERED = "ordered"
DISPUTED = "disputed"
RECEIVED = "received"
SETTLED = "settled"
REFUSED = "refused"
DROPPED = "dropped"

OPEN = frozenset({DRAFT, APPROVING, SELECTING, ORDERED, DISPUTED})

LIFECYCLE = Lifecycle(
    initial=DRAFT,
    phases={
        DRAFT: Phase.ACTIVE,
        APPROVING: Phase.ACTIVE,
        SELECTING: Phase.ACTIVE,
        ORDERED: Phase.ACTIVE,
        DISPUTED: Phase.ACTIVE,
        RECEIVED: Phase.DONE,
        SETTLED: Phase.DONE,
        REFUSED: Phase.DONE,
        DROPPED: Phase.DONE,
    },
    moves={
        "ask_purchase": (frozenset({DRAFT}), APPROVING),
        "grant_purchase": (frozenset({APPROVING}), SELECTING),
        "refuse_purchase": (frozenset({APPROVING}), REFUSED),
        "place_order": (frozenset({SELECTING}), ORDERED),
        "accept_goods": (frozenset({ORDERED}), RECEIVED),
        "reject_goods": (frozenset({ORDERED}), DISPUTED),
        "await_goods": (frozenset({DISPUTED}), ORDERED),
        "settle_goods": (frozenset({DISPUTED}), SETTLED),
        "drop_purchase": (frozenset({DRAFT, APPROVING, SELECTING, ORDERED}), DROPPED),
    },
    withdrawn=frozenset({REFUSED, DROPPED}),
)
