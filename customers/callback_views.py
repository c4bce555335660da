"""The desk's page of callbacks: what is due, claim one, store what came of it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.access import Actor, may
from customers import callbacks
from customers.access import had_hands
from customers.models import Callback
from customers.survey_forms import Called
from records.lifecycle import IllegalMove
from records.pages import agent_of, now_utc

PAGE = 50
WAITING, OVERDUE, MINE, DONE = "waiting", "overdue", "mine", "done"
SHOWS = ((WAITING, _("To be called")), (OVERDUE, _("Call overdue")), (MINE, _("Mine")), (DONE, _("Done")))


def _rows(actor: Actor, show: str) -> Any:
    rows = Callback.objects.visible_to(actor).select_related("ticket", "person", "customer", "claimed_by")
    if show == DONE:
        return (
            rows.exclude(state=Callback.State.WAITING).order_by("-done_at", "-pk").prefetch_related("tries")
        )
    if show == OVERDUE:
        rows = rows.overdue(now_utc())
    elif show == MINE:
        rows = rows.filter(claimed_by=actor.user_id)
    return rows.waiting().order_by("next_at", "pk").prefetch_related("tries")


def listing(request: HttpRequest) -> HttpResponse:
    """The calls to make, what is due first on top."""
    return _shown(request, agent_of(request))


def _shown(
    request: HttpRequest, actor: Actor, failed: tuple[int, Called] | None = None, refused: str = ""
) -> HttpResponse:
    show = request.GET.get("show", "")
    show = show if show in dict(SHOWS) else WAITING
    page = Paginator(_rows(actor, show), PAGE).get_page(request.GET.get("page"))
    pk, form = failed or (0, None)
    solvers = had_hands([row.ticket for row in page])
    context = {
        "rows": [
            {
                "callback": row,
                "is_overdue": row.state == Callback.State.WAITING and row.due_at < now_utc(),
                "is_mine": row.claimed_by_id == actor.user_id,
                "form": form if row.pk == pk else Called(auto_id=f"called-{row.pk}-%s"),
                "tries": list(row.tries.all())[:3],
                "is_solver": row.state == Callback.State.WAITING and actor.user_id in solvers[row.ticket_id],
            }
            for row in page
        ],
        "page": page,
        "show": show,
        "shows": SHOWS,
        "kept": f"show={show}",
        "rate": rate(actor),
        "refused": refused,
        "leads": may(actor, "lead_customers"),
    }
    return render(request, "customers/callbacks.html", context, status=422 if failed or refused else 200)


def rate(actor: Actor) -> dict[str, Any]:
    """Calls made of those due so far, in percent, beside the goal."""
    due = Q(due_at__lt=now_utc()) | ~Q(state=Callback.State.WAITING)
    found = (
        Callback.objects.visible_to(actor)
        .filter(due)
        .aggregate(made=Count("pk", filter=Q(state=Callback.State.DONE)), asked=Count("pk"))
    )
    percent = round(100 * found["made"] / found["asked"]) if found["asked"] else None
    return {**found, "percent": percent}


@require_POST
def act(request: HttpRequest, item: int, act: str) -> HttpResponse:
    """Claim a call, let it go, or store what came of it."""
    actor = agent_of(request)
    callback = get_object_or_404(Callback.objects.visible_to(actor), pk=item)
    try:
        if act == "claim":
            callbacks.claim(callback, actor=actor, now=now_utc())
        elif act == "release":
            callbacks.release(callback, actor=actor, now=now_utc())
        elif act == "record":
            form = Called(request.POST, auto_id=f"called-{callback.pk}-%s")
            if not form.is_valid():
                return _shown(request, actor, (callback.pk, form))
            callbacks.record(callback, **form.cleaned_data, actor=actor, now=now_utc())
        else:
            raise IllegalMove(act, callback.state, ())
    except ValidationError as refused:
        return _shown(request, actor, refused=" ".join(refused.messages))
    return redirect("customers:callbacks")
