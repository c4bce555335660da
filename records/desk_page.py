"""What the queue's page shows, from a Desk: views with counts, head, filters, rows. Reads only."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Actor, may
from accounts.models import Team
from records import columns, filter_words, filters, queues, saved
from records.desk import Desk
from records.models import DeskSetting, SavedView
from records.queues import VIEWS

COUNTED_VIEWS = 12  # saved views that are counted beside the named ones
SORTS = {"due": "", "priority": "", "updated": "-", "opened": "-"}  # the direction of the first click


def counts(desk: Desk) -> dict[str, int]:
    """The counts of the named views and of the first saved ones, in one query."""
    return queues.counts(desk.actor, desk.now, countable(desk.views, desk.actor, desk.now))


def countable(views: Sequence[SavedView], actor: Actor, now: datetime) -> dict[str, queues.Rows]:
    """What the first saved views hold, to be counted.

    One that looks for words is left out: finding them is a search of its own.
    """
    found: dict[str, queues.Rows] = {}
    for view in views[:COUNTED_VIEWS]:
        content = saved.content_of(view)
        if not any(name in content.filters for name in filters.texts()):
            found[view.key] = queues.countable(VIEWS[content.base], saved.rows_of(content, actor, now))
    return found


def views(desk: Desk, counted: Mapping[str, int]) -> list[dict[str, Any]]:
    """The views in their groups, each with its count."""
    groups = []
    for key, label in queues.GROUPS.items():
        named = [view for view in VIEWS.values() if view.group == key]
        groups.append({"label": label, "entries": [_named(desk, view, counted) for view in named]})
    own = [view for view in desk.views if view.team_id is None]
    shared = [view for view in desk.views if view.team_id is not None]
    for words, found in ((_("My views"), own), (_("Team views"), shared)):
        if found:
            groups.append({"label": words, "entries": [_saved(desk, view, counted) for view in found]})
    return groups


def _named(desk: Desk, view: queues.View, counted: Mapping[str, int]) -> dict[str, Any]:
    count = counted[view.key]
    return {
        "key": view.key,
        "label": view.label,
        "url": _url(view.key),
        "count": queues.count_words(count),
        "is_capped": count > queues.COUNTED,
        "is_bad": view.is_bad and count > 0,
        "is_active": desk.key == view.key,
        "title": queues.HINTS.get(view.key, ""),
    }


def _saved(desk: Desk, view: SavedView, counted: Mapping[str, int]) -> dict[str, Any]:
    count = counted.get(view.key)
    title = view.team.name if view.team else ""
    if count is None:
        title = " · ".join(filter(None, [title, _("Not counted: beyond the first views, or by words")]))
    return {
        "key": view.key,
        "label": view.name,
        "url": _url(view.key),
        "count": "" if count is None else queues.count_words(count),
        "is_capped": (count or 0) > queues.COUNTED,
        "is_bad": False,
        "is_active": desk.key == view.key,
        "title": title,
    }


def _url(key: str) -> str:
    return f"{reverse('records:queue')}?view={key}"


def head(desk: Desk) -> list[dict[str, Any]]:
    """The table's head: sort links with the direction in force."""
    found = []
    for each in desk.shown:
        column: dict[str, Any] = {"label": each.label, "css": each.css, "direction": ""}
        if each.sort in desk.view.sorts:
            is_here = desk.sort.removeprefix("-") == each.sort
            is_descending = desk.sort.startswith("-")
            turned = each.sort if is_descending else f"-{each.sort}"
            column["url"] = desk.url(sort=turned if is_here else each.first + each.sort)
            column["direction"] = ("desc" if is_descending else "asc") if is_here else ""
        found.append(column)
    return found


def sorts(desk: Desk) -> list[dict[str, Any]]:
    """Sorting beside the filters, for small screens that show no head."""
    labels = sort_words()
    return [
        {
            "label": labels[key],
            "url": desk.url(sort=SORTS[key] + key),
            "is_active": desk.sort.removeprefix("-") == key,
        }
        for key in desk.view.sorts
    ]


def sort_words() -> dict[str, str]:
    return {
        "due": _("Next due"), "priority": _("Priority"), "updated": _("Last updated"), "opened": _("Opened"),
    }  # fmt: skip


def active(desk: Desk, words: Mapping[str, dict[str, str]]) -> list[filter_words.Active]:
    """The active filters, each with the address without it."""
    return [
        filter_words.Active(
            label=str(desk.filter.filters[name].label),
            value=", ".join(words[name].values()),
            remove_url=desk.url(values={k: v for k, v in desk.values.items() if k != name}),
        )
        for name in desk.values
    ]


