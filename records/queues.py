"""The work queue: its named views with their counts, its filters, and its rows.

A view's number and the list behind it come from the same query. Every view of open work is answered by a
partial index over open records; counting stops at 1,000, because nobody works off more and counting must
not cost more than showing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Team
from records import keyset, notices
from records.chips import Chip, chips_for
from records.columns import Cell, Column, cells_of, chosen, joins_of
from records.kinds import process_of
from records.lifecycle import Phase
from records.models import Activity, Priority, Record
from sla.models import Clock, Metric

PAGE = 50
COUNTED = 1000
SOON = timedelta(hours=4)
RECENT = timedelta(days=7)

Rows = QuerySet[Record]


@dataclass(frozen=True)
class View:
    """A named view: its words, its rows, and what an empty one says."""

    key: str
    label: Any
    narrow: Callable[[Rows, Actor, datetime], Rows]
    empty: Any
    group: str = "work"
    icon: str = "inbox"
    is_bad: bool = False  # its count is something to act on
    is_by_due: bool = False  # narrowed by the due time
    sorts: tuple[str, ...] = ("priority", "due", "updated", "opened")
    sort: str = "priority"  # and within it the nearest due time (SD-07)


def _open(rows: Rows) -> Rows:
    return rows.exclude(phase=Phase.DONE)


def _mine(rows: Rows, actor: Actor, now: datetime) -> Rows:
    return _open(rows).filter(assignee=actor.user_id)


def _my_team(rows: Rows, actor: Actor, now: datetime) -> Rows:
    return _open(rows).filter(team__in=actor.team_ids)


def _unassigned(rows: Rows, actor: Actor, now: datetime) -> Rows:
    return _open(rows).filter(assignee=None)


def _due_soon(rows: Rows, actor: Actor, now: datetime) -> Rows:
    return _open(rows).alias(due=keyset.DUE.expression()).filter(due__gte=now, due__lte=now + SOON)


def _breached(rows: Rows, actor: Actor, now: datetime) -> Rows:
    # next_due_at is the earliest due time of the clocks that still run: past, and one of them is missed
    return _open(rows).alias(due=keyset.DUE.expression()).filter(due__lt=now)


def _all(rows: Rows, actor: Actor, now: datetime) -> Rows:
    return _open(rows)


def _owned(rows: Rows, actor: Actor, now: datetime) -> Rows:
    """Contacts I took that somebody else works on now (SD-12)."""
    return _open(rows).filter(Q(assignee=None) | ~Q(assignee=actor.user_id), owner=actor.user_id)


def _limit(rows: Rows, actor: Actor, now: datetime) -> Rows:
    """The time limit is reached and nobody handed it to a higher tier (SD-13)."""
    is_limit = Q(metric=Metric.RESOLUTION) | Q(target__escalates=True)
    limit = Clock.objects.filter(is_limit, record=OuterRef("pk"), stopped_at=None, due_at__lt=now)
    escalated = Activity.objects.filter(record=OuterRef("pk"), verb="record.escalated")
    higher = Q(team__tier__in=[Team.Tier.SECOND, Team.Tier.THIRD])
    return _breached(rows, actor, now).filter(Exists(limit), ~Exists(escalated)).exclude(higher)


def _done(rows: Rows, actor: Actor, now: datetime) -> Rows:
    # updated_at is never before done_at and has an index; done_at has none
    since = now - RECENT
    return rows.filter(phase=Phase.DONE, done_at__gte=since, updated_at__gte=since)


VIEWS: dict[str, View] = {
    v.key: v
    for v in (
        View("mine", _("Mine"), _mine, _("Nothing is assigned to you."), icon="user"),
        View("team", _("My team"), _my_team, _("Your team has no open tickets."), icon="users"),
        View("unassigned", _("Unassigned"), _unassigned, _("Every open ticket has somebody."), icon="user"),
        View(
            "due", _("Due soon"), _due_soon, _("Nothing falls due in the next hours."), icon="hourglass",
            is_by_due=True,
        ),
        View(
            "breached", _("Breached"), _breached, _("No running target is past its due time."),
            icon="clock-exclamation", is_bad=True, is_by_due=True,
        ),
        View("all", _("All open"), _all, _("There is no open ticket."), icon="inbox"),
        View(
            "owned", _("Owned, elsewhere"), _owned, _("Nobody else works on a ticket you own."),
            group="watch", icon="eye",
        ),
        View(
            "limit", _("Not escalated"), _limit,
            _("No ticket has reached its time limit without being escalated."),
            group="watch", icon="trending-up", is_bad=True,
        ),
        View(
            "done", _("Recently done"), _done, _("Nothing was finished in the last seven days."),
            group="watch", icon="checks", sorts=("updated", "opened"), sort="-updated",
        ),
    )
}  # fmt: skip
GROUPS = {"work": _("Work"), "watch": _("Keep an eye on")}
HINTS = {
    "owned": _("You took the contact and stay its owner while somebody else works on it."),
    "limit": _("The time for the solution is used up and no higher tier has it yet."),
    "done": _("Finished in the last seven days."),
    "due": _("The next due time lies within the next four hours."),
    "breached": _("A target that still runs is past its due time."),
}


def default_view(actor: Actor) -> str:
    """Where somebody starts: with the team's work, or, without a team, with everything open."""
    return "team" if actor.team_ids else "all"


