"""What may happen to an article. PURE.

A published article stays to be read while its next version is written and reviewed; so there are two ways to
a review, and two ways back.
"""

from records.lifecycle import Lifecycle, Phase

DRAFT = "draft"
IN_REVIEW = "in_review"
PUBLISHED = "published"
REVISING = "revising"
REVISION_IN_REVIEW = "revision_review"
RETIRED = "retired"

WRITABLE = frozenset({DRAFT, REVISING})
UNDER_REVIEW = frozenset({IN_REVIEW, REVISION_IN_REVIEW})
# A version of these is there to be read by its audience.
SHOWN = frozenset({PUBLISHED, REVISING, REVISION_IN_REVIEW})

LIFECYCLE = Lifecycle(
    initial=DRAFT,
    phases={
        DRAFT: Phase.ACTIVE,
        IN_REVIEW: Phase.ACTIVE,
        PUBLISHED: Phase.DONE,
        REVISING: Phase.ACTIVE,
        REVISION_IN_REVIEW: Phase.ACTIVE,
        RETIRED: Phase.DONE,
    },
    moves={
        "send_draft": (frozenset({DRAFT}), IN_REVIEW),
        "send_revision": (frozenset({REVISING}), REVISION_IN_REVIEW),
        "return_draft": (frozenset({IN_REVIEW}), DRAFT),
        "return_revision": (frozenset({REVISION_IN_REVIEW}), REVISING),
        "publish_article": (UNDER_REVIEW, PUBLISHED),
        "begin_revision": (frozenset({PUBLISHED}), REVISING),
        "drop_revision": (frozenset({REVISING}), PUBLISHED),
        "retire": (frozenset({DRAFT, PUBLISHED, REVISING}), RETIRED),
    },
    withdrawn=frozenset({RETIRED}),
)
