"""The calendar of changes: what is planned when, in lanes, with windows drawn and collisions said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import Organisation
from boards import collisions, lanes
from changes import reading
from changes.lifecycle import CARRIED_OUT, STANDS
from changes.models import Change, ChangeItem, ChangeService, State
from windows import queries, show
from windows.models import Window
from windows.slots import Span

DAY = timedelta(days=1)
MOST = 400  # changes on one page
MOST_LANES = 40


@dataclass
class Entry:
    """A change on the calendar."""

    change: Change
    state: str
    tone: str
    services: list[Any]
    items: list[Any]
    is_outage: bool
    said: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Opening:
    """A window while it is open."""

    window: Window
    span: Span
    scope: str


def period(view: str, day: date) -> tuple[datetime, datetime]:
    """The week or the month of a day, in the reader's zone."""
    first = day.replace(day=1) if view == "month" else day - timedelta(days=day.weekday())
    last = (first + 32 * DAY).replace(day=1) if view == "month" else first + 7 * DAY
    zone = timezone.get_current_timezone()
    return datetime.combine(first, time(), zone), datetime.combine(last, time(), zone)


def entries(start: datetime, end: datetime, actor: Actor) -> list[Entry]:
    """The changes planned in [start, end) that the actor may see, with what stands against each."""
    rows = (
        reading.booked(start, end, actor=actor)
        .select_related("customer", "assignee")
        .prefetch_related(
            Prefetch("change_services", ChangeService.objects.select_related("service")),
            Prefetch("change_items", ChangeItem.objects.select_related("item")),
        )
        .order_by("planned_start_at", "pk")[:MOST]
    )
    changes = list(rows)
    open_ones = [change for change in changes if change.state not in CARRIED_OUT]
    touched = collisions.touches(open_ones)
    found = collisions.between(touched, start - DAY, end + DAY)
    return [_entry(change, touched, found, actor) for change in changes]


def _entry(change: Change, touched: Any, found: Any, actor: Actor) -> Entry:
    known = found.get(change.number)
    return Entry(
        change=change,
        state=str(State(change.state).label),
        tone="neutral" if change.state in CARRIED_OUT else "accent" if change.state in STANDS else "warn",
        services=[row.service for row in change.change_services.all()],
        items=[row.item for row in change.change_items.all()],
        is_outage=change.outage_from is not None,
        said=collisions.said(known, touched[change.number], touched, actor) if known else [],
    )


def openings(start: datetime, end: datetime, actor: Actor) -> list[Opening]:
    """Freezes and maintenance windows open in [start, end), as the actor may see them."""
    rows = Window.objects.visible_to(actor).in_force(start, end)
    windows = {row.pk: row for row in rows.prefetch_related("services", "items")}
    seen = show.seen_items(list(windows.values()), actor)
    return [
        Opening(windows[span.window_id], span, show.scope(windows[span.window_id], seen))
        for span in queries.spans_of(rows, start, end)
        if span.start < end and span.end > start
    ]


def lanes_of(
    by: str, found: Sequence[Entry], opened: Sequence[Opening], start: datetime, end: datetime
) -> list[dict[str, Any]]:
    """The same in lanes, drawn from 0 to 100: the windows, then one lane per service, item or customer."""
    made = [{"name": _("Windows"), "rows": _windows(opened, start, end), "shades": [], "is_windows": True}]
    groups: dict[tuple[str, int], tuple[str, list[Entry]]] = {}
    for entry in found:
        for key, name in _things(by, entry):
            groups.setdefault(key, (name, []))[1].append(entry)
    for key, (name, rows) in sorted(groups.items(), key=lambda pair: (pair[0][1] == 0, pair[1][0])):
        shades = [each for each in opened if _concerns(each.span, by, key[1])]
        made.append({"name": name, "rows": _bars(rows, start, end), "shades": _shades(shades, start, end)})
    return made[: MOST_LANES + 1]


def _things(by: str, entry: Entry) -> Iterable[tuple[tuple[str, int], str]]:
    if by == "customer":
        customer = entry.change.customer
        is_ours = customer.kind == Organisation.Kind.PROVIDER
        return [((by, customer.pk), _("All customers") if is_ours else customer.name)]
    things = entry.items if by == "item" else entry.services
    none = _("No item named") if by == "item" else _("No service named")
    return [((by, thing.pk), thing.name) for thing in things] or [((by, 0), none)]


def _concerns(span: Span, by: str, pk: int) -> bool:
    if span.everything:
        return True
    return pk in (span.items if by == "item" else span.services if by == "service" else ())


def _bars(rows: Sequence[Entry], start: datetime, end: datetime) -> list[list[dict[str, Any]]]:
    bars = []
    for entry in rows:
        begin, until = entry.change.planned_start_at, entry.change.planned_end_at
        assert begin and until, "asked of planned ones"  # noqa: S101, PT018 - for the type checker
        bars.append({"entry": entry, **lanes.place(begin, until, start, end)})
    return lanes.stacked(bars)


def _windows(opened: Sequence[Opening], start: datetime, end: datetime) -> list[list[dict[str, Any]]]:
    bars = [
        {
            "opening": each, "label": lanes.words_width(each.window.name),
            **lanes.place(each.span.start, each.span.end, start, end),
        }
        for each in opened
    ]  # fmt: skip
    return lanes.stacked(bars)


def _shades(opened: Sequence[Opening], start: datetime, end: datetime) -> list[dict[str, Any]]:
    return [
        {"is_freeze": each.span.is_freeze, **lanes.place(each.span.start, each.span.end, start, end)}
        for each in opened
    ]


def days_of(view: str, start: datetime, end: datetime, today: date) -> list[dict[str, Any]]:
    """The days at the head of the lanes; of a month each is a number."""
    first, count = start.date(), (end.date() - start.date()).days
    days = [first + n * DAY for n in range(count)]
    zone = timezone.get_current_timezone()
    return [
        {
            "day": day, "is_today": day == today, "is_weekend": day.weekday() > 4,
            **lanes.place(
                datetime.combine(day, time(), zone), datetime.combine(day + DAY, time(), zone), start, end
            ),
        }
        for day in days
    ]  # fmt: skip
