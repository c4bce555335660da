"""Who is on call for a team at an instant: asked of whoever keeps rosters, who registers from ready().

Without a roster nobody is on call, and an emergency goes to the whole team.
"""

from collections.abc import Callable
from datetime import datetime

from accounts.models import Membership, Team, User

Finder = Callable[[Team, datetime], User | None]
_FINDERS: list[Finder] = []


def register(finder: Finder) -> None:
    """Let a roster answer. Called from AppConfig.ready(); safe to repeat."""
    if finder not in _FINDERS:
        _FINDERS.append(finder)


def on_call(team: Team | None, at: datetime) -> User | None:
    """The active member of the team who is on call at ``at``, if a roster names one."""
    if team is None:
        return None
    for finder in _FINDERS:
        person = finder(team, at)
        if person and person.is_active and Membership.objects.filter(team=team, user=person).exists():
            return person
    return None
