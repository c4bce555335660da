"""The fingerprint of a plan: what was tested is what is deployed. PURE."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def digest(facts: Mapping[str, Any]) -> str:
    """SHA-256 of the facts as JSON with sorted keys; instants and dates as ISO text."""
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_text)
    return hashlib.sha256(text.encode()).hexdigest()


def _text(value: Any) -> str:
    return str(value.isoformat())
