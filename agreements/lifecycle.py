"""What may happen to an edition of an agreement. PURE."""

from records.lifecycle import Lifecycle, Phase

DRAFT = "draft"
INTERNAL_REVIEW = "internal_review"
PARTY_REVIEW = "party_review"
TO_SIGN = "to_sign"
IN_FORCE = "in_force"
SUPERSEDED = "superseded"
EXPIRED = "expired"
TERMINATED = "terminated"
WITHDRAWN = "withdrawn"

IN_MAKING = frozenset({DRAFT, INTERNAL_REVIEW, PARTY_REVIEW, TO_SIGN})

# What the people of the customer see of their agreements: its contacts from the offer on, the others while
# it binds.
SHOWN_TO = {
    "customer_manager": frozenset({PARTY_REVIEW, TO_SIGN, IN_FORCE, SUPERSEDED, EXPIRED, TERMINATED}),
    "customer": frozenset({IN_FORCE}),
}

LIFECYCLE = Lifecycle(
    initial=DRAFT,
    phases={
        DRAFT: Phase.ACTIVE,
        INTERNAL_REVIEW: Phase.ACTIVE,
        PARTY_REVIEW: Phase.WAITING,
        TO_SIGN: Phase.ACTIVE,
        IN_FORCE: Phase.DONE,
        SUPERSEDED: Phase.DONE,
        EXPIRED: Phase.DONE,
        TERMINATED: Phase.DONE,
        WITHDRAWN: Phase.DONE,
    },
    moves={
        "submit": (frozenset({DRAFT}), INTERNAL_REVIEW),
        "offer": (frozenset({INTERNAL_REVIEW}), PARTY_REVIEW),
        "agree": (frozenset({PARTY_REVIEW}), TO_SIGN),
        "activate": (frozenset({TO_SIGN}), IN_FORCE),
        "return": (frozenset({INTERNAL_REVIEW, PARTY_REVIEW, TO_SIGN}), DRAFT),
        "ask_changes": (frozenset({PARTY_REVIEW, TO_SIGN}), DRAFT),
        "withdraw": (IN_MAKING, WITHDRAWN),
        "supersede": (frozenset({IN_FORCE}), SUPERSEDED),
        "expire": (frozenset({IN_FORCE}), EXPIRED),
        "terminate": (frozenset({IN_FORCE}), TERMINATED),
    },
    withdrawn=frozenset({WITHDRAWN}),
)
