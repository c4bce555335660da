"""Several contacts about one failure: children behind one parent, solved together (SD-31).

One level only: a parent has no parent, a child no children. A child stands still: work is done on the parent,
and its solution is the children's, so that every reporter is told. Its own clocks go on: what was promised to
its reporter was promised. Locks: attaching is serialised, then the parent's row before the children's.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, require
from accounts.services import system_after
from incidents import lifecycle
from incidents.models import Incident
from records import log as records_log
from records.lifecycle import IllegalMove
from records.models import Record
from records.services import begin, lock, refuse, save

ATTACHING = 0x1C1D  # one lock for all: attaching is rare, and two at once could make a circle
MOST = 200


def attach(
    incident: Incident,
    *,
    parent: Record,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Incident:
    """Put an open incident behind another one. Safe to repeat."""
    if not isinstance(parent, Incident):
        raise refuse("parent", _("Choose an incident as the parent."))
    if parent.pk == incident.pk:
        raise refuse("parent", _("An incident cannot be its own parent."))
    require(actor, "link", parent)
    with transaction.atomic():
        above = line_up(parent)
        current = begin(incident, "link", actor=actor, now=now, expected_version=expected_version)
        if current.parent_id == above.pk:
            return current
        check(current, above)
        current.parent_id = above.pk
        save(current, ["parent"], now=now)
        records_log.write(current, "incident.attach", actor=actor, at=now, parent=_named(above, current))
        records_log.write(above, "incident.adopt", actor=actor, at=now, child=_named(current, above))
    return current


def line_up(parent: Incident) -> Incident:
    """The parent under its lock, after everybody else who attaches. Before any child is locked, always."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ATTACHING])
    return lock(parent)


def check(child: Incident, parent: Incident) -> None:
    """Refuse what would not be one level of open incidents."""
    if child.state not in lifecycle.OPEN:
        raise IllegalMove("attach", child.state, lifecycle.LIFECYCLE.legal_moves(child.state))
    if parent.state not in lifecycle.OPEN:
        message = _("%(number)s is done; only an open incident can be a parent.")
        raise refuse("parent", message % {"number": parent.number})
    if parent.parent_id:
        message = _("%(number)s has a parent itself; choose that one.")
        raise refuse("parent", message % {"number": parent.number})
    if child.children.exists():
        message = _("%(number)s has tickets behind it; attach those to the other one instead.")
        raise refuse("parent", message % {"number": child.number})
    if parent.children.count() >= MOST:
        raise refuse("parent", _("At most %(n)s tickets can stand behind one.") % {"n": MOST})


def _named(record: Incident, reader: Incident) -> str | dict[str, str]:
    """A number in the other's log: not across customers, who reads one may not know of the other."""
    if record.customer_id == reader.customer_id:
        return record.number
    return {"en": "a ticket of another customer", "zh": "另一客户的工单"}


def adopt(parent: Incident, children: Iterable[Incident], *, actor: Actor, now: datetime) -> list[Incident]:
    """Put several incidents behind one, all or none."""
    with transaction.atomic():
        return [attach(child, parent=parent, actor=actor, now=now) for child in children]


def detach(
    incident: Incident, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Incident:
    """Let a child go its own way again. Safe to repeat."""
    with transaction.atomic():
        current = begin(incident, "link", actor=actor, now=now, expected_version=expected_version)
        if current.parent is not None:
            above = current.parent
            current.parent = None
            save(current, ["parent"], now=now)
            records_log.write(current, "incident.detach", actor=actor, at=now, parent=_named(above, current))
    return current


def check_free(incident: Incident) -> None:
    """Refuse to work on a child: it stands still behind its parent."""
    if incident.parent_id and incident.state in lifecycle.OPEN:
        message = _("It stands still behind %(parent)s: work on that one, or detach it first.")
        number = incident.parent.number if incident.parent else ""
        raise refuse("parent", message % {"parent": number})


def open_children(parent: Incident) -> list[Incident]:
    return list(parent.children.filter(state__in=lifecycle.OPEN).order_by("pk"))


def resolved_children(parent: Incident) -> list[Incident]:
    """Those that were solved with the parent and still wait for their reporter's word."""
    return list(parent.children.filter(state=lifecycle.RESOLVED, confirmed_at=None).order_by("pk"))


def release(parent: Incident, *, actor: Actor, now: datetime) -> None:
    """A parent that was given up lets its children go."""
    for child in open_children(parent):
        detach(child, actor=system_after(actor), now=now)
