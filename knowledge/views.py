"""The desk's pages of the knowledge base: list, article, editor, versions, and what managers look at."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Actor, may, require
from catalog.models import Service
from knowledge import acts, lifecycle, queries, services, show, using, writing
from knowledge import forms as shapes
from knowledge.models import Article, ArticleVersion, Audience, Genre, Vote
from records.lifecycle import IllegalMove
from records.models import Attachment
from records.notices import read_about
from records.pages import actor_for, add_errors, agent_of, now_utc
from records.services import Stale
from records.timeline import entries

PAGE = 50
MOST = 20
UNPROCESSABLE, CONFLICT = 422, 409


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Articles, narrowed and ordered by the address; words are searched and kept as asked."""
    actor, today = agent_of(request), timezone.localdate()
    choice = queries.Choice.read(request.GET.dict())
    page = Paginator(queries.listed(actor, choice, today), PAGE).get_page(request.GET.get("page"))
    if choice.q and "page" not in request.GET:
        using.search(choice.q, actor=actor, now=now_utc())
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "rows": [show.row_of(article, today, actor) for article in page],
        "page": page,
        "kept": kept.urlencode(),
        "choice": choice,
        "states": queries.STATES,
        "orders": queries.ORDERS,
        "genres": Genre.choices,
        "audiences": Audience.choices,
        "services": Service.objects.published().order_by("name_en"),
        "leads": may(actor, "lead_knowledge"),
        "may_write": may(actor, "write_article"),
    }
    return render(request, "knowledge/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin an article; the address may bring its kind and title."""
    actor = agent_of(request)
    require(actor, "write_article")
    if request.method == "POST":
        form = shapes.Write(request.POST, actor=actor)
        if form.is_valid():
            try:
                return redirect(services.begin_article(form.content, actor=actor, now=now_utc()))
            except ValidationError as refused:
                add_errors(form, refused)
    else:
        given = {name: request.GET.get(name, "")[:200] for name in ("title", "title_zh", "genre")}
        ahead = timezone.localdate() + services.REVIEW_AFTER
        initial = {"audience": Audience.INTERNAL, "review_on": ahead, **{k: v for k, v in given.items() if v}}
        form = shapes.Write(actor=actor, initial=initial)
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "knowledge/edit.html", {"form": form, "article": None}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Write the next version; what was typed is kept whatever is refused."""
    actor = agent_of(request)
    article = queries.get_article(actor, number)
    require(actor, "write_article")
    if article.latest is None or article.state not in lifecycle.WRITABLE:
        raise IllegalMove("write", article.state, lifecycle.LIFECYCLE.legal_moves(article.state))
    stale = None
    if request.method == "POST":
        form = shapes.Write(request.POST, actor=actor, now_chosen=article.latest)
        if form.is_valid():
            seen = form.cleaned_data["version"]
            try:
                services.write(article, form.content, actor=actor, now=now_utc(), expected_version=seen)
                return redirect(article)
            except ValidationError as refused:
                add_errors(form, refused)
            except Stale as error:
                stale = error.record
                form.data = request.POST.copy()
                form.data["version"] = str(error.record.version)  # the next try is knowing
                form.add_error(None, _("Somebody saved another version meanwhile; compare before you save."))
    else:
        initial = {**shapes.Write.initial_of(article.latest), "version": article.version}
        form = shapes.Write(actor=actor, now_chosen=article.latest, initial=initial)
    status = CONFLICT if stale else UNPROCESSABLE if form.errors else 200
    return render(request, "knowledge/edit.html", {"form": form, "article": article}, status=status)


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """How what was typed would be read. Nothing is kept."""
    actor = agent_of(request)
    form = shapes.Write(request.POST, actor=actor)
    form.is_valid()
    given = {name: str(form.cleaned_data.get(name) or "") for name in writing.PLAIN}
    genre = form.cleaned_data.get("genre") or Genre.SOLUTION
    version = ArticleVersion(genre=genre, **given)
    return render(request, "knowledge/_readings.html", {"readings": show.readings(version)})


def _shown(request: HttpRequest, actor: Actor, article: Article, failed: Any = None) -> HttpResponse:
    version = article.shown_to(actor)
    working = article.latest if article.latest_id != article.published_id else None
    today = timezone.localdate()
    lacking = writing.hindrances(working) if working else {}
    mine = Vote.objects.filter(version=article.published_id, user=actor.user_id).first()
    context = {
        **show.row_of(article, today, actor),
        "readings": show.readings(version),
        "working": working if article.published_id else None,
        "lacking": list(lacking.values()) if article.state in lifecycle.WRITABLE else [],
        "steps": acts.possible(actor, article, failed),
        "may_write": article.state in lifecycle.WRITABLE and may(actor, "write_article"),
        "versions": queries.versions_of(article)[:MOST],
        "customers": list(version.customers.all()),
        "links": queries.links_of(article, actor),
        "uses": queries.uses_of(article, actor)[:MOST],
        "files": Attachment.objects.filter(record=article.pk).order_by("pk"),
        "vote": mine,
        "vote_url": reverse("knowledge:vote", args=[article.number]),
        "may_vote": article.state in lifecycle.SHOWN,
        "leads": may(actor, "lead_knowledge"),
        "timeline": entries(article, services.at_large(actor), fold=False).entries[::-1],
    }
    return render(request, "knowledge/detail.html", context, status=UNPROCESSABLE if failed else 200)


@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """An article in both languages, with its steps, versions, uses and history."""
    actor = agent_of(request)
    article = queries.get_article(actor, number)
    read_about(article, actor, now=now_utc())
    return _shown(request, actor, article)


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page, with what was entered."""
    actor = agent_of(request)
    article = queries.get_article(actor, number)
    failed = acts.take(act, article, data=request.POST, files=request.FILES, actor=actor, now=now_utc())
    if failed is None:
        return redirect(article)
    return _shown(request, actor, queries.get_article(actor, number), failed)


@require_GET
def version(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """A version as it was, and what it changed from the one before, or from the one named."""
    actor = agent_of(request)
    article = queries.get_article(actor, number)
    rows = article.versions.select_related("written_by", "item_type").prefetch_related(
        "services", "customers"
    )
    this = get_object_or_404(rows, number=version)
    asked = request.GET.get("against", "")
    against = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else version - 1
    before = rows.filter(number=against).first()
    context = {
        "article": article,
        "version": this,
        "before": before,
        "others": rows.exclude(pk=this.pk).order_by("-number")[:PAGE],
        "changes": show.differences(before, this) if before else [],
        "readings": show.readings(this),
    }
    return render(request, "knowledge/version.html", context)


@require_GET
def reports(request: HttpRequest) -> HttpResponse:
    """What is used, what never, what was looked for and is missing, and who escalated without looking."""
    actor = actor_for(request, "desk", "lead_knowledge")
    today, since = timezone.localdate(), now_utc() - queries.PERIOD
    page = Paginator(queries.escalated_unsearched(actor, since), PAGE).get_page(request.GET.get("page"))

    def rows(found: list[Article]) -> list[dict[str, Any]]:
        return [show.row_of(article, today, actor) for article in found]

    overdue = queries.Choice(state=queries.OVERDUE, order="review")
    context = {
        "days": queries.PERIOD.days,
        "used": rows(queries.used_most(actor, MOST)),
        "unused": rows(queries.never_used(actor, MOST)),
        "disliked": rows(queries.disliked(actor, MOST)),
        "missing": queries.missing(actor, since, MOST),
        "overdue": rows(list(queries.listed(actor, overdue, today)[:MOST])),
        "page": page,
    }
    return render(request, "knowledge/reports.html", context)
