"""What belongs to a supplier beside its contracts, by what it is about."""

from sourcing.models.admission import Check, Decision
from sourcing.models.defects import Defect
from sourcing.models.papers import Claim, Document, Procurement, SupplierReport
from sourcing.models.purchases import (
    Approval,
    ApprovalBand,
    Criterion,
    Delivery,
    Mark,
    Offer,
    Purchase,
    State,
)
from sourcing.models.ratings import Rating, RatingRule

__all__ = [
    "Approval", "ApprovalBand", "Check", "Claim", "Criterion", "Decision", "Defect", "Delivery", "Document",
    "Mark", "Offer", "Procurement", "Purchase", "Rating", "RatingRule", "State", "SupplierReport",
]  # fmt: skip
