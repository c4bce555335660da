"""How each indicator is made, a module for each group of processes. To import it is to declare them."""

from kpis.measures import changing, desk, incidents, levels, relations, waiting

__all__ = ["changing", "desk", "incidents", "levels", "relations", "waiting"]
