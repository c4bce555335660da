"""The pages of freezes and maintenance windows: the list, one of them, entering, changing and cancelling."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Actor, may
from records.pages import actor_for, add_errors, agent_of, now_utc
from windows import services, show
from windows.forms import Because, WindowForm
from windows.models import Window

PAGE = 50
SCOPE = ("services", "items")


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """What is in force or to come, and then what is over or cancelled."""
    actor, now = agent_of(request), now_utc()
    rows = Window.objects.visible_to(actor).prefetch_related("services", "items")
    past = Q(is_cancelled=True) | Q(ends_at__lte=now)
    page = Paginator(rows.filter(past).order_by("-starts_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    present = list(rows.exclude(past).order_by("kind", "starts_at", "pk")[:200])
    seen = show.seen_items([*present, *page], actor)
    sections = [
        {"title": title, "rows": [show.row_of(row, now, seen) for row in found]}
        for title, found in ((_("In force and to come"), present), (_("Over or cancelled"), list(page)))
        if found
    ]
    context = {"sections": sections, "page": page, "leads": may(actor, "lead_windows")}
    return render(request, "windows/list.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Enter a window."""
    actor = actor_for(request, "desk", "lead_windows")
    form = WindowForm(request.POST if request.method == "POST" else None, actor=actor)
    if request.method == "POST" and form.is_valid():
        facts = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        try:
            made = services.enter(**facts, actor=actor, now=now_utc())
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            return redirect(made)
    context = {"form": form, "window": None}
    return render(request, "windows/form.html", context, status=422 if request.method == "POST" else 200)


def _window(actor: Actor, pk: int) -> Window:
    rows = Window.objects.visible_to(actor).prefetch_related("services", "items").select_related("created_by")
    found: Window = get_object_or_404(rows, pk=pk)
    return found


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A window with its history."""
    actor = agent_of(request)
    return _shown(request, actor, _window(actor, pk), None)


def _shown(request: HttpRequest, actor: Actor, window: Window, failed: Because | None) -> HttpResponse:
    history: Any = Window._meta.get_field("events").related_model
    context = {
        **show.row_of(window, now_utc(), show.seen_items([window], actor)),
        "leads": may(actor, "lead_windows") and not window.is_cancelled,
        "form": failed or Because(),
        "history": history.objects.filter(pgh_obj=window.pk).order_by("-pk")[:20],
    }
    return render(request, "windows/detail.html", context, status=422 if failed else 200)


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a window; who was second to save is told."""
    actor = actor_for(request, "desk", "lead_windows")
    window = _window(actor, pk)
    if request.method == "POST":
        form = WindowForm(request.POST, actor=actor)
        if form.is_valid() and _altered(window, form, actor):
            return redirect(window)
    else:
        start = {name: getattr(window, name) for name in (*services.FACTS, "version")}
        items = ", ".join(item.number for item in window.items.all())
        form = WindowForm(initial={**start, "services": window.services.all(), "items": items}, actor=actor)
    context = {"form": form, "window": window}
    return render(request, "windows/form.html", context, status=422 if request.method == "POST" else 200)


def _altered(window: Window, form: WindowForm, actor: Actor) -> bool:
    facts = {name: form.cleaned_data[name] for name in services.FACTS}
    scope = {name: form.cleaned_data[name] for name in SCOPE}
    seen = form.cleaned_data["version"] or 0
    try:
        services.alter(window, facts, **scope, actor=actor, now=now_utc(), expected_version=seen)
    except ValidationError as refused:
        add_errors(form, refused)
    except services.Stale:
        form.add_error(None, _("Somebody has changed it since you read it; look at it again."))
    else:
        return True
    return False


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """It does not hold any more."""
    actor = actor_for(request, "desk", "lead_windows")
    window, form = _window(actor, pk), Because(request.POST)
    if form.is_valid():
        try:
            services.cancel(window, **form.cleaned_data, actor=actor, now=now_utc())
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            return redirect(window)
    return _shown(request, actor, _window(actor, pk), form)
