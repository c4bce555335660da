"""What may happen next to an asset and to a service site. PURE."""

from records.lifecycle import Lifecycle, Phase

ORDERED = "ordered"
IN_STOCK = "in_stock"
IN_USE = "in_use"
IN_REPAIR = "in_repair"
DISPOSED = "disposed"

HERE = frozenset({IN_STOCK, IN_USE, IN_REPAIR})
"""The states in which an asset is there: delivered, and not yet disposed of."""

ASSET = Lifecycle(
    initial=ORDERED,
    phases={
        ORDERED: Phase.WAITING,
        IN_STOCK: Phase.ACTIVE,
        IN_USE: Phase.ACTIVE,
        IN_REPAIR: Phase.WAITING,
        DISPOSED: Phase.DONE,
    },
    moves={
        "receive": (frozenset({ORDERED}), IN_STOCK),
        "hand_out": (frozenset({IN_STOCK}), IN_USE),
        "take_back": (frozenset({IN_USE}), IN_STOCK),
        "send_to_repair": (frozenset({IN_STOCK, IN_USE}), IN_REPAIR),
        "back_from_repair": (frozenset({IN_REPAIR}), IN_STOCK),
        "dispose": (frozenset({IN_STOCK, IN_REPAIR}), DISPOSED),
    },
)

PLANNED = "planned"
OPEN = "open"
CLOSED = "closed"

# A site opens and closes by an approved application (assets.applications), never by hand.
SITE = Lifecycle(
    initial=PLANNED,
    phases={PLANNED: Phase.WAITING, OPEN: Phase.ACTIVE, CLOSED: Phase.DONE},
    moves={
        "open_site": (frozenset({PLANNED, CLOSED}), OPEN),
        "close_site": (frozenset({OPEN}), CLOSED),
    },
)
