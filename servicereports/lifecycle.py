"""What may happen to a service report. PURE."""

from records.lifecycle import Lifecycle, Phase

DRAFTED = "drafted"
COMMENTED = "commented"
APPROVED = "approved"
PUBLISHED = "published"
RESTATED = "restated"
CANCELLED = "cancelled"

OPEN = frozenset({DRAFTED, COMMENTED})
UNSENT = frozenset({DRAFTED, COMMENTED, APPROVED})
SENT = frozenset({PUBLISHED, RESTATED})

LIFECYCLE = Lifecycle(
    initial=DRAFTED,
    phases={
        DRAFTED: Phase.ACTIVE,
        COMMENTED: Phase.ACTIVE,
        APPROVED: Phase.ACTIVE,
        PUBLISHED: Phase.DONE,
        RESTATED: Phase.DONE,
        CANCELLED: Phase.DONE,
    },
    moves={
        # a commented report may be worded anew
        "comment": (OPEN, COMMENTED),
        "return": (frozenset({COMMENTED}), DRAFTED),
        "approve": (frozenset({COMMENTED}), APPROVED),
        "publish": (frozenset({APPROVED}), PUBLISHED),
        "restate": (SENT, RESTATED),
        "call_off": (OPEN, CANCELLED),
    },
    withdrawn=frozenset({CANCELLED}),
)
