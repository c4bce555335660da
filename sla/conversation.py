"""The clocks a conversation drives: first response, next reply, next update (K-2 to K-4). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sla import timing
from sla.calendar import Calendar, from_seconds, to_seconds
from sla.target import Target

Author = Literal["customer", "agent", "automation"]
Turn = Literal["first_response", "next_reply", "next_update"]
AUTHORS: tuple[Author, ...] = ("customer", "agent", "automation")
TURNS: tuple[Turn, ...] = ("first_response", "next_reply", "next_update")


@dataclass(frozen=True, slots=True)
class Message:
    """Something said, or (`resolved`) the end of the conversation."""

    at: datetime
    author: Author | None = None
    public: bool = True
    resolved: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """One clock of a conversation as of the instant asked about; `stop` is None while it goes on."""

    kind: Turn
    start: datetime
    stop: datetime | None
    state: timing.Word
    elapsed: int
    due: datetime | None


@dataclass(slots=True)
class _Conversation:
    kinds: Mapping[Turn, int]
    opened: list[tuple[Turn, int]] = field(default_factory=list)
    stops: dict[int, int] = field(default_factory=dict)
    going: dict[Turn, int] = field(default_factory=dict)
    is_answered: bool = False

    def start(self, kind: Turn, at: int) -> None:
        if kind in self.kinds and kind not in self.going:
            self.going[kind] = len(self.opened)
            self.opened.append((kind, at))

    def stop(self, at: int) -> None:
        self.stops |= dict.fromkeys(self.going.values(), at)
        self.going.clear()

    def hear(self, at: int, message: Message) -> None:
        if message.author == "agent" and message.public:
            self.stop(at)
            self.is_answered = True
            self.start("next_update", at)
        elif message.author == "customer" and self.is_answered:
            self.start("next_reply", at)


def clocks(
    *,
    created: datetime,
    calendar: Calendar,
    targets: Mapping[Turn, int],
    messages: Iterable[Message],
    at: datetime,
) -> list[Kept]:
    """The clocks opened until `at`, in order of their start; targets in working seconds by kind.

    Only a public message of an agent answers; automation never counts (K-2). The customer's first message
    after an answer opens a next reply (K-3); each answer opens a next update, and so does creation if no
    first response is promised (K-4). What is resolved stops all and opens nothing more. Messages may come
    in any order (X-3); one stamped before creation takes effect at creation (X-2).
    """
    begin, now = to_seconds(created), to_seconds(at)
    talk = _Conversation(targets)
    talk.start("first_response" if "first_response" in targets else "next_update", begin)
    heard = sorted(
        ((max(to_seconds(message.at), begin), n, message) for n, message in enumerate(messages)),
        key=lambda each: each[:2],
    )
    for when, _, message in heard:
        if when > now:
            break
        if message.resolved:
            talk.stop(when)
            break
        talk.hear(when, message)
    return [
        _kept(kind, since, talk.stops.get(n), calendar, targets[kind], at)
        for n, (kind, since) in enumerate(talk.opened)
    ]


def _kept(
    kind: Turn, since: int, stopped: int | None, calendar: Calendar, seconds: int, at: datetime
) -> Kept:
    start = from_seconds(since)
    stop = None if stopped is None else from_seconds(stopped)
    events = [] if stop is None else [timing.Event(stop, "stop")]
    target = Target("business_seconds", seconds)
    snap = timing.run(start=start, calendar=calendar, target=target, events=events).at(at)
    return Kept(kind, start, stop, snap.state, snap.elapsed, snap.due)
