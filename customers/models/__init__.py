"""What the relationship with customers is made of."""

from customers.models.complaints import AnswerTerm, Complaint, Duty, StaffFinding, StaffMatter, State

__all__ = ["AnswerTerm", "Complaint", "Duty", "StaffFinding", "StaffMatter", "State"]
