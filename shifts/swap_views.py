"""Shift swaps: the list with what one may answer, and asking for one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Actor
from records.pages import actor_for, add_errors, agent_of, now_utc
from shifts import queries, swapping
from shifts.asking import team_of
from shifts.forms import SwapForm
from shifts.models import Duty, DutyRules, Swap

PAGE = 50
MOVES = {
    "consent": gettext_lazy("Consent"),
    "decline": gettext_lazy("Decline"),
    "approve": gettext_lazy("Approve"),
    "refuse": gettext_lazy("Refuse"),
    "withdraw": gettext_lazy("Withdraw"),
}
TONES = {"asked": "warn", "consented": "accent", "approved": "good"}
RELATED = ("team", "pattern", "asked_by", "colleague", "decided_by", "in_return__pattern")


@require_GET
def swaps(request: HttpRequest) -> HttpResponse:
    """The swaps of a team, the newest first, with what the reader may answer."""
    actor = agent_of(request)
    team = team_of(request, actor)
    rows = Swap.objects.filter(team=team).select_related(*RELATED).order_by("-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "team": team, "teams": queries.rostered_teams(actor), "page": page, "kept": f"team={team.code}",
        "rows": [_row(swap, actor) for swap in page], "rules": DutyRules.objects.filter(team=team).first(),
    }  # fmt: skip
    return render(request, "shifts/swaps.html", context)


def _row(swap: Swap, actor: Actor) -> dict[str, Any]:
    moves = [{"name": m, "label": w} for m, w in MOVES.items() if swapping.may_act(swap, m, actor)]
    return {"swap": swap, "moves": moves, "tone": TONES.get(swap.state, "quiet")}


@require_http_methods(["GET", "HEAD", "POST"])
def new_swap(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a colleague to take over one's own duty."""
    actor, now = actor_for(request, "desk", "swap_duty"), now_utc()
    rows = Duty.objects.filter(person=actor.user_id).select_related("team", "pattern", "person")
    duty = get_object_or_404(rows, pk=pk)
    form = SwapForm(request.POST or None, duty=duty, now=now)
    if request.method == "POST" and form.is_valid():
        try:
            swapping.ask(duty, **form.cleaned_data, actor=actor, now=now)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            messages.success(request, _("Your colleague is asked; then a manager approves it."))
            return redirect(f"{reverse('shifts:swaps')}?team={duty.team.code}")
    context = {"duty": duty, "form": form, "rules": DutyRules.objects.filter(team=duty.team).first()}
    return render(request, "shifts/new_swap.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Consent, decline, approve, refuse or withdraw."""
    actor = agent_of(request)
    rows = Swap.objects.filter(team__in=queries.rostered_teams(actor)).select_related(*RELATED, "duty")
    swap = get_object_or_404(rows, pk=pk)
    if act not in MOVES:
        raise Http404
    try:
        swapping.act(swap, act, actor=actor, now=now_utc(), words=request.POST.get("words", ""))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("Done."))
    return redirect(f"{reverse('shifts:swaps')}?team={swap.team.code}")
