"""What is approved when a change is approved, as one value and its hash. PURE.

Whatever is in here is frozen by an approval: altering it starts the approval anew. What people add later
(the result of the test, exemptions, the log) is not.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

# columns of a change
FIELDS = (
    "title", "description", "reason", "expected_effect", "category", "nature", "is_major", "amount",
    "wanted_on", "agreement_id", "template_id", "risk", "risk_answers", "risk_edition_id", "plan",
    "backout_plan", "test_plan", "planned_start_at", "planned_end_at", "outage_from", "outage_until",
)  # fmt: skip
# a standard change is approved for any time
SCHEDULE = frozenset({"planned_start_at", "planned_end_at", "outage_from", "outage_until", "wanted_on"})


def digest(facts: Mapping[str, Any], *, is_standard: bool) -> str:
    """The hash of what is approved, the same whatever the order of keys; hexadecimal, 64 characters.

    ``facts`` holds :data:`FIELDS` and the rows that belong to them (items, services, judgements), each as
    something JSON can say, or a date, an instant or a decimal, which are written as they print.
    """
    kept = {key: value for key, value in facts.items() if not (is_standard and key in SCHEDULE)}
    text = json.dumps(kept, sort_keys=True, ensure_ascii=True, default=_printed, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _printed(value: object) -> str:
    written = getattr(value, "isoformat", None)
    return str(written()) if written else str(value)
