"""The pages of the queue: the list, what changed in it, a ticket's place in it, saved views, settings."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import Actor, may
from records import columns, desk_page, filter_words, filters, live, place, queues, saved
from records.desk import Desk
from records.models import DeskSetting, Record, SavedView
from records.pages import agent_of, now_utc
from records.services import get_record
from records.view_forms import Sent

UNPROCESSABLE, CONFLICT = 422, 409


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The work queue; for htmx only what changes when view, filter, sort or page change."""
    desk = Desk.asked(request.GET, agent_of(request), now_utc())
    is_part = request.headers.get("HX-Target", "").endswith("#desk")
    template = "records/_queue.html" if is_part else "records/queue.html"
    response = render(request, template, {"is_part": is_part, **desk_page.context(desk)})
    if is_part:
        response["HX-Push-Url"] = desk.here
    response["Vary"] = "HX-Target"
    return response


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """What changed in a queue since it was shown, in words; 204 while there is nothing to say.

    With it, or when ``counts=1`` asks for them, come the counts of the views.
    """
    desk = Desk.asked(request.GET, agent_of(request), now_utc())
    since = _instant(request.GET.get("since", "")) or desk.now
    ids = [int(v) for v in request.GET.get("shown", "").split(",")[: queues.PAGE] if v.isdecimal()]
    found = live.changes(desk, shown=[v for v in ids if v < 2**63], since=since)
    if not found and request.GET.get("counts") != "1":
        return HttpResponse(status=204)
    counted = desk_page.counts(desk)
    entries = [entry for group in desk_page.views(desk, counted) for entry in group["entries"]]
    return JsonResponse(
        {
            "total": found.total,
            "words": found.words,
            "counts": [{name: entry[name] for name in ("key", "count", "is_bad")} for entry in entries],
        }
    )


def _instant(text: str) -> datetime | None:
    """An instant with its zone, in UTC: the database knows fewer offsets than people can write."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


@require_safe
def ticket_place(request: HttpRequest, number: str) -> HttpResponse:
    """Where a ticket stands in the list it was opened from; a fragment of the ticket's page."""
    actor = agent_of(request)
    record: Record = get_record(actor, number)
    desk = Desk.from_reference(request.GET.get("from", ""), actor, now_utc())
    found = place.place_of(record, desk)
    context = {
        "place": found,
        "title": desk.own.name if desk.own else desk.view.label,
        "back_url": desk.url(),
        "previous_url": place.url_of(found.previous, desk),
        "next_url": place.url_of(found.following, desk),
        "after": desk.setting.after,
    }
    return render(request, "records/_place.html", context)


# --- saved views -----------------------------------------------------------------------------


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """The present queue as a view, in one step: its name, and whether a team shares it."""
    actor, now = agent_of(request), now_utc()
    sent = Sent.read(request.POST)
    try:
        view = saved.save(
            name_en=sent.name_en, name_zh=sent.name_zh, team=sent.team_for(actor),
            content=_content(sent, actor, now), actor=actor, now=now,
        )  # fmt: skip
    except ValidationError as error:
        return _view_page(request, None, sent, error)
    messages.success(request, _("“%(name)s” is saved.") % {"name": view.name})
    return redirect(f"{reverse('records:queue')}?view={view.key}")


@require_http_methods(["GET", "HEAD", "POST"])
def edit_view(request: HttpRequest, pk: int) -> HttpResponse:
    """One view: read by whom it is for, changed by whom it belongs to."""
    actor, now = agent_of(request), now_utc()
    view = saved.get(actor, pk)
    if request.method != "POST":
        return _view_page(request, view, Sent.of(view))
    sent = Sent.read(request.POST)
    try:
        view = saved.change(
            view, name_en=sent.name_en, name_zh=sent.name_zh, team=_team_of(view, sent, actor),
            content=_content(sent, actor, now, view), expected_version=sent.version, actor=actor, now=now,
        )  # fmt: skip
    except ValidationError as error:
        return _view_page(request, view, sent, error)
    except saved.Changed as changed:
        words = _("Somebody changed this view meanwhile; below is what you typed. Save again to keep yours.")
        fresh = Sent.of(changed.view)
        mine = Sent(**{**vars(sent), "version": fresh.version})
        return _view_page(request, changed.view, mine, ValidationError(words), status=CONFLICT)
    messages.success(request, _("“%(name)s” is saved.") % {"name": view.name})
    return redirect(f"{reverse('records:queue')}?view={view.key}")


def _team_of(view: SavedView, sent: Sent, actor: Actor) -> Any:
    """The team it stays with needs no further leave; another one does."""
    if view.team is not None and sent.team == str(view.team_id):
        return view.team
    return sent.team_for(actor)


def _content(sent: Sent, actor: Actor, now: datetime, view: SavedView | None = None) -> saved.Content:
    known = saved.content_of(view).filters if view else {}
    return saved.checked(
        base=sent.base, values=sent.values, sort=sent.sort, keys=sent.columns, actor=actor, now=now,
        known=known,
    )  # fmt: skip


