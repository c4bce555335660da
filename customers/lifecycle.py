"""What may happen to a complaint, and to a survey. PURE."""

from records.lifecycle import Lifecycle, Phase

RECEIVED = "received"
ACKNOWLEDGED = "acknowledged"
ANSWERED = "answered"
HANDLED = "handled"
CLOSED = "closed"
RETRACTED = "retracted"

UNANSWERED = frozenset({RECEIVED, ACKNOWLEDGED})
OPEN = UNANSWERED | {ANSWERED, HANDLED}
REPLIED = frozenset({ANSWERED, HANDLED, CLOSED})

# Whether it is valid is a fact besides, judged before the answer; what is valid is handled before closing.
COMPLAINT = Lifecycle(
    initial=RECEIVED,
    phases={
        RECEIVED: Phase.ACTIVE,
        ACKNOWLEDGED: Phase.ACTIVE,
        ANSWERED: Phase.ACTIVE,
        HANDLED: Phase.ACTIVE,
        CLOSED: Phase.DONE,
        RETRACTED: Phase.DONE,
    },
    moves={
        "acknowledge": (frozenset({RECEIVED}), ACKNOWLEDGED),
        "answer": (UNANSWERED, ANSWERED),
        "handle": (frozenset({ANSWERED}), HANDLED),
        "close": (frozenset({ANSWERED, HANDLED}), CLOSED),
        "reopen": (REPLIED, ACKNOWLEDGED),
        "retract": (UNANSWERED, RETRACTED),
    },
    withdrawn=frozenset({RETRACTED}),
)

PREPARED = "prepared"
RUNNING = "running"
SURVEY_CLOSED = "survey_closed"
WITHDRAWN = "withdrawn"

SURVEY = Lifecycle(
    initial=PREPARED,
    phases={
        PREPARED: Phase.ACTIVE,
        RUNNING: Phase.ACTIVE,
        SURVEY_CLOSED: Phase.DONE,
        WITHDRAWN: Phase.DONE,
    },
    moves={
        "begin": (frozenset({PREPARED}), RUNNING),
        "conclude": (frozenset({RUNNING}), SURVEY_CLOSED),
        "withdraw": (frozenset({PREPARED}), WITHDRAWN),
    },
    withdrawn=frozenset({WITHDRAWN}),
)
