"""What may happen to a problem and to a known error. PURE."""

from records.lifecycle import Lifecycle, Phase

RAISED = "raised"
ANALYSING = "analysing"
SOLVING = "solving"
CLOSED = "closed"
REJECTED = "rejected"

OPEN = frozenset({RAISED, ANALYSING, SOLVING})
WORKED_ON = frozenset({ANALYSING, SOLVING})
"""The states in which cause, effect and solutions are written."""

# Three ways to close, one for each outcome: a problem ends with exactly one (PRB-04). That it was passed to a
# change is no state: what was passed may still be solved by it, and is counted by its link.
LIFECYCLE = Lifecycle(
    initial=RAISED,
    phases={
        RAISED: Phase.ACTIVE,
        ANALYSING: Phase.ACTIVE,
        SOLVING: Phase.ACTIVE,
        CLOSED: Phase.DONE,
        REJECTED: Phase.DONE,
    },
    moves={
        "accept_problem": (frozenset({RAISED}), ANALYSING),
        "reject_problem": (frozenset({RAISED}), REJECTED),
        "begin_solution": (frozenset({ANALYSING}), SOLVING),
        "resume_analysis": (frozenset({SOLVING}), ANALYSING),
        "solve_problem": (WORKED_ON, CLOSED),
        "settle_problem": (WORKED_ON, CLOSED),
        "close_problem": (WORKED_ON, CLOSED),
        "reopen_problem": (frozenset({CLOSED}), ANALYSING),
    },
    withdrawn=frozenset({REJECTED}),
)

VALID = "valid"
PAST = "past"
DROPPED = "dropped"

# Of known errors: valid as long as the fault is there, past once its problem's solution is verified, dropped
# when it turns out to be none.
KNOWN = Lifecycle(
    initial=VALID,
    phases={VALID: Phase.ACTIVE, PAST: Phase.DONE, DROPPED: Phase.DONE},
    moves={
        "end_known_error": (frozenset({VALID}), PAST),
        "renew_known_error": (frozenset({PAST}), VALID),
        "drop_known_error": (frozenset({VALID, PAST}), DROPPED),
    },
    withdrawn=frozenset({DROPPED}),
)
