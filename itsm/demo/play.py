"""Letting the demo's stories happen: each act through its verb, at its instant, by its person.

What lies in the past comes in as an import and is silent; what is marked live tells people as it would.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

import incidents.services
import records.services
from accounts.access import Actor, Origin
from accounts.services import system_actor
from incidents.models import Incident
from itsm.demo.company import Company
from records import alarms, assignment
from records.models import Channel
from sla.models import Clock
from suppliers.models import Supplier


@dataclass(frozen=True)
class Act:
    """Something done ``after`` so many minutes from the opening. ``what`` is explained in :func:`_do`."""

    after: int
    verb: str
    who: str
    text: str = ""
    what: str = ""


@dataclass(frozen=True)
class Story:
    """One ticket. ``ago`` is how many hours before the loading it was opened."""

    ago: float
    title: str
    text: str
    requester: str
    service: str
    impact: int = 2
    urgency: int = 2
    opened_by: str = "agent"
    channel: str = Channel.PHONE
    item: str = ""
    site: str = ""
    acts: Sequence[Act] = ()
    is_live: bool = False


def play(stories: Sequence[Story], company: Company, *, now: datetime) -> int:
    """All stories in the order they began, so that numbers rise with time. Answers how many."""
    silent = system_actor().via(Origin.IMPORT)
    for story in sorted(stories, key=lambda s: -s.ago):
        _Stage(story, company, now, silent).run()
    return len(stories)


def catch_up(now: datetime) -> None:
    """What a running system would have raised by ``now`` for the tickets of all parts, silently."""
    silent = system_actor().via(Origin.IMPORT)
    due = Clock.objects.filter(alarm_at__lt=now).order_by("alarm_at").select_related("record")
    while (clock := due.first()) and (at := clock.alarm_at):
        current = records.services.lock(clock.record)
        alarms.raise_due_of(current, now=at + timedelta(seconds=1), actor=silent)


class _Stage:
    def __init__(self, story: Story, company: Company, now: datetime, silent: Actor) -> None:
        self.story, self.company, self.now, self.silent = story, company, now, silent
        self.opened_at = (now - timedelta(hours=story.ago)).replace(second=0)

    @transaction.atomic
    def run(self) -> None:
        story = self.story
        self.incident = self._open()
        for act in story.acts:
            at = self.opened_at + timedelta(minutes=act.after)
            if at > self.now:
                raise ValueError(f"{story.title}: {act.verb} lies in the future")
            self._catch_up(at)
            self._do(act, at)
        self._catch_up(self.now)

    def _open(self) -> Incident:
        story, company = self.story, self.company
        requester = company.users[story.requester]
        return incidents.services.open(
            actor=self._actor(story.opened_by),
            now=self.opened_at,
            title=story.title,
            description=story.text,
            customer=requester.organisation,
            requester=requester,
            service=company.services[story.service],
            impact=story.impact,
            urgency=story.urgency,
            channel=story.channel,
            item=company.items[story.item] if story.item else None,
            site=story.site,
        )

    def _actor(self, username: str) -> Actor:
        actor = self.company.users[username].actor
        if self.story.is_live:
            return actor.via(Origin.WEB if actor.is_staff_side else Origin.PORTAL)
        return actor.via(Origin.IMPORT)

    def _do(self, act: Act, at: datetime) -> None:  # noqa: C901 - one case per verb, and nothing else
        """``what``: a team to assign to, a reason to wait for ("supplier:code"), a resolution code."""
        verbs, actor, incident = incidents.services, self._actor(act.who), self.incident
        match act.verb:
            case "reply" | "note":
                is_public = act.verb == "reply"
                records.services.comment(incident, text=act.text, is_public=is_public, actor=actor, now=at)
            case "accept":
                assignment.accept(incident, actor=actor, now=at)
            case "assign":
                team = self.company.teams[act.what]
                assignment.assign(incident, team=team, assignee=None, actor=actor, now=at, note=act.text)
            case "escalate":
                assignment.escalate(incident, team=None, reason=act.text, actor=actor, now=at)
            case "start":
                verbs.start(incident, actor=actor, now=at)
            case "hold":
                reason, _colon, named = act.what.partition(":")
                supplier = Supplier.objects.get(code=named) if named else None
                verbs.hold(incident, reason=reason, note=act.text, supplier=supplier, actor=actor, now=at)
            case "resume":
                verbs.resume(incident, actor=actor, now=at)
            case "resolve":
                verbs.resolve(incident, code=act.what or "solved", steps=act.text, actor=actor, now=at)
            case "confirm":
                verbs.confirm(incident, note=act.text, close_too=True, actor=actor, now=at)
            case "close":
                verbs.close(incident, no_answer=act.text, actor=actor, now=at)
            case "reopen":
                verbs.reopen(incident, reason=act.text, actor=actor, now=at)
            case "cancel":
                verbs.cancel(incident, reason=act.text, actor=actor, now=at)
            case unknown:
                raise ValueError(unknown)
        self._read_again()

    def _catch_up(self, until: datetime) -> None:
        """What a running system would have raised meanwhile, each a second after its own instant.

        Not at the instant: what falls due in the very second of an act is left to the act.
        """
        due = Clock.objects.filter(record=self.incident.pk, alarm_at__lt=until).order_by("alarm_at")
        while at := due.values_list("alarm_at", flat=True).first():
            current, after = records.services.lock(self.incident), at + timedelta(seconds=1)
            alarms.raise_due_of(current, now=after, actor=self.silent)
            self._read_again()

    def _read_again(self) -> None:
        rows = Incident.objects.select_related("customer", "team")
        self.incident = rows.get(pk=self.incident.pk)
