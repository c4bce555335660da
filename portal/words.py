"""What a customer reads: the state of a ticket and what was promised, in plain words.

Nothing is decided here that the lifecycle or the clocks have not decided: words only. Promises stay on the
page after they were missed, and say so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from itsm.templatetags.ui import instant_words
from records.kinds import Kind, process_of
from records.lifecycle import Phase
from records.models import Record
from sla.models import Clock, Metric


@dataclass(frozen=True)
class Plain:
    """A state in plain words. ``needs_you``: nothing goes on before the customer has done something."""

    words: str
    tone: str
    icon: str
    more: str = ""
    needs_you: bool = False


def state_of(record: Record) -> Plain:
    """How far a ticket is. ``record`` is a ticket, or a row annotated with ``confirmed_at``."""
    process = process_of(record.kind)
    if record.phase == Phase.WAITING:
        return _waiting(record, process.resumed_by_reply, process.reasons)
    if record.phase == Phase.DONE:
        return _done(record)
    if record.state == process.lifecycle.initial:
        return Plain(_("Received"), "neutral", "inbox", _("We have it and will look at it."))
    return Plain(_("We are working on it"), "accent", "progress")


# what only the customer can end, by a step of its own
WANTED = ("acceptance",)


def _waiting(record: Record, for_reply: Iterable[str], reasons: dict[str, Any]) -> Plain:
    if record.waiting_for in for_reply:
        more = _("We need something from you. Answer below, and we go on at once.")
        return Plain(_("Waiting for you"), "warn", "message-reply", more, needs_you=True)
    if record.waiting_for in WANTED:
        more = _("We have sent you a quotation. The work begins when your organisation has accepted it.")
        return Plain(_("Quotation waits for you"), "warn", "file-text", more, needs_you=True)
    reason = str(reasons.get(record.waiting_for, ""))
    more = _("We wait for %(reason)s and go on as soon as we can.") % {"reason": reason}
    return Plain(_("On hold"), "neutral", "player-pause", more)


def _done(record: Record) -> Plain:
    lifecycle = process_of(record.kind).lifecycle
    if record.state in lifecycle.withdrawn:
        # cancelled, rejected, not to be met: its own word
        word = str(process_of(record.kind).labels(record.state).label)
        return Plain(word, "quiet", "ban", _("Nothing more happens with this request."))
    if lifecycle.is_final(record.state):
        return Plain(_("Closed"), "good", "circle-check")
    says = says_of(record)
    if getattr(record, "confirmed_at", None):
        return Plain(says.done, "good", "circle-check", _("Confirmed; we close it now."))
    return Plain(says.to_confirm, "warn", "circle-check", says.ask, needs_you=True)


@dataclass(frozen=True)
class Says:
    """What the portal calls the same things of a fault and of an order."""

    opened: str
    done: str
    to_confirm: str
    ask: str
    is_right: str
    yes: str
    no: str
    resolution: str


def says_of(record: Record) -> Says:
    if record.kind == Kind.REQUEST:
        return Says(
            opened=_("Ordered"),
            done=_("Fulfilled"),
            to_confirm=_("Fulfilled: please confirm"),
            ask=_("Tell us whether everything is as you ordered it, or what is missing."),
            is_right=_("Is everything as ordered?"),
            yes=_("Yes, all is right: close it"),
            no=_("No, something is missing"),
            resolution=_("Fulfilment"),
        )
    return Says(
        opened=_("Reported"),
        done=_("Solved"),
        to_confirm=_("Solved: please confirm"),
        ask=_("Tell us whether it works again, or what still does not."),
        is_right=_("Is it solved?"),
        yes=_("Yes, it works: close it"),
        no=_("No, it does not work yet"),
        resolution=_("Solution"),
    )


# --- promises --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Promise:
    """One promise: what it is about, the sentence, and whether it was kept (None: still open)."""

    label: str
    words: str
    tone: str
    icon: str
    kept: bool | None


def promises_of(record: Record, clocks: Sequence[Clock], *, now: datetime) -> list[Promise]:
    """What we promised for this ticket and how it stands at ``now``, one sentence per promise."""
    found: list[Promise] = []
    for metric in Metric.values:
        own = [c for c in clocks if c.metric == metric and c.state != Clock.State.CANCELLED]
        if not own:
            continue
        clock = max(own, key=lambda c: c.cycle)
        if metric == Metric.NEXT_UPDATE and not clock.is_open:
            continue  # superseded by the next message; the solution is what counts now
        found.append(_promise(record, clock, now))
    return found


def is_late(clock: Clock, now: datetime) -> bool:
    """Missed, whether or not the sweep has noticed it yet."""
    if clock.breached_at:
        return True
    return clock.state == Clock.State.RUNNING and clock.due_at is not None and clock.due_at < now


def _promise(record: Record, clock: Clock, now: datetime) -> Promise:
    late = is_late(clock, now)
    due = clock.due_at or clock.first_due_at
    words = {"due": instant_words(due) if due else "–"}
    label = {
        Metric.FIRST_RESPONSE: _("First reply"),
        Metric.NEXT_UPDATE: _("Next news"),
        Metric.ON_SITE: _("Somebody on site"),
        Metric.RESTORATION: _("Service works again"),
        Metric.RESOLUTION: says_of(record).resolution,
        Metric.CLOSURE: _("Closure"),
    }[Metric(clock.metric)]
    if clock.stopped_at:
        words["at"] = instant_words(clock.stopped_at)
        if late:
            sentence = _("Promised by %(due)s, done on %(at)s: we were late, and we are sorry.") % words
            return Promise(label, sentence, "bad", "clock-exclamation", kept=False)
        sentence = _("Done on %(at)s, as promised (by %(due)s).") % words
        return Promise(label, sentence, "good", "clock-check", kept=True)
    if late:
        sentence = _("Promised by %(due)s. We are late, we are sorry, and we are on it.") % words
        return Promise(label, sentence, "bad", "clock-exclamation", kept=False)
    if clock.state == Clock.State.PAUSED:
        if state_of(record).needs_you:
            sentence = _("The time stands still until you answer.")
        else:
            sentence = _("The time stands still while the ticket is on hold.")
        return Promise(label, sentence, "neutral", "clock-pause", kept=None)
    return Promise(label, _("Promised by %(due)s.") % words, "accent", "clock", kept=None)


def due_words(record: Record, *, now: datetime) -> str:
    """The next promise of a ticket in a list, "" where there is none."""
    due = record.next_due_at
    if due is None or record.phase == Phase.DONE:
        return ""
    text = _("Next step promised by %(due)s") if due >= now else _("Promised by %(due)s: we are late")
    return text % {"due": instant_words(due)}
