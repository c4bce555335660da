"""Problems proposed from clusters of similar incidents: found by a task, decided by a manager (PRB-10).

Of one item, or of one service with the same words; at least three within thirty days that stand behind no
problem and match no known error. The cost is bounded: items are counted by the database, of the rest the
newest incidents are read.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from problems import lifecycle, services
from problems.clustering import LEAST, Seen, are_alike, clusters, grew_by_half
from problems.models import Candidate, CandidateIncident, Problem, Source, Watermark
from problems.recurring import words_of
from problems.services import check_text
from records.kinds import Kind
from records.models import Link, Record
from records.services import refuse

WITHIN = timedelta(days=30)
READ = 20_000  # incidents whose words are compared, the newest
ITEMS = 500  # items with the most incidents
KEPT = 500  # incidents of one cluster
MARK = "candidates"
State = Candidate.State


@dataclass(frozen=True)
class Found:
    """A cluster as it is to be proposed."""

    incidents: tuple[int, ...]
    words: tuple[str, ...] = ()
    item: int | None = None
    service: int | None = None


# --- finding ---------------------------------------------------------------------------------


def unexplained(now: datetime) -> QuerySet[Record]:
    """The incidents of the last thirty days that stand behind no problem and match no known error."""
    explained = Link.objects.filter(
        Q(type=Link.Type.CAUSED_BY, target__kind=Kind.PROBLEM.value) | Q(type=Link.Type.MATCHES),
        source=OuterRef("pk"),
    )
    rows: Any = Record.objects.filter(
        kind=Kind.INCIDENT.value, opened_at__gt=now - WITHIN, opened_at__lte=now
    )
    found: QuerySet[Record] = rows.filter(~Exists(explained))
    return found


def find(now: datetime) -> list[Found]:
    """All clusters there are now; those of an item first, whose incidents are in no other."""
    rows = unexplained(now)
    counts = rows.filter(incident__item__isnull=False).values_list("incident__item").annotate(n=Count("pk"))
    items = [item for item, _n in counts.filter(n__gte=LEAST).order_by("-n", "incident__item")[:ITEMS]]
    members: dict[int, list[int]] = defaultdict(list)
    named = rows.filter(incident__item__in=items).order_by("-pk").values_list("incident__item", "pk")
    for item, pk in named[:READ]:
        if len(members[item]) < KEPT:
            members[item].append(pk)
    found = [Found(tuple(sorted(members[item])), item=item) for item in items if len(members[item]) >= LEAST]
    taken = {pk for each in found for pk in each.incidents}
    rest = (
        rows.filter(service__isnull=False).order_by("-opened_at", "-pk").values_list("pk", "service", "title")
    )
    seen = [Seen(pk, service, words_of(title)) for pk, service, title in rest[:READ] if pk not in taken]
    return found + [
        Found(each.incidents[-KEPT:], words=each.words, service=each.group) for each in clusters(seen)
    ]


def refresh(*, now: datetime) -> int:
    """Store the clusters there are; answers how many wait anew. Safe to repeat, one at a time."""
    found = find(now)
    Watermark.objects.bulk_create([Watermark(name=MARK)], ignore_conflicts=True)
    with transaction.atomic():
        Watermark.objects.select_for_update().get(name=MARK)
        known = _undecided()
        return sum(_store(each, known, now) for each in found)


@dataclass
class Known:
    """A proposal that waits or was dismissed, with the incidents it has had."""

    candidate: Candidate
    incidents: set[int]

    def goes_on_as(self, found: Found) -> bool:
        """Whether a cluster of now is this one: same item, or same service and incidents or words."""
        if found.item is not None:
            return self.candidate.item_id == found.item
        if self.candidate.item_id is not None or self.candidate.service_id != found.service:
            return False
        return not self.incidents.isdisjoint(found.incidents) or are_alike(self.candidate.words, found.words)


def _undecided() -> list[Known]:
    rows = Candidate.objects.select_for_update().filter(state__in=[State.WAITING, State.DISMISSED])
    kept = {row.pk: Known(row, set()) for row in rows.order_by("-pk")}
    members = CandidateIncident.objects.filter(candidate__in=kept)
    for candidate, incident in members.values_list("candidate", "incident"):
        kept[candidate].incidents.add(incident)
    return list(kept.values())


def _store(found: Found, known: list[Known], now: datetime) -> int:
    there = next((each for each in known if each.goes_on_as(found)), None)
    if there is None:
        known.append(_propose(found, now))
        return 1
    new = set(found.incidents) - there.incidents
    if not new:
        return 0
    row = there.candidate
    _add(row, new)
    there.incidents |= new
    row.count = len(there.incidents)
    row.last_at = _last(found.incidents)
    row.version += 1
    comes_back = row.state == State.DISMISSED and grew_by_half(row.judged_count, row.count - row.judged_count)
    if comes_back:
        row.state = State.WAITING
    if row.customer_id and row.customer_id != _customer(found.incidents):
        row.customer = None
    row.save()
    return int(comes_back)


def _propose(found: Found, now: datetime) -> Known:
    newest = Record.objects.filter(pk__in=found.incidents).order_by("-opened_at", "-pk")[0]
    row = Candidate.objects.create(
        item_id=found.item, service_id=found.service, customer_id=_customer(found.incidents),
        words=list(found.words), title=newest.title, count=len(found.incidents), last_at=newest.opened_at,
        found_at=now,
    )  # fmt: skip
    _add(row, found.incidents)
    return Known(row, set(found.incidents))


def _add(row: Candidate, incidents: "Sequence[int] | set[int]") -> None:
    CandidateIncident.objects.bulk_create(
        [CandidateIncident(candidate=row, incident_id=pk) for pk in sorted(incidents)], ignore_conflicts=True
    )


def _last(incidents: Sequence[int]) -> datetime:
    last: datetime = Record.objects.filter(pk__in=incidents).aggregate(last=Max("opened_at"))["last"]
    return last


def _customer(incidents: Sequence[int]) -> int | None:
    """The customer all of them are of, if it is one."""
    found = set(Record.objects.filter(pk__in=incidents).values_list("customer", flat=True)[:KEPT])
    return found.pop() if len(found) == 1 else None


# --- deciding --------------------------------------------------------------------------------


def get(actor: Actor, pk: int) -> Candidate:
    """The proposal if the actor may see it; else 404."""
    rows = Candidate.objects.visible_to(actor).select_related("item", "service", "customer", "problem")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such proposal."))
    return found


def incidents_of(row: Candidate, actor: Actor) -> QuerySet[Record]:
    """The incidents of a proposal that the actor may see, the newest first."""
    members = CandidateIncident.objects.filter(candidate=row).values("incident")
    found: QuerySet[Record] = Record.objects.visible_to(actor).filter(pk__in=members).order_by("-pk")
    return found


def _decide(row: Candidate, actor: Actor, expected_version: int | None) -> Candidate:
    access.require(actor, "judge_candidates")
    current = Candidate.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=row.pk)
    if current.state != State.WAITING or (expected_version or current.version) != current.version:
        raise refuse("decision", _("The proposal has changed since; read it again."), "stale")
    return current


def _settle(row: Candidate, state: str, actor: Actor, now: datetime, **facts: Any) -> None:
    row.state, row.decided_at, row.decided_by_id = state, now, actor.user_id
    row.judged_count = row.count
    row.version += 1
    for name, value in facts.items():
        setattr(row, name, value)
    row.save()


def accept(
    row: Candidate, *, title: str, description: str, actor: Actor, now: datetime,
    expected_version: int | None = None,
) -> Problem:  # fmt: skip
    """Raise the problem, with the incidents behind it."""
    with transaction.atomic():
        current = _decide(row, actor, expected_version)
        made = services.open_problem(
            title=title, description=description, source=Source.SYSTEM,
            incidents=list(incidents_of(current, actor).select_related("customer", "service")),
            service=current.service, items=[current.item] if current.item else (), actor=actor, now=now,
        )  # fmt: skip
        _settle(current, State.ACCEPTED, actor, now, problem=made)
    return made


def join(
    row: Candidate, *, problem: Problem, actor: Actor, now: datetime, expected_version: int | None = None
) -> Problem:
    """Put the incidents behind a problem there is."""
    if problem.state not in lifecycle.OPEN:
        raise refuse("problem", _("Choose a problem that is not closed."))
    with transaction.atomic():
        current = _decide(row, actor, expected_version)
        for incident in incidents_of(current, actor):
            services.add_incident(problem, incident, actor=actor, now=now)
        _settle(current, State.JOINED, actor, now, problem=problem)
    return problem


def dismiss(
    row: Candidate, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Candidate:
    """No problem, with the reason; asked again only when the cluster has grown by half."""
    reason = check_text("reason", reason, required=_("Say why it is no problem."))
    with transaction.atomic():
        current = _decide(row, actor, expected_version)
        _settle(current, State.DISMISSED, actor, now, reason=reason)
    return current
