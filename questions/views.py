"""The pages of questions: those one may read, one with its answer, the builder, and the rows behind."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Actor
from questions import answers, building, forms, layout, mailing, pages, sent, services
from questions.models import Question
from records.pages import add_errors, now_utc


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """One's own questions, those others share, and the answers one was sent."""
    actor = pages.asker_of(request)
    rows = list(services.visible_to(actor).order_by("-updated_at", "-pk")[: services.MOST])
    context = {
        "own": [_row(row) for row in rows if row.owner_id == actor.user_id],
        "shared": [_row(row) for row in rows if row.owner_id != actor.user_id],
        "received": sent.received(actor),
        "failures": sent.failures(actor),
    }
    return render(request, "questions/list.html", context)


def _row(question: Question) -> dict[str, Any]:
    try:
        words = layout.sentence(services.plan_of(question))
    except ValidationError:
        words = _("It can no longer be read: what it names is gone.")
    schedule = getattr(question, "schedule", None)
    return {"question": question, "sentence": words, "next_at": schedule.next_at if schedule else None}


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The builder: what stands in the address or the form, with its answer so far."""
    actor, now = pages.asker_of(request), now_utc()
    is_posted = request.method == "POST"
    words = request.POST if is_posted else request.GET
    data = layout.data_of(words) if words.get("subject") else dict(building.DEFAULT)
    start = {"sharing": Question.Sharing.PRIVATE}
    form = forms.Keep(request.POST if is_posted else None, actor=actor, initial=start)
    if is_posted and form.is_valid():
        try:
            made = services.save(**_facts(form), data=data, actor=actor, now=now)
        except ValidationError as refused:
            _refuse(form, refused)
        else:
            messages.success(request, _("The question is kept."))
            return redirect(made)
    context = pages.builder(data, actor, now)
    return render(request, "questions/new.html", {**context, "form": form}, status=_status(form, context))


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, item: int) -> HttpResponse:
    """The builder of a question one keeps."""
    actor, now = pages.asker_of(request), now_utc()
    row = services.get(actor, item)
    if not services.may_change(row, actor):
        messages.info(request, _("This question is somebody else's. Copy it to make your own of it."))
        return redirect(row)
    is_posted = request.method == "POST"
    words = request.POST if is_posted else request.GET
    data = layout.data_of(words) if words.get("subject") else dict(row.content)
    start = {name: getattr(row, name) for name in ("name_en", "name_zh", "sharing", "team", "version")}
    form = forms.Keep(request.POST if is_posted else None, actor=actor, initial=start)
    if is_posted and form.is_valid():
        try:
            services.change(
                row, **_facts(form), data=data, expected_version=form.cleaned_data["version"], actor=actor,
                now=now,
            )  # fmt: skip
        except ValidationError as refused:
            _refuse(form, refused)
        except services.Changed:
            form.add_error(None, _("Somebody has changed it since you read it; look at it again."))
        else:
            messages.success(request, _("The question is kept."))
            return redirect(row)
    context = {**pages.builder(data, actor, now), "form": form, "question": row}
    return render(request, "questions/new.html", context, status=_status(form, context))


def _facts(form: forms.Keep) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("name_en", "name_zh", "sharing", "team")}


def _refuse(form: forms.Keep, refused: ValidationError) -> None:
    add_errors(form, refused)


def _status(form: forms.Keep, context: dict[str, Any]) -> int:
    return 422 if form.errors or "refused" in context else 200


@require_GET
def build(request: HttpRequest) -> HttpResponse:
    """The builder's controls anew, when another subject or a further filter was chosen; a fragment."""
    actor, now = pages.asker_of(request), now_utc()
    data = building.fitted(layout.data_of(request.GET), actor)
    context = building.context_of(data, actor, now, add=request.GET.get("add", ""))
    return render(request, "questions/_builder.html", context)


@require_GET
def preview(request: HttpRequest) -> HttpResponse:
    """The answer to what stands in the form; a fragment."""
    actor = pages.asker_of(request)
    data = building.fitted(layout.data_of(request.GET), actor)
    context = pages.previewed(data, actor, now_utc())
    return render(request, "questions/_answer.html", context, status=422 if "refused" in context else 200)


