"""An action as a row of a table, the same on every page that lists some."""

from datetime import date
from typing import Any

from actions import lifecycle
from actions.models import Action, ActionState

TONES = {
    lifecycle.OPEN: "accent",
    lifecycle.IN_PROGRESS: "accent",
    lifecycle.DONE: "warn",
    lifecycle.EFFECTIVE: "good",
    lifecycle.CANCELLED: "quiet",
}


def row_of(action: Action, today: date) -> dict[str, Any]:
    """An action as templates/actions/_rows.html shows it."""
    return {
        "action": action,
        "state": ActionState(action.state).label,
        "tone": TONES.get(action.state, "neutral"),
        "is_overdue": action.is_overdue(today),
    }
