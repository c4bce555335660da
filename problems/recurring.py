"""Incidents of the kind of a closed problem: noticed once each, however often somebody looks (PRB-09).

Of the same kind is what names an item of the problem, or is of its customer and service and says the same as
its title or as an incident behind it. A task reads the new incidents from a watermark on; the row (problem,
incident) is unique and its manager is told with it, in one transaction, so that looking twice tells nobody
twice.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from accounts.access import Actor
from accounts.models import Organisation
from accounts.services import system_actor
from knowledge.found import asked_words
from problems import lifecycle, reading
from problems.clustering import are_alike
from problems.models import Problem, Recurrence, Watermark
from records import log as records_log
from records.kinds import Kind
from records.models import Link, Record
from records.services import lock

MARK = "recurrences"
WITHIN = timedelta(days=365)  # after its closure a problem is looked for so long
PROBLEMS = 5000  # closed ones looked at, the newest
TITLES = 20  # of the incidents behind one
BATCH = 2000  # incidents read at a time
BATCHES = 10  # in one run; the next goes on
SETTLED = timedelta(minutes=10)  # the longest a transaction that logs an incident may take


@dataclass
class Closed:
    """A closed problem, and what incidents of its kind have."""

    problem: Problem
    items: set[int] = field(default_factory=set)
    titles: list[frozenset[str]] = field(default_factory=list)
    behind: set[int] = field(default_factory=set)

    @property
    def is_shared(self) -> bool:
        """Of several customers: whose incident it is says nothing against it."""
        return bool(self.problem.customer.kind == Organisation.Kind.PROVIDER)

    def resembles(self, incident: Record, item: int | None, words: frozenset[str]) -> bool | None:
        """True: by its item; False: by service and words; None: it does not."""
        done_at = self.problem.done_at
        if done_at is None or incident.pk in self.behind or incident.opened_at <= done_at:
            return None
        if item is not None and item in self.items:
            return True
        same_service = incident.service_id is not None and incident.service_id == self.problem.service_id
        is_theirs = self.is_shared or incident.customer_id == self.problem.customer_id
        if same_service and is_theirs and any(are_alike(words, title) for title in self.titles):
            return False
        return None


def words_of(title: str) -> frozenset[str]:
    return frozenset(asked_words(title))


def watch(*, now: datetime) -> int:
    """Flag what came again among the incidents since the last time; answers how many. Safe to repeat.

    The watermark stays behind what was logged in the last minutes: an incident with a lower number may be
    committed after one with a higher. What is read twice is flagged once.
    """
    flagged = 0
    actor = system_actor()
    known: list[Closed] | None = None
    for _n in range(BATCHES):
        with transaction.atomic():
            mark = _mark()
            if mark is None:  # somebody else is at it
                return flagged
            rows = _new(mark.through, now)
            if rows and known is None:
                known = closed(now=now)
            flagged += _flag(rows, known or [], actor, now)
            settled = [row.pk for row, _item in rows if row.updated_at < now - SETTLED]
            if settled:
                mark.through = max(settled)
                mark.save(update_fields=["through"])
        if len(rows) < BATCH or not settled:
            return flagged
    return flagged


def _mark() -> Watermark | None:
    Watermark.objects.bulk_create([Watermark(name=MARK)], ignore_conflicts=True)
    return Watermark.objects.select_for_update(skip_locked=True).filter(name=MARK).first()


def _new(after: int, now: datetime) -> list[tuple[Record, int | None]]:
    """The incidents with a higher id that were opened after some problem was closed, with their items."""
    first = (
        Problem.objects.filter(state=lifecycle.CLOSED, done_at__gte=now - WITHIN)
        .order_by("done_at").values_list("done_at", flat=True).first()
    )  # fmt: skip
    if first is None:
        return []
    rows = Record.objects.filter(kind=Kind.INCIDENT.value, pk__gt=after, opened_at__gt=first)
    found = list(rows.defer("description").order_by("pk")[:BATCH])
    items: dict[int, int | None] = dict(
        Record.objects.filter(pk__in=[row.pk for row in found]).values_list("pk", "incident__item")
    )
    return [(row, items[row.pk]) for row in found]


def closed(*, now: datetime) -> list[Closed]:
    """The problems closed within a year, with their items, words and incidents; four queries."""
    rows = Problem.objects.filter(state=lifecycle.CLOSED, done_at__gte=now - WITHIN)
    rows = rows.select_related("customer")
    found = {row.pk: Closed(row) for row in rows.order_by("-done_at", "-pk")[:PROBLEMS]}
    for row in found.values():
        titles = (row.problem.title, row.problem.title_zh)
        row.titles = [words for words in map(words_of, titles) if words]
    for problem, item in Problem.items.through.objects.filter(problem__in=found).values_list(
        "problem", "item"
    ):
        found[problem].items.add(item)
    links = Link.objects.filter(target__in=found, type=Link.Type.CAUSED_BY, source__kind=Kind.INCIDENT.value)
    named: dict[int, int] = defaultdict(int)
    for problem, pk, title in links.order_by("-pk").values_list("target", "source", "source__title"):
        found[problem].behind.add(pk)
        named[problem] += 1
        if named[problem] <= TITLES and (words := words_of(title)):
            found[problem].titles.append(words)
    return list(found.values())


def _flag(rows: list[tuple[Record, int | None]], known: list[Closed], actor: Actor, now: datetime) -> int:
    by_item: dict[int, list[Closed]] = defaultdict(list)
    by_service: dict[int, list[Closed]] = defaultdict(list)
    for each in known:
        for named in each.items:
            by_item[named].append(each)
        if each.problem.service_id:
            by_service[each.problem.service_id].append(each)
    flagged = 0
    for incident, item in rows:
        near = {e.problem.pk: e for e in (*by_item[item or 0], *by_service[incident.service_id or 0])}
        words = words_of(incident.title) if near else frozenset()
        for each in near.values():
            by = each.resembles(incident, item, words)
            if by is not None:
                flagged += _notice(each.problem, incident, by_item=by, actor=actor, now=now)
    return flagged


def _notice(problem: Problem, incident: Record, *, by_item: bool, actor: Actor, now: datetime) -> int:
    """The row and what is told about it, once; answers 1 if it is new."""
    if Recurrence.objects.filter(problem=problem.pk, incident=incident.pk).exists():
        return 0
    with transaction.atomic():
        current = lock(problem)
        _row, is_new = Recurrence.objects.get_or_create(
            problem=current, incident_id=incident.pk, defaults={"found_at": now, "by_item": by_item}
        )
        if is_new:
            told = reading.told(current, incident)
            records_log.write(current, "problem.recurred", actor=actor, at=now, other=told)
    return int(is_new)
