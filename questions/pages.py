"""What the pages of questions show, and the one way they compute an answer."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import BadRequest, ValidationError
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

import kpis.shown
from accounts.access import Actor
from cmdb.models import Item
from kpis.engine import Asked, Part
from kpis.shown import Line
from questions import answers, building, layout, services
from questions import content as contents
from questions.content import Plan
from questions.models import Question, Sending
from records.models import Record
from records.pages import actor_for
from reports import layout as report_layout
from reports import paging

SIZE = 50
RIGHTS = ("desk", "ask_questions")


def asker_of(request: HttpRequest) -> Actor:
    """Who asks: somebody who works here; else Denied, which shows customers to their portal."""
    return actor_for(request, *RIGHTS)


def answered(plan: Plan, actor: Actor, now: datetime, link: layout.Link) -> dict[str, Any]:
    """The answer in words, or why there is none. ``refused`` holds what a person can change about it."""
    asked = plan.asked(actor, now)
    context: dict[str, Any] = {
        "plan": plan,
        "sentence": layout.sentence(plan),
        "period": layout.period_words(plan, asked.period.first, asked.period.last),
        "narrowed": layout.filter_words(plan, actor),
    }
    try:
        found = answers.answer(plan, asked)
    except ValidationError as refused:
        return {**context, "refused": refused.messages}
    except answers.TooLong as slow:
        return {**context, "refused": [str(slow)]}
    return {
        **context,
        "answer": found,
        "table": layout.table(found, actor, link),
        "chart": layout.chart(found, actor, link),
        "is_heat": plan.content.chart == "heat",
    }


def previewed(data: dict[str, Any], actor: Actor, now: datetime) -> dict[str, Any]:
    """The answer to what stands in a form, as far as it can be asked."""
    try:
        plan = services.allowed(data, actor)
    except ValidationError as refused:
        return {"refused": [words for errors in refused.message_dict.values() for words in errors]}
    return answered(plan, actor, now, layout.link_to(plan, None))


def builder(data: dict[str, Any], actor: Actor, now: datetime, **more: Any) -> dict[str, Any]:
    fitted = building.fitted(data, actor)
    return {**building.context_of(fitted, actor, now, **more), **previewed(fitted, actor, now)}


# --- one that is kept ------------------------------------------------------------------------------


def plan_for(question: Question, request: HttpRequest) -> tuple[Plan | None, tuple[date, date] | None]:
    """What a kept question asks, about other days where the address names them; None if it cannot be read."""
    try:
        plan = services.plan_of(question)
    except ValidationError:
        return None, None
    words = [request.GET.get(name, "") for name in ("from", "to")]
    if not any(words) or plan.instant is None:
        return plan, None
    try:
        days = date.fromisoformat(words[0]), date.fromisoformat(words[1])
        return contents.read(plan.content.over(*days).dump()), days
    except (ValueError, ValidationError) as error:
        raise BadRequest(
            _("“%(field)s” must be a date such as 2016-03-01, and the end not before the beginning.")
            % {"field": "from"}
        ) from error


def undelivered(question: Question) -> QuerySet[Sending]:
    """What of the last time it was due did not reach its recipients."""
    last = question.sendings.order_by("-due_at").values("due_at")[:1]
    rows = question.sendings.filter(state=Sending.State.DEAD, due_at=last)
    return rows.select_related("recipient").order_by("recipient__display_name", "pk")


# --- rows -----------------------------------------------------------------------------------------


def key_of(request: HttpRequest, name: str, plan: Plan) -> str | None:
    """The key of a group in the address. 404 for one that is none."""
    if name not in request.GET:
        return None
    key = request.GET[name]
    if not answers.is_key(plan.by if name == "row" else plan.across, key):
        raise Http404(_("There is no such group."))
    return key


def listed(request: HttpRequest, plan: Plan, actor: Actor, now: datetime) -> dict[str, Any]:
    """A page of the rows of a cell. TooLong where even that takes too long."""
    asked = plan.asked(actor, now)
    keys = {name: key_of(request, name, plan) for name in ("row", "column")}
    rows = answers.behind(plan, asked, keys["row"], keys["column"])
    with answers.limited(answers.SECONDS):
        total = rows.order_by().count()
        page = _page(rows, plan, request.GET.get("after", ""))
        shown = _shown(page.rows, plan, asked)
    words = request.GET.copy()
    words["after"] = page.following
    return {
        **shown,
        "total": total,
        "n": len(page.rows),
        "next_url": f"?{words.urlencode()}" if page.following else "",
        "sentence": layout.sentence(plan),
        "period": layout.period_words(plan, asked.period.first, asked.period.last),
        "narrowed": [*layout.filter_words(plan, actor), *_groups(plan, keys, actor)],
    }


def _groups(plan: Plan, keys: dict[str, str | None], actor: Actor) -> list[str]:
    found = []
    for dimension, key in ((plan.by, keys["row"]), (plan.across, keys["column"])):
        if dimension is not None and key is not None:
            words = layout.labels(dimension, [key], actor)
            name = words[None] if key == answers.OTHERS else words.get(key, key)
            found.append(layout.said(layout.label_of(dimension), name))
    return found


def _page(rows: QuerySet[Any], plan: Plan, after: str) -> paging.Page:
    """By the instant the period is about, which an index knows; where there is none by id."""
    if plan.instant and not plan.instant.is_day:
        placed = rows.annotate(place=F(plan.instant.column)).order_by("place", "pk")
        return paging.page(placed, after=after, size=SIZE)
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 18 else 0
    found = list(rows.filter(pk__gt=start).order_by("pk")[: SIZE + 1])
    return paging.Page(found[:SIZE], str(found[SIZE - 1].pk) if len(found) > SIZE else "")


def _shown(rows: Any, plan: Plan, asked: Asked) -> dict[str, Any]:
    """Tickets and other records as everywhere; the rest as the indicators show them. Few queries."""
    model = plan.subject.model
    keys = [row.pk for row in rows]
    order = {key: place for place, key in enumerate(keys)}
    some: QuerySet[Any] = model._default_manager.filter(pk__in=keys)
    if issubclass(model, Record):
        found = sorted(some.select_related("customer", "team", "assignee"), key=lambda row: order[row.pk])
        return {"tickets": [report_layout.record_row(row) for row in found]}
    if model is Item:
        items = sorted(Item.objects.filter(pk__in=keys), key=lambda row: order[row.pk])
        return {"lines": [Line(item.name, item.get_absolute_url(), None) for item in items]}
    at = plan.instant.column if plan.instant else "pk"
    part = Part(lambda asked: some, at=at)
    ordered = kpis.shown.lines(some.order_by(at, "pk"), part)
    return {"lines": ordered}
