"""Living one incident again: each row of its history becomes the acts that lead from the one before to it.

Everything goes through the verbs people use, with the person and the time of the row; coming in by the
import keeps it silent. A row that changes nothing we show is still an entry of the log.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

import incidents.services
import records.services
import sla.services
from accounts.access import Actor, Denied
from incidents import lifecycle
from incidents.importing.directory import Directory
from incidents.importing.events import Problem, Story, Update
from incidents.models import Incident, ResolutionCode
from records import alarms, assignment
from records import log as records_log
from records.lifecycle import IllegalMove, Phase
from records.models import Channel, Level

NOTHING_SHOWN = {"en": "nothing shown here", "zh": "此处未显示的内容"}


class Inconsistent(Exception):
    """A story that our lifecycle or rules refuse; carries the problem with its line."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def path(state: str, wanted: str, *, is_reopened: bool) -> Iterator[str]:
    """The moves from one state to another, in order.

    New after something was begun is no move: such a row was written late, unless the incident was reopened
    by it. Resolved again is no move either: the first solution stopped the clocks.
    """
    if wanted == lifecycle.NEW and state != lifecycle.NEW:
        if state == lifecycle.ON_HOLD:
            yield "resume"
        elif state == lifecycle.RESOLVED and is_reopened:
            yield "reopen"
        return
    if state == lifecycle.RESOLVED and wanted in (lifecycle.IN_PROGRESS, lifecycle.ON_HOLD):
        yield "reopen"
        state = lifecycle.IN_PROGRESS
    if wanted == lifecycle.IN_PROGRESS and state in (lifecycle.NEW, lifecycle.ON_HOLD):
        yield "start" if state == lifecycle.NEW else "resume"
    elif wanted == lifecycle.ON_HOLD:
        yield "hold"
    elif wanted in (lifecycle.RESOLVED, lifecycle.CLOSED) and state in lifecycle.OPEN:
        yield "resolve"
    if wanted == lifecycle.CLOSED and state != lifecycle.CLOSED:
        yield "close"


