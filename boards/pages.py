"""What the views of meetings have in common."""

from accounts.access import Actor
from boards.models import BoardMeeting
from records.pages import get_one


def meeting_of(actor: Actor, number: str) -> BoardMeeting:
    """The meeting, as far as the actor may know it; anything else is 404."""
    return get_one(BoardMeeting, actor, number)
