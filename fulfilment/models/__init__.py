"""The tables of requests: what is offered, ordered, approved, done, charged and granted."""

from fulfilment.models.approval import Approval, ApprovalStage, UsedLink
from fulfilment.models.offering import Offering, OfferingVersion
from fulfilment.models.quote import Quotation
from fulfilment.models.request import HOLDS, ServiceRequest, State, WaitingFor
from fulfilment.models.right import AccessRight, PlannedQuantity
from fulfilment.models.work import Task

__all__ = [
    "HOLDS", "AccessRight", "Approval", "ApprovalStage", "Offering", "OfferingVersion", "PlannedQuantity",
    "Quotation", "ServiceRequest", "State", "Task", "UsedLink", "WaitingFor",
]  # fmt: skip
