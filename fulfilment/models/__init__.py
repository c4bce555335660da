"""The tables of requests: what is offered, what was ordered, and who has to approve it."""

from fulfilment.models.approval import Approval, ApprovalStage, UsedLink
from fulfilment.models.offering import Offering, OfferingVersion
from fulfilment.models.request import HOLDS, ServiceRequest, State, WaitingFor

__all__ = [
    "HOLDS", "Approval", "ApprovalStage", "Offering", "OfferingVersion", "ServiceRequest", "State",
    "UsedLink", "WaitingFor",
]  # fmt: skip
