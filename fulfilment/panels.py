"""What this app shows beside its own requests, on the page of the desk and on the customer's."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.access import Actor, may
from fulfilment import answers
from fulfilment.lifecycle import APPROVAL, LIFECYCLE
from fulfilment.models import ApprovalStage
from records.models import Record
from records.panels import Panel, Side

REQUESTS = frozenset({"request"})


def ordered(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """What the customer filled in, the answer where it could not be met, and whether it can be taken back."""
    request: Any = record
    return {
        "answers": answers.lines(request.answers),
        "quantity": request.quantity,
        "remark": request.description,
        "refusal": request.refusal,
        "alternative": request.alternative,
        "may_take_back": "take_back" in LIFECYCLE.legal_moves(record.state)
        and may(actor, "take_back", record),
    }


def stages(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """The approval stages with who was asked and what they said, and the reader's own that waits."""
    rows = ApprovalStage.objects.filter(request=record.pk).prefetch_related("approvals__person")
    found = [
        {
            "stage": stage,
            "tone": TONES[ApprovalStage.State(stage.state)],
            "approvals": list(stage.approvals.all()),
            "is_over": record.state != APPROVAL,
        }
        for stage in rows
    ]
    if not found:
        return None
    mine = [
        row.pk
        for one in found
        for row in one["approvals"]
        if row.person_id == actor.user_id and not row.result and one["stage"].state == "open"
    ]
    return {"stages": found, "mine": mine[0] if mine and record.state == APPROVAL else None}


TONES = {
    ApprovalStage.State.PENDING: "quiet",
    ApprovalStage.State.OPEN: "warn",
    ApprovalStage.State.APPROVED: "good",
    ApprovalStage.State.REJECTED: "bad",
}
PANELS = (
    Panel(
        name="request-stages", order=20, template="fulfilment/_stages.html", content=stages,
        side=Side.DESK, kinds=REQUESTS,
    ),
    Panel(
        name="request-stages-portal", order=20, template="fulfilment/_stages.html", content=stages,
        side=Side.PORTAL, kinds=REQUESTS,
    ),
    Panel(
        name="request-ordered", order=10, template="fulfilment/_portal_ordered.html", content=ordered,
        side=Side.PORTAL, kinds=REQUESTS,
    ),
)  # fmt: skip
