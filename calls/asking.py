"""What an address asks about calls."""

from datetime import datetime, timedelta

from django.http import QueryDict
from django.utils import timezone

from accounts.access import Actor
from calls.callers import hotline_named
from calls.rate import NOBODY, PARTS, Question
from customers.figures import Span

USUAL_DAYS = 14


def question_of(asked: QueryDict, actor: Actor, now: datetime) -> Question:
    """The question an address asks; what is strange in it is taken as not asked."""
    today = timezone.localdate(now)
    first, last = asked.get("first", ""), asked.get("last", "")
    if not first or not last:
        first, last = (today - timedelta(days=USUAL_DAYS - 1)).isoformat(), today.isoformat()
    agent = asked.get("agent", "")
    is_known = agent == NOBODY or (agent.isascii() and agent.isdecimal() and len(agent) < 19)
    return Question(
        actor,
        Span.read(first, last, today),
        hotline_named(asked.get("hotline", "")),
        agent if is_known else "",
    )


def part_of(asked: QueryDict) -> str:
    """Which of PARTS an address asks for; all of them where it asks for none."""
    part = asked.get("part", "")
    return part if part in PARTS else "all"
