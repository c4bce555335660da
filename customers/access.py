"""Who may read a complaint, and who had a hand in what it is about."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import Actor, may
from accounts.models import Organisation
from customers.models import Complaint, StaffMatter
from records.kinds import process_of
from records.lifecycle import Phase
from records.models import Activity, Record
from records.services import get_record


def complaints(actor: Actor) -> QuerySet[Complaint]:
    """What the actor may read. One about a person: for managers and who handles it, never for that person."""
    rows: QuerySet[Complaint] = Complaint.objects.visible_to(actor)
    if not actor.is_desk_side:
        return rows
    about_me = Q(person=actor.user_id) | Q(findings__person=actor.user_id)
    rows = rows.exclude(pk__in=StaffMatter.objects.filter(about_me).values("complaint"))
    if may(actor, "lead_customers"):
        return rows
    return rows.filter(Q(is_confidential=False) | Q(owner=actor.user_id) | Q(assignee=actor.user_id))


def may_read(actor: Actor, complaint: Complaint) -> bool:
    """The same for one complaint that is visible to the actor."""
    if not (complaint.is_confidential and actor.is_desk_side):
        return True
    if complaint.matter.is_about(actor.user_id):
        return False
    return may(actor, "lead_customers") or actor.user_id in (complaint.owner_id, complaint.assignee_id)


def get_complaint(actor: Actor, number: str) -> Complaint:
    """The complaint of a number; 404 if the actor may not know of it."""
    found = get_record(actor, number)
    if not isinstance(found, Complaint) or not may_read(actor, found):
        raise Http404(_("There is no record %(number)s.") % {"number": number[:20]})
    return found


def had_a_hand(record: Record) -> frozenset[int]:
    """Who works or worked on a ticket: its assignee and owner, and whoever solved it."""
    return had_hands([record])[record.pk]


def had_hands(records: Iterable[Record]) -> dict[int, frozenset[int]]:
    """The same of many tickets; one query."""
    rows = list(records)
    found: dict[int, set[int | None]] = {row.pk: {row.assignee_id, row.owner_id} for row in rows}
    verbs = {verb for kind in {row.kind for row in rows} for verb in _solving(kind)}
    solved = Activity.objects.filter(record__in=list(found), verb__in=verbs)
    solvers = solved.exclude(actor__organisation__kind=Organisation.Kind.CUSTOMER)
    for ticket, person in solvers.values_list("record", "actor"):
        found[ticket].add(person)
    return {pk: frozenset(one for one in people if one is not None) for pk, people in found.items()}


def _solving(kind: str) -> list[str]:
    """The moves by which work of a kind is said to be done, without giving it up."""
    cycle = process_of(kind).lifecycle
    return [
        f"{kind}.{move}"
        for move, (sources, state) in cycle.moves.items()
        if cycle.phases[state] == Phase.DONE
        and state not in cycle.withdrawn
        and any(cycle.phases[source] != Phase.DONE for source in sources)
    ]


def is_concerned(actor: Actor, complaint: Complaint) -> bool:
    """Who is complained about, in person or by the ticket, does not judge the complaint."""
    if complaint.is_confidential and complaint.matter.is_about(actor.user_id):
        return True
    return complaint.about is not None and actor.user_id in had_a_hand(complaint.about)
