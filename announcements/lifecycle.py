"""What may happen to an announcement. PURE."""

from records.lifecycle import Lifecycle, Phase

DRAFT = "draft"
PUBLISHED = "published"
OVER = "over"
DISCARDED = "discarded"

SHOWN = frozenset({PUBLISHED, OVER})

LIFECYCLE = Lifecycle(
    initial=DRAFT,
    phases={DRAFT: Phase.ACTIVE, PUBLISHED: Phase.ACTIVE, OVER: Phase.DONE, DISCARDED: Phase.DONE},
    moves={
        "announce": (frozenset({DRAFT}), PUBLISHED),
        "announce_end": (frozenset({PUBLISHED}), OVER),
        "announce_discard": (frozenset({DRAFT}), DISCARDED),
    },
    withdrawn=frozenset({DISCARDED}),
)