@require_GET
def detail(request: HttpRequest, item: int) -> HttpResponse:
    """A question with its answer as the reader sees it."""
    actor, now = pages.asker_of(request), now_utc()
    row = services.get(actor, item)
    plan, days = pages.plan_for(row, request)
    schedule = getattr(row, "schedule", None)
    may_change = services.may_change(row, actor)
    context: dict[str, Any] = {
        "question": row,
        "may_change": may_change,
        "may_delete": services.may_delete(row, actor),
        "schedule": sent.words_of(schedule) if schedule and schedule.next_at else None,
        "undelivered": pages.undelivered(row) if may_change else (),
        "days": layout.address([("from", str(days[0])), ("to", str(days[1]))]) if days else "",
    }
    if plan is None:
        context["refused"] = [_("It can no longer be read: what it names is gone. Change it or delete it.")]
    else:
        context |= pages.answered(plan, actor, now, layout.link_to(plan, row.pk, days))
    return render(request, "questions/detail.html", context)


@require_GET
def table(request: HttpRequest, item: int, kind: str) -> HttpResponse:
    """The answer as CSV or Excel, as its page shows it."""
    actor, now = pages.asker_of(request), now_utc()
    row = services.get(actor, item)
    plan, days = pages.plan_for(row, request)
    if kind not in mailing.TYPES:
        raise Http404(_("There is no such page."))
    if plan is None:
        return redirect(row)
    shown = pages.answered(plan, actor, now, layout.link_to(plan, row.pk, days))
    if "refused" in shown or not shown["table"].lines:
        return redirect(row)
    zone = ZoneInfo(timezone.get_current_timezone_name())
    found = mailing.as_file(kind, shown["table"], plan, language=get_language() or "en", zone=zone)
    name = f"question-{row.pk}-{timezone.localdate(now).isoformat()}.{kind}"
    response = HttpResponse(found, content_type=mailing.TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_GET
def rows(request: HttpRequest) -> HttpResponse:
    """The rows behind a figure of a question that stands in the address."""
    actor = pages.asker_of(request)
    try:
        plan = services.allowed(layout.data_of(request.GET), actor)
    except ValidationError as refused:
        raise BadRequest(" ".join(refused.messages)) from refused
    return _rows(request, {"back": f"{layout.query_of(plan.content)}", "plan": plan}, actor)


@require_GET
def rows_of(request: HttpRequest, item: int) -> HttpResponse:
    """The rows behind a figure of a kept question."""
    actor = pages.asker_of(request)
    row = services.get(actor, item)
    plan, _days = pages.plan_for(row, request)
    if plan is None:
        return redirect(row)
    return _rows(request, {"question": row, "plan": plan}, actor)


def _rows(request: HttpRequest, context: dict[str, Any], actor: Actor) -> HttpResponse:
    try:
        context |= pages.listed(request, context["plan"], actor, now_utc())
    except (answers.TooLong, ValidationError) as refused:
        words = refused.messages if isinstance(refused, ValidationError) else [str(refused)]
        context |= {"sentence": layout.sentence(context["plan"]), "refused": words}
        return render(request, "questions/rows.html", context, status=422)
    return render(request, "questions/rows.html", context)


@require_POST
def act(request: HttpRequest, item: int, action: str) -> HttpResponse:
    """Copy it, delete it, or send it no more."""
    actor = pages.asker_of(request)
    if action not in ("copy", "delete", "stop"):
        raise Http404(_("There is no such page."))
    row = services.get(actor, item)
    if action == "copy":
        try:
            made = services.copy(row, actor=actor, now=now_utc())
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
            return redirect(row)
        messages.success(request, _("This is your own copy; change it as you like."))
        return redirect("questions:edit", made.pk)
    if action == "delete":
        services.delete(row, actor=actor)
        messages.success(request, _("The question “%(name)s” is deleted.") % {"name": row.name})
        return redirect("questions:list")
    sent.stop(row, actor=actor)
    messages.success(request, _("The answer is sent no more."))
    return redirect(row)
