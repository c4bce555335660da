"""The knowledge base as customers see it: what is published for them, by service or by words."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from knowledge import found, queries, show, using
from knowledge.models import Article, Vote
from records.pages import now_utc, reader_of

PAGE = 20
FOUND = 50


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All of them by service, or what the words find."""
    actor = reader_of(request)
    if actor.is_staff_side:
        return redirect("knowledge:list")
    choice = queries.Choice.read(request.GET.dict())
    if choice.q:
        matches = using.search(choice.q, actor=actor, now=now_utc())
        rows = found.rows_of(matches[:FOUND])
        page = None
    else:
        readable = queries.with_versions(
            queries.narrowed(Article.objects.readable_by(actor), _by_service(choice), now_utc().date())
        )
        page = Paginator(readable.order_by("-use_count", "-pk"), PAGE).get_page(request.GET.get("page"))
        rows = list(page)
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "rows": [show.brief(article, actor) for article in rows],
        "page": page,
        "kept": kept.urlencode(),
        "choice": choice,
        "services": queries.services_told_about(actor),
    }
    return render(request, "knowledge/portal_list.html", context)


def _by_service(choice: queries.Choice) -> queries.Choice:
    return queries.Choice(service=choice.service)


@require_GET
def article(request: HttpRequest, number: str) -> HttpResponse:
    """One article in the reader's language, and whether it helped."""
    actor = reader_of(request)
    found_one = queries.get_article(actor, number)
    if actor.is_staff_side:
        return redirect(found_one)
    version = found_one.shown_to(actor)
    context = {
        "article": found_one,
        "version": version,
        "reading": show.reading(version),
        "readings": show.readings(version),
        "services": list(version.services.all()),
        "vote": Vote.objects.filter(version=version, user=actor.user_id).first(),
        "vote_url": reverse("knowledge:vote", args=[found_one.number]),
        "report_url": _report_url(),
    }
    return render(request, "knowledge/portal_article.html", context)


def _report_url() -> str:
    try:
        return reverse("portal:new")
    except NoReverseMatch:
        return ""
