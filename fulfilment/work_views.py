"""Tasks of requests: the list of what is to be done, and the steps of one of them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import Actor, require
from accounts.models import Team, User
from fulfilment import work
from fulfilment.act_forms import colleagues, text
from fulfilment.guard import UNPROCESSABLE, desk_only
from fulfilment.models import Task
from records.pages import actor_of, add_errors, now_utc

PAGE = 50
TONES = {
    Task.State.PENDING: "quiet", Task.State.READY: "warn", Task.State.STARTED: "accent",
    Task.State.DONE: "good", Task.State.SKIPPED: "quiet",
}  # fmt: skip


class Result(forms.Form):
    use_required_attribute = False
    result = text(gettext_lazy("What was done"), 3, required=True)
    is_skipped = forms.BooleanField(label=gettext_lazy("It is not needed (say why above)"), required=False)


class Give(forms.Form):
    use_required_attribute = False
    team = forms.ModelChoiceField(
        Team.objects.filter(is_active=True), label=gettext_lazy("Team"), required=False
    )
    assignee = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("Assignee"), required=False,
        empty_label=gettext_lazy("Nobody yet"),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["assignee"].queryset = colleagues().order_by("display_name")  # type: ignore[attr-defined]


@desk_only
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """What is to be done now: one's own and one's teams', or everybody's; the oldest first."""
    actor = actor_of(request)
    whose = "all" if request.GET.get("whose") == "all" else "mine"
    rows = Task.objects.visible_to(actor).open()
    rows = rows if whose == "all" else rows.of(actor)
    rows = rows.select_related("request__customer", "team", "assignee").order_by("ready_at", "pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": [{"task": row, "tone": TONES[Task.State(row.state)]} for row in page],
        "page": page,
        "whose": whose,
    }
    return render(request, "fulfilment/tasks.html", context)


def _find(actor: Actor, pk: int) -> Task:
    rows = Task.objects.visible_to(actor).select_related("request__customer", "team", "assignee", "done_by")
    return get_object_or_404(rows, pk=pk)


@desk_only
@require_http_methods(["GET", "HEAD"])
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One task: what it belongs to, and what can be done with it."""
    return _shown(request, _find(actor_of(request), pk))


def _shown(request: HttpRequest, task: Task, **failed: forms.Form) -> HttpResponse:
    context = {
        "task": task,
        "record": task.request,
        "tone": TONES[Task.State(task.state)],
        "finish": failed.get("finish") or Result(auto_id="finish-%s"),
        "give": failed.get("give")
        or Give(initial={"team": task.team_id, "assignee": task.assignee_id}, auto_id="give-%s"),
        "is_workable": task.request.state in work.WORKING,
        "opened": next(iter(failed), ""),
    }
    return render(request, "fulfilment/task.html", context, status=UNPROCESSABLE if failed else 200)


@desk_only
@require_http_methods(["POST"])
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Begin a task, end it, or give it to somebody."""
    actor = actor_of(request)
    task = _find(actor, pk)
    require(actor, "work_task", task.request)
    doing: dict[str, Any] = {"actor": actor, "now": now_utc()}
    shapes: dict[str, type[forms.Form]] = {"start": forms.Form, "finish": Result, "give": Give}
    if act not in shapes:
        raise Http404(_("There is no such step."))
    form = shapes[act](request.POST, auto_id=f"{act}-%s")
    if form.is_valid():
        try:
            _take(act, task, dict(form.cleaned_data), doing)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect(task.request) if act == "finish" else redirect("fulfilment:task", pk)
    return _shown(request, task, **{act: form})


def _take(act: str, task: Task, given: dict[str, Any], doing: dict[str, Any]) -> None:
    if act == "start":
        work.start(task, **doing)
    elif act == "finish":
        work.finish(task, result=given["result"], is_needed=not given["is_skipped"], **doing)
    else:
        work.give(task, **given, **doing)