@dataclass
class Replay:
    """One incident being lived again; the caller holds the transaction."""

    story: Story
    directory: Directory
    number: str | None

    def run(self, *, now: datetime) -> Incident:
        """All of it. Raises Inconsistent; then the caller rolls back."""
        before: Update | None = None
        update = self.story.updates[0]
        try:
            self.incident = self._open(update)
            for update in self.story.updates:
                self._live(update, before)
                before = update
        except (IllegalMove, Denied) as error:
            raise Inconsistent(Problem(update.line, "incident_state", str(error))) from error
        except ValidationError as error:
            field, messages = next(iter(error.message_dict.items()))
            raise Inconsistent(Problem(update.line, field, " ".join(messages))) from error
        self._settle(now)
        return self.incident

    def _open(self, first: Update) -> Incident:
        story, places = self.story, self.directory
        facts: dict[str, Any] = {name: value for name, value in first.facts.items() if value}
        impact, urgency = first.impact or Level.MEDIUM, first.urgency or Level.MEDIUM
        title = " · ".join(first.facts[n] for n in ("category", "subcategory", "symptom") if first.facts[n])
        incident = incidents.services.open(
            actor=places.actor(story.opened_by),
            now=story.opened_at,
            title=(title or story.number)[:200],
            customer=places.customer,
            requester=places.callers[story.caller],
            service=places.services.get(first.facts["category"]),
            impact=impact,
            urgency=urgency,
            priority=first.priority,
            priority_reason=self._reason(first, impact, urgency),
            channel=Channel.PHONE,
            item=places.items.get(first.item),
            team=places.teams[first.team],
            number=self.number,
            source=story.source,
            external_reference=story.number,
            **facts,
        )
        self._log_origin(incident)
        return incident

    def _log_origin(self, incident: Incident) -> None:
        """Where it comes from, with what the file says it came to in the end."""
        person = self.directory.staff.get(self.story.final.get("resolved_by", ""))
        records_log.write(
            incident, "record.imported", actor=self.directory.system, at=self.story.opened_at,
            system=self.story.system, reference=self.story.number, opened_at=self.story.told_opened_at,
            rows=len(self.story.updates), final={**self.story.final, "resolved_by": person and person.label},
        )  # fmt: skip

    def _reason(self, update: Update, impact: int, urgency: int) -> str:
        """Why the priority is not the one impact and urgency give: because it was so."""
        if update.priority is None:
            return ""
        computed = sla.services.priority_for(
            self.directory.customer.pk, impact=impact, urgency=urgency, at=self.story.opened_at
        )
        return "" if computed == update.priority else f"{self.story.system}: {update.priority_words}"

    # --- one row ---

    def _live(self, update: Update, before: Update | None) -> None:
        actor = self.directory.actor(update.by)
        is_shown = self._edit(update, actor)
        is_shown |= self._assign(update, actor)
        reopened = before is not None and update.times_reopened > before.times_reopened
        is_shown |= self._move(update, actor, is_reopened=reopened)
        unseen = {
            name: [old, update.other[name]]
            for name, old in (before.other if before is not None else {}).items()
            if update.other[name] != old
        }
        if unseen or not is_shown:
            self._touch(update, actor, unseen)

    def _edit(self, update: Update, actor: Actor) -> bool:
        incident, places = self.incident, self.directory
        changes: dict[str, object] = {
            name: value for name, value in update.facts.items() if getattr(incident, name) != value
        }
        service = places.services.get(update.facts["category"])
        if incident.service_id != (service and service.pk):
            changes["service"] = service
        item = places.items.get(update.item)
        if incident.item_id != (item and item.pk):
            changes["item"] = item
        told = {"impact": update.impact, "urgency": update.urgency, "priority": update.priority}
        ranks = {name: rank or getattr(incident, name) for name, rank in told.items()}
        if any(getattr(incident, name) != rank for name, rank in ranks.items()):
            reason = self._reason(update, ranks["impact"], ranks["urgency"])
            changes |= ranks | {"priority_reason": reason}
            if not update.priority:
                del changes["priority"]
        if not changes:
            return False
        self.incident = incidents.services.edit(
            incident, changes, actor=actor, now=update.at, expected_version=None
        )
        return self.incident.version > incident.version

    def _assign(self, update: Update, actor: Actor) -> bool:
        incident, team = self.incident, self.directory.teams[update.team]
        person = self.directory.staff[update.assignee] if update.assignee else None
        if (incident.team_id, incident.assignee_id) == (team.pk, person and person.pk):
            return False
        self.incident = assignment.assign(incident, team=team, assignee=person, actor=actor, now=update.at)
        return True

    def _move(self, update: Update, actor: Actor, *, is_reopened: bool) -> bool:
        incident = self.incident
        if not update.state or (incident.state, incident.waiting_for) == (update.state, update.waiting_for):
            return False
        moves = list(path(incident.state, update.state, is_reopened=is_reopened))
        for move in moves:
            self._do(move, update, actor)
        return bool(moves)

    def _do(self, move: str, update: Update, actor: Actor) -> None:
        incident, at, verbs, system = self.incident, update.at, incidents.services, self.story.system
        match move:
            case "start":
                # the verb for people gives the ticket to who starts it; here the file says who has it
                self.incident = records.services.move(incident, "start", actor=actor, now=at)
            case "hold":
                self.incident = verbs.hold(incident, reason=update.waiting_for, actor=actor, now=at)
            case "resume":
                self.incident = verbs.resume(incident, actor=actor, now=at)
            case "resolve":
                outcome = update.outcome or self.story.final.get("closed_code", "?")
                code = ResolutionCode.IMPORTED.value
                self.incident = verbs.resolve(
                    incident, code=code, steps=f"{system}: {outcome}", actor=actor, now=at
                )
            case "reopen":
                reason = f"{system}: {update.told_state}"
                self.incident = verbs.reopen(incident, reason=reason, actor=actor, now=at)
            case "close":
                how = f"{system}: closed by the source system / 由来源系统关闭"
                self.incident = verbs.close(incident, no_answer=how, actor=actor, now=at)

    def _touch(self, update: Update, actor: Actor, unseen: dict[str, list[str]]) -> None:
        words = ", ".join(f"{name} {old} → {new}" for name, (old, new) in unseen.items())
        records_log.write(
            self.incident, "record.touched", actor=actor, at=update.at, system=self.story.system,
            fields={"en": words, "zh": words} if words else NOTHING_SHOWN,
            line=update.line, state=update.told_state, changes=unseen,
        )  # fmt: skip

    def _settle(self, now: datetime) -> None:
        """What an incident that is still open has missed since its last row is history too, and silent."""
        if self.incident.phase != Phase.DONE:
            current = records.services.lock(self.incident)
            alarms.raise_due_of(current, now=now, actor=self.directory.system)
