"""What the pages of problems have in common: one by its number, and how long a list is."""

from accounts.access import Actor
from problems.models import Problem
from records.pages import get_one

PAGE = 50
UNPROCESSABLE = 422


def find(actor: Actor, number: str) -> Problem:
    """The problem if the actor may see it; a number of anything else is 404."""
    return get_one(Problem, actor, number)
