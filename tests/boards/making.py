"""Meetings of the tests, made through the real verbs."""

from datetime import timedelta
from typing import Any

from boards import services, session
from boards.models import AgendaItem, BoardMeeting, Participant
from catalog.models import Service
from changes.models import Change
from tests.cast import MONDAY, Cast
from tests.changes.making import RISKY, put_up

HOUR = timedelta(hours=1)


def make_board(cast: Cast) -> None:
    for person, part in ((cast.alice, "Service desk"), (cast.sven, "Operations")):
        services.seat(person, part=part, has_vote=True, actor=cast.mona.actor, now=MONDAY)


def make_meeting(cast: Cast, **over: Any) -> BoardMeeting:
    facts = {"meets_at": MONDAY + HOUR, "chair": cast.mona, "actor": cast.mona.actor, "now": MONDAY}
    return services.plan(**{**facts, **over})


def another_service(code: str) -> Service:
    """Published, so that changes may affect it; nothing else has to do with it."""
    made, _created = Service.objects.get_or_create(
        code=code, defaults={"name_en": code.title(), "name_zh": code}
    )
    return made


def waiting(cast: Cast, code: str = "", **over: Any) -> Change:
    """A major change that bob asked for, waiting for the board; ``code``: of another service than mail."""
    services = {"services": [another_service(code)]} if code else {}
    return put_up(cast, **{"answers": RISKY, "is_major": True, **services, **over})


def opened(cast: Cast, **over: Any) -> BoardMeeting:
    """A meeting in session, with all that waits on its agenda."""
    return session.begin(make_meeting(cast, **over), actor=cast.mona.actor, now=MONDAY + HOUR)


def item_of(meeting: BoardMeeting, change: Change) -> AgendaItem:
    found: AgendaItem = meeting.agenda.get(change=change)
    return found


def vote(meeting: BoardMeeting, item: AgendaItem, person: Any, choice: str = "for", **over: Any) -> Any:
    facts = {"choice": choice, "words": "", "actor": person.actor, "now": MONDAY + HOUR}
    return session.vote(meeting, item, **{**facts, **over})


def rule(meeting: BoardMeeting, item: AgendaItem, person: Any, decision: str, **over: Any) -> AgendaItem:
    facts = {"conditions": "", "words": "", "actor": person.actor, "now": MONDAY + HOUR}
    return session.rule(meeting, item, decision=decision, **{**facts, **over})


def seat_of(meeting: BoardMeeting, person: Any) -> Participant:
    found: Participant = meeting.participants.get(user=person)
    return found
