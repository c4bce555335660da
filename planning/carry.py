"""From a requirement to the terms of a draft agreement: what it says is carried over, nothing is typed twice.

Pure.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from planning.content import Content, Measure
from sla.terms import Text

SECTIONS = {
    "introduction": "expectation",
    "scope": "components",
    "service_hours": "hours",
    "continuity_security": "continuity",
    "customer_duties": "customer_duties",
}
"""Section of an agreement -> the part of a requirement whose words it begins with."""


def terms(
    content: Content,
    start: Mapping[str, Any],
    *,
    kept: Collection[str] = (),
    methods: Mapping[str, Text] | None = None,
) -> dict[str, Any]:
    """The JSON form of the terms. ``start`` is that of the package or of the edition before, or {}.

    ``kept`` are the keys of required figures that ``start`` keeps already; the others are added, or take the
    place of a row of the same key. ``methods`` say how a figure is measured. Without hours in ``start`` the
    required ones count; with neither the terms cannot be read.
    """
    found = dict(start)
    if not found.get("calendar") and content.calendar:
        found["calendar"] = content.calendar
    for kind, is_duration in (("targets", True), ("measures", False)):
        rows = {_key(row): row for row in found.get(kind, [])}
        for measure in content.measures:
            if measure.is_duration is is_duration and measure.key not in kept:
                rows[measure.key] = _row(measure, rows.get(measure.key, {}), methods or {})
        found[kind] = list(rows.values())
    found["sections"] = {**found.get("sections", {}), **_sections(content)}
    found["services"] = list(content.services or found.get("services", []))
    if content.cost.amount:
        found["cost"] = asdict(content.cost)
    return found


def _row(measure: Measure, old: Mapping[str, Any], methods: Mapping[str, Text]) -> dict[str, Any]:
    """The promise asked for, with what an older row of the same key says besides."""
    new = measure.term(methods.get(measure.key, Text()))
    if old and measure.key not in methods:
        del new["method"]
    return {**old, **new}


def _sections(content: Content) -> dict[str, Any]:
    parts = {section: getattr(content, part) for section, part in SECTIONS.items()}
    return {
        section: {"en": words.en, "zh": words.zh} for section, words in parts.items() if words.en or words.zh
    }


def _key(row: Mapping[str, Any]) -> str:
    head = f"{row.get('metric') or row['measure']}/{row.get('service') or ''}"
    return f"{head}/{row.get('priority') or ''}" if "metric" in row else head
