"""What this app shows beside its own requests, on the page of the desk and on the customer's."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.access import Actor, may
from fulfilment import answers
from fulfilment.lifecycle import APPROVAL, LIFECYCLE, OFFERED
from fulfilment.models import AccessRight, ApprovalStage, Quotation, Task
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
    found: list[dict[str, Any]] = [
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


def tasks(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """The tasks with their states and who has them; customers see the steps without the people."""
    rows = list(Task.objects.filter(request=record.pk).select_related("team", "assignee"))
    if not rows:
        return None
    shown = [{"task": row, "tone": TASK_TONES[Task.State(row.state)]} for row in rows]
    done = (Task.State.DONE, Task.State.SKIPPED)
    return {"rows": shown, "done": sum(row.state in done for row in rows)}


def quotations(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """What was quoted, the latest first; the one the reader may decide on."""
    rows = list(Quotation.objects.filter(request=record.pk).select_related("decided_by"))
    if not rows:
        return None
    labels = dict(Quotation.Line.choices)
    waits = next((row for row in rows if row.state == Quotation.State.SENT), None)
    is_open = waits is not None and record.state == OFFERED
    may_decide = is_open and not actor.is_desk_side and may(actor, "accept_quote", record)
    return {
        "rows": [
            {
                "quotation": row,
                "tone": QUOTE_TONES[Quotation.State(row.state)],
                "lines": [{**line, "kind": labels[line["kind"]]} for line in row.lines],
            }
            for row in rows
        ],
        "may_decide": waits.pk if waits and may_decide else None,
        "waits_for_contact": is_open and not actor.is_desk_side and not may_decide,
    }


def right(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """The right of an access request: identity, authorisation, period, withdrawal."""
    related = ("identity_by", "authorised_by", "granted_by", "withdrawn_by", "person")
    row = AccessRight.objects.select_related(*related).filter(request=record.pk).first()
    may_withdraw = row is not None and row.granted_at and not row.withdrawn_at
    return {"right": row, "may_withdraw": may_withdraw and may(actor, "keep_right", record)} if row else None


TASK_TONES = {
    Task.State.PENDING: "quiet",
    Task.State.READY: "warn",
    Task.State.STARTED: "accent",
    Task.State.DONE: "good",
    Task.State.SKIPPED: "quiet",
}
QUOTE_TONES = {
    Quotation.State.SENT: "warn",
    Quotation.State.ACCEPTED: "good",
    Quotation.State.DECLINED: "bad",
    Quotation.State.REPLACED: "quiet",
}
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
        name="request-tasks", order=15, template="fulfilment/_tasks.html", content=tasks,
        side=Side.DESK, kinds=REQUESTS,
    ),
    Panel(
        name="request-tasks-portal", order=25, template="fulfilment/_portal_tasks.html", content=tasks,
        side=Side.PORTAL, kinds=REQUESTS,
    ),
    Panel(
        name="request-quotation", order=18, template="fulfilment/_quotation.html", content=quotations,
        side=Side.DESK, kinds=REQUESTS,
    ),
    Panel(
        name="request-quotation-portal", order=5, template="fulfilment/_quotation.html", content=quotations,
        side=Side.PORTAL, kinds=REQUESTS,
    ),
    Panel(
        name="request-right", order=12, template="fulfilment/_right.html", content=right,
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
