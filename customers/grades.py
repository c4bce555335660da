"""What a customer's grade means for the level of service proposed to it. PURE."""

A, B, C, D = "a", "b", "c", "d"

# grade -> rank of a package within its family; 1 is the best
RANKS = {A: 1, B: 2, C: 3, D: 4}


def rank_of(grade: str) -> int | None:
    """The rank of the packages that fit a grade; None for a customer without one."""
    return RANKS.get(grade)
