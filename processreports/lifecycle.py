"""What may happen to a report of a process. PURE."""

from records.lifecycle import Lifecycle, Phase

DRAFTED = "drafted"
COMMENTED = "commented"
APPROVED = "approved"
PUBLISHED = "published"
ISSUED = "issued"
CANCELLED = "cancelled"

OPEN = frozenset({DRAFTED, COMMENTED})
UNSENT = frozenset({DRAFTED, COMMENTED, APPROVED})
SENT = frozenset({PUBLISHED, ISSUED})
FROZEN = frozenset({APPROVED, PUBLISHED, ISSUED})

LIFECYCLE = Lifecycle(
    initial=DRAFTED,
    phases={
        DRAFTED: Phase.ACTIVE,
        COMMENTED: Phase.ACTIVE,
        APPROVED: Phase.ACTIVE,
        PUBLISHED: Phase.DONE,
        ISSUED: Phase.DONE,
        CANCELLED: Phase.DONE,
    },
    moves={
        # a commented report may be worded anew
        "word_report": (OPEN, COMMENTED),
        "turn_back_report": (frozenset({COMMENTED}), DRAFTED),
        "approve_report": (frozenset({COMMENTED}), APPROVED),
        # shown in the portal and sent; or sent to its recipients alone, who are the provider's
        "publish_report": (frozenset({APPROVED}), PUBLISHED),
        "issue_report": (frozenset({APPROVED}), ISSUED),
        "drop_report": (OPEN, CANCELLED),
    },
    withdrawn=frozenset({CANCELLED}),
)
