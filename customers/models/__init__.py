"""What the relationship with customers is made of."""

from customers.models.callbacks import Callback, CallbackRule, CallbackTry
from customers.models.complaints import AnswerTerm, Complaint, Duty, StaffFinding, StaffMatter, State
from customers.models.profiles import (
    ContactPerson,
    CustomerClass,
    CustomerProfile,
    Grade,
    ProfileChange,
    Publication,
    Standing,
    Visit,
)
from customers.models.surveys import (
    Closing,
    Invitation,
    Proposal,
    Question,
    Questionnaire,
    Response,
    ResponseItem,
    Survey,
    SurveyState,
)

__all__ = [
    "AnswerTerm",
    "Callback",
    "CallbackRule",
    "CallbackTry",
    "Closing",
    "Complaint",
    "ContactPerson",
    "CustomerClass",
    "CustomerProfile",
    "Duty",
    "Grade",
    "Invitation",
    "ProfileChange",
    "Proposal",
    "Publication",
    "Question",
    "Questionnaire",
    "Response",
    "ResponseItem",
    "StaffFinding",
    "StaffMatter",
    "Standing",
    "State",
    "Survey",
    "SurveyState",
    "Visit",
]
