"""What belongs on an agenda: changes waiting for the board, and emergency changes it has not looked at."""

from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.access import Actor
from boards import lifecycle
from boards.models import AgendaItem, BoardMeeting
from changes.lifecycle import APPROVING, CARRIED_OUT, EMERGENCY
from changes.models import Approval, Change, PostReview
from records.models import Record
from records.services import refuse

Purpose = AgendaItem.Purpose


def waiting(actor: Actor) -> QuerySet[Change]:
    """Changes of which the present round of approval waits for the board."""
    asked = Approval.objects.filter(
        change=OuterRef("pk"), party=Approval.Party.BOARD, result="", round=OuterRef("round")
    )
    rows: QuerySet[Change] = Change.objects.visible_to(actor).filter(Exists(asked), state=APPROVING)
    return rows.order_by("planned_start_at", "pk")


def to_be_reviewed(actor: Actor) -> QuerySet[Change]:
    """Emergency changes that were carried out and that no board has looked at (CHG-15)."""
    reviewed = PostReview.objects.filter(change=OuterRef("pk"), by_board__isnull=False)
    rows: QuerySet[Change] = Change.objects.visible_to(actor).filter(
        ~Exists(reviewed), category=EMERGENCY, state__in=CARRIED_OUT
    )
    return rows.order_by("planned_start_at", "pk")


def open_items() -> QuerySet[AgendaItem]:
    """What stands undecided on the agenda of a meeting that is not over."""
    return AgendaItem.objects.filter(decision="", meeting__state__in=lifecycle.BEFORE_THE_END)


def purpose_of(change: Change) -> str:
    """Why it would be on an agenda; "" where it does not wait for the board."""
    if change.category == EMERGENCY:
        return Purpose.REVIEW if change.state in CARRIED_OUT else ""
    board = change.approvals.filter(party=Approval.Party.BOARD, result="", round=F("change__round"))
    return Purpose.DECIDE if change.state == APPROVING and board.exists() else ""


def fill(meeting: BoardMeeting, *, actor: Actor) -> int:
    """Add what waits and is on no open agenda; under the meeting's lock."""
    found = [(change, Purpose.DECIDE) for change in waiting(actor)[:100]]
    found += [(change, Purpose.REVIEW) for change in to_be_reviewed(actor)[:100]]
    _take_turns(change.pk for change, _purpose in found)
    taken = set(open_items().values_list("change", flat=True))
    taken |= set(meeting.agenda.values_list("change", flat=True))
    new = [(change, purpose) for change, purpose in found if change.pk not in taken]
    start = _last(meeting)
    AgendaItem.objects.bulk_create(
        AgendaItem(meeting=meeting, change=change, purpose=purpose, position=start + n)
        for n, (change, purpose) in enumerate(new, 1)
    )
    return len(new)


def add(meeting: BoardMeeting, change: Change) -> bool:
    """Add one; False if it is there. Refused where it does not wait for the board, or elsewhere."""
    if meeting.agenda.filter(change=change).exists():
        return False
    purpose = purpose_of(change)
    if not purpose:
        raise refuse("change", _("%(number)s does not wait for the board.") % {"number": change.number})
    _take_turns([change.pk])
    other = open_items().filter(change=change).select_related("meeting").first()
    if other is not None:
        message = _("%(number)s is on the agenda of %(meeting)s already.")
        raise refuse("change", message % {"number": change.number, "meeting": other.meeting.number}, "unique")
    AgendaItem.objects.create(meeting=meeting, change=change, purpose=purpose, position=_last(meeting) + 1)
    return True


def _take_turns(change_ids: Iterable[int]) -> None:
    """Who puts the same change on another agenda waits for the end of this transaction."""
    rows = Record.objects.select_for_update(no_key=True).filter(pk__in=list(change_ids))
    list(rows.order_by("pk").values_list("pk", flat=True))


def _last(meeting: BoardMeeting) -> int:
    return meeting.agenda.order_by("-position").values_list("position", flat=True).first() or 0


def swap(meeting: BoardMeeting, item: AgendaItem, *, up: bool) -> bool:
    """Change places with the neighbour; False at the end of the list."""
    rows = list(meeting.agenda.select_for_update(of=("self",)))
    place = next((n for n, row in enumerate(rows) if row.pk == item.pk), None)
    other = None if place is None else place + (-1 if up else 1)
    if place is None or other is None or not 0 <= other < len(rows):
        return False
    rows[place], rows[other] = rows[other], rows[place]
    for position, row in enumerate(rows, 1):
        row.position = position
    AgendaItem.objects.bulk_update(rows, ["position"])
    return True
