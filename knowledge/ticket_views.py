"""Knowledge beside a ticket and while one is written: suggestions, search, use, a draft from a solution."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from knowledge import found, queries, services, show, using
from knowledge.found import About
from knowledge.models import Article, ArticleUse
from records.models import Record
from records.pages import agent_of, now_utc, reader_of, url_of
from records.services import get_record

SUGGESTED = 5
SHORTEST = 3  # characters from which something is suggested


@require_GET
def suggest(request: HttpRequest) -> HttpResponse:
    """At most five articles for what is being typed, as a list; empty for fewer than three characters."""
    actor = reader_of(request)
    text = request.GET.get("q", "").replace("\0", "").strip()[: found.LONGEST]
    service = request.GET.get("service", "")
    services_meant = frozenset({int(service)}) if _is_id(service) else frozenset[int]()
    matches = (
        found.suggested(text, actor=actor, about=About(services_meant), limit=SUGGESTED)
        if len(text) >= SHORTEST
        else []
    )
    rows = [show.brief(article, actor) for article in found.rows_of(matches)]
    return render(request, "knowledge/_suggestions.html", {"rows": rows})


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18


@require_GET
def for_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """What fits a ticket, or what was searched for from it; the search is kept in the ticket's history."""
    actor = agent_of(request)
    record = get_record(actor, number)
    words = request.GET.get("q", "").strip()
    if words:
        matches = using.search_for(record, words, actor=actor, now=now_utc())[: 2 * SUGGESTED]
    else:
        matches = found.suggested(_text_of(record), actor=actor, about=_about(record), limit=SUGGESTED)
    chosen = found.rows_of(matches)
    fitting = set(Article.objects.fit_for(record.customer_id).filter(pk__in=[a.pk for a in chosen]))
    used = set(ArticleUse.objects.filter(record=record.pk).values_list("article__number", flat=True))
    context = {
        "record": record,
        "q": words,
        "how": ArticleUse.How.SEARCHED if words else ArticleUse.How.SUGGESTED,
        "rows": [
            {**show.brief(article, actor), "is_used": article.number in used}
            for article in chosen
            if article in fitting
        ],
    }
    is_part = bool(request.headers.get("HX-Request"))
    response = render(request, f"knowledge/{'_for_ticket' if is_part else 'for_ticket'}.html", context)
    response["Vary"] = "HX-Request"
    return response


def _text_of(record: Record) -> str:
    parts = (record.title, getattr(record, "symptom", ""), record.description)
    return " ".join(part for part in parts if part)


def _about(record: Any) -> About:
    item = getattr(record, "item", None)
    meant = frozenset({record.service_id}) if record.service_id else frozenset[int]()
    return About(meant, item.type_id if item else None)


@require_POST
def use(request: HttpRequest, number: str) -> HttpResponse:
    """This article helped with this ticket."""
    actor = agent_of(request)
    record = get_record(actor, number)
    article = queries.get_article(actor, request.POST.get("article", ""))
    how = request.POST.get("how", ArticleUse.How.SEARCHED)
    try:
        using.use(record, article, how=how, actor=actor, now=now_utc())
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("%(number)s is kept as used.") % {"number": article.number})
    return redirect(url_of(record, actor))


@require_POST
def write_up(request: HttpRequest, number: str) -> HttpResponse:
    """A draft from the ticket's solution, or the article that was written from it before."""
    actor = agent_of(request)
    record = get_record(actor, number)
    try:
        return redirect(services.write_up(record, actor=actor, now=now_utc()))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect(url_of(record, actor))


@require_POST
def vote(request: HttpRequest, number: str) -> HttpResponse:
    """Did it help? Asked of agents and customers alike; who found no help may raise a ticket."""
    actor = reader_of(request)
    article = queries.get_article(actor, number)
    answer = request.POST.get("helped", "")
    if answer in ("yes", "no"):
        try:
            using.vote(
                article, is_helpful=answer == "yes", comment=request.POST.get("comment", ""), actor=actor,
                now=now_utc(),
            )  # fmt: skip
            messages.success(request, _("Thank you for saying so."))
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
    else:
        messages.error(request, _("Say whether it helped."))
    return redirect(article.url_for(actor))
