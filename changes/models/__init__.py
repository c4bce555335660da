"""The tables of changes: request, judgement, approval, carrying out, and what is known beforehand."""

from changes.models.approving import Approval, Condition, Exemption
from changes.models.carrying import LogStep, PostReview
from changes.models.change import Change, ChangeItem, ChangeService, State
from changes.models.judging import Assessment, RiskEdition, TargetEffect
from changes.models.template import ChangeTemplate
from changes.models.unauthorised import UnauthorisedChange

__all__ = [
    "Approval", "Assessment", "Change", "ChangeItem", "ChangeService", "ChangeTemplate", "Condition",
    "Exemption", "LogStep", "PostReview", "RiskEdition", "State", "TargetEffect", "UnauthorisedChange",
]  # fmt: skip
