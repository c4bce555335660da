"""What may happen next, as a table of data. PURE."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """The kernel's view of a state, the same for every process."""

    ACTIVE = "active"
    WAITING = "waiting"
    DONE = "done"


class IllegalMove(Exception):
    """A move that the lifecycle does not allow from this state."""

    def __init__(self, move: str, state: str, legal: tuple[str, ...]) -> None:
        super().__init__(
            f"{move} is not possible in state {state}; possible: {', '.join(legal) or 'nothing'}"
        )
        self.move = move
        self.state = state
        self.legal = legal


@dataclass(frozen=True)
class Lifecycle:
    """States, their phases, and the moves between them.

    ``moves`` maps a move to the states it may start from and the state it leads to; ``withdrawn`` are the
    states in which the work was given up, so that its clocks are cancelled instead of judged.
    """

    initial: str
    phases: Mapping[str, Phase]
    moves: Mapping[str, tuple[frozenset[str], str]]
    withdrawn: frozenset[str] = frozenset()

    def next_state(self, state: str, move: str) -> str:
        """The state ``move`` leads to. Raises IllegalMove, naming the legal moves."""
        sources, target = self.moves.get(move, (frozenset[str](), ""))
        if state not in sources:
            raise IllegalMove(move, state, self.legal_moves(state))
        return target

    def legal_moves(self, state: str) -> tuple[str, ...]:
        """The moves possible from ``state``, in the order of the table."""
        return tuple(move for move, (sources, _target) in self.moves.items() if state in sources)

    @classmethod
    def joined(cls, *ways: "Lifecycle") -> "Lifecycle":
        """All ways of one kind of work in one table: for pages and counts that ask of no single record.

        Raises ValueError where a state's phase or a move's target differs from way to way.
        """
        phases: dict[str, Phase] = {}
        moves: dict[str, tuple[frozenset[str], str]] = {}
        for way in ways:
            for state, phase in way.phases.items():
                if phases.setdefault(state, phase) != phase:
                    raise ValueError(f"state {state} has two phases")
            for move, (sources, target) in way.moves.items():
                known, into = moves.get(move, (frozenset[str](), target))
                if into != target:
                    raise ValueError(f"move {move} leads to {into} and to {target}")
                moves[move] = (known | sources, target)
        if len({way.initial for way in ways}) != 1:
            raise ValueError("all ways begin in one state")
        withdrawn = frozenset[str]().union(*(way.withdrawn for way in ways))
        return cls(initial=ways[0].initial, phases=phases, moves=moves, withdrawn=withdrawn)

    def states(self) -> frozenset[str]:
        return frozenset(self.phases)

    def is_final(self, state: str) -> bool:
        """Nothing can follow this state."""
        return not self.legal_moves(state)
