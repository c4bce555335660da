"""A decision of the board carried to the change it is about."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.access import Actor
from boards.models import AgendaItem, BoardMeeting
from changes import closing, deciding
from changes.models import PostReview
from records.services import refuse

Decision = AgendaItem.Decision


def carry(meeting: BoardMeeting, item: AgendaItem, *, actor: Actor, now: datetime) -> None:
    """Approve or reject the change by the board, or note in its review that the board looked at it (CHG-15).

    What the change refuses (it was cancelled, the chair asked for it) is raised, and nothing is decided. What
    is put off stays as it is.
    """
    if item.decision in (Decision.APPROVED, Decision.CONDITIONAL, Decision.REJECTED):
        deciding.decide(
            item.change, approve=item.decision != Decision.REJECTED, conditions=item.conditions,
            by_board=meeting, words=item.words, actor=actor, now=now,
        )  # fmt: skip
    elif item.decision in (Decision.CONFIRMED, Decision.OBJECTED):
        _look_at(meeting, item, actor=actor, now=now)


def _look_at(meeting: BoardMeeting, item: AgendaItem, *, actor: Actor, now: datetime) -> None:
    """The review stands as it was written; the board's word is added to the lessons."""
    there = PostReview.objects.filter(change=item.change_id).first()
    if there is None:
        raise refuse(
            "decision",
            _("The review of the change is not written yet; write it, or put this off."),
            "missing",
        )
    answers = {name: (bool(said["yes"]), str(said["words"])) for name, said in there.answers.items()}
    added = f"{meeting.number}, {item.get_decision_display()}: {item.words}" if item.words else ""
    closing.review(
        item.change, answers=answers, lessons="\n".join(filter(None, (there.lessons, added))),
        by_board=meeting, actor=actor, now=now,
    )  # fmt: skip
