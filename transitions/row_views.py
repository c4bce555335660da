"""What is done with a single row of a transition: parts of the plan, checklists, what names the service."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from records.pages import agent_of, now_utc
from releases import part_acts
from transitions import checklists, ending, page, services
from transitions.forms import LedTo
from transitions.models import Transition

VIEW_OF = {
    "members": "plan", "nodes": "plan", "risks": "plan", "checks": "readiness", "steps": "implementation",
}  # fmt: skip


def _text(request: HttpRequest, name: str) -> str:
    return str(request.POST.get(name, ""))


def _done(
    request: HttpRequest, number: str, view: str, verb: Callable[[Transition, dict[str, Any]], object]
) -> HttpResponse:
    """Do it and go back to where the row stands; what is refused is told there."""
    actor = agent_of(request)
    transition = page.find(actor, number)
    try:
        verb(transition, {"actor": actor, "now": now_utc()})
    except ValidationError as refused:
        return page.shown(request, actor, page.find(actor, number), refused=list(refused.messages), view=view)
    return redirect(f"{transition.get_absolute_url()}?view={view}")


@require_POST
def row(request: HttpRequest, number: str, part: str, item: int, act: str) -> HttpResponse:
    """An act on a row of the plan."""
    return _done(
        request, number, VIEW_OF.get(part, ""),
        lambda transition, who: part_acts.take(
            transition, part, item, act, request.POST, request.FILES, rules=services.RULES,
            finish=services.finish_step, **who,
        ),
    )  # fmt: skip


@require_POST
def look(request: HttpRequest, number: str, item: int) -> HttpResponse:
    """Record how the points of a checklist were found."""
    ids = [name[6:] for name in request.POST if name.startswith("found-")]
    found = {
        int(pk): (_text(request, f"found-{pk}"), _text(request, f"remark-{pk}"))
        for pk in ids
        if pk.isascii() and pk.isdigit() and len(pk) < 18
    }
    return _done(
        request, number, "checklists", lambda transition, who: checklists.look(transition, item, found, **who)
    )


@require_POST
def add_point(request: HttpRequest, number: str, item: int) -> HttpResponse:
    """One more point of a checklist."""
    title = request.POST.get("title", "")
    return _done(
        request, number, "checklists",
        lambda transition, who: checklists.add_point(transition, item, title=title, **who),
    )  # fmt: skip


@require_POST
def sign(request: HttpRequest, number: str, item: int) -> HttpResponse:
    """Somebody confirmed a checklist for one side."""
    given: dict[str, Any] = {name: _text(request, name) for name in ("side", "person", "role")}
    return _done(
        request,
        number,
        "checklists",
        lambda transition, who: checklists.sign(transition, item, **given, **who),
    )


@require_POST
def settle(request: HttpRequest, number: str) -> HttpResponse:
    """Say what becomes of something that names the service."""
    given: dict[str, Any] = {name: _text(request, name) for name in ("thing", "words")}
    return _done(request, number, "ending", lambda transition, who: ending.settle(transition, **given, **who))


@require_POST
def led_to(request: HttpRequest, number: str, item: int) -> HttpResponse:
    """Note what an observation led to."""

    def follow(transition: Transition, who: dict[str, Any]) -> None:
        observation = get_object_or_404(transition.observations, pk=item)
        form = LedTo(request.POST, actor=who["actor"])
        if not form.is_valid():
            raise ValidationError([words for errors in form.errors.values() for words in errors])
        services.follow(observation, led_to=form.cleaned_data["number"], **who)

    return _done(request, number, "watch", follow)
