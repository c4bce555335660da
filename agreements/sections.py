"""What the sections of an agreement are called, in the order of the document (SLM-11)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

NAMES: Mapping[str, Any] = {
    "introduction": gettext_lazy("Introduction"),
    "parties": gettext_lazy("Parties"),
    "validity": gettext_lazy("Validity"),
    "approval": gettext_lazy("Approval"),
    "scope": gettext_lazy("Scope and services"),
    "contacts": gettext_lazy("Contacts and communication"),
    "service_hours": gettext_lazy("Service hours"),
    "interruptions": gettext_lazy("Planned and agreed interruptions"),
    "customer_duties": gettext_lazy("Duties of the customer"),
    "priority_guide": gettext_lazy("Impact and priority guide"),
    "escalation": gettext_lazy("Escalation and notification"),
    "complaints": gettext_lazy("Complaint procedure"),
    "service_targets": gettext_lazy("Service targets"),
    "metrics": gettext_lazy("Metrics"),
    "workload_limits": gettext_lazy("Workload limits"),
    "changes": gettext_lazy("Changes"),
    "continuity_security": gettext_lazy("Continuity and security"),
    "charges": gettext_lazy("Charges"),
    "interruption_procedure": gettext_lazy("Action on interruption"),
    "exceptions": gettext_lazy("Exceptions"),
    "reporting_review": gettext_lazy("Reporting and review"),
    "incentives_penalties": gettext_lazy("Incentives, penalties and liability"),
    "glossary": gettext_lazy("Glossary"),
}
