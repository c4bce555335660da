"""Lists of problems, known errors and proposals; every one starts from what the actor may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from problems import lifecycle
from problems.models import Candidate, KnownError, KnownState, Outcome, Problem, Recurrence, Source, State
from records import search

OPEN, ANY, FLAGGED = "open", "any", "flagged"
STATES: tuple[tuple[str, Any], ...] = (
    (OPEN, _("Not finished")), *State.choices, (FLAGGED, _("Looks like it came again")),
    (ANY, _("In any state")),
)  # fmt: skip


def _id(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@dataclass(frozen=True)
class Choice:
    """How the list of problems is narrowed; ids are 0 and words empty where it is not."""

    state: str = OPEN
    source: str = ""
    outcome: str = ""
    customer: int = 0
    expert: int = 0
    item: int = 0
    service: int = 0
    words: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Choice":
        """From an address: what it does not know is as if not asked."""
        state = given.get("state", "")
        narrowed = any(given.get(name) for name in ("item", "service", "outcome", "expert"))
        return cls(
            state=state if state in dict(STATES) else (ANY if narrowed else OPEN),
            source=given.get("source", "") if given.get("source") in Source.values else "",
            outcome=given.get("outcome", "") if given.get("outcome") in Outcome.values else "",
            customer=_id(given.get("customer", "")),
            expert=_id(given.get("expert", "")),
            item=_id(given.get("item", "")),
            service=_id(given.get("service", "")),
            words=given.get("q", "").replace("\0", "").strip()[:100],
        )


def listed(actor: Actor, choice: Choice) -> QuerySet[Problem]:
    """The problems chosen, the newest first."""
    rows: Any = Problem.objects.visible_to(actor)
    if choice.state == OPEN:
        rows = rows.filter(state__in=lifecycle.OPEN)
    elif choice.state == FLAGGED:
        flags = Recurrence.objects.filter(problem=OuterRef("pk"), state=Recurrence.State.OPEN)
        rows = rows.filter(Exists(flags))
    elif choice.state != ANY:
        rows = rows.filter(state=choice.state)
    exact = {
        "source": choice.source, "outcome": choice.outcome, "customer": choice.customer,
        "assignee": choice.expert, "items": choice.item, "service": choice.service,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if choice.words:
        rows = search.find(rows, choice.words, actor=actor)
    found: QuerySet[Problem] = rows.select_related("customer", "assignee", "service")
    return found.order_by("-pk")


def flagged(actor: Actor) -> int:
    """How many recurrences of problems the actor sees are to be judged."""
    seen = Problem.objects.visible_to(actor).values("pk")
    return Recurrence.objects.filter(problem__in=seen, state=Recurrence.State.OPEN).count()


def waiting(actor: Actor) -> QuerySet[Candidate]:
    return Candidate.objects.visible_to(actor).filter(state=Candidate.State.WAITING)


def proposals(actor: Actor, state: str) -> QuerySet[Candidate]:
    """The proposals in a state, the latest incident first."""
    rows = Candidate.objects.visible_to(actor).filter(state=state)
    found: QuerySet[Candidate] = rows.select_related("item", "service", "customer", "problem", "decided_by")
    return found.order_by("-last_at", "-pk")


def known_asked(given: Mapping[str, str]) -> tuple[str, str]:
    """The state and the words an address asks the known errors by."""
    return given.get("state", KnownState.VALID), given.get("q", "").replace("\0", "").strip()[:100]


def known_errors(actor: Actor, state: str, words: str) -> QuerySet[KnownError]:
    """Known errors by state (empty: any) and words, the newest first."""
    rows: Any = KnownError.objects.readable_by(actor)
    if state in KnownState.values:
        rows = rows.filter(state=state)
    if words:
        rows = search.find(rows, words, actor=actor)
    found: QuerySet[KnownError] = rows.select_related("service", "of_problem", "customer")
    return found.order_by("-pk")


def joinable(candidate: Candidate, actor: Actor) -> QuerySet[Problem]:
    """Open problems of the same item or service, to which a proposal may belong."""
    rows: Any = Problem.objects.visible_to(actor).filter(state__in=lifecycle.OPEN)
    same = Q(items=candidate.item_id) if candidate.item_id else Q(service=candidate.service_id)
    found: QuerySet[Problem] = rows.filter(same).distinct().order_by("-pk")
    return found
