"""Which items an audit looks at: drawn by chance, and drawn again alike from the same seed. PURE."""

import hashlib
from collections.abc import Iterable

EVERY, COUNT, SHARE = "every", "count", "share"


def size_of(population: int, how: str, amount: int) -> int:
    """How many of so many are drawn: all, ``amount`` of them, or ``amount`` per cent, rounded up.

    At least one where there is any, never more than there are. ValueError for an unknown ``how``.
    """
    if how == EVERY or not population:
        return population
    if how == COUNT:
        return max(1, min(population, amount))
    if how == SHARE:
        return max(1, min(population, -(-population * amount // 100)))
    raise ValueError(how)


def draw(numbers: Iterable[str], size: int, seed: int) -> list[str]:
    """``size`` of the numbers, in the order of the numbers.

    Each is ordered by a hash of the seed and itself, so the draw depends on neither the order in which they
    come nor the version of a random generator: whoever knows seed and numbers can check it.
    """
    ranked = sorted(set(numbers), key=lambda number: (_rank(seed, number), number))
    return sorted(ranked[:size])


def _rank(seed: int, number: str) -> str:
    return hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()
