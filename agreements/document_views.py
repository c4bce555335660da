"""The document of an edition: on screen, as PDF and as Word, in Chinese, English or both."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from agreements.documents.content import document_of
from agreements.documents.files import asked_language, download
from agreements.documents.tree import plain
from agreements.models import Edition
from records.pages import agent_of, get_one


def _asked(request: HttpRequest, number: str) -> tuple[Edition, str, bool]:
    """The edition, the languages and whether with the annex. For all the staff, as the edition's page is."""
    actor = agent_of(request)
    found = get_one(Edition, actor, number)
    return found, asked_language(request.GET.get("lang", "both")), request.GET.get("annex") == "1"


def _in_words(view: Callable[[HttpRequest, str], HttpResponse]) -> Callable[[HttpRequest, str], HttpResponse]:
    """Say on the 400 page what was wrong; Django's own handler would keep it to itself."""

    @wraps(view)
    def answered(request: HttpRequest, number: str) -> HttpResponse:
        try:
            return view(request, number)
        except BadRequest as refused:
            return render(request, "errors/400.html", {"detail": str(refused)}, status=400)

    return answered


@_in_words
def page(request: HttpRequest, number: str) -> HttpResponse:
    """The document to read on the screen, and to print from the browser."""
    edition, lang, has_annex = _asked(request, number)
    context = {
        "edition": edition,
        "document": plain(document_of(edition, lang, with_annex=has_annex)),
        "lang": lang,
        "annex": has_annex,
        "choices": (("zh", "中文"), ("en", "English"), ("both", _("Both, side by side"))),
    }
    return render(request, "agreements/document.html", context)


@_in_words
def as_pdf(request: HttpRequest, number: str) -> HttpResponse:
    edition, lang, has_annex = _asked(request, number)
    return download(edition, lang, "pdf", with_annex=has_annex)


@_in_words
def as_docx(request: HttpRequest, number: str) -> HttpResponse:
    edition, lang, has_annex = _asked(request, number)
    return download(edition, lang, "docx", with_annex=has_annex)
