"""A release as its pages show it: words instead of codes, one function per part of the page."""

from datetime import datetime
from typing import Any

from accounts.access import Actor
from changes.models import State as ChangeState
from changes.reading import authority_of
from records.models import Record
from releases import lifecycle, needs, related
from releases.models import Release, ReleaseIncident, State
from releases.needing import Need

TONES = {
    lifecycle.PREPARING: "accent",
    lifecycle.READY: "accent",
    lifecycle.DEPLOYING: "warn",
    lifecycle.MONITORING: "good",
    lifecycle.REPORTING: "accent",
    lifecycle.REVIEWING: "accent",
    lifecycle.CLOSED: "quiet",
    lifecycle.CANCELLED: "quiet",
}
OUTCOMES = {"success": "good", "backed_out": "warn", "failed": "bad"}


def row_of(release: Release) -> dict[str, Any]:
    """A release with its state and outcome, as lists and heads show it."""
    return {
        "release": release,
        "state": State(release.state).label,
        "tone": TONES.get(release.state, "neutral"),
        "outcome": release.get_outcome_display() if release.outcome else "",
        "outcome_tone": OUTCOMES.get(release.outcome, "neutral"),
    }


def hindrances(release: Release, actor: Actor, now: datetime) -> list[Need]:
    """What stands in the way of the next step in the state it is in."""
    if release.state in lifecycle.BEFORE:
        return needs.of_plan(release)
    if release.state == lifecycle.DEPLOYING:
        backs_out = release.decision == Release.Decision.BACK_OUT
        lost = [] if backs_out else needs.of_changes(release)
        return lost + (needs.of_back_out(release) if backs_out else needs.of_service(release))
    if release.state == lifecycle.MONITORING:
        if release.decision == Release.Decision.BACK_OUT:
            return needs.of_back_out(release)
        return needs.of_monitoring(release, now)
    if release.state == lifecycle.REPORTING:
        return [
            need for need in needs.of_report(release, actor) if need.field in ("observations", "incidents")
        ]
    return []


def plan(release: Release) -> dict[str, Any]:
    return {
        "texts": [
            {"label": needs.label(name), "text": getattr(release, name)} for name in (*needs.PLAN, "criteria")
        ],
        "members": release.members.select_related("person"),
        "nodes": release.nodes.select_related("responsible", "done_by"),
        "tests": [
            {"row": row, "fits": row.sha256 == needs.fingerprint(release)}
            for row in release.tests.select_related("tested_by", "attachment")[:20]
        ],
    }


def changes(release: Release, actor: Actor) -> dict[str, Any]:
    """The changes with their state by now, and the items they bring to a new revision."""
    rows = release.bundled.select_related("change__assignee")
    return {
        "bundled": [
            {
                "row": row,
                "state": ChangeState(row.change.state).label,
                "stands": authority_of(row.change).is_approved,
            }
            for row in rows
        ],
        "items": release.release_items.select_related("item", "change", "step"),
    }


def incidents(release: Release, actor: Actor) -> dict[str, Any]:
    """What was decided on and what is proposed, as far as the actor sees the tickets."""
    decided = list(release.incidents.select_related("incident", "decided_by"))
    proposed = related.proposed(release)
    ids = [row.incident_id for row in decided] + [one.incident.pk for one in proposed]
    seen = set(Record.objects.visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))
    return {
        "decided": [row for row in decided if row.incident_id in seen],
        "proposed": [
            {"incident": one.incident, "why": ReleaseIncident.Why(one.why).label}
            for one in proposed
            if one.incident.pk in seen
        ],
        "hidden": len(set(ids) - seen),
        "observations": release.observations.select_related("recorded_by"),
    }
