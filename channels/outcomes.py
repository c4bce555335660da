"""What was decided on a mail, as a value."""

from dataclasses import dataclass

from accounts.models import Organisation
from records.models import Activity, Delivery, Record


@dataclass(frozen=True)
class Outcome:
    """``state`` and ``reason`` as in channels.models; ``customer`` says whose desk may see it."""

    state: str
    reason: str = ""
    detail: str = ""
    record: Record | None = None
    activity: Activity | None = None
    delivery: Delivery | None = None
    customer: Organisation | None = None