@require_POST
def update_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep in a view what the queue shows now instead of what was stored."""
    actor, now = agent_of(request), now_utc()
    view = saved.get(actor, pk)
    sent = Sent.read(request.POST)
    try:
        saved.change(
            view, name_en=view.name_en, name_zh=view.name_zh, team=view.team,
            content=_content(sent, actor, now, view), expected_version=sent.version, actor=actor, now=now,
        )  # fmt: skip
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    except saved.Changed:
        messages.warning(request, _("Somebody changed this view meanwhile; here it is as it is now."))
    else:
        messages.success(request, _("“%(name)s” is saved.") % {"name": view.name})
    return redirect(f"{reverse('records:queue')}?view={view.key}")


@require_POST
def act_on_view(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Copy, delete, move up or down in one's list, or begin with it."""
    actor = agent_of(request)
    view = saved.get(actor, pk)
    match action:
        case "copy":
            view = saved.copy(view, actor=actor, now=now_utc())
            messages.success(request, _("“%(name)s” is yours now.") % {"name": view.name})
            return redirect(f"{reverse('records:queue')}?view={view.key}")
        case "delete":
            saved.delete(view, actor=actor)
            messages.success(request, _("“%(name)s” is deleted.") % {"name": view.name})
        case "up" | "down":
            saved.move(view, -1 if action == "up" else 1, actor=actor)
        case "start":
            saved.prefer(actor, start=view.key)
            messages.success(request, _("The desk opens with “%(name)s” from now on.") % {"name": view.name})
        case _:
            raise Http404
    return redirect(reverse("records:my_queue") + (f"#view-{pk}" if action in ("up", "down") else ""))


def _view_page(
    request: HttpRequest, view: SavedView | None, sent: Sent, error: ValidationError | None = None,
    status: int = UNPROCESSABLE,
) -> HttpResponse:  # fmt: skip
    actor = agent_of(request)
    form = filters.filter_of(sent.values, Record.objects.none(), actor=actor, now=now_utc())
    words = filter_words.words_of(sent.values, actor)
    gone = filter_words.gone(sent.values, words) if view else {}
    context = {
        "row": view,
        "sent": sent,
        "errors": _errors(error),
        "may_change": view is None or saved.may_change(view, actor),
        "teams": saved.teams_for(actor),
        "bases": list(queues.VIEWS.values()),
        "sorts": [
            (f"{sign}{key}", f"{label} {mark}".strip())
            for key, label in desk_page.sort_words().items()
            for sign, mark in (("", ""), ("-", _("(the other way round)")))
        ],
        "choices": filter_words.choices(form, words),
        "unfit": [f"{form.filters[n].label} {', '.join('#' + v for v in own)}" for n, own in gone.items()],
        "column_form": desk_page.column_choices(sent.columns),
    }
    return render(request, "records/saved_view.html", context, status=status if error else 200)


def _errors(error: ValidationError | None) -> Mapping[str, list[str]]:
    if error is None:
        return {}
    return error.message_dict if hasattr(error, "error_dict") else {"all": error.messages}


# --- how one likes the queue -----------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def my_queue(request: HttpRequest) -> HttpResponse:
    """One's views in their order, and how one likes the queue."""
    actor = agent_of(request)
    errors: Mapping[str, list[str]] = {}
    if request.method == "POST":
        try:
            saved.prefer(actor, **_wishes(request))
        except ValidationError as error:
            errors = error.message_dict
        else:
            messages.success(request, _("Your queue is set up."))
            return redirect("records:my_queue")
    setting = saved.setting_of(actor)
    listed = saved.listed(actor, setting)
    context = {
        "views": [{"row": view, "may_change": saved.may_change(view, actor)} for view in listed],
        "others": _others(actor),
        "named": list(queues.VIEWS.values()),
        "start": setting.start or queues.default_view(actor),
        "setting": setting,
        "densities": DeskSetting.Density.choices,
        "afters": DeskSetting.After.choices,
        "column_form": desk_page.column_choices(setting.columns),
        "errors": errors,
    }
    return render(request, "records/my_queue.html", context, status=UNPROCESSABLE if errors else 200)


def _others(actor: Actor) -> list[SavedView]:
    """The views of teams one is not in, for who keeps the views of all teams."""
    if not may(actor, "share_view"):
        return []
    rows = saved.visible_to(actor).exclude(team=None).exclude(team__in=actor.team_ids)
    return list(rows.order_by("team__name_en", "name_en", "pk")[:200])


def _wishes(request: HttpRequest) -> dict[str, Any]:
    """Only what the form sent: each part of the page keeps its own."""
    wishes: dict[str, Any] = {
        name: request.POST[name] for name in ("density", "after", "start") if name in request.POST
    }
    if "keep_columns" in request.POST:
        wishes["columns"] = [key[:40] for key in request.POST.getlist("columns")[:50]]
    return wishes


@require_POST
def keep_setting(request: HttpRequest) -> HttpResponse:
    """A setting changed beside the list, then back to it; columns for this once are kept in its address."""
    actor = agent_of(request)
    desk = Desk.from_reference(request.POST.get("back", ""), actor, now_utc())
    if "show_columns" in request.POST:
        wanted = columns.chosen(request.POST.getlist("columns")[:50])
        return redirect(desk.url(columns=[column.key for column in wanted]))
    try:
        saved.prefer(actor, **_wishes(request))
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    return redirect(desk.url(columns=[]))