def records_in(view: View, actor: Actor, now: datetime) -> Rows:
    """The records of a view that the actor may see."""
    return view.narrow(Record.objects.visible_to(actor).tickets(), actor, now)


def countable(view: View, rows: Rows) -> Rows:
    """The rows of a view in the order that counts them quickest.

    What is narrowed by the due time goes by its index, or the planner hopes to meet a thousand by chance.
    """
    return rows.order_by(*([keyset.DUE.expression()] if view.is_by_due else []))


def counts(actor: Actor, now: datetime, more: Mapping[str, Rows] | None = None) -> dict[str, int]:
    """How many records each named view holds, and each of ``more`` (:func:`countable`), in one query."""
    named = {view.key: countable(view, records_in(view, actor, now)) for view in VIEWS.values()}
    return count_all({**named, **(more or {})})


def count_all(lists: Mapping[str, Rows]) -> dict[str, int]:
    """How many rows each list holds, in one query; COUNTED + 1 stands for "more than COUNTED"."""
    parts: list[str] = []
    params: list[Any] = []
    for rows in lists.values():
        try:
            sql, values = rows.values("pk")[: COUNTED + 1].query.sql_with_params()
        except EmptyResultSet:  # a view of one's teams, of somebody in no team
            parts.append("0")
            continue
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608 (Django's own SQL)
        params += values
    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        found = cursor.fetchone()
    return dict(zip(lists, found, strict=True))


def count_words(count: int) -> str:
    """ "12", or "1000+" where counting stopped."""
    return f"{COUNTED}+" if count > COUNTED else str(count)


# --- rows ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One line of a list, everything in it already read."""

    record: Record
    chips: list[Chip]
    state: str
    state_tone: str
    priority: str
    priority_tone: str
    is_unread: bool
    is_mine: bool
    cells: list[Cell]


PRIORITY_TONES = {1: "bad", 2: "warn", 3: "neutral", 4: "quiet"}
PHASE_TONES = {Phase.ACTIVE: "neutral", Phase.WAITING: "quiet", Phase.DONE: "good"}


def rows_of(
    records: Sequence[Record], actor: Actor, now: datetime, columns: Sequence[Column] | None = None
) -> list[Row]:
    """Records (read by :func:`shown`) as lines; at most two queries whatever their number."""
    if not records:
        return []
    columns = columns or chosen(())
    # chips are most of the work of a list: nobody pays for those he does not see
    chips = chips_for(records, now) if any(c.key == "sla" for c in columns) else {}
    unread = notices.unread_among([r.pk for r in records], actor)
    return [
        Row(
            record=record,
            chips=chips.get(record.pk, []),
            state=str(process_of(record.kind).labels(record.state).label),
            state_tone=PHASE_TONES[Phase(record.phase)],
            priority=str(Priority(record.priority).label),
            priority_tone=PRIORITY_TONES[record.priority],
            is_unread=record.pk in unread,
            is_mine=record.assignee_id == actor.user_id,
            cells=cells_of(record, columns),
        )
        for record in records
    ]


def shown(rows: Rows, columns: Sequence[Column] | None = None) -> Rows:
    """The same records, read with what their lines show."""
    return rows.select_related(*joins_of(columns or chosen(()))).defer("description")


def page_of(
    rows: Rows, sort: str, *, columns: Sequence[Column] | None = None, after: str, before: str
) -> keyset.Page:
    """One page of a list, read with what its lines show."""
    return keyset.page(shown(rows, columns), sort, size=PAGE, after=after, before=before)
