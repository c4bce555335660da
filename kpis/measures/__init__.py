"""How each indicator is made, a module for each group of processes. To import it is to declare them."""

from kpis.measures import (
    attained,
    changing,
    desk,
    incidents,
    levels,
    promises,
    relations,
    reporting,
    rostering,
    waiting,
)  # fmt: skip

__all__ = [
    "attained", "changing", "desk", "incidents", "levels", "promises", "relations", "reporting", "rostering",
    "waiting",
]  # fmt: skip