def column_choices(keys: Iterable[str]) -> dict[str, Any]:
    """The form of columns: those shown in their order, and those one could add."""
    shown = columns.chosen(keys)
    offered = [column for column in columns.known().values() if column not in shown]
    return {
        "shown": [{"column": c, "is_needed": c.key in columns.NEEDED} for c in shown],
        "offered": offered,
        "most": columns.MOST,
    }


def unfit(desk: Desk, words: Mapping[str, dict[str, str]]) -> list[str]:
    """What a saved view asks for that is not there any more, in words."""
    if desk.own is None:
        return []
    return [
        f"{desk.filter.filters[name].label} {', '.join(f'#{value}' for value in values)}"
        for name, values in filter_words.gone(desk.values, words).items()
    ]


def own_view(desk: Desk) -> dict[str, Any]:
    """What the head says and offers about a saved view."""
    if desk.own is None:
        return {}
    may_change = saved.may_change(desk.own, desk.actor)
    return {"row": desk.own, "may_change": may_change, "is_edited": desk.is_edited}


def state(desk: Desk) -> list[tuple[str, str]]:
    """What a view saved now would keep, as a form sends it."""
    found = [("base", desk.view.key), ("sort", desk.sort)]
    found += [(name, value) for name, own in desk.values.items() for value in own]
    return found + [("columns", column.key) for column in desk.shown]


def shared_teams(desk: Desk, teams: list[Team]) -> list[Team]:
    """The teams a view may be saved for; a query for who is in a team and no manager."""
    if may(desk.actor, "share_view"):
        return teams
    return list(saved.teams_for(desk.actor)) if desk.actor.team_ids else []


def _total(desk: Desk, counted: Mapping[str, int]) -> int | None:
    """How many rows the list holds, where that was counted."""
    if desk.own is not None:
        return counted.get(desk.own.key) if not desk.is_edited else None
    return counted[desk.view.key] if not desk.values else None


def context(desk: Desk) -> dict[str, Any]:
    """Everything the page shows."""
    counted = counts(desk)
    words = filter_words.words_of(desk.values, desk.actor)
    page = queues.page_of(desk.records, desk.sort, columns=desk.shown, after=desk.after, before=desk.before)
    rows = queues.rows_of(page.rows, desk.actor, desk.now, desk.shown)
    total = _total(desk, counted)
    is_capped = total is not None and total > queues.COUNTED
    teams = list(Team.objects.filter(is_active=True).order_by("name_en"))
    return {
        "view": desk.view,
        "view_key": desk.key,
        "title": desk.own.name if desk.own else desk.view.label,
        "hint": _hint(desk),
        "own": own_view(desk),
        "views": views(desk, counted),
        "columns": head(desk),
        "column_form": column_choices([c.key for c in desk.shown]),
        "size": _size(desk.shown),
        "is_compact": desk.setting.density == DeskSetting.Density.COMPACT,
        "sorts": sorts(desk),
        "sort": desk.sort if desk.sort != desk.usual_sort else "",
        "url_columns": desk.columns,
        "choices": filter_words.choices(desk.filter, words),
        "filters": active(desk, words),
        "bad_filters": desk.bad_filters,
        "unfit": unfit(desk, words),
        "is_missing": desk.is_missing,
        "clear_url": desk.url(values={}),
        "rows": rows,
        "previous_url": desk.url(before=page.before) if page.before else "",
        "next_url": desk.url(after=page.after) if page.after else "",
        "total": None if is_capped else total,
        "note": _("more than %(n)s in this view") % {"n": queues.COUNTED} if is_capped else "",
        "state": state(desk),
        "shared_teams": shared_teams(desk, teams),
        "here": desk.here,
        "reference": desk.reference,
        "changes_url": desk.changes_url(rows),
        "teams": teams,
    }


def _hint(desk: Desk) -> str:
    if desk.own is None:
        return str(queues.HINTS.get(desk.view.key, ""))
    if desk.own.team:
        return _("View of the team %(team)s") % {"team": desk.own.team.name}
    return ""


# about as wide as each column is drawn (static/css/pages.css), and what a title needs
WIDTHS = {"number": 104, "title": 240, "sla": 264, "priority": 76, "state": 96, "who": 120, "updated": 92}
TEXT, STEPS = 128, (1000, 1200, 1400, 1600, 1800, 2000)


def _size(shown: Sequence[columns.Column]) -> str:
    """How wide the table must at least be for its columns, in steps; it scrolls in its box beyond."""
    needed = sum(WIDTHS.get(column.key, TEXT) for column in shown)
    step = next((step for step in STEPS if needed <= step), STEPS[-1])
    return "" if step == STEPS[0] else f"is-wide-{step}"
